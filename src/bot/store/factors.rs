//! Authenticators of people (RFC 6238): their secrets sealed in files of their own, each code usable once.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use desk_core::card::Hidden;
use desk_core::ids::PersonId;
use desk_core::ports::{Clock, Factors};
use desk_core::problem::Problem;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Totp};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::kept::Kept;
use super::{Store, in_background};
use crate::clock::Ticks;
use crate::folder::random;

/// How long a code holds, in seconds, and how many steps a clock may be off either way (RFC 6238, section 5.2, allows one).
/// A code of the next step that was used counts no more when its step comes, because the step is what is remembered.
const STEP: u64 = 30;
const SKEW: u16 = 1;

/// Bytes of a secret (RFC 4226 asks for 16 and recommends 20).
const SECRET: usize = 20;

/// So many codes may be tried at once, and then one more each minute.
const TRIES: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
const ONE_MORE: Duration = Duration::from_secs(60);

/// What is sealed about one person's authenticator.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Authenticator {
    secret: Vec<u8>,
    /// The last step whose code was used; codes of it and of earlier ones count no more.
    used: u64,
    /// A first code has shown that it works.
    works: bool,
}

type Tries = RateLimiter<PersonId, DashMapStateStore<PersonId>, Ticks, NoOpMiddleware<Nanos>>;

pub(super) struct Authenticators {
    kept: Arc<Kept>,
    clock: Arc<dyn Clock>,
    tries: Tries,
    /// One code at a time, so that two clicks cannot use the same one.
    turn: Mutex<()>,
    /// What the entry is called in people's authenticators.
    issuer: String,
    /// Accounts whose authenticator the log knows and the folder lacks: someone removed it, so they can't simply enroll another.
    gone: Gone,
}

/// Accounts whose authenticator is missing.
type Gone = Arc<Mutex<HashSet<PersonId>>>;

impl Authenticators {
    pub fn new(kept: Arc<Kept>, clock: Arc<dyn Clock>, issuer: String, gone: Gone) -> Authenticators {
        let quota = Quota::with_period(ONE_MORE)
            .unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN))
            .allow_burst(TRIES);
        let tries = RateLimiter::dashmap_with_clock(quota, Ticks(clock.clone()));
        Authenticators { kept, clock, tries, turn: Mutex::default(), issuer, gone }
    }

    fn is_gone(&self, account: &PersonId) -> bool {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).contains(account)
    }

    fn read(&self, account: &PersonId) -> Result<Option<Authenticator>, Problem> {
        let Some(bytes) = self.kept.get(&file(account))? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|_| {
            Problem::human("authenticator_unreadable", "The authenticator of this account cannot be read.")
                .next("Ask for `/desk recover`, and enroll again.")
        })
    }

    fn write(&self, account: &PersonId, authenticator: &Authenticator) -> Result<(), Problem> {
        let bytes = Zeroizing::new(serde_json::to_vec(authenticator).unwrap_or_default());
        self.kept.keep(&file(account), &bytes)
    }

    /// The account of these that has an authenticator which works.
    fn enrolled(&self, accounts: &[PersonId]) -> Result<Option<(PersonId, Authenticator)>, Problem> {
        for account in accounts {
            if let Some(authenticator) = self.read(account)?
                && authenticator.works
            {
                return Ok(Some((account.clone(), authenticator)));
            }
        }
        Ok(None)
    }

    fn totp(&self, account: &PersonId, secret: &[u8]) -> Result<Totp, Problem> {
        Builder::new()
            .with_secret(secret.to_vec())
            .with_step_duration(STEP)
            .with_skew(SKEW)
            // An authenticator takes the colon for the end of the issuer.
            .with_account_name(account.to_string().replace(':', " "))
            .with_issuer(Some(self.issuer.replace(':', " ")))
            .build()
            .map_err(|error| {
                Problem::operator("authenticator", format!("No authenticator can be made ({error})."))
                    .next("Report this as a fault of connect-desk.")
            })
    }

    /// Uses a code up, if it is one of now and newer than the last.
    fn take(&self, account: &PersonId, mut authenticator: Authenticator, code: &str) -> Result<(), Problem> {
        if let Err(not_yet) = self.tries.check_key(account) {
            let wait = not_yet.wait_time_from(Nanos::from(self.clock.monotonic())).as_secs().max(1);
            let wait = desk_core::text::span(i64::try_from(wait).unwrap_or(i64::MAX));
            return Err(Problem::asker("code_tries", "That were too many codes.")
                .next(format!("Wait {wait}, and take a new one.")));
        }
        let digits: Zeroizing<String> = Zeroizing::new(code.chars().filter(char::is_ascii_digit).collect());
        let now = u64::try_from(self.clock.now().as_second()).unwrap_or_default();
        let totp = self.totp(account, &authenticator.secret)?;
        let next = "Take the one that your authenticator shows now; check that the phone's clock is right.";
        let Some(step) = totp.check(&digits, now) else {
            return Err(Problem::asker("code_wrong", "This code is not right.").next(next));
        };
        if authenticator.works && step <= authenticator.used {
            return Err(Problem::asker("code_used", "This code was used already.")
                .next("Wait for the next one; each counts once."));
        }
        authenticator.used = step;
        authenticator.works = true;
        self.write(account, &authenticator)
    }
}

fn file(account: &PersonId) -> String {
    account.to_string()
}

impl Store {
    /// People's authenticators, sealed in the same folder.
    pub fn factors(&self, clock: Arc<dyn Clock>, issuer: &str) -> Arc<dyn Factors> {
        Arc::new(AtRest(self.0.factors.clone().map(|kept| {
            Arc::new(Authenticators::new(kept, clock, issuer.to_owned(), self.0.factors_gone.clone()))
        })))
    }
}

/// Authenticators, or why there are none.
struct AtRest(Result<Arc<Authenticators>, Problem>);

impl AtRest {
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Authenticators) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let all = self.0.clone()?;
        in_background(move || {
            let _turn = all.turn.lock().unwrap_or_else(PoisonError::into_inner);
            work(&all)
        })
        .await
    }
}

#[async_trait]
impl Factors for AtRest {
    async fn is_enrolled(&self, accounts: &[PersonId]) -> Result<bool, Problem> {
        let accounts = accounts.to_vec();
        self.work(move |all| {
            Ok(all.enrolled(&accounts)?.is_some() || accounts.iter().any(|account| all.is_gone(account)))
        })
        .await
    }

    async fn begin(&self, account: &PersonId) -> Result<Hidden, Problem> {
        let account = account.clone();
        self.work(move |all| {
            if all.is_gone(&account) {
                return Err(gone());
            }
            let mut secret = Zeroizing::new(vec![0; SECRET]);
            random(secret.as_mut_slice())?;
            let url = all.totp(&account, &secret)?.to_url().map_err(|error| {
                Problem::operator("authenticator", format!("No authenticator can be made ({error})."))
                    .next("Report this as a fault of connect-desk.")
            })?;
            all.write(&account, &Authenticator { secret: secret.to_vec(), used: 0, works: false })?;
            Ok(Hidden::new(url.to_string()))
        })
        .await
    }

    async fn finish(&self, account: &PersonId, code: &Hidden) -> Result<(), Problem> {
        let (account, code) = (account.clone(), code.clone());
        self.work(move |all| match all.read(&account)? {
            Some(authenticator) if !authenticator.works => all.take(&account, authenticator, code.show()),
            _ => {
                Err(Problem::asker("not_begun", "There is nothing to finish.")
                    .next("Type `/desk enroll` first."))
            }
        })
        .await
    }

    async fn use_code(&self, accounts: &[PersonId], code: &Hidden) -> Result<(), Problem> {
        let (accounts, code) = (accounts.to_vec(), code.clone());
        self.work(move |all| match all.enrolled(&accounts)? {
            Some((account, authenticator)) => all.take(&account, authenticator, code.show()),
            None if accounts.iter().any(|account| all.is_gone(account)) => Err(gone()),
            None => Err(Problem::asker("not_enrolled", "You have no authenticator here.")
                .next("Type `/desk enroll` first.")),
        })
        .await
    }

    async fn forget(&self, account: &PersonId) -> Result<(), Problem> {
        let account = account.clone();
        self.work(move |all| {
            all.kept.forget(&file(&account))?;
            all.gone.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
            Ok(())
        })
        .await
    }
}

fn gone() -> Problem {
    Problem::asker("authenticator_gone", "Your authenticator is missing from the bot's state folder.")
        .next("Tell the bot's operator, and ask for `/desk recover`.")
}

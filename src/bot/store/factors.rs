//! Authenticators of people (RFC 6238): their secrets sealed in files of their own, each code usable once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::ids::PersonId;
use desk_core::basics::problem::Problem;
use desk_core::basics::secret::Secret;
use desk_core::ports::{self, Clock, Enrolled, Factors};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Totp};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::kept::{Kept, UNREADABLE};
use super::{Store, in_background};
use crate::folder::random;

/// How long a code holds, in seconds, and how many steps a clock may be off either way (RFC 6238, section 5.2, allows one).
/// A code of the next step that was used is no longer valid when its step comes, because the step is what is remembered.
const STEP: u64 = 30;
const SKEW: u16 = 1;

/// Bytes of a secret (RFC 4226 asks for 16 and recommends 20).
const SECRET: usize = 20;

/// So many codes may be tried at a time, and then one more each minute.
const TRIES: u32 = 5;
const ONE_MORE: Duration = Duration::from_secs(60);

/// For how long an account may enroll an authenticator after its last one was taken away.
const ADMITTED: SignedDuration = SignedDuration::from_hours(24);

/// What is sealed about one person's authenticator.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Authenticator {
    secret: Vec<u8>,
    /// The last step whose code was used; codes of it and of earlier ones are no longer valid.
    used: u64,
    /// A first code has shown that it works.
    works: bool,
    /// How long, in milliseconds, until all tries are there again, as it was at a moment of the wall's clock.
    owed: i64,
    tried: i64,
    /// Until when, in milliseconds since 1970, the account may enroll one; 0 when no one has said that it may.
    admitted: i64,
}

pub(super) struct Authenticators {
    kept: Arc<Kept>,
    clock: Arc<dyn Clock>,
    /// When all tries of an account are there again, on the clock that no one sets.
    tries: Mutex<HashMap<PersonId, Duration>>,
    /// Whether an account enrolls its first authenticator without anybody's word.
    first_use: bool,
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
    pub fn new(
        kept: Arc<Kept>,
        clock: Arc<dyn Clock>,
        issuer: String,
        first_use: bool,
        gone: Gone,
    ) -> Authenticators {
        Authenticators {
            kept,
            clock,
            tries: Mutex::default(),
            first_use,
            turn: Mutex::default(),
            issuer,
            gone,
        }
    }

    fn is_gone(&self, account: &PersonId) -> bool {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).contains(account)
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// Whether an account that may enroll until then, in milliseconds, still may.
    fn is_admitted(&self, until: i64) -> bool {
        let until = Timestamp::from_millisecond(until);
        until.is_ok_and(|until| !ports::is_over(until, ADMITTED, self.clock.now()))
    }

    /// Takes one try of an account, durably, before it is known whether the code is right: neither a crash nor a restart nor
    /// a clock that someone sets forward while the desk runs gives one back.
    fn spend(&self, account: &PersonId, authenticator: &mut Authenticator) -> Result<(), Problem> {
        let (now, wall) = (self.clock.monotonic(), self.now_ms());
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let all_there = tries.entry(account.clone()).or_insert_with(|| {
            let passed = wall.saturating_sub(authenticator.tried).max(0);
            let owed = authenticator.owed.saturating_sub(passed).max(0);
            now + Duration::from_millis(u64::try_from(owed).unwrap_or_default())
        });
        let owed = all_there.saturating_sub(now);
        if let Some(wait) = owed.checked_sub(ONE_MORE * (TRIES - 1)).filter(|wait| !wait.is_zero()) {
            let wait =
                desk_core::basics::text::span(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).max(1));
            return Err(Problem::requester("code_tries", "Too many wrong codes.")
                .hint(format!("Wait {wait}, and use a new code.")));
        }
        let owed = owed + ONE_MORE;
        *all_there = now + owed;
        drop(tries);
        authenticator.owed = i64::try_from(owed.as_millis()).unwrap_or(i64::MAX);
        authenticator.tried = wall;
        self.write(account, authenticator)
    }

    fn read(&self, account: &PersonId) -> Result<Option<Authenticator>, Problem> {
        let unreadable = || {
            Problem::human("authenticator_unreadable", "Your authenticator's data can't be read.")
                .hint("Tell the bot's operator, who can restore the key or the file. If neither is left, request `/desk recover`.")
        };
        let bytes = match self.kept.get(&file(account)) {
            Err(problem) if problem.code == UNREADABLE => return Err(unreadable()),
            bytes => bytes?,
        };
        bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(|_| unreadable())).transpose()
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
                Problem::operator("authenticator", format!("The authenticator can't be created ({error})."))
                    .hint("Report this as a bug in connect-desk.")
            })
    }

    /// Gives the try of a right code back, which is no guess; it is durable with the next write.
    fn give_back(&self, account: &PersonId, authenticator: &mut Authenticator) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(all_there) = tries.get_mut(account) {
            *all_there = all_there.saturating_sub(ONE_MORE);
        }
        let one_more = i64::try_from(ONE_MORE.as_millis()).unwrap_or(i64::MAX);
        authenticator.owed = authenticator.owed.saturating_sub(one_more);
    }

    /// Uses a code up, if it is one of now and newer than the last.
    fn take(&self, account: &PersonId, mut authenticator: Authenticator, code: &str) -> Result<(), Problem> {
        self.spend(account, &mut authenticator)?;
        let digits: Zeroizing<String> = Zeroizing::new(code.chars().filter(char::is_ascii_digit).collect());
        let now = u64::try_from(self.clock.now().as_second()).unwrap_or_default();
        let totp = self.totp(account, &authenticator.secret)?;
        let next = "Use the code that your authenticator shows now. Check that the phone's clock is right.";
        let Some(step) = totp.check(&digits, now) else {
            return Err(Problem::requester("code_wrong", "This code is wrong.").hint(next));
        };
        if authenticator.works && step <= authenticator.used {
            return Err(Problem::requester("code_used", "This code was already used.")
                .hint("Wait for the next one. Each code can be used only once."));
        }
        self.give_back(account, &mut authenticator);
        authenticator.used = step;
        authenticator.works = true;
        authenticator.admitted = 0;
        self.write(account, &authenticator)
    }
}

fn file(account: &PersonId) -> String {
    account.to_string()
}

impl Store {
    /// People's authenticators, sealed in the same folder.
    /// `first_use`: whether an account enrolls its first one without anybody's word.
    pub fn factors(&self, clock: Arc<dyn Clock>, issuer: &str, first_use: bool) -> Arc<dyn Factors> {
        let gone = self.0.factors_gone.clone();
        let all = |kept| Arc::new(Authenticators::new(kept, clock, issuer.to_owned(), first_use, gone));
        Arc::new(AtRest(self.0.factors.clone().map(all)))
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

    async fn begin(&self, account: &PersonId) -> Result<Secret, Problem> {
        let account = account.clone();
        self.work(move |all| {
            if all.is_gone(&account) {
                return Err(gone());
            }
            let before = all.read(&account)?;
            let before = before.as_ref().map_or((0, 0, 0), |it| (it.owed, it.tried, it.admitted));
            let (owed, tried, admitted) = before;
            if !all.first_use && !all.is_admitted(admitted) {
                return Err(Problem::requester(
                    "not_admitted",
                    "Admins need to approve before you can set up an authenticator.",
                )
                .hint(format!("Request `/desk recover account:{account}`. Two admins have to approve.")));
            }
            let mut secret = Zeroizing::new(vec![0; SECRET]);
            random(secret.as_mut_slice())?;
            let url = all.totp(&account, &secret)?.to_url().map_err(|error| {
                Problem::operator("authenticator", format!("The authenticator can't be created ({error})."))
                    .hint("Report this as a bug in connect-desk.")
            })?;
            let secret = secret.to_vec();
            all.write(&account, &Authenticator { secret, used: 0, works: false, owed, tried, admitted })?;
            Ok(Secret::new(url.to_string()))
        })
        .await
    }

    async fn finish(&self, account: &PersonId, code: &Secret) -> Result<Enrolled, Problem> {
        let (account, code) = (account.clone(), code.clone());
        self.work(move |all| match all.read(&account)? {
            Some(authenticator) if !authenticator.works && !authenticator.secret.is_empty() => {
                let admitted = authenticator.admitted > 0;
                all.take(&account, authenticator, code.show())?;
                Ok(if admitted { Enrolled::Admitted } else { Enrolled::FirstUse })
            }
            _ => Err(Problem::requester("not_begun", "There is nothing to finish.")
                .hint("Type `/desk enroll` first.")),
        })
        .await
    }

    async fn use_code(&self, accounts: &[PersonId], code: &Secret) -> Result<(), Problem> {
        let (accounts, code) = (accounts.to_vec(), code.clone());
        self.work(move |all| match all.enrolled(&accounts)? {
            Some((account, authenticator)) => all.take(&account, authenticator, code.show()),
            None if accounts.iter().any(|account| all.is_gone(account)) => Err(gone()),
            None => Err(Problem::requester("not_enrolled", "You have no authenticator here.")
                .hint("Type `/desk enroll` first.")),
        })
        .await
    }

    async fn forget(&self, account: &PersonId) -> Result<(), Problem> {
        let account = account.clone();
        self.work(move |all| {
            let until = all.clock.now().checked_add(ADMITTED).unwrap_or(Timestamp::MAX);
            let admitted = until.as_millisecond();
            let (secret, used, works, owed, tried) = (Vec::new(), 0, false, 0, 0);
            all.write(&account, &Authenticator { secret, used, works, owed, tried, admitted })?;
            all.gone.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
            Ok(())
        })
        .await
    }
}

fn gone() -> Problem {
    Problem::requester("authenticator_gone", "Your authenticator's data is missing.")
        .hint("Tell the bot's operator, and request `/desk recover`.")
}

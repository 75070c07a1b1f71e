//! Codes for callers: six digits that are emailed, kept as a keyed hash, and count once for a short while.
//!
//! Such an email is no step of a plan. It may be lost, because someone waits for it on the phone and can ask for another,
//! so it is tried for seconds only, and nothing has to be remembered of it over a crash.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::secret::Secret;
use desk_core::basics::text::hex;
use desk_core::basics::text::span;
use desk_core::email::EmailKind;
use desk_core::ports::{CODE_LASTS, CODE_TRIES, CODES_EMAILED, Caller, CallerCodes, Clock, Vault, is_over};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tokio::sync::Mutex;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::mailer::{MailTransport, Mailer};
use super::message::{Sealed, seal};
use crate::clock::Ticks;
use crate::folder::random;
use crate::pauses::{Jitter, Pauses};
use crate::systems::apply::{Fault, Tried};

/// So many codes are emailed to one user immediately, and then one more after each such time: no one's inbox is flooded, and there
/// are few codes to guess at.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(3).expect("three is not zero");
const ONE_MORE: Duration = Duration::from_secs(300);

/// How long a server that is down or puts the email off is asked again: someone waits on the phone.
const PATIENCE: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// How many codes there are.
const CODES: u32 = 1_000_000;

/// What is kept of a code, sealed like every kept file.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Mark {
    /// The key of the hash, which is this code's own.
    salt: Vec<u8>,
    hash: Vec<u8>,
    /// In milliseconds since 1970.
    expires: i64,
    /// How often it may still be tried.
    tries: u8,
}

pub struct Codes {
    mailer: Arc<Mailer>,
    vault: Arc<dyn Vault>,
    clock: Arc<dyn Clock>,
    /// A few letters and digits that are this log's own, for the ids of messages.
    tag: String,
    emails: RateLimiter<String, DashMapStateStore<String>, Ticks, NoOpMiddleware<Nanos>>,
    jitter: Jitter,
    /// One try at a time, so that none goes uncounted.
    turn: Mutex<()>,
}

impl Codes {
    pub fn new(mailer: Arc<Mailer>, vault: Arc<dyn Vault>, clock: Arc<dyn Clock>, tag: String) -> Codes {
        let quota = Quota::with_period(ONE_MORE)
            .unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN))
            .allow_burst(AT_ONCE);
        let emails = RateLimiter::dashmap_with_clock(quota, Ticks(clock.clone()));
        let jitter = Jitter::new(mailer.settings.patience.jitter_seed);
        Codes { mailer, vault, clock, tag, emails, jitter, turn: Mutex::default() }
    }

    async fn keep(&self, no: RequestNo, mark: Option<&Mark>) -> Result<(), Problem> {
        let bytes = mark.map(|mark| serde_json::to_vec(mark).unwrap_or_default()).unwrap_or_default();
        self.vault.keep_file(&file(no), Zeroizing::new(bytes)).await
    }

    async fn send(&self, transport: &MailTransport, sealed: &Sealed) -> Tried {
        match transport {
            MailTransport::Smtp(smtp) => match smtp.approach(sealed).await {
                Ok(waiting) => waiting.send(&sealed.bytes).await,
                Err(fault) => Err(fault),
            },
            MailTransport::Ses(ses) => ses.send(sealed).await,
        }
    }
}

#[async_trait]
impl CallerCodes for Codes {
    fn may_mail(&self, login: &str) -> Result<(), Problem> {
        // The same user however the login is written; who was emailed nothing for long is forgotten.
        self.emails.retain_recent();
        let Err(not_yet) = self.emails.check_key(&login.to_lowercase()) else { return Ok(()) };
        let wait = not_yet.wait_time_from(Nanos::from(self.clock.monotonic())).as_secs().max(1);
        let wait = span(i64::try_from(wait).unwrap_or(i64::MAX));
        Err(Problem::requester(CODES_EMAILED, "They have already been sent several codes.")
            .hint(format!("Use the newest one, or wait {wait} for a new one.")))
    }

    async fn mail(&self, no: RequestNo, to: &Caller) -> Result<(), Problem> {
        let _turn = self.turn.lock().await;
        let (Some(transport), Some(outgoing)) = (&self.mailer.transport, &self.mailer.settings.outgoing)
        else {
            return Err(Problem::requester(
                "email_off",
                "The desk can't send email, so it can't send a code.",
            )
            .hint("Use another method to verify the caller."));
        };
        let code = Zeroizing::new(format!("{:06}", below(CODES)?));
        let mut salt = vec![0; 32];
        random(&mut salt)?;
        let now = self.clock.now();
        let mark = Mark {
            hash: mac(&salt, no, &code).finalize().into_bytes().to_vec(),
            salt,
            expires: now.checked_add(CODE_LASTS).unwrap_or(now).as_millisecond(),
            tries: CODE_TRIES,
        };
        // It counts from before it leaves, so that no email holds a code that the desk does not know.
        self.keep(no, Some(&mark)).await?;
        let website = self.mailer.settings.login_url.as_deref().unwrap_or_default();
        let own = [("login", to.login.as_str()), ("name", &to.name), ("website", website), ("code", &code)];
        let mut id = [0; 8];
        random(&mut id)?;
        let id = format!("{}.{}.{}", self.tag, no.0, hex(&id));
        // The copies of emails are read at the help desk, which must not see it.
        let sealed = self
            .mailer
            .written(EmailKind::CallerCode, &to.email, &own)
            .and_then(|mail| seal(&outgoing.from, None, &mail, &id, now));
        let sealed = match sealed {
            Ok(sealed) => sealed,
            Err(problem) => {
                self.keep(no, None).await?;
                return Err(problem);
            }
        };
        let mut pauses = Pauses {
            clock: self.clock.clone(),
            until: self.clock.monotonic() + PATIENCE,
            next: FIRST_PAUSE,
            longest: PATIENCE,
            jitter: self.jitter.clone(),
        };
        loop {
            let problem = match self.send(transport, &sealed).await {
                Ok(_) => return Ok(()),
                Err(Fault::Unknown(problem)) => {
                    let message = format!("It is unknown whether the code was sent. {}", problem.message);
                    return Err(Problem { message, ..problem }
                        .hint("Ask the caller whether it arrived. If not, send another one."));
                }
                Err(Fault::NotYet(_)) if pauses.pause().await => continue,
                Err(fault) => fault.problem(),
            };
            self.keep(no, None).await?;
            let message = format!("No code was sent. {}", problem.message);
            return Err(Problem { message, ..problem });
        }
    }

    async fn use_code(&self, no: RequestNo, code: &Secret) -> Result<(), Problem> {
        let _turn = self.turn.lock().await;
        let another = format!("`/desk verify {} email_code` sends another one.", no.0);
        let kept = self.vault.file(&file(no)).await?;
        let Some(mut mark) = kept.and_then(|kept| serde_json::from_slice::<Mark>(&kept).ok()) else {
            return Err(Problem::requester(
                "code_none",
                format!("There is no code for {no}, or it was already used."),
            )
            .hint(another));
        };
        let ends = jiff::Timestamp::from_millisecond(mark.expires).unwrap_or_default();
        if is_over(ends, CODE_LASTS, self.clock.now()) {
            return Err(Problem::requester("code_expired", "This code has expired.").hint(another));
        }
        let Some(left) = mark.tries.checked_sub(1) else {
            return Err(Problem::requester("code_tries", "Too many wrong codes.").hint(another));
        };
        mark.tries = left;
        // Counted before it is compared, so that a crash gives no one a try.
        self.keep(no, Some(&mark)).await?;
        let digits: Zeroizing<String> =
            Zeroizing::new(code.show().chars().filter(char::is_ascii_digit).collect());
        if mac(&mark.salt, no, &digits).verify_slice(&mark.hash).is_err() {
            let tries = desk_core::basics::text::count(usize::from(left), "more try");
            let next = match left {
                0 => another,
                _ => format!("Ask the caller to read it again. {tries} left."),
            };
            return Err(Problem::requester("code_wrong", "This code is wrong.").hint(next));
        }
        self.keep(no, None).await
    }
}

/// Under which name the mark of a request's code is kept. An empty file says that there is none.
fn file(no: RequestNo) -> String {
    format!("caller/{}", no.0)
}

fn mac(salt: &[u8], no: RequestNo, code: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("HMAC takes a key of any length");
    mac.update(&no.0.to_be_bytes());
    mac.update(code.as_bytes());
    mac
}

/// A number below `bound`, each equally likely: numbers from the uneven end of the range are drawn again.
fn below(bound: u32) -> Result<u32, Problem> {
    let even = u32::MAX - u32::MAX % bound;
    loop {
        let mut bytes = Zeroizing::new([0; 4]);
        random(bytes.as_mut())?;
        let drawn = u32::from_be_bytes(*bytes);
        if drawn < even {
            return Ok(drawn % bound);
        }
    }
}

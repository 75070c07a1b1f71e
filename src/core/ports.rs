//! What the core needs from the outside, beside the contact center's reading half in [`crate::center`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use crate::card::Hidden;
use crate::ids::{PersonId, Platform, RequestNo};
use crate::log::{Direction, Draft, Line};
use crate::plan::Effect;
use crate::problem::Problem;
use crate::roles::Person;

/// The time, and waiting for it.
#[async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// Time since an arbitrary beginning that never goes backwards, for measuring and limiting.
    fn monotonic(&self) -> Duration;

    async fn sleep(&self, how_long: Duration);
}

/// How far the clock may be off before it counts as set: more than it drifts, and less than anybody could wait for.
pub const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(2);

/// Whether what lasts so long and ends at this moment is over. What would have begun later than now was made by a clock that was
/// ahead, and is over as well, instead of lasting until that clock is caught up with.
pub fn is_over(ends: Timestamp, lasts: SignedDuration, now: Timestamp) -> bool {
    now >= ends || ends.duration_since(now) > lasts + CLOCK_SLACK
}

/// The reading half of the log.
#[async_trait]
pub trait Book: Send + Sync {
    /// The lines of a request, oldest first; empty when there is no such request.
    async fn request(&self, no: RequestNo) -> Result<Vec<Line>, Problem>;

    /// Requests that are not finished, oldest first.
    async fn open(&self) -> Result<Vec<RequestNo>, Problem>;

    /// The newest requests and lines that fit, newest first.
    async fn history(&self, query: &Query) -> Result<Vec<Line>, Problem>;

    /// The requests with a line about this login, in any case, newest first. A log with an index finds them without reading
    /// their lines.
    async fn requests_about(&self, login: &str) -> Result<Vec<RequestNo>, Problem> {
        let query = Query { login: Some(login.to_owned()), limit: usize::MAX, ..Query::default() };
        let lines = self.history(&query).await?;
        let numbers: BTreeSet<RequestNo> = lines.iter().filter_map(|line| line.request).collect();
        Ok(numbers.into_iter().rev().collect())
    }
}

/// Which lines to look up. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub login: Option<String>,
    pub person: Option<PersonId>,
    /// Lines from this moment on.
    pub since: Option<Timestamp>,
    /// At most so many lines.
    pub limit: usize,
}

/// The log. A line counts as written when it would survive a power cut, and `append` returns no sooner.
#[async_trait]
pub trait Journal: Book {
    /// Writes lines, all or none, one after the other.
    ///
    /// `after` is the number of the request's last line as the caller knows it; when the request has a newer line nothing
    /// is written and the answer is [`AppendError::Conflict`].
    async fn append(&self, to: Append, drafts: Vec<Draft>) -> Result<Vec<Line>, AppendError>;

    /// Waits until nobody else is at work on the request, in this process or another, and keeps it so until dropped.
    async fn lease(&self, no: RequestNo) -> Result<Box<dyn Lease>, Problem>;

    /// Why nothing may be changed at present; `None` when the log is sound and can be written.
    fn unsound(&self) -> Option<Problem>;
}

/// Where lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Append {
    /// To no request.
    Desk,
    /// To a request with a new number.
    New,
    /// To this request, if `after` is its last line.
    To { no: RequestNo, after: u64 },
}

/// Why lines were not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// Somebody wrote to the request first: read it again and decide anew.
    Conflict,
    /// Nothing was written, and nothing will be. [`Journal::unsound`] tells whether that goes for every line from now on.
    Failed(Problem),
    /// No one knows whether the lines were written: the disk gave no answer that can be trusted. The desk is in safe mode from now on,
    /// and after a restart they don't count as anyone's decision.
    Unknown(Problem),
}

/// Held while a request is worked on.
pub trait Lease: Send + Sync {}

/// Files that are kept sealed: what came with a command, under its SHA-256, and what steps have read, under `<request>/<step>`.
#[async_trait]
pub trait Files: Send + Sync {
    /// `None` when it has expired or never was.
    async fn file(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Problem>;

    /// The requests whose temporary password is sealed and was not destroyed, and when it expires, which may have been.
    async fn passwords(&self) -> Result<Vec<(RequestNo, Timestamp)>, Problem>;
}

/// Sealed secrets. They rest encrypted until they were shown, and expire.
#[async_trait]
pub trait Vault: Files {
    /// The temporary password of a request: the one that is sealed already, or a new one, sealed before this returns.
    async fn temporary_password(&self, no: RequestNo) -> Result<Hidden, Problem>;

    /// A new password that nobody will know: it is kept nowhere.
    async fn forgotten_password(&self) -> Result<Hidden, Problem>;

    /// Keeps a file sealed under a name for as long as secrets last; what was there is replaced.
    async fn keep_file(&self, name: &str, bytes: Zeroizing<Vec<u8>>) -> Result<(), Problem>;

    /// The secret, which stays sealed. `None` when it was destroyed, has expired or never was.
    async fn unseal(&self, no: RequestNo) -> Result<Option<Hidden>, Problem>;

    /// The secret is gone for good, durably, when this returns.
    async fn destroy(&self, no: RequestNo) -> Result<(), Problem>;
}

/// Second factors: the authenticators of people (RFC 6238), and which codes of theirs were used.
#[async_trait]
pub trait Factors: Send + Sync {
    /// Whether one of these accounts has an authenticator.
    async fn is_enrolled(&self, accounts: &[PersonId]) -> Result<bool, Problem>;

    /// Makes a new secret and gives it as an address that authenticators understand (`otpauth://…`). It counts once
    /// [`Factors::finish`] has seen a code of it.
    async fn begin(&self, account: &PersonId) -> Result<Hidden, Problem>;

    async fn finish(&self, account: &PersonId, code: &Hidden) -> Result<Enrolled, Problem>;

    /// The account has no authenticator any more, and may enroll another one for a day.
    async fn forget(&self, account: &PersonId) -> Result<(), Problem>;

    /// Uses a code up. A wrong one, one that was used, and too many tries are problems that the asker must act on.
    async fn use_code(&self, accounts: &[PersonId], code: &Hidden) -> Result<(), Problem>;
}

/// On whose word an account enrolled its authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolled {
    /// Admins had approved that it may.
    Admitted,
    /// Nobody's: whoever held the account was believed.
    FirstUse,
}

/// How long a code that was mailed to a caller counts, and how often one may be tried.
pub const CODE_LASTS: SignedDuration = SignedDuration::from_mins(10);
pub const CODE_TRIES: u8 = 5;

/// The code of the problem that so many codes were mailed to somebody that there is no further one yet.
pub const CODES_MAILED: &str = "codes_mailed";

/// A user as they are on file, who is said to be calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub login: String,
    /// First and last name; may be empty.
    pub name: String,
    pub email: String,
}

/// Codes that are mailed to callers and read back. Nobody sees one; at rest there is only what tells whether one is right.
#[async_trait]
pub trait CallerCodes: Send + Sync {
    /// Takes a turn to mail a code to the user under this login, whoever asks for it and for which request.
    fn may_mail(&self, login: &str) -> Result<(), Problem>;

    /// Mails a new code for a request; one from before counts no more. An error says whether the letter may have left.
    async fn mail(&self, no: RequestNo, to: &Caller) -> Result<(), Problem>;

    /// Uses up the code of a request. A wrong one, an old one and too many tries are problems that the asker must act on.
    async fn use_code(&self, no: RequestNo, code: &Hidden) -> Result<(), Problem>;
}

/// Limits on people: how often one of them may say something.
pub trait Turns: Send + Sync {
    /// Takes one turn of a person, at whichever of their accounts, with a command.
    fn take(&self, by: &Person, command: &str) -> Result<(), TooOften>;
}

/// Somebody has said something too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// How often it may be said in a minute.
    pub per_minute: u32,
    /// How long until it is answered again.
    pub wait: Duration,
    /// The first refusal of its kind within a minute: the only one that is worth a line, so that no flood fills the log.
    pub is_first: bool,
}

/// Whether a step is tried for the first time, or may have taken effect before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    First,
    Again,
}

/// Which step of which request is carried out, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepKey {
    pub request: RequestNo,
    pub step: u32,
    pub direction: Direction,
}

/// Why an effect was not brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It is certain that it did not happen and will not without somebody's help.
    Refused(Problem),
    /// It may have happened; the contact center could not be asked.
    Unknown(Problem),
}

/// The writing half of the contact center and of every other system that effects reach.
#[async_trait]
pub trait Hands: Send + Sync {
    /// Brings the effect about and returns once it can be seen, with what is worth noting, such as a new user's id.
    ///
    /// On [`Attempt::Again`] it looks first, because an earlier call may have taken effect. It retries what is worth
    /// retrying by itself, within a bounded time.
    async fn bring_about(
        &self,
        key: StepKey,
        attempt: Attempt,
        effect: &Effect,
    ) -> Result<BTreeMap<String, String>, Failure>;
}

/// People as their platform knows them at this moment.
#[async_trait]
pub trait People: Send + Sync {
    /// The person with their roles of now; `None` when they are no longer there.
    async fn person(&self, id: &PersonId) -> Result<Option<Person>, Problem>;

    /// The same as of at most a few seconds ago, for what is weighed again before each of many steps.
    async fn person_lately(&self, id: &PersonId) -> Result<Option<Person>, Problem> {
        self.person(id).await
    }

    /// The logins that the site has tied to people.
    fn logins(&self) -> Vec<String>;
}

/// Is told when a request has a new line, so that its card can be drawn again. Must return at once.
pub trait Watcher: Send + Sync {
    fn changed(&self, no: RequestNo);
}

/// Files as people attach them to a command, still where the platform has them.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Opens what `reference` names on this platform: an address that the platform gave, or a path at the console.
    async fn open(&self, platform: Platform, reference: &str) -> Result<Box<dyn Incoming>, Problem>;
}

/// A file that is read piece by piece.
#[async_trait]
pub trait Incoming: Send {
    /// Its name without folders, as people know it.
    fn name(&self) -> &str;

    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem>;
}

/// Takes no files: for desks whose platforms have none.
pub struct NoInbox;

#[async_trait]
impl Inbox for NoInbox {
    async fn open(&self, _: Platform, _: &str) -> Result<Box<dyn Incoming>, Problem> {
        Err(Problem::asker("file", "No file can be given here.").next("Attach it on the chat platform."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_clock_that_was_ahead_has_made_is_over() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (ends, lasts) = (at("2026-11-20T10:00:00Z"), SignedDuration::from_hours(1));
        for (now, over) in [
            ("2026-11-20T10:00:00Z", true),
            ("2026-11-20T09:59:59Z", false),
            ("2026-11-20T09:00:00Z", false),
            ("2026-11-20T08:58:00Z", false),
            ("2026-11-20T08:57:59Z", true),
            ("2025-11-20T09:30:00Z", true),
        ] {
            assert_eq!(is_over(ends, lasts, at(now)), over, "{now}");
        }
    }
}

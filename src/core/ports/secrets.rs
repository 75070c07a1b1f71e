//! What is kept sealed: temporary passwords, files, authenticators and the codes that are emailed to callers.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use crate::basics::ids::{PersonId, RequestNo};
use crate::basics::problem::Problem;
use crate::basics::secret::Secret;

/// Files that are kept sealed: what came with a command, under its SHA-256, what steps have read, under `<request>/<step>`, and what
/// adapters keep under names of their own.
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
    async fn temporary_password(&self, no: RequestNo) -> Result<Secret, Problem>;

    /// A new password that no one will know: it is kept nowhere.
    async fn forgotten_password(&self) -> Result<Secret, Problem>;

    /// Keeps a file sealed under a name for as long as secrets last; what was there is replaced.
    async fn keep_file(&self, name: &str, bytes: Zeroizing<Vec<u8>>) -> Result<(), Problem>;

    /// The secret, which stays sealed. `None` when it was destroyed, has expired or never was.
    async fn unseal(&self, no: RequestNo) -> Result<Option<Secret>, Problem>;

    /// The secret is gone permanently, durably, when this returns.
    async fn destroy(&self, no: RequestNo) -> Result<(), Problem>;

    /// Destroys the passwords and files that have expired, and gives the requests of the passwords. To be called now and then.
    async fn destroy_expired(&self) -> Result<Vec<RequestNo>, Problem>;
}

/// Second factors: the authenticators of people (RFC 6238), and which codes of theirs were used.
#[async_trait]
pub trait Factors: Send + Sync {
    /// Whether one of these accounts has an authenticator.
    async fn is_enrolled(&self, accounts: &[PersonId]) -> Result<bool, Problem>;

    /// Makes a new secret and gives it as an address that authenticators understand (`otpauth://…`). It counts once
    /// [`Factors::finish`] has seen a code of it.
    async fn begin(&self, account: &PersonId) -> Result<Secret, Problem>;

    async fn finish(&self, account: &PersonId, code: &Secret) -> Result<Enrolled, Problem>;

    /// The account has no authenticator any more, and may enroll another one for a day.
    async fn forget(&self, account: &PersonId) -> Result<(), Problem>;

    /// Uses a code up. A wrong one, one that was used, and too many tries are problems of the one who typed it.
    async fn use_code(&self, accounts: &[PersonId], code: &Secret) -> Result<(), Problem>;
}

/// On whose word an account enrolled its authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolled {
    /// Admins had approved that it may.
    Admitted,
    /// No one's: the person who held the account was believed.
    FirstUse,
}

/// How long a code that was emailed to a caller counts, and how often one may be tried.
pub const CODE_LASTS: SignedDuration = SignedDuration::from_mins(10);

pub const CODE_TRIES: u8 = 5;

/// The code of the problem that so many codes were emailed to someone that there is no further one yet.
pub const CODES_EMAILED: &str = "codes_emailed";

/// A user as they are on file, who is said to be calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub login: String,
    /// First and last name; may be empty.
    pub name: String,
    pub email: String,
}

/// Codes that are emailed to callers and read back. No one sees one; at rest there is only what tells whether one is right.
#[async_trait]
pub trait CallerCodes: Send + Sync {
    /// Takes a turn to email a code to the user under this login, no matter who asks for it and for which request.
    fn may_mail(&self, login: &str) -> Result<(), Problem>;

    /// Emails a new code for a request; one from before is no longer valid. An error says whether the email may have left.
    async fn mail(&self, no: RequestNo, to: &Caller) -> Result<(), Problem>;

    /// Uses up the code of a request. A wrong one, an old one and too many tries are problems of the one who typed it.
    async fn use_code(&self, no: RequestNo, code: &Secret) -> Result<(), Problem>;
}

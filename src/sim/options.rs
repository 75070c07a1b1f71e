//! What can be chosen when the practice contact center is opened.

use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Clock, SystemClock};

/// Most agents that `users=N` makes: ten times the largest contact center anybody has measured us against.
const MOST_USERS: u32 = 1_000_000;

/// How a practice contact center is opened. The default is what `connect-desk sim` starts with.
#[derive(Clone)]
pub struct Options {
    /// The file that keeps the world between runs; without it the world ends with the process.
    pub state: Option<PathBuf>,
    /// What a new world holds. A file that exists keeps the seed that it was made with.
    pub seed: Seed,
    /// Where a new instance keeps its logins. A file that exists keeps its own.
    pub identity: IdentityType,
    /// How often each operation may be called.
    pub limits: Limits,
    /// For how long reads continue showing what was before a write.
    pub lag: Duration,
    /// For how long the login of a removed user stays taken.
    pub name_lingers: Duration,
    /// How many users the instance takes. A seed with more users raises it to what it holds.
    pub user_quota: u32,
    /// New ids are counted instead of drawn, so that the same calls give the same transcript.
    pub deterministic_ids: bool,
    /// Serve on addresses which other machines can reach. There is no sign-in: everybody who reaches it may do anything.
    pub exposed: bool,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            state: None,
            seed: Seed::Guide,
            identity: IdentityType::ConnectManaged,
            limits: Limits::default(),
            lag: Duration::ZERO,
            name_lingers: Duration::from_secs(5),
            user_quota: 500,
            deterministic_ids: false,
            exposed: false,
            clock: Arc::new(SystemClock),
        }
    }
}

/// What a new practice contact center holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// A house like the help desk guide's, with some forty invented agents.
    Guide,
    /// The same instance after years without cleaning up: what a check of an instance is to find.
    Untidy,
    /// An instance that is full by AWS's defaults: 500 users, 500 hierarchy groups, 100 quick connects and so on.
    Large,
    /// The guide's house with this many generated agents, `agent000001` and on.
    Users(u32),
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guide => f.write_str("guide"),
            Self::Untidy => f.write_str("untidy"),
            Self::Large => f.write_str("large"),
            Self::Users(count) => write!(f, "users={count}"),
        }
    }
}

impl FromStr for Seed {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        if let Some(named) =
            [Self::Guide, Self::Untidy, Self::Large].into_iter().find(|seed| seed.to_string() == text)
        {
            return Ok(named);
        }
        let count = text.strip_prefix("users=").and_then(|count| count.parse::<u32>().ok());
        match count {
            Some(count) if count <= MOST_USERS => Ok(Self::Users(count)),
            Some(_) => Err(SeedError::TooMany),
            None => Err(SeedError::Unknown(text.to_owned())),
        }
    }
}

/// A seed that no one knows.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SeedError {
    #[error(
        "There is no seed `{0}`. Use `guide`, `untidy`, `large`, or `users=N` with a number of agents, such as `users=1000`."
    )]
    Unknown(String),
    #[error("A seed holds at most {MOST_USERS} agents. Use a smaller number, such as `users=100000`.")]
    TooMany,
}

/// Where an instance keeps its logins and passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdentityType {
    /// Connect keeps logins and passwords itself.
    ConnectManaged,
    /// An identity provider signs people in.
    Saml,
    /// A Microsoft directory signs people in.
    ExistingDirectory,
}

impl IdentityType {
    /// The name that the API uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConnectManaged => "CONNECT_MANAGED",
            Self::Saml => "SAML",
            Self::ExistingDirectory => "EXISTING_DIRECTORY",
        }
    }
}

impl fmt::Display for IdentityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for IdentityType {
    type Err = IdentityTypeError;

    /// Takes the API's name in either case, with hyphens or underscores: `CONNECT_MANAGED`, `connect-managed`.
    fn from_str(text: &str) -> Result<Self, IdentityTypeError> {
        let name = text.to_ascii_uppercase().replace('-', "_");
        [Self::ConnectManaged, Self::Saml, Self::ExistingDirectory]
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| IdentityTypeError(text.to_owned()))
    }
}

/// An identity type that Connect does not have.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("There is no identity type `{0}`. Use `connect-managed`, `saml` or `existing-directory`.")]
pub struct IdentityTypeError(String);

/// How often each operation may be called before it answers `ThrottlingException`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limits {
    /// As often as anybody likes.
    Unthrottled,
    /// A token bucket for each operation name.
    PerOperation {
        /// Calls a second that a bucket is refilled with; more than zero.
        rate: f64,
        /// Calls that a full bucket holds.
        burst: NonZeroU32,
    },
}

impl Default for Limits {
    /// The quota that AWS documents for every user operation: two calls a second, bursts of five.
    fn default() -> Self {
        Self::PerOperation { rate: 2.0, burst: const { NonZeroU32::new(5).expect("five is not zero") } }
    }
}

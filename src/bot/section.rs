//! What every section of the configuration for a chat platform or another system is asked, so that `check`, `doctor` and `reload` know none
//! of them by name, and the wiring no platform.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::current::Current;
use desk_core::basics::ids::Platform;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Role};
use desk_core::policy::Policy;
use desk_core::ports::Clock;
use secrecy::SecretBox;

use crate::chats::Joinable;
use crate::report::{FoundOnHost, Level};

/// What was looked at, and what is to say of it.
pub(crate) type Found = (Level, Result<String, Problem>);

/// A section that the configuration has, checked.
#[async_trait]
pub(crate) trait Section: fmt::Debug + Sync {
    /// Its name in the file, without brackets.
    fn name(&self) -> &'static str;

    /// Values of config.example.toml that fit no site, each with its key and what to do.
    fn placeholders(&self) -> &'static [(&'static str, &'static str, &'static str)];

    /// Files that it names and that hold no secret: what the desk says or whom it trusts.
    fn files(&self) -> Vec<&Path> {
        Vec::new()
    }

    /// What of it decides who may do what: a name, and its value in words.
    fn decides(&self) -> Option<(&'static str, String)> {
        None
    }

    /// What of the policy is worth a thought because of it.
    fn advice(&self, _policy: &Policy) -> Option<String> {
        None
    }

    /// Its secrets and certificates, read from this host as `run` reads them.
    fn examine_host(&self) -> Vec<FoundOnHost>;

    /// What can be told of the system without changing anything in it.
    async fn examine(&self, policy: &Policy) -> Vec<Found>;

    /// What to say if that takes too long.
    fn silent(&self) -> Problem;
}

/// The section of a chat platform.
pub(crate) trait ChatSection: Section {
    fn platform(&self) -> Platform;

    /// What the platform's roles are at the desk, by their ids there.
    fn roles(&self) -> BTreeMap<String, Role>;

    /// The channels in which the desk listens.
    fn channels(&self) -> Vec<String>;

    /// Where cards that wait for an approval appear as well.
    fn approvals_channel(&self) -> Option<String>;

    /// The link with which a manager adds the bot.
    fn invite(&self) -> String;

    /// Reads the platform's token and makes it ready to join.
    fn open(&self, with: &Opening) -> Result<Box<dyn Joinable>, Problem>;
}

/// What a chat platform is opened with, beside its section.
pub(crate) struct Opening {
    /// What the configuration knows of people.
    pub(crate) roster: Current<Vec<Person>>,
    pub(crate) clock: Arc<dyn Clock>,
    /// What signs buttons.
    pub(crate) key: Arc<SecretBox<[u8; 32]>>,
    /// Another HTTP client than the platform's own, as tests need it.
    pub(crate) client: Option<reqwest::Client>,
    /// How long a call may take until it counts as lost, where that is not as usual.
    pub(crate) answers_within: Option<Duration>,
}

//! People as their platforms know them, how often they may say something, and who is told of changes.

use std::time::Duration;

use async_trait::async_trait;

use crate::basics::ids::{PersonId, RequestNo};
use crate::basics::problem::Problem;
use crate::basics::roles::Person;

/// Limits on people: how often one of them may say something.
pub trait RateLimits: Send + Sync {
    /// Takes one turn of a person, at whichever of their accounts, with a command.
    fn take(&self, by: &Person, command: &str) -> Result<(), RateLimited>;
}

/// Someone has said something too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimited {
    /// How often it may be said in a minute.
    pub per_minute: u32,
    /// How long until it is answered again.
    pub wait: Duration,
    /// The first refusal of its kind within a minute: the only one that is worth a line, so that no flood fills the log.
    pub is_first: bool,
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
}

/// Is told when a request has a new line, so that its card can be drawn again. Must return immediately.
pub trait Watcher: Send + Sync {
    fn changed(&self, no: RequestNo);
}

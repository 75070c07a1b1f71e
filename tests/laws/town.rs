//! A desk with a command of the test's own: people, a log and an executor that are all in memory, or the real ones.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connect_desk::clock::ScriptClock;
use connect_desk::practice::{Practice, Unwatched};
use desk_core::basics::current::Current;
use desk_core::basics::ids::{PersonId, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Person;
use desk_core::center::{Snapshot, User};
use desk_core::command::Entry;
use desk_core::desk::Desk;
use desk_core::desk::saga::SagaContext;
use desk_core::log::RequestLog;
use desk_core::plan::{Attempt, Effect, Executor, Facts, Failure, StepKey};
use desk_core::policy::Policy;
use desk_core::ports::{People, RateLimited, RateLimits};

use crate::support::desks::desk_over;

/// The effects that were brought about.
#[derive(Default)]
pub struct RecordingExecutor(pub Mutex<Vec<RequestNo>>);

#[async_trait]
impl Executor for RecordingExecutor {
    async fn apply(&self, key: StepKey, _: Attempt, _: &Effect) -> Result<Facts, Failure> {
        self.0.lock().unwrap().push(key.request);
        Ok(Facts::new())
    }
}

/// The people of a history, by who they really are: each has one or two accounts.
#[derive(Default)]
pub struct InMemoryCenter(pub Mutex<Vec<Person>>);

#[async_trait]
impl People for InMemoryCenter {
    async fn person(&self, id: &PersonId) -> Result<Option<Person>, Problem> {
        Ok(self.0.lock().unwrap().iter().find_map(|person| person.at(id)))
    }
}

/// People may say as much as they like.
struct Tireless;

impl RateLimits for Tireless {
    fn take(&self, _: &Person, _: &str) -> Result<(), RateLimited> {
        Ok(())
    }
}

/// What a plan says of a user who was read before, so that nothing has to be read for it.
pub fn as_before(users: &[User], login: &str) -> Option<Snapshot> {
    let user = users.iter().find(|user| user.login == login)?.clone();
    Some(Snapshot::bare(user))
}

/// The desk of these people, with the verbs of a real one and one command to decide on.
pub fn desk(
    practice: &Practice,
    entry: Entry,
    policy: Policy,
    people: Arc<InMemoryCenter>,
    log: Arc<dyn RequestLog>,
    executor: Arc<dyn Executor>,
    clock: Arc<ScriptClock>,
) -> Desk {
    let mut commands: Vec<Entry> =
        desk_commands::all().into_iter().filter(|entry| entry.path.starts_with("desk ")).collect();
    commands.push(entry);
    Desk {
        commands,
        policy: Current::new(policy),
        people,
        turns: Arc::new(Tireless),
        saga: SagaContext { executor, log, clock, watcher: Arc::new(Unwatched) },
        ..desk_over(practice, practice.desk.saga.log.clone(), practice.desk.saga.executor.clone())
    }
}

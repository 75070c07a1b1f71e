//! A desk with a command of the test's own: people, a log and hands that are all in memory, or the real ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connect_desk::clock::ScriptClock;
use connect_desk::practice::{Practice, Unwatched};
use desk_core::basics::ids::{PersonId, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Person;
use desk_core::center::{Snapshot, User};
use desk_core::command::Entry;
use desk_core::desk::Desk;
use desk_core::desk::saga::SagaContext;
use desk_core::log::{
    Append, AppendError, Lease, LogReader, Lookup, OpenRequest, OpenRequests, Query, RequestLog,
};
use desk_core::log::{Draft, Line};
use desk_core::plan::Effect;
use desk_core::plan::{Attempt, Executor, Failure, StepKey};
use desk_core::policy::Policy;
use desk_core::ports::{People, RateLimited, RateLimits};

/// A log in memory. What it takes is what counts; it is never altered.
#[derive(Default)]
pub struct Memory(pub Mutex<Vec<Line>>, Mutex<Known>);

/// What is known of requests without their lines, and how many lines that comes from.
#[derive(Default)]
struct Known {
    all: OpenRequests,
    lines: usize,
}

impl Memory {
    pub fn of(lines: Vec<Line>) -> Memory {
        Memory(Mutex::new(lines), Mutex::default())
    }
}

struct NoLease;

impl Lease for NoLease {}

#[async_trait]
impl LogReader for Memory {
    async fn request(&self, no: RequestNo) -> Result<Vec<Line>, Problem> {
        Ok(self.0.lock().unwrap().iter().filter(|line| line.request == Some(no)).cloned().collect())
    }

    async fn open(&self) -> Result<Vec<RequestNo>, Problem> {
        let mut open = BTreeSet::new();
        for line in self.0.lock().unwrap().iter() {
            match (line.request, line.event.opens()) {
                (Some(no), Some(true)) => drop(open.insert(no)),
                (Some(no), Some(false)) => drop(open.remove(&no)),
                _ => {}
            }
        }
        Ok(open.into_iter().collect())
    }

    async fn find(&self, wanted: Lookup) -> Result<Vec<Arc<OpenRequest>>, Problem> {
        let (lines, mut known) = (self.0.lock().unwrap(), self.1.lock().unwrap());
        let new: BTreeSet<RequestNo> = lines[known.lines..].iter().filter_map(|line| line.request).collect();
        for no in new {
            let of = |line: &&Line| line.request == Some(no);
            let of: Vec<Line> = lines.iter().filter(of).cloned().collect();
            let is_open = of.iter().rev().find_map(|line| line.event.opens()).unwrap_or_default();
            OpenRequest::of_lines(no, &of).into_iter().for_each(|one| known.all.put(one, is_open));
        }
        known.lines = lines.len();
        Ok(known.all.find(&wanted))
    }

    async fn history(&self, query: &Query) -> Result<Vec<Line>, Problem> {
        let lines = self.0.lock().unwrap();
        let new = |line: &&Line| query.since.is_none_or(|since| line.at >= since);
        Ok(lines.iter().rev().filter(new).take(query.limit).cloned().collect())
    }
}

#[async_trait]
impl RequestLog for Memory {
    async fn append(&self, to: Append, drafts: Vec<Draft>) -> Result<Vec<Line>, AppendError> {
        let mut lines = self.0.lock().unwrap();
        let request = match to {
            Append::Desk => None,
            Append::New => {
                let last = lines.iter().filter_map(|line| line.request).max();
                Some(RequestNo(last.map_or(1, |last| last.0 + 1)))
            }
            Append::To { no, after } => {
                let last = lines.iter().rev().find(|line| line.request == Some(no)).map(|line| line.line);
                if last != Some(after) {
                    return Err(AppendError::Conflict);
                }
                Some(no)
            }
        };
        let mut written = Vec::new();
        for draft in drafts {
            let line = draft.at_line(lines.len() as u64, request);
            lines.push(line.clone());
            written.push(line);
        }
        Ok(written)
    }

    async fn lease(&self, _: RequestNo) -> Result<Box<dyn Lease>, Problem> {
        Ok(Box::new(NoLease))
    }

    fn unsound(&self) -> Option<Problem> {
        None
    }
}

/// The effects that were brought about.
#[derive(Default)]
pub struct RecordingExecutor(pub Mutex<Vec<RequestNo>>);

#[async_trait]
impl Executor for RecordingExecutor {
    async fn apply(&self, key: StepKey, _: Attempt, _: &Effect) -> Result<BTreeMap<String, String>, Failure> {
        self.0.lock().unwrap().push(key.request);
        Ok(BTreeMap::new())
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
    hands: Arc<dyn Executor>,
    clock: Arc<ScriptClock>,
) -> Desk {
    let inside = &practice.desk;
    let mut commands: Vec<Entry> =
        desk_commands::all().into_iter().filter(|entry| entry.path.starts_with("desk ")).collect();
    commands.push(entry);
    Desk {
        commands,
        policy: desk_core::basics::current::Current::new(policy),
        center: inside.center.clone(),
        salesforce: inside.salesforce.clone(),
        people,
        roster: inside.roster.clone(),
        vault: inside.vault.clone(),
        factors: inside.factors.clone(),
        turns: Arc::new(Tireless),
        caller_codes: inside.caller_codes.clone(),
        inbox: inside.inbox.clone(),
        emails: inside.emails.clone(),
        site: inside.site.clone(),
        health: Arc::default(),
        saga: SagaContext { hands, log, clock, watcher: Arc::new(Unwatched) },
        watch: Default::default(),
    }
}

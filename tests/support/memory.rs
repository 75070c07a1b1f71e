//! A log in memory, which others are compared with.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use desk_core::basics::ids::{PersonId, Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::log::{
    Append, AppendError, By, Draft, Event, Lease, Line, LogReader, Lookup, OpenRequest, OpenRequests, Query,
    RequestLog,
};
use jiff::Timestamp;

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
        let Query { login, person, without_request, rules, since, limit } = query;
        let is_login = |one: &String| login.as_ref().is_none_or(|login| one.eq_ignore_ascii_case(login));
        let matches = |line: &&Line| {
            (login.is_none() || line.about.iter().any(is_login))
                && person.as_ref().is_none_or(|person| line.by.as_ref().is_some_and(|by| by.id == *person))
                && (!without_request || line.request.is_none())
                && (!rules || matches!(line.event, Event::PolicyChanged(_)))
                && since.is_none_or(|since| line.at >= since)
        };
        Ok(self.0.lock().unwrap().iter().rev().filter(matches).take(*limit).cloned().collect())
    }

    async fn requests_about(&self, login: &str) -> Result<Vec<RequestNo>, Problem> {
        let query = Query { login: Some(login.to_owned()), limit: usize::MAX, ..Query::default() };
        let numbers = self.history(&query).await?.into_iter().filter_map(|line| line.request);
        Ok(numbers.collect::<BTreeSet<_>>().into_iter().rev().collect())
    }

    async fn count(&self, query: &Query) -> Result<usize, Problem> {
        Ok(self.history(&Query { limit: usize::MAX, ..query.clone() }).await?.len())
    }

    async fn asked(&self, no: RequestNo) -> Result<Option<Line>, Problem> {
        Ok(self.request(no).await?.into_iter().next())
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

/// Holds what a log knows of requests against their lines, oldest first.
pub async fn knows_what_the_lines_say(log: &dyn RequestLog, lines: Vec<Line>) {
    let model = Memory::of(lines);
    assert_eq!(log.open().await.unwrap(), model.open().await.unwrap());
    let id = PersonId::new(Platform::Console, "1").unwrap();
    let (until, reviewed, freezes) = (Timestamp::MAX, Timestamp::MAX, Vec::new());
    let someone = By { id: id.clone(), name: String::new() }.as_person();
    for wanted in [
        Lookup::Freezes,
        Lookup::Unreadable,
        Lookup::Emergencies { since: Timestamp::MIN },
        Lookup::Due { until, reviewed, ahead: Timestamp::MAX, freezes },
        Lookup::AskedBy(vec![id, PersonId::new(Platform::Console, "1001").unwrap()]),
        Lookup::For { verb: None, by: someone, text: String::new(), before: None, most: usize::MAX },
    ] {
        let made = model.find(wanted.clone()).await.unwrap();
        assert_eq!(log.find(wanted.clone()).await.unwrap(), made, "{wanted:?}");
    }
}

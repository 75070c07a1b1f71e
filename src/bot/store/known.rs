//! What is known of requests without their lines, brought up to date when someone asks: only requests that have new lines are read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::log::{Event, Lookup, OpenRequest, OpenRequests};
use desk_core::request::{Phase, Request};
use jiff::Timestamp;

use super::index::Index;
use super::lookup::Records;
use super::terms::IndexKey;

/// So many running requests are kept as they were read, so that each of their many lines is read once.
const RUNNING: usize = 8;

pub(super) struct Known {
    records: Arc<Records>,
    index: Arc<Index>,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    all: OpenRequests,
    /// The one that has a new line last is at the end.
    running: Vec<Request>,
    /// Since when all emergencies are known.
    emergencies: Option<Timestamp>,
}

impl Known {
    pub fn new(records: Arc<Records>, index: Arc<Index>) -> Known {
        Known { records, index, read: Mutex::default() }
    }

    /// The requests that are wanted, if nothing has to be read for it.
    pub fn find_at_once(&self, wanted: &Lookup) -> Option<Vec<Arc<OpenRequest>>> {
        let read = self.read.try_lock().ok()?;
        (self.index.is_untouched() && read.has(wanted)).then(|| read.all.find(wanted))
    }

    pub fn find(&self, wanted: &Lookup) -> Result<Vec<Arc<OpenRequest>>, Problem> {
        let mut read = self.read();
        let touched = match self.index.take_touched() {
            Some(touched) => touched,
            None => {
                *read = Read::default();
                let ended = self.records.newest_requests();
                self.index.open_requests().into_iter().chain(ended).collect()
            }
        };
        for no in &touched {
            if let Err(problem) = self.learn(&mut read, *no) {
                self.index.touch(touched);
                return Err(problem);
            }
        }
        if let Lookup::Emergencies { since } = wanted
            && !read.has(wanted)
        {
            self.learn_emergencies(&mut read, *since)?;
        }
        Ok(read.all.find(wanted))
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, read: &mut Read, no: RequestNo) -> Result<(), Problem> {
        let known =
            read.running.iter().position(|known| known.no == no).map(|place| read.running.remove(place));
        let known = match known {
            Some(known) => self.continued(known)?,
            None => None,
        };
        let (known, open) = match known {
            Some(known) => (Some(OpenRequest::of(&known)), Some(known)),
            None => {
                let lines = self.records.request(no)?;
                (OpenRequest::of_lines(no, &lines), Request::fold(no, &lines).ok())
            }
        };
        let is_open = self.index.is_open(no);
        known.into_iter().for_each(|known| read.all.put(known, is_open));
        read.running.extend(open.filter(|open| open.phase == Phase::Running));
        if read.running.len() > RUNNING {
            read.running.remove(0);
        }
        Ok(())
    }

    /// A request with the lines that it has now; none if it has to be read again.
    fn continued(&self, mut request: Request) -> Result<Option<Request>, Problem> {
        for line in self.records.request_after(request.no, request.last)? {
            // What is said not to count changes what came before.
            if matches!(line.event, Event::Disregarded { .. }) || request.apply(&line).is_err() {
                return Ok(None);
            }
        }
        Ok(Some(request))
    }

    fn learn_emergencies(&self, read: &mut Read, since: Timestamp) -> Result<(), Problem> {
        for number in self.index.numbers(&IndexKey::emergencies())?.into_iter().rev() {
            let line = self.records.line(number)?;
            // Lines are in the order of their moments, but for clocks that were set back; those are not looked behind.
            if line.at < since {
                break;
            }
            if let Some(no) = line.request.filter(|no| !read.all.has(*no)) {
                self.learn(read, no)?;
            }
        }
        read.emergencies = Some(since);
        Ok(())
    }
}

impl Read {
    fn has(&self, wanted: &Lookup) -> bool {
        match wanted {
            Lookup::Emergencies { since } => self.emergencies.is_some_and(|known| known <= *since),
            _ => true,
        }
    }
}

//! Whether the desk can do what it is there for, and what an operator should look at although it can: one answer for everyone who asks,
//! from `/desk status` to a load balancer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::basics::ids::{Platform, RequestNo};
use crate::basics::problem::Problem;

/// Says why the desk can't work at this moment; nothing while it can.
pub type Watched = Arc<dyn Fn() -> Vec<Problem> + Send + Sync>;

/// What is known of the desk.
pub struct Health {
    /// What a start found, and stops nothing.
    found: Vec<Problem>,
    /// The log and the contact center, asked again each time.
    watched: Watched,
    /// Further parts that don't work at present, such as the connection of a chat platform, by their names.
    parts: Mutex<BTreeMap<&'static str, Problem>>,
    /// Open requests that make no sense, as they were last looked through.
    unreadable: Mutex<BTreeMap<RequestNo, Problem>>,
    /// Requests of which people on a platform could not be notified.
    untold: Mutex<BTreeMap<(RequestNo, Platform), Problem>>,
    stage: AtomicU8,
}

/// How far the desk is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It has not yet heard from everything that it depends on.
    Starting,
    /// It has, once; what is missing from then on degrades it.
    Open,
    /// It was told to end.
    Stopping,
}

/// What is known at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub stage: Stage,
    /// Why it can't do its work.
    pub degraded: Vec<Problem>,
    /// What a start found, and stops nothing.
    pub found: Vec<Problem>,
    /// The open requests that make no sense, and why.
    pub unreadable: Vec<(RequestNo, Problem)>,
    /// The requests of which people could not be notified: whom, and why.
    pub untold: Vec<(RequestNo, Problem)>,
}

impl Status {
    /// Whether it does its work.
    pub fn works(&self) -> bool {
        self.degraded.is_empty()
    }

    /// Whether people should be sent to it.
    pub fn is_ready(&self) -> bool {
        self.works() && self.stage == Stage::Open
    }

    /// A word, and then a line for each thing that is wrong: codes and numbers, because anyone who reaches the desk may read it.
    pub fn lines(&self) -> String {
        let first = if self.works() { "ok" } else { "degraded" };
        self.below(first)
    }

    /// The same for anyone who asks whether people may be sent to it.
    pub fn ready_lines(&self) -> String {
        self.below(match self.stage {
            Stage::Starting => "starting",
            Stage::Stopping => "stopping",
            Stage::Open if self.works() => "ready",
            Stage::Open => "degraded",
        })
    }

    fn below(&self, first: &str) -> String {
        let codes = self.degraded.iter().chain(&self.found).map(|problem| problem.code.clone());
        let unreadable = self.unreadable.iter().map(|(no, _)| format!("request {no} unreadable"));
        let untold = self.untold.iter().map(|(no, _)| format!("request {no} not notified"));
        let lines = std::iter::once(first.to_owned()).chain(codes).chain(unreadable).chain(untold);
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Health {
    pub fn new(found: Vec<Problem>, watched: Watched) -> Health {
        Health {
            found,
            watched,
            parts: Mutex::default(),
            unreadable: Mutex::default(),
            untold: Mutex::default(),
            stage: AtomicU8::new(Stage::Starting as u8),
        }
    }

    /// This part doesn't work, because of this, or it works again.
    pub fn set(&self, part: &'static str, problem: Option<Problem>) {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        match problem {
            Some(problem) => drop(parts.insert(part, problem)),
            None => drop(parts.remove(part)),
        }
    }

    pub fn set_stage(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::SeqCst);
    }

    pub fn stage(&self) -> Stage {
        let stage = self.stage.load(Ordering::SeqCst);
        [Stage::Starting, Stage::Open]
            .into_iter()
            .find(|known| *known as u8 == stage)
            .unwrap_or(Stage::Stopping)
    }

    /// Why the desk can't do its work at present, as far as is known.
    pub fn degraded(&self) -> Vec<Problem> {
        let mut wrong = (self.watched)();
        wrong.extend(self.parts.lock().unwrap_or_else(PoisonError::into_inner).values().cloned());
        wrong
    }

    pub fn status(&self) -> Status {
        Status {
            stage: self.stage(),
            degraded: self.degraded(),
            found: self.found.clone(),
            unreadable: self.unreadable(),
            untold: self.all_untold().iter().map(|((no, _), problem)| (*no, problem.clone())).collect(),
        }
    }

    /// These are the open requests that make no sense now. Each is told once.
    pub(crate) fn set_unreadable(&self, unreadable: BTreeMap<RequestNo, Problem>) {
        let mut known = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        for (no, problem) in unreadable.iter().filter(|(no, _)| !known.contains_key(no)) {
            tracing::error!(code = problem.code, request = no.0, "an open request can't be read");
        }
        *known = unreadable;
    }

    /// People on a platform could not be notified of a request, because of this, or they were. Gives whether that is new.
    pub(crate) fn set_untold(&self, no: RequestNo, platform: Platform, problem: Option<Problem>) -> bool {
        let mut untold = self.all_untold();
        let before = match &problem {
            Some(problem) => untold.insert((no, platform), problem.clone()),
            None => untold.remove(&(no, platform)),
        };
        before != problem
    }

    /// Why people could not be notified of a request.
    pub(crate) fn untold(&self, no: RequestNo) -> Option<Problem> {
        let untold = self.all_untold();
        untold.iter().find(|((of, _), _)| *of == no).map(|(_, problem)| problem.clone())
    }

    fn all_untold(&self) -> MutexGuard<'_, BTreeMap<(RequestNo, Platform), Problem>> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open requests that make no sense, and why.
    pub fn unreadable(&self) -> Vec<(RequestNo, Problem)> {
        let known = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|(no, problem)| (*no, problem.clone())).collect()
    }
}

impl Default for Health {
    /// Nothing is known to be wrong, and nothing is watched.
    fn default() -> Health {
        Health::new(Vec::new(), Arc::new(Vec::new))
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Health").field(&self.status()).finish()
    }
}

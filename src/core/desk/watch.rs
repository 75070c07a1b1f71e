//! What the desk keeps an eye on while it runs: whether the clock was set, and how much time has passed for each plan. None of it is
//! lost with the process: the log knows the rest. What it remembers of requests counts only as long as their last line is the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::removals::Removals;
use crate::basics::ids::RequestNo;
use crate::basics::roles::Person;
use crate::log::OpenRequest;
use crate::plan::Plan;
use crate::policy::schedule::Times;
use crate::ports::{CLOCK_SLACK, is_ahead};
use crate::request::{Request, Verb};

#[derive(Default)]
pub struct Watch(Mutex<Seen>);

#[derive(Default)]
pub(super) struct Seen {
    /// What both clocks said last.
    pub(super) clocks: Option<(Timestamp, Duration)>,
    /// Jumps of the clock that people have not been told of.
    pub(super) untold: Vec<String>,
    /// Until when each scheduled export is settled, by its name, and for which times.
    pub(super) schedules: BTreeMap<String, (Times, Timestamp)>,
    /// Since when each plan is known here.
    plans: BTreeMap<RequestNo, Since>,
    /// Plans that were made later than it is, by a clock that was ahead.
    ahead: BTreeSet<RequestNo>,
    /// The latest time that it is at least for any plan, and what the monotonic clock said then.
    latest: Option<(Timestamp, Duration)>,
    /// What the freezes said that held when it was looked at last what is due.
    freezes: Option<Vec<String>>,
    /// When those that wait for a moment were looked at last, by the monotonic clock.
    pub(super) deferred: Option<Duration>,
    /// Requests as they were read last, for completion, which asks for the same again with each letter.
    read: BTreeMap<RequestNo, Arc<Request>>,
    /// Whether a verb was offered on a request, for completion too.
    offered: BTreeMap<(RequestNo, &'static str), Vec<Offered>>,
    /// Users that were removed, for completion too.
    pub(super) removals: Removals,
    /// What the command answered before its request was written down, and when, by the monotonic clock.
    looked: BTreeMap<RequestNo, (Duration, Plan)>,
}

/// A look is good for this long: the request is planned immediately after it was written down, or else again.
const LOOK_LASTS: Duration = Duration::from_secs(10);

/// So many requests are remembered as they were read, and none whose plan has more steps.
const READ: usize = 64;
const READ_STEPS: usize = 50;

/// What completion offers is as old as this at most: it is asked again with each letter, and judged when it is said.
const OFFERED_LASTS: Duration = Duration::from_secs(2);

/// So many answers are remembered, and of one verb on one request those to so many people.
const OFFERED: usize = 1_024;
const OFFERED_TO: usize = 4;

/// Whether someone was offered a verb on a request with this last line, and when, by the monotonic clock.
struct Offered {
    by: Person,
    last: u64,
    at: Duration,
    may: bool,
}

#[derive(Clone, Copy)]
struct Since {
    /// Which plan of the request.
    planned: Timestamp,
    /// What time it was at least when this process saw it first, and what the monotonic clock said then.
    time: Timestamp,
    monotonic: Duration,
}

impl Watch {
    pub(super) fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much further the clock went than time passed since the last call, if that is worth a word. `first` is the time of the
    /// newest line, for the first call.
    pub(super) fn jump(
        &self,
        now: Timestamp,
        monotonic: Duration,
        first: Option<Timestamp>,
    ) -> Option<SignedDuration> {
        let mut seen = self.seen();
        let jump = match (seen.clocks.replace((now, monotonic)), first) {
            (Some((then, since)), _) => {
                let passed = SignedDuration::try_from(monotonic.saturating_sub(since)).unwrap_or_default();
                now.duration_since(then) - passed
            }
            // How long no one ran the desk is not known, but it was not less than no time.
            (None, Some(last)) => now.duration_since(last).min(SignedDuration::ZERO),
            (None, None) => SignedDuration::ZERO,
        };
        (jump.abs() >= CLOCK_SLACK).then_some(jump)
    }

    /// The time that it is at least for the plan of a request: what it was when this process saw the plan first, and what has
    /// passed since.
    pub(super) fn passed(&self, request: &Request, now: Timestamp, monotonic: Duration) -> Timestamp {
        let Some(planned) = request.planned.as_ref().map(|planned| planned.at) else { return now };
        let mut seen = self.seen();
        let since = match seen.plans.get(&request.no) {
            Some(since) if since.planned == planned => *since,
            _ => {
                // Planned later than now: by a clock that was ahead, and no one knows how long ago.
                let ahead = is_ahead(planned, now);
                let time = if ahead { Timestamp::MAX } else { now.max(request.latest) };
                let since = Since { planned, time, monotonic };
                seen.plans.insert(request.no, since);
                match ahead {
                    true => seen.ahead.insert(request.no),
                    false => seen.ahead.remove(&request.no),
                };
                let latest = seen.latest.map(|(time, at)| later(time, at, monotonic));
                if !ahead && latest.is_none_or(|latest| time > latest) {
                    seen.latest = Some((time, monotonic));
                }
                since
            }
        };
        later(since.time, since.monotonic, monotonic)
    }

    /// The latest time that it can be for any plan that is known here. Before everything was looked at for the first time, that is the end of
    /// time, so that every plan becomes known after a start.
    pub(super) fn latest(&self, now: Timestamp, monotonic: Duration) -> Timestamp {
        let seen = self.seen();
        match seen.latest {
            _ if seen.freezes.is_none() || !seen.ahead.is_empty() => Timestamp::MAX,
            Some((time, at)) => now.max(later(time, at, monotonic)),
            None => now,
        }
    }

    /// What the freezes say whose holds need no second look: nothing unless they are those that held when it was looked last.
    pub(super) fn same_freezes(&self, freezes: &[String]) -> Vec<String> {
        let seen = self.seen();
        seen.freezes.as_ref().filter(|before| *before == freezes).cloned().unwrap_or_default()
    }

    /// Everything that was due was looked at while these freezes held.
    pub(super) fn looked(&self, freezes: Vec<String>) {
        self.seen().freezes = Some(freezes);
    }

    /// A request as it was read, if nothing was written to it since.
    pub(super) fn read(&self, known: &OpenRequest) -> Option<Arc<Request>> {
        self.seen().read.get(&known.no).filter(|request| request.last == known.last).cloned()
    }

    /// Remembers a request as it was read.
    pub(super) fn keep(&self, request: Request) -> Arc<Request> {
        let request = Arc::new(request);
        if request.steps.len() <= READ_STEPS {
            let mut seen = self.seen();
            seen.read.insert(request.no, request.clone());
            // The newest are asked for again.
            while seen.read.len() > READ {
                seen.read.pop_first();
            }
        }
        request
    }

    /// Whether this person was offered a verb on a request a moment ago, if nothing was written to it since.
    pub(super) fn offered(
        &self,
        verb: Verb,
        known: &OpenRequest,
        by: &Person,
        now: Duration,
    ) -> Option<bool> {
        let seen = self.seen();
        let to = seen.offered.get(&(known.no, verb.word()))?;
        let same = |kept: &&Offered| {
            kept.last == known.last && now.saturating_sub(kept.at) <= OFFERED_LASTS && kept.by == *by
        };
        to.iter().find(same).map(|kept| kept.may)
    }

    pub(super) fn keep_offered(&self, verb: Verb, known: &OpenRequest, by: &Person, at: Duration, may: bool) {
        let mut seen = self.seen();
        let to = seen.offered.entry((known.no, verb.word())).or_default();
        to.retain(|kept| kept.by != *by);
        if to.len() == OFFERED_TO {
            to.remove(0);
        }
        to.push(Offered { by: by.clone(), last: known.last, at, may });
        // The newest are asked for again.
        while seen.offered.len() > OFFERED {
            seen.offered.pop_first();
        }
    }

    /// Keeps the plan that a request was written down with, so that planning it looks at nothing again.
    pub(super) fn keep_look(&self, no: RequestNo, plan: Plan, monotonic: Duration) {
        self.seen().looked.insert(no, (monotonic, plan));
    }

    /// That plan, once, and only shortly after.
    pub(super) fn take_look(&self, no: RequestNo, monotonic: Duration) -> Option<Plan> {
        let (at, plan) = self.seen().looked.remove(&no)?;
        (monotonic.saturating_sub(at) <= LOOK_LASTS).then_some(plan)
    }

    /// Nothing has to be known of this request any more.
    pub(super) fn forget(&self, no: RequestNo) {
        let mut seen = self.seen();
        seen.looked.remove(&no);
        seen.plans.remove(&no);
        seen.ahead.remove(&no);
        seen.read.remove(&no);
    }
}

/// A time after as much as has passed since.
fn later(time: Timestamp, then: Duration, now: Duration) -> Timestamp {
    let passed = SignedDuration::try_from(now.saturating_sub(then)).unwrap_or_default();
    time.checked_add(passed).unwrap_or(Timestamp::MAX)
}

//! What the desk keeps an eye on while it runs: whether the clock was set, how much time has passed for each plan, and which open
//! requests may be freezes. None of it is lost with the process: the log knows the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::basics::ids::RequestNo;
use crate::ports::CLOCK_SLACK;
use crate::request::Request;

#[derive(Default)]
pub struct Watch(Mutex<Seen>);

#[derive(Default)]
pub(super) struct Seen {
    /// What both clocks said last.
    pub(super) clocks: Option<(Timestamp, Duration)>,
    /// Jumps of the clock that people have not been told of.
    pub(super) untold: Vec<String>,
    /// Since when each plan is known here.
    plans: BTreeMap<RequestNo, Since>,
    no_freezes: BTreeSet<RequestNo>,
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
            // How long nobody ran the desk is not known, but it was not less than no time.
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
                // Planned later than now: by a clock that was ahead, and nobody knows how long ago.
                let ahead = planned.duration_since(now) > CLOCK_SLACK;
                let time = if ahead { Timestamp::MAX } else { now.max(request.latest) };
                let since = Since { planned, time, monotonic };
                seen.plans.insert(request.no, since);
                since
            }
        };
        let passed = SignedDuration::try_from(monotonic.saturating_sub(since.monotonic)).unwrap_or_default();
        since.time.checked_add(passed).unwrap_or(Timestamp::MAX)
    }

    /// Nothing has to be known of this request any more.
    pub(super) fn forget(&self, no: RequestNo) {
        self.seen().plans.remove(&no);
    }

    /// Those of the open requests that are freezes, or of which that is not known.
    pub(super) fn may_be_freezes(&self, open: Vec<RequestNo>) -> Vec<RequestNo> {
        let mut seen = self.seen();
        let (no_freezes, may_be): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|no| seen.no_freezes.contains(no));
        seen.no_freezes = no_freezes.into_iter().collect();
        may_be
    }

    pub(super) fn is_no_freeze(&self, no: RequestNo) {
        self.seen().no_freezes.insert(no);
    }
}

//! Time as the desk judges it: by two clocks, so that a clock that was set moves no deadline.

use std::time::Duration;

use jiff::Timestamp;

use super::state::Desk;
use crate::basics::problem::Problem;
use crate::basics::text::span;
use crate::log::Event;
use crate::log::{Append, Query};
use crate::request::Request;
use crate::request::approval::Moment;

impl Desk {
    /// Notices when the clock was set far ahead or back since it was looked at last, and writes that down.
    pub async fn notice_clock(&self) {
        let first = match self.watch.seen().clocks {
            Some(_) => None,
            None => Some(Query { limit: 1, ..Query::default() }),
        };
        let first = match first {
            Some(query) => match self.saga.log.history(&query).await {
                Ok(lines) => lines.first().map(|line| line.at),
                Err(_) => return,
            },
            None => None,
        };
        let (now, monotonic) = self.clocks();
        let Some(jump) = self.watch.jump(now, monotonic, first) else { return };
        let far = span(jump.abs().as_secs());
        let said = match jump.is_negative() {
            true => format!(
                "The clock was set back by {far}. Deadlines of open requests follow the time that passed, not the clock."
            ),
            false => format!(
                "The clock jumped ahead by {far}: it was set, or this machine was asleep. Requests may have expired."
            ),
        };
        tracing::warn!(seconds = jump.as_secs(), "the clock jumped");
        self.watch.seen().untold.push(said);
        if self.saga.log.unsound().is_some() {
            return;
        }
        let draft = self.draft(None, Vec::new(), Event::ClockJumped { seconds: jump.as_secs() });
        if let Err(problem) = self.append(Append::Desk, vec![draft]).await.map_err(Problem::from) {
            tracing::error!(code = problem.code, "a clock change couldn't be written to the log");
        }
    }

    /// What people have to be told of the desk itself since this was asked last.
    pub fn news(&self) -> Vec<String> {
        std::mem::take(&mut self.watch.seen().untold)
    }

    /// Both clocks at one moment: this is read again when it was interrupted in between.
    fn clocks(&self) -> (Timestamp, Duration) {
        let clock = &self.saga.clock;
        let mut before = clock.monotonic();
        loop {
            let (now, after) = (clock.now(), clock.monotonic());
            if after.saturating_sub(before) < Duration::from_secs(1) {
                return (now, after);
            }
            before = after;
        }
    }

    /// The latest moment that it can be for any request.
    pub(super) fn latest_moment(&self) -> Timestamp {
        let (now, monotonic) = self.clocks();
        self.watch.latest(now, monotonic)
    }

    /// This moment, as the deadlines of a request are judged.
    pub(super) fn moment(&self, request: &Request) -> Moment {
        let (now, monotonic) = self.clocks();
        Moment { now, passed: self.watch.passed(request, now, monotonic) }
    }
}

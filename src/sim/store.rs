//! The truth, what reads see of it while a write is young, and the file that keeps it.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use crate::ids::IdSource;
use crate::journal::{Journal, Record};
use crate::world::{Change, World};

pub(crate) struct Store {
    truth: World,
    /// What reads see; there while there is a lag. It shares everything with the truth but the newest changes.
    seen: Option<World>,
    /// The changes that reads do not see yet, oldest first, each with the moment from which they do.
    unseen: VecDeque<(i64, Vec<Change>)>,
    lag_ms: i64,
    journal: Option<Journal>,
    pub(crate) ids: IdSource,
}

impl Store {
    pub(crate) fn new(truth: World, journal: Option<Journal>, ids: IdSource) -> Self {
        Self { truth, seen: None, unseen: VecDeque::new(), lag_ms: 0, journal, ids }
    }

    /// What writes act on.
    pub(crate) fn truth(&self) -> &World {
        &self.truth
    }

    /// What reads see. Call `catch_up` first, if it is due.
    pub(crate) fn seen(&self) -> &World {
        self.seen.as_ref().unwrap_or(&self.truth)
    }

    /// Whether some changes have become old enough to be seen.
    pub(crate) fn is_behind(&self, now_ms: i64) -> bool {
        self.unseen.front().is_some_and(|(due_ms, _)| *due_ms <= now_ms)
    }

    pub(crate) fn catch_up(&mut self, now_ms: i64) {
        while self.is_behind(now_ms) {
            let Some((_, changes)) = self.unseen.pop_front() else { return };
            if let Some(seen) = &mut self.seen {
                changes.iter().for_each(|change| seen.apply(change));
            }
        }
    }

    /// Changes the lag. What was still unseen is seen at once, so that nothing overtakes it.
    pub(crate) fn set_lag(&mut self, lag: Duration) {
        self.unseen.clear();
        self.lag_ms = i64::try_from(lag.as_millis()).unwrap_or(i64::MAX);
        self.seen = (self.lag_ms > 0).then(|| self.truth.clone());
    }

    pub(crate) fn lag(&self) -> Duration {
        Duration::from_millis(self.lag_ms.unsigned_abs())
    }

    /// Makes the changes true: in the file first, so that nothing is acknowledged that a kill could lose.
    pub(crate) fn commit(&mut self, now_ms: i64, ids: IdSource, changes: Vec<Change>) -> io::Result<()> {
        let record = Record { at_ms: now_ms, ids: ids.given(), changes };
        if let Some(journal) = &mut self.journal {
            journal.append(&record)?;
        }
        self.ids = ids;
        record.changes.iter().for_each(|change| self.truth.apply(change));
        self.catch_up(now_ms);
        if self.seen.is_some() {
            self.unseen.push_back((now_ms.saturating_add(self.lag_ms), record.changes));
        }
        Ok(())
    }

    pub(crate) fn forget_removed_before(&mut self, at_ms: i64) {
        self.truth.forget_removed_before(at_ms);
    }
}

//! The truth, what reads and searches see of it while a write is young, and the file that keeps it.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::ids::IdSource;
use crate::journal::{Journal, Record};
use crate::world::{Change, World};

/// What is behind the truth by a lag.
#[derive(Default)]
struct View {
    /// There while there is a lag. It shares everything with the truth but the newest changes.
    world: Option<World>,
    /// The changes that it does not show yet, oldest first, each with the moment from which it does.
    unseen: VecDeque<(i64, Arc<Vec<Change>>)>,
    lag_ms: i64,
}

impl View {
    fn is_behind(&self, now_ms: i64) -> bool {
        self.unseen.front().is_some_and(|(due_ms, _)| *due_ms <= now_ms)
    }

    fn catch_up(&mut self, now_ms: i64) {
        while self.is_behind(now_ms) {
            let Some((_, changes)) = self.unseen.pop_front() else { return };
            if let Some(world) = &mut self.world {
                changes.iter().for_each(|change| world.apply(change));
            }
        }
    }

    /// Changes the lag. What was still unseen is seen immediately, so that nothing overtakes it.
    fn set_lag(&mut self, lag: Duration, truth: &World) {
        self.unseen.clear();
        self.lag_ms = i64::try_from(lag.as_millis()).unwrap_or(i64::MAX);
        self.world = (self.lag_ms > 0).then(|| truth.clone());
    }

    fn note(&mut self, now_ms: i64, changes: &Arc<Vec<Change>>) {
        self.catch_up(now_ms);
        if self.world.is_some() {
            self.unseen.push_back((now_ms.saturating_add(self.lag_ms), Arc::clone(changes)));
        }
    }

    fn lag(&self) -> Duration {
        Duration::from_millis(self.lag_ms.unsigned_abs())
    }
}

pub(crate) struct Store {
    truth: World,
    read: View,
    searched: View,
    journal: Option<Journal>,
    pub(crate) ids: IdSource,
}

impl Store {
    pub(crate) fn new(truth: World, journal: Option<Journal>, ids: IdSource) -> Self {
        Self { truth, read: View::default(), searched: View::default(), journal, ids }
    }

    /// What writes act on.
    pub(crate) fn truth(&self) -> &World {
        &self.truth
    }

    /// What reads see. Call `catch_up` first, if it is due.
    pub(crate) fn seen(&self) -> &World {
        self.read.world.as_ref().unwrap_or(&self.truth)
    }

    /// What searches see: what reads do, unless searches lag more. Call `catch_up` first, if it is due.
    pub(crate) fn searched(&self) -> &World {
        let lags_more = self.searched.lag_ms > self.read.lag_ms;
        self.searched.world.as_ref().filter(|_| lags_more).unwrap_or_else(|| self.seen())
    }

    /// Whether some changes have become old enough to be seen.
    pub(crate) fn is_behind(&self, now_ms: i64) -> bool {
        self.read.is_behind(now_ms) || self.searched.is_behind(now_ms)
    }

    pub(crate) fn catch_up(&mut self, now_ms: i64) {
        self.read.catch_up(now_ms);
        self.searched.catch_up(now_ms);
    }

    pub(crate) fn set_lag(&mut self, lag: Duration) {
        self.read.set_lag(lag, &self.truth);
    }

    pub(crate) fn set_search_lag(&mut self, lag: Duration) {
        self.searched.set_lag(lag, &self.truth);
    }

    /// The lag of reads and that of searches.
    pub(crate) fn lags(&self) -> (Duration, Duration) {
        (self.read.lag(), self.searched.lag())
    }

    /// Makes the changes true: in the file first, so that nothing is acknowledged that a kill could lose.
    pub(crate) fn commit(&mut self, now_ms: i64, ids: IdSource, changes: Vec<Change>) -> io::Result<()> {
        let record = Record { at_ms: now_ms, ids: ids.given(), changes };
        if let Some(journal) = &mut self.journal {
            journal.append(&record)?;
        }
        self.ids = ids;
        record.changes.iter().for_each(|change| self.truth.apply(change));
        let changes = Arc::new(record.changes);
        self.read.note(now_ms, &changes);
        self.searched.note(now_ms, &changes);
        Ok(())
    }

    pub(crate) fn forget_removed_before(&mut self, at_ms: i64) {
        self.truth.forget_removed_before(at_ms);
    }
}

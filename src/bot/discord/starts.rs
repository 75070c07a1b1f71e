//! How often the desk may introduce itself to Discord's gateway.
//!
//! Discord takes 1,000 identifies a day; the next one ends every session and resets the bot's token. A desk that starts,
//! fails and is started again by its supervisor would spend them in an hour, so recent ones are kept in a file and a start
//! waits while there were many.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use desk_core::ports::Clock;

use crate::folder::Writes;

/// In seconds.
pub const DAY: i64 = 86_400;
/// As long as the longest pauses keep the count of recent starts where they stay the longest.
const LATELY: i64 = 3_600;

/// Identifies a day that the desk allows itself, below Discord's 1,000.
const A_DAY: usize = 950;

/// Starts in an hour that need no wait.
const FREE: usize = 10;

/// The longest pause between two, in seconds: 86,400 / 95 is below 950 a day.
const LONGEST: u64 = 95;

const FILE: &str = "discord-starts.json";

pub(super) struct IdentifyBudget {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
}

impl IdentifyBudget {
    pub(super) fn new(folder: &std::path::Path, clock: Arc<dyn Clock>) -> IdentifyBudget {
        IdentifyBudget { folder: folder.to_owned(), clock }
    }

    /// The moments of the last day, in Unix seconds. A file that cannot be read counts as none.
    fn recent(&self) -> Vec<i64> {
        let now = self.clock.now().as_second();
        let kept: Vec<i64> = std::fs::read(self.folder.join(FILE))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        // A moment in the future is from before the clock was set back.
        kept.into_iter().filter(|at| (now - DAY..=now).contains(at)).collect()
    }

    /// Notes one identify.
    pub(super) fn note(&self) {
        let mut recent = self.recent();
        recent.push(self.clock.now().as_second());
        let text = serde_json::to_vec(&recent).unwrap_or_default();
        if let Err(error) = Writes::default().replace(&self.folder, FILE, &text) {
            tracing::warn!(%error, "today's starts can't be counted in {}", self.folder.display());
        }
    }

    /// How long the next identify has to wait.
    pub(super) fn wait(&self) -> Duration {
        wait(&self.recent(), self.clock.now().as_second())
    }
}

/// How long the next identify has to wait after these of the last day.
pub fn wait(recent: &[i64], now: i64) -> Duration {
    if recent.len() >= A_DAY {
        let oldest = recent.iter().min().copied().unwrap_or(now);
        return Duration::from_secs(u64::try_from(oldest + DAY - now).unwrap_or(0) + 1);
    }
    let lately = recent.iter().filter(|at| **at > now - LATELY).count();
    let last = recent.iter().max().copied().unwrap_or(i64::MIN / 2);
    let pause = match lately.checked_sub(FREE) {
        None => 0,
        Some(more) => (5_u64 << more.min(8)).min(LONGEST),
    };
    let passed = u64::try_from(now.saturating_sub(last)).unwrap_or(0);
    Duration::from_secs(pause.saturating_sub(passed))
}

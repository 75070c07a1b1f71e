//! Time as the fake knows it. By default it is until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::options::ClockChoice;

/// Where a clock that no one has moved is: 2026-11-16T09:00:00Z, a Monday morning.
const MONDAY_MORNING_MS: i64 = 1_794_819_600_000;

/// Milliseconds since the Unix epoch, moved manually, or by the machine and manually.
#[derive(Debug)]
pub(crate) struct Clock {
    base_ms: AtomicI64,
    running_since: Option<Instant>,
}

impl Clock {
    pub fn new(choice: ClockChoice) -> Self {
        let (base_ms, running_since) = match choice {
            ClockChoice::Manual => (MONDAY_MORNING_MS, None),
            ClockChoice::ManualAt(ms) => (ms, None),
            ClockChoice::Real => (machine_ms(), Some(Instant::now())),
        };
        Self { base_ms: AtomicI64::new(base_ms), running_since }
    }

    pub fn now_ms(&self) -> i64 {
        let base = self.base_ms.load(Ordering::SeqCst);
        base + self.running_since.map_or(0, |since| millis(since.elapsed()))
    }

    pub fn advance(&self, time: Duration) {
        self.base_ms.fetch_add(millis(time), Ordering::SeqCst);
    }
}

#[allow(clippy::disallowed_methods)] // The one place that reads the machine's time, for benches.
fn machine_ms() -> i64 {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    millis(since_epoch)
}

pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The time as Discord writes it.
pub(crate) fn iso(ms: i64) -> String {
    let moment = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

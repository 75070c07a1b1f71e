//! The clocks: the system's, and one that stops until a line of a script or a wait moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use desk_core::ports::Clock;
use governor::nanos::Nanos;
use jiff::Timestamp;

/// The desk's clock as governor reads it.
#[derive(Clone)]
pub(crate) struct Ticks(pub Arc<dyn Clock>);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.monotonic())
    }
}

/// The system's clock.
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> SystemClock {
        SystemClock { started: Instant::now() }
    }
}

#[async_trait]
impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // The one place where the desk's time comes from.
    fn now(&self) -> Timestamp {
        Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    #[allow(clippy::disallowed_methods)] // The one place where the desk waits.
    async fn sleep(&self, how_long: Duration) {
        tokio::time::sleep(how_long).await;
    }
}

/// A clock for scripts and tests. Waiting moves it immediately, so nothing takes longer than its work.
pub struct ScriptClock {
    start_ms: i64,
    passed_ms: AtomicI64,
    /// How far someone has set it, which is no time that passed.
    set_ms: AtomicI64,
}

impl ScriptClock {
    pub fn starting_at(start: Timestamp) -> ScriptClock {
        ScriptClock {
            start_ms: start.as_millisecond(),
            passed_ms: AtomicI64::new(0),
            set_ms: AtomicI64::new(0),
        }
    }

    pub fn advance(&self, how_long: Duration) {
        let ms = i64::try_from(how_long.as_millis()).unwrap_or(i64::MAX);
        self.passed_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets it ahead by so many seconds, or back, without that time passing.
    pub fn set_ahead(&self, seconds: i64) {
        self.set_ms.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for ScriptClock {
    fn now(&self) -> Timestamp {
        let passed = self.start_ms.saturating_add(self.passed_ms.load(Ordering::SeqCst));
        let ms = passed.saturating_add(self.set_ms.load(Ordering::SeqCst));
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.passed_ms.load(Ordering::SeqCst)).unwrap_or(0))
    }

    async fn sleep(&self, how_long: Duration) {
        // Rounded up: a wait that moved the clock by nothing would be asked for again indefinitely.
        self.advance(how_long.max(Duration::from_millis(1)) + Duration::from_micros(999));
        tokio::task::yield_now().await;
    }
}

//! Time as the practice contact center knows it: everything reads this port, so that a test or a lesson can move the clock.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use governor::nanos::Nanos;

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where the practice contact center takes its time from.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;

    /// Ends when `time` has passed on this clock. Only `delay` faults and a server out of file handles wait.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()>;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // This is the one adapter that reads the machine's time.
    fn now_ms(&self) -> i64 {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
    }

    #[allow(clippy::disallowed_methods)] // This is the one adapter that waits in the machine's time.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// A clock that is until someone moves it: for tests, and for transcripts that are to stay the same.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that is at this many milliseconds since the epoch.
    pub fn at(now_ms: i64) -> Self {
        Self(AtomicI64::new(now_ms))
    }

    /// Moves the clock on.
    pub fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Anyone who waits moves the clock.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.pass(time) })
    }
}

/// The same clock in the form in which `governor` wants it: time since the buckets were filled.
#[derive(Clone)]
pub(crate) struct BucketClock {
    clock: Arc<dyn Clock>,
    origin_ms: i64,
}

impl BucketClock {
    pub(crate) fn starting_now(clock: Arc<dyn Clock>) -> Self {
        let origin_ms = clock.now_ms();
        Self { clock, origin_ms }
    }
}

impl governor::clock::Clock for BucketClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        // A clock that is set back makes the buckets wait; it does not make them panic.
        let passed = self.clock.now_ms().saturating_sub(self.origin_ms).max(0);
        Nanos::from(Duration::from_millis(passed.unsigned_abs()))
    }
}

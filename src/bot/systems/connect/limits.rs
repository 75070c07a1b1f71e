//! One token bucket per operation, the shape of Amazon Connect's own quota (2 requests a second, burst of 5).
//!
//! Buckets are empty when the desk starts and fill as time passes. A desk that ended a moment ago may have spent everything, so
//! however often it is started, it never spends more than the quota.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use desk_core::ports::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::clock::Ticks;

/// A bucket: requests a second, and how many may come at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// More than 0.
    pub rate: f64,
    pub burst: NonZeroU32,
}

/// The limits of an account and Region, which all its instances and tools share.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For every operation that has none of its own; `None` limits nothing.
    pub every: Option<Limit>,
    pub operations: BTreeMap<String, Limit>,
}

impl Default for Limits {
    fn default() -> Limits {
        const FIVE: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
        Limits { every: Some(Limit { rate: 2.0, burst: FIVE }), operations: BTreeMap::new() }
    }
}

type Bucket = RateLimiter<NotKeyed, InMemoryState, Ticks, StateInformationMiddleware>;

/// An operation's bucket, and the queue in front of it: first come, first served.
struct Gate {
    bucket: Bucket,
    queue: tokio::sync::Mutex<()>,
    /// Calls that wait in it, the one whose turn it is included.
    waiting: AtomicU32,
    /// What the last call left, and when that was, in nanoseconds of [`Clock::monotonic`].
    left: AtomicU32,
    at: AtomicU64,
}

/// An operation's quota at a moment.
pub(crate) struct Usage {
    pub operation: &'static str,
    /// Calls that could be made at a time.
    pub left: f64,
    /// Calls that wait for the quota.
    pub waiting: u32,
}

/// The buckets of all operations, made when first needed.
pub struct Buckets {
    limits: Limits,
    clock: Arc<dyn Clock>,
    /// When the buckets were empty, on [`Clock::monotonic`].
    began: Duration,
    gates: Mutex<HashMap<&'static str, Arc<Gate>>>,
}

impl Buckets {
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Buckets {
        let began = clock.monotonic();
        Buckets { limits, clock, began, gates: Mutex::default() }
    }

    /// How often the operation may be called; `None` when nothing limits it.
    pub(super) fn of(&self, operation: &str) -> Option<Limit> {
        self.limits.operations.get(operation).copied().or(self.limits.every)
    }

    /// Waits until the operation may be called.
    pub async fn pass(&self, operation: &'static str) {
        let Some(limit) = self.of(operation) else { return };
        let gate = self
            .gates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(operation)
            .or_insert_with(|| Arc::new(self.gate(limit)))
            .clone();
        gate.waiting.fetch_add(1, Ordering::Relaxed);
        let _waits = Waits(&gate.waiting);
        let _turn = gate.queue.lock().await;
        loop {
            match gate.bucket.check() {
                Ok(state) => {
                    gate.left.store(state.remaining_burst_capacity(), Ordering::Relaxed);
                    let now = u64::try_from(self.clock.monotonic().as_nanos()).unwrap_or(u64::MAX);
                    gate.at.store(now, Ordering::Relaxed);
                    return;
                }
                Err(not_yet) => {
                    let wait = not_yet.wait_time_from(Nanos::from(self.clock.monotonic()));
                    self.clock.sleep(wait.max(Duration::from_millis(1))).await;
                }
            }
        }
    }

    /// The quota of every operation that was called so far.
    pub(crate) fn usage(&self) -> Vec<Usage> {
        let gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.monotonic();
        let mut usage: Vec<Usage> = gates
            .iter()
            .filter_map(|(operation, gate)| {
                let limit = self.of(operation)?;
                let since = now.saturating_sub(Duration::from_nanos(gate.at.load(Ordering::Relaxed)));
                let left = f64::from(gate.left.load(Ordering::Relaxed)) + since.as_secs_f64() * limit.rate;
                let left = left.min(f64::from(limit.burst.get()));
                Some(Usage { operation, left, waiting: gate.waiting.load(Ordering::Relaxed) })
            })
            .collect();
        usage.sort_by_key(|usage| usage.operation);
        usage
    }

    fn gate(&self, limit: Limit) -> Gate {
        let period = Duration::from_secs_f64(1.0 / limit.rate.max(0.001));
        let quota = Quota::with_period(period)
            .unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN))
            .allow_burst(limit.burst);
        let bucket = RateLimiter::direct_with_clock(quota, Ticks(self.clock.clone()))
            .with_middleware::<StateInformationMiddleware>();
        let passed = self.clock.monotonic().saturating_sub(self.began);
        let filled = u32::try_from(passed.as_nanos() / period.as_nanos().max(1)).unwrap_or(u32::MAX);
        if let Some(missing) = NonZeroU32::new(limit.burst.get().saturating_sub(filled)) {
            // It never asks for more than the bucket holds, and a full one gives it.
            let _ = bucket.check_n(missing);
        }
        Gate {
            bucket,
            queue: tokio::sync::Mutex::default(),
            waiting: AtomicU32::new(0),
            left: AtomicU32::new(0),
            at: AtomicU64::new(0),
        }
    }
}

/// A call that waits is one less when it continues, and also when its caller is gone.
struct Waits<'a>(&'a AtomicU32);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

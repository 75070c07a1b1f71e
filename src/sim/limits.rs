//! The quota: a token bucket for each operation, as AWS keeps one for each operation of an account and Region.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::clock::{BucketClock, Clock};
use crate::error::SimError;
use crate::options::Limits;

type Buckets = RateLimiter<&'static str, DashMapStateStore<&'static str>, BucketClock, NoOpMiddleware<Nanos>>;

pub(crate) struct Limiter {
    limits: Limits,
    buckets: Option<Buckets>,
}

impl Limiter {
    /// Full buckets.
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Result<Self, SimError> {
        let buckets = match limits {
            Limits::Unthrottled => None,
            Limits::PerOperation { rate, burst } => {
                let quota = quota(rate, burst).ok_or(SimError::Rate { rate })?;
                Some(RateLimiter::dashmap_with_clock(quota, BucketClock::starting_now(clock)))
            }
        };
        Ok(Self { limits, buckets })
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Takes a token out of the operation's bucket; false where there is none.
    pub(crate) fn allows(&self, operation: &'static str) -> bool {
        self.buckets.as_ref().is_none_or(|buckets| buckets.check_key(&operation).is_ok())
    }
}

fn quota(rate: f64, burst: NonZeroU32) -> Option<Quota> {
    let period = (rate > 0.0).then(|| Duration::try_from_secs_f64(1.0 / rate).ok())??;
    Some(Quota::with_period(period)?.allow_burst(burst))
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn a_bucket_holds_a_burst_and_is_refilled_by_the_clock() {
        let clock = Arc::new(ManualClock::at(1_000));
        let limits = Limits::default();
        let limiter = Limiter::new(limits, clock.clone()).unwrap();
        let allowed = |count: usize| (0..count).filter(|_| limiter.allows("CreateUser")).count();
        assert_eq!(allowed(10), 5);
        clock.pass(Duration::from_millis(1_000));
        assert_eq!(allowed(10), 2);
        assert!(limiter.allows("DescribeUser"), "each operation has its own bucket");
        clock.pass(Duration::from_secs(60));
        assert_eq!(allowed(10), 5);
    }

    #[test]
    fn rates_that_cannot_be_are_refused() {
        let burst = NonZeroU32::MIN;
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
            let limits = Limits::PerOperation { rate, burst };
            assert!(Limiter::new(limits, Arc::new(ManualClock::at(0))).is_err(), "{rate}");
        }
        assert!(
            Limiter::new(Limits::PerOperation { rate: 0.5, burst }, Arc::new(ManualClock::at(0))).is_ok()
        );
    }
}

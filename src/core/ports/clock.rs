//! The time, and waiting for it.

use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

/// The time, and waiting for it.
#[async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// Time since an arbitrary beginning that never goes backwards, for measuring and limiting.
    fn monotonic(&self) -> Duration;

    async fn sleep(&self, how_long: Duration);
}

/// How far the clock may be off before it counts as set: more than it drifts, and less than anybody could wait for.
pub const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(2);

/// Whether a line is of a time that has not come yet, so that a clock that was ahead wrote it: what it says was done is long past, or
/// was never due, and nothing waits until then.
pub fn is_ahead(line: Timestamp, now: Timestamp) -> bool {
    line.duration_since(now) > CLOCK_SLACK
}

/// Whether what lasts so long and ends at this moment is over. What would have begun later than now was made by a clock that was
/// ahead, and is over as well, instead of lasting until that clock is caught up with.
pub fn is_over(ends: Timestamp, lasts: SignedDuration, now: Timestamp) -> bool {
    now >= ends || ends.duration_since(now) > lasts + CLOCK_SLACK
}

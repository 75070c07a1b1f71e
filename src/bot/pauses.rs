//! Pauses between tries: they grow with jitter until the patience ends.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use desk_core::ports::Clock;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// Where the jitter comes from. Clones draw from the same numbers.
#[derive(Clone)]
pub(crate) struct Jitter(Arc<Mutex<StdRng>>);

impl Jitter {
    /// The same numbers in every run, for transcripts, where there is a seed.
    pub(crate) fn new(seed: Option<u64>) -> Jitter {
        let numbers = match seed {
            Some(seed) => StdRng::seed_from_u64(seed),
            None => rand::make_rng(),
        };
        Jitter(Arc::new(Mutex::new(numbers)))
    }

    fn draw(&self) -> f64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).random_range(0.5..=1.0)
    }
}

/// The pauses of one piece of work.
pub(crate) struct Pauses {
    pub(crate) clock: Arc<dyn Clock>,
    /// On [`Clock::monotonic`].
    pub(crate) until: Duration,
    /// Each pause is up to twice as long as the one before.
    pub(crate) next: Duration,
    pub(crate) longest: Duration,
    pub(crate) jitter: Jitter,
}

impl Pauses {
    /// Waits; `false` when the patience has ended.
    pub(crate) async fn pause(&mut self) -> bool {
        let now = self.clock.monotonic();
        if now >= self.until {
            return false;
        }
        self.clock.sleep(self.next.mul_f64(self.jitter.draw()).min(self.until - now)).await;
        self.next = (self.next * 2).min(self.longest);
        true
    }
}

//! Whether what is found done was so before.

use std::sync::atomic::{AtomicBool, Ordering};

use desk_core::plan::Attempt;
use desk_core::plan::effect::facts;

use crate::systems::apply::{Facts, Fault, Tried};

/// Reads a member that an answer has to have, even where it may be null. One that is left out is an error, not "none".
pub(super) fn promised<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    T::deserialize(deserializer)
}

/// What was so before anything was done, and needs no undo.
pub(super) fn already() -> Facts {
    Facts::from([(facts::ALREADY.to_owned(), "true".to_owned())])
}

/// Whether what is found done was so before: not once a write of ours may have done it.
pub(super) struct Before(AtomicBool);

impl Before {
    pub(super) fn new(attempt: Attempt) -> Before {
        Before(AtomicBool::new(attempt != Attempt::Again))
    }

    /// What is worth noting of a change that is found done.
    pub(super) fn facts(&self) -> Facts {
        if self.0.load(Ordering::SeqCst) { already() } else { Facts::new() }
    }

    /// Takes note of what a write came to.
    pub(super) fn write(&self, tried: Tried) -> Tried {
        if matches!(tried, Err(Fault::Unknown(_))) {
            self.0.store(false, Ordering::SeqCst);
        }
        tried
    }
}

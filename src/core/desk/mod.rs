//! A request from top to bottom. `handle` writes down what came in; `advance` takes a request as far as it can go now.
//!
//! Waiting for a person is a state of the log, never a future that a crash would lose.

mod advance;
mod caller;
mod daily;
mod decide;
mod handle;
mod reveal;
pub mod saga;
mod understand;
mod watch;

pub use handle::{Desk, EMERGENCY, FormFields, Incoming, Invocation, Reply};
pub use reveal::{DeliveryOutcome, Receipt};
pub use watch::Watch;

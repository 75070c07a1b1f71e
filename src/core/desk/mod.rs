//! A request from top to bottom. `handle` writes down what came in; `advance` takes a request as far as it can go now.
//!
//! Waiting for a person is a state of the log, never a future that a crash would lose. A file uses those above it in this list.

pub mod saga;

mod removals;
mod watch;

mod state;

mod ask;
mod files;
mod time;
mod write;

mod advance;
mod caller;
mod daily;
mod enroll;
mod readdress;
mod reveal;
mod scheduled;

mod tick;

mod decide;
mod offer;

mod understand;

mod forms;
mod handle;

pub use ask::EMERGENCY;
pub use removals::RemovedUser;
pub use state::{DeliveryOutcome, Desk, FormFields, Incoming, Invocation, Receipt, Reply};
pub use tick::Tick;
pub use watch::Watch;

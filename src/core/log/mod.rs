//! The approval log as values: what a line says, and the hashes and checkpoints that make a change to it visible.
//!
//! Where lines are kept is the business of the adapter behind [`crate::log::RequestLog`].

mod by;
pub mod checkpoint;
mod event;
mod journal;
mod line;
pub mod merkle;
mod open;
mod seal;

pub use by::{By, for_others};
pub use event::{Counted, Event, Outcome, Verification};
pub use journal::{Append, AppendError, Lease, LogReader, Query, RequestLog};
pub use line::{Draft, Header, Line, VERSION};
pub use open::{Freeze, Lookup, NEWEST, OpenRequest, OpenRequests, Temporary, Who};
pub use seal::Seal;

//! The approval log as values: what a line says, and the hashes and checkpoints that make a change to it visible.
//!
//! Where lines are kept is the business of the adapter behind [`crate::log::RequestLog`].

pub mod checkpoint;
mod journal;
mod line;
pub mod merkle;
mod open;
mod seal;

pub use journal::{Append, AppendError, Lease, LogReader, Query, RequestLog};
pub use line::{By, Draft, Event, Header, Line, Outcome, VERSION, Verification};
pub use open::{Freeze, Lookup, NEWEST, OpenRequest, OpenRequests, Temporary, Who};
pub use seal::Seal;

//! A user of the contact center: the sides that change by one call each, what differs, and what their profiles allow.

pub mod ceiling;
pub mod changes;
mod facet;
pub mod patch;

pub use facet::UserField;
pub use patch::UserPatch;

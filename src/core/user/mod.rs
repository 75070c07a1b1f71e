//! A user of the contact center: the fields that one call sets, what differs, and what their profiles allow.

pub mod ceiling;
pub mod changes;
mod field;
pub mod patch;

pub use field::UserField;
pub use patch::UserPatch;

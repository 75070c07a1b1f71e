//! What is set for a user: the members of a profile, and the table of its fields.

mod fields;
mod lookup;
mod named;
mod options;
mod table;

pub use fields::*;
pub use named::{Channel, Named};
pub use options::{AddOptions, EditOptions, InsteadOptions};
pub use table::{Choice, Generation, Means, NONE, UserCall, Value, ValueKind, names};

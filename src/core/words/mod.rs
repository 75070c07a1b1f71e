//! What people type becomes a command and typed arguments; a wrong word is answered with the nearest right one.

mod args;
mod spec;
mod typed;

pub use args::{Args, Value};
pub use spec::{Arg, EMERGENCY, Kind, Need, Risk, Spec};
pub use typed::{Parsed, parse, split};

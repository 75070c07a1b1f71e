//! The embedded store behind a few words. It keeps what can be made again from the log, and sealed secrets.
//!
//! Anyone who uses it takes every error for damage: what can be made again is made again, in another engine.

mod kinds;
mod memory;
mod on_sled;
mod port;

pub(crate) use kinds::in_memory;
pub use kinds::{ENGINES, EngineKind};
pub(crate) use port::{Change, Engine, EngineError, Table};

//! The embedded store behind a few words. It keeps what can be made again from the log, and sealed secrets.
//!
//! After an error that says that it is damaged, what can be made again is made again in another engine. After any other it is left as
//! it is, because what is in it may be whole.

mod kinds;
mod memory;
mod on_sled;
mod port;

pub(crate) use kinds::in_memory;
pub use kinds::{ENGINES, EngineKind};
pub(crate) use port::{Change, Engine, EngineError, Table};

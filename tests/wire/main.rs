//! The adapters at the wire: the real AWS SDK against the practice contact center, with faults.

#[path = "../support/mod.rs"]
mod support;

mod connect;

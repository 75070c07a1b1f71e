//! The adapters at the wire: the real AWS SDK against the practice contact center, with faults.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test ends where something is not as it says"
)]

#[path = "../support/mod.rs"]
mod support;

/// Stories are told at the console alone; the target `discord` tells them there as well.
const ON_DISCORD: bool = false;

mod answers;
mod connect;
mod directory;
#[path = "salesforce/main.rs"]
mod salesforce;

//! What holds for every command, tested over the examples of their specs: a new command is tested before its author
//! writes a story.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test ends where something is not as it says"
)]

#[macro_use]
#[path = "../support/table.rs"]
mod table;

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/memory.rs"]
mod memory;

mod answers;
mod calls;
mod cases;
mod claims;
mod clicks;
mod clock;
mod crashes;
mod digests;
mod driver;
mod effects;
mod entitled;
mod explained;
mod held;
mod lifetime;
mod model;
mod planning;
mod prepared;
mod round_trip;
mod secrets;
mod shown;
mod town;
mod typed;
mod verdicts;
mod versions;
mod weigh;

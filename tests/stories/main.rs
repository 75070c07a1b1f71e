//! What people at the desk say and see, command by command.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test ends where something is not as it says"
)]

#[macro_use]
#[path = "../support/table.rs"]
mod table;

#[macro_use]
#[path = "../support/plays.rs"]
mod plays;

#[path = "../support/mod.rs"]
mod support;

#[path = "all.rs"]
mod all;
mod house;
mod pages;
mod rooms;
mod typed;
mod words;

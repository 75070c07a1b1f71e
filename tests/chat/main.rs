//! The desk on Discord: every story of the console with slash commands, buttons and forms, and what only a chat has.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test ends where something is not as it says"
)]

#[path = "../support/mod.rs"]
mod support;

/// Each story is told at the console and on Discord at once, and people have to see the same.
const ON_DISCORD: bool = true;

mod pictures;

#[path = "../stories/all.rs"]
mod all;

mod answers;
mod buttons;
mod calls;
mod cards;
mod codes;
mod digest;
mod endpoint;
mod faults;
mod files;
#[cfg(target_os = "linux")]
mod floods;
mod forms;
mod health;
mod line;
mod mutated;
mod process;
mod scene;
mod several;
mod starts;
mod suggestions;
mod wrong;

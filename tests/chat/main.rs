//! The desk on Discord: what only a chat has. What is the same everywhere is in the target `stories`, told on Discord as well.

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

mod operate;
mod pictures;

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
mod lists;
mod manners;
mod mutated;
mod parts;
mod process;
mod scene;
mod several;
mod starts;
mod suggestions;
mod wrong;

//! The rules, formats and words of the core, each by itself: what callers of a room rely on.

#![allow(
    clippy::unwrap_used,
    reason = "what tests share is test code too, which the lint sees in test functions only"
)]

#[macro_use]
#[path = "../support/table.rs"]
mod table;

#[path = "../support/events.rs"]
mod events;

mod basics;
mod center;
mod email;
mod formats;
mod log;
mod plan;
mod policy;
mod policy_tools;
mod ports;
mod request;
mod user;
mod view;
mod words;

//! What the fake Discord promises: the real serenity works with it, and it refuses what Discord refuses.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what tests share is test code too, which the lint sees in test functions only"
)]

mod bot;
mod refusals;
mod support;
mod trouble;

//! What the practice contact center promises, said in requests and answers.

#![allow(
    clippy::unwrap_used,
    reason = "what tests share is test code too, which the lint sees in test functions only"
)]

mod control;
mod directory;
mod durability;
mod http;
mod lag;
mod lists;
mod live;
mod quick_connects;
mod requests;
mod search;
mod seeds;
mod support;
mod tags;
mod updates;
mod users;

//! What the fake Discord promises: it refuses what Discord refuses, and its trouble is as ordered. That the real serenity
//! works with it is what `tests/chat` shows with the whole desk.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what tests share is test code too, which the lint sees in test functions only"
)]

/// A table of `what is sent => what comes of it;`, one row a line. The first cell is JSON in braces, or an expression.
macro_rules! rows {
    (@ [$($done:tt)*]) => { [$($done)*] };
    (@ [$($done:tt)*] { $($json:tt)* } => $wanted:expr; $($rest:tt)*) => {
        rows!(@ [$($done)* (serde_json::json!({ $($json)* }), $wanted),] $($rest)*)
    };
    (@ [$($done:tt)*] $cell:expr => $wanted:expr; $($rest:tt)*) => {
        rows!(@ [$($done)* ($cell, $wanted),] $($rest)*)
    };
    ($($rows:tt)*) => { rows!(@ [] $($rows)*) };
}

mod forms;
mod refusals;
mod support;
mod trouble;

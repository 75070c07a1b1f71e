//! The adapters at the wire: the real AWS SDK against the practice contact center, with faults.

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

mod answers;
mod connect;
mod directory;
mod lean;
mod parts;
#[path = "salesforce/main.rs"]
mod salesforce;
mod soon;

use desk_core::card::{Card, Tone};
use serde_json::{Value, json};

/// Asks, and says every approval that is missing; the card at the end.
async fn goes_through(story: &mut support::Story, line: &str) -> Card {
    let card = story.card("admin", line).await;
    let no = card.request.unwrap_or_else(|| panic!("{line} is not accepted: {card:?}")).0;
    let card = story.card("admin", &format!("/desk confirm {no}")).await;
    match card.tone {
        Tone::Asks => story.card("supervisor", &format!("/desk approve {no}")).await,
        _ => card,
    }
}

/// The same for what has to end well.
async fn is_done(story: &mut support::Story, line: &str) {
    let card = goes_through(story, line).await;
    assert_eq!(card.tone, Tone::Good, "{line}: {card:?}");
}

/// Orders trouble for an operation of the contact center.
async fn order(story: &mut support::Story, operation: &str, mut fault: Value) {
    fault["operation"] = json!(operation);
    story.sim(&format!("POST /_sim/faults {fault}")).await;
}

async fn calls(story: &mut support::Story, operation: &str) -> u64 {
    story.sim("GET /_sim/calls").await["operations"][operation]["calls"].as_u64().unwrap_or(0)
}

//! The answers to one interaction: the first within three seconds, later ones for fifteen minutes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::draw::Sheet;
use super::rest::{Refusal, Refused, Rest};

/// How often a later answer is tried while Discord has not yet taken in the first one, which went the other way.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

/// Where the answers go.
pub(super) struct Reply {
    rest: Rest,
    id: u64,
    token: String,
    /// Takes the first answer where Discord asked over HTTP and waits for it; otherwise it is a call of its own.
    inline: Mutex<Option<oneshot::Sender<Value>>>,
    came_by_http: bool,
}

/// The kinds of first answers.
pub(super) enum First {
    /// "… is thinking", seen by one person.
    Think,
    /// Nothing is shown; the message with the button stays as it is for now.
    Quiet,
    Suggestions(Vec<Value>),
    Form(Value),
    /// The whole answer.
    Say(Sheet),
}

impl Reply {
    pub(super) fn by_call(rest: Rest, id: u64, token: String) -> Reply {
        Reply { rest, id, token, inline: Mutex::new(None), came_by_http: false }
    }

    pub(super) fn inline(rest: Rest, id: u64, token: String, answer: oneshot::Sender<Value>) -> Reply {
        Reply { rest, id, token, inline: Mutex::new(Some(answer)), came_by_http: true }
    }

    /// The first answer. When it cannot be given the person sees that the desk did not respond; what they asked for is
    /// done or refused all the same.
    pub(super) async fn first(&self, first: First) {
        let response = match first {
            First::Think => json!({ "type": 5, "data": { "flags": 64 } }),
            First::Quiet => json!({ "type": 6 }),
            First::Suggestions(choices) => json!({ "type": 8, "data": { "choices": choices } }),
            First::Form(form) => form,
            First::Say(sheet) => json!({ "type": 4, "data": sheet.json }),
        };
        let inline = self.inline.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(answer) = inline {
            // Whoever asked has hung up when this fails; there is nobody to tell.
            let _ = answer.send(response);
            return;
        }
        if let Err(refusal) = self.rest.respond(self.id, &self.token, &response).await {
            tracing::warn!(interaction = self.id, "an interaction could not be acknowledged: {refusal}");
        }
    }

    /// Replaces "… is thinking".
    pub(super) async fn edit(&self, sheet: Sheet) {
        self.later(|| self.rest.edit_response(&self.token, &sheet)).await;
    }

    /// A private answer beside a card.
    pub(super) async fn follow_up(&self, sheet: Sheet) {
        self.later(|| self.rest.follow_up(&self.token, &sheet)).await;
    }

    async fn later<F: Future<Output = Result<(), Refusal>>>(&self, send: impl Fn() -> F) {
        let mut pauses = PAUSES.iter();
        loop {
            match send().await {
                Ok(()) => return,
                // The first answer went back on Discord's own connection and may still be on its way.
                Err(refusal) if refusal.kind == Refused::Gone && self.came_by_http => match pauses.next() {
                    Some(pause) => self.rest.pause(*pause).await,
                    None => return self.lost(&refusal),
                },
                Err(refusal) => return self.lost(&refusal),
            }
        }
    }

    fn lost(&self, refusal: &Refusal) {
        tracing::warn!(interaction = self.id, "an answer could not be shown: {refusal}");
    }
}

//! The answers to one interaction: the first within three seconds, later ones for fifteen minutes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use desk_core::desk::DeliveryOutcome;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::draw::OutgoingMessage;
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
    stage: Mutex<Stage>,
}

/// How far the answers are.
#[derive(Clone, Copy)]
enum Stage {
    Nothing,
    Thinking,
    Quiet,
    Answered,
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
    Say(OutgoingMessage),
}

impl Reply {
    pub(super) fn by_call(rest: Rest, id: u64, token: String) -> Reply {
        Reply {
            rest,
            id,
            token,
            inline: Mutex::new(None),
            came_by_http: false,
            stage: Mutex::new(Stage::Nothing),
        }
    }

    pub(super) fn inline(rest: Rest, id: u64, token: String, answer: oneshot::Sender<Value>) -> Reply {
        Reply {
            rest,
            id,
            token,
            inline: Mutex::new(Some(answer)),
            came_by_http: true,
            stage: Mutex::new(Stage::Nothing),
        }
    }

    /// The first answer; whether it was given. When it cannot be the person sees that the desk did not respond, and what
    /// they asked for is done or refused all the same.
    pub(super) async fn first(&self, first: First) -> DeliveryOutcome {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = match &first {
            First::Think => Stage::Thinking,
            First::Quiet => Stage::Quiet,
            First::Suggestions(_) | First::Form(_) | First::Say(_) => Stage::Answered,
        };
        let response = match first {
            First::Think => json!({ "type": 5, "data": { "flags": 64 } }),
            First::Quiet => json!({ "type": 6 }),
            First::Suggestions(choices) => json!({ "type": 8, "data": { "choices": choices } }),
            First::Form(form) => form,
            First::Say(sheet) => json!({ "type": 4, "data": sheet.json }),
        };
        let inline = self.inline.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(answer) = inline {
            // Discord has hung up when this fails; there is no one to tell.
            return match answer.send(response) {
                Ok(()) => DeliveryOutcome::Unknown,
                Err(_) => DeliveryOutcome::NotDelivered,
            };
        }
        match self.rest.respond(self.id, &self.token, &response).await {
            Ok(()) => DeliveryOutcome::Delivered,
            Err(refusal) => {
                tracing::warn!(interaction = self.id, "an interaction could not be acknowledged: {refusal}");
                outcome(refusal.in_doubt)
            }
        }
    }

    /// A last answer, however far the others came.
    pub(super) async fn whatever(&self, sheet: OutgoingMessage) {
        let stage = *self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        match stage {
            Stage::Nothing => drop(self.first(First::Say(sheet)).await),
            Stage::Thinking => drop(self.edit(sheet).await),
            Stage::Quiet => drop(self.follow_up(sheet).await),
            Stage::Answered => {}
        }
    }

    /// Replaces "… is thinking", or the message whose button was pressed.
    pub(super) async fn edit(&self, sheet: OutgoingMessage) -> Result<(), Refusal> {
        self.later(|| self.rest.edit_response(&self.token, &sheet)).await
    }

    /// A private answer beside a card.
    pub(super) async fn follow_up(&self, sheet: OutgoingMessage) -> Result<(), Refusal> {
        self.later(|| self.rest.follow_up(&self.token, &sheet)).await
    }

    async fn later<F: Future<Output = Result<(), Refusal>>>(
        &self,
        send: impl Fn() -> F,
    ) -> Result<(), Refusal> {
        let mut pauses = PAUSES.iter();
        let mut in_doubt = false;
        loop {
            let Err(refusal) = send().await else { return Ok(()) };
            in_doubt |= refusal.in_doubt;
            // The first answer went back on Discord's own connection and may still be on its way.
            if refusal.kind == Refused::Gone
                && self.came_by_http
                && let Some(pause) = pauses.next()
            {
                self.rest.pause(*pause).await;
                continue;
            }
            tracing::warn!(interaction = self.id, in_doubt, "an answer could not be shown: {refusal}");
            return Err(Refusal { in_doubt, ..refusal });
        }
    }
}

/// What became of a later answer.
pub(super) fn delivery(sent: &Result<(), Refusal>) -> DeliveryOutcome {
    sent.as_ref().map_or_else(|refusal| outcome(refusal.in_doubt), |()| DeliveryOutcome::Delivered)
}

/// What became of a message that Discord did not say it took.
fn outcome(in_doubt: bool) -> DeliveryOutcome {
    if in_doubt { DeliveryOutcome::Unknown } else { DeliveryOutcome::NotDelivered }
}

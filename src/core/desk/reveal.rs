//! A temporary password on its way to one person's screen: it stays sealed until it is known that it arrived.

use super::state::{DeliveryOutcome, Desk, Receipt, Reply};
use crate::basics::problem::Problem;
use crate::basics::span::clock;
use crate::basics::text::code;
use crate::card::{Block, Card, Tone};
use crate::log::Event;
use crate::plan::Plan;
use crate::request::{Request, Seen};

impl Desk {
    /// Shows the password that the line `unsealed` says is unsealed.
    pub(super) async fn reveal(&self, request: &Request, unsealed: u64) -> Result<Reply, Problem> {
        let receipt = Receipt { no: request.no, unsealed };
        let found = match self.vault.unseal(request.no).await {
            Ok(Some(secret)) => Ok(secret),
            Ok(None) => Err(Problem::requester(
                "secret_gone",
                "The temporary password is gone: it has expired, or was lost with the database.",
            )
            .hint("Request another reset.")),
            Err(problem) => Err(problem),
        };
        let secret = match found {
            Ok(secret) => secret,
            Err(problem) => {
                self.delivered(receipt, DeliveryOutcome::NotDelivered).await?;
                return Err(problem);
            }
        };
        let login = request.plan().map(Plan::logins).unwrap_or_default().join(", ");
        let card = Card::new(Tone::Good, format!("Temporary password for {}", code(&login)))
            .block(Block::Secret { label: login, value: secret })
            .text("It is shown only once. Tell it to the user by phone or in person. They must change it when they first sign in.")
            .private();
        Ok(Reply { card: Card { request: Some(request.no), ..card }, request: None, receipt: Some(receipt) })
    }

    /// Writes down what became of an answer that is shown once. What was delivered is destroyed then.
    ///
    /// An answer of which this is never said may have been seen.
    pub async fn delivered(&self, receipt: Receipt, outcome: DeliveryOutcome) -> Result<(), Problem> {
        let Receipt { no, unsealed } = receipt;
        let event = match outcome {
            DeliveryOutcome::Delivered => Event::Revealed { unsealed },
            DeliveryOutcome::NotDelivered => Event::NotRevealed { unsealed, unknown: false },
            DeliveryOutcome::Unknown => Event::NotRevealed { unsealed, unknown: true },
        };
        self.note(no, vec![event], |request| {
            !request.unsealed.get(&unsealed).is_some_and(|one| one.under_way)
        })
        .await?;
        if outcome == DeliveryOutcome::Delivered {
            self.vault.destroy(no).await?;
        }
        self.saga.watcher.changed(no);
        Ok(())
    }

    /// What is said to the person to whom an answer that is shown once did not come.
    pub async fn undelivered(&self, receipt: &Receipt) -> Card {
        let no = receipt.no;
        let now = self.saga.clock.now();
        let again = match self.request(no).await.map(|request| request.seen(now)) {
            Ok(Seen::Maybe { until, .. }) => format!(" before {}", clock(until, now)),
            _ => String::new(),
        };
        Card::problem(
            &Problem::operator("not_delivered", "The chat platform didn't show your answer.")
                .hint(format!("Type `/desk reveal {}`{again} to see it.", no.0)),
        )
    }

    /// Destroys what has expired, and the temporary passwords that were shown, or that may have been and can't be shown again.
    pub async fn destroy_over(&self) -> Result<(), Problem> {
        for no in self.vault.destroy_expired().await? {
            self.saga.watcher.changed(no);
        }
        for (no, _) in self.vault.passwords().await? {
            let gone = match self.load(no).await {
                Ok(request) => matches!(request.seen(self.saga.clock.now()), Seen::Gone { .. }),
                // A request that can't be read costs no other one.
                Err(_) => false,
            };
            if gone {
                self.vault.destroy(no).await?;
                self.saga.watcher.changed(no);
            }
        }
        Ok(())
    }
}

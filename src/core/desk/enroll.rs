//! An authenticator for someone who decides.

use super::state::{Desk, Incoming};
use crate::basics::problem::Problem;
use crate::basics::secret::Secret;
use crate::card::{Block, Card, Tone};
use crate::log::{Append, Event};
use crate::ports::Enrolled;

impl Desk {
    /// Gives someone an authenticator: first what to scan, then the proof that it was.
    pub(super) async fn enroll(&self, heard: &Incoming, code: Option<Secret>) -> Result<Card, Problem> {
        if let Some(problem) = self.saga.log.unsound() {
            return Err(problem);
        }
        let (by, account) = (&heard.by, &heard.by.id);
        if self.factors.is_enrolled(&by.accounts()).await? {
            return Err(Problem::requester("enrolled_already", "You already have an authenticator here.")
                .hint(format!(
                    "If it is lost, request `/desk recover account:{account}`. Two admins have to approve."
                )));
        }
        let Some(code) = code else {
            let value = self.factors.begin(account).await?;
            let key = key_in(&value);
            return Ok(Card::new(Tone::Asks, "Scan this with your authenticator")
                .block(Block::Scan { label: account.to_string(), value })
                .block(Block::Secret { label: "On this phone? Type this key into your authenticator".to_owned(), value: key })
                .text("Then type `/desk enroll code:…` with the six digits it shows. This QR code is secret: don't share it.")
                .private());
        };
        let first_use = self.factors.finish(account, &code).await? == Enrolled::FirstUse;
        let event = Event::Enrolled { first_use };
        self.append(Append::Desk, vec![self.draft(Some(by), Vec::new(), event)]).await?;
        let mut card = Card::new(Tone::Good, "Your authenticator works")
            .text("From now on, the desk asks for its code when the policy requires one.");
        if first_use {
            card = card.text("No admin approved this, which is noted in the log.");
        }
        Ok(card.private())
    }
}

/// The key of an `otpauth:` address in groups of four, for anyone who can't scan their own screen.
fn key_in(address: &Secret) -> Secret {
    let secret = address.show().split(['?', '&']).find_map(|part| part.strip_prefix("secret="));
    let letters: Vec<char> = secret.unwrap_or_default().chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Secret::new(groups.join(" "))
}

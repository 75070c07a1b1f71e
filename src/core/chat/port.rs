//! The port that a chat platform implements.

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::basics::ids::{PersonId, Platform, RequestNo};
use crate::basics::roles::Role;
use crate::card::Card;

/// What a message looks like, as a SHA-256.
pub type Drawing = [u8; 32];

/// Where the desk is on a platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channels {
    /// Where people ask.
    pub asking: Vec<String>,
    /// Where cards that wait for an approval appear as well.
    pub approvals: Option<String>,
}

impl Channels {
    /// Where the desk says something of its own accord.
    pub fn main(&self) -> Option<&str> {
        self.approvals.iter().chain(&self.asking).next().map(String::as_str)
    }
}

/// A message for everyone in a channel. `notify` are the roles whose holders the platform notifies by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Card {
        card: Box<Card>,
        /// The plan on the card, by the first characters of its digest; a button approves it and no other.
        plan: Option<String>,
        notify: BTreeSet<Role>,
    },
    /// The digest of the day. Its buttons open the requests whose cards are elsewhere.
    Digest { card: Box<Card>, notify: BTreeSet<Role> },
    Text {
        text: String,
        notify: BTreeSet<Role>,
        /// Accounts on the platform, notified as well.
        people: BTreeSet<PersonId>,
    },
    /// What an old card becomes when another message is the card: where that is, and no buttons.
    Moved { no: RequestNo, link: String },
}

/// A message as the platform has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    pub id: String,
    /// Whether it is the one that was sent now: an earlier try with the same nonce may have left an older one.
    pub is_current: bool,
    /// Whether it has notified those whom the one that was sent now is to notify.
    pub notified: bool,
}

/// The platform did not take a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// It is out of order or throttled, so it may work later as it is.
    pub later: bool,
    /// Its words, for the operator.
    pub message: String,
}

/// What an edit came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited {
    Yes,
    /// The message is gone.
    Gone,
    /// Its channel is gone.
    Nowhere,
    /// The desk may not edit it.
    Locked(NotTaken),
    /// The platform is out of order, or took the text and not a file.
    Later(NotTaken),
}

/// A chat platform, as far as messages that everyone reads go. Private answers and forms are a matter of its own interactions.
#[async_trait]
pub trait ChatPlatform: Send + Sync {
    fn platform(&self) -> Platform;

    fn channels(&self) -> &Channels;

    /// What people would see of a message, for telling whether it differs from another one.
    fn drawing(&self, message: &Message) -> Drawing;

    /// Posts a message. Sent twice with the same `nonce` (22 characters) within minutes it should be one message, the first.
    async fn post(&self, channel: &str, message: &Message, nonce: &str) -> Result<Posted, NotTaken>;

    async fn edit(&self, channel: &str, id: &str, message: &Message) -> Edited;

    /// Whether the platform knows anyone of these roles whom a message could notify.
    fn notifies(&self, roles: &BTreeSet<Role>) -> bool;

    /// The address of a message, for people.
    fn link(&self, channel: &str, id: &str) -> String;
}

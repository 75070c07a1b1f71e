//! The messages of channels: drawn, posted and edited as Discord has them. What they say and where they belong is decided in the core.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use desk_core::basics::ids::Platform;
use desk_core::basics::roles::Role;
use desk_core::card::Card;
use desk_core::chat::{Channels, ChatPlatform, Drawing, Edited, Message, NotTaken, Posted};

use super::button::ButtonSigner;
use super::draw::{self, OutgoingMessage, RenderOptions};
use super::people::{NEEDED, callable};
use super::rest::{Refusal, Refused, Rest, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE};
use super::settings::Settings;

pub(super) struct Messages {
    pub rest: Rest,
    pub settings: Settings,
    pub signer: ButtonSigner,
    channels: Channels,
    /// The roles of the server that mean one of the desk's, by their ids.
    roles: BTreeMap<u64, Role>,
}

impl Messages {
    pub(super) fn new(rest: Rest, settings: Settings, signer: ButtonSigner) -> Messages {
        let channels = Channels {
            asking: settings.channels.iter().map(ToString::to_string).collect(),
            approvals: settings.approvals_channel.map(|id| id.to_string()),
        };
        let roles = settings.roles.iter().map(|(id, role)| (id.get(), *role)).collect();
        Messages { rest, settings, signer, channels, roles }
    }

    /// A message as it is sent.
    pub(super) fn drawn(&self, message: &Message) -> OutgoingMessage {
        match message {
            Message::Card { card, plan, notify } => {
                let calls = callable(&self.settings, notify);
                let signer = Some(&self.signer);
                draw::message(
                    card,
                    RenderOptions {
                        signer,
                        plan: plan.as_deref(),
                        calls: &calls,
                        private: false,
                        ..self.options()
                    },
                )
            }
            Message::Digest { card, notify } => {
                let calls = callable(&self.settings, notify);
                let signer = Some(&self.signer);
                draw::message(card, RenderOptions { signer, calls: &calls, private: false, ..self.options() })
            }
            Message::Text { text, notify, people } => {
                let people: Vec<u64> = people.iter().filter_map(|person| person.id().parse().ok()).collect();
                draw::call(&callable(&self.settings, notify), &people, text)
            }
            Message::Moved { no, link } => draw::moved(*no, link),
        }
    }

    /// A card as an answer that only one person sees, with this page of its table.
    pub(super) fn private(&self, card: &Card, plan: Option<&str>, page: usize) -> OutgoingMessage {
        draw::message(card, RenderOptions { signer: Some(&self.signer), plan, page, ..self.options() })
    }

    fn options(&self) -> RenderOptions<'_> {
        RenderOptions { roles: &self.roles, ..RenderOptions::BARE }
    }
}

#[async_trait]
impl ChatPlatform for Messages {
    fn platform(&self) -> Platform {
        Platform::Discord
    }

    fn channels(&self) -> &Channels {
        &self.channels
    }

    fn drawing(&self, message: &Message) -> Drawing {
        self.drawn(message).drawing().0
    }

    async fn post(&self, channel: &str, message: &Message, nonce: &str) -> Result<Posted, NotTaken> {
        let sheet = self.drawn(message);
        let posted = self.rest.post(number(channel), &sheet, nonce).await.map_err(not_taken)?;
        let (is_current, notified) = (posted.shows(&sheet), posted.has_content_of(&sheet));
        Ok(Posted { id: posted.id.to_string(), is_current, notified })
    }

    async fn edit(&self, channel: &str, id: &str, message: &Message) -> Edited {
        match self.rest.edit(number(channel), number(id), &self.drawn(message)).await {
            Ok(None) => Edited::Yes,
            Ok(Some(refusal)) => Edited::Later(not_taken(refusal)),
            Err(refusal) if refusal.code == UNKNOWN_CHANNEL => Edited::Nowhere,
            Err(refusal) if refusal.code == UNKNOWN_MESSAGE => Edited::Gone,
            Err(refusal) if refusal.kind == Refused::Later => Edited::Later(not_taken(refusal)),
            Err(refusal) => Edited::Locked(not_taken(refusal)),
        }
    }

    fn notifies(&self, roles: &BTreeSet<Role>) -> bool {
        !callable(&self.settings, roles).is_empty()
    }

    fn link(&self, channel: &str, id: &str) -> String {
        format!("https://discord.com/channels/{}/{channel}/{id}", self.settings.guild)
    }
}

fn not_taken(refusal: Refusal) -> NotTaken {
    let rights = match refusal.kind {
        Refused::Permission => {
            format!(". Give the bot {} in this channel", NEEDED.map(|(name, _)| name).join(", "))
        }
        _ => String::new(),
    };
    NotTaken { later: refusal.kind == Refused::Later, message: format!("{refusal}{rights}") }
}

/// An id of Discord's; no channel or message is called 1.
fn number(id: &str) -> u64 {
    id.parse().ok().filter(|id| *id > 0).unwrap_or(1)
}

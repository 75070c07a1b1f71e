//! What the sections of the chat platforms say together: nothing may be said of one account or one channel twice.

use std::collections::{BTreeMap, BTreeSet};

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::Role;
use desk_core::basics::text::code;
use toml::Spanned;

use super::checks::Checks;
use super::discord::Discord;

/// The sections of the chat platforms. It is taken apart by its members where all of them are meant, so that the compiler names a new one.
#[derive(Clone, Debug, Default)]
pub struct ChatSections {
    /// The Discord server that the desk joins, when it joins one.
    pub discord: Option<Discord>,
}

/// What every section of a chat platform has.
pub struct ChatSection {
    pub platform: Platform,
    /// What the platform's roles are at the desk, by their ids there.
    pub roles: BTreeMap<String, Role>,
    /// The channels in which the desk listens.
    pub channels: Vec<String>,
    /// Where cards that wait for an approval appear as well.
    pub approvals_channel: Option<String>,
}

impl ChatSections {
    pub fn all(&self) -> Vec<ChatSection> {
        let ChatSections { discord } = self;
        discord.iter().map(Discord::section).collect()
    }

    pub fn of(&self, platform: Platform) -> Option<ChatSection> {
        self.all().into_iter().find(|section| section.platform == platform)
    }

    /// What the roles of all platforms are at the desk, by the platform and their ids there.
    pub fn roles(&self) -> BTreeMap<String, Role> {
        let sections = self.all().into_iter();
        let named = |section: ChatSection| {
            let roles = section.roles.into_iter();
            roles.map(move |(id, role)| (format!("{}:{id}", section.platform.word()), role))
        };
        sections.flat_map(named).collect()
    }
}

impl Discord {
    fn section(&self) -> ChatSection {
        ChatSection {
            platform: Platform::Discord,
            roles: self.roles.iter().map(|(id, role)| (id.to_string(), *role)).collect(),
            channels: self.channels.iter().map(ToString::to_string).collect(),
            approvals_channel: self.approvals_channel.as_ref().map(ToString::to_string),
        }
    }
}

impl Checks<'_> {
    /// A person has one account on each platform: with a second one they could approve what they asked for with the first.
    pub(super) fn one_account_each(&mut self, name: &str, id: &PersonId, also: &[Spanned<String>]) {
        let mut known = vec![id.clone()];
        for account in also {
            let Ok(other) = account.get_ref().parse::<PersonId>() else { continue };
            match known.iter().find(|known| known.platform() == other.platform()) {
                // The same account twice is said elsewhere.
                Some(first) if *first != other => {
                    let message = format!(
                        "{} has two {} accounts: {} and {}. Keep one for each platform.",
                        code(name),
                        other.platform().word(),
                        code(&first.to_string()),
                        code(account.get_ref())
                    );
                    self.wrong(account.span(), message);
                }
                Some(_) => {}
                None => known.push(other),
            }
        }
    }

    /// A channel belongs to one platform, once.
    pub(super) fn each_channel_once(&mut self, channels: &[Spanned<String>]) {
        let mut known = BTreeSet::new();
        for channel in channels {
            if !known.insert(channel.get_ref().as_str()) {
                let message = format!("The channel {} is listed twice. Remove one.", code(channel.get_ref()));
                self.wrong(channel.span(), message);
            }
        }
    }
}

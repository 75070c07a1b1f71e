//! The sections for what is outside, one member each: chat platforms and systems. Of chat platforms together nothing may be said of one
//! account or one channel twice.

use std::collections::{BTreeMap, BTreeSet};

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::Role;
use desk_core::basics::text::code;
use toml::Spanned;

use super::checks::Checks;
use super::discord::Discord;
use super::salesforce::Salesforce;
use crate::mail;
use crate::section::{ChatSection, Section};

/// The sections of the systems that effects reach, but for the contact center's own.
#[derive(Clone, Debug)]
pub struct Systems {
    /// How emails are written and leave.
    pub email: mail::Settings,
    /// The Salesforce org in which agents work, where there is one.
    pub salesforce: Option<Salesforce>,
}

impl Systems {
    pub(crate) fn all(&self) -> Vec<&dyn Section> {
        // By its members, so that the compiler names a new one.
        let Systems { email, salesforce } = self;
        let salesforce = salesforce.as_ref().map(|section| -> &dyn Section { section });
        [Some(email as &dyn Section), salesforce].into_iter().flatten().collect()
    }
}

/// The sections of the chat platforms.
#[derive(Clone, Debug, Default)]
pub struct ChatSections {
    /// The Discord server that the desk joins, when it joins one.
    pub discord: Option<Discord>,
}

impl ChatSections {
    pub(crate) fn all(&self) -> Vec<&dyn ChatSection> {
        // By its members, so that the compiler names a new one.
        let ChatSections { discord } = self;
        let discord = discord.as_ref().map(|section| -> &dyn ChatSection { section });
        [discord].into_iter().flatten().collect()
    }

    pub(crate) fn of(&self, platform: Platform) -> Option<&dyn ChatSection> {
        self.all().into_iter().find(|section| section.platform() == platform)
    }

    /// What the roles of all platforms are at the desk, by the platform and their ids there.
    pub fn roles(&self) -> BTreeMap<String, Role> {
        let sections = self.all().into_iter();
        let named = |section: &dyn ChatSection| {
            let (roles, word) = (section.roles().into_iter(), section.platform().word());
            roles.map(move |(id, role)| (format!("{word}:{id}"), role))
        };
        sections.flat_map(named).collect()
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

//! The chat platforms, a folder each, by their sections of the configuration.

use std::collections::BTreeMap;

use desk_core::basics::ids::Platform;
use desk_core::basics::roles::Role;

use crate::config::checks::Checks;
use crate::config::sections::Sections;
use crate::discord;
use crate::secrets::Variable;
use crate::section::ChatSection;

/// The secrets of each.
pub(crate) const VARIABLES: &[&[Variable]] = &[discord::settings::VARIABLES];

/// The sections of the chat platforms.
#[derive(Clone, Debug, Default)]
pub struct ChatSections {
    /// The Discord server that the desk joins, when it joins one.
    pub discord: Option<discord::settings::Settings>,
}

impl ChatSections {
    pub(crate) fn read(sections: &mut Sections<'_>, checks: &mut Checks<'_>) -> ChatSections {
        ChatSections { discord: discord::settings::Settings::read(sections, checks) }
    }

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

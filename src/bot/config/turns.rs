//! How often people may ask, as the configuration says it.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::Range;

use desk_core::basics::text::{self, code};
use serde::Deserialize;
use toml::Spanned;

use super::checks::Checks;
use crate::rate_limits::PerMinute;

/// More than a person could mean.
const MOST: u32 = 10_000;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PeopleFile {
    per_minute: Option<Spanned<u32>>,
    decisions: Option<Spanned<u32>>,
    commands: BTreeMap<Spanned<String>, Spanned<u32>>,
}

impl Checks<'_> {
    pub(super) fn turns(&mut self, section: PeopleFile) -> PerMinute {
        let usual = PerMinute::default();
        let commands = section.per_minute.map_or(usual.commands, |n| self.times(n.span(), *n.get_ref()));
        let decisions = section.decisions.map_or(usual.decisions, |n| self.times(n.span(), *n.get_ref()));
        let mut of = BTreeMap::new();
        for (name, times) in section.commands {
            let path = name.get_ref().trim_start_matches('/').to_owned();
            if !self.commands.iter().any(|entry| entry.path == path) {
                let near = text::nearest(&path, self.commands.iter().map(|entry| entry.path));
                let hint = text::did_you_mean(&near)
                    .unwrap_or_else(|| "Write the command's name, such as \"connect reset\".".to_owned());
                self.wrong(name.span(), format!("There is no command {}. {hint}", code(&path)));
            }
            of.insert(path, self.times(times.span(), *times.get_ref()));
        }
        PerMinute { commands, decisions, of }
    }

    fn times(&mut self, span: Range<usize>, times: u32) -> NonZeroU32 {
        NonZeroU32::new(times).filter(|times| times.get() <= MOST).unwrap_or_else(|| {
            let message = format!("{times} a minute is not allowed. Use a number from 1 to {MOST}.");
            self.wrong(span, message);
            NonZeroU32::MIN
        })
    }
}

//! What the sections of the chat platforms say together: nothing may be said of one account or one channel twice.

use std::collections::BTreeSet;

use desk_core::basics::ids::PersonId;
use desk_core::basics::text::code;
use toml::Spanned;

use super::checks::Checks;

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

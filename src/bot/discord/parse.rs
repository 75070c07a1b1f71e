//! What a configuration file says about Discord, checked: `[discord]` and `[discord.roles]`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::ops::Range;

use desk_core::basics::roles::Role;
use desk_core::basics::text::{code, unhex};
use serde::Deserialize;
use toml::Spanned;

use super::settings::{Settings, Transport};
use crate::config::checks::{Checks, SecretFile, is_loopback};
use crate::config::sections::Sections;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DiscordFile {
    application: Spanned<String>,
    guild: Spanned<String>,
    token_file: Option<SecretFile>,
    #[serde(default)]
    channels: Vec<Spanned<String>>,
    approvals_channel: Option<Spanned<String>>,
    #[serde(default)]
    roles: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    #[serde(default)]
    mode: Mode,
    listen: Option<Spanned<String>>,
    public_key: Option<Spanned<String>>,
    api: Option<Spanned<String>>,
    gateway: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Gateway,
    Http,
}

impl Settings {
    /// The site's, where it has one.
    pub(crate) fn read(sections: &mut Sections<'_>, checks: &mut Checks<'_>) -> Option<Settings> {
        sections.take("discord").map(|section| checks.discord(section))
    }
}

impl Checks<'_> {
    fn discord(&mut self, section: Spanned<DiscordFile>) -> Settings {
        let span = section.span();
        let section = section.into_inner();
        let application = self.snowflake("an application", &section.application);
        let guild = self.snowflake("a server (guild)", &section.guild);
        self.each_channel_once(&section.channels);
        let channels: BTreeSet<NonZeroU64> =
            section.channels.iter().map(|channel| self.snowflake("a channel", channel)).collect();
        if channels.is_empty() {
            self.wrong(
                span.clone(),
                "No channels are set. Add their ids to `channels`: right-click a channel in Discord and choose Copy Channel ID.",
            );
        }
        let approvals_channel = section.approvals_channel.as_ref().map(|id| self.snowflake("a channel", id));
        let mut roles = BTreeMap::new();
        for (role, ids) in &section.roles {
            let role = match role.get_ref().parse::<Role>() {
                Ok(known) => known,
                Err(message) => {
                    self.wrong(role.span(), message);
                    continue;
                }
            };
            for id in ids {
                let snowflake = self.snowflake("a role", id);
                if snowflake == guild {
                    let message = format!(
                        "{} is the server itself, as which Discord lists `@everyone`; no member has it as a role. Name another role.",
                        code(id.get_ref())
                    );
                    self.wrong(id.span(), message);
                }
                if let Some(other) = roles.insert(snowflake, role) {
                    let message = format!(
                        "The Discord role {} is mapped twice: to `{other}` and to `{role}`. Keep only one.",
                        code(id.get_ref())
                    );
                    self.wrong(id.span(), message);
                }
            }
        }
        if roles.is_empty() {
            self.wrong(
                span.clone(),
                "No Discord role is mapped, so no one on the server can request anything. Add [discord.roles].",
            );
        }
        let way_in = self.way_in(&section, span);
        let token_file = self.secret_file("token_file", section.token_file);
        let api = section.api.map(|address| self.loopback("http://", address));
        let gateway = section.gateway.map(|address| self.loopback("ws://", address));
        Settings { application, guild, token_file, channels, approvals_channel, roles, way_in, api, gateway }
    }

    fn way_in(&mut self, section: &DiscordFile, span: Range<usize>) -> Transport {
        // What belongs to the other mode may stay where it is: modes are tried out.
        if section.mode == Mode::Gateway {
            return Transport::Gateway;
        }
        let mut listen = SocketAddr::from(([127, 0, 0, 1], 0));
        match &section.listen {
            None => self.wrong(
                span.clone(),
                "`mode = \"http\"` needs `listen`, the address to open, such as \"127.0.0.1:8443\".",
            ),
            Some(text) => match text.get_ref().parse() {
                Ok(address) => listen = address,
                Err(_) => {
                    let message = format!(
                        "{} is not an address with a port. Use one such as \"127.0.0.1:8443\".",
                        code(text.get_ref())
                    );
                    self.wrong(text.span(), message);
                }
            },
        }
        let mut public_key = [0; 32];
        match &section.public_key {
            None => self.wrong(
                span,
                "`mode = \"http\"` needs `public_key`. Copy it from the developer portal, General Information.",
            ),
            Some(text) => match key_of(text.get_ref()) {
                Some(key) => public_key = key,
                None => {
                    let message = format!(
                        "{} is not a valid public key (64 hexadecimal digits). Copy it from the \
                         developer portal, General Information.",
                        code(text.get_ref())
                    );
                    self.wrong(text.span(), message);
                }
            },
        }
        Transport::Http { listen, public_key }
    }

    /// An id of Discord's; for a name it says where ids are found.
    fn snowflake(&mut self, what: &str, text: &Spanned<String>) -> NonZeroU64 {
        let digits = text.get_ref();
        let fits = (15..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        match digits.parse::<NonZeroU64>() {
            Ok(id) if fits => id,
            _ => {
                let message = format!(
                    "{} is not the id of {what}. Ids are numbers such as \"80351110224678912\", not names. In Discord, turn on Developer Mode, right-click and choose Copy ID.",
                    code(digits)
                );
                self.wrong(text.span(), message);
                NonZeroU64::MIN
            }
        }
    }

    fn loopback(&mut self, scheme: &str, address: Spanned<String>) -> String {
        let text = address.get_ref();
        if !(text.starts_with(scheme) && is_loopback(text.trim_start_matches(scheme))) {
            let message = format!("{} is not on this machine. Remove it; only tests need it.", code(text));
            self.wrong(address.span(), message);
        }
        address.into_inner()
    }
}

/// A public key in hexadecimal, if it is one.
fn key_of(hex: &str) -> Option<[u8; 32]> {
    let key = unhex(hex)?;
    ed25519_dalek::VerifyingKey::from_bytes(&key).ok().map(|_| key)
}

//! Who is pinged by a message: what its text names, as far as `allowed_mentions` lets it.

use serde_json::Value;

use crate::refusal::Errors;
use crate::rules::{Form, number};
use crate::world::{Id, Place, World, permission};

/// Who was notified by a message when it appeared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pings {
    pub users: Vec<Id>,
    pub roles: Vec<Id>,
    pub everyone: bool,
}

impl Pings {
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.roles.is_empty() && !self.everyone
    }
}

/// What a message may ping.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    all_users: bool,
    all_roles: bool,
    everyone: bool,
    users: Vec<Id>,
    roles: Vec<Id>,
}

impl Allowed {
    /// A message of a channel that says nothing about mentions pings all that it names.
    pub fn in_channels() -> Self {
        Self { all_users: true, all_roles: true, everyone: true, users: Vec::new(), roles: Vec::new() }
    }

    /// An answer to an interaction that says nothing about mentions pings people only.
    pub fn in_answers() -> Self {
        Self { all_roles: false, everyone: false, ..Self::in_channels() }
    }

    pub fn read(value: &Value, place: &str, errors: &mut Errors) -> Self {
        let mut form = Form::new(value, place, errors);
        let mut allowed = Self {
            all_users: false,
            all_roles: false,
            everyone: false,
            users: Vec::new(),
            roles: Vec::new(),
        };
        for kind in form.list("parse", 0, 3).unwrap_or_default() {
            match kind.as_str() {
                Some("users") => allowed.all_users = true,
                Some("roles") => allowed.all_roles = true,
                Some("everyone") => allowed.everyone = true,
                _ => form.wrong(
                    "parse",
                    "BASE_TYPE_CHOICES",
                    "Value must be one of ('users', 'roles', 'everyone').",
                ),
            }
        }
        for (name, all) in [("users", allowed.all_users), ("roles", allowed.all_roles)] {
            let listed = form.list(name, 0, 100).unwrap_or_default();
            if all && !listed.is_empty() {
                form.wrong(
                    name,
                    "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                    format!("parse:[\"{name}\"] and {name}: [ids...] are mutually exclusive."),
                );
            }
            let ids: Option<Vec<Id>> = listed.iter().map(number).collect();
            let Some(ids) = ids else {
                form.wrong(name, "NUMBER_TYPE_COERCE", "Value is not snowflake.");
                continue;
            };
            if name == "users" {
                allowed.users = ids;
            } else {
                allowed.roles = ids;
            }
        }
        allowed
    }

    fn users(&self, id: Id) -> bool {
        self.all_users || self.users.contains(&id)
    }

    fn roles(&self, id: Id) -> bool {
        self.all_roles || self.roles.contains(&id)
    }
}

/// A mention in a text: `<@1>`, `<@!1>`, `<@&1>`, `<#1>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mention {
    User(Id),
    Role(Id),
    Channel(Id),
}

/// The mention at the beginning of a text, and what follows it.
pub(crate) fn mention_at(text: &str) -> Option<(Mention, &str)> {
    let (inside, after) = text.strip_prefix('<')?.split_once('>')?;
    let read = |digits: &str| digits.parse::<Id>().ok();
    let mention = if let Some(digits) = inside.strip_prefix("@&") {
        Mention::Role(read(digits)?)
    } else if let Some(digits) = inside.strip_prefix("@!").or_else(|| inside.strip_prefix('@')) {
        Mention::User(read(digits)?)
    } else {
        Mention::Channel(read(inside.strip_prefix('#')?)?)
    };
    Some((mention, after))
}

/// Every mention in a text. Code is left out, as Discord leaves it out.
pub(crate) fn mentions_in(text: &str) -> (Vec<Mention>, bool) {
    let (mut found, mut everyone, mut code) = (Vec::new(), false, false);
    for part in text.split('`') {
        if !code {
            let mut rest = part;
            while let Some(at) = rest.find('<') {
                let from = rest.split_at(at).1;
                match mention_at(from) {
                    Some((mention, after)) => {
                        found.push(mention);
                        rest = after;
                    }
                    None => rest = from.split_at(1).1,
                }
            }
            everyone |= part.contains("@everyone") || part.contains("@here");
        }
        code = !code;
    }
    (found, everyone)
}

impl World {
    pub(crate) fn pings(&self, channel: Id, content: &str, allowed: &Allowed) -> Pings {
        let (named, everyone) = mentions_in(content);
        let mut pings = Pings::default();
        let Some(channel) = self.channels.get(&channel) else { return pings };
        let guild = match channel.place {
            Place::Guild(guild) => self.guilds.get(&guild),
            Place::Dm(_) => None,
        };
        let all = channel.bot_permissions & permission::MENTION_EVERYONE != 0;
        for mention in named {
            match mention {
                Mention::User(id) => {
                    let may = allowed.users(id) && self.users.contains_key(&id);
                    if may && !pings.users.contains(&id) {
                        pings.users.push(id);
                    }
                }
                Mention::Role(id) if allowed.roles(id) => {
                    let role = guild.and_then(|guild| guild.roles.get(&id));
                    let may = role.is_some_and(|role| role.mentionable || all);
                    if may && !pings.roles.contains(&id) {
                        pings.roles.push(id);
                    }
                }
                _ => {}
            }
        }
        pings.everyone = everyone && allowed.everyone && all && guild.is_some();
        pings
    }
}

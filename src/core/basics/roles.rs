//! Who people are at the desk. Rights follow from roles; roles follow from the ids a site maps in its config.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::basics::ids::{PersonId, Platform};
use crate::basics::text;

/// What a person may be at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An agent of the contact center: own affairs and guides.
    Agent,
    /// First-level support: looks, creates, edits and removes users.
    L1,
    /// Approves, and also manages permissions, statuses, quick connects, queues and routing.
    Supervisor,
    /// May break the glass at night.
    Oncall,
    /// May do everything the ceiling allows.
    Admin,
    /// Reads the log and nothing else.
    Auditor,
}

impl Role {
    pub const ALL: [Role; 6] =
        [Role::Agent, Role::L1, Role::Supervisor, Role::Oncall, Role::Admin, Role::Auditor];

    /// The word for the role in configuration and in sentences.
    pub fn word(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::L1 => "l1",
            Role::Supervisor => "supervisor",
            Role::Oncall => "oncall",
            Role::Admin => "admin",
            Role::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(word: &str) -> Result<Role, String> {
        Role::ALL.into_iter().find(|role| role.word() == word).ok_or_else(|| {
            let near = text::nearest(word, Role::ALL.map(Role::word));
            let hint =
                text::did_you_mean(&near).unwrap_or_else(|| format!("The roles are {}.", words(&Role::ALL)));
            format!("{} is not a role. {hint}", text::code(word))
        })
    }
}

/// `supervisor or admin`.
pub fn words<'a>(roles: impl IntoIterator<Item = &'a Role>) -> String {
    let words: Vec<String> = roles.into_iter().map(|role| role.word().to_owned()).collect();
    text::list(&words, "or")
}

/// Someone as the platform shows them at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    /// For showing only; it never decides anything.
    pub name: String,
    pub roles: BTreeSet<Role>,
    /// Their own login in the contact center, when the site has said so.
    pub login: Option<String>,
    /// Their other accounts, on whichever platform, when the site has said so.
    pub also: BTreeSet<PersonId>,
}

/// The roles of someone and what they do, as that person is told: "Your role (auditor) doesn't allow".
pub fn yours(roles: &BTreeSet<Role>, one: &str, several: &str) -> String {
    let names = words(roles).replace(" or ", " and ");
    match roles.len() {
        1 => format!("Your role ({names}) {one}"),
        _ => format!("Your roles ({names}) {several}"),
    }
}

impl Person {
    /// Every account of theirs that the site knows.
    pub fn accounts(&self) -> Vec<PersonId> {
        let others = self.also.iter().filter(|other| **other != self.id).cloned();
        std::iter::once(self.id.clone()).chain(others).collect()
    }

    /// The same person at another of their accounts.
    pub fn at(&self, account: &PersonId) -> Option<Person> {
        if self.id == *account {
            return Some(self.clone());
        }
        self.also.contains(account).then(|| {
            let mut also = self.also.clone();
            also.insert(self.id.clone());
            Person { id: account.clone(), also, ..self.clone() }
        })
    }

    /// Whether this is their own login in the contact center, compared as people see it: who wrote the configuration may have
    /// written it otherwise than the contact center does, and no one should decide about themselves.
    pub fn is_user(&self, login: &str) -> bool {
        self.login.as_deref().is_some_and(|own| text::same_name(own, login))
    }

    /// Whether they are a supervisor or an admin, who answer for what others ask.
    pub fn leads(&self) -> bool {
        self.roles.contains(&Role::Supervisor) || self.roles.contains(&Role::Admin)
    }

    pub fn has_any(&self, roles: &BTreeSet<Role>) -> bool {
        !self.roles.is_disjoint(roles)
    }
}

/// Where something was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub platform: Platform,
    /// The channel's id on its platform.
    pub channel: String,
    /// A direct message: only one person reads it.
    #[serde(default)]
    pub private: bool,
    /// The channel that this is a thread or a post of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

impl Place {
    /// The channel that rules name: of a thread or a post, the one that it is in.
    pub fn home(&self) -> &str {
        self.parent.as_deref().unwrap_or(&self.channel)
    }
}

//! What a command is called, what it takes and how far it may go: the data everything people read is derived from.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a command can do, from nothing to what cannot be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Reads only.
    Look,
    /// Changes something that can be changed back.
    Change,
    /// Changes who may do what, or where a password reset goes: email, security profiles.
    Sensitive,
    /// Cannot be undone.
    Destructive,
}

impl Risk {
    pub const ALL: [Risk; 4] = [Risk::Look, Risk::Change, Risk::Sensitive, Risk::Destructive];

    pub fn word(self) -> &'static str {
        match self {
            Risk::Look => "look",
            Risk::Change => "change",
            Risk::Sensitive => "sensitive",
            Risk::Destructive => "destructive",
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A command as people meet it. Its path is where its file stands and is not repeated here.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// One line of at most 100 characters (Discord's limit for a description).
    pub about: &'static str,
    /// What else helps, in whole sentences; empty when `about` says it all.
    pub help: &'static str,
    /// The most this command can do; what one request does is in its plan.
    pub risk: Risk,
    /// In the order of their positions; required ones first.
    pub args: &'static [Arg],
    /// Lines people could type, each of which parses.
    pub examples: &'static [&'static str],
    /// The Amazon Connect operations it needs, for the IAM policy.
    pub operations: &'static [&'static str],
}

/// One argument of a command: typed by position or as `name:value`.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    pub name: &'static str,
    /// At most 100 characters.
    pub about: &'static str,
    pub kind: Kind,
    pub need: Need,
}

/// Whether an argument may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Required,
    Optional,
}

/// What an argument holds. Kinds that name something in the contact center are completed from its directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free text of at most this many characters.
    Text(u16),
    /// The login of one user.
    Login,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`; the bare name means `true`.
    Flag,
    /// A whole number between these two.
    Integer(i64, i64),
    /// The number of a request, with or without `#`.
    Request,
    /// The words of a command, such as `connect reset`.
    Command,
    /// An attached file; where it comes from, and once it is kept its name and SHA-256 as `users.csv#…`.
    File,
    RoutingProfile,
    SecurityProfile,
    /// A hierarchy group by name or path, such as `East/Team 1`.
    HierarchyGroup,
}

/// Asks for something at once, to be reviewed afterwards; the rules say of which commands that can be asked.
pub const EMERGENCY: Arg =
    Arg::optional("emergency", Kind::Flag, "On call only: at once, and reviewed afterwards");

impl Arg {
    pub const fn required(name: &'static str, kind: Kind, about: &'static str) -> Arg {
        Arg { name, about, kind, need: Need::Required }
    }

    pub const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Arg {
        Arg { name, about, kind, need: Need::Optional }
    }

    /// How the argument stands in a usage line: `<login>`, `[way:console|recreate]`, `[even_if_active]`.
    pub fn usage(&self) -> String {
        let inner = match self.kind {
            Kind::Choice(words) => format!("{}:{}", self.name, words.join("|")),
            Kind::Flag => self.name.to_owned(),
            _ if self.need == Need::Required => self.name.to_owned(),
            _ => format!("{}:…", self.name),
        };
        match self.need {
            Need::Required => format!("<{inner}>"),
            Need::Optional => format!("[{inner}]"),
        }
    }
}

impl Spec {
    /// The usage line of the command at `path`: `/connect reset <login> [way:…]`.
    pub fn usage(&self, path: &str) -> String {
        let mut line = format!("/{path}");
        for arg in self.args {
            line.push(' ');
            line.push_str(&arg.usage());
        }
        line
    }

    pub fn arg(&self, name: &str) -> Option<&'static Arg> {
        self.args.iter().find(|arg| arg.name == name)
    }
}

//! What a command is called, what it takes and how far it may go: the data everything people read is derived from.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::naming::{Naming, Offers, Thing};
use crate::basics::clean;
use crate::basics::text::{self, code};

/// How much a command can do, from nothing to what cannot be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Reads only.
    Read,
    /// Changes something that can be changed back.
    Change,
    /// Changes who may do what, or where a password reset goes: email, security profiles.
    Sensitive,
    /// Cannot be undone.
    Destructive,
}

impl Risk {
    pub const ALL: [Risk; 4] = [Risk::Read, Risk::Change, Risk::Sensitive, Risk::Destructive];

    /// What the plans of a command may be that can do at most this; of one that reads, its answer.
    pub fn of_plans(self) -> impl Iterator<Item = Risk> {
        let least = self.min(Risk::Change);
        Risk::ALL.into_iter().filter(move |risk| (least..=self).contains(risk))
    }

    pub fn word(self) -> &'static str {
        match self {
            Risk::Read => "read",
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

/// A command as people meet it. Its path is where its file is and is not repeated here.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// One line of at most 100 characters (Discord's limit for a description).
    pub about: &'static str,
    /// What else helps, in whole sentences; empty when `about` says it all.
    pub help: &'static str,
    /// The most this command can do; what one request does is in its plan.
    pub risk: Risk,
    /// Other words that people use for it, such as `delete` for `/connect remove`. They are answered with the right one.
    pub also: &'static [&'static str],
    /// In the order of their positions; required ones first.
    pub args: &'static [Arg],
    /// Lines people could type, each of which parses.
    pub examples: &'static [&'static str],
    /// The Amazon Connect operations it calls beside those that its effects need, for the IAM policy.
    pub operations: &'static [&'static str],
}

/// One argument of a command: typed as `name:value`, or by its position where it has one.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    pub name: &'static str,
    /// At most 100 characters.
    pub about: &'static str,
    pub kind: Kind,
    pub need: Need,
    /// It may be typed without its name, in the order in which such arguments are listed.
    pub placed: bool,
    /// What it names, where that can be completed.
    pub names: Option<Naming>,
    /// What people call it too, in small letters. With one of these in front of a `:` it is meant where no other option has that name.
    pub also: &'static [&'static str],
    /// It says why something is changed: without a change beside it, the command does nothing.
    pub(super) of_a_change: bool,
    /// It says whom a command is about, in place of logins.
    pub(super) whom: bool,
}

/// Whether an argument may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Required,
    /// One at least of those that a command has of this need.
    OneOf,
    Optional,
}

/// What an argument holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One word of at most this many characters.
    Word(u16),
    /// A first or a last name of at most this many characters. In its position it is one word.
    Name(u16),
    /// A text of at most this many characters; without quotes it continues to the next option.
    Text(u16),
    /// The same, as it was pasted: blanks around it are part of it.
    Exact(u16),
    /// A date, a time, or both, of at most this many characters.
    Moment(u16),
    /// What someone says in their own words: without quotes it continues to the next `name:`, whatever is in it.
    Sentence(u16),
    /// The login of one user.
    Login,
    /// The logins of several users, at most [`ids::LOGINS_MAX`].
    Logins,
    /// The login of one user, or the word `all`.
    LoginOrAll,
    /// The login of one user, or the number of a request.
    LoginOrRequest,
    /// A person's account, or their name.
    Account,
    /// An email address; with `true` the word `none` as well.
    Email(bool),
    /// A phone number, which is brought into E.164; with `true` the word `none` as well.
    Phone(bool),
    /// The six digits of a code. It is a secret: it is never among the arguments that are logged.
    Code,
    /// One of these words, each with what it means in half a sentence.
    Choice(&'static [(&'static str, &'static str)]),
    /// `true` or `false`; the bare name means `true`.
    Flag,
    /// A whole number between these two.
    Integer(i64, i64),
    /// A length of time in seconds between these two, also typed as `5m`.
    Seconds(i64, i64),
    /// The number of a request, with or without `#`.
    Request,
    /// The first characters of a plan's digest. Six digits are none, because they may be a code.
    Plan,
    /// The words of a command, such as `connect reset`.
    Command,
    /// An attached file; where it comes from, and once it is kept its name and SHA-256 as `users.csv#…`.
    File,
    RoutingProfile,
    SecurityProfile,
    /// A hierarchy group by name or path, such as `East/Team 1`.
    HierarchyGroup,
}

/// What a value of a kind is to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Text,
    List,
    Flag,
    Integer,
    Request,
    Code,
    File,
}

impl Kind {
    pub const fn holds(self) -> Holds {
        match self {
            Kind::Logins => Holds::List,
            Kind::Flag => Holds::Flag,
            Kind::Integer(..) | Kind::Seconds(..) => Holds::Integer,
            Kind::Request => Holds::Request,
            Kind::Code => Holds::Code,
            Kind::File => Holds::File,
            Kind::Word(_)
            | Kind::Name(_)
            | Kind::Text(_)
            | Kind::Exact(_)
            | Kind::Moment(_)
            | Kind::Sentence(_)
            | Kind::Login
            | Kind::LoginOrAll
            | Kind::LoginOrRequest
            | Kind::Account
            | Kind::Email(_)
            | Kind::Phone(_)
            | Kind::Choice(_)
            | Kind::Plan
            | Kind::Command
            | Kind::RoutingProfile
            | Kind::SecurityProfile
            | Kind::HierarchyGroup => Holds::Text,
        }
    }

    /// What an argument of this kind names.
    const fn names(self) -> Option<Naming> {
        match self {
            Kind::Login | Kind::LoginOrAll | Kind::LoginOrRequest => Naming::one(Thing::User),
            Kind::Logins => Naming::several(Thing::User),
            Kind::RoutingProfile => Naming::one(Thing::RoutingProfile),
            Kind::SecurityProfile => Naming::one(Thing::SecurityProfile),
            Kind::HierarchyGroup => Naming::one(Thing::HierarchyGroup),
            _ => None,
        }
    }

    /// Whether it names one user or several, who are then what the command is about.
    pub fn names_users(self) -> bool {
        matches!(self, Kind::Login | Kind::Logins | Kind::LoginOrAll | Kind::LoginOrRequest)
    }
}

/// The longest name of an option on any platform, in bytes (Discord). What people also call one is not longer.
const NAME_MAX: usize = 32;

/// What the login of a user is also called, in sheets too.
pub const LOGIN_ALSO: &[&str] = &["login", "user login", "login name", "username", "user name", "user id"];

/// Why something is asked for, which the rules and everyone who decides read.
pub const REASON: Arg = Arg::optional("reason", Kind::Sentence(300), "Why, such as a ticket number");

/// Asks for something immediately, to be reviewed afterwards; the rules say of which commands that can be asked.
pub const EMERGENCY: Arg =
    Arg::optional("emergency", Kind::Flag, "On call only: run immediately; reviewed afterwards");

impl Arg {
    /// An argument that nothing continues without; it has a position.
    pub const fn required(name: &'static str, kind: Kind, about: &'static str) -> Arg {
        Arg {
            name,
            about,
            kind,
            need: Need::Required,
            placed: true,
            names: kind.names(),
            also: &[],
            of_a_change: false,
            whom: false,
        }
    }

    pub const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Arg {
        Arg {
            name,
            about,
            kind,
            need: Need::Optional,
            placed: false,
            names: kind.names(),
            also: &[],
            of_a_change: false,
            whom: false,
        }
    }

    /// An argument of which a command wants one at least of several.
    pub const fn one_of(name: &'static str, kind: Kind, about: &'static str) -> Arg {
        Arg {
            name,
            about,
            kind,
            need: Need::OneOf,
            placed: false,
            names: kind.names(),
            also: &[],
            of_a_change: false,
            whom: false,
        }
    }

    /// The same, which may also be typed without its name.
    pub const fn in_place(self) -> Arg {
        Arg { placed: true, ..self }
    }

    /// The same of a command that does nothing unless a change is given beside it.
    pub const fn of_a_change(self) -> Arg {
        Arg { of_a_change: true, ..self }
    }

    /// The same, which says whom a command is about in place of logins.
    pub const fn whom(self) -> Arg {
        Arg { whom: true, ..self }
    }

    /// The same, which people also call so.
    pub const fn called(self, also: &'static [&'static str]) -> Arg {
        Arg { also, ..self }
    }

    /// The same, naming one of these.
    pub const fn of(self, thing: Thing) -> Arg {
        Arg { names: Naming::one(thing), ..self }
    }

    /// The same, naming several of these, with commas between them.
    pub const fn of_several(self, thing: Thing) -> Arg {
        Arg { names: Naming::several(thing), ..self }
    }

    /// The same, completed with what the user, queue or routing profile has that another argument names.
    pub const fn held(self) -> Arg {
        self.offering(Offers::Held)
    }

    /// The same, completed with users that the desk removed.
    pub const fn removed(self) -> Arg {
        self.offering(Offers::Removed)
    }

    /// The same, never completed.
    pub const fn typed_again(self) -> Arg {
        self.offering(Offers::Nothing)
    }

    const fn offering(self, offers: Offers) -> Arg {
        match self.names {
            Some(names) => Arg { names: Some(Naming { offers, ..names }), ..self },
            None => self,
        }
    }

    pub(super) fn is_typed_again(&self) -> bool {
        self.names.is_some_and(|names| names.offers == Offers::Nothing)
    }

    /// Whether a command is about something else than what this names.
    pub(super) fn is_beside(&self) -> bool {
        !self.placed && self.need == Need::Optional
    }

    /// How to choose something else than what was typed, or nothing.
    pub(super) fn other_choice(&self) -> String {
        let leave = if self.need == Need::Optional { ", or leave it out" } else { "" };
        match self.kind {
            Kind::Choice(words) => {
                let words: Vec<String> = words.iter().map(|(word, _)| code(word)).collect();
                format!("Choose {} for {}{leave}.", text::list(&words, "or"), code(self.name))
            }
            _ => format!("For no, type `{}:no`.", self.name),
        }
    }

    /// Whether completion may offer something for it.
    pub fn completes(&self) -> bool {
        match self.kind {
            Kind::Request | Kind::Command | Kind::Account => true,
            _ => self.names.is_some_and(|names| names.offers != Offers::Nothing),
        }
    }

    /// How the argument appears in a usage line: `<login>`, `[method:console|recreate]`, `[force]`.
    pub fn usage(&self) -> String {
        let named = |value: &str| match self.placed {
            true => format!("{}…", self.name),
            false => format!("{}:{value}", self.name),
        };
        let inner = match self.kind {
            Kind::Choice(words) => {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                format!("{}:{}", self.name, words.join("|"))
            }
            Kind::Flag => self.name.to_owned(),
            Kind::Logins | Kind::Sentence(_) => named("…"),
            _ if self.placed => self.name.to_owned(),
            _ => named("…"),
        };
        match self.need {
            Need::Required => format!("<{inner}>"),
            Need::OneOf | Need::Optional => format!("[{inner}]"),
        }
    }
}

impl Spec {
    /// The usage line of the command at `path`: `/connect reset <login> [method:…]`.
    pub fn usage(&self, path: &str) -> String {
        let mut line = format!("/{path}");
        for arg in self.args {
            line.push(' ');
            line.push_str(&arg.usage());
        }
        line
    }

    /// Whether it may be about users.
    pub fn names_users(&self) -> bool {
        self.args.iter().any(|arg| arg.kind.names_users())
    }

    pub fn arg(&self, name: &str) -> Option<&'static Arg> {
        self.args.iter().find(|arg| arg.name == name)
    }

    /// The argument that people mean by a name, whatever its case and however its words are joined: `auto-accept`.
    pub(crate) fn arg_called(&self, name: &str) -> Option<&'static Arg> {
        let wanted = plain(name)?;
        self.args.iter().find(|arg| plain(arg.name).as_ref() == Some(&wanted))
    }

    /// The arguments that people also call so, such as `acw timeout`; those that take one thing come before lists.
    pub(super) fn args_also_called(&self, name: &str) -> Vec<&'static Arg> {
        let Some(wanted) = plain(name) else { return Vec::new() };
        let is_it = |other: &&'static str| plain(other).as_ref() == Some(&wanted);
        let mut found: Vec<&Arg> = self.args.iter().filter(|arg| arg.also.iter().any(is_it)).collect();
        if found.is_empty() && LOGIN_ALSO.iter().any(is_it) {
            found.extend(self.arg("login"));
        }
        found.sort_by_key(|arg| arg.names.is_some_and(|names| names.several));
        found
    }

    /// The arguments that may be meant by a name that none has, best first.
    pub(super) fn args_near(&self, name: &str) -> Vec<&'static Arg> {
        if plain(name).is_none() {
            return Vec::new();
        }
        match self.args_also_called(name) {
            also if also.is_empty() => {
                let near = text::nearest(name, self.args.iter().map(|arg| arg.name));
                near.into_iter().filter_map(|name| self.arg(name)).collect()
            }
            also => also,
        }
    }

    /// Whether the command has an option for a date or a time.
    pub(super) fn takes_moment(&self) -> bool {
        self.args.iter().any(|arg| matches!(arg.kind, Kind::Moment(_)))
    }

    /// Whether the command takes a code.
    pub(super) fn takes_code(&self) -> bool {
        self.args.iter().any(|arg| arg.kind == Kind::Code)
    }

    /// The argument in which people say something in their own words, such as a reason.
    pub(super) fn sentence(&self) -> Option<&'static Arg> {
        self.args.iter().find(|arg| matches!(arg.kind, Kind::Sentence(_)))
    }
}

/// A name as names are compared; none for what is longer than any. A dash in front of one denies it, two are how shells have names.
fn plain(name: &str) -> Option<String> {
    let plain = |name: &str| -> String {
        let name = clean::word(name);
        name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
    };
    let is_denied = name.starts_with('-') && !name.starts_with("--");
    (name.len() <= NAME_MAX && !is_denied).then(|| plain(name)).filter(|plain| !plain.is_empty())
}

//! What the rows of the table are made of: what a field can be set to, how that is read, and the options that set it.

use std::collections::BTreeMap;

use super::Named;
use crate::words::Arg;

/// The word for what is absent.
pub const NONE: &str = "none";

/// What a field is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Named(Named),
    Names(Vec<Named>),
    On(bool),
    Seconds(u32),
    /// The word of a [`Choice`].
    Choice(&'static str),
    Tags(BTreeMap<String, String>),
}

/// One of the values that a field has to choose from.
#[derive(Debug)]
pub struct Choice {
    /// In options.
    pub word: &'static str,
    /// What it means in half a sentence, beside the option.
    pub about: &'static str,
    /// On cards.
    pub label: &'static str,
    /// In files.
    pub cell: &'static str,
    /// What else people write in a cell.
    pub aliases: &'static [&'static str],
}

/// A value that is the same as none.
#[derive(Clone, Copy, Debug)]
pub enum Absent {
    On(bool),
    Choice(&'static str),
}

impl From<Absent> for Value {
    fn from(absent: Absent) -> Value {
        match absent {
            Absent::On(on) => Value::On(on),
            Absent::Choice(word) => Value::Choice(word),
        }
    }
}

/// How a value is read and written.
#[derive(Clone, Copy, Debug)]
pub enum ValueKind {
    /// A name of at most this many characters.
    Name(usize),
    Email,
    SecondaryEmail,
    Phone,
    Named,
    Names,
    /// The path of a group.
    Path,
    OnOff,
    Seconds,
    /// One of these; `code` is that of a finding about a wrong one.
    Choice {
        code: &'static str,
        choices: &'static [Choice],
    },
    Tags,
    /// Taken as it is.
    Id,
    /// Not a part of a profile.
    Apart,
}

/// The call that writes a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserCall {
    Identity,
    RoutingProfile,
    SecurityProfiles,
    HierarchyGroup,
    Settings,
    Tags,
}

impl UserCall {
    pub const ALL: [UserCall; 6] = [
        UserCall::Identity,
        UserCall::RoutingProfile,
        UserCall::SecurityProfiles,
        UserCall::HierarchyGroup,
        UserCall::Settings,
        UserCall::Tags,
    ];
}

/// The template of Amazon Connect that has a column and whose other generation has it not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    Classic,
    Current,
}

/// What an option says of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// The value, or the word `none`.
    Value,
    /// One more name.
    Add,
    /// One name less.
    Remove,
    /// Keys that are taken off.
    Untag,
    /// The channel that options of fields with channels are about.
    Channel,
}

/// An option of the commands that add and edit users, as each of them has it.
#[derive(Clone, Copy, Debug)]
pub struct UserOption {
    pub add: Option<Arg>,
    pub edit: Option<Arg>,
    /// Of `/connect restore`.
    pub instead: Option<Arg>,
    pub means: Means,
}

pub(super) const fn both(arg: Arg) -> UserOption {
    UserOption { add: Some(arg), edit: Some(arg), instead: None, means: Means::Value }
}

pub(super) const fn of_each(add: Arg, edit: Arg) -> UserOption {
    UserOption { add: Some(add), edit: Some(edit), instead: None, means: Means::Value }
}

pub(super) const fn edit(arg: Arg, means: Means) -> UserOption {
    UserOption { add: None, edit: Some(arg), instead: None, means }
}

pub(super) fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

pub(super) fn is_on(value: Option<Value>) -> Option<bool> {
    match value {
        Some(Value::On(on)) => Some(on),
        _ => None,
    }
}

pub(super) fn seconds(value: Option<Value>) -> Option<u32> {
    match value {
        Some(Value::Seconds(seconds)) => Some(seconds),
        _ => None,
    }
}

/// Names with commas between them.
pub fn names(all: &[Named]) -> String {
    all.iter().map(|named| named.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// A time in seconds, of which 0 is no limit.
pub(super) fn limit(seconds: u32) -> String {
    if seconds == 0 { "indefinitely".to_owned() } else { format!("{seconds} s") }
}

pub(super) fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

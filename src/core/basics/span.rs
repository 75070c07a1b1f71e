//! What a text of the desk has besides words: moments, people and roles, which each platform shows in its own way.
//!
//! They are code spans that begin with a control character. Text from outside never has one, see [`super::text::plain`], so no one
//! can type one.

use jiff::Timestamp;

use super::ids::PersonId;
use super::text::{moment, plain, when};

const TIME: char = '\u{1}';
const PERSON: char = '\u{2}';
const ROLE: char = '\u{3}';

/// The longest name of a person, in characters.
const NAME_MAX: usize = 40;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span<'a> {
    /// Words of the desk.
    Text(&'a str),
    /// Text from outside.
    Code(&'a str),
    /// A moment as it was drawn at `now`. A live one reads "2 minutes ago" where the platform can do that.
    Time {
        at: Timestamp,
        now: Timestamp,
        live: bool,
    },
    /// Someone, by platform, account and name.
    Person {
        platform: &'a str,
        id: &'a str,
        name: &'a str,
    },
    Role(&'a str),
}

/// A moment as people count from now: "2 minutes ago".
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    format!("`{TIME}r{}|{}`", at.as_second(), now.as_second())
}

/// A moment by the clock: "08:40".
pub fn clock(at: Timestamp, now: Timestamp) -> String {
    format!("`{TIME}t{}|{}`", at.as_second(), now.as_second())
}

pub fn person(id: &PersonId, name: &str) -> String {
    format!("`{PERSON}{id}|{}`", plain(name, NAME_MAX))
}

pub fn role(word: &str) -> String {
    format!("`{ROLE}{word}`")
}

/// The pieces of a text, in order.
pub fn spans(text: &str) -> impl Iterator<Item = Span<'_>> {
    text.split('`').enumerate().filter(|(i, part)| i % 2 == 1 || !part.is_empty()).map(|(i, part)| {
        match i % 2 {
            0 => Span::Text(part),
            _ => special(part).unwrap_or(Span::Code(part)),
        }
    })
}

fn special(part: &str) -> Option<Span<'_>> {
    let rest = part.get(1..)?;
    match part.chars().next()? {
        TIME => {
            let (at, now) = rest.get(1..)?.split_once('|')?;
            let second = |text: &str| Timestamp::from_second(text.parse().ok()?).ok();
            Some(Span::Time { at: second(at)?, now: second(now)?, live: rest.starts_with('r') })
        }
        PERSON => {
            let (id, name) = rest.split_once('|')?;
            let (platform, id) = id.split_once(':')?;
            Some(Span::Person { platform, id, name })
        }
        ROLE => Some(Span::Role(rest)),
        _ => None,
    }
}

/// What a text says to one of the people in it, by their accounts: Lena reads "Your confirmation" for "Confirmation by Lena", and
/// what waits for Lena waits "for you".
pub fn to_reader(text: &str, accounts: &[PersonId]) -> String {
    let is_mine = |part: &str| match special(part) {
        Some(Span::Person { platform, id, .. }) => {
            accounts.iter().any(|one| one.platform().word() == platform && one.id() == id)
        }
        _ => false,
    };
    let mut out = String::with_capacity(text.len());
    for (i, part) in text.split('`').enumerate() {
        match i % 2 {
            0 => out.push_str(part),
            _ if is_mine(part) && out.ends_with(" for ") => out.push_str("you"),
            _ => match YOURS.iter().find(|(theirs, _)| is_mine(part) && out.ends_with(theirs)) {
                Some((theirs, yours)) => {
                    out.truncate(out.len() - theirs.len());
                    out.push_str(yours);
                }
                None => {
                    out.push('`');
                    out.push_str(part);
                    out.push('`');
                }
            },
        }
    }
    out
}

/// What is before a name, and what the person of that name reads instead of both.
const YOURS: [(&str, &str); 3] = [
    ("The confirmation by ", "Your confirmation"),
    ("Confirmation by ", "Your confirmation"),
    ("confirmation by ", "your confirmation"),
];

/// A text where nothing can be shown but words: times in UTC, people by their names.
pub fn spoken(text: &str) -> String {
    in_words(text, when)
}

/// The same for the log, where a time of day alone would be that of no day.
pub fn recorded(text: &str) -> String {
    in_words(text, |at, _| moment(at))
}

fn in_words(text: &str, time: impl Fn(Timestamp, Timestamp) -> String) -> String {
    if !text.contains([TIME, PERSON, ROLE]) {
        return text.to_owned();
    }
    spans(text)
        .map(|span| match span {
            Span::Text(text) | Span::Role(text) => text.to_owned(),
            Span::Code(text) => format!("`{text}`"),
            Span::Time { at, now, .. } => time(at, now),
            Span::Person { name, .. } => name.to_owned(),
        })
        .collect()
}

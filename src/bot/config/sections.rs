//! A configuration file as its sections, each of which is read by what it is about.

use std::collections::BTreeMap;

use desk_core::basics::text::{code, did_you_mean, list, nearest};
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use super::checks::line_of;
use super::errors::said;

/// The sections that no one has read yet, and what was wrong with the others.
pub(crate) struct Sections<'a> {
    text: &'a str,
    left: DeTable<'a>,
    /// All that were asked for, each with its line where the file has it.
    known: BTreeMap<&'static str, Option<usize>>,
    /// Those that can't be read.
    unread: Vec<&'static str>,
    errors: Vec<(Option<usize>, String)>,
}

impl<'a> Sections<'a> {
    pub(super) fn of(text: &'a str) -> Result<Sections<'a>, Error> {
        let left = DeTable::parse(text)?.into_inner();
        Ok(Sections { text, left, known: BTreeMap::new(), unread: Vec::new(), errors: Vec::new() })
    }

    /// A section; none when the file doesn't have it, and when it can't be read.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        let section = self.named(name)?;
        let twice = match section.get_ref() {
            DeValue::Table(section) => listed(name, section),
            _ => Some(name.to_owned()),
        };
        if let Some(twice) = twice {
            let message = format!("[{twice}] is one section. Write it once, in one pair of brackets.");
            return self.wrong(name, (self.line_of(&section), message));
        }
        self.read(name, section)
    }

    /// One without which there is no desk.
    pub(super) fn need<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        if !self.left.contains_key(name) {
            let message = format!("The section [{name}] is missing. Add it as shown in config.example.toml.");
            self.errors.push((None, message));
        }
        self.take(name)
    }

    /// A section that there may be several times. One that can't be read hides no other.
    pub(super) fn list<T: DeserializeOwned>(&mut self, name: &'static str) -> Vec<T> {
        let Some(section) = self.named(name) else { return Vec::new() };
        let line = self.line_of(&section);
        match section.into_inner() {
            DeValue::Array(all) if all.iter().all(|one| matches!(one.get_ref(), DeValue::Table(_))) => {
                all.into_iter().filter_map(|one| self.read(name, one)).collect()
            }
            _ => {
                let message =
                    format!("There may be several of [[{name}]]. Write each in two pairs of brackets.");
                let _: Option<()> = self.wrong(name, (line, message));
                Vec::new()
            }
        }
    }

    /// A key before the first section.
    pub(super) fn key<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        let value = self.named(name)?;
        self.read(name, value)
    }

    fn named(&mut self, name: &'static str) -> Option<Spanned<DeValue<'a>>> {
        let value = self.left.remove(name);
        let line = value.as_ref().and_then(|value| self.line_of(value));
        self.known.insert(name, line);
        value
    }

    fn read<T: DeserializeOwned>(&mut self, name: &'static str, value: Spanned<DeValue<'a>>) -> Option<T> {
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(read) => Some(read),
            Err(error) => self.wrong(name, told(self.text, &error)),
        }
    }

    fn wrong<T>(&mut self, name: &'static str, error: (Option<usize>, String)) -> Option<T> {
        self.unread.push(name);
        self.errors.push(error);
        None
    }

    fn line_of(&self, value: &Spanned<DeValue<'_>>) -> Option<usize> {
        Some(line_of(self.text, &value.span()))
    }

    /// The line of a section that was read.
    pub(super) fn line(&self, name: &str) -> usize {
        self.known.get(name).copied().flatten().unwrap_or(1)
    }

    /// Whether another section than these can't be read, so that what needs it can't be checked.
    pub(super) fn lacks_others_than(&self, names: &[&str]) -> bool {
        self.unread.iter().any(|name| !names.contains(name))
    }

    /// What is wrong with those that were read, and those that no one reads.
    pub(super) fn errors(&mut self) -> Vec<(Option<usize>, String)> {
        let mut errors = std::mem::take(&mut self.errors);
        for (name, value) in std::mem::take(&mut self.left) {
            let named = |name: &str| match value.get_ref() {
                DeValue::Table(_) => format!("[{name}]"),
                DeValue::Array(_) => format!("[[{name}]]"),
                _ => code(name),
            };
            let near = nearest(name.get_ref(), self.known.keys().copied());
            let next = did_you_mean(&near).unwrap_or_else(|| {
                let all: Vec<String> = self.known.keys().map(|known| code(known)).collect();
                format!("Use one of {}.", list(&all, "and"))
            });
            let message = format!("There is no section {}. {next}", named(name.get_ref()));
            errors.push((Some(line_of(self.text, &name.span())), message));
        }
        errors
    }
}

/// A section below this one that is written as one of several.
fn listed(name: &str, section: &DeTable<'_>) -> Option<String> {
    section.iter().find_map(|(key, value)| {
        let name = format!("{name}.{}", key.get_ref());
        match value.get_ref() {
            DeValue::Table(below) => listed(&name, below),
            DeValue::Array(all) => {
                all.iter().any(|one| matches!(one.get_ref(), DeValue::Table(_))).then_some(name)
            }
            _ => None,
        }
    })
}

/// The parser's error with its line, in words that say what to do.
pub(super) fn told(text: &str, error: &Error) -> (Option<usize>, String) {
    let span = error.span();
    let at = span.as_ref().and_then(|span| text.get(span.clone())).unwrap_or_default();
    (span.as_ref().map(|span| line_of(text, span)), said(error.message(), at))
}

//! A configuration file as its sections, each of which is read by what it is about.

use std::collections::BTreeMap;

use desk_core::basics::text::{code, did_you_mean, list, nearest};
use serde::de::DeserializeOwned;
use toml::de::{DeTable, Error, ValueDeserializer};

use super::checks::line_of;
use super::errors::said;

/// The sections that no one has read yet, and what was wrong with the others.
pub(crate) struct Sections<'a> {
    text: &'a str,
    left: DeTable<'a>,
    /// All that were asked for, each with its line where the file has it.
    known: BTreeMap<&'static str, Option<usize>>,
    errors: Vec<(Option<usize>, String)>,
}

impl<'a> Sections<'a> {
    pub(super) fn of(text: &'a str) -> Result<Sections<'a>, Error> {
        let left = DeTable::parse(text)?.into_inner();
        Ok(Sections { text, left, known: BTreeMap::new(), errors: Vec::new() })
    }

    /// A section, or a key before the first one; none when the file doesn't have it, and when it can't be read.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        let Some(value) = self.left.remove(name) else {
            self.known.insert(name, None);
            return None;
        };
        self.known.insert(name, Some(line_of(self.text, &value.span())));
        let read = T::deserialize(ValueDeserializer::from(value));
        read.map_err(|error| self.errors.push(told(self.text, &error))).ok()
    }

    /// One without which there is no desk.
    pub(super) fn need<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        let is_there = self.left.contains_key(name);
        if !is_there {
            let message = format!("The section [{name}] is missing. Add it as shown in config.example.toml.");
            self.errors.push((None, message));
        }
        self.take(name)
    }

    /// The line of a section that was read.
    pub(super) fn line(&self, name: &str) -> usize {
        self.known.get(name).copied().flatten().unwrap_or(1)
    }

    /// What is wrong with those that were read, and those that no one reads.
    pub(super) fn errors(&mut self) -> Vec<(Option<usize>, String)> {
        let mut errors = std::mem::take(&mut self.errors);
        for (name, _) in std::mem::take(&mut self.left) {
            let all: Vec<String> = self.known.keys().map(|known| code(known)).collect();
            let near = nearest(name.get_ref(), self.known.keys().copied());
            let next = did_you_mean(&near).unwrap_or_else(|| "Correct or remove it.".to_owned());
            let message = format!(
                "There is an unknown field {}, expected one of {}. {next}",
                code(name.get_ref()),
                list(&all, "or")
            );
            errors.push((Some(line_of(self.text, &name.span())), message));
        }
        errors
    }
}

/// The parser's error with its line, in words that say what to do.
pub(super) fn told(text: &str, error: &Error) -> (Option<usize>, String) {
    (error.span().map(|span| line_of(text, &span)), said(error.message()))
}

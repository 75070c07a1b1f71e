//! The limits of messages, forms and commands, each with the place in the body that breaks it.
//!
//! Discord counts characters; here a character is a Unicode scalar value. (Its clients count UTF-16 units in places, which
//! only ever makes them stricter for characters outside the basic plane.)

pub(crate) mod command;
pub(crate) mod component;
pub(crate) mod embed;
pub(crate) mod modal;

use serde_json::{Map, Value};

use crate::refusal::Errors;

pub(crate) fn chars(text: &str) -> usize {
    text.chars().count()
}

/// `null` and absent are the same for Discord.
pub(crate) fn field<'v>(map: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    map.get(name).filter(|value| !value.is_null())
}

/// An id or number that may be written as a number or as a string.
pub(crate) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Reads an object's fields and notes what is wrong with them.
pub(crate) struct Form<'v, 'e> {
    pub map: &'v Map<String, Value>,
    pub place: String,
    pub errors: &'e mut Errors,
}

static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

impl<'v, 'e> Form<'v, 'e> {
    pub fn new(value: &'v Value, place: impl Into<String>, errors: &'e mut Errors) -> Self {
        let place = place.into();
        let map = value.as_object().unwrap_or_else(|| {
            errors.add(&place, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
            &NOTHING
        });
        Self { map, place, errors }
    }

    pub fn at(&self, name: &str) -> String {
        join(&self.place, name)
    }

    pub fn get(&self, name: &str) -> Option<&'v Value> {
        field(self.map, name)
    }

    pub fn wrong(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        let place = self.at(name);
        self.errors.add(&place, code, message);
    }

    pub fn missing(&mut self, name: &str) {
        let place = self.at(name);
        self.errors.required(&place);
    }

    /// A text of `least` to `most` characters, if it is there.
    pub fn text(&mut self, name: &str, least: usize, most: usize) -> Option<&'v str> {
        let value = self.get(name)?;
        let Some(text) = value.as_str() else {
            self.wrong(name, "STRING_TYPE_CONVERT", "Could not interpret value as string.");
            return None;
        };
        let length = chars(text);
        if least > 0 && length == 0 {
            self.missing(name);
        } else if length < least || (length > most && least > 0) {
            self.wrong(
                name,
                "BASE_TYPE_BAD_LENGTH",
                format!("Must be between {least} and {most} in length."),
            );
        } else if length > most {
            self.wrong(name, "BASE_TYPE_MAX_LENGTH", format!("Must be {most} or fewer in length."));
        }
        Some(text)
    }

    /// What is wrong with the object itself.
    pub fn wrong_here(&mut self, code: &'static str, message: &str) {
        self.errors.add(&self.place, code, message);
    }

    fn needs(&mut self, name: &str) -> bool {
        let there = self.get(name).is_some();
        if !there {
            self.missing(name);
        }
        there
    }

    pub fn required_text(&mut self, name: &str, least: usize, most: usize) -> Option<&'v str> {
        if self.needs(name) { self.text(name, least, most) } else { None }
    }

    pub fn required_whole(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        if self.needs(name) { self.whole(name, least, most) } else { None }
    }

    pub fn required_list(&mut self, name: &str, least: usize, most: usize) -> &'v [Value] {
        if self.needs(name) { self.list(name, least, most).unwrap_or_default() } else { &[] }
    }

    pub fn whole(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.get(name)?;
        let Some(number) = value.as_i64() else {
            self.wrong(name, "NUMBER_TYPE_COERCE", format!("Value \"{value}\" is not int."));
            return None;
        };
        if number < least {
            self.wrong(
                name,
                "NUMBER_TYPE_MIN",
                format!("int value should be greater than or equal to {least}."),
            );
        } else if number > most {
            self.wrong(name, "NUMBER_TYPE_MAX", format!("int value should be less than or equal to {most}."));
        }
        Some(number)
    }

    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.get(name)?;
        if value.as_bool().is_none() {
            self.wrong(name, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.");
        }
        value.as_bool()
    }

    /// A list of `least` to `most` entries, if it is there.
    pub fn list(&mut self, name: &str, least: usize, most: usize) -> Option<&'v [Value]> {
        let value = self.get(name)?;
        let Some(list) = value.as_array() else {
            self.wrong(name, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
            return None;
        };
        if list.len() > most && least == 0 {
            self.wrong(name, "BASE_TYPE_MAX_LENGTH", format!("Must be {most} or fewer in length."));
        } else if list.len() < least || list.len() > most {
            self.wrong(
                name,
                "BASE_TYPE_BAD_LENGTH",
                format!("Must be between {least} and {most} in length."),
            );
        }
        Some(list)
    }

    /// An address on the web; `attachment://` where a file of the same message may be meant.
    pub fn address(&mut self, name: &str, attachment: bool) {
        let Some(text) = self.text(name, 0, 2048) else { return };
        let known = text.starts_with("https://") || text.starts_with("http://");
        if !(known || attachment && text.starts_with("attachment://")) {
            self.wrong(name, "URL_TYPE_INVALID_URL", "Not a well formed URL.");
        }
    }
}

pub(crate) fn join(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

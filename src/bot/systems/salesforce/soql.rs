//! Queries in SOQL. Objects and fields are the desk's own words; everything else is quoted here.

use std::fmt::Write as _;

use super::ids::RecordId;

/// A query. Conditions all have to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    conditions: usize,
}

impl Query {
    pub fn select(fields: &'static str, object: &'static str) -> Query {
        Query { text: format!("SELECT {fields} FROM {object}"), conditions: 0 }
    }

    /// The field has this text; letter case does not count to Salesforce.
    pub fn text(self, field: &'static str, text: &str) -> Query {
        self.condition(field, &quoted(text))
    }

    pub fn id(self, field: &'static str, id: &RecordId) -> Query {
        self.condition(field, &quoted(id.as_str()))
    }

    pub fn flag(self, field: &'static str, is: bool) -> Query {
        self.condition(field, &is.to_string())
    }

    /// At most so many records.
    pub fn limit(mut self, most: usize) -> Query {
        let _ = write!(self.text, " LIMIT {most}");
        self
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn condition(mut self, field: &'static str, value: &str) -> Query {
        let word = if self.conditions == 0 { "WHERE" } else { "AND" };
        let _ = write!(self.text, " {word} {field} = {value}");
        self.conditions += 1;
        self
    }
}

/// A text as a string of SOQL, out of which nothing leads.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        match c {
            '\\' | '\'' | '"' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            c if c.is_control() => drop(write!(quoted, "\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

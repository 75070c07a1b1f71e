//! Ids of Salesforce's records: 15 characters in which letter case counts, or the same with 3 more behind them.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// The id of a record. Equal ids are of one record, in whichever length they came.
#[derive(Clone)]
pub struct RecordId(String);

impl RecordId {
    /// `None` for everything else.
    pub fn parse(text: &str) -> Option<RecordId> {
        let fits = [15, 18].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| RecordId(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn short(&self) -> &str {
        self.0.get(..15).unwrap_or(&self.0)
    }
}

impl PartialEq for RecordId {
    fn eq(&self, other: &RecordId) -> bool {
        self.short() == other.short()
    }
}

impl Eq for RecordId {}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RecordId, D::Error> {
        let text = String::deserialize(deserializer)?;
        RecordId::parse(&text).ok_or_else(|| serde::de::Error::custom("no id of a record"))
    }
}

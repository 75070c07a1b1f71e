//! How long something lasts that is put back then.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::basics::text::{moment, span};

/// How long something lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    At(Timestamp),
    /// So many seconds from when the wait begins.
    After(u32),
}

impl Until {
    /// When a wait that begins at this moment ends.
    pub fn from(self, began: Timestamp) -> Timestamp {
        match self {
            Until::At(at) => at,
            Until::After(seconds) => {
                began.checked_add(SignedDuration::from_secs(seconds.into())).unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// As it is after a comma: "until 20 Nov 2026 18:00 UTC", "for 4 h".
    pub fn words(self) -> String {
        match self {
            Until::At(at) => format!("until {}", moment(at)),
            Until::After(seconds) => format!("for {}", span(seconds.into())),
        }
    }
}

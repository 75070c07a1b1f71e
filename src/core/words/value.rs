//! The value of one argument.

use serde::{Deserialize, Serialize};

/// One argument's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Flag(bool),
    Integer(i64),
    Text(String),
}

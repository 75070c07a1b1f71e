//! What things of the contact center are known by.

use serde::{Deserialize, Serialize};

/// Something with an id and the name people use for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    pub id: String,
    /// For a hierarchy group, its path: `East/Team 1`.
    pub name: String,
}

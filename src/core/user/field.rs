//! What one call of the service sets of a user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::profile::{Identity, Named, Settings};

/// What one call of the service sets of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserField {
    /// All of it: what is absent is cleared.
    Identity(Identity),
    RoutingProfile(Named),
    /// Exactly these, 1 to 10.
    SecurityProfiles(Vec<Named>),
    /// In this group, or in none.
    HierarchyGroup(Option<Named>),
    /// Each list that is not empty, and each value that is there, as a whole; the others are not touched.
    Settings(Settings),
    /// These keys have these values, or are not there. Setting and taking off are two calls, so a step forward does one.
    Tags(BTreeMap<String, Option<String>>),
}

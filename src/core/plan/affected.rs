//! A user that a plan is about.

use serde::{Deserialize, Serialize};

use crate::center::User;

/// A user that a plan is about. Such a person never decides on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffectedUser {
    pub login: String,
    pub user_id: String,
    /// First and last name, for showing.
    #[serde(default)]
    pub name: String,
}

impl From<&User> for AffectedUser {
    fn from(user: &User) -> AffectedUser {
        AffectedUser {
            login: user.login.clone(),
            user_id: user.id.clone(),
            name: user.profile.identity.full_name(),
        }
    }
}

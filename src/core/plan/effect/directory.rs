//! Passwords that an existing directory keeps.

use serde::{Deserialize, Serialize};

use super::kind::{Detail, EffectKind, EffectNeeds, Nature, PlanContext, UserOutcome, Whom};
use crate::words::Risk;

/// The directory that keeps the password of the user with this login has a new one, which is sealed for the requester.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DirectoryPassword {
    pub login: String,
}

impl EffectKind for DirectoryPassword {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["ds:ResetUserPassword"]);

    fn nature(&self) -> Nature<'_> {
        Nature::Changes
    }

    fn whom(&self) -> Whom<'_> {
        Whom::User(&self.login)
    }

    fn user_outcome(&self) -> UserOutcome<'_> {
        UserOutcome::Opened { login: &self.login }
    }

    fn risk(&self) -> Risk {
        Risk::Sensitive
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::message(&self.login, "Password in the directory", "new, shown once to the requester")]
    }
}

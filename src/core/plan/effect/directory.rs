//! Passwords that an existing directory keeps.

use serde::{Deserialize, Serialize};

use super::kind::{About, Detail, EffectKind, EffectNeeds, PlanContext, UserOutcome};
use crate::words::Risk;

/// The directory that keeps the password of the user with this login has a new one, which is sealed for the requester.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DirectoryPassword {
    pub login: String,
}

impl EffectKind for DirectoryPassword {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["ds:ResetUserPassword"]);

    fn about(&self) -> About<'_> {
        About::user(&self.login, UserOutcome::Opened { login: &self.login }, Risk::Sensitive)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::message(&self.login, "Password in the directory", "new, shown once to the requester")]
    }
}

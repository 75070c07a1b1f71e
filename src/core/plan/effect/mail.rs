//! An email that has left.

use serde::{Deserialize, Serialize};

use super::kind::{About, Detail, EffectKind, EffectNeeds, Nature, PlanContext, UserOutcome, Whom};
use crate::email::Email;
use crate::words::Risk;

/// This email has left, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailSent(pub Email);

impl EffectKind for EmailSent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[]);

    fn about(&self) -> About<'_> {
        About {
            nature: Nature::Sends(&self.0),
            whom: Whom::User(&self.0.login),
            user: UserOutcome::Unchanged,
            risk: Risk::Change,
        }
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::value(&self.0.login, "Email to send", "", &self.0.addressed())]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.0.to.clone(), self.0.login.clone(), self.0.name.clone()])
    }
}

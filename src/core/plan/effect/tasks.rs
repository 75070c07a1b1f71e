//! Tasks that the desk sends.

use serde::{Deserialize, Serialize};

use super::kind::{About, Detail, EffectKind, EffectNeeds, PlanContext, UserOutcome};
use crate::words::Risk;

/// A task with this name was sent to the user with this login, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSent {
    pub login: String,
    pub quick_connect_id: String,
    pub quick_connect: String,
    pub name: String,
}

impl EffectKind for TaskSent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["StartTaskContact"]);

    fn about(&self) -> About<'_> {
        About::user(&self.login, UserOutcome::Unchanged, Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let what = format!("Task by the quick connect {}", self.quick_connect);
        vec![Detail::value(&self.login, &what, "", &self.name)]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.login.clone(), self.quick_connect.clone(), self.name.clone()])
    }
}

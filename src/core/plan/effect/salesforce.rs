//! What can become of a Salesforce user. Each effect names the agent by their login, and the user by id and username.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::kind::{About, Detail, EffectKind, EffectNeeds, PlanContext, UserOutcome};
use crate::basics::text::moment;
use crate::center::Named;
use crate::words::Risk;

/// No operation of AWS brings these about, and which approval they need is the policy's to say.
const NO_AWS: EffectNeeds = EffectNeeds::calls(&[]);

/// The permission set that agents need for the softphone, which is meant where none is named.
pub const AGENT_SET: &str = "AC_Agent";

/// This Salesforce user has this permission set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermissionSetPresent {
    pub login: String,
    pub user_id: String,
    pub username: String,
    pub set: Named,
    /// Until when, where they had it until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

impl EffectKind for PermissionSetPresent {
    const NEEDS: EffectNeeds = NO_AWS;

    fn about(&self) -> About<'_> {
        About::user(&self.login, UserOutcome::SetBeside { login: &self.login }, Risk::Sensitive)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let set = set_until(&self.set.name, self.expires);
        vec![Detail::value(&self.login, &permission_set(&self.username), "none", &set)]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.username.clone(), self.set.name.clone()])
    }

    fn permission_set(&self) -> Option<&str> {
        Some(&self.set.name)
    }
}

/// This Salesforce user doesn't have this permission set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermissionSetAbsent {
    pub login: String,
    pub user_id: String,
    pub username: String,
    pub set: Named,
    /// Only the assignment with this id goes; another one is someone else's doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment_id: Option<String>,
    /// Until when they had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

impl EffectKind for PermissionSetAbsent {
    const NEEDS: EffectNeeds = NO_AWS;

    fn about(&self) -> About<'_> {
        About::user(&self.login, UserOutcome::SetBeside { login: &self.login }, Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let set = set_until(&self.set.name, self.expires);
        vec![Detail::value(&self.login, &permission_set(&self.username), &set, "none")]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.username.clone(), self.set.name.clone()])
    }

    fn permission_set(&self) -> Option<&str> {
        Some(&self.set.name)
    }
}

/// A permission set with the moment until which someone has it.
pub fn set_until(set: &str, expires: Option<Timestamp>) -> String {
    expires.map_or_else(|| set.to_owned(), |expires| format!("{set} until {}", moment(expires)))
}

fn permission_set(username: &str) -> String {
    format!("Salesforce permission set of {username}")
}

/// This Salesforce user is in this call center, or in none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallCenterIs {
    pub login: String,
    pub user_id: String,
    pub username: String,
    /// By its internal name.
    pub center: Option<Named>,
    /// Where the user was when it was planned. Anyone who is elsewhere by then was put there by someone else.
    pub instead_of: Option<Named>,
}

impl EffectKind for CallCenterIs {
    const NEEDS: EffectNeeds = NO_AWS;

    fn about(&self) -> About<'_> {
        About::user(&self.login, UserOutcome::SetBeside { login: &self.login }, Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let name = |center: &Option<Named>| {
            center.as_ref().map_or_else(|| "none".to_owned(), |one| one.name.clone())
        };
        let what = format!("Salesforce call center of {}", self.username);
        vec![Detail::value(&self.login, &what, &name(&self.instead_of), &name(&self.center))]
    }

    fn named(&self) -> Option<Vec<String>> {
        let centers = self.center.iter().chain(&self.instead_of).map(|center| center.name.clone());
        Some(std::iter::once(self.username.clone()).chain(centers).collect())
    }
}

/// This Salesforce user is frozen and can't sign in there, or isn't.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SalesforceFrozen {
    pub login: String,
    pub user_id: String,
    pub username: String,
    pub frozen: bool,
}

impl EffectKind for SalesforceFrozen {
    const NEEDS: EffectNeeds = NO_AWS;

    fn about(&self) -> About<'_> {
        About::user(&self.login, UserOutcome::SetBeside { login: &self.login }, Risk::Sensitive)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let yes_no = |frozen: bool| if frozen { "yes" } else { "no" };
        let what = format!("Salesforce user {} is frozen", self.username);
        vec![Detail::value(&self.login, &what, yes_no(!self.frozen), yes_no(self.frozen))]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.username.clone()])
    }
}

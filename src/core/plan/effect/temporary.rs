//! What lasts until a time: the wait, and putting back what was set before it. What someone else has set since is left alone.

use serde::{Deserialize, Serialize};

use super::kind::{About, Detail, EffectKind, EffectNeeds, Nature, PlanContext, UserOutcome, Whom};
use super::statuses::StatusRef;
use crate::center::Named;
use crate::plan::Until;
use crate::user::UserField;
use crate::words::Risk;

/// It is that late. Until then what was done to the user before stays so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimePassed {
    pub login: String,
    pub until: Until,
}

impl EffectKind for TimePassed {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[]);

    fn about(&self) -> About<'_> {
        About {
            nature: Nature::Waits(self.until),
            whom: Whom::User(&self.login),
            user: UserOutcome::Unchanged,
            risk: Risk::Change,
        }
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::message(&self.login, "Stays", &self.until.words())]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.login.clone()])
    }
}

/// The user's routing profile is no longer the temporary one: it is this one, unless someone has set another since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutingProfilePutBack {
    pub login: String,
    pub user_id: String,
    pub temporary: Named,
    /// A routing profile.
    pub back: UserField,
}

impl RoutingProfilePutBack {
    pub fn new(login: &str, user_id: &str, temporary: Named, back: Named) -> RoutingProfilePutBack {
        let (login, user_id) = (login.to_owned(), user_id.to_owned());
        RoutingProfilePutBack { login, user_id, temporary, back: UserField::RoutingProfile(back) }
    }

    /// The one that it is put back to.
    pub fn profile(&self) -> Option<&Named> {
        if let UserField::RoutingProfile(profile) = &self.back { Some(profile) } else { None }
    }
}

impl EffectKind for RoutingProfilePutBack {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["UpdateUserRoutingProfile", "DescribeUser"]);

    fn about(&self) -> About<'_> {
        About::user(
            &self.login,
            UserOutcome::Set { login: &self.login, user_id: &self.user_id, field: &self.back },
            Risk::Change,
        )
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let back = self.profile().map(|profile| profile.name.as_str()).unwrap_or_default();
        vec![Detail::value(&self.login, "Routing profile, restored", &self.temporary.name, back)]
    }
}

/// The agent is no longer in the temporary status: they are in this one, unless someone has set another since or they have signed
/// out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusPutBack {
    pub login: String,
    pub user_id: String,
    pub temporary: StatusRef,
    pub back: StatusRef,
}

impl EffectKind for StatusPutBack {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["PutUserStatus", "GetCurrentUserData", "ListAgentStatuses"]);

    fn about(&self) -> About<'_> {
        About::user(&self.login, UserOutcome::Unchanged, Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::value(&self.login, "Agent status, after that", &self.temporary.name, &self.back.name)]
    }
}

//! Agent statuses, and what agents are doing: the status that someone is in, and contacts that keep them from the next one.

use serde::{Deserialize, Serialize};

use super::kind::{About, Detail, EffectKind, EffectNeeds, PlanContext, UserOutcome};
use crate::center::StatusKind;
use crate::words::Risk;

/// What a step reports under a name that begins with this is a sentence for the card of the request that ended.
pub const NOTE: &str = "note: ";

/// There is a custom agent status with this name, and it is as it was to be made. No API deletes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusPresent {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<u32>,
}

/// What the CCP shows of a status.
pub(super) fn shown(enabled: bool) -> &'static str {
    if enabled { "shown in the CCP" } else { "not shown in the CCP (disabled)" }
}

impl EffectKind for StatusPresent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["CreateAgentStatus", "SearchAgentStatuses"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let StatusPresent { name, description, enabled, order } = self;
        let what = format!("Agent status {name}");
        let mut rows = vec![Detail::message("", &what, &format!("added, {}", shown(*enabled)))];
        rows.extend(
            description.iter().map(|text| Detail::value("", &format!("{what}: description"), "", text)),
        );
        rows.extend(
            order.iter().map(|at| Detail::value("", &format!("{what}: position"), "", &at.to_string())),
        );
        rows
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(std::iter::once(self.name.clone()).chain(self.description.clone()).collect())
    }

    // A new status is disabled.
    fn is_undone_without_one(&self) -> bool {
        true
    }
}

/// One thing that is set of an agent status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusField {
    Name(String),
    /// Empty clears it.
    Description(String),
    Enabled(bool),
    /// Its place in the CCP; 0 is none.
    Order(u32),
}

impl StatusField {
    fn what(&self) -> &'static str {
        match self {
            StatusField::Name(_) => "name",
            StatusField::Description(_) => "description",
            StatusField::Enabled(_) => "in the CCP",
            StatusField::Order(_) => "position",
        }
    }

    fn value(&self) -> String {
        match self {
            StatusField::Description(text) if text.is_empty() => "none".to_owned(),
            StatusField::Name(text) | StatusField::Description(text) => text.clone(),
            StatusField::Enabled(true) => "shown".to_owned(),
            StatusField::Enabled(false) => "not shown (disabled)".to_owned(),
            StatusField::Order(0) => "none".to_owned(),
            StatusField::Order(at) => at.to_string(),
        }
    }
}

/// The agent status with this id has these, each kind once; what is not among them is not touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusHas {
    pub id: String,
    /// What it is called before this.
    pub status: String,
    pub fields: Vec<StatusField>,
}

impl EffectKind for StatusHas {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["UpdateAgentStatus", "DescribeAgentStatus"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Change)
    }

    fn details(&self, undo: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let before = |field: &StatusField| {
            let mut all = undo.into_iter().flat_map(|undo| &undo.fields);
            all.find(|old| old.what() == field.what()).map(StatusField::value).unwrap_or_default()
        };
        let row = |field: &StatusField| {
            let what = format!("Agent status {}: {}", self.status, field.what());
            Detail::value("", &what, &before(field), &field.value())
        };
        self.fields.iter().map(row).collect()
    }

    fn named(&self) -> Option<Vec<String>> {
        let texts = self.fields.iter().filter_map(|field| match field {
            StatusField::Name(text) | StatusField::Description(text) => Some(text.clone()),
            StatusField::Enabled(_) | StatusField::Order(_) => None,
        });
        Some(std::iter::once(self.status.clone()).chain(texts).filter(|text| !text.is_empty()).collect())
    }
}

/// An agent status that someone is put into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRef {
    pub id: String,
    pub name: String,
    pub kind: StatusKind,
}

/// The agent is in this status, or changes to it when their contact ends. Who is signed out is Offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInStatus {
    pub login: String,
    pub user_id: String,
    pub status: StatusRef,
}

impl EffectKind for UserInStatus {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["PutUserStatus", "GetCurrentUserData", "ListAgentStatuses"]);

    fn about(&self) -> About<'_> {
        About::user(&self.login, UserOutcome::Unchanged, Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::value(&self.login, "Agent status", "", &self.status.name)]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.login.clone(), self.status.name.clone()])
    }

    // An agent's last status is known from the request.
    fn is_undone_without_one(&self) -> bool {
        true
    }
}

/// The agent no longer has this contact, which is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactDismissed {
    pub login: String,
    pub user_id: String,
    pub contact_id: String,
    /// What it is: "missed voice contact".
    pub contact: String,
}

impl EffectKind for ContactDismissed {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["DismissUserContact", "GetCurrentUserData", "ListAgentStatuses"]);

    fn about(&self) -> About<'_> {
        About::user(&self.login, UserOutcome::Unchanged, Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::value(
            &self.login,
            &format!("The {}", self.contact),
            "",
            &format!("dismissed ({})", self.contact_id),
        )]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.login.clone(), self.contact.clone()])
    }
}

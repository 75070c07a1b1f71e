//! Quick connects, and the queues that offer them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kind::{Detail, EffectKind, EffectNeeds, Nature, PlanContext, UserOutcome, Whom};
use crate::words::Risk;

/// No quick connect has this id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuickConnectAbsent {
    pub id: String,
    pub name: String,
}

impl EffectKind for QuickConnectAbsent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["DeleteQuickConnect", "DescribeQuickConnect"]);

    fn nature(&self) -> Nature<'_> {
        Nature::Changes
    }

    fn whom(&self) -> Whom<'_> {
        Whom::NoOne
    }

    fn user_outcome(&self) -> UserOutcome<'_> {
        UserOutcome::Unchanged
    }

    fn risk(&self) -> Risk {
        Risk::Change
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::message("", &format!("Quick connect {}", self.name), "removed")]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.name.clone()])
    }
}

/// A quick connect with this name leads to the user with this login.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuickConnectPresent {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub login: String,
    pub contact_flow_id: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl EffectKind for QuickConnectPresent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[
        "CreateQuickConnect",
        "DescribeQuickConnect",
        "DescribeUser",
        "ListQuickConnects",
        "SearchUsers",
        "TagResource",
    ]);

    fn nature(&self) -> Nature<'_> {
        Nature::Changes
    }

    fn whom(&self) -> Whom<'_> {
        Whom::User(&self.login)
    }

    fn user_outcome(&self) -> UserOutcome<'_> {
        UserOutcome::Unchanged
    }

    fn risk(&self) -> Risk {
        Risk::Change
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let QuickConnectPresent { name, description, login, contact_flow_id, tags } = self;
        let what = format!("Quick connect {name}");
        let leads = format!("leads to {login} by the flow {contact_flow_id}");
        let mut rows = vec![Detail::value("", &what, "", &leads)];
        rows.extend(
            description.iter().map(|text| Detail::value("", &format!("{what}: description"), "", text)),
        );
        rows.extend(tags.iter().map(|(key, tag)| Detail::value("", &format!("{what}: tag {key}"), "", tag)));
        rows
    }

    fn named(&self) -> Option<Vec<String>> {
        let tags = self.tags.iter().flat_map(|(key, value)| [key.clone(), value.clone()]);
        let names = [self.name.clone(), self.login.clone()];
        Some(names.into_iter().chain(self.description.clone()).chain(tags).collect())
    }
}

/// A queue offers a quick connect, named by its name because its id may be new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueOffers {
    pub queue_id: String,
    pub queue: String,
    pub quick_connect: String,
}

impl EffectKind for QueueOffers {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["AssociateQueueQuickConnects", "ListQueueQuickConnects", "ListQuickConnects"]);

    fn nature(&self) -> Nature<'_> {
        Nature::Changes
    }

    fn whom(&self) -> Whom<'_> {
        Whom::NoOne
    }

    fn user_outcome(&self) -> UserOutcome<'_> {
        UserOutcome::Unchanged
    }

    fn risk(&self) -> Risk {
        Risk::Change
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let after = format!("offers the quick connect {}", self.quick_connect);
        vec![Detail::value("", &format!("Queue {}", self.queue), "", &after)]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.queue.clone(), self.quick_connect.clone()])
    }
}

/// A queue does not offer the quick connect with this id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueOffersNot {
    pub queue_id: String,
    pub queue: String,
    pub quick_connect_id: String,
    pub quick_connect: String,
}

impl EffectKind for QueueOffersNot {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["DisassociateQueueQuickConnects", "ListQueueQuickConnects"]);

    fn nature(&self) -> Nature<'_> {
        Nature::Changes
    }

    fn whom(&self) -> Whom<'_> {
        Whom::NoOne
    }

    fn user_outcome(&self) -> UserOutcome<'_> {
        UserOutcome::Unchanged
    }

    fn risk(&self) -> Risk {
        Risk::Change
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let after = format!("no longer offers the quick connect {}", self.quick_connect);
        vec![Detail::value("", &format!("Queue {}", self.queue), "", &after)]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.queue.clone(), self.quick_connect.clone()])
    }
}

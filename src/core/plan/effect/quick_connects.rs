//! Quick connects, and the queues that offer them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kind::{About, Detail, EffectKind, EffectNeeds, Nature, PlanContext, UserOutcome, Whom};
use crate::center::{LeadsTo, Named};
use crate::words::Risk;

/// No quick connect has this id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuickConnectAbsent {
    pub id: String,
    pub name: String,
}

impl EffectKind for QuickConnectAbsent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["DeleteQuickConnect", "DescribeQuickConnect"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::message("", &format!("Quick connect {}", self.name), "removed")]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.name.clone()])
    }
}

/// Where a quick connect leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Destination {
    /// The user with this login, by an agent transfer flow.
    User {
        login: String,
        contact_flow_id: String,
        /// The name of the flow, where it was looked up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow: Option<String>,
    },
    /// A queue, by a queue transfer flow.
    Queue {
        queue_id: String,
        queue: String,
        contact_flow_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow: Option<String>,
    },
    /// A phone number in E.164.
    Number { phone_number: String },
    /// A flow; for chats alone.
    Flow {
        contact_flow_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow: Option<String>,
    },
}

impl Destination {
    /// Where it leads, in words.
    pub fn words(&self) -> String {
        let by = |id: &String, flow: &Option<String>| flow.clone().unwrap_or_else(|| id.clone());
        match self {
            Destination::User { login, contact_flow_id, flow } => {
                format!("user {login}, flow {}", by(contact_flow_id, flow))
            }
            Destination::Queue { queue, contact_flow_id, flow, .. } => {
                format!("queue {queue}, flow {}", by(contact_flow_id, flow))
            }
            Destination::Number { phone_number } => format!("phone number {phone_number}"),
            Destination::Flow { contact_flow_id, flow } => {
                format!("flow {}", by(contact_flow_id, flow))
            }
        }
    }

    /// What it names, for the title of a card.
    fn named(&self) -> Vec<String> {
        match self {
            Destination::User { login, .. } => vec![login.clone()],
            Destination::Queue { queue, .. } => vec![queue.clone()],
            Destination::Number { phone_number } => vec![phone_number.clone()],
            Destination::Flow { contact_flow_id, flow } => {
                vec![flow.clone().unwrap_or_else(|| contact_flow_id.clone())]
            }
        }
    }

    /// The login of the user whom it leads to, if it is a user.
    pub fn login(&self) -> Option<&str> {
        match self {
            Destination::User { login, .. } => Some(login),
            Destination::Queue { .. } | Destination::Number { .. } | Destination::Flow { .. } => None,
        }
    }

    fn whom(&self) -> Whom<'_> {
        self.login().map_or(Whom::NoOne, Whom::User)
    }

    /// Whether a quick connect leads there, by this flow. `user_id` is the id of the user with its login.
    pub fn leads(&self, there: &LeadsTo, user_id: Option<&str>) -> bool {
        match (self, there) {
            (Destination::User { contact_flow_id, .. }, LeadsTo::User { user_id: there, flow_id }) => {
                user_id == Some(there) && contact_flow_id == flow_id
            }
            (
                Destination::Queue { queue_id, contact_flow_id, .. },
                LeadsTo::Queue { queue_id: there, flow_id },
            ) => queue_id == there && contact_flow_id == flow_id,
            (Destination::Number { phone_number }, LeadsTo::Number(there)) => phone_number == there,
            (Destination::Flow { contact_flow_id, .. }, LeadsTo::Flow { flow_id }) => {
                contact_flow_id == flow_id
            }
            _ => false,
        }
    }
}

/// A quick connect with this name leads there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuickConnectPresent {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(flatten)]
    pub destination: Destination,
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

    fn about(&self) -> About<'_> {
        About {
            nature: Nature::Changes,
            whom: self.destination.whom(),
            user: UserOutcome::Unchanged,
            risk: Risk::Change,
        }
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let QuickConnectPresent { name, description, destination, tags } = self;
        let what = format!("Quick connect {name}");
        let mut rows = vec![Detail::value("", &what, "", &destination.words())];
        rows.extend(
            description.iter().map(|text| Detail::value("", &format!("{what}: description"), "", text)),
        );
        rows.extend(tags.iter().map(|(key, tag)| Detail::value("", &format!("{what}: tag {key}"), "", tag)));
        rows
    }

    fn named(&self) -> Option<Vec<String>> {
        let tags = self.tags.iter().flat_map(|(key, value)| [key.clone(), value.clone()]);
        let names = [self.name.clone()].into_iter().chain(self.destination.named());
        Some(names.chain(self.description.clone()).chain(tags).collect())
    }
}

/// The quick connect that a plan made isn't there. One that someone changed since is left alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewQuickConnectAbsent {
    /// Nothing for one that the same plan made, which is found by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub made: QuickConnectPresent,
}

impl EffectKind for NewQuickConnectAbsent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[
        "DeleteQuickConnect",
        "DescribeQuickConnect",
        "DescribeUser",
        "ListQuickConnects",
        "SearchUsers",
    ]);

    fn about(&self) -> About<'_> {
        About {
            nature: Nature::Changes,
            whom: self.made.destination.whom(),
            user: UserOutcome::Unchanged,
            risk: Risk::Change,
        }
    }

    fn details(&self, _: Option<&Self>, plan: &PlanContext<'_>) -> Vec<Detail> {
        self.made.details(None, plan).into_iter().map(Detail::removed).collect()
    }

    fn named(&self) -> Option<Vec<String>> {
        self.made.named()
    }
}

/// What can be set of a quick connect. Each takes one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuickConnectField {
    Name(String),
    Description(Option<String>),
    LeadsTo(Destination),
}

impl QuickConnectField {
    fn words(&self) -> (&'static str, String) {
        match self {
            QuickConnectField::Name(name) => ("name", name.clone()),
            QuickConnectField::Description(text) => {
                ("description", text.clone().unwrap_or_else(|| "none".to_owned()))
            }
            QuickConnectField::LeadsTo(destination) => ("destination", destination.words()),
        }
    }
}

/// The quick connect with this id has this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuickConnectHas {
    pub id: String,
    /// What it is called when the plan is made.
    pub name: String,
    pub field: QuickConnectField,
}

impl EffectKind for QuickConnectHas {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[
        "UpdateQuickConnectConfig",
        "UpdateQuickConnectName",
        "DescribeQuickConnect",
        "DescribeUser",
        "SearchUsers",
    ]);

    fn about(&self) -> About<'_> {
        About {
            nature: Nature::Changes,
            whom: match &self.field {
                QuickConnectField::LeadsTo(destination) => destination.whom(),
                QuickConnectField::Name(_) | QuickConnectField::Description(_) => Whom::NoOne,
            },
            user: UserOutcome::Unchanged,
            risk: Risk::Change,
        }
    }

    fn details(&self, undo: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let (what, after) = self.field.words();
        let before = undo.map(|undo| undo.field.words().1).unwrap_or_default();
        vec![Detail::value("", &format!("Quick connect {}: {what}", self.name), &before, &after)]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.name.clone(), self.field.words().1])
    }
}

/// A queue offers all of these quick connects, which one call takes: they are named by their names, because their ids may be new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueOffersAll {
    pub queue_id: String,
    pub queue: String,
    pub quick_connects: Vec<String>,
}

impl EffectKind for QueueOffersAll {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["AssociateQueueQuickConnects", "ListQueueQuickConnects", "ListQuickConnects"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let what = format!("Queue {}", self.queue);
        let offers = |name: &String| Detail::value("", &what, "", &format!("has the quick connect {name}"));
        self.quick_connects.iter().map(offers).collect()
    }

    fn named(&self) -> Option<Vec<String>> {
        Some([self.queue.clone()].into_iter().chain(self.quick_connects.clone()).collect())
    }
}

/// A quick connect that a queue offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferedQuickConnect {
    /// Nothing for one that is found by its name, because its id may be new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
}

impl OfferedQuickConnect {
    pub fn is(&self, there: &Named) -> bool {
        self.id.as_ref().map_or(self.name == there.name, |id| *id == there.id)
    }
}

/// A queue offers none of these quick connects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueOffersNone {
    pub queue_id: String,
    pub queue: String,
    pub quick_connects: Vec<OfferedQuickConnect>,
}

impl EffectKind for QueueOffersNone {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["DisassociateQueueQuickConnects", "ListQueueQuickConnects"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let what = format!("Queue {}", self.queue);
        let offers = |one: &OfferedQuickConnect| {
            Detail::value("", &what, "", &format!("no longer has the quick connect {}", one.name))
        };
        self.quick_connects.iter().map(offers).collect()
    }

    fn named(&self) -> Option<Vec<String>> {
        let names = self.quick_connects.iter().map(|one| one.name.clone());
        Some([self.queue.clone()].into_iter().chain(names).collect())
    }
}

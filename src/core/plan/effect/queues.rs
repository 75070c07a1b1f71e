//! Queues: that they are there, and what is set of them.

use serde::{Deserialize, Serialize};

use super::kind::{About, Detail, EffectKind, EffectNeeds, PlanContext};
use crate::center::{Named, OutboundCaller, QueueInfo};
use crate::words::Risk;

/// A standard queue with this name is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueuePresent {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub hours: Named,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_contacts: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_id_name: Option<String>,
    /// What it offers, by name, because ids may be new; at most what one call takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quick_connects: Vec<String>,
}

impl QueuePresent {
    /// Whether a queue is as this one was made.
    pub fn is_as_made(&self, there: &QueueInfo) -> bool {
        let QueuePresent { name, description, hours, max_contacts, caller_id_name, quick_connects: _ } = self;
        there.name == *name
            && there.description == *description
            && there.hours_id.as_ref() == Some(&hours.id)
            && there.max_contacts == *max_contacts
            && there.caller.name == *caller_id_name
    }
}

impl EffectKind for QueuePresent {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["CreateQueue", "DescribeQueue", "ListQueues", "ListQuickConnects"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let QueuePresent { name, description, hours, max_contacts, caller_id_name, quick_connects } = self;
        let what = format!("Queue {name}");
        let mut rows = vec![Detail::value("", &format!("{what}: hours of operation"), "", &hours.name)];
        let mut add =
            |part: &str, value: &str| rows.push(Detail::value("", &format!("{what}: {part}"), "", value));
        if let Some(text) = description {
            add("description", text);
        }
        if let Some(most) = max_contacts {
            add("contact limit", &most.to_string());
        }
        if let Some(caller) = caller_id_name {
            add("caller ID name", caller);
        }
        for quick_connect in quick_connects {
            add("quick connect", quick_connect);
        }
        rows
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.name.clone(), self.hours.name.clone()])
    }
}

/// The queue that a plan made isn't there. One that someone changed since is left alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewQueueAbsent {
    /// Nothing for one that the same plan made, which is found by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub made: QueuePresent,
}

impl EffectKind for NewQueueAbsent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["DeleteQueue", "DescribeQueue", "ListQueues"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Sensitive)
    }

    fn details(&self, _: Option<&Self>, plan: &PlanContext<'_>) -> Vec<Detail> {
        self.made.details(None, plan).into_iter().map(Detail::removed).collect()
    }

    fn named(&self) -> Option<Vec<String>> {
        self.made.named()
    }
}

/// What can be set of a queue. Each takes one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueField {
    Name(String),
    /// It can be changed and never cleared.
    Description(String),
    Hours(Named),
    /// Nothing: no limit.
    MaxContacts(Option<u32>),
    /// What callers see. It is set whole.
    Caller(OutboundCaller),
    Enabled(bool),
}

impl QueueField {
    /// Whether a queue has it.
    pub fn is_set(&self, there: &QueueInfo) -> bool {
        match self {
            QueueField::Name(name) => there.name == *name,
            QueueField::Description(text) => there.description.as_ref() == Some(text),
            QueueField::Hours(hours) => there.hours_id.as_ref() == Some(&hours.id),
            QueueField::MaxContacts(most) => there.max_contacts == *most,
            QueueField::Caller(caller) => there.caller == *caller,
            QueueField::Enabled(enabled) => there.enabled == *enabled,
        }
    }

    /// What it is called, and its value.
    pub fn words(&self) -> (&'static str, String) {
        match self {
            QueueField::Name(name) => ("name", name.clone()),
            QueueField::Description(text) => ("description", text.clone()),
            QueueField::Hours(hours) => ("hours of operation", hours.name.clone()),
            QueueField::MaxContacts(most) => {
                ("contact limit", most.map_or_else(|| "no limit".to_owned(), |most| most.to_string()))
            }
            QueueField::Caller(caller) => {
                ("caller ID name", caller.name.clone().unwrap_or_else(|| "none".to_owned()))
            }
            QueueField::Enabled(true) => ("status", "enabled".to_owned()),
            QueueField::Enabled(false) => ("status", "disabled".to_owned()),
        }
    }
}

/// The queue with this id has this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueHas {
    pub queue_id: String,
    /// What it is called when the plan is made.
    pub queue: String,
    pub field: QueueField,
}

impl QueueHas {
    /// Where a queue is enabled or disabled and nothing else.
    pub const STATUS: EffectNeeds = EffectNeeds::calls(&["UpdateQueueStatus", "DescribeQueue"]);

    /// Where its settings are changed, and it isn't enabled or disabled.
    pub const SETTINGS: EffectNeeds = EffectNeeds::calls(&[
        "UpdateQueueName",
        "UpdateQueueHoursOfOperation",
        "UpdateQueueMaxContacts",
        "UpdateQueueOutboundCallerConfig",
        "DescribeQueue",
    ]);
}

impl EffectKind for QueueHas {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[
        "UpdateQueueName",
        "UpdateQueueHoursOfOperation",
        "UpdateQueueMaxContacts",
        "UpdateQueueOutboundCallerConfig",
        "UpdateQueueStatus",
        "DescribeQueue",
    ]);

    fn about(&self) -> About<'_> {
        let risk = match &self.field {
            // It decides whether anyone gets through.
            QueueField::Enabled(_) | QueueField::Hours(_) | QueueField::MaxContacts(_) => Risk::Sensitive,
            QueueField::Name(_) | QueueField::Description(_) | QueueField::Caller(_) => Risk::Change,
        };
        About::thing(risk)
    }

    fn details(&self, undo: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let (what, after) = self.field.words();
        let before = undo.map(|undo| undo.field.words().1).unwrap_or_default();
        vec![Detail::value("", &format!("Queue {}: {what}", self.queue), &before, &after)]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.queue.clone(), self.field.words().1])
    }
}

//! Contacts, as far as help desks start and end them: tasks, and what anybody has.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::flows;
use crate::answer::{Outcome, Refusal, nothing};
use crate::call::{Call, Draft};
use crate::handling::Channel;
use crate::ids::{Id, Kind};
use crate::presence::is_free_for;
use crate::quota::Quota;
use crate::world::{Change, Contact, ContactState, QuickConnectTarget, Stage, World};

/// The most bytes of all attributes together.
const LARGEST_ATTRIBUTES: usize = 32_768;
/// How far ahead a task can be scheduled.
const FARTHEST_MS: i64 = 6 * 24 * 3600 * 1000;
/// The most contacts that an agent's own queue holds.
const LONGEST_AGENT_QUEUE: usize = 10;
/// The references that a task can have when it is made.
const REFERENCE_TYPES: [&str; 5] = ["URL", "NUMBER", "STRING", "DATE", "EMAIL"];
/// The ways to begin of the voice contacts that StopContact leaves alone.
const NOT_STOPPED: [&str; 5] = ["DISCONNECT", "TRANSFER", "QUEUE_TRANSFER", "EXTERNAL_OUTBOUND", "MONITOR"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StartTask {
    contact_flow_id: Option<String>,
    quick_connect_id: Option<String>,
    task_template_id: Option<String>,
    previous_contact_id: Option<String>,
    related_contact_id: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    references: BTreeMap<String, Reference>,
    client_token: Option<String>,
    scheduled_time: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reference {
    #[serde(rename = "Type")]
    reference_type: String,
}

/// Where a task goes when its flow has run.
enum Target {
    Flow,
    Queue(Id),
    Agent(Id),
    /// Its flow leads nowhere: it ends immediately.
    Nowhere,
}

fn target(world: &World, call: &Call, wanted: &StartTask) -> Result<Target, Refusal> {
    match (&wanted.contact_flow_id, &wanted.quick_connect_id, &wanted.task_template_id) {
        (Some(flow), None, None) => {
            flows::usable(world, "ContactFlowId", flow, Some("CONTACT_FLOW")).map(|_| Target::Flow)
        }
        (None, Some(_), None) => {
            let quick_connect = call.resource(world, Kind::QuickConnect, "QuickConnectId")?;
            match quick_connect.quick_connect() {
                Some(QuickConnectTarget::User { user, .. }) => {
                    Ok(if world.user(*user).is_some() { Target::Agent(*user) } else { Target::Nowhere })
                }
                Some(QuickConnectTarget::Queue { queue, .. }) => {
                    let settings = world.resource(Kind::Queue, *queue).and_then(|queue| queue.queue());
                    let there = settings.is_some_and(|settings| settings.enabled);
                    Ok(if there { Target::Queue(*queue) } else { Target::Nowhere })
                }
                _ => Err(Refusal::invalid_request(
                    "A task goes through a quick connect to a user or a queue only.",
                )),
            }
        }
        (None, None, Some(_)) => Err(Refusal::not_found("There is no task template with this id.")),
        _ => Err(Refusal::invalid_request(
            "Exactly one of ContactFlowId, QuickConnectId and TaskTemplateId is required.",
        )),
    }
}

/// Starts a task, once for each client token.
pub(super) fn start_task(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: StartTask = call.read()?;
    let world = draft.world;
    let target = target(world, call, &wanted)?;
    if wanted.previous_contact_id.is_some() && wanted.related_contact_id.is_some() {
        return Err(Refusal::invalid_request("PreviousContactId and RelatedContactId exclude each other."));
    }
    for related in [&wanted.previous_contact_id, &wanted.related_contact_id].into_iter().flatten() {
        let id: Option<Id> = related.parse().ok();
        if id.and_then(|id| world.contact(id)).is_none() {
            return Err(Refusal::not_found("There is no contact with this id to link the task to."));
        }
    }
    let attributes: usize = wanted.attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
    if attributes > LARGEST_ATTRIBUTES {
        return Err(Refusal::invalid_parameter(format!(
            "Attributes have at most {LARGEST_ATTRIBUTES} bytes."
        )));
    }
    if wanted.references.values().any(|reference| !REFERENCE_TYPES.contains(&&*reference.reference_type)) {
        return Err(Refusal::invalid_parameter("A reference has a type that a new task cannot have."));
    }
    #[allow(clippy::cast_possible_truncation)]
    // A moment that no i64 holds becomes the last one that it does.
    let scheduled_ms = wanted.scheduled_time.map(|seconds| (seconds * 1000.0) as i64);
    if scheduled_ms
        .is_some_and(|at_ms| at_ms < draft.now_ms || at_ms > draft.now_ms.saturating_add(FARTHEST_MS))
    {
        return Err(Refusal::invalid_parameter("ScheduledTime must be from now to 6 days ahead."));
    }
    if let Some(contact) = wanted.client_token.as_ref().and_then(|token| world.started_with(token)) {
        return Ok(json!({ "ContactId": contact }));
    }
    let tasks = world.contacts().filter(|contact| contact.channel == Channel::Task).count();
    if tasks >= draft.rules.quotas.of(Quota::Tasks) {
        return Err(Refusal::new(
            "ServiceQuotaExceededException",
            "The instance has as many open tasks as it may.",
        ));
    }

    let id = draft.ids.next();
    if let Some(token) = wanted.client_token {
        draft.changes.push(Change::TaskToken { token, contact: id });
    }
    let placed = match (scheduled_ms, target) {
        (_, Target::Nowhere) => None,
        (Some(at_ms), Target::Flow) => Some((Stage::Scheduled(at_ms), None)),
        (Some(at_ms), Target::Queue(queue) | Target::Agent(queue)) => {
            Some((Stage::Scheduled(at_ms), Some(queue)))
        }
        (None, Target::Flow) => Some((Stage::Waiting, None)),
        (None, Target::Queue(queue)) => Some((Stage::Waiting, Some(queue))),
        (None, Target::Agent(agent)) => {
            let is_free = world.user(agent).is_some_and(|user| is_free_for(world, user, Channel::Task));
            let waiting = world
                .contacts()
                .filter(|contact| contact.queue == Some(agent) && contact.stage == Stage::Waiting);
            if is_free {
                Some((Stage::With(agent, ContactState::Incoming), Some(agent)))
            } else {
                (waiting.count() < LONGEST_AGENT_QUEUE).then_some((Stage::Waiting, Some(agent)))
            }
        }
    };
    if let Some((stage, queue)) = placed {
        let (channel, initiation) = (Channel::Task, "API".to_owned());
        draft.put_contact(Contact { id, channel, stage, queue, since_ms: draft.now_ms, initiation });
    }
    Ok(json!({ "ContactId": id }))
}

/// Ends a contact for the customer. Who had it is in after contact work.
pub(super) fn stop(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let id: Option<Id> = call.text("ContactId").unwrap_or_default().parse().ok();
    let contact = id.and_then(|id| draft.world.contact(id));
    let over = |contact: &Contact| matches!(contact.stage, Stage::With(_, ContactState::Ended));
    let Some(contact) = contact.filter(|contact| !over(contact)) else {
        return Err(Refusal::new(
            "ContactNotFoundException",
            "There is no contact with this id, or it has ended.",
        ));
    };
    if contact.channel == Channel::Voice && NOT_STOPPED.contains(&&*contact.initiation) {
        return Err(Refusal::invalid_request("A voice contact that began this way cannot be stopped."));
    }
    draft.disconnect(contact);
    nothing()
}

//! Queues: their settings, and the quick connects that agents see in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::flows;
use super::lists::{mixed_up, page, place, summary};
use super::quick_connects::summed_up;
use super::search::{self, DESCRIPTION, Field, NAME, resource_id};
use crate::answer::{Outcome, Refusal, nothing, optional, stamped};
use crate::call::{Call, Draft, NewResource, found, referred};
use crate::ids::{Id, Kind};
use crate::page::Page;
use crate::quota::Quota;
use crate::world::{Change, Detail, OutboundCaller, Queue, QuickConnectTarget, Resource, Tags, User, World};

static FIELDS: [Field<Resource>; 3] = [NAME, DESCRIPTION, resource_id(Kind::Queue)];

/// How many quick connects a queue takes.
const MOST_QUICK_CONNECTS: usize = 700;

/// The agents' own queues come first, as in AWS's example: who takes the first page only, takes the wrong ones.
const AGENT_PLACE: &str = "agent/";
const STANDARD_PLACE: &str = "standard/";

pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let page = Page::of(call, world)?;
    let types = call.texts("QueueTypes");
    let wanted = |queue_type: &str| types.is_empty() || types.contains(&queue_type);
    let after_login = page.after().map(|after| after.strip_prefix(AGENT_PLACE));
    let agents: Box<dyn Iterator<Item = &Arc<User>>> = match after_login {
        _ if !wanted("AGENT") => Box::new(std::iter::empty()),
        // The page starts behind the last agent.
        Some(None) => Box::new(std::iter::empty()),
        Some(Some(login)) => Box::new(world.users_after(Some(login))),
        None => Box::new(world.users_after(None)),
    };
    let agents = agents.map(|user| (format!("{AGENT_PLACE}{}", user.login), agent_queue(world, user)));
    let standard = world.resources(Kind::Queue).into_iter().filter(|_| wanted("STANDARD"));
    let standard =
        standard.map(|queue| (format!("{STANDARD_PLACE}{}", place(queue)), standard_queue(world, queue)));
    let (listed, next) = page.cut(agents.chain(standard));
    let mut output = json!({ "QueueSummaryList": listed });
    optional(&mut output, "NextToken", next);
    Ok(output)
}

/// An agent's own queue has the agent's id and no name.
fn agent_queue(world: &World, user: &User) -> Value {
    let arn = world.instance.names.agent_queue_arn(user.id);
    stamped(json!({ "Id": user.id, "Arn": arn, "QueueType": "AGENT" }), user.modified_ms)
}

fn standard_queue(world: &World, queue: &Resource) -> Value {
    let mut summary = summary(world, queue);
    optional(&mut summary, "QueueType", Some("STANDARD"));
    stamped(summary, queue.modified_ms)
}

/// The queue that the request is about. An agent's own queue is no one's to configure.
fn queue<'w>(world: &'w World, call: &Call) -> Result<&'w Arc<Resource>, Refusal> {
    let text = call.text("QueueId").unwrap_or_default();
    let agent = world.instance.names.id(Kind::Queue, text).and_then(|id| world.user(id));
    match agent {
        Some(_) => {
            Err(Refusal::invalid_request("This is an agent's own queue. Name a queue of the type STANDARD."))
        }
        None => found(world, Kind::Queue, text),
    }
}

/// The whole queue but its quick connects, as DescribeQueue and SearchQueues show it.
fn described(world: &World, queue: &Resource) -> Value {
    let Some(settings) = queue.queue() else { return Value::Null };
    let mut described = json!({
        "Name": queue.name,
        "QueueArn": world.instance.names.arn(Kind::Queue, queue.id),
        "QueueId": queue.id,
        "HoursOfOperationId": settings.hours,
        "Status": if settings.enabled { "ENABLED" } else { "DISABLED" },
        "Tags": queue.tags,
    });
    let OutboundCaller { name, number, flow } = &settings.caller;
    let mut caller = json!({});
    optional(&mut caller, "OutboundCallerIdName", name.as_deref());
    optional(&mut caller, "OutboundCallerIdNumberId", number.map(|number| json!(number)));
    optional(&mut caller, "OutboundFlowId", flow.map(|flow| json!(flow)));
    optional(&mut described, "OutboundCallerConfig", Some(caller).filter(|caller| *caller != json!({})));
    optional(&mut described, "MaxContacts", settings.max_contacts);
    optional(&mut described, "Description", queue.description.as_deref());
    stamped(described, queue.modified_ms)
}

pub(super) fn describe(world: &World, call: &Call) -> Outcome {
    Ok(json!({ "Queue": described(world, queue(world, call)?) }))
}

/// Agents' own queues are not searched.
pub(super) fn search(world: &World, call: &Call) -> Outcome {
    search::resources(world, call, (Kind::Queue, "Queues"), &FIELDS, |queue| described(world, queue))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CallerConfig {
    outbound_caller_id_name: Option<String>,
    outbound_caller_id_number_id: Option<String>,
    outbound_flow_id: Option<String>,
}

impl CallerConfig {
    fn caller(self, world: &World) -> Result<OutboundCaller, Refusal> {
        let number = |text: String| referred(world, Kind::PhoneNumber, "OutboundCallerIdNumberId", &text);
        let flow = |text: String| flows::usable(world, "OutboundFlowId", &text, Some("OUTBOUND_WHISPER"));
        Ok(OutboundCaller {
            name: self.outbound_caller_id_name,
            number: self.outbound_caller_id_number_id.map(number).transpose()?,
            flow: self.outbound_flow_id.map(flow).transpose()?,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: String,
    description: Option<String>,
    #[serde(default)]
    outbound_caller_config: CallerConfig,
    hours_of_operation_id: String,
    max_contacts: Option<i64>,
    #[serde(default)]
    quick_connect_ids: Vec<String>,
    #[serde(default)]
    tags: Tags,
}

pub(super) fn create(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Create = call.read()?;
    let world = draft.world;
    for email in ["OutboundEmailConfig", "EmailAddressesConfig"] {
        if call.input.contains_key(email) {
            return Err(Refusal::invalid_parameter(format!("{email}: the instance has no email addresses.")));
        }
    }
    let quick_connect = |text: &String| referred(world, Kind::QuickConnect, "QuickConnectIds", text);
    let queue = Queue {
        hours: referred(world, Kind::HoursOfOperation, "HoursOfOperationId", &wanted.hours_of_operation_id)?,
        quick_connects: wanted.quick_connect_ids.iter().map(quick_connect).collect::<Result<_, _>>()?,
        enabled: true,
        max_contacts: wanted.max_contacts,
        caller: wanted.outbound_caller_config.caller(world)?,
    };
    let Create { name, description, tags, .. } = wanted;
    let new = NewResource { name, description, tags, detail: Detail::Queue(queue) };
    let id = draft.create(new, Quota::Queues)?;
    Ok(json!({ "QueueId": id, "QueueArn": world.instance.names.arn(Kind::Queue, id) }))
}

/// What routes to the queue keeps it: routing profiles and quick connects.
pub(super) fn delete(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let world = draft.world;
    let id = queue(world, call)?.id;
    let routed = |profile: &&Arc<Resource>| {
        profile.routing_profile().is_some_and(|profile| {
            let manual = profile.manual_queues.iter();
            let mut pairs = profile.queues.iter().map(|routed| &routed.pair).chain(manual);
            profile.default_queue == id || pairs.any(|pair| pair.queue == id)
        })
    };
    let leads_here = |quick_connect: &&Arc<Resource>| matches!(quick_connect.quick_connect(), Some(QuickConnectTarget::Queue { queue, .. }) if *queue == id);
    let used = world.resources(Kind::RoutingProfile).iter().any(routed)
        || world.resources(Kind::QuickConnect).iter().any(leads_here)
        || world.contacts().any(|contact| contact.queue == Some(id));
    if used {
        let arn = world.instance.names.arn(Kind::Queue, id);
        return Err(Refusal::in_use(
            "A routing profile, a quick connect or a contact needs the queue.",
            None,
            arn,
        ));
    }
    draft.changes.push(Change::ResourceGone { kind: Kind::Queue, id });
    nothing()
}

/// Changes a copy of the queue; what is refused half-way leaves it alone.
fn change(
    draft: &mut Draft<'_>,
    call: &Call,
    by: impl FnOnce(&World, &mut Queue) -> Result<(), Refusal>,
) -> Outcome {
    let mut changed = Resource::clone(queue(draft.world, call)?);
    let Detail::Queue(settings) = &mut changed.detail else { return Err(mixed_up()) };
    by(draft.world, settings)?;
    draft.put_resource(changed);
    nothing()
}

pub(super) fn update_name(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let mut changed = Resource::clone(queue(draft.world, call)?);
    draft.rename(&mut changed, call)?;
    draft.put_resource(changed);
    nothing()
}

pub(super) fn update_status(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    change(draft, call, |_, queue| {
        queue.enabled = call.text("Status") == Some("ENABLED");
        Ok(())
    })
}

pub(super) fn update_hours(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let text = call.text("HoursOfOperationId").unwrap_or_default();
    change(draft, call, |world, queue| {
        queue.hours = referred(world, Kind::HoursOfOperation, "HoursOfOperationId", text)?;
        Ok(())
    })
}

/// Without a number the queue has no limit.
pub(super) fn update_max_contacts(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    change(draft, call, |_, queue| {
        queue.max_contacts = call.input.get("MaxContacts").and_then(Value::as_i64);
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateCaller {
    outbound_caller_config: CallerConfig,
}

/// The whole of it is replaced: what is not sent is cleared.
pub(super) fn update_caller(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: UpdateCaller = call.read()?;
    change(draft, call, |world, queue| {
        queue.caller = wanted.outbound_caller_config.caller(world)?;
        Ok(())
    })
}

pub(super) fn list_quick_connects(world: &World, call: &Call) -> Outcome {
    let queue = queue(world, call)?;
    let shown = queue.queue().map(|settings| &settings.quick_connects).into_iter().flatten();
    let mut shown: Vec<_> = shown.filter_map(|id| world.resource(Kind::QuickConnect, *id)).collect();
    shown.sort_by_key(|resource| place(resource));
    let shown = shown.into_iter().map(|resource| (place(resource), resource));
    let output = page(world, call, "QuickConnectSummaryList", shown, |resource| summed_up(world, resource))?;
    Ok(stamped(output, queue.modified_ms))
}

pub(super) fn associate_quick_connects(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    change_quick_connects(draft, call, true)
}

/// What is not associated is disassociated already.
pub(super) fn disassociate_quick_connects(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    change_quick_connects(draft, call, false)
}

fn change_quick_connects(draft: &mut Draft<'_>, call: &Call, associate: bool) -> Outcome {
    let world = draft.world;
    let wanted = call.texts("QuickConnectIds").into_iter().map(|text| found(world, Kind::QuickConnect, text));
    // The queue comes first: it is what the operation is about.
    queue(world, call)?;
    let wanted: BTreeSet<Id> =
        wanted.map(|found| found.map(|resource| resource.id)).collect::<Result<_, _>>()?;
    change(draft, call, |_, queue| {
        if associate {
            queue.quick_connects.extend(wanted);
        } else {
            queue.quick_connects.retain(|id| !wanted.contains(id));
        }
        if queue.quick_connects.len() > MOST_QUICK_CONNECTS {
            return Err(Refusal::limit_exceeded(format!(
                "A queue has at most {MOST_QUICK_CONNECTS} quick connects."
            )));
        }
        Ok(())
    })
}

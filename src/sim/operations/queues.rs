//! Queues, the quick connects that agents see in them, and the routing profiles that serve them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::catalog::{mixed_up, place, summary};
use super::quick_connects::summed_up;
use super::{Ask, Draft, found, nothing, optional, stamped};
use crate::answer::{Outcome, Refusal};
use crate::ids::{Id, Kind};
use crate::page::Page;
use crate::world::{Detail, Resource, User, World};

/// How many quick connects a queue takes.
const MOST_QUICK_CONNECTS: usize = 700;

/// The agents' own queues come first, as in AWS's example: who takes the first page only, takes the wrong ones.
const AGENT_PLACE: &str = "agent/";
const STANDARD_PLACE: &str = "standard/";

pub(super) fn list(world: &World, ask: &Ask) -> Outcome {
    let page = Page::of(ask, world)?;
    let types = ask.texts("QueueTypes");
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

/// The queue that the request is about. An agent's own queue is nobody's to configure.
fn queue<'w>(world: &'w World, ask: &Ask) -> Result<&'w Arc<Resource>, Refusal> {
    let text = ask.text("QueueId").unwrap_or_default();
    let agent = world.instance.names.id(Kind::Queue, text).and_then(|id| world.user(id));
    match agent {
        Some(_) => {
            Err(Refusal::invalid_request("This is an agent's own queue. Name a queue of the type STANDARD."))
        }
        None => found(world, Kind::Queue, text),
    }
}

pub(super) fn describe(world: &World, ask: &Ask) -> Outcome {
    let queue = queue(world, ask)?;
    let Detail::Queue { hours, .. } = &queue.detail else { return Err(mixed_up()) };
    let mut described = json!({
        "Name": queue.name,
        "QueueArn": world.instance.names.arn(Kind::Queue, queue.id),
        "QueueId": queue.id,
        "HoursOfOperationId": hours,
        "Status": "ENABLED",
        "Tags": queue.tags,
    });
    optional(&mut described, "Description", queue.description.as_deref());
    Ok(json!({ "Queue": stamped(described, queue.modified_ms) }))
}

pub(super) fn list_quick_connects(world: &World, ask: &Ask) -> Outcome {
    let queue = queue(world, ask)?;
    let Detail::Queue { quick_connects, .. } = &queue.detail else { return Err(mixed_up()) };
    let page = Page::of(ask, world)?;
    let mut listed: Vec<_> =
        quick_connects.iter().filter_map(|id| world.resource(Kind::QuickConnect, *id)).collect();
    listed.sort_by_key(|resource| place(resource));
    let (listed, next) =
        page.cut(listed.into_iter().map(|resource| (place(resource), summed_up(world, resource))));
    let mut output = json!({ "QuickConnectSummaryList": listed });
    optional(&mut output, "NextToken", next);
    Ok(stamped(output, queue.modified_ms))
}

pub(super) fn associate_quick_connects(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    change_quick_connects(draft, ask, true)
}

/// What is not associated is disassociated already.
pub(super) fn disassociate_quick_connects(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    change_quick_connects(draft, ask, false)
}

fn change_quick_connects(draft: &mut Draft<'_>, ask: &Ask, associate: bool) -> Outcome {
    let mut queue = Resource::clone(queue(draft.world, ask)?);
    let wanted =
        ask.texts("QuickConnectIds").into_iter().map(|text| found(draft.world, Kind::QuickConnect, text));
    let wanted: Vec<Id> = wanted.map(|found| found.map(|resource| resource.id)).collect::<Result<_, _>>()?;
    let Detail::Queue { quick_connects, .. } = &mut queue.detail else { return Err(mixed_up()) };
    if associate {
        quick_connects.extend(wanted);
    } else {
        quick_connects.retain(|id| !wanted.contains(id));
    }
    if quick_connects.len() > MOST_QUICK_CONNECTS {
        return Err(Refusal::limit_exceeded(format!(
            "A queue has at most {MOST_QUICK_CONNECTS} quick connects."
        )));
    }
    draft.put_resource(queue);
    nothing()
}

pub(super) fn list_of_routing_profile(world: &World, ask: &Ask) -> Outcome {
    let profile = ask.resource(world, Kind::RoutingProfile, "RoutingProfileId")?;
    let Detail::RoutingProfile { queues, .. } = &profile.detail else { return Err(mixed_up()) };
    let page = Page::of(ask, world)?;
    let mut listed: Vec<(String, Value)> = queues
        .iter()
        .map(|routed| {
            let name = world.name_of(Kind::Queue, routed.queue);
            let key = format!("{name}\0{:?}", routed.channel);
            let config = json!({
                "QueueId": routed.queue,
                "QueueArn": world.instance.names.arn(Kind::Queue, routed.queue),
                "QueueName": name,
                "Priority": routed.priority,
                "Delay": 0,
                "Channel": routed.channel,
            });
            (key, config)
        })
        .collect();
    listed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let (listed, next) = page.cut(listed);
    let mut output = json!({ "RoutingProfileQueueConfigSummaryList": listed });
    optional(&mut output, "NextToken", next);
    Ok(stamped(output, profile.modified_ms))
}

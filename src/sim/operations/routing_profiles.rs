//! Routing profiles: which queues and channels their agents serve, and how much of each at one time.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::lists::{list as list_resources, mixed_up, page, stamped_summary};
use super::search::{self, DESCRIPTION, Field, NAME, resource_id};
use crate::answer::{Outcome, Refusal, nothing, optional, stamped, written};
use crate::call::{Call, Draft, NewResource, found, referred};
use crate::handling::Channel;
use crate::ids::{Id, Kind};
use crate::quota::Quota;
use crate::world::{
    Change, CrossChannelBehavior, Detail, MediaConcurrency, QueueChannel, Resource, RoutedQueue,
    RoutingProfile, Tags, World,
};

/// The most queues that one call names, as AWS documents.
const MOST_IN_A_CALL: usize = 10;
/// The most contacts of a channel that an agent takes, however they are divided.
const MOST_SLOTS: i64 = 10;
const TIMER: &str = "TIME_SINCE_LAST_ACTIVITY";

static FIELDS: [Field<Resource>; 4] = [
    NAME,
    DESCRIPTION,
    Field::id("associatedQueueIds", Kind::Queue, |_, resource, text| {
        let queues = resource.routing_profile().map(queue_ids).unwrap_or_default();
        queues.into_iter().any(|queue| text.passes_id(queue))
    }),
    resource_id(Kind::RoutingProfile),
];

fn queue_ids(profile: &RoutingProfile) -> BTreeSet<Id> {
    profile.queues.iter().map(|routed| routed.pair.queue).collect()
}

pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let of = (Kind::RoutingProfile, "RoutingProfileSummaryList");
    list_resources(world, call, of, |_| true, |resource| stamped_summary(world, resource))
}

/// What DescribeRoutingProfile and SearchRoutingProfiles both show.
fn common(world: &World, resource: &Resource, profile: &RoutingProfile) -> Value {
    let mut described = json!({
        "InstanceId": world.instance.names.instance_id,
        "Name": resource.name,
        "RoutingProfileArn": world.instance.names.arn(Kind::RoutingProfile, resource.id),
        "RoutingProfileId": resource.id,
        "MediaConcurrencies": written(&profile.concurrencies),
        "DefaultOutboundQueueId": profile.default_queue,
        "Tags": resource.tags,
        "NumberOfAssociatedQueues": profile.queues.len(),
        "NumberOfAssociatedManualAssignmentQueues": profile.manual_queues.len(),
        "NumberOfAssociatedUsers": world.users_of_routing_profile(resource.id),
        "IsDefault": profile.is_default,
    });
    optional(&mut described, "Description", resource.description.as_deref());
    described
}

/// The ids of the queues are not there, as AWS documents.
pub(super) fn describe(world: &World, call: &Call) -> Outcome {
    let resource = call.resource(world, Kind::RoutingProfile, "RoutingProfileId")?;
    let profile = resource.routing_profile().ok_or_else(mixed_up)?;
    let mut described = common(world, resource, profile);
    optional(&mut described, "AgentAvailabilityTimer", Some(profile.availability_timer.as_str()));
    Ok(json!({ "RoutingProfile": stamped(described, resource.modified_ms) }))
}

/// The ids of the queues are here; the time of the last change, the timer and how channels mix are not, as AWS documents.
pub(super) fn search(world: &World, call: &Call) -> Outcome {
    let of = (Kind::RoutingProfile, "RoutingProfiles");
    search::resources(world, call, of, &FIELDS, |resource| {
        let Some(profile) = resource.routing_profile() else { return Value::Null };
        let mut shown = common(world, resource, profile);
        let manual: BTreeSet<Id> = profile.manual_queues.iter().map(|pair| pair.queue).collect();
        optional(&mut shown, "AssociatedQueueIds", Some(json!(queue_ids(profile))));
        optional(&mut shown, "AssociatedManualAssignmentQueueIds", Some(json!(manual)));
        for concurrency in shown["MediaConcurrencies"].as_array_mut().into_iter().flatten() {
            concurrency.as_object_mut().map(|concurrency| concurrency.remove("CrossChannelBehavior"));
        }
        shown
    })
}

fn pair(world: &World, QueueChannel { queue, channel }: QueueChannel) -> (String, Value) {
    let name = world.name_of(Kind::Queue, queue);
    let key = format!("{name}\0{queue}\0{channel:?}");
    let arn = world.instance.names.arn(Kind::Queue, queue);
    (key, json!({ "QueueId": queue, "QueueArn": arn, "QueueName": name, "Channel": channel }))
}

pub(super) fn list_queues(world: &World, call: &Call) -> Outcome {
    let resource = call.resource(world, Kind::RoutingProfile, "RoutingProfileId")?;
    let profile = resource.routing_profile().ok_or_else(mixed_up)?;
    let config = |routed: &RoutedQueue| {
        let (key, mut config) = pair(world, routed.pair);
        optional(&mut config, "Priority", Some(routed.priority));
        optional(&mut config, "Delay", Some(routed.delay));
        (key, config)
    };
    let mut listed: Vec<_> = profile.queues.iter().map(config).collect();
    listed.sort_by(|(one, _), (other, _)| one.cmp(other));
    let output = page(world, call, "RoutingProfileQueueConfigSummaryList", listed, |config| config)?;
    Ok(stamped(output, resource.modified_ms))
}

pub(super) fn list_manual_queues(world: &World, call: &Call) -> Outcome {
    let resource = call.resource(world, Kind::RoutingProfile, "RoutingProfileId")?;
    let profile = resource.routing_profile().ok_or_else(mixed_up)?;
    let mut listed: Vec<_> = profile.manual_queues.iter().map(|queue| pair(world, *queue)).collect();
    listed.sort_by(|(one, _), (other, _)| one.cmp(other));
    let list_name = "RoutingProfileManualAssignmentQueueConfigSummaryList";
    let output = page(world, call, list_name, listed, |config| config)?;
    Ok(stamped(output, resource.modified_ms))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueReference {
    queue_id: String,
    channel: Channel,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueConfig {
    queue_reference: QueueReference,
    priority: i64,
    delay: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ManualQueueConfig {
    queue_reference: QueueReference,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configs {
    queue_configs: Vec<QueueConfig>,
    manual_assignment_queue_configs: Vec<ManualQueueConfig>,
}

impl QueueReference {
    /// The queue has to be there, as it is what the operation is about.
    fn pair(&self, world: &World) -> Result<QueueChannel, Refusal> {
        Ok(QueueChannel { queue: found(world, Kind::Queue, &self.queue_id)?.id, channel: self.channel })
    }
}

fn named_once(pairs: &[QueueChannel]) -> Result<(), Refusal> {
    if pairs.iter().collect::<BTreeSet<_>>().len() < pairs.len() {
        return Err(Refusal::invalid_parameter("A queue is named twice for the same channel."));
    }
    Ok(())
}

impl Configs {
    fn read(self, world: &World) -> Result<(Vec<RoutedQueue>, Vec<QueueChannel>), Refusal> {
        let routed = |config: &QueueConfig| {
            let pair = config.queue_reference.pair(world)?;
            Ok(RoutedQueue { pair, priority: config.priority, delay: config.delay })
        };
        let manual = |config: &ManualQueueConfig| {
            let pair = config.queue_reference.pair(world)?;
            match pair.channel {
                Channel::Voice => {
                    Err(Refusal::invalid_parameter("VOICE contacts cannot be assigned manually."))
                }
                _ => Ok(pair),
            }
        };
        let queues = self.queue_configs.iter().map(routed).collect::<Result<Vec<_>, Refusal>>()?;
        let manual: Vec<_> =
            self.manual_assignment_queue_configs.iter().map(manual).collect::<Result<_, _>>()?;
        named_once(&queues.iter().map(|routed| routed.pair).collect::<Vec<_>>())?;
        named_once(&manual)?;
        Ok((queues, manual))
    }
}

/// The channels of a profile, as they are sent and kept. An agent takes one call at a time.
fn checked(mut concurrencies: Vec<MediaConcurrency>) -> Result<Vec<MediaConcurrency>, Refusal> {
    let wrong = |message: String| Err(Refusal::invalid_parameter(message));
    if concurrencies.is_empty() {
        return wrong("MediaConcurrencies must hold a channel.".to_owned());
    }
    concurrencies.sort_by_key(|concurrency| concurrency.channel);
    if concurrencies.windows(2).any(|pair| pair[0].channel == pair[1].channel) {
        return wrong("MediaConcurrencies names a channel twice.".to_owned());
    }
    for concurrency in &mut concurrencies {
        concurrency.cross_channel_behavior.get_or_insert_with(CrossChannelBehavior::default);
        let channel = written(&concurrency.channel);
        let channel = channel.as_str().unwrap_or_default();
        let workloads = &concurrency.workload_type_concurrencies;
        if workloads.is_empty() {
            let most = if concurrency.channel == Channel::Voice { 1 } else { MOST_SLOTS };
            if !concurrency.concurrency.is_some_and(|slots| (1..=most).contains(&slots)) {
                return wrong(format!("Concurrency of {channel} must be from 1 to {most}."));
            }
            continue;
        }
        if !matches!(concurrency.channel, Channel::Task | Channel::Email) {
            return wrong(format!("{channel} has no workload types; TASK and EMAIL have."));
        }
        if concurrency.concurrency.is_some_and(|slots| slots != 0) {
            return wrong(format!("{channel} has either Concurrency or WorkloadTypeConcurrencies."));
        }
        let names: BTreeSet<_> = workloads.iter().map(|workload| &workload.workload_type).collect();
        if names.len() < workloads.len() {
            return wrong(format!("{channel} names a workload type twice."));
        }
        if workloads.iter().map(|workload| workload.concurrency).sum::<i64>() > MOST_SLOTS {
            return wrong(format!(
                "The workload types of {channel} take at most {MOST_SLOTS} contacts together."
            ));
        }
        concurrency.concurrency = None;
    }
    Ok(concurrencies)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: String,
    description: String,
    default_outbound_queue_id: String,
    #[serde(flatten)]
    configs: Configs,
    media_concurrencies: Vec<MediaConcurrency>,
    agent_availability_timer: Option<String>,
    #[serde(default)]
    tags: Tags,
}

pub(super) fn create(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Create = call.read()?;
    let world = draft.world;
    let (queues, manual_queues) = wanted.configs.read(world)?;
    let profile = RoutingProfile {
        default_queue: referred(
            world,
            Kind::Queue,
            "DefaultOutboundQueueId",
            &wanted.default_outbound_queue_id,
        )?,
        concurrencies: checked(wanted.media_concurrencies)?,
        queues,
        manual_queues,
        availability_timer: wanted.agent_availability_timer.unwrap_or_else(|| TIMER.to_owned()),
        is_default: false,
    };
    let id = draft.create(
        NewResource {
            name: wanted.name,
            description: Some(wanted.description),
            tags: wanted.tags,
            detail: Detail::RoutingProfile(profile),
        },
        Quota::RoutingProfiles,
    )?;
    let arn = world.instance.names.arn(Kind::RoutingProfile, id);
    Ok(json!({ "RoutingProfileId": id, "RoutingProfileArn": arn }))
}

/// Who has it keeps it, and every instance keeps its default one.
pub(super) fn delete(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let world = draft.world;
    let resource = call.resource(world, Kind::RoutingProfile, "RoutingProfileId")?;
    let id = resource.id;
    if world.users_of_routing_profile(id) > 0 {
        let arn = world.instance.names.arn(Kind::RoutingProfile, id);
        return Err(Refusal::in_use("Users have the routing profile.", None, arn));
    }
    if resource.routing_profile().is_some_and(|profile| profile.is_default) {
        return Err(Refusal::invalid_request("The default routing profile cannot be deleted."));
    }
    draft.changes.push(Change::ResourceGone { kind: Kind::RoutingProfile, id });
    nothing()
}

/// Changes a copy of the profile; what is refused half-way leaves it alone.
fn change(
    draft: &mut Draft<'_>,
    call: &Call,
    by: impl FnOnce(&Draft<'_>, &mut RoutingProfile) -> Result<(), Refusal>,
) -> Outcome {
    let mut resource =
        Resource::clone(call.resource(draft.world, Kind::RoutingProfile, "RoutingProfileId")?);
    let Detail::RoutingProfile(profile) = &mut resource.detail else { return Err(mixed_up()) };
    by(draft, profile)?;
    draft.put_resource(resource);
    nothing()
}

pub(super) fn update_name(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let mut resource =
        Resource::clone(call.resource(draft.world, Kind::RoutingProfile, "RoutingProfileId")?);
    draft.rename(&mut resource, call)?;
    draft.put_resource(resource);
    nothing()
}

pub(super) fn update_default_queue(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let text = call.text("DefaultOutboundQueueId").unwrap_or_default();
    change(draft, call, |draft, profile| {
        profile.default_queue = referred(draft.world, Kind::Queue, "DefaultOutboundQueueId", text)?;
        Ok(())
    })
}

pub(super) fn update_timer(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    change(draft, call, |_, profile| {
        call.text("AgentAvailabilityTimer").unwrap_or(TIMER).clone_into(&mut profile.availability_timer);
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Concurrencies {
    media_concurrencies: Vec<MediaConcurrency>,
}

/// The whole list is replaced: a channel that is not sent is off, and so are the workload types of one that is.
pub(super) fn update_concurrency(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Concurrencies = call.read()?;
    change(draft, call, |_, profile| {
        profile.concurrencies = checked(wanted.media_concurrencies)?;
        Ok(())
    })
}

/// Adds pairs of a queue and a channel; one that is there already gets the new priority and delay.
pub(super) fn associate_queues(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Configs = call.read()?;
    change(draft, call, |draft, profile| {
        let (queues, manual) = wanted.read(draft.world)?;
        if queues.is_empty() && manual.is_empty() {
            return Err(Refusal::invalid_request(
                "QueueConfigs or ManualAssignmentQueueConfigs is required.",
            ));
        }
        profile.queues.retain(|routed| queues.iter().all(|new| new.pair != routed.pair));
        profile.queues.extend(queues);
        profile.manual_queues.retain(|pair| !manual.contains(pair));
        profile.manual_queues.extend(manual);
        let most = draft.rules.quotas.of(Quota::QueuesPerRoutingProfile);
        if profile.queues.len() > most || profile.manual_queues.len() > most {
            return Err(Refusal::invalid_request(format!(
                "A routing profile has at most {most} pairs of a queue and a channel of each sort."
            )));
        }
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct References {
    queue_references: Vec<QueueReference>,
    manual_assignment_queue_references: Vec<QueueReference>,
}

/// Removes pairs; one that is not there is removed already. A queue that is gone can still be removed.
pub(super) fn disassociate_queues(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let References { queue_references: queues, manual_assignment_queue_references: manual } = call.read()?;
    change(draft, call, |draft, profile| {
        match queues.len() + manual.len() {
            0 => {
                let message = "QueueReferences or ManualAssignmentQueueReferences is required.";
                return Err(Refusal::invalid_request(message));
            }
            1..=MOST_IN_A_CALL => {}
            _ => {
                let message = format!("One call names at most {MOST_IN_A_CALL} queues.");
                return Err(Refusal::invalid_parameter(message));
            }
        }
        let names = &draft.world.instance.names;
        let named = |list: &[QueueReference], pair: QueueChannel| {
            list.iter().any(|reference| {
                reference.channel == pair.channel
                    && names.id(Kind::Queue, &reference.queue_id) == Some(pair.queue)
            })
        };
        profile.queues.retain(|routed| !named(&queues, routed.pair));
        profile.manual_queues.retain(|pair| !named(&manual, *pair));
        Ok(())
    })
}

/// Changes priority and delay; all the pairs have to be there.
pub(super) fn update_queues(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Configs = call.read()?;
    change(draft, call, |draft, profile| {
        let (queues, _) = wanted.read(draft.world)?;
        for new in queues {
            let existing = profile.queues.iter_mut().find(|routed| routed.pair == new.pair);
            let missing = || {
                Refusal::not_found("The routing profile does not have one of these queues for this channel.")
            };
            *existing.ok_or_else(missing)? = new;
        }
        Ok(())
    })
}

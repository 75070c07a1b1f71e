//! Quick connects: where an agent can send a contact with one click.

use serde::Deserialize;
use serde_json::{Value, json};

use super::flows;
use super::lists::{list as list_resources, summary};
use super::search::{self, DESCRIPTION, Field, NAME, resource_id};
use crate::answer::{Outcome, Refusal, nothing, optional, stamped};
use crate::call::{Call, Draft, NewResource, referred};
use crate::ids::Kind;
use crate::quota::Quota;
use crate::world::{Change, Detail, QuickConnectTarget, Resource, Tags, World};

static FIELDS: [Field<Resource>; 3] = [NAME, DESCRIPTION, resource_id(Kind::QuickConnect)];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    quick_connect_type: String,
    user_config: Option<UserConfig>,
    queue_config: Option<QueueConfig>,
    phone_config: Option<NumberConfig>,
    flow_config: Option<FlowConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserConfig {
    user_id: String,
    contact_flow_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueConfig {
    queue_id: String,
    contact_flow_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NumberConfig {
    phone_number: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FlowConfig {
    contact_flow_id: String,
}

impl Config {
    /// The target; the config of the type that is named must be there, and no other.
    fn target(self, world: &World) -> Result<QuickConnectTarget, Refusal> {
        let flow = |text: &str, of_type| flows::usable(world, "ContactFlowId", text, of_type);
        match (
            &*self.quick_connect_type,
            self.user_config,
            self.queue_config,
            self.phone_config,
            self.flow_config,
        ) {
            ("USER", Some(config), None, None, None) => Ok(QuickConnectTarget::User {
                user: referred(world, Kind::User, "UserConfig.UserId", &config.user_id)?,
                flow: flow(&config.contact_flow_id, Some("AGENT_TRANSFER"))?,
            }),
            ("QUEUE", None, Some(config), None, None) => Ok(QuickConnectTarget::Queue {
                queue: referred(world, Kind::Queue, "QueueConfig.QueueId", &config.queue_id)?,
                flow: flow(&config.contact_flow_id, Some("QUEUE_TRANSFER"))?,
            }),
            ("PHONE_NUMBER", None, None, Some(config), None) => {
                Ok(QuickConnectTarget::PhoneNumber { number: config.phone_number })
            }
            ("FLOW", None, None, None, Some(config)) => {
                Ok(QuickConnectTarget::Flow { flow: flow(&config.contact_flow_id, None)? })
            }
            _ => Err(Refusal::invalid_request(
                "QuickConnectConfig must hold the config of its QuickConnectType, and no other.",
            )),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: String,
    description: Option<String>,
    quick_connect_config: Config,
    #[serde(default)]
    tags: Tags,
}

pub(super) fn create(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Create = call.read()?;
    let world = draft.world;
    let detail = Detail::QuickConnect(wanted.quick_connect_config.target(world)?);
    let Create { name, description, tags, .. } = wanted;
    let id = draft.create(NewResource { name, description, tags, detail }, Quota::QuickConnects)?;
    Ok(json!({ "QuickConnectId": id, "QuickConnectARN": world.instance.names.arn(Kind::QuickConnect, id) }))
}

/// The quick connect leaves the queues that it was in.
pub(super) fn delete(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let id = call.resource(draft.world, Kind::QuickConnect, "QuickConnectId")?.id;
    for queue in draft.world.resources(Kind::Queue) {
        let mut queue = Resource::clone(queue);
        if let Detail::Queue(settings) = &mut queue.detail
            && settings.quick_connects.remove(&id)
        {
            draft.put_resource(queue);
        }
    }
    draft.changes.push(Change::ResourceGone { kind: Kind::QuickConnect, id });
    nothing()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateConfig {
    quick_connect_config: Config,
}

pub(super) fn update_config(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let mut resource = Resource::clone(call.resource(draft.world, Kind::QuickConnect, "QuickConnectId")?);
    let wanted: UpdateConfig = call.read()?;
    resource.detail = Detail::QuickConnect(wanted.quick_connect_config.target(draft.world)?);
    draft.put_resource(resource);
    nothing()
}

/// The operation declares no DuplicateResourceException: a name that another has is an invalid parameter.
pub(super) fn update_name(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let mut resource = Resource::clone(call.resource(draft.world, Kind::QuickConnect, "QuickConnectId")?);
    draft.rename(&mut resource, call)?;
    draft.put_resource(resource);
    nothing()
}

fn type_name(resource: &Resource) -> &'static str {
    resource.quick_connect().map_or("", QuickConnectTarget::type_name)
}

pub(super) fn summed_up(world: &World, resource: &Resource) -> Value {
    let mut summary = summary(world, resource);
    optional(&mut summary, "QuickConnectType", Some(type_name(resource)));
    stamped(summary, resource.modified_ms)
}

pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let types = call.texts("QuickConnectTypes");
    let wanted = |resource: &Resource| types.is_empty() || types.contains(&type_name(resource));
    list_resources(world, call, (Kind::QuickConnect, "QuickConnectSummaryList"), wanted, |resource| {
        summed_up(world, resource)
    })
}

/// The whole quick connect, as DescribeQuickConnect and SearchQuickConnects show it.
pub(super) fn described(world: &World, resource: &Resource) -> Value {
    let mut config = json!({ "QuickConnectType": type_name(resource) });
    let (name, settings) = match resource.quick_connect() {
        Some(QuickConnectTarget::User { user, flow }) => {
            ("UserConfig", json!({ "UserId": user, "ContactFlowId": flow }))
        }
        Some(QuickConnectTarget::Queue { queue, flow }) => {
            ("QueueConfig", json!({ "QueueId": queue, "ContactFlowId": flow }))
        }
        Some(QuickConnectTarget::PhoneNumber { number }) => ("PhoneConfig", json!({ "PhoneNumber": number })),
        Some(QuickConnectTarget::Flow { flow }) => ("FlowConfig", json!({ "ContactFlowId": flow })),
        None => ("", Value::Null),
    };
    optional(&mut config, name, Some(settings));
    let mut described = json!({
        "QuickConnectARN": world.instance.names.arn(Kind::QuickConnect, resource.id),
        "QuickConnectId": resource.id,
        "Name": resource.name,
        "QuickConnectConfig": config,
        "Tags": resource.tags,
    });
    optional(&mut described, "Description", resource.description.as_deref());
    stamped(described, resource.modified_ms)
}

pub(super) fn describe(world: &World, call: &Call) -> Outcome {
    let resource = call.resource(world, Kind::QuickConnect, "QuickConnectId")?;
    Ok(json!({ "QuickConnect": described(world, resource) }))
}

pub(super) fn search(world: &World, call: &Call) -> Outcome {
    let of = (Kind::QuickConnect, "QuickConnects");
    search::resources(world, call, of, &FIELDS, |resource| described(world, resource))
}

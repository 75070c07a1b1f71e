//! Quick connects: where an agent can send a contact with one click.

use serde::Deserialize;
use serde_json::{Value, json};

use super::catalog::{flow_type, list as list_resources, summary};
use super::{Ask, Draft, nothing, optional, referred, stamped};
use crate::answer::{Outcome, Refusal};
use crate::ids::{Id, Kind};
use crate::world::{Change, Detail, QuickConnectTarget, Resource, Tags, World};

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
        let flow = |text: &str, of_type: Option<&str>| -> Result<Id, Refusal> {
            let id = referred(world, Kind::ContactFlow, "ContactFlowId", text)?;
            let fits = |wanted: &str| {
                world.resource(Kind::ContactFlow, id).is_some_and(|flow| flow_type(flow) == wanted)
            };
            match of_type.filter(|wanted| !fits(wanted)) {
                Some(wanted) => {
                    Err(Refusal::invalid_parameter(format!("ContactFlowId must be a flow of type {wanted}.")))
                }
                None => Ok(id),
            }
        };
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

pub(super) fn create(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted: Create = ask.read()?;
    let world = draft.world;
    let target = wanted.quick_connect_config.target(world)?;
    if world.resource_named(Kind::QuickConnect, &wanted.name).is_some() {
        return Err(Refusal::duplicate("There is a quick connect with this Name."));
    }
    if world.resources(Kind::QuickConnect).len() >= draft.rules.quick_connect_quota {
        return Err(Refusal::limit_exceeded("The instance is full: its quota of quick connects is reached."));
    }
    let id = draft.ids.next();
    draft.put_resource(Resource {
        id,
        name: wanted.name,
        description: wanted.description,
        tags: wanted.tags,
        modified_ms: draft.now_ms,
        detail: Detail::QuickConnect(target),
    });
    Ok(json!({ "QuickConnectId": id, "QuickConnectARN": world.instance.names.arn(Kind::QuickConnect, id) }))
}

/// The quick connect leaves the queues that it was in.
pub(super) fn delete(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let id = ask.resource(draft.world, Kind::QuickConnect, "QuickConnectId")?.id;
    for queue in draft.world.resources(Kind::Queue) {
        let mut queue = Resource::clone(queue);
        if let Detail::Queue { quick_connects, .. } = &mut queue.detail
            && quick_connects.remove(&id)
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

pub(super) fn update_config(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let mut resource = Resource::clone(ask.resource(draft.world, Kind::QuickConnect, "QuickConnectId")?);
    let wanted: UpdateConfig = ask.read()?;
    resource.detail = Detail::QuickConnect(wanted.quick_connect_config.target(draft.world)?);
    draft.put_resource(resource);
    nothing()
}

/// What is not sent stays; an empty description is none.
pub(super) fn update_name(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let mut resource = Resource::clone(ask.resource(draft.world, Kind::QuickConnect, "QuickConnectId")?);
    let (name, description) = (ask.text("Name"), ask.text("Description"));
    if name.is_none() && description.is_none() {
        return Err(Refusal::invalid_request("Name or Description is required."));
    }
    if let Some(name) = name {
        // DuplicateResourceException is not declared for this operation.
        if draft.world.resource_named(Kind::QuickConnect, name).is_some_and(|other| other.id != resource.id) {
            return Err(Refusal::invalid_parameter("There is a quick connect with this Name."));
        }
        resource.name = name.to_owned();
    }
    if let Some(description) = description {
        resource.description = Some(description.to_owned()).filter(|text| !text.is_empty());
    }
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

pub(super) fn list(world: &World, ask: &Ask) -> Outcome {
    let types = ask.texts("QuickConnectTypes");
    let wanted = |resource: &Resource| types.is_empty() || types.contains(&type_name(resource));
    list_resources(world, ask, (Kind::QuickConnect, "QuickConnectSummaryList"), wanted, |resource| {
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

pub(super) fn describe(world: &World, ask: &Ask) -> Outcome {
    let resource = ask.resource(world, Kind::QuickConnect, "QuickConnectId")?;
    Ok(json!({ "QuickConnect": described(world, resource) }))
}

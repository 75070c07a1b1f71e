//! Agent statuses: the two that every instance has, and its own. None of them can be deleted.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lists::{list as list_resources, mixed_up, stamped_summary};
use super::search::{self, DESCRIPTION, Field, NAME, resource_id};
use crate::answer::{Outcome, Refusal, nothing, optional, stamped};
use crate::call::{Call, Draft, NewResource};
use crate::ids::Kind;
use crate::quota::Quota;
use crate::world::{Detail, Resource, StatusType, Tags, World};

static FIELDS: [Field<Resource>; 6] = [
    NAME,
    DESCRIPTION,
    Field::other("state", |_, status, text| text.passes(state(status))),
    Field::other("type", |_, status, text| text.passes(type_name(status))),
    Field::other("displayOrder", |_, status, text| {
        display_order(status).is_some_and(|order| text.passes(&order.to_string()))
    }),
    resource_id(Kind::AgentStatus),
];

fn type_name(status: &Resource) -> &'static str {
    match status.detail {
        Detail::AgentStatus { status_type: StatusType::Routable, .. } => "ROUTABLE",
        Detail::AgentStatus { status_type: StatusType::Offline, .. } => "OFFLINE",
        _ => "CUSTOM",
    }
}

fn state(status: &Resource) -> &'static str {
    match status.detail {
        Detail::AgentStatus { enabled: true, .. } => "ENABLED",
        _ => "DISABLED",
    }
}

fn display_order(status: &Resource) -> Option<i64> {
    match status.detail {
        Detail::AgentStatus { display_order, .. } => display_order,
        _ => None,
    }
}

pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let types = call.texts("AgentStatusTypes");
    let wanted = |status: &Resource| types.is_empty() || types.contains(&type_name(status));
    list_resources(world, call, (Kind::AgentStatus, "AgentStatusSummaryList"), wanted, |status| {
        let mut summary = stamped_summary(world, status);
        optional(&mut summary, "Type", Some(type_name(status)));
        summary
    })
}

/// The whole status, as DescribeAgentStatus and SearchAgentStatuses show it.
fn described(world: &World, status: &Resource) -> Value {
    let mut described = json!({
        "AgentStatusARN": world.instance.names.arn(Kind::AgentStatus, status.id),
        "AgentStatusId": status.id,
        "Name": status.name,
        "Type": type_name(status),
        "State": state(status),
        "Tags": status.tags,
    });
    optional(&mut described, "Description", status.description.as_deref());
    optional(&mut described, "DisplayOrder", display_order(status));
    stamped(described, status.modified_ms)
}

pub(super) fn describe(world: &World, call: &Call) -> Outcome {
    let status = call.resource(world, Kind::AgentStatus, "AgentStatusId")?;
    Ok(json!({ "AgentStatus": described(world, status) }))
}

pub(super) fn search(world: &World, call: &Call) -> Outcome {
    let of = (Kind::AgentStatus, "AgentStatuses");
    search::resources(world, call, of, &FIELDS, |status| described(world, status))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: String,
    description: Option<String>,
    state: String,
    display_order: Option<i64>,
    #[serde(default)]
    tags: Tags,
}

/// A new status is never one that contacts are routed in.
pub(super) fn create(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let Create { name, description, state, display_order, tags } = call.read()?;
    let enabled = state == "ENABLED";
    let detail = Detail::AgentStatus { status_type: StatusType::Custom, enabled, display_order };
    let id = draft.create(NewResource { name, description, tags, detail }, Quota::AgentStatuses)?;
    let arn = draft.world.instance.names.arn(Kind::AgentStatus, id);
    Ok(json!({ "AgentStatusId": id, "AgentStatusARN": arn }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    name: Option<String>,
    description: Option<String>,
    state: Option<String>,
    display_order: Option<i64>,
    #[serde(default)]
    reset_order_number: bool,
}

/// What is not sent stays. The two statuses that every instance has cannot be disabled.
pub(super) fn update(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let mut status = Resource::clone(call.resource(draft.world, Kind::AgentStatus, "AgentStatusId")?);
    let wanted: Update = call.read()?;
    if wanted.name.is_some() || wanted.description.is_some() {
        draft.rename(&mut status, call)?;
    }
    let Detail::AgentStatus { status_type, enabled, display_order } = &mut status.detail else {
        return Err(mixed_up());
    };
    if let Some(state) = wanted.state {
        *enabled = state == "ENABLED";
        if !*enabled && *status_type != StatusType::Custom {
            return Err(Refusal::invalid_parameter("A status that every instance has cannot be disabled."));
        }
    }
    if wanted.reset_order_number && wanted.display_order.is_some() {
        return Err(Refusal::invalid_request("ResetOrderNumber and DisplayOrder exclude each other."));
    }
    if wanted.reset_order_number || wanted.display_order.is_some() {
        *display_order = wanted.display_order;
    }
    draft.put_resource(status);
    nothing()
}

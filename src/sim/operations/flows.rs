//! Flows: what an instance has of them, in which state. They are read only here.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::lists::{list as list_resources, summary};
use super::search::{self, DESCRIPTION, Field, NAME, resource_id};
use crate::answer::{Outcome, Refusal, optional, stamped};
use crate::call::{Call, found, referred};
use crate::ids::{Id, Kind};
use crate::world::{Detail, Resource, World};

/// The alias of a flow's saved version, published or not.
const SAVED: &str = ":$SAVED";

static FIELDS: [Field<Resource>; 6] = [
    NAME,
    DESCRIPTION,
    resource_id(Kind::ContactFlow),
    Field::other("type", |_, flow, text| text.passes(type_name(flow))),
    Field::other("state", |_, flow, text| text.passes(state(flow))),
    Field::other("status", |_, flow, text| text.passes(status(flow))),
];

pub(super) fn type_name(flow: &Resource) -> &str {
    match &flow.detail {
        Detail::ContactFlow { flow_type, .. } => flow_type,
        _ => "",
    }
}

fn state(flow: &Resource) -> &'static str {
    match flow.detail {
        Detail::ContactFlow { archived: true, .. } => "ARCHIVED",
        _ => "ACTIVE",
    }
}

fn status(flow: &Resource) -> &'static str {
    match flow.detail {
        Detail::ContactFlow { published: true, .. } => "PUBLISHED",
        _ => "SAVED",
    }
}

/// A flow inside a setting: of this type, published and not archived.
pub(super) fn usable(world: &World, member: &str, text: &str, wanted: Option<&str>) -> Result<Id, Refusal> {
    let id = referred(world, Kind::ContactFlow, member, text)?;
    let Some(flow) = world.resource(Kind::ContactFlow, id) else {
        return Err(Refusal::internal("A flow was found and is gone."));
    };
    let wrong = |rule: &str| Err(Refusal::invalid_parameter(format!("{member} must be a flow {rule}.")));
    if let Some(wanted) = wanted.filter(|wanted| type_name(flow) != *wanted) {
        return wrong(&format!("of type {wanted}"));
    }
    if state(flow) == "ARCHIVED" {
        return wrong("that is not archived");
    }
    if status(flow) == "SAVED" {
        return wrong("that was published");
    }
    Ok(id)
}

pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let types = call.texts("ContactFlowTypes");
    let wanted = |flow: &Resource| types.is_empty() || types.contains(&type_name(flow));
    list_resources(world, call, (Kind::ContactFlow, "ContactFlowSummaryList"), wanted, |flow| {
        let mut summary = summary(world, flow);
        optional(&mut summary, "ContactFlowType", Some(type_name(flow)));
        optional(&mut summary, "ContactFlowState", Some(state(flow)));
        optional(&mut summary, "ContactFlowStatus", Some(status(flow)));
        summary
    })
}

/// The whole flow but its time of change, as DescribeContactFlow and SearchContactFlows show it.
fn described(world: &World, flow: &Resource) -> Value {
    // The smallest flow in the flow language: hang up.
    let hang_up = json!({ "Identifier": flow.id, "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {} });
    let content =
        json!({ "Version": "2019-10-30", "StartAction": flow.id, "Actions": [hang_up] }).to_string();
    let digest: String =
        Sha256::digest(content.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut described = summary(world, flow);
    for (name, value) in [
        ("Type", json!(type_name(flow))),
        ("State", json!(state(flow))),
        ("Status", json!(status(flow))),
        ("Content", json!(content)),
        ("FlowContentSha256", json!(digest)),
        ("Version", json!(1)),
        ("Tags", json!(flow.tags)),
    ] {
        optional(&mut described, name, Some(value));
    }
    optional(&mut described, "Description", flow.description.as_deref());
    described
}

pub(super) fn describe(world: &World, call: &Call) -> Outcome {
    let text = call.text("ContactFlowId").unwrap_or_default();
    let (id, saved) = text.strip_suffix(SAVED).map_or((text, false), |id| (id, true));
    let flow = found(world, Kind::ContactFlow, id)?;
    if status(flow) == "SAVED" && !saved {
        return Err(Refusal::new(
            "ContactFlowNotPublishedException",
            "The flow was never published. Its saved version has the alias $SAVED.",
        ));
    }
    Ok(json!({ "ContactFlow": stamped(described(world, flow), flow.modified_ms) }))
}

pub(super) fn search(world: &World, call: &Call) -> Outcome {
    let of = (Kind::ContactFlow, "ContactFlows");
    search::resources(world, call, of, &FIELDS, |flow| described(world, flow))
}

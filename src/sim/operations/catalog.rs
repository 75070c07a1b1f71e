//! What an instance offers: the instance itself, profiles, hierarchy, statuses and flows. It is read only.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Ask, optional, stamped, timestamp};
use crate::answer::{Outcome, Refusal};
use crate::ids::{ACCOUNT, Kind};
use crate::page::Page;
use crate::world::{Detail, Resource, StatusType, World};

fn instance(world: &World) -> Value {
    let instance = &world.instance;
    let alias = &instance.alias;
    json!({
        "Id": instance.names.instance_id,
        "Arn": instance.names.instance_arn,
        "IdentityManagementType": instance.identity.name(),
        "InstanceAlias": alias,
        "CreatedTime": timestamp(instance.created_ms),
        "ServiceRole": format!(
            "arn:aws:iam::{ACCOUNT}:role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect_{alias}"
        ),
        "InstanceStatus": "ACTIVE",
        "InboundCallsEnabled": true,
        "OutboundCallsEnabled": true,
        // A name under my.connect.aws could be somebody's.
        "InstanceAccessUrl": format!("https://{alias}.my.connect.example.com"),
    })
}

pub(super) fn describe_instance(world: &World, _: &Ask) -> Outcome {
    let mut described = instance(world);
    optional(&mut described, "Tags", Some(json!({})));
    Ok(json!({ "Instance": described }))
}

pub(super) fn list_instances(world: &World, ask: &Ask) -> Outcome {
    let page = Page::of(ask, world)?;
    let (listed, _) = page.cut([(world.instance.alias.as_str(), instance(world))]);
    Ok(json!({ "InstanceSummaryList": listed }))
}

/// The key that keeps the place of a resource in a list: its name, and its id where names are the same.
pub(super) fn place(resource: &Resource) -> String {
    format!("{}\0{}", resource.name, resource.id)
}

/// The id, ARN and name that every summary has.
pub(super) fn summary(world: &World, resource: &Resource) -> Value {
    let arn = world.instance.names.arn(resource.kind(), resource.id);
    json!({ "Id": resource.id, "Arn": arn, "Name": resource.name })
}

/// A page of one kind, of those that are wanted, each summed up.
pub(super) fn list(
    world: &World,
    ask: &Ask,
    (kind, list_name): (Kind, &str),
    wanted: impl Fn(&Resource) -> bool,
    summed_up: impl Fn(&Resource) -> Value,
) -> Outcome {
    let page = Page::of(ask, world)?;
    let resources = world.resources(kind).into_iter().filter(|resource| wanted(resource));
    let (listed, next) = page.cut(resources.map(|resource| (place(resource), resource)));
    let mut output =
        json!({ list_name: listed.into_iter().map(|resource| summed_up(resource)).collect::<Vec<_>>() });
    optional(&mut output, "NextToken", next);
    Ok(output)
}

fn stamped_summary(world: &World, resource: &Resource) -> Value {
    stamped(summary(world, resource), resource.modified_ms)
}

pub(super) fn list_routing_profiles(world: &World, ask: &Ask) -> Outcome {
    let of = (Kind::RoutingProfile, "RoutingProfileSummaryList");
    list(world, ask, of, |_| true, |resource| stamped_summary(world, resource))
}

/// AssociatedQueueIds stays empty, as AWS documents.
pub(super) fn describe_routing_profile(world: &World, ask: &Ask) -> Outcome {
    let resource = ask.resource(world, Kind::RoutingProfile, "RoutingProfileId")?;
    let Detail::RoutingProfile { default_queue, concurrency, queues, is_default } = &resource.detail else {
        return Err(mixed_up());
    };
    let media = concurrency.iter().map(|(channel, concurrency)| {
        let behavior = json!({ "BehaviorType": "ROUTE_CURRENT_CHANNEL_ONLY" });
        json!({ "Channel": channel, "Concurrency": concurrency, "CrossChannelBehavior": behavior })
    });
    let mut described = json!({
        "InstanceId": world.instance.names.instance_id,
        "Name": resource.name,
        "RoutingProfileArn": world.instance.names.arn(Kind::RoutingProfile, resource.id),
        "RoutingProfileId": resource.id,
        "MediaConcurrencies": media.collect::<Vec<_>>(),
        "DefaultOutboundQueueId": default_queue,
        "Tags": resource.tags,
        "NumberOfAssociatedQueues": queues.len(),
        "NumberOfAssociatedUsers": world.users_of_routing_profile(resource.id),
        "AgentAvailabilityTimer": "TIME_SINCE_LAST_ACTIVITY",
        "IsDefault": is_default,
    });
    optional(&mut described, "Description", resource.description.as_deref());
    Ok(json!({ "RoutingProfile": stamped(described, resource.modified_ms) }))
}

fn security_profile_type(resource: &Resource) -> &'static str {
    match resource.detail {
        Detail::SecurityProfile { aws_managed: true, .. } => "AWS_MANAGED",
        _ => "CUSTOMER_MANAGED",
    }
}

pub(super) fn list_security_profiles(world: &World, ask: &Ask) -> Outcome {
    list(
        world,
        ask,
        (Kind::SecurityProfile, "SecurityProfileSummaryList"),
        |_| true,
        |resource| {
            let mut summary = stamped_summary(world, resource);
            optional(&mut summary, "Type", Some(security_profile_type(resource)));
            summary
        },
    )
}

pub(super) fn describe_security_profile(world: &World, ask: &Ask) -> Outcome {
    let resource = ask.resource(world, Kind::SecurityProfile, "SecurityProfileId")?;
    let mut described = json!({
        "Id": resource.id,
        "OrganizationResourceId": world.instance.names.instance_id,
        "Arn": world.instance.names.arn(Kind::SecurityProfile, resource.id),
        "SecurityProfileName": resource.name,
        "Tags": resource.tags,
        "Type": security_profile_type(resource),
    });
    optional(&mut described, "Description", resource.description.as_deref());
    Ok(json!({ "SecurityProfile": stamped(described, resource.modified_ms) }))
}

pub(super) fn list_permissions(world: &World, ask: &Ask) -> Outcome {
    let resource = ask.resource(world, Kind::SecurityProfile, "SecurityProfileId")?;
    let Detail::SecurityProfile { permissions, .. } = &resource.detail else { return Err(mixed_up()) };
    let page = Page::of(ask, world)?;
    let (listed, next) = page.cut(permissions.iter().map(|permission| (permission, permission)));
    let mut output = json!({ "Permissions": listed });
    optional(&mut output, "NextToken", next);
    Ok(stamped(output, resource.modified_ms))
}

/// The names that the API gives to the levels of the hierarchy and of a path in it.
const LEVELS: [&str; 5] = ["LevelOne", "LevelTwo", "LevelThree", "LevelFour", "LevelFive"];

pub(super) fn describe_hierarchy_structure(world: &World, _: &Ask) -> Outcome {
    let level = |(key, (id, name)): (&&str, &_)| {
        let arn = world.instance.names.arn(Kind::HierarchyLevel, *id);
        let level = json!({ "Id": id, "Arn": arn, "Name": name });
        ((*key).to_owned(), stamped(level, world.instance.created_ms))
    };
    let structure: Map<_, _> = LEVELS.iter().zip(&world.instance.levels).map(level).collect();
    Ok(json!({ "HierarchyStructure": structure }))
}

pub(super) fn list_hierarchy_groups(world: &World, ask: &Ask) -> Outcome {
    let of = (Kind::HierarchyGroup, "UserHierarchyGroupSummaryList");
    list(world, ask, of, |_| true, |resource| stamped_summary(world, resource))
}

/// The groups from the top down to this one, by level.
pub(super) fn hierarchy_path(path: &[&Arc<Resource>], group: impl Fn(&Resource) -> Value) -> Value {
    let levels = LEVELS.iter().zip(path);
    Value::Object(levels.map(|(level, resource)| ((*level).to_owned(), group(resource))).collect())
}

pub(super) fn describe_hierarchy_group(world: &World, ask: &Ask) -> Outcome {
    let resource = ask.resource(world, Kind::HierarchyGroup, "HierarchyGroupId")?;
    let path = world.hierarchy_path(resource.id);
    let mut described = summary(world, resource);
    optional(&mut described, "LevelId", world.instance.levels.get(path.len() - 1).map(|(id, _)| json!(id)));
    optional(
        &mut described,
        "HierarchyPath",
        Some(hierarchy_path(&path, |group| stamped_summary(world, group))),
    );
    optional(&mut described, "Tags", Some(json!(resource.tags)));
    Ok(json!({ "HierarchyGroup": stamped(described, resource.modified_ms) }))
}

fn status_type(resource: &Resource) -> Option<StatusType> {
    match resource.detail {
        Detail::AgentStatus { status_type, .. } => Some(status_type),
        _ => None,
    }
}

pub(super) fn list_agent_statuses(world: &World, ask: &Ask) -> Outcome {
    let types = ask.texts("AgentStatusTypes");
    let type_name = |resource: &Resource| json!(status_type(resource));
    let wanted =
        |resource: &Resource| types.is_empty() || types.iter().any(|wanted| type_name(resource) == *wanted);
    list(world, ask, (Kind::AgentStatus, "AgentStatusSummaryList"), wanted, |resource| {
        let mut summary = stamped_summary(world, resource);
        optional(&mut summary, "Type", Some(type_name(resource)));
        summary
    })
}

pub(super) fn describe_agent_status(world: &World, ask: &Ask) -> Outcome {
    let resource = ask.resource(world, Kind::AgentStatus, "AgentStatusId")?;
    let Detail::AgentStatus { status_type, display_order } = resource.detail else { return Err(mixed_up()) };
    let mut described = json!({
        "AgentStatusARN": world.instance.names.arn(Kind::AgentStatus, resource.id),
        "AgentStatusId": resource.id,
        "Name": resource.name,
        "Type": status_type,
        "DisplayOrder": display_order,
        "State": "ENABLED",
        "Tags": resource.tags,
    });
    optional(&mut described, "Description", resource.description.as_deref());
    Ok(json!({ "AgentStatus": stamped(described, resource.modified_ms) }))
}

pub(crate) fn flow_type(resource: &Resource) -> &str {
    match &resource.detail {
        Detail::ContactFlow { flow_type } => flow_type,
        _ => "",
    }
}

pub(super) fn list_contact_flows(world: &World, ask: &Ask) -> Outcome {
    let types = ask.texts("ContactFlowTypes");
    let wanted = |resource: &Resource| types.is_empty() || types.contains(&flow_type(resource));
    list(world, ask, (Kind::ContactFlow, "ContactFlowSummaryList"), wanted, |resource| {
        let mut summary = summary(world, resource);
        optional(&mut summary, "ContactFlowType", Some(flow_type(resource)));
        optional(&mut summary, "ContactFlowState", Some("ACTIVE"));
        optional(&mut summary, "ContactFlowStatus", Some("PUBLISHED"));
        summary
    })
}

pub(super) fn describe_contact_flow(world: &World, ask: &Ask) -> Outcome {
    let resource = ask.resource(world, Kind::ContactFlow, "ContactFlowId")?;
    // The smallest flow in the flow language: hang up.
    let hang_up = json!({ "Identifier": resource.id, "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {} });
    let content =
        json!({ "Version": "2019-10-30", "StartAction": resource.id, "Actions": [hang_up] }).to_string();
    let digest: String =
        Sha256::digest(content.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut described = summary(world, resource);
    for (name, value) in [
        ("Type", json!(flow_type(resource))),
        ("State", json!("ACTIVE")),
        ("Status", json!("PUBLISHED")),
        ("Content", json!(content)),
        ("FlowContentSha256", json!(digest)),
        ("Version", json!(1)),
        ("Tags", json!(resource.tags)),
    ] {
        optional(&mut described, name, Some(value));
    }
    optional(&mut described, "Description", resource.description.as_deref());
    Ok(json!({ "ContactFlow": stamped(described, resource.modified_ms) }))
}

/// A resource is kept under the kind that its detail has, so this is never answered.
pub(super) fn mixed_up() -> Refusal {
    Refusal::internal("A resource is of another kind than its id says.")
}

//! Security profiles: what their holders may do, and whom and what they may see. They are read only here.

use serde_json::{Value, json};

use super::lists::{list as list_resources, mixed_up, page, stamped_summary};
use super::search::{self, Field, NAME};
use crate::answer::{Outcome, optional, stamped};
use crate::call::Call;
use crate::ids::Kind;
use crate::world::{Detail, Resource, World};

static FIELDS: [Field<Resource>; 1] = [NAME];

fn type_name(resource: &Resource) -> &'static str {
    match resource.detail {
        Detail::SecurityProfile { aws_managed: true, .. } => "AWS_MANAGED",
        _ => "CUSTOMER_MANAGED",
    }
}

pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let of = (Kind::SecurityProfile, "SecurityProfileSummaryList");
    list_resources(
        world,
        call,
        of,
        |_| true,
        |resource| {
            let mut summary = stamped_summary(world, resource);
            optional(&mut summary, "Type", Some(type_name(resource)));
            summary
        },
    )
}

/// What DescribeSecurityProfile and SearchSecurityProfiles both show.
fn common(world: &World, resource: &Resource) -> Value {
    let mut described = json!({
        "Id": resource.id,
        "OrganizationResourceId": world.instance.names.instance_id,
        "Arn": world.instance.names.arn(Kind::SecurityProfile, resource.id),
        "SecurityProfileName": resource.name,
        "Tags": resource.tags,
        "Type": type_name(resource),
    });
    optional(&mut described, "Description", resource.description.as_deref());
    described
}

/// Only here the restrictions are shown, by which two profiles with the same permissions may differ.
pub(super) fn describe(world: &World, call: &Call) -> Outcome {
    let resource = call.resource(world, Kind::SecurityProfile, "SecurityProfileId")?;
    let Detail::SecurityProfile { restrictions, .. } = &resource.detail else { return Err(mixed_up()) };
    let mut described = common(world, resource);
    for (name, value) in restrictions {
        optional(&mut described, name, Some(value.clone()));
    }
    Ok(json!({ "SecurityProfile": stamped(described, resource.modified_ms) }))
}

pub(super) fn list_permissions(world: &World, call: &Call) -> Outcome {
    let resource = call.resource(world, Kind::SecurityProfile, "SecurityProfileId")?;
    let Detail::SecurityProfile { permissions, .. } = &resource.detail else { return Err(mixed_up()) };
    let permissions = permissions.iter().map(|permission| (permission.clone(), permission));
    let output = page(world, call, "Permissions", permissions, |permission| json!(permission))?;
    Ok(stamped(output, resource.modified_ms))
}

pub(super) fn search(world: &World, call: &Call) -> Outcome {
    let of = (Kind::SecurityProfile, "SecurityProfiles");
    search::resources(world, call, of, &FIELDS, |resource| common(world, resource))
}

//! The instance itself: its attributes, its phone numbers and the attributes that proficiencies are made of.

use serde_json::{Value, json};

use super::lists::{list, mixed_up, page};
use super::search::{self, Field, NAME};
use crate::answer::{Outcome, Refusal, optional, stamped, timestamp};
use crate::call::Call;
use crate::ids::{ACCOUNT, Kind};
use crate::page::Page;
use crate::world::{Detail, Resource, World};

/// The attributes of the instance; none of them can be changed here.
const ATTRIBUTES: [(&str, bool); 14] = [
    ("INBOUND_CALLS", true),
    ("OUTBOUND_CALLS", true),
    ("CONTACTFLOW_LOGS", true),
    ("CONTACT_LENS", false),
    ("AUTO_RESOLVE_BEST_VOICES", true),
    ("USE_CUSTOM_TTS_VOICES", false),
    ("EARLY_MEDIA", true),
    ("MULTI_PARTY_CONFERENCE", false),
    ("AUTO_MUTE_AGENT_ON_HOLD", false),
    ("HIGH_VOLUME_OUTBOUND", false),
    ("ENHANCED_CONTACT_MONITORING", false),
    ("ENHANCED_CHAT_MONITORING", false),
    ("MULTI_PARTY_CHAT_CONFERENCE", false),
    ("MESSAGE_STREAMING", false),
];

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
        // A name under my.connect.aws could be a real instance's.
        "InstanceAccessUrl": format!("https://{alias}.my.connect.example.com"),
    })
}

pub(super) fn describe(world: &World, _: &Call) -> Outcome {
    let mut described = instance(world);
    optional(&mut described, "Tags", Some(json!({})));
    Ok(json!({ "Instance": described }))
}

pub(super) fn list_instances(world: &World, call: &Call) -> Outcome {
    let page = Page::of(call, world)?;
    let (listed, _) = page.cut([(world.instance.alias.as_str(), instance(world))]);
    Ok(json!({ "InstanceSummaryList": listed }))
}

fn attribute((name, enabled): &(&str, bool)) -> Value {
    json!({ "AttributeType": name, "Value": enabled.to_string() })
}

pub(super) fn describe_attribute(_: &World, call: &Call) -> Outcome {
    let name = call.text("AttributeType").unwrap_or_default();
    let found = ATTRIBUTES.iter().find(|(known, _)| *known == name);
    let found = found.ok_or_else(|| Refusal::not_found("The instance has no such attribute."))?;
    Ok(json!({ "Attribute": attribute(found) }))
}

pub(super) fn list_attributes(world: &World, call: &Call) -> Outcome {
    let mut attributes: Vec<_> = ATTRIBUTES.iter().map(|entry| (entry.0.to_owned(), entry)).collect();
    attributes.sort_by(|(one, _), (other, _)| one.cmp(other));
    page(world, call, "Attributes", attributes, attribute)
}

/// The numbers that are claimed to the instance, which may be named by id or by ARN.
pub(super) fn list_phone_numbers(world: &World, call: &Call) -> Outcome {
    let names = &world.instance.names;
    if call.text("TargetArn").is_some_and(|target| target != names.instance_arn) {
        return Err(Refusal::not_found("There is no instance with this ARN."));
    }
    if call.text("TargetArn").is_some() && call.text("InstanceId").is_some() {
        return Err(Refusal::invalid_parameter(
            "TargetArn and InstanceId name the same thing. Send one of the two.",
        ));
    }
    let (countries, types) = (call.texts("PhoneNumberCountryCodes"), call.texts("PhoneNumberTypes"));
    let prefix = call.text("PhoneNumberPrefix").unwrap_or_default();
    if !prefix.is_empty() && !prefix.starts_with('+') {
        return Err(Refusal::invalid_parameter(
            "PhoneNumberPrefix must begin with the + of the country code.",
        ));
    }
    let wanted = |resource: &Resource| match &resource.detail {
        Detail::PhoneNumber { country, number_type } => {
            (countries.is_empty() || countries.contains(&&**country))
                && (types.is_empty() || types.contains(&&**number_type))
                && resource.name.starts_with(prefix)
        }
        _ => false,
    };
    list(world, call, (Kind::PhoneNumber, "ListPhoneNumbersSummaryList"), wanted, |resource| {
        let Detail::PhoneNumber { country, number_type } = &resource.detail else { return Value::Null };
        let mut summary = json!({
            "PhoneNumberId": resource.id,
            "PhoneNumberArn": names.arn(Kind::PhoneNumber, resource.id),
            "PhoneNumber": resource.name,
            "PhoneNumberCountryCode": country,
            "PhoneNumberType": number_type,
            "TargetArn": names.instance_arn,
            "InstanceId": names.instance_id,
        });
        optional(&mut summary, "PhoneNumberDescription", resource.description.as_deref());
        summary
    })
}

static PREDEFINED_FIELDS: [Field<Resource>; 1] = [NAME];

fn predefined(resource: &Resource) -> Value {
    let Detail::PredefinedAttribute { values } = &resource.detail else { return Value::Null };
    let described = json!({ "Name": resource.name, "Values": { "StringList": values } });
    stamped(described, resource.modified_ms)
}

pub(super) fn describe_predefined(world: &World, call: &Call) -> Outcome {
    let found = world.resource_named(Kind::PredefinedAttribute, call.text("Name").unwrap_or_default());
    let found =
        found.ok_or_else(|| Refusal::not_found("There is no predefined attribute with this Name."))?;
    if !matches!(found.detail, Detail::PredefinedAttribute { .. }) {
        return Err(mixed_up());
    }
    Ok(json!({ "PredefinedAttribute": predefined(found) }))
}

pub(super) fn list_predefined(world: &World, call: &Call) -> Outcome {
    let of = (Kind::PredefinedAttribute, "PredefinedAttributeSummaryList");
    list(
        world,
        call,
        of,
        |_| true,
        |resource| stamped(json!({ "Name": resource.name }), resource.modified_ms),
    )
}

pub(super) fn search_predefined(world: &World, call: &Call) -> Outcome {
    let of = (Kind::PredefinedAttribute, "PredefinedAttributes");
    search::resources(world, call, of, &PREDEFINED_FIELDS, predefined)
}

//! What is changed about one user: identity, phone, channels, profiles, hierarchy, proficiencies.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::lists::page;
use super::users::{checked_identity, security_profiles as read_security_profiles};
use crate::answer::{Outcome, Refusal, nothing, stamped};
use crate::call::{Call, Draft, referred};
use crate::handling::{ChannelConfigs, PhoneConfig};
use crate::ids::Kind;
use crate::options::IdentityType;
use crate::quota::Quota;
use crate::world::{Detail, IdentityInfo, Proficiency, User, World};

/// Changes a copy of the user; what is refused half-way leaves the user alone.
fn change(
    draft: &mut Draft<'_>,
    call: &Call,
    by: impl FnOnce(&World, &mut User) -> Result<(), Refusal>,
) -> Outcome {
    let mut user = User::clone(call.user(draft.world)?);
    by(draft.world, &mut user)?;
    draft.put_user(user);
    nothing()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    identity_info: IdentityInfo,
}

/// The whole identity is replaced: a field that is not sent is cleared. What a directory keeps cannot be changed here.
pub(super) fn identity_info(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Identity = call.read()?;
    change(draft, call, |world, user| {
        let identity = checked_identity(wanted.identity_info, world.instance.identity)?;
        let of_directory =
            |info: &IdentityInfo| (info.first_name.clone(), info.last_name.clone(), info.email.clone());
        if world.instance.identity == IdentityType::ExistingDirectory
            && of_directory(&identity) != of_directory(&user.identity)
        {
            let message =
                "FirstName, LastName and Email can be changed in the directory of the instance only.";
            return Err(Refusal::invalid_request(message));
        }
        user.identity = identity;
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Phone {
    phone_config: PhoneConfig,
}

pub(super) fn phone_config(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Phone = call.read()?;
    change(draft, call, |_, user| Arc::make_mut(&mut user.handling).set_phone(wanted.phone_config))
}

pub(super) fn config(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: ChannelConfigs = call.read()?;
    change(draft, call, |_, user| Arc::make_mut(&mut user.handling).set_configs(wanted))
}

pub(super) fn routing_profile(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted = call.text("RoutingProfileId").unwrap_or_default();
    change(draft, call, |world, user| {
        user.routing_profile = referred(world, Kind::RoutingProfile, "RoutingProfileId", wanted)?;
        Ok(())
    })
}

pub(super) fn security_profiles(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Vec<String> = call.texts("SecurityProfileIds").into_iter().map(str::to_owned).collect();
    change(draft, call, |world, user| {
        user.security_profiles = read_security_profiles(world, &wanted)?;
        Ok(())
    })
}

/// Without a group the user is in none.
pub(super) fn hierarchy(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted = call.text("HierarchyGroupId");
    change(draft, call, |world, user| {
        user.hierarchy_group = wanted
            .map(|group| referred(world, Kind::HierarchyGroup, "HierarchyGroupId", group))
            .transpose()?;
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Proficiencies {
    user_proficiencies: Vec<Proficiency>,
}

/// An attribute and one of its values; a user has the two together at most once.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
    attribute_value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    user_proficiencies: Vec<Attribute>,
}

fn of<'a>(user: &'a mut User, name: &str, value: &str) -> Option<&'a mut Proficiency> {
    let mut all = user.proficiencies.iter_mut();
    all.find(|one| one.attribute_name == name && one.attribute_value == value)
}

/// Levels are the whole numbers from 1 to 5, and attributes are those that the instance predefines, as AWS documents.
fn possible(world: &World, proficiency: &Proficiency) -> Result<(), Refusal> {
    if proficiency.level.fract() != 0.0 {
        return Err(Refusal::invalid_parameter("Level must be 1, 2, 3, 4 or 5."));
    }
    let attribute = world.resource_named(Kind::PredefinedAttribute, &proficiency.attribute_name);
    match attribute.map(|attribute| &attribute.detail) {
        Some(Detail::PredefinedAttribute { values }) if values.contains(&proficiency.attribute_value) => {
            Ok(())
        }
        Some(_) => {
            Err(Refusal::invalid_parameter("AttributeValue is no value of this predefined attribute."))
        }
        None => Err(Refusal::invalid_parameter("AttributeName is no predefined attribute of the instance.")),
    }
}

/// Adds proficiencies; one that is there already gets the new level.
pub(super) fn associate_proficiencies(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Proficiencies = call.read()?;
    let most = draft.rules.quotas.of(Quota::Proficiencies);
    change(draft, call, |world, user| {
        for proficiency in wanted.user_proficiencies {
            possible(world, &proficiency)?;
            match of(user, &proficiency.attribute_name, &proficiency.attribute_value) {
                Some(one) => *one = proficiency,
                None => user.proficiencies.push(proficiency),
            }
        }
        user.proficiencies.sort_by(Proficiency::by_name);
        if user.proficiencies.len() > most {
            return Err(Refusal::invalid_request(format!("A user has at most {most} proficiencies.")));
        }
        Ok(())
    })
}

/// Changes levels; all the proficiencies must be there.
pub(super) fn update_proficiencies(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Proficiencies = call.read()?;
    change(draft, call, |world, user| {
        for proficiency in wanted.user_proficiencies {
            possible(world, &proficiency)?;
            let one = of(user, &proficiency.attribute_name, &proficiency.attribute_value)
                .ok_or_else(|| Refusal::not_found("The user does not have one of these proficiencies."))?;
            *one = proficiency;
        }
        Ok(())
    })
}

/// Takes proficiencies off; one that is not there is off already.
pub(super) fn disassociate_proficiencies(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Attributes = call.read()?;
    change(draft, call, |_, user| {
        for attribute in wanted.user_proficiencies {
            user.proficiencies.retain(|one| {
                (&one.attribute_name, &one.attribute_value)
                    != (&attribute.attribute_name, &attribute.attribute_value)
            });
        }
        Ok(())
    })
}

pub(super) fn list_proficiencies(world: &World, call: &Call) -> Outcome {
    let user = call.user(world)?;
    let entry = |proficiency: &Proficiency| {
        (format!("{}\0{}", proficiency.attribute_name, proficiency.attribute_value), json!(proficiency))
    };
    let entries: BTreeMap<String, _> = user.proficiencies.iter().map(entry).collect();
    let output = page(world, call, "UserProficiencyList", entries, |proficiency| proficiency)?;
    Ok(stamped(output, user.modified_ms))
}

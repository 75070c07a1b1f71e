//! What is changed about one user: identity, phone, channels, profiles, hierarchy, proficiencies.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::users::{checked_identity, security_profiles as read_security_profiles};
use super::{Ask, Draft, nothing, optional, referred, stamped, written};
use crate::answer::{Outcome, Refusal};
use crate::handling::{ChannelConfigs, PhoneConfig};
use crate::ids::Kind;
use crate::page::Page;
use crate::world::{IdentityInfo, Proficiency, User, World};

/// How many proficiencies an agent has at most.
const MOST_PROFICIENCIES: usize = 10;

/// Changes a copy of the user; what is refused half-way leaves the user alone.
fn change(
    draft: &mut Draft<'_>,
    ask: &Ask,
    by: impl FnOnce(&World, &mut User) -> Result<(), Refusal>,
) -> Outcome {
    let mut user = User::clone(ask.user(draft.world)?);
    by(draft.world, &mut user)?;
    draft.put_user(user);
    nothing()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    identity_info: IdentityInfo,
}

/// The whole identity is replaced: a field that is not sent is cleared.
pub(super) fn identity_info(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted: Identity = ask.read()?;
    change(draft, ask, |world, user| {
        user.identity = checked_identity(wanted.identity_info, world.instance.identity)?;
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Phone {
    phone_config: PhoneConfig,
}

pub(super) fn phone_config(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted: Phone = ask.read()?;
    change(draft, ask, |_, user| Arc::make_mut(&mut user.handling).set_phone(wanted.phone_config))
}

pub(super) fn config(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted: ChannelConfigs = ask.read()?;
    change(draft, ask, |_, user| Arc::make_mut(&mut user.handling).set_configs(wanted))
}

pub(super) fn routing_profile(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted = ask.text("RoutingProfileId").unwrap_or_default();
    change(draft, ask, |world, user| {
        user.routing_profile = referred(world, Kind::RoutingProfile, "RoutingProfileId", wanted)?;
        Ok(())
    })
}

pub(super) fn security_profiles(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted: Vec<String> = ask.texts("SecurityProfileIds").into_iter().map(str::to_owned).collect();
    change(draft, ask, |world, user| {
        user.security_profiles = read_security_profiles(world, &wanted)?;
        Ok(())
    })
}

/// Without a group the user is in none.
pub(super) fn hierarchy(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted = ask.text("HierarchyGroupId");
    change(draft, ask, |world, user| {
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

fn place(user: &User, name: &str, value: &str) -> Result<usize, usize> {
    let key =
        |proficiency: &Proficiency| (proficiency.attribute_name.clone(), proficiency.attribute_value.clone());
    user.proficiencies.binary_search_by_key(&(name.to_owned(), value.to_owned()), key)
}

/// Adds proficiencies; one that is there already gets the new level.
pub(super) fn associate_proficiencies(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted: Proficiencies = ask.read()?;
    change(draft, ask, |_, user| {
        for proficiency in wanted.user_proficiencies {
            match place(user, &proficiency.attribute_name, &proficiency.attribute_value) {
                Ok(at) => user.proficiencies[at] = proficiency,
                Err(at) => user.proficiencies.insert(at, proficiency),
            }
        }
        if user.proficiencies.len() > MOST_PROFICIENCIES {
            return Err(Refusal::invalid_request(format!(
                "A user has at most {MOST_PROFICIENCIES} proficiencies."
            )));
        }
        Ok(())
    })
}

/// Changes levels; all the proficiencies must be there.
pub(super) fn update_proficiencies(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted: Proficiencies = ask.read()?;
    change(draft, ask, |_, user| {
        for proficiency in wanted.user_proficiencies {
            let at = place(user, &proficiency.attribute_name, &proficiency.attribute_value)
                .map_err(|_| Refusal::not_found("The user does not have one of these proficiencies."))?;
            user.proficiencies[at] = proficiency;
        }
        Ok(())
    })
}

/// Takes proficiencies off; one that is not there is off already.
pub(super) fn disassociate_proficiencies(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted: Attributes = ask.read()?;
    change(draft, ask, |_, user| {
        for attribute in wanted.user_proficiencies {
            if let Ok(at) = place(user, &attribute.attribute_name, &attribute.attribute_value) {
                user.proficiencies.remove(at);
            }
        }
        Ok(())
    })
}

pub(super) fn list_proficiencies(world: &World, ask: &Ask) -> Outcome {
    let user = ask.user(world)?;
    let page = Page::of(ask, world)?;
    let key = |proficiency: &Proficiency| {
        format!("{}\0{}", proficiency.attribute_name, proficiency.attribute_value)
    };
    let (listed, next) =
        page.cut(user.proficiencies.iter().map(|proficiency| (key(proficiency), proficiency)));
    let mut output = json!({ "UserProficiencyList": written(&listed) });
    optional(&mut output, "NextToken", next);
    Ok(stamped(output, user.modified_ms))
}

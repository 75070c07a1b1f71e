//! Tags on anything that has an ARN in the instance.

use serde::Deserialize;
use serde_json::json;

use crate::answer::{Outcome, Refusal, nothing};
use crate::call::{Call, Draft};
use crate::ids::{Id, Kind};
use crate::world::{Resource, Tags, User, World};

/// How many tags a resource has at most.
const MOST_TAGS: usize = 50;

#[derive(Deserialize)]
struct Tag {
    tags: Tags,
}

fn tagged(world: &World, call: &Call) -> Result<(Kind, Id), Refusal> {
    let named = call.text("resourceArn").and_then(|arn| world.instance.names.resource(arn));
    named.ok_or_else(|| Refusal::not_found("There is no resource with this ARN in the instance."))
}

fn gone() -> Refusal {
    Refusal::not_found("There is no resource with this ARN in the instance.")
}

fn change(draft: &mut Draft<'_>, call: &Call, by: impl FnOnce(&mut Tags)) -> Outcome {
    let (kind, id) = tagged(draft.world, call)?;
    let within = |tags: &Tags| match tags.len() {
        0..=MOST_TAGS => Ok(()),
        _ => Err(Refusal::invalid_parameter(format!("A resource has at most {MOST_TAGS} tags."))),
    };
    if kind == Kind::User {
        let mut user = User::clone(draft.world.user(id).ok_or_else(gone)?);
        by(&mut user.tags);
        within(&user.tags)?;
        draft.put_user(user);
    } else {
        let mut resource = Resource::clone(draft.world.resource(kind, id).ok_or_else(gone)?);
        by(&mut resource.tags);
        within(&resource.tags)?;
        draft.put_resource(resource);
    }
    nothing()
}

/// Adds tags; one that is there already gets the new value.
pub(super) fn tag(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Tag = call.read()?;
    change(draft, call, |tags| tags.extend(wanted.tags))
}

/// Takes tags off; one that is not there is off already.
pub(super) fn untag(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let keys = call.texts("tagKeys");
    change(draft, call, |tags| tags.retain(|key, _| !keys.contains(&key.as_str())))
}

pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let (kind, id) = tagged(world, call)?;
    let tags = match kind {
        Kind::User => &world.user(id).ok_or_else(gone)?.tags,
        _ => &world.resource(kind, id).ok_or_else(gone)?.tags,
    };
    Ok(json!({ "tags": tags }))
}

//! What the lists and descriptions of resources share.

use serde_json::{Value, json};

use crate::answer::{Outcome, Refusal, optional, stamped};
use crate::call::Call;
use crate::ids::Kind;
use crate::page::Page;
use crate::world::{Resource, World};

/// The key that keeps the place of a resource in a list: its name, and its id where names are the same.
pub(super) fn place(resource: &Resource) -> String {
    format!("{}\0{}", resource.name, resource.id)
}

/// The id, ARN and name that every summary has.
pub(super) fn summary(world: &World, resource: &Resource) -> Value {
    let arn = world.instance.names.arn(resource.kind(), resource.id);
    json!({ "Id": resource.id, "Arn": arn, "Name": resource.name })
}

/// A summary with the time of the last change.
pub(super) fn stamped_summary(world: &World, resource: &Resource) -> Value {
    stamped(summary(world, resource), resource.modified_ms)
}

/// A page of one kind, of those that are wanted, each summed up.
pub(super) fn list(
    world: &World,
    call: &Call,
    (kind, list_name): (Kind, &str),
    wanted: impl Fn(&Resource) -> bool,
    summed_up: impl Fn(&Resource) -> Value,
) -> Outcome {
    let resources = world.resources(kind).into_iter().filter(|resource| wanted(resource));
    let entries = resources.map(|resource| (place(resource), resource));
    page(world, call, list_name, entries, |resource| summed_up(resource))
}

/// A page of entries that come in the order of their keys.
pub(super) fn page<T>(
    world: &World,
    call: &Call,
    list_name: &str,
    entries: impl IntoIterator<Item = (String, T)>,
    shown: impl Fn(T) -> Value,
) -> Outcome {
    let (listed, next) = Page::of(call, world)?.cut(entries);
    let listed: Vec<_> = listed.into_iter().map(shown).collect();
    let mut output = json!({ list_name: listed });
    optional(&mut output, "NextToken", next);
    Ok(output)
}

/// A resource is kept under the kind that its detail has, so this is never answered.
pub(super) fn mixed_up() -> Refusal {
    Refusal::internal("A resource is of another kind than its id says.")
}

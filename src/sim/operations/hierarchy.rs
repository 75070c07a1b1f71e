//! The agent hierarchy: its levels, which are written as a whole, and its groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::lists::{list, place, stamped_summary, summary};
use super::search::{self, Field, resource_id};
use crate::answer::{Outcome, Refusal, nothing, optional, stamped};
use crate::call::{Call, Draft, NewResource, normalized, referred};
use crate::ids::{Id, Kind, seeded};
use crate::quota::Quota;
use crate::world::{Change, Detail, Level, MOST_LEVELS, Resource, Tags, World};

/// The names that the API gives to the levels of the hierarchy and of a path in it.
const LEVELS: [&str; MOST_LEVELS] = ["LevelOne", "LevelTwo", "LevelThree", "LevelFour", "LevelFive"];
const LONGEST_LEVEL_NAME: usize = 50;
const LONGEST_GROUP_NAME: usize = 100;

/// The search finds one more group, the foundation of the hierarchy. It has this level, and no user can change it.
const FOUNDATION_LEVEL: &str = "0";

static FIELDS: [Field<Resource>; 4] = [
    search::NAME,
    Field::id("parentId", Kind::HierarchyGroup, |_, group, text| {
        parent(group).is_some_and(|parent| text.passes_id(parent))
    }),
    Field::id("levelId", Kind::HierarchyLevel, |world, group, text| {
        level(world, group).is_some_and(|level| text.passes_id(level.id))
    }),
    resource_id(Kind::HierarchyGroup),
];

fn parent(group: &Resource) -> Option<Id> {
    match group.detail {
        Detail::HierarchyGroup { parent } => parent,
        _ => None,
    }
}

/// The level that a group is on.
fn level<'w>(world: &'w World, group: &Resource) -> Option<&'w Level> {
    world.levels.get(world.hierarchy_path(group.id).len().checked_sub(1)?)
}

pub(super) fn describe_structure(world: &World, _: &Call) -> Outcome {
    let level = |(key, level): (&&str, &Level)| {
        let arn = world.instance.names.arn(Kind::HierarchyLevel, level.id);
        let described = json!({ "Id": level.id, "Arn": arn, "Name": level.name });
        ((*key).to_owned(), stamped(described, level.modified_ms))
    };
    let structure: Map<_, _> = LEVELS.iter().zip(&world.levels).map(level).collect();
    Ok(json!({ "HierarchyStructure": structure }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateStructure {
    hierarchy_structure: BTreeMap<String, LevelUpdate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LevelUpdate {
    name: String,
}

/// The whole structure is replaced: a level that is not sent is removed, which its groups prevent.
pub(super) fn update_structure(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: UpdateStructure = call.read()?;
    let named: Vec<_> = LEVELS
        .iter()
        .map_while(|level| wanted.hierarchy_structure.get(*level))
        .map(|level| &level.name)
        .collect();
    if named.len() < wanted.hierarchy_structure.len() {
        return Err(Refusal::invalid_request("The levels must be there from the top, without a gap."));
    }
    for (at, name) in named.iter().enumerate() {
        checked_name("A level's Name", name, LONGEST_LEVEL_NAME)?;
        if named[..at].contains(name) {
            return Err(Refusal::invalid_parameter("Two levels have the same Name."));
        }
    }
    let groups = draft.world.resources(Kind::HierarchyGroup);
    for (removed, at) in draft.world.levels.iter().zip(1..).skip(named.len()) {
        if groups.iter().any(|group| draft.world.hierarchy_path(group.id).len() == at) {
            let arn = draft.world.instance.names.arn(Kind::HierarchyLevel, removed.id);
            let message = "A level cannot be removed while it has groups.";
            return Err(Refusal::in_use(message, Some("HIERARCHY_LEVEL"), arn));
        }
    }
    let mut levels = Vec::with_capacity(named.len());
    for (at, name) in named.into_iter().enumerate() {
        let existing = draft.world.levels.get(at);
        levels.push(match existing.filter(|level| level.name == *name) {
            Some(level) => level.clone(),
            None => Level {
                id: existing.map_or_else(|| draft.ids.next(), |level| level.id),
                name: name.clone(),
                modified_ms: draft.now_ms,
            },
        });
    }
    draft.changes.push(Change::Levels(levels));
    nothing()
}

/// The model has no lengths for these names, the documentation has.
fn checked_name(member: &str, name: &str, longest: usize) -> Result<(), Refusal> {
    normalized(member, name)?;
    if name.trim().is_empty() {
        return Err(Refusal::invalid_parameter(format!("{member} must not be blank.")));
    }
    if name.chars().count() > longest {
        return Err(Refusal::invalid_parameter(format!("{member} must have at most {longest} characters.")));
    }
    Ok(())
}

pub(super) fn list_groups(world: &World, call: &Call) -> Outcome {
    let of = (Kind::HierarchyGroup, "UserHierarchyGroupSummaryList");
    list(world, call, of, |_| true, |resource| stamped_summary(world, resource))
}

/// The groups from the top down to this one, by level.
pub(super) fn path(path: &[&Arc<Resource>], group: impl Fn(&Resource) -> Value) -> Value {
    let levels = LEVELS.iter().zip(path);
    Value::Object(levels.map(|(level, resource)| ((*level).to_owned(), group(resource))).collect())
}

/// The whole group, as DescribeUserHierarchyGroup and SearchUserHierarchyGroups show it.
fn described(world: &World, resource: &Resource) -> Value {
    let above = world.hierarchy_path(resource.id);
    let mut described = summary(world, resource);
    optional(&mut described, "LevelId", level(world, resource).map(|level| json!(level.id)));
    optional(&mut described, "HierarchyPath", Some(path(&above, |group| stamped_summary(world, group))));
    optional(&mut described, "Tags", Some(json!(resource.tags)));
    stamped(described, resource.modified_ms)
}

pub(super) fn describe_group(world: &World, call: &Call) -> Outcome {
    let resource = call.resource(world, Kind::HierarchyGroup, "HierarchyGroupId")?;
    Ok(json!({ "HierarchyGroup": described(world, resource) }))
}

pub(super) fn search_groups(world: &World, call: &Call) -> Outcome {
    let test = search::read(world, call, &FIELDS)?;
    let groups = world.resources(Kind::HierarchyGroup).into_iter();
    let groups =
        groups.filter(|group| test.passes(world, group)).map(|group| (place(group), described(world, group)));
    let foundation = test.is_open().then(|| {
        let id = seeded("hierarchy foundation", &world.instance.alias);
        let arn = world.instance.names.arn(Kind::HierarchyGroup, id);
        (String::new(), json!({ "Id": id, "Arn": arn, "LevelId": FOUNDATION_LEVEL }))
    });
    search::page(
        world,
        call,
        "UserHierarchyGroups",
        foundation.into_iter().chain(groups).collect(),
        |group| group,
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: String,
    parent_group_id: Option<String>,
    #[serde(default)]
    tags: Tags,
}

/// Groups under the same parent have different names.
fn name_is_free(world: &World, parent_id: Option<Id>, name: &str, own: Option<Id>) -> Result<(), Refusal> {
    checked_name("Name", name, LONGEST_GROUP_NAME)?;
    let taken =
        |group: &&Arc<Resource>| group.name == name && parent(group) == parent_id && Some(group.id) != own;
    match world.resources(Kind::HierarchyGroup).iter().find(|group| taken(group)) {
        None => Ok(()),
        Some(_) => {
            Err(Refusal::duplicate("There is a hierarchy group with this Name under the same parent."))
        }
    }
}

/// A group is on the level below its parent's, which has to be there.
pub(super) fn create_group(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Create = call.read()?;
    let world = draft.world;
    let parent = wanted
        .parent_group_id
        .map(|parent| referred(world, Kind::HierarchyGroup, "ParentGroupId", &parent))
        .transpose()?;
    let depth = parent.map_or(0, |parent| world.hierarchy_path(parent).len());
    if depth >= world.levels.len() {
        return Err(Refusal::invalid_parameter("The hierarchy has no level for a group below this parent."));
    }
    name_is_free(world, parent, &wanted.name, None)?;
    draft.room(Quota::HierarchyGroups, world.resources(Kind::HierarchyGroup).len())?;
    let detail = Detail::HierarchyGroup { parent };
    let id = draft.add(NewResource { name: wanted.name, description: None, tags: wanted.tags, detail });
    let arn = world.instance.names.arn(Kind::HierarchyGroup, id);
    Ok(json!({ "HierarchyGroupId": id, "HierarchyGroupArn": arn }))
}

pub(super) fn update_group_name(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let mut group = Resource::clone(call.resource(draft.world, Kind::HierarchyGroup, "HierarchyGroupId")?);
    let name = call.text("Name").unwrap_or_default();
    name_is_free(draft.world, parent(&group), name, Some(group.id))?;
    name.clone_into(&mut group.name);
    draft.put_resource(group);
    nothing()
}

/// Agents and groups in a group keep it.
pub(super) fn delete_group(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let world = draft.world;
    let id = call.resource(world, Kind::HierarchyGroup, "HierarchyGroupId")?.id;
    let has_children = world.resources(Kind::HierarchyGroup).iter().any(|group| parent(group) == Some(id));
    if has_children || world.users_after(None).any(|user| user.hierarchy_group == Some(id)) {
        let arn = world.instance.names.arn(Kind::HierarchyGroup, id);
        let message = "The hierarchy group has agents or child groups.";
        return Err(Refusal::in_use(message, Some("HIERARCHY_GROUP"), arn));
    }
    draft.changes.push(Change::ResourceGone { kind: Kind::HierarchyGroup, id });
    nothing()
}

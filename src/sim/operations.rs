//! The operations of Connect's API, and of the directory's, that are carried out here, by name, and what they share.
//!
//! An operation that reads gets the world as reads see it. One that writes gets the truth and drafts changes; nothing is
//! different until the whole draft is committed.

mod catalog;
mod directory;
mod live;
mod profile;
mod queues;
mod quick_connects;
mod search;
mod tags;
mod users;

pub(crate) use directory::DIRECTORY_ID;
pub(crate) use users::{directory_id, sha256};

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::answer::{Outcome, Refusal};
use crate::contract::Operation;
use crate::ids::{Id, IdSource, Kind, REGION};
use crate::world::{Change, Resource, User, World};

/// A request that the contract allows.
pub(crate) struct Ask {
    pub(crate) operation: &'static Operation,
    pub(crate) input: Map<String, Value>,
}

/// The rules that can be set while the practice contact center runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) name_lingers_ms: i64,
    pub(crate) user_quota: usize,
    pub(crate) quick_connect_quota: usize,
}

/// What a write is about to change.
pub(crate) struct Draft<'w> {
    pub(crate) world: &'w World,
    pub(crate) now_ms: i64,
    pub(crate) rules: Rules,
    pub(crate) ids: IdSource,
    pub(crate) changes: Vec<Change>,
}

pub(crate) enum Handler {
    Read(fn(&World, &Ask) -> Outcome),
    Write(fn(&mut Draft<'_>, &Ask) -> Outcome),
}

/// Who carries out the operation; every operation of the contract has somebody, which a test proves.
pub(crate) fn handler(operation: &str) -> Option<&'static Handler> {
    HANDLERS.iter().find(|(name, _)| *name == operation).map(|(_, handler)| handler)
}

use Handler::{Read, Write};

static HANDLERS: &[(&str, Handler)] = &[
    ("DescribeInstance", Read(catalog::describe_instance)),
    ("ListInstances", Read(catalog::list_instances)),
    ("CreateUser", Write(users::create)),
    ("DeleteUser", Write(users::delete)),
    ("DescribeUser", Read(users::describe)),
    ("ListUsers", Read(users::list)),
    ("SearchUsers", Read(search::users)),
    ("UpdateUserIdentityInfo", Write(profile::identity_info)),
    ("UpdateUserPhoneConfig", Write(profile::phone_config)),
    ("UpdateUserConfig", Write(profile::config)),
    ("UpdateUserRoutingProfile", Write(profile::routing_profile)),
    ("UpdateUserSecurityProfiles", Write(profile::security_profiles)),
    ("UpdateUserHierarchy", Write(profile::hierarchy)),
    ("UpdateUserProficiencies", Write(profile::update_proficiencies)),
    ("AssociateUserProficiencies", Write(profile::associate_proficiencies)),
    ("DisassociateUserProficiencies", Write(profile::disassociate_proficiencies)),
    ("ListUserProficiencies", Read(profile::list_proficiencies)),
    ("ListRoutingProfiles", Read(catalog::list_routing_profiles)),
    ("DescribeRoutingProfile", Read(catalog::describe_routing_profile)),
    ("ListRoutingProfileQueues", Read(queues::list_of_routing_profile)),
    ("ListSecurityProfiles", Read(catalog::list_security_profiles)),
    ("DescribeSecurityProfile", Read(catalog::describe_security_profile)),
    ("ListSecurityProfilePermissions", Read(catalog::list_permissions)),
    ("DescribeUserHierarchyStructure", Read(catalog::describe_hierarchy_structure)),
    ("ListUserHierarchyGroups", Read(catalog::list_hierarchy_groups)),
    ("DescribeUserHierarchyGroup", Read(catalog::describe_hierarchy_group)),
    ("ListAgentStatuses", Read(catalog::list_agent_statuses)),
    ("DescribeAgentStatus", Read(catalog::describe_agent_status)),
    ("ListQuickConnects", Read(quick_connects::list)),
    ("DescribeQuickConnect", Read(quick_connects::describe)),
    ("CreateQuickConnect", Write(quick_connects::create)),
    ("DeleteQuickConnect", Write(quick_connects::delete)),
    ("UpdateQuickConnectConfig", Write(quick_connects::update_config)),
    ("UpdateQuickConnectName", Write(quick_connects::update_name)),
    ("SearchQuickConnects", Read(search::quick_connects)),
    ("ListQueues", Read(queues::list)),
    ("DescribeQueue", Read(queues::describe)),
    ("ListQueueQuickConnects", Read(queues::list_quick_connects)),
    ("AssociateQueueQuickConnects", Write(queues::associate_quick_connects)),
    ("DisassociateQueueQuickConnects", Write(queues::disassociate_quick_connects)),
    ("ListContactFlows", Read(catalog::list_contact_flows)),
    ("DescribeContactFlow", Read(catalog::describe_contact_flow)),
    ("GetCurrentUserData", Read(live::current_user_data)),
    ("PutUserStatus", Write(live::put_status)),
    ("TagResource", Write(tags::tag)),
    ("UntagResource", Write(tags::untag)),
    ("ListTagsForResource", Read(tags::list)),
    ("ResetUserPassword", Write(directory::reset_user_password)),
];

impl Ask {
    /// The input as the handler wants it.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_value(Value::Object(self.input.clone()))
            .map_err(|error| Refusal::internal(format!("The contract let something through: {error}.")))
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// The texts of a list; none where the list is absent.
    fn texts(&self, member: &str) -> Vec<&str> {
        self.input
            .get(member)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// The user that the request is about.
    fn user<'w>(&self, world: &'w World) -> Result<&'w Arc<User>, Refusal> {
        let id = world.instance.names.id(Kind::User, self.text("UserId").unwrap_or_default());
        id.and_then(|id| world.user(id)).ok_or_else(|| Refusal::not_found("There is no user with this id."))
    }

    /// The resource that the request is about, named by this member.
    fn resource<'w>(&self, world: &'w World, kind: Kind, member: &str) -> Result<&'w Arc<Resource>, Refusal> {
        found(world, kind, self.text(member).unwrap_or_default())
    }
}

/// The resource that an operation cannot do without: ResourceNotFoundException where there is none.
fn found<'w>(world: &'w World, kind: Kind, text: &str) -> Result<&'w Arc<Resource>, Refusal> {
    let resource = world.instance.names.id(kind, text).and_then(|id| world.resource(kind, id));
    resource.ok_or_else(|| Refusal::not_found(format!("There is no {} with this id.", kind.noun())))
}

/// A reference inside a setting: InvalidParameterException where nothing stands behind it.
fn referred(world: &World, kind: Kind, member: &str, text: &str) -> Result<Id, Refusal> {
    let id = world.instance.names.id(kind, text).filter(|id| match kind {
        Kind::User => world.user(*id).is_some(),
        _ => world.resource(kind, *id).is_some(),
    });
    id.ok_or_else(|| {
        Refusal::invalid_parameter(format!("{member}: there is no {} with this id.", kind.noun()))
    })
}

impl Draft<'_> {
    fn put_user(&mut self, mut user: User) {
        user.modified_ms = self.now_ms;
        self.changes.push(Change::User(Arc::new(user)));
    }

    fn put_resource(&mut self, mut resource: Resource) {
        resource.modified_ms = self.now_ms;
        self.changes.push(Change::Resource(Arc::new(resource)));
    }
}

/// The output of an operation that has none.
fn nothing() -> Outcome {
    Ok(json!({}))
}

fn written<T: Serialize>(data: &T) -> Value {
    serde_json::to_value(data).expect("plain data with text for keys can always be written as JSON")
}

/// A moment as the API writes it: seconds since the epoch, with a fraction.
#[allow(clippy::cast_precision_loss)] // Milliseconds since the epoch are far below what a float counts exactly.
pub(crate) fn timestamp(ms: i64) -> Value {
    Value::from(ms as f64 / 1000.0)
}

fn optional(object: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let (Some(object), Some(value)) = (object.as_object_mut(), value) {
        object.insert(name.to_owned(), value.into());
    }
}

/// Adds when and where something was last changed.
fn stamped(mut object: Value, modified_ms: i64) -> Value {
    optional(&mut object, "LastModifiedTime", Some(timestamp(modified_ms)));
    optional(&mut object, "LastModifiedRegion", Some(REGION));
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{contract, directory, operation};

    #[test]
    fn every_operation_of_the_contracts_is_carried_out_and_no_other() {
        let both = contract().operations.iter().chain(&directory().operations);
        let mut wanted: Vec<_> = both.map(|operation| operation.name.as_str()).collect();
        let mut found: Vec<_> = HANDLERS.iter().map(|(name, _)| *name).collect();
        wanted.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, wanted);
    }

    #[test]
    fn the_operations_that_write_are_not_gets() {
        for (name, handler) in HANDLERS {
            let operation = operation(name).unwrap();
            let writes = matches!(handler, Write(_));
            let reading_post = ["SearchUsers", "SearchQuickConnects", "GetCurrentUserData"].contains(name);
            assert_eq!(writes, operation.method != "GET" && !reading_post, "{name}");
        }
    }
}

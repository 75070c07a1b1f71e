//! One call of an operation, and what a write is about to change: what every operation needs and none of them owns.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use unicode_normalization::is_nfc;

use crate::answer::Refusal;
use crate::contract::Operation;
use crate::ids::{Id, IdSource, Kind};
use crate::quota::{Quota, Quotas};
use crate::world::{Change, Detail, Resource, Tags, User, World};

/// A request that the contract allows.
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    pub(crate) input: Map<String, Value>,
    pub(crate) now_ms: i64,
    pub(crate) rules: Rules,
}

/// The rules that can be set while the practice contact center runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) name_lingers_ms: i64,
    /// How long a page token can be used.
    pub(crate) token_lives_ms: i64,
    pub(crate) quotas: Quotas,
}

/// What a write is about to change.
pub(crate) struct Draft<'w> {
    pub(crate) world: &'w World,
    pub(crate) now_ms: i64,
    pub(crate) rules: Rules,
    pub(crate) ids: IdSource,
    pub(crate) changes: Vec<Change>,
}

impl Call {
    /// The input as the type that the operation reads.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_value(Value::Object(self.input.clone()))
            .map_err(|error| Refusal::internal(format!("The contract let something through: {error}.")))
    }

    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// The texts of a list; none where the list is absent.
    pub(crate) fn texts(&self, member: &str) -> Vec<&str> {
        self.input
            .get(member)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// The user that the request is about.
    pub(crate) fn user<'w>(&self, world: &'w World) -> Result<&'w Arc<User>, Refusal> {
        let id = world.instance.names.id(Kind::User, self.text("UserId").unwrap_or_default());
        id.and_then(|id| world.user(id)).ok_or_else(|| Refusal::not_found("There is no user with this id."))
    }

    /// The resource that the request is about, named by this member.
    pub(crate) fn resource<'w>(
        &self,
        world: &'w World,
        kind: Kind,
        member: &str,
    ) -> Result<&'w Arc<Resource>, Refusal> {
        found(world, kind, self.text(member).unwrap_or_default())
    }
}

/// The resource that an operation cannot do without: ResourceNotFoundException where there is none.
pub(crate) fn found<'w>(world: &'w World, kind: Kind, text: &str) -> Result<&'w Arc<Resource>, Refusal> {
    let resource = world.instance.names.id(kind, text).and_then(|id| world.resource(kind, id));
    resource.ok_or_else(|| Refusal::not_found(format!("There is no {} with this id.", kind.noun())))
}

/// A reference inside a setting: InvalidParameterException where it leads nowhere.
pub(crate) fn referred(world: &World, kind: Kind, member: &str, text: &str) -> Result<Id, Refusal> {
    let id = world.instance.names.id(kind, text).filter(|id| match kind {
        Kind::User => world.user(*id).is_some(),
        _ => world.resource(kind, *id).is_some(),
    });
    id.ok_or_else(|| {
        Refusal::invalid_parameter(format!("{member}: there is no {} with this id.", kind.noun()))
    })
}

/// Names are in Unicode Normalization Form C. The API says it of first and last names; here it holds for every name.
pub(crate) fn normalized(member: &str, text: &str) -> Result<(), Refusal> {
    if is_nfc(text) {
        return Ok(());
    }
    Err(Refusal::invalid_parameter(format!("{member} must be in Unicode Normalization Form C.")))
}

/// What every new resource has.
pub(crate) struct NewResource {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) tags: Tags,
    pub(crate) detail: Detail,
}

impl Draft<'_> {
    pub(crate) fn put_user(&mut self, mut user: User) {
        user.modified_ms = self.now_ms;
        self.changes.push(Change::User(Arc::new(user)));
    }

    pub(crate) fn put_resource(&mut self, mut resource: Resource) {
        resource.modified_ms = self.now_ms;
        self.changes.push(Change::Resource(Arc::new(resource)));
    }

    /// Adds a resource whose name is its own among its kind, while the quota has room. Gives back its id.
    pub(crate) fn create(&mut self, new: NewResource, quota: Quota) -> Result<Id, Refusal> {
        let kind = new.detail.kind();
        self.name_is_free(kind, &new.name, None)?;
        self.room(quota, self.world.resources(kind).len())?;
        Ok(self.add(new))
    }

    /// Adds a resource that was checked already.
    pub(crate) fn add(&mut self, new: NewResource) -> Id {
        let id = self.ids.next();
        let NewResource { name, description, tags, detail } = new;
        self.put_resource(Resource { id, name, description, tags, modified_ms: self.now_ms, detail });
        id
    }

    /// Refuses where the quota is used up.
    pub(crate) fn room(&self, quota: Quota, used: usize) -> Result<(), Refusal> {
        if used < self.rules.quotas.of(quota) {
            return Ok(());
        }
        Err(Refusal::limit_exceeded(format!("The instance is full: {} is reached.", quota.info().name)))
    }

    /// Whether a resource may have this name: DuplicateResourceException where another of its kind has it.
    pub(crate) fn name_is_free(&self, kind: Kind, name: &str, own: Option<Id>) -> Result<(), Refusal> {
        normalized("Name", name)?;
        if self.world.resource_named(kind, name).is_some_and(|other| Some(other.id) != own) {
            return Err(Refusal::duplicate(format!("There is a {} with this Name.", kind.noun())));
        }
        Ok(())
    }

    /// Changes name and description of a resource; what is not sent stays, and an empty description is none.
    pub(crate) fn rename(&self, resource: &mut Resource, call: &Call) -> Result<(), Refusal> {
        let (name, description) = (call.text("Name"), call.text("Description"));
        if name.is_none() && description.is_none() {
            return Err(Refusal::invalid_request("Name or Description is required."));
        }
        if let Some(name) = name {
            self.name_is_free(resource.kind(), name, Some(resource.id))?;
            name.clone_into(&mut resource.name);
        }
        if let Some(description) = description {
            resource.description = Some(description.to_owned()).filter(|text| !text.is_empty());
        }
        Ok(())
    }
}

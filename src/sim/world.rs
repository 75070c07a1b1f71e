//! The world of one instance: its users, everything else that has an id, and who is signed in.
//!
//! Nothing in it is changed but by applying a `Change`, and a change always carries the whole new value. That makes the
//! same list of changes good for the truth, for the lagging view that reads see, and for the state file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::handling::{Channel, Handling};
use crate::ids::{Id, Kind, Names};
use crate::options::IdentityType;

pub(crate) type Tags = BTreeMap<String, String>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct IdentityInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secondary_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mobile: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Proficiency {
    pub(crate) attribute_name: String,
    pub(crate) attribute_value: String,
    pub(crate) level: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: Id,
    pub(crate) login: Arc<str>,
    pub(crate) identity: IdentityInfo,
    /// The password itself is kept nowhere.
    pub(crate) password_sha256: Option<Arc<str>>,
    pub(crate) directory_user_id: Option<String>,
    pub(crate) routing_profile: Id,
    pub(crate) security_profiles: Vec<Id>,
    pub(crate) hierarchy_group: Option<Id>,
    /// Shared, because most agents of a large house handle contacts alike.
    pub(crate) handling: Arc<Handling>,
    pub(crate) tags: Tags,
    /// Sorted by name and value, which together are there once.
    pub(crate) proficiencies: Vec<Proficiency>,
    pub(crate) modified_ms: i64,
}

/// Anything but a user: its common parts, and what only its kind has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Resource {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) tags: Tags,
    pub(crate) modified_ms: i64,
    pub(crate) detail: Detail,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Detail {
    RoutingProfile {
        default_queue: Id,
        concurrency: BTreeMap<Channel, i64>,
        queues: Vec<RoutedQueue>,
        is_default: bool,
    },
    SecurityProfile {
        permissions: Vec<String>,
        aws_managed: bool,
    },
    HierarchyGroup {
        parent: Option<Id>,
    },
    AgentStatus {
        status_type: StatusType,
        display_order: usize,
    },
    Queue {
        hours: Id,
        quick_connects: BTreeSet<Id>,
    },
    ContactFlow {
        flow_type: String,
    },
    QuickConnect(QuickConnectTarget),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RoutedQueue {
    pub(crate) queue: Id,
    pub(crate) channel: Channel,
    pub(crate) priority: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum StatusType {
    Routable,
    Custom,
    Offline,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum QuickConnectTarget {
    User { user: Id, flow: Id },
    Queue { queue: Id, flow: Id },
    PhoneNumber { number: String },
    Flow { flow: Id },
}

impl QuickConnectTarget {
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::User { .. } => "USER",
            Self::Queue { .. } => "QUEUE",
            Self::PhoneNumber { .. } => "PHONE_NUMBER",
            Self::Flow { .. } => "FLOW",
        }
    }
}

impl Resource {
    pub(crate) fn kind(&self) -> Kind {
        match self.detail {
            Detail::RoutingProfile { .. } => Kind::RoutingProfile,
            Detail::SecurityProfile { .. } => Kind::SecurityProfile,
            Detail::HierarchyGroup { .. } => Kind::HierarchyGroup,
            Detail::AgentStatus { .. } => Kind::AgentStatus,
            Detail::Queue { .. } => Kind::Queue,
            Detail::ContactFlow { .. } => Kind::ContactFlow,
            Detail::QuickConnect(_) => Kind::QuickConnect,
        }
    }

    pub(crate) fn quick_connect(&self) -> Option<&QuickConnectTarget> {
        match &self.detail {
            Detail::QuickConnect(target) => Some(target),
            _ => None,
        }
    }
}

/// A signed-in user; who is signed out has none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Presence {
    pub(crate) status: Id,
    pub(crate) since_ms: i64,
    /// The status that comes when the contact ends.
    pub(crate) next_status: Option<Id>,
    pub(crate) contact: Option<Contact>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) id: Id,
    pub(crate) channel: Channel,
    pub(crate) queue: Option<Id>,
    pub(crate) since_ms: i64,
}

/// One thing that has become different, with the whole of what it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Change {
    User(Arc<User>),
    UserGone { id: Id, login: Arc<str>, at_ms: i64 },
    Resource(Arc<Resource>),
    ResourceGone { kind: Kind, id: Id },
    Presence { user: Id, presence: Option<Presence> },
}

/// What never changes about an instance.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) names: Names,
    pub(crate) alias: String,
    pub(crate) identity: IdentityType,
    pub(crate) created_ms: i64,
    /// The hierarchy's levels from the top, as id and name; at most five.
    pub(crate) levels: Vec<(Id, String)>,
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) instance: Arc<Instance>,
    by_login: BTreeMap<Arc<str>, Arc<User>>,
    by_id: HashMap<Id, Arc<User>>,
    resources: BTreeMap<(Kind, Id), Arc<Resource>>,
    presences: BTreeMap<Id, Presence>,
    removed_logins: HashMap<Arc<str>, i64>,
    routing_profile_users: HashMap<Id, usize>,
}

impl World {
    pub(crate) fn new(instance: Instance, users: Vec<Arc<User>>, resources: Vec<Resource>) -> Self {
        let mut routing_profile_users = HashMap::new();
        for user in &users {
            *routing_profile_users.entry(user.routing_profile).or_default() += 1;
        }
        Self {
            instance: Arc::new(instance),
            by_id: users.iter().map(|user| (user.id, Arc::clone(user))).collect(),
            by_login: users.into_iter().map(|user| (Arc::clone(&user.login), user)).collect(),
            resources: resources.into_iter().map(|r| ((r.kind(), r.id), Arc::new(r))).collect(),
            presences: BTreeMap::new(),
            removed_logins: HashMap::new(),
            routing_profile_users,
        }
    }

    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::User(user) => {
                self.removed_logins.remove(&user.login);
                self.by_login.insert(Arc::clone(&user.login), Arc::clone(user));
                let before = self.by_id.insert(user.id, Arc::clone(user));
                self.count(before.as_deref(), -1);
                self.count(Some(user), 1);
            }
            Change::UserGone { id, login, at_ms } => {
                let before = self.by_id.remove(id);
                self.count(before.as_deref(), -1);
                // Somebody else may have the login by the time that the state file is read.
                if self.by_login.get(login).is_some_and(|user| user.id == *id) {
                    self.by_login.remove(login);
                    self.removed_logins.insert(Arc::clone(login), *at_ms);
                }
                self.presences.remove(id);
            }
            Change::Resource(resource) => {
                self.resources.insert((resource.kind(), resource.id), Arc::clone(resource));
            }
            Change::ResourceGone { kind, id } => {
                self.resources.remove(&(*kind, *id));
            }
            Change::Presence { user, presence: Some(presence) } => {
                self.presences.insert(*user, presence.clone());
            }
            Change::Presence { user, presence: None } => {
                self.presences.remove(user);
            }
        }
    }

    fn count(&mut self, user: Option<&User>, by: isize) {
        if let Some(user) = user {
            let users = self.routing_profile_users.entry(user.routing_profile).or_default();
            *users = users.saturating_add_signed(by);
        }
    }

    /// Forgets the logins that were removed before this moment.
    pub(crate) fn forget_removed_before(&mut self, at_ms: i64) {
        self.removed_logins.retain(|_, removed_ms| *removed_ms >= at_ms);
    }

    pub(crate) fn removed_at(&self, login: &str) -> Option<i64> {
        self.removed_logins.get(login).copied()
    }

    pub(crate) fn user(&self, id: Id) -> Option<&Arc<User>> {
        self.by_id.get(&id)
    }

    pub(crate) fn user_by_login(&self, login: &str) -> Option<&Arc<User>> {
        self.by_login.get(login)
    }

    /// The users in the order of their logins, from behind `after`.
    pub(crate) fn users_after(&self, after: Option<&str>) -> impl Iterator<Item = &Arc<User>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_login.range::<str, _>((start, Bound::Unbounded)).map(|(_, user)| user)
    }

    /// Whether anything has this id.
    pub(crate) fn has(&self, id: Id) -> bool {
        self.by_id.contains_key(&id) || self.resources.keys().any(|(_, known)| *known == id)
    }

    pub(crate) fn user_count(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn users_of_routing_profile(&self, id: Id) -> usize {
        self.routing_profile_users.get(&id).copied().unwrap_or_default()
    }

    pub(crate) fn resource(&self, kind: Kind, id: Id) -> Option<&Arc<Resource>> {
        self.resources.get(&(kind, id))
    }

    /// All of one kind in the order of their names.
    pub(crate) fn resources(&self, kind: Kind) -> Vec<&Arc<Resource>> {
        let of_kind = (Bound::Included((kind, Id::nil())), Bound::Included((kind, Id::max())));
        let mut resources: Vec<_> = self.resources.range(of_kind).map(|(_, resource)| resource).collect();
        resources.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        resources
    }

    pub(crate) fn resource_named(&self, kind: Kind, name: &str) -> Option<&Arc<Resource>> {
        self.resources(kind).into_iter().find(|resource| resource.name == name)
    }

    /// The name of a resource, or its id where it is gone.
    pub(crate) fn name_of(&self, kind: Kind, id: Id) -> String {
        self.resource(kind, id).map_or_else(|| id.to_string(), |resource| resource.name.clone())
    }

    pub(crate) fn presence(&self, user: Id) -> Option<&Presence> {
        self.presences.get(&user)
    }

    /// Everybody who is signed in.
    pub(crate) fn presences(&self) -> impl Iterator<Item = (Id, &Presence)> {
        self.presences.iter().map(|(user, presence)| (*user, presence))
    }

    /// A hierarchy group and those above it, from the top.
    pub(crate) fn hierarchy_path(&self, group: Id) -> Vec<&Arc<Resource>> {
        let mut path = Vec::new();
        let mut next = Some(group);
        // A seed with a circle would be a mistake in the seed; five levels is all that Connect has.
        while let Some(resource) = next.and_then(|id| self.resource(Kind::HierarchyGroup, id)) {
            path.push(resource);
            next = match resource.detail {
                Detail::HierarchyGroup { parent } if path.len() < 5 => parent,
                _ => None,
            };
        }
        path.reverse();
        path
    }
}

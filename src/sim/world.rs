//! The world of one instance: its users, everything else that has an id, who is signed in, and their contacts.
//!
//! Nothing in it is changed but by applying a `Change`, and a change always carries the whole new value. That makes the
//! same list of changes good for the truth, for the lagging view that reads see, and for the state file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::handling::{Channel, Handling};
use crate::hours::{Override, WeeklySlot};
use crate::ids::{Id, Kind, Names, seeded};
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

impl Proficiency {
    /// The order in which a user has them.
    pub(crate) fn by_name(&self, other: &Proficiency) -> std::cmp::Ordering {
        let (name, value) = (&self.attribute_name, &self.attribute_value);
        (name, value).cmp(&(&other.attribute_name, &other.attribute_value))
    }
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
    RoutingProfile(RoutingProfile),
    SecurityProfile {
        permissions: Vec<String>,
        aws_managed: bool,
        /// AllowedAccessControlTags and its like, as the API shows them.
        restrictions: BTreeMap<String, Value>,
    },
    HierarchyGroup {
        parent: Option<Id>,
    },
    AgentStatus {
        status_type: StatusType,
        enabled: bool,
        display_order: Option<i64>,
    },
    Queue(Queue),
    ContactFlow {
        flow_type: String,
        archived: bool,
        published: bool,
    },
    QuickConnect(QuickConnectTarget),
    HoursOfOperation {
        time_zone: String,
        config: Vec<WeeklySlot>,
        overrides: Vec<Override>,
    },
    PhoneNumber {
        country: String,
        number_type: String,
    },
    PredefinedAttribute {
        values: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RoutingProfile {
    pub(crate) default_queue: Id,
    /// Sorted by channel; no channel is there twice.
    pub(crate) concurrencies: Vec<MediaConcurrency>,
    pub(crate) queues: Vec<RoutedQueue>,
    /// The queues whose contacts agents and supervisors assign themselves.
    pub(crate) manual_queues: Vec<QueueChannel>,
    pub(crate) availability_timer: String,
    pub(crate) is_default: bool,
}

impl RoutingProfile {
    /// How many contacts of the channel an agent takes; a channel that is not there takes none.
    pub(crate) fn slots(&self, channel: Channel) -> i64 {
        let concurrency = self.concurrencies.iter().find(|concurrency| concurrency.channel == channel);
        concurrency.map_or(0, MediaConcurrency::slots)
    }
}

/// One channel of a routing profile, in the members that the API has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MediaConcurrency {
    pub(crate) channel: Channel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) concurrency: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cross_channel_behavior: Option<CrossChannelBehavior>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) workload_type_concurrencies: Vec<WorkloadTypeConcurrency>,
}

impl MediaConcurrency {
    pub(crate) fn slots(&self) -> i64 {
        let by_workload_type: i64 =
            self.workload_type_concurrencies.iter().map(|workload| workload.concurrency).sum();
        self.concurrency.unwrap_or(0).max(by_workload_type)
    }

    pub(crate) fn routes_any_channel(&self) -> bool {
        self.cross_channel_behavior
            .as_ref()
            .is_some_and(|behavior| behavior.behavior_type == "ROUTE_ANY_CHANNEL")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CrossChannelBehavior {
    pub(crate) behavior_type: String,
}

impl Default for CrossChannelBehavior {
    fn default() -> Self {
        Self { behavior_type: "ROUTE_CURRENT_CHANNEL_ONLY".to_owned() }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WorkloadTypeConcurrency {
    pub(crate) workload_type: String,
    pub(crate) concurrency: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cross_channel_workload_behavior: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct QueueChannel {
    pub(crate) queue: Id,
    pub(crate) channel: Channel,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RoutedQueue {
    pub(crate) pair: QueueChannel,
    pub(crate) priority: i64,
    pub(crate) delay: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) hours: Id,
    pub(crate) quick_connects: BTreeSet<Id>,
    pub(crate) enabled: bool,
    /// No limit where there is none.
    pub(crate) max_contacts: Option<i64>,
    pub(crate) caller: OutboundCaller,
}

/// How a queue's outbound calls appear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutboundCaller {
    pub(crate) name: Option<String>,
    pub(crate) number: Option<Id>,
    pub(crate) flow: Option<Id>,
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

impl Detail {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::RoutingProfile(_) => Kind::RoutingProfile,
            Self::SecurityProfile { .. } => Kind::SecurityProfile,
            Self::HierarchyGroup { .. } => Kind::HierarchyGroup,
            Self::AgentStatus { .. } => Kind::AgentStatus,
            Self::Queue(_) => Kind::Queue,
            Self::ContactFlow { .. } => Kind::ContactFlow,
            Self::QuickConnect(_) => Kind::QuickConnect,
            Self::HoursOfOperation { .. } => Kind::HoursOfOperation,
            Self::PhoneNumber { .. } => Kind::PhoneNumber,
            Self::PredefinedAttribute { .. } => Kind::PredefinedAttribute,
        }
    }
}

impl Resource {
    pub(crate) fn kind(&self) -> Kind {
        self.detail.kind()
    }

    pub(crate) fn queue(&self) -> Option<&Queue> {
        match &self.detail {
            Detail::Queue(queue) => Some(queue),
            _ => None,
        }
    }

    pub(crate) fn routing_profile(&self) -> Option<&RoutingProfile> {
        match &self.detail {
            Detail::RoutingProfile(profile) => Some(profile),
            _ => None,
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
    /// The status that comes when the contacts end.
    pub(crate) next_status: Option<Id>,
}

/// A contact that has not ended for everybody yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) id: Id,
    pub(crate) channel: Channel,
    pub(crate) stage: Stage,
    /// The queue that it came through; an agent's own queue has the agent's id.
    pub(crate) queue: Option<Id>,
    pub(crate) since_ms: i64,
    /// How it began, in the API's words.
    pub(crate) initiation: String,
}

/// Where a contact is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// It starts at this moment.
    Scheduled(i64),
    /// It waits in its queue, or in its flow where it has none.
    Waiting,
    /// An agent has it, in this state.
    With(Id, ContactState),
}

impl Contact {
    /// The agent who has it and the state that it is in for them.
    pub(crate) fn held(&self) -> Option<(Id, ContactState)> {
        match self.stage {
            Stage::With(agent, state) => Some((agent, state)),
            _ => None,
        }
    }
}

/// The states that a contact has for its agent. PAUSED is in agent events and not in the model; clients have to bear it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ContactState {
    Incoming,
    Pending,
    Connecting,
    Connected,
    #[serde(rename = "CONNECTED_ONHOLD")]
    OnHold,
    Missed,
    Error,
    Ended,
    Rejected,
    Paused,
}

/// One thing that has become different, with the whole of what it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Change {
    User(Arc<User>),
    UserGone {
        id: Id,
        login: Arc<str>,
        at_ms: i64,
    },
    Resource(Arc<Resource>),
    ResourceGone {
        kind: Kind,
        id: Id,
    },
    Presence {
        user: Id,
        presence: Option<Presence>,
    },
    Contact(Arc<Contact>),
    ContactGone {
        id: Id,
    },
    /// A task that was started with this client token.
    TaskToken {
        token: String,
        contact: Id,
    },
    Levels(Vec<Level>),
}

/// A level of the hierarchy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Level {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) modified_ms: i64,
}

/// The most levels that a hierarchy has.
pub(crate) const MOST_LEVELS: usize = 5;

/// What never changes about an instance.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) names: Names,
    pub(crate) alias: String,
    pub(crate) identity: IdentityType,
    pub(crate) created_ms: i64,
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) instance: Arc<Instance>,
    by_login: BTreeMap<Arc<str>, Arc<User>>,
    by_id: HashMap<Id, Arc<User>>,
    resources: BTreeMap<(Kind, Id), Arc<Resource>>,
    presences: BTreeMap<Id, Presence>,
    contacts: BTreeMap<Id, Arc<Contact>>,
    /// How many contacts there have been since the world was opened.
    contacts_made: u64,
    /// Agents with their contacts.
    held: BTreeSet<(Id, Id)>,
    task_tokens: HashMap<String, Id>,
    /// The hierarchy's levels from the top.
    pub(crate) levels: Vec<Level>,
    removed_logins: HashMap<Arc<str>, i64>,
    routing_profile_users: HashMap<Id, usize>,
}

/// What is kept of a password.
pub(crate) fn password_hash(password: &str) -> String {
    Sha256::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
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
            contacts: BTreeMap::new(),
            contacts_made: 0,
            held: BTreeSet::new(),
            task_tokens: HashMap::new(),
            levels: Vec::new(),
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
                // Someone else may have the login by the time that the state file is read.
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
            Change::Contact(contact) => {
                self.contacts_made += u64::from(!self.contacts.contains_key(&contact.id));
                self.end_contact(contact.id);
                self.held.extend(contact.held().map(|(agent, _)| (agent, contact.id)));
                self.contacts.insert(contact.id, Arc::clone(contact));
            }
            Change::ContactGone { id } => self.end_contact(*id),
            Change::TaskToken { token, contact } => {
                self.task_tokens.insert(token.clone(), *contact);
            }
            Change::Levels(levels) => self.levels.clone_from(levels),
        }
    }

    fn end_contact(&mut self, id: Id) {
        if let Some((agent, _)) = self.contacts.remove(&id).and_then(|contact| contact.held()) {
            self.held.remove(&(agent, id));
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
        self.by_id.contains_key(&id)
            || self.contacts.contains_key(&id)
            || self.resources.keys().any(|(_, known)| *known == id)
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

    pub(crate) fn contact(&self, id: Id) -> Option<&Arc<Contact>> {
        self.contacts.get(&id)
    }

    /// Every contact that is not over.
    pub(crate) fn contacts(&self) -> impl Iterator<Item = &Arc<Contact>> {
        self.contacts.values()
    }

    /// Ids for contacts that come next: the same in every world with the same past, whatever the time.
    pub(crate) fn new_contact_ids(&self) -> impl Iterator<Item = Id> {
        let ids = (self.contacts_made..).map(|number| seeded("contact", &number.to_string()));
        ids.filter(|id| !self.contacts.contains_key(id))
    }

    /// The contacts that an agent has.
    pub(crate) fn contacts_of(&self, agent: Id) -> impl Iterator<Item = &Arc<Contact>> {
        let of_agent = (Bound::Included((agent, Id::nil())), Bound::Included((agent, Id::max())));
        self.held.range(of_agent).filter_map(|(_, contact)| self.contacts.get(contact))
    }

    /// The contact that was started with this client token.
    pub(crate) fn started_with(&self, token: &str) -> Option<Id> {
        self.task_tokens.get(token).copied()
    }

    /// The routing profile of a user.
    pub(crate) fn routing_profile_of(&self, user: &User) -> Option<&RoutingProfile> {
        self.resource(Kind::RoutingProfile, user.routing_profile)?.routing_profile()
    }

    /// A hierarchy group and those above it, from the top.
    pub(crate) fn hierarchy_path(&self, group: Id) -> Vec<&Arc<Resource>> {
        let mut path = Vec::new();
        let mut next = Some(group);
        // A seed with a circle would be a mistake in the seed; five levels is all that Connect has.
        while let Some(resource) = next.and_then(|id| self.resource(Kind::HierarchyGroup, id)) {
            path.push(resource);
            next = match resource.detail {
                Detail::HierarchyGroup { parent } if path.len() < MOST_LEVELS => parent,
                _ => None,
            };
        }
        path.reverse();
        path
    }
}

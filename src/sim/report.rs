//! The whole world as one JSON value, for tests that compare and people who look. Names stand where the API has ids.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use crate::answer::timestamp;
use crate::handling::Channel;
use crate::ids::{Id, Kind};
use crate::world::{
    Contact, Detail, OutboundCaller, Presence, QueueChannel, QuickConnectTarget, Resource, Stage, User, World,
};

/// What a world holds beside its users, as it is called in reports.
pub(crate) const KINDS: [(&str, Kind); 10] = [
    ("quick_connects", Kind::QuickConnect),
    ("queues", Kind::Queue),
    ("routing_profiles", Kind::RoutingProfile),
    ("security_profiles", Kind::SecurityProfile),
    ("hierarchy_groups", Kind::HierarchyGroup),
    ("agent_statuses", Kind::AgentStatus),
    ("contact_flows", Kind::ContactFlow),
    ("hours_of_operations", Kind::HoursOfOperation),
    ("phone_numbers", Kind::PhoneNumber),
    ("predefined_attributes", Kind::PredefinedAttribute),
];

/// How a contact of the channel begins, in the API's words.
pub(crate) fn initiation(channel: Channel) -> &'static str {
    if channel == Channel::Voice { "INBOUND" } else { "API" }
}

/// What the report calls a resource: its name. Hierarchy groups with the same name are called by their paths.
fn called(world: &World, resource: &Resource) -> String {
    let twins = || world.resources(resource.kind()).into_iter().filter(|other| other.name == resource.name);
    if resource.kind() != Kind::HierarchyGroup || twins().count() == 1 {
        return resource.name.clone();
    }
    let path = world.hierarchy_path(resource.id);
    path.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join("/")
}

/// The resource that the report calls so.
pub(crate) fn named(world: &World, kind: Kind, name: &str) -> Option<Id> {
    world
        .resources(kind)
        .into_iter()
        .find(|resource| called(world, resource) == name)
        .map(|resource| resource.id)
}

/// The world as JSON, sorted by name. Without ids it also leaves out ARNs and the times of changes, so that two worlds
/// compare equal which were brought about by different calls. Passwords are in it as hashes only.
pub(crate) fn world(world: &World, ids: bool) -> Bytes {
    let whole = serde_json::to_vec(&Whole(Report { world, ids }));
    Bytes::from(whole.expect("plain data with text for keys can always be written as JSON"))
}

/// Written user by user: a tree of a hundred thousand users would take gigabytes.
struct Whole<'w>(Report<'w>);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let world = report.world;
        let mut whole = serializer.serialize_map(None)?;
        let levels: Vec<_> = world.levels.iter().map(|level| level.name.as_str()).collect();
        let (alias, identity) = (&world.instance.alias, world.instance.identity);
        let instance = json!({ "alias": alias, "identity": identity, "hierarchy_levels": levels });
        whole.serialize_entry("instance", &instance)?;
        whole.serialize_entry("users", &Users(report))?;
        for (name, kind) in KINDS {
            let resources = world.resources(kind).into_iter();
            let resources: BTreeMap<_, _> =
                resources.map(|found| (called(world, found), report.resource(found))).collect();
            whole.serialize_entry(name, &resources)?;
        }
        whole.end()
    }
}

struct Users<'r>(&'r Report<'r>);

impl Serialize for Users<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        serializer.collect_map(report.world.users_after(None).map(|user| (&*user.login, report.user(user))))
    }
}

struct Report<'w> {
    world: &'w World,
    ids: bool,
}

fn set(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value.into());
    }
}

impl Report<'_> {
    fn name(&self, kind: Kind, id: Id) -> Value {
        let resource = self.world.resource(kind, id);
        json!(resource.map_or_else(|| self.gone(id), |resource| resource.name.clone()))
    }

    /// What is in the place of something that is no longer there.
    fn gone(&self, id: Id) -> String {
        if self.ids { format!("(gone) {id}") } else { "(gone)".to_owned() }
    }

    fn user(&self, user: &User) -> Value {
        let world = self.world;
        let mut profiles: Vec<_> =
            user.security_profiles.iter().map(|id| world.name_of(Kind::SecurityProfile, *id)).collect();
        profiles.sort();
        let mut described = json!({
            "identity": user.identity,
            "password": if user.password_sha256.is_some() { "set" } else { "none" },
            "password_sha256": user.password_sha256,
            "routing_profile": self.name(Kind::RoutingProfile, user.routing_profile),
            "security_profiles": profiles,
            "hierarchy_group": user.hierarchy_group.map(|id| self.name(Kind::HierarchyGroup, id)),
            "phone_config": user.handling.phone_view(1),
            "channels": *user.handling,
            "tags": user.tags,
            "proficiencies": user.proficiencies,
            "presence": world.presence(user.id).map(|presence| self.presence(user.id, presence)),
        });
        if self.ids {
            set(&mut described, "directory_user_id", json!(user.directory_user_id));
            self.add_ids(&mut described, Kind::User, user.id, user.modified_ms);
        }
        described
    }

    fn add_ids(&self, object: &mut Value, kind: Kind, id: Id, modified_ms: i64) {
        set(object, "id", id.to_string());
        if kind != Kind::PredefinedAttribute {
            set(object, "arn", self.world.instance.names.arn(kind, id));
        }
        set(object, "modified", timestamp(modified_ms));
    }

    fn presence(&self, user: Id, presence: &Presence) -> Value {
        let status = |id| self.name(Kind::AgentStatus, id);
        json!({
            "status": status(presence.status),
            "since": timestamp(presence.since_ms),
            "next_status": presence.next_status.map(status),
            "contacts": self.world.contacts_of(user).map(|contact| self.contact(contact)).collect::<Vec<_>>(),
        })
    }

    fn contact(&self, contact: &Contact) -> Value {
        let queue = contact.queue.map(|id| match self.world.user(id) {
            Some(agent) => json!(agent.login),
            None => self.name(Kind::Queue, id),
        });
        let state = match &contact.stage {
            Stage::Scheduled(_) => json!("scheduled"),
            Stage::Waiting => json!("waiting"),
            Stage::With(_, state) => json!(state),
        };
        let mut described = json!({
            "channel": contact.channel, "state": state, "queue": queue, "since": timestamp(contact.since_ms),
        });
        if self.ids {
            set(&mut described, "id", contact.id.to_string());
        }
        described
    }

    fn queues_showing(&self, quick_connect: Id) -> Vec<String> {
        let shows = |queue: &Resource| {
            queue.queue().is_some_and(|settings| settings.quick_connects.contains(&quick_connect))
        };
        let queues = self.world.resources(Kind::Queue).into_iter().filter(|queue| shows(queue));
        queues.map(|queue| queue.name.clone()).collect()
    }

    fn target(&self, target: &QuickConnectTarget) -> Value {
        let user = |id: Id| self.world.user(id).map_or_else(|| self.gone(id), |user| user.login.to_string());
        let flow = |id: &Id| self.name(Kind::ContactFlow, *id);
        match target {
            QuickConnectTarget::User { user: id, flow: by } => {
                json!({ "type": "USER", "user": user(*id), "flow": flow(by) })
            }
            QuickConnectTarget::Queue { queue, flow: by } => {
                json!({ "type": "QUEUE", "queue": self.name(Kind::Queue, *queue), "flow": flow(by) })
            }
            QuickConnectTarget::PhoneNumber { number } => json!({ "type": "PHONE_NUMBER", "number": number }),
            QuickConnectTarget::Flow { flow: by } => json!({ "type": "FLOW", "flow": flow(by) }),
        }
    }

    fn resource(&self, resource: &Resource) -> Value {
        let world = self.world;
        let mut described = match &resource.detail {
            Detail::QuickConnect(target) => {
                let mut described = self.target(target);
                set(&mut described, "queues", self.queues_showing(resource.id));
                described
            }
            Detail::Queue(queue) => {
                let name = |id: &Id| world.name_of(Kind::QuickConnect, *id);
                let mut names: Vec<_> = queue.quick_connects.iter().map(name).collect();
                names.sort();
                let OutboundCaller { name, number, flow } = &queue.caller;
                let waiting = world.contacts().filter(|contact| contact.queue == Some(resource.id));
                let waiting = waiting.filter(|contact| contact.held().is_none());
                json!({
                    "quick_connects": names,
                    "hours": self.name(Kind::HoursOfOperation, queue.hours),
                    "enabled": queue.enabled,
                    "max_contacts": queue.max_contacts,
                    "caller": {
                        "name": name,
                        "number": number.map(|id| self.name(Kind::PhoneNumber, id)),
                        "flow": flow.map(|id| self.name(Kind::ContactFlow, id)),
                    },
                    "waiting": waiting.map(|contact| self.contact(contact)).collect::<Vec<_>>(),
                })
            }
            Detail::RoutingProfile(profile) => {
                let pair = |pair: &QueueChannel| json!({ "queue": self.name(Kind::Queue, pair.queue), "channel": pair.channel });
                let mut queues: Vec<_> = profile
                    .queues
                    .iter()
                    .map(|routed| {
                        let mut described = pair(&routed.pair);
                        set(&mut described, "priority", routed.priority);
                        set(&mut described, "delay", routed.delay);
                        described
                    })
                    .collect();
                queues.sort_by_key(Value::to_string);
                json!({
                    "default_queue": self.name(Kind::Queue, profile.default_queue),
                    "queues": queues,
                    "manual_queues": profile.manual_queues.iter().map(pair).collect::<Vec<_>>(),
                    "concurrencies": profile.concurrencies,
                    "availability_timer": profile.availability_timer,
                    "is_default": profile.is_default,
                })
            }
            Detail::SecurityProfile { permissions, restrictions, .. } => {
                json!({ "permissions": permissions, "restrictions": restrictions })
            }
            Detail::HierarchyGroup { .. } => {
                let path = world.hierarchy_path(resource.id);
                json!({ "path": path.iter().map(|group| group.name.as_str()).collect::<Vec<_>>() })
            }
            Detail::AgentStatus { status_type, enabled, display_order } => {
                json!({ "type": status_type, "enabled": enabled, "display_order": display_order })
            }
            Detail::ContactFlow { flow_type, archived, published } => {
                json!({ "type": flow_type, "archived": archived, "published": published })
            }
            Detail::HoursOfOperation { time_zone, config, overrides } => {
                let mut overrides = json!(overrides);
                for over in overrides.as_array_mut().into_iter().flatten().filter(|_| !self.ids) {
                    over.as_object_mut().map(|over| over.remove("HoursOfOperationOverrideId"));
                }
                json!({ "time_zone": time_zone, "config": config, "overrides": overrides })
            }
            Detail::PhoneNumber { country, number_type } => {
                json!({ "country": country, "type": number_type })
            }
            Detail::PredefinedAttribute { values } => json!({ "values": values }),
        };
        set(&mut described, "description", json!(resource.description));
        set(&mut described, "tags", json!(resource.tags));
        if self.ids {
            self.add_ids(&mut described, resource.kind(), resource.id, resource.modified_ms);
        }
        described
    }
}

/// One signed-in user's presence as the world's report shows it; null for one who is signed out.
pub(crate) fn presence_of(world: &World, user: Id) -> Value {
    let report = Report { world, ids: false };
    world.presence(user).map_or(Value::Null, |presence| report.presence(user, presence))
}

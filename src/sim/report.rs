//! The whole world as one JSON value, for tests that compare and people who look. Names stand where the API has ids.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use crate::ids::{Id, Kind};
use crate::operations::timestamp;
use crate::world::{Detail, Presence, QuickConnectTarget, Resource, User, World};

/// What a world holds beside its users, as it is called in reports.
pub(crate) const KINDS: [(&str, Kind); 7] = [
    ("quick_connects", Kind::QuickConnect),
    ("queues", Kind::Queue),
    ("routing_profiles", Kind::RoutingProfile),
    ("security_profiles", Kind::SecurityProfile),
    ("hierarchy_groups", Kind::HierarchyGroup),
    ("agent_statuses", Kind::AgentStatus),
    ("contact_flows", Kind::ContactFlow),
];

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
        let instance = json!({ "alias": world.instance.alias, "identity": world.instance.identity });
        whole.serialize_entry("instance", &instance)?;
        whole.serialize_entry("users", &Users(report))?;
        for (name, kind) in KINDS {
            let resources = world.resources(kind).into_iter();
            let resources: BTreeMap<_, _> =
                resources.map(|found| (found.name.as_str(), report.resource(found))).collect();
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

    /// What stands in the place of something that is no longer there.
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
            "presence": world.presence(user.id).map(|presence| self.presence(presence)),
        });
        if self.ids {
            set(&mut described, "directory_user_id", json!(user.directory_user_id));
            self.add_ids(&mut described, Kind::User, user.id, user.modified_ms);
        }
        described
    }

    fn add_ids(&self, object: &mut Value, kind: Kind, id: Id, modified_ms: i64) {
        set(object, "id", id.to_string());
        set(object, "arn", self.world.instance.names.arn(kind, id));
        set(object, "modified", timestamp(modified_ms));
    }

    fn presence(&self, presence: &Presence) -> Value {
        let status = |id| self.name(Kind::AgentStatus, id);
        let contact = presence.contact.as_ref().map(|contact| {
            let queue = contact.queue.map(|id| self.name(Kind::Queue, id));
            json!({ "channel": contact.channel, "queue": queue, "since": timestamp(contact.since_ms) })
        });
        json!({
            "status": status(presence.status),
            "since": timestamp(presence.since_ms),
            "next_status": presence.next_status.map(status),
            "contact": contact,
        })
    }

    fn queues_showing(&self, quick_connect: Id) -> Vec<String> {
        let shows = |queue: &Resource| matches!(&queue.detail, Detail::Queue { quick_connects, .. } if quick_connects.contains(&quick_connect));
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
            Detail::Queue { quick_connects, .. } => {
                let mut names: Vec<_> =
                    quick_connects.iter().map(|id| world.name_of(Kind::QuickConnect, *id)).collect();
                names.sort();
                json!({ "quick_connects": names })
            }
            Detail::RoutingProfile { default_queue, concurrency, queues, is_default } => {
                let mut served: BTreeMap<i64, Value> = BTreeMap::new();
                served.extend(
                    queues.iter().map(|routed| (routed.priority, self.name(Kind::Queue, routed.queue))),
                );
                json!({
                    "default_queue": self.name(Kind::Queue, *default_queue),
                    "queues": served.into_values().collect::<Vec<_>>(),
                    "concurrency": concurrency,
                    "is_default": is_default,
                })
            }
            Detail::SecurityProfile { permissions, .. } => json!({ "permissions": permissions }),
            Detail::HierarchyGroup { .. } => {
                let path = world.hierarchy_path(resource.id);
                json!({ "path": path.iter().map(|group| group.name.as_str()).collect::<Vec<_>>() })
            }
            Detail::AgentStatus { status_type, .. } => json!({ "type": status_type }),
            Detail::ContactFlow { flow_type } => json!({ "type": flow_type }),
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
    world.presence(user).map_or(Value::Null, |presence| report.presence(presence))
}

//! What a new world holds: the house of `seeds/guide.json`, with its own agents or with generated ones.

use std::sync::Arc;

use serde::Deserialize;

use crate::handling::{Channel, ChannelConfigs, Handling};
use crate::ids::{Id, Kind, Names, seeded};
use crate::operations::{directory_id, sha256};
use crate::options::{IdentityType, Seed};
use crate::world::{
    Change, Contact, Detail, IdentityInfo, Instance, Presence, Proficiency, QuickConnectTarget, Resource,
    RoutedQueue, StatusType, Tags, User, World,
};

/// The version of what the seeds make. State files hold only what has become different from their seed, so it is raised
/// whenever a seed makes another world than before; a test notices.
pub(crate) const SEED_VERSION: u64 = 2;
/// The password of every seeded user of a CONNECT_MANAGED instance.
const PASSWORD: &str = "Practice-Desk-1";
/// The guide's default, in seconds.
const ACW: i64 = 300;
const DAY_MS: i64 = 24 * 3600 * 1000;
const MINUTE_MS: i64 = 60 * 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct House {
    alias: String,
    levels: Vec<String>,
    permissions: Vec<String>,
    security_profiles: Vec<SecurityProfile>,
    queues: Vec<Described>,
    routing_profiles: Vec<RoutingProfile>,
    groups: Vec<Group>,
    statuses: Vec<Status>,
    flows: Vec<Flow>,
    quick_connects: Vec<QuickConnect>,
    agents: Vec<Agent>,
    first_names: Vec<String>,
    last_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecurityProfile {
    name: String,
    description: String,
    #[serde(default)]
    aws_managed: bool,
    /// Permissions by name; `Users.*` is all that start so, `*` is all.
    permissions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    name: String,
    description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoutingProfile {
    name: String,
    description: String,
    default_queue: String,
    queues: Vec<String>,
    channels: std::collections::BTreeMap<Channel, i64>,
    #[serde(default)]
    default: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    parent: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    name: String,
    #[serde(rename = "type")]
    status_type: StatusType,
    description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flow {
    name: String,
    #[serde(rename = "type")]
    flow_type: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuickConnect {
    name: String,
    description: Option<String>,
    user: Option<String>,
    queue: Option<String>,
    number: Option<String>,
    flow: Option<String>,
    /// The queues that show it.
    #[serde(default)]
    queues: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Agent {
    login: String,
    first: String,
    last: String,
    /// Absent: the login at example.com. Null: none.
    #[serde(default, deserialize_with = "present")]
    email: Option<Option<String>>,
    secondary_email: Option<String>,
    mobile: Option<String>,
    routing: String,
    security: Vec<String>,
    group: Option<String>,
    #[serde(default)]
    auto_accept: bool,
    acw: Option<i64>,
    desk_phone: Option<String>,
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    proficiencies: Vec<(String, String, f64)>,
    presence: Option<At>,
}

/// Tells a null from a field that is absent.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Who is signed in: for how many minutes in this status, and for how many on a contact.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    status: String,
    minutes: i64,
    contact: Option<Channel>,
    #[serde(default)]
    contact_minutes: i64,
}

fn kind_id(kind: Kind, name: &str) -> Id {
    seeded(kind.noun(), name)
}

fn user_id(login: &str) -> Id {
    kind_id(Kind::User, login)
}

/// Makes the world of a seed as it is at this moment; the same at every call but for its times.
pub(crate) fn build(seed: Seed, identity: IdentityType, born_ms: i64) -> World {
    let house: House = serde_json::from_str(include_str!("seeds/guide.json"))
        .expect("the seed is part of the program and a test reads it");
    let maker = Maker { house: &house, identity, born_ms };
    let (agents, quick_connects) = match seed {
        Seed::Guide => maker.guide(),
        Seed::Users(count) => maker.generated(count),
    };
    let instance = Instance {
        names: Names::of(seeded("instance", &house.alias)),
        alias: house.alias.clone(),
        identity,
        created_ms: born_ms - 365 * DAY_MS,
        levels: house.levels.iter().map(|name| (kind_id(Kind::HierarchyLevel, name), name.clone())).collect(),
    };
    let (users, presences): (Vec<_>, Vec<_>) = agents.into_iter().unzip();
    let mut resources = maker.resources(&quick_connects);
    resources.extend(quick_connects.into_iter().map(|(resource, _)| resource));
    let at_work: Vec<(Id, Presence)> =
        users.iter().zip(presences).filter_map(|(user, presence)| Some((user.id, presence?))).collect();
    let mut world = World::new(instance, users, resources);
    for (user, presence) in at_work {
        world.apply(&Change::Presence { user, presence: Some(presence) });
    }
    world
}

type Agents = Vec<(Arc<User>, Option<Presence>)>;
/// Quick connects, each with the names of the queues that show it.
type QuickConnects = Vec<(Resource, Vec<String>)>;

struct Maker<'h> {
    house: &'h House,
    identity: IdentityType,
    born_ms: i64,
}

impl Maker<'_> {
    fn resource(&self, kind: Kind, name: &str, description: Option<&str>, detail: Detail) -> Resource {
        Resource {
            id: kind_id(kind, name),
            name: name.to_owned(),
            description: description.map(str::to_owned),
            tags: Tags::new(),
            modified_ms: self.born_ms - 90 * DAY_MS,
            detail,
        }
    }

    /// Everything of the house but its quick connects, which its queues show.
    fn resources(&self, quick_connects: &QuickConnects) -> Vec<Resource> {
        let house = self.house;
        let mut all = Vec::new();
        for profile in &house.security_profiles {
            let wanted =
                |permission: &&String| profile.permissions.iter().any(|wanted| covers(wanted, permission));
            let permissions = house.permissions.iter().filter(wanted).cloned().collect();
            let detail = Detail::SecurityProfile { permissions, aws_managed: profile.aws_managed };
            all.push(self.resource(Kind::SecurityProfile, &profile.name, Some(&profile.description), detail));
        }
        for queue in &house.queues {
            let shown = quick_connects.iter().filter(|(_, queues)| queues.contains(&queue.name));
            let detail = Detail::Queue {
                hours: seeded("hours of operation", "Basic Hours"),
                quick_connects: shown.map(|(resource, _)| resource.id).collect(),
            };
            all.push(self.resource(Kind::Queue, &queue.name, Some(&queue.description), detail));
        }
        for profile in &house.routing_profiles {
            let served = profile.queues.iter().zip(1..).flat_map(|(queue, priority)| {
                let channels = profile.channels.keys();
                channels.map(move |channel| RoutedQueue {
                    queue: kind_id(Kind::Queue, queue),
                    channel: *channel,
                    priority,
                })
            });
            let detail = Detail::RoutingProfile {
                default_queue: kind_id(Kind::Queue, &profile.default_queue),
                concurrency: profile.channels.clone(),
                queues: served.collect(),
                is_default: profile.default,
            };
            all.push(self.resource(Kind::RoutingProfile, &profile.name, Some(&profile.description), detail));
        }
        for group in &house.groups {
            let parent = group.parent.as_ref().map(|parent| kind_id(Kind::HierarchyGroup, parent));
            all.push(self.resource(
                Kind::HierarchyGroup,
                &group.name,
                None,
                Detail::HierarchyGroup { parent },
            ));
        }
        for (status, display_order) in house.statuses.iter().zip(1..) {
            let detail = Detail::AgentStatus { status_type: status.status_type, display_order };
            all.push(self.resource(Kind::AgentStatus, &status.name, Some(&status.description), detail));
        }
        for flow in &house.flows {
            let detail = Detail::ContactFlow { flow_type: flow.flow_type.clone() };
            all.push(self.resource(Kind::ContactFlow, &flow.name, None, detail));
        }
        all
    }

    fn quick_connect(&self, quick_connect: &QuickConnect) -> (Resource, Vec<String>) {
        let flow = || kind_id(Kind::ContactFlow, quick_connect.flow.as_deref().unwrap_or_default());
        let target = match (&quick_connect.user, &quick_connect.queue, &quick_connect.number) {
            (Some(login), ..) => QuickConnectTarget::User { user: user_id(login), flow: flow() },
            (_, Some(queue), _) => {
                QuickConnectTarget::Queue { queue: kind_id(Kind::Queue, queue), flow: flow() }
            }
            (.., Some(number)) => QuickConnectTarget::PhoneNumber { number: number.clone() },
            _ => QuickConnectTarget::Flow { flow: flow() },
        };
        let (name, description) = (&quick_connect.name, quick_connect.description.as_deref());
        let resource = self.resource(Kind::QuickConnect, name, description, Detail::QuickConnect(target));
        (resource, quick_connect.queues.clone())
    }

    fn guide(&self) -> (Agents, QuickConnects) {
        let agents = self.house.agents.iter().map(|agent| {
            let handling = handling(agent.auto_accept, agent.acw.unwrap_or(ACW), agent.desk_phone.as_deref());
            let user = self.user(agent, Arc::new(handling), &self.password());
            (Arc::new(user), agent.presence.as_ref().map(|at| self.presence(agent, at)))
        });
        let quick_connects =
            self.house.quick_connects.iter().map(|quick_connect| self.quick_connect(quick_connect));
        (agents.collect(), quick_connects.collect())
    }

    fn password(&self) -> Option<Arc<str>> {
        (self.identity == IdentityType::ConnectManaged).then(|| sha256(PASSWORD).into())
    }

    fn user(&self, agent: &Agent, handling: Arc<Handling>, password: &Option<Arc<str>>) -> User {
        let id = user_id(&agent.login);
        let own_email = || Some(format!("{}@example.com", agent.login));
        let email =
            agent.email.clone().unwrap_or_else(own_email).filter(|_| self.identity != IdentityType::Saml);
        let proficiency = |(name, value, level): &(String, String, f64)| Proficiency {
            attribute_name: name.clone(),
            attribute_value: value.clone(),
            level: *level,
        };
        User {
            id,
            login: agent.login.as_str().into(),
            identity: IdentityInfo {
                first_name: Some(agent.first.clone()),
                last_name: Some(agent.last.clone()),
                email,
                secondary_email: agent.secondary_email.clone(),
                mobile: agent.mobile.clone(),
            },
            password_sha256: password.clone(),
            directory_user_id: (self.identity != IdentityType::Saml).then(|| directory_id(id)),
            routing_profile: kind_id(Kind::RoutingProfile, &agent.routing),
            security_profiles: agent
                .security
                .iter()
                .map(|name| kind_id(Kind::SecurityProfile, name))
                .collect(),
            hierarchy_group: agent.group.as_ref().map(|group| kind_id(Kind::HierarchyGroup, group)),
            handling,
            tags: agent.tags.clone(),
            proficiencies: agent.proficiencies.iter().map(proficiency).collect(),
            modified_ms: self.born_ms - 30 * DAY_MS,
        }
    }

    fn presence(&self, agent: &Agent, at: &At) -> Presence {
        let queue = || {
            let profile = self.house.routing_profiles.iter().find(|profile| profile.name == agent.routing)?;
            Some(kind_id(Kind::Queue, &profile.default_queue))
        };
        Presence {
            status: kind_id(Kind::AgentStatus, &at.status),
            since_ms: self.born_ms - at.minutes * MINUTE_MS,
            next_status: None,
            contact: at.contact.map(|channel| Contact {
                id: seeded("contact", &agent.login),
                channel,
                queue: queue(),
                since_ms: self.born_ms - at.contact_minutes * MINUTE_MS,
            }),
        }
    }

    /// Agents by number: everything about them follows from it, so that the same number is the same agent everywhere.
    fn generated(&self, count: u32) -> (Agents, QuickConnects) {
        let house = self.house;
        let handlings = [(false, ACW), (false, ACW), (true, 60), (false, 0), (true, 30), (false, 600)];
        let handlings = handlings.map(|(auto_accept, acw)| Arc::new(handling(auto_accept, acw, None)));
        let password = self.password();
        let agents = (1..=count).map(|number| {
            let agent = generated_agent(house, number);
            let at = &handlings[number as usize % handlings.len()];
            let user = self.user(&agent, Arc::clone(at), &password);
            (Arc::new(user), agent.presence.as_ref().map(|at| self.presence(&agent, at)))
        });
        let to_agents = (1..=count.min(10)).map(|number| QuickConnect {
            name: format!("Agent {number:06}"),
            description: None,
            user: Some(generated_login(number)),
            queue: None,
            number: None,
            flow: Some("Default agent transfer".to_owned()),
            queues: vec!["BasicQueue".to_owned()],
        });
        let kept = house.quick_connects.iter().filter(|quick_connect| quick_connect.user.is_none());
        let quick_connects = kept.map(|quick_connect| self.quick_connect(quick_connect));
        let to_agents = to_agents.map(|quick_connect| self.quick_connect(&quick_connect));
        (agents.collect(), quick_connects.chain(to_agents).collect())
    }
}

fn generated_login(number: u32) -> String {
    format!("agent{number:06}")
}

fn generated_agent(house: &House, number: u32) -> Agent {
    fn pick<T>(list: &[T], number: u32) -> &T {
        &list[number as usize % list.len()]
    }
    let leaves = &house.groups[house.groups.len() / 2..];
    let security = match number {
        1 => vec!["Admin"],
        _ if number.is_multiple_of(50) => vec!["Supervisor"],
        _ if number.is_multiple_of(40) => vec!["L1 Support"],
        _ if number.is_multiple_of(11) => vec!["Agent", "QualityAnalyst"],
        _ => vec!["Agent"],
    };
    let language =
        [("English", 5.0), ("Spanish", 4.0), ("Portuguese", 3.0), ("Arabic", 2.0), ("French", 1.0)];
    let (language, level) = *pick(&language, number / 4);
    let at_work = number.is_multiple_of(5).then(|| At {
        status: pick(&house.statuses, (number / 5).saturating_mul(7)).name.clone(),
        minutes: i64::from(number % 240),
        contact: number.is_multiple_of(30).then_some(Channel::Voice),
        contact_minutes: i64::from(number % 12),
    });
    let site = |number: u32| if number.is_multiple_of(2) { "east" } else { "west" };
    Agent {
        login: generated_login(number),
        first: pick(&house.first_names, number).clone(),
        last: pick(&house.last_names, number / 3).clone(),
        email: number.is_multiple_of(97).then_some(None),
        secondary_email: None,
        mobile: None,
        routing: pick(&house.routing_profiles, number).name.clone(),
        security: security.into_iter().map(str::to_owned).collect(),
        group: (!number.is_multiple_of(13)).then(|| pick(leaves, number / 2).name.clone()),
        auto_accept: false,
        acw: None,
        desk_phone: None,
        tags: if number.is_multiple_of(3) {
            Tags::from([("site".to_owned(), site(number).to_owned())])
        } else {
            Tags::new()
        },
        proficiencies: if number.is_multiple_of(4) {
            vec![("Language".to_owned(), language.to_owned(), level)]
        } else {
            Vec::new()
        },
        presence: at_work,
    }
}

/// Whether a permission of a profile, which may end in `*`, covers this permission.
fn covers(wanted: &str, permission: &str) -> bool {
    wanted.strip_suffix('*').map_or(wanted == permission, |start| permission.starts_with(start))
}

fn handling(auto_accept: bool, acw: i64, desk_phone: Option<&str>) -> Handling {
    let phone = serde_json::json!({
        "PhoneType": if desk_phone.is_some() { "DESK_PHONE" } else { "SOFT_PHONE" },
        "AutoAccept": auto_accept,
        "AfterContactWorkTimeLimit": acw,
        "DeskPhoneNumber": desk_phone,
    });
    let phone = serde_json::from_value(phone).expect("the fields are those of PhoneConfig");
    Handling::created(Some(phone), ChannelConfigs::default())
        .expect("a seed holds no ACW above the limit, which a test proves")
}

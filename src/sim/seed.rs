//! What a new world holds: the house of `seeds/guide.json`, with its own agents or with generated ones, and what other
//! seeds add to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::handling::{Channel, ChannelConfigs, Handling};
use crate::hours::{Day, Override, TimeOfDay, WeeklySlot};
use crate::ids::{Id, Kind, Names, directory_id, seeded};
use crate::options::{IdentityType, Seed};
use crate::quota::Quota;
use crate::world::{
    Change, Contact, ContactState, CrossChannelBehavior, Detail, IdentityInfo, Instance, Level,
    MediaConcurrency, OutboundCaller, Presence, Proficiency, Queue, QueueChannel, QuickConnectTarget,
    Resource, RoutedQueue, RoutingProfile, Stage, StatusType, Tags, User, WorkloadTypeConcurrency, World,
    password_hash,
};

/// The version of what the seeds make. State files hold only what has become different from their seed, so it is raised
/// whenever a seed makes another world than before; a test notices.
pub(crate) const SEED_VERSION: u64 = 3;
/// The password of every seeded user of a CONNECT_MANAGED instance.
const PASSWORD: &str = "Practice-Desk-1";
/// The guide's default, in seconds.
const ACW: i64 = 300;
const DAY_MS: i64 = 24 * 3600 * 1000;
const MINUTE_MS: i64 = 60 * 1000;

/// A house, or what another seed adds to one.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct House {
    alias: String,
    levels: Vec<String>,
    permissions: Vec<String>,
    security_profiles: Vec<SecurityProfile>,
    hours: Vec<Hours>,
    phone_numbers: Vec<String>,
    /// Predefined attributes by name, with their values.
    attributes: BTreeMap<String, Vec<String>>,
    queues: Vec<SeedQueue>,
    routing_profiles: Vec<SeedProfile>,
    groups: Vec<Group>,
    statuses: Vec<Status>,
    flows: Vec<Flow>,
    quick_connects: Vec<QuickConnect>,
    agents: Vec<Agent>,
    /// The contacts that wait in queues.
    waiting: Vec<Waiting>,
    first_names: Vec<String>,
    last_names: Vec<String>,
}

impl House {
    fn read(text: &str) -> Self {
        serde_json::from_str(text).expect("the seed is part of the program and a test reads it")
    }

    fn guide() -> Self {
        Self::read(include_str!("seeds/guide.json"))
    }

    fn untidy() -> Self {
        let (mut house, added) = (Self::guide(), Self::read(include_str!("seeds/untidy.json")));
        house.levels.extend(added.levels);
        house.permissions.extend(added.permissions);
        house.security_profiles.extend(added.security_profiles);
        house.hours.extend(added.hours);
        house.phone_numbers.extend(added.phone_numbers);
        house.attributes.extend(added.attributes);
        house.queues.extend(added.queues);
        house.routing_profiles.extend(added.routing_profiles);
        house.groups.extend(added.groups);
        house.statuses.extend(added.statuses);
        house.flows.extend(added.flows);
        house.quick_connects.extend(added.quick_connects);
        house.agents.extend(added.agents);
        house.waiting.extend(added.waiting);
        house
    }

    /// Full by AWS's defaults, but for the queues and routing profiles: they are as many as older defaults allowed.
    fn large() -> Self {
        let mut house = Self::guide();
        house.levels.extend(["Shift".to_owned(), "Desk".to_owned()]);
        for number in house.queues.len() + 1..=LARGE_QUEUES {
            house.queues.push(SeedQueue { name: format!("Queue {number:02}"), ..SeedQueue::default() });
        }
        let queue = |number: usize| house.queues[number % house.queues.len()].name.clone();
        for number in house.routing_profiles.len() + 1..=LARGE_ROUTING_PROFILES {
            house.routing_profiles.push(SeedProfile {
                name: format!("Profile {number:03}"),
                description: format!("Team {number}."),
                default_queue: queue(number),
                queues: (0..3 + number % 9).map(|step| queue(number + step * 7)).collect(),
                channels: BTreeMap::from([(Channel::Voice, 1), (Channel::Chat, 2), (Channel::Task, 4)]),
                ..SeedProfile::default()
            });
        }
        // Each group is below one of the level above, level by level, until the quota is reached.
        let mut above: Vec<String> =
            house.groups.iter().filter(|group| group.parent.is_none()).map(Group::key).collect();
        for (level, count) in (1..).zip([10, 60, 146, 150, 120]) {
            let mut here = Vec::new();
            for number in 1..=count {
                let parent = (level > 1).then(|| above[number % above.len()].clone());
                let name = format!("Group {level}.{number:03}");
                here.push(name.clone());
                house.groups.push(Group { name, parent, key: None });
            }
            above = here;
        }
        for number in house.statuses.len() + 1..=Quota::AgentStatuses.info().default {
            house.statuses.push(Status {
                name: format!("Status {number:02}"),
                status_type: StatusType::Custom,
                description: format!("Number {number}."),
                disabled: false,
            });
        }
        house
    }
}

const LARGE_USERS: u32 = 500;
const LARGE_QUEUES: usize = 50;
const LARGE_ROUTING_PROFILES: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecurityProfile {
    name: String,
    description: String,
    #[serde(default)]
    aws_managed: bool,
    /// Permissions by name; `Users.*` is all that start so, `*` is all.
    permissions: Vec<String>,
    /// Tags, and the resources that are restricted by them.
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    tag_restricted: Vec<String>,
    /// The group to which users are restricted.
    group: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    name: String,
    description: Option<String>,
    time_zone: String,
    /// From hour to hour on workdays; every day, all day where it is absent.
    workdays: Option<(i64, i64)>,
    #[serde(default)]
    overrides: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SeedQueue {
    name: String,
    description: Option<String>,
    hours: Option<String>,
    disabled: bool,
    max_contacts: Option<i64>,
    caller_id_name: Option<String>,
    caller_number: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SeedProfile {
    name: String,
    description: String,
    default_queue: String,
    /// Each in every channel, in the order of their priority.
    queues: Vec<String>,
    channels: BTreeMap<Channel, i64>,
    /// More pairs of a queue and a channel, whether the profile has the channel or not.
    pairs: Vec<(String, Channel)>,
    manual: Vec<(String, Channel)>,
    /// Channels that are divided by workload types.
    workloads: BTreeMap<Channel, BTreeMap<String, i64>>,
    default: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    parent: Option<String>,
    /// What others call it in the seed, where its name is not its own.
    key: Option<String>,
}

impl Group {
    fn key(&self) -> String {
        self.key.clone().unwrap_or_else(|| self.name.clone())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    name: String,
    #[serde(rename = "type")]
    status_type: StatusType,
    description: String,
    #[serde(default)]
    disabled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flow {
    name: String,
    #[serde(rename = "type")]
    flow_type: String,
    #[serde(default)]
    archived: bool,
    /// Saved and never published.
    #[serde(default)]
    saved: bool,
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
struct Waiting {
    queue: String,
    channel: Channel,
    seconds: i64,
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

/// Who is signed in: for how many minutes in this status, and for how many on contacts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    status: String,
    minutes: i64,
    /// The status that waits for the end of the contacts.
    next: Option<String>,
    #[serde(default)]
    contacts: Vec<(Channel, ContactState, i64)>,
}

fn kind_id(kind: Kind, name: &str) -> Id {
    seeded(kind.noun(), name)
}

fn user_id(login: &str) -> Id {
    kind_id(Kind::User, login)
}

/// Makes the world of a seed as it is at this moment; the same at every call but for its times.
pub(crate) fn build(seed: Seed, identity: IdentityType, born_ms: i64) -> World {
    let house = match seed {
        Seed::Guide | Seed::Users(_) => House::guide(),
        Seed::Untidy => House::untidy(),
        Seed::Large => House::large(),
    };
    let maker = Maker { house: &house, identity, born_ms };
    let (agents, quick_connects) = match seed {
        Seed::Guide | Seed::Untidy => maker.own(),
        Seed::Users(count) => maker.generated(count, 10),
        Seed::Large => maker.generated(LARGE_USERS, 94),
    };
    let instance = Instance {
        names: Names::of(seeded("instance", &house.alias)),
        alias: house.alias.clone(),
        identity,
        created_ms: born_ms - 365 * DAY_MS,
    };
    let levels = house.levels.iter().map(|name| Level {
        id: kind_id(Kind::HierarchyLevel, name),
        name: name.clone(),
        modified_ms: instance.created_ms,
    });
    let levels = Change::Levels(levels.collect());
    let mut changes = vec![levels];
    let mut users = Vec::with_capacity(agents.len());
    for (user, at) in agents {
        changes.extend(at);
        users.push(user);
    }
    changes.extend(maker.waiting());
    let mut resources = maker.resources(&quick_connects);
    resources.extend(quick_connects.into_iter().map(|(resource, _)| resource));
    let mut world = World::new(instance, users, resources);
    changes.iter().for_each(|change| world.apply(change));
    world
}

/// Users, each with what puts them to work.
type Agents = Vec<(Arc<User>, Vec<Change>)>;
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
            let restrictions = restrictions(profile);
            let aws_managed = profile.aws_managed;
            let detail = Detail::SecurityProfile { permissions, aws_managed, restrictions };
            all.push(self.resource(Kind::SecurityProfile, &profile.name, Some(&profile.description), detail));
        }
        for hours in &house.hours {
            let detail = Detail::HoursOfOperation {
                time_zone: hours.time_zone.clone(),
                config: week(hours.workdays),
                overrides: hours.overrides.iter().map(|over| read_override(&hours.name, over)).collect(),
            };
            all.push(self.resource(
                Kind::HoursOfOperation,
                &hours.name,
                hours.description.as_deref(),
                detail,
            ));
        }
        for number in &house.phone_numbers {
            let detail = Detail::PhoneNumber { country: "US".to_owned(), number_type: "DID".to_owned() };
            all.push(self.resource(Kind::PhoneNumber, number, None, detail));
        }
        for (name, values) in &house.attributes {
            let detail = Detail::PredefinedAttribute { values: values.clone() };
            all.push(self.resource(Kind::PredefinedAttribute, name, None, detail));
        }
        for queue in &house.queues {
            let shown = quick_connects.iter().filter(|(_, queues)| queues.contains(&queue.name));
            let number = queue.caller_number.as_ref().map(|number| kind_id(Kind::PhoneNumber, number));
            let detail = Detail::Queue(Queue {
                hours: kind_id(Kind::HoursOfOperation, queue.hours.as_deref().unwrap_or("Basic Hours")),
                quick_connects: shown.map(|(resource, _)| resource.id).collect(),
                enabled: !queue.disabled,
                max_contacts: queue.max_contacts,
                caller: OutboundCaller { name: queue.caller_id_name.clone(), number, flow: None },
            });
            all.push(self.resource(Kind::Queue, &queue.name, queue.description.as_deref(), detail));
        }
        for profile in &house.routing_profiles {
            let detail = Detail::RoutingProfile(routing_profile(profile));
            all.push(self.resource(Kind::RoutingProfile, &profile.name, Some(&profile.description), detail));
        }
        for group in &house.groups {
            let parent = group.parent.as_ref().map(|parent| kind_id(Kind::HierarchyGroup, parent));
            let detail = Detail::HierarchyGroup { parent };
            let named = self.resource(Kind::HierarchyGroup, &group.name, None, detail);
            all.push(Resource { id: kind_id(Kind::HierarchyGroup, &group.key()), ..named });
        }
        for (status, order) in house.statuses.iter().zip(1..) {
            let detail = Detail::AgentStatus {
                status_type: status.status_type,
                enabled: !status.disabled,
                display_order: Some(order),
            };
            all.push(self.resource(Kind::AgentStatus, &status.name, Some(&status.description), detail));
        }
        for flow in &house.flows {
            let detail = Detail::ContactFlow {
                flow_type: flow.flow_type.clone(),
                archived: flow.archived,
                published: !flow.saved,
            };
            all.push(self.resource(Kind::ContactFlow, &flow.name, None, detail));
        }
        all
    }

    fn waiting(&self) -> impl Iterator<Item = Change> {
        self.house.waiting.iter().enumerate().map(|(at, waiting)| {
            Change::Contact(Arc::new(Contact {
                id: seeded("waiting contact", &format!("{} {at}", waiting.queue)),
                channel: waiting.channel,
                stage: Stage::Waiting,
                queue: Some(kind_id(Kind::Queue, &waiting.queue)),
                since_ms: self.born_ms - waiting.seconds * 1000,
                initiation: initiation(waiting.channel),
            }))
        })
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

    /// The agents that the house names.
    fn own(&self) -> (Agents, QuickConnects) {
        let agents = self.house.agents.iter().map(|agent| {
            let handling = handling(agent.auto_accept, agent.acw.unwrap_or(ACW), agent.desk_phone.as_deref());
            let user = self.user(agent, Arc::new(handling), &self.password());
            (Arc::new(user), agent.presence.iter().flat_map(|at| self.at_work(agent, at)).collect())
        });
        let quick_connects =
            self.house.quick_connects.iter().map(|quick_connect| self.quick_connect(quick_connect));
        (agents.collect(), quick_connects.collect())
    }

    fn password(&self) -> Option<Arc<str>> {
        (self.identity == IdentityType::ConnectManaged).then(|| password_hash(PASSWORD).into())
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

    fn at_work(&self, agent: &Agent, at: &At) -> Vec<Change> {
        let profile = self.house.routing_profiles.iter().find(|profile| profile.name == agent.routing);
        let user = user_id(&agent.login);
        let contact = |(number, (channel, state, minutes)): (usize, &(Channel, ContactState, i64))| {
            // The first has no number, as there was only one once.
            let name = if number == 0 { agent.login.clone() } else { format!("{} {number}", agent.login) };
            Change::Contact(Arc::new(Contact {
                id: seeded("contact", &name),
                channel: *channel,
                stage: Stage::With(user, *state),
                queue: profile.map(|profile| kind_id(Kind::Queue, &profile.default_queue)),
                since_ms: self.born_ms - minutes * MINUTE_MS,
                initiation: initiation(*channel),
            }))
        };
        let presence = Presence {
            status: kind_id(Kind::AgentStatus, &at.status),
            since_ms: self.born_ms - at.minutes * MINUTE_MS,
            next_status: at.next.as_ref().map(|status| kind_id(Kind::AgentStatus, status)),
        };
        let mut changes = vec![Change::Presence { user, presence: Some(presence) }];
        changes.extend(at.contacts.iter().enumerate().map(contact));
        changes
    }

    /// Agents by number: everything about them follows from it, so that the same number is the same agent everywhere.
    fn generated(&self, count: u32, quick_connects: u32) -> (Agents, QuickConnects) {
        let house = self.house;
        let handlings = [(false, ACW), (false, ACW), (true, 60), (false, 0), (true, 30), (false, 600)];
        let handlings = handlings.map(|(auto_accept, acw)| Arc::new(handling(auto_accept, acw, None)));
        let password = self.password();
        let agents = (1..=count).map(|number| {
            let agent = generated_agent(house, number);
            let at = &handlings[number as usize % handlings.len()];
            let user = self.user(&agent, Arc::clone(at), &password);
            (Arc::new(user), agent.presence.iter().flat_map(|at| self.at_work(&agent, at)).collect())
        });
        let to_agents = (1..=count.min(quick_connects)).map(|number| QuickConnect {
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
        next: None,
        contacts: number
            .is_multiple_of(30)
            .then(|| (Channel::Voice, ContactState::Connected, i64::from(number % 12)))
            .into_iter()
            .collect(),
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
        group: (!number.is_multiple_of(13)).then(|| pick(leaves, number / 2).key()),
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

fn initiation(channel: Channel) -> String {
    if channel == Channel::Voice { "INBOUND" } else { "API" }.to_owned()
}

/// The members of DescribeSecurityProfile that restrict what its holders see.
fn restrictions(profile: &SecurityProfile) -> BTreeMap<String, Value> {
    let mut restrictions = BTreeMap::new();
    if !profile.tags.is_empty() {
        restrictions.insert("AllowedAccessControlTags".to_owned(), json!(profile.tags));
        restrictions.insert("TagRestrictedResources".to_owned(), json!(profile.tag_restricted));
    }
    if let Some(group) = &profile.group {
        let id = kind_id(Kind::HierarchyGroup, group);
        restrictions.insert("AllowedAccessControlHierarchyGroupId".to_owned(), json!(id));
        restrictions.insert("HierarchyRestrictedResources".to_owned(), json!(["User"]));
    }
    restrictions
}

fn week(workdays: Option<(i64, i64)>) -> Vec<WeeklySlot> {
    let slot = |day: Day, from: i64, till: i64| WeeklySlot {
        day,
        start_time: TimeOfDay { hours: from, minutes: 0 },
        end_time: TimeOfDay { hours: till % 24, minutes: 0 },
    };
    match workdays {
        Some((from, till)) => Day::WORKDAYS.into_iter().map(|day| slot(day, from, till)).collect(),
        None => {
            let days = Day::WORKDAYS.into_iter().chain([Day::Saturday, Day::Sunday]);
            days.map(|day| slot(day, 0, 24)).collect()
        }
    }
}

fn read_override(hours: &str, written: &Value) -> Override {
    let mut written = written.clone();
    let name = written["Name"].as_str().unwrap_or_default();
    written["HoursOfOperationOverrideId"] = json!(seeded("override", &format!("{hours}/{name}")));
    serde_json::from_value(written).expect("the seed is part of the program and a test reads it")
}

fn routing_profile(profile: &SeedProfile) -> RoutingProfile {
    let pair = |queue: &String, channel: &Channel| QueueChannel {
        queue: kind_id(Kind::Queue, queue),
        channel: *channel,
    };
    let in_every_channel = profile.queues.iter().zip(1..).flat_map(|(queue, priority)| {
        let channels = profile.channels.keys();
        channels.map(move |channel| RoutedQueue { pair: pair(queue, channel), priority, delay: 0 })
    });
    let more = profile.pairs.iter().map(|(queue, channel)| RoutedQueue {
        pair: pair(queue, channel),
        priority: 1,
        delay: 0,
    });
    let divided = |channel: &Channel| {
        let workloads = profile.workloads.get(channel).into_iter().flatten();
        workloads.map(|(workload_type, concurrency)| WorkloadTypeConcurrency {
            workload_type: workload_type.clone(),
            concurrency: *concurrency,
            cross_channel_workload_behavior: None,
        })
    };
    let concurrencies = profile.channels.iter().map(|(channel, slots)| {
        let workload_type_concurrencies: Vec<_> = divided(channel).collect();
        MediaConcurrency {
            channel: *channel,
            concurrency: workload_type_concurrencies.is_empty().then_some(*slots),
            cross_channel_behavior: Some(CrossChannelBehavior::default()),
            workload_type_concurrencies,
        }
    });
    RoutingProfile {
        default_queue: kind_id(Kind::Queue, &profile.default_queue),
        concurrencies: concurrencies.collect(),
        queues: in_every_channel.chain(more).collect(),
        manual_queues: profile.manual.iter().map(|(queue, channel)| pair(queue, channel)).collect(),
        availability_timer: "TIME_SINCE_LAST_ACTIVITY".to_owned(),
        is_default: profile.default,
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

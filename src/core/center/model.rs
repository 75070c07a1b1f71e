//! The contact center in the words of Amazon Connect, and the reading half of its port.
//!
//! Commands get this trait and nothing else of the outside: they can look, and have no way to act.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{HierarchyReader, HoursReader, IdentityType, Routing, SecurityReader, WholeReader};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::profile::{Channel, Named, Profile};

/// The Amazon Connect instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    pub id: String,
    pub alias: Option<String>,
    pub identity: IdentityType,
    /// The address of its admin website, without a trailing slash.
    pub website: Option<String>,
}

/// A user of the contact center as DescribeUser gives it, with names beside the ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: String,
    pub arn: String,
    pub login: String,
    pub profile: Profile,
    /// When anybody last changed this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
}

impl User {
    /// `John Doe (john.doe)`, or the login alone.
    pub fn shown(&self) -> String {
        let name = self.profile.identity.full_name();
        let login = crate::basics::text::whole(&self.login);
        if name.is_empty() { login } else { format!("{} ({login})", crate::basics::text::whole(&name)) }
    }
}

/// The most proficiencies of one user (AssociateUserProficiencies).
pub const PROFICIENCIES_MAX: usize = 10;

/// A skill and its level from 1.0 to 5.0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proficiency {
    pub attribute: String,
    pub value: String,
    pub level: f32,
}

/// A quick connect that leads to a user, and the queues that offer it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuickConnect {
    pub id: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub contact_flow_id: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    pub queues: Vec<Named>,
}

/// Everything that can be known of a user and put back after the user was removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub user: User,
    pub proficiencies: Vec<Proficiency>,
    pub quick_connects: Vec<QuickConnect>,
    /// Where the user's routing profile is set only until a time: the one that lasts, and the request that restores it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasting: Option<(RequestNo, Named)>,
}

impl Snapshot {
    /// The user alone.
    pub fn bare(user: User) -> Snapshot {
        Snapshot { user, proficiencies: Vec::new(), quick_connects: Vec::new(), lasting: None }
    }
}

/// What an agent is doing at this moment. "Not active" is not proof of being signed out (GetCurrentUserData).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPresence {
    pub active: bool,
    pub status: Option<String>,
    /// The id of the status, which stays the same when it is renamed.
    #[serde(default)]
    pub status_id: Option<String>,
    pub status_since: Option<Timestamp>,
    /// Contacts in progress: channel and since when.
    pub contacts: Vec<(Channel, Option<Timestamp>)>,
    /// The name of the status that waits for the end of the contacts.
    pub next_status: Option<String>,
    /// Every contact that the agent has, also one that is over and was not cleared yet.
    pub held: Vec<HeldContact>,
    /// How many more contacts of each channel the agent could take; nothing of a channel that their routing profile lacks.
    pub free: BTreeMap<Channel, u32>,
}

/// A contact that an agent has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldContact {
    pub id: String,
    /// None for one that the desk does not know.
    pub channel: Option<Channel>,
    pub state: ContactState,
    pub since: Option<Timestamp>,
}

/// What a contact is to the agent who has it (GetCurrentUserData, `AgentContactState`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactState {
    Incoming,
    Pending,
    Connecting,
    Connected,
    OnHold,
    Missed,
    Error,
    /// After contact work.
    Ended,
    Rejected,
    /// One that the desk does not know, as Amazon Connect writes it, such as `PAUSED`.
    Other(String),
}

impl ContactState {
    /// As it is after "a voice contact": ` on hold`, ` (missed)`.
    pub fn words(&self) -> String {
        match self {
            ContactState::Incoming => "incoming".to_owned(),
            ContactState::Pending => "pending".to_owned(),
            ContactState::Connecting => "connecting".to_owned(),
            ContactState::Connected => "connected".to_owned(),
            ContactState::OnHold => "on hold".to_owned(),
            ContactState::Missed => "missed".to_owned(),
            ContactState::Error => "error".to_owned(),
            ContactState::Ended => "after contact work".to_owned(),
            ContactState::Rejected => "rejected".to_owned(),
            ContactState::Other(word) => crate::basics::text::plain(word, 40).to_lowercase(),
        }
    }

    /// Whether it is over and only waits to be cleared: what DismissUserContact takes.
    pub fn can_be_dismissed(&self) -> bool {
        match self {
            ContactState::Missed | ContactState::Error | ContactState::Ended | ContactState::Rejected => true,
            ContactState::Incoming
            | ContactState::Pending
            | ContactState::Connecting
            | ContactState::Connected
            | ContactState::OnHold
            | ContactState::Other(_) => false,
        }
    }
}

/// Which agents are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Among {
    Everyone,
    RoutingProfile(Named),
    /// And the groups below it.
    HierarchyGroup(Named),
    /// Those whose routing profile serves it.
    Queue(Named),
}

/// Someone who is active, as GetCurrentUserData tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveUser {
    pub id: String,
    /// The id, where no search finds the user.
    pub login: String,
    pub presence: UserPresence,
}

/// What waits in a queue, and who could take it. What Amazon Connect has no data of is absent, and not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueNumbers {
    pub queue: Named,
    pub waiting: Option<u64>,
    /// How long the oldest contact has waited, in seconds.
    pub oldest: Option<u64>,
    pub available: Option<u64>,
}

/// What Amazon Connect does in an agent status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StatusKind {
    /// Contacts are routed: Available, whatever it is called. Every instance has one.
    Routable,
    /// Every instance has one.
    Offline,
    /// One of the instance's own: contacts are never routed in it.
    Custom,
}

/// An agent status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentStatus {
    pub id: String,
    pub name: String,
    pub kind: StatusKind,
    /// Whether agents can choose it in the CCP.
    pub enabled: bool,
    pub description: Option<String>,
    /// Its place in the CCP, from 1; none where it is behind those that have one.
    pub order: Option<u32>,
}

impl AgentStatus {
    pub fn named(&self) -> Named {
        Named { id: self.id.clone(), name: self.name.clone() }
    }
}

/// Which users to look for; everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words, each of which is a part of the login, the first or the last name.
    pub text: Option<String>,
    /// A part of the login.
    pub login: Option<String>,
    /// Words, each of which is a part of the first or the last name.
    pub name: Option<String>,
    pub routing_profile: Option<Named>,
    pub security_profile: Option<Named>,
    pub hierarchy_group: Option<Named>,
    /// Also the groups below it.
    pub include_subgroups: bool,
    pub tag: Option<(String, String)>,
}

/// A user as a search gives it: no email, no phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub id: String,
    pub login: String,
    pub first_name: String,
    pub last_name: String,
    pub routing_profile: String,
    pub security_profiles: Vec<String>,
    pub hierarchy_group: Option<String>,
}

/// A user's login and name, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserName {
    pub login: String,
    pub first_name: String,
    pub last_name: String,
}

/// Some of all users, and where to continue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsersPage {
    pub users: Vec<UserName>,
    /// What to ask for the next page with; `None` after the last.
    pub next: Option<String>,
}

/// The reading half of the contact center.
///
/// Every method may fail with a [`Problem`] that the contact center or the operator must act on; none changes anything.
#[async_trait]
pub trait ContactCenter:
    HierarchyReader + HoursReader + Routing + SecurityReader + WholeReader + Send + Sync
{
    async fn instance(&self) -> Result<Instance, Problem>;

    /// The user with exactly this login; logins are case-sensitive.
    async fn user(&self, login: &str) -> Result<Option<User>, Problem>;

    /// The users under any of these logins, or under one that differs only in upper and lower case. Costs one call for a
    /// hundred logins, and one for each user that exists.
    async fn users(&self, logins: &[String]) -> Result<Vec<User>, Problem>;

    /// These users whole, those that are gone left out. Costs a call for each that was not read before or was changed since.
    async fn users_with_ids(&self, ids: &[String]) -> Result<Vec<User>, Problem>;

    /// Logins that resemble this one, in no order, at most a hundred.
    async fn resembling(&self, login: &str) -> Result<Vec<String>, Problem>;

    /// Proficiencies and quick connects of these users, with the queues the quick connects are in, in their order: what is acted on
    /// is read again. Costs a call for each user, one for a hundred quick connects, and one for each queue of which it isn't known
    /// what it offers.
    async fn snapshots(&self, users: &[User]) -> Result<Vec<Snapshot>, Problem>;

    /// The same for one user.
    async fn snapshot(&self, user: &User) -> Result<Snapshot, Problem> {
        let all = self.snapshots(std::slice::from_ref(user)).await?;
        Ok(all.into_iter().next().unwrap_or_else(|| Snapshot::bare(user.clone())))
    }

    /// The same to be looked at: which queues have the quick connects may be some minutes old.
    async fn overview(&self, user: &User) -> Result<Snapshot, Problem>;

    /// A user's proficiencies alone, for commands that need nothing else of a snapshot.
    async fn proficiencies(&self, user: &User) -> Result<Vec<Proficiency>, Problem>;

    /// What the users with these ids are doing; someone who is missing is not active. Costs one call for a hundred.
    async fn presences(&self, user_ids: &[String]) -> Result<BTreeMap<String, UserPresence>, Problem>;

    /// The same for one user.
    async fn presence(&self, user_id: &str) -> Result<UserPresence, Problem> {
        let mut found = self.presences(&[user_id.to_owned()]).await?;
        Ok(found.remove(user_id).unwrap_or_default())
    }

    /// The queues that a routing profile serves. Costs two calls for however many profiles within a minute.
    async fn queues_of(&self, routing_profile: &Named) -> Result<Vec<Named>, Problem>;

    /// The users who are active and serve any of these queues, by their ids, with their routing profiles.
    async fn agents_in(&self, queues: &[Named]) -> Result<BTreeMap<String, Named>, Problem>;

    /// Everyone of these who is active. Costs one call for a hundred agents.
    async fn active(&self, among: &Among) -> Result<Vec<ActiveUser>, Problem>;

    /// What waits in these queues. Costs one call for a hundred.
    async fn queue_numbers(&self, queues: &[Named]) -> Result<Vec<QueueNumbers>, Problem>;

    /// Every agent status, in the order of the CCP.
    async fn agent_statuses(&self) -> Result<Vec<AgentStatus>, Problem>;

    /// The users with these ids as a search gives them, with the paths of their groups. Costs one call for a hundred.
    async fn found(&self, user_ids: &[String]) -> Result<Vec<Found>, Problem>;

    /// At most `limit` users by login, and how many there are in all.
    async fn search(&self, filter: &Filter, limit: usize) -> Result<(Vec<Found>, usize), Problem>;

    /// The names of at most 500 users, in no order: the first page, or the one `after` leads to. Costs one call.
    async fn users_page(&self, after: Option<&str>) -> Result<UsersPage, Problem>;

    /// How often an operation may be called in a second, for saying how long something takes; `None` where nothing limits it.
    fn pace(&self, operation: &str) -> Option<f64>;

    async fn routing_profiles(&self) -> Result<Vec<Named>, Problem>;

    async fn security_profiles(&self) -> Result<Vec<Named>, Problem>;

    /// What a security profile allows in the admin website, as ListSecurityProfilePermissions names it.
    async fn permissions(&self, security_profile: &Named) -> Result<Vec<String>, Problem>;

    /// Every hierarchy group under its own name; several may share one.
    async fn hierarchy_groups(&self) -> Result<Vec<Named>, Problem>;

    /// The standard queues.
    async fn queues(&self) -> Result<Vec<Named>, Problem>;

    /// The quick connects of every kind, by their names.
    async fn quick_connects(&self) -> Result<Vec<Named>, Problem>;

    /// The group with its path as its name, such as `East/Team 1`.
    async fn hierarchy_path(&self, group: &Named) -> Result<Named, Problem>;

    /// Every hierarchy group with its path as its name. Costs a call for a hundred.
    async fn hierarchy_paths(&self) -> Result<Vec<Named>, Problem>;
}

//! What routes contacts: quick connects, queues, routing profiles and the flows between them, to be read.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Channel, Named};
use crate::basics::problem::Problem;

/// Pairs of a queue and a channel that a routing profile may have by AWS's default.
pub const PAIRS_MAX: usize = 50;

/// Pairs that one call takes.
pub const PAIRS_AT_ONCE: usize = 10;

/// Quick connects that one call takes.
pub const QUICK_CONNECTS_AT_ONCE: usize = 50;

/// Quick connects that a queue may offer; AWS doesn't raise it.
pub const QUICK_CONNECTS_OF_QUEUE: usize = 700;

/// Where a quick connect leads, by ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeadsTo {
    User {
        user_id: String,
        flow_id: String,
    },
    Queue {
        queue_id: String,
        flow_id: String,
    },
    Number(String),
    Flow {
        flow_id: String,
    },
    /// Of a type that the desk doesn't know.
    Elsewhere(String),
}

/// A quick connect without its queues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuickConnectInfo {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub leads_to: LeadsTo,
    pub tags: BTreeMap<String, String>,
}

/// What callers see when agents of a queue call out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundCaller {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_id: Option<String>,
}

/// A standard queue without its quick connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueInfo {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// The id of its hours of operation.
    pub hours_id: Option<String>,
    pub max_contacts: Option<u32>,
    pub enabled: bool,
    pub caller: OutboundCaller,
    pub tags: BTreeMap<String, String>,
}

/// How many contacts of a channel an agent takes at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slots {
    pub channel: Channel,
    pub slots: u32,
    /// Whether contacts of other channels come in meanwhile; nothing where the answer doesn't say.
    pub any_channel: Option<bool>,
    /// How it is divided by types of work, where it is.
    pub workloads: Vec<(String, u32)>,
}

/// A routing profile without its queues' priorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingProfileInfo {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub default_queue_id: Option<String>,
    /// In the order of the channels. Only a profile that was read by itself says `any_channel`.
    pub slots: Vec<Slots>,
    /// Channels that the desk doesn't know, as Amazon Connect names them.
    pub other_channels: Vec<String>,
    /// Only a profile that was searched for has these.
    pub queue_ids: Vec<String>,
    pub manual_queue_ids: Vec<String>,
    pub users: u64,
    pub pairs: u64,
    pub is_default: bool,
    /// Whether an agent's turn comes by their last inbound contact alone, which isn't the default.
    pub counts_inbound_only: bool,
    pub tags: BTreeMap<String, String>,
}

/// A queue in a channel, as a routing profile serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutedQueue {
    pub queue: Named,
    pub channel: Channel,
    pub priority: u32,
    /// In seconds.
    pub delay: u32,
}

impl RoutedQueue {
    /// Whether the queue no longer exists: what has no name is called by its id.
    pub fn is_gone(&self) -> bool {
        self.queue.name == self.queue.id
    }
}

/// A flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowInfo {
    pub id: String,
    pub name: String,
    /// As Amazon Connect names it, such as `AGENT_TRANSFER`.
    pub of_type: String,
    pub archived: bool,
    /// Whether it was ever published.
    pub published: bool,
}

impl FlowInfo {
    /// The type of the flows by which contacts reach a user through a quick connect.
    pub const AGENT_TRANSFER: &str = "AGENT_TRANSFER";

    /// Whether Amazon Connect takes it where a new setting names it.
    pub fn is_usable(&self) -> bool {
        !self.archived && self.published
    }
}

/// The part of the contact center that says where contacts go. Searches may lag behind what was just changed, so what is acted on is
/// read by itself.
#[async_trait]
pub trait Routing: Send + Sync {
    /// All of them as they are now, in the order of their names. Costs one call for a thousand, and one for a hundred that were changed
    /// since they were read.
    async fn all_quick_connects(&self) -> Result<Vec<QuickConnectInfo>, Problem>;

    async fn quick_connect_with_id(&self, id: &str) -> Result<Option<QuickConnectInfo>, Problem>;

    /// All standard queues, in the order of their names. Costs one call for five hundred.
    async fn all_queues(&self) -> Result<Vec<QueueInfo>, Problem>;

    async fn queue_with_id(&self, id: &str) -> Result<Option<QueueInfo>, Problem>;

    /// The quick connects that a queue offers.
    async fn offered_by(&self, queue_id: &str) -> Result<Vec<Named>, Problem>;

    /// All of them, in the order of their names. Costs one call for five hundred.
    async fn all_routing_profiles(&self) -> Result<Vec<RoutingProfileInfo>, Problem>;

    async fn routing_profile_with_id(&self, id: &str) -> Result<Option<RoutingProfileInfo>, Problem>;

    /// The names of routing profiles as they are now.
    async fn routing_profile_list(&self) -> Result<Vec<Named>, Problem>;

    /// What a routing profile serves, by queue and channel.
    async fn served_by(&self, routing_profile_id: &str) -> Result<Vec<RoutedQueue>, Problem>;

    /// What agents of a routing profile may take by themselves.
    async fn taken_by_hand(&self, routing_profile_id: &str) -> Result<Vec<(Named, Channel)>, Problem>;

    async fn flows(&self) -> Result<Vec<FlowInfo>, Problem>;

    async fn hours_of_operation(&self) -> Result<Vec<Named>, Problem>;
}

//! Orphans: what leads to something that is gone, or that no agent can ever see or get. Pure: anyone who reads the instance fills in [`Parts`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Channel, FlowInfo, LeadsTo, Named, QueueInfo, QuickConnectInfo, RoutingProfileInfo};

/// Something that can be switched off: a queue that is disabled, a flow that is archived or was never published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switched {
    pub named: Named,
    pub works: bool,
    /// The id of a queue's hours of operation.
    pub hours: Option<String>,
}

impl From<&QueueInfo> for Switched {
    fn from(queue: &QueueInfo) -> Switched {
        let named = Named { id: queue.id.clone(), name: queue.name.clone() };
        Switched { named, works: queue.enabled, hours: queue.hours_id.clone() }
    }
}

impl From<&FlowInfo> for Switched {
    fn from(flow: &FlowInfo) -> Switched {
        let named = Named { id: flow.id.clone(), name: flow.name.clone() };
        Switched { named, works: flow.is_usable(), hours: None }
    }
}

/// A routing profile: its channels, who has it, and the queues it serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Serving {
    pub profile: Option<Named>,
    /// The channels that its agents take contacts of (MediaConcurrencies).
    pub channels: BTreeSet<Channel>,
    /// How many users have it; `None` where that was not read.
    pub users: Option<u64>,
    pub is_default: bool,
    pub default_outbound_queue: Option<String>,
    /// The ids of all its queues, those for manual assignment too.
    pub queues: BTreeSet<String>,
    /// The ids of those that it serves; the others are for manual assignment.
    pub served: BTreeSet<String>,
    /// Queue and channel of each pair; empty where that was not read, because no channel can be missing.
    pub pairs: Vec<(String, Channel)>,
}

impl Serving {
    /// A profile as a search found it, with what it serves in which channel.
    pub fn of(profile: &RoutingProfileInfo, pairs: Vec<(String, Channel)>) -> Serving {
        Serving {
            profile: Some(Named { id: profile.id.clone(), name: profile.name.clone() }),
            channels: profile.slots.iter().map(|slots| slots.channel).collect(),
            users: Some(profile.users),
            is_default: profile.is_default,
            default_outbound_queue: profile.default_queue_id.clone(),
            queues: profile.queue_ids.iter().chain(&profile.manual_queue_ids).cloned().collect(),
            served: profile.queue_ids.iter().cloned().collect(),
            pairs,
        }
    }
}

/// What there is, as far as it was read. Standard queues only: an agent's own queue is no one's orphan.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub quick_connects: Vec<QuickConnectInfo>,
    /// The ids of all users.
    pub users: BTreeSet<String>,
    pub queues: Vec<Switched>,
    pub flows: Vec<Switched>,
    pub profiles: Vec<Serving>,
    /// The ids of the quick connects that each queue offers, by the queue's id; `None` where that was not read.
    pub offers: Option<BTreeMap<String, BTreeSet<String>>>,
    /// The ids of all hours of operation; `None` where those were not read.
    pub hours: Option<BTreeSet<String>>,
}

/// Something to clean up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Orphan {
    /// The user is gone: anyone who transfers to them loses the contact.
    QuickConnectToNoUser { quick_connect: Named },
    /// The queue is gone.
    QuickConnectToNoQueue { quick_connect: Named },
    /// The queue is disabled.
    QuickConnectToDisabledQueue { quick_connect: Named, queue: Named },
    /// The flow is gone, archived or not published; `None` where it has no name any more.
    QuickConnectThroughDeadFlow { quick_connect: Named, flow: Option<Named> },
    /// No queue offers it, so no agent sees it.
    QuickConnectInNoQueue { quick_connect: Named },
    /// No routing profile serves it: its contacts wait for no one.
    QueueInNoProfile { queue: Named },
    /// The profile lacks the channel, so its agents never get the queue's contacts of that channel.
    QueueWithoutChannel { queue: Named, profile: Named, channel: Channel },
    /// It has no hours of operation, or they are gone.
    QueueWithoutHours { queue: Named },
    /// It serves queues that are gone, of which only the ids are left.
    ProfileServesNoQueue { profile: Named, queues: Vec<String> },
    /// It has no queue, or each is disabled or gone.
    ProfileWithoutQueue { profile: Named },
    /// The queue that its agents call out of is gone, or disabled.
    ProfileWithoutOutboundQueue { profile: Named, queue: Option<Named> },
    /// No user has it.
    ProfileWithoutUser { profile: Named },
}

/// All orphans among these: by kind, then by name.
pub fn orphans(parts: &Parts) -> Vec<Orphan> {
    let mut found: Vec<Orphan> = parts.quick_connects.iter().flat_map(|one| leading(parts, one)).collect();
    found.extend(unserved(parts));
    let has_hours = |queue: &Switched| match (&parts.hours, &queue.hours) {
        (Some(all), Some(hours)) => all.contains(hours),
        (Some(_), None) => false,
        (None, _) => true,
    };
    let lacking = parts.queues.iter().filter(|queue| queue.works && !has_hours(queue));
    found.extend(lacking.map(|queue| Orphan::QueueWithoutHours { queue: queue.named.clone() }));
    found.extend(parts.profiles.iter().flat_map(|one| serving(parts, one)));
    found.sort_by(|a, b| (a.kind(), &a.named().name, a).cmp(&(b.kind(), &b.named().name, b)));
    found.dedup();
    found
}

/// The flow that a contact runs through on its way there.
fn flow_of(to: &LeadsTo) -> Option<&str> {
    match to {
        LeadsTo::User { flow_id, .. } | LeadsTo::Queue { flow_id, .. } | LeadsTo::Flow { flow_id } => {
            Some(flow_id)
        }
        LeadsTo::Number(_) | LeadsTo::Elsewhere(_) => None,
    }
}

fn by_id<'a>(all: &'a [Switched], id: &str) -> Option<&'a Switched> {
    all.iter().find(|one| one.named.id == id)
}

fn leading(parts: &Parts, one: &QuickConnectInfo) -> Vec<Orphan> {
    let mut found = Vec::new();
    let quick_connect = || Named { id: one.id.clone(), name: one.name.clone() };
    match &one.leads_to {
        LeadsTo::User { user_id, .. } if !parts.users.contains(user_id) => {
            found.push(Orphan::QuickConnectToNoUser { quick_connect: quick_connect() });
        }
        LeadsTo::Queue { queue_id, .. } => match by_id(&parts.queues, queue_id) {
            None => found.push(Orphan::QuickConnectToNoQueue { quick_connect: quick_connect() }),
            Some(queue) if !queue.works => found.push(Orphan::QuickConnectToDisabledQueue {
                quick_connect: quick_connect(),
                queue: queue.named.clone(),
            }),
            Some(_) => {}
        },
        LeadsTo::User { .. } | LeadsTo::Number(_) | LeadsTo::Flow { .. } | LeadsTo::Elsewhere(_) => {}
    }
    if let Some(flow_id) = flow_of(&one.leads_to) {
        let flow = by_id(&parts.flows, flow_id);
        if flow.is_none_or(|flow| !flow.works) {
            let flow = flow.map(|flow| flow.named.clone());
            found.push(Orphan::QuickConnectThroughDeadFlow { quick_connect: quick_connect(), flow });
        }
    }
    if let Some(offers) = &parts.offers
        && !offers.values().any(|offered| offered.contains(&one.id))
    {
        found.push(Orphan::QuickConnectInNoQueue { quick_connect: quick_connect() });
    }
    found
}

/// Queues that no profile serves; one that agents call out of is in use.
fn unserved(parts: &Parts) -> impl Iterator<Item = Orphan> {
    let used: BTreeSet<&String> =
        parts.profiles.iter().flat_map(|one| one.queues.iter().chain(&one.default_outbound_queue)).collect();
    let unused = parts.queues.iter().filter(move |queue| queue.works && !used.contains(&queue.named.id));
    unused.map(|queue| Orphan::QueueInNoProfile { queue: queue.named.clone() })
}

fn serving(parts: &Parts, one: &Serving) -> Vec<Orphan> {
    let Some(profile) = &one.profile else { return Vec::new() };
    let mut found = Vec::new();
    for (queue_id, channel) in &one.pairs {
        if let (Some(queue), false) = (by_id(&parts.queues, queue_id), one.channels.contains(channel)) {
            let (queue, profile) = (queue.named.clone(), profile.clone());
            found.push(Orphan::QueueWithoutChannel { queue, profile, channel: *channel });
        }
    }
    let gone = one.served.iter().filter(|id| by_id(&parts.queues, id).is_none());
    let gone: Vec<String> = gone.cloned().collect();
    if !gone.is_empty() {
        found.push(Orphan::ProfileServesNoQueue { profile: profile.clone(), queues: gone });
    }
    let works = |id: &String| by_id(&parts.queues, id).is_some_and(|queue| queue.works);
    if !one.queues.iter().any(works) {
        found.push(Orphan::ProfileWithoutQueue { profile: profile.clone() });
    }
    let outbound = one.default_outbound_queue.as_ref().map(|id| by_id(&parts.queues, id));
    if let Some(queue) = outbound.filter(|queue| queue.is_none_or(|queue| !queue.works)) {
        let queue = queue.map(|queue| queue.named.clone());
        found.push(Orphan::ProfileWithoutOutboundQueue { profile: profile.clone(), queue });
    }
    if one.users == Some(0) && !one.is_default {
        found.push(Orphan::ProfileWithoutUser { profile: profile.clone() });
    }
    found
}

impl Orphan {
    /// What it is about.
    pub fn named(&self) -> &Named {
        match self {
            Orphan::QuickConnectToNoUser { quick_connect }
            | Orphan::QuickConnectToNoQueue { quick_connect }
            | Orphan::QuickConnectToDisabledQueue { quick_connect, .. }
            | Orphan::QuickConnectThroughDeadFlow { quick_connect, .. }
            | Orphan::QuickConnectInNoQueue { quick_connect } => quick_connect,
            Orphan::QueueInNoProfile { queue }
            | Orphan::QueueWithoutChannel { queue, .. }
            | Orphan::QueueWithoutHours { queue } => queue,
            Orphan::ProfileServesNoQueue { profile, .. }
            | Orphan::ProfileWithoutQueue { profile }
            | Orphan::ProfileWithoutOutboundQueue { profile, .. }
            | Orphan::ProfileWithoutUser { profile } => profile,
        }
    }

    /// The routing profile that it is about, or in which it shows.
    pub fn profile(&self) -> Option<&Named> {
        match self {
            Orphan::QueueWithoutChannel { profile, .. }
            | Orphan::ProfileServesNoQueue { profile, .. }
            | Orphan::ProfileWithoutQueue { profile }
            | Orphan::ProfileWithoutOutboundQueue { profile, .. }
            | Orphan::ProfileWithoutUser { profile } => Some(profile),
            _ => None,
        }
    }

    /// Whether a quick connect leads to something that is not there any more.
    pub fn is_gone(&self) -> bool {
        matches!(
            self,
            Orphan::QuickConnectToNoUser { .. }
                | Orphan::QuickConnectToNoQueue { .. }
                | Orphan::QuickConnectThroughDeadFlow { flow: None, .. }
        )
    }

    fn kind(&self) -> u8 {
        match self {
            Orphan::QuickConnectToNoUser { .. } => 0,
            Orphan::QuickConnectToNoQueue { .. } => 1,
            Orphan::QuickConnectToDisabledQueue { .. } => 2,
            Orphan::QuickConnectThroughDeadFlow { .. } => 3,
            Orphan::QuickConnectInNoQueue { .. } => 4,
            Orphan::QueueInNoProfile { .. } => 5,
            Orphan::QueueWithoutChannel { .. } => 6,
            Orphan::QueueWithoutHours { .. } => 7,
            Orphan::ProfileServesNoQueue { .. } => 8,
            Orphan::ProfileWithoutQueue { .. } => 9,
            Orphan::ProfileWithoutOutboundQueue { .. } => 10,
            Orphan::ProfileWithoutUser { .. } => 11,
        }
    }
}

//! Routing profiles: that they are there, what is set of them, and which queues they serve.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::{About, Detail, EffectKind, EffectNeeds, PlanContext};
use crate::basics::text::count;
use crate::center::{Channel, Named, RoutedQueue, RoutingProfileInfo, Slots};
use crate::words::Risk;

/// How many contacts of a channel an agent takes at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSlots {
    #[serde(serialize_with = "word", deserialize_with = "channel")]
    pub channel: Channel,
    pub slots: u32,
    /// Whether contacts of other channels come in meanwhile, where it is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_channel: Option<bool>,
}

/// A queue in a channel. Without an id it is one that the same plan made, which is found by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<String>,
    pub queue: String,
    #[serde(serialize_with = "word", deserialize_with = "channel")]
    pub channel: Channel,
    pub priority: u32,
    /// In seconds.
    pub delay: u32,
}

impl Pair {
    /// Whether this is the queue and the channel: by the queue's id, or by its name where the plan itself made it.
    pub fn is(&self, there: &RoutedQueue) -> bool {
        let same = match &self.queue_id {
            Some(id) => there.queue.id == *id,
            None => there.queue.name == self.queue,
        };
        same && there.channel == self.channel
    }

    /// Whether it is among these with its priority and delay.
    pub fn is_served(&self, there: &[RoutedQueue]) -> bool {
        let mut same = there.iter().filter(|one| self.is(one));
        same.any(|one| one.priority == self.priority && one.delay == self.delay)
    }

    fn words(&self) -> String {
        let delay = match self.delay {
            0 => String::new(),
            seconds => format!(", after {seconds} s"),
        };
        format!("{} for {}, priority {}{delay}", self.queue, self.channel.word(), self.priority)
    }
}

/// Channels are shown in small letters, and so they are in plans.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn word<S: Serializer>(channel: &Channel, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(channel.word())
}

fn channel<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Channel, D::Error> {
    let word = String::deserialize(deserializer)?;
    let found = Channel::ALL.into_iter().find(|channel| channel.word() == word);
    found.ok_or_else(|| serde::de::Error::custom("no such channel"))
}

/// Whether a routing profile has these channels and no others, none of them divided by types of work.
fn has_channels(wanted: &[ChannelSlots], there: &RoutingProfileInfo) -> bool {
    let same = |wanted: &ChannelSlots, there: &Slots| {
        let behavior = wanted.any_channel.is_none() || wanted.any_channel == there.any_channel;
        wanted.channel == there.channel
            && wanted.slots == there.slots
            && behavior
            && there.workloads.is_empty()
    };
    wanted.len() == there.slots.len()
        && wanted.iter().all(|one| there.slots.iter().any(|other| same(one, other)))
}

fn all_slots(all: &[ChannelSlots]) -> String {
    let each: Vec<String> = all.iter().map(|one| format!("{} {}", one.channel.word(), one.slots)).collect();
    each.join(", ")
}

/// A routing profile with this name is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutingProfilePresent {
    pub name: String,
    pub description: String,
    pub default_queue: Named,
    pub channels: Vec<ChannelSlots>,
    /// At most what one call takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<Pair>,
}

impl RoutingProfilePresent {
    /// Whether a routing profile is as this one was made; its queues may be others.
    pub fn is_as_made(&self, there: &RoutingProfileInfo) -> bool {
        let RoutingProfilePresent { name, description, default_queue, channels, pairs: _ } = self;
        there.name == *name
            && there.description.as_ref() == Some(description)
            && there.default_queue_id.as_ref() == Some(&default_queue.id)
            && has_channels(channels, there)
    }
}

impl EffectKind for RoutingProfilePresent {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["CreateRoutingProfile", "DescribeRoutingProfile", "ListRoutingProfiles"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let RoutingProfilePresent { name, description, default_queue, channels, pairs } = self;
        let what = format!("Routing profile {name}");
        let mut rows = Vec::new();
        let mut add =
            |part: &str, value: &str| rows.push(Detail::value("", &format!("{what}: {part}"), "", value));
        add("description", description);
        add("channels", &all_slots(channels));
        add("default outbound queue", &default_queue.name);
        for pair in pairs {
            add("queue", &pair.words());
        }
        rows
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.name.clone(), self.default_queue.name.clone()])
    }
}

/// The routing profile that a plan made isn't there. One that someone changed since is left alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewRoutingProfileAbsent {
    /// Nothing for one that the same plan made, which is found by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub made: RoutingProfilePresent,
}

impl EffectKind for NewRoutingProfileAbsent {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["DeleteRoutingProfile", "DescribeRoutingProfile", "ListRoutingProfiles"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Sensitive)
    }

    fn details(&self, _: Option<&Self>, plan: &PlanContext<'_>) -> Vec<Detail> {
        self.made.details(None, plan).into_iter().map(Detail::removed).collect()
    }

    fn named(&self) -> Option<Vec<String>> {
        self.made.named()
    }
}

/// What can be set of a routing profile. Each takes one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutingProfileField {
    Name(String),
    Description(String),
    DefaultQueue(Named),
    /// All of them: a channel that isn't among them is off.
    Channels(Vec<ChannelSlots>),
}

impl RoutingProfileField {
    /// Whether a routing profile has it.
    pub fn is_set(&self, there: &RoutingProfileInfo) -> bool {
        match self {
            RoutingProfileField::Name(name) => there.name == *name,
            RoutingProfileField::Description(text) => there.description.as_ref() == Some(text),
            RoutingProfileField::DefaultQueue(queue) => there.default_queue_id.as_ref() == Some(&queue.id),
            RoutingProfileField::Channels(channels) => has_channels(channels, there),
        }
    }

    /// What it is called, and its value.
    pub fn words(&self) -> (&'static str, String) {
        match self {
            RoutingProfileField::Name(name) => ("name", name.clone()),
            RoutingProfileField::Description(text) => ("description", text.clone()),
            RoutingProfileField::DefaultQueue(queue) => ("default outbound queue", queue.name.clone()),
            RoutingProfileField::Channels(channels) => ("channels", all_slots(channels)),
        }
    }
}

/// The agents of a routing profile, whom a change of it touches.
fn touches(profile: &str, agents: u64) -> Detail {
    let agents = count(usize::try_from(agents).unwrap_or(usize::MAX), "user");
    Detail::message("", &format!("Routing profile {profile}: users"), &format!("{agents} have it"))
}

/// The routing profile with this id has this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutingProfileHas {
    pub profile_id: String,
    /// What it is called when the plan is made.
    pub profile: String,
    /// How many users have it.
    pub agents: u64,
    pub field: RoutingProfileField,
}

impl RoutingProfileHas {
    /// Where its channels are set and nothing else.
    pub const CHANNELS: EffectNeeds =
        EffectNeeds::calls(&["UpdateRoutingProfileConcurrency", "DescribeRoutingProfile"]);
}

impl EffectKind for RoutingProfileHas {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[
        "UpdateRoutingProfileName",
        "UpdateRoutingProfileConcurrency",
        "UpdateRoutingProfileDefaultOutboundQueue",
        "DescribeRoutingProfile",
    ]);

    fn about(&self) -> About<'_> {
        let risk = match &self.field {
            RoutingProfileField::Channels(_) | RoutingProfileField::DefaultQueue(_) if self.agents > 0 => {
                Risk::Sensitive
            }
            RoutingProfileField::Name(_)
            | RoutingProfileField::Description(_)
            | RoutingProfileField::Channels(_)
            | RoutingProfileField::DefaultQueue(_) => Risk::Change,
        };
        About::thing(risk)
    }

    fn details(&self, undo: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let (what, after) = self.field.words();
        let before = undo.map(|undo| undo.field.words().1).unwrap_or_default();
        let set = Detail::value("", &format!("Routing profile {}: {what}", self.profile), &before, &after);
        vec![set, touches(&self.profile, self.agents)]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.profile.clone(), self.field.words().1])
    }
}

/// A routing profile serves these queues so: at most what one call takes. Without an id it is one that the same plan made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileServes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<String>,
    pub profile: String,
    /// How many users have it.
    pub agents: u64,
    pub pairs: Vec<Pair>,
}

impl ProfileServes {
    /// Where queues are added, and none that is served already is changed.
    pub const NEW: EffectNeeds =
        EffectNeeds::calls(&["AssociateRoutingProfileQueues", "ListRoutingProfileQueues"]);
}

impl EffectKind for ProfileServes {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[
        "AssociateRoutingProfileQueues",
        "UpdateRoutingProfileQueues",
        "ListRoutingProfileQueues",
    ]);

    fn about(&self) -> About<'_> {
        let risk = if self.agents > 0 { Risk::Sensitive } else { Risk::Change };
        About::thing(risk)
    }

    fn details(&self, undo: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let what = format!("Routing profile {}", self.profile);
        let before = |pair: &Pair| {
            let pairs = undo.iter().flat_map(|undo| &undo.pairs);
            let same = |old: &&Pair| old.queue == pair.queue && old.channel == pair.channel;
            pairs.into_iter().find(same).map(Pair::words).unwrap_or_default()
        };
        let served = self.pairs.iter().map(|pair| Detail::value("", &what, &before(pair), &pair.words()));
        served.chain([touches(&self.profile, self.agents)]).collect()
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(
            [self.profile.clone()]
                .into_iter()
                .chain(self.pairs.iter().map(|pair| pair.queue.clone()))
                .collect(),
        )
    }
}

/// A routing profile serves none of these queues in these channels: at most what one call takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileServesNot {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<String>,
    pub profile: String,
    /// How many users have it.
    pub agents: u64,
    /// As they were served.
    pub pairs: Vec<Pair>,
}

impl EffectKind for ProfileServesNot {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["DisassociateRoutingProfileQueues", "ListRoutingProfileQueues"]);

    fn about(&self) -> About<'_> {
        let risk = if self.agents > 0 { Risk::Sensitive } else { Risk::Change };
        About::thing(risk)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let what = format!("Routing profile {}", self.profile);
        let none = |pair: &Pair| Detail::value("", &what, &pair.words(), "no longer");
        self.pairs.iter().map(none).chain([touches(&self.profile, self.agents)]).collect()
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(
            [self.profile.clone()]
                .into_iter()
                .chain(self.pairs.iter().map(|pair| pair.queue.clone()))
                .collect(),
        )
    }
}

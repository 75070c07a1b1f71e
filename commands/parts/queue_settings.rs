//! What is set of queues and routing profiles: changes with before and after, each with its undo.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{capital, code, list, whole};
use desk_core::card::Block;
use desk_core::center::{Channel, Named, QueueInfo, RoutedQueue, RoutingProfileInfo, names};
use desk_core::center::{PAIRS_AT_ONCE, PAIRS_MAX};
use desk_core::command::Ask;
use desk_core::plan::effect::{
    ChannelSlots, Pair, ProfileServes, ProfileServesNot, QueueField, QueueHas, RoutingProfileField,
    RoutingProfileHas,
};
use desk_core::plan::{Effect, Plan, Step};

/// The hours of operation that people mean, or the only ones there are.
pub(crate) fn hours(typed: Option<&str>, all: &[Named]) -> Result<Named, Problem> {
    match (typed, all) {
        (Some(typed), all) => names::resolve("hours of operation", typed, all),
        (None, [only]) => Ok(only.clone()),
        (None, all) => {
            let names: Vec<String> = all.iter().take(5).map(|one| code(&one.name)).collect();
            Err(Problem::requester("hours_missing", "A queue needs hours of operation.")
                .hint(format!("Choose them with `hours:…`: {}.", list(&names, "or"))))
        }
    }
}

pub(crate) fn set_queue(plan: &mut Plan, queue: &QueueInfo, fields: Vec<(QueueField, Option<QueueField>)>) {
    let has = |field| QueueHas { queue_id: queue.id.clone(), queue: queue.name.clone(), field };
    set(plan, ("queue", &queue.name), fields, QueueField::words, has);
}

pub(crate) fn set_profile(
    plan: &mut Plan,
    profile: &RoutingProfileInfo,
    fields: Vec<(RoutingProfileField, Option<RoutingProfileField>)>,
) {
    let has = |field| RoutingProfileHas {
        profile_id: profile.id.clone(),
        profile: profile.name.clone(),
        agents: profile.users,
        field,
    };
    set(plan, ("routing profile", &profile.name), fields, RoutingProfileField::words, has);
}

/// Sets parts of a thing, one step for each that changes.
fn set<F: PartialEq, E: Into<Effect>>(
    plan: &mut Plan,
    (kind, name): (&str, &str),
    fields: Vec<(F, Option<F>)>,
    words: fn(&F) -> (&'static str, String),
    has: impl Fn(F) -> E,
) {
    let mut changes = Vec::new();
    let mut last = Vec::new();
    for (new, old) in fields {
        if old.as_ref() == Some(&new) {
            continue;
        }
        let (what, after) = words(&new);
        let before = old.as_ref().map_or_else(|| "none".to_owned(), |old| words(old).1);
        let title = format!("Set the {what} of the {kind} {}", whole(name));
        changes.push((capital(what), whole(&before), whole(&after)));
        match old {
            Some(old) => plan.steps.push(Step::new(title, has(new)).undone_by(has(old))),
            None => {
                // Amazon Connect can't clear a description.
                plan.lost.push(format!("empty {what}; the one of a {kind} can be changed but not cleared"));
                last.push(Step::new(title, has(new)).pivot());
            }
        }
    }
    plan.steps.extend(last);
    if !changes.is_empty() {
        plan.blocks.push(Block::Changes(changes));
    }
}

/// The profile that pairs are added to or taken from.
pub(crate) struct Served<'p> {
    /// Nothing for one that the same plan makes.
    pub(crate) id: Option<&'p str>,
    pub(crate) name: &'p str,
    pub(crate) agents: u64,
}

impl Served<'_> {
    pub(crate) fn serves(&self, pairs: &[Pair]) -> ProfileServes {
        ProfileServes {
            profile_id: self.id.map(str::to_owned),
            profile: self.name.to_owned(),
            agents: self.agents,
            pairs: pairs.to_vec(),
        }
    }

    pub(crate) fn serves_not(&self, pairs: &[Pair]) -> ProfileServesNot {
        ProfileServesNot {
            profile_id: self.id.map(str::to_owned),
            profile: self.name.to_owned(),
            agents: self.agents,
            pairs: pairs.to_vec(),
        }
    }

    /// Steps that add pairs, ten at a time.
    pub(crate) fn adding(&self, pairs: &[Pair]) -> Vec<Step> {
        let batches = pairs.chunks(PAIRS_AT_ONCE);
        let title =
            |batch: &[Pair]| format!("Add {} to the routing profile {}", words(batch), whole(self.name));
        batches
            .map(|batch| Step::new(title(batch), self.serves(batch)).undone_by(self.serves_not(batch)))
            .collect()
    }

    /// Steps that take pairs away, ten at a time.
    pub(crate) fn taking(&self, pairs: &[Pair]) -> Vec<Step> {
        let batches = pairs.chunks(PAIRS_AT_ONCE);
        let title =
            |batch: &[Pair]| format!("Remove {} from the routing profile {}", words(batch), whole(self.name));
        batches
            .map(|batch| Step::new(title(batch), self.serves_not(batch)).undone_by(self.serves(batch)))
            .collect()
    }

    /// Steps that set the priority and delay of pairs that are there, ten at a time: each is the new one and the old one.
    pub(crate) fn changing(&self, pairs: &[(Pair, Pair)]) -> Vec<Step> {
        let batches = pairs.chunks(PAIRS_AT_ONCE);
        batches
            .map(|batch| {
                let (new, old): (Vec<Pair>, Vec<Pair>) = batch.iter().cloned().unzip();
                let title = format!("Set priority and delay of {} in {}", words(&new), whole(self.name));
                Step::new(title, self.serves(&new)).undone_by(self.serves(&old))
            })
            .collect()
    }
}

fn words(pairs: &[Pair]) -> String {
    match pairs {
        [only] => format!("{} ({})", whole(&only.queue), only.channel.word()),
        many => desk_core::basics::text::count(many.len(), "queue-channel pair"),
    }
}

pub(crate) fn pair(routed: &RoutedQueue) -> Pair {
    Pair {
        queue_id: Some(routed.queue.id.clone()),
        queue: routed.queue.name.clone(),
        channel: routed.channel,
        priority: routed.priority,
        delay: routed.delay,
    }
}

/// Refuses more pairs than a profile may have. Where a profile of the instance has more than AWS's default already, its quota was
/// raised, and Amazon Connect itself says where it ends.
pub(crate) async fn room_for(ask: &Ask<'_>, profile: &str, have: usize, more: usize) -> Result<(), Problem> {
    if have + more <= PAIRS_MAX || have > PAIRS_MAX {
        return Ok(());
    }
    let most = ask.center.all_routing_profiles().await?.iter().map(|one| one.pairs).max().unwrap_or_default();
    if usize::try_from(most).unwrap_or_default() > PAIRS_MAX {
        return Ok(());
    }
    let message = format!(
        "{} has {have} of {PAIRS_MAX} queue-channel pairs, so {more} more can't be added.",
        code(profile)
    );
    Err(Problem::requester("profile_full", message)
        .hint("Remove some with `/connect routing unlink`, or create another routing profile."))
}

/// The channels of a profile with some set otherwise; 0 turns one off.
pub(crate) fn with_slots(
    have: &[ChannelSlots],
    set: &[(Channel, Option<usize>)],
) -> Result<Vec<ChannelSlots>, Problem> {
    let mut all = have.to_vec();
    for (channel, slots) in set {
        let Some(slots) = slots else { continue };
        let slots = u32::try_from(*slots).unwrap_or(u32::MAX);
        let there = all.iter().position(|one| one.channel == *channel);
        match (there, slots) {
            (Some(at), 0) => drop(all.remove(at)),
            (None, 0) => {}
            (Some(at), slots) => {
                if let Some(one) = all.get_mut(at) {
                    one.slots = slots;
                }
            }
            (None, slots) => all.push(ChannelSlots { channel: *channel, slots, any_channel: None }),
        }
    }
    all.sort_by_key(|one| one.channel);
    if all.is_empty() {
        return Err(Problem::requester("channels_none", "A routing profile needs a channel.")
            .hint("Keep one on, such as `voice:1`."));
    }
    Ok(all)
}

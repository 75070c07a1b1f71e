use std::collections::BTreeMap;

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, folded, list, whole};
use desk_core::card::{Block, Card, Opens, Style, Tone};
use desk_core::center::orphans::{self, Orphan, Parts, Serving, Switched};
use desk_core::center::{Channel, QueueInfo, RoutingProfileInfo};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec, Thing};

use crate::parts::opens::opens;
use crate::parts::routing::{self, Lacking};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// Findings that have a button.
const FIXES: usize = 3;

args! {
    struct ListArgs {
        name: Option<String> = optional(Kind::Text(127), "Part of the name").of(Thing::RoutingProfile).in_place(),
        orphans: bool = optional(Kind::Flag, "Only profiles that are unused or have routing problems"),
    }
}

const SPEC: Spec = Spec {
    about: "List routing profiles: users, channels and queues",
    help: "With `orphans`, the queues of every profile are read to find queues in a channel that the profile doesn't have. Agents never get those contacts.",
    risk: Risk::Read,
    also: &[],
    args: ListArgs::ARGS,
    examples: &["/connect routing list", "/connect routing list orphans:true"],
    operations: &["SearchRoutingProfiles", "SearchQueues", "ListRoutingProfileQueues"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ListArgs { name, orphans } = ListArgs::of(ask.args)?;
    let mut profiles = ask.center.all_routing_profiles().await?;
    if let Some(name) = &name {
        profiles.retain(|one| folded(&one.name).contains(&folded(name)));
    }
    let queues = ask.center.all_queues().await?;
    let mut card = match orphans {
        true => orphaned(ask, &profiles, &queues, name.is_some()).await?,
        false => listed(&profiles),
    };
    if profiles.is_empty() {
        card = Card::new(Tone::Plain, "No routing profiles match");
    }
    Ok(Answer::Card(card.private()))
}

fn listed(profiles: &[RoutingProfileInfo]) -> Card {
    let rows = profiles.iter().map(|profile| {
        let mut slots: Vec<String> = profile.slots.iter().map(slots).collect();
        slots.extend(profile.other_channels.iter().map(|other| whole(other)));
        let said = format!(
            "{}; {}; {}",
            count(usize::try_from(profile.users).unwrap_or_default(), "user"),
            slots.join(", "),
            count(profile.queue_ids.len(), "queue")
        );
        vec![profile.name.clone(), said]
    });
    let mut card = Card::new(Tone::Plain, count(profiles.len(), "routing profile"))
        .block(Block::table(["Routing profile", "Users, channels and queues"], rows));
    card.opens = shown(profiles.iter().map(|profile| profile.name.as_str()));
    card
}

/// A routing profile is shown by its name.
fn shown<'n>(names: impl Iterator<Item = &'n str>) -> Option<Opens> {
    opens("routing profile", "/connect routing show <routing_profile>", names)
}

fn slots(one: &desk_core::center::Slots) -> String {
    let word = one.channel.word();
    match one.workloads.as_slice() {
        [] => format!("{word} {}", one.slots),
        divided => {
            let all: u32 = divided.iter().map(|(_, slots)| slots).sum();
            format!("{word} {all} by workload type")
        }
    }
}

/// What is wrong with each, and what fixes it.
async fn orphaned(
    ask: &desk_core::command::Ask<'_>,
    profiles: &[RoutingProfileInfo],
    queues: &[QueueInfo],
    is_filtered: bool,
) -> Result<Card, Problem> {
    let mut pairs = routing::pairs(ask, profiles).await?;
    let mut serving =
        |profile: &RoutingProfileInfo| Serving::of(profile, pairs.remove(&profile.id).unwrap_or_default());
    let parts = Parts {
        queues: queues.iter().map(Switched::from).collect(),
        profiles: profiles.iter().map(&mut serving).collect(),
        ..Parts::default()
    };
    let found = orphans::orphans(&parts);
    let mut rows = Vec::new();
    let mut fixes = Vec::new();
    for profile in profiles {
        let own = |orphan: &&Orphan| orphan.profile().is_some_and(|one| one.id == profile.id);
        let mut why = Vec::new();
        let mut channels: BTreeMap<Channel, Vec<&str>> = BTreeMap::new();
        for orphan in found.iter().filter(own) {
            match orphan {
                Orphan::QueueWithoutChannel { queue, channel, .. } => {
                    channels.entry(*channel).or_default().push(queue.name.as_str());
                }
                orphan => {
                    if let Orphan::ProfileServesNoQueue { queues, .. } = orphan {
                        let line = routing::unlink_gone(&profile.name, queues);
                        fixes.push((line, format!("Remove what is gone: {}", profile.name)));
                    }
                    why.push(routing::why(orphan));
                }
            }
        }
        for (channel, names) in channels {
            let word = channel.word();
            why.push(format!("{} in {word}, which the profile doesn't have", names.join(", ")));
            let Lacking { line, verb } = Lacking::new(profile, &names, channel);
            fixes.push((line, format!("{verb}: {}", profile.name)));
        }
        if !why.is_empty() {
            rows.push(vec![profile.name.clone(), list(&why, "and")]);
        }
    }
    if rows.is_empty() {
        let title = match is_filtered {
            true => "No routing profiles with problems match",
            false => "All routing profiles are in use and have no problems",
        };
        return Ok(Card::new(Tone::Plain, title));
    }
    let lines: Vec<String> = fixes.iter().map(|(line, _)| whole(line)).collect();
    let title = format!("{} with problems", count(rows.len(), "routing profile"));
    let opens = shown(rows.iter().filter_map(|row| row.first()).map(String::as_str));
    let mut card = Card { opens, ..Card::new(Tone::Plain, title) }
        .block(Block::table(["Routing profile", "Problems"], rows));
    if !lines.is_empty() {
        card = card.block(Block::Points(
            "Agents never get contacts in a channel that their profile lacks, or in a queue that is gone. To fix it".to_owned(),
            lines,
        ));
    }
    for (line, label) in fixes.into_iter().take(FIXES) {
        card = card.says(line, &label, Style::Quiet);
    }
    Ok(card)
}

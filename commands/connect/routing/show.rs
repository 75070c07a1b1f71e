use std::collections::BTreeMap;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, whole};
use desk_core::card::{Block, Card, Style, Tone};
use desk_core::center::{Channel, PAIRS_MAX};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Arg, Kind, Risk, Spec};

use crate::parts::routing::{self, Lacking};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

const SPEC: Spec = Spec {
    about: "Show a routing profile: channels, and queues with priority and delay",
    help: "",
    risk: Risk::Read,
    also: &[],
    args: &[Arg::required("routing_profile", Kind::RoutingProfile, "Which routing profile")],
    examples: &["/connect routing show \"Case Investigator Profile\""],
    operations: &[
        "ListRoutingProfiles",
        "DescribeRoutingProfile",
        "ListRoutingProfileQueues",
        "ListRoutingProfileManualAssignmentQueues",
        "SearchQueues",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let profile = routing::profile(ask, ask.args.word("routing_profile")).await?;
    let mut pairs = ask.center.served_by(&profile.id).await?;
    let manual = ask.center.taken_by_hand(&profile.id).await?;
    let queues = ask.center.all_queues().await?;
    let default = profile.default_queue_id.as_ref().and_then(|id| queues.iter().find(|one| one.id == *id));
    let mut facts = vec![("Users".to_owned(), profile.users.to_string())];
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    if let Some(text) = &profile.description {
        add("Description", whole(text));
    }
    for slots in &profile.slots {
        let value = match slots.workloads.as_slice() {
            [] => count(usize::try_from(slots.slots).unwrap_or_default(), "contact") + " at a time",
            divided => {
                let each: Vec<String> =
                    divided.iter().map(|(name, slots)| format!("{} {slots}", whole(name))).collect();
                format!("by workload type: {}", each.join(", "))
            }
        };
        let behavior = match slots.any_channel {
            Some(true) => ", while on other channels too",
            Some(false) | None => "",
        };
        add(&format!("Channel {}", slots.channel.word()), format!("{value}{behavior}"));
    }
    add("Default outbound queue", default.map_or_else(|| "gone".to_owned(), |queue| whole(&queue.name)));
    if profile.is_default {
        add("Default routing profile", "yes".to_owned());
    }
    if !manual.is_empty() {
        let all: Vec<String> = manual
            .iter()
            .map(|(queue, channel)| format!("{} ({})", whole(&queue.name), channel.word()))
            .collect();
        add("For manual assignment", all.join(", "));
    }
    pairs.sort_by(|a, b| {
        (a.priority, a.delay, &a.queue.name, a.channel).cmp(&(b.priority, b.delay, &b.queue.name, b.channel))
    });
    // Channels with the same priority and delay are one line.
    let mut lines: BTreeMap<(u32, u32, &str), Vec<&str>> = BTreeMap::new();
    for pair in &pairs {
        lines.entry((pair.priority, pair.delay, &pair.queue.name)).or_default().push(pair.channel.word());
    }
    let rows = lines.into_iter().map(|((priority, delay, queue), channels)| {
        let delay = if delay > 0 { format!(", after {delay} s") } else { String::new() };
        vec![queue.to_owned(), format!("priority {priority}{delay}: {}", channels.join(", "))]
    });
    let mut card = Card::new(Tone::Plain, format!("Routing profile {}", whole(&profile.name)))
        .block(Block::Facts(facts))
        .block(Block::table(["Queue", "Served"], rows))
        .footer(format!("{} of {PAIRS_MAX} queue-channel pairs; id {}", pairs.len(), profile.id));
    let mut gone: Vec<String> =
        pairs.iter().filter(|pair| pair.is_gone()).map(|pair| pair.queue.id.clone()).collect();
    gone.sort();
    gone.dedup();
    for id in &gone {
        card = card.warning(format!("The queue {} no longer exists.", whole(id)));
    }
    if !gone.is_empty() {
        let line = routing::unlink_gone(&profile.name, &gone);
        card = card.says(line, "Remove what is gone", Style::Quiet);
    }
    pairs.retain(|pair| !pair.is_gone());
    for pair in &pairs {
        if !profile.slots.iter().any(|one| one.channel == pair.channel) {
            card = card.warning(format!(
                "{} is in {}, which the profile doesn't have: agents never get these contacts.",
                whole(&pair.queue.name),
                pair.channel.word()
            ));
        }
    }
    let lacks = |channel: Channel| !profile.slots.iter().any(|one| one.channel == channel);
    if let Some(channel) = pairs.iter().map(|pair| pair.channel).find(|channel| lacks(*channel)) {
        let names = pairs.iter().filter(|pair| pair.channel == channel).map(|pair| pair.queue.name.as_str());
        let Lacking { line, verb } = Lacking::new(&profile, &names.collect::<Vec<_>>(), channel);
        card = card.says(line, &verb, Style::Quiet);
    }
    Ok(Answer::Card(card.private()))
}

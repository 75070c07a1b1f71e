use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, list, whole};
use desk_core::card::{Block, Card, Style, Tone};
use desk_core::center::Named;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Arg, Kind, Risk, Spec, Thing, quoted};

use crate::parts::{routing, users};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// Routing profiles whose channels are told; of more, the names.
const PROFILES_TOLD: usize = 10;

const SPEC: Spec = Spec {
    about: "Show a queue: hours, limits, caller ID, quick connects, and its routing profiles by channel",
    help: "",
    risk: Risk::Read,
    also: &[],
    args: &[Arg::required("queue", Kind::Text(127), "Which queue").of(Thing::Queue)],
    examples: &["/connect queue show \"Case Investigation\""],
    operations: &[
        "ListQueues",
        "DescribeQueue",
        "ListHoursOfOperations",
        "ListQueueQuickConnects",
        "SearchRoutingProfiles",
        "ListRoutingProfileQueues",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let queue = routing::queue(ask, ask.args.word("queue")).await?;
    let hours = ask.center.hours_of_operation().await?;
    let hours = hours.into_iter().find(|one| Some(&one.id) == queue.hours_id.as_ref());
    let offered = ask.center.offered_by(&queue.id).await?;
    let profiles = ask.center.all_routing_profiles().await?;
    let serving: Vec<Named> = profiles
        .iter()
        .filter(|profile| profile.queue_ids.contains(&queue.id))
        .map(|profile| Named { id: profile.id.clone(), name: profile.name.clone() })
        .collect();
    let told = serving.get(..PROFILES_TOLD).unwrap_or(&serving);
    let pairs = users::side_by_side(told.iter().map(|profile| ask.center.served_by(&profile.id))).await?;
    let mut facts = vec![
        ("Status".to_owned(), if queue.enabled { "enabled" } else { "disabled" }.to_owned()),
        ("Hours of operation".to_owned(), hours.as_ref().map_or("none".to_owned(), |one| whole(&one.name))),
        (
            "Contact limit".to_owned(),
            queue.max_contacts.map_or_else(|| "no limit".to_owned(), |most| most.to_string()),
        ),
    ];
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    if let Some(text) = &queue.description {
        add("Description", whole(text));
    }
    if let Some(name) = &queue.caller.name {
        add("Caller ID name", whole(name));
    }
    for (key, value) in &queue.tags {
        add(&format!("Tag {key}"), whole(value));
    }
    add("Quick connects", routing::all_of(&offered));
    let mut served = Vec::new();
    for (profile, pairs) in told.iter().zip(pairs) {
        let mut here: Vec<_> = pairs.iter().filter(|pair| pair.queue.id == queue.id).collect();
        here.sort_by_key(|pair| pair.channel);
        let here: Vec<String> = here
            .iter()
            .map(|pair| {
                let delay = if pair.delay > 0 { format!(", after {} s", pair.delay) } else { String::new() };
                format!("{} (priority {}{delay})", pair.channel.word(), pair.priority)
            })
            .collect();
        served.push(format!("{}: {}", whole(&profile.name), list(&here, "and")));
    }
    if serving.len() > told.len() {
        served.push(format!("and {}", count(serving.len() - told.len(), "more routing profile")));
    }
    let shown = whole(&queue.name);
    let mut card = Card::new(Tone::Plain, format!("Queue {shown}"))
        .block(Block::Facts(facts))
        .footer(format!("id {}", queue.id));
    card = match served.is_empty() {
        true => card.warning("It is in no routing profile, so no agent gets its contacts."),
        false => card.block(Block::Points("Routing profiles".to_owned(), served)),
    };
    if hours.is_none() {
        card = card.warning("It has no hours of operation. Set them with `/connect queue edit … hours:…`.");
    }
    if !queue.enabled {
        let line = format!("/connect queue enable {}", quoted(&queue.name));
        card = card.says(line, "Enable", Style::Quiet);
    }
    Ok(Answer::Card(card.private()))
}

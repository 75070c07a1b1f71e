use std::collections::BTreeMap;

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, folded};
use desk_core::card::{Block, Card, Tone};
use desk_core::center::orphans::{self, Orphan, Parts, Serving, Switched};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec, Thing};

use crate::parts::opens::opens;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct ListArgs {
        name: Option<String> = optional(Kind::Text(127), "Part of the name").of(Thing::Queue).in_place(),
        orphans: bool = optional(Kind::Flag, "Only queues that are in no routing profile, are disabled, or have no hours"),
    }
}

const SPEC: Spec = Spec {
    about: "List queues: hours, whether they are enabled, and how many routing profiles include them",
    help: "If a queue is in no routing profile, no agent gets its contacts.",
    risk: Risk::Read,
    also: &[],
    args: ListArgs::ARGS,
    examples: &["/connect queue list", "/connect queue list orphans:true"],
    operations: &["SearchQueues", "SearchRoutingProfiles", "ListHoursOfOperations"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ListArgs { name, orphans: only_orphans } = ListArgs::of(ask.args)?;
    let queues = ask.center.all_queues().await?;
    let profiles = ask.center.all_routing_profiles().await?;
    let hours: BTreeMap<String, String> =
        ask.center.hours_of_operation().await?.into_iter().map(|one| (one.id, one.name)).collect();
    let parts = Parts {
        queues: queues.iter().map(Switched::from).collect(),
        profiles: profiles.iter().map(|profile| Serving::of(profile, Vec::new())).collect(),
        hours: Some(hours.keys().cloned().collect()),
        ..Parts::default()
    };
    let mut found: BTreeMap<String, Vec<Orphan>> = BTreeMap::new();
    for orphan in orphans::orphans(&parts).into_iter().filter(|orphan| orphan.profile().is_none()) {
        found.entry(orphan.named().id.clone()).or_default().push(orphan);
    }
    let mut rows = Vec::new();
    let mut others = 0;
    for queue in &queues {
        if name.as_ref().is_some_and(|name| !folded(&queue.name).contains(&folded(name))) {
            continue;
        }
        let served = profiles.iter().filter(|profile| {
            profile.queue_ids.contains(&queue.id) || profile.manual_queue_ids.contains(&queue.id)
        });
        let served = served.count();
        let named = queue.hours_id.as_ref().and_then(|id| hours.get(id));
        let mut says = vec![match named {
            Some(hours) => hours.clone(),
            None => "no hours of operation".to_owned(),
        }];
        if !queue.enabled {
            says.push("disabled".to_owned());
        }
        says.push(match served {
            0 => "in no routing profile".to_owned(),
            n => count(n, "routing profile"),
        });
        // No contact waits in a queue that is disabled, so nothing else is said of it.
        let is_orphan = !queue.enabled || found.contains_key(&queue.id);
        others += usize::from(is_orphan);
        if !only_orphans || is_orphan {
            rows.push(vec![queue.name.clone(), says.join(", ")]);
        }
    }
    if rows.is_empty() {
        let title = match (only_orphans, name.is_some()) {
            (true, false) => "No queues with problems",
            (true, true) => "No queues with problems match",
            (false, _) => "No queues match",
        };
        return Ok(Answer::Card(Card::new(Tone::Plain, title).private()));
    }
    let title = match (only_orphans, rows.len()) {
        (true, n) => format!("{} with problems", count(n, "queue")),
        (false, n) => count(n, "queue"),
    };
    let opens = opens(
        "queue",
        "/connect queue show <queue>",
        rows.iter().filter_map(|row| row.first()).map(String::as_str),
    );
    let mut card = Card { opens, ..Card::new(Tone::Plain, title) }
        .block(Block::table(["Queue", "Hours and routing profiles"], rows));
    if only_orphans {
        card = card.text(
            "Put one into a routing profile with `/connect routing link`, enable it with `/connect queue enable`, or set its \
                 hours with `/connect queue edit`.",
        );
    } else if others > 0 {
        let verb = if others == 1 { "is" } else { "are" };
        card = card.footer(format!(
            "{} {verb} disabled, in no routing profile or without hours. Add orphans:true to list them",
            count(others, "queue")
        ));
    }
    Ok(Answer::Card(card.private()))
}

use std::collections::BTreeMap;

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, folded, list, whole};
use desk_core::card::{Block, Card, Style, Tone};
use desk_core::center::orphans::Orphan;
use desk_core::center::{LeadsTo, Named, QuickConnectInfo, names};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec, Thing};

use crate::parts::routing::{self, Known};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct ListArgs {
        name: Option<String> = optional(Kind::Text(127), "Part of the name").of(Thing::QuickConnect).in_place(),
        destination: Option<String> = optional(
            Kind::Choice(&[("user", ""), ("queue", ""), ("number", ""), ("flow", "")]),
            "Only those with this kind of destination",
        ),
        queue: Option<String> = optional(Kind::Text(127), "Only those in this queue").of(Thing::Queue),
        orphans: bool = optional(Kind::Flag, "Only those whose destination is gone, or that are in no queue"),
    }
}

const SPEC: Spec = Spec {
    about: "List quick connects and their destinations, and find broken ones",
    help: "With `orphans`, every queue is read to find quick connects that are in no queue; agents never see those.",
    risk: Risk::Read,
    also: &[],
    args: ListArgs::ARGS,
    examples: &[
        "/connect quick list",
        "/connect quick list orphans:true",
        "/connect quick list queue:\"Case Investigation\" destination:user",
    ],
    operations: &[
        "ListQuickConnects",
        "SearchQuickConnects",
        "SearchUsers",
        "SearchQueues",
        "ListContactFlows",
        "ListQueueQuickConnects",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ListArgs { name, destination, queue, orphans } = ListArgs::of(ask.args)?;
    let mut all = ask.center.all_quick_connects().await?;
    let known = Known::read(ask).await?;
    let queues: Vec<Named> = known.queues.iter().map(routing::named).collect();
    if let Some(name) = &name {
        all.retain(|one| folded(&one.name).contains(&folded(name)));
    }
    if let Some(wanted) = &destination {
        all.retain(|one| kind(&one.leads_to) == wanted);
    }
    if let Some(queue) = &queue {
        let queue = names::resolve("queue", queue, &queues)?;
        let offered = ask.center.offered_by(&queue.id).await?;
        all.retain(|one| offered.iter().any(|other| other.id == one.id));
    }
    let offers = match orphans {
        true => Some(routing::offers(ask, &queues).await?),
        false => None,
    };
    let filtered = name.is_some() || destination.is_some() || queue.is_some();
    let broken = known.orphans(&all, offers.as_deref());
    if orphans {
        all.retain(|one| broken.contains_key(&one.id));
    }
    if all.is_empty() && filtered {
        let noun = noun(orphans);
        return Ok(Answer::Card(Card::new(Tone::Plain, format!("No {noun}s match")).private()));
    }
    Ok(Answer::Card(card(&all, &known, orphans, &broken).private()))
}

fn kind(to: &LeadsTo) -> &str {
    match to {
        LeadsTo::User { .. } => "user",
        LeadsTo::Queue { .. } => "queue",
        LeadsTo::Number(_) => "number",
        LeadsTo::Flow { .. } => "flow",
        LeadsTo::Elsewhere(of_type) => of_type,
    }
}

fn noun(orphans: bool) -> &'static str {
    if orphans { "orphaned quick connect" } else { "quick connect" }
}

fn card(
    all: &[QuickConnectInfo],
    known: &Known,
    orphans: bool,
    broken: &BTreeMap<String, Vec<Orphan>>,
) -> Card {
    let noun = noun(orphans);
    if all.is_empty() {
        let text = match orphans {
            true => "Every quick connect has a valid destination and is in a queue.",
            false => "Add one with `/connect quick add`.",
        };
        return Card::new(Tone::Plain, format!("No {noun}s")).text(text);
    }
    let of = |one: &QuickConnectInfo| broken.get(&one.id).map(Vec::as_slice).unwrap_or_default();
    let rows = all.iter().map(|one| {
        let why: Vec<String> = of(one).iter().map(routing::why).collect();
        let why = if why.is_empty() { String::new() } else { format!(" ({})", list(&why, "and")) };
        vec![one.name.clone(), format!("{}{why}", known.words(&one.leads_to))]
    });
    let any = |is: fn(&Orphan) -> bool| all.iter().any(|one| of(one).iter().any(is));
    let gone = any(Orphan::is_gone);
    let unlinked = any(|orphan| matches!(orphan, Orphan::QuickConnectInNoQueue { .. }));
    let mut card = Card::new(Tone::Plain, count(all.len(), noun))
        .block(Block::table(["Quick connect", "Destination"], rows));
    if orphans && gone {
        card = card.says("/connect quick remove orphans:gone", "Remove broken ones", Style::Quiet);
    }
    if orphans && unlinked {
        card = card.says("/connect quick remove orphans:unlinked", "Remove those in no queue", Style::Quiet);
    }
    let broken: Vec<&str> =
        all.iter().filter(|one| !of(one).is_empty()).map(|one| one.name.as_str()).collect();
    if !orphans && !broken.is_empty() {
        let verb = if broken.len() == 1 { "leads" } else { "lead" };
        let names: Vec<String> = broken.iter().take(3).map(|name| whole(name)).collect();
        let more = if broken.len() > 3 { format!(" and {} more", broken.len() - 3) } else { String::new() };
        card = card
            .warning(format!(
                "{}{more} {verb} to a destination that is gone, disabled or not published.",
                names.join(", ")
            ))
            .says("/connect quick list orphans:true", "Show orphans", Style::Quiet);
    }
    card
}

use std::collections::BTreeMap;

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::span::ago;
use desk_core::basics::text::{capital, code, count, span};
use desk_core::card::{Block, Card, Style, Tone};
use desk_core::center::{ActiveUser, Among, ContactState, Named, QueueNumbers};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec, quoted};

use crate::parts::among::{self, AmongArgs};
use crate::parts::opens::opens;
use crate::parts::presence;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// Agents on a page: a screen of a phone.
const PAGE: usize = desk_core::card::PAGE;

/// Pages that can be asked for.
const PAGES_MAX: i64 = 1_000;

/// Queues on the first page, those in which most waits first.
const QUEUES_SHOWN: usize = 6;

/// Agents with a contact to dismiss who get a button each.
const STUCK_SHOWN: usize = 3;

/// Statuses that are counted by name.
const STATUSES_SHOWN: usize = 6;

args! {
    struct WhoArgs {
        ..among: AmongArgs,
        page: Option<usize> = optional(Kind::Integer(1, PAGES_MAX), "The page; 1 by default"),
    }
}

const SPEC: Spec = Spec {
    about: "Show active agents, their status and contacts, and what is waiting in the queues",
    help: "Shows all agents, or those of a group, routing profile or queue. Signed-out agents are not listed. An agent who closed the browser while Available still is. Slots are contacts that an agent could still take. If Amazon Connect has no numbers for a queue, that is shown as no data, which is not the same as zero.",
    risk: Risk::Read,
    also: &["active", "online", "signed_in"],
    args: WhoArgs::ARGS,
    examples: &[
        "/connect who",
        "/connect who routing_profile:\"Case Investigator Profile\"",
        "/connect who hierarchy_group:\"Eastern Region\"",
        "/connect who queue:\"Case Investigation\"",
    ],
    operations: &[
        "GetCurrentUserData",
        "GetCurrentMetricData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "SearchRoutingProfiles",
        "ListQueues",
        "ListUserHierarchyGroups",
        "SearchUserHierarchyGroups",
        "SearchUsers",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let WhoArgs { among, page } = WhoArgs::of(ask.args)?;
    let among = among::read(ask, among).await?.unwrap_or(Among::Everyone);
    let active = ask.center.active(&among).await?;
    let page = page.unwrap_or(1);
    let pages = active.len().div_ceil(PAGE).max(1);
    if page > pages {
        let message = format!("There is no page {page}. {} active.", agents(active.len()));
        return Err(Problem::requester("page_unknown", message)
            .hint(format!("Ask for a page from 1 to {pages}, or leave it out.")));
    }
    let queues = match page {
        1 => ask.center.queue_numbers(&queues(ask, &among).await?).await?,
        _ => Vec::new(),
    };
    Ok(Answer::Card(card(ask, &among, active, &queues, page).private()))
}

/// The queues whose numbers are beside the agents; a group has none of its own.
async fn queues(ask: &Ask<'_>, among: &Among) -> Result<Vec<Named>, Problem> {
    match among {
        Among::Everyone => ask.center.queues().await,
        Among::RoutingProfile(profile) => ask.center.queues_of(profile).await,
        Among::Queue(queue) => Ok(vec![queue.clone()]),
        Among::HierarchyGroup(_) => Ok(Vec::new()),
    }
}

fn agents(n: usize) -> String {
    match n {
        0 => "no agents are".to_owned(),
        1 => "1 agent is".to_owned(),
        n => format!("{n} agents are"),
    }
}

fn card(
    ask: &Ask<'_>,
    among: &Among,
    mut active: Vec<ActiveUser>,
    queues: &[QueueNumbers],
    page: usize,
) -> Card {
    let title = match active.len() {
        0 => format!("No active agents{}", among::words(among)),
        n => format!("{}{}", count(n, "active agent"), among::words(among)),
    };
    let mut card = Card::new(Tone::Plain, title);
    let at = format!("As of {}.", ago(ask.now, ask.now));
    if active.is_empty() {
        card = card.text(format!("No one has a status other than Offline. {at}"));
    } else {
        card = card.text(format!("{} {at}", summary(&active)));
    }
    active.sort_by_key(|one| (rank(one), one.presence.status.clone(), one.presence.status_since));
    let stuck: Vec<String> = active.iter().filter(|one| is_stuck(one)).map(|one| one.login.clone()).collect();
    let pages = active.len().div_ceil(PAGE).max(1);
    let rows: Vec<Vec<String>> = active
        .iter()
        .skip((page - 1) * PAGE)
        .take(PAGE)
        .map(|one| vec![one.login.clone(), presence::in_short(&one.presence, ask.now)])
        .collect();
    if !rows.is_empty() {
        let logins = rows.iter().filter_map(|row| row.first()).map(String::as_str);
        card.opens = opens("user", "/connect show <login>", logins);
        card = card.block(Block::table(["Agent", "Now"], rows));
    }
    card = waiting(card, queues);
    card = card.turns(line(ask, page), "Refresh");
    if page > 1 {
        card = card.turns(line(ask, page - 1), "Previous");
    }
    if page < pages {
        card = card.turns(line(ask, page + 1), "Next");
    }
    for login in stuck.iter().take(STUCK_SHOWN) {
        card = card.says(format!("/connect dismiss {login}"), &format!("Free {login}"), Style::Quiet);
    }
    if pages > 1 { card.footer(format!("page {page} of {pages}")) } else { card }
}

/// What is pressed to look again, or at another page.
fn line(ask: &Ask<'_>, page: usize) -> String {
    let mut line = "/connect who".to_owned();
    for (name, value) in ask.args.options().into_iter().filter(|(name, _)| name != "page") {
        line.push_str(&format!(" {name}:{}", quoted(&value)));
    }
    if page > 1 {
        line.push_str(&format!(" page:{page}"));
    }
    line
}

/// Anyone who needs someone to look first, then those on a contact, then the others by their status.
fn rank(one: &ActiveUser) -> u8 {
    match () {
        () if is_stuck(one) => 0,
        () if !one.presence.held.is_empty() => 1,
        () => 2,
    }
}

/// A contact that is neither answered nor cleared keeps every other one away.
fn is_stuck(one: &ActiveUser) -> bool {
    let stuck = |state: &ContactState| {
        matches!(state, ContactState::Missed | ContactState::Error | ContactState::Rejected)
    };
    one.presence.held.iter().any(|contact| stuck(&contact.state))
}

/// "5 `Available`, 2 `Lunch`; 3 on a contact, 1 stuck".
fn summary(active: &[ActiveUser]) -> String {
    let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
    for one in active {
        *statuses.entry(one.presence.status.as_deref().unwrap_or("no status")).or_default() += 1;
    }
    let mut statuses: Vec<(&str, usize)> = statuses.into_iter().collect();
    statuses.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let others: usize = statuses.iter().skip(STATUSES_SHOWN).map(|(_, n)| n).sum();
    let mut said: Vec<String> =
        statuses.iter().take(STATUSES_SHOWN).map(|(status, n)| format!("{n} {}", code(status))).collect();
    if others > 0 {
        said.push(format!("{others} in other statuses"));
    }
    let busy = active.iter().filter(|one| !one.presence.contacts.is_empty()).count();
    let stuck = active.iter().filter(|one| is_stuck(one)).count();
    let mut on = Vec::new();
    on.extend((busy > 0).then(|| format!("{busy} on a contact")));
    on.extend((stuck > 0).then(|| format!("{stuck} stuck in a missed, rejected or failed contact")));
    let on = if on.is_empty() { "No one is on a contact".to_owned() } else { on.join(", ") };
    format!("{}. {on}.", said.join(", "))
}

/// What waits in the queues, the longest first.
fn waiting(card: Card, queues: &[QueueNumbers]) -> Card {
    let (known, unknown): (Vec<&QueueNumbers>, Vec<&QueueNumbers>) =
        queues.iter().partition(|one| one.waiting.is_some() || one.available.is_some());
    let mut known = known;
    known.sort_by(|a, b| {
        let by = |one: &QueueNumbers| (one.waiting.unwrap_or(0), one.oldest.unwrap_or(0));
        by(b)
            .cmp(&by(a))
            .then_with(|| a.available.cmp(&b.available))
            .then_with(|| a.queue.name.cmp(&b.queue.name))
    });
    let rows: Vec<Vec<String>> =
        known.iter().take(QUEUES_SHOWN).map(|one| vec![one.queue.name.clone(), numbers(one)]).collect();
    let rest = known.len() - rows.len();
    let mut card = card;
    if !rows.is_empty() {
        card = card.block(Block::table(["Queue", "Now"], rows));
    }
    let mut more = Vec::new();
    more.extend((rest > 0).then(|| format!("{} with fewer waiting", count(rest, "more queue"))));
    more.extend((!unknown.is_empty()).then(|| format!("no data for {}", count(unknown.len(), "queue"))));
    if more.is_empty() { card } else { card.text(format!("{}.", capital(&more.join("; ")))) }
}

/// "3 waiting, oldest 4 min · 2 available".
fn numbers(one: &QueueNumbers) -> String {
    let waiting = match (one.waiting, one.oldest) {
        (None, _) => "waiting: no data".to_owned(),
        (Some(0), _) => "0 waiting".to_owned(),
        (Some(n), Some(age)) => {
            format!("{n} waiting, oldest {}", span(i64::try_from(age).unwrap_or(i64::MAX)))
        }
        (Some(n), None) => format!("{n} waiting"),
    };
    match one.available {
        Some(n) => format!("{waiting} · {n} available"),
        None => waiting,
    }
}

use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::span::clock;
use desk_core::basics::text::{code, list};
use desk_core::card::{Block, Card, Tone};
use desk_core::center::names;
use desk_core::center::{Snapshot, UserPresence};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::log::Temporary;
use desk_core::user::changes;
use desk_core::words::{Kind, Risk, Spec};

use jiff::Timestamp;

use crate::parts::{password_elsewhere, presence, temporary};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct ShowArgs {
        login: String = required(Kind::Login, "The login"),
    }
}

const SPEC: Spec = Spec {
    about: "Show a user's settings, and whether they are active",
    help: "The answer is private because it contains personal data.",
    risk: Risk::Read,
    also: &["view", "get", "info", "user"],
    args: ShowArgs::ARGS,
    examples: &["/connect show john.doe"],
    operations: &[
        "DescribeInstance",
        "SearchUsers",
        "DescribeUser",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
        "SearchUserHierarchyGroups",
        "ListUserProficiencies",
        "ListQuickConnects",
        "SearchQuickConnects",
        "ListQueues",
        "ListQueueQuickConnects",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let user = names::found(ask.center, &ShowArgs::of(ask.args)?.login).await?;
    let (snapshot, presence, instance) =
        futures::try_join!(ask.center.overview(&user), ask.center.presence(&user.id), ask.center.instance())?;
    let temporary = temporary::of(ask, &snapshot.user.id).await?;
    let card = card(&snapshot, &presence, &temporary, ask.now);
    let note = password_elsewhere::note(&instance, &snapshot.user);
    Ok(Answer::Card(note.into_iter().fold(card, Card::warning).private()))
}

fn card(
    snapshot: &Snapshot,
    now: &UserPresence,
    temporary: &[(RequestNo, Temporary)],
    at: Timestamp,
) -> Card {
    let user = &snapshot.user;
    let mut facts = vec![("Now".to_owned(), presence::said(now, at))];
    facts.extend(presence::free(now).filter(|_| now.active).map(|free| ("Free for".to_owned(), free)));
    facts.extend(changes::facts(&user.profile));
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    let has = |(_, one): &&(RequestNo, Temporary)| {
        let status = |name: &str| [&now.status, &now.next_status].into_iter().flatten().any(|is| is == name);
        let is = |(id, name): (&str, &str)| id == user.profile.routing_profile.id || status(name);
        one.restores.restored().is_some_and(|it| is(it.temporary))
    };
    for (no, one) in temporary.iter().filter(has) {
        add("Temporary", temporary::said(*no, one, |until| clock(until, at)));
    }
    if !snapshot.proficiencies.is_empty() {
        let all: Vec<String> = snapshot
            .proficiencies
            .iter()
            .map(|p| format!("{} {}", code(&format!("{}: {}", p.attribute, p.value)), p.level))
            .collect();
        add("Proficiencies", all.join(", "));
    }
    for quick_connect in &snapshot.quick_connects {
        let queues: Vec<String> = quick_connect.queues.iter().map(|queue| code(&queue.name)).collect();
        let queues = if queues.is_empty() { "no queue".to_owned() } else { list(&queues, "and") };
        add("Quick connect", format!("{} in {queues}", code(&quick_connect.name)));
    }
    if let Some(modified) = user.modified {
        add("Last changed", clock(modified, at));
    }
    Card::new(Tone::Plain, user.shown()).block(Block::Facts(facts)).footer(format!("id {}", user.id))
}

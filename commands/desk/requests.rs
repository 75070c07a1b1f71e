use std::collections::BTreeSet;

use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::span;
use desk_core::basics::text::{code, count};
use desk_core::card::{Block, Card, Item, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::desk::saga;
use desk_core::log::Lookup;
use desk_core::policy::Quorum;
use desk_core::request::approval::{self, Outstanding};
use desk_core::request::{Phase, Request, Verb};
use desk_core::view;
use desk_core::words::{Kind, Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct RequestsArgs {
        mine: bool = optional(Kind::Flag, "Only your own"),
        page: Option<usize> = optional(Kind::Integer(1, 100_000), "Which page; the first one by default"),
    }
}

const SPEC: Spec = Spec {
    about: "Open requests: what is waiting for you, and what is waiting for others",
    help: "Each request is a link to its card, where this channel has it; `/desk show` shows the card anywhere.",
    risk: Risk::Read,
    also: &["pending", "queue", "open", "todo"],
    args: RequestsArgs::ARGS,
    examples: &["/desk requests", "/desk requests mine", "/desk requests page:2"],
    operations: &[],
};

/// Requests on a page: as many as a phone shows without a search.
const PAGE: usize = 10;

/// The most requests that are looked at for whether they are waiting for one person.
const TURNS: usize = 100;

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let RequestsArgs { mine, page } = RequestsArgs::of(ask.args)?;
    let accounts = ask.by.accounts();
    let open: BTreeSet<RequestNo> = match mine {
        true => ask.log.find(Lookup::AskedBy(accounts.clone())).await?.iter().map(|known| known.no).collect(),
        false => ask.log.open().await?.into_iter().collect(),
    };
    let verbs = verbs().map(Verb::word).collect();
    let turn = Lookup::Turn { verbs, by: ask.by.clone(), most: TURNS + 1 };
    let maybe = ask.log.find(turn).await?;
    let passwords = ask.files.passwords().await?;
    let has_password = |no: RequestNo| passwords.iter().any(|(of, ends)| *of == no && ask.now < *ends);
    let mut yours: Vec<(Request, Verb)> = Vec::new();
    for known in maybe.iter().take(TURNS) {
        // What can't be read waits for no one who can use a verb on it.
        let Ok(request) = saga::load(ask.log, known.no).await else { continue };
        if (!mine || accounts.contains(&request.by.id))
            && let Some(verb) = turn_of(&request, ask, has_password(request.no))
        {
            yours.push((request, verb));
        }
    }
    let numbers: BTreeSet<RequestNo> = yours.iter().map(|(request, _)| request.no).collect();
    let others: Vec<RequestNo> = open.difference(&numbers).copied().collect();
    let all = yours.len() + others.len();
    let pages = all.div_ceil(PAGE).max(1);
    let page = page.unwrap_or(1).min(pages);
    let from = (page - 1) * PAGE;
    let mut card = Card::new(Tone::Plain, title(all, mine));
    let here = yours.iter().skip(from).take(PAGE);
    let shown: Vec<Item> = here.map(|(request, verb)| item(request, Some(*verb), ask)).collect();
    let room = PAGE - shown.len();
    let more = if maybe.len() > TURNS { " or more" } else { "" };
    if !shown.is_empty() {
        let heading = format!("Waiting for you ({}{more})", yours.len());
        card = card.block(Block::Items { heading, items: shown });
    } else if page == 1 && all > 0 {
        card = card.text("Nothing is waiting for you.");
    }
    let mut shown = Vec::new();
    for no in others.iter().skip(from.saturating_sub(yours.len())).take(room) {
        let lines = ask.log.request(*no).await?;
        shown.push(match Request::fold(*no, &lines) {
            Ok(request) => item(&request, None, ask),
            Err(illegal) => Item {
                request: Some(*no),
                title: "can't be read".to_owned(),
                line: saga::unreadable(*no, &lines, &illegal).message,
                ..Item::default()
            },
        });
    }
    if !shown.is_empty() {
        let heading = format!("Waiting for others ({})", others.len());
        card = card.block(Block::Items { heading, items: shown });
    }
    let line = |page: usize| match mine {
        true => format!("/desk requests mine page:{page}"),
        false => format!("/desk requests page:{page}"),
    };
    if page > 1 {
        card = card.turns(line(page - 1), "Previous");
    }
    if page < pages {
        card = card.turns(line(page + 1), "Next");
    }
    if pages > 1 {
        card = card.footer(format!("page {page} of {pages}"));
    }
    Ok(Answer::Card(card.private()))
}

fn title(all: usize, mine: bool) -> String {
    let whose = if mine { "of yours " } else { "" };
    match all {
        0 => format!("No requests {whose}are open"),
        1 => format!("1 request {whose}is open"),
        n => format!("{} {whose}are open", count(n, "request")),
    }
}

/// What takes a request further, so that it waits for anyone who can do it.
fn verbs() -> impl Iterator<Item = Verb> {
    Verb::ALL.into_iter().filter(|verb| verb.row().takes_further)
}

/// What this person can do now that takes the request further, if there is anything. An approval can wait until the requester has
/// confirmed, and is for those whose approval is missing still; a password that has expired is for no one.
fn turn_of(request: &Request, ask: &Ask<'_>, has_password: bool) -> Option<Verb> {
    let is_missing = || {
        let mut unmet = approval::unmet_of(request, ask.now).into_iter();
        approval::is_for_approvers(request, ask.now) && unmet.any(|group| ask.by.has_any(&group.approvers))
    };
    let mut may = verbs()
        .filter(|verb| *verb != Verb::Reveal || has_password)
        .filter(|verb| *verb != Verb::Approve || is_missing())
        .filter(|verb| verb.may(request, &request.by.as_person(), ask.by, ask.now.into()).is_ok());
    may.next()
}

/// A request in two lines: what it does; the requester, how long ago, and what is missing.
fn item(request: &Request, turn: Option<Verb>, ask: &Ask<'_>) -> Item {
    let title = match request.plan() {
        Some(plan) => plan.what.clone(),
        None => code(&request.typed()),
    };
    let what = match turn {
        Some(Verb::Reveal) => "the temporary password is ready for you".to_owned(),
        _ => missing(request, turn, ask),
    };
    let who = span::person(&request.by.id, &request.by.name);
    let line = format!("{who} · {} · {what}", span::ago(request.asked, ask.now));
    Item { request: Some(request.no), title, line, link: None }
}

/// What a request waits for, in a few words.
fn missing(request: &Request, turn: Option<Verb>, ask: &Ask<'_>) -> String {
    if let (Phase::Waiting, None, Some(planned)) = (&request.phase, &request.held, &request.planned) {
        let missing = approval::missing_by_lines(request, planned, ask.now);
        let needs: Vec<Outstanding> = missing.into_iter().filter(|one| !one.is_a_wait()).collect();
        if !needs.is_empty() {
            if let (Some(Verb::Approve), [Outstanding::Approvals(Quorum { approvals: 1, .. })]) =
                (turn, &needs[..])
            {
                return "needs your approval".to_owned();
            }
            let theirs = format!("confirmation by {}", span::person(&request.by.id, &request.by.name));
            return format!("needs {}", approval::missing_words(&needs, &theirs, ask.now));
        }
    }
    let no = request.no.to_string();
    let standing = view::standing_alone(request, ask.now, &ask.by.accounts());
    let standing = standing.strip_prefix(&no).map_or(standing.as_str(), str::trim_start);
    standing.trim_end_matches('.').to_owned()
}

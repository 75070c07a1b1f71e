use std::collections::{BTreeMap, BTreeSet};

use desk_core::args;
use desk_core::basics;
use desk_core::basics::ids::{PersonId, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles;
use desk_core::basics::span::clock;
use desk_core::basics::text::{code, count, nearest, plain, same_name, second, whole};
use desk_core::card::{Block, Card, Item, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::desk::saga;
use desk_core::log::{By, Event, Line, Outcome, Query, for_others};
use desk_core::plan::Step;
use desk_core::request::approval;
use desk_core::request::{PartMove, Phase, Request};
use desk_core::view::{self, digest};
use desk_core::words::{Kind, Risk, Spec};
use jiff::Timestamp;

use crate::parts::{people, request_history};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct HistoryArgs {
        about: Option<String> = optional(Kind::LoginOrRequest, "The number of a request, or a login").in_place(),
        by: Option<String> = optional(Kind::Account,
            "What one person did: their name, or an account such as console:1001"),
        login: Option<String> = optional(Kind::Login, "A user whose login is a number"),
        limit: Option<usize> = optional(Kind::Integer(1, 500), "How many entries at most; 25 by default"),
    }
}

const SPEC: Spec = Spec {
    about: "What the log says about a user, a person at the desk or a request",
    help: "A user's history has one entry for each request, newest first, and one each time someone looked at them. A request's \
           history has every line; `connect-desk log verify` checks that none was changed.",
    risk: Risk::Read,
    also: &["log", "audit", "status"],
    args: HistoryArgs::ARGS,
    examples: &[
        "/desk history",
        "/desk history 7",
        "/desk history john.doe",
        "/desk history by:helpdesk limit:50",
    ],
    operations: &[],
};

/// Entries that are shown by default.
const ENTRIES: usize = 25;

/// Lines of a request that are shown by default: nearly every request has fewer.
const LINES: usize = 200;

/// Characters of a line someone typed that an entry shows.
const TYPED: usize = 100;

/// Steps that an entry spells out.
const STEPS: usize = 3;

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let HistoryArgs { about, by, login, limit } = HistoryArgs::of(ask.args)?;
    if about.is_some() && login.is_some() {
        return Err(
            Problem::requester("options_conflict", "You gave both `about` and `login`.").hint("Keep one.")
        );
    }
    let by = match by {
        None => None,
        Some(typed) => Some((people::account(ask, &typed).await?, typed)),
    };
    let number = about.as_ref().and_then(|about| about.parse().ok()).map(RequestNo);
    let card = match (number, about.or(login)) {
        (Some(no), Some(login)) => of_number(ask, no, login, by, limit).await?,
        (_, Some(login)) => of_login(ask, login, by, limit).await?,
        (_, None) => of_lines(ask, None, by, limit.unwrap_or(ENTRIES)).await?,
    };
    Ok(Answer::Card(card.private()))
}

/// What the small print adds where times are given to the second, as in the log.
const UTC: &str = " · times are UTC";

/// How much of it is shown, for the small print.
fn extent(shown: usize, all: usize) -> String {
    let more = if shown < all { format!(" · limit:{} shows more", all.min(500)) } else { String::new() };
    format!("newest {shown} of {all}{more}")
}

/// Someone at the desk: their account, and what was typed.
type Account = (PersonId, String);

/// A request; or a user with such a login, where there is no such request.
async fn of_number(
    ask: &Ask<'_>,
    no: RequestNo,
    login: String,
    by: Option<Account>,
    limit: Option<usize>,
) -> Result<Card, Problem> {
    let lines = ask.log.request(no).await?;
    let is_login = ask.log.count(&Query { login: Some(login.clone()), ..Query::default() }).await? > 0;
    match (lines.is_empty(), is_login) {
        (true, true) => of_login(ask, login, by, limit).await,
        (true, false) => Err(saga::no_request(no)),
        (false, false) => of_request(no, &lines, by, limit.unwrap_or(LINES)),
        (false, true) => {
            let card = of_request(no, &lines, by, limit.unwrap_or(LINES))?;
            let line = format!("/desk history login:{login}");
            Ok(card.text(format!("{} shows the user with this login.", whole(&line))))
        }
    }
}

async fn of_login(
    ask: &Ask<'_>,
    login: String,
    by: Option<Account>,
    limit: Option<usize>,
) -> Result<Card, Problem> {
    let limit = limit.unwrap_or(ENTRIES);
    match by {
        None => of_user(ask, &login, limit).await,
        by => of_lines(ask, Some(login), by, limit).await,
    }
}

/// Every line of one request, or those of one person, in order.
fn of_request(no: RequestNo, all: &[Line], by: Option<Account>, limit: usize) -> Result<Card, Problem> {
    let Some(first) = all.first() else { return Err(saga::no_request(no)) };
    let typed = match &first.event {
        Event::Requested { command, args, .. } => plain(&format!("/{command} {}", args.typed()), TYPED),
        _ => String::new(),
    };
    let title = match typed.as_str() {
        "" => format!("History of {no}"),
        typed => format!("History of {no}: {}", code(typed.trim_end())),
    };
    let title = match &by {
        None => title,
        Some((_, typed)) => format!("What {} did about {no}", shown(typed)),
    };
    let steps = Steps(BTreeMap::from([(Some(no), steps_of(all))]));
    let response_times = approval::response_times(all);
    let is_by = |line: &&Line| {
        by.as_ref().is_none_or(|(person, _)| line.by.as_ref().is_some_and(|by| by.id == *person))
    };
    let lines: Vec<&Line> = all.iter().filter(is_by).collect();
    if lines.is_empty() {
        return Ok(Card::new(Tone::Plain, title).text("Nothing."));
    }
    let skipped = lines.len().saturating_sub(limit);
    let rows = lines.iter().skip(skipped).map(|line| {
        let hasty = response_times.get(&line.line).filter(|after| **after < approval::RUBBER_STAMP);
        let hasty = hasty.map(|after| format!(", {}", digest::pace(*after))).unwrap_or_default();
        let said = line.said(steps.of(line)).replace('`', "");
        vec![line.line.to_string(), second(line.at), who(line), format!("{said}{hasty}")]
    });
    let card = Card::new(Tone::Plain, title)
        .block(Block::table(["Line", "When", "Who", "What"], rows))
        .footer(format!("{}{UTC}", extent(lines.len() - skipped, lines.len())));
    Ok(match Request::fold(no, all) {
        Ok(_) => card,
        Err(illegal) => card.warning(saga::unreadable(no, all, &illegal).message),
    })
}

fn shown(typed: &str) -> String {
    code(typed.trim().trim_start_matches('@'))
}

/// One entry for each request about a user and for each time someone looked at them, newest first.
async fn of_user(ask: &Ask<'_>, login: &str, limit: usize) -> Result<Card, Problem> {
    let requests = ask.log.requests_about(login).await?;
    let query = Query { login: Some(login.to_owned()), without_request: true, limit, ..Query::default() };
    let all = requests.len() + ask.log.count(&query).await?;
    if all == 0 {
        return Ok(nothing_about(ask, login).await);
    }
    let looks = ask.log.history(&query).await?;
    let (mut requests, mut looks) = (requests.into_iter(), looks.iter().peekable());
    let mut next: Option<(u64, Item)> = None;
    let mut items = Vec::new();
    while items.len() < limit {
        if next.is_none()
            && let Some(no) = requests.next()
        {
            next = Some(entry(ask, no, login).await?);
        }
        let look = looks.next_if(|look| next.as_ref().is_none_or(|(line, _)| look.line > *line));
        match look {
            Some(look) => items.push(item(look, None, &Steps::default(), |at| clock(at, ask.now))),
            None => match next.take() {
                Some((_, item)) => items.push(item),
                None => break,
            },
        }
    }
    let footer = extent(items.len(), all);
    Ok(Card::new(Tone::Plain, format!("History of {}", code(login)))
        .block(Block::Items { heading: String::new(), items })
        .footer(footer))
}

/// The log has no line about this login; perhaps one of nearly the same name was meant.
async fn nothing_about(ask: &Ask<'_>, login: &str) -> Card {
    let card = Card::new(Tone::Plain, format!("Nothing in the log about {}", code(login)));
    let known = request_history::logins(ask).await.unwrap_or_default();
    let near = nearest(login, known.iter().map(String::as_str));
    let lines: Vec<String> = near.iter().take(1).map(|near| format!("/desk history {near}")).collect();
    match lines.is_empty() {
        true => card.text("No request was about this user, and no one looked at them."),
        false => card.offers(&lines),
    }
}

/// What a request did to a user, and the number of its first line.
async fn entry(ask: &Ask<'_>, no: RequestNo, login: &str) -> Result<(u64, Item), Problem> {
    let lines = ask.log.request(no).await?;
    let first = lines.first().map_or(0, |line| line.line);
    let request = match Request::fold(no, &lines) {
        Ok(request) => request,
        Err(illegal) => {
            let line = saga::unreadable(no, &lines, &illegal).message;
            let title = "can't be read".to_owned();
            return Ok((first, Item { request: Some(no), title, line, link: None }));
        }
    };
    let title = format!("{}: {}", code(&plain(&request.typed(), TYPED)), state(&request, login, ask.now));
    let mut parts = vec![format!("{} by {}", clock(request.asked, ask.now), by(&request.by))];
    for approval in &request.approvals {
        let roles = roles::words(&approval.roles).replace(" or ", " and ");
        parts.push(format!("approved by {} ({roles})", by(&approval.by)));
    }
    if let Some((by, reason)) = &request.denied {
        let why = if reason.is_empty() { String::new() } else { format!(": {}", whole(reason)) };
        parts.push(format!("denied by {}{why}", self::by(by)));
    }
    if let Phase::Finished { outcome: Outcome::Canceled | Outcome::Abandoned, by: Some(by), .. } =
        &request.phase
    {
        parts.push(format!("ended by {}", self::by(by)));
    }
    if let (Phase::Finished { outcome: Outcome::Refused, .. }, Some(problem)) =
        (&request.phase, &request.refusal)
    {
        parts.push(for_others(problem.clone(), &request.by).message.trim_end_matches('.').to_owned());
    }
    parts.extend(done_to(&request, login));
    Ok((first, Item { request: Some(no), title, line: parts.join(" · "), link: None }))
}

/// How far a request is, or how it ended for one of its users.
fn state(request: &Request, login: &str, now: Timestamp) -> String {
    match &request.phase {
        Phase::Finished { outcome: Outcome::PartiallyCompleted, .. } => {
            format!("{}; {}", view::state(request, now), part(request, login))
        }
        _ => view::state(request, now).to_owned(),
    }
}

/// What became of the part of a request that is about one user.
fn part(request: &Request, login: &str) -> &'static str {
    let steps = request.plan().map(|plan| plan.steps.as_slice()).unwrap_or_default();
    let mine = steps.iter().find(|step| step.effect.login().is_some_and(|one| same_name(one, login)));
    match mine.map(|step| request.next_move(step.part)) {
        Some(PartMove::Ended { done: true }) => "completed for this user",
        Some(PartMove::Ended { done: false }) => "not done for this user",
        Some(PartMove::Stuck(..)) => "this user needs attention",
        Some(PartMove::Step(..)) | None => "not done for this user",
    }
}

/// What was done to a user: the plan's sentence, or of several users the steps that were this one's.
fn done_to(request: &Request, login: &str) -> Option<String> {
    let plan = request.plan()?;
    if plan.about.len() < 2 {
        return Some(plan.what.trim_end_matches('.').to_owned());
    }
    let mine: Vec<&str> = plan
        .steps
        .iter()
        .enumerate()
        .filter(|(i, step)| {
            let of_this_user = step.effect.login().is_some_and(|one| same_name(one, login));
            of_this_user && (!request.is_finished() || request.may_have_happened(*i))
        })
        .map(|(_, step)| step.title.as_str())
        .collect();
    let more = mine.len().saturating_sub(STEPS);
    let mut said = mine.iter().take(STEPS).copied().collect::<Vec<_>>().join("; ");
    if more > 0 {
        said.push_str(&format!("; and {}", count(more, "more step")));
    }
    (!said.is_empty()).then_some(said)
}

/// The newest lines that match, newest first.
async fn of_lines(
    ask: &Ask<'_>,
    login: Option<String>,
    by: Option<Account>,
    limit: usize,
) -> Result<Card, Problem> {
    let (person, by) = by.unzip();
    let query = Query { login: login.clone(), person, limit, ..Query::default() };
    let lines = ask.log.history(&query).await?;
    let all = ask.log.count(&query).await?.max(lines.len());
    let by = by.as_deref().map(shown);
    let title = match (login, by) {
        (Some(login), Some(by)) => format!("What {by} did about {}", code(&login)),
        (None, Some(by)) => format!("What {by} did"),
        _ => "The newest lines of the log".to_owned(),
    };
    if lines.is_empty() {
        return Ok(Card::new(Tone::Plain, title).text("Nothing."));
    }
    let about: BTreeSet<RequestNo> = lines.iter().filter_map(|line| line.request).collect();
    let mut commands = BTreeMap::new();
    for no in about {
        let first = ask.log.asked(no).await?;
        if let Some(Event::Requested { command, args, .. }) = first.map(|line| line.event) {
            commands.insert(no, plain(&format!("/{command} {}", args.typed()), TYPED).trim_end().to_owned());
        }
    }
    let mut steps = Steps::default();
    let of_steps = lines.iter().filter(|line| line.event.step().is_some());
    for no in of_steps.filter_map(|line| line.request).collect::<BTreeSet<_>>() {
        steps.0.insert(Some(no), steps_of(&ask.log.request(no).await?));
    }
    let items = lines
        .iter()
        .map(|line| {
            item(line, line.request.and_then(|no| commands.get(&no)).map(String::as_str), &steps, second)
        })
        .collect();
    Ok(Card::new(Tone::Plain, title)
        .block(Block::Items { heading: String::new(), items })
        .footer(format!("{}{UTC}", extent(lines.len(), all))))
}

/// A line as an entry; `command` is what its request was asked as.
fn item(line: &Line, command: Option<&str>, steps: &Steps, time: impl Fn(Timestamp) -> String) -> Item {
    // What people typed is in it as they typed it.
    let mut title = line.said(steps.of(line)).replace('`', "");
    if let Some(command) = command.filter(|_| !matches!(line.event, Event::Requested { .. })) {
        title = format!("{}: {title}", code(command));
    }
    let who = line.by.as_ref().map_or_else(|| "the desk".to_owned(), by);
    let line_of = format!("{} by {who} · line {}", time(line.at), line.line);
    Item { request: line.request, title, line: line_of, link: None }
}

/// A person as the reader's platform shows them.
fn by(by: &By) -> String {
    basics::span::person(&by.id, &by.name)
}

fn who(line: &Line) -> String {
    line.by.as_ref().map_or_else(|| "the desk".to_owned(), |by| plain(&by.name, 32))
}

/// The steps of the newest plan among a request's lines.
fn steps_of(lines: &[Line]) -> Vec<Step> {
    let plans = lines.iter().rev().find_map(|line| match &line.event {
        Event::Planned { plan, .. } => Some(plan),
        _ => None,
    });
    plans.map(|plan| plan.steps.clone()).unwrap_or_default()
}

/// The steps of requests.
#[derive(Default)]
struct Steps(BTreeMap<Option<RequestNo>, Vec<Step>>);

impl Steps {
    fn of(&self, line: &Line) -> &[Step] {
        self.0.get(&line.request).map(Vec::as_slice).unwrap_or_default()
    }
}

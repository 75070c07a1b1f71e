//! Everything that a plan does, in full: as rows for a file, and as pages that fit any platform. Anyone who decides on a plan can
//! read all of it here, however little of it a card has room for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::outcomes::{failures, of_users};
use super::standing::at_the_end;
use super::title::{instead, named};
use crate::basics::problem::Problem;
use crate::basics::span::{ago, clock, person, spoken};
use crate::basics::text::{self, code, count, plain, whole};
use crate::card::{Block, Card, Tone};
use crate::formats::sheet;
use crate::plan::effect::Detail;
use crate::plan::effect::UserInStatus;
use crate::plan::{Direction, Plan};
use crate::request::{Planned, Request, StepState};

/// The name of the file with every row.
pub const FILE: &str = "plan.csv";

/// How much is on a page, see [`text::weight`]. Discord takes 4,096 characters of a message's text.
const PAGE: usize = 3_000;

/// Lines of a page.
const LINES: usize = 40;

/// The longest line. The names of ten security profiles are shorter, and nothing that a plan sets is longer.
const PIECE: usize = 1_400;

/// The longest line to continue with that a card shows. A longer one is here.
pub(super) const NEXT_SHOWN_MAX: usize = 100;

/// From so many users on, what is the same for all of them is said once.
const ALIKE: usize = 3;

/// One thing that a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The place of the step in the plan, from 1.
    pub step: usize,
    /// The user that it is done to; empty where it is none.
    pub login: String,
    pub name: String,
    pub what: String,
    /// Empty where there is nothing before.
    pub before: String,
    pub after: String,
    /// The last two are words of the desk and no values.
    pub message: bool,
}

/// Every row of a plan, in the order of its steps.
pub fn rows(plan: &Plan) -> Vec<Row> {
    let names: BTreeMap<&str, &str> =
        plan.about.iter().map(|subject| (subject.login.as_str(), subject.name.as_str())).collect();
    let mut rows = Vec::new();
    for (i, step) in plan.steps.iter().enumerate() {
        let mut made = step.effect.details(step.undo.as_ref(), &plan.context());
        if made.is_empty() {
            // A step that leaves everything as it is, is a step all the same.
            let login = step.effect.login().unwrap_or_default();
            made.push(Detail::message(login, "Unchanged", &step.title.replace('`', "")));
        }
        rows.extend(made.into_iter().map(|detail| {
            let name = names.get(detail.login.as_str()).copied().unwrap_or_default();
            Row::new(i + 1, name, detail)
        }));
    }
    rows.extend(plan.emails.iter().map(|email| {
        let copied = Detail::value(&email.login, "Email to copy and send", "", &email.addressed());
        Row::new(0, &email.name, copied)
    }));
    rows
}

impl Row {
    fn new(step: usize, name: &str, detail: Detail) -> Row {
        let Detail { login, what, before, after, message } = detail;
        Row { step, login, name: name.to_owned(), what, before, after, message }
    }
}

/// Every row of a plan as a file (CSV).
pub fn file(plan: &Plan) -> String {
    sheet::plan_file(rows(plan).into_iter().map(|row| {
        let step = if row.step == 0 { String::new() } else { row.step.to_string() };
        [step, row.login, row.name, row.what, row.before, row.after]
    }))
}

/// A heading, and what is under it.
struct Section {
    heading: String,
    lines: Vec<String>,
}

/// The card with one page of everything that a request's plan does. `standing` is where it is, as a sentence.
pub fn card(request: &Request, page: usize, standing: &str, now: Timestamp) -> Result<Card, Problem> {
    let Some(planned) = &request.planned else {
        let hint = match request.is_finished() {
            true => format!("`/desk show {}` shows why.", request.no.0),
            false => "Ask again when its card shows what it would do.".to_owned(),
        };
        return Err(Problem::requester("wrong_moment", standing).hint(hint));
    };
    let no = request.no;
    let mut pages = pages(request, planned, standing, now);
    let all = pages.len();
    if page == 0 || page > all {
        return Err(Problem::requester(
            "page_unknown",
            format!("{no} has {}, and no page {page}.", count(all, "page")),
        )
        .hint(format!("Type `/desk details {} page:{all}` for the last one.", no.0)));
    }
    let title = match all {
        1 => format!("{} · details", named(request)),
        _ => format!("{} · details, page {page} of {all}", named(request)),
    };
    let mut card = Card::new(Tone::Plain, title);
    card.blocks = pages.swap_remove(page - 1);
    let line = |page: usize| format!("/desk details {} page:{page}", no.0);
    if all > 1 {
        card = card.block(Block::File { name: FILE.to_owned(), text: file(&planned.plan) });
    }
    if page > 1 {
        card = card.turns(line(page - 1), "Previous");
    }
    if page < all {
        card = card.turns(line(page + 1), "Next");
    }
    let rule = plain(&planned.needs.rule, usize::MAX);
    Ok(card.footer(format!("plan {} · rule: {rule}", planned.digest.short())).private())
}

fn sections(request: &Request, planned: &Planned, standing: &str, now: Timestamp) -> Vec<Section> {
    let plan = &planned.plan;
    let mut sections = Vec::new();
    let mut section = |heading: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            sections.push(Section { heading: heading.to_owned(), lines });
        }
    };
    let mut about = vec![
        plan.what.clone(),
        format!("Requested by {} · {}", person(&request.by.id, &request.by.name), ago(request.asked, now)),
    ];
    about.extend(request.args.text("reason").map(|reason| format!("Reason: {}", whole(reason))));
    about.push(standing.to_owned());
    about.extend(once_approved(request, plan).filter(|_| request.takes_approvals()));
    about.push(format!("Rule: {} · risk: {}", plain(&planned.needs.rule, usize::MAX), plan.risk));
    section("Request", about);
    let mut stop: Vec<String> = cannot_be_undone(plan).into_iter().collect();
    stop.extend(plan.highlights.iter().cloned());
    stop.extend(planned.needs.protected.iter().map(|login| format!("{} is protected.", whole(login))));
    stop.extend(request.presence(planned).in_full(now, clock));
    stop.extend(plan.warnings.iter().cloned());
    section("Reasons to stop", stop);
    section("Can't be restored", plan.lost.clone());
    let users = of_users(request).into_iter().filter(|_| !request.failures.is_empty());
    section("Users", users.map(|(login, outcome)| format!("{}: {outcome}", whole(&login))).collect());
    let several = request.parts().len() > 1;
    let of_step =
        |(step, why): (&u32, String)| if several { why } else { format!("Step {}: {why}", step + 1) };
    section("Failures", request.failures.keys().zip(failures(request)).map(of_step).collect());
    section("Other methods", plan.others.clone());
    let long = plan.next.iter().filter(|line| line.chars().count() > NEXT_SHOWN_MAX);
    section("Once it is completed", long.map(|line| whole(line)).collect());
    for block in &plan.blocks {
        match block {
            Block::Text(text) => section("Note", vec![text.clone()]),
            Block::Points(heading, points) => section(heading, points.clone()),
            Block::Facts(facts) => {
                section("Summary", facts.iter().map(|(name, value)| format!("{name}: {value}")).collect());
            }
            // What a table says of users is said below, user by user.
            Block::Table { columns, rows } if plan.about.is_empty() => {
                section(&columns.join(" · "), rows.iter().map(|row| cells(row)).collect());
            }
            _ => {}
        }
    }
    sections.extend(by_user(&rows(plan)));
    let left: Vec<String> = plan
        .rows
        .iter()
        .filter(|row| row.part.is_none())
        .map(|row| format!("Row {}: {} {}", row.number, whole(&row.login), row.said))
        .collect();
    if !left.is_empty() {
        sections.push(Section { heading: "Rows without changes".to_owned(), lines: left });
    }
    // The steps of several users are alike, and what they do is said above.
    if request.parts().len() < 2 {
        sections.push(Section { heading: "Steps".to_owned(), lines: steps(request, plan) });
    }
    sections
}

/// A row of a table as a line.
fn cells(row: &[String]) -> String {
    let cell = |cell: &String| if cell.is_empty() { "–".to_owned() } else { whole(cell) };
    row.iter().map(cell).collect::<Vec<_>>().join(" · ")
}

/// What of a plan can't be undone, in a sentence.
pub(super) fn cannot_be_undone(plan: &Plan) -> Option<String> {
    let lost = match plan.lost.as_slice() {
        [] => String::new(),
        lost => {
            let short: Vec<String> = lost.iter().map(|lost| first_words(lost)).collect();
            format!(" Lost: {}.", short.join(", "))
        }
    };
    let users = plan.about.len();
    match plan.steps.iter().position(|step| step.pivot) {
        _ if plan.could_be_undone(|_| true) => {
            (!plan.lost.is_empty()).then(|| format!("Can't be fully undone.{lost}"))
        }
        None if plan.lost.is_empty() => None,
        None => Some(format!("Can't be undone.{lost}")),
        Some(_) if users > 1 || plan.steps.len() == 1 => Some(format!("Can't be undone.{lost}")),
        Some(pivot) => {
            Some(format!("Can't be undone after step {} of {}.{lost}", pivot + 1, plan.steps.len()))
        }
    }
}

/// What is before the first `;`, `:` or `,`; names are whole, whatever they have in them.
pub fn first_words(lost: &str) -> String {
    let mut is_name = false;
    let is_before = |c: &char| {
        is_name ^= *c == '`';
        is_name || ![';', ':', ','].contains(c)
    };
    lost.chars().take_while(is_before).collect()
}

/// Every step, and how it ended once it has begun.
fn steps(request: &Request, plan: &Plan) -> Vec<String> {
    let states = request.steps.iter().map(Some).chain(std::iter::repeat(None));
    let step = |(i, (step, state)): (usize, (&crate::plan::Step, Option<&StepState>))| {
        let state = match state {
            None | Some(StepState::Todo) => "",
            Some(StepState::Started(Direction::Back)) => " · rolling back",
            Some(StepState::Started(_)) => " · running",
            Some(StepState::Done) => " · done",
            Some(StepState::Failed { direction: Direction::Back, unknown: false }) => {
                " · failed to roll back"
            }
            Some(StepState::Failed { unknown: true, .. }) => " · outcome unknown",
            Some(StepState::Failed { .. }) => " · failed",
            Some(StepState::Undone) => " · rolled back",
        };
        let point = if step.pivot && !plan.could_be_undone(|_| true) { " · can't be undone" } else { "" };
        format!("{}. {}{}{point}{state}", i + 1, step.title, instead(request, i))
    };
    plan.steps.iter().zip(states).enumerate().map(step).collect()
}

/// What happens then, in a sentence.
fn once_approved(request: &Request, plan: &Plan) -> Option<String> {
    if plan.only_reads() {
        return Some("Once approved, they are read. Nothing is changed.".to_owned());
    }
    let emails = |n: usize| if n == 1 { "an email".to_owned() } else { format!("{n} emails") };
    let n = plan.steps.len();
    if n == 0 {
        let to = match plan.emails.as_slice() {
            [only] => format!(" to {}", code(&only.to)),
            _ => String::new(),
        };
        let emails = emails(plan.emails.len());
        return Some(format!("Once approved, the requester gets {emails}{to} to copy. Nothing is changed."));
    }
    let after = match plan.emails.len() {
        0 => String::new(),
        n => format!(" Afterwards the requester gets {} to copy.", emails(n)),
    };
    if plan.steps.iter().any(|step| step.effect.freezes().is_some()) {
        return Some("Once approved, it is in effect until someone lifts it.".to_owned());
    }
    if let Some(until) = plan.lasts() {
        let end = at_the_end(request);
        return Some(format!("Once approved, it is set {} and {end} after that.", until.words()));
    }
    if plan.steps.iter().all(|step| step.effect.is::<UserInStatus>()) && n > 1 {
        return Some(format!("Once approved, {n} agents are set. One that fails stops no other."));
    }
    let runs = if n == 1 { "1 change is made".to_owned() } else { format!("{n} steps run") };
    let parts: BTreeSet<u32> = plan.steps.iter().map(|step| step.part).collect();
    let then = match plan.steps.iter().position(|step| step.pivot) {
        _ if plan.steps.first().is_some_and(|step| step.effect.waits_for_a_person()) => {
            return Some(format!("Once approved, someone does it manually.{after}"));
        }
        None if parts.len() > 1 => {
            "If one user fails, only what was done to that user is rolled back.".to_owned()
        }
        Some(_) if parts.len() > 1 => "Each succeeds or fails separately.".to_owned(),
        // Another request undoes it, but a failure does not.
        Some(_) if n == 1 && plan.could_be_undone(|_| true) => "`/connect undo` reverts it.".to_owned(),
        Some(_) if n == 1 => "It can't be undone.".to_owned(),
        Some(pivot) if plan.could_be_undone(|_| true) => {
            format!("If one fails after step {}, nothing is rolled back.", pivot + 1)
        }
        Some(pivot) => format!("Step {} and later can't be undone.", pivot + 1),
        None if plan.steps.iter().any(|step| step.effect.email().is_some_and(|email| !email.is_notice())) => {
            "An email that was sent can't be undone; if a step before it fails, nothing is left changed."
                .to_owned()
        }
        None => "If it fails, nothing is left changed.".to_owned(),
    };
    Some(format!("Once approved, {runs}. {then}{after}"))
}

/// What is done to each user; what is done to all of them alike is said once.
fn by_user(rows: &[Row]) -> Vec<Section> {
    let mut order: Vec<&str> = Vec::new();
    let mut of: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let mine = of.entry(&row.login).or_default();
        if mine.is_empty() {
            order.push(&row.login);
        }
        mine.push(row);
    }
    let users = order.iter().filter(|login| !login.is_empty()).count();
    let key = |row: &Row| (row.what.clone(), row.before.clone(), row.after.clone());
    let mut times: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    if users >= ALIKE {
        for (_, mine) in of.iter().filter(|(login, _)| !login.is_empty()) {
            let each: BTreeSet<_> = mine.iter().map(|row| key(row)).collect();
            each.into_iter().for_each(|key| *times.entry(key).or_default() += 1);
        }
    }
    let alike = |row: &Row| !row.login.is_empty() && times.get(&key(row)) == Some(&users) && users >= ALIKE;
    let mut sections = Vec::new();
    let first = order.iter().find(|login| !login.is_empty()).and_then(|login| of.get(login));
    let shared: Vec<String> =
        first.into_iter().flatten().filter(|row| alike(row)).flat_map(|row| lines(row)).collect();
    if !shared.is_empty() {
        sections.push(Section { heading: format!("The same for all of {users} users"), lines: shared });
    }
    let mut bare: Vec<String> = Vec::new();
    let end = |bare: &mut Vec<String>, sections: &mut Vec<Section>| {
        if !bare.is_empty() {
            sections
                .push(Section { heading: "No other changes for".to_owned(), lines: std::mem::take(bare) });
        }
    };
    for login in order {
        let mine = of.get(login).map(Vec::as_slice).unwrap_or_default();
        let name = mine.first().map(|row| row.name.as_str()).unwrap_or_default();
        let named =
            if name.is_empty() { whole(login) } else { format!("{} · {}", whole(login), whole(name)) };
        let lines: Vec<String> = mine.iter().filter(|row| !alike(row)).flat_map(|row| lines(row)).collect();
        if login.is_empty() {
            end(&mut bare, &mut sections);
            sections.push(Section { heading: "Other changes".to_owned(), lines });
        } else if lines.is_empty() {
            bare.push(named);
        } else {
            end(&mut bare, &mut sections);
            sections.push(Section { heading: named, lines });
        }
    }
    end(&mut bare, &mut sections);
    sections
}

/// A row as a line, or as two where both values are long.
fn lines(row: &Row) -> Vec<String> {
    let what = plain(&row.what, usize::MAX);
    if row.message {
        return vec![format!("{what}: {}", row.after)];
    }
    let (before, after) = (whole(&row.before), whole(&row.after));
    if row.before.is_empty() {
        return vec![format!("{what}: {after}")];
    }
    match before.chars().count() + after.chars().count() > PIECE.saturating_sub(what.chars().count() + 10) {
        true => vec![format!("{what}, before: {before}"), format!("{what}, after: {after}")],
        false => vec![format!("{what}: {before} → {after}")],
    }
}

/// Everything as pages. A section that goes over a page's end says so at the top of the next one.
pub fn pages(request: &Request, planned: &Planned, standing: &str, now: Timestamp) -> Vec<Vec<Block>> {
    let mut pages: Vec<Vec<Block>> = vec![Vec::new()];
    let (mut weight, mut lines) = (0, 0);
    for Section { heading, lines: all } in sections(request, planned, standing, now) {
        let mut heading = heading;
        let mut here: Vec<String> = Vec::new();
        weight += text::weight(&heading);
        lines += 1;
        for piece in all.iter().flat_map(|line| pieces(line)) {
            let more = text::weight(&piece);
            let is_full = weight + more > PAGE || lines + 1 > LINES;
            let anything = !here.is_empty() || pages.last().is_some_and(|page| !page.is_empty());
            if is_full && anything {
                if !here.is_empty() && !heading.ends_with(CONTINUED) {
                    put(&mut pages, &heading, &mut here);
                    heading.push_str(CONTINUED);
                }
                put(&mut pages, &heading, &mut here);
                pages.push(Vec::new());
                (weight, lines) = (text::weight(&heading), 1);
            }
            weight += more;
            lines += 1;
            here.push(piece);
        }
        put(&mut pages, &heading, &mut here);
    }
    pages
}

const CONTINUED: &str = " (continued)";

fn put(pages: &mut [Vec<Block>], heading: &str, lines: &mut Vec<String>) {
    if let (Some(page), false) = (pages.last_mut(), lines.is_empty()) {
        page.push(Block::Points(heading.to_owned(), std::mem::take(lines)));
    }
}

/// A line in pieces that each fit a page.
fn pieces(line: &str) -> Vec<String> {
    if spoken(line).chars().count() <= PIECE {
        return vec![line.to_owned()];
    }
    let bare: Vec<char> = line.chars().filter(|c| *c != '`').collect();
    bare.chunks(PIECE).map(|piece| whole(&piece.iter().collect::<String>())).collect()
}

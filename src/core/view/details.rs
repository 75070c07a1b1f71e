//! Everything that a plan does, in full: as rows for a file, and as pages that fit any platform. Whoever decides on a plan can
//! read all of it here, however little of it a card has room for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::basics::problem::Problem;
use crate::basics::text::{self, count, plain, whole};
use crate::card::{Block, Card, Style, Tone};
use crate::formats::sheet;
use crate::plan::effect::Detail;
use crate::plan::{Plan, Step};
use crate::request::{Planned, Request};

/// The name of the file with every row.
pub const FILE: &str = "plan.csv";

/// How much stands on a page, see [`text::weight`]. Discord takes 4,096 characters of a message's text.
const PAGE: usize = 3_000;

/// Lines of a page.
const LINES: usize = 40;

/// The longest line. The names of ten security profiles are shorter, and nothing that a plan sets is longer.
const PIECE: usize = 1_400;

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
            made.push(Detail::message(login, "Left as it is", &step.title.replace('`', "")));
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

/// What people have to see of a step before they decide on it: whom it is about, and every value that it sets.
fn values(plan: &Plan, step: &Step) -> Vec<String> {
    if let Some(named) = step.effect.named() {
        return named;
    }
    let details = step.effect.details(step.undo.as_ref(), &plan.context()).into_iter();
    let values = details.flat_map(|detail| {
        let named = ["Tag ", "Proficiency "].iter().find_map(|kind| detail.what.strip_prefix(kind));
        let named = named.map(str::to_owned);
        match detail.message {
            true => vec![detail.login],
            false => [detail.login, detail.before, detail.after].into_iter().chain(named).collect(),
        }
    });
    values.collect()
}

/// Steps of which a card is looked through for everything that they do.
const LOOKED_THROUGH: usize = 60;

/// Whether a card shows everything that a plan does.
pub fn is_all_on(card: &Card, plan: &Plan) -> bool {
    if plan.steps.len() > LOOKED_THROUGH {
        return false;
    }
    let shown = unquoted(&card.words());
    let is_there = |value: &String| shown.contains(&unquoted(&plain(value, usize::MAX)));
    plan.steps.iter().all(|step| values(plan, step).iter().all(is_there))
        && plan.emails.iter().all(|email| is_there(&email.to))
}

fn unquoted(text: &str) -> String {
    text.replace('`', "")
}

/// A heading, and what stands under it.
struct Section {
    heading: String,
    lines: Vec<String>,
}

/// The card with one page of everything that a request's plan does. `standing` is where it stands, as a sentence.
pub fn card(request: &Request, page: usize, standing: &str, now: Timestamp) -> Result<Card, Problem> {
    let Some(planned) = &request.planned else {
        return Err(
            Problem::asker("wrong_moment", standing).hint("Ask again when its card shows what it would do.")
        );
    };
    let no = request.no;
    let mut pages = pages(request, planned, standing, now);
    let all = pages.len();
    if page == 0 || page > all {
        return Err(Problem::asker(
            "page_unknown",
            format!("{no} has {}, and no page {page}.", count(all, "page")),
        )
        .hint(format!("Type `/desk details {} page:{all}` for the last one.", no.0)));
    }
    let mut card = Card::new(Tone::Plain, format!("{no}: everything it does, page {page} of {all}"));
    card.blocks = pages.swap_remove(page - 1);
    let line = |page: usize| format!("/desk details {} page:{page}", no.0);
    if all > 1 {
        card = card.block(Block::File { name: FILE.to_owned(), text: file(&planned.plan) });
    }
    if page > 1 {
        card = card.says(line(page - 1), "Previous", Style::Quiet);
    }
    if page < all {
        card = card.says(line(page + 1), "Next", Style::Quiet);
    }
    Ok(card.footer(format!("plan {}", planned.digest.short())).private())
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
        format!("Asked by {} at {}.", whole(&request.by.name), text::moment(request.asked)),
    ];
    about.extend(request.args.text("reason").map(|reason| format!("Reason: {}", whole(reason))));
    about.push(standing.to_owned());
    about.push(format!("Rule: {}. Risk: {}.", plain(&planned.needs.rule, usize::MAX), plan.risk));
    section("The request", about);
    section("What stands out", plan.highlights.clone());
    let protected = planned.needs.protected.iter().map(|login| format!("{} is protected.", whole(login)));
    section("Protected", protected.collect());
    let mut notice = plan.warnings.clone();
    notice.extend(planned.live.in_full(now));
    section("To notice", notice);
    section("This can't be restored", plan.lost.clone());
    section("Other methods", plan.others.clone());
    sections.extend(by_user(&rows(plan)));
    let left: Vec<String> = plan
        .rows
        .iter()
        .filter(|row| row.part.is_none())
        .map(|row| format!("Row {}: {} {}", row.number, whole(&row.login), row.said))
        .collect();
    if !left.is_empty() {
        sections
            .push(Section { heading: "Rows of the file of which nothing is done".to_owned(), lines: left });
    }
    sections
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
            sections.push(Section {
                heading: "These users, and nothing else".to_owned(),
                lines: std::mem::take(bare),
            });
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
            sections.push(Section { heading: "Beside the users".to_owned(), lines });
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
    if line.chars().count() <= PIECE {
        return vec![line.to_owned()];
    }
    let bare: Vec<char> = line.chars().filter(|c| *c != '`').collect();
    bare.chunks(PIECE).map(|piece| whole(&piece.iter().collect::<String>())).collect()
}

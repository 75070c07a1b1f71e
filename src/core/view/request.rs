//! The card of a request, for a glance: what to whom, the requester and why, what is missing, and the reasons to stop. Everything else is
//! in its details ([`super::details`]), so a card always fits a screen.

use jiff::{SignedDuration, Timestamp};

use super::changes::{self, Alike, Told};
use super::details::{NEXT_SHOWN_MAX, cannot_be_undone};
use super::outcomes::{failures, is_rolled_back, of_users, result};
use super::standing::{at_the_end, on_hold};
use super::title::{instead, is_going_back, title, tone};
use crate::assess::leaves_no_administrator;
use crate::basics::span::{ago, clock, person, role};
use crate::basics::text::{code, count, list, plain, some, weight, whole};
use crate::card::{Block, Card, Style, is_gap, narrowed};
use crate::email::Email;
use crate::formats::sheet;
use crate::log::{By, Outcome};
use crate::plan::effect::NOTE;
use crate::plan::{Direction, Nature, Plan, Step};
use crate::policy::{DETAILS, Quorum};
use crate::request::Verb;
use crate::request::approval::{self, Outstanding};
use crate::request::emergency;
use crate::request::entitled::{ButtonPlace, ButtonText, Situation};
use crate::request::export;
use crate::request::freeze::Freeze;
use crate::request::temporary;
use crate::request::{
    First, PartMove, Phase, Planned, Request, Retyped, Review, Seen, StepState, Unrecorded,
};

/// Lines of a card at the console between its edges, and characters on the smallest platform.
const LINES: usize = 22;
const CHARACTERS: usize = 1_350;

/// Characters of a line at the console, as words fill it.
const WIDTH: usize = 70;

/// Characters of the sentence of what will happen, which are there however little room there is.
const WHAT: usize = 210;

/// Characters of a line about several users, which are there however little room there is.
const LINE: usize = 140;

/// Settings that change for several users, of which a card keeps so many.
const SETTINGS: usize = 4;

/// Characters of a reason to stop that fits a line.
const SHORT: usize = 66;

/// Reasons to stop that a card gives, the worst first.
const REASONS: usize = 3;

/// Failures that a card says in full.
const FAILURES: usize = 3;

/// The longest line that a button says, in characters.
const NEXT_MAX: usize = 80;

/// How much of each part a card has room for.
#[derive(Clone, Copy)]
struct Room {
    /// Of what changes.
    rows: usize,
    reasons: usize,
    /// Characters of one sentence.
    sentence: usize,
    /// How what is alike for several users is said.
    told: Told,
    /// Settings that change for several users, as far as a card keeps them before further reasons to stop.
    settings: usize,
}

impl Room {
    /// The same with less room, as long as there is less.
    fn less(self) -> Option<Room> {
        match self {
            Room { sentence, .. } if sentence > 190 => Some(Room { sentence: sentence * 2 / 3, ..self }),
            Room { told: Told::InFull, .. } => Some(Room { told: Told::Short, ..self }),
            Room { told: Told::Short, .. } => Some(Room { told: Told::Merged, ..self }),
            Room { sentence, .. } if sentence > 130 => Some(Room { sentence: sentence * 2 / 3, ..self }),
            Room { told: Told::Merged, .. } => Some(Room { told: Told::OneLine, ..self }),
            Room { rows, .. } if rows > 5 => Some(Room { rows: rows - 1, ..self }),
            Room { reasons, .. } if reasons > 2 => Some(Room { reasons: reasons - 1, ..self }),
            Room { sentence, .. } if sentence > 90 => Some(Room { sentence: sentence * 2 / 3, ..self }),
            Room { rows, reasons, sentence, settings, .. }
                if rows <= settings && reasons > 1 && sentence > SHORT =>
            {
                Some(Room { sentence: SHORT, ..self })
            }
            Room { rows, reasons, settings, .. } if rows <= settings && reasons > 1 => {
                Some(Room { reasons: reasons - 1, ..self })
            }
            Room { rows, .. } if rows > 2 => Some(Room { rows: rows - 1, ..self }),
            Room { reasons, .. } if reasons > 1 => Some(Room { reasons: reasons - 1, ..self }),
            Room { sentence, .. } if sentence > 60 => Some(Room { sentence: sentence * 2 / 3, ..self }),
            Room { rows, .. } if rows > 0 => Some(Room { rows: rows - 1, ..self }),
            _ => None,
        }
    }
}

/// The card of a request as it is at `now`.
pub fn request_card(request: &Request, now: Timestamp) -> Card {
    let title = title(request, now);
    let plan = request.plan().filter(|_| shows_changes(&request.phase));
    let alike = |told: Told| plan.and_then(|plan| changes::alike(plan, &title, told));
    let mut room = Room { rows: 8, reasons: REASONS, sentence: 280, told: Told::InFull, settings: 0 };
    let mut several = alike(room.told);
    room.settings = settings(several.as_ref());
    loop {
        let card = drawn(request, now, several.as_ref(), room);
        let told = room.told;
        match room.less() {
            Some(less) if !is_fitting(&card) => {
                room = less;
                if told != room.told {
                    several = alike(room.told);
                    room.settings = settings(several.as_ref());
                }
            }
            _ => return card,
        }
    }
}

/// Settings that a card keeps before further reasons to stop; of few there is room for both.
fn settings(alike: Option<&Alike>) -> usize {
    match alike.map_or(0, |alike| alike.changes.len()) {
        0..=2 => 0,
        many => many.min(SETTINGS),
    }
}

/// Whether a card is read at a glance, whatever draws it.
fn is_fitting(card: &Card) -> bool {
    // A title that doesn't fit the edge is inside it, with an empty line below.
    let title = crate::basics::span::spoken(&card.title).chars().count();
    let mut lines = if title > WIDTH { title.div_ceil(WIDTH) + 1 } else { 0 };
    let mut characters = weight(&card.title);
    let mut before: Option<&Block> = None;
    for block in &card.blocks {
        if before.is_some_and(|before| is_gap(before, block)) {
            lines += 1;
        }
        before = Some(block);
        for text in texts(block) {
            let long = crate::basics::span::spoken(&text);
            lines += cells(&long).div_ceil(WIDTH).max(1);
            characters += weight(&long);
        }
    }
    lines + buttons_lines(card) <= LINES && characters <= CHARACTERS
}

/// Lines that the buttons take as commands, none of which is broken.
fn buttons_lines(card: &Card) -> usize {
    let mut lines = usize::from(!card.actions.is_empty());
    for more in [false, true] {
        let mut room = 0;
        for button in card.actions.iter().filter(|button| button.more == more) {
            let typed = button.line.as_ref().map_or(button.path.len() + 7, |line| cells(line)) + 3;
            if room < typed {
                lines += typed.div_ceil(WIDTH);
                room = WIDTH;
            }
            room = room.saturating_sub(typed);
        }
    }
    lines
}

/// How wide a text is at most: what isn't ASCII may take two cells.
fn cells(text: &str) -> usize {
    text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}

/// What a block says, line by line.
fn texts(block: &Block) -> Vec<String> {
    match block {
        Block::Text(text) | Block::Warning(text) => vec![text.clone()],
        Block::Facts(facts) => facts.iter().map(|(name, value)| format!("{name}  {value}")).collect(),
        Block::Changes(changes) => {
            changes.iter().map(|(what, before, after)| format!("{what}: {before} -> {after}")).collect()
        }
        Block::Steps(steps) => steps.iter().map(|(_, step)| step.clone()).collect(),
        Block::Checklist(needs) => needs.iter().map(|(_, need)| need.clone()).collect(),
        Block::Points(heading, points) => {
            let heading = (!heading.is_empty()).then(|| heading.clone());
            heading.into_iter().chain(points.iter().cloned()).collect()
        }
        Block::Table { columns, rows } => {
            let table = narrowed(columns, rows);
            let row = |row: &Vec<String>| row.join("   ");
            // If a row doesn't fit a line, each is a name and what belongs to it.
            let is_narrow = table.rows.iter().any(|cells_of| cells(&row(cells_of)) > WIDTH);
            let shared = table.shared.iter().map(|(column, value)| format!("{column}: {value}"));
            let shared = shared.collect::<Vec<_>>().join("   ");
            let titles =
                if is_narrow && table.columns.len() < 3 { String::new() } else { row(&table.columns) };
            let above = [shared, titles].into_iter().filter(|line| !line.is_empty());
            let rows = table.rows.iter().flat_map(|cells_of| match cells_of.split_first() {
                Some((name, rest)) if is_narrow => vec![name.clone(), rest.join("   ")],
                _ => vec![row(cells_of)],
            });
            above.chain(rows).collect()
        }
        Block::Items { items, .. } => {
            items.iter().flat_map(|item| [item.title.clone(), item.line.clone()]).collect()
        }
        Block::Progress { what, .. } => vec![what.clone()],
        Block::File { name, .. } => vec![name.clone()],
        Block::Scan { .. } | Block::Secret { .. } => Vec::new(),
    }
}

fn drawn(request: &Request, now: Timestamp, alike: Option<&Alike>, room: Room) -> Card {
    let mut card = Card::new(tone(request), title(request, now));
    card.request = Some(request.no);
    if request.is_emergency() && (!request.is_finished() || request.needs_review()) {
        card = card.warning(match request.phase {
            Phase::Asked | Phase::Waiting => emergency::ahead(request).to_owned(),
            _ => emergency::said(request),
        });
    }
    for message in doubts(request, now) {
        card = card.warning(message);
    }
    if let Some(plan) = request.plan() {
        card = card.text(sentence(&plan.what, room.sentence.max(WHAT)));
    }
    card = match &request.phase {
        // What only waits for its end says until when, below.
        Phase::Running if request.rests_until().is_some() => card,
        Phase::Running | Phase::Stuck { .. } => progress(card, request),
        Phase::ByHand { .. } => by_hand(card, request),
        Phase::Finished { outcome: Outcome::Completed, .. } => duration(card, request),
        _ => card,
    };
    if let Some(plan) = request.plan() {
        if shows_changes(&request.phase) {
            card.blocks.extend(changed(plan, alike, room));
        } else if !request.is_finished() {
            // Its files stay where they are, so that they are not sent again when it ends.
            let files = plan.blocks.iter().filter(|block| matches!(block, Block::File { .. }));
            card.blocks.extend(files.cloned());
        }
    }
    if let (Phase::Finished { outcome: Outcome::Refused, .. }, Some(problem)) =
        (&request.phase, &request.refusal)
    {
        card = card.text(problem.sentences()).details(problem);
    }
    card = card.block(Block::Facts(people(request, now)));
    card = match &request.phase {
        Phase::Asked => card.text("Checking what would change…"),
        Phase::Waiting => waiting(card, request, now, room),
        Phase::Running => running(card, request, now),
        Phase::ByHand { .. } => card,
        Phase::Stuck { .. } => stuck(card, request, now),
        Phase::Finished { .. } => finished(card, request, now, room),
    };
    if let Some(Review::Given { by, justified, reason, .. }) = &request.review {
        let word = if *justified { "justified" } else { "not justified" };
        card = card.text(format!("Reviewed by {}: {word}, {}", name(by), whole(reason)));
    }
    let card = actions(card, request, now);
    card.footer(match &request.planned {
        Some(planned) => format!("{} · plan {}", request.no, planned.digest.short()),
        None => request.no.to_string(),
    })
}

/// Someone, as each platform shows people.
fn name(by: &By) -> String {
    person(&by.id, &by.name)
}

/// Every button, in the order of the moment: what decides first, then the details, then the rest.
fn actions(mut card: Card, request: &Request, now: Timestamp) -> Card {
    let is_there = matches!(request.phase, Phase::Stuck { .. } | Phase::Finished { .. });
    if is_there && request.makes_password_known() && !matches!(request.seen(now), Seen::Gone { .. }) {
        card = buttons(card, request, now, ButtonPlace::Password);
    }
    if matches!(&request.phase, Phase::Finished { outcome: Outcome::Completed, .. })
        && request.plan().is_some_and(Plan::only_reads)
    {
        card = card.action(export::FILE, "Get the file", Style::Yes);
    }
    card = to_copy(card, request);
    card = buttons(card, request, now, ButtonPlace::Decision);
    card = buttons(card, request, now, ButtonPlace::Review);
    if request.is_finished() {
        card = next(card, request);
        if request.could_be_undone() {
            card = card.says(format!("/connect undo {}", request.no.0), "Undo", Style::Quiet);
        }
    }
    if request.planned.is_some() {
        card = card.says(format!("/{} {}", DETAILS, request.no.0), "Details", Style::Quiet);
    }
    card = buttons(card, request, now, ButtonPlace::End);
    // Only the approval of this moment is green.
    let mut is_first = true;
    for action in card.actions.iter_mut().filter(|action| action.style == Style::Yes) {
        if !std::mem::take(&mut is_first) {
            action.style = Style::Quiet;
        }
    }
    card.actions.sort_by_key(|action| (action.more, action.style != Style::Yes));
    card
}

/// The buttons of the verbs that belong here and that the request takes from someone; none for a verb that no one may use.
fn buttons(mut card: Card, request: &Request, now: Timestamp, place: ButtonPlace) -> Card {
    let situation = Situation::of(request, now.into());
    for row in Verb::ALL.map(Verb::row).into_iter().filter(|row| row.place == place) {
        // Whether a password was seen is known in a minute, and its card is not drawn again for that.
        if place != ButtonPlace::Password && !row.is_taken(&situation) {
            continue;
        }
        for ButtonText { label, style, how, more } in (row.buttons)(&situation) {
            card = match how {
                "" => card.action(row.path, label, style),
                how => card.says(format!("/{} {} {how}", row.path, request.no.0), label, style),
            };
            if more {
                card = card.in_menu();
            }
        }
    }
    card
}

/// What may not have been recorded, and has to be said again.
fn doubts(request: &Request, now: Timestamp) -> Vec<String> {
    let mut doubts = Vec::new();
    if request.is_doubtful
        && request.confirmed.is_none()
        && matches!(request.phase, Phase::Asked | Phase::Waiting)
    {
        doubts.push(format!(
            "{} may have been told that this request was not recorded. It needs their confirmation.",
            name(&request.by)
        ));
    }
    let open = !request.is_finished() || request.needs_review();
    for word in request.unrecorded.iter().filter(|_| open) {
        let Unrecorded { what, again, .. } = word;
        doubts.push(format!(
            "The {what} by {} at {} may not have been recorded. {again}.",
            name(&word.by),
            clock(word.at, now)
        ));
    }
    doubts
}

/// Whether what the plan changes is worth reading: while it is decided on, and where it came about.
fn shows_changes(phase: &Phase) -> bool {
    match phase {
        Phase::Waiting => true,
        Phase::Finished { outcome, .. } => {
            matches!(outcome, Outcome::Completed | Outcome::PartiallyCompleted)
        }
        Phase::Asked | Phase::Running | Phase::ByHand { .. } | Phase::Stuck { .. } => false,
    }
}

/// What changes: of several users what is alike once, of one what the plan shows.
fn changed(plan: &Plan, alike: Option<&Alike>, room: Room) -> Vec<Block> {
    let mut left = room.rows;
    let mut out = Vec::new();
    let mut cut = 0;
    let mut room_for = |n: usize| {
        let shown = n.min(left);
        left -= shown;
        cut += n - shown;
        shown
    };
    let alike = alike.filter(|alike| !alike.is_empty());
    if let Some(Alike { changes, lines, .. }) = alike {
        // Whom it removes comes first.
        let removed = plan.blocks.iter().filter(|block| changes::names_removed(plan, block));
        out.extend(removed.filter_map(|block| shown(block, room, &mut room_for)));
        let shown = room_for(changes.len());
        out.push(Block::Changes(changes.iter().take(shown).map(|change| shortened(change, room)).collect()));
        out.extend(lines.iter().map(|line| Block::Text(sentence(line, room.sentence.max(LINE)))));
    }
    let untold = |block: &&Block| alike.is_none() || !changes::is_told_by_changes(block);
    let blocks = plan.blocks.iter().filter(untold);
    out.extend(blocks.filter_map(|block| shown(block, room, &mut room_for)));
    out.retain(|block| match block {
        Block::Changes(all) => !all.is_empty(),
        Block::Facts(all) => !all.is_empty(),
        Block::Points(_, all) => !all.is_empty(),
        Block::Table { rows, .. } => !rows.is_empty(),
        _ => true,
    });
    let (files, mut out): (Vec<Block>, Vec<Block>) =
        out.into_iter().partition(|block| matches!(block, Block::File { .. }));
    if cut > 0 {
        out.push(Block::Text(format!("and {cut} more in Details")));
    }
    out.extend(files);
    out
}

/// As much of a block as there is room for.
fn shown(block: &Block, room: Room, mut room_for: impl FnMut(usize) -> usize) -> Option<Block> {
    Some(match block {
        Block::Table { columns, rows } => {
            let shown = room_for(rows.len());
            Block::Table { columns: columns.clone(), rows: rows.iter().take(shown).cloned().collect() }
        }
        Block::Changes(changes) => {
            let shown = room_for(changes.len());
            Block::Changes(changes.iter().take(shown).map(|change| shortened(change, room)).collect())
        }
        Block::Facts(facts) => {
            let shown = room_for(facts.len());
            let fact = |(name, value): &(String, String)| (name.clone(), sentence(value, room.sentence));
            Block::Facts(facts.iter().take(shown).map(fact).collect())
        }
        Block::Points(heading, points) => {
            let shown = room_for(points.len());
            let points = points.iter().take(shown).map(|point| sentence(point, room.sentence));
            Block::Points(heading.clone(), points.collect())
        }
        Block::Text(text) => match room_for(1) {
            0 => return None,
            _ => Block::Text(sentence(text, room.sentence)),
        },
        other => other.clone(),
    })
}

fn shortened((what, before, after): &changes::Change, room: Room) -> changes::Change {
    let half = (room.sentence / 2).max(60);
    (sentence(what, half), sentence(before, half), sentence(after, half))
}

/// A sentence of the desk's own cut to so many characters, its words and spans whole as far as that leaves half of it.
pub fn sentence(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max).collect();
    // Where the last word or span begins.
    let (mut in_span, mut last) = (false, 0);
    for (i, c) in cut.char_indices() {
        if c == '`' {
            in_span = !in_span;
        }
        if (c == '`' && in_span) || (c == ' ' && !in_span) {
            last = i;
        }
    }
    let is_whole = !in_span && text.chars().nth(max).is_none_or(char::is_whitespace);
    // Half a moment or half a person is none.
    let is_none = in_span && cut.get(last + 1..).is_none_or(|span| span.starts_with(char::is_control));
    if !is_whole && (is_none || last >= cut.len() / 2) {
        cut.truncate(last);
    } else if in_span {
        cut.push('`');
    }
    cut.truncate(cut.trim_end_matches([' ', '(', ',', ':']).len());
    cut.push('…');
    cut
}

fn people(request: &Request, now: Timestamp) -> Vec<(String, String)> {
    let mut facts =
        vec![("Requested by".to_owned(), format!("{} · {}", name(&request.by), ago(request.asked, now)))];
    if let Some(reason) = request.args.text("reason") {
        facts.push(("Reason".to_owned(), whole(reason)));
    }
    if request.phase == Phase::Waiting && request.planned.is_some() {
        // The checklist has the rest.
        return facts;
    }
    if let Some((by, how, note)) = &request.caller {
        let note = if note.is_empty() { String::new() } else { format!(": {}", whole(note)) };
        facts.push(("Caller".to_owned(), format!("verified by {}, says {}{note}", how.said(), name(by))));
    }
    for approval in &request.approvals {
        facts.push(("Approved by".to_owned(), approved(approval, now)));
    }
    if let Some((by, reason)) = &request.denied {
        let reason = if reason.is_empty() { String::new() } else { format!(": {}", whole(reason)) };
        let at = match &request.phase {
            Phase::Finished { at, .. } => format!(" · {}", ago(*at, now)),
            _ => String::new(),
        };
        facts.push(("Denied by".to_owned(), format!("{}{at}{reason}", name(by))));
    }
    if let Phase::Finished { at, outcome, by } = &request.phase
        && !matches!(outcome, Outcome::Refused | Outcome::Denied)
    {
        let word = match outcome {
            Outcome::Completed if Freeze::scope_of(request).is_some() => "Lifted",
            Outcome::Completed => "Completed",
            Outcome::Canceled => "Canceled",
            Outcome::Expired => "Expired",
            _ => "Ended",
        };
        let who = match outcome {
            Outcome::Canceled | Outcome::Abandoned => by.as_ref(),
            _ => request.ended_by(),
        };
        let who = who.map(|by| format!(" by {}", name(by))).unwrap_or_default();
        facts.push((word.to_owned(), format!("{}{who}", ago(*at, now))));
    }
    facts
}

fn approved(approval: &crate::request::Approval, now: Timestamp) -> String {
    let roles: Vec<&str> = approval.roles.iter().map(|role| role.word()).collect();
    let comment = match approval.comment.as_str() {
        "" => String::new(),
        comment => format!(": {}", code(comment)),
    };
    format!("{} ({}) · {}{comment}", name(&approval.by), roles.join(", "), ago(approval.at, now))
}

/// "1 approval from supervisor or admin".
fn approvals(group: &Quorum) -> String {
    let roles: Vec<String> = group.approvers.iter().map(|one| role(one.word())).collect();
    format!("{} from {}", count(usize::from(group.approvals), "approval"), list(&roles, "or"))
}

/// What is there and what is missing, and until when.
fn needs(request: &Request, planned: &Planned, now: Timestamp) -> Block {
    let missing = approval::missing_by_lines(request, planned, now);
    let mut needs = Vec::new();
    if let Some(confirmed) = &request.confirmed {
        needs.push((true, format!("Confirmed by {} · {}", name(&confirmed.by), ago(confirmed.at, now))));
    }
    if let Some((by, how, note)) = &request.caller {
        let note = if note.is_empty() { String::new() } else { format!(": {}", whole(note)) };
        needs.push((true, format!("Caller verified by {}, says {}{note}", how.said(), name(by))));
    }
    for approval in &request.approvals {
        needs.push((true, format!("Approved by {}", approved(approval, now))));
    }
    let code_too = if planned.needs.second_factor { ", with an authenticator code" } else { "" };
    let retyped = match planned.to_retype() {
        Some(Retyped::Login(_)) => ", typing the login again",
        Some(Retyped::Users(_)) => ", typing the number of users",
        None => "",
    };
    for missing in &missing {
        needs.push((
            false,
            match missing {
                Outstanding::Confirmation => format!("Confirmation by {}{code_too}", name(&request.by)),
                Outstanding::Caller => {
                    format!("Caller verification: {}", code(&format!("/desk verify {}", request.no.0)))
                }
                Outstanding::Approvals(group) => {
                    format!("{}{retyped}{code_too}{}", approvals(group), escalation(request, planned, now))
                }
                Outstanding::Moment(at) => format!("Starts at {}", clock(*at, now)),
                Outstanding::ContactEnds(_) => "Starts when the contact ends".to_owned(),
            },
        ));
    }
    let last = needs.iter_mut().rev().find(|(there, _)| !there);
    if let Some((_, last)) = last {
        last.push_str(&format!(" · expires {}", ago(approval::expires(request, planned), now)));
    }
    Block::Checklist(needs)
}

/// From when on others may approve as well.
fn escalation(request: &Request, planned: &Planned, now: Timestamp) -> String {
    let Some(next) = &planned.needs.escalate else { return String::new() };
    let roles: Vec<String> = next.approvers.iter().map(|one| role(one.word())).collect();
    let roles = list(&roles, "or");
    let Some(since) = planned.turn_since else {
        let first = request.comes_first(&planned.needs).map(|first| match first {
            First::Confirmation => "the confirmation".to_owned(),
            First::Caller => "the caller verification".to_owned(),
        });
        let first = list(&first.collect::<Vec<_>>(), "and");
        return format!("; {} min after {first} also {roles}", next.after_minutes);
    };
    match since.checked_add(SignedDuration::from_mins(i64::from(next.after_minutes))) {
        Ok(then) if now < then => format!("; from {} also {roles}", clock(then, now)),
        _ => String::new(),
    }
}

/// What happened to the request that anyone who decides has to know.
fn notices(request: &Request, planned: &Planned, now: Timestamp) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(hold) = &request.held {
        let until = clock(approval::expires(request, planned), now);
        all.push(format!(
            "On hold: {} It resumes by itself if that ends before {until}.",
            on_hold(request, hold)
        ));
    }
    if let Some(same) = planned.same_as {
        all.push(format!("{same} asks for exactly the same and was open when this was requested."));
    }
    if let Some((by, what)) = &request.returned {
        all.push(format!("{} requested changes: {}", name(by), whole(what)));
    }
    all.extend(reset(request));
    all
}

/// Why earlier approvals are no longer valid, if some were reset.
pub fn reset(request: &Request) -> Option<String> {
    let why = request.voided.last()?;
    let why = if why.is_empty() { "the plan changed".to_owned() } else { why.join("; ") };
    Some(format!("Approvals were reset: {}.", why.trim_end_matches('.')))
}

/// Reasons to stop, the worst first.
fn reasons(request: &Request, planned: &Planned, now: Timestamp) -> Vec<String> {
    let plan = &planned.plan;
    let (mut all, highlights): (Vec<String>, Vec<String>) =
        plan.highlights.iter().cloned().partition(|highlight| leaves_no_administrator(highlight));
    all.extend(cannot_be_undone(plan));
    let (on_contact, signed_in): (Vec<(bool, String)>, _) =
        request.presence(planned).sentences(now, clock).into_iter().partition(|(urgent, _)| *urgent);
    all.extend(on_contact.into_iter().map(|(_, said)| said));
    if !planned.needs.protected.is_empty() {
        let logins: Vec<&str> = planned.needs.protected.iter().map(String::as_str).collect();
        let verb = if logins.len() == 1 { "is" } else { "are" };
        all.push(format!("{} {verb} protected: two approvals needed.", some(&logins)));
    }
    all.extend(highlights);
    all.extend(signed_in.into_iter().map(|(_, said)| said));
    all.extend(plan.warnings.iter().cloned());
    all
}

fn waiting(mut card: Card, request: &Request, now: Timestamp, room: Room) -> Card {
    let Some(planned) = &request.planned else { return card.text("Checking what would change…") };
    for notice in notices(request, planned, now) {
        card = card.text(sentence(&notice, room.sentence.max(200)));
    }
    card = card.block(needs(request, planned, now));
    let all = reasons(request, planned, now);
    for reason in all.iter().take(room.reasons) {
        card = card.warning(sentence(reason, room.sentence));
    }
    match all.len().saturating_sub(room.reasons) {
        0 => card,
        rest => card.text(format!("and {rest} more in Details")),
    }
}

/// How far it is, in one line.
fn progress(card: Card, request: &Request) -> Card {
    let Some(plan) = request.plan() else { return card };
    let parts = request.parts();
    // A part may be a batch of users, or something else than a user.
    if parts.len() > 1 && parts.len() == plan.about.len() {
        let (mut done, mut failed, mut back) = (0, 0, 0);
        for part in &parts {
            match request.next_move(*part) {
                PartMove::Ended { done: true } => done += 1,
                PartMove::Stuck(..) if request.lacks_only_emails(*part) => done += 1,
                PartMove::Ended { .. } if is_rolled_back(request, *part) => back += 1,
                PartMove::Ended { .. } => failed += 1,
                PartMove::Stuck(..) | PartMove::Step(..) => {}
            }
        }
        let mut what = "users".to_owned();
        for (n, how) in [(failed, "failed"), (back, "rolled back")].into_iter().filter(|(n, _)| *n > 0) {
            what.push_str(&format!(", {n} {how}"));
        }
        return card.block(Block::Progress { done: done + failed + back, total: parts.len(), what });
    }
    let done = request.steps.iter().filter(|state| **state == StepState::Done).count();
    let at = request.steps.iter().position(|state| !matches!(state, StepState::Done | StepState::Undone));
    let going = at.and_then(|at| Some((plan.steps.get(at)?, request.steps.get(at)?)));
    let what = going.map(|(step, state)| match state {
        StepState::Started(direction) | StepState::Failed { direction, .. } => {
            format!("{}{}", step.title, direction.backward())
        }
        StepState::Todo | StepState::Done | StepState::Undone => step.title.clone(),
    });
    let what = what.unwrap_or_default();
    card.block(Block::Progress { done, total: request.steps.len(), what })
}

/// What was done, in one line.
fn duration(card: Card, request: &Request) -> Card {
    let Phase::Finished { at, .. } = &request.phase else { return card };
    let steps = request.steps.len();
    if steps < 2 {
        return card;
    }
    let took = match request.began {
        Some(began) => {
            let seconds = at.as_second().saturating_sub(began.as_second());
            if seconds < 1 { String::new() } else { format!(", {}", crate::basics::text::span(seconds)) }
        }
        None => String::new(),
    };
    let users = request.plan().map_or(0, |plan| plan.about.len());
    let users = if users > 1 { format!("{users} users, ") } else { String::new() };
    card.text(format!("{users}{steps} of {steps} steps{took}."))
}

/// What runs can be stopped; what is held can be resumed or rolled back.
fn running(mut card: Card, request: &Request, now: Timestamp) -> Card {
    if let Some(by) = &request.rolling_back {
        card = card.text(format!("{} is rolling it back.", name(by)));
    } else if is_going_back(request) {
        card = card.text("A step failed, so what was done is being rolled back.");
    }
    let Some(hold) = &request.held else {
        if let Some(until) = request.rests_until() {
            card = card.text(format!(
                "In effect until {}, then {}. To end it sooner, stop it and roll it back.",
                clock(until, now),
                at_the_end(request)
            ));
        }
        return notes(card, request);
    };
    card = card.warning(match hold.by {
        Some(_) => format!("On hold: {}", on_hold(request, hold)),
        None => format!("On hold: {}", hold.problem),
    });
    let until = match hold.by {
        Some(_) => "It stays on hold, even after a restart, until someone resumes it or rolls it back.",
        None => "It resumes by itself as soon as it may.",
    };
    let forward = match request.rolling_back.is_none() && request.rolls_forward() {
        true => " Part of it can't be undone: rolling back completes that part instead.",
        false => "",
    };
    let card = card.text(format!("Calls in progress are finished; nothing new starts. {until}{forward}"));
    unrestored(card, request, now)
}

/// What was set until a time and is not restored then, because the request is on hold, needs attention or was given up.
fn unrestored(card: Card, request: &Request, now: Timestamp) -> Card {
    let mut left = temporary(request);
    left.retain(|one| one.is_stopped);
    let Some(until) = left.iter().map(|one| one.until).min() else { return card };
    let logins: Vec<&str> = left.iter().filter_map(|one| one.restores.login()).collect();
    let (who, time, end) = (some(&logins), clock(until, now), at_the_end(request));
    card.warning(match &request.phase {
        Phase::Finished { .. } => format!("Still in effect for {who}: it was not {end}."),
        Phase::Stuck { .. } => format!("Still in effect for {who}: it was to be {end} at {time}."),
        _ if now < until => {
            format!("Still in effect for {who}, and not {end} at {time} unless the request continues.")
        }
        _ => {
            format!("Still in effect for {who}: it was to be {end} at {time}, but the request is on hold.")
        }
    })
}

/// The file that says how each row of an imported file ended, or each of several users where not all went well.
fn results(card: Card, request: &Request) -> Card {
    let Some(plan) = request.plan() else { return card };
    let of_rows = plan.rows.iter().map(|row| sheet::Outcome {
        row: row.number,
        login: row.login.clone(),
        outcome: row.part.map_or_else(|| row.said.clone(), |part| result(request, part, &row.said)),
    });
    let mut outcomes: Vec<sheet::Outcome> = of_rows.collect();
    if outcomes.is_empty() && !matches!(request.phase, Phase::Finished { outcome: Outcome::Completed, .. }) {
        let of_users = of_users(request).into_iter().enumerate();
        outcomes.extend(of_users.map(|(i, (login, outcome))| sheet::Outcome { row: i + 1, login, outcome }));
    }
    if outcomes.is_empty() {
        return card;
    }
    card.block(Block::File { name: "result.csv".to_owned(), text: sheet::result_file(&outcomes) })
}

fn by_hand(mut card: Card, request: &Request) -> Card {
    let Phase::ByHand { step } = request.phase else { return card };
    if Freeze::of(request).is_some() {
        // What it does is above.
        return card;
    }
    if request.steps.len() > 1 {
        card = progress(card, request);
    }
    let step = request.plan().and_then(|plan| plan.steps.get(step));
    if let Some(Nature::Manual { instruction, link }) = step.map(|step| step.effect.nature()) {
        card = card.text(instruction);
        if let Some(link) = link {
            card = card.text(link);
        }
    }
    card
}

fn stuck(mut card: Card, request: &Request, now: Timestamp) -> Card {
    if let Phase::Stuck { step, problem, direction, .. } = &request.phase {
        let what = request.plan().and_then(|plan| plan.steps.get(*step)).map(|step| step.title.as_str());
        let what = what.map(|title| format!("{title}{}{}: ", instead(request, *step), direction.backward()));
        card = card.warning(format!("{}{problem}", what.unwrap_or_default()));
        if request.is_unknown(*step) && !request.is_email(*step) {
            card = card.text("The outcome is unknown: it may have happened. Look before you decide.");
        }
        let restores = |step: &Step| step.effect.restored().is_some();
        card = card.text(match direction {
            Direction::Forward
                if request.plan().and_then(|plan| plan.steps.get(*step)).is_some_and(restores) =>
            {
                format!("After a retry it is {}.", at_the_end(request))
            }
            _ if request.plan().is_some_and(Plan::only_reads) => "Retry resumes where it stopped.".to_owned(),
            Direction::Forward if request.is_email(*step) => {
                let is_stuck = |part: &u32| matches!(request.next_move(*part), PartMove::Stuck(step, _) if request.is_email(step));
                let only = "Everything before the email is done; only the email needs someone.";
                match request.parts().iter().filter(|part| is_stuck(part)).count().saturating_sub(1) {
                    0 => only.to_owned(),
                    more => format!("{only} The same is true of {}: giving up leaves out all of them.", count(more, "more email")),
                }
            }
            Direction::Forward => {
                "Rolling back from here would do harm, so someone has to decide.".to_owned()
            }
            Direction::Back => {
                "It couldn't be rolled back automatically, so someone has to decide.".to_owned()
            }
        });
    }
    card = results(unrestored(card, request, now), request);
    match request.plan().filter(|_| request.makes_password_known()) {
        Some(plan) => password(card, request, plan, now),
        None => card,
    }
}

fn finished(mut card: Card, request: &Request, now: Timestamp, room: Room) -> Card {
    let Phase::Finished { outcome, .. } = &request.phase else { return card };
    match outcome {
        Outcome::Completed if request.plan().is_some_and(Plan::only_reads) => card = exported(card, request),
        Outcome::Completed => {
            if let Some(plan) = request.plan().filter(|plan| plan.makes_password) {
                card = password(card, request, plan, now);
            }
            card = results(card, request);
        }
        Outcome::RolledBack | Outcome::PartiallyCompleted | Outcome::Abandoned => {
            card = match outcome {
                // What could not be restored is told below.
                Outcome::RolledBack if notes_of(request).next().is_some() => card,
                Outcome::RolledBack => card.text("Nothing is left changed."),
                _ => progress(card, request),
            };
            card = results(unrestored(card, request, now), request);
            for title in unknown(request).take(REASONS) {
                card = card.warning(format!("The outcome is unknown, so look yourself: {title}"));
            }
            for failure in failures(request).take(FAILURES.min(room.reasons)) {
                card = card.warning(sentence(&failure, room.sentence));
            }
            let unsaid = request.failures.len().saturating_sub(FAILURES.min(room.reasons));
            if unsaid > 0 {
                card = card.text(format!("and {} more in Details", count(unsaid, "failure")));
            }
            card = still_to_send(card, request);
            if let Some(plan) = request.plan().filter(|_| request.makes_password_known()) {
                card = password(card, request, plan, now);
            }
        }
        Outcome::Refused => {
            card = card.text("Nothing was changed.");
            if let Some(problem) = &request.refusal {
                card = card.offers(&problem.lines);
            }
        }
        Outcome::Denied | Outcome::Canceled => card = card.text("Nothing was changed."),
        Outcome::Expired => {
            if let Some(why) = reset(request) {
                card = card.text(sentence(&why, room.sentence.max(200)));
            }
            card = card.text(format!("Nothing was changed. To request it again, type {}.", typed(request)));
        }
    }
    if let Some(by) = request.rolling_back.as_ref().filter(|_| *outcome != Outcome::Completed) {
        card = card.text(format!("{} rolled it back.", name(by)));
    }
    untold(notes(card, request), request)
}

/// How the emails that were given up can still be sent.
fn still_to_send(card: Card, request: &Request) -> Card {
    let steps = request.plan().map(|plan| plan.steps.iter().zip(&request.steps)).into_iter().flatten();
    let lacking = steps.filter(|(_, state)| **state != StepState::Done);
    let emails: Vec<&Email> =
        lacking.filter_map(|(step, _)| step.effect.email()).filter(|email| !email.is_notice()).collect();
    let Some(first) = emails.first().filter(|_| request.gave_up_only_emails()) else { return card };
    let line = code(&format!("/connect send {} {}", first.login, first.kind.word()));
    card.text(match emails.len() {
        1 => format!("To send it after all, type {line}. Or tell the user another way."),
        _ => format!("To send them after all, type {line} for each user. Or tell the users another way."),
    })
}

/// The steps of which no one knows whether they happened.
fn unknown(request: &Request) -> impl Iterator<Item = &str> {
    let steps = request.plan().map(|plan| plan.steps.as_slice()).unwrap_or_default();
    let unknown = |(step, _): &(usize, _)| request.is_unknown(*step) && !request.is_email(*step);
    let unknown = steps.iter().enumerate().filter(unknown);
    unknown.map(|(_, step)| step.title.as_str())
}

/// What steps reported that people have to know, such as a status that waits for the end of a contact.
fn notes(mut card: Card, request: &Request) -> Card {
    let all: Vec<&String> = notes_of(request).collect();
    for said in all.iter().take(REASONS) {
        card = card.text(said.as_str());
    }
    match all.len().saturating_sub(REASONS) {
        0 => card,
        rest => card.text(format!("and {rest} more in Details")),
    }
}

fn notes_of(request: &Request) -> impl Iterator<Item = &String> {
    request.facts.iter().filter(|(name, _)| name.starts_with(NOTE)).map(|(_, said)| said)
}

/// Who should have been warned and was not.
fn untold(mut card: Card, request: &Request) -> Card {
    for (email, why) in request.untold().into_iter().take(REASONS) {
        let to = code(&email.to);
        card = card.warning(match why {
            Some(problem) => {
                format!("The notice to the old address {to} could not be delivered. {}", problem.message)
            }
            None if request.emails().contains(&email) => format!(
                "{to} was not told that the address changed, because this desk sends no email. Copy the email and send it."
            ),
            None => format!("{to} was not told that the address changed."),
        });
    }
    card
}

/// What to continue with. A line that is too long for a button is shown, or it is in the details: it is never cut.
fn next(mut card: Card, request: &Request) -> Card {
    if !matches!(&request.phase, Phase::Finished { outcome: Outcome::Completed, .. }) {
        return card;
    }
    for line in request.plan().map(|plan| plan.next.as_slice()).unwrap_or_default() {
        let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || "/-".contains(c));
        let words = line.split(' ').take(3).take_while(is_word).collect::<Vec<_>>().join(" ");
        let length = line.chars().count();
        card = if length <= NEXT_MAX {
            card.says(line, &words, Style::Quiet)
        } else if length <= NEXT_SHOWN_MAX {
            card.text(format!("Next: {}", whole(line)))
        } else {
            card.text(format!("Next: {}. The whole line is in Details.", code(&words)))
        };
    }
    card
}

/// The emails that the desk does not send itself are a click away for the requester.
fn to_copy(card: Card, request: &Request) -> Card {
    if !request.is_finished() {
        return card;
    }
    let (label, what) = match request.emails().len() {
        0 => return card,
        1 => ("Show the email", "1 email is".to_owned()),
        n => ("Show the emails", format!("{n} emails are")),
    };
    card.text(format!("{what} ready for {} to copy and send.", name(&request.by))).says(
        format!("/desk email {}", request.no.0),
        label,
        Style::Yes,
    )
}

/// What was read is sealed; only the requester gets it.
fn exported(card: Card, request: &Request) -> Card {
    let card = match export::vanished(request) {
        0 => card,
        1 => card.text("1 user was removed meanwhile and is left out."),
        n => card.text(format!("{n} users were removed meanwhile and are left out.")),
    };
    let given = export::given(request);
    let folder = given.and_then(|given| Some((&given.file, given.folder.as_ref()?)));
    let card = match folder {
        Some((file, folder)) => card.text(format!("{} was written to {}.", code(file), code(folder))),
        None => card,
    };
    let to = given.into_iter().flat_map(|given| &given.to).map(|to| code(&to.to_string()));
    let who: Vec<String> = std::iter::once(name(&request.by)).chain(to).collect();
    card.text(format!("The file is kept for {} only, for a limited time.", list(&who, "and")))
}

/// The line to type again, which is longer than what is quoted of a person's text elsewhere.
fn typed(request: &Request) -> String {
    format!("`{}`", plain(&request.typed(), 300))
}

fn password(card: Card, request: &Request, plan: &Plan, now: Timestamp) -> Card {
    let login = some(&plan.about.iter().map(|user| user.login.as_str()).collect::<Vec<_>>());
    match request.seen(now) {
        Seen::No => card.text(format!(
            "🔑 The temporary password of {login} is waiting for {}, to be shown once before it expires.",
            name(&request.by)
        )),
        Seen::UnderWay => {
            card.text(format!("The temporary password of {login} is being shown to {}.", name(&request.by)))
        }
        Seen::Maybe { by, at, until } => card.warning(format!(
            "It is unknown whether {} saw the temporary password at {}. It can be shown again until {}.",
            name(&by),
            clock(at, now),
            clock(until, now)
        )),
        Seen::Gone { by, at, known: true } => card.text(format!(
            "The temporary password was shown to {} at {} and deleted.",
            name(&by),
            clock(at, now)
        )),
        Seen::Gone { by, at, known: false } => card.text(format!(
            "It is unknown whether {} saw the temporary password at {}. It was destroyed.",
            name(&by),
            clock(at, now)
        )),
    }
}

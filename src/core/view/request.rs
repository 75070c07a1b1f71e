//! The card of a request: what, to whom, by whom, and what happens once it is approved, in that order.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::details;
use crate::basics::roles;
use crate::basics::text::{code, count, list, plain, some, span, weight, when, whole};
use crate::card::{Block, Card, Mark, Style, Tone};
use crate::formats::sheet;
use crate::log::Outcome;
use crate::plan::Direction;
use crate::plan::effect::{NOTE, UserInStatus};
use crate::plan::{Nature, Plan};
use crate::policy::DETAILS;
use crate::request::Verb;
use crate::request::approval::{self, Outstanding, missing_words};
use crate::request::emergency;
use crate::request::entitled::{ButtonPlace, ButtonText, Situation};
use crate::request::export;
use crate::request::freeze::Freeze;
use crate::request::{PartMove, Phase, Planned, Request, Review, Seen, StepState};

/// The longest list of steps that a card spells out; a longer one is counted.
const STEPS_SHOWN: usize = 15;

/// Failures that a card says in full.
const FAILURES_SHOWN: usize = 5;

/// What steps reported that a card says in full.
const NOTES_SHOWN: usize = 5;

/// Rows, changes and points of one list that a card shows.
const ROWS_SHOWN: usize = 10;

/// Warnings that a card shows, the worst first.
const WARNINGS_SHOWN: usize = 7;

/// How much room a card has for what its plan shows, for warnings, and for what is lost or possible otherwise; see
/// [`crate::basics::text::weight`]. Together with the rest they fit the smallest card of any platform.
const BLOCKS_ROOM: usize = 1_300;
const WARNINGS_ROOM: usize = 800;
const STEPS_ROOM: usize = 800;
const POINTS_ROOM: usize = 400;

/// The room of a whole card on the smallest platform, without the signs between its lines.
const CARD_ROOM: usize = 3_400;

/// The card of a request as it stands at `now`.
pub fn request_card(request: &Request, now: Timestamp) -> Card {
    let mut card = Card::new(tone(request), title(request));
    card.request = Some(request.no);
    if request.is_emergency() && (!request.is_finished() || request.needs_review()) {
        card = card.warning(match request.phase {
            Phase::Asked | Phase::Waiting => emergency::AHEAD.to_owned(),
            _ => emergency::said(&request.by.name),
        });
    }
    for message in doubts(request, now) {
        card = card.warning(message);
    }
    if let Some(plan) = request.plan() {
        card = card.text(&plan.what);
    }
    card = card.block(Block::Facts(people(request, now)));
    let mut is_cut = false;
    if let Some(plan) = request.plan().filter(|_| still_matters(&request.phase)) {
        let (blocks, cut) = shortened(&plan.blocks, BLOCKS_ROOM, request);
        card.blocks.extend(blocks);
        is_cut = cut;
    }
    card = match &request.phase {
        Phase::Asked => card.text("Looking at what would change…"),
        Phase::Waiting => waiting(card, request, now, is_cut),
        Phase::Running => running(card, request, now),
        Phase::ByHand { step } => by_hand(card, request, *step, now),
        Phase::Stuck { .. } => stuck(card, request, now),
        Phase::Finished { .. } => finished(card, request, now),
    };
    if !request.is_finished() {
        card = review(card, request, now);
    }
    if let Some(planned) = &request.planned {
        card = card.footer(format!("plan {} · rule: {}", planned.digest.short(), planned.needs.rule));
    }
    card
}

/// The buttons of the verbs that belong here and that the request takes from someone; none for a verb that no one may use.
fn buttons(mut card: Card, request: &Request, now: Timestamp, place: ButtonPlace) -> Card {
    let situation = Situation::of(request, now.into());
    for row in Verb::ALL.map(Verb::row).into_iter().filter(|row| row.place == place) {
        // Whether a password was seen is known in a minute, and its card is not drawn again for that.
        if place != ButtonPlace::Password && (row.takes)(&situation).is_empty() {
            continue;
        }
        for ButtonText { label, style, how } in (row.buttons)(&situation) {
            card = match how {
                "" => card.action(row.word(), label, style),
                how => card.says(format!("/{} {} {how}", row.path, request.no.0), label, style),
            };
        }
    }
    card
}

/// What was said of an emergency, or the buttons to say it.
fn review(card: Card, request: &Request, now: Timestamp) -> Card {
    if let Some(Review::Given { by, justified, reason, .. }) = &request.review {
        let word = if *justified { "justified" } else { "not justified" };
        return card.text(format!("{} found it {word}: {}.", code(&by.name), whole(reason)));
    }
    buttons(card, request, now, ButtonPlace::Review)
}

/// What may not have been recorded, and has to be said again.
fn doubts(request: &Request, now: Timestamp) -> Vec<String> {
    let mut doubts = Vec::new();
    if request.is_doubtful
        && request.confirmed.is_none()
        && matches!(request.phase, Phase::Asked | Phase::Waiting)
    {
        let who = code(&request.by.name);
        doubts.push(format!(
            "{who} may have been told that this request was not recorded; it needs their confirmation."
        ));
    }
    let open = !request.is_finished() || request.needs_review();
    for word in request.unrecorded.iter().filter(|_| open) {
        let (what, again) = match word.event {
            "confirmed" => ("confirmation", "confirm again"),
            "approved" => ("approval", "approve again"),
            "denied" => ("denial", "deny again"),
            "cancelled" => ("cancellation", "cancel again"),
            "changes_requested" => ("request for changes", "ask again"),
            "caller_verified" | "code_emailed" => ("caller verification", "verify again"),
            "deferred" => ("deferral", "defer again"),
            "held" => ("stop", "stop it again"),
            "resumed" | "retried" | "readdressed" => ("retry", "retry again"),
            "rollback_requested" => ("rollback", "roll it back again"),
            "reviewed" => ("review", "review again"),
            "unsealed" => ("view of the password", "show it again"),
            _ => ("word", "say it again"),
        };
        let (who, at) = (code(&word.by.name), when(word.at, now));
        doubts.push(format!("The {what} by {who} at {at} may not have been recorded; {again}."));
    }
    doubts
}

/// Whether what the plan changes is worth reading: not where nothing of it came about.
fn still_matters(phase: &Phase) -> bool {
    match phase {
        Phase::Finished { outcome, .. } => {
            matches!(outcome, Outcome::Completed | Outcome::PartiallyCompleted)
        }
        _ => true,
    }
}

fn tone(request: &Request) -> Tone {
    match &request.phase {
        Phase::Running if request.held.is_some() => Tone::Alarm,
        Phase::Asked | Phase::Running => Tone::Runs,
        Phase::Waiting | Phase::ByHand { .. } => Tone::Asks,
        Phase::Stuck { .. } => Tone::Alarm,
        Phase::Finished { outcome: Outcome::Completed, .. } => Tone::Good,
        Phase::Finished { .. } => Tone::Bad,
    }
}

/// Which request it is, to whom it does what: "#1 reset `john.doe`".
pub(crate) fn named(request: &Request) -> String {
    let whom: Vec<String> = request.about().iter().map(|login| code(login)).collect();
    let verb = verb_of(&request.command);
    let whom = if whom.len() > 3 { count(whom.len(), "user") } else { list(&whom, "and") };
    let whom = Freeze::scope_of(request).map_or(whom, |scope| scope.to_string());
    format!("{} {verb} {whom}", request.no).trim_end().to_owned()
}

/// What a command does, as it stands before whom it is done to: `reset`, `status set`.
fn verb_of(command: &str) -> &str {
    const UNTIL: &str = "connect until";
    match command.split_once(' ') {
        _ if command == UNTIL => "temporary change of",
        Some((_, verb)) => verb,
        None => command,
    }
}

fn title(request: &Request) -> String {
    let what = named(request);
    let end = match &request.phase {
        Phase::Asked => "is being planned",
        Phase::Waiting | Phase::Running if request.held.is_some() => "is held",
        Phase::Waiting => "waits",
        Phase::Running if request.rolling_back.is_some() => "is being rolled back",
        Phase::Running if going_back(request) => "is being taken back",
        Phase::Running if request.rests_until().is_some() => "is in effect",
        Phase::Running => "is running",
        Phase::ByHand { .. } if Freeze::of(request).is_some() => "holds",
        Phase::ByHand { .. } => "waits for somebody's hands",
        Phase::Stuck { .. } => "is stuck",
        Phase::Finished { outcome, .. } => match outcome {
            Outcome::Completed if Freeze::scope_of(request).is_some() => "was lifted",
            Outcome::Completed => "is done",
            Outcome::RolledBack if request.rolling_back.is_some() => "was rolled back",
            Outcome::PartiallyCompleted if request.rolling_back.is_some() => "was rolled back in part",
            Outcome::RolledBack => "failed and was taken back",
            Outcome::PartiallyCompleted => "is done in part",
            Outcome::Denied => "was denied",
            Outcome::Cancelled => "was cancelled",
            Outcome::Expired => "expired",
            Outcome::Refused => "cannot be done",
            Outcome::Abandoned => "was given up",
        },
    };
    let review =
        if request.is_finished() && request.needs_review() { " and waits for its review" } else { "" };
    format!("{what} {end}{review}")
}

fn going_back(request: &Request) -> bool {
    request.steps.iter().any(|state| matches!(state, StepState::Undone | StepState::Started(Direction::Back)))
}

/// The blocks of a plan in so much room, and whether anything is left out.
fn shortened(blocks: &[Block], room: usize, request: &Request) -> (Vec<Block>, bool) {
    let mut out = Vec::new();
    let (mut room, mut cut) = (room, false);
    for block in blocks {
        let (short, rest) = match block {
            Block::Table { columns, rows } => {
                let (shown, rest) = first(rows, &mut room, |row| row.iter().map(|cell| weight(cell)).sum());
                (Block::Table { columns: columns.clone(), rows: shown }, rest)
            }
            Block::Changes(changes) => {
                let (shown, rest) = first(changes, &mut room, |(what, before, after)| {
                    weight(what) + weight(before) + weight(after)
                });
                (Block::Changes(shown), rest)
            }
            Block::Points(heading, points) => {
                let (shown, rest) = first(points, &mut room, |point| weight(point));
                (Block::Points(heading.clone(), shown), rest)
            }
            Block::Text(text) if weight(text) > room => {
                cut = true;
                let text = plain(text, room / 2);
                room = 0;
                (Block::Text(text), 0)
            }
            other => (other.clone(), 0),
        };
        out.push(short);
        if rest > 0 {
            cut = true;
            out.push(Block::Text(more(rest, request)));
        }
    }
    (out, cut)
}

/// The first of some items, as many as a card shows and there is room for, and how many are left; one always.
fn first<T: Clone>(items: &[T], room: &mut usize, weight: impl Fn(&T) -> usize) -> (Vec<T>, usize) {
    let mut shown = Vec::new();
    for item in items.iter().take(ROWS_SHOWN) {
        let weight = weight(item);
        if weight > *room && !shown.is_empty() {
            break;
        }
        *room = room.saturating_sub(weight);
        shown.push(item.clone());
    }
    let rest = items.len() - shown.len();
    (shown, rest)
}

fn more(rest: usize, request: &Request) -> String {
    format!("… and {rest} more: {}", code(&format!("/{} {}", DETAILS, request.no.0)))
}

/// What to notice before a yes, the worst first, in the room that a card has; and whether anything is left out.
fn noticed(mut card: Card, request: &Request, planned: &Planned, now: Timestamp) -> (Card, bool) {
    let plan = &planned.plan;
    let mut all = Vec::new();
    if let Some(hold) = &request.held {
        let until = when(approval::expires(request, planned), now);
        all.push(format!("Held: {} It continues by itself once it may, until {until}.", hold.problem));
    }
    if let Some(same) = planned.same_as {
        all.push(format!("{same} asks for exactly the same and was open when this was requested."));
    }
    if let Some((by, what)) = &request.returned {
        all.push(format!("{} wants a change first: {}.", code(&by.name), whole(what)));
    }
    if let Some(why) = request.voided.last() {
        let why = if why.is_empty() { "the plan changed".to_owned() } else { why.join("; ") };
        all.push(format!("An earlier yes counts no more: {why}."));
    }
    all.extend(plan.highlights.iter().cloned());
    if !planned.needs.protected.is_empty() {
        let logins: Vec<&str> = planned.needs.protected.iter().map(String::as_str).collect();
        let verb = if logins.len() == 1 { "is" } else { "are" };
        all.push(format!("{} {verb} protected: two approvals.", some(&logins)));
    }
    all.extend(planned.live.sentences(now));
    all.extend(plan.warnings.iter().cloned());
    let mut room = WARNINGS_ROOM;
    let mut shown = 0;
    let mut cut = false;
    for warning in all.iter().take(WARNINGS_SHOWN) {
        if weight(warning) > room && shown > 0 {
            break;
        }
        let said = plain_markup(warning, room.max(200));
        cut |= said != *warning;
        room = room.saturating_sub(weight(warning));
        shown += 1;
        card = card.warning(said);
    }
    if all.len() > shown {
        cut = true;
        card = card.text(more(all.len() - shown, request));
    }
    (card, cut)
}

/// A sentence of the desk's own cut to so many characters, its code spans closed.
fn plain_markup(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max).collect();
    if cut.matches('`').count() % 2 == 1 {
        cut.push('`');
    }
    cut.push('…');
    cut
}

fn waiting(card: Card, request: &Request, now: Timestamp, is_cut: bool) -> Card {
    let Some(planned) = &request.planned else { return card };
    let plan = &planned.plan;
    let (mut card, mut cut) = noticed(card, request, planned, now);
    cut |= is_cut;
    let missing = approval::missing_by_lines(request, planned, now);
    let left = approval::expires(request, planned).as_second() - now.as_second();
    let (waits, needs): (Vec<Outstanding>, Vec<Outstanding>) =
        missing.iter().cloned().partition(Outstanding::is_a_wait);
    let needs = match needs.as_slice() {
        [] => String::new(),
        needs => format!("Needs {} within {}. ", missing_words(needs), span(left.max(0))),
    };
    let expires = when(approval::expires(request, planned), now);
    let waits = match waits.as_slice() {
        [] => String::new(),
        [wait @ Outstanding::ContactEnds(_)] => {
            format!("It is put off {}. ", missing_words(std::slice::from_ref(wait)))
        }
        waits => format!("It is put off {}, and expires at {expires}. ", missing_words(waits)),
    };
    let asks = missing
        .iter()
        .any(|missing| matches!(missing, Outstanding::Confirmation | Outstanding::Approvals(_)));
    let mut comes_with = String::new();
    if planned.needs.retype && missing.iter().any(|missing| matches!(missing, Outstanding::Approvals(_))) {
        let what = if plan.about.len() == 1 { "the login once more" } else { "the number of users" };
        comes_with.push_str(&format!("Whoever approves types {what}. "));
    }
    if planned.needs.second_factor && asks {
        comes_with.push_str("Each yes comes with a code of one's authenticator. ");
    }
    if let Some(next) = &planned.needs.escalate
        && let Ok(then) = planned.at.checked_add(SignedDuration::from_mins(i64::from(next.after_minutes)))
        && now < then
        && missing.iter().any(|missing| matches!(missing, Outstanding::Approvals(_)))
    {
        let who = roles::words(&next.approvers);
        comes_with.push_str(&format!("From {} on {who} may approve as well. ", when(then, now)));
    }
    card = card.text(format!("{needs}{comes_with}{waits}{}", on_yes(plan)));
    card = steps(card, request);
    if !plan.emails.is_empty() && !plan.steps.is_empty() {
        card = card.text(format!("Afterwards the requester gets {} to copy.", emails(plan.emails.len())));
    }
    let mut points = Vec::new();
    if !plan.lost.is_empty() {
        points.push(Block::Points("This does not come back".to_owned(), plan.lost.clone()));
    }
    if !plan.others.is_empty() && request.confirmed.is_none() {
        points.push(Block::Points("Other ways".to_owned(), plan.others.clone()));
    }
    let (points, lost) = shortened(&points, POINTS_ROOM * points.len(), request);
    card.blocks.extend(points);
    cut |= lost || plan.steps.len() > STEPS_SHOWN || steps_weight(plan) > STEPS_ROOM;
    cut |= weight(&card.words()) > CARD_ROOM;
    if cut {
        card = card.block(Block::File { name: details::FILE.to_owned(), text: details::file(plan) });
    }
    let is_all = !cut && details::is_all_on(&card, plan);
    card = buttons(card, request, now, ButtonPlace::Decision);
    if !is_all {
        card = card.says(format!("/{} {}", DETAILS, request.no.0), "Show everything", Style::Quiet);
    }
    buttons(card, request, now, ButtonPlace::End)
}

/// What runs can be stopped; what is held can be resumed or rolled back.
fn running(mut card: Card, request: &Request, now: Timestamp) -> Card {
    card = steps(card, request);
    if let Some(by) = &request.rolling_back {
        card = card.text(format!("{} asked to roll it back.", code(&by.name)));
    }
    let Some(hold) = &request.held else {
        if let Some(until) = request.rests_until() {
            card = card.text(format!(
                "It stays so until {}; then it is put back. To put it back sooner, stop it and roll it back.",
                when(until, now)
            ));
        }
        return buttons(notes(card, request), request, now, ButtonPlace::End);
    };
    card = card.warning(format!("Held: {}", hold.problem));
    let until = match hold.by {
        Some(_) => "It stays held, also over a restart, until someone resumes it or rolls it back.",
        None => "It continues by itself as soon as it may.",
    };
    let forward = match request.rolling_back.is_none() && request.rolls_forward() {
        true => " Some of what was done can't be undone: rolling back finishes it instead.",
        false => "",
    };
    card = card
        .text(format!("Calls that were under way are finished; nothing further begins. {until}{forward}"));
    card = buttons(card, request, now, ButtonPlace::Decision);
    buttons(card, request, now, ButtonPlace::End)
}

/// What happens then, in a sentence.
fn on_yes(plan: &Plan) -> String {
    if plan.only_reads() {
        return "Then they are read; nothing is changed.".to_owned();
    }
    let all = match plan.steps.len() {
        0 => {
            let to = match plan.emails.as_slice() {
                [only] => format!(" to {}", code(&only.to)),
                _ => String::new(),
            };
            return format!(
                "Then the requester gets {}{to} to copy; nothing is changed.",
                emails(plan.emails.len())
            );
        }
        1 => "1 step runs".to_owned(),
        n => format!("{n} steps run"),
    };
    if plan.steps.iter().any(|step| step.effect.freezes().is_some()) {
        return "Then it holds at once, until somebody lifts it.".to_owned();
    }
    if let Some(until) = plan.lasts() {
        return format!("Then it is set, {}, and put back after that.", until.words());
    }
    if plan.steps.iter().all(|step| step.effect.is::<UserInStatus>()) {
        return match plan.steps.len() {
            1 => "Then it is set immediately.".to_owned(),
            n => format!("Then {n} agents are set, each on their own: one that fails stops no other."),
        };
    }
    let users = plan.steps.iter().map(|step| step.part).collect::<BTreeSet<_>>().len();
    let pivot = plan.steps.iter().position(|step| step.pivot);
    let removes = plan.steps.iter().any(|step| step.effect.user_outcome().removed().is_some());
    if users > 1 {
        let back = match pivot {
            Some(_) if removes => "a user that was removed does not come back",
            Some(_) => "a user that stands again stays, and what fails after that waits for a person",
            None => "a failure takes back what was done to that user, and no other",
        };
        return format!("Then {all} at once, for each of {users} users on its own; {back}.");
    }
    let emails =
        plan.steps.iter().filter(|step| step.effect.email().is_some_and(|email| !email.is_notice())).count();
    match pivot {
        Some(pivot) if plan.steps[pivot].effect.user_outcome().is_made() => {
            format!("Then {all} at once; once the user stands again, what fails waits for a person.")
        }
        Some(_) if plan.steps.len() == 1 => format!("Then {all} at once; there is no way back."),
        None if emails == plan.steps.len() => {
            format!("Then {all} at once; an email that has left does not come back.")
        }
        Some(pivot) => format!("Then {all} at once; from step {} on there is no way back.", pivot + 1),
        None if plan.steps.first().is_some_and(|step| step.effect.waits_for_a_person()) => {
            "Then somebody does it by hand.".to_owned()
        }
        None if emails > 0 => {
            format!("Then {all} at once; a failure before the email takes everything back.")
        }
        None => format!("Then {all} at once; a failure takes everything back."),
    }
}

fn steps(card: Card, request: &Request) -> Card {
    let Some(plan) = request.plan() else { return card };
    let marked: Vec<(Mark, String)> = plan
        .steps
        .iter()
        .zip(&request.steps)
        .enumerate()
        .map(|(i, (step, state))| {
            let mark = match state {
                StepState::Todo => Mark::Todo,
                StepState::Started(_) => Mark::Doing,
                StepState::Done => Mark::Done,
                StepState::Failed { .. } => Mark::Failed,
                StepState::Undone => Mark::TakenBack,
            };
            let instead = request
                .readdressed
                .get(&i)
                .map(|(by, to)| format!(" (now to {}, by {})", code(to), code(&by.name)));
            (mark, format!("{}. {}{}", i + 1, step.title, instead.unwrap_or_default()))
        })
        .collect();
    if marked.is_empty() {
        return card;
    }
    if marked.len() <= STEPS_SHOWN && steps_weight(plan) <= STEPS_ROOM {
        return card.block(Block::Steps(marked));
    }
    match request.phase {
        Phase::Waiting => card,
        _ => progress(card, request),
    }
}

fn steps_weight(plan: &Plan) -> usize {
    plan.steps.iter().map(|step| weight(&step.title)).sum()
}

/// How far it is, where there are more steps than a card lists: of several users, how many are through.
fn progress(card: Card, request: &Request) -> Card {
    let parts = request.parts();
    if parts.len() < 2 {
        let done = request.steps.iter().filter(|state| **state == StepState::Done).count();
        return card.block(Block::Progress { done, total: request.steps.len() });
    }
    let ended = |wanted| {
        parts.iter().filter(|part| request.next_move(**part) == PartMove::Ended { done: wanted }).count()
    };
    let (done, back) = (ended(true), ended(false));
    let card = card.block(Block::Progress { done: done + back, total: parts.len() });
    match back {
        0 => card,
        _ => card.text(format!("{} failed; what was done to them was taken back.", count(back, "user"))),
    }
}

/// The file that says how each row of an imported file ended.
fn results(card: Card, request: &Request) -> Card {
    let Some(plan) = request.plan().filter(|plan| !plan.rows.is_empty()) else { return card };
    let outcomes: Vec<sheet::Outcome> = plan
        .rows
        .iter()
        .map(|row| sheet::Outcome {
            row: row.number,
            login: row.login.clone(),
            outcome: row.part.map_or_else(|| row.said.clone(), |part| result(request, part, &row.said)),
        })
        .collect();
    card.block(Block::File { name: "result.csv".to_owned(), text: sheet::result_file(&outcomes) })
}

/// How a part ended, in a few words; `done` is what it is called when it is done, `created` by default.
fn result(request: &Request, part: u32, done: &str) -> String {
    let steps = request.steps_of(part);
    let why = steps.iter().find_map(|step| request.failures.get(&u32::try_from(*step).ok()?));
    let why = why.map(|problem| format!(": {}", problem.message)).unwrap_or_default();
    match request.next_move(part) {
        PartMove::Ended { done: true } if done.is_empty() => "created".to_owned(),
        PartMove::Ended { done: true } => done.to_owned(),
        PartMove::Ended { done: false }
            if steps.iter().any(|step| request.steps.get(*step) == Some(&StepState::Undone)) =>
        {
            format!("taken back{why}")
        }
        PartMove::Ended { done: false } => format!("failed{why}"),
        PartMove::Stuck(..) => format!("stuck{why}"),
        PartMove::Step(..) => "not done".to_owned(),
    }
}

fn by_hand(mut card: Card, request: &Request, step: usize, now: Timestamp) -> Card {
    if let Some(freeze) = Freeze::of(request) {
        card =
            card.text(format!("Nothing that touches {} is changed until somebody lifts this.", freeze.scope));
        return buttons(card, request, now, ButtonPlace::Decision);
    }
    card = steps(card, request);
    let step = request.plan().and_then(|plan| plan.steps.get(step));
    if let Some(Nature::Manual { instruction, link }) = step.map(|step| step.effect.nature()) {
        card = card.text(instruction);
        if let Some(link) = link {
            card = card.text(link);
        }
    }
    card = buttons(card, request, now, ButtonPlace::Decision);
    buttons(card, request, now, ButtonPlace::End)
}

fn stuck(mut card: Card, request: &Request, now: Timestamp) -> Card {
    card = steps(card, request);
    let email = matches!(&request.phase, Phase::Stuck { step, .. } if request.is_email(*step));
    if let Phase::Stuck { problem, direction, .. } = &request.phase {
        card = card.warning(problem.to_string());
        let way = match direction {
            _ if request.plan().is_some_and(Plan::only_reads) => {
                "It goes on where it stopped, once a person says so."
            }
            Direction::Forward if email => {
                "What was done before the email stays done; only the email waits for a person."
            }
            Direction::Forward => "Going back from here would do harm, so it waits for a person.",
            Direction::Back => "It could not be taken back by itself, so it waits for a person.",
        };
        card = card.text(format!("{way} Nothing is forgotten: every step that was done stands in the log."));
    }
    card = results(card, request);
    if let Some(plan) = request.plan().filter(|_| request.makes_password_known()) {
        card = password(card, request, plan, now);
    }
    card = buttons(card, request, now, ButtonPlace::Decision);
    buttons(card, request, now, ButtonPlace::End)
}

/// The longest line that a button says, in characters.
const NEXT_MAX: usize = 80;

fn finished(mut card: Card, request: &Request, now: Timestamp) -> Card {
    let Phase::Finished { outcome, .. } = &request.phase else { return card };
    card = review(card, request, now);
    match outcome {
        Outcome::Completed if request.plan().is_some_and(Plan::only_reads) => card = exported(card, request),
        Outcome::Completed => {
            if !request.steps.is_empty() {
                card = card.text(format!("All of it is done: {}.", count(request.steps.len(), "step")));
            }
            if let Some(plan) = request.plan().filter(|plan| plan.makes_password) {
                card = password(card, request, plan, now);
            }
            if let Some(plan) = request.plan().filter(|plan| !plan.lost.is_empty()) {
                card = card.block(Block::Points("Lost for good".to_owned(), plan.lost.clone()));
            }
            card = next(results(card, request), request);
        }
        Outcome::RolledBack | Outcome::PartiallyCompleted | Outcome::Abandoned => {
            card = results(steps(card, request), request);
            for failure in request.failures.values().take(FAILURES_SHOWN) {
                card = card.warning(failure.to_string());
            }
            let unsaid = request.failures.len().saturating_sub(FAILURES_SHOWN);
            if unsaid > 0 {
                let history = code(&format!("/desk history {}", request.no.0));
                card = card.text(format!("… and {} more: {history}", count(unsaid, "failure")));
            }
            if let Some(plan) = request.plan().filter(|_| request.makes_password_known()) {
                card = password(card, request, plan, now);
            }
        }
        Outcome::Refused => {
            if let Some(problem) = &request.refusal {
                card = card.text(problem.sentences()).details(problem);
            }
            card = card.text("Nothing was changed.");
            if let Some(problem) = &request.refusal {
                card = card.offers(&problem.lines);
            }
        }
        Outcome::Denied => {
            if let Some((_, reason)) = request.denied.as_ref().filter(|(_, reason)| !reason.is_empty()) {
                card = card.text(format!("Reason: {}", whole(reason)));
            }
            card = card.text("Nothing was changed.");
        }
        Outcome::Cancelled => card = card.text("Nothing was changed."),
        Outcome::Expired => {
            card = card.text(format!("Nothing was changed. To ask again, type {}.", typed(request)));
        }
    }
    if let Some(by) = request.rolling_back.as_ref().filter(|_| *outcome != Outcome::Completed) {
        card = card.text(format!("{} asked to roll it back.", code(&by.name)));
    }
    card = notes(card, request);
    card = untold(card, request);
    card = to_copy(card, request);
    if request.could_be_undone() {
        card = card.says(format!("/connect undo {}", request.no.0), "Undo", Style::Quiet);
    }
    card
}

/// What steps reported that people have to know, such as a status that waits for the end of a contact.
fn notes(mut card: Card, request: &Request) -> Card {
    let all: Vec<&String> =
        request.facts.iter().filter(|(name, _)| name.starts_with(NOTE)).map(|(_, said)| said).collect();
    for said in all.iter().take(NOTES_SHOWN) {
        card = card.text(said.as_str());
    }
    match all.len().saturating_sub(NOTES_SHOWN) {
        0 => card,
        rest => card.text(more(rest, request)),
    }
}

/// Who should have been warned and was not.
fn untold(mut card: Card, request: &Request) -> Card {
    for (email, why) in request.untold() {
        let to = code(&email.to);
        card = card.warning(match why {
            Some(problem) => {
                format!("The notice to the old address {to} could not be delivered. {}", problem.message)
            }
            None if request.emails().contains(&email) => format!(
                "{to} was not told that the address changed: this desk sends no email. An approver or a supervisor can copy the \
                 email as well."
            ),
            None => format!("{to} was not told that the address changed."),
        });
    }
    card
}

/// What to go on with in another system. A line that is too long for a button is shown.
fn next(mut card: Card, request: &Request) -> Card {
    for line in request.plan().map(|plan| plan.next.as_slice()).unwrap_or_default() {
        let words: Vec<&str> = line.split(' ').take(2).collect();
        card = match line.chars().count() <= NEXT_MAX {
            true => card.says(line, &words.join(" "), Style::Quiet),
            false => card.text(format!("Next: {}", code(line))),
        };
    }
    card
}

/// The emails that the desk does not send itself are a click away for whoever asked.
fn to_copy(card: Card, request: &Request) -> Card {
    let (label, what) = match request.emails().len() {
        0 => return card,
        1 => ("Show the email", "1 email is".to_owned()),
        n => ("Show the emails", format!("{n} emails are")),
    };
    card.text(format!("{what} ready for {}, to copy and send.", code(&request.by.name))).says(
        format!("/desk email {}", request.no.0),
        label,
        Style::Yes,
    )
}

fn emails(n: usize) -> String {
    if n == 1 { "an email".to_owned() } else { format!("{n} emails") }
}

/// What was read lies sealed; only who asked gets it.
fn exported(card: Card, request: &Request) -> Card {
    let gone = export::vanished(request);
    let card = match gone {
        0 => card,
        n => card.text(format!(
            "{} vanished meanwhile and {} left out.",
            count(n, "user"),
            if n == 1 { "is" } else { "are" }
        )),
    };
    let who = code(&request.by.name);
    let given = export::given(request);
    let folder = given.and_then(|given| Some((&given.file, given.folder.as_ref()?)));
    let card = match folder {
        Some((file, folder)) => card.text(format!("{} was written to {}.", code(file), code(folder))),
        None => card,
    };
    let to: Vec<String> =
        given.into_iter().flat_map(|given| &given.to).map(|to| code(&to.to_string())).collect();
    let sealed = match to.as_slice() {
        [] => format!("The file is kept sealed for a while, for {who} and nobody else."),
        to => format!("The file is kept sealed for a while, for {who}, {} and no one else.", list(to, "and")),
    };
    card.text(sealed).action("file", "Get the file", Style::Yes)
}

/// The line to type again, which is longer than what is quoted of a person's text elsewhere.
fn typed(request: &Request) -> String {
    format!("`{}`", plain(&request.typed(), 300))
}

fn password(card: Card, request: &Request, plan: &Plan, now: Timestamp) -> Card {
    let login = list(&plan.logins().iter().map(|login| code(login)).collect::<Vec<_>>(), "and");
    let show = |card: Card| buttons(card, request, now, ButtonPlace::Password);
    match request.seen(now) {
        Seen::No => show(card.text(format!(
            "A temporary password for {login} is sealed for {}, who can see it once.",
            code(&request.by.name)
        ))),
        Seen::UnderWay => show(card.text(format!(
            "The temporary password for {login} is being shown to {}.",
            code(&request.by.name)
        ))),
        Seen::Maybe { by, at, until } => show(card.warning(format!(
            "It is unknown whether {} saw the temporary password at {}. It can be shown again until {}.",
            code(&by.name),
            when(at, now),
            when(until, now)
        ))),
        Seen::Gone { by, at, known: true } => card.text(format!(
            "The temporary password was shown to {} at {} and is gone.",
            code(&by.name),
            when(at, now)
        )),
        Seen::Gone { by, at, known: false } => card.text(format!(
            "It is unknown whether {} saw the temporary password at {}. It is gone.",
            code(&by.name),
            when(at, now)
        )),
    }
}

fn people(request: &Request, now: Timestamp) -> Vec<(String, String)> {
    let mut facts =
        vec![("Asked by".to_owned(), format!("{} at {}", code(&request.by.name), when(request.asked, now)))];
    if let Some(reason) = request.args.text("reason") {
        facts.push(("Reason".to_owned(), whole(reason)));
    }
    if let Some(approval) = &request.confirmed {
        facts.push(("Confirmed".to_owned(), when(approval.at, now)));
    }
    if let Some((by, how, note)) = &request.caller {
        let note = if note.is_empty() { String::new() } else { format!(": {}", whole(note)) };
        facts.push((
            "Caller".to_owned(),
            format!("verified by {}, says {}{note}", how.said(), code(&by.name)),
        ));
    }
    for approval in &request.approvals {
        let roles = roles::words(&approval.roles).replace(" or ", " and ");
        let comment = match approval.comment.as_str() {
            "" => String::new(),
            comment => format!(": {}", code(comment)),
        };
        facts.push((
            "Approved by".to_owned(),
            format!("{} ({roles}) at {}{comment}", code(&approval.by.name), when(approval.at, now)),
        ));
    }
    if let Some((by, _)) = &request.denied {
        facts.push(("Denied by".to_owned(), code(&by.name)));
    }
    if let Phase::Finished { at, outcome, by } = &request.phase {
        let who = by.as_ref().map(|by| format!(" by {}", code(&by.name))).unwrap_or_default();
        let word = match outcome {
            Outcome::Cancelled | Outcome::Abandoned => format!("{}{who}", when(*at, now)),
            _ => when(*at, now),
        };
        facts.push(("Ended".to_owned(), word));
    }
    facts
}

/// Where a request stands, in a sentence for somebody whose click came too late or too early.
pub fn standing(request: &Request, now: Timestamp) -> String {
    let no = request.no;
    match &request.phase {
        Phase::Asked => format!("{no} is being planned."),
        Phase::Waiting | Phase::Running if request.held.is_some() => match &request.held {
            Some(hold) => format!("{no} is held. {}", hold.problem.message),
            None => format!("{no} is held."),
        },
        Phase::Waiting => match &request.planned {
            Some(planned) => {
                let (waits, needs): (Vec<_>, Vec<_>) = approval::missing_by_lines(request, planned, now)
                    .into_iter()
                    .partition(Outstanding::is_a_wait);
                match (needs.as_slice(), waits.as_slice()) {
                    ([], []) => format!("{no} has every yes and is about to run."),
                    ([], waits) => format!("{no} is put off {}.", missing_words(waits)),
                    (needs, _) => format!("{no} still needs {}.", missing_words(needs)),
                }
            }
            None => format!("{no} waits."),
        },
        Phase::Running => format!("{no} is being carried out."),
        Phase::ByHand { .. } if Freeze::of(request).is_some() => {
            format!("{no} is a freeze that holds until somebody lifts it.")
        }
        Phase::ByHand { .. } => format!("{no} waits until somebody has done its step by hand."),
        Phase::Stuck { .. } => format!("{no} is stuck: a person has to look."),
        Phase::Finished { .. } if request.needs_review() => {
            format!("{no} was an emergency and waits for its review by a supervisor.")
        }
        Phase::Finished { outcome, at, by } => {
            let at = crate::basics::text::moment(*at);
            match (outcome, by, &request.denied) {
                (Outcome::Denied, _, Some((by, _))) => format!("{} denied {no} at {at}.", code(&by.name)),
                (Outcome::Cancelled, Some(by), _) => format!("{} cancelled {no} at {at}.", code(&by.name)),
                (Outcome::Abandoned, Some(by), _) => format!("{} gave {no} up at {at}.", code(&by.name)),
                (Outcome::Expired, ..) => format!("{no} expired at {at}."),
                (Outcome::Refused, ..) => format!("{no} could not be done; nothing was changed."),
                (Outcome::RolledBack | Outcome::PartiallyCompleted, ..) if request.rolling_back.is_some() => {
                    format!("{no} was rolled back at {at}.")
                }
                (Outcome::RolledBack, ..) => format!("{no} failed at {at} and was taken back."),
                (Outcome::PartiallyCompleted, ..) => {
                    format!("{no} was done in part at {at}; the rest was taken back.")
                }
                _ => {
                    let names: Vec<String> =
                        request.approvals.iter().map(|approval| code(&approval.by.name)).collect();
                    if names.is_empty() {
                        format!("{no} was done at {at}.")
                    } else {
                        format!("{no} was approved by {} and done at {at}.", list(&names, "and"))
                    }
                }
            }
        }
    }
}

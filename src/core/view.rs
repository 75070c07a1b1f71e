//! The card of a request: what, to whom, by whom, and what happens on Yes, in that order.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::approval::{self, Missing, missing_words};
use crate::card::{Block, Card, Mark, Style, Tone};
use crate::emergency;
use crate::export;
use crate::freeze::Freeze;
use crate::log::{Direction, Outcome};
use crate::plan::{Effect, Plan};
use crate::request::{PartMove, Phase, Planned, Request, Review, Seen, StepState};
use crate::roles::{self, Role};
use crate::sheet;
use crate::text::{clock_time, code, count, list, plain, span};

/// The longest list of steps that a card spells out; a longer one is counted.
const STEPS_SHOWN: usize = 15;

/// Failures that a card says in full.
const FAILURES_SHOWN: usize = 5;

/// The card of a request as it stands at `now`.
pub fn request_card(request: &Request, now: Timestamp) -> Card {
    let mut card = Card::new(tone(request), title(request));
    card.request = Some(request.no);
    if request.is_emergency() && (!request.is_finished() || request.review == Some(Review::Due)) {
        card = card.warning(match request.phase {
            Phase::Asked | Phase::Waiting => emergency::AHEAD.to_owned(),
            _ => emergency::said(&request.by.name),
        });
    }
    for says in doubts(request) {
        card = card.warning(says);
    }
    if let Some(plan) = request.plan() {
        card = card.text(&plan.what);
    }
    card = card.block(Block::Facts(people(request)));
    if let Some(plan) = request.plan().filter(|_| still_matters(&request.phase)) {
        card.blocks.extend(plan.blocks.iter().cloned());
    }
    card = match &request.phase {
        Phase::Asked => card.text("Looking at what would change…"),
        Phase::Waiting => waiting(card, request, now),
        Phase::Running => steps(card, request),
        Phase::ByHand { step } => by_hand(card, request, *step),
        Phase::Stuck { .. } => stuck(card, request, now),
        Phase::Finished { .. } => finished(card, request, now),
    };
    if let Some(planned) = &request.planned {
        card = card.footer(format!("plan {} · rule: {}", planned.digest.short(), planned.needs.rule));
    }
    card
}

/// What may not have been recorded, and has to be said again.
fn doubts(request: &Request) -> Vec<String> {
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
    let open = !request.is_finished() || request.review == Some(Review::Due);
    for word in request.unrecorded.iter().filter(|_| open) {
        let (what, again) = match word.event {
            "confirmed" => ("confirmation", "confirm again"),
            "approved" => ("approval", "approve again"),
            "denied" => ("denial", "deny again"),
            "cancelled" => ("cancellation", "cancel again"),
            "returned" => ("request for changes", "ask again"),
            "caller_verified" | "code_mailed" => ("caller verification", "verify again"),
            "deferred" => ("deferral", "defer again"),
            "retried" => ("retry", "retry again"),
            "reviewed" => ("review", "review again"),
            _ => ("word", "say it again"),
        };
        let (who, when) = (code(&word.by.name), clock_time(word.at));
        doubts.push(format!("The {what} by {who} at {when} may not have been recorded; {again}."));
    }
    doubts
}

/// Whether what the plan changes is worth reading: not where nothing of it came about.
fn still_matters(phase: &Phase) -> bool {
    match phase {
        Phase::Finished { outcome, .. } => matches!(outcome, Outcome::Done | Outcome::Partly),
        _ => true,
    }
}

fn tone(request: &Request) -> Tone {
    match &request.phase {
        Phase::Asked | Phase::Running => Tone::Runs,
        Phase::Waiting | Phase::ByHand { .. } => Tone::Asks,
        Phase::Stuck { .. } => Tone::Alarm,
        Phase::Finished { outcome: Outcome::Done, .. } => Tone::Good,
        Phase::Finished { .. } => Tone::Bad,
    }
}

/// Which request it is, to whom it does what: "#1 reset `john.doe`".
pub(crate) fn named(request: &Request) -> String {
    let whom: Vec<String> = request.about().iter().map(|login| code(login)).collect();
    let verb = request.command.rsplit(' ').next().unwrap_or_default();
    let whom = if whom.len() > 3 { count(whom.len(), "user") } else { list(&whom, "and") };
    let whom = Freeze::scope_of(request).map_or(whom, |scope| scope.to_string());
    format!("{} {verb} {whom}", request.no).trim_end().to_owned()
}

fn title(request: &Request) -> String {
    let what = named(request);
    let end = match &request.phase {
        Phase::Asked => "is being planned",
        Phase::Waiting => "waits",
        Phase::Running if going_back(request) => "is being taken back",
        Phase::Running => "is running",
        Phase::ByHand { .. } if Freeze::of(request).is_some() => "holds",
        Phase::ByHand { .. } => "waits for somebody's hands",
        Phase::Finished { .. } if request.review == Some(Review::Due) => "is done and waits for its review",
        Phase::Stuck { .. } => "is stuck",
        Phase::Finished { outcome, .. } => match outcome {
            Outcome::Done if Freeze::scope_of(request).is_some() => "was lifted",
            Outcome::Done => "is done",
            Outcome::TakenBack => "failed and was taken back",
            Outcome::Partly => "is done in part",
            Outcome::Denied => "was denied",
            Outcome::Cancelled => "was cancelled",
            Outcome::Expired => "expired",
            Outcome::Refused => "cannot be done",
            Outcome::GivenUp => "was given up",
        },
    };
    format!("{what} {end}")
}

fn going_back(request: &Request) -> bool {
    request.steps.iter().any(|state| matches!(state, StepState::Undone | StepState::Started(Direction::Back)))
}

fn waiting(mut card: Card, request: &Request, now: Timestamp) -> Card {
    let Some(planned) = &request.planned else { return card };
    let plan = &planned.plan;
    if let Some((by, what)) = &request.returned {
        card = card.warning(format!("{} wants a change first: {}.", code(&by.name), code(what)));
    }
    if let Some(why) = request.voided.last() {
        let why = if why.is_empty() { "the plan changed".to_owned() } else { why.join("; ") };
        card = card.warning(format!("An earlier yes counts no more: {why}."));
    }
    for warning in planned.live.sentences().iter().chain(&plan.warnings) {
        card = card.warning(warning);
    }
    if !planned.needs.protected.is_empty() {
        let logins: Vec<String> = planned.needs.protected.iter().map(|login| code(login)).collect();
        let verb = if logins.len() == 1 { "is" } else { "are" };
        card = card.warning(format!("{} {verb} protected: two approvals.", list(&logins, "and")));
    }
    let missing = missing(request, planned, now);
    let left = approval::expires(request, planned).as_second() - now.as_second();
    let (waits, needs): (Vec<Missing>, Vec<Missing>) = missing.iter().cloned().partition(Missing::is_a_wait);
    let needs = match needs.as_slice() {
        [] => String::new(),
        needs => format!("Needs {} within {}. ", missing_words(needs), span(left.max(0))),
    };
    let waits = match waits.as_slice() {
        [] => String::new(),
        waits => format!("It is put off {}. ", missing_words(waits)),
    };
    let asks = missing.iter().any(|missing| matches!(missing, Missing::Confirmation | Missing::Approvals(_)));
    let mut comes_with = String::new();
    if planned.needs.retype && missing.iter().any(|missing| matches!(missing, Missing::Approvals(_))) {
        let what = if plan.about.len() == 1 { "the login once more" } else { "the number of users" };
        comes_with.push_str(&format!("Whoever approves types {what}. "));
    }
    if planned.needs.second_factor && asks {
        comes_with.push_str("Each yes comes with a code of one's authenticator. ");
    }
    if let Some(next) = &planned.needs.escalate
        && let Ok(then) = planned.at.checked_add(SignedDuration::from_mins(i64::from(next.after_minutes)))
        && now < then
        && missing.iter().any(|missing| matches!(missing, Missing::Approvals(_)))
    {
        let who = roles::words(&next.approvers);
        comes_with.push_str(&format!("From {} on {who} may approve as well. ", clock_time(then)));
    }
    card = card.text(format!("{needs}{comes_with}{waits}{}", on_yes(plan)));
    card = steps(card, request);
    if !plan.letters.is_empty() && !plan.steps.is_empty() {
        card = card.text(format!("Afterwards the requester gets {} to copy.", letters(plan.letters.len())));
    }
    if !plan.lost.is_empty() {
        card = card.block(Block::Points("This does not come back".to_owned(), plan.lost.clone()));
    }
    if !plan.others.is_empty() && request.confirmed.is_none() {
        card = card.block(Block::Points("Other ways".to_owned(), plan.others.clone()));
    }
    if missing.contains(&Missing::Caller) {
        card = card.action("verify", "Caller verified", Style::Quiet);
    }
    if missing.contains(&Missing::Confirmation) {
        card = card.action("confirm", "Confirm", Style::Yes);
    }
    if missing.iter().any(|missing| matches!(missing, Missing::Approvals(_))) {
        card = card.action("approve", "Approve", Style::Yes).action("deny", "Deny", Style::No).action(
            "revise",
            "Ask for a change",
            Style::Quiet,
        );
    }
    if planned.live.on_contact > 0 && request.deferred.is_none() {
        let line = format!("/desk defer {} contact", request.no.0);
        card = card.says(line, "When the contact ends", Style::Quiet);
    }
    if planned.live.signed_in > 0 && request.deferred.is_none() {
        card = card.action("defer", "At a time", Style::Quiet);
    }
    card.action("cancel", "Cancel", Style::Quiet)
}

/// What happens then, in a sentence.
fn on_yes(plan: &Plan) -> String {
    if plan.only_reads() {
        return "Then they are read; nothing is changed.".to_owned();
    }
    let all = match plan.steps.len() {
        0 => {
            let to = match plan.letters.as_slice() {
                [only] => format!(" to {}", code(&only.to)),
                _ => String::new(),
            };
            return format!(
                "Then the requester gets {}{to} to copy; nothing is changed.",
                letters(plan.letters.len())
            );
        }
        1 => "1 step runs".to_owned(),
        n => format!("{n} steps run"),
    };
    if plan.steps.iter().any(|step| matches!(step.effect, Effect::Frozen { .. })) {
        return "Then it holds at once, until somebody lifts it.".to_owned();
    }
    let users = plan.steps.iter().map(|step| step.part).collect::<BTreeSet<_>>().len();
    let pivot = plan.steps.iter().position(|step| step.pivot);
    let removes = plan.steps.iter().any(|step| matches!(step.effect, Effect::UserAbsent { .. }));
    if users > 1 {
        let back = match pivot {
            Some(_) if removes => "a user that was removed does not come back",
            Some(_) => "a user that stands again stays, and what fails after that waits for a person",
            None => "a failure takes back what was done to that user, and no other",
        };
        return format!("Then {all} at once, for each of {users} users on its own; {back}.");
    }
    let letters = plan.steps.iter().filter(|step| matches!(step.effect, Effect::LetterSent(_))).count();
    match pivot {
        Some(pivot) if matches!(plan.steps[pivot].effect, Effect::UserPresent { .. }) => {
            format!("Then {all} at once; once the user stands again, what fails waits for a person.")
        }
        Some(_) if plan.steps.len() == 1 => format!("Then {all} at once; there is no way back."),
        None if letters == plan.steps.len() => {
            format!("Then {all} at once; a letter that has left does not come back.")
        }
        Some(pivot) => format!("Then {all} at once; from step {} on there is no way back.", pivot + 1),
        None if matches!(plan.steps.first().map(|step| &step.effect), Some(Effect::DoneByHand { .. })) => {
            "Then somebody does it by hand.".to_owned()
        }
        None if letters > 0 => {
            format!("Then {all} at once; a failure before the letter takes everything back.")
        }
        None => format!("Then {all} at once; a failure takes everything back."),
    }
}

/// What the card says is missing. Who may really count is weighed again when it runs.
pub(crate) fn missing(request: &Request, planned: &Planned, now: Timestamp) -> Vec<Missing> {
    let given: Vec<BTreeSet<Role>> =
        request.approvals.iter().map(|yes| yes.roles.iter().copied().collect()).collect();
    approval::missing(request, planned, &given.iter().collect::<Vec<_>>(), now)
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
            (mark, format!("{}. {}", i + 1, step.title))
        })
        .collect();
    if marked.is_empty() {
        return card;
    }
    if marked.len() <= STEPS_SHOWN {
        return card.block(Block::Steps(marked));
    }
    match request.phase {
        Phase::Waiting => card,
        _ => progress(card, request),
    }
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
            outcome: row.part.map_or_else(|| row.said.clone(), |part| result(request, part)),
        })
        .collect();
    card.block(Block::File { name: "result.csv".to_owned(), text: sheet::result_file(&outcomes) })
}

/// How a part ended, in a few words.
fn result(request: &Request, part: u32) -> String {
    let steps = request.steps_of(part);
    let why = steps.iter().find_map(|step| request.failures.get(&u32::try_from(*step).ok()?));
    let why = why.map(|problem| format!(": {}", problem.says)).unwrap_or_default();
    match request.next_move(part) {
        PartMove::Ended { done: true } => "created".to_owned(),
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

fn by_hand(mut card: Card, request: &Request, step: usize) -> Card {
    if let Some(freeze) = Freeze::of(request) {
        card =
            card.text(format!("Nothing that touches {} is changed until somebody lifts this.", freeze.scope));
        return card.action("unfreeze", "Lift it", Style::Yes);
    }
    card = steps(card, request);
    let step = request.plan().and_then(|plan| plan.steps.get(step));
    if let Some(Effect::DoneByHand { instruction, link }) = step.map(|step| &step.effect) {
        card = card.text(instruction);
        if let Some(link) = link {
            card = card.text(link);
        }
    }
    card.action("done", "Done", Style::Yes)
}

fn stuck(mut card: Card, request: &Request, now: Timestamp) -> Card {
    card = steps(card, request);
    let letter = matches!(&request.phase, Phase::Stuck { step, .. } if request.is_letter(*step));
    if let Phase::Stuck { problem, direction, .. } = &request.phase {
        card = card.warning(problem.to_string());
        let way = match direction {
            _ if request.plan().is_some_and(Plan::only_reads) => {
                "It goes on where it stopped, once a person says so."
            }
            Direction::Forward if letter => {
                "What was done before the letter stays done; only the letter waits for a person."
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
    if letter {
        card = card.action("done", "It arrived", Style::Yes);
        return card.action("retry", "Send it once more", Style::Quiet).action(
            "cancel",
            "Give up",
            Style::No,
        );
    }
    card.action("retry", "Try again", Style::Yes).action("cancel", "Give up", Style::No)
}

fn finished(mut card: Card, request: &Request, now: Timestamp) -> Card {
    let Phase::Finished { outcome, .. } = &request.phase else { return card };
    card = match &request.review {
        None => card,
        Some(Review::Due) => card.action("justified", "Justified", Style::Yes).action(
            "unjustified",
            "Not justified",
            Style::No,
        ),
        Some(Review::Said { by, justified, reason, .. }) => {
            let word = if *justified { "justified" } else { "not justified" };
            card.text(format!("{} found it {word}: {}.", code(&by.name), code(reason)))
        }
    };
    match outcome {
        Outcome::Done if request.plan().is_some_and(Plan::only_reads) => card = exported(card, request),
        Outcome::Done => {
            if !request.steps.is_empty() {
                card = card.text(format!("All of it is done: {}.", count(request.steps.len(), "step")));
            }
            if let Some(plan) = request.plan().filter(|plan| plan.makes_password) {
                card = password(card, request, plan, now);
            }
            if let Some(plan) = request.plan().filter(|plan| !plan.lost.is_empty()) {
                card = card.block(Block::Points("Lost for good".to_owned(), plan.lost.clone()));
            }
            card = results(card, request);
        }
        Outcome::TakenBack | Outcome::Partly | Outcome::GivenUp => {
            card = results(steps(card, request), request);
            for failure in request.failures.values().take(FAILURES_SHOWN) {
                card = card.warning(failure.to_string());
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
                card = card.text(format!("Reason: {}", code(reason)));
            }
            card = card.text("Nothing was changed.");
        }
        Outcome::Cancelled => card = card.text("Nothing was changed."),
        Outcome::Expired => {
            card = card.text(format!("Nothing was changed. To ask again, type {}.", typed(request)));
        }
    }
    card = to_copy(card, request);
    if request.could_be_undone() {
        card = card.says(format!("/connect undo {}", request.no.0), "Undo", Style::Quiet);
    }
    card
}

/// The letters that the desk does not send itself are a click away for whoever asked.
fn to_copy(card: Card, request: &Request) -> Card {
    let (label, what) = match request.letters().len() {
        0 => return card,
        1 => ("Show the letter", "1 letter is".to_owned()),
        n => ("Show the letters", format!("{n} letters are")),
    };
    card.text(format!("{what} ready for {}, to copy and send.", code(&request.by.name))).says(
        format!("/desk letter {}", request.no.0),
        label,
        Style::Yes,
    )
}

fn letters(n: usize) -> String {
    if n == 1 { "a letter".to_owned() } else { format!("{n} letters") }
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
    card.text(format!("The file is kept sealed for a while, for {who} and nobody else.")).action(
        "file",
        "Get the file",
        Style::Yes,
    )
}

/// The line to type again, which is longer than what is quoted of a person's text elsewhere.
fn typed(request: &Request) -> String {
    format!("`{}`", plain(&request.typed(), 300))
}

fn password(card: Card, request: &Request, plan: &Plan, now: Timestamp) -> Card {
    let login = list(&plan.logins().iter().map(|login| code(login)).collect::<Vec<_>>(), "and");
    let show = |card: Card| card.action("reveal", "Show the password", Style::Yes);
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
            clock_time(at),
            clock_time(until)
        ))),
        Seen::Gone { by, at, known: true } => card.text(format!(
            "The temporary password was shown to {} at {} and is gone.",
            code(&by.name),
            clock_time(at)
        )),
        Seen::Gone { by, at, known: false } => card.text(format!(
            "It is unknown whether {} saw the temporary password at {}. It is gone.",
            code(&by.name),
            clock_time(at)
        )),
    }
}

fn people(request: &Request) -> Vec<(String, String)> {
    let mut facts =
        vec![("Asked by".to_owned(), format!("{} at {}", code(&request.by.name), clock_time(request.asked)))];
    if let Some(reason) = request.args.text("reason") {
        facts.push(("Reason".to_owned(), code(reason)));
    }
    if let Some(yes) = &request.confirmed {
        facts.push(("Confirmed".to_owned(), clock_time(yes.at)));
    }
    if let Some((by, how, note)) = &request.caller {
        let note = if note.is_empty() { String::new() } else { format!(": {}", code(note)) };
        facts.push((
            "Caller".to_owned(),
            format!("verified by {}, says {}{note}", how.said(), code(&by.name)),
        ));
    }
    for yes in &request.approvals {
        let roles = roles::words(&yes.roles).replace(" or ", " and ");
        let comment = match yes.comment.as_str() {
            "" => String::new(),
            comment => format!(": {}", code(comment)),
        };
        facts.push((
            "Approved by".to_owned(),
            format!("{} ({roles}) at {}{comment}", code(&yes.by.name), clock_time(yes.at)),
        ));
    }
    if let Some((by, _)) = &request.denied {
        facts.push(("Denied by".to_owned(), code(&by.name)));
    }
    if let Phase::Finished { at, outcome, by } = &request.phase {
        let who = by.as_ref().map(|by| format!(" by {}", code(&by.name))).unwrap_or_default();
        let word = match outcome {
            Outcome::Cancelled | Outcome::GivenUp => format!("{}{who}", clock_time(*at)),
            _ => clock_time(*at),
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
        Phase::Waiting => match &request.planned {
            Some(planned) => {
                let (waits, needs): (Vec<_>, Vec<_>) =
                    missing(request, planned, now).into_iter().partition(Missing::is_a_wait);
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
        Phase::Finished { .. } if request.review == Some(Review::Due) => {
            format!("{no} was an emergency and waits for its review by a supervisor.")
        }
        Phase::Finished { outcome, at, by } => {
            let at = crate::text::moment(*at);
            match (outcome, by, &request.denied) {
                (Outcome::Denied, _, Some((by, _))) => format!("{} denied {no} at {at}.", code(&by.name)),
                (Outcome::Cancelled, Some(by), _) => format!("{} cancelled {no} at {at}.", code(&by.name)),
                (Outcome::GivenUp, Some(by), _) => format!("{} gave {no} up at {at}.", code(&by.name)),
                (Outcome::Expired, ..) => format!("{no} expired at {at}."),
                (Outcome::Refused, ..) => format!("{no} could not be done; nothing was changed."),
                (Outcome::TakenBack, ..) => format!("{no} failed at {at} and was taken back."),
                (Outcome::Partly, ..) => format!("{no} was done in part at {at}; the rest was taken back."),
                _ => {
                    let names: Vec<String> = request.approvals.iter().map(|yes| code(&yes.by.name)).collect();
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

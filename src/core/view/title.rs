//! What a card is called: verb, object and state, such as "Reset `mei.chen` · needs approval".

use jiff::Timestamp;

use crate::basics::span::person;
use crate::basics::text::{code, plain};
use crate::card::Tone;
use crate::log::Outcome;
use crate::plan::Direction;
use crate::request::approval::{self, Outstanding};
use crate::request::freeze::Freeze;
use crate::request::{Phase, Request, StepState};

/// What a title has of a line that was typed, in characters.
const TYPED_MAX: usize = 60;

pub(super) fn title(request: &Request, now: Timestamp) -> String {
    let review = match request.is_finished() && request.needs_review() {
        true => ", needs review",
        false => "",
    };
    format!("{} · {}{review}", subject(request), state(request, now))
}

/// Which request it is, and what it does to whom: "#1 Reset `john.doe`".
pub(crate) fn named(request: &Request) -> String {
    format!("{} {}", request.no, subject(request))
}

/// What it does to whom: "Reset `john.doe`", "Edit 10 users", "Disable queue `Help Desk`"; or else what was typed.
pub fn subject(request: &Request) -> String {
    let planned = request.plan().map(|plan| &plan.subject);
    match planned.into_iter().chain([&request.subject]).find(|subject| !subject.is_empty()) {
        Some(subject) => subject.clone(),
        None => code(&plain(&request.typed(), TYPED_MAX)),
    }
}

/// How a request is, in the words that end a title.
pub fn state(request: &Request, now: Timestamp) -> &'static str {
    match &request.phase {
        Phase::Asked => "planning",
        Phase::Waiting | Phase::Running if request.held.is_some() => "on hold",
        Phase::Waiting => waiting(request, now),
        Phase::Running if is_rolling_back(request) => "rolling back",
        Phase::Running if request.rests_until().is_some() => "in effect",
        Phase::Running => "running",
        Phase::ByHand { .. } if Freeze::of(request).is_some() => "in effect",
        Phase::ByHand { .. } => "needs a manual step",
        Phase::Stuck { .. } => "needs attention",
        Phase::Finished { outcome, .. } => match outcome {
            Outcome::Completed if Freeze::scope_of(request).is_some() => "lifted",
            Outcome::PartiallyCompleted if request.rolling_back.is_some() => "partially rolled back",
            Outcome::Abandoned if request.gave_up_only_emails() => "completed, email given up",
            outcome => outcome.said(),
        },
    }
}

fn waiting(request: &Request, now: Timestamp) -> &'static str {
    let Some(planned) = &request.planned else { return "planning" };
    let missing = approval::missing_by_lines(request, planned, now);
    let is = |test: fn(&Outstanding) -> bool| missing.iter().any(test);
    if is(|missing| matches!(missing, Outstanding::Confirmation)) {
        "needs confirmation"
    } else if is(|missing| matches!(missing, Outstanding::Caller)) {
        "needs caller verification"
    } else if is(|missing| matches!(missing, Outstanding::Approvals(_))) {
        "needs approval"
    } else if is(Outstanding::is_a_wait) {
        "scheduled"
    } else {
        "starting"
    }
}

pub(super) fn is_rolling_back(request: &Request) -> bool {
    request.rolling_back.is_some() || is_going_back(request)
}

pub(super) fn is_going_back(request: &Request) -> bool {
    request.steps.iter().any(|state| matches!(state, StepState::Undone | StepState::Started(Direction::Back)))
}

pub(super) fn tone(request: &Request) -> Tone {
    match &request.phase {
        Phase::Running if request.held.is_some() => Tone::Alarm,
        Phase::Asked | Phase::Running => Tone::Runs,
        Phase::Waiting | Phase::ByHand { .. } => Tone::Asks,
        Phase::Stuck { .. } => Tone::Alarm,
        Phase::Finished { outcome: Outcome::Completed, .. } => Tone::Good,
        Phase::Finished { outcome: Outcome::Expired | Outcome::Canceled | Outcome::Abandoned, .. } => {
            Tone::Over
        }
        Phase::Finished { .. } => Tone::Bad,
    }
}

/// Where an email goes in place of the address that its step names, and who said so.
pub(super) fn instead(request: &Request, step: usize) -> String {
    let instead = request.readdressed.get(&step);
    instead
        .map(|(by, to)| format!(" (now to {}, by {})", code(to), person(&by.id, &by.name)))
        .unwrap_or_default()
}

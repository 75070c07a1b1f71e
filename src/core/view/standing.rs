//! Where a request is, in a sentence.

use jiff::Timestamp;

use super::title::is_rolling_back;
use crate::basics::ids::PersonId;
use crate::basics::span::{clock, person};
use crate::basics::text::{capital, list, whole};
use crate::log::{By, Outcome};
use crate::request::approval::{self, Outstanding, THEIRS, YOURS, missing_words};
use crate::request::freeze::Freeze;
use crate::request::{Approval, Hold, Phase, Request};

/// Where a request is and who decided on it, for someone with these accounts whose click came too late or too early.
pub fn standing(request: &Request, now: Timestamp, reader: &[PersonId]) -> String {
    said(request, now, reader, decided(request, now, reader, |_| true))
}

/// The same for someone who was told what they decided themselves.
pub fn standing_beside(request: &Request, now: Timestamp, reader: &[PersonId]) -> String {
    said(request, now, reader, decided(request, now, reader, |by| !reader.contains(&by.id)))
}

/// The same without who decided.
pub fn standing_alone(request: &Request, now: Timestamp, reader: &[PersonId]) -> String {
    said(request, now, reader, None)
}

fn said(request: &Request, now: Timestamp, reader: &[PersonId], decided: Option<String>) -> String {
    let no = request.no;
    let it = match decided {
        Some(decided) => format!("{no} was {decided} and"),
        None => no.to_string(),
    };
    let confirmation = if reader.contains(&request.by.id) { YOURS } else { THEIRS };
    match &request.phase {
        Phase::Asked => format!("{no} is being planned."),
        Phase::Waiting | Phase::Running if request.held.is_some() => match &request.held {
            Some(hold) => format!("{it} is on hold. {}", on_hold(request, hold)),
            None => format!("{it} is on hold."),
        },
        Phase::Waiting => match &request.planned {
            Some(planned) => {
                let (waits, needs): (Vec<_>, Vec<_>) = approval::missing_by_lines(request, planned, now)
                    .into_iter()
                    .partition(Outstanding::is_a_wait);
                match (needs.as_slice(), waits.as_slice()) {
                    ([], []) => format!("{it} is about to run."),
                    ([], waits) => {
                        format!("{it} is scheduled for {}.", missing_words(waits, confirmation, now))
                    }
                    (needs, _) => format!("{no} still needs {}.", missing_words(needs, confirmation, now)),
                }
            }
            None => format!("{no} is being planned."),
        },
        Phase::Running if is_rolling_back(request) => match &request.rolling_back {
            Some(by) => format!("{it} is being rolled back by {}.", name(by, reader)),
            None => format!("{it} is being rolled back."),
        },
        Phase::Running => match request.rests_until() {
            Some(until) => format!("{it} is in effect until {}.", clock(until, now)),
            None => format!("{it} is running."),
        },
        Phase::ByHand { .. } if Freeze::of(request).is_some() => {
            format!("{it} is in effect until someone lifts this freeze.")
        }
        Phase::ByHand { .. } => format!("{it} needs a manual step."),
        Phase::Stuck { .. } => format!("{it} needs attention."),
        Phase::Finished { .. } if request.needs_review() => {
            format!("{it} needs a review by a supervisor, as an emergency.")
        }
        Phase::Finished { outcome, at, by } => {
            let by = by.as_ref().map(|by| name(by, reader));
            ended(request, &it, *outcome, &clock(*at, now), by, reader)
        }
    }
}

fn ended(
    request: &Request,
    it: &str,
    outcome: Outcome,
    at: &str,
    by: Option<String>,
    reader: &[PersonId],
) -> String {
    let no = request.no;
    match (outcome, by, &request.denied) {
        (Outcome::Denied, _, Some((by, _))) => format!("{} denied {no} at {at}.", capital(&name(by, reader))),
        (Outcome::Canceled, Some(by), _) => format!("{} canceled {no} at {at}.", capital(&by)),
        (Outcome::Abandoned, Some(by), _) if request.gave_up_only_emails() => {
            format!("{} gave up the email of {no} at {at}. Everything else was done.", capital(&by))
        }
        (Outcome::Abandoned, Some(by), _) => format!("{} gave up on {no} at {at}.", capital(&by)),
        (Outcome::Expired, ..) => format!("{no} expired at {at}."),
        (Outcome::Refused, ..) => format!("{no} was not possible; nothing was changed."),
        (Outcome::RolledBack | Outcome::PartiallyCompleted, ..) if let Some(by) = &request.rolling_back => {
            format!("{it} was rolled back by {} at {at}.", name(by, reader))
        }
        (Outcome::RolledBack, ..) => format!("{it} failed at {at}; it was rolled back."),
        (Outcome::PartiallyCompleted, ..) => {
            format!("{it} was partially completed at {at}; the rest was rolled back.")
        }
        (Outcome::Completed, ..)
            if let (Some(by), Some(_)) = (request.ended_by(), Freeze::scope_of(request)) =>
        {
            format!("{} lifted {no} at {at}.", capital(&name(by, reader)))
        }
        _ => format!("{it} was completed at {at}."),
    }
}

/// Who decided that it runs, and when: its approvers, or the requester where it needs none.
fn decided(
    request: &Request,
    now: Timestamp,
    reader: &[PersonId],
    counts: impl Fn(&By) -> bool,
) -> Option<String> {
    let (word, by) = match (request.approvals.as_slice(), &request.confirmed) {
        ([], None) => return None,
        ([], Some(confirmed)) => ("confirmed", std::slice::from_ref(confirmed)),
        (approvals, _) => ("approved", approvals),
    };
    let by: Vec<&Approval> = by.iter().filter(|one| counts(&one.by)).collect();
    let at = by.iter().map(|one| one.at).max()?;
    let names: Vec<String> = by.iter().map(|one| name(&one.by, reader)).collect();
    Some(format!("{word} by {} at {}", list(&names, "and"), clock(at, now)))
}

/// Why it is on hold.
pub(super) fn on_hold(request: &Request, hold: &Hold) -> String {
    match &hold.by {
        Some(by) => format!("{} stopped {}.", person(&by.id, &by.name), request.no),
        None => hold.problem.message.clone(),
    }
}

/// What becomes of a temporary setting when it ends: "restored", or "set to `Offline`" where the request names what comes then.
pub(super) fn at_the_end(request: &Request) -> String {
    let steps = request.plan().into_iter().flat_map(|plan| &plan.steps);
    let named =
        request.args.text("then").and_then(|_| steps.filter_map(|step| step.effect.restored()).next());
    named.map_or_else(|| "restored".to_owned(), |it| format!("set to {}", whole(it.back)))
}

/// Someone, as each platform shows people; the reader is "you".
fn name(by: &By, reader: &[PersonId]) -> String {
    match reader.contains(&by.id) {
        true => "you".to_owned(),
        false => person(&by.id, &by.name),
    }
}

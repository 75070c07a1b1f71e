//! Where a request is, in a sentence.

use jiff::Timestamp;

use super::title::is_rolling_back;
use crate::basics::ids::PersonId;
use crate::basics::text::{code, list, moment};
use crate::log::Outcome;
use crate::request::approval::{self, Outstanding, THEIRS, YOURS, missing_words};
use crate::request::freeze::Freeze;
use crate::request::{Phase, Request};

/// Where a request is, for someone with these accounts whose click came too late or too early.
pub fn standing(request: &Request, now: Timestamp, reader: &[PersonId]) -> String {
    let no = request.no;
    let confirmation = if reader.contains(&request.by.id) { YOURS } else { THEIRS };
    match &request.phase {
        Phase::Asked => format!("{no} is being planned."),
        Phase::Waiting | Phase::Running if request.held.is_some() => match &request.held {
            Some(hold) => format!("{no} is on hold. {}", hold.problem.message),
            None => format!("{no} is on hold."),
        },
        Phase::Waiting => match &request.planned {
            Some(planned) => {
                let (waits, needs): (Vec<_>, Vec<_>) = approval::missing_by_lines(request, planned, now)
                    .into_iter()
                    .partition(Outstanding::is_a_wait);
                match (needs.as_slice(), waits.as_slice()) {
                    ([], []) => format!("{no} has every approval and is about to run."),
                    ([], waits) => format!("{no} is scheduled for {}.", missing_words(waits, confirmation)),
                    (needs, _) => format!("{no} still needs {}.", missing_words(needs, confirmation)),
                }
            }
            None => format!("{no} is being planned."),
        },
        Phase::Running if is_rolling_back(request) => format!("{no} is being rolled back."),
        Phase::Running => match request.rests_until() {
            Some(until) => format!("{no} is in effect until {}.", moment(until)),
            None => format!("{no} is running."),
        },
        Phase::ByHand { .. } if Freeze::of(request).is_some() => {
            format!("{no} is a freeze that is in effect until someone lifts it.")
        }
        Phase::ByHand { .. } => format!("{no} needs a manual step."),
        Phase::Stuck { .. } => format!("{no} needs attention."),
        Phase::Finished { .. } if request.needs_review() => {
            format!("{no} was an emergency and needs a review by a supervisor.")
        }
        Phase::Finished { outcome, at, by } => {
            ended(request, *outcome, moment(*at), by.as_ref().map(|by| by.name.as_str()))
        }
    }
}

fn ended(request: &Request, outcome: Outcome, at: String, by: Option<&str>) -> String {
    let no = request.no;
    match (outcome, by, &request.denied) {
        (Outcome::Denied, _, Some((by, _))) => format!("{} denied {no} at {at}.", code(&by.name)),
        (Outcome::Canceled, Some(by), _) => format!("{} canceled {no} at {at}.", code(by)),
        (Outcome::Abandoned, Some(by), _) => format!("{} gave up on {no} at {at}.", code(by)),
        (Outcome::Expired, ..) => format!("{no} expired at {at}."),
        (Outcome::Refused, ..) => format!("{no} was not possible; nothing was changed."),
        (Outcome::RolledBack | Outcome::PartiallyCompleted, ..) if request.rolling_back.is_some() => {
            format!("{no} was rolled back at {at}.")
        }
        (Outcome::RolledBack, ..) => format!("{no} failed at {at} and was rolled back."),
        (Outcome::PartiallyCompleted, ..) => {
            format!("{no} was partially completed at {at}; the rest was rolled back.")
        }
        (Outcome::Completed, ..)
            if let (Some(by), Some(_)) = (request.ended_by(), Freeze::scope_of(request)) =>
        {
            format!("{} lifted {no} at {at}.", code(&by.name))
        }
        _ => {
            let names: Vec<String> =
                request.approvals.iter().map(|approval| code(&approval.by.name)).collect();
            match names.is_empty() {
                true => format!("{no} was completed at {at}."),
                false => format!("{no} was approved by {} and completed at {at}.", list(&names, "and")),
            }
        }
    }
}

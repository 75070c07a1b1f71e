//! How the parts of a request ended, in a few words.

use crate::basics::text::code;
use crate::request::{PartMove, Request, StepState};

/// How each of several users ended, in a few words.
pub(super) fn of_users(request: &Request) -> Vec<(String, String)> {
    let parts = request.parts();
    let several = parts.iter().filter(|_| parts.len() > 1);
    several.filter_map(|part| Some((login_of(request, *part)?, result(request, *part, "done")))).collect()
}

/// The user of a part.
fn login_of(request: &Request, part: u32) -> Option<String> {
    let steps = request.plan().map(|plan| plan.steps.as_slice()).unwrap_or_default();
    let mut of_part = request.steps_of(part).iter().filter_map(|step| steps.get(*step));
    of_part.find_map(|step| step.effect.login().map(str::to_owned))
}

/// Why a step failed, after the user whose it is where there are several.
pub(super) fn failures(request: &Request) -> impl Iterator<Item = String> {
    let several = request.parts().len() > 1;
    request.failures.iter().map(move |(step, why)| {
        // What it says to do about an email that was given up is no longer possible.
        let is_over =
            request.is_finished() && usize::try_from(*step).is_ok_and(|step| request.is_email(step));
        let why = if is_over { why.message.clone() } else { why.to_string() };
        let part = request.part_of(*step).filter(|_| several);
        match part.and_then(|part| login_of(request, part)) {
            Some(login) => format!("{}: {why}", code(&login)),
            None => why,
        }
    })
}

/// How a part ended, in a few words; `done` is what it is called when it is done, `created` by default.
pub(super) fn result(request: &Request, part: u32, done: &str) -> String {
    let steps = request.steps_of(part);
    let why = steps.iter().find_map(|step| request.failures.get(&u32::try_from(*step).ok()?));
    let why = why.map(|problem| format!(": {}", problem.message)).unwrap_or_default();
    let done = if done.is_empty() { "created" } else { done };
    match request.next_move(part) {
        PartMove::Ended { done: true } => done.to_owned(),
        PartMove::Ended { done: false } if is_rolled_back(request, part) => format!("rolled back{why}"),
        PartMove::Ended { done: false } => format!("failed{why}"),
        PartMove::Stuck(..) if !request.is_finished() => format!("needs attention{why}"),
        PartMove::Stuck(..) if request.lacks_only_emails(part) => format!("{done}, email given up{why}"),
        PartMove::Stuck(..) => format!("given up{why}"),
        PartMove::Step(..) => "not done".to_owned(),
    }
}

/// Whether anything of a part was done and undone again.
pub(super) fn is_rolled_back(request: &Request, part: u32) -> bool {
    request.steps_of(part).iter().any(|step| request.steps.get(*step) == Some(&StepState::Undone))
}

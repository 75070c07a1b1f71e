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
        let part = request.part_of(*step).filter(|_| several);
        match part.and_then(|part| login_of(request, part)) {
            Some(login) => format!("{}: {why}", code(&login)),
            None => why.to_string(),
        }
    })
}

/// How a part ended, in a few words; `done` is what it is called when it is done, `created` by default.
pub(super) fn result(request: &Request, part: u32, done: &str) -> String {
    let steps = request.steps_of(part);
    let why = steps.iter().find_map(|step| request.failures.get(&u32::try_from(*step).ok()?));
    let why = why.map(|problem| format!(": {}", problem.message)).unwrap_or_default();
    match request.next_move(part) {
        PartMove::Ended { done: true } if done.is_empty() => "created".to_owned(),
        PartMove::Ended { done: true } => done.to_owned(),
        PartMove::Ended { done: false }
            if steps.iter().any(|step| request.steps.get(*step) == Some(&StepState::Undone)) =>
        {
            format!("rolled back{why}")
        }
        PartMove::Ended { done: false } => format!("failed{why}"),
        PartMove::Stuck(..) => format!("needs attention{why}"),
        PartMove::Step(..) => "not done".to_owned(),
    }
}

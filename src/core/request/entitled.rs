//! Which words a request takes as it is now, and from whom: one table for judging words, for the buttons of cards, and for
//! completion. What a word brings with it, such as a code or a sentence, is not its business.

use jiff::Timestamp;

use crate::basics::problem::Problem;
use crate::basics::roles::Person;
use crate::basics::text::{code, moment, when};
use crate::request::Verb;
use crate::request::approval::{self, Moment, Outstanding};
use crate::request::freeze::{FROZEN, Freeze};
use crate::request::{Phase, Planned, Request, Review, Seen, StepState};

/// What someone is to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Who asked, at whichever of their accounts.
    Requester,
    /// Whoever may approve its plan.
    Approver,
    /// A supervisor or an admin who has nothing to do with it.
    Leader,
}

use Part::{Approver, Leader, Requester};

const EVERYONE: &[Part] = &[Requester, Approver, Leader];
const OTHERS: &[Part] = &[Approver, Leader];

/// The words that the request takes now, each with those it takes it from.
pub fn table(request: &Request, at: Moment) -> Vec<(Verb, &'static [Part])> {
    let now = at.now;
    let mut table: Vec<(Verb, &'static [Part])> = Vec::new();
    let Some(planned) = &request.planned else {
        if request.phase == Phase::Asked {
            table.push((Verb::Cancel, &[Requester]));
        }
        return table;
    };
    if request.makes_password_known() && matches!(request.seen(now), Seen::No | Seen::Maybe { .. }) {
        table.push((Verb::Reveal, &[Requester]));
    }
    let missing = match request.takes_approvals() {
        true => approval::missing_by_lines(request, planned, now),
        false => Vec::new(),
    };
    if missing.contains(&Outstanding::Confirmation) {
        table.push((Verb::Confirm, &[Requester]));
    }
    if !approval::unmet_of(request, now).is_empty() && !missing.contains(&Outstanding::Caller) {
        table.push((Verb::Approve, &[Approver]));
    }
    match &request.phase {
        Phase::Asked => table.push((Verb::Cancel, &[Requester])),
        Phase::Waiting => {
            if planned.needs.yeses() > 0 {
                table.extend([(Verb::Deny, &[Approver][..]), (Verb::Revise, &[Approver])]);
            }
            if planned.needs.caller {
                table.push((Verb::Verify, &[Requester, Leader]));
            }
            table.push((Verb::Defer, &[Requester, Approver]));
            table.push((Verb::Cancel, &[Requester, Approver]));
        }
        Phase::Running => running(&mut table, request, planned, at),
        Phase::ByHand { .. } if Freeze::of(request).is_some() => {
            table.push((Verb::Unfreeze, &[Requester, Leader]));
        }
        Phase::ByHand { .. } => {
            // Steps that come after it are the requester's word to set going only while the approvals are valid.
            let continues = request.steps.contains(&StepState::Todo);
            let late = continues && is_late(request, planned, at);
            table.push((Verb::Done, if late { OTHERS } else { EVERYONE }));
            let changed = request.steps.contains(&StepState::Done);
            table.push((Verb::Cancel, if changed { closes(planned) } else { EVERYONE }));
        }
        Phase::Stuck { step, .. } => {
            let (notice, letter) = (request.is_notice(*step), request.is_letter(*step));
            if letter {
                table.push((Verb::Done, if notice { OTHERS } else { EVERYONE }));
            }
            let late = !letter && is_late(request, planned, at);
            table.push((Verb::Retry, if late { OTHERS } else { EVERYONE }));
            let harmless = planned.plan.only_reads() || letter;
            let by = match (notice, harmless) {
                (true, _) => OTHERS,
                (false, true) => EVERYONE,
                (false, false) => closes(planned),
            };
            table.push((Verb::Cancel, by));
        }
        Phase::Finished { .. } => {}
    }
    if request.needs_review() {
        table.extend([(Verb::Justified, &[Leader][..]), (Verb::Unjustified, &[Leader])]);
    }
    table
}

fn running(table: &mut Vec<(Verb, &'static [Part])>, request: &Request, planned: &Planned, at: Moment) {
    if let Some(hold) = &request.held {
        // What a freeze holds continues when it is lifted, and approvals that are missing are given.
        let waits = [FROZEN, approval::APPROVALS_MISSING].contains(&hold.problem.code.as_str());
        // What somebody else stopped is not the requester's to resume, nor what has outlived its approvals.
        let alone = hold.by.is_some() && hold.by_requester && !is_late(request, planned, at);
        if !waits {
            table.push((Verb::Retry, if alone { EVERYONE } else { OTHERS }));
        }
    }
    // Stops it, and rolls it back once it is stopped.
    if request.rolling_back.is_none() {
        table.push((Verb::Cancel, EVERYONE));
    }
}

/// Who may leave it as it is although something of it was done: others, and the requester where it needed no others.
fn closes(planned: &Planned) -> &'static [Part] {
    if planned.needs.yeses() == 0 { EVERYONE } else { OTHERS }
}

/// Whether the approvals are no longer valid, so that the requester alone sets nothing going again.
pub fn is_late(request: &Request, planned: &Planned, at: Moment) -> bool {
    planned.needs.yeses() > 0 && at.is_over(approval::expires(request, planned))
}

/// Whether this person is that to the request.
fn is(
    part: Part,
    request: &Request,
    planned: &Planned,
    requester: &Person,
    by: &Person,
    now: Timestamp,
) -> bool {
    match part {
        Requester => is_requester(request, requester, by),
        Approver => approval::may_approve(planned, &request.by, requester, by, now).is_ok(),
        Leader => approval::may_lead(planned, &request.by, requester, by),
    }
}

/// Whether this is who asked, at whichever of their accounts.
pub fn is_requester(request: &Request, requester: &Person, by: &Person) -> bool {
    by.id == request.by.id || approval::same_person(by, requester)
}

/// Why a word is not taken.
#[derive(Clone, Debug)]
pub enum No {
    /// From nobody as the request is now: too early, too late, or said already.
    NotNow,
    /// The person has said it already.
    Invocation(Problem),
    /// From others, or in another way.
    Refused(Problem),
}

/// Whether this person may say this word on the request as it is now, or why not.
pub fn may(verb: Verb, request: &Request, requester: &Person, by: &Person, at: Moment) -> Result<(), No> {
    let now = at.now;
    let refused = |problem| Err(No::Refused(problem));
    let planned = request.planned.as_ref();
    let Some((_, parts)) = table(request, at).into_iter().find(|(known, _)| *known == verb) else {
        return Err(not_now(verb, request, requester, by, now));
    };
    let allowed = match planned {
        None => is_requester(request, requester, by),
        Some(planned) => parts.iter().any(|part| is(*part, request, planned, requester, by, now)),
    };
    if !allowed {
        return refused(not_theirs(verb, parts, request, requester, by, at));
    }
    match (verb, request.yes_of(by)) {
        (Verb::Approve, Some(yes)) => Err(said("approved", yes.at, request, now)),
        (Verb::Verify, _) if planned.is_some_and(|planned| planned.plan.concerns(by)) => refused(
            Problem::asker("about_oneself", "Nobody vouches for themselves.").hint("Ask somebody else."),
        ),
        (Verb::Unfreeze, _) if planned.is_some_and(|planned| planned.plan.concerns(by)) => refused(
            Problem::asker("about_oneself", "Nobody lifts a freeze of themselves.")
                .hint("Ask another supervisor or an admin."),
        ),
        _ => Ok(()),
    }
}

/// Why the request takes this word from nobody now, as far as there is more to say than how it is.
fn not_now(verb: Verb, request: &Request, requester: &Person, by: &Person, now: Timestamp) -> No {
    let mine = is_requester(request, requester, by);
    let approver = request
        .planned
        .as_ref()
        .map(|planned| approval::may_approve(planned, &request.by, requester, by, now));
    match (verb, &request.phase) {
        (Verb::Confirm, Phase::Waiting) if !mine => {
            No::Refused(not_the_requester("confirm", request).hint("To approve it, use `/desk approve`."))
        }
        (Verb::Confirm, Phase::Waiting) => match &request.confirmed {
            Some(yes) => said("confirmed", yes.at, request, now),
            None => No::NotNow,
        },
        (Verb::Approve | Verb::Deny | Verb::Revise, Phase::Waiting) => match (approver, &request.planned) {
            (Some(Err(problem)), _) => No::Refused(problem),
            (_, Some(planned)) if verb == Verb::Approve => match request.yes_of(by) {
                Some(yes) => said("approved", yes.at, request, now),
                None if planned.needs.caller && request.caller.is_none() => {
                    let message =
                        format!("How the caller of {} was verified is not written down yet.", request.no);
                    let next = format!("Ask {} for `/desk verify {}`.", code(&request.by.name), request.no.0);
                    let problem = Problem::asker("caller_unverified", message);
                    No::Refused(problem.hint(next).rule(&planned.needs.rule))
                }
                None => No::NotNow,
            },
            _ => No::NotNow,
        },
        (Verb::Justified | Verb::Unjustified, _) => match &request.review {
            Some(Review::Invocation { by, at, .. }) => No::Refused(Problem::asker(
                "reviewed_already",
                format!("{} reviewed {} at {}.", code(&by.name), request.no, when(*at, now)),
            )),
            _ => No::NotNow,
        },
        (Verb::Reveal, _) if request.makes_password_known() && !mine => {
            No::Refused(not_the_requester("see the password of", request))
        }
        (Verb::Reveal, _) if request.makes_password_known() => {
            shown_already(request, now).map_or_else(No::Refused, |()| No::NotNow)
        }
        _ => No::NotNow,
    }
}

/// Why the temporary password of a request is not shown now, if it is not.
fn shown_already(request: &Request, now: Timestamp) -> Result<(), Problem> {
    let gone = |message: String| {
        Err(Problem::asker("revealed_already", message)
            .hint("If it was not passed on, ask for another reset."))
    };
    match request.seen(now) {
        Seen::No | Seen::Maybe { .. } => Ok(()),
        Seen::UnderWay => {
            Err(Problem::asker("reveal_under_way", "The temporary password is being shown to you right now.")
                .hint("If you don't see it in a minute, ask for it again."))
        }
        Seen::Gone { by, at, known: true } => gone(format!(
            "The temporary password was shown to {} at {} and is gone.",
            code(&by.name),
            moment(at)
        )),
        Seen::Gone { by, at, known: false } => gone(format!(
            "It is unknown whether {} saw the temporary password at {}. It is gone.",
            code(&by.name),
            moment(at)
        )),
    }
}

fn said(word: &str, at: Timestamp, request: &Request, now: Timestamp) -> No {
    let message = format!("You {word} {} at {}.", request.no, when(at, now));
    No::Invocation(Problem::asker(&format!("{word}_already"), message))
}

fn not_the_requester(what: &str, request: &Request) -> Problem {
    Problem::asker(
        "not_the_requester",
        format!("Only {}, who asked, may {what} {}.", code(&request.by.name), request.no),
    )
}

/// Why a word that the request takes is not taken from this person.
fn not_theirs(
    verb: Verb,
    parts: &[Part],
    request: &Request,
    requester: &Person,
    by: &Person,
    at: Moment,
) -> Problem {
    let (no, mine) = (request.no, is_requester(request, requester, by));
    let leaders = "Ask a supervisor or an admin.";
    let Some(planned) = &request.planned else { return not_the_requester(verb.word(), request) };
    match verb {
        Verb::Confirm => not_the_requester("confirm", request).hint("To approve it, use `/desk approve`."),
        Verb::Reveal => not_the_requester("see the password of", request),
        Verb::Unfreeze if planned.plan.concerns(by) => {
            Problem::asker("about_oneself", "Nobody lifts a freeze of themselves.")
                .hint("Ask another supervisor or an admin.")
        }
        Verb::Unfreeze => not_the_requester("lift", request).hint("Ask them, a supervisor or an admin."),
        Verb::Verify => not_the_requester("say how they verified the caller of", request),
        Verb::Cancel if !parts.contains(&Leader) => {
            not_the_requester("cancel", request).hint("An approver may deny it.")
        }
        Verb::Deny if mine => Problem::asker("own_request", "Nobody decides on their own request.")
            .hint(format!("To take it back, type `/desk cancel {}`.", no.0)),
        Verb::Justified | Verb::Unjustified if mine => {
            Problem::asker("own_request", "Nobody reviews their own emergency.").hint(leaders)
        }
        Verb::Justified | Verb::Unjustified if planned.plan.concerns(by) => {
            Problem::asker("about_oneself", "Nobody reviews an emergency about themselves.").hint(leaders)
        }
        Verb::Justified | Verb::Unjustified => {
            Problem::asker("not_a_reviewer", "Emergencies are reviewed by supervisors.").hint(leaders)
        }
        Verb::Retry | Verb::Done if mine && is_late(request, planned, at) => {
            let message = format!("The approvals of {no} have expired, so you can't continue it alone.");
            Problem::asker(approval::APPROVALS_EXPIRED, message).hint(format!(
                "Ask an approver or a supervisor for `/desk {} {}`.",
                verb.word(),
                no.0
            ))
        }
        Verb::Retry if mine && request.held.is_some() => {
            Problem::asker("not_entitled", format!("You can't resume {no} alone: you did not stop it."))
                .hint(format!("Ask an approver or a supervisor for `/desk retry {}`.", no.0))
        }
        Verb::Retry | Verb::Done | Verb::Cancel if planned.needs.yeses() == 0 || !mine && by.leads() => {
            let who = code(&request.by.name);
            let message = match mine {
                true => format!("You can't {} your own request {no} here.", verb.word()),
                false => format!("Only {who}, who asked, or a leader may {} {no}.", verb.word()),
            };
            Problem::asker("not_entitled", message).hint(leaders)
        }
        _ => match approval::may_approve(planned, &request.by, requester, by, at.now) {
            Err(problem) => problem,
            Ok(()) => {
                Problem::asker("not_entitled", format!("You can't {} {no}.", verb.word())).hint(leaders)
            }
        },
    }
}

//! What is known of a request without its lines, made of the request; see [`crate::log::OpenRequests`].

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::basics::ids::RequestNo;
use crate::basics::text::plain;
use crate::log::{Freeze, Line, OpenRequest, Temporary, Who};
use crate::request::approval::{
    Moment, Outstanding, approvers_reminder_is_due, expires, is_wait_over, missing_by_lines,
};
use crate::request::emergency;
use crate::request::entitled::{Part, Situation};
use crate::request::freeze::FROZEN;
use crate::request::{Hold, PartMove, Phase, Planned, Request, Verb};

/// As much of what was typed is kept.
const TYPED: usize = 100;

impl OpenRequest {
    pub fn of(request: &Request) -> OpenRequest {
        let moments = moments(request);
        let goes_on = |at: Timestamp| {
            is_due(request, at.into()) || !request.needs_review() && approvers_reminder_is_due(request, at)
        };
        let later = moments.iter().copied().chain(request.seen_changes());
        let verbs = std::iter::once(request.latest)
            .chain(later)
            .flat_map(|at| {
                let situation = Situation::of(request, at.into());
                Verb::ALL.into_iter().flat_map(move |verb| {
                    let parts = (verb.row().takes)(&situation);
                    parts.iter().flat_map(|part| who(*part, request)).map(move |who| (verb.word(), who))
                })
            })
            .collect();
        let since = emergency::waits_since(request);
        let first = std::iter::once(Timestamp::MIN).chain(moments.iter().copied());
        OpenRequest {
            no: request.no,
            last: request.last,
            by: Some(request.by.clone()),
            asked: request.asked,
            typed: plain(&request.typed(), TYPED),
            is_readable: true,
            is_finished: request.is_finished(),
            has_begun: request.began.is_some(),
            is_emergency: request.is_emergency(),
            review: since.map(|since| request.reminded.map_or(since, |(_, at)| at.max(since))),
            next: first.filter(|at| goes_on(*at)).min(),
            is_deferred: request.phase == Phase::Waiting
                && request.deferred.is_some()
                && !request.approvals.is_empty(),
            frozen: by_freeze(request).map(|hold| hold.problem.message.clone()),
            freeze: Freeze::of(request),
            temporary: temporary(request),
            verbs,
            approved_by: request.approvals.iter().map(|yes| yes.by.id.clone()).collect(),
            plan: request
                .planned
                .as_ref()
                .filter(|_| request.phase == Phase::Waiting)
                .map(|planned| planned.digest.clone()),
        }
    }

    /// The same of its lines, also where they make no sense; none if there are none.
    pub fn of_lines(no: RequestNo, lines: &[Line]) -> Option<OpenRequest> {
        let (first, last) = (lines.first()?, lines.last()?);
        if let Ok(request) = Request::fold(no, lines) {
            return Some(OpenRequest::of(&request));
        }
        Some(OpenRequest {
            no,
            last: last.line,
            by: first.by.clone(),
            asked: first.at,
            typed: String::new(),
            is_readable: false,
            is_finished: false,
            has_begun: false,
            is_emergency: false,
            review: None,
            next: None,
            is_deferred: false,
            frozen: None,
            // It may hold, so it does until someone quarantines it.
            freeze: Freeze::of_lines(no, lines),
            temporary: Vec::new(),
            verbs: BTreeSet::new(),
            approved_by: Vec::new(),
            plan: None,
        })
    }
}

/// Whether time alone takes a request further at this moment. What a person stopped waits for a person, and what a freeze holds
/// for the end of that freeze.
pub fn is_due(request: &Request, at: Moment) -> bool {
    let stays = request.held.as_ref().is_some_and(|hold| hold.by.is_some() || hold.problem.code == FROZEN);
    match (&request.phase, &request.planned) {
        (Phase::Asked, _) => true,
        (Phase::Waiting, Some(planned)) => {
            let nothing_missing = || {
                let missing = missing_by_lines(request, planned, at.now);
                missing.iter().all(|missing| matches!(missing, Outstanding::ContactEnds(_)))
            };
            let goes_on = match request.held {
                Some(_) => !stays,
                None => nothing_missing(),
            };
            goes_on || at.is_over(expires(request, planned))
        }
        (Phase::Running, _) if stays => is_to_be_told(request, at),
        (Phase::Running, _) => request.rests_until().is_none_or(|until| is_wait_over(request, until, at)),
        _ => false,
    }
}

/// From when on something of what a person stopped is in effect for longer than it was to be.
pub fn overdue(request: &Request) -> Option<Timestamp> {
    request.held.as_ref().filter(|hold| hold.by.is_some())?;
    temporary(request).iter().map(|left| left.until).min()
}

/// Whether that is so, and no one was told of it.
pub fn is_to_be_told(request: &Request, at: Moment) -> bool {
    overdue(request).is_some_and(|since| {
        is_wait_over(request, since, at) && request.reminded.is_none_or(|(_, told)| told < since)
    })
}

/// The hold of a request that a freeze holds.
pub fn by_freeze(request: &Request) -> Option<&Hold> {
    request.held.as_ref().filter(|hold| hold.by.is_none() && hold.problem.code == FROZEN)
}

/// Every moment at which time changes what is due or who may decide.
fn moments(request: &Request) -> Vec<Timestamp> {
    let Some(planned) = &request.planned else { return Vec::new() };
    let Planned { needs, turn_since, .. } = planned;
    let later = |at: Timestamp, minutes: u32| {
        at.checked_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX)
    };
    let mut moments: Vec<Timestamp> = [
        Some(expires(request, planned)),
        request.deferred.map(|deferral| deferral.until),
        request.rests_until(),
        overdue(request),
    ]
    .into_iter()
    .flatten()
    .collect();
    // A requester is reminded of what was reset.
    let since = turn_since.or_else(|| (!request.reset.is_empty()).then_some(planned.at));
    if let Some(since) = since {
        moments.extend(needs.escalate.as_ref().map(|escalate| later(since, escalate.after_minutes)));
        // The last reminder counts only if no clock that was ahead wrote it.
        let called = std::iter::once(since).chain(request.reminded.map(|(_, at)| at.max(since)));
        let remind = needs.remind_minutes;
        moments.extend(called.filter_map(|at| remind.map(|minutes| later(at, minutes))));
    }
    moments
}

/// What it has set until a time and not restored yet.
pub fn temporary(request: &Request) -> Vec<Temporary> {
    let Some(plan) = request.plan().filter(|plan| plan.lasts().is_some()) else { return Vec::new() };
    let mut found = Vec::new();
    for part in request.parts() {
        let steps = request.steps_of(part);
        let wait = steps.iter().find_map(|step| Some((*step, request.wait_ends(*step)?)));
        let next = request.next_move(part);
        let Some((wait, until)) = wait.filter(|_| !matches!(next, PartMove::Ended { .. })) else {
            continue;
        };
        let is_stopped = request.held.is_some() || matches!(next, PartMove::Stuck(..));
        let later = steps.iter().filter(|step| **step > wait);
        for effect in later.filter_map(|step| plan.steps.get(*step)).map(|step| &step.effect) {
            found.extend(effect.restored().map(|restored| Temporary {
                user_id: restored.user_id.to_owned(),
                until,
                is_stopped,
                restores: effect.clone(),
            }));
        }
    }
    found
}

/// The accounts and roles of those who are that to a request, sooner or later.
fn who(part: Part, request: &Request) -> Vec<Who> {
    match (part, &request.planned) {
        (Part::Requester, _) => vec![Who::Account(request.by.id.clone())],
        (Part::Leader, _) => vec![Who::Leader],
        (Part::Approver, None) => Vec::new(),
        (Part::Approver, Some(planned)) => {
            let groups = planned.needs.groups(planned.at, Timestamp::MAX);
            groups.into_iter().flat_map(|group| group.approvers).map(Who::Role).collect()
        }
    }
}

//! Breaking the glass: who may ask for something immediately, how often, and what has to be reviewed first.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::fold::{Request, Review};
use crate::basics::ids::PersonId;
use crate::basics::problem::Problem;
use crate::basics::roles::{Person, Role};
use crate::basics::span::{clock, person};
use crate::basics::text::list;
use crate::log::{By, OpenRequest};
use crate::policy::{Emergencies, Shift};
use crate::ports::is_ahead;

/// How far back emergencies count.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Refuses an emergency that may not be: `earlier` are those of the last thirty days, and older ones that are open, which count
/// before this one.
///
/// One that has begun waits for its review from then on, and one that has not is in the way as well: anyone who needs another way
/// cancels it first.
pub fn allowed(
    rules: &Emergencies,
    person: &Person,
    accounts: &[PersonId],
    earlier: &[Arc<OpenRequest>],
    now: Timestamp,
) -> Result<(), Problem> {
    let on_shift = |shift: &Shift| accounts.contains(&shift.person) && shift.hours.contain(now);
    if !person.roles.contains(&Role::Oncall) {
        return Err(Problem::requester("not_on_call", "Only on-call people can make emergency requests.")
            .hint("Request it without `emergency:true`, or contact the on-call person."));
    }
    if !rules.shifts.is_empty() && !rules.shifts.iter().any(on_shift) {
        return Err(Problem::requester(
            "not_on_call_now",
            format!("You are not on call now ({}).", clock(now, now)),
        )
        .hint("Contact the on-call person. `/desk why` shows what you can do."));
    }
    let mine = |earlier: &&Arc<OpenRequest>| earlier.by.as_ref().is_some_and(|by| accounts.contains(&by.id));
    if let Some(open) = earlier.iter().filter(mine).find(|earlier| earlier.review.is_some()) {
        return Err(Problem::requester(
            "emergency_unreviewed",
            format!("Your last emergency {} has not been reviewed yet.", open.no),
        )
        .hint(format!(
            "Ask a supervisor to review it with `/desk review {} <outcome>`, or request it without `emergency:true`.",
            open.no.0
        )));
    }
    let waits = |earlier: &&Arc<OpenRequest>| !earlier.is_finished && !earlier.has_begun;
    if let Some(open) = earlier.iter().filter(mine).find(waits) {
        return Err(Problem::requester(
            "emergency_open",
            format!("Your emergency {} is still open.", open.no),
        )
        .hint(format!(
            "Confirm it, or cancel it with `/desk cancel {}`; or request it without `emergency:true`.",
            open.no.0
        )));
    }
    // One that ended before anything began changed nothing. While it is open it counts, so that no one has more under way.
    let counts = |earlier: &&Arc<OpenRequest>| {
        now.duration_since(earlier.asked) < WINDOW && (earlier.has_begun || !earlier.is_finished)
    };
    let (all, own) =
        (earlier.iter().filter(counts).count(), earlier.iter().filter(counts).filter(mine).count());
    let used_up = |what: String| {
        Err(Problem::requester("emergencies_used_up", what)
            .hint("Request it without `emergency:true`. Approvers see the reason."))
    };
    if own >= usize::try_from(rules.per_person).unwrap_or(usize::MAX) {
        return used_up(format!("You've used all {own} of your emergency requests for the last 30 days."));
    }
    if all >= usize::try_from(rules.in_all).unwrap_or(usize::MAX) {
        return used_up(format!("All {all} emergency requests of the desk for the last 30 days are used."));
    }
    Ok(())
}

/// Since when an emergency waits for its review, if it does: since it began.
pub fn waits_since(request: &Request) -> Option<Timestamp> {
    match request.review {
        Some(Review::Due(since)) => Some(since),
        _ => None,
    }
}

/// Whether the reviewers of an emergency have to be called once more.
pub fn reminder_is_due(rules: &Emergencies, request: &Request, now: Timestamp) -> bool {
    let Some(since) = waits_since(request) else { return false };
    let called = std::iter::once(since).chain(request.reminded.map(|(_, at)| at));
    let last = called.filter(|at| !is_ahead(*at, now)).max();
    let remind = SignedDuration::from_mins(i64::from(rules.remind_minutes));
    last.is_none_or(|last| now.duration_since(last) >= remind)
}

/// Who is called when a review is late: supervisors, and after a while the admins as well.
pub fn reviewers(rules: &Emergencies, request: &Request, now: Timestamp) -> BTreeSet<Role> {
    let late = waits_since(request).is_some_and(|since| {
        now.duration_since(since) >= SignedDuration::from_hours(i64::from(rules.escalate_hours))
    });
    let admin = late.then_some(Role::Admin);
    std::iter::once(Role::Supervisor).chain(admin).collect()
}

/// How an emergency is called on cards before it is one. What is about a protected user needs approvals all the same.
pub fn ahead(request: &Request) -> &'static str {
    match request.planned.as_ref().is_some_and(|planned| planned.needs.approvals_needed() > 0) {
        true => "Emergency: still needs the approvals below. Supervisors must review it.",
        false => {
            "Emergency: runs without approvals. Supervisors are notified immediately and must review it."
        }
    }
}

/// And afterwards.
pub fn said(request: &Request) -> String {
    let name = |by: &By| person(&by.id, &by.name);
    let review = if request.needs_review() { " It must be reviewed." } else { "" };
    let approvers: Vec<String> = request.approvals.iter().map(|approval| name(&approval.by)).collect();
    let approved = match approvers.as_slice() {
        [] => ": no one approved it".to_owned(),
        approvers => format!(", approved by {}", list(approvers, "and")),
    };
    format!("Emergency request by {}{approved}.{review}", name(&request.by))
}

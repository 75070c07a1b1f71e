//! Whom to notify about a request, and what tells one notification from the others.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::basics::ids::Platform;
use crate::basics::roles::Role;
use crate::policy::Emergencies;
use crate::request::approval;
use crate::request::emergency;
use crate::request::{Phase, Request};

/// A notification about a request.
#[derive(PartialEq, Eq)]
pub(super) struct Notification {
    /// What tells it from the others of the request.
    pub what: String,
    pub roles: BTreeSet<Role>,
}

/// Whether it is the turn of those who approve it.
pub(super) fn waits_for_approval(request: &Request, now: Timestamp) -> bool {
    approval::is_for_approvers(request, now)
}

/// The notification that is due on a platform now, if one is: a card that is edited notifies no one. `is_posted_for_them`: approvers have a
/// channel of their own, where the card itself is posted when it is their turn, and notifies them.
pub(super) fn due(
    request: &Request,
    is_posted_for_them: bool,
    emergencies: &Emergencies,
    platform: Platform,
    now: Timestamp,
) -> Option<Notification> {
    let planned = request.planned.as_ref()?;
    let unmet = || approval::unmet_of(request, now).into_iter().flat_map(|group| group.approvers).collect();
    let called = request.called.get(&platform);
    let due = match (emergency::waits_since(request), request.reminded) {
        (None, Some((times, at))) if request.phase == Phase::Waiting => {
            Notification { what: format!("reminder {times} of {at}"), roles: unmet() }
        }
        // The card was posted before the requester confirmed, and notified no one.
        (None, None)
            if request.phase == Phase::Waiting
                && request.confirmed.is_some()
                && !is_posted_for_them
                && waits_for_approval(request, now) =>
        {
            Notification { what: format!("approval of {}", planned.digest.short()), roles: unmet() }
        }
        // What is held until someone else approves it asks them as it did at first.
        (None, _) if request.phase == Phase::Running && waits_for_approval(request, now) => {
            let at = request.held.as_ref().map(|hold| hold.at.to_string()).unwrap_or_default();
            Notification { what: format!("held at {at}"), roles: unmet() }
        }
        (Some(began), reminded) => {
            // Of an emergency that a desk was down for, a reminder is due as well, and its line is about to come: one of both will do.
            if called.is_none() && emergency::reminder_is_due(emergencies, request, now) {
                return None;
            }
            let reminder = reminded.filter(|(_, at)| *at > began);
            let what = reminder.map(|(times, at)| format!("review reminder {times} of {at}"));
            // Whom it went past are notified first, also by a desk that was down when they should have been.
            let were_told = called.is_some_and(|what| what.contains("review"));
            let roles = if reminder.is_some() && were_told {
                emergency::reviewers(emergencies, request, now)
            } else {
                planned.needs.skipped.iter().copied().chain([Role::Supervisor, Role::Admin]).collect()
            };
            Notification { what: what.unwrap_or_else(|| "its review".to_owned()), roles }
        }
        _ => return None,
    };
    (called != Some(&due.what)).then_some(due)
}

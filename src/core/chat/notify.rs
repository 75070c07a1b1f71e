//! Whom to notify about a request, and what tells one notification from the others.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::basics::ids::{PersonId, Platform};
use crate::basics::roles::Role;
use crate::basics::text::{code, list};
use crate::log::Outcome;
use crate::policy::Emergencies;
use crate::request::approval;
use crate::request::emergency;
use crate::request::entitled::{Part, Situation};
use crate::request::freeze::FROZEN;
use crate::request::{Phase, Request, Verb, overdue};
use crate::view;

/// A notification about a request.
#[derive(Default, PartialEq, Eq)]
pub struct Notification {
    /// What tells it from the others of the request; several, with [`AND`] between them, where it is for more than one thing.
    pub what: String,
    pub roles: BTreeSet<Role>,
    /// The requester, where they have to know as well.
    pub requester: Option<PersonId>,
    /// Others who have to know, whatever their roles are.
    pub people: BTreeSet<PersonId>,
    /// A sentence that the title of the card doesn't say.
    pub why: Option<String>,
    /// They were notified of it before.
    pub again: bool,
}

/// What is between two things for which people are notified together.
const AND: &str = "; ";

impl Notification {
    fn new(what: impl Into<String>, roles: impl IntoIterator<Item = Role>) -> Notification {
        Notification { what: what.into(), roles: roles.into_iter().collect(), ..Notification::default() }
    }

    /// Both in one message.
    fn and(mut self, other: Notification) -> Notification {
        self.roles.extend(other.roles);
        self.people.extend(other.people);
        self.requester = self.requester.or(other.requester);
        let why: Vec<String> = self.why.into_iter().chain(other.why).collect();
        self.why = (!why.is_empty()).then(|| why.join(" "));
        self.again |= other.again;
        self
    }

    fn is_for_someone(&self) -> bool {
        self.requester.is_some() || !self.roles.is_empty() || !self.people.is_empty()
    }

    fn has_others(&self) -> bool {
        !self.roles.is_empty() || !self.people.is_empty()
    }

    /// Whom it notifies, for a sentence.
    pub(super) fn whom(&self) -> String {
        let requester = self.requester.iter().map(|_| "the requester".to_owned());
        let whom: Vec<String> = requester.chain(self.has_others().then(|| "approvers".to_owned())).collect();
        list(&whom, "and")
    }

    /// Whom it notifies, as a sentence for where no one is notified by a message, and why.
    pub fn said(&self) -> String {
        let verb = if self.has_others() { "were" } else { "was" };
        let again = if self.again { " again" } else { "" };
        let why = self.why.as_ref().map(|why| format!(" {why}")).unwrap_or_default();
        format!("{} {verb} notified{again}.{why}", self.whom())
    }
}

/// Whether it is the turn of those who approve it.
pub(super) fn waits_for_approval(request: &Request, now: Timestamp) -> bool {
    approval::is_for_approvers(request, now)
}

/// Whether the requester did something before it was the turn of those who approve, so that its card was there before.
pub(super) fn something_came_first(request: &Request) -> bool {
    request.confirmed.is_some() || request.caller.is_some()
}

/// The notification that is due on a platform now, if one is: what the log doesn't say that people were notified of, by a message of
/// its own or by a card that was posted for them.
pub fn due(
    request: &Request,
    emergencies: &Emergencies,
    platform: Platform,
    now: Timestamp,
) -> Option<Notification> {
    let called = request.called.get(&platform);
    let of_phase = match &request.phase {
        Phase::Waiting => waiting(request, now),
        Phase::Running => held(request, now),
        Phase::Stuck { step, .. } => {
            Some(for_verb(request, Verb::Retry, format!("step {step} needs attention"), now))
        }
        Phase::Finished { outcome, at, .. } => not_done(request, *outcome, *at),
        Phase::Asked | Phase::ByHand { .. } => None,
    };
    // An emergency has its review beside that, from its first step on: neither is told in place of the other.
    let review =
        emergency::waits_since(request).and_then(|began| review(request, began, emergencies, called, now));
    let all: Vec<Notification> = of_phase.into_iter().chain(review).collect();
    let what: Vec<String> = all.iter().map(|one| one.what.clone()).collect();
    let is_new =
        |one: &Notification| !called.is_some_and(|called| called.split(AND).any(|was| was == one.what));
    let new = all.into_iter().filter(|one| is_new(one) && one.is_for_someone());
    let due = new.reduce(Notification::and)?;
    Some(Notification { what: what.join(AND), ..due })
}

/// Whose approval is missing.
fn unmet(request: &Request, now: Timestamp) -> impl Iterator<Item = Role> {
    approval::unmet_of(request, now).into_iter().flat_map(|group| group.approvers)
}

fn waiting(request: &Request, now: Timestamp) -> Option<Notification> {
    let digest = request.planned.as_ref()?.digest.short();
    let returned = request.returned.as_ref().filter(|_| approval::lacks_confirmation(request, now));
    if let Some((by, _)) = returned {
        return Some(Notification {
            requester: Some(request.by.id.clone()),
            why: Some(format!("{} requested changes.", code(&by.name))),
            ..Notification::new(format!("changes to {digest}"), [])
        });
    }
    let reminder = request.reminded.map(|(times, at)| format!("reminder {times} of {at}"));
    let again = reminder.is_some();
    if approval::is_to_confirm_again(request, now) {
        let reset = || format!("reset to {digest}");
        // Those who approved it believe that it is settled. Their turn comes again, so they are told once.
        let people = request.reset.iter().filter(|_| reminder.is_none()).map(|by| &by.id);
        return Some(Notification {
            requester: Some(request.by.id.clone()),
            people: others(request, people),
            why: view::reset(request),
            again,
            // Other words than those of the approvers, whose turn is next.
            ..Notification::new(reminder.map_or_else(reset, |which| format!("reset, {which}")), [])
        });
    }
    let approval = || format!("approval of {digest}");
    let what = reminder.or_else(|| waits_for_approval(request, now).then(approval))?;
    Some(Notification { again, ..Notification::new(what, unmet(request, now)) })
}

/// What the desk holds asks those who can take it further, as it did at first. What a person stopped was meant so, until something is
/// in effect for longer than it was to be; what a freeze holds continues by itself.
fn held(request: &Request, now: Timestamp) -> Option<Notification> {
    let hold = request.held.as_ref()?;
    if hold.by.is_some() {
        let since = overdue(request)?;
        let (times, at) = request.reminded.filter(|(_, at)| *at >= since)?;
        let why = Some("What it changed was to be temporary, and is still in effect.".to_owned());
        let due = for_verb(request, Verb::Retry, format!("reminder {times} of {at}"), now);
        return Some(Notification { why, ..due });
    }
    let situation = Situation::of(request, now.into());
    let verbs = [Verb::Confirm, Verb::Verify, Verb::Approve, Verb::Retry, Verb::Cancel].into_iter();
    let next = verbs.filter(|_| hold.problem.code != FROZEN).find(|verb| verb.row().is_taken(&situation))?;
    Some(for_verb(request, next, format!("held at {}", hold.at), now))
}

/// For those who can use this verb on it.
fn for_verb(request: &Request, verb: Verb, what: String, now: Timestamp) -> Notification {
    let mut due = Notification::new(what, []);
    for part in (verb.row().takes)(&Situation::of(request, now.into())) {
        match part {
            Part::Requester => due.requester = Some(request.by.id.clone()),
            Part::Leader => due.roles.extend([Role::Supervisor, Role::Admin]),
            Part::Approver if verb == Verb::Approve => due.roles.extend(unmet(request, now)),
            Part::Approver => {
                let groups = request.planned.iter().flat_map(|planned| planned.needs.groups(planned.at, now));
                due.roles.extend(groups.flat_map(|group| group.approvers));
            }
        }
    }
    due
}

/// For those who had agreed to what ended without being done, and believe that it is.
fn not_done(request: &Request, outcome: Outcome, at: Timestamp) -> Option<Notification> {
    let planned = request.planned.as_ref()?;
    let was_settled = || approval::is_settled(request, planned, at);
    let is_not_done = match outcome {
        Outcome::Expired | Outcome::Refused => !request.reset.is_empty() || was_settled(),
        Outcome::RolledBack => request.rolling_back.is_none(),
        _ => false,
    };
    let agreed = request.agreed_before(at);
    let agreed: Vec<&PersonId> = agreed.iter().chain(&request.reset).map(|by| &by.id).collect();
    if !is_not_done || agreed.is_empty() {
        return None;
    }
    Some(Notification {
        requester: Some(request.by.id.clone()),
        people: others(request, agreed.into_iter()),
        why: view::reset(request).filter(|_| outcome == Outcome::Expired),
        ..Notification::new("its end", [])
    })
}

/// These people, without the requester.
fn others<'a>(request: &Request, people: impl Iterator<Item = &'a PersonId>) -> BTreeSet<PersonId> {
    people.filter(|id| **id != request.by.id).cloned().collect()
}

fn review(
    request: &Request,
    began: Timestamp,
    emergencies: &Emergencies,
    called: Option<&String>,
    now: Timestamp,
) -> Option<Notification> {
    // Of an emergency that a desk was down for, a reminder is due as well, and its line is about to come: one of both will do.
    if called.is_none() && emergency::reminder_is_due(emergencies, request, now) {
        return None;
    }
    let reminder = request.reminded.filter(|(_, at)| *at > began);
    let what = reminder.as_ref().map(|(times, at)| format!("review reminder {times} of {at}"));
    // Whom it went past are notified first, also by a desk that was down when they should have been.
    let were_told = called.is_some_and(|what| what.contains("review"));
    let roles = if reminder.is_some() && were_told {
        emergency::reviewers(emergencies, request, now)
    } else {
        let skipped = request.planned.iter().flat_map(|planned| planned.needs.skipped.iter().copied());
        skipped.chain([Role::Supervisor, Role::Admin]).collect()
    };
    let why = (!request.is_finished()).then(|| "It is an emergency that has to be reviewed.".to_owned());
    Some(Notification {
        roles,
        why,
        again: reminder.is_some(),
        ..Notification::new(what.unwrap_or_else(|| "its review".to_owned()), [])
    })
}

//! Whether a plan may be carried out: a pure function of the request, the rules and the people as they are now.

use jiff::Timestamp;

use crate::command::Verb;
use crate::ids::RequestNo;
use crate::log::By;
use crate::plan::PlanDigest;
use crate::policy::{Matter, Policy};
use crate::problem::Problem;
use crate::request::{Phase, Planned, Request};
use crate::roles::{self, Person};
use crate::site::Protected;
use crate::text::{self, code};

/// The permission to carry out one plan of one request. Only [`weigh`] makes one; it cannot be copied.
#[derive(Debug)]
pub struct Go {
    no: RequestNo,
    digest: PlanDigest,
}

impl Go {
    pub fn request(&self) -> RequestNo {
        self.no
    }

    pub fn digest(&self) -> &PlanDigest {
        &self.digest
    }
}

/// What is still missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The requester's own yes.
    Confirmation,
    /// So many more approvals.
    Approvals(u8),
}

/// What came of weighing.
#[derive(Debug)]
pub enum Verdict {
    Go(Go),
    Waits(Vec<Missing>),
    /// The yeses count no more; the plan has to be made and shown anew.
    Void(Vec<String>),
    /// The requester may not ask this any longer.
    Refused(Problem),
    Expired,
}

/// Everything that is weighed. `voters` are the approvers as their platforms know them now; one who is gone is missing.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub request: &'a Request,
    pub policy: &'a Policy,
    pub protected: &'a Protected,
    pub requester: Option<&'a Person>,
    pub voters: &'a [Person],
    pub now: Timestamp,
}

/// Weighs a planned request. Takes no time, no network and no disk, and is the only maker of a [`Go`].
pub fn weigh(case: Case<'_>) -> Verdict {
    let Case { request, policy, protected, requester, voters, now } = case;
    let Some(planned) = &request.planned else { return Verdict::Waits(Vec::new()) };
    match request.phase {
        // What has begun goes on: its first step was only ever started with a Go.
        Phase::Running => return Verdict::Go(Go { no: request.no, digest: planned.digest.clone() }),
        Phase::Waiting => {}
        _ => return Verdict::Waits(Vec::new()),
    }
    if now >= planned.expires {
        return Verdict::Expired;
    }
    let Some(requester) = requester else {
        return Verdict::Refused(
            Problem::asker("requester_gone", format!("{} is no longer here.", code(&request.by.name)))
                .next("Somebody else has to ask again."),
        );
    };
    let matter =
        Matter { command: &request.command, risk: planned.plan.risk, planned: true, place: &request.place };
    let needs =
        policy.needs(&matter, requester).map(|needs| needs.protecting(protected.among(&planned.plan)));
    match needs {
        Err(problem) => return Verdict::Refused(problem),
        Ok(needs) if needs != planned.needs => {
            return Verdict::Void(vec!["the rules for this changed".to_owned()]);
        }
        Ok(_) => {}
    }
    let mut missing = Vec::new();
    if planned.needs.confirm && request.confirmed.is_none() {
        missing.push(Missing::Confirmation);
    }
    let mut counted: Vec<&Person> = Vec::new();
    for yes in &request.approvals {
        let Some(person) = voters.iter().find(|person| person.id == yes.by.id) else { continue };
        let may = may_approve(planned, &request.by, requester, person).is_ok();
        if may && !counted.iter().any(|other| same_person(other, person)) {
            counted.push(person);
        }
    }
    let counted = u8::try_from(counted.len()).unwrap_or(u8::MAX);
    if counted < planned.needs.approvals {
        missing.push(Missing::Approvals(planned.needs.approvals - counted));
    }
    if missing.is_empty() {
        Verdict::Go(Go { no: request.no, digest: planned.digest.clone() })
    } else {
        Verdict::Waits(missing)
    }
}

/// Two accounts are one person when they are the same account or belong to the same login.
pub fn same_person(a: &Person, b: &Person) -> bool {
    a.id == b.id || (a.login.is_some() && a.login == b.login)
}

/// Whether this person may approve (or deny) this plan: never the requester, never somebody the plan is about.
pub fn may_approve(
    planned: &Planned,
    asked_by: &By,
    requester: &Person,
    person: &Person,
) -> Result<(), Problem> {
    let who = if planned.needs.approvers.is_empty() {
        "nobody: this plan needs no approval".to_owned()
    } else {
        format!("another person with the role {}", roles::words(&planned.needs.approvers))
    };
    let rule = &planned.needs.rule;
    if person.id == asked_by.id || same_person(person, requester) {
        return Err(Problem::asker("own_request", "Nobody decides on their own request.")
            .next(format!("Ask {who}."))
            .rule(rule));
    }
    if planned.plan.about.iter().any(|subject| person.login.as_deref() == Some(&subject.login)) {
        return Err(Problem::asker("about_oneself", "Nobody decides on a request about themselves.")
            .next(format!("Ask {who}."))
            .rule(rule));
    }
    if !person.has_any(&planned.needs.approvers) {
        let says = if person.roles.is_empty() {
            "You have no role at the desk, so you may not decide on this.".to_owned()
        } else {
            format!(
                "Your roles ({}) may not decide on this.",
                roles::words(&person.roles).replace(" or ", " and ")
            )
        };
        return Err(Problem::asker("not_an_approver", says).next(format!("Ask {who}.")).rule(rule));
    }
    Ok(())
}

/// Whether somebody could use a verb on a request as it stands, as far as its lines tell.
pub fn is_offered(verb: Verb, request: &Request, by: &Person) -> bool {
    let mine = request.by.id == by.id;
    let Some(planned) = &request.planned else { return mine && verb == Verb::Cancel };
    let requester = Person {
        id: request.by.id.clone(),
        name: request.by.name.clone(),
        roles: Default::default(),
        login: None,
    };
    let approver = may_approve(planned, &request.by, &requester, by).is_ok();
    match (verb, &request.phase) {
        (Verb::Confirm, Phase::Waiting) => mine && request.confirmed.is_none(),
        (Verb::Approve, Phase::Waiting) => {
            approver && !request.approvals.iter().any(|yes| yes.by.id == by.id)
        }
        (Verb::Deny, Phase::Waiting) => approver,
        (Verb::Cancel, Phase::Asked | Phase::Waiting) => mine || approver,
        (Verb::Cancel, Phase::Stuck { step, .. }) => {
            approver || mine && (planned.plan.only_reads() || request.is_letter(*step))
        }
        (Verb::Done, Phase::Stuck { step, .. }) => (mine || approver) && request.is_letter(*step),
        (Verb::Done, Phase::ByHand { .. }) | (Verb::Retry, Phase::Stuck { .. }) => mine || approver,
        (Verb::Reveal, _) => mine && request.makes_password_known() && request.revealed.is_none(),
        _ => false,
    }
}

/// What is missing, as people say it: "the requester's confirmation and 1 approval (supervisor or admin)".
pub fn missing_words(missing: &[Missing], planned: &Planned) -> String {
    let words: Vec<String> = missing
        .iter()
        .map(|missing| match missing {
            Missing::Confirmation => "the requester's confirmation".to_owned(),
            Missing::Approvals(n) => format!(
                "{} ({})",
                text::count(usize::from(*n), "approval"),
                roles::words(&planned.needs.approvers)
            ),
        })
        .collect();
    text::list(&words, "and")
}

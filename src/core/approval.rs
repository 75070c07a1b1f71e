//! Whether a plan may be carried out: a pure function of the request, the rules and the people as they are now.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::command::Verb;
use crate::emergency::{self, Emergencies};
use crate::freeze::Freeze;
use crate::ids::RequestNo;
use crate::live::{AtWork, Live};
use crate::log::{By, Event, Line};
use crate::plan::PlanDigest;
use crate::policy::{Matter, Policy, Quorum};
use crate::problem::Problem;
use crate::request::{Deferral, Phase, Planned, Request, Review};
use crate::roles::{self, Person, Role};
use crate::site::Protected;
use crate::text::{self, code};

/// The permission to carry out one plan of one request. Only [`weigh`] makes one; it cannot be copied.
#[derive(Debug)]
pub struct Go {
    no: RequestNo,
    digest: PlanDigest,
    turned: u64,
}

impl Go {
    fn to(request: &Request, planned: &Planned) -> Go {
        Go { no: request.no, digest: planned.digest.clone(), turned: request.turned }
    }

    pub fn request(&self) -> RequestNo {
        self.no
    }

    pub fn digest(&self) -> &PlanDigest {
        &self.digest
    }

    /// The line that had turned it last when it was weighed; what turned it after that has not been weighed.
    pub fn turned(&self) -> u64 {
        self.turned
    }
}

/// What is still missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The requester's own yes.
    Confirmation,
    /// A word on how the caller was verified.
    Caller,
    /// So many more approvals from these roles.
    Approvals(Quorum),
    /// This moment.
    Moment(Timestamp),
    /// The end of a contact, at most until then.
    ContactEnds(Timestamp),
}

/// What came of weighing.
#[derive(Debug)]
pub enum Verdict {
    Go(Go),
    /// Every yes is there; what the people are doing has to be looked at before it may go.
    Look,
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
    /// What stands in the way whoever says yes: a freeze, or an emergency that may not be.
    pub barred: Option<&'a Problem>,
    /// What the people it is about are doing, if it was looked at just now. Nothing begins without.
    pub live: Option<&'a Live>,
    pub now: Timestamp,
}

/// Weighs a planned request. Takes no time, no network and no disk, and is the only maker of a [`Go`].
pub fn weigh(case: Case<'_>) -> Verdict {
    let Case { request, policy, protected, requester, voters, barred, live, now } = case;
    let Some(planned) = &request.planned else { return Verdict::Waits(Vec::new()) };
    match request.phase {
        // What has begun goes on: its first step was only ever started with a Go.
        Phase::Running => return Verdict::Go(Go::to(request, planned)),
        Phase::Waiting => {}
        _ => return Verdict::Waits(Vec::new()),
    }
    if now >= expires(request, planned) {
        return Verdict::Expired;
    }
    if let Some(problem) = barred {
        return Verdict::Refused(problem.clone());
    }
    let Some(requester) = requester else {
        return Verdict::Refused(
            Problem::asker("requester_gone", format!("{} is no longer here.", code(&request.by.name)))
                .next("Somebody else has to ask again."),
        );
    };
    let touched = planned.plan.touched(live.unwrap_or(&planned.live));
    let matter = Matter {
        command: &request.command,
        risk: planned.plan.risk,
        touched: Some(&touched),
        emergency: request.args.flag("emergency"),
        place: &request.place,
        now,
    };
    match policy.needs_of(&planned.plan, &matter, requester, protected) {
        Err(problem) => return Verdict::Refused(problem),
        Ok(needs) if needs != planned.needs => {
            let queues =
                live.filter(|live| live.queues != planned.live.queues).and_then(Live::queues_sentence);
            let why = queues.map(|left| left.trim_end_matches('.').to_owned());
            return Verdict::Void(vec![why.unwrap_or_else(|| "the rules for this changed".to_owned())]);
        }
        Ok(_) => {}
    }
    // In the order of their ids, and with the roles of all the accounts that somebody said yes with, so that no order of
    // clicks makes another verdict.
    let said_yes = |person: &&Person| request.approvals.iter().any(|yes| yes.by.id == person.id);
    let mut approvers: Vec<&Person> = voters.iter().filter(said_yes).collect();
    approvers.retain(|person| may_approve(planned, &request.by, requester, person, now).is_ok());
    approvers.sort_by(|a, b| a.id.cmp(&b.id));
    let mut counted: Vec<(&Person, BTreeSet<Role>)> = Vec::new();
    for person in approvers {
        match counted.iter_mut().find(|(other, _)| same_person(other, person)) {
            Some((_, roles)) => roles.extend(&person.roles),
            None => counted.push((person, person.roles.clone())),
        }
    }
    let roles: Vec<&BTreeSet<Role>> = counted.iter().map(|(_, roles)| roles).collect();
    let mut missing = missing(request, planned, &roles, now);
    let waits_for_contact = |missing: &Missing| matches!(missing, Missing::ContactEnds(_));
    let Some(live) = live else {
        let all_else = missing.iter().all(waits_for_contact);
        return if all_else { Verdict::Look } else { Verdict::Waits(missing) };
    };
    missing.retain(|missing| !waits_for_contact(missing) || live.on_contact > 0 || live.unknown);
    if !missing.is_empty() {
        return Verdict::Waits(missing);
    }
    let said = |person: &AtWork| person.sentence().trim_end_matches('.').to_owned();
    let cut_off: Vec<String> = live.newly_cut_off(&planned.live).into_iter().map(said).collect();
    if !cut_off.is_empty() && !planned.needs.emergency {
        return Verdict::Void(cut_off);
    }
    Verdict::Go(Go::to(request, planned))
}

/// Whether those who could approve it have to be called once more: after so many minutes without an answer, and when the
/// next group may answer as well. Of an emergency, those who have to review it.
pub fn reminder_is_due(request: &Request, rules: &Emergencies, now: Timestamp) -> bool {
    if request.review == Some(Review::Due) {
        return emergency::reminder_is_due(rules, request, now);
    }
    let Some(planned) = request.planned.as_ref().filter(|_| request.phase == Phase::Waiting) else {
        return false;
    };
    let put_off = request.deferred.is_some_and(|deferral| !deferral.contact && now < deferral.until);
    let needs = &planned.needs;
    if put_off || request.approvals.len() >= usize::from(needs.yeses()) || now >= expires(request, planned) {
        return false;
    }
    let last = request.reminded.map_or(planned.at, |(_, at)| at);
    let after = |minutes: u32| SignedDuration::from_mins(i64::from(minutes));
    let again = needs.remind_minutes.is_some_and(|minutes| now.duration_since(last) >= after(minutes));
    let escalated = needs.escalate.as_ref().is_some_and(|next| {
        let waited = after(next.after_minutes);
        now.duration_since(planned.at) >= waited && last.duration_since(planned.at) < waited
    });
    again || escalated
}

/// When the plan waits no longer; what was put off for a moment waits as long again from then, and what was put off for the
/// end of a contact until the last moment that was said.
pub fn expires(request: &Request, planned: &Planned) -> Timestamp {
    let lasts = SignedDuration::from_mins(i64::from(planned.needs.expires_minutes));
    match request.deferred {
        None => planned.expires,
        Some(Deferral { until, contact: true }) => until,
        Some(Deferral { until, contact: false }) => {
            until.checked_add(lasts).unwrap_or(until).max(planned.expires)
        }
    }
}

/// What is missing when these people approved, each with their roles.
pub fn missing(
    request: &Request,
    planned: &Planned,
    approved: &[&BTreeSet<Role>],
    now: Timestamp,
) -> Vec<Missing> {
    let mut missing = Vec::new();
    if (planned.needs.confirm || request.is_doubtful) && request.confirmed.is_none() {
        missing.push(Missing::Confirmation);
    }
    if planned.needs.caller && request.caller.is_none() {
        missing.push(Missing::Caller);
    }
    let groups = planned.needs.groups(planned.at, now);
    missing.extend(unfilled(&groups, approved).into_iter().map(Missing::Approvals));
    missing.extend(request.deferred.and_then(|Deferral { until, contact }| match contact {
        true => Some(Missing::ContactEnds(until)),
        false => (now < until).then_some(Missing::Moment(until)),
    }));
    missing
}

/// A yes that came sooner after the plan's card can hardly have been thought over.
pub const HASTY: SignedDuration = SignedDuration::from_secs(3);

/// How long after its plan was shown each yes came, by the numbers of the lines that say yes. The lines are in their order.
pub fn paces(lines: &[Line]) -> BTreeMap<u64, SignedDuration> {
    let mut planned: BTreeMap<Option<RequestNo>, Timestamp> = BTreeMap::new();
    let mut paces = BTreeMap::new();
    for line in lines {
        match &line.event {
            Event::Planned { .. } => drop(planned.insert(line.request, line.at)),
            Event::Approved { .. } => {
                let shown = planned.get(&line.request);
                paces.extend(shown.map(|shown| (line.line, line.at.duration_since(*shown))));
            }
            _ => {}
        }
    }
    paces
}

/// What is left of the groups when each of these people counts once, where they fill the most.
///
/// A seat is a yes that a group wants. People are seated one after the other; who finds every seat of theirs taken has
/// somebody else move on (the augmenting paths of bipartite matching), so no order of clicks leaves a seat empty.
pub fn unfilled(groups: &[Quorum], people: &[&BTreeSet<Role>]) -> Vec<Quorum> {
    let seats: Vec<usize> =
        groups.iter().enumerate().flat_map(|(i, g)| std::iter::repeat_n(i, g.approvals.into())).collect();
    let mut taken: Vec<Option<usize>> = vec![None; seats.len()];
    for person in 0..people.len() {
        seat(person, groups, people, &seats, &mut taken, &mut vec![false; seats.len()]);
    }
    let mut left: Vec<Quorum> = groups.to_vec();
    for group in seats.iter().zip(&taken).filter(|(_, taken)| taken.is_some()).map(|(group, _)| *group) {
        left[group].approvals -= 1;
    }
    left.retain(|group| group.approvals > 0);
    left
}

fn seat(
    person: usize,
    groups: &[Quorum],
    people: &[&BTreeSet<Role>],
    seats: &[usize],
    taken: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for (i, group) in seats.iter().enumerate() {
        if tried[i] || groups[*group].approvers.is_disjoint(people[person]) {
            continue;
        }
        tried[i] = true;
        let free = match taken[i] {
            None => true,
            Some(other) => seat(other, groups, people, seats, taken, tried),
        };
        if free {
            taken[i] = Some(person);
            return true;
        }
    }
    false
}

/// Two accounts are one person when they are the same account, when the site ties them, be it over a third one, or when
/// they have one login.
pub fn same_person(a: &Person, b: &Person) -> bool {
    let tied = a.id == b.id || a.also.contains(&b.id) || b.also.contains(&a.id);
    tied || !a.also.is_disjoint(&b.also) || b.login.as_deref().is_some_and(|login| a.is_user(login))
}

/// Whether this person may approve (or deny) this plan: never the requester, never somebody the plan is about.
pub fn may_approve(
    planned: &Planned,
    asked_by: &By,
    requester: &Person,
    person: &Person,
    now: Timestamp,
) -> Result<(), Problem> {
    let approvers: BTreeSet<Role> =
        planned.needs.groups(planned.at, now).into_iter().flat_map(|group| group.approvers).collect();
    let ask = if approvers.is_empty() {
        "It needs nobody's approval, so only who asked has a word on it.".to_owned()
    } else {
        format!("Ask another person with the role {}.", roles::words(&approvers))
    };
    let rule = &planned.needs.rule;
    if person.id == asked_by.id || same_person(person, requester) {
        return Err(Problem::asker("own_request", "Nobody decides on their own request.")
            .next(&ask)
            .rule(rule));
    }
    if planned.plan.about.iter().any(|subject| person.is_user(&subject.login)) {
        return Err(Problem::asker("about_oneself", "Nobody decides on a request about themselves.")
            .next(&ask)
            .rule(rule));
    }
    if !person.has_any(&approvers) {
        let says = if person.roles.is_empty() {
            "You have no role at the desk, so you may not decide on this.".to_owned()
        } else {
            format!(
                "Your roles ({}) may not decide on this.",
                roles::words(&person.roles).replace(" or ", " and ")
            )
        };
        return Err(Problem::asker("not_an_approver", says).next(&ask).rule(rule));
    }
    Ok(())
}

/// Whether somebody could use a verb on a request as it stands, as far as its lines tell.
pub fn is_offered(verb: Verb, request: &Request, by: &Person, now: Timestamp) -> bool {
    let mine = request.by.id == by.id;
    let Some(planned) = &request.planned else {
        return mine && verb == Verb::Cancel && matches!(request.phase, Phase::Asked);
    };
    let requester = Person {
        id: request.by.id.clone(),
        name: request.by.name.clone(),
        roles: Default::default(),
        login: None,
        also: Default::default(),
    };
    let approver = may_approve(planned, &request.by, &requester, by, now).is_ok();
    let to_review = || request.review == Some(Review::Due);
    match (verb, &request.phase) {
        (Verb::Confirm, Phase::Waiting) => mine && request.confirmed.is_none(),
        (Verb::Approve, Phase::Waiting) => approver && request.yes_of(by).is_none(),
        (Verb::Deny | Verb::Revise, Phase::Waiting) => approver,
        (Verb::Verify, Phase::Waiting) => {
            planned.needs.caller && request.caller.is_none() && (mine || by.leads())
        }
        (Verb::Defer, Phase::Waiting) => mine || approver,
        (Verb::Justified | Verb::Unjustified, Phase::Finished { .. }) => to_review() && !mine && by.leads(),
        (Verb::Unfreeze, Phase::ByHand { .. }) => Freeze::of(request).is_some() && (mine || by.leads()),
        (Verb::Cancel, Phase::Asked | Phase::Waiting) => mine || approver,
        (Verb::Cancel, Phase::Stuck { step, .. }) => {
            approver || mine && (planned.plan.only_reads() || request.is_letter(*step))
        }
        (Verb::Done, Phase::Stuck { step, .. }) => (mine || approver) && request.is_letter(*step),
        (Verb::Done, Phase::ByHand { .. }) => (mine || approver) && Freeze::of(request).is_none(),
        (Verb::Retry, Phase::Stuck { .. }) => mine || approver,
        (Verb::Reveal, _) => mine && request.makes_password_known() && request.revealed.is_none(),
        _ => false,
    }
}

impl Missing {
    /// Whether nobody has to say anything, only time to pass.
    pub fn is_a_wait(&self) -> bool {
        matches!(self, Missing::Moment(_) | Missing::ContactEnds(_))
    }
}

/// What is missing, as people say it: "the requester's confirmation and 1 approval (supervisor or admin)".
pub fn missing_words(missing: &[Missing]) -> String {
    let words: Vec<String> = missing
        .iter()
        .map(|missing| match missing {
            Missing::Confirmation => "the requester's confirmation".to_owned(),
            Missing::Caller => "a word on how the caller was verified".to_owned(),
            Missing::Moment(at) => format!("until {}", text::moment(*at)),
            Missing::ContactEnds(at) => {
                format!("until the contact ends, or given up at {}", text::moment(*at))
            }
            Missing::Approvals(group) => format!(
                "{} ({})",
                text::count(usize::from(group.approvals), "approval"),
                roles::words(&group.approvers)
            ),
        })
        .collect();
    text::list(&words, "and")
}

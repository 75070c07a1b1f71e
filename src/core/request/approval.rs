//! Whether a plan may be carried out: a pure function of the request, the rules and the people as they are now.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::fold::{Deferral, First, Phase, Planned, Request};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::roles::{self, Person, Role};
use crate::basics::span;
use crate::basics::text::{self, code};
use crate::log::{By, Event, Line};
use crate::plan::Impact;
use crate::plan::PlanDigest;
use crate::plan::{ActiveAgent, Presence};
use crate::plan::{Plan, Until};
use crate::policy::Emergencies;
use crate::policy::site::Protected;
use crate::policy::{Action, Policy, Quorum, Requirements};
use crate::ports::is_ahead;
use crate::request::emergency;
use crate::request::freeze::Freeze;

/// The permission to carry out one plan of one request. Only [`weigh`] makes one; it cannot be copied.
#[derive(Debug)]
pub struct Permit {
    no: RequestNo,
    digest: PlanDigest,
    last_adverse_line: u64,
}

impl Permit {
    fn to(request: &Request, planned: &Planned) -> Permit {
        Permit {
            no: request.no,
            digest: planned.digest.clone(),
            last_adverse_line: request.last_adverse_line,
        }
    }

    pub fn request(&self) -> RequestNo {
        self.no
    }

    pub fn digest(&self) -> &PlanDigest {
        &self.digest
    }

    /// The line that had turned it last when it was weighed; what turned it after that has not been weighed.
    pub fn last_adverse_line(&self) -> u64 {
        self.last_adverse_line
    }

    /// Whether the request is as it was weighed.
    pub fn is_for(&self, request: &Request) -> bool {
        request.no == self.no
            && request.last_adverse_line == self.last_adverse_line
            && request.planned.as_ref().is_some_and(|planned| planned.digest == self.digest)
    }
}

/// What is still missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outstanding {
    /// The requester's own confirmation.
    Confirmation,
    /// How the caller was verified.
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
    Permit(Permit),
    /// Every approval is there; what the people are doing has to be looked at before it may go.
    Look,
    Waits(Vec<Outstanding>),
    /// Approvals are no longer valid; a new plan has to be made and shown.
    Void(Vec<String>),
    /// The requester may not ask this any longer.
    Refused(Problem),
    /// Nothing begins for now, and nothing has failed: it continues when what holds it is over.
    Held(Held),
    Expired,
}

/// What holds a request.
#[derive(Clone, Debug)]
pub struct Held {
    pub problem: Problem,
    /// It is the requester's doing.
    pub by_requester: bool,
    /// What it needs from now on, where the policy changed.
    pub needs: Option<Box<Requirements>>,
    /// The groups whose approval is missing.
    pub unmet: Vec<Quorum>,
}

impl Held {
    fn because(problem: Problem) -> Held {
        Held { problem, by_requester: false, needs: None, unmet: Vec::new() }
    }

    /// Whether the request is held like this already. What a person stopped stays so whatever else would hold it.
    pub fn is_told_of(&self, request: &Request) -> bool {
        request.held.as_ref().is_some_and(|hold| {
            let same = hold.problem == self.problem
                && hold.by_requester == self.by_requester
                && hold.unmet == self.unmet;
            hold.by.is_some() || same && self.needs.is_none()
        })
    }

    fn by_freeze(freeze: &Freeze, evaluation: Evaluation<'_>) -> Held {
        let by_requester = freeze.by.id == evaluation.request.by.id
            || evaluation.requester.is_some_and(|person| person.accounts().contains(&freeze.by.id));
        Held { by_requester, ..Held::because(freeze.problem()) }
    }
}

/// Everything that is weighed. `voters` are the approvers as their platforms know them now; one who is gone is missing.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation<'a> {
    pub request: &'a Request,
    pub policy: &'a Policy,
    pub protected: &'a Protected,
    pub requester: Option<&'a Person>,
    pub voters: &'a [Person],
    /// Who said last that it should continue, as they are now.
    pub answering: Option<&'a Person>,
    /// The freeze that covers it.
    pub frozen: Option<&'a Freeze>,
    /// Why it may not be an emergency, if it is to be one.
    pub blocked_by: Option<&'a Problem>,
    /// What the people it is about are doing, if it was looked at just now. Nothing begins without.
    pub live: Option<&'a Presence>,
    pub at: Moment,
}

/// A moment as the clock says it, and by the time that passed since the lines of the request: a deadline is over when either
/// says so.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub now: Timestamp,
    pub passed: Timestamp,
}

impl From<Timestamp> for Moment {
    fn from(now: Timestamp) -> Moment {
        Moment { now, passed: now }
    }
}

impl Moment {
    pub fn is_over(self, deadline: Timestamp) -> bool {
        self.now.max(self.passed) >= deadline
    }
}

/// Weighs a planned request, before it begins and before each further step. Takes no time, no network and no disk, and is the
/// only maker of a [`Permit`].
pub fn weigh(evaluation: Evaluation<'_>) -> Verdict {
    let Some(planned) = &evaluation.request.planned else { return Verdict::Waits(Vec::new()) };
    match evaluation.request.phase {
        Phase::Waiting => weigh_start(evaluation, planned),
        Phase::Running => match weigh_next(evaluation, planned) {
            Ok(()) => Verdict::Permit(Permit::to(evaluation.request, planned)),
            Err(held) => Verdict::Held(*held),
        },
        _ => Verdict::Waits(Vec::new()),
    }
}

fn weigh_start(evaluation: Evaluation<'_>, planned: &Planned) -> Verdict {
    let Evaluation { request, policy, protected, requester, frozen, blocked_by, live, at, .. } = evaluation;
    if at.is_over(expires(request, planned)) {
        return Verdict::Expired;
    }
    if let Some(problem) = blocked_by {
        return Verdict::Refused(problem.clone());
    }
    if let Some(freeze) = frozen {
        return Verdict::Held(Held::by_freeze(freeze, evaluation));
    }
    let Some(requester) = requester else {
        return Verdict::Refused(requester_gone(request));
    };
    let impact = planned.plan.impact(live.unwrap_or(&planned.live));
    let action = action(request, planned, &impact, at.now);
    match policy.needs_of(&planned.plan, &action, requester, protected) {
        Err(problem) => return Verdict::Refused(problem),
        Ok(needs) if needs != planned.needs => {
            let queues =
                live.filter(|live| live.queues != planned.live.queues).and_then(Presence::queues_sentence);
            let why = queues.map(|left| left.trim_end_matches('.').to_owned());
            let why = why.or_else(|| other_rule_at(request, policy, protected, requester, at.now));
            let changed = || format!("{} changed", what_changed(evaluation, planned, &action, requester));
            return Verdict::Void(vec![why.unwrap_or_else(changed)]);
        }
        Ok(_) => {}
    }
    let mut missing = missing_now(evaluation, planned, requester);
    let waits_for_contact = |missing: &Outstanding| matches!(missing, Outstanding::ContactEnds(_));
    let Some(live) = live else {
        let all_else = missing.iter().all(waits_for_contact);
        return if all_else { Verdict::Look } else { Verdict::Waits(missing) };
    };
    missing.retain(|missing| !waits_for_contact(missing) || live.on_contact > 0 || live.unknown);
    if !missing.is_empty() {
        return Verdict::Waits(missing);
    }
    let said = |person: &ActiveAgent| person.sentence(at.now).trim_end_matches('.').to_owned();
    let cut_off: Vec<String> = live.newly_cut_off(&planned.live).into_iter().map(said).collect();
    if !cut_off.is_empty() && !planned.needs.emergency {
        return Verdict::Void(cut_off);
    }
    Verdict::Permit(Permit::to(request, planned))
}

/// Whether the next step of what has begun may begin, or why it is held.
fn weigh_next(evaluation: Evaluation<'_>, planned: &Planned) -> Result<(), Box<Held>> {
    let Evaluation { request, policy, protected, requester, answering, frozen, at, .. } = evaluation;
    let now = at.now;
    if let Some(hold) = request.held.as_ref().filter(|hold| hold.by.is_some()) {
        return Err(Held::because(hold.problem.clone()).into());
    }
    if let Some(freeze) = frozen {
        return Err(Held::by_freeze(freeze, evaluation).into());
    }
    let is_late = planned.needs.approvals_needed() > 0 && at.is_over(expires(request, planned));
    if let Some(hold) = &request.held
        && hold.by_requester
        && is_late
    {
        let held = Held::because(approvals_expired(request, planned));
        return Err(Held { by_requester: true, ..held }.into());
    }
    // Going back needs no right beyond that of the requester for it. What can't be undone is finished by the word of others; the
    // requester's takes it no further than theirs that it should continue.
    if let Some(by) = &request.rolling_back {
        let is_own = by.id == request.by.id
            || requester.is_some_and(|requester| requester.accounts().contains(&by.id));
        if !is_own || !request.rolls_forward() {
            return Ok(());
        }
    }
    let impact = planned.plan.impact(&planned.live);
    // What began within the hours of its rule is finished, so the moment is the one at which it began.
    let action = action(request, planned, &impact, request.began.unwrap_or(now));
    let needs_of = |person: &Person| policy.needs_of(&planned.plan, &action, person, protected);
    let entitled = match requester {
        Some(requester) => needs_of(requester),
        None => Err(requester_gone(request)),
    };
    let is_entitled = entitled.is_ok();
    let gone = request.by.as_person();
    let asked_by = requester.unwrap_or(&gone);
    let needs = match entitled {
        Ok(needs) => needs,
        // Someone else who may answer for it says that it should continue: as long as the policy lets people of the roles that it was
        // asked with ask it, or of one of theirs.
        Err(problem) => {
            let one_of_theirs = |role| needs_of(&Person { roles: [role].into(), ..gone.clone() }).is_ok();
            let needs = needs_of(&as_asked(request, asked_by)).ok().or_else(|| {
                answering_roles(planned, now).into_iter().any(one_of_theirs).then(|| planned.needs.clone())
            });
            let Some(needs) = needs else {
                return Err(Held::because(no_longer_allowed(request)).into());
            };
            if !answering.is_some_and(|person| may_answer(planned, request, asked_by, person, now)) {
                return Err(Held::because(no_longer_entitled(request, problem)).into());
            }
            // No one confirms in the requester's place.
            Requirements { confirm: false, ..needs }
        }
    };
    let as_of_now = Planned { needs: needs.clone(), ..planned.clone() };
    let is_complete = |missing: &[Outstanding]| missing.iter().all(Outstanding::is_a_wait);
    if is_complete(&missing_now(evaluation, &as_of_now, asked_by))
        && !needs.wants_more_of_each(&planned.needs)
    {
        return Ok(());
    }
    let is_new = needs != planned.needs;
    let mut then = request.clone();
    if is_new {
        then.needs_from_now_on(&needs, now);
    }
    let planned = then.planned.as_ref().unwrap_or(&as_of_now);
    let mut missing = missing_now(Evaluation { request: &then, ..evaluation }, planned, asked_by);
    missing.retain(|missing| !missing.is_a_wait());
    let words = missing_words(&missing, THEIRS, now);
    // By the lines nothing is missing: who gave it is no longer an approver.
    let message = match is_complete(&missing_by_lines(&then, planned, now)) {
        true => format!("An approver of {} left or lost their role, so it needs {words}.", request.no),
        false => format!("The policy or the requester's roles changed: {} now needs {words}.", request.no),
    };
    let hint = continued_with(request, &missing, is_entitled);
    let problem = Problem::requester(APPROVALS_MISSING, message).hint(hint);
    let unmet = missing.into_iter().filter_map(Outstanding::group).collect();
    Err(Held { needs: is_new.then(|| Box::new(needs)), unmet, ..Held::because(problem) }.into())
}

/// What people type so that it continues. Where the requester may not, someone else knows the caller.
fn continued_with(request: &Request, missing: &[Outstanding], is_entitled: bool) -> String {
    let no = request.no.0;
    let mut lines: Vec<String> = Vec::new();
    for missing in missing {
        let verb = match missing {
            Outstanding::Confirmation => "confirm",
            Outstanding::Caller => "verify",
            Outstanding::Approvals(_) => "approve",
            Outstanding::Moment(_) | Outstanding::ContactEnds(_) => continue,
        };
        let how = if verb == "verify" && !is_entitled { " manager" } else { "" };
        let line = format!("`/desk {verb} {no}{how}`");
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    format!("Continue it with {}, or roll it back.", text::list(&lines, "and"))
}

/// Whether the requester, or who speaks for them, may still ask this: before anything of it is shown to them, or said by them.
pub fn is_still_entitled(
    request: &Request,
    policy: &Policy,
    protected: &Protected,
    requester: Option<&Person>,
    now: Timestamp,
) -> Result<(), Problem> {
    let Some(planned) = &request.planned else { return Ok(()) };
    let requester = requester.ok_or_else(|| requester_gone(request))?;
    let impact = planned.plan.impact(&planned.live);
    let action = action(request, planned, &impact, request.began.unwrap_or(now));
    policy.needs_of(&planned.plan, &action, requester, protected).map(|_| ())
}

/// That another rule than the one it was planned by holds for it at this moment, because of the hours of one of them, while the policy
/// is the same.
pub fn other_rule_at(
    request: &Request,
    policy: &Policy,
    protected: &Protected,
    requester: &Person,
    then: Timestamp,
) -> Option<String> {
    let planned = request.planned.as_ref()?;
    let impact = planned.plan.impact(&planned.live);
    let needs = |at: Timestamp| {
        policy.needs_of(&planned.plan, &action(request, planned, &impact, at), requester, protected).ok()
    };
    let is_same_policy = needs(planned.at).is_some_and(|needs| needs == planned.needs);
    let rule = needs(then).map(|needs| needs.rule).unwrap_or_default();
    (is_same_policy && rule != planned.needs.rule)
        .then(|| policy.only_at_times(&planned.needs.rule, &rule))
        .flatten()
}

fn action<'a>(request: &'a Request, planned: &Planned, impact: &'a Impact, now: Timestamp) -> Action<'a> {
    Action {
        command: &request.command,
        risk: planned.plan.risk,
        impact: Some(impact),
        emergency: request.is_emergency(),
        place: &request.place,
        now,
    }
}

/// What is missing of these needs when the voters are who they are now.
fn missing_now(evaluation: Evaluation<'_>, planned: &Planned, requester: &Person) -> Vec<Outstanding> {
    let Evaluation { request, voters, at: Moment { now, .. }, .. } = evaluation;
    // In the order of their ids, and with the roles of all the accounts that someone approved with, so that no order of
    // clicks makes another verdict.
    let said_yes = |person: &&Person| request.approvals.iter().any(|approval| approval.by.id == person.id);
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
    missing(request, planned, &roles, now)
}

/// The requester with the roles that they asked it with.
fn as_asked(request: &Request, requester: &Person) -> Person {
    Person { roles: request.roles.iter().copied().collect(), ..requester.clone() }
}

/// What made other needs of a plan: with the roles that it was asked with, the policy of now would need the same.
fn what_changed(
    evaluation: Evaluation<'_>,
    planned: &Planned,
    action: &Action<'_>,
    requester: &Person,
) -> &'static str {
    let Evaluation { request, policy, protected, .. } = evaluation;
    let needs = policy.needs_of(&planned.plan, action, &as_asked(request, requester), protected);
    match needs.is_ok_and(|needs| needs == planned.needs) {
        true => "the requester's roles",
        false => "the policy for this",
    }
}

fn requester_gone(request: &Request) -> Problem {
    Problem::requester("requester_gone", format!("{} is no longer a member.", code(&request.by.name)))
        .hint("Someone else has to make the request.")
}

/// Why something that has begun stops when its requester may not ask it any more.
fn no_longer_entitled(request: &Request, problem: Problem) -> Problem {
    let no = request.no.0;
    let (who, why) = (code(&request.by.name), problem.code.as_str());
    let message = match why {
        "requester_gone" => format!("The requester of {}, {who}, is no longer a member.", request.no),
        _ => format!("{who} can no longer request this."),
    };
    let next = format!(
        "An approver, a supervisor or an admin can resume it with `/desk retry {no}`, or roll it back."
    );
    Problem { hint: next, message, ..problem }
}

/// The same when no one else may ask it either, so that no one's word continues it.
fn no_longer_allowed(request: &Request) -> Problem {
    let message = format!("The policy no longer allows {}.", request.no);
    let hint =
        format!("Roll it back with `/desk cancel {} rollback`, or have the policy changed.", request.no.0);
    Problem::requester(NOT_ALLOWED, message).hint(hint)
}

/// The problem of a run that was stopped by its requester until its approvals had expired.
fn approvals_expired(request: &Request, planned: &Planned) -> Problem {
    // The same words on every day: by them it is known that it is held for this already.
    let deadline = text::moment(expires(request, planned));
    Problem::requester(APPROVALS_EXPIRED, format!("The approvals of {} expired at {deadline}.", request.no))
        .hint(format!("Ask an approver or a supervisor for `/desk retry {}`.", request.no.0))
}

/// Whether this person may say, in place of the requester, that what was stopped should continue.
fn may_answer(
    planned: &Planned,
    request: &Request,
    requester: &Person,
    person: &Person,
    now: Timestamp,
) -> bool {
    may_lead(planned, &request.by, requester, person)
        || may_approve(planned, &request.by, requester, person, now).is_ok()
}

/// The roles of those who may answer for it.
fn answering_roles(planned: &Planned, now: Timestamp) -> BTreeSet<Role> {
    let approvers = planned.groups(now).into_iter().flat_map(|group| group.approvers);
    approvers.chain([Role::Supervisor, Role::Admin]).collect()
}

/// The codes of what holds a request that has begun.
pub const NOT_ALLOWED: &str = "not_allowed";
pub const APPROVALS_MISSING: &str = "approvals_missing";
pub const APPROVALS_EXPIRED: &str = "approvals_expired";
pub const STOPPED: &str = "stopped";

/// Whether those who could approve it have to be called once more: after so many minutes without an answer, and when the
/// next group may answer as well. Of an emergency, those who have to review it.
pub fn reminder_is_due(request: &Request, rules: &Emergencies, now: Timestamp) -> bool {
    match request.needs_review() {
        true => emergency::reminder_is_due(rules, request, now),
        false => approvers_reminder_is_due(request, now),
    }
}

/// The same of what waits for approvals, and of the requester where their confirmation was reset.
pub fn approvers_reminder_is_due(request: &Request, now: Timestamp) -> bool {
    let Some(planned) = request.planned.as_ref().filter(|_| request.phase == Phase::Waiting) else {
        return false;
    };
    let put_off = request.deferred.is_some_and(|deferral| !deferral.contact && now < deferral.until);
    let needs = &planned.needs;
    let is_for_approvers = is_for_approvers(request, now);
    let is_for_someone = is_for_approvers || is_to_confirm_again(request, now);
    let since = planned.turn_since.unwrap_or(planned.at);
    if put_off || !is_for_someone || now >= expires(request, planned) {
        return false;
    }
    let reminded = request.reminded.map(|(_, at)| at).filter(|at| !is_ahead(*at, now));
    let last = reminded.map_or(since, |at| at.max(since));
    let after = |minutes: u32| SignedDuration::from_mins(i64::from(minutes));
    let again = needs.remind_minutes.is_some_and(|minutes| now.duration_since(last) >= after(minutes));
    let escalated = needs.escalate.as_ref().filter(|_| is_for_approvers).is_some_and(|next| {
        let waited = after(next.after_minutes);
        now.duration_since(since) >= waited && last.duration_since(since) < waited
    });
    again || escalated
}

/// When the plan, and every approval of it, is no longer valid. What waits for the end of a contact ends with that wait.
pub fn expires(request: &Request, planned: &Planned) -> Timestamp {
    match request.deferred {
        Some(Deferral { until, contact: true, .. }) => planned.expires.min(until),
        _ => planned.expires,
    }
}

/// The time at which what a plan does ends, where it says one: from then on it is of no use.
pub fn ends_at(plan: &Plan) -> Option<Timestamp> {
    match plan.lasts() {
        Some(Until::At(end)) => Some(end),
        Some(Until::After(_)) | None => None,
    }
}

/// Whether a wait that ends then is over: one of a length once that time has passed, one until a moment when the clock says so.
pub fn is_wait_over(request: &Request, ends: Timestamp, at: Moment) -> bool {
    match request.plan().and_then(Plan::lasts) {
        Some(Until::After(_)) => at.is_over(ends),
        Some(Until::At(_)) | None => at.now >= ends,
    }
}

/// Whether it is the turn of those who approve: their approval is missing, and nothing comes first.
pub fn is_for_approvers(request: &Request, now: Timestamp) -> bool {
    let planned = request.planned.as_ref();
    let is_their_turn = planned.is_some_and(|planned| request.comes_first(&planned.needs).next().is_none());
    is_their_turn && !unmet_of(request, now).is_empty()
}

/// Whether it has everything that people say by the roles they had then, so that only time has to pass.
pub fn is_settled(request: &Request, planned: &Planned, now: Timestamp) -> bool {
    missing_by_lines(request, planned, now).iter().all(Outstanding::is_a_wait)
}

/// Whether the requester has to confirm again what was reset while no one was looking.
pub fn is_to_confirm_again(request: &Request, now: Timestamp) -> bool {
    let waits = request.phase == Phase::Waiting && !request.reset.is_empty();
    waits && lacks_confirmation(request, now)
}

/// Whether the requester's confirmation is missing.
pub fn lacks_confirmation(request: &Request, now: Timestamp) -> bool {
    let planned = request.planned.as_ref().filter(|_| request.takes_approvals());
    planned
        .is_some_and(|planned| missing_by_lines(request, planned, now).contains(&Outstanding::Confirmation))
}

/// The groups whose approval is missing still, by the roles that approvers had when they approved; of what is held, as it was weighed.
pub fn unmet_of(request: &Request, now: Timestamp) -> Vec<Quorum> {
    let Some(planned) = request.planned.as_ref().filter(|_| request.takes_approvals()) else {
        return Vec::new();
    };
    match &request.held {
        Some(hold) if request.phase == Phase::Running => hold.unmet.clone(),
        _ => missing_by_lines(request, planned, now).into_iter().filter_map(Outstanding::group).collect(),
    }
}

/// What is missing by the roles that approvers had when they approved. Who may really count is weighed again when it runs.
pub fn missing_by_lines(request: &Request, planned: &Planned, now: Timestamp) -> Vec<Outstanding> {
    let given: Vec<BTreeSet<Role>> =
        request.approvals.iter().map(|approval| approval.roles.iter().copied().collect()).collect();
    missing(request, planned, &given.iter().collect::<Vec<_>>(), now)
}

/// What is missing when these people approved, each with their roles.
pub fn missing(
    request: &Request,
    planned: &Planned,
    approved: &[&BTreeSet<Role>],
    now: Timestamp,
) -> Vec<Outstanding> {
    let mut missing = Vec::new();
    missing.extend(request.comes_first(&planned.needs).map(|first| match first {
        First::Confirmation => Outstanding::Confirmation,
        First::Caller => Outstanding::Caller,
    }));
    let groups = planned.groups(now);
    missing.extend(unmet(&groups, approved).into_iter().map(Outstanding::Approvals));
    missing.extend(request.deferred.and_then(|Deferral { until, contact, .. }| match contact {
        true => Some(Outstanding::ContactEnds(until)),
        false => (now < until).then_some(Outstanding::Moment(until)),
    }));
    missing
}

/// An approval that came sooner after approvers were asked can hardly have been thought over.
pub const RUBBER_STAMP: SignedDuration = SignedDuration::from_secs(3);

/// How long after approvers were asked each approval came, by the numbers of their lines. The lines are in their order.
pub fn response_times(lines: &[Line]) -> BTreeMap<u64, SignedDuration> {
    let mut asked: BTreeMap<Option<RequestNo>, Timestamp> = BTreeMap::new();
    let mut response_times = BTreeMap::new();
    for line in lines {
        if line.event.asks_approvers() {
            asked.insert(line.request, line.at);
        } else if let Event::Approved { .. } = line.event {
            let asked = asked.get(&line.request);
            response_times.extend(asked.map(|asked| (line.line, line.at.duration_since(*asked))));
        }
    }
    response_times
}

/// What is left of the groups when each of these people counts once, where they fill the most.
///
/// A slot is an approval that a group needs. People are assigned one after the other; where every slot of theirs is taken,
/// someone else moves to another one (the augmenting paths of bipartite matching), so no order of clicks leaves a slot empty.
pub fn unmet(groups: &[Quorum], people: &[&BTreeSet<Role>]) -> Vec<Quorum> {
    let slots: Vec<usize> =
        groups.iter().enumerate().flat_map(|(i, g)| std::iter::repeat_n(i, g.approvals.into())).collect();
    let mut taken: Vec<Option<usize>> = vec![None; slots.len()];
    for person in 0..people.len() {
        assign(person, groups, people, &slots, &mut taken, &mut vec![false; slots.len()]);
    }
    let mut left: Vec<Quorum> = groups.to_vec();
    for group in slots.iter().zip(&taken).filter(|(_, taken)| taken.is_some()).map(|(group, _)| *group) {
        left[group].approvals -= 1;
    }
    // An approval from another group completes it as well, where an approver of that group moves to this one.
    for (group, left) in left.iter_mut().enumerate().filter(|(_, left)| left.approvals > 0) {
        let others: BTreeSet<Role> = groups.iter().flat_map(|group| &group.approvers).copied().collect();
        for role in others {
            let role = BTreeSet::from([role]);
            let with: Vec<&BTreeSet<Role>> = people.iter().copied().chain([&role]).collect();
            let mut tried = slots
                .iter()
                .zip(&taken)
                .map(|(of, taken)| *of != group && taken.is_none())
                .collect::<Vec<_>>();
            if assign(people.len(), groups, &with, &slots, &mut taken.clone(), &mut tried) {
                left.approvers.extend(role);
            }
        }
    }
    left.retain(|group| group.approvals > 0);
    left
}

fn assign(
    person: usize,
    groups: &[Quorum],
    people: &[&BTreeSet<Role>],
    slots: &[usize],
    taken: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for (i, group) in slots.iter().enumerate() {
        if tried[i] || groups[*group].approvers.is_disjoint(people[person]) {
            continue;
        }
        tried[i] = true;
        let free = match taken[i] {
            None => true,
            Some(other) => assign(other, groups, people, slots, taken, tried),
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

/// Whether this person may close, stop and resume what others asked, and review emergencies: a supervisor or an admin, never
/// the requester, never someone the plan is about.
pub fn may_lead(planned: &Planned, asked_by: &By, requester: &Person, person: &Person) -> bool {
    person.leads()
        && person.id != asked_by.id
        && !same_person(person, requester)
        && !planned.plan.concerns(person)
}

/// Whether this person may approve (or deny) this plan: never the requester, never someone the plan is about.
pub fn may_approve(
    planned: &Planned,
    asked_by: &By,
    requester: &Person,
    person: &Person,
    now: Timestamp,
) -> Result<(), Problem> {
    let approvers: BTreeSet<Role> =
        planned.groups(now).into_iter().flat_map(|group| group.approvers).collect();
    let ask = if approvers.is_empty() {
        "This request needs no approval. The requester confirms it; a supervisor or an admin can cancel it."
            .to_owned()
    } else {
        format!("Ask another person with the role {}.", roles::words(&approvers))
    };
    let rule = &planned.needs.rule;
    if person.id == asked_by.id || same_person(person, requester) {
        return Err(Problem::requester("own_request", "You can't decide on your own request.")
            .hint(&ask)
            .rule(rule));
    }
    if planned.plan.concerns(person) {
        return Err(Problem::requester("about_oneself", "You can't decide on a request about yourself.")
            .hint(&ask)
            .rule(rule));
    }
    if !person.has_any(&approvers) {
        let message = if person.roles.is_empty() {
            "You don't have a role here, so you may not decide on this.".to_owned()
        } else {
            format!("{} on this.", roles::yours(&person.roles, "can't decide", "can't decide"))
        };
        return Err(Problem::requester("not_an_approver", message).hint(&ask).rule(rule));
    }
    Ok(())
}

impl Outstanding {
    /// The group whose approval it is.
    fn group(self) -> Option<Quorum> {
        if let Outstanding::Approvals(group) = self { Some(group) } else { None }
    }

    /// Whether the requester does it before it is the turn of those who approve.
    pub fn comes_first(&self) -> bool {
        matches!(self, Outstanding::Confirmation | Outstanding::Caller)
    }

    /// Whether no one has to say anything, only time to pass.
    pub fn is_a_wait(&self) -> bool {
        matches!(self, Outstanding::Moment(_) | Outstanding::ContactEnds(_))
    }
}

/// What [`missing_words`] calls the confirmation to others, and to the requester.
pub const THEIRS: &str = "the requester's confirmation";
pub const YOURS: &str = "your confirmation";

/// What is missing, as people say it: "the requester's confirmation and 1 approval from supervisor or admin".
pub fn missing_words(missing: &[Outstanding], confirmation: &str, now: Timestamp) -> String {
    let words: Vec<String> = missing
        .iter()
        .map(|missing| match missing {
            Outstanding::Confirmation => confirmation.to_owned(),
            Outstanding::Caller => "caller verification".to_owned(),
            Outstanding::Moment(at) => span::clock(*at, now),
            Outstanding::ContactEnds(at) => {
                format!("the end of the contact, {} at the latest", span::clock(*at, now))
            }
            Outstanding::Approvals(group) => format!(
                "{} from {}",
                text::count(usize::from(group.approvals), "approval"),
                roles::words(&group.approvers)
            ),
        })
        .collect();
    text::list(&words, "and")
}

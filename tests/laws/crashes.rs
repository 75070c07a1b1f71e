//! A crash at every append to the log, a failure of every step in every way, and both together for each kind of step, end in the
//! world that would have come without them, or in an honest `stuck` from which a person gets there.

use desk_core::plan::effect::{SalesforceEffect, UserHas};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use connect_desk::practice::Practice;
use desk_core::basics::ids::RequestNo;
use desk_core::log::{Event, Line, Outcome, Query, RequestLog};
use desk_core::plan::{Attempt, Direction, Effect, Executor, Facts, Failure, Plan, StepKey};
use desk_core::request::{Phase, Request};
use desk_core::user::UserField;
use desk_core::view;
use serde_json::{Value, json};

use crate::driver::{
    APPROVER, Appended, CrashingLog, Death, REQUESTER, desk_over, examples, later, press_on, requester, says,
    side_by_side,
};
use crate::prepared::{Prepared, Ready};
use crate::support::desks::advance_all;
use crate::support::{self, in_time, without_passwords};

/// How a call of a step goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The connection drops before the effect.
    LostBefore,
    /// The effect happens and its answer is lost.
    LostAfter,
    /// It fails with an error of the service, after the effect.
    FailsAfter,
    /// It is refused, now and whenever it is tried again.
    Refused,
}

const FAULTS: [Fault; 4] = [Fault::LostBefore, Fault::LostAfter, Fault::FailsAfter, Fault::Refused];

impl Fault {
    fn control(self, operation: &str) -> Value {
        match self {
            Fault::LostBefore => json!({"operation": operation, "fault": "drop_before"}),
            Fault::LostAfter => json!({"operation": operation, "fault": "drop_after"}),
            Fault::FailsAfter => {
                json!({"operation": operation, "fault": "fail_after", "error": "InternalServiceException", "status": 500})
            }
            Fault::Refused => json!({
                "operation": operation, "fault": "fail_before", "times": 100_000,
                "error": "InvalidRequestException", "status": 400,
            }),
        }
    }
}

impl Fault {
    fn in_salesforce(self, operation: &str) -> Value {
        let mut fault = match self {
            Fault::LostBefore => json!({"fault": "drop_before"}),
            Fault::LostAfter => json!({"fault": "drop_after"}),
            Fault::FailsAfter => json!({"fault": "fail_after", "error": "UNKNOWN_EXCEPTION", "status": 500}),
            Fault::Refused => json!({
                "fault": "fail_before", "times": 100_000,
                "error": "INSUFFICIENT_ACCESS_OR_READONLY", "status": 400,
            }),
        };
        fault["operation"] = json!(operation);
        fault
    }
}

/// The operation that brings an effect about; `None` for what no call does, and for emails, whose faults are in tests/mail.
fn operation(effect: &Effect) -> Option<&'static str> {
    match effect {
        Effect::User(_)
        | Effect::Routing(_)
        | Effect::Status(_)
        | Effect::Center(_)
        | Effect::Final(_)
        | Effect::Directory(_) => Some(of_connect(effect)),
        Effect::Salesforce(effect) => Some(match effect {
            SalesforceEffect::PermissionSetPresent(_) => "CreatePermissionSetAssignment",
            SalesforceEffect::PermissionSetAbsent(_) => "DeletePermissionSetAssignment",
            SalesforceEffect::CallCenterIs(_) => "UpdateUser",
            SalesforceEffect::SalesforceFrozen(_) => "UpdateUserLogin",
        }),
        Effect::Mail(_) | Effect::Desk(_) => None,
    }
}

fn of_connect(effect: &Effect) -> &'static str {
    let Some(UserHas { field, .. }) = effect.get() else {
        let first = effect.needs().operations.first();
        return first.unwrap_or_else(|| panic!("no operation to fail: {effect:?}")).trim_start_matches("ds:");
    };
    match field {
        UserField::Identity(_) => "UpdateUserIdentityInfo",
        UserField::RoutingProfile(_) => "UpdateUserRoutingProfile",
        UserField::SecurityProfiles(_) => "UpdateUserSecurityProfiles",
        UserField::HierarchyGroup(_) => "UpdateUserHierarchy",
        UserField::Settings(_) => "UpdateUserConfig",
        UserField::Tags(tags) if tags.values().any(Option::is_none) => "UntagResource",
        UserField::Tags(_) => "TagResource",
    }
}

/// Hands whose chosen step meets a fault in the contact center when it is first tried.
struct Unlucky {
    inner: Arc<dyn Executor>,
    sim: desk_sim::Sim,
    salesforce: Option<desk_sim::salesforce::Salesforce>,
    step: u32,
    fault: Fault,
    met: AtomicBool,
}

#[async_trait]
impl Executor for Unlucky {
    async fn apply(&self, key: StepKey, attempt: Attempt, effect: &Effect) -> Result<Facts, Failure> {
        if key.step == self.step
            && key.direction == Direction::Forward
            && !self.met.swap(true, Ordering::SeqCst)
            && let Some(operation) = operation(effect)
        {
            match effect {
                Effect::Salesforce(_) => {
                    let org = self.salesforce.as_ref().unwrap();
                    support::salesforce(org, "POST", "faults", &self.fault.in_salesforce(operation)).await;
                }
                Effect::User(_)
                | Effect::Routing(_)
                | Effect::Status(_)
                | Effect::Center(_)
                | Effect::Final(_)
                | Effect::Directory(_) => {
                    let fault = self.fault.control(operation).to_string();
                    control(&self.sim, "POST", "/_sim/faults", &fault).await;
                }
                Effect::Mail(_) | Effect::Desk(_) => unreachable!("no operation brings it about"),
            }
        }
        self.inner.apply(key, attempt, effect).await
    }
}

pub async fn control(sim: &desk_sim::Sim, method: &str, path: &str, body: &str) -> Value {
    let request =
        http::Request::builder().method(method).uri(path).body(Bytes::from(body.to_owned())).unwrap();
    let answer = sim.handle(request).await.unwrap();
    assert!(answer.status().is_success(), "{method} {path}: {}", String::from_utf8_lossy(answer.body()));
    serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
}

pub async fn world(sim: &desk_sim::Sim) -> Value {
    without_passwords(control(sim, "GET", "/_sim/world?ids=false", "").await)
}

/// The worlds behind both systems.
pub async fn whole_world(practice: &Practice) -> Value {
    let mut world = world(&practice.sim).await;
    if let Some(org) = &practice.salesforce {
        world["salesforce"] = support::org_world(org).await;
    }
    world
}

/// Asks once more when the process died before the request was on disk.
async fn ask(practice: &Practice, example: &str) -> RequestNo {
    let reply = says(&practice.desk, practice, requester(example), example).await;
    reply.request.unwrap_or_else(|| panic!("{example} is not accepted: {:?}", reply.card))
}

/// How a run without any trouble goes: the world before and after, the lines it writes, the steps it has.
pub struct Untroubled {
    pub prepared: Prepared,
    pub ready: Option<Ready>,
    pub before: Value,
    pub after: Value,
    pub steps: u32,
    /// The steps that a call brings about, each with what its effect and its operation are.
    called: Vec<(u32, String)>,
    appended: Vec<Appended>,
    /// The lines of the request; none if its steps have no order among them.
    lines: Vec<Line>,
}

impl Untroubled {
    fn has_order(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Where it dies in runs in which a step fails, of which this is what was appended without a death. Two kinds of death make no
    /// other run than one that is there, if steps have an order:
    /// - before the step begins. The desk that is started again begins it as if it had lived, and runs that only die are held to that.
    /// - after an append, and not before the next, if no call follows the first: nothing happens outside in between.
    fn deaths_in(&self, appended: &[Appended], step: u32) -> Vec<Death> {
        let adds = |death: &Death| {
            let is_same = death.kept && !appended[death.at - 1].before_a_call;
            !self.has_order() || !(is_same || lives_until(appended, *death, step))
        };
        deaths(appended.len()).filter(adds).collect()
    }
}

fn deaths(appends: usize) -> impl Iterator<Item = Death> {
    (1..=appends).flat_map(|at| [false, true].map(|kept| Death { at, kept }))
}

/// Whether a step begins, and not before this death.
fn lives_until(appended: &[Appended], death: Death, step: u32) -> bool {
    let begins = appended.iter().position(|append| append.begins.contains(&step));
    begins.is_some_and(|before| death.at <= before || (death.at == before + 1 && !death.kept))
}

/// What happened from the beginning of a step on.
fn from_step(lines: &[Line], step: u32) -> Vec<&Event> {
    let begins = |event: &Event| *event == Event::Started { step, direction: Direction::Forward };
    lines.iter().map(|line| &line.event).skip_while(|event| !begins(event)).collect()
}

pub async fn untroubled(example: &str) -> Untroubled {
    let prepared = Prepared::for_example(example, |_| {}).await;
    let case = prepared.case().await;
    let practice = &case.practice;
    let before = whole_world(practice).await;
    let log = CrashingLog::checked(practice.desk.saga.log.clone());
    let desk = desk_over(practice, log.clone(), practice.desk.saga.executor.clone());
    let reply = says(&desk, practice, requester(example), example).await;
    let request = press_on(&desk, practice, reply.request.unwrap()).await.unwrap();
    assert_eq!(outcome(&request), Some(Outcome::Completed), "{example}: {request:?}");
    let steps = u32::try_from(request.steps.len()).unwrap();
    let effects = (0..).zip(request.plan().into_iter().flat_map(|plan| &plan.steps));
    let name = |effect: &Effect| serde_json::to_value(effect).unwrap()["effect"].clone();
    let kind = |effect: &Effect| Some(format!("{} by {}", name(effect), operation(effect)?));
    let called = effects.filter_map(|(i, step)| Some((i, kind(&step.effect)?))).collect();
    let lines = match request.parts().len() {
        1 => practice.desk.saga.log.request(request.no).await.unwrap(),
        _ => Vec::new(),
    };
    let (after, appended) = (whole_world(practice).await, log.appended());
    is_named_and_undone(practice, example, &request).await;
    let ready = prepared.ready(example, &request).await;
    Untroubled { prepared, ready, before, after, steps, called, appended, lines }
}

/// Its card names an object beside the verb, and where it offers Undo, there is something to undo.
async fn is_named_and_undone(practice: &Practice, example: &str, request: &Request) {
    let subject = view::subject(request);
    assert!(subject.contains(' '), "{example} is called `{subject}`: see `Command::titled`");
    if !request.could_be_undone() {
        return;
    }
    let undo = format!("/connect undo {}", request.no.0);
    let reply = says(&practice.desk, practice, requester(example), &undo).await;
    let newest = Query { limit: 1, ..Query::default() };
    let newest = practice.desk.saga.log.history(&newest).await.unwrap();
    // A group that was moved is another one now: moving it back is offered instead.
    let is_moved =
        |line: &Line| matches!(&line.event, Event::Refused { problem, .. } if problem.code == "undo_move");
    assert!(reply.request.is_some() || newest.iter().any(is_moved), "{example}, undone: {:?}", reply.card);
}

pub fn outcome(request: &Request) -> Option<Outcome> {
    match request.phase {
        Phase::Finished { outcome, .. } => Some(outcome),
        _ => None,
    }
}

/// One run with its troubles, to its end; what was appended in the process's first life.
async fn troubled(
    example: &str,
    plain: &Untroubled,
    dies: Option<Death>,
    fails: Option<(u32, Fault)>,
) -> Vec<Appended> {
    let what = format!("{example} dies {dies:?} fails {fails:?}");
    // A process that dies later begins where it is about to be carried out; one that lives has been there from the start.
    let dies_later = |ready: &&Ready| dies.is_some_and(|death| death.at > ready.appended.len());
    let ready = plain.ready.as_ref().filter(dies_later);
    let case = ready.map_or(&plain.prepared, |ready| &ready.prepared).case().await;
    let practice = &case.practice;
    let log = practice.desk.saga.log.clone();
    let mut executor = practice.desk.saga.executor.clone();
    if let Some((step, fault)) = fails {
        let met = AtomicBool::new(false);
        let (sim, salesforce) = (practice.sim.clone(), practice.salesforce.clone());
        executor = Arc::new(Unlucky { inner: executor, sim, salesforce, step, fault, met });
    }
    let before = ready.map_or_else(Vec::new, |ready| ready.appended.clone());
    let dying = CrashingLog::over(log.clone(), dies, before);
    let desk = desk_over(practice, dying.clone(), executor.clone());
    let no = match ready {
        Some(ready) => Some(ready.no),
        None => in_time(says(&desk, practice, requester(example), example)).await.request,
    };
    if let Some(no) = no {
        let ended = in_time(press_on(&desk, practice, no)).await;
        assert_eq!(ended.is_err(), dying.died(), "{what}: a dead process continued, or a living one ended");
    }
    let appended = dying.appended();
    // The process starts again: whatever is open continues by itself, and people press what is still to press.
    let living: Arc<dyn RequestLog> = log.clone();
    let desk = desk_over(practice, living, executor);
    in_time(advance_all(&desk)).await;
    let mut open = Vec::new();
    for no in log.open().await.unwrap() {
        // One that an example quarantines can't be read.
        open.extend(desk.request(no).await.ok());
    }
    let no = match no.or(open.first().map(|request| request.no)) {
        Some(no) => no,
        None => ask(practice, example).await,
    };
    let mut request = in_time(press_on(&desk, practice, no)).await.unwrap_or_else(|p| panic!("{what}: {p}"));
    if let Phase::Stuck { problem, .. } = &request.phase {
        assert!(!problem.message.is_empty() && !problem.hint.is_empty(), "{what}: stuck without a word");
        assert!(matches!(fails, Some((_, Fault::Refused))), "{what}: stuck without need: {problem}");
        control(&practice.sim, "DELETE", "/_sim/faults", "").await;
        if let Some(org) = &practice.salesforce {
            support::salesforce(org, "DELETE", "faults", &Value::Null).await;
        }
        // No one approves what only reads.
        let who = if request.plan().is_some_and(Plan::only_reads) { REQUESTER } else { APPROVER };
        let reply = says(&desk, practice, who, &format!("/desk retry {}", no.0)).await;
        assert_eq!(reply.request, Some(no), "{what}: {:?}", reply.card);
        request = in_time(press_on(&desk, practice, no)).await.unwrap_or_else(|p| panic!("{what}: {p}"));
    }
    let refused = matches!(fails, Some((_, Fault::Refused)));
    let ended = whole_world(practice).await;
    match outcome(&request) {
        Some(Outcome::Completed) => assert_eq!(ended, plain.after, "{what}: another world"),
        Some(Outcome::RolledBack) => {
            assert!(refused, "{what}: rolled back without need");
            assert_eq!(ended, plain.before, "{what}: another world");
        }
        Some(Outcome::PartiallyCompleted) => {
            assert!(refused, "{what}: rolled back without need");
            for (login, user) in ended["users"].as_object().unwrap() {
                let whole = *user == plain.before["users"][login] || *user == plain.after["users"][login];
                assert!(whole, "{what}: {login} is neither as before nor as wanted");
            }
        }
        _ => panic!("{what}: ended as {:?}", request.phase),
    }
    // Every line makes sense after the ones before it.
    let lines = log.request(no).await.unwrap();
    assert_eq!(Request::fold(no, &lines).unwrap(), request, "{what}");
    if let (Some(death), None) = (dies, fails)
        && plain.has_order()
        && let Some(step) = (0..plain.steps).find(|step| lives_until(&plain.appended, death, *step))
    {
        let lived = from_step(&plain.lines, step);
        assert!(!lived.is_empty(), "{what}: step {step} never begins");
        assert_eq!(from_step(&lines, step), lived, "{what}: not as if it had lived");
    }
    appended
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_every_line_times_a_failure_of_every_step_ends_as_it_should() {
    let mut met = BTreeSet::new();
    for example in examples(false) {
        if !later().any(|one| one == example) {
            every_trouble(example, &mut met).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_is_taken_back_whatever_comes_between() {
    let mut met = BTreeSet::new();
    for example in later() {
        every_trouble(example, &mut met).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_that_are_changed_side_by_side_are_each_as_before_or_as_wanted() {
    every_trouble("/connect edit john.doe olga.novak acw:60 tag:team=red", &mut BTreeSet::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_that_are_read_in_several_steps_are_all_read_in_the_end() {
    every_trouble("/connect export", &mut BTreeSet::new()).await;
}

/// Every death and every failure of an example, and both together for each kind of step once: `met` has those that were.
async fn every_trouble(example: &'static str, met: &mut BTreeSet<(Option<String>, String)>) {
    let plain = Arc::new(untroubled(example).await);
    let run = |(dies, fails)| {
        let plain = plain.clone();
        async move { (fails, troubled(example, &plain, dies, fails).await) }
    };
    let steps = plain.called.iter().map(|(step, _)| *step);
    let failures = steps.flat_map(|step| FAULTS.map(|fault| (None, Some((step, fault)))));
    let failed = side_by_side(failures.collect(), run).await;
    let mut cases: Vec<_> = deaths(plain.appended.len()).map(|death| (Some(death), None)).collect();
    let mut before = None;
    for (step, kind) in &plain.called {
        // What comes before a step is undone when it is refused, so the same kind after another one is another case.
        if !met.insert((before.replace(kind.clone()), kind.clone())) {
            continue;
        }
        for (fails, appended) in &failed {
            // Two ways of losing an answer differ for the adapter, not for a process that dies as well.
            if fails.is_some_and(|(failing, fault)| failing == *step && fault != Fault::FailsAfter) {
                cases.extend(plain.deaths_in(appended, *step).into_iter().map(|death| (Some(death), *fails)));
            }
        }
    }
    // Requested, planned, confirmed and finished at least.
    assert!(plain.appended.len() > 3, "{example}");
    side_by_side(cases, run).await;
}

//! Whatever is answered to any one call, of reads and of writes, whether it happened or not: a request ends in the world that
//! would have come without it, or stops, and the log never says anything else than the world shows.

use desk_core::plan::effect::{ProficienciesAre, UserHas};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect_desk::practice::Practice;
use desk_core::basics::ids::RequestNo;
use desk_core::desk::Desk;
use desk_core::log::Outcome;
use desk_core::plan::{Attempt, Direction, Effect, Executor, Facts, Failure, StepKey};
use desk_core::request::{Phase, Request, StepState};
use desk_core::user::UserField;
use serde_json::{Value, json};

use crate::crashes::{control, outcome, world};
use crate::driver::{APPROVER, desk_over, examples, press_on, requester, says, side_by_side};
use crate::prepared::Prepared;
use crate::support::in_time;

/// A proxy that wants people to sign in.
const PAGE: &str = "<html><body>Sign in to the network</body></html>";

/// More calls than a test makes.
const ALWAYS: u64 = 100_000;

/// The errors that don't say whether a write happened.
const ERRORS: [(u16, &str); 5] = [
    (400, "RequestTimeout"),
    (408, "RequestTimeoutException"),
    (400, "NobodyKnowsException"),
    (404, ""),
    (500, "InternalServiceException"),
];

/// Answers that don't say it, each given once. Errors are told apart in one place for all operations: once is enough for the call
/// that can't be rolled back, and the others meet one that lasts.
fn doubts(operation: &str) -> Vec<Value> {
    let errors = if operation == "DeleteUser" { &ERRORS[..] } else { &[] };
    let mut doubts = vec![json!({"fault": "cut_after"})];
    for when in ["before", "after"] {
        doubts.push(json!({"fault": format!("drop_{when}")}));
        doubts.push(json!({"fault": format!("say_{when}"), "body": PAGE}));
        for (status, error) in errors {
            doubts.push(json!({"fault": format!("fail_{when}"), "status": status, "error": error}));
        }
        // Anyone who makes something has to say what.
        if operation.starts_with("Create") {
            doubts.push(json!({"fault": format!("say_{when}"), "body": "{}"}));
        }
    }
    doubts
}

/// What a write meets, in turn: a doubt, or a doubt followed by what lasts.
fn troubles_of_writes(operation: &str) -> Vec<Vec<Value>> {
    let refused =
        |times: u64| json!({"fault": "fail_before", "error": "InvalidRequestException", "times": times});
    let mut troubles: Vec<Vec<Value>> = doubts(operation).into_iter().map(|doubt| vec![doubt]).collect();
    for doubt in ["drop_before", "drop_after"] {
        troubles.push(vec![json!({"fault": doubt}), refused(ALWAYS)]);
    }
    for (when, error) in [("before", "RequestTimeout"), ("after", "RequestTimeout")] {
        troubles.push(vec![
            json!({"fault": format!("fail_{when}"), "error": error, "status": 400, "times": ALWAYS}),
        ]);
    }
    troubles.push(vec![refused(ALWAYS)]);
    troubles
}

/// The same for the first and the last read of a kind: a plan is made of the first, and what was done is seen by the last.
/// `wire` has the other ways in which lists go wrong.
fn troubles_of_reads(is_first: bool, is_last: bool) -> Vec<Vec<Value>> {
    let mut troubles = Vec::new();
    if is_first {
        troubles.push(vec![json!({"fault": "say_before", "body": "{}"})]);
    }
    if is_first || is_last {
        troubles.push(vec![json!({"fault": "say_before", "body": "{}", "times": ALWAYS})]);
    }
    troubles
}

fn lasts(trouble: &[Value]) -> bool {
    trouble.iter().any(|fault| fault["times"] == ALWAYS)
}

/// Hands that note how the world is after each step.
struct Watching {
    inner: Arc<dyn Executor>,
    sim: desk_sim::Sim,
    worlds: Mutex<Vec<Value>>,
}

#[async_trait]
impl Executor for Watching {
    async fn apply(&self, key: StepKey, attempt: Attempt, effect: &Effect) -> Result<Facts, Failure> {
        let came = self.inner.apply(key, attempt, effect).await;
        let now = world(&self.sim).await;
        self.worlds.lock().unwrap().push(now);
        came
    }
}

/// How an example goes without trouble.
struct Plain {
    example: &'static str,
    prepared: Prepared,
    /// The world before it, and after each of its steps.
    worlds: Vec<Value>,
    /// How often each operation is called, and whether it writes.
    calls: BTreeMap<String, (u64, bool)>,
}

impl Plain {
    async fn of(example: &'static str) -> Plain {
        let prepared = prepared(example).await;
        let case = prepared.case().await;
        let practice = &case.practice;
        let before = world(&practice.sim).await;
        control(&practice.sim, "DELETE", "/_sim/calls", "").await;
        let watching = Arc::new(Watching {
            inner: practice.desk.saga.executor.clone(),
            sim: practice.sim.clone(),
            worlds: Mutex::new(vec![before]),
        });
        let desk = desk_over(practice, practice.desk.saga.log.clone(), watching.clone());
        let request = run(&desk, practice, example).await;
        assert_eq!(outcome(&request), Some(Outcome::Completed), "{example}: {request:?}");
        let after = world(&practice.sim).await;
        let mut noted = watching.worlds.lock().unwrap().clone().into_iter();
        let mut worlds: Vec<Value> = noted.next().into_iter().collect();
        // A step that is no call, such as a wait or what is done manually, changes nothing here.
        for step in request.plan().into_iter().flat_map(|plan| &plan.steps) {
            let next = if step.effect.is_called() { noted.next() } else { worlds.last().cloned() };
            worlds.push(next.unwrap_or_else(|| after.clone()));
        }
        worlds.push(after);
        let calls = control(&practice.sim, "GET", "/_sim/calls", "").await;
        let calls = calls["operations"].as_object().unwrap().iter().map(|(operation, count)| {
            let number = |member: &str| count[member].as_u64().unwrap();
            (operation.clone(), (number("calls"), number("writes") > 0))
        });
        Plain { example, prepared, worlds, calls: calls.collect() }
    }

    fn before(&self) -> &Value {
        &self.worlds[0]
    }

    fn after(&self) -> &Value {
        self.worlds.last().unwrap()
    }

    /// Every trouble at every call.
    fn cases(&self) -> Vec<Vec<Value>> {
        let mut cases = Vec::new();
        for (operation, (calls, writes)) in &self.calls {
            for call in 1..=*calls {
                let troubles = match writes {
                    true => troubles_of_writes(operation),
                    false => troubles_of_reads(call == 1, call == *calls),
                };
                for trouble in &troubles {
                    let mut trouble = trouble.clone();
                    for (later, fault) in (0..).zip(&mut trouble) {
                        fault["operation"] = json!(operation);
                        fault["call"] = json!(call + later);
                    }
                    cases.push(trouble);
                }
            }
        }
        cases
    }

    /// One run with its trouble, to its end.
    async fn meets(&self, trouble: &[Value]) {
        let example = self.example;
        let what = format!("{example} meets {trouble:?}");
        let case = self.prepared.case().await;
        let practice = &case.practice;
        for fault in trouble {
            control(&practice.sim, "POST", "/_sim/faults", &fault.to_string()).await;
        }
        let desk = &practice.desk;
        let mut request = in_time(run(desk, practice, example)).await;
        let lasts = lasts(trouble);
        if !request.is_finished() {
            assert!(lasts, "{what}: stopped without need: {:?}", request.phase);
            self.is_honest(practice, &request, &what).await;
            control(&practice.sim, "DELETE", "/_sim/faults", "").await;
            if let Phase::Stuck { problem, .. } = &request.phase {
                assert!(
                    !problem.message.is_empty() && !problem.hint.is_empty(),
                    "{what}: stuck without a word"
                );
                let retry = format!("/desk retry {}", request.no.0);
                let approver = in_time(says(desk, practice, APPROVER, &retry)).await;
                if approver.request.is_none() {
                    // Where no one has to approve, it is the requester's.
                    let reply = in_time(says(desk, practice, requester(example), &retry)).await;
                    assert_eq!(reply.request, Some(request.no), "{what}: {:?}", reply.card);
                }
            }
            request =
                in_time(press_on(desk, practice, request.no)).await.unwrap_or_else(|p| panic!("{what}: {p}"));
        }
        let ended = world(&practice.sim).await;
        match outcome(&request) {
            Some(Outcome::Completed) => assert_eq!(ended, *self.after(), "{what}: done, but not so"),
            Some(Outcome::RolledBack | Outcome::Refused) => {
                assert!(lasts, "{what}: rolled back without need");
                assert_eq!(ended, *self.before(), "{what}: rolled back, but not so");
            }
            Some(Outcome::PartiallyCompleted) => {
                assert!(lasts, "{what}: rolled back without need");
                for (login, user) in ended["users"].as_object().unwrap() {
                    let whole =
                        *user == self.before()["users"][login] || *user == self.after()["users"][login];
                    assert!(whole, "{what}: {login} is neither as before nor as wanted");
                }
            }
            _ => panic!("{what}: ended as {:?}", request.phase),
        }
    }

    /// What a request that stopped says of its steps is what the world shows.
    async fn is_honest(&self, practice: &Practice, request: &Request, what: &str) {
        let Some(plan) = request.plan().filter(|_| request.parts().len() == 1) else { return };
        let now = world(&practice.sim).await;
        // How many of the first steps are done; what is undone counts from the end.
        let done = request.steps.iter().take_while(|state| **state == StepState::Done).count();
        let Some(state) = request.steps.get(done) else { panic!("{what}: nothing is open") };
        let (certain, perhaps) = (&self.worlds[done], &self.worlds[done + 1]);
        match state {
            StepState::Todo
            | StepState::Undone
            | StepState::Failed { direction: Direction::Forward, unknown: false } => {
                assert_eq!(now, *certain, "{what}: step {done} is said not to be done");
            }
            // Its undo was refused, so it is as it was, with what later steps did that only it rolls back.
            StepState::Failed { direction: Direction::Back, unknown: false } => {
                let existing = |state: &StepState| {
                    matches!(
                        state,
                        StepState::Done | StepState::Failed { direction: Direction::Back, unknown: false }
                    )
                };
                let last = request.steps.iter().rposition(existing).unwrap_or(done);
                // A step that is said to be in doubt may have happened too.
                let in_doubt = |state: &StepState| matches!(state, StepState::Failed { unknown: true, .. });
                let perhaps = request.steps.iter().rposition(in_doubt).unwrap_or(last);
                assert!(
                    now == self.worlds[last + 1] || now == self.worlds[perhaps + 1],
                    "{what}: step {done} is said not to be undone: {:?}",
                    request.steps
                );
            }
            _ if takes_several_calls(&plan.steps[done].effect) => {}
            _ => assert!(
                now == *certain || now == *perhaps,
                "{what}: step {done} is neither done nor not done"
            ),
        }
    }
}

fn takes_several_calls(effect: &Effect) -> bool {
    effect.is::<ProficienciesAre>() || matches!(effect.get(), Some(UserHas { field: UserField::Tags(_), .. }))
}

/// Asks, and presses what there is to press, until it ends or nothing more can be done.
async fn run(desk: &Desk, practice: &Practice, example: &str) -> Request {
    let reply = says(desk, practice, requester(example), example).await;
    let no = reply.request.unwrap_or(RequestNo(1));
    match press_on(desk, practice, no).await {
        Ok(request) => request,
        Err(_) => desk.request(no).await.unwrap(),
    }
}

/// With less patience than by default, and logins that are free immediately: both change how often it is tried and nothing else.
async fn prepared(example: &str) -> Prepared {
    Prepared::for_example(example, |options| {
        options.patience.trouble = Duration::from_secs(15);
        options.patience.visible = Duration::from_secs(20);
        options.sim.name_lingers = Duration::ZERO;
    })
    .await
}

/// Runs cases side by side, and says how many there were.
async fn all(example: &'static str) -> usize {
    let plain = Arc::new(Plain::of(example).await);
    let met = side_by_side(plain.cases(), |trouble| {
        let plain = plain.clone();
        async move { plain.meets(&trouble).await }
    });
    met.await.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_makes_the_log_say_what_is_not_so() {
    let mut count = 0;
    for example in examples(false) {
        count += all(example).await;
    }
    assert!(count > 500, "only {count} cases");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_makes_the_log_say_what_is_not_so_of_one_of_several_users() {
    let count = all("/connect edit john.doe olga.novak acw:60 tag:team=red").await;
    assert!(count > 30, "only {count} cases");
}

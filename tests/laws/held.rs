//! Whatever stops a request between two of its steps holds it: the calls that are under way are finished, nothing further
//! begins, also not in another process, and once it is released it ends in the world that would have come without.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use async_trait::async_trait;
use connect_desk::console::draw::{Paper, draw};
use connect_desk::practice::Practice;
use connect_desk::systems::mail::{MailService, Outgoing, SmtpSettings, Tls};
use desk_core::basics::current::Current;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::roles::Role;
use desk_core::desk::Desk;
use desk_core::log::Outcome;
use desk_core::plan::{Attempt, Effect, Executor, Facts, Failure, StepKey};
use desk_core::policy::Policy;
use desk_core::request::{Phase, Request, StepState};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use insta::assert_snapshot;

use crate::crashes::{Untroubled, control, outcome, untroubled, whole_world};
use crate::driver::{APPROVER, examples, press_on, requester, says, side_by_side};
use crate::prepared::{Case, case, case_with};
use crate::support::desks::{advance_all, desk_over};
use crate::support::in_time;
use crate::town::InMemoryCenter;

/// What comes between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Someone freezes everything.
    Freeze,
    /// The requester stops it, and resumes it.
    Canceled,
    /// Someone else stops it, and has it rolled back.
    RolledBack,
    /// The requester has it rolled back in the same breath.
    RolledBackNow,
    /// The requester loses their roles, and someone else resumes it.
    RequesterDemoted,
    /// The requester leaves, and someone else resumes it.
    RequesterLeaves,
    /// Anyone who approved it leaves, and someone else approves it.
    ApproverLeaves,
    /// The rules allow nothing any more, until they do.
    PolicyRefuses,
}

const STOPS: [Stop; 7] = [
    Stop::Freeze,
    Stop::Canceled,
    Stop::RolledBack,
    Stop::RequesterDemoted,
    Stop::RequesterLeaves,
    Stop::ApproverLeaves,
    Stop::PolicyRefuses,
];

/// Who else may approve, and resume.
const OTHER: &str = "second";

/// The admin who freezes.
const FREEZER: &str = "admin";

/// What comes after each call, by its number from 1, while the request runs.
type After = Box<dyn Fn(u32, Arc<Scene>) -> BoxFuture<'static, ()> + Send + Sync>;

/// Lets something come between the calls. Emails don't leave: this mail server takes every one.
struct Between {
    inner: Arc<dyn Executor>,
    emails: AtomicU32,
    calls: AtomicU32,
    after: After,
    /// What is there while the request runs, which has this executor.
    scene: OnceLock<Weak<Scene>>,
}

#[async_trait]
impl Executor for Between {
    async fn apply(&self, key: StepKey, attempt: Attempt, effect: &Effect) -> Result<Facts, Failure> {
        let done = if effect.email().is_some() {
            self.emails.fetch_add(1, Ordering::SeqCst);
            Ok(Facts::new())
        } else {
            self.inner.apply(key, attempt, effect).await
        };
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(scene) = self.scene.get().and_then(Weak::upgrade) {
            (self.after)(call, scene).await;
        }
        done
    }
}

/// This after so many calls, and nothing else.
fn stops(after: u32, stop: Stop) -> After {
    Box::new(move |call, scene| {
        async move {
            if call == after {
                scene.stops(stop).await;
            }
        }
        .boxed()
    })
}

#[derive(Clone)]
struct Scene {
    case: Arc<Case>,
    desk: Arc<Desk>,
    town: Arc<InMemoryCenter>,
    between: Arc<Between>,
    no: RequestNo,
}

impl Scene {
    /// A desk in this world with what comes between its calls, and a request of it: one from before, or this line.
    async fn of(case: Case, before: Option<RequestNo>, line: &str, after: After) -> Arc<Scene> {
        let inner = case.practice.desk.saga.executor.clone();
        let (emails, calls, scene) = Default::default();
        let between = Arc::new(Between { inner, emails, calls, after, scene });
        let town = Arc::new(InMemoryCenter(Mutex::new(case.practice.people.clone())));
        let desk = desk(&case.practice, &town, between.clone(), None);
        let no = match before {
            Some(no) => no,
            None => says(&desk, &case.practice, requester(line), line).await.request.unwrap(),
        };
        let scene = Arc::new(Scene { case: Arc::new(case), desk, town, between: between.clone(), no });
        assert!(between.scene.set(Arc::downgrade(&scene)).is_ok());
        scene
    }

    fn practice(&self) -> &Practice {
        &self.case.practice
    }

    /// Another process with the same log and no memory.
    fn another(&self, policy: Option<Policy>) -> Arc<Desk> {
        desk(self.practice(), &self.town, self.between.clone(), policy)
    }

    async fn continues(&self) -> Request {
        in_time(press_on(&self.desk, self.practice(), self.no)).await.unwrap()
    }

    async fn says(&self, who: &str, line: &str) -> bool {
        let reply = says(&self.desk, self.practice(), who, line).await;
        let Some(no) = reply.request else { return false };
        // The request itself is left to those who carry it out.
        if no != self.no {
            self.desk.advance(no).await.unwrap();
        }
        true
    }

    /// Changes what the platform says of someone.
    fn person(&self, who: &str, change: impl FnOnce(&mut Vec<desk_core::basics::roles::Person>, usize)) {
        let mut people = self.town.0.lock().unwrap();
        let at = people.iter().position(|person| person.name == who).unwrap();
        change(&mut people, at);
    }

    async fn freezes(&self) {
        assert!(self.says(FREEZER, "/desk freeze all").await);
        let freeze = *self.desk.saga.log.open().await.unwrap().last().unwrap();
        assert!(self.says(FREEZER, &format!("/desk confirm {}", freeze.0)).await);
        assert_eq!(self.desk.freezes().await.unwrap().len(), 1);
    }

    async fn stops(&self, stop: Stop) {
        let asked_by = self.desk.request(self.no).await.unwrap().by.name;
        let cancels = async |who: &str, word: &str| {
            assert!(self.says(who, &format!("/desk cancel {}{word}", self.no.0)).await, "{stop:?}");
        };
        match stop {
            Stop::Freeze => self.freezes().await,
            Stop::Canceled => cancels(&asked_by, "").await,
            Stop::RolledBack => cancels(APPROVER, "").await,
            Stop::RolledBackNow => cancels(&asked_by, " rollback").await,
            Stop::RequesterDemoted => {
                self.person(&asked_by, |people, at| people[at].roles.clear());
            }
            Stop::RequesterLeaves => self.person(&asked_by, |people, at| drop(people.remove(at))),
            Stop::ApproverLeaves => self.person(APPROVER, |people, at| drop(people.remove(at))),
            Stop::PolicyRefuses => {}
        }
    }
}

fn desk(
    practice: &Practice,
    town: &Arc<InMemoryCenter>,
    executor: Arc<dyn Executor>,
    policy: Option<Policy>,
) -> Arc<Desk> {
    let desk = desk_over(practice, practice.desk.saga.log.clone(), executor);
    let policy = policy.map_or(desk.policy.clone(), Current::new);
    Arc::new(Desk { people: town.clone(), policy, ..desk })
}

/// One run that is stopped after so many calls; gives whether there was anything left to stop.
async fn stopped(example: &str, plain: &Untroubled, call: u32, stop: Stop) -> bool {
    let what = format!("{example} {stop:?} after call {call}");
    let ready = plain.ready.as_ref();
    let case = ready.map_or(&plain.prepared, |ready| &ready.prepared).case().await;
    // The operator changes the rules while the desk is down, which is after the call as well.
    let dies = Arc::new((AtomicBool::new(stop == Stop::PolicyRefuses), tokio::sync::Notify::new()));
    let end = dies.clone();
    let after: After = Box::new(move |now, scene| {
        let end = end.clone();
        async move {
            if now >= call && end.0.load(Ordering::SeqCst) {
                end.1.notify_one();
                std::future::pending::<()>().await;
            } else if now == call {
                scene.stops(stop).await;
            }
        }
        .boxed()
    });
    let first = Scene::of(case, ready.map(|ready| ready.no), example, after).await;
    let (no, practice) = (first.no, first.practice());
    let ended = tokio::select! {
        ended = in_time(press_on(&first.desk, practice, no)) => ended.map(drop),
        // Dropping what it is at is the end of the process: what comes of its calls is never heard of.
        () = dies.1.notified() => Ok(()),
    };
    dies.0.store(false, Ordering::SeqCst);
    let calls = || first.between.calls.load(Ordering::SeqCst);
    if calls() < call {
        return false;
    }
    // Another process: nothing of it continues.
    let rules = (stop == Stop::PolicyRefuses).then(|| without_requests(&first.desk.policy.get()));
    let second = first.another(rules);
    in_time(advance_all(&second)).await;
    let made = calls();
    in_time(advance_all(&second)).await;
    assert_eq!(calls(), made, "{what}: it continues");
    let request = second.request(no).await.unwrap();
    if request.held.is_none() {
        // That call was the last one, or approvals count for nothing here.
        assert!(ended.is_err() || outcome(&request).is_some(), "{what}: {:?}", request.phase);
        return true;
    }
    assert_eq!(request.phase, Phase::Running, "{what}: held, not failed");
    let card = second.card(no).await.unwrap();
    assert!(card.title.ends_with("on hold"), "{what}: {}", card.title);
    assert!(!second.due().await.unwrap().contains(&no) || stop != Stop::Freeze, "{what}: it is due");

    let third = Scene { desk: first.another(None), ..(*first).clone() };
    release(&third, stop, &request, &what).await;
    in_time(advance_all(&third.desk)).await;
    let request = third.continues().await;
    let world = whole_world(practice).await;
    let ended = outcome(&request).unwrap_or_else(|| panic!("{what}: {:?} {:?}", request.phase, request.held));
    match (stop, ended) {
        (Stop::RolledBack, Outcome::RolledBack) => assert_eq!(world, plain.before, "{what}: another world"),
        // Past the step that can't be undone it only goes forward.
        (Stop::RolledBack, Outcome::PartiallyCompleted) => {
            for (login, user) in world["users"].as_object().unwrap() {
                let whole = *user == plain.before["users"][login] || *user == plain.after["users"][login];
                assert!(whole, "{what}: {login} is neither as before nor as wanted");
            }
        }
        (_, ended) => {
            assert_eq!(ended, Outcome::Completed, "{what}");
            assert_eq!(world, plain.after, "{what}: another world");
        }
    }
    let lines = third.desk.saga.log.request(no).await.unwrap();
    assert_eq!(Request::fold(no, &lines).unwrap(), request, "{what}");
    true
}

/// Ends what stopped it, as people do.
async fn release(scene: &Scene, stop: Stop, request: &Request, what: &str) {
    let no = scene.no.0;
    let other = if request.by.name == OTHER { "admin" } else { OTHER };
    match stop {
        Stop::Freeze => {
            let freeze = scene.desk.freezes().await.unwrap().remove(0);
            assert!(scene.says(APPROVER, &format!("/desk unfreeze {}", freeze.no.0)).await, "{what}");
        }
        Stop::Canceled => {
            assert!(scene.says(&request.by.name, &format!("/desk retry {no}")).await, "{what}");
        }
        Stop::RolledBack => {
            // The same button once more changes nothing.
            assert!(!scene.says(other, &format!("/desk cancel {no}")).await, "{what}");
            assert!(scene.says(APPROVER, &format!("/desk cancel {no} rollback")).await, "{what}");
        }
        Stop::RequesterDemoted | Stop::RequesterLeaves => {
            assert!(scene.says(other, &format!("/desk retry {no}")).await, "{what}");
        }
        Stop::ApproverLeaves => {
            assert!(scene.says(other, &format!("/desk approve {no}")).await, "{what}");
        }
        // The next start has the rules back.
        Stop::PolicyRefuses | Stop::RolledBackNow => {}
    }
}

/// The same rules, but for those that let someone ask for something.
fn without_requests(policy: &Policy) -> Policy {
    let rules = policy.rules.iter().filter(|rule| rule.risk.is_empty() || rule.deny).cloned().collect();
    Policy { rules }
}

/// Every stop after the calls of an example: after each of them, or after the first, one in the middle, and the last.
async fn every_stop(example: &'static str, after_each: bool) -> usize {
    let plain = Arc::new(untroubled(example).await);
    let calls = 1..=plain.steps;
    let is_chosen = |call: &u32| after_each || [1, plain.steps / 2, plain.steps].contains(call);
    let mut cases: Vec<(u32, Stop)> =
        calls.filter(is_chosen).flat_map(|call| STOPS.map(|stop| (call, stop))).collect();
    // Anyone who recovers a second factor needs both admins there are.
    cases.retain(|(_, stop)| *stop != Stop::ApproverLeaves || !example.starts_with("/desk recover"));
    let held = side_by_side(cases, |(call, stop)| {
        let plain = plain.clone();
        async move { stopped(example, &plain, call, stop).await }
    });
    held.await.into_iter().filter(|held| *held).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stops_a_request_between_two_steps_holds_it_and_it_ends_as_without() {
    let mut held = 0;
    for example in examples(false) {
        if !example.starts_with("/desk freeze") {
            held += every_stop(example, example.contains("method:recreate")).await;
        }
    }
    held += every_stop("/connect edit john.doe olga.novak acw:60 tag:team=red", true).await;
    assert!(held > 200, "{held}");
}

const RESET: &str = "/connect reset john.doe method:recreate";

/// A recreate that is stopped once the user is gone, and the card of what someone says then.
async fn stopped_past_the_pivot(line: &str) -> String {
    let scene = Scene::of(case(RESET).await, None, RESET, stops(4, Stop::RolledBack)).await;
    let (desk, no) = (&scene.desk, scene.no);
    scene.continues().await;
    if !line.is_empty() {
        assert!(scene.says(APPROVER, line).await);
        in_time(desk.advance(no)).await.unwrap();
    }
    draw(&desk.card(no).await.unwrap(), Paper::PLAIN)
}

#[tokio::test]
async fn the_card_says_what_was_stopped_and_how_it_can_continue() {
    assert_snapshot!(stopped_past_the_pivot("").await, @"
    ╭─ ! Reset john.doe · on hold ─────────────────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │ ████░░░░░░ 4 of 9 · Create `john.doe` again with a temporary password        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Approved by   supervisor (supervisor) · 09:00 UTC                            │
    │                                                                              │
    │ ! On hold: supervisor stopped #1.                                            │
    │ Calls in progress are finished; nothing new starts. It stays on hold, even   │
    │ after a restart, until someone resumes it or rolls it back. Part of it can't │
    │ be undone: rolling back completes that part instead.                         │
    │                                                                              │
    │ → /desk retry 1   /desk details 1   /desk cancel 1 rollback                  │
    ╰─ #1 · plan 220c05 ───────────────────────────────────────────────────────────╯
    ");
    let rolled_back = stopped_past_the_pivot("/desk cancel 1 rollback").await;
    // The user was removed, so they are created again instead.
    assert!(rolled_back.contains("Reset john.doe · completed"), "{rolled_back}");
}

#[tokio::test]
async fn a_leader_retries_or_gives_up_what_is_stuck_when_its_requester_has_left() {
    for word in ["retry", "cancel"] {
        let scene = Scene::of(case(RESET).await, None, RESET, Box::new(|_, _| async {}.boxed())).await;
        let fault = serde_json::json!({
            "operation": "CreateUser", "fault": "fail_before", "times": 1, "error": "InvalidParameterException", "status": 400,
        });
        control(&scene.practice().sim, "POST", "/_sim/faults", &fault.to_string()).await;
        let request = scene.continues().await;
        assert!(matches!(request.phase, Phase::Stuck { .. }), "{:?}", request.phase);
        scene.person(requester(RESET), |people, at| drop(people.remove(at)));
        assert!(!scene.says("oncall", &format!("/desk {word} 1")).await, "who has nothing to do with it");
        assert!(scene.says(OTHER, &format!("/desk {word} 1")).await);
        in_time(scene.desk.advance(scene.no)).await.unwrap();
        let ended = outcome(&scene.desk.request(scene.no).await.unwrap());
        assert_eq!(ended, Some(if word == "retry" { Outcome::Completed } else { Outcome::Abandoned }));
    }
}

#[tokio::test]
async fn a_password_is_shown_to_whoever_may_still_ask_for_it_and_to_nobody_else() {
    let scene = Scene::of(case(RESET).await, None, RESET, Box::new(|_, _| async {}.boxed())).await;
    let desk = &scene.desk;
    assert_eq!(outcome(&scene.continues().await), Some(Outcome::Completed));
    let reveals = async |desk: &Arc<Desk>| {
        let reply = says(desk, scene.practice(), requester(RESET), "/desk reveal 1").await;
        format!("{:?}", reply.card)
    };
    let roles = scene.practice().people[0].roles.clone();
    assert_eq!(scene.practice().people[0].name, requester(RESET));
    // The click comes with the roles of before; the platform knows better.
    scene.person(requester(RESET), |people, at| people[at].roles = [Role::Agent].into());
    let told = reveals(desk).await;
    assert!(told.contains("n't allow") && !told.contains("Secret"), "{told}");
    scene.person(requester(RESET), |people, at| people[at].roles = roles.clone());
    // The rules do not let anybody ask for it any more.
    let strict = scene.another(Some(without_requests(&desk.policy.get())));
    let told = reveals(&strict).await;
    assert!(!told.contains("Secret"), "{told}");
    scene.freezes().await;
    let told = reveals(desk).await;
    assert!(told.contains("froze everything") && !told.contains("Secret"), "{told}");
    assert!(desk.request(scene.no).await.unwrap().revealed.is_none());
    let freeze = desk.freezes().await.unwrap().remove(0);
    assert!(scene.says(FREEZER, &format!("/desk unfreeze {}", freeze.no.0)).await);
    let told = reveals(desk).await;
    assert!(told.contains("Secret"), "{told}");
}

/// A practice desk that would mail.
async fn mailing() -> Case {
    let mut config = crate::support::untiring_config();
    let from = "Help desk <helpdesk@example.org>".parse().unwrap();
    let by = MailService::Smtp(SmtpSettings {
        host: "localhost".to_owned(),
        port: 9,
        tls: Tls::None,
        username: None,
        password_file: None,
        ca_file: None,
        oauth2: None,
    });
    config.systems.email.outgoing = Some(Outgoing { from, by });
    case_with("", |options| options.config = Some(config)).await
}

#[tokio::test]
async fn a_warning_goes_out_whatever_stops_the_rest() {
    const ASK: &str = "/connect edit john.doe email:john@example.net acw:60";
    // After the call that sets the new address, and before the one that warns the old one.
    for stop in [
        Stop::Canceled,
        Stop::RolledBack,
        Stop::RolledBackNow,
        Stop::Freeze,
        Stop::RequesterDemoted,
        Stop::RequesterLeaves,
        Stop::ApproverLeaves,
    ] {
        let scene = Scene::of(mailing().await, None, ASK, stops(1, stop)).await;
        let request = scene.continues().await;
        assert_eq!(scene.between.emails.load(Ordering::SeqCst), 1, "{stop:?}: {:?}", request.steps);
        let done = request.steps.iter().filter(|state| **state == StepState::Done).count();
        match stop {
            Stop::RolledBackNow => assert_eq!(outcome(&request), Some(Outcome::RolledBack), "{stop:?}"),
            _ => assert_eq!((done, request.held.is_some()), (2, true), "{stop:?}: {:?}", request.steps),
        }
        assert!(request.untold().is_empty(), "{stop:?}");
    }
}

#[tokio::test]
async fn no_step_begins_under_a_hold_that_the_log_does_not_end() {
    const ASK: &str = "/connect edit john.doe olga.novak acw:60 tag:team=red";
    // Everything is frozen after the first call, and not any more when the second one is back.
    let after = |call, scene: Arc<Scene>| {
        let meanwhile = async move {
            if call == 1 {
                scene.freezes().await;
            } else if call == 2 {
                while scene.desk.request(scene.no).await.unwrap().held.is_none() {
                    tokio::task::yield_now().await;
                }
                let freeze = scene.desk.freezes().await.unwrap()[0].no;
                assert!(scene.says(FREEZER, &format!("/desk unfreeze {}", freeze.0)).await);
            }
        };
        in_time(meanwhile).boxed()
    };
    let scene = Scene::of(case(ASK).await, None, ASK, Box::new(after)).await;
    assert_eq!(outcome(&scene.continues().await), Some(Outcome::Completed));
    let lines = scene.desk.saga.log.request(scene.no).await.unwrap();
    let mut words = lines.iter().map(|line| line.event.word());
    assert!(words.by_ref().any(|word| word == "held"), "it was held while calls were under way");
    let begins = words.find(|word| ["started", "resumed"].contains(word));
    assert_eq!(begins, Some("resumed"), "{lines:#?}");
}

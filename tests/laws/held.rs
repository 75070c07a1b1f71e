//! Whatever stops a request between two of its steps holds it: the calls that are under way are finished, nothing further
//! begins, also not in another process, and once it is released it ends in the world that would have come without.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use async_trait::async_trait;
use connect_desk::console::draw::{Paper, draw};
use connect_desk::practice::Practice;
use connect_desk::systems::mail::{Outgoing, SmtpSettings, Tls, Way};
use desk_core::basics::current::Current;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::roles::Role;
use desk_core::desk::Desk;
use desk_core::log::Outcome;
use desk_core::plan::Effect;
use desk_core::plan::{Attempt, Executor, Failure, StepKey};
use desk_core::policy::Policy;
use desk_core::request::{Phase, Request, StepState};
use insta::assert_snapshot;

use crate::crashes::{Untroubled, control, outcome, untroubled, whole_world};
use crate::driver::{APPROVER, desk_over, examples, press_on, requester, says, side_by_side};
use crate::prepared::case;
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

/// Hands that let something come between, after the call with this number.
struct Between {
    inner: Arc<dyn Executor>,
    /// Emails that would have left: this mail server takes every one.
    emails: AtomicU32,
    /// From 1.
    call: u32,
    calls: AtomicU32,
    stop: Stop,
    /// What is there while the request runs, which has these hands.
    scene: OnceLock<Weak<Scene>>,
    died: tokio::sync::Notify,
}

#[derive(Clone)]
struct Scene {
    practice: Arc<crate::prepared::Case>,
    desk: Arc<Desk>,
    town: Arc<InMemoryCenter>,
    no: RequestNo,
}

impl Scene {
    fn practice(&self) -> &Practice {
        &self.practice.practice
    }

    async fn says(&self, who: &str, line: &str) -> bool {
        let reply = says(&self.desk, self.practice(), who, line).await;
        let Some(no) = reply.request else { return false };
        // The request itself is in the hands of anyone who carries it out.
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

    async fn stops(&self, stop: Stop, example: &str) {
        let asked_by = self.desk.request(self.no).await.unwrap().by.name;
        match stop {
            Stop::Freeze => self.freezes().await,
            Stop::Canceled => {
                assert!(self.says(&asked_by, &format!("/desk cancel {}", self.no.0)).await, "{example}");
            }
            Stop::RolledBack => {
                assert!(self.says(APPROVER, &format!("/desk cancel {}", self.no.0)).await, "{example}");
            }
            Stop::RolledBackNow => {
                let line = format!("/desk cancel {} rollback", self.no.0);
                assert!(self.says(&asked_by, &line).await);
            }
            Stop::RequesterDemoted => {
                self.person(&asked_by, |people, at| people[at].roles.clear());
            }
            Stop::RequesterLeaves => self.person(&asked_by, |people, at| drop(people.remove(at))),
            Stop::ApproverLeaves => self.person(APPROVER, |people, at| drop(people.remove(at))),
            Stop::PolicyRefuses => {}
        }
    }
}

impl Between {
    fn over(practice: &Practice, call: u32, stop: Stop) -> Arc<Between> {
        Arc::new(Between {
            inner: practice.desk.saga.hands.clone(),
            emails: AtomicU32::new(0),
            call,
            calls: AtomicU32::new(0),
            stop,
            scene: OnceLock::new(),
            died: tokio::sync::Notify::new(),
        })
    }
}

#[async_trait]
impl Executor for Between {
    async fn apply(
        &self,
        key: StepKey,
        attempt: Attempt,
        effect: &Effect,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let done = if effect.email().is_some() {
            self.emails.fetch_add(1, Ordering::SeqCst);
            Ok(BTreeMap::new())
        } else {
            self.inner.apply(key, attempt, effect).await
        };
        if self.calls.fetch_add(1, Ordering::SeqCst) + 1 == self.call
            && let Some(scene) = self.scene.get().and_then(Weak::upgrade)
        {
            let example = scene.desk.request(scene.no).await.unwrap().typed();
            scene.stops(self.stop, &example).await;
        }
        done
    }
}

fn desk(
    practice: &Practice,
    town: &Arc<InMemoryCenter>,
    hands: Arc<dyn Executor>,
    policy: Option<Policy>,
) -> Arc<Desk> {
    let desk = desk_over(practice, practice.desk.saga.log.clone(), hands);
    let policy = policy.map_or(desk.policy.clone(), Current::new);
    Arc::new(Desk { people: town.clone(), policy, ..desk })
}

/// One run that is stopped after so many calls; gives whether there was anything left to stop.
async fn stopped(example: &str, plain: &Untroubled, call: u32, stop: Stop) -> bool {
    let what = format!("{example} {stop:?} after call {call}");
    let ready = plain.ready.as_ref();
    let practice = Arc::new(ready.map_or(&plain.prepared, |ready| &ready.prepared).case().await);
    let town = Arc::new(InMemoryCenter(std::sync::Mutex::new(practice.practice.people.clone())));
    let between = Between::over(&practice.practice, call, stop);
    let first = desk(&practice.practice, &town, between.clone(), None);
    let no = match ready {
        Some(ready) => ready.no,
        None => says(&first, &practice.practice, requester(example), example).await.request.unwrap(),
    };
    let mut scene = Scene { practice: practice.clone(), desk: first.clone(), town: town.clone(), no };
    let there = Arc::new(scene.clone());
    assert!(between.scene.set(Arc::downgrade(&there)).is_ok());
    if stop == Stop::PolicyRefuses {
        // The operator changes the rules while the desk is down, which is after the call as well.
        scene.desk = desk(&practice.practice, &town, Arc::new(Dies { between: between.clone() }), None);
    }
    let ended = tokio::select! {
        ended = in_time(press_on(&scene.desk, &practice.practice, no)) => ended.map(drop),
        // Dropping what it is at is the end of the process.
        () = between.died.notified() => Ok(()),
    };
    let calls = || between.calls.load(Ordering::SeqCst);
    if calls() < call {
        return false;
    }
    // Another process with the same log and no memory: nothing of it continues.
    let rules = (stop == Stop::PolicyRefuses).then(|| without_requests(&first.policy.get()));
    let second = desk(&practice.practice, &town, between.clone(), rules);
    in_time(second.advance_all()).await.unwrap();
    let made = calls();
    in_time(second.advance_all()).await.unwrap();
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

    let third = desk(&practice.practice, &town, between.clone(), None);
    scene.desk = third.clone();
    release(&scene, stop, &request, &what).await;
    in_time(third.advance_all()).await.unwrap();
    let request = in_time(press_on(&third, &practice.practice, no)).await.unwrap();
    let world = whole_world(&practice.practice).await;
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
    let lines = third.saga.log.request(no).await.unwrap();
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

/// Hands whose process ends after the call: what comes of it is never heard of.
struct Dies {
    between: Arc<Between>,
}

#[async_trait]
impl Executor for Dies {
    async fn apply(
        &self,
        key: StepKey,
        attempt: Attempt,
        effect: &Effect,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let done = self.between.apply(key, attempt, effect).await;
        let dead = self.between.calls.load(Ordering::SeqCst) >= self.between.call;
        if dead {
            self.between.died.notify_one();
            std::future::pending::<()>().await;
        }
        done
    }
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

/// A recreate that is stopped once the user is gone, and the card of what someone says then.
async fn stopped_past_the_pivot(line: &str) -> String {
    const ASK: &str = "/connect reset john.doe method:recreate";
    let practice = Arc::new(case(ASK).await);
    let town = Arc::new(InMemoryCenter(std::sync::Mutex::new(practice.practice.people.clone())));
    let between = Between::over(&practice.practice, 4, Stop::RolledBack);
    let desk = desk(&practice.practice, &town, between.clone(), None);
    let no = says(&desk, &practice.practice, requester(ASK), ASK).await.request.unwrap();
    let scene = Arc::new(Scene { practice: practice.clone(), desk: desk.clone(), town, no });
    assert!(between.scene.set(Arc::downgrade(&scene)).is_ok());
    in_time(press_on(&desk, &practice.practice, no)).await.unwrap();
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
    ╰─ #1 · plan 7428a1 ───────────────────────────────────────────────────────────╯
    ");
    let rolled_back = stopped_past_the_pivot("/desk cancel 1 rollback").await;
    // The user was removed, so they are created again instead.
    assert!(rolled_back.contains("Reset john.doe · completed"), "{rolled_back}");
}

#[tokio::test]
async fn a_leader_retries_or_gives_up_what_is_stuck_when_its_requester_has_left() {
    for word in ["retry", "cancel"] {
        const ASK: &str = "/connect reset john.doe method:recreate";
        let practice = Arc::new(case(ASK).await);
        let town = Arc::new(InMemoryCenter(std::sync::Mutex::new(practice.practice.people.clone())));
        let inner = practice.practice.desk.saga.hands.clone();
        let desk = desk(&practice.practice, &town, inner, None);
        let no = says(&desk, &practice.practice, requester(ASK), ASK).await.request.unwrap();
        let fault = serde_json::json!({
            "operation": "CreateUser", "fault": "fail_before", "times": 1, "error": "InvalidParameterException", "status": 400,
        });
        control(&practice.practice.sim, "POST", "/_sim/faults", &fault.to_string()).await;
        let request = in_time(press_on(&desk, &practice.practice, no)).await.unwrap();
        assert!(matches!(request.phase, Phase::Stuck { .. }), "{:?}", request.phase);
        let scene = Scene { practice, desk: desk.clone(), town, no };
        scene.person(requester(ASK), |people, at| drop(people.remove(at)));
        assert!(!scene.says("oncall", &format!("/desk {word} 1")).await, "who has nothing to do with it");
        assert!(scene.says(OTHER, &format!("/desk {word} 1")).await);
        in_time(desk.advance(no)).await.unwrap();
        let ended = outcome(&desk.request(no).await.unwrap());
        assert_eq!(ended, Some(if word == "retry" { Outcome::Completed } else { Outcome::Abandoned }));
    }
}

#[tokio::test]
async fn a_password_is_shown_to_whoever_may_still_ask_for_it_and_to_nobody_else() {
    const ASK: &str = "/connect reset john.doe method:recreate";
    let practice = Arc::new(case(ASK).await);
    let town = Arc::new(InMemoryCenter(std::sync::Mutex::new(practice.practice.people.clone())));
    let inner = practice.practice.desk.saga.hands.clone();
    let desk = desk(&practice.practice, &town, inner.clone(), None);
    let no = says(&desk, &practice.practice, requester(ASK), ASK).await.request.unwrap();
    let request = in_time(press_on(&desk, &practice.practice, no)).await.unwrap();
    assert_eq!(outcome(&request), Some(Outcome::Completed));
    let scene = Scene { practice: practice.clone(), desk: desk.clone(), town: town.clone(), no };
    let reveals = async |desk: &Arc<Desk>| {
        let reply = says(desk, &practice.practice, requester(ASK), "/desk reveal 1").await;
        format!("{:?}", reply.card)
    };
    let roles = practice.practice.people[0].roles.clone();
    assert_eq!(practice.practice.people[0].name, requester(ASK));
    // The click comes with the roles of before; the platform knows better.
    scene.person(requester(ASK), |people, at| people[at].roles = [Role::Agent].into());
    let told = reveals(&desk).await;
    assert!(told.contains("n't allow") && !told.contains("Secret"), "{told}");
    scene.person(requester(ASK), |people, at| people[at].roles = roles.clone());
    // The rules do not let anybody ask for it any more.
    let strict = self::desk(&practice.practice, &town, inner, Some(without_requests(&desk.policy.get())));
    let told = reveals(&strict).await;
    assert!(!told.contains("Secret"), "{told}");
    scene.freezes().await;
    let told = reveals(&desk).await;
    assert!(told.contains("froze everything") && !told.contains("Secret"), "{told}");
    assert!(desk.request(no).await.unwrap().revealed.is_none());
    let freeze = desk.freezes().await.unwrap().remove(0);
    assert!(scene.says(FREEZER, &format!("/desk unfreeze {}", freeze.no.0)).await);
    let told = reveals(&desk).await;
    assert!(told.contains("Secret"), "{told}");
}

/// A practice desk that would mail.
async fn mailing() -> crate::prepared::Case {
    let mut config = crate::support::untiring_config();
    let from = "Help desk <helpdesk@example.org>".parse().unwrap();
    let by = Way::Smtp(SmtpSettings {
        host: "localhost".to_owned(),
        port: 9,
        tls: Tls::None,
        username: None,
        password_file: None,
        ca_file: None,
        oauth2: None,
    });
    config.systems.email.outgoing = Some(Outgoing { from, by });
    crate::prepared::case_with("", |options| options.config = Some(config)).await
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
        let practice = Arc::new(mailing().await);
        let town = Arc::new(InMemoryCenter(std::sync::Mutex::new(practice.practice.people.clone())));
        let between = Between::over(&practice.practice, 1, stop);
        let desk = desk(&practice.practice, &town, between.clone(), None);
        let no = says(&desk, &practice.practice, requester(ASK), ASK).await.request.unwrap();
        let scene = Arc::new(Scene { practice: practice.clone(), desk: desk.clone(), town, no });
        assert!(between.scene.set(Arc::downgrade(&scene)).is_ok());
        let request = in_time(press_on(&desk, &practice.practice, no)).await.unwrap();
        assert_eq!(between.emails.load(Ordering::SeqCst), 1, "{stop:?}: {:?}", request.steps);
        let done = request.steps.iter().filter(|state| **state == StepState::Done).count();
        match stop {
            Stop::RolledBackNow => assert_eq!(outcome(&request), Some(Outcome::RolledBack), "{stop:?}"),
            _ => assert_eq!((done, request.held.is_some()), (2, true), "{stop:?}: {:?}", request.steps),
        }
        assert!(request.untold().is_empty(), "{stop:?}");
    }
}

/// Hands under which everything is frozen after the first call, and not any more when the second one is back.
struct FrozenMeanwhile {
    inner: Arc<dyn Executor>,
    calls: AtomicU32,
    scene: OnceLock<Weak<Scene>>,
}

#[async_trait]
impl Executor for FrozenMeanwhile {
    async fn apply(
        &self,
        key: StepKey,
        attempt: Attempt,
        effect: &Effect,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let done = self.inner.apply(key, attempt, effect).await;
        let scene = self.scene.get().and_then(Weak::upgrade).unwrap();
        if call == 1 {
            scene.freezes().await;
        } else if call == 2 {
            in_time(async {
                while scene.desk.request(scene.no).await.unwrap().held.is_none() {
                    tokio::task::yield_now().await;
                }
            })
            .await;
            let freeze = scene.desk.freezes().await.unwrap()[0].no;
            assert!(scene.says(FREEZER, &format!("/desk unfreeze {}", freeze.0)).await);
        }
        done
    }
}

#[tokio::test]
async fn no_step_begins_under_a_hold_that_the_log_does_not_end() {
    const ASK: &str = "/connect edit john.doe olga.novak acw:60 tag:team=red";
    let practice = Arc::new(case(ASK).await);
    let town = Arc::new(InMemoryCenter(std::sync::Mutex::new(practice.practice.people.clone())));
    let inner = practice.practice.desk.saga.hands.clone();
    let hands = Arc::new(FrozenMeanwhile { inner, calls: AtomicU32::new(0), scene: OnceLock::new() });
    let desk = desk(&practice.practice, &town, hands.clone(), None);
    let no = says(&desk, &practice.practice, requester(ASK), ASK).await.request.unwrap();
    let scene = Arc::new(Scene { practice: practice.clone(), desk: desk.clone(), town, no });
    assert!(hands.scene.set(Arc::downgrade(&scene)).is_ok());
    let ended = in_time(press_on(&desk, &practice.practice, no)).await.unwrap();
    assert_eq!(outcome(&ended), Some(Outcome::Completed));
    let lines = desk.saga.log.request(no).await.unwrap();
    let mut words = lines.iter().map(|line| line.event.word());
    assert!(words.by_ref().any(|word| word == "held"), "it was held while calls were under way");
    let begins = words.find(|word| ["started", "resumed"].contains(word));
    assert_eq!(
        begins,
        Some("resumed"),
        "{:#?}",
        lines.iter().map(|line| line.event.word()).collect::<Vec<_>>()
    );
}

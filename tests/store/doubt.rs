//! A whole desk whose disk fails while someone's word is written: they are told that no one knows, and after a restart it counts only
//! when they say it again, whether or not its line is there.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use connect_desk::clock::ScriptClock;
use connect_desk::practice::{Options, Practice, Unwatched};
use connect_desk::store::{Act, Fate, Hooks, Store, Writes};
use connect_desk::systems::connect::Patience;
use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::roles::Place;
use desk_core::card::Card;
use desk_core::desk::saga::SagaContext;
use desk_core::desk::{Desk, Incoming, Invocation, Reply};
use desk_core::log::Outcome;
use desk_core::log::RequestLog as _;
use desk_core::request::{Phase, Request};

use crate::faults::{WAYS, Way};
use crate::helper::{Still, open_watched, options_with, quick};

/// A desk whose log may fail, before a practice contact center.
struct Scene {
    practice: Practice,
    dir: tempfile::TempDir,
    _world: tempfile::TempDir,
    store: Store,
    desk: Desk,
}

/// Which call of the next batch fails, and how; none while it is not armed.
type Armed = Arc<Mutex<Option<(u64, Way)>>>;

impl Scene {
    async fn open() -> (Scene, Armed) {
        let (world, dir) = (quick(), quick());
        let clock = Arc::new(ScriptClock::starting_at("2026-11-20T03:14:00Z".parse().unwrap()));
        let mut config = connect_desk::practice::config().unwrap();
        config.turns = connect_desk::rate_limits::PerMinute::unlimited();
        // What this rule is about needs no one's word.
        let mut alone = config.policy.rules.last().unwrap().clone();
        alone.commands = vec!["connect export".to_owned()];
        (alone.confirm, alone.approvals) = (false, 0);
        alone.risk.clear();
        alone.approvers.clear();
        config.policy.rules.insert(0, alone);
        let practice = Practice::open(Options {
            state: world.path().to_owned(),
            config: Some(config),
            clock,
            throttled: false,
            sim: desk_sim::Options::default(),
            patience: Patience::default(),
            watcher: Arc::new(Unwatched),
            files: ".".into(),
        })
        .await
        .unwrap();
        let armed: Armed = Arc::default();
        let calls = AtomicU64::new(0);
        let writes = Writes::watched({
            let armed = armed.clone();
            move |call| match *armed.lock().unwrap() {
                Some((nth, way)) if call.act != Act::Answer => {
                    match calls.fetch_add(1, Ordering::SeqCst) == nth {
                        true => way.fate(call.bytes.len()),
                        false => Fate::Happens,
                    }
                }
                _ => Fate::Happens,
            }
        });
        let store = open_watched(dir.path(), Hooks { writes, ..Hooks::default() });
        let desk = desk(&practice, &store);
        (Scene { practice, dir, _world: world, store, desk }, armed)
    }

    /// The desk is started again, and continues with what is open.
    async fn restart(mut self) -> Scene {
        drop(self.desk);
        let _ = self.store.close();
        self.store = Store::open(self.dir.path(), options_with(Arc::new(Still::default()))).unwrap();
        assert_eq!(self.store.unsound(), None);
        self.desk = desk(&self.practice, &self.store);
        for (_, card) in self.desk.advance_all().await.unwrap() {
            card.unwrap();
        }
        self
    }

    async fn says(&self, who: &str, line: &str) -> Reply {
        let by = self.practice.people.iter().find(|person| person.name == who).cloned().unwrap();
        let place =
            Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None };
        self.desk.handle(Incoming { by, place, said: Invocation::Typed(line.to_owned()) }).await
    }

    async fn says_and_goes_on(&self, who: &str, line: &str) -> Request {
        let reply = self.says(who, line).await;
        let no = reply.request.unwrap_or_else(|| panic!("{line}: {:?}", reply.card));
        self.desk.advance(no).await.unwrap();
        self.desk.request(no).await.unwrap()
    }

    async fn world(&self) -> Vec<u8> {
        let request = http::Request::get("/_sim/world?ids=true").body(bytes::Bytes::new()).unwrap();
        self.practice.sim.handle(request).await.unwrap().into_body().to_vec()
    }

    fn text(&self, card: &Card) -> String {
        format!("{card:?}")
    }
}

fn desk(practice: &Practice, store: &Store) -> Desk {
    let desk = &practice.desk;
    Desk {
        commands: desk_commands::all(),
        policy: desk.policy.clone(),
        center: desk.center.clone(),
        salesforce: desk.salesforce.clone(),
        people: desk.people.clone(),
        roster: desk.roster.clone(),
        vault: store.vault(),
        factors: desk.factors.clone(),
        turns: desk.turns.clone(),
        caller_codes: desk.caller_codes.clone(),
        inbox: desk.inbox.clone(),
        emails: desk.emails.clone(),
        site: desk.site.clone(),
        health: Arc::default(),
        saga: SagaContext {
            hands: desk.saga.hands.clone(),
            log: Arc::new(store.clone()),
            clock: desk.saga.clock.clone(),
            watcher: Arc::new(Unwatched),
        },
        watch: Default::default(),
    }
}

const NO: RequestNo = RequestNo(1);

/// Brings a request to where only the supervisor's approval is missing, and has that fail.
async fn approval_fails(nth: u64, way: Way) -> (Scene, Vec<u8>) {
    let (scene, armed) = Scene::open().await;
    let request = scene.says_and_goes_on("helpdesk", "/connect reset john.doe method:recreate").await;
    assert_eq!(request.no, NO);
    scene.says_and_goes_on("helpdesk", "/desk confirm 1").await;
    let before = scene.world().await;
    *armed.lock().unwrap() = Some((nth, way));
    let reply = scene.says("supervisor", "/desk approve 1").await;
    *armed.lock().unwrap() = None;
    let said = scene.text(&reply.card);
    assert!(said.contains("The disk didn't confirm that this was recorded"), "{said}");
    assert!(said.contains("Repeat it after the bot restarts"), "{said}");
    // Until the restart questions are answered, and nothing else is done.
    assert!(scene.text(&scene.says("supervisor", "/desk requests").await.card).contains("1 request is open"));
    let denied = scene.text(&scene.says("supervisor", "/desk deny 1 no").await.card);
    assert!(denied.contains("Safe mode") && denied.contains("unknown whether the last write"), "{denied}");
    assert!(scene.desk.advance(NO).await.is_err());
    assert!(scene.world().await == before);
    (scene, before)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_that_was_told_as_unknown_counts_only_when_it_is_said_again() {
    let mut found = 0;
    // The batch's own write, its sync, and the head; each of the ways in which they can fail.
    for nth in 0..3 {
        for way in WAYS {
            for deny in [true, false] {
                let (scene, before) = approval_fails(nth, way).await;
                let scene = scene.restart().await;
                let what = format!("call {nth}, {way:?}");
                assert!(scene.world().await == before, "{what}: it was carried out");
                let request = scene.desk.request(NO).await.unwrap();
                assert_eq!(request.phase, Phase::Waiting, "{what}");
                assert!(request.approvals.is_empty() && request.confirmed.is_some(), "{what}");
                let card = scene.text(&scene.desk.card(NO).await.unwrap());
                let doubted = card.contains("The approval by")
                    && card.contains("may not have been recorded. Approve again.");
                assert_eq!(doubted, !request.unrecorded.is_empty(), "{what}: {card}");
                found += u32::from(doubted);
                let (line, outcome) = match deny {
                    true => ("/desk deny 1 no", Outcome::Denied),
                    false => ("/desk approve 1", Outcome::Completed),
                };
                let request = scene.says_and_goes_on("supervisor", line).await;
                let ended =
                    matches!(request.phase, Phase::Finished { outcome: ended, .. } if ended == outcome);
                assert!(ended, "{what}: {:?}", request.phase);
                assert_eq!(scene.world().await == before, deny, "{what}");
                // And so it stays.
                let scene = scene.restart().await;
                assert!(scene.desk.request(NO).await.unwrap().is_finished(), "{what}");
                assert!(scene.store.verify().unwrap().is_sound());
            }
        }
    }
    assert!(found >= 8, "the line was there {found} times");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_was_told_as_unknown_needs_its_requesters_confirmation_whatever_the_rule_says() {
    let mut found = 0;
    for nth in 0..3 {
        for way in WAYS {
            let (scene, armed) = Scene::open().await;
            *armed.lock().unwrap() = Some((nth, way));
            let reply = scene.says("helpdesk", "/connect export").await;
            *armed.lock().unwrap() = None;
            let said = scene.text(&reply.card);
            assert!(said.contains("The disk didn't confirm that this was recorded"), "{said}");
            let scene = scene.restart().await;
            let Ok(request) = scene.desk.request(NO).await else {
                // It is not there, so asking again is a request like any other.
                let request = scene.says_and_goes_on("helpdesk", "/connect export").await;
                assert!(request.is_finished(), "{:?}", request.phase);
                continue;
            };
            found += 1;
            assert_eq!(request.phase, Phase::Waiting);
            let card = scene.text(&scene.desk.card(NO).await.unwrap());
            assert!(card.contains("needs their confirmation"), "{card}");
            let request = scene.says_and_goes_on("helpdesk", "/desk confirm 1").await;
            assert!(request.is_finished(), "{:?}", request.phase);
        }
    }
    assert!(found >= 4, "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denial_and_a_cancellation_that_were_told_as_unknown_leave_the_request_open() {
    for (who, line, word) in [
        ("supervisor", "/desk deny 1 no", "denial"),
        ("helpdesk", "/desk cancel 1", "cancellation"),
        ("supervisor", "/desk defer 1 45m", "deferral"),
    ] {
        let (scene, armed) = Scene::open().await;
        scene.says_and_goes_on("helpdesk", "/connect reset john.doe method:recreate").await;
        *armed.lock().unwrap() = Some((1, Way::AndYet));
        scene.says(who, line).await;
        *armed.lock().unwrap() = None;
        let scene = scene.restart().await;
        let request = scene.desk.request(NO).await.unwrap();
        assert_eq!((request.phase.clone(), request.deferred), (Phase::Waiting, None), "{line}");
        assert_eq!(scene.desk.due().await.unwrap(), []);
        assert!(!desk_core::log::LogReader::open(&scene.store).await.unwrap().is_empty(), "it is open again");
        let card = scene.text(&scene.desk.card(NO).await.unwrap());
        assert!(card.contains(&format!("The {word} by ")), "{card}");
        scene.says_and_goes_on(who, line).await;
        let request = scene.desk.request(NO).await.unwrap();
        assert!(request.is_finished() || request.deferred.is_some());
        assert!(request.unrecorded.is_empty());
        assert_eq!(scene.store.unsound(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_recorded_and_not_begun_is_told_so_and_continues_after_a_restart() {
    for nth in 0..3 {
        for way in WAYS {
            let what = format!("call {nth}, {way:?}");
            let (scene, armed) = Scene::open().await;
            scene.says_and_goes_on("helpdesk", "/connect reset john.doe method:recreate").await;
            scene.says_and_goes_on("helpdesk", "/desk confirm 1").await;
            let before = scene.world().await;
            scene.says("supervisor", "/desk approve 1").await;
            *armed.lock().unwrap() = Some((nth, way));
            let problem = scene.desk.advance(NO).await.unwrap_err();
            *armed.lock().unwrap() = None;
            let said = scene.text(&scene.desk.kept(NO, &problem).await);
            assert!(said.contains("#1 is recorded") && !said.contains("doesn't count"), "{what}: {said}");
            assert!(scene.world().await == before, "{what}: it was carried out");
            let scene = scene.restart().await;
            let phase = scene.desk.request(NO).await.unwrap().phase;
            let is_done = matches!(phase, Phase::Finished { outcome: Outcome::Completed, .. });
            assert!(is_done, "{what}: {phase:?}");
        }
    }
}

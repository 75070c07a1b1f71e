//! The index: what is found through it is what a walk over all lines finds.

use std::collections::BTreeMap;

use connect_desk::store::{ENGINES, Hooks};
use desk_core::basics::ids::PersonId;
use desk_core::log::{Append, Draft, Event, Line, LogReader as _, Query, RequestLog as _};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::helper::*;
use crate::memory::{Memory, knows_what_the_lines_say};

/// Something someone writes: a new request, one more line of an open or closed one, or a line of the desk.
#[derive(Clone, Debug)]
struct Step {
    to: u8,
    events: Vec<u8>,
    logins: Vec<u8>,
    person: Option<u8>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (
        0..12u8,
        prop::collection::vec(0..6u8, 1..4),
        prop::collection::vec(0..5u8, 0..4),
        prop::option::of(0..4u8),
    )
        .prop_map(|(to, events, logins, person)| Step { to, events, logins, person });
    prop::collection::vec(step, 1..60)
}

fn drafts(step: &Step, new: bool) -> Vec<Draft> {
    let names = ["john.doe", "Jane.Doe", "JOHN.DOE", "corp\\maria", &"long".repeat(60)];
    step.events
        .iter()
        .enumerate()
        .map(|(i, event)| {
            let event = match event {
                _ if new && i == 0 => asked(),
                0 => finished(),
                1 => Event::Canceled,
                _ => done(&"x".repeat(usize::from(*event) * 200)),
            };
            let mut draft = draft("", step.person.map(u64::from), event);
            draft.about = step.logins.iter().map(|login| names[usize::from(*login)].to_owned()).collect();
            draft
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_120), ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_a_walk_finds(steps in steps(), reopen in 0..60usize) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        for engine in ENGINES {
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let mut store = open_on(dir.path(), engine);
            let mut all: Vec<Line> = Vec::new();
            let mut last: BTreeMap<u64, u64> = BTreeMap::new();
            for (i, step) in steps.iter().enumerate() {
                if i == reopen {
                    drop(store);
                    store = open_on(dir.path(), engine);
                }
                let to = match step.to {
                    0 => Append::Desk,
                    1..4 => Append::New,
                    _ if last.is_empty() => Append::New,
                    n => {
                        let (request, after) = last.iter().nth(usize::from(n) * 7 % last.len()).unwrap();
                        Append::To { no: no(*request), after: *after }
                    }
                };
                let lines = store.append(to, drafts(step, to == Append::New)).await.unwrap();
                if let Some(request) = lines[0].request {
                    last.insert(request.0, lines.last().unwrap().line);
                }
                all.extend(lines);
            }
            compare(&store, &all).await;
            drop(store);
            let store = open_on(dir.path(), engine);
            compare(&store, &all).await;
            let report = store.verify().unwrap();
            assert!(report.is_sound(), "{report}");
        });
        }
    }
}

async fn compare(store: &connect_desk::store::Store, all: &[Line]) {
    knows_what_the_lines_say(store, all.to_vec()).await;
    let model = Memory::of(all.to_vec());
    for request in 1..=all.iter().filter_map(|line| line.request).max().map_or(0, |no| no.0) {
        let of: Vec<_> = all.iter().filter(|line| line.request == Some(no(request))).cloned().collect();
        assert_eq!(store.asked(no(request)).await.unwrap(), of.first().cloned());
        assert_eq!(store.request(no(request)).await.unwrap(), of);
    }
    let logins = [None, Some("John.Doe"), Some("jane.doe"), Some("CORP\\maria"), Some("no one")];
    let persons: [Option<PersonId>; 3] =
        [None, Some("console:1".parse().unwrap()), Some("console:9".parse().unwrap())];
    for login in logins {
        for person in &persons {
            for (limit, without_request) in
                [0, 1, 7, usize::MAX].into_iter().flat_map(|limit| [(limit, false), (limit, true)])
            {
                let query = Query {
                    login: login.map(str::to_owned),
                    person: person.clone(),
                    limit,
                    without_request,
                    ..Query::default()
                };
                let expected = model.history(&query).await.unwrap();
                assert_eq!(store.history(&query).await.unwrap(), expected, "{query:?}");
                let count = model.count(&query).await.unwrap();
                assert_eq!(store.count(&query).await.unwrap(), count, "{query:?}");
            }
        }
    }
}

#[tokio::test]
async fn lines_that_say_the_rules_are_found_among_all_others() {
    use desk_core::policy::rule_set::{RuleChange, RuleSet, StartedBy};

    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    let starter = || StartedBy { user: "desk".to_owned(), uid: None, host: "host".to_owned() };
    let first = RuleChange::between(None, &RuleSet::default(), starter()).unwrap();
    let other = RuleSet { first_authenticator_approved: true, ..RuleSet::default() };
    let second = RuleChange::between(Some(&first), &other, starter()).unwrap();
    for change in [first.clone(), second.clone()] {
        ask(&store, "john.doe", 1001).await;
        let event = Event::PolicyChanged(Box::new(change));
        store.append(Append::Desk, vec![draft("john.doe", None, event)]).await.unwrap();
    }
    ask(&store, "john.doe", 1001).await;
    let query = Query { rules: true, limit: usize::MAX, ..Query::default() };
    let lines = store.history(&query).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.line).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(store.count(&query).await.unwrap(), 2);
    let of_person = Query { person: Some("console:1001".parse().unwrap()), ..query.clone() };
    assert_eq!(store.history(&of_person).await.unwrap(), []);
}

#[tokio::test]
async fn lines_of_a_request_with_very_many_are_all_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    let first = ask(&store, "john.doe", 1001).await;
    let mut after = first.line;
    let mut count = 1;
    for _ in 0..40 {
        let drafts = (0..50).map(|i| draft(&format!("user{i}"), Some(1001), done("x"))).collect();
        after = store.append(Append::To { no: no(1), after }, drafts).await.unwrap().last().unwrap().line;
        count += 50;
    }
    assert_eq!(store.request(no(1)).await.unwrap().len(), count);
    let query = Query { login: Some("user7".to_owned()), limit: usize::MAX, ..Query::default() };
    assert_eq!(store.history(&query).await.unwrap().len(), 40);
    drop(store);
    let store = open_sound(dir.path());
    assert_eq!(store.request(no(1)).await.unwrap().len(), count);
    assert_eq!(store.history(&query).await.unwrap().len(), 40);
}

#[tokio::test]
async fn the_database_of_another_log_and_one_that_is_ahead_are_put_aside_and_built_again() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open_sound(one.path());
    let lines = fill(&store, 30).await;
    store.close().unwrap();
    let shorter = tempfile::tempdir().unwrap();
    copy_folder(one.path(), shorter.path());
    let store = open_sound(one.path());
    fill(&store, 2_000).await;
    store.close().unwrap();
    let store = open_sound(other.path());
    fill(&store, 300).await;
    store.close().unwrap();
    for (whole, from) in [(0, &one), (50_000, &one), (0, &other), (50_000, &other)] {
        let dir = tempfile::tempdir().unwrap();
        copy_folder(shorter.path(), dir.path());
        std::fs::remove_dir_all(dir.path().join("db")).unwrap();
        copy_folder(&from.path().join("db"), &dir.path().join("db"));
        let store = open_watched(dir.path(), Hooks { whole, ..Hooks::default() });
        if from.path() == one.path() {
            // What the database remembers of its end is signed by the log's own key, so the log was longer once.
            let problem = store.unsound().unwrap();
            assert!(problem.message.contains("the index covers"), "{problem}");
        } else {
            assert_eq!(store.unsound(), None);
            assert!(store.said().iter().any(|problem| problem.code == "index_rebuilt"), "{:?}", store.said());
            let line = ask(&store, "next", 1001).await;
            assert_eq!(line.line, lines.len() as u64);
        }
        for request in (1..=4).map(no) {
            let of: Vec<Line> = lines.iter().filter(|line| line.request == Some(request)).cloned().collect();
            assert_eq!(store.request(request).await.unwrap(), of, "whole {whole}");
        }
    }
}

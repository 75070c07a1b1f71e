//! The log as a journal: conflicts, one sync for many, reading back, and what is left after closing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use connect_desk::store::{Act, ENGINES, Fate, Hooks, ShowFilter, Store, Writes, show};
use desk_core::log::checkpoint::{Checkpoint, Verifier};
use desk_core::log::{Append, AppendError, LogReader as _, RequestLog as _};

use crate::helper::*;

#[tokio::test]
async fn lines_come_back_after_closing_as_they_were_written() {
    for engine in ENGINES {
        let dir = tempfile::tempdir().unwrap();
        let mut store = open_on(dir.path(), engine);
        let lines = fill(&store, 600).await;
        assert_eq!(numbers(&lines), (0..lines.len() as u64).collect::<Vec<_>>());
        for _ in 0..3 {
            let open = store.open().await.unwrap();
            store.close().unwrap();
            assert!(store.request(no(1)).await.is_err(), "a closed store is closed");
            store = open_on(dir.path(), engine);
            assert_eq!(store.size(), lines.len() as u64);
            assert_eq!(store.open().await.unwrap(), open);
            for request in 1..=lines.last().unwrap().request.unwrap().0 {
                let of: Vec<_> =
                    lines.iter().filter(|line| line.request == Some(no(request))).cloned().collect();
                assert_eq!(store.request(no(request)).await.unwrap(), of);
            }
        }
        assert_eq!(store.request(no(9999)).await.unwrap(), []);
        let report = store.verify().unwrap();
        assert!(report.is_sound(), "{report}");
        assert!(report.own >= 3, "{report}");
        if engine.name == "sled" {
            no_blobs(dir.path());
        }
    }
}

#[tokio::test]
async fn somebody_elses_line_is_a_conflict_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    let first = ask(&store, "john.doe", 1001).await;
    let second = add(&store, &first, done("x")).await;
    for (request, after) in [(1, first.line), (1, 7), (1, u64::MAX), (9, 0)] {
        let to = Append::To { no: no(request), after };
        let refused = store.append(to, vec![draft("john.doe", None, done("y"))]).await;
        assert_eq!(refused, Err(AppendError::Conflict), "{request} {after}");
    }
    assert_eq!(store.request(no(1)).await.unwrap(), [first, second]);
    assert_eq!(store.size(), 2);
    assert_eq!(store.append(Append::New, Vec::new()).await, Ok(Vec::new()));
    assert_eq!(store.size(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_at_once_each_writes_once_and_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    let first = ask(&store, "john.doe", 1001).await;
    let conflicts = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..100)
        .map(|i| {
            let (store, conflicts) = (store.clone(), conflicts.clone());
            tokio::spawn(async move {
                let mut after = first_line(&store).await;
                loop {
                    let drafts = vec![
                        draft("john.doe", Some(2000 + i), done("one")),
                        draft("john.doe", Some(2000 + i), done("two")),
                    ];
                    match store.append(Append::To { no: no(1), after }, drafts).await {
                        Ok(lines) => {
                            // All or none, one after the other.
                            assert_eq!(lines[1].line, lines[0].line + 1);
                            return lines[1].line;
                        }
                        Err(AppendError::Conflict) => {
                            conflicts.fetch_add(1, Ordering::Relaxed);
                            after = store.request(no(1)).await.unwrap().last().unwrap().line;
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                }
            })
        })
        .collect();
    let mut last = BTreeSet::new();
    for task in tasks {
        last.insert(tokio::time::timeout(LONG, task).await.unwrap().unwrap());
    }
    assert_eq!(last, (1..=100).map(|i| first.line + 2 * i).collect());
    assert!(conflicts.load(Ordering::Relaxed) > 0);
    assert_eq!(store.request(no(1)).await.unwrap().len(), 201);
    assert!(store.verify().unwrap().is_sound());
}

async fn first_line(store: &Store) -> u64 {
    store.request(no(1)).await.unwrap()[0].line
}

#[tokio::test(flavor = "multi_thread")]
async fn new_requests_have_numbers_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    let tasks: Vec<_> = (0..50)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move { ask(&store, &format!("user{i}"), 1001).await.request.unwrap().0 })
        })
        .collect();
    let mut given = BTreeSet::new();
    for task in tasks {
        given.insert(tokio::time::timeout(LONG, task).await.unwrap().unwrap());
    }
    assert_eq!(given, (1..=50).collect());
    drop(store);
    let store = open_sound(dir.path());
    assert_eq!(ask(&store, "user", 1001).await.request, Some(no(51)));
}

/// While one commit is being synced, everything else waits for the next: one sync for all of it, and no answer before it.
#[tokio::test(flavor = "multi_thread")]
async fn everything_that_waits_becomes_one_commit_and_no_answer_comes_before_its_sync() {
    let dir = tempfile::tempdir().unwrap();
    let acts = Arc::new(Mutex::new(Vec::new()));
    let hold = Arc::new(AtomicBool::new(false));
    let (held, is_held) = channel();
    let (go, may_go) = channel::<()>();
    let may_go = Mutex::new(may_go);
    let writes = Writes::watched({
        let (acts, hold) = (acts.clone(), hold.clone());
        move |call| {
            if call.file == "log.jsonl" || call.act == Act::Answer {
                acts.lock().unwrap().push(call.act);
            }
            if call.act == Act::Sync && call.file == "log.jsonl" && hold.swap(false, Ordering::SeqCst) {
                held.send(()).unwrap();
                may_go.lock().unwrap().recv_timeout(LONG).unwrap();
            }
            Fate::Happens
        }
    });
    let store = open_watched(dir.path(), Hooks { writes, ..Hooks::default() });
    let count = |wanted| acts.lock().unwrap().iter().filter(|act| **act == wanted).count();
    let before = count(Act::Sync);

    hold.store(true, Ordering::SeqCst);
    let first = tokio::spawn({
        let store = store.clone();
        async move { ask(&store, "first", 1001).await }
    });
    is_held.recv_timeout(LONG).unwrap();
    // The first one's batch is being synced. A hundred more come, and none of the hundred and one has an answer.
    let mut rest = Vec::new();
    for i in 0..100 {
        let appending = store.append(Append::New, vec![draft(&format!("user{i}"), Some(1001), asked())]);
        let mut appending = Box::pin(appending);
        assert!(futures_poll(&mut appending).is_none());
        rest.push(appending);
    }
    assert!(!first.is_finished());
    assert_eq!(count(Act::Answer), 0);
    assert_eq!(store.size(), 0, "readers see nothing that is not durable");
    go.send(()).unwrap();
    assert_eq!(tokio::time::timeout(LONG, first).await.unwrap().unwrap().line, 0);
    for appending in rest {
        tokio::time::timeout(LONG, appending).await.unwrap().unwrap();
    }
    assert_eq!(store.size(), 101);
    assert_eq!(count(Act::Sync) - before, 2, "one for the first, one for the hundred");

    // From here on one by one: each has its own sync, and its answer comes after it.
    for i in 0..20 {
        ask(&store, &format!("user{i}"), 1001).await;
    }
    assert_eq!(count(Act::Sync) - before, 22);
    drop(store);
    let acts = acts.lock().unwrap();
    let mut written = false;
    for act in acts.iter() {
        match act {
            Act::Write => written = true,
            Act::Sync => written = false,
            Act::Answer => assert!(!written, "nothing is told before it is synced"),
            _ => {}
        }
    }
}

/// Polls once; the answer if there is one already.
fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[tokio::test]
async fn lines_of_any_length_come_back_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    let mut all = Vec::new();
    for length in [5_900, 6_000, 6_050, 6_100, 6_144, 6_200, 100, 12_288, 20_000, 1_500_000, 10, 300_000] {
        let first = ask(&store, "john.doe", 1001).await;
        all.push(first.clone());
        let text: String = (0..length).map(|i| char::from(b'a' + (i % 26) as u8)).collect();
        all.push(add(&store, &first, done(&text)).await);
    }
    drop(store);
    let store = open_sound(dir.path());
    for pair in all.chunks(2) {
        assert_eq!(store.request(pair[0].request.unwrap()).await.unwrap(), pair);
    }
    let report = store.verify().unwrap();
    assert!(report.is_sound(), "{report}");
    drop(store);
    no_blobs(dir.path());
    let bytes: Vec<String> = all.iter().map(|line| String::from_utf8(line.encode()).unwrap()).collect();
    assert!(json(dir.path()).0 == bytes);
}

#[tokio::test]
async fn checkpoints_are_what_another_implementation_computes() {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    let verifier = Verifier::parse(&store.verifier()).unwrap();
    let mut tree = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
    let mut older: Option<Checkpoint> = None;
    for _ in 0..12 {
        for line in fill(&store, 37).await {
            tree.push(line.encode());
        }
        let note = store.checkpoint().await.unwrap();
        let checkpoint = Checkpoint::open(&note, &verifier).unwrap();
        assert_eq!(checkpoint.size, store.size());
        assert_eq!(checkpoint.root.as_slice(), tree.root().as_bytes().as_slice());
        assert_eq!(std::fs::read_to_string(dir.path().join("checkpoint")).unwrap(), note);
        if let Some(older) = older {
            let proof = tree.prove_consistency((checkpoint.size - older.size) as usize);
            let root = |checkpoint: &Checkpoint| {
                ct_merkle::RootHash::<sha2::Sha256>::new(checkpoint.root.into(), checkpoint.size)
            };
            root(&checkpoint).verify_consistency(&root(&older), &proof).unwrap();
        }
        older = Some(checkpoint);
    }
}

#[tokio::test]
async fn a_person_reads_the_log_and_a_program_reads_it_as_json() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    let lines = fill(&store, 40).await;
    let shown = |filter: ShowFilter| {
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        assert!(show(dir.path(), &filter, &mut out, &mut errors).unwrap());
        assert!(errors.is_empty());
        String::from_utf8(out).unwrap()
    };
    assert_eq!(shown(ShowFilter::default()).lines().count(), lines.len(), "while the desk has it open");
    store.close().unwrap();
    assert_eq!(shown(ShowFilter::default()).lines().count(), lines.len());
    let one = shown(ShowFilter { request: Some(no(3)), ..ShowFilter::default() });
    assert_eq!(one.lines().count(), 4);
    assert!(
        one.lines().next().unwrap().ends_with(
            "20 Nov 2026 03:14 UTC  #3  requested: \"/connect reset\" by \"person 1000\" (console:1000), about user3"
        ),
        "{one}"
    );
    let newest = shown(ShowFilter { limit: Some(2), json: true, ..ShowFilter::default() });
    let expected: String = lines[lines.len() - 2..]
        .iter()
        .map(|line| String::from_utf8(line.encode()).unwrap() + "\n")
        .collect();
    assert_eq!(newest, expected);
    let login =
        shown(ShowFilter { login: Some("USER3".to_owned()), limit: Some(3), ..ShowFilter::default() });
    assert_eq!(login.lines().count(), 3);
    assert!(login.lines().all(|line| line.ends_with("about user3")));
}

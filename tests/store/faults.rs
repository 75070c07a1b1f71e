//! Every call that writes fails in turn, without having happened, in part, and after it happened: what was told is what is there after
//! a restart, and what no one knows does not count as anyone's decision.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use connect_desk::store::{Act, Fate, Hooks, Store, Writes};
use desk_core::log::{Append, AppendError, Event, Line, LogReader as _, RequestLog as _};
use desk_core::ports::Vault as _;

use crate::helper::*;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Not,
    InPart,
    AndYet,
}

pub const WAYS: [Way; 3] = [Way::Not, Way::InPart, Way::AndYet];

impl Way {
    pub fn fate(self, bytes: usize) -> Fate {
        let error = io::Error::from(io::ErrorKind::StorageFull);
        match self {
            Way::Not => Fate::Fails(error),
            Way::InPart => Fate::HappensInPart(bytes / 2, error),
            Way::AndYet => Fate::HappensAndFails(error),
        }
    }
}

/// What was called of the system, with the file that it was about.
type Calls = Arc<Mutex<Vec<(Act, String)>>>;

/// Calls that fail one after the other, from the nth on: one that fails in its way, and then all are as they should be.
fn failing(nth: usize, way: Way) -> (Writes, Calls) {
    let calls = Calls::default();
    let writes = Writes::watched({
        let calls = calls.clone();
        move |call| {
            let mut calls = calls.lock().unwrap();
            if call.act != Act::Answer {
                calls.push((call.act, call.file.to_owned()));
            }
            match call.act != Act::Answer && calls.len() == nth + 1 {
                true => way.fate(call.bytes.len()),
                false => Fate::Happens,
            }
        }
    });
    (writes, calls)
}

/// What people were told of what they wrote.
#[derive(Default)]
struct Told {
    acknowledged: Vec<Line>,
    /// By the login that each was about.
    unknown: Vec<String>,
    failed: Vec<String>,
    /// The request whose password was given out, and the password.
    password: Option<(u64, String)>,
}

impl Told {
    async fn append(
        &mut self,
        store: &Store,
        to: Append,
        login: &str,
        by: Option<u64>,
        events: Vec<Event>,
    ) -> Option<Line> {
        let drafts = events.into_iter().map(|event| draft(login, by, event)).collect();
        match store.append(to, drafts).await {
            Ok(lines) => {
                self.acknowledged.extend(lines.iter().cloned());
                lines.last().cloned()
            }
            Err(AppendError::Unknown(problem)) => {
                assert!(problem.message.contains("unknown"), "{problem}");
                self.unknown.push(login.to_owned());
                None
            }
            Err(AppendError::Failed(_)) => {
                self.failed.push(login.to_owned());
                None
            }
            Err(AppendError::Conflict) => panic!("no one else writes"),
        }
    }

    /// A desk's day: requests, decisions of people, a password, a checkpoint, a stop.
    async fn live(&mut self, dir: &Path, run: u32, writes: Writes) {
        let store = open_watched(dir, Hooks { writes, ..Hooks::default() });
        for n in 0..2 {
            let login = |what: &str| format!("{what}.{run}.{n}");
            let first = self.append(&store, Append::New, &login("asks"), Some(1001), vec![asked()]).await;
            let Some(first) = first else { continue };
            let to = Append::To { no: first.request.unwrap(), after: first.line };
            let canceled = vec![Event::Canceled, finished()];
            self.append(&store, to, &login("cancels"), Some(1001), canceled).await;
            if n == 1 {
                let given = store.temporary_password(first.request.unwrap()).await;
                self.password = given.ok().map(|given| (first.request.unwrap().0, given.show().to_owned()));
                let _ = store.checkpoint().await;
            }
        }
        let unsound = store.unsound();
        let closed = store.close();
        assert!(unsound.is_none() || !self.unknown.is_empty() || !self.failed.is_empty() || closed.is_ok());
    }
}

#[tokio::test]
async fn what_was_told_is_what_is_there_whichever_call_fails() {
    let (mut some_unknown, mut there, mut not_there) = (0, 0, 0);
    let calls = {
        let dir = quick();
        let (writes, calls) = failing(usize::MAX - 1, Way::Not);
        for run in 0..2 {
            Told::default().live(dir.path(), run, writes.clone()).await;
        }
        calls.lock().unwrap().clone()
    };
    assert!(calls.len() > 40, "{}", calls.len());
    for way in WAYS {
        for (nth, (act, file)) in calls.iter().enumerate() {
            if way == Way::InPart && *act != Act::Write {
                continue;
            }
            let dir = quick();
            let mut told = Told::default();
            let (writes, _) = failing(nth, way);
            told.live(dir.path(), 0, writes.clone()).await;
            told.live(dir.path(), 1, writes).await;
            let what = format!("call {nth}, {act:?} of {file}, {way:?}");
            let store = open(dir.path());
            assert_eq!(store.unsound(), None, "{what}");
            let all = desk_core::log::Query { limit: usize::MAX, ..Default::default() };
            let mut lines = store.history(&all).await.unwrap();
            lines.reverse();
            for acknowledged in &told.acknowledged {
                assert_eq!(lines.get(acknowledged.line as usize), Some(acknowledged), "{what}");
            }
            let about = |login: &str| lines.iter().filter(|line| line.about[0] == login).collect::<Vec<_>>();
            for login in &told.failed {
                assert!(about(login).is_empty(), "{what}: {login} was told that it failed");
            }
            for login in &told.unknown {
                some_unknown += 1;
                let found: Vec<u64> = about(login)
                    .iter()
                    .filter(|line| !matches!(line.event, Event::Disregarded { .. }))
                    .map(|line| line.line)
                    .collect();
                match found.len() {
                    0 => not_there += 1,
                    1 | 2 => {
                        there += 1;
                        let disregards = |line: &&Line| matches!(&line.event, Event::Disregarded { lines, .. } if *lines == found);
                        assert!(lines.iter().any(|line| disregards(&line)), "{what}: {login} counts");
                    }
                    n => panic!("{what}: {n} lines of {login}"),
                }
            }
            if let Some((request, password)) = &told.password {
                let kept = store.temporary_password(no(*request)).await.unwrap();
                assert!(kept.show() == password, "{what}: the password of #{request}");
            }
            let report = store.verify().unwrap();
            assert!(report.is_sound(), "{what}: {report}");
            ask(&store, "afterwards", 1001).await;
            store.close().unwrap();
        }
    }
    assert!(some_unknown > 15 && there > 5 && not_there > 5, "{some_unknown} {there} {not_there}");
}

#[tokio::test]
async fn after_a_failed_write_nothing_is_written_until_a_restart() {
    for act in [Act::Write, Act::Sync] {
        let dir = tempfile::tempdir().unwrap();
        let broken = Arc::new(AtomicBool::new(false));
        let writes = Writes::watched({
            let broken = broken.clone();
            move |call| match call.act == act && call.file == "log.jsonl" && broken.load(Ordering::SeqCst) {
                true => Way::Not.fate(0),
                false => Fate::Happens,
            }
        });
        let store = open_watched(dir.path(), Hooks { writes, ..Hooks::default() });
        let lines = fill(&store, 20).await;
        broken.store(true, Ordering::SeqCst);
        let refused = store.append(Append::New, vec![draft("late", None, asked())]).await.unwrap_err();
        let AppendError::Unknown(problem) = refused else { panic!("{refused:?}") };
        assert_eq!(problem.code, "store_disk_full");
        assert!(problem.hint.contains("restart"), "{problem}");
        broken.store(false, Ordering::SeqCst);
        assert_eq!(store.unsound(), Some(problem.clone()));
        let length = std::fs::metadata(dir.path().join("log.jsonl")).unwrap().len();
        let again = store.append(Append::Desk, vec![draft("late", None, done("x"))]).await;
        assert_eq!(again, Err(AppendError::Failed(problem)));
        assert_eq!(std::fs::metadata(dir.path().join("log.jsonl")).unwrap().len(), length);
        assert_eq!(store.size(), lines.len() as u64);
        assert_eq!(store.request(no(1)).await.unwrap(), lines[..4]);
        drop(store);
        let store = open_sound(dir.path());
        assert_eq!(store.request(no(1)).await.unwrap(), lines[..4]);
        assert!(store.said().iter().any(|problem| problem.code == "log_write_failed"), "{:?}", store.said());
    }
}

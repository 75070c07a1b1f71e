//! Whatever is done to a log behind the desk's back is named, everything else stays readable, and the desk changes nothing any more.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use connect_desk::store::{Hooks, Store, verify_folder};
use desk_core::log::{Append, AppendError, Event, Line, LogReader as _, RequestLog as _, Seal};
use desk_core::ports::Vault as _;
use tempfile::TempDir;

use crate::helper::*;
use crate::tamper::{self, Tamper};

/// A log of some 300 lines in batches of one to thirty, one of them long, with what was posted elsewhere while it grew.
struct Base {
    dir: TempDir,
    lines: Vec<Line>,
    /// Checkpoints kept elsewhere, and how many lines each covers.
    kept: Vec<(u64, String)>,
}

static BASE: LazyLock<Base> = LazyLock::new(|| {
    // A test's own runtime cannot wait for another.
    std::thread::spawn(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(Base::make())
    })
    .join()
    .unwrap()
});

impl Base {
    async fn make() -> Base {
        let dir = tempfile::tempdir().unwrap();
        let store = open_sound(dir.path());
        let (mut lines, mut kept) = (Vec::new(), Vec::new());
        for i in 0..5 {
            lines.extend(fill(&store, 30).await);
            let first = ask(&store, "many", 1001).await;
            let length = if i == 2 { 20_000 } else { 200 };
            let drafts = (0..30).map(|n| draft("many", None, done(&"z".repeat(length / (n + 1))))).collect();
            let to = Append::To { no: first.request.unwrap(), after: first.line };
            lines.push(first);
            lines.extend(store.append(to, drafts).await.unwrap());
            if i % 2 == 0 {
                kept.push((store.size(), store.checkpoint().await.unwrap()));
            }
        }
        store.close().unwrap();
        Base { dir, lines, kept }
    }

    fn size(&self) -> u64 {
        self.lines.len() as u64
    }

    fn copy(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(self.dir.path(), copy.path());
        copy
    }

    /// A copy that someone changed.
    fn changed(&self, change: impl FnOnce(&mut Tamper)) -> TempDir {
        let dir = self.copy();
        let mut tamper = Tamper::open(dir.path());
        change(&mut tamper);
        tamper.save();
        dir
    }

    fn kept(&self) -> Vec<String> {
        self.kept.iter().map(|(_, note)| note.clone()).collect()
    }

    /// Some lines all over the log: within large batches, alone in theirs, first and last.
    fn samples(&self) -> Vec<u64> {
        let mut samples: Vec<u64> = (0..self.size()).step_by(23).collect();
        samples.extend([1, 2, self.size() - 2, self.size() - 1]);
        samples
    }
}

/// What verification of a folder finds, sentence by sentence.
fn findings(dir: &Path, kept: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let sound = verify_folder(dir, kept, None, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    let found: Vec<String> =
        out.lines().filter_map(|line| line.strip_prefix("- ")).map(str::to_owned).collect();
    assert_eq!(sound, found.is_empty(), "{out}");
    found
}

/// Opens a store over the altered folder: it says what is wrong, refuses to write, and reads what it can.
async fn is_unsound(dir: &Path, message: &str) -> Store {
    let before = std::fs::read(dir.join("log.jsonl")).unwrap();
    let store = open(dir);
    let problem = store.unsound().unwrap_or_else(|| panic!("it opens as if nothing were wrong: {message}"));
    assert!(problem.message.contains(message), "{} should say: {message}", problem.message);
    assert!(!problem.hint.is_empty());
    let size = store.size();
    let refused = store.append(Append::New, vec![draft("late", None, asked())]).await;
    assert_eq!(refused, Err(AppendError::Failed(problem.clone())));
    assert_eq!(store.temporary_password(no(1)).await, Err(problem.clone()));
    assert_eq!(store.checkpoint().await, Err(problem));
    assert_eq!(store.size(), size);
    assert!(
        std::fs::read(dir.join("log.jsonl")).unwrap() == before,
        "nothing is written, and nothing cut off"
    );
    store
}

#[test]
fn the_untouched_log_is_sound() {
    let base = &*BASE;
    assert_eq!(findings(base.dir.path(), &[]), [""; 0]);
    assert_eq!(findings(base.dir.path(), &base.kept()), [""; 0]);
}

#[tokio::test]
async fn an_altered_line_is_named_and_all_others_are_read() {
    let base = &*BASE;
    for (i, line) in base.samples().into_iter().enumerate() {
        let dir = base.changed(|tamper| tamper.line(line)[i % 30 + 1] ^= 1);
        let expected = format!("Line {line} was changed: its hash doesn't match.");
        assert_eq!(findings(dir.path(), &base.kept()), [expected.as_str()]);
        let (lines, errors) = json(dir.path());
        assert_eq!(errors.trim_end(), expected);
        let others: Vec<u64> = (0..base.size()).filter(|other| *other != line).collect();
        assert_eq!(tamper::numbers(&lines), others);
        if i % 4 == 0 {
            let store = is_unsound(dir.path(), &expected).await;
            for request in (1..).map(no).take_while(|no| no.0 <= 10) {
                let found = store.request(request).await.unwrap();
                let was: Vec<_> = base.lines.iter().filter(|line| line.request == Some(request)).collect();
                assert_eq!(found.len(), was.len());
                for (found, was) in found.iter().zip(was) {
                    match was.line == line {
                        false => assert_eq!(found, was),
                        true => assert!(matches!(found.event, Event::Unreadable { .. }), "{found:?}"),
                    }
                }
            }
            let all = desk_core::log::Query { limit: usize::MAX, ..Default::default() };
            assert_eq!(store.history(&all).await.unwrap().len() as u64, base.size());
        }
    }
}

#[tokio::test]
async fn a_changed_hash_is_told_from_a_changed_line() {
    let base = &*BASE;
    for line in [0, 40, 99, base.size() - 1] {
        let dir = base.changed(|tamper| tamper.change_leaf(line));
        let expected =
            format!("The hash of line {line} in its seal was changed. The line itself is unchanged.");
        assert_eq!(findings(dir.path(), &[]), [expected.as_str()]);
        is_unsound(dir.path(), &expected).await;
    }
}

#[tokio::test]
async fn missing_lines_are_named() {
    let base = &*BASE;
    for line in base.samples() {
        let dir = base.changed(|tamper| drop(tamper.pieces.remove(tamper.place_of(line))));
        let expected = format!("Line {line} is missing.");
        assert_eq!(findings(dir.path(), &[]), [expected.as_str()]);
        is_unsound(dir.path(), &expected).await;
    }
    for line in [0, 40, 100] {
        let mut gone = (0, 0);
        let dir = base.changed(|tamper| gone = tamper.drop_batch(line));
        let expected = match gone {
            (first, last) if first == last => format!("Line {first} is missing."),
            (first, last) => format!("Lines {first} to {last} are missing."),
        };
        assert_eq!(findings(dir.path(), &base.kept()), [expected.as_str()]);
        is_unsound(dir.path(), &expected).await;
    }
}

#[tokio::test]
async fn exchanged_lines_are_both_named() {
    let base = &*BASE;
    for (one, other) in [(40, 41), (35, 50), (3, 120), (100, 20), (0, base.size() - 1)] {
        let dir = base.changed(|tamper| {
            let (a, b) = (tamper.place_of(one), tamper.place_of(other));
            tamper.pieces.swap(a, b);
        });
        let (first, second) = (one.min(other), one.max(other));
        let expected = [
            format!("Line {second} is where line {first} should be."),
            format!("Line {first} is where line {second} should be."),
        ];
        assert_eq!(findings(dir.path(), &[]), expected);
        is_unsound(dir.path(), " is where line ").await;
    }
}

#[tokio::test]
async fn something_that_is_no_line_is_named() {
    let base = &*BASE;
    for line in [5, 40, 100] {
        for piece in [b"hello".to_vec(), base.lines[3].encode()] {
            let dir = base.changed(|tamper| tamper.pieces.insert(tamper.place_of(line) + 1, piece));
            let found = findings(dir.path(), &[]);
            let expected = [
                format!("There is data after line {line} that is not a line."),
                format!("Line 3 is where line {} should be.", line + 1),
            ];
            assert!(found.iter().any(|found| expected.contains(found)), "{found:?}");
            is_unsound(dir.path(), "changed or damaged").await;
        }
    }
    // Behind the last line no one knows of a line that could have been changed.
    let last = base.size() - 1;
    for data in ["\n", "{}\n", "hello\n{}\n"] {
        let dir = base.copy();
        let mut log = std::fs::OpenOptions::new().append(true).open(dir.path().join("log.jsonl")).unwrap();
        std::io::Write::write_all(&mut log, data.as_bytes()).unwrap();
        let expected = format!("There is data after line {last} that is not a line.");
        assert_eq!(findings(dir.path(), &[]), [expected.as_str()], "{data:?}");
    }
}

#[tokio::test]
async fn a_damaged_seal_is_named_and_costs_no_line() {
    let base = &*BASE;
    for line in base.samples() {
        let (dir, last) = {
            let mut last = 0;
            let dir = base.changed(|tamper| {
                last = tamper.batch_of(line).1;
                let place = tamper.seal_over(line);
                tamper.pieces[place][20] ^= 1;
            });
            (dir, last)
        };
        let found = findings(dir.path(), &[]);
        let unread = format!("The seal after line {last} can't be read.");
        let unsigned = format!("{last} isn't signed with the log's key.");
        assert!(found.len() == 1 && (found[0] == unread || found[0].ends_with(&unsigned)), "{found:?}");
        assert_eq!(tamper::numbers(&json(dir.path()).0), (0..base.size()).collect::<Vec<_>>());
    }
    // Without it, too: what it covered is proven by the next one, and by the head where there is none.
    for line in [40, 100, base.size() - 1] {
        let mut last = 0;
        let dir = base.changed(|tamper| {
            last = tamper.batch_of(line).1;
            let place = tamper.seal_over(line);
            tamper.pieces.remove(place);
        });
        let expected = format!("The seal after line {last} can't be read.");
        assert_eq!(findings(dir.path(), &[]), [expected.as_str()]);
        is_unsound(dir.path(), &expected).await;
        assert_eq!(tamper::numbers(&json(dir.path()).0), (0..base.size()).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn batches_are_where_they_were_signed() {
    // Joined, with an older head and nothing that remembers more: decisions in all of them would be doubtful.
    let base = &*BASE;
    for line in [40, 100, base.size() - 40] {
        let dir = base.copy();
        let mut tamper = Tamper::open(dir.path());
        let before = tamper.seal(tamper.seal_over(line)).note;
        let from = tamper.seal_over(line) + 1;
        let seals: Vec<Seal> = tamper.pieces[from..].iter().filter_map(|piece| Seal::decode(piece)).collect();
        let leaves: Vec<_> = seals.iter().flat_map(|seal| seal.leaves.clone()).collect();
        let mut place = 0;
        tamper.pieces.retain(|piece| (place += 1, place <= from || !Seal::is_meant(piece)).1);
        tamper.pieces.push(Seal::encode(&seals.last().unwrap().note, &leaves));
        tamper.save();
        for name in ["head", "checkpoint"] {
            std::fs::write(dir.path().join(name), &before).unwrap();
        }
        std::fs::remove_dir_all(dir.path().join("db")).unwrap();
        let found = findings(dir.path(), &[]);
        assert!(!found.is_empty());
        is_unsound(dir.path(), "changed or damaged").await;
    }
    type Change = fn(&mut Tamper);
    let changes: [(&str, Change); 4] = [
        ("begin with its first seal", |tamper| drop(tamper.pieces.remove(0))),
        ("begin with its first seal", |tamper| tamper.pieces[0].push(b' ')),
        ("can't be read", |tamper| {
            let place = tamper.seal_over(40);
            tamper.pieces[place].push(b' ');
        }),
        ("can't be read", |tamper| {
            let last = tamper.seal(tamper.pieces.len() - 1);
            (0..3).for_each(|_| tamper.pieces.push(Seal::encode(&last.note, &[])));
        }),
    ];
    for (expected, change) in changes {
        let dir = base.changed(change);
        let found = findings(dir.path(), &[]);
        assert!(found.iter().any(|found| found.contains(expected)), "{expected}: {found:?}");
        is_unsound(dir.path(), "changed or damaged").await;
    }
}

#[tokio::test]
async fn a_missing_end_is_noticed_by_whatever_still_covers_it() {
    let base = &*BASE;
    let size = base.size();
    for line in [size - 32, size - 40, 100, 0] {
        let mut note = String::new();
        let dir = base.changed(|tamper| note = tamper.cut_after(line));
        let cut = Tamper::open(dir.path()).batch_of(line).1 + 1;
        let gone = format!("lines {cut} to {} are missing", size - 1);
        let expected = |by: &str| format!("The log ends after {cut} lines, but {by} covers {size}: {gone}.");
        // The careless one forgets the checkpoint file, the careful one the head, and the most careful one the index.
        assert_eq!(findings(dir.path(), &[]), [expected("the file `checkpoint`")]);
        is_unsound(dir.path(), &gone).await;
        std::fs::write(dir.path().join("checkpoint"), &note).unwrap();
        assert_eq!(findings(dir.path(), &[]), [expected("the file `head`")]);
        is_unsound(dir.path(), &gone).await;
        // Without a head nothing tells, and that is told.
        std::fs::remove_file(dir.path().join("head")).unwrap();
        let unknown =
            format!("The file `head` is missing, so lines after line {} may have been removed.", cut - 1);
        let found = findings(dir.path(), &[]);
        assert!(found.len() == 1 && found[0].starts_with(&unknown), "{found:?}");
        is_unsound(dir.path(), &expected("the index")).await;
        let index = dir.path().join("db");
        std::fs::rename(&index, dir.path().join("away")).unwrap();
        is_unsound(dir.path(), &unknown).await;
        std::fs::remove_dir_all(&index).unwrap();
        std::fs::rename(dir.path().join("away"), &index).unwrap();
        std::fs::write(dir.path().join("head"), &note).unwrap();
        is_unsound(dir.path(), &expected("the index")).await;
        // Then only a checkpoint that was kept elsewhere tells, and the report says so.
        std::fs::remove_dir_all(dir.path().join("db")).unwrap();
        let mut out = Vec::new();
        assert!(verify_folder(dir.path(), &[], None, &mut out).unwrap());
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("This folder alone can't show whether it was replaced by"), "{out}");
        let kept = base.kept();
        let by = format!("the external checkpoint over {size} lines");
        assert_eq!(findings(dir.path(), &kept), [expected(&by)]);
        let promises = |dir: &Path| {
            let mut out = Vec::new();
            let valid = verify_folder(dir, &kept, None, &mut out).unwrap();
            (valid, String::from_utf8(out).unwrap().contains("no line can have been changed"))
        };
        assert_eq!(promises(dir.path()), (false, false), "nothing is promised of what was found to be cut");
        assert_eq!(promises(base.dir.path()), (true, true));
    }
}

#[tokio::test]
async fn a_forger_without_the_key_is_found_where_the_signatures_end() {
    let base = &*BASE;
    for line in [2, 70, 100, base.size() - 2] {
        let (mut first, mut last) = (0, 0);
        let dir = base.changed(|tamper| {
            (first, last) = tamper.batch_of(line);
            tamper.change(line);
            tamper.seal_anew(None);
        });
        let found = findings(dir.path(), &[]);
        let to = base.size() - 1;
        assert_eq!(
            found[0],
            format!("The seal over lines {first} to {to} isn't signed with the log's key."),
            "{last}"
        );
        assert!(
            found
                .iter()
                .any(|message| message.contains(&format!(" to {to} are different from what the file `"))),
            "{found:?}"
        );
        is_unsound(dir.path(), &found[0]).await;
        // One who changes a hash and no root is found at the next root.
        let dir = base.changed(|tamper| {
            tamper.change(line);
            let (line_bytes, place) = (tamper.line(line).clone(), tamper.seal_over(line));
            let mut seal = tamper.seal(place);
            let at = (line - seal.first()) as usize;
            seal.leaves[at] = desk_core::log::merkle::leaf(&line_bytes);
            tamper.pieces[place] = Seal::encode(&seal.note, &seal.leaves);
        });
        let found = findings(dir.path(), &[]);
        let are =
            if first == last { format!("Line {first} is") } else { format!("Lines {first} to {last} are") };
        assert_eq!(found, [format!("{are} different from what the seal after line {last} covers.")]);
    }
}

#[tokio::test]
async fn a_forger_with_the_key_is_found_by_what_was_kept_elsewhere_and_by_nothing_else() {
    let base = &*BASE;
    for line in [2, 70, 100, 200, base.size() - 2] {
        let dir = base.copy();
        let mut tamper = Tamper::open(dir.path());
        tamper.change(line);
        tamper.seal_anew(Some(&tamper::key(dir.path())));
        tamper.save();
        let newest = tamper.seal(tamper.pieces.len() - 1).note;
        for name in ["head", "checkpoint"] {
            std::fs::write(dir.path().join(name), &newest).unwrap();
        }
        std::fs::remove_dir_all(dir.path().join("db")).unwrap();
        let mut out = Vec::new();
        assert!(verify_folder(dir.path(), &[], None, &mut out).unwrap());
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("host. Compare it with a checkpoint kept elsewhere"), "{out}");
        let covers = base.kept.iter().map(|(size, _)| *size).find(|size| *size > line).unwrap();
        let agreed = base.kept.iter().map(|(size, _)| *size).rfind(|size| *size <= line).unwrap_or(0);
        let expected = format!(
            "Lines {agreed} to {} are different from what the external checkpoint over {covers} lines covers.",
            covers - 1
        );
        assert_eq!(findings(dir.path(), &base.kept()), [expected.as_str()]);
        let store = open_sound(dir.path());
        assert!(store.verify().unwrap().is_sound());
        let report = store.verify_against(&base.kept()).unwrap();
        assert_eq!(report.findings.len(), 1);
        assert!(store.unsound().is_some(), "what an auditor finds ends all writing");
    }
}

#[tokio::test]
async fn checkpoints_that_are_not_the_desks_own_are_not_believed() {
    let base = &*BASE;
    let dir = base.copy();
    let file = dir.path().join("checkpoint");
    let note = std::fs::read_to_string(&file).unwrap();
    for bad in [note.replace(&format!("\n{}\n", base.size()), "\n1\n"), "nonsense".to_owned(), String::new()]
    {
        std::fs::write(&file, bad).unwrap();
        let found = findings(dir.path(), &[]);
        assert!(found[0].starts_with("The file `checkpoint` is invalid: "), "{found:?}");
        is_unsound(dir.path(), "The file `checkpoint` is invalid").await;
    }
    // What mailboxes and Windows make of one is still that one.
    let received = format!("\u{feff}\r\n{}", base.kept[0].1.replace('\n', "\r\n"));
    assert_eq!(findings(base.dir.path(), &[received]), [""; 0]);
    // The way out that the sentence names: a checkpoint that was posted.
    std::fs::write(&file, &base.kept[0].1).unwrap();
    open_sound(dir.path()).close().unwrap();

    let mut out = Vec::new();
    let problem = verify_folder(dir.path(), &["nonsense".to_owned()], None, &mut out).unwrap_err();
    assert_eq!(problem.code, "checkpoint_unbelievable");
    let other = tempfile::tempdir().unwrap();
    let store = open_sound(other.path());
    let key = store.verifier();
    let note = store.checkpoint().await.unwrap();
    drop(store);
    assert_eq!(
        verify_folder(dir.path(), &[note], None, &mut out).unwrap_err().code,
        "checkpoint_unbelievable"
    );
    // A key that is not this log's believes none of its seals.
    assert!(!verify_folder(dir.path(), &[], Some(&key), &mut out).unwrap());
    assert!(String::from_utf8(out).unwrap().contains("isn't signed with the log's key"));
}

#[tokio::test]
async fn a_long_log_is_verified_while_the_desk_works() {
    let base = &*BASE;
    let dir = base.copy();
    let sound = open_watched(dir.path(), Hooks { whole: 0, ..Hooks::default() });
    assert_eq!(sound.unsound(), None);
    fill(&sound, 20).await;
    sound.close().unwrap();
    let mut tamper = Tamper::open(dir.path());
    tamper.change(5);
    tamper.save();
    let store = open_watched(dir.path(), Hooks { whole: 0, ..Hooks::default() });
    let found = async {
        loop {
            match store.unsound() {
                Some(problem) => return problem,
                None => tokio::task::yield_now().await,
            }
        }
    };
    let problem = tokio::time::timeout(LONG, found).await.unwrap();
    assert!(problem.message.contains("Line 5 was changed: its hash"), "{problem}");
    let refused = store.append(Append::New, vec![draft("late", None, asked())]).await;
    assert_eq!(refused, Err(AppendError::Failed(problem)));
}

#[tokio::test]
async fn verification_while_lines_are_written_finds_nothing() {
    let dir = BASE.copy();
    let store = open_sound(dir.path());
    let before = store.size();
    let enough = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (store, enough) = (store.clone(), enough.clone());
        async move {
            let mut lines = 0;
            while !enough.load(Ordering::Relaxed) {
                lines += fill(&store, 20).await.len();
            }
            lines
        }
    });
    // Until five times lines were written meanwhile.
    let mut grown = 0;
    for _ in 0..500 {
        if grown == 5 {
            break;
        }
        let (live, folder) = (store.clone(), dir.path().to_owned());
        let work = move || (live.verify().unwrap(), findings(&folder, &[]), live.size());
        let size = store.size();
        let (report, of_folder, after) = tokio::task::spawn_blocking(work).await.unwrap();
        assert!(report.is_sound(), "{report}");
        assert_eq!(of_folder, [""; 0], "also of the folder that a desk is running in");
        grown += u32::from(after > size);
    }
    assert_eq!(grown, 5, "lines were hardly ever written meanwhile");
    enough.store(true, Ordering::Relaxed);
    assert_eq!(writing.await.unwrap(), (store.size() - before) as usize);
    assert_eq!(store.said(), []);
}

/// What a crash leaves is the same to everyone who reads the log.
#[tokio::test]
async fn a_batch_that_was_cut_short_is_no_damage_to_anyone() {
    let base = &*BASE;
    for left in [1, 15, 4_000] {
        let dir = base.copy();
        let next = Tamper::open(dir.path()).line(40).clone();
        let text =
            String::from_utf8(next).unwrap().replace(r#""line":40"#, &format!(r#""line":{}"#, base.size()));
        let torn = [text.as_bytes(), b"\n", text.as_bytes()].concat();
        let torn = &torn[..left.min(text.len() - 1)];
        let path = dir.path().join("log.jsonl");
        let log = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&log, torn].concat()).unwrap();
        let said = format!("{} of an unfinished batch", desk_core::basics::text::count(torn.len(), "byte"));

        let mut out = Vec::new();
        assert!(verify_folder(dir.path(), &[], None, &mut out).unwrap());
        assert!(String::from_utf8_lossy(&out).contains(&said));
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        assert!(connect_desk::store::show(dir.path(), &Default::default(), &mut out, &mut errors).unwrap());
        assert!(String::from_utf8_lossy(&out).contains(&said));
        connect_desk::store::lately(dir.path(), jiff::SignedDuration::from_hours(720), |_| {}).unwrap();
        let to = tempfile::tempdir().unwrap();
        let salvaged = connect_desk::store::salvage(dir.path(), to.path()).unwrap();
        assert!(salvaged.contains("0 damaged stretches"), "{salvaged}");
        assert_eq!(std::fs::read(to.path().join(format!("bytes-{}.raw", log.len()))).unwrap(), torn);
        let damage = std::fs::read_to_string(to.path().join("damage.txt")).unwrap();
        assert!(damage.contains(&said), "{damage}");
        let store = open_sound(dir.path());
        assert!(store.said().iter().any(|problem| problem.code == "log_torn"), "{:?}", store.said());
    }
}

/// What people wrote is in quotation marks, so no reader takes it for what the log says.
#[tokio::test]
async fn a_name_and_a_reason_are_not_taken_for_what_the_log_says() {
    use desk_core::plan::PlanDigest;
    const WORDS: &str = "no\" by admin (console:1005), about jane.doe";
    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    let denied = Event::Denied { digest: PlanDigest("72c40d".to_owned()), reason: WORDS.to_owned() };
    let mut draft = draft(WORDS, Some(1002), denied);
    draft.by.as_mut().unwrap().name = WORDS.to_owned();
    store.append(Append::Desk, vec![draft]).await.unwrap();
    let mut out = Vec::new();
    connect_desk::store::show(dir.path(), &Default::default(), &mut out, &mut Vec::new()).unwrap();
    let out = String::from_utf8(out).unwrap();
    let outside: String = out.split('"').step_by(2).collect();
    assert!(outside.ends_with("denied plan 72c40d:  by  (console:1002), about \n"), "{out}");
}

#[test]
fn salvage_gives_what_is_whole_and_names_what_is_not() {
    let base = &*BASE;
    let (mut gone, mut last) = ((0, 0), 0);
    let dir = base.changed(|tamper| {
        tamper.change(3);
        last = tamper.batch_of(200).1;
        let place = tamper.seal_over(200);
        tamper.pieces[place] = b"{\"checkpoint\":garbage".to_vec();
        gone = tamper.drop_batch(100);
    });
    let before = std::fs::read(dir.path().join("log.jsonl")).unwrap();
    let out = tempfile::tempdir().unwrap();
    let to = out.path().join("salvaged");
    let said = connect_desk::store::salvage(dir.path(), &to).unwrap();
    assert!(said.contains("3 damaged stretches"), "{said}");
    let lines = std::fs::read_to_string(to.join("lines.jsonl")).unwrap();
    let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    let whole = |line: &u64| *line != 3 && !(gone.0..=gone.1).contains(line);
    assert_eq!(tamper::numbers(&lines), (0..base.size()).filter(whole).collect::<Vec<_>>());
    for line in lines {
        let number = Line::decode(line.as_bytes()).unwrap().line as usize;
        assert_eq!(line.as_bytes(), base.lines[number].encode());
    }
    let damage = std::fs::read_to_string(to.join("damage.txt")).unwrap();
    for message in [
        "Line 3 was changed: its hash doesn't match.".to_owned(),
        format!("Lines {} to {} are missing.", gone.0, gone.1),
        format!("The seal after line {last} can't be read."),
    ] {
        assert!(damage.contains(&message), "{message}: {damage}");
    }
    let raw: Vec<u8> = damage
        .lines()
        .filter_map(|line| line.strip_suffix('.')?.rsplit_once("are in "))
        .flat_map(|(_, name)| std::fs::read(to.join(name)).unwrap())
        .collect();
    assert!(String::from_utf8_lossy(&raw).contains("{\"checkpoint\":garbage"));
    assert!(
        std::fs::read(dir.path().join("log.jsonl")).unwrap() == before,
        "the damaged folder is not touched"
    );
    // Neither over what was salvaged before, nor into the damaged folder by any path to it.
    for taken in [to, dir.path().join("new"), dir.path().join("new/../newer"), out.path().join("link/new")] {
        let _ = std::os::unix::fs::symlink(dir.path(), out.path().join("link"));
        let problem = connect_desk::store::salvage(dir.path(), &taken).unwrap_err();
        assert_eq!(problem.code, "salvage_folder", "{}", taken.display());
    }
    assert!(!dir.path().join("new").exists() && !dir.path().join("newer").exists());
}

//! Whatever is done to a log behind the desk's back is named, and the desk changes nothing any more.

use std::path::Path;
use std::sync::LazyLock;

use connect_desk::store::tamper::{Of, Tamper};
use connect_desk::store::{Hooks, verify_folder};
use desk_core::log::Line;
use desk_core::ports::{Append, AppendError, Book as _, Journal as _, Vault as _};
use tempfile::TempDir;

use crate::helper::*;

/// A log of some 700 lines, one of them in parts, with what was posted elsewhere while it grew.
struct Base {
    dir: TempDir,
    lines: Vec<Line>,
    /// The line in parts.
    long: u64,
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
        let mut lines = Vec::new();
        let mut kept = Vec::new();
        let mut long = 0;
        for i in 0..5 {
            lines.extend(fill(&store, 120).await);
            if i == 2 {
                let first = ask(&store, "long", 1001).await;
                let parts = add(&store, &first, done(&"z".repeat(20_000))).await;
                long = parts.line;
                lines.extend([first, parts.clone(), add(&store, &parts, finished()).await]);
            }
            if i % 2 == 0 {
                kept.push((store.size(), store.checkpoint().await.unwrap()));
            }
        }
        store.close().unwrap();
        Base { dir, lines, long, kept }
    }

    fn size(&self) -> u64 {
        self.lines.len() as u64
    }

    fn copy(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(self.dir.path(), copy.path());
        copy
    }

    fn kept(&self) -> Vec<String> {
        self.kept.iter().map(|(_, note)| note.clone()).collect()
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
async fn is_unsound(dir: &Path, says: &str) {
    let store = open(dir);
    let problem = store.unsound().unwrap_or_else(|| panic!("it opens as if nothing were wrong: {says}"));
    assert!(problem.says.contains(says), "{} should say: {says}", problem.says);
    assert!(!problem.next.is_empty());
    let size = store.size();
    let refused = store.append(Append::New, vec![draft("late", None, asked())]).await;
    assert_eq!(refused, Err(AppendError::Failed(problem.clone())));
    assert_eq!(store.temporary_password(no(1)).await, Err(problem.clone()));
    assert_eq!(store.checkpoint().await, Err(problem));
    assert_eq!(store.size(), size);
    store.close().unwrap();
}

#[test]
fn the_untouched_log_is_sound() {
    let base = &*BASE;
    assert_eq!(findings(base.dir.path(), &[]), [""; 0]);
    assert_eq!(findings(base.dir.path(), &base.kept()), [""; 0]);
}

#[tokio::test]
async fn an_altered_byte_names_its_line_wherever_it_is() {
    let base = &*BASE;
    let dir = base.copy();
    let mut dice = Dice(7);
    let mut lines: Vec<u64> = (0..base.size()).step_by(37).collect();
    lines.extend([1, 2, base.size() - 2, base.size() - 1]);
    lines.retain(|line| *line != base.long);
    for line in lines {
        let length = base.lines[line as usize].encode().len() as u64;
        for byte in [0, dice.below(length), dice.below(length), length - 1] {
            let flip = || Tamper::open(dir.path()).unwrap().flip(line, byte as usize, false).unwrap();
            flip();
            let expected = format!("Line {line} does not have the hash it was written with.");
            assert_eq!(findings(dir.path(), &base.kept()), [expected.as_str()], "byte {byte}");
            if byte == 0 {
                is_unsound(dir.path(), &expected).await;
            }
            flip();
        }
    }
    assert_eq!(findings(dir.path(), &[]), [""; 0]);
}

#[tokio::test]
async fn a_request_with_an_altered_line_is_a_problem_and_the_others_are_read() {
    let base = &*BASE;
    let dir = base.copy();
    let line = &base.lines[50];
    Tamper::open(dir.path()).unwrap().flip(50, 10, false).unwrap();
    let store = open(dir.path());
    let problem = store.request(line.request.unwrap()).await.unwrap_err();
    assert_eq!(problem.says, "Line 50 of the approval log does not have the hash it was written with.");
    let others: Vec<_> = base.lines.iter().filter(|other| other.request == Some(no(2))).cloned().collect();
    assert_eq!(store.request(no(2)).await.unwrap(), others);
    assert!(!store.open().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_line_in_parts_is_named_too() {
    let base = &*BASE;
    let dir = base.copy();
    for part in 0..4 {
        let flip = || Tamper::open(dir.path()).unwrap().flip_part(base.long, part, 1_000).unwrap();
        flip();
        let expected = format!("Line {} does not have the hash it was written with.", base.long);
        assert_eq!(findings(dir.path(), &[]), [expected]);
        flip();
    }
    assert_eq!(findings(dir.path(), &[]), [""; 0]);
}

#[tokio::test]
async fn a_changed_hash_is_told_from_a_changed_line() {
    let base = &*BASE;
    let dir = base.copy();
    for line in [0, 99, 300, base.size() - 1] {
        let flip = || Tamper::open(dir.path()).unwrap().flip_hash(line).unwrap();
        flip();
        let expected =
            format!("The hash beside line {line} was changed; the line itself is as it was written.");
        assert_eq!(findings(dir.path(), &[]), [expected.as_str()]);
        is_unsound(dir.path(), &expected).await;
        flip();
    }
}

#[tokio::test]
async fn a_missing_line_is_named() {
    let base = &*BASE;
    for line in [0, 1, 40, 41, 42, 43, 44, 45, 46, 300] {
        let dir = base.copy();
        Tamper::open(dir.path()).unwrap().drop_line(line).unwrap();
        let expected = format!("Line {line} is gone.");
        assert_eq!(findings(dir.path(), &[]), [expected.as_str()]);
        is_unsound(dir.path(), &expected).await;
    }
    let dir = base.copy();
    let (first, lines) = Tamper::open(dir.path()).unwrap().drop_bundle(200).unwrap();
    assert!(lines > 1);
    assert_eq!(
        findings(dir.path(), &base.kept()),
        [format!("Lines {first} to {} are gone.", first + lines - 1)]
    );
}

#[tokio::test]
async fn exchanged_lines_are_both_named() {
    let base = &*BASE;
    for (one, other) in [(40, 41), (41, 40), (3, 300), (500, 20), (0, base.size() - 1)] {
        let dir = base.copy();
        Tamper::open(dir.path()).unwrap().swap(one, other).unwrap();
        let (first, second) = (one.min(other), one.max(other));
        let expected = [
            format!("In the place of line {first} stands line {second}."),
            format!("In the place of line {second} stands line {first}."),
        ];
        assert_eq!(findings(dir.path(), &[]), expected);
        is_unsound(dir.path(), "In the place of line ").await;
    }
}

#[tokio::test]
async fn a_cut_tail_is_noticed_by_whatever_still_covers_it() {
    let base = &*BASE;
    let size = base.size();
    for cut in [size - 1, size - 3, size - 20, size - 200, 300, 1] {
        let gone = match cut + 1 == size {
            true => format!("line {cut} is gone"),
            false => format!("lines {cut} to {} are gone", size - 1),
        };
        // The careless one forgets the head, the careful one the stored checkpoints, the most careful one the file.
        let dir = base.copy();
        Tamper::open(dir.path()).unwrap().cut(cut, false).unwrap();
        let found = findings(dir.path(), &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("The log ends after {cut} lines and ")), "{found:?}");
        assert!(found[0].contains(&gone), "{found:?}");
        is_unsound(dir.path(), &gone).await;

        let dir = base.copy();
        Tamper::open(dir.path()).unwrap().cut(cut, true).unwrap();
        let found = findings(dir.path(), &[]);
        assert!(found.iter().any(|says| says.contains(&gone)), "{found:?}");
        is_unsound(dir.path(), &gone).await;

        let dir = base.copy();
        let tamper = Tamper::open(dir.path()).unwrap();
        tamper.cut(cut, true).unwrap();
        tamper.drop_checkpoints(cut + 1).unwrap();
        drop(tamper);
        let found = findings(dir.path(), &[]);
        assert!(
            found.iter().any(|says| says.contains("the file `checkpoint` covers") && says.contains(&gone)),
            "{found:?}"
        );
        is_unsound(dir.path(), &gone).await;

        // With the file gone too, the checkpoint that was posted tells.
        std::fs::remove_file(dir.path().join("checkpoint")).unwrap();
        let found = findings(dir.path(), &base.kept());
        let expected = format!("the kept checkpoint over {size} lines covers {size}: {gone}");
        assert!(found.iter().any(|says| says.contains(&expected)), "{found:?}");
        is_unsound(dir.path(), "The file `checkpoint`").await;
    }
}

#[tokio::test]
async fn a_forger_who_rebuilds_every_hash_is_found_between_two_checkpoints() {
    let base = &*BASE;
    for line in [2, 100, 200, 300, 450, base.size() - 2] {
        let dir = base.copy();
        let tamper = Tamper::open(dir.path()).unwrap();
        let text = String::from_utf8(tamper.line(line).unwrap()).unwrap();
        let byte = text.find("03:14").unwrap() + 4;
        tamper.flip(line, byte, true).unwrap();
        tamper.rebuild_head().unwrap();
        drop(tamper);
        let found = findings(dir.path(), &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(is_between(&found[0], line, "stored checkpoint"), "{line}: {found:?}");
        is_unsound(dir.path(), &found[0]).await;
    }
}

#[tokio::test]
async fn a_forger_with_the_key_is_found_by_what_was_kept_elsewhere_and_by_nothing_else() {
    let base = &*BASE;
    for line in [2, 100, 200, 300, 450, base.size() - 2] {
        let dir = base.copy();
        let tamper = Tamper::open(dir.path()).unwrap();
        let text = String::from_utf8(tamper.line(line).unwrap()).unwrap();
        tamper.flip(line, text.find("03:14").unwrap() + 4, true).unwrap();
        tamper.rebuild_head().unwrap();
        tamper.sign_anew(dir.path(), "test-desk").unwrap();
        let mut out = Vec::new();
        assert!(verify_folder(dir.path(), &[], None, &mut out).unwrap());
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("of this host only"), "{out}");
        let found = findings(dir.path(), &base.kept());
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(is_between(&found[0], line, "kept checkpoint"), "{line}: {found:?}");
        let (before, after) = range(&found[0]);
        let covers = base.kept.iter().map(|(size, _)| *size).find(|size| *size > line).unwrap();
        let agreed = base.kept.iter().map(|(size, _)| *size).rfind(|size| *size <= line).unwrap_or(0);
        assert_eq!((before, after), (agreed, covers - 1));
        let store = open_sound(dir.path());
        assert!(store.verify().unwrap().is_sound());
        let report = store.verify_against(&base.kept()).unwrap();
        assert_eq!(report.findings.len(), 1);
        assert!(store.unsound().is_some(), "what an auditor finds ends all writing");
    }
}

fn range(says: &str) -> (u64, u64) {
    let mut numbers = says.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

fn is_between(says: &str, line: u64, by: &str) -> bool {
    let (from, to) = range(says);
    says.contains(" are not what the ") && says.contains(by) && from <= line && line <= to
}

#[tokio::test]
async fn wrong_index_entries_are_named() {
    let base = &*BASE;
    type Change = fn(&Tamper);
    let cases: [(Change, &str); 8] = [
        (|t| t.drop_index(&Of::Request(2)).unwrap(), "The index of request #2 lacks line "),
        (
            |t| t.drop_index(&Of::Person("console:1001")).unwrap(),
            "The index of person `console:1001` lacks line ",
        ),
        (|t| t.drop_index(&Of::Login("user3")).unwrap(), "The index of login `user3` lacks line "),
        (
            |t| t.add_index(&Of::Login("nobody"), 7).unwrap(),
            "The index of login `nobody` names line 7, which does not belong there.",
        ),
        (
            |t| t.add_index(&Of::Request(999), 7).unwrap(),
            "The index of request #999 names line 7, which does not belong there.",
        ),
        (|t| t.set_open(2, true).unwrap(), "Request #2 is not open but in the list of open requests."),
        (|t| t.set_open(8, false).unwrap(), "Request #8 is open and not in the list of open requests."),
        (|t| t.count_requests(3).unwrap(), "The head of the log counts 3 requests and the lines "),
    ];
    for (change, says) in cases {
        let dir = base.copy();
        change(&Tamper::open(dir.path()).unwrap());
        let found = findings(dir.path(), &[]);
        assert!(found.iter().any(|found| found.starts_with(says)), "{says}: {found:?}");
        is_unsound(dir.path(), says).await;
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
        assert!(found[0].starts_with("The file `checkpoint` is not to be believed: "), "{found:?}");
        is_unsound(dir.path(), "The file `checkpoint` is not to be believed").await;
    }
    std::fs::remove_file(&file).unwrap();
    is_unsound(dir.path(), "The file `checkpoint` with the newest checkpoint is gone").await;
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
    // A key that is not this log's believes none of its checkpoints.
    assert!(!verify_folder(dir.path(), &[], Some(&key), &mut out).unwrap());
    assert!(String::from_utf8(out).unwrap().contains("is not to be believed"));
}

#[tokio::test]
async fn a_long_log_is_verified_while_the_desk_works() {
    let base = &*BASE;
    let dir = base.copy();
    let sound = open_watched(dir.path(), Hooks { whole: 0, ..Hooks::default() });
    assert_eq!(sound.unsound(), None);
    fill(&sound, 20).await;
    sound.close().unwrap();
    Tamper::open(dir.path()).unwrap().flip(5, 10, false).unwrap();
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
    assert!(problem.says.contains("Line 5 does not have the hash"), "{problem}");
    let refused = store.append(Append::New, vec![draft("late", None, asked())]).await;
    assert_eq!(refused, Err(AppendError::Failed(problem)));
}

#[tokio::test]
async fn verification_while_lines_are_written_finds_nothing() {
    let dir = BASE.copy();
    let store = open_sound(dir.path());
    let writing = tokio::spawn({
        let store = store.clone();
        async move { fill(&store, 400).await.len() }
    });
    let mut rounds = 0;
    while !writing.is_finished() {
        let store = store.clone();
        let report = tokio::task::spawn_blocking(move || store.verify()).await.unwrap().unwrap();
        assert!(report.is_sound(), "{report}");
        rounds += 1;
    }
    assert!(rounds > 1);
    assert_eq!(writing.await.unwrap(), (store.size() - BASE.size()) as usize);
}

#[tokio::test]
async fn a_log_without_its_head_is_unsound() {
    let dir = BASE.copy();
    Tamper::open(dir.path()).unwrap().drop_head().unwrap();
    let store = open(dir.path());
    assert_eq!(store.unsound().unwrap().code, "log_head_missing");
    assert_eq!(store.request(no(1)).await.unwrap_err().code, "log_head_missing");
}

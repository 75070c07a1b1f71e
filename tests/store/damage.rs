//! Bits that flip and files that vanish, anywhere in the folder of a desk that was stopped and of one that was killed: nothing is
//! silent, nothing hangs, and nothing costs more than it must.

use std::path::{Path, PathBuf};
use std::time::Duration;

use connect_desk::console::phone::Phone;
use connect_desk::store::{Store, verify_folder};
use desk_core::basics::ids::{PersonId, RequestNo};
use desk_core::basics::secret::Secret;
use desk_core::log::{Append, Event, Line, LogReader as _, RequestLog as _};
use desk_core::ports::{Files as _, Vault as _};
use tempfile::TempDir;

use crate::helper::*;

/// How many bits are flipped in each of the two folders.
const FLIPS: u64 = 500;

/// The folder of a desk at work, with a bit of everything in it.
struct Base {
    dir: TempDir,
    lines: Vec<String>,
    /// The request whose temporary password is sealed, and the password.
    password: (RequestNo, String),
}

fn account() -> PersonId {
    "console:1002".parse().unwrap()
}

impl Base {
    async fn make(killed: bool) -> Base {
        let live = quick();
        let store = open_sound(live.path());
        let factors = store.factors(clock(), "test-desk", true);
        let phone = Phone::scan(&factors.begin(&account()).await.unwrap()).unwrap();
        let now = "2026-11-20T03:14:00Z".parse().unwrap();
        factors.finish(&account(), &Secret::new(phone.code(now))).await.unwrap();
        let enrolled = draft("john.doe", Some(1002), Event::Enrolled { first_use: true });
        store.append(Append::Desk, vec![enrolled]).await.unwrap();
        fill(&store, 20).await;
        store.close().unwrap();
        // A second run, so that there is a snapshot as well, and lines that the index may not have.
        let store = open_sound(live.path());
        store.keep_file("a file", b"what came with a command".to_vec().into()).await.unwrap();
        let password = set_password(&store, "jane.doe").await;
        let first = ask(&store, "many", 1001).await;
        let drafts = (0..12).map(|_| draft("many", None, done("x"))).collect();
        store.append(Append::To { no: first.request.unwrap(), after: first.line }, drafts).await.unwrap();
        fill(&store, 12).await;
        let dir = if killed {
            let copy = quick();
            copy_folder(live.path(), copy.path());
            copy
        } else {
            drop(store);
            live
        };
        let (lines, errors) = json(dir.path());
        assert!(errors.is_empty() && lines.len() > 40);
        Base { dir, lines, password }
    }

    fn copy(&self) -> TempDir {
        let copy = quick();
        copy_folder(self.dir.path(), copy.path());
        copy
    }
}

/// Every file below a folder, by its name from there.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut below = vec![dir.to_owned()];
    while let Some(folder) = below.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => below.push(path),
                false => files.push(path.strip_prefix(dir).unwrap().to_owned()),
            }
        }
    }
    files.sort();
    files
}

/// What became of a folder that something was done to.
#[derive(Debug, PartialEq)]
enum Came {
    /// Everything is there and works.
    Harmless { said: bool },
    /// It was named and nothing is written.
    Refused,
}

/// Opens the folder, and makes sure that nothing is silently other than it was.
async fn opens(dir: &Path, base: &Base, what: &str) -> Came {
    let mut out = Vec::new();
    let verified = verify_folder(dir, &[], None, &mut out);
    let store = Store::open(dir, options()).unwrap();
    if let Some(problem) = store.unsound() {
        let message = &problem.message;
        let named = message.contains("ine ")
            || message.contains("ines ")
            || message.contains("seal")
            || message.contains('`');
        assert!(named && !problem.hint.is_empty(), "{what}: {problem}");
        let refused = store.append(Append::New, vec![draft("late", None, asked())]).await;
        assert!(refused.is_err(), "{what}");
        // Everything that is not named is still read.
        let all = desk_core::log::Query { limit: usize::MAX, ..Default::default() };
        if let Ok(lines) = store.history(&all).await {
            let whole = lines.iter().filter(|line| !matches!(line.event, Event::Unreadable { .. }));
            for line in whole {
                assert_eq!(line.encode(), base.lines[line.line as usize].as_bytes(), "{what}");
            }
            assert!(lines.len() + 16 > base.lines.len(), "{what}: {} lines are left", lines.len());
        }
        return Came::Refused;
    }
    // The public key is made again from the private one by a start, and an auditor has it from elsewhere.
    let verified = verified.unwrap_or_else(|problem| {
        assert!(problem.code == "key_missing" && what.starts_with("without log.pub"), "{what}: {problem}");
        true
    });
    // What a start does not look at, such as the signatures of older seals, `log verify` may name.
    let said = !store.said().is_empty() || !verified;
    let (lines, errors) = json(dir);
    assert_eq!(errors, "", "{what}");
    assert_eq!(lines[..base.lines.len()], base.lines, "{what}");
    for request in (1..=8).map(no) {
        let of: Vec<Line> = base
            .lines
            .iter()
            .map(|line| Line::decode(line.as_bytes()).unwrap())
            .filter(|line| line.request == Some(request))
            .collect();
        let mut found = store.request(request).await.unwrap();
        found.retain(|line| !matches!(line.event, Event::Disregarded { .. }));
        assert_eq!(found, of, "{what}");
    }
    // Secrets are as they were, or a problem; never another, and never silently gone.
    let lost = store.said().iter().any(|problem| problem.code == "secrets_lost");
    let (request, expected) = &base.password;
    match store.unseal(*request).await {
        Ok(Some(password)) => assert_eq!(password.show(), expected, "{what}"),
        Ok(None) => assert!(lost, "{what}: its password is gone, and no one says so"),
        Err(problem) => assert_eq!(problem.code, "secret_unreadable", "{what}"),
    }
    match store.file("a file").await {
        Ok(Some(file)) => assert_eq!(file.as_slice(), b"what came with a command", "{what}"),
        Ok(None) => assert!(what.starts_with("without files"), "{what}"),
        Err(problem) => assert_eq!(problem.code, "file_unreadable", "{what}"),
    }
    let factors = store.factors(clock(), "test-desk", true);
    match factors.is_enrolled(&[account()]).await {
        Ok(enrolled) => assert!(enrolled, "{what}: no one is silently without an authenticator"),
        Err(problem) => assert_eq!(problem.code, "authenticator_unreadable", "{what}"),
    }
    if let Err(problem) = factors.begin(&account()).await
        && said
    {
        // Missing, or sealed with another key: either way no one simply enrolls again.
        let code = problem.code.as_str();
        assert!(["authenticator_gone", "authenticator_unreadable"].contains(&code), "{what}: {problem}");
    }
    let line = ask(&store, "next", 1001).await;
    store.close().unwrap();
    let store = open_sound(dir);
    assert_eq!(store.request(line.request.unwrap()).await.unwrap().len(), 1, "{what}");
    assert_eq!(store.verify().unwrap().is_sound(), verified, "{what}");
    Came::Harmless { said }
}

/// The same, which must not take long.
async fn opens_in_time(dir: TempDir, base: &Base, what: &str) -> Came {
    let work = opens(dir.path(), base, what);
    match tokio::time::timeout(Duration::from_secs(30), work).await {
        Ok(came) => came,
        Err(_) => panic!("{what}: it hangs"),
    }
}

async fn flips(killed: bool, seed: u64) {
    let base = Base::make(killed).await;
    let mut dice = Dice(seed);
    let files: Vec<PathBuf> = files(base.dir.path())
        .into_iter()
        .filter(|file| std::fs::metadata(base.dir.path().join(file)).unwrap().len() > 0)
        .collect();
    let log: PathBuf = "log.jsonl".into();
    let (mut refused, mut of_log) = (0, 0);
    for flip in 0..FLIPS {
        // Half of them in the log itself; a third of the rest in the engine, where most of the bytes are.
        let file = match flip % 2 {
            0 => &log,
            _ => &files[dice.below(files.len() as u64) as usize],
        };
        let dir = base.copy();
        let path = dir.path().join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        // sled's file is mostly zeros; what is used is at its beginning.
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64 + 1;
        let (at, bit) = (dice.below(used) as usize, dice.below(8));
        let around =
            String::from_utf8_lossy(&bytes[at.saturating_sub(30)..(at + 30).min(bytes.len())]).into_owned();
        bytes[at] ^= 1 << bit;
        std::fs::write(&path, bytes).unwrap();
        let what = format!("bit {bit} of byte {at} of {} flipped, killed: {killed}", file.display());
        let came = opens_in_time(dir, &base, &what).await;
        refused += u64::from(came == Came::Refused);
        if *file == log {
            of_log += 1;
            assert_ne!(came, Came::Harmless { said: false }, "{what}: {around}");
        }
    }
    assert!(of_log > FLIPS / 3 && refused >= of_log / 2, "{of_log} {refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_flipped_bits_in_the_folder_of_a_stopped_desk() {
    flips(false, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_flipped_bits_in_the_folder_of_a_killed_desk() {
    flips(true, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_that_is_removed_is_missed() {
    for killed in [false, true] {
        let base = Base::make(killed).await;
        for file in files(base.dir.path()) {
            let dir = base.copy();
            std::fs::remove_file(dir.path().join(&file)).unwrap();
            let name = file.to_str().unwrap();
            let what = format!("without {name}, killed: {killed}");
            let came = opens_in_time(dir, &base, &what).await;
            let expected = match name {
                "log.jsonl" | "log.key" | "head" => Came::Refused,
                "checkpoint" | "seal.key" | "db/sled/db" => Came::Harmless { said: true },
                name if name.starts_with("factors/") => Came::Harmless { said: true },
                // What these have is made again or can be done without.
                _ => match came {
                    Came::Harmless { said } => Came::Harmless { said },
                    Came::Refused => panic!("{what}"),
                },
            };
            assert_eq!(came, expected, "{what}");
        }
    }
}

/// The head says how the log ended. Without it no start says so in its place, but anyone may put back what they kept.
#[tokio::test]
async fn a_head_that_is_missing_or_damaged_stays_so_until_someone_puts_a_checkpoint_in_its_place() {
    let base = Base::make(true).await;
    for damage in ["removed", "emptied", "of another log"] {
        let dir = base.copy();
        let head = dir.path().join("head");
        match damage {
            "removed" => std::fs::remove_file(&head).unwrap(),
            "emptied" => std::fs::write(&head, "").unwrap(),
            _ => drop(std::fs::copy(Base::make(false).await.dir.path().join("head"), &head).unwrap()),
        }
        for _ in 0..2 {
            let problem = open(dir.path()).unsound().expect(damage);
            assert!(problem.message.contains("may have been removed"), "{damage}: {problem}");
            assert!(!verify_folder(dir.path(), &[], None, &mut Vec::new()).unwrap(), "{damage}");
        }
        std::fs::copy(dir.path().join("checkpoint"), &head).unwrap();
        open_sound(dir.path()).close().unwrap();
        assert!(verify_folder(dir.path(), &[], None, &mut Vec::new()).unwrap(), "{damage}");
        assert_eq!(json(dir.path()).0[..base.lines.len()], base.lines, "{damage}");
    }
}

/// A database that the system doesn't let the desk use is as it was, with the passwords in it.
#[cfg(unix)]
#[tokio::test]
async fn only_a_database_that_is_known_to_be_damaged_is_put_aside() {
    let base = Base::make(false).await;
    for file in ["db/sled/db", "db/sled/conf", "db/sled/blobs", "db/sled", "db"] {
        let dir = base.copy();
        let (path, away) = (dir.path().join(file), dir.path().join("away"));
        std::fs::rename(&path, &away).unwrap();
        // A link to itself: no account may open it, and nothing is wrong with what was there.
        std::os::unix::fs::symlink(&path, &path).unwrap();
        for _ in 0..2 {
            let store = open_sound(dir.path());
            let codes: Vec<String> = store.said().iter().map(|problem| problem.code.to_string()).collect();
            assert_eq!(codes, ["index_in_memory"], "{file}");
            let error = store.unseal(base.password.0).await.unwrap_err();
            assert_eq!(error.code, "secrets_unreachable", "{file}: it is not gone");
            assert_eq!(store.request(no(1)).await.unwrap().len(), 4, "{file}");
            assert!(store.temporary_password(no(99)).await.is_err(), "{file}");
            store.close().unwrap();
            let aside = |name: &str| name.contains("damaged");
            assert!(!files(dir.path()).iter().any(|path| path.to_str().is_some_and(aside)), "{file}");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::rename(&away, &path).unwrap();
        let store = open_sound(dir.path());
        let password = store.unseal(base.password.0).await.unwrap().unwrap();
        assert_eq!(password.show(), base.password.1, "{file}");
    }
}

#[tokio::test]
async fn the_key_of_another_desk_is_named_at_the_start() {
    let (base, other) = (Base::make(false).await, Base::make(false).await);
    let dir = base.copy();
    std::fs::copy(other.dir.path().join("seal.key"), dir.path().join("seal.key")).unwrap();
    let said = open_sound(dir.path()).said();
    let named =
        said.iter().find(|problem| problem.code == "seal_key_other").unwrap_or_else(|| panic!("{said:?}"));
    assert!(
        named.message.contains("doesn't open 3 of 3 sealed"),
        "an authenticator, a file and a password: {named}"
    );
    std::fs::copy(base.dir.path().join("seal.key"), dir.path().join("seal.key")).unwrap();
    assert_eq!(open_sound(dir.path()).said(), []);
}

#[tokio::test]
async fn a_log_that_is_gone_or_emptied_is_no_new_log() {
    let base = Base::make(false).await;
    let refuses = |dir: &Path| {
        let problem = open(dir).unsound().unwrap_or_else(|| panic!("a new log was begun without a word"));
        assert!(problem.message.contains("missing") || problem.message.contains("gone"), "{problem}");
        assert!(!dir.join("log.jsonl").exists() || std::fs::read(dir.join("log.jsonl")).unwrap().is_empty());
    };
    // Everything but the keys.
    for left in ["log.key", "log.pub", "seal.key", "head", "checkpoint", "db", "factors"] {
        let dir = base.copy();
        for name in ["log.jsonl", "log.key", "log.pub", "seal.key", "head", "checkpoint"] {
            if name != left {
                std::fs::remove_file(dir.path().join(name)).unwrap();
            }
        }
        for name in ["db", "factors", "files"] {
            if name != left {
                std::fs::remove_dir_all(dir.path().join(name)).unwrap();
            }
        }
        refuses(dir.path());
    }
    let dir = base.copy();
    std::fs::write(dir.path().join("log.jsonl"), b"").unwrap();
    refuses(dir.path());
    // An account whose authenticator was removed does not simply enroll another one.
    let dir = base.copy();
    std::fs::remove_dir_all(dir.path().join("factors")).unwrap();
    let store = open_sound(dir.path());
    assert!(store.said().iter().any(|problem| problem.code == "factors_missing"), "{:?}", store.said());
    let factors = store.factors(clock(), "test-desk", true);
    assert!(factors.is_enrolled(&[account()]).await.unwrap());
    assert_eq!(factors.begin(&account()).await.unwrap_err().code, "authenticator_gone");
    let code = Secret::new("123456".to_owned());
    assert_eq!(factors.use_code(&[account()], &code).await.unwrap_err().code, "authenticator_gone");
    factors.forget(&account()).await.unwrap();
    factors.begin(&account()).await.unwrap();
}

#[tokio::test]
async fn a_start_that_was_cut_short_is_finished() {
    // What a crash leaves while a folder is made: the empty file, then the keys, then a part of the first seal.
    let made = tempfile::tempdir().unwrap();
    drop(open_sound(made.path()));
    let first = std::fs::read(made.path().join("log.jsonl")).unwrap();
    let first = &first[..first.iter().position(|byte| *byte == b'\n').unwrap()];
    for (keys, bytes) in [
        (&[][..], 0),
        (&["log.key"][..], 0),
        (&["log.key", "log.pub", "seal.key"][..], 0),
        (&["log.key", "log.pub", "seal.key"][..], 100),
    ] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("log.jsonl"), &first[..bytes]).unwrap();
        for key in keys {
            std::fs::copy(made.path().join(key), dir.path().join(key)).unwrap();
        }
        let store = open_sound(dir.path());
        ask(&store, "john.doe", 1001).await;
        store.close().unwrap();
        assert_eq!(open_sound(dir.path()).size(), 1);
    }
}

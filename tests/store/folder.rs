//! Folders as they are found: held by another desk, read-only, full, damaged, half written. Each says what to do.

use std::path::{Path, PathBuf};
use std::process::Command;

use connect_desk::store::{Store, show, verify_folder};
use desk_core::basics::problem::{Owner, Problem};
use desk_core::log::{Append, AppendError, LogReader as _, RequestLog as _};

use crate::helper::*;

#[tokio::test]
async fn a_second_desk_is_turned_away_and_the_first_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let first = open_sound(dir.path());
    let problem = Store::open(dir.path(), options()).unwrap_err();
    assert_eq!((problem.code.as_str(), &problem.owner), ("store_locked", &Owner::Operator));
    assert!(problem.message.contains("Another process has"), "{problem}");
    assert!(!problem.hint.is_empty());
    ask(&first, "john.doe", 1001).await;
    // Closing lets go immediately, also while someone still has the closed store.
    first.close().unwrap();
    let second = open_sound(dir.path());
    assert_eq!(second.size(), 1);
    assert_eq!(first.close(), Ok(()));
    let refused = first.append(Append::New, vec![draft("late", None, asked())]).await.unwrap_err();
    assert!(matches!(refused, AppendError::Failed(problem) if problem.code == "store_closed"));
}

#[tokio::test]
async fn opening_and_closing_again_and_again_meets_no_lock_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    for i in 0..30 {
        let store = open_sound(dir.path());
        ask(&store, "john.doe", 1001).await;
        assert_eq!(store.size(), i + 1);
    }
}

/// The store cannot be used, says why, and answers with that whatever it is asked.
async fn is_unusable(dir: &Path, code: &str) -> Problem {
    let store = open(dir);
    let problem = store.unsound().expect("it is unsound");
    assert_eq!(problem.code, code, "{problem}");
    assert!(!problem.hint.is_empty(), "{problem}");
    assert_eq!(store.request(no(1)).await, Err(problem.clone()));
    assert_eq!(store.open().await, Err(problem.clone()));
    assert_eq!(store.history(&Default::default()).await, Err(problem.clone()));
    assert_eq!(store.vault().unseal(no(1)).await, Err(problem.clone()));
    assert_eq!(store.verify(), Err(problem.clone()));
    assert_eq!(store.verifier(), "");
    let refused = store.append(Append::New, vec![draft("late", None, asked())]).await;
    assert_eq!(refused, Err(AppendError::Failed(problem.clone())));
    let _lease = store.lease(no(1)).await.unwrap();
    store.close().unwrap();
    problem
}

#[tokio::test]
async fn what_is_not_a_folder_or_has_no_log_is_said_to_be_so() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "text").unwrap();
    is_unusable(&file, "store_not_a_folder").await;
    is_unusable(&file.join("below"), "store_io").await;
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let problem = verify_folder(dir.path(), &[], None, &mut out).unwrap_err();
    assert_eq!(problem.code, "store_none");
    assert!(problem.hint.contains("`folder` under [state]"), "{problem}");
    assert_eq!(show(dir.path(), &Default::default(), &mut out, &mut errors).unwrap_err().code, "store_none");
}

#[tokio::test]
async fn keys_are_for_the_owner_and_belong_to_the_log() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    ask(&store, "john.doe", 1001).await;
    let verifier = store.verifier();
    drop(store);
    let mode = |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("log.key"), mode("seal.key")], [0o600, 0o600]);
    assert_eq!(std::fs::read_to_string(dir.path().join("log.pub")).unwrap().trim(), verifier);
    let set = |mode| {
        std::fs::set_permissions(dir.path().join("log.key"), PermissionsExt::from_mode(mode)).unwrap();
    };
    set(0o602);
    is_unusable(dir.path(), "not_private").await;
    set(0o620);
    is_unusable(dir.path(), "store_key_open").await;
    set(0o640);
    drop(open_sound(dir.path()));

    let options = connect_desk::store::Options { name: "other-name".to_owned(), ..options() };
    let store = Store::open(dir.path(), options).unwrap();
    assert_eq!(store.unsound().unwrap().code, "log_renamed");
    drop(store);

    let key = std::fs::read(dir.path().join("log.key")).unwrap();
    let other = tempfile::tempdir().unwrap();
    drop(open_sound(other.path()));
    std::fs::copy(other.path().join("log.key"), dir.path().join("log.key")).unwrap();
    is_unusable(dir.path(), "log_key_other").await;
    let mut changed = key.clone();
    changed[3] ^= 1;
    for damaged in [&changed, &key[..31]] {
        std::fs::write(dir.path().join("log.key"), damaged).unwrap();
        is_unusable(dir.path(), "store_key").await;
    }
    std::fs::remove_file(dir.path().join("log.key")).unwrap();
    is_unusable(dir.path(), "log_key_missing").await;
    // An auditor's copy has no private key and is verified all the same.
    let mut out = Vec::new();
    assert!(verify_folder(dir.path(), &[], None, &mut out).unwrap());
    std::fs::write(dir.path().join("log.key"), key).unwrap();
    set(0o600);
    drop(open_sound(dir.path()));
}

/// Every file of a folder with its bytes and when it was written.
fn everything(dir: &Path) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(everything(&path)),
            false => {
                let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
                all.push((path.clone(), std::fs::read(&path).unwrap(), modified));
            }
        }
    }
    all.sort();
    all
}

#[tokio::test]
async fn the_log_is_read_while_a_desk_runs_and_nothing_in_its_folder_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_sound(dir.path());
    fill(&store, 60).await;
    for damaged in [false, true] {
        if damaged {
            store.close().unwrap();
            let mut tamper = crate::tamper::Tamper::open(dir.path());
            tamper.change(7);
            tamper.save();
        }
        let before = everything(dir.path());
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        assert_eq!(verify_folder(dir.path(), &[], None, &mut out).unwrap(), !damaged);
        assert_eq!(show(dir.path(), &Default::default(), &mut out, &mut errors).unwrap(), !damaged);
        let to = tempfile::tempdir().unwrap();
        connect_desk::store::salvage(dir.path(), &to.path().join("new")).unwrap();
        assert!(everything(dir.path()) == before);
    }
}

/// A small filesystem of its own in a file; none where this process may not mount one.
pub struct Disk {
    pub image: PathBuf,
    pub mounted: PathBuf,
}

impl Disk {
    pub fn make(dir: &Path, megabytes: u64) -> Option<Disk> {
        let image = dir.join("image");
        std::fs::File::create(&image).unwrap().set_len(megabytes << 20).unwrap();
        let made = Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image).output().ok()?.status.success();
        if !made {
            return None;
        }
        Disk::mount(image, dir.join("mounted"))
    }

    pub fn mount(image: PathBuf, at: PathBuf) -> Option<Disk> {
        std::fs::create_dir_all(&at).unwrap();
        let done = Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&at).output().ok()?;
        done.status.success().then_some(Disk { image, mounted: at })
    }

    /// How often the device was told to empty its cache.
    pub fn flushes(&self) -> u64 {
        let found = Command::new("findmnt").args(["-n", "-o", "SOURCE"]).arg(&self.mounted).output().unwrap();
        let device = String::from_utf8(found.stdout).unwrap();
        let device = device.trim().trim_start_matches("/dev/");
        let stat = std::fs::read_to_string(format!("/sys/block/{device}/stat")).unwrap();
        // The sixteenth field, see the kernel's Documentation/block/stat.rst.
        stat.split_whitespace().nth(15).unwrap().parse().unwrap()
    }

    pub fn remount(&self, how: &str) {
        let how = format!("remount,{how}");
        assert!(Command::new("mount").args(["-o", &how]).arg(&self.mounted).status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.mounted).status();
    }
}

/// Says in the test's output what could not be tried here.
pub fn not_here(what: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "no loop mounts here, so this was not tried: {what}");
}

#[tokio::test]
async fn a_read_only_disk_is_safe_mode_and_not_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::make(dir.path(), 24) else { return not_here("a read-only disk") };
    let folder = disk.mounted.join("store");
    let store = open_sound(&folder);
    let lines = fill(&store, 20).await;
    store.close().unwrap();
    disk.remount("ro");
    let problem = is_unusable(&folder, "store_read_only").await;
    assert_eq!(problem.owner, Owner::Log);
    disk.remount("rw");
    assert_eq!(open_sound(&folder).size(), lines.len() as u64);
}

#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::make(dir.path(), 24) else { return not_here("a full disk") };
    let folder = disk.mounted.join("store");
    let store = open_sound(&folder);
    let mut lines = Vec::new();
    let problem = loop {
        let drafts = vec![draft("john.doe", Some(1001), done(&"x".repeat(20_000)))];
        match tokio::time::timeout(LONG, store.append(Append::Desk, drafts)).await.unwrap() {
            Ok(line) => lines.extend(line),
            Err(AppendError::Unknown(problem)) => break problem,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert!(lines.len() > 50, "{}", lines.len());
    assert_eq!(problem.code, "store_disk_full", "{problem}");
    assert!(problem.hint.contains("Free space"), "{problem}");
    assert_eq!(store.unsound(), Some(problem.clone()));
    let refused = store.append(Append::New, vec![draft("late", None, asked())]).await;
    assert_eq!(refused, Err(AppendError::Failed(problem)));
    drop(store);
    // Still full: the desk starts in safe mode or reads what there is, and hangs or panics in no case.
    let store = open(&folder);
    let _ = store.history(&Default::default()).await;
    drop(store);
    // Space is made by giving the image to a larger one: the copy of the folder elsewhere.
    let elsewhere = dir.path().join("elsewhere");
    copy_folder(&folder, &elsewhere);
    let store = open_sound(&elsewhere);
    assert!(store.size() >= lines.len() as u64);
    let query = desk_core::log::Query { limit: usize::MAX, ..Default::default() };
    let mut there = store.history(&query).await.unwrap();
    there.reverse();
    assert_eq!(there[..lines.len()], lines[..]);
    assert!(store.verify().unwrap().is_sound());
    ask(&store, "john.doe", 1001).await;
}

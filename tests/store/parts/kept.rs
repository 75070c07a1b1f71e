//! Files that are kept sealed for a while.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use connect_desk::clock::ScriptClock;
use connect_desk::store::kept::Kept;
use jiff::SignedDuration;
use secrecy::SecretBox;

fn kept(folder: &Path, clock: &Arc<ScriptClock>, key: u8) -> Kept {
    Kept::open(
        folder.to_owned(),
        SecretBox::new(Box::new([key; 32])),
        SignedDuration::from_hours(24),
        clock.clone(),
    )
    .unwrap()
}

#[test]
fn what_has_expired_goes_with_a_later_file_but_is_looked_for_once_an_hour() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap()));
    let files = kept(folder.path(), &clock, 1);
    let minutes = |minutes: u64| clock.advance(std::time::Duration::from_secs(minutes * 60));
    let left = || fs::read_dir(folder.path()).unwrap().count();
    files.keep("7/1", b"early").unwrap();
    minutes(23 * 60 + 30);
    files.keep("7/2", b"looks").unwrap();
    minutes(31);
    files.keep("7/3", b"too early to look").unwrap();
    assert_eq!(left(), 3, "7/1 has expired, and was looked for half an hour ago");
    assert!(files.get("7/1").unwrap().is_none(), "and no one gets it");
    minutes(29);
    files.keep("7/4", b"looks again").unwrap();
    assert_eq!(left(), 3);
}

#[test]
fn a_file_is_kept_sealed_under_its_name_until_it_expires() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap()));
    let files = kept(folder.path(), &clock, 1);
    files.keep("7/3", b"john.doe,Hunter2Hunter2").unwrap();
    files.keep("7/4", &[0; 300_000]).unwrap();
    assert_eq!(files.get("7/3").unwrap().unwrap().as_slice(), b"john.doe,Hunter2Hunter2");
    assert_eq!(files.get("7/4").unwrap().unwrap().len(), 300_000);
    assert!(files.get("7/5").unwrap().is_none());
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|piece| piece == b"Hunter2H"));
    }
    assert!(kept(folder.path(), &clock, 2).get("7/3").is_err(), "another key opens nothing");
    fs::copy(files.path("7/3"), files.path("7/9")).unwrap();
    assert!(files.get("7/9").is_err(), "a file is bound to its name");
    clock.advance(std::time::Duration::from_secs(24 * 3600));
    assert!(files.get("7/3").unwrap().is_none());
    kept(folder.path(), &clock, 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

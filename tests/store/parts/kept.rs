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
        Some(SignedDuration::from_hours(24)),
        clock.clone(),
    )
    .unwrap()
}

#[test]
fn what_has_expired_is_looked_for_once_an_hour_and_goes_at_once_when_someone_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap()));
    let files = kept(folder.path(), &clock, 1);
    let minutes = |minutes: u64| clock.advance(std::time::Duration::from_secs(minutes * 60));
    let left = || fs::read_dir(folder.path()).unwrap().count();
    files.keep("7/1", b"early").unwrap();
    files.keep("7/2", b"early, too").unwrap();
    minutes(23 * 60 + 30);
    files.clear().unwrap();
    minutes(31);
    files.clear().unwrap();
    assert_eq!(left(), 2, "both have expired, and were looked for half an hour ago");
    assert!(files.get("7/1").unwrap().is_none(), "and no one gets one");
    assert_eq!(left(), 1);
    minutes(29);
    files.clear().unwrap();
    assert_eq!(left(), 0);
    // What a clock that was ahead has kept lasts no longer for it.
    files.keep("7/3", b"early").unwrap();
    let earlier = Arc::new(ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap()));
    assert!(kept(folder.path(), &earlier, 1).get("7/3").unwrap().is_none());
    assert_eq!(left(), 0);
}

#[test]
fn what_is_kept_for_good_never_expires_whatever_the_clock_said() {
    let folder = tempfile::tempdir().unwrap();
    for time in ["2126-11-20T09:00:00Z", "2026-11-20T09:00:00Z", "2426-11-20T09:00:00Z"] {
        let clock = Arc::new(ScriptClock::starting_at(time.parse().unwrap()));
        let key = SecretBox::new(Box::new([1; 32]));
        let files = Kept::open(folder.path().to_owned(), key, None, clock).unwrap();
        if !files.has("1001") {
            files.keep("1001", b"a secret").unwrap();
        }
        files.clear().unwrap();
        assert!(files.get("1001").unwrap().is_some(), "{time}");
    }
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

//! Interactions that were taken, and the file that remembers them.

use std::fs;
use std::sync::Arc;

use connect_desk::clock::ScriptClock;
use connect_desk::discord::seen::{BELOW_THE_MOMENT, EPOCH_MS, LINE, REMEMBERED, RecentIds};
use desk_core::ports::Clock as _;
use futures::future::{FusedFuture as _, FutureExt as _};

#[tokio::test]
async fn an_interaction_counts_once_whatever_happens_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap());
    let now = u64::try_from(clock.now().as_millisecond() - EPOCH_MS).unwrap() << BELOW_THE_MOMENT;
    let open = || Arc::new(RecentIds::open(folder.path(), &clock));
    let seen = open();
    for id in [now, now - 7] {
        assert!(seen.is_new(id) && !seen.is_new(id));
        seen.clone().keep(id).await;
    }
    for _ in 0..2 {
        let seen = open();
        assert!(!seen.is_new(now) && !seen.is_new(now - 7));
        assert!(seen.is_new(now + 1), "what was not written down was not done");
    }
    // A crash in the middle of a line.
    let file = folder.path().join("discord-interactions");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, [&whole[..], b"0157326"].concat()).unwrap();
    let seen = open();
    assert!(!seen.is_new(now) && seen.is_new(now + 2));
    seen.keep(now + 2).await;
    assert!(!open().is_new(now + 2));
    // Where it can't be read, nothing from before is taken.
    fs::write(&file, [&whole[..], &[b'x'; LINE]].concat()).unwrap();
    let seen = open();
    assert!(!seen.is_new(now - 1) && !seen.is_new(now - 7) && seen.is_new(now + 3));
}

#[tokio::test]
async fn many_together_are_all_written() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap());
    let seen = Arc::new(RecentIds::open(folder.path(), &clock));
    let ids = 1..=200;
    assert!(ids.clone().all(|id| seen.is_new(id)));
    futures::future::join_all(ids.clone().map(|id| seen.clone().keep(id))).await;
    let seen = RecentIds::open(folder.path(), &clock);
    assert!(!ids.clone().any(|id| seen.is_new(id)));
}

#[tokio::test]
async fn a_write_that_failed_is_done_again_by_the_next_one_that_waits() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap());
    let seen = Arc::new(RecentIds::open(folder.path(), &clock));
    let in_the_way = folder.path().join("discord-interactions.new");
    fs::create_dir(&in_the_way).unwrap();
    let [mut first, mut second, mut third] = [1, 2, 3].map(|id| {
        assert!(seen.is_new(id));
        Box::pin(seen.clone().keep(id).fuse())
    });
    // The second one that writes has the third's id as well, so the third finds none that is still to be written. The first may be over.
    let _ = futures::poll!(&mut first);
    for kept in [&mut second, &mut third] {
        assert!(futures::poll!(kept).is_pending());
    }
    if !first.is_terminated() {
        first.await;
    }
    second.await;
    fs::remove_dir(&in_the_way).unwrap();
    third.await;
    let seen = RecentIds::open(folder.path(), &clock);
    assert!(![1, 2, 3].into_iter().any(|id| seen.is_new(id)));
}

#[tokio::test]
async fn only_so_many_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap());
    let seen = Arc::new(RecentIds::open(folder.path(), &clock));
    for id in 0..2 * REMEMBERED as u64 {
        assert!(seen.is_new(id));
    }
    seen.clone().keep(2 * REMEMBERED as u64 - 1).await;
    assert!(seen.is_new(0) && !seen.is_new(2 * REMEMBERED as u64 - 1));
    let size = fs::metadata(folder.path().join("discord-interactions")).unwrap().len();
    assert_eq!(size, (REMEMBERED * LINE) as u64);
}

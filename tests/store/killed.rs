//! SIGKILL: the process goes, the kernel stays. Nothing that was acknowledged is lost, and the desk starts again.

use crate::child::{Pace, Writer, all_are_there};
use crate::helper::*;

/// How often the process is killed here; `tests/process/kills` has a hundred more, of whole desks.
const KILLS: u64 = 200;

#[tokio::test]
async fn two_hundred_kills_lose_no_acknowledged_line() {
    let mut dir = quick();
    let mut dice = Dice(30);
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        if kill % 4 == 0 {
            dir = quick();
        }
        let pace = if kill % 5 == 0 { Pace::FullAndLong } else { Pace::Full };
        let mut writer = Writer::start(dir.path(), pace);
        writer.wait_for(1 + dice.below(40) as usize);
        writer.kill();
        acknowledged += writer.acknowledged.len();
        all_are_there(dir.path(), &writer).await;
    }
    assert!(acknowledged > 3_000, "{acknowledged}");
}

#[tokio::test]
async fn a_kill_while_it_opens_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::start(dir.path(), Pace::Full);
    writer.wait_for(300);
    writer.kill();
    for _ in 0..10 {
        // Dropped immediately, so killed somewhere in starting and opening.
        drop(Writer::start(dir.path(), Pace::Told));
    }
    all_are_there(dir.path(), &writer).await;
}

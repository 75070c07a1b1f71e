//! A power cut: what the kernel had not brought to the disk is gone. Whatever was acknowledged was there before.
//!
//! First on a disk that is played: any part of what was not synced is lost, sector by sector. Then on a real filesystem: the store lies on a filesystem in an image; the writer is stopped after an acknowledgement and the image copied as it is:
//! what only the kernel's memory knew is not in the copy. The copy is mounted, which replays the filesystem's journal as after
//! a real cut. A disk that loses what it says it has written is not played.

use std::path::Path;
use std::process::Command;

use connect_desk::store::Hooks;
use desk_core::log::{Append, Event, Line, LogReader as _, RequestLog as _};

use crate::child::{Pace, Writer, all_are_there};
use crate::folder::{Disk, not_here};
use crate::helper::*;
use crate::tape::Tape;

/// How often the power continues the disk that is played.
const CUTS: u64 = 120;

#[tokio::test]
async fn whatever_the_disk_had_not_synced_may_be_lost_and_nothing_that_was_acknowledged() {
    let mut dice = Dice(60);
    let (mut torn, mut doubted, mut acknowledged_in_all) = (0, 0, 0);
    let mut dir = quick();
    let mut acknowledged: Vec<Line> = Vec::new();
    for cut in 0..CUTS {
        if cut % 6 == 0 {
            // A new log, whose making may be what is cut short.
            (dir, acknowledged) = (quick(), Vec::new());
        }
        let tape = Tape::of(dir.path(), 1 + dice.below(if cut % 6 == 0 { 40 } else { 120 }));
        let store = open_watched(dir.path(), Hooks { writes: tape.writes(), ..Hooks::default() });
        for line in 0.. {
            if tape.is_cut() {
                break;
            }
            let length = [10, 300, 2_000, 20_000][dice.below(4) as usize];
            let drafts = vec![
                draft(&format!("user{line}"), Some(1001), asked()),
                draft("x", None, done(&"x".repeat(length))),
            ];
            match store.append(Append::New, drafts).await {
                Ok(lines) => acknowledged.extend(lines),
                Err(_) => break,
            }
        }
        drop(store);
        let after = quick();
        // Of the engine there is everything, or nothing: it is synced by itself, if at all.
        if dice.below(2) == 0 && dir.path().join("db").exists() {
            copy_folder(&dir.path().join("db"), &after.path().join("db"));
        }
        tape.after_the_cut(after.path(), &mut dice);
        let has_log = std::fs::read(after.path().join("log.jsonl")).is_ok_and(|bytes| bytes.contains(&b'\n'));
        if acknowledged.is_empty() && !has_log {
            // It was cut before there was a log: whatever is left is none.
            continue;
        }
        let store = open(after.path());
        assert_eq!(store.unsound(), None, "cut {cut}");
        let all = desk_core::log::Query { limit: usize::MAX, ..Default::default() };
        let mut lines = store.history(&all).await.unwrap();
        lines.reverse();
        for line in &acknowledged {
            assert_eq!(lines.get(line.line as usize), Some(line), "cut {cut}");
        }
        let report = store.verify().unwrap();
        assert!(report.is_sound(), "cut {cut}: {report}");
        torn += store.said().iter().filter(|problem| problem.code == "log_torn").count();
        doubted += lines.iter().filter(|line| matches!(line.event, Event::Disregarded { .. })).count();
        store.close().unwrap();
        acknowledged_in_all += acknowledged.len();
        acknowledged = lines;
        dir = after;
    }
    assert!(
        torn > 15 && doubted > 3 && acknowledged_in_all > 1_000,
        "{torn} {doubted} {acknowledged_in_all}"
    );
}

/// Cuts the power under a writer and looks at what is left; gives how many lines it had acknowledged.
async fn cut(disk: &Disk, dir: &Path, writer: &mut Writer) -> usize {
    writer.freeze();
    let image = dir.join("after");
    let copied = Command::new("cp").arg("--sparse=always").arg(&disk.image).arg(&image).status().unwrap();
    assert!(copied.success());
    writer.kill();
    let after = Disk::mount(image, dir.join("mounted-after")).unwrap();
    all_are_there(&after.mounted.join("store"), writer).await;
    writer.acknowledged.len()
}

#[tokio::test]
async fn cuts_at_full_pace_lose_no_acknowledged_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(15);
    let mut acknowledged = 0;
    for session in 0..5 {
        // A fresh store, then the same one grown, reopened after each cut.
        let here = dir.path().join(format!("{session}"));
        std::fs::create_dir_all(&here).unwrap();
        let Some(disk) = Disk::make(&here, 96) else {
            return not_here("power cuts; syncs are counted in `journal`");
        };
        let folder = disk.mounted.join("store");
        for round in 0..3 {
            let pace = if session % 2 == 1 { Pace::FullAndLong } else { Pace::Full };
            let mut writer = Writer::start(&folder, pace);
            writer.wait_for(1 + dice.below(if round == 0 { 60 } else { 400 }) as usize);
            acknowledged += cut(&disk, &here, &mut writer).await;
        }
    }
    assert!(acknowledged > 500, "{acknowledged}");
}

#[tokio::test]
async fn cuts_right_after_a_single_line_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for session in 0..3 {
        let here = dir.path().join(format!("{session}"));
        std::fs::create_dir_all(&here).unwrap();
        let Some(disk) = Disk::make(&here, 64) else {
            return not_here("power cuts; syncs are counted in `journal`");
        };
        let folder = disk.mounted.join("store");
        if session > 0 {
            // Grown before, so that the cut meets the middle of a segment or the end of the room that was made.
            let mut writer = Writer::start(&folder, Pace::Full);
            writer.wait_for(session * 700);
            writer.kill();
        }
        for round in 0..5 {
            let mut writer = Writer::start(&folder, Pace::Told);
            for _ in 0..=round % 3 {
                writer.tell();
                writer.wait_for(1);
            }
            cut(&disk, &here, &mut writer).await;
        }
    }
}

/// The cuts above are kind to a store that writes in place and trusts the disk's cache, so the flushes are counted too.
#[test]
fn each_acknowledgement_comes_after_a_flush_of_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::make(dir.path(), 64) else {
        return not_here("flushes; syncs are counted in `journal`");
    };
    let mut writer = Writer::start(&disk.mounted.join("store"), Pace::Told);
    for _ in 0..40 {
        let before = disk.flushes();
        writer.tell();
        writer.wait_for(1);
        assert!(disk.flushes() > before);
    }
}

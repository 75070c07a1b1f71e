//! A power cut: what the kernel had not brought to the disk is gone. Whatever was acknowledged was there before.
//!
//! The store lies on a filesystem in an image; the writer is stopped after an acknowledgement and the image copied as it is:
//! what only the kernel's memory knew is not in the copy. The copy is mounted, which replays the filesystem's journal as after
//! a real cut. A disk that loses what it says it has written is not played.

use std::path::Path;
use std::process::Command;

use crate::child::{Pace, Writer, all_are_there};
use crate::folder::{Disk, not_here};
use crate::helper::*;

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

//! Ctrl-C at the console stops what runs in order: the calls under way are finished, it says so, and the next start leaves alone
//! what a person stopped.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command};

use crate::kills::world_in;
use crate::{finish, grown, play, played, size, types};

const ROWS: usize = 40;

fn sheet() -> String {
    let head = "first name,last name,email address,user login,routing profile name,security_profile_name_1\n";
    (0..ROWS).fold(head.to_owned(), |mut sheet, row| {
        let _ =
            writeln!(sheet, "Ann,Number {row},ann{row}@example.com,ann.{row:03},Basic Routing Profile,Agent");
        sheet
    })
}

/// How many of the rows exist.
async fn created(folder: &Path) -> usize {
    let world = world_in(&folder.join("state/world.json")).await;
    world["users"].as_object().unwrap().keys().filter(|login| login.starts_with("ann.")).count()
}

/// An import that is being carried out.
fn importing() -> (tempfile::TempDir, Child) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("agents.csv"), sheet()).unwrap();
    played(folder.path(), "/connect import agents.csv\n/desk confirm 1\n");
    let before = size(folder.path());
    let mut child = play(folder.path(), &[]);
    types(&mut child, "@supervisor /desk approve 1\n");
    assert!(grown(&mut child, folder.path(), before + 2_000));
    (folder, child)
}

/// Presses Ctrl-C; what is on the screen when it has ended. Its standard input stays open: it ends because it was told to.
fn interrupted(mut child: Child) -> String {
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let input = child.stdin.take();
    let screen = finish(child);
    drop(input);
    screen
}

#[tokio::test]
async fn ctrl_c_stops_an_import_in_order_and_the_next_start_leaves_it_alone() {
    let (folder, child) = importing();
    let screen = interrupted(child);
    assert!(screen.contains("Stopping #1: calls that are under way are finished"), "{screen}");
    assert!(screen.contains("Import 40 users · on hold"), "{screen}");
    let there = created(folder.path()).await;
    assert!((1..ROWS).contains(&there), "{there} rows");

    // The next start does nothing by itself, and a person resumes it.
    let screen = played(folder.path(), "/desk requests\n");
    assert!(screen.contains("is on hold. helpdesk stopped #1"), "{screen}");
    assert_eq!(created(folder.path()).await, there);
    let screen = played(folder.path(), "@supervisor /desk retry 1\n");
    assert!(screen.contains("Import 40 users · completed"), "{screen}");
    assert_eq!(created(folder.path()).await, ROWS);
}

#[tokio::test]
async fn what_a_crash_interrupts_goes_on_and_ctrl_c_stops_that_too() {
    let (folder, mut child) = importing();
    child.kill().unwrap();
    child.wait().unwrap();
    // It continues before anybody says anything, and is stopped there.
    let before = size(folder.path());
    let mut child = play(folder.path(), &[]);
    assert!(grown(&mut child, folder.path(), before + 2_000));
    let screen = interrupted(child);
    assert!(screen.contains("Stopping #1"), "{screen}");
    let there = created(folder.path()).await;
    assert!((1..ROWS).contains(&there), "{there} rows");
    let screen = played(folder.path(), "@supervisor /desk cancel 1 rollback\n");
    assert!(screen.contains("Import 40 users · rolled back"), "{screen}");
    assert_eq!(created(folder.path()).await, 0);
}

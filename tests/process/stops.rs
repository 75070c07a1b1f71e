//! Ctrl-C at the console stops what runs in order: the calls under way are finished, it says so, and the next start leaves alone
//! what a person stopped.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::binary;
use crate::kills::{finish, world_in};

const ROWS: usize = 40;

/// No start takes longer than this to get where it is to be stopped.
const LIMIT: Duration = Duration::from_secs(120);

fn sheet() -> String {
    let head = "first name,last name,email address,user login,routing profile name,security_profile_name_1\n";
    (0..ROWS).fold(head.to_owned(), |mut sheet, row| {
        let _ =
            writeln!(sheet, "Ann,Number {row},ann{row}@example.com,ann.{row:03},Basic Routing Profile,Agent");
        sheet
    })
}

/// Starts `play` in the folder that holds the sheet; with its quotas, so that there is time to stop it, or without.
fn start(folder: &Path, throttled: bool) -> Child {
    let rest: &[&str] = if throttled { &[] } else { &["--unthrottled"] };
    Command::new(binary())
        .args(["play", "--state", "state"])
        .args(rest)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn types(child: &mut Child, lines: &str) {
    child.stdin.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
}

/// Everything that it printed, once it has read its last line and ended.
fn ends(mut child: Child) -> String {
    drop(child.stdin.take());
    finish(child)
}

/// How many of the rows exist.
async fn created(folder: &Path) -> usize {
    let world = world_in(&folder.join("state/world.json")).await;
    world["users"].as_object().unwrap().keys().filter(|login| login.starts_with("ann.")).count()
}

/// Waits until so much is written about the world.
#[allow(clippy::disallowed_methods)] // Another process is watched, and its time is real.
fn grown(folder: &Path, bytes: u64) {
    let began = Instant::now();
    while std::fs::metadata(folder.join("state/world.json")).map_or(0, |kind| kind.len()) < bytes {
        assert!(began.elapsed() < LIMIT, "nothing is written");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Presses Ctrl-C.
fn interrupt(child: &Child) {
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

#[tokio::test]
async fn ctrl_c_stops_an_import_in_order_and_the_next_start_leaves_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("agents.csv"), sheet()).unwrap();
    let mut child = start(folder.path(), false);
    types(&mut child, "/connect import agents.csv\n/desk confirm 1\n");
    ends(child);
    let before = std::fs::metadata(folder.path().join("state/world.json")).unwrap().len();

    let mut child = start(folder.path(), true);
    types(&mut child, "@supervisor /desk approve 1\n");
    grown(folder.path(), before + 2_000);
    interrupt(&child);
    // Its standard input stays open: it ends because it was told to.
    let input = child.stdin.take();
    let screen = finish(child);
    drop(input);
    assert!(screen.contains("Stopping #1: calls that are under way are finished"), "{screen}");
    assert!(screen.contains("#1 import 40 users is held"), "{screen}");
    let there = created(folder.path()).await;
    assert!((1..ROWS).contains(&there), "{there} rows");

    // The next start does nothing by itself, and a person resumes it.
    let mut child = start(folder.path(), false);
    types(&mut child, "/desk requests\n");
    let screen = ends(child);
    assert!(screen.contains("is held. 'helpdesk'"), "{screen}");
    assert_eq!(created(folder.path()).await, there);
    let mut child = start(folder.path(), false);
    types(&mut child, "@supervisor /desk retry 1\n");
    let screen = ends(child);
    assert!(screen.contains("#1 import 40 users is done"), "{screen}");
    assert_eq!(created(folder.path()).await, ROWS);
}

#[tokio::test]
async fn what_a_crash_interrupts_goes_on_and_ctrl_c_stops_that_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("agents.csv"), sheet()).unwrap();
    let mut child = start(folder.path(), false);
    types(&mut child, "/connect import agents.csv\n/desk confirm 1\n");
    ends(child);
    let size = || std::fs::metadata(folder.path().join("state/world.json")).unwrap().len();
    let before = size();
    let mut child = start(folder.path(), true);
    types(&mut child, "@supervisor /desk approve 1\n");
    grown(folder.path(), before + 2_000);
    child.kill().unwrap();
    child.wait().unwrap();
    // It goes on before anybody says anything, and is stopped there.
    let before = size();
    let mut child = start(folder.path(), true);
    grown(folder.path(), before + 2_000);
    interrupt(&child);
    let input = child.stdin.take();
    let screen = finish(child);
    drop(input);
    assert!(screen.contains("Stopping #1"), "{screen}");
    let there = created(folder.path()).await;
    assert!((1..ROWS).contains(&there), "{there} rows");
    let mut child = start(folder.path(), false);
    types(&mut child, "@supervisor /desk cancel 1 rollback\n");
    let screen = ends(child);
    assert!(screen.contains("#1 import 40 users was rolled back"), "{screen}");
    assert_eq!(created(folder.path()).await, 0);
}

//! The real process is killed in the middle of an import and started again: every row is created exactly once, and the
//! file of results is right.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::process::Child;

use desk_core::basics::ids::RequestNo;
use desk_core::log::{Event, LogReader as _, Outcome};
use desk_core::request::{Phase, Request};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::kills::world_in;
use crate::{finish, grown, log, play, size, types};

const ROWS: usize = 200;
const KILLS: usize = 10;

fn password(row: usize) -> String {
    format!("First-Day-{row:03}-x")
}

/// Two hundred agents, every other one with a password of their own.
fn sheet() -> String {
    let mut sheet =
        "first name,last name,email address,password,user login,routing profile name,security_profile_name_1\n"
            .to_owned();
    for row in 0..ROWS {
        let password = if row % 2 == 0 { password(row) } else { String::new() };
        let _ = writeln!(
            sheet,
            "Ann,Number {row},ann{row}@example.com,{password},ann.{row:03},Basic Routing Profile,Agent"
        );
    }
    sheet
}

fn starts(folder: &Path, lines: &str) -> Child {
    let mut child = play(folder, &["--unthrottled"]);
    types(&mut child, lines);
    drop(child.stdin.take());
    child
}

async fn request(folder: &Path) -> (Request, Vec<desk_core::log::Line>) {
    let store = log(folder);
    let lines = store.request(RequestNo(1)).await.unwrap();
    store.close().unwrap();
    (Request::fold(RequestNo(1), &lines).unwrap(), lines)
}

#[tokio::test]
async fn ten_kills_in_an_import_create_every_row_once() {
    const ASK: &str = "/connect import agents.csv\n/desk confirm 1\n";
    const APPROVE: &str = "@supervisor /desk approve 1\n";
    let mut random = StdRng::seed_from_u64(20_261_121);

    // One run in peace says between which sizes the work is.
    let peace = tempfile::tempdir().unwrap();
    std::fs::write(peace.path().join("agents.csv"), sheet()).unwrap();
    let screen = finish(starts(peace.path(), ASK));
    assert!(screen.contains("Import 200 users · needs"), "{screen}");
    let asked = size(peace.path());
    let screen = finish(starts(peace.path(), APPROVE));
    assert!(screen.contains("Import 200 users · completed"), "{screen}");
    let growth = size(peace.path()) - asked;

    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    std::fs::write(folder.path().join("agents.csv"), sheet()).unwrap();
    finish(starts(folder.path(), ASK));
    let begins = size(folder.path());
    let mut moments: Vec<u64> =
        (0..KILLS).map(|_| begins + growth * random.random_range(2..95) / 100).collect();
    moments.sort_unstable();
    let mut screens = String::new();
    let mut middle = 0;
    for moment in moments {
        let mut child = starts(folder.path(), APPROVE);
        if grown(&mut child, folder.path(), moment) {
            child.kill().unwrap();
        }
        child.stdout.take().unwrap().read_to_string(&mut screens).unwrap();
        child.wait().unwrap();
        let (request, _) = request(folder.path()).await;
        middle += usize::from(request.phase == Phase::Running);
    }
    assert!(middle >= KILLS / 2, "the kills missed the import: {middle} were in its middle");
    screens.push_str(&finish(starts(folder.path(), APPROVE)));

    let (request, lines) = request(folder.path()).await;
    let done = matches!(request.phase, Phase::Finished { outcome: Outcome::Completed, .. });
    assert!(done, "{:?}", request.phase);
    let mut steps: Vec<u32> = lines
        .iter()
        .filter_map(|line| match line.event {
            Event::Done { step, .. } => Some(step),
            _ => None,
        })
        .collect();
    steps.sort_unstable();
    steps.dedup();
    assert_eq!(steps.len(), request.steps.len(), "every step is done once");
    let done_lines = lines.iter().filter(|line| matches!(line.event, Event::Done { .. })).count();
    assert_eq!(done_lines, steps.len(), "no step is done twice");

    let world = world_in(&state.join("world.json")).await;
    let before = world_in(&folder.path().join("untouched.json")).await;
    let count = |world: &serde_json::Value| world["users"].as_object().unwrap().len();
    assert_eq!(count(&world), count(&before) + ROWS);
    for row in 0..ROWS {
        let user = &world["users"][format!("ann.{row:03}")];
        assert_eq!(user["identity"]["Email"], format!("ann{row}@example.com"), "row {row}");
        if row % 2 == 0 {
            use sha2::Digest as _;
            let hash = desk_core::basics::text::hex(&sha2::Sha256::digest(password(row).as_bytes()));
            assert_eq!(user["password_sha256"], hash.as_str(), "row {row}");
        }
    }
    let result = std::fs::read_to_string(state.join("files/1-result.csv")).unwrap();
    let expected: String = (0..ROWS).fold("\u{feff}row,login,outcome\r\n".to_owned(), |mut text, row| {
        let _ = write!(text, "{},ann.{row:03},created\r\n", row + 2);
        text
    });
    assert_eq!(result, expected);
    for row in (0..ROWS).step_by(2) {
        assert!(!screens.contains(&password(row)), "a password is on the screen");
    }
    holds_no_password(&state);
}

/// Neither the log nor a saved or a sealed file has a password as it is.
fn holds_no_password(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            holds_no_password(&path);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            assert_eq!(memchr::memmem::find(&bytes, b"First-Day-"), None, "{}", path.display());
        }
    }
}

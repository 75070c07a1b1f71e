//! The real program: killed, started wrongly, driven by its transcript.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test ends where something is not as it says"
)]

#[macro_use]
#[path = "../support/table.rs"]
mod table;

mod import;
mod kills;
mod looks;
mod operate;
mod parts;
mod policy;
mod private;
mod safe_mode;
mod scripts;
mod starts;
mod stops;
mod typed;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use connect_desk::clock::SystemClock;
use connect_desk::store::{self, Store};
use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};

/// The binary that cargo built for these tests.
pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_connect-desk")
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs the program to its end with nothing to read, in the project's folder.
pub fn run(args: &[&str]) -> Output {
    Command::new(binary()).args(args).current_dir(root()).stdin(Stdio::null()).output().unwrap()
}

/// Starts the program with pipes for all that it reads and says.
pub fn start(folder: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(binary());
    command
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Starts a desk in the folder, with its world and its log in `state`.
pub fn play(folder: &Path, more: &[&str]) -> Child {
    start(folder, &[&["play", "--state", "state"], more].concat())
}

/// A child that was killed before it could read is as good as any other.
pub fn types(child: &mut Child, lines: &str) {
    let _ = child.stdin.as_mut().unwrap().write_all(lines.as_bytes());
}

/// Everything that it printed, once it has read its last line and ended well.
pub fn ends(mut child: Child) -> String {
    drop(child.stdin.take());
    finish(child)
}

/// The same for a child that ends before its standard input does.
pub fn finish(child: Child) -> String {
    let out = child.wait_with_output().unwrap();
    let screen = text(&out.stdout);
    // It is 1 where a line was refused, and nothing else is wrong.
    let is_refusal = out.status.code() == Some(1) && out.stderr.is_empty();
    assert!(out.status.success() || is_refusal, "{screen}{}", text(&out.stderr));
    screen
}

/// What people see who type these lines and go.
pub fn played(folder: &Path, lines: &str) -> String {
    let mut child = play(folder, &["--unthrottled"]);
    types(&mut child, lines);
    ends(child)
}

/// How much is written about the world, which is a line for each call that changed something, in bytes.
pub fn size(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("state/world.json")).map_or(0, |kind| kind.len())
}

/// Waits until so much is written about the world; `false` when the program ended before.
#[allow(clippy::disallowed_methods, reason = "another process is watched, and its time is real")]
pub fn grown(child: &mut Child, folder: &Path, bytes: u64) -> bool {
    let began = std::time::Instant::now();
    while size(folder) < bytes {
        assert!(began.elapsed() < std::time::Duration::from_secs(120), "nothing is written any more");
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    true
}

/// The log of a desk that has ended, sound as a starting desk finds it.
pub fn log(folder: &Path) -> Store {
    let options = store::Options {
        name: "practice-desk".to_owned(),
        secrets_last: std::time::Duration::from_secs(86_400),
        clock: Arc::new(SystemClock::default()),
    };
    let store = Store::open(&folder.join("state/desk"), options).unwrap();
    let report = store.verify().unwrap();
    assert!(report.is_sound(), "{report}");
    store
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

//! The real program: killed, started wrongly, driven by its transcript.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test ends where something is not as it says"
)]

mod import;
mod kills;
mod policy;
mod private;
mod safe_mode;
mod starts;
mod stops;
mod tour;
mod training;
mod typed;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

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

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

//! Tells the program which commit it is built from.
//!
//! `DESK_COMMIT` goes first, for builds without a repository. Only release builds ask git: a build of someone at work would begin again
//! with each commit.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=DESK_COMMIT");
    println!("cargo::rerun-if-changed=build.rs");
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = match std::env::var("DESK_COMMIT") {
        Ok(commit) if !commit.trim().is_empty() => commit.trim().to_owned(),
        _ if !is_release => "dev".to_owned(),
        _ => {
            for file in ["HEAD", "logs/HEAD"] {
                if let Some(path) = git(&["rev-parse", "--git-path", file]) {
                    println!("cargo::rerun-if-changed={path}");
                }
            }
            git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".to_owned())
        }
    };
    println!("cargo::rustc-env=DESK_COMMIT={commit}");
}

fn git(arguments: &[&str]) -> Option<String> {
    let out = Command::new("git").args(arguments).output().ok().filter(|out| out.status.success())?;
    let said = String::from_utf8(out.stdout).ok()?.trim().to_owned();
    (!said.is_empty()).then_some(said)
}

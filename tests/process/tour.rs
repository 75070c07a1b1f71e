//! The tour is what the README shows, and is true.

use crate::{run, text};

#[test]
fn the_tour_is_answered_as_it_is_written() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("tour");
    let out = run(&["play", "--script", "docs/tour.md", "--fresh", "--state", folder.to_str().unwrap()]);
    assert!(out.status.success(), "{}{}", text(&out.stdout), text(&out.stderr));
}

#[test]
fn the_page_about_approvals_is_answered_as_it_is_written() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("approvals");
    let script =
        ["play", "--script", "docs/approvals.md", "--config", "docs/approvals.toml", "--fresh", "--state"];
    let out = run(&[&script[..], &[folder.to_str().unwrap()]].concat());
    assert!(out.status.success(), "{}{}", text(&out.stdout), text(&out.stderr));
}

#[test]
fn a_transcript_that_is_answered_otherwise_fails_and_says_where() {
    let state = tempfile::tempdir().unwrap();
    let script = state.path().join("wrong.md");
    std::fs::write(&script, "```desk\nhelpdesk> /desk whoami\nNobody you know.\n```\n").unwrap();
    let folder = state.path().join("world");
    let out = run(&["play", "--script", script.to_str().unwrap(), "--state", folder.to_str().unwrap()]);
    assert!(!out.status.success());
    let said = text(&out.stderr);
    assert!(said.contains("wrong.md:2") && said.contains("- Nobody you know."), "{said}");
}

//! What the documentation shows of a desk is typed into one line by line, so every answer in it is the desk's own.

use crate::{run, text};

fn replayed(script: &str, more: &[&str]) -> std::process::Output {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    run(&[&["play", "--script", script, "--fresh", "--state", state.to_str().unwrap()], more].concat())
}

fn is_answered_as_it_is_written(script: &str, more: &[&str]) {
    let out = replayed(script, more);
    assert!(out.status.success(), "{script}: {}{}", text(&out.stdout), text(&out.stderr));
}

#[test]
fn the_tour_is_answered_as_it_is_written() {
    is_answered_as_it_is_written("docs/tour.md", &[]);
}

#[test]
fn the_night_is_answered_as_it_is_written_and_takes_fewer_than_ten_lines() {
    is_answered_as_it_is_written("docs/night.md", &[]);
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/night.md")).unwrap();
    let (_, night) = page.split_once("## 3:07 a.m.").expect("the night begins there");
    let typed = connect_desk::console::typed(night);
    let typed: Vec<&str> =
        typed.iter().map(|(_, line)| line.as_str()).filter(|line| !line.is_empty()).collect();
    assert!((5..10).contains(&typed.len()), "{typed:?}");
    for line in typed {
        assert!(!line.contains(['"', '/', '#']), "no one types that at night: {line}");
    }
    assert!(!night.contains("No user") && !night.contains("/desk help"), "something was not understood");
}

#[test]
fn the_training_is_answered_as_it_is_written() {
    is_answered_as_it_is_written("docs/training.md", &[]);
}

#[test]
fn the_page_about_approvals_is_answered_as_it_is_written() {
    is_answered_as_it_is_written("docs/approvals.md", &["--config", "docs/approvals.toml"]);
}

#[test]
fn the_page_about_agents_is_answered_as_it_is_written() {
    is_answered_as_it_is_written("docs/agents.md", &[]);
}

#[test]
fn the_page_about_routing_is_answered_as_it_is_written() {
    is_answered_as_it_is_written("docs/routing.md", &[]);
}

#[test]
fn the_chapter_about_salesforce_is_answered_as_it_is_written() {
    is_answered_as_it_is_written("docs/salesforce-tour.md", &[]);
}

#[test]
fn the_page_about_teams_is_answered_as_it_is_written() {
    is_answered_as_it_is_written("docs/teams.md", &[]);
}

#[test]
fn a_transcript_that_is_answered_otherwise_fails_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("wrong.md");
    std::fs::write(&script, "```desk\nhelpdesk> /desk whoami\nNo one you know.\n```\n").unwrap();
    let out = replayed(script.to_str().unwrap(), &[]);
    let said = text(&out.stderr);
    assert!(
        !out.status.success() && said.contains("wrong.md:2") && said.contains("- No one you know."),
        "{said}"
    );
}

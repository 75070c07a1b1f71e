//! Whatever bytes come in as lines, each is answered and the next one is read.

use std::io::Write as _;
use std::process::Stdio;

use crate::{finish, play, text, types};

#[test]
fn a_line_that_is_no_text_or_too_long_is_answered_and_play_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = play(folder.path(), &["--unthrottled"]);
    let mut lines: Vec<u8> = b"/connect show j\xf6hn.doe\n".to_vec();
    lines.extend(b"\xff\xfe\x00\n");
    lines.extend(b"/connect show \xc3");
    lines.extend(b"\n/connect show ");
    lines.extend(vec![b'x'; 3_000_000]);
    lines.extend(b"\r\n\n/desk whoami\r\n/desk deny ");
    lines.extend(vec![b'"'; 100_000]);
    lines.extend(b"\n/connect show jane.doe");
    let mut stdin = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || stdin.write_all(&lines).unwrap());
    let seen = finish(child);
    writing.join().unwrap();
    assert_eq!(seen.matches("isn't UTF-8 text").count(), 3, "{seen}");
    assert_eq!(seen.matches("has more than").count(), 2, "{seen}");
    assert!(seen.contains("You are helpdesk"), "the lines between are heard: {seen}");
    assert!(seen.contains("jane.doe@example.com"), "the last line is heard, also without an end: {seen}");
    assert!(seen.len() < 200_000, "what is too long is not repeated: {} bytes", seen.len());
}

#[test]
fn the_exit_status_says_whether_a_piped_line_was_refused_and_comments_are_none() {
    for (lines, code) in [
        ("# who is there\n  # and jane\n/connect show jane.doe\npeople\n", 0),
        ("/connect show no.such.user\n/connect show jane.doe\n", 1),
        ("as no.one\n/connect show jane.doe\n", 1),
        ("/connect show j\u{f6}hn.doe\n", 1),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = play(folder.path(), &["--unthrottled"]);
        types(&mut child, lines);
        drop(child.stdin.take());
        let out = child.wait_with_output().unwrap();
        let seen = text(&out.stdout);
        assert_eq!(out.status.code(), Some(code), "{lines}{seen}{}", text(&out.stderr));
        assert!(!seen.contains("# who"), "{seen}");
    }
}

#[test]
fn a_locale_without_utf8_gets_cards_in_ascii_whose_edges_stay_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_connect-desk"))
        .args(["play", "--state", "state", "--unthrottled"])
        .current_dir(folder.path())
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    types(&mut child, "/connect find doe\n/connect reset john.doe method:recreate\n/desk details 1\n");
    drop(child.stdin.take());
    let seen = text(&child.wait_with_output().unwrap().stdout);
    assert!(seen.is_ascii(), "{seen}");
    let mut widths: Vec<usize> =
        seen.lines().filter(|line| line.starts_with(['|', '+'])).map(str::len).collect();
    widths.dedup();
    assert_eq!(widths, [80], "{seen}");
}

/// A site's own rules are practiced without its secrets: no token, no key and no password is there.
#[test]
fn a_configuration_of_production_is_practiced_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let config = crate::root().join("config.example.toml");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_connect-desk"))
        .args(["play", "--state", "state", "--unthrottled", "--config"])
        .arg(&config)
        .current_dir(folder.path())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    types(&mut child, "people\n/desk whoami\n");
    drop(child.stdin.take());
    let out = child.wait_with_output().unwrap();
    let (seen, errors) = (text(&out.stdout), text(&out.stderr));
    assert!(out.status.success(), "{seen}{errors}");
    assert!(seen.contains("admin") && seen.contains("You are"), "{seen}{errors}");
}

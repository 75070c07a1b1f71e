//! A log that was altered behind the desk's back: the desk starts, names the line, answers questions and changes nothing.

use std::process::{Command, Stdio};

use crate::{binary, played, run, text};

#[test]
fn an_altered_line_is_named_and_nothing_changes_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let state_arg = state.to_str().unwrap();
    played(
        folder.path(),
        "/connect reset john.doe method:recreate\n/desk confirm 1\n/connect show jane.doe\n",
    );
    let world = std::fs::read(state.join("world.json")).unwrap();
    let log = state.join("desk/log.jsonl");
    let changed =
        std::fs::read_to_string(&log).unwrap().replacen("\"event\":\"planned\"", "\"event\":\"Planned\"", 1);
    std::fs::write(&log, changed).unwrap();

    let verified = run(&["log", "verify", "--state", state_arg]);
    assert!(!verified.status.success());
    assert!(text(&verified.stdout).to_lowercase().contains("line 3"), "{}", text(&verified.stdout));

    let seen = played(
        folder.path(),
        "/connect show jane.doe\n@supervisor /desk approve 1\n/connect reset jane.doe\n",
    );
    assert!(seen.contains("Safe mode: nothing can be changed"), "{seen}");
    assert!(seen.to_lowercase().contains("line 3"), "the line is named: {seen}");
    assert!(seen.contains("jane.doe@example.com"), "a question is answered: {seen}");
    assert!(
        !seen.contains("· completed") && !seen.contains("#2"),
        "nothing is carried out or accepted: {seen}"
    );
    let writes = |world: &[u8]| text(world).matches("\"login\"").count();
    assert_eq!(
        writes(&std::fs::read(state.join("world.json")).unwrap()),
        writes(&world),
        "the contact center is as it was"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    played(folder.path(), "/connect show jane.doe\n");
    let state = state.to_str().unwrap();
    for args in [
        ["log", "show", "--state", state, "--json"].as_slice(),
        &["log", "show", "--state", state],
        &["log", "verify", "--state", state],
    ] {
        // As `| head` does, only sooner.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let out = Command::new(binary()).args(args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert!(out.status.success() && out.stderr.is_empty(), "{args:?}: {}", text(&out.stderr));
    }
}

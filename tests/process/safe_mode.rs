//! A log that was altered behind the desk's back: the desk starts, names the line, answers questions and changes nothing.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::{binary, played, run, start, text};

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

/// A child that is ended when the test is over.
pub struct Ended(pub Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The first line that the desk prints, or else why it doesn't start.
fn started(config: &Path) -> Result<String, String> {
    let mut desk = Command::new(binary())
        .args(["run", "--config", config.to_str().unwrap()])
        .envs([("AWS_ACCESS_KEY_ID", "practice"), ("AWS_SECRET_ACCESS_KEY", "practice")])
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let first = BufReader::new(desk.stdout.take().unwrap()).lines().next();
    if first.is_some() {
        let ends = format!("kill -TERM {}", desk.id());
        assert!(Command::new("sh").args(["-c", &ends]).status().unwrap().success());
    }
    let out = desk.wait_with_output().unwrap();
    assert!(first.is_some() || out.status.code() == Some(1), "{}", text(&out.stderr));
    first.map(Result::unwrap).ok_or_else(|| text(&out.stderr))
}

#[test]
fn what_stops_a_start_and_what_is_safe_mode_is_in_the_docs_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut sim = Ended(start(folder.path(), &["sim", "--listen", "127.0.0.1:0"]));
    let said = BufReader::new(sim.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let (endpoint, instance) =
        said.trim_end_matches('.').split_once(" is at ").unwrap().1.split_once(", instance ").unwrap();
    let config = path("etc/config.toml");
    let args = ["init", "--non-interactive", "--platform", "none", "--region", "us-east-1"];
    let (etc, state) = (path("etc"), path("state"));
    let args = [&args[..], &["--dir", etc.to_str().unwrap(), "--state", state.to_str().unwrap()]].concat();
    let args = [&args[..], &["--email-domain", "a.example", "--monitoring", "127.0.0.1:0"]].concat();
    let out = run(&[&args[..], &["--endpoint", endpoint, "--instance-id", instance]].concat());
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert_eq!(started(&config).unwrap(), "Ready. Press Ctrl-C to stop.");
    // Another log, with the keys of another.
    std::fs::create_dir(path("other")).unwrap();
    played(&path("other"), "/desk whoami\n");

    let docs = std::fs::read_to_string(crate::root().join("docs/log.md")).unwrap();
    let sound = std::fs::read_to_string(&config).unwrap();
    let script = |line: &str| {
        assert!(Command::new("sh").args(["-euc", line]).current_dir(path("")).status().unwrap().success());
    };
    // What the folder has is in the docs as well.
    assert!(
        run(&["backup", path("a.tar").to_str().unwrap(), "--state", state.to_str().unwrap()])
            .status
            .success()
    );
    for entry in std::fs::read_dir(&state).unwrap() {
        let entry = entry.unwrap();
        let named = format!("\n| `{}", entry.file_name().to_str().unwrap());
        assert!(docs.contains(&named), "docs/log.md doesn't have {named:?}");
    }
    script("cp -a state sound");
    const SAFE: &str = "### The desk is in safe mode";
    const STOPS: &str = "### The desk doesn't start";
    for (damage, section, message) in table! {
        ("sed -i s/opened/Opened/ state/log.jsonl", SAFE, "The approval log was changed or damaged: "),
        ("rm state/head", SAFE, "The file `head` is missing"),
        ("rm state/log.jsonl", STOPS, " is missing, but "),
        ("rm state/log.key", STOPS, "There is a log, but its key "),
        ("cp other/state/desk/log.key state", STOPS, "The log's private key doesn't match its public key "),
        ("head -c 40 /dev/zero >state/log.key", STOPS, " is not a key, or it was changed."),
        ("head -c 40 /dev/zero >state/seal.key", STOPS, " is not a key, or it was changed."),
        ("chmod 660 state/log.key", STOPS, "Other accounts on this host can write "),
        ("rm state/log.jsonl; mkdir state/log.jsonl", STOPS, "The bot can't read "),
        ("sed -i 's/^# name = \"connect-desk\"/name = \"other\"/' etc/config.toml", STOPS, "This log is named "),
    } {
        script(damage);
        let seen = started(&config);
        let said = match section {
            SAFE => seen.expect(damage),
            _ => seen.expect_err(damage),
        };
        assert!(said.contains(message), "{damage}: {said}");
        assert_eq!(
            said.starts_with("Safe mode: ") && !said.contains("keeps trying"),
            section == SAFE,
            "{said}"
        );
        let (_, below) = docs.split_once(section).unwrap();
        let table = below.split("\n### ").next().unwrap();
        assert!(table.contains(message), "docs/log.md doesn't have {message:?} below {section:?}");
        std::fs::write(&config, &sound).unwrap();
        script("rm -rf state; cp -a sound state");
    }
    // Amazon Connect doesn't answer: that passes by itself.
    drop(sim);
    let said = started(&config).unwrap();
    assert!(said.starts_with("Not ready yet: ") && said.contains("The desk keeps trying."), "{said}");
}

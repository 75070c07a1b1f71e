//! What only looks changes nothing in a state folder, and neither does what fails; also as root, where the folder is another account's.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::safe_mode::Ended;
use crate::{binary, played, run, start, text};

/// The account of the desk, where these tests are root's.
const DESK: u32 = 12_345;

/// Everything in a folder: whose it is, who may do what, and what is in it.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (u32, u32, Vec<u8>)> {
    let metadata = std::fs::symlink_metadata(folder).unwrap();
    let content = if metadata.is_file() { std::fs::read(folder).unwrap() } else { Vec::new() };
    let mut all = BTreeMap::from([(folder.to_owned(), (metadata.uid(), metadata.mode(), content))]);
    if metadata.is_dir() {
        for entry in std::fs::read_dir(folder).unwrap() {
            all.extend(everything(&entry.unwrap().path()));
        }
    }
    all
}

/// Runs the program with credentials for the practice contact center, and asks nothing beyond this machine.
fn look(args: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(args).env_clear().env("AWS_EC2_METADATA_DISABLED", "true").stdin(Stdio::null());
    command
        .envs([("AWS_ACCESS_KEY_ID", "AKIAPRACTICE"), ("AWS_SECRET_ACCESS_KEY", "practice")])
        .output()
        .unwrap()
}

#[test]
fn what_only_looks_and_what_fails_changes_nothing_in_a_state_folder() {
    let (desk, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let of = |name: &str| desk.path().join(name).to_str().unwrap().to_owned();
    let mine = |name: &str| own.path().join(name).to_str().unwrap().to_owned();
    // Another log.
    played(own.path(), "/desk whoami\n");
    assert!(run(&["backup", &mine("other.tar"), "--state", &mine("state")]).status.success());
    std::fs::write(mine("junk.tar"), "junk").unwrap();
    // A folder in which a desk ran, one in which none began yet, one with a link in the place of the lock, and one that isn't there.
    played(desk.path(), "/connect edit john.doe acw:7m\n/desk confirm 1\n");
    std::fs::create_dir(of("new")).unwrap();
    std::fs::create_dir(of("trap")).unwrap();
    std::os::unix::fs::symlink(mine("elsewhere"), of("trap/lock")).unwrap();
    let set = |name: &str, mode| {
        std::fs::set_permissions(of(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set("new", 0o750);
    // The desk makes this private when it starts.
    set("state/desk/log.jsonl", 0o640);
    let given = Command::new("chown").args(["-R", "12345:12345", desk.path().to_str().unwrap()]).output();
    let uid = if given.unwrap().status.success() { DESK } else { everything(desk.path())[desk.path()].0 };

    let mut sim = Ended(start(own.path(), &["sim", "--listen", "127.0.0.1:0"]));
    let said = BufReader::new(sim.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let (endpoint, instance) =
        said.trim_end_matches('.').split_once(" is at ").unwrap().1.split_once(", instance ").unwrap();
    let before = everything(desk.path());
    for state in ["state/desk", "new", "trap", "nowhere/desk"].map(of) {
        let etc = mine(&state.replace('/', "-"));
        let init =
            ["init", "--non-interactive", "--platform", "none", "--region", "us-east-1", "--dir", &etc];
        let init = [&init[..], &["--state", &state, "--email-domain", "a.example"]].concat();
        let out = look(&[&init[..], &["--endpoint", endpoint, "--instance-id", instance]].concat());
        assert!(out.status.success(), "{}", text(&out.stderr));
        let config = format!("{etc}/config.toml");
        let ran = state.ends_with("state/desk");
        // What is said of the first and of the others; nothing where it is the same.
        for (line, said) in [
            ("check --config CONFIG", ["is valid"; 2]),
            ("check --online --config CONFIG", ["Users sign in with passwords that Amazon Connect keeps"; 2]),
            ("doctor --config CONFIG", ["Writing a log line", "MB are free"]),
            ("iam --config CONFIG", ["connect:DeleteUser"; 2]),
            ("invite --config CONFIG", ["has no chat platform"; 2]),
            ("policy check --config CONFIG", [""; 2]),
            ("policy coverage --config CONFIG", [""; 2]),
            ("policy explain l1 connect reset --config CONFIG", ["connect reset"; 2]),
            ("policy test --replay 30d --config CONFIG", ["", "There is no log"]),
            ("log show --state STATE", ["acw:420", "There is no log"]),
            ("log verify --state STATE", ["", "There is no log"]),
            ("log salvage STATE OWN/salvaged", ["whole line", "There is no log"]),
            ("log salvage STATE STATE/salvaged", ["is in the damaged folder", ""]),
            ("reload --config CONFIG", ["No desk runs in"; 2]),
            ("health --address 127.0.0.1:1", [""; 2]),
            ("backup OWN/nowhere/a.tar --state STATE", ["can't be written", "There is no log"]),
            ("restore OWN/nowhere.tar --config CONFIG", ["can't be read"; 2]),
            ("restore OWN/junk.tar --config CONFIG", ["isn't a complete backup"; 2]),
            ("restore OWN/junk.tar --state STATE/below/it", ["isn't a complete backup"; 2]),
        ] {
            let line = line.replace("CONFIG", &config).replace("STATE", &state).replace("OWN", &mine(""));
            let out = look(&line.split(' ').collect::<Vec<_>>());
            let all = format!("{}{}", text(&out.stdout), text(&out.stderr));
            assert!(all.contains(said[usize::from(!ran)]), "{line}: {all}");
            let after = everything(desk.path());
            let changed = after.iter().filter(|(path, it)| before.get(*path) != Some(it));
            assert!(after == before, "{line}: {:?}", changed.map(|(path, _)| path).collect::<Vec<_>>());
        }
    }
    let out = run(&["restore", &mine("other.tar"), "--state", &of("state")]);
    assert!(!out.status.success() && text(&out.stderr).contains("a different log"), "{}", text(&out.stderr));
    let out = run(&["restore", &mine("other.tar"), "--state", &of("trap")]);
    assert!(!out.status.success() && text(&out.stderr).contains("trap/lock"), "{}", text(&out.stderr));
    assert!(everything(desk.path()) == before && !Path::new(&mine("elsewhere")).exists());
    // What succeeds makes everything for the account that has the folder.
    assert!(run(&["backup", &mine("a.tar"), "--state", &of("state")]).status.success());
    assert!(run(&["restore", &mine("other.tar"), "--state", &of("new")]).status.success());
    let after = everything(desk.path());
    assert!(
        ["new/log.jsonl", "new.before-restore-1/lock", "state/desk/last-backup"]
            .map(|name| desk.path().join(name))
            .iter()
            .all(|path| after.contains_key(path))
    );
    assert!(
        after.values().all(|(of, _, _)| *of == uid),
        "{:?}",
        after.iter().filter(|it| it.1.0 != uid).map(|it| it.0)
    );
}

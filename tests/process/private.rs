//! What other accounts of the host see of a desk: no secret in its environment, no dump of its memory, none of its files.

use std::io::{BufRead as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use connect_desk::config;

use crate::{binary, run, text};

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Everything below a folder, and the folder itself.
fn everything(folder: &Path, seen: &mut Vec<std::path::PathBuf>) {
    seen.push(folder.to_owned());
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder).unwrap() {
            everything(&entry.unwrap().path(), seen);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_running_desk_shows_others_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    // A folder of before, as a careless umask made it.
    assert!(run(&["play", "--state", state.to_str().unwrap()]).status.success());
    let mut before = Vec::new();
    everything(&state, &mut before);
    before.iter().for_each(|path| set_mode(path, if path.is_dir() { 0o755 } else { 0o644 }));

    let secrets: Vec<(String, String)> = config::variables()
        .iter()
        .map(|name| (name.to_string(), format!("no one sees what is in {name}")))
        .collect();
    let mut desk = Command::new(binary())
        .args(["play", "--state", state.to_str().unwrap()])
        .envs(secrets.iter().map(|(name, secret)| (name, secret)))
        .env("AWS_ACCESS_KEY_ID", "AKIAPRACTICE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(desk.stdin.as_mut().unwrap(), "/connect reset john.doe method:recreate").unwrap();
    let mut out = std::io::BufReader::new(desk.stdout.take().unwrap()).lines();
    assert!(out.any(|line| line.unwrap().contains("· needs")), "it answers");

    let of_it = |name: &str| std::fs::read(format!("/proc/{}/{name}", desk.id()));
    // Anyone who is not root can't even open it.
    if let Ok(environment) = of_it("environ") {
        let environment = text(&environment);
        assert!(environment.contains("AKIAPRACTICE"), "{environment}");
        for (name, secret) in &secrets {
            assert!(
                !environment.contains(secret) && !environment.contains(name),
                "{name} is there: {environment}"
            );
        }
    }
    let limits = text(&of_it("limits").unwrap());
    let cores = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(cores.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{cores}");
    let status = text(&of_it("status").unwrap());
    assert!(status.lines().any(|line| line == "Name:\tconnect-desk"), "{status}");

    drop(desk.stdin.take());
    assert!(desk.wait().unwrap().success());
    let mut after = Vec::new();
    everything(&state, &mut after);
    let open: Vec<_> = after.iter().filter(|path| mode(path) & 0o077 != 0).collect();
    assert!(open.is_empty(), "others can read {open:?}");
}

#[test]
fn a_check_names_what_others_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let (state, token, password) =
        (folder.path().join("state"), folder.path().join("token"), folder.path().join("password"));
    std::fs::create_dir(&state).unwrap();
    std::fs::write(&token, "secret").unwrap();
    std::fs::write(&password, "secret").unwrap();
    let config = crate::operate::configured(folder.path());
    // For a service the configuration would have to be shared with its account.
    std::fs::remove_file(config.with_file_name("connect-desk.service")).unwrap();
    let example = std::fs::read_to_string(&config).unwrap();
    let smtp = format!(
        "[email]\nfrom = \"help@example.org\"\n[email.smtp]\nhost = \"smtp.desk.example\"\nusername = \"desk\"\npassword_file = {password:?}\n"
    );
    std::fs::write(&config, format!("{example}\n{smtp}")).unwrap();
    let check = || {
        let out = run(&["check", "--config", config.to_str().unwrap()]);
        (out.status.success(), text(&out.stdout) + &text(&out.stderr))
    };
    for (folder, secret, is_sound, message) in [
        (0o700, 0o600, true, "no failures, no warnings"),
        (0o755, 0o600, true, "Other accounts can read"),
        (0o777, 0o600, false, "Everyone on this host can change"),
        (0o700, 0o644, false, "Other accounts can read the secret in"),
        (0o700, 0o640, false, "Other accounts can read the secret in"),
    ] {
        set_mode(&state, folder);
        set_mode(&token, secret);
        set_mode(&password, secret);
        let (sound, said) = check();
        assert_eq!(sound, is_sound, "{folder:o} {secret:o}: {said}");
        assert!(said.contains(message), "{folder:o} {secret:o}: {said}");
        assert_eq!(
            said.matches("the secret in").count(),
            if is_sound || folder == 0o777 { 0 } else { 2 },
            "{said}"
        );
        assert_eq!(mode(&state), folder, "a check changes nothing");
    }
}

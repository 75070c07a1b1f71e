//! What the program says when it cannot start: one sentence with the next step, a status that is not 0, nothing changed.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::{binary, run, text};

/// It failed, and said this on one line or a few, ending in a sentence.
fn refused(args: &[&str], message: &str) {
    let out = run(args);
    let said = text(&out.stderr);
    assert!(!out.status.success(), "{args:?} succeeded");
    assert!(said.contains(message), "{args:?} says: {said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&["sim", "--listen", &address], "in use");
    refused(&["sim", "--listen", "192.0.2.1:4510"], "can be reached from other machines");
}

#[test]
fn a_wrong_seed_and_a_wrong_rate_are_named() {
    refused(&["sim", "--seed", "gide"], "guide");
    refused(&["sim", "--seed", "users=many"], "users=N");
    refused(&["sim", "--rate", "0"], "rate of 0");
}

#[test]
fn a_state_folder_that_cannot_be_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    refused(&["play", "--state", file.to_str().unwrap()], "state folder");
    refused(&["log", "verify", "--state", folder.path().join("nowhere").to_str().unwrap()], "nowhere");
    let other = folder.path().join("home");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("letters.txt"), "dear").unwrap();
    refused(&["play", "--fresh", "--state", other.to_str().unwrap()], "letters.txt");
    assert_eq!(std::fs::read_to_string(other.join("letters.txt")).unwrap(), "dear");
}

#[test]
fn only_a_practice_desk_that_no_one_has_open_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let fresh = ["play", "--fresh", "--state", state.to_str().unwrap()];
    let mut desk = crate::play(folder.path(), &["--unthrottled"]);
    crate::types(&mut desk, "/desk whoami\n");
    use std::io::BufRead as _;
    let mut screen = std::io::BufReader::new(desk.stdout.take().unwrap()).lines();
    assert!(screen.any(|line| line.unwrap().contains("You are")));
    refused(&fresh, "Another process has");
    drop(desk.stdin.take());
    for _ in screen {}
    assert!(desk.wait().unwrap().success());
    // What is left is like the folder of a real log, beside which nothing is for practice.
    std::fs::rename(state.join("world.json"), folder.path().join("world.json")).unwrap();
    refused(&fresh, "it has no world.json");
    assert!(state.join("desk/log.jsonl").exists());
    std::fs::rename(folder.path().join("world.json"), state.join("world.json")).unwrap();
    let log = std::fs::read(state.join("desk/log.jsonl")).unwrap();
    assert!(run(&fresh).status.success());
    assert_ne!(std::fs::read(state.join("desk/log.jsonl")).unwrap(), log);
}

#[test]
fn a_value_of_a_wrong_kind_is_named_in_the_words_of_the_file() {
    let practice = std::fs::read_to_string(crate::root().join("src/bot/practice.toml")).unwrap();
    let said = |keys: &str| {
        let text = format!("{practice}\n[[rule]]\nname = \"x\"\nroles = [\"l1\"]\n{keys}\n");
        let path = std::path::Path::new("desk.toml");
        let said = connect_desk::config::parse(path, &text, &desk_commands::all()).unwrap_err().to_string();
        let line = text.lines().position(|line| line == keys).unwrap() + 1;
        said.strip_prefix(&format!("desk.toml, line {line}: ")).unwrap_or(&said).to_owned()
    };
    const EMPTY: &str = "An empty value here would match everything. Add to it, or remove it.";
    for (keys, message) in [
        ("approvals = 300", "The value is integer `300`. Use a whole number from 0 to 255."),
        ("approvals = \"1\"", "The value is string \"1\". Use a whole number from 0 to 255."),
        ("commands = \"connect reset\"", "Use a list in brackets, such as `[\"…\"]`."),
        ("reason = 5", "The value is of a wrong kind. Compare it with config.example.toml."),
        ("risk = []", EMPTY),
        ("hours = []", EMPTY),
        ("channels = []", EMPTY),
        ("commands = []", EMPTY),
        ("touches = {}", EMPTY),
        ("touches = { logins = [] }", EMPTY),
    ] {
        assert!(said(keys).ends_with(message), "{keys}: {}", said(keys));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("desk.toml");
    std::fs::write(&path, [b"# caf\xe9\n", practice.as_bytes()].concat()).unwrap();
    refused(&["play", "--config", path.to_str().unwrap()], "isn't UTF-8 text. Save it as UTF-8.");
}

#[test]
fn what_a_start_repaired_is_no_safe_mode() {
    let folder = tempfile::tempdir().unwrap();
    crate::played(folder.path(), "/desk whoami\n");
    std::fs::remove_file(folder.path().join("state/desk/checkpoint")).unwrap();
    let screen = crate::played(folder.path(), "/desk status\n");
    assert!(screen.contains("Found at the start") && screen.contains("`checkpoint` was missing"), "{screen}");
    assert!(!screen.contains("Safe mode"), "{screen}");
}

#[test]
fn a_folder_that_another_desk_has_open_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let mut first = Command::new(binary())
        .args(["play", "--state", state.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It answers a line, so it has the folder.
    use std::io::{BufRead as _, Write as _};
    writeln!(first.stdin.as_mut().unwrap(), "/desk whoami").unwrap();
    let mut out = std::io::BufReader::new(first.stdout.take().unwrap()).lines();
    assert!(out.any(|line| line.unwrap().contains("You are")));
    refused(&["play", "--state", state.to_str().unwrap()], "Another process has");
    // Reading disturbs no one, and needs no folder for itself.
    for reads in [&["log", "verify"][..], &["log", "show"], &["policy", "test", "--replay", "30d"]] {
        let out = run(&[reads, &["--state", state.to_str().unwrap()]].concat());
        assert!(out.status.success(), "{reads:?}: {}{}", text(&out.stdout), text(&out.stderr));
    }
    drop(first.stdin.take());
    assert!(first.wait().unwrap().success());
}

#[test]
fn a_configuration_is_checked_without_starting_anything() {
    let folder = tempfile::tempdir().unwrap();
    let config = crate::operate::configured(folder.path());
    let out = run(&["check", "--config", config.to_str().unwrap()]);
    assert!(out.status.success(), "{}", text(&out.stdout));
    let out = run(&["check", "--config", "no-such.toml"]);
    assert!(!out.status.success() && text(&out.stdout).contains("can't be read"), "{}", text(&out.stdout));
}

/// A line of the example, replaced, and what is said then; the line is named.
#[test]
fn every_mistake_in_a_configuration_is_named_with_its_line() {
    let example = std::fs::read_to_string(crate::root().join("config.example.toml")).unwrap();
    let table = table! {
        ("region = \"us-east-1\"", "region = \"us-east-1\"\ncolor = \"blue\"", "no key `color` here. Use"),
        ("region = \"us-east-1\"", "region = \"us-east-1\"\nsecret_access_key = \"x\"", "no key `secret_access_key` here"),
        ("[state]", "[statt]", "There is no section [statt]. Did you mean `state`?"),
        ("[contact_center]", "# [contact_center]", ""),
        ("id = \"console:1001\"", "id = \"helpdesk\"", "is not an account; use"),
        ("id = \"console:1001\"", "id = \"console:helpdesk\"", "is not a console user id such as"),
        ("roles = [\"auditor\"]", "roles = [\"auditer\"]", "Did you mean `auditor`?"),
        ("id = \"console:1002\"", "id = \"console:1001\"", "is listed twice"),
        ("id = \"console:1002\"", "id = \"console:1002\"\nalso = [\"discord:1\", \"console:7\"]", "has two console accounts: `console:1002` and `console:7`"),
        ("[\"1000000000000000003\"]", "[\"1000000000000000003\", \"1000000000000000003\"]", "is listed twice"),
        ("12345678-1234-1234-1234-123456789012", "our-contact-center", "looks like a name"),
        ("# endpoint = \"http://127.0.0.1:4510\"", "endpoint = \"http://192.0.2.7:4510\"", "would send credentials unencrypted"),
        ("# directory = \"d-9067012345\"", "directory = \"corp.example.com\"", "is not a directory id. Use"),
        ("# directory = \"d-9067012345\"", "directory = \"d-9067O12345\"", "is not a directory id. Use"),
        ("# directory_endpoint = \"http://127.0.0.1:4510\"", "directory_endpoint = \"http://192.0.2.7:4510\"", "would send credentials unencrypted"),
        ("commands = [\"desk help\"", "commands = [\"desk hepl\"", "Did you mean `desk help`?"),
        ("risk = [\"read\"]", "risk = [\"red\"]", "no value `red` here. Did you mean `read`?"),
        ("approvers = [\"supervisor\", \"admin\"]", "", "needs approvals but has no approvers. Add"),
        ("# confirm = true", "retype = true", "has `retype` but needs no approvals. Add"),
        ("# confirm = true", "confirm = false\nsecond_factor = true", "has `second_factor` but needs no approvals. Add"),
        ("[\"example.org\"]", "[\"@example.org\"]", "`@example.org` is not an email domain"),
        ("[\"example.org\"]", "[\"example\"]", "is not an email domain"),
        ("# rate = 2.0", "rate = 0.0", "A rate of 0"),
        ("# expire_hours = 24", "expire_hours = 0", "from 1 to 720"),
        ("# name = \"connect-desk\"", "name = \"our desk\"", "is not a valid log name. Use"),
        ("\"1000000000000000001\"", "\"connect-desk\"", "is not the id of an application"),
        ("\"1000000000000000002\"", "\"Help desk\"", "is not the id of a server"),
        ("[\"1000000000000000003\"]", "[\"#desk\"]", "is not the id of a channel"),
        ("[\"1000000000000000003\"]", "[]", "No channels are set."),
        ("[\"1000000000000000012\"]", "[\"1000000000000000011\"]", "is mapped twice"),
        ("[\"1000000000000000012\"]", "[\"@supervisors\"]", "is not the id of a role"),
        ("[\"1000000000000000012\"]", "[\"1000000000000000002\"]", "is the server itself"),
        ("l1 = [", "helpdesk = [", "is not a role"),
        ("# mode = \"gateway\"", "mode = \"socket\"", "no value `socket` here"),
        ("# mode = \"gateway\"", "mode = \"http\"", "needs `listen`"),
        ("# api = \"http://127.0.0.1:4520\"", "api = \"http://192.0.2.7:4520\"", "is not on this machine"),
        ("# gateway = \"ws://127.0.0.1:4521\"", "gateway = \"wss://gateway.discord.gg\"", "is not on this machine"),
        ("from = \"Contact center", "# from = \"Contact center", "Email needs a sender"),
        ("helpdesk@example.org>\"", "helpdesk>\"", "is not an email address"),
        ("helpdesk@example.org>\"", "helpdesk@ex_ample.größe>\"", "is not an email address"),
        ("# cc = \"helpdesk-copies@", "cc = \"helpdesk copies@", "is not an email address"),
        ("organization = \"Example Health\"", "organization = \"a\\nBcc: b\"", "is not one line"),
        ("# login_url = \"https:", "login_url = \"http:", "begins with https://"),
        ("# by = \"smtp\"", "by = \"ses\"", "The section that `by` under [email] names is missing. Add"),
        ("# by = \"smtp\"", "by = \"post\"", "no value `post` here"),
        ("\"smtp.example.org\"", "\"smtp.example.org:587\"", "without a port"),
        ("# tls = \"starttls\"", "tls = \"none\"", "be sent unencrypted. Set"),
        ("# port = 587", "port = 0", "Port 0 is invalid. Use"),
        ("# [email.templates]\n# credentials", "[email.templates]\ncredentials", "can't be read"),
        ("# [email.ses]", "[email.ses]\nregion = \"us-east-1\"", "[email.ses] are set. Choose one"),
        ("# login = \"{first}.{last}\"", "login = \"agent\"", "doesn't contain the user's name"),
        ("\"https://example.my.salesforce.com\"", "\"http://example.my.salesforce.com\"", "unencrypted"),
        ("\"https://example.my.salesforce.com\"", "\"https://example.org/setup?x\"", "is not the address of an org"),
        ("\"https://example.my.salesforce.com\"", "\"example\"", "is not the address of an org"),
        ("client_id = \"3MVG9...\"", "client_id = \"my app\"", "is not a consumer key"),
        ("username = \"connect.desk@example.org\"", "", "needs `username`"),
        ("# sign_in = \"jwt\"", "sign_in = \"password\"", "no value `password` here"),
        ("login_url = \"https://example.my.salesforce.com\"", "login_url = \"https://login.salesforce.com\"\nsign_in = \"client_credentials\"", "only at your My Domain"),
        ("username = \"connect.desk@example.org\"", "username = \" \"", "needs `username`"),
        ("\"https://example.my.salesforce.com\"", "\"https://example.lightning.force.com\"", "where the browser shows the org"),
        ("\"https://example.my.salesforce.com\"", "\"https://example.my.salesforce-setup.com/\"", "where the browser shows the org"),
        ("# audience = \"https://login", "audience = \"http://login", "is not a valid audience"),
        ("# api_version = 67", "api_version = 6", "can't use version 6"),
        ("# call_center = \"ACLightningAdapter\"", "call_center = \"AC Lightning Adapter\"", "internal name"),
        ("field = \"username\"", "field = \"name\"", "no value `name` here"),
        ("value = \"{login}@example.org\"", "value = \"john\"", "doesn't contain a value of the agent"),
        ("value = \"{login}@example.org\"", "value = \"{login}{x}\"", "doesn't contain a value of the agent"),
        ("# rate = 5.0", "rate = 0.0", "A rate of 0"),
        ("# acw = 300", "acw = 2000001", "at most 2000000 seconds"),
        ("# logins = [\"mary.major\"]", "logins = [\"Mary Major\"]", "contains a blank"),
        ("# hours = [\"Mon-Fri", "hours = [\"Mon-Fry", "isn't a day"),
        ("# [[oncall]]\n# person = \"console:1003\"\n# hours", "[[oncall]]\nperson = \"console:1001\"\nhours", "doesn't have the role `oncall`"),
        ("second_factor = true\n", "", "allows someone to act alone"),
        ("[contact_center]", "[[contact_center]]", "[contact_center] is one section. Write it once"),
        ("[discord]", "[[discord]]", "[discord] is one section. Write it once"),
        ("[email.smtp]\n", "[[email.smtp]]\n", "[email.smtp] is one section. Write it once"),
        ("[secrets]\n", "[elsewhere]\nsecrets = [48, 2, 3]\n[secrets]\n", "There is no section [elsewhere]"),
        ("[digest]\n", "[[digest]]\n", "[digest] is one section"),
        ("[[person]]", "[person]", "`person` is there twice. Keep one"),
        ("# [[oncall]]\n# person", "[oncall]\nperson", "several of [[oncall]]. Write each in two pairs of brackets"),
        ("region = \"us-east-1\"", "region = \"us-east-1\"\nregion = \"us-east-1\"", "`region` is there twice. Keep"),
        ("channels = [", "chanels = [", "There is no key `chanels` here. Did you mean `channels`?"),
        ("# DescribeUser", "[limits.operations]\nDescribeUsr", "Did you mean `DescribeUser`?"),
    };
    let folder = tempfile::tempdir().unwrap();
    for (from, to, message) in table {
        assert!(example.contains(from), "the example has no {from}");
        let path = folder.path().join("desk.toml");
        std::fs::write(&path, example.replacen(from, to, 1)).unwrap();
        let read = connect_desk::config::read(&path, &desk_commands::all());
        let said = read.err().unwrap_or_else(|| panic!("{to} is taken")).to_string();
        assert!(said.contains(message), "{to} says: {said}");
        assert!(said.contains("desk.toml, line ") || said.contains("is missing"), "{to} says: {said}");
    }
}

#[test]
fn a_role_that_nobody_has_is_named() {
    let example = std::fs::read_to_string(crate::root().join("config.example.toml")).unwrap();
    let text = example
        .replace("auditor = [\"1000000000000000015\"]", "")
        .replace("roles = [\"auditor\"]", "roles = [\"agent\"]");
    let errors = connect_desk::config::parse(std::path::Path::new("desk.toml"), &text, &desk_commands::all());
    let message = errors.unwrap_err().to_string();
    assert!(message.contains("names the role `auditor`, which no one has"), "{message}");
}

#[test]
fn who_has_no_account_where_the_desk_is_approves_nothing() {
    let example = std::fs::read_to_string(crate::root().join("config.example.toml")).unwrap();
    let warnings = |text: &str| {
        let parsed =
            connect_desk::config::parse(std::path::Path::new("desk.toml"), text, &desk_commands::all());
        parsed.unwrap().warnings.into_iter().map(|(_, message)| message).collect::<String>()
    };
    let only_console = example
        .replace("supervisor = [\"1000000000000000012\"]", "")
        .replace("admin = [\"1000000000000000014\"]", "");
    let met = only_console.replace(
        "roles = [\"supervisor\"]",
        "roles = [\"supervisor\", \"admin\"]\nalso = [\"discord:1000000000000000021\"]",
    );
    // At a desk without a chat platform they are all at the console.
    let without: Vec<&str> = example.lines().collect();
    let from = without.iter().position(|line| *line == "[discord]").unwrap();
    let to = without.iter().position(|line| *line == "[[person]]").unwrap();
    let without = [&without[..from], &without[to..]].concat().join("\n");
    for (text, are_warned) in [(&example, false), (&only_console, true), (&met, false), (&without, false)] {
        let said = warnings(text);
        for message in
            ["names the role `supervisor`, which only console accounts have", "no one could give one"]
        {
            assert_eq!(said.contains(message), are_warned, "{message}: {said}\n{text}");
        }
    }
}

/// Keys of the example of which another one takes the place, so that a file can't have both.
const INSTEAD: [&str; 2] = ["# token_url = ", "password_file = "];

/// The example without the comment signs in front of its optional keys.
pub fn uncommented() -> String {
    let example = std::fs::read_to_string(crate::root().join("config.example.toml")).unwrap();
    let one_way = |line: &&str| !INSTEAD.iter().any(|key| line.starts_with(key));
    let lines = example.lines().filter(one_way).map(|line| match line.strip_prefix("# ") {
        Some(rest) if rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| is_key(key)) => {
            rest
        }
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn is_key(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The example names every key there is, and no other. What keys there are is asked of the parser itself: it lists them
/// when it meets one it does not know.
#[test]
fn the_example_configuration_has_every_key_and_no_other() {
    let commands = desk_commands::all();
    let path = std::path::Path::new("desk.toml");
    let example = uncommented();
    if let Err(errors) = connect_desk::config::parse(path, &example, &commands) {
        panic!("{errors}\n{example}");
    }
    let headers: Vec<&str> =
        std::iter::once("").chain(example.lines().filter(|line| line.starts_with('['))).collect();
    let instead = INSTEAD.map(|key| key.trim_start_matches("# "));
    let whole = std::fs::read_to_string(crate::root().join("config.example.toml")).unwrap();
    for key in INSTEAD {
        assert!(whole.lines().any(|line| line.starts_with(key)), "config.example.toml has no {key}");
    }
    let mut asked = 0;
    for header in headers {
        if ["[limits.operations]", "[limits.people.commands]", "[discord.roles]"].contains(&header) {
            continue; // Their keys are names of operations, commands and roles.
        }
        let probe = match header {
            "" => format!("zzz = 1\n{example}"),
            header => example.replacen(&format!("{header}\n"), &format!("{header}\nzzz = 1\n"), 1),
        };
        let said = connect_desk::config::parse(path, &probe, &commands).unwrap_err().to_string();
        let (_, expected) = said.split_once(". Use").unwrap_or_else(|| panic!("{header}: {said}"));
        for key in expected.split('`').skip(1).step_by(2) {
            asked += 1;
            let as_key = format!("{key} = ");
            let as_section = [
                format!("[{key}]"),
                format!("[[{key}]]"),
                format!("[limits.{key}]"),
                format!("[limits.people.{key}]"),
                format!("[email.{key}]"),
                format!("[email.smtp.{key}]"),
                format!("[salesforce.{key}]"),
            ];
            let named = instead.contains(&as_key.as_str())
                || example
                    .lines()
                    .any(|line| line.starts_with(&as_key) || as_section.iter().any(|s| s == line));
            assert!(named, "config.example.toml says nothing of `{key}` in {header}");
        }
    }
    assert!(asked > 20, "only {asked} keys were asked for");
}

/// Anyone who pastes a secret where its file belongs is told so, and reads it nowhere.
#[test]
fn a_secret_in_place_of_its_path_is_refused_and_not_repeated() {
    let commands = desk_commands::all();
    let as_it_is = std::fs::read_to_string(crate::root().join("config.example.toml")).unwrap();
    let mut keys = std::collections::BTreeSet::new();
    for example in [as_it_is, uncommented()] {
        for line in example.lines().filter(|line| !line.starts_with('#')) {
            let Some((key, _)) = line.split_once("_file = ").filter(|(key, _)| *key != "ca") else {
                continue;
            };
            keys.insert(key.to_owned());
            for (pasted, is_read) in table! {
                ("\"MTk4NjIyNDgz.Cl2FMQ.hunter22\"", true),
                ("\"hunter22\"", true),
                ("\"abc/hunter22+x=\"", true),
                ("\"~/hunter22\"", true),
                ("\"\"\"-----BEGIN PRIVATE KEY-----\nhunter22\n-----END PRIVATE KEY-----\n\"\"\"", true),
                ("\"/etc/a\\nhunter22\"", true),
                ("[\"hunter22\"]", true),
                ("{ hunter22 = \"hunter22\" }", true),
                ("722227722", true),
                ("hunter22", false),
                ("MTk4NjIyNDgz.Cl2FMQ.hunter22", false),
                ("\"hunter22", false),
            } {
                let text = example.replacen(line, &format!("{key}_file = {pasted}"), 1);
                let number = example.lines().position(|one| one == line).unwrap() + 1;
                let path = std::path::Path::new("desk.toml");
                let said = connect_desk::config::parse(path, &text, &commands).unwrap_err().to_string();
                assert!(!said.contains("unter22") && !said.contains("722227"), "{key} {pasted}: {said}");
                assert!(said.contains(&format!("line {number}")), "{key} {pasted}: {said}");
                let advice = format!("`{key}_file` isn't a whole path. Put the secret into a file");
                assert_eq!(said.contains(&advice), is_read, "{key} {pasted}: {said}");
            }
        }
    }
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["client_secret", "key", "password", "secret", "token"]);
}

#[test]
fn names_that_the_contact_center_does_not_have_are_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let practice = std::fs::read_to_string(crate::root().join("src/bot/practice.toml")).unwrap();
    let protected = "[protected]\nlogins = [\"unknown.user\", \"JANE.doe\"]\nsecurity_profiles = [\"Adminn\", \"ＡＤＭＩＮ\"]\n";
    let config = folder.path().join("desk.toml");
    std::fs::write(&config, format!("{protected}\n{practice}")).unwrap();
    let state = folder.path().join("state");
    let out = run(&["play", "--config", config.to_str().unwrap(), "--state", state.to_str().unwrap()]);
    let said = text(&out.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains(
            "[protected] names the security profile `Adminn`, which the contact center doesn't have."
        ),
        "{said}"
    );
    assert!(said.contains("Until this is corrected, everyone counts as protected."), "{said}");
    assert!(said.contains("[protected] names the user `unknown.user`"), "{said}");
    assert!(!said.contains("JANE.doe") && !said.contains("ＡＤＭＩＮ"), "{said}");
}

/// Salesforce rejects such a key at the first command, and doesn't say why.
#[test]
fn a_key_that_salesforce_would_not_take_fails_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let example = std::fs::read_to_string(crate::root().join("config.example.toml")).unwrap();
    let (key, config) = (folder.path().join("salesforce.key"), folder.path().join("desk.toml"));
    let named = format!("key_file = \"{}\"", key.display());
    std::fs::write(&config, example.replacen("key_file = \"/etc/connect-desk/salesforce.key\"", &named, 1))
        .unwrap();
    for (pem, says) in table! {
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "has no private key"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n", "has a passphrase"),
        ("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n", "must be an RSA key"),
    } {
        std::fs::write(&key, pem).unwrap();
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let out = run(&["check", "--config", config.to_str().unwrap()]);
        let said = text(&out.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(says), "{pem}: {said}");
    }
}

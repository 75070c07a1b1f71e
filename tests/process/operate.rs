//! From nothing to a desk that is looked after: `init`, `check`, `iam`, `backup`, `restore`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use desk_core::log::VERSION;

use crate::{played, run, text};

const KEYS: [&str; 2] = ["log.key", "seal.key"];

/// What `init` writes for a Discord server, in a folder of its own; with the token, `check` has nothing to say.
pub fn configured(folder: &Path) -> PathBuf {
    let out = init(folder, &[]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let token = folder.join("token");
    crate::operate::private(&token, "a.token");
    let config = folder.join("etc/config.toml");
    let read = std::fs::read_to_string(&config).unwrap();
    let named = folder.join("etc/discord-token");
    std::fs::write(&config, read.replace(&format!("{named:?}"), &format!("{token:?}"))).unwrap();
    config
}

pub fn private(path: &Path, content: &str) {
    std::fs::write(path, content).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn init(folder: &Path, more: &[&str]) -> Output {
    let (etc, state) = (folder.join("etc"), folder.join("state"));
    let given = [
        "init",
        "--non-interactive",
        "--dir",
        etc.to_str().unwrap(),
        "--state",
        state.to_str().unwrap(),
        "--platform",
        "discord",
        "--region",
        "eu-central-1",
        "--instance-id",
        "7a1f0c62-5d2e-4c0f-9a55-3f0d1b7f3c11",
        "--email-domain",
        "desk.example",
        "--application",
        "1200000000000000001",
        "--guild",
        "1200000000000000002",
        "--channel",
        "1200000000000000003",
        "--role",
        "l1=1200000000000000011",
        "--role",
        "supervisor=1200000000000000012",
        "--role",
        "admin=1200000000000000013",
    ];
    run(&[&given[..], more].concat())
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_init_writes_passes_the_check_and_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let out = run(&["check", "--config", config.to_str().unwrap()]);
    assert!(out.status.success(), "{}", text(&out.stdout));
    assert!(text(&out.stdout).contains("no failures"), "{}", text(&out.stdout));
    assert_eq!(mode(&folder.path().join("etc")), 0o700);
    assert_eq!(mode(&folder.path().join("etc/iam-policy.json")), 0o600);
    let said = text(&init(&folder.path().join("again"), &["--account", "123456789012"]).stdout);
    assert!(said.contains("oauth2/authorize?client_id=1200000000000000001"), "{said}");
    // A second time it overwrites nothing, whichever of its files is there.
    for gone in ["nothing", "config.toml", "iam-policy.json"] {
        let _ = std::fs::remove_file(folder.path().join("etc").join(gone));
        let again = init(folder.path(), &[]);
        let said = text(&again.stderr);
        assert!(!again.status.success() && said.contains("already exists"), "{gone}: {said}");
    }
}

#[test]
fn the_unit_is_for_the_folders_and_secrets_that_were_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().to_str().unwrap();
    let none = [
        "init",
        "--non-interactive",
        "--platform",
        "none",
        "--region",
        "us-east-1",
        "--email-domain",
        "a.example",
    ];
    let none = [&none[..], &["--instance-id", "7a1f0c62-5d2e-4c0f-9a55-3f0d1b7f3c11"]].concat();
    let begun = |name: &str, more: &[&str]| {
        let dir = format!("{base}/{name}");
        let out = run(&[&none[..], &["--dir", &dir], more].concat());
        assert!(out.status.success(), "{}", text(&out.stderr));
        (std::fs::read_to_string(format!("{dir}/connect-desk.service")).ok(), text(&out.stdout))
    };
    let state = format!("{base}/elsewhere");
    let (unit, said) = begun("etc", &["--state", &state]);
    let unit = unit.unwrap();
    assert!(unit.contains(&format!("run --config {base}/etc/config.toml\n")), "{unit}");
    assert!(
        unit.contains(&format!("\nReadWritePaths={state}\n")) && !unit.contains("StateDirectory"),
        "{unit}"
    );
    assert!(!unit.contains("\nLoadCredential=") && !unit.contains("/etc/connect-desk"), "{unit}");
    assert!(said.contains(&format!("install -d -m 700 -o connect-desk -g connect-desk {state}")), "{said}");
    // With the folders of the package it is the unit of the package, and no unit is better than one that systemd misreads.
    let (unit, said) = begun("default", &[]);
    assert!(
        unit.unwrap().contains("\nStateDirectory=connect-desk\n") && !said.contains("install -d"),
        "{said}"
    );
    let (unit, said) = begun("with blanks", &[]);
    assert!(unit.is_none() && !said.contains("as a service"), "{said}");
    // The service sees no home directory but what is below these folders.
    let (unit, _) = begun("home", &["--state", "/home/desk/state"]);
    let unit = unit.unwrap();
    assert!(unit.contains("\nProtectHome=tmpfs\nBindPaths=/home/desk/state\n"), "{unit}");
    assert!(
        !["ProtectHome=yes", "\nReadWritePaths", "StateDirectory"].iter().any(|it| unit.contains(it)),
        "{unit}"
    );
    // From wherever it is typed, the service finds the same folders as the configuration names.
    let args = [&none[..], &["--dir", "typed/etc", "--state", "typed/state"]].concat();
    let out = crate::start(folder.path(), &args).wait_with_output().unwrap();
    assert!(out.status.success(), "{}", text(&out.stderr));
    let read = |name: &str| std::fs::read_to_string(folder.path().join("typed/etc").join(name)).unwrap();
    let whole = format!("{base}/typed/state");
    assert!(read("config.toml").contains(&format!("folder = {whole:?}")), "{}", read("config.toml"));
    assert!(
        read("connect-desk.service").contains(&format!("={whole}\n")),
        "{}",
        read("connect-desk.service")
    );
    assert!(text(&out.stdout).contains(&format!("{base}/typed/etc/config.toml")), "{}", text(&out.stdout));
    // A region that AWS doesn't have is refused before anything is written.
    let dir = format!("{base}/typo");
    let out = run(&[&none[..], &["--dir", &dir, "--region", "us-esat-1"]].concat());
    assert!(!out.status.success() && !Path::new(&dir).exists(), "{}", text(&out.stdout));
}

#[test]
fn nothing_that_is_there_is_reused_for_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    played(folder.path(), "/desk whoami\n");
    std::fs::write(path("other"), "someone's").unwrap();
    std::os::unix::fs::symlink(path("other"), path("a.tar.new")).unwrap();
    let (to, state) = (path("a.tar"), path("state"));
    let args = ["backup", to.to_str().unwrap(), "--state", state.to_str().unwrap(), "--with-keys"];
    let out = run(&args);
    assert!(!out.status.success() && text(&out.stderr).contains("already exists"), "{}", text(&out.stderr));
    assert_eq!(std::fs::read_to_string(path("other")).unwrap(), "someone's");
    assert!(path("a.tar.new").exists() && !to.exists());
}

#[test]
fn the_keys_of_another_log_are_refused_before_anything_is_moved() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    for desk in [&one, &two] {
        std::fs::create_dir(desk).unwrap();
        played(desk, "/desk whoami\n");
    }
    let bare = folder.path().join("bare.tar");
    let [bare, state, other] =
        [bare, one.join("state"), two.join("state/desk")].map(|path| path.to_str().unwrap().to_owned());
    assert!(run(&["backup", &bare, "--state", &state]).status.success());
    let to = folder.path().join("to");
    let restore = |keys: &str| run(&["restore", &bare, "--state", to.to_str().unwrap(), "--keys", keys]);
    let out = restore(&other);
    assert!(
        !out.status.success() && text(&out.stderr).contains("of a different log"),
        "{}",
        text(&out.stderr)
    );
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 3, "something is left of a restore");
    let out = restore(one.join("state/desk").to_str().unwrap());
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert!(KEYS.iter().all(|key| to.join(key).exists()));
    // Cards have the number of a request with its sign.
    for number in ["1", "#1"] {
        assert!(run(&["log", "show", "--state", &state, "--request", number]).status.success(), "{number}");
    }
}

#[test]
fn the_service_can_read_what_init_writes_to_the_folder_of_the_package() {
    let folder = tempfile::tempdir().unwrap();
    for (of_folder, of_file) in [(0o750, 0o640), (0o700, 0o600), (0o755, 0o600)] {
        let under = folder.path().join(format!("{of_folder:o}"));
        let etc = under.join("etc");
        std::fs::create_dir_all(&etc).unwrap();
        std::fs::set_permissions(&etc, std::fs::Permissions::from_mode(of_folder)).unwrap();
        let out = init(&under, &[]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        assert_eq!((mode(&etc), mode(&etc.join("config.toml"))), (of_folder, of_file));
        assert_eq!(mode(&etc.join("connect-desk.service")), 0o600);
    }
    // In a folder that isn't shared it is told how to share it, and the check says so until it is.
    let (under, warning) =
        (folder.path().join("other"), "The service runs as `connect-desk`, which can't read");
    let etc = under.join("etc");
    let said = text(&init(&under, &[]).stdout);
    assert!(said.contains(warning) && said.contains("`chgrp connect-desk"), "{said}");
    for (of_folder, of_file, is_kept) in
        [(0o700, 0o600, true), (0o700, 0o644, true), (0o755, 0o600, true), (0o755, 0o644, false)]
    {
        std::fs::set_permissions(&etc, std::fs::Permissions::from_mode(of_folder)).unwrap();
        std::fs::set_permissions(etc.join("config.toml"), std::fs::Permissions::from_mode(of_file)).unwrap();
        let said = text(&run(&["check", "--config", etc.join("config.toml").to_str().unwrap()]).stdout);
        assert_eq!(said.contains(warning), is_kept, "{of_folder:o} {of_file:o}: {said}");
    }
}

#[test]
fn what_is_missing_is_named_by_its_flag() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("etc");
    let out = run(&["init", "--non-interactive", "--dir", dir.to_str().unwrap(), "--platform", "none"]);
    let said = text(&out.stderr);
    assert!(!out.status.success() && said.contains("--region, --instance-id, --email-domain"), "{said}");
    assert!(!dir.exists());
}

#[test]
fn a_desk_without_a_chat_platform_can_be_begun() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, state) = (folder.path().join("etc"), folder.path().join("state"));
    let out = run(&[
        "init",
        "--non-interactive",
        "--dir",
        dir.to_str().unwrap(),
        "--state",
        state.to_str().unwrap(),
        "--platform",
        "none",
        "--region",
        "us-east-1",
        "--instance-id",
        "7a1f0c62-5d2e-4c0f-9a55-3f0d1b7f3c11",
        "--email-domain",
        "desk.example,other.example",
    ]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let out = run(&["check", "--config", dir.join("config.toml").to_str().unwrap(), "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(found["failures"], 0, "{found:#}");
    let named = found["findings"].as_array().unwrap().iter().any(|found| found["check"] == "chat platform");
    assert!(named, "{found:#}");
}

/// Values of the example that any site can keep.
const FIT_ANYONE: [&str; 8] = [
    "region = \"us-east-1\"",
    "folder = \"/var/lib/connect-desk\"",
    "token_file = \"/etc/connect-desk/discord-token\"",
    "sign_off = \"Your contact center help desk\"",
    "username = \"connect-desk\"",
    "password_file = \"/etc/connect-desk/smtp-password\"",
    "key_file = \"/etc/connect-desk/salesforce.key\"",
    "field = \"username\"",
];

/// What no site has, where it is in values that are commented out as well.
const OF_NO_SITE: [&str; 5] = ["example.", "10000000000000000", "11111111-2222", "3b6a27bc", "d-90670"];

/// Each value of the example that the desk can't work with is named, unless a site can keep it. Lists of entries, such as rules and
/// people, are a start of one's own.
#[test]
fn the_check_knows_every_value_of_the_example_that_is_of_no_site() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("desk.toml");
    let as_it_is = std::fs::read_to_string(crate::root().join("config.example.toml")).unwrap();
    // A check reads the templates, and no file of these is there.
    let whole = crate::starts::uncommented();
    let [from, to] = ["\n[email.templates]", "\n[email.smtp]"].map(|head| whole.find(head).unwrap());
    let whole = format!("{}{}", &whole[..from], &whole[to..]);
    let mut kept = std::collections::BTreeSet::new();
    for (example, is_whole) in [(&as_it_is, false), (&whole, true)] {
        std::fs::write(&config, example).unwrap();
        let said = text(&run(&["check", "--config", config.to_str().unwrap()]).stdout);
        let mut is_list = false;
        for (i, line) in example.lines().enumerate() {
            is_list = if line.starts_with('[') { line.starts_with("[[") } else { is_list };
            if is_list || line.starts_with(['#', '[']) || !line.contains(" = ") {
                continue;
            }
            let is_named = said.contains(&format!("line {}: `", i + 1));
            let fits_anyone = FIT_ANYONE.contains(&line);
            kept.extend(fits_anyone.then_some(line));
            match is_whole {
                false => assert_ne!(is_named, fits_anyone, "{line}: {said}"),
                true => {
                    let is_of_no_site = OF_NO_SITE.iter().any(|part| line.contains(part));
                    assert!(is_named || !is_of_no_site, "{line}: {said}");
                }
            }
        }
    }
    assert_eq!(kept.len(), FIT_ANYONE.len(), "{kept:?}");
}

#[test]
fn each_fault_that_needs_no_network_is_found_and_its_cure_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let sound = std::fs::read_to_string(&config).unwrap();
    let token = format!("{:?}", folder.path().join("token"));
    let missing = format!("{:?}", folder.path().join("nowhere"));
    let state = format!("{:?}", folder.path().join("state"));
    for (from, to, level, message) in table! {
        ("\"eu-central-1\"", "\"eu-middle-9\"", "failure", "There is no AWS region `eu-middle-9`."),
        ("\"eu-central-1\"", "\"eu-west-1\"", "warning", "Amazon Connect isn't available in `eu-west-1`"),
        (&token, &missing, "failure", "The bot's token can't be read"),
        ("\"7a1f0c62-5d2e-4c0f-9a55-3f0d1b7f3c11\"", "\"12345678-1234-1234-1234-123456789012\"", "failure", "is still the example value"),
        ("# version = 1", "version = 2", "failure", "for a newer connect-desk"),
        ("# level = \"info\"", "level = \"loud\"", "failure", "`loud` is not a log level"),
        (&state, "\"state\"", "failure", "The state folder `state` isn't a whole path."),
        ("# target = \"stderr\"", "target = \"syslog\"", "failure", "is not a valid log target. Use"),
        ("listen = \"127.0.0.1:9464\"", "listen = \"9464\"", "failure", "is not an address with a port"),
    } {
        assert!(sound.contains(from), "{from} is not in {sound}");
        std::fs::write(&config, sound.replacen(from, to, 1)).unwrap();
        let out = run(&["check", "--config", config.to_str().unwrap()]);
        let said = text(&out.stdout);
        let line = said.lines().find(|line| line.contains(message));
        assert!(line.is_some_and(|line| line.starts_with(level)), "{message}: {said}");
        assert_eq!(out.status.success(), level == "warning", "{message}: {said}");
    }
}

#[test]
fn a_folder_that_the_desk_cant_write_to_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let sound = std::fs::read_to_string(&config).unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for name in ["state", "open", "closed"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    std::fs::set_permissions(at("closed"), std::fs::Permissions::from_mode(0o500)).unwrap();
    // Root writes everywhere, so the desk is another account where it can be.
    for name in ["state", "open", "closed"] {
        let _ = std::os::unix::fs::chown(at(name), Some(12_345), Some(12_345));
    }
    std::fs::set_permissions(at("state"), std::fs::Permissions::from_mode(0o700)).unwrap();
    let schedule = "[[schedule]]\nname = \"weekly\"\ncommand = \"/connect export\"\nat = \"06:00\"\nas = \"discord:1200000000000000021\"\n";
    for (name, wrong) in
        [("open", None), ("closed", Some("can't be written")), ("nowhere", Some("doesn't exist"))]
    {
        let export = format!("{sound}\n{schedule}folder = {:?}\n", at(name));
        let target = format!("target = {:?}", at(&format!("{name}/desk.log")));
        for text in [export, sound.replacen("# target = \"stderr\"", &target, 1)] {
            assert_ne!(text, sound);
            std::fs::write(&config, text).unwrap();
            let said = text_of_check(&config);
            let named = format!("The folder {}", at(name));
            let line = said.lines().find(|line| line.starts_with("warning") && line.contains(&named));
            assert_eq!(line.is_some(), wrong.is_some(), "{name}: {said}");
            assert!(wrong.is_none_or(|wrong| line.unwrap().contains(wrong)), "{name}: {said}");
        }
    }
}

fn text_of_check(config: &Path) -> String {
    text(&run(&["check", "--config", config.to_str().unwrap()]).stdout)
}

#[test]
fn what_others_can_change_of_a_configuration_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let etc = config.parent().unwrap().to_owned();
    let (letters, template) = (etc.join("letters"), etc.join("letters/first.txt"));
    std::fs::create_dir(&letters).unwrap();
    std::fs::write(&template, "Subject: Welcome\n\nWelcome.\n").unwrap();
    let with = "\n[email.templates]\nfirst_login = \"letters/first.txt\"\n";
    let sound = format!("{}{with}", std::fs::read_to_string(&config).unwrap());
    std::fs::write(&config, sound).unwrap();
    let allow = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for path in [folder.path(), &etc, &letters] {
        allow(path, 0o700);
    }
    for path in [&config, &template] {
        allow(path, 0o600);
    }
    let check = || run(&["check", "--config", config.to_str().unwrap()]);
    for (path, mode, is_open) in [
        (config.as_path(), 0o640, false),
        (config.as_path(), 0o666, true),
        (etc.as_path(), 0o755, false),
        (etc.as_path(), 0o775, true),
        (etc.as_path(), 0o1777, false),
        (folder.path(), 0o775, false),
        (folder.path(), 0o777, true),
        (template.as_path(), 0o620, true),
        (letters.as_path(), 0o777, true),
    ] {
        let before = std::fs::metadata(path).unwrap().permissions();
        allow(path, mode);
        let out = check();
        std::fs::set_permissions(path, before).unwrap();
        let said = text(&out.stdout);
        let line = format!("Other accounts can write {}, and so change", path.display());
        assert_eq!(said.contains(&line), is_open, "{} {mode:o}: {said}", path.display());
        assert_eq!(out.status.success(), !is_open, "{} {mode:o}: {said}", path.display());
    }
}

/// What `run` would refuse, `check` refuses as well, and never says that it is set.
#[test]
fn a_secret_that_the_desk_can_not_use_fails_the_check_wherever_it_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let base = std::fs::read_to_string(&config).unwrap();
    let (secret, token) = (folder.path().join("secret"), folder.path().join("token"));
    let smtp = |more: &str| {
        format!(
            "{base}\n[email]\nfrom = \"help@desk.example\"\n[email.smtp]\nhost = \"smtp.desk.example\"\n{more}\n"
        )
    };
    let salesforce = |more: &str| {
        format!(
            "{base}\n[salesforce]\nlogin_url = \"https://desk.my.salesforce.com\"\nclient_id = \"3MVG9x\"\n{more}\n\
             [salesforce.user]\nfield = \"email\"\nvalue = \"{{email}}\"\n"
        )
    };
    let files = crate::root().join("tests/files/salesforce");
    let [key, certificate] =
        ["app.key", "app.crt"].map(|name| std::fs::read_to_string(files.join(name)).unwrap());
    let (password, ca) = ("a-secret\n", "ca_file = FILE");
    let lines = ["", "\n", " \n", "one\ntwo\n", "on\u{7}e"];
    let no_certificates =
        ["", "none", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", key.as_str()];
    for (text, check, good, bad) in [
        (base.replace(&format!("{token:?}"), "FILE"), "secret", password, &lines[..]),
        (smtp("username = \"desk\"\npassword_file = FILE"), "secret", password, &lines),
        (
            smtp(
                "username = \"desk\"\n[email.smtp.oauth2]\ntenant = \"desk.example\"\nclient_id = \"1\"\nclient_secret_file = FILE",
            ),
            "secret",
            password,
            &lines,
        ),
        (smtp(ca), "certificates", &certificate, &no_certificates),
        (salesforce("username = \"desk@desk.example\"\nkey_file = FILE"), "secret", &key, &lines),
        (salesforce("sign_in = \"client_credentials\"\nsecret_file = FILE"), "secret", password, &lines),
    ] {
        assert!(text.contains("FILE"), "{text}");
        std::fs::write(&config, text.replace("FILE", &format!("{secret:?}"))).unwrap();
        let read = || {
            let out = run(&["check", "--config", config.to_str().unwrap(), "--json"]);
            let found: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
            let of_file = |one: &&serde_json::Value| {
                one["check"] == check && one["message"].as_str().unwrap().contains(secret.to_str().unwrap())
            };
            let mut said = found["findings"].as_array().unwrap().iter().filter(of_file);
            let is_said_to_be_good = said.any(|one| one["level"] == "ok");
            (out.status.success(), is_said_to_be_good, found)
        };
        for content in bad.iter().map(Some).chain([None]) {
            let _ = std::fs::remove_file(&secret);
            if let Some(content) = content {
                private(&secret, content);
            }
            let (is_success, is_said_to_be_good, found) = read();
            let failures = found["findings"].as_array().unwrap().iter();
            let failures = failures.filter(|one| one["level"] == "failure" && one["check"] == check).count();
            assert!(!is_success && !is_said_to_be_good && failures == 1, "{content:?}: {found:#}\n{text}");
        }
        private(&secret, good);
        let (is_success, is_said_to_be_good, found) = read();
        assert!(is_success && is_said_to_be_good, "{found:#}\n{text}");
    }
}

#[test]
fn what_access_tokens_for_a_mailbox_lack_is_said_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let base = std::fs::read_to_string(&config).unwrap();
    let secret = folder.path().join("client-secret");
    private(&secret, "a-client-secret\n");
    let secret = format!("{secret:?}");
    let section = format!(
        "\n[email]\nfrom = \"help@desk.example\"\n[email.smtp]\nhost = \"smtp.office365.com\"\nusername = \"help@desk.example\"\n\
         [email.smtp.oauth2]\ntenant = \"desk.example\"\nclient_id = \"0f7a3c55-2222-3333-4444-555555555555\"\n\
         client_secret_file = {secret}\n"
    );
    let token_url = |url: &str| format!("token_url = \"{url}\"");
    let missing = format!("{:?}", folder.path().join("nowhere"));
    let tenant = "tenant = \"desk.example\"";
    let (client, file) = (
        "client_id = \"0f7a3c55-2222-3333-4444-555555555555\"\n",
        format!("client_secret_file = {secret}\n"),
    );
    for (from, to, message) in [
        (tenant, String::new(), "needs `tenant` (Microsoft Entra) or `token_url`, and not both"),
        (tenant, format!("{tenant}\n{}", token_url("https://login.example.org/token")), "and not both"),
        (tenant, "tenant = \"\"".to_owned(), "isn't a tenant of Microsoft Entra"),
        (tenant, "tenant = \"desk.example/x\"".to_owned(), "isn't a tenant of Microsoft Entra"),
        (
            tenant,
            token_url("http://login.example.org/token"),
            "isn't an address that the client secret may be sent to",
        ),
        (tenant, token_url("login.example.org/token"), "isn't an address that the client secret"),
        (tenant, token_url("https://"), "isn't an address that the client secret"),
        (tenant, token_url("https:///token"), "isn't an address that the client secret"),
        (tenant, token_url("https://login.example.org/a token"), "isn't an address that the client secret"),
        (tenant, token_url("http://127.0.0.1.example.org/token"), "isn't an address that the client secret"),
        (client, String::new(), "client_id"),
        (client, "client_id = \"\"\n".to_owned(), "isn't the id of an app"),
        (file.as_str(), String::new(), "The client secret for the mail server is missing"),
        (file.as_str(), format!("client_secret_file = {missing}\n"), "can't be read"),
        ("username = \"help@desk.example\"\n", String::new(), "Access tokens are for a mailbox"),
        (tenant, format!("tenat = \"desk.example\"\n{tenant}"), "tenat"),
    ] {
        assert!(section.contains(from), "{from} is not in {section}");
        std::fs::write(&config, format!("{base}{}", section.replacen(from, &to, 1))).unwrap();
        let out = run(&["check", "--config", config.to_str().unwrap()]);
        let said = text(&out.stdout);
        let line = said.lines().find(|line| line.contains(message));
        assert!(
            !out.status.success() && line.is_some_and(|line| line.starts_with("failure")),
            "{to}: {said}"
        );
    }
    std::fs::write(&config, format!("{base}{section}")).unwrap();
    let out = run(&["check", "--config", config.to_str().unwrap()]);
    assert!(out.status.success(), "{}", text(&out.stdout));
}

#[test]
fn the_iam_policy_is_for_what_the_rules_allow_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let policy = |config: &Path| {
        let out = run(&["iam", "--config", config.to_str().unwrap(), "--account", "123456789012"]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        text(&out.stdout)
    };
    let all = policy(&config);
    // Without the account's number, and that is said where it can't end up in the policy.
    let out = run(&["iam", "--config", config.to_str().unwrap()]);
    assert!(out.status.success() && text(&out.stderr).contains("has ACCOUNT where"), "{}", text(&out.stderr));
    assert_eq!(text(&out.stdout).replace("ACCOUNT", "123456789012"), all);
    for account in ["1234-5678-9012", "12", "1234567890123", "12345678901x", "ACCOUNT", ""] {
        let out = run(&["iam", "--config", config.to_str().unwrap(), "--account", account]);
        assert_eq!(out.status.success(), account.contains('-'), "{account}");
        assert!(text(&out.stdout).is_empty() || text(&out.stdout) == all, "{account}");
    }
    assert!(!init(&folder.path().join("other"), &["--account", "12"]).status.success());
    assert!(
        all.contains("\"connect:DeleteUser\"") && !all.contains("ses:") && !all.contains("ds:Reset"),
        "{all}"
    );
    // What AWS checks beside the operation itself, and numbers, which are beside the instance.
    for also in
        ["connect:DescribePredefinedAttribute", "connect:DescribeHoursOfOperation", "ds:DescribeDirectories"]
    {
        assert!(all.contains(also), "{also}: {all}");
    }
    let policy_of_all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let numbers = policy_of_all["Statement"].as_array().unwrap().iter();
    let numbers: Vec<_> =
        numbers.filter(|one| one["Resource"][0].as_str().unwrap().contains("phone-number")).collect();
    assert_eq!(numbers.len(), 1, "{all}");
    assert!(numbers[0]["Action"].to_string().contains("connect:ListPhoneNumbersV2"), "{all}");
    assert!(!numbers[0]["Action"].to_string().contains("TagResource"), "{all}");
    let instance = "arn:aws:connect:eu-central-1:123456789012:instance/7a1f0c62-5d2e-4c0f-9a55-3f0d1b7f3c11";
    assert!(all.contains(instance), "{all}");
    let read = std::fs::read_to_string(&config).unwrap();
    let head = &read[..read.find("[[rule]]").unwrap()];
    let looks = "[[rule]]\nname = \"looking\"\ncommands = [\"connect show\"]\nroles = [\"l1\"]\n";
    let mail = "[email]\nfrom = \"help@desk.example\"\n[email.ses]\nregion = \"eu-west-1\"\n";
    std::fs::write(&config, format!("{head}\n{mail}\n{looks}")).unwrap();
    let few = policy(&config);
    assert!(!few.contains("connect:DeleteUser") && few.contains("connect:DescribeUser"), "{few}");
    assert!(few.contains("ses:SendEmail") && few.contains("ses:SendRawEmail"), "{few}");
    assert!(!few.contains("phone-number") && few.contains("arn:aws:ses:eu-west-1"), "{few}");
    let all =
        "name = \"all\"\ncommands = [\"connect *\"]\nroles = [\"l1\"]\napprovals = 1\napprovers = [\"l1\"]\n";
    let denies = "name = \"not those\"\ncommands = [\"connect add\", \"connect import\", \"connect remove\", \"connect reset\", \
                  \"connect restore\", \"connect undo\"]\nroles = [\"l1\"]\ndeny = true\n";
    let reads = "name = \"looking\"\ncommands = [\"connect *\"]\nrisk = [\"read\"]\nroles = [\"l1\"]\n";
    for (rules, removes) in [
        (format!("[[rule]]\n{all}"), true),
        (format!("[[rule]]\n{reads}"), false),
        (format!("[[rule]]\n{denies}[[rule]]\n{all}"), false),
        // It denies sometimes, or some of the plans.
        (format!("[[rule]]\n{denies}hours = [\"Mon-Fri 08:00-18:00 UTC\"]\n[[rule]]\n{all}"), true),
        (format!("[[rule]]\n{denies}touches = {{ people = 2 }}\n[[rule]]\n{all}"), true),
        (format!("[[rule]]\n{denies}channels = [\"7\"]\n[[rule]]\n{all}"), true),
    ] {
        std::fs::write(&config, format!("{head}\n{rules}")).unwrap();
        let some = policy(&config);
        assert!(some.contains("connect:SearchUsers"), "{rules}: {some}");
        assert_eq!(some.contains("connect:DeleteUser\""), removes, "{rules}: {some}");
    }
}

#[test]
fn a_backup_of_a_desk_that_runs_is_restored_with_every_line_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text_of = |name: &str| path(name).to_str().unwrap().to_owned();
    played(folder.path(), "/connect edit john.doe acw:7m\n/desk confirm 1\n");
    let mut desk = crate::play(folder.path(), &["--unthrottled"]);
    crate::types(&mut desk, "/desk whoami\n");
    use std::io::BufRead as _;
    let mut screen = std::io::BufReader::new(desk.stdout.take().unwrap()).lines();
    assert!(screen.any(|line| line.unwrap().contains("You are")));
    let state = text_of("state");
    let out = run(&["backup", &text_of("one.tar"), "--state", &state, "--with-keys"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert_eq!(mode(&path("one.tar")), 0o600);
    let out = run(&["backup", &text_of("bare.tar"), "--state", &state]);
    assert!(text(&out.stdout).contains("without the keys"), "{}", text(&out.stdout));
    // It is not overwritten, and a restore does not take the folder from under the desk.
    assert!(!run(&["backup", &text_of("one.tar"), "--state", &state]).status.success());
    let out = run(&["restore", &text_of("one.tar"), "--state", &state]);
    assert!(
        !out.status.success() && text(&out.stderr).contains("Another process has"),
        "{}",
        text(&out.stderr)
    );
    drop(desk.stdin.take());
    for _ in screen {}
    assert!(desk.wait().unwrap().success());
    // Someone's tools can look into it.
    let listed = std::process::Command::new("tar").args(["tf", &text_of("one.tar")]).output().unwrap();
    let listed = text(&listed.stdout);
    for name in ["log.jsonl", "head", "log.pub", "log.key", "seal.key", "MANIFEST.json"] {
        assert!(listed.lines().any(|line| line == name), "{name}: {listed}");
    }

    // A line more than the backup has: it would be lost.
    let before = std::fs::read(path("state/desk/log.jsonl")).unwrap();
    played(folder.path(), "/desk whoami\n");
    let out = run(&["restore", &text_of("one.tar"), "--state", &state]);
    assert!(
        !out.status.success() && text(&out.stderr).contains("more than this backup"),
        "{}",
        text(&out.stderr)
    );
    assert_ne!(std::fs::read(path("state/desk/log.jsonl")).unwrap(), before, "nothing was touched");
    let out = run(&["restore", &text_of("one.tar"), "--state", &state, "--behind"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let restored = std::fs::read(path("state/desk/log.jsonl")).unwrap();
    assert!(before.starts_with(&restored) && !restored.is_empty());
    assert!(path("state/desk.before-restore-1").is_dir());
    assert_eq!(mode(&path("state/desk")), 0o700);
    let screen = played(folder.path(), "/desk history 1\n");
    assert!(screen.contains("acw:420"), "{screen}");
    assert!(crate::log(folder.path()).size() > 0);

    // Without the keys it takes those that are there, and says so where there are none.
    let bare = text_of("bare");
    let out = run(&["restore", &text_of("bare.tar"), "--state", &bare]);
    assert!(
        out.status.success() && text(&out.stdout).contains("The keys are not in this backup"),
        "{}",
        text(&out.stdout)
    );
    assert!(KEYS.iter().all(|key| !path("bare").join(key).exists()));
    let out = run(&["restore", &text_of("bare.tar"), "--state", &state, "--behind"]);
    assert!(out.status.success() && !text(&out.stdout).contains("keys are not"), "{}", text(&out.stdout));
    assert!(KEYS.iter().all(|key| path("state/desk").join(key).exists()));
}

#[test]
fn what_root_backs_up_and_restores_stays_the_desks() {
    use std::os::unix::fs::MetadataExt as _;
    // Only root writes where another account is at home.
    const DESK: u32 = 12_345;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    if std::os::unix::fs::chown(folder.path(), Some(DESK), Some(DESK)).is_err() {
        return;
    }
    played(folder.path(), "/desk whoami\n");
    let given = std::process::Command::new("chown").args(["-R", "12345:12345", &path("state")]).status();
    assert!(given.unwrap().success());
    let owners = || {
        let mut owners = vec![std::fs::metadata(path("state/desk")).unwrap().uid()];
        for entry in std::fs::read_dir(path("state/desk")).unwrap() {
            let entry = entry.unwrap();
            owners.push(entry.metadata().unwrap().uid());
            if entry.file_type().unwrap().is_dir() {
                owners.extend(
                    std::fs::read_dir(entry.path()).unwrap().map(|it| it.unwrap().metadata().unwrap().uid()),
                );
            }
        }
        owners
    };
    // What the account put in the way gets nothing.
    std::os::unix::fs::symlink(path("elsewhere"), path("state/desk/last-backup.new")).unwrap();
    for command in ["backup", "restore"] {
        let out = run(&[command, &path("a.tar"), "--state", &path("state")]);
        assert!(out.status.success(), "{command}: {}", text(&out.stderr));
        let owners = owners();
        assert!(owners.len() > 5 && owners.iter().all(|uid| *uid == DESK), "{command}: {owners:?}");
    }
    assert!(!Path::new(&path("elsewhere")).exists());
}

#[test]
fn a_backup_that_was_cut_short_stops_no_later_one_and_two_at_a_time_are_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    played(folder.path(), "/desk whoami\n");
    let backup = || run(&["backup", &path("a.tar"), "--state", &path("state")]);
    std::fs::write(path("a.tar.new"), "the half of one").unwrap();
    let other = std::fs::File::open(path("a.tar.new")).unwrap();
    other.lock().unwrap();
    let out = backup();
    assert!(
        !out.status.success() && text(&out.stderr).contains("Wait if another backup"),
        "{}",
        text(&out.stderr)
    );
    assert_eq!(std::fs::read(path("a.tar.new")).unwrap(), b"the half of one");
    drop(other);
    let out = backup();
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert!(
        !Path::new(&path("a.tar.new")).exists() && std::fs::metadata(path("a.tar")).unwrap().len() > 2_000
    );
}

#[test]
fn a_backup_of_a_copy_that_went_its_own_way_takes_no_line_from_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    std::fs::create_dir(&one).unwrap();
    played(&one, "/desk whoami\n");
    assert!(std::process::Command::new("cp").arg("-a").args([&one, &other]).status().unwrap().success());
    played(&one, "/connect edit john.doe acw:7m\n/desk confirm 1\n");
    // As many lines, and more, within what one person may ask in a minute.
    played(&other, &"/desk whoami\n/desk help\n".repeat(15));
    let text_of = |path: &Path| path.to_str().unwrap().to_owned();
    let (backup, state) = (text_of(&folder.path().join("b.tar")), text_of(&one.join("state")));
    assert!(run(&["backup", &backup, "--state", &text_of(&other.join("state"))]).status.success());
    let before = std::fs::read(one.join("state/desk/log.jsonl")).unwrap();
    let out = run(&["restore", &backup, "--state", &state]);
    let said = text(&out.stderr);
    assert!(!out.status.success() && said.contains("has lines that this backup doesn't have"), "{said}");
    assert_eq!(std::fs::read(one.join("state/desk/log.jsonl")).unwrap(), before);
    let out = run(&["restore", &backup, "--state", &state, "--behind"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
}

#[test]
fn what_is_no_whole_backup_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    played(folder.path(), "/desk whoami\n");
    let out = run(&["backup", path("a.tar").to_str().unwrap(), "--state", path("state").to_str().unwrap()]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let whole = std::fs::read(path("a.tar")).unwrap();
    let changed = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    // The first entry with another name or kind, as its checksum says.
    let first = |name: &[u8], kind: u8| {
        let mut bytes = whole.clone();
        bytes[..name.len()].copy_from_slice(name);
        bytes[156] = kind;
        bytes[148..156].fill(b' ');
        let sum: u32 = bytes[..512].iter().map(|byte| u32::from(*byte)).sum();
        bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        bytes
    };
    let next =
        (512 + std::fs::metadata(path("state/desk/log.jsonl")).unwrap().len() as usize).next_multiple_of(512);
    let twice = [&whole[..next], &whole].concat();
    for (what, bytes) in [
        ("cut short", whole[..whole.len() / 2].to_vec()),
        ("without its manifest", whole[..1024].to_vec()),
        ("with a changed line", changed(700)),
        ("with a changed header", changed(3)),
        ("with a path out of the folder", first(b"../../log", b'0')),
        ("with a path from the root on", first(b"/tmp/evil", b'0')),
        ("with a link", first(b"log.jsonl", b'2')),
        ("with another link", first(b"log.jsonl", b'1')),
        ("with a folder", first(b"log.jsonl", b'5')),
        ("with a name for the next file", first(b"log.jsonl", b'L')),
        ("with a word on the next file", first(b"log.jsonl", b'x')),
        ("with a file twice", twice),
        ("empty", Vec::new()),
    ] {
        std::fs::write(path("b.tar"), bytes).unwrap();
        let to = path("to");
        let out = run(&["restore", path("b.tar").to_str().unwrap(), "--state", to.to_str().unwrap()]);
        let said = text(&out.stderr);
        assert!(!out.status.success() && said.contains("isn't a complete backup"), "{what}: {said}");
        let left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("to")), "{what}: {left:?}");
    }
    // What no backup could bring back is in none.
    std::fs::create_dir_all(path("state/desk/files")).unwrap();
    std::fs::write(path("state/desk/files").join("x".repeat(120)), "x").unwrap();
    let out = run(&["backup", path("c.tar").to_str().unwrap(), "--state", path("state").to_str().unwrap()]);
    assert!(text(&out.stderr).contains("is too long for a backup"), "{}", text(&out.stderr));
    assert!(!path("c.tar").exists() && !path("c.tar.new").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_mount_point_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    played(folder.path(), "/desk whoami\n");
    assert!(run(&["backup", &path("a.tar"), "--state", &path("state")]).status.success());
    let out = run(&["restore", &path("a.tar"), "--state", "/proc"]);
    let said = text(&out.stderr);
    assert!(said.contains("`/proc` is a mount point") && said.contains("`--state /proc/desk`"), "{said}");
    // The check says it before it is too late.
    let config = configured(folder.path());
    let sound = std::fs::read_to_string(&config).unwrap();
    let written = format!("{:?}", folder.path().join("state"));
    std::fs::write(&config, sound.replace(&written, "\"/dev/pts\"")).unwrap();
    let said = text_of_check(&config);
    assert!(said.contains("warning  state folder: The state folder /dev/pts is a mount point"), "{said}");
}

#[test]
fn a_full_disk_leaves_no_part_of_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    played(folder.path(), "/desk whoami\n");
    let out = run(&["backup", "/dev/full/a.tar", "--state", path("state").to_str().unwrap()]);
    assert!(!out.status.success() && text(&out.stderr).contains("can't be written"), "{}", text(&out.stderr));
    // The shell's limit on the size of files is in for a disk that fills up.
    let script = format!(
        "ulimit -f 2; exec {} backup {} --state {}",
        crate::binary(),
        path("b.tar").display(),
        path("state").display()
    );
    let out = std::process::Command::new("/bin/bash")
        .args(["-c", &format!("trap '' XFSZ; {script}")])
        .output()
        .unwrap();
    assert!(!out.status.success(), "{}", text(&out.stdout));
    assert!(text(&out.stderr).contains("The partial file was deleted."), "{}", text(&out.stderr));
    assert!(!path("b.tar").exists() && !path("b.tar.new").exists());
}

#[test]
fn a_folder_of_a_newer_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    played(folder.path(), "/desk whoami\n");
    let log = folder.path().join("state/desk/log.jsonl");
    let read = std::fs::read_to_string(&log).unwrap();
    let version = |version: u8| format!("\"v\":{version}}}");
    std::fs::write(&log, read.replace(&version(VERSION), &version(VERSION + 1))).unwrap();
    let state = folder.path().join("state");
    let out = run(&["play", "--state", state.to_str().unwrap()]);
    let said = text(&out.stderr);
    assert!(!out.status.success() && said.contains("written by a newer version of connect-desk"), "{said}");
    let out =
        run(&["backup", folder.path().join("a.tar").to_str().unwrap(), "--state", state.to_str().unwrap()]);
    assert!(!out.status.success() && text(&out.stderr).contains("newer version"), "{}", text(&out.stderr));
}

//! The tools for anyone who writes the rules: the real program reads a configuration and a log, and says what comes of them.

use std::path::{Path, PathBuf};

use crate::{run, text};

fn practice() -> String {
    std::fs::read_to_string(crate::root().join("src/bot/practice.toml")).unwrap()
}

fn written(folder: &Path, rules: &str) -> PathBuf {
    let path = folder.join("desk.toml");
    std::fs::write(&path, rules).unwrap();
    path
}

/// The same without the box and the ends of its lines.
fn plain(said: &str) -> String {
    said.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the tool says, and whether it ended well.
fn policy(args: &[&str]) -> (bool, String) {
    let out = run(&[&["policy"], args].concat());
    let said = format!("{}{}", text(&out.stdout), text(&out.stderr));
    assert!(!said.contains("panicked"), "{said}");
    (out.status.success(), said)
}

/// How many rules the practice desk has.
fn rules() -> usize {
    practice().matches("[[rule]]").count()
}

#[test]
fn check_names_every_finding_with_its_line_and_counts_them() {
    assert_eq!(policy(&["check"]), (true, format!("{} rules, no errors, no warnings\n", rules())));
    let folder = tempfile::tempdir().unwrap();
    let odd = format!(
        "{}\n[[rule]]\nname = \"never\"\ncommands = [\"connect edit\"]\nrisk = [\"change\"]\nroles = [\"l1\"]\nremind_minutes = 0\n\
         [[oncall]]\nperson = \"console:1004\"\nhours = \"Mon-Fri 00:00-24:00 UTC\"\n",
        practice()
    );
    let lines = odd.lines().count();
    let file = written(folder.path(), &odd);
    let (sound, said) = policy(&["check", "--config", file.to_str().unwrap()]);
    assert!(!sound, "{said}");
    assert!(said.ends_with(&format!("\n{} rules, 3 errors, 1 warning\n", rules() + 1)), "{said}");
    let (rule, shift) = (lines - 8, lines - 2);
    for finding in [
        format!("desk.toml, line {rule}: error: The rule `never` can never match"),
        format!("desk.toml, line {rule}: error: The rule `never` would send reminders continuously. Use"),
        format!("desk.toml, line {shift}: warning: No one is on call from Sat 00:00 UTC"),
    ] {
        assert!(said.contains(&finding), "{finding}: {said}");
    }
    let warned = odd.replace("remind_minutes = 0", "").replace(
        "risk = [\"change\"]\nroles = [\"l1\"]\n\n",
        "risk = [\"change\"]\nroles = [\"l1\", \"agent\"]\n",
    );
    let file = written(folder.path(), &warned);
    let (sound, said) = policy(&["check", "--config", file.to_str().unwrap()]);
    assert!(
        sound && said.ends_with(&format!("\n{} rules, no errors, 1 warning\n", rules() + 1)),
        "a warning alone is no failure: {said}"
    );
    let file = written(folder.path(), "color = 1");
    let (sound, said) = policy(&["check", "--config", file.to_str().unwrap()]);
    assert!(
        !sound && said.contains("line 1: error:") && said.ends_with("0 rules, 3 errors, no warnings\n"),
        "{said}"
    );
}

#[test]
fn explain_says_what_the_desk_would_say() {
    let at = ["--at", "2026-11-20T03:00Z"];
    let (sound, said) = policy(&[&["explain", "helpdesk", "connect", "reset"], &at[..]].concat());
    assert!(sound && said.contains("helpdesk (console:1001) with the role l1"), "{said}");
    assert!(
        said.contains("at 20 Nov 2026 03:00 UTC") && plain(&said).contains("1 approval from supervisor or"),
        "{said}"
    );
    for (who, command, message) in [
        ("console:1001", "/connect reset", "Yes, you can use /connect reset here"),
        ("john.doe", "connect reset", "Your role (agent) doesn't allow `/connect reset` here."),
        ("auditor,l1", "connect show", "It changes nothing"),
        ("Oncall", "connect reset", "Emergency"),
        ("l1", "connect rest", "Did you mean `connect reset`?"),
        ("no one", "connect reset", "There is no person `no one`"),
        ("l1,spervisor", "connect reset", "Did you mean `supervisor`?"),
    ] {
        let (_, said) = policy(&["explain", who, command]);
        assert!(said.contains(message), "{who} {command}: {said}");
    }
    let urgent = |who| policy(&["explain", who, "connect reset", "--emergency"]).1;
    assert!(urgent("oncall").contains("Yes, you can use /connect reset in an emergency here"));
    assert!(urgent("helpdesk").contains("No, you can't use /connect reset in an emergency here"));
    let (sound, said) = policy(&["explain", "l1", "connect reset", "--at", "tomorrow"]);
    assert!(!sound && said.contains("2026-11-20T03:00Z"), "{said}");
}

#[test]
fn explain_goes_by_the_moment_and_the_channel() {
    let folder = tempfile::tempdir().unwrap();
    let limited = practice().replace(
        "risk = [\"change\"]",
        "risk = [\"change\"]\nhours = [\"Mon-Fri 08:00-18:00 Europe/Berlin\"]\nchannels = [\"42\"]",
    );
    // Nothing else opens it, so that hours and channel decide alone.
    let (above, below) = limited.split_once("what touches sign-in").unwrap();
    let below = below.replacen("risk = [\"sensitive\", \"destructive\"]", "risk = [\"destructive\"]", 1);
    let limited = format!("{above}what touches sign-in{below}");
    let file = written(folder.path(), &limited);
    let asked = |at: &str, channel: &str| {
        let config = file.to_str().unwrap();
        plain(
            &policy(&["explain", "l1", "connect edit", "--at", at, "--channel", channel, "--config", config])
                .1,
        )
    };
    assert!(asked("2026-11-20T16:00Z", "42").contains("applies Mon-Fri 08:00-18:00 Europe/Berlin"));
    assert!(asked("2026-11-20T17:30Z", "42").contains("No, you can't use /connect edit here"));
    assert!(asked("2026-11-20T16:00Z", "43").contains("in channel `42`"));
}

/// A desk that has seen a reset with its approval, an edit, and a refusal.
fn desk_with_a_past(folder: &Path) -> PathBuf {
    let (state, script) = (folder.join("state"), folder.join("script.md"));
    let lines = [
        "helpdesk> /connect reset mei.chen method:recreate reason:\"INC-1042 locked out\"",
        "helpdesk> /desk confirm 1",
        "supervisor> /desk approve 1",
        "helpdesk> /connect edit mei.chen first_name:\"May\"",
        "helpdesk> /desk confirm 2",
        "auditor> /connect edit mei.chen first_name:\"Mei\"",
    ];
    std::fs::write(&script, format!("```desk\n{}\n```\n", lines.join("\n"))).unwrap();
    let (state_arg, script) = (state.to_str().unwrap(), script.to_str().unwrap());
    let out = run(&["play", "--script", script, "--accept", "--fresh", "--state", state_arg]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    state
}

#[test]
fn test_judges_the_log_by_other_rules() {
    let folder = tempfile::tempdir().unwrap();
    let state = desk_with_a_past(folder.path());
    let state = state.to_str().unwrap();
    let tested = |rules: &str| {
        let file = written(folder.path(), rules);
        let (sound, said) =
            policy(&["test", "--replay", "30d", "--state", state, "--config", file.to_str().unwrap()]);
        assert!(sound, "{said}");
        said
    };
    let same = tested(&practice());
    assert!(same.contains("3 requests compared") && same.ends_with("0 differences.\n"), "{same}");
    let (sound, usual) = policy(&["test", "--replay", "1h", "--state", state]);
    assert!(sound && usual.ends_with("0 differences.\n"), "{usual}");

    let said = tested(&practice().replace("approvals = 1\napprovers = [\"supervisor\", \"admin\"]\n", ""));
    assert!(said.contains("#1") && said.contains("/connect reset") && said.contains("helpdesk"), "{said}");
    assert!(said.ends_with("1 difference: 1 would need no approval.\n"), "{said}");
    let said = tested(&practice().replace("approvals = 1", "approvals = 2"));
    assert!(plain(&said).contains("missing: 1 from supervisor or admin"), "{said}");
    assert!(said.ends_with("1 difference: 1 would need more approvals.\n"), "{said}");
    let said = tested(&practice().replace("risk = [\"change\"]", "risk = [\"change\"]\ndeny = true"));
    assert!(said.contains("#2") && said.ends_with("1 difference: 1 would be refused.\n"), "{said}");
    let open = practice().replace(
        "risk = [\"change\"]\nroles = [\"l1\",",
        "risk = [\"change\"]\nroles = [\"auditor\", \"l1\",",
    );
    let said = tested(&open);
    assert!(
        plain(&said).contains("allowed by the rule") && said.ends_with("1 difference: 1 would be allowed.\n"),
        "{said}"
    );
    let said = tested(&practice().replace("confirm = true\n\n", "confirm = false\n\n"));
    assert!(said.ends_with("1 difference: 1 would have the same outcome under looser rules.\n"), "{said}");

    let verified = run(&["log", "verify", "--state", state]);
    assert!(verified.status.success(), "reading changes nothing: {}", text(&verified.stdout));
    let (sound, said) = policy(&["test", "--replay", "soon", "--state", state]);
    assert!(!sound && said.contains("such as 30d"), "{said}");
    let nowhere = folder.path().join("nowhere");
    let (sound, said) = policy(&["test", "--replay", "30d", "--state", nowhere.to_str().unwrap()]);
    assert!(!sound && said.contains("There is no log in"), "{said}");
    assert!(!nowhere.exists(), "looking makes no folder");
}

#[test]
fn coverage_says_when_nobody_can_approve() {
    let (sound, said) = policy(&["coverage"]);
    assert!(sound && said.starts_with("/connect add, ") && said.contains("\n  covered all week\n"), "{said}");
    let recover = "/desk recover `admin` has too few others to approve a plan";
    assert!(plain(&said).contains(recover), "it takes two admins whatever the rules say: {said}");
    let folder = tempfile::tempdir().unwrap();
    let night = practice()
        .replace(
            "risk = [\"sensitive\", \"destructive\"]",
            "risk = [\"sensitive\", \"destructive\"]\nhours = [\"Mon-Fri 08:00-18:00 Europe/Berlin\"]",
        )
        .replace("id = \"console:1004\"", "id = \"console:1004\" # on call")
        + "\n[[oncall]]\nperson = \"console:1004\"\nhours = \"Mon-Fri 00:00-24:00 Europe/Berlin\"\n";
    let file = written(folder.path(), &night);
    let (sound, said) = policy(&["coverage", "--config", file.to_str().unwrap()]);
    assert!(sound, "{said}");
    let weekend = "Fri 23:00-Sun 23:00 UTC (Sat 00:00-Mon 00:00 Europe/Berlin)";
    let glass = format!("no one is on call, so no emergency requests are possible: {weekend}");
    let nights = "no one can use it for a destructive plan: Mon,Tue,Wed,Thu 17:00-07:00 UTC \
                  (Mon,Tue,Wed,Thu 18:00-08:00 Europe/Berlin), Fri 17:00-Mon 07:00 UTC (Fri 18:00-Mon 08:00 Europe/Berlin)";
    for gap in [glass.as_str(), nights] {
        assert!(plain(&said).contains(gap), "{gap}: {said}");
    }
    assert!(said.contains("covered all week"), "looking is: {said}");
}

/// Rules are compared with all that stand above them, so a thousand of them are half a million pairs.
#[test]
fn a_thousand_rules_are_read_compared_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut many = practice();
    for i in 0..1_000 {
        many.push_str(&format!(
            "\n[[rule]]\nname = \"rule {i}\"\ncommands = [\"connect edit\", \"connect reset\"]\nrisk = [\"change\"]\nroles = [\"agent\"]\n\
             channels = [\"{i}\"]\nhours = [\"Mon-Fri 08:{:02}-18:00 Europe/Berlin\"]\ntouches = {{ logins = [\"user.{i}\"] }}\n",
            i % 60
        ));
    }
    let file = written(folder.path(), &many);
    let config = file.to_str().unwrap();
    let (sound, said) = policy(&["check", "--config", config]);
    assert!(sound && said == format!("{} rules, no errors, no warnings\n", 1_000 + rules()), "{said}");
    let state = folder.path().join("state");
    let state = state.to_str().unwrap();
    let out = run(&["play", "--config", config, "--state", state]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let out = run(&["play", "--state", state]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let out = run(&["log", "show", "--state", state]);
    let shown = text(&out.stdout);
    let first = format!("First policy in this log: {} rules.", 1_000 + rules());
    assert!(shown.contains(&first), "{shown}");
    assert!(shown.contains("The rule 'rule 999' was removed."), "{shown}");
    assert!(run(&["log", "verify", "--state", state]).status.success());
}

/// What docs/policy.md shows is what the tools say of the rules that it shows. `ACCEPT=1` renews it.
#[test]
fn the_page_about_rules_is_true() {
    let path = crate::root().join("docs/policy.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let blocks = |kind: &str| -> Vec<&str> {
        let begins = format!("\n```{kind}\n");
        let parts: Vec<&str> = page.split(&begins).skip(1).collect();
        parts.into_iter().map(|block| block.split("```").next().unwrap()).collect()
    };
    let [rule, shift] = blocks("toml").try_into().unwrap();
    let below = "[[rule]]\nname = \"what touches sign-in";
    let rules = practice().replace(below, &format!("{rule}\n{below}"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("night.toml"), format!("{rules}\n{shift}")).unwrap();
    let strict = practice().replace("approvals = 1", "approvals = 2");
    std::fs::write(folder.path().join("strict.toml"), strict).unwrap();
    let state = desk_with_a_past(folder.path()).display().to_string();
    let (mut renewed, mut shown) = (page.clone(), 0);
    for block in blocks("console") {
        let (command, _) = block.split_once('\n').unwrap();
        let args = command.strip_prefix("$ connect-desk ").unwrap();
        let args = args.replace("/var/lib/connect-desk", &state);
        let out = std::process::Command::new(crate::binary())
            .args(args.split_whitespace())
            .current_dir(folder.path())
            .output()
            .unwrap();
        renewed = renewed.replace(block, &format!("{command}\n{}", text(&out.stdout)));
        shown += 1;
    }
    assert_eq!(shown, 4);
    if std::env::var_os("ACCEPT").is_some() {
        std::fs::write(&path, &renewed).unwrap();
    } else {
        assert_eq!(
            page, renewed,
            "docs/policy.md is old: `ACCEPT=1 cargo test -p connect-desk --test process policy::` renews it"
        );
    }
}

//! Exports at a time: asked once as the person whom the configuration names, by the rules that are true for them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use connect_desk::config;
use desk_core::card::{Block, Card};

use crate::support::Story;

/// Someone who does nothing but run exports, and the rule that lets them.
const NIGHTLY: &str = r#"
[[person]]
id = "console:1900"
name = "nightly"
roles = ["auditor"]
"#;

const RULE: &str = r#"
[[rule]]
name = "the nightly export runs unattended"
commands = ["connect export", "desk file", "desk details"]
roles = ["auditor"]
confirm = false

"#;

/// The practice configuration with this person, this rule in front of all others, and this schedule. The story begins at 09:00 UTC.
fn config(rule: &str, schedule: &str) -> Result<config::Config, config::ConfigErrors> {
    let text = connect_desk::practice::PRACTICE;
    let first = text.find("[[rule]]").unwrap();
    let text = format!("{}{NIGHTLY}{rule}{}{schedule}", &text[..first], &text[first..]);
    config::parse(Path::new("desk.toml"), &text, &desk_commands::all())
}

fn schedule(more: &str) -> String {
    format!(
        "\n[[schedule]]\nname = \"east\"\ncommand = '/connect export hierarchy_group:\"Tracers East\"'\nat = \"10:00\"\nzone = \"UTC\"\nas = \"console:1900\"\n{more}\n"
    )
}

const FOR_HELPDESK: &str = "for = [\"console:1001\"]";

async fn story(rule: &str, more: &str) -> Story {
    let config = config(rule, &schedule(more)).unwrap();
    Story::with(|options| options.config = Some(config)).await
}

/// Time passes, and whatever it has made due is taken on.
async fn passes(story: &mut Story, time: &str) -> String {
    let mut told = story.told("helpdesk", &format!("wait {time}")).await;
    told += &story.told("helpdesk", "/desk whoami").await;
    told
}

fn file(card: &Card) -> Option<(&str, &str)> {
    card.blocks.iter().find_map(|block| match block {
        Block::File { name, text } => Some((name.as_str(), text.as_str())),
        _ => None,
    })
}

#[tokio::test]
async fn it_runs_once_at_its_time_and_the_file_is_for_whom_it_names() {
    let mut story = story(RULE, FOR_HELPDESK).await;
    passes(&mut story, "50m").await;
    plays! { story: ("admin", "/desk history 1", "No request") }
    passes(&mut story, "11m").await;
    let card = story.card("helpdesk", "/desk file 1").await;
    let (name, text) = file(&card).unwrap_or_else(|| panic!("{card:?}"));
    assert_eq!(name, "users-2026-11-20.csv");
    assert!(text.contains("aaron.fields") || text.lines().count() > 2, "{text}");
    let history = story.told("admin", "/desk history 1").await;
    assert!(
        history.contains("nightly · requested: \"/connect export") && history.contains("schedule:east"),
        "{history}"
    );
    // The person in whose name it runs gets it, and no one else.
    plays! { story: ("supervisor", "/desk file 1", "╭ ✗") }
    let own = story.card("nightly", "/desk file 1").await;
    assert!(file(&own).is_some(), "{own:?}");
    // Neither time nor a restart runs it again today.
    story.says("helpdesk", "restart").await;
    passes(&mut story, "5h").await;
    let told = story.told("admin", "/desk history 2").await;
    assert!(told.contains("No request"), "{told}");
    story.tells("supervisor", "/desk digest", &["Scheduled exports", "`east`", "completed"]).await;
    passes(&mut story, "20h").await;
    story.tells("admin", "/desk history 2", &["schedule:east"]).await;
}

#[tokio::test]
async fn a_folder_gets_a_file_that_no_one_else_can_read() {
    let there = tempfile::tempdir().unwrap();
    let folder = there.path().join("exports");
    let mut story = story(RULE, &format!("folder = \"{}\"", folder.display())).await;
    passes(&mut story, "61m").await;
    let path = folder.join("east-2026-11-20.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.lines().count() > 2, "{text}");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&folder)), (0o600, 0o700));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left there");
    // The same as what is sealed.
    let card = story.card("nightly", "/desk file 1").await;
    assert_eq!(file(&card).unwrap().1, text);
    let card = story.card("nightly", "/desk details 1").await;
    assert!(format!("{card:?}").contains("exports"), "{card:?}");

    // Into a folder that others may write to goes nothing, and the request says so.
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    passes(&mut story, "24h").await;
    story.tells("admin", "/desk history 2", &["Others can write to"]).await;
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    plays! { story: ("admin", "/desk retry 2", "╭ ✓") }
    assert!(folder.join("east-2026-11-21.csv").exists());
}

#[tokio::test]
async fn a_time_at_which_the_desk_was_down_is_made_up_for_once_and_said() {
    let run = config(RULE, &schedule(FOR_HELPDESK)).unwrap();
    let clock = crate::support::clock();
    let moved = clock.clone();
    let mut story = Story::with(|options| (options.config, options.clock) = (Some(run), moved)).await;
    clock.advance(Duration::from_secs(61 * 60));
    story.says("helpdesk", "/desk whoami").await;
    plays! { story: ("admin", "/desk history 1", "schedule:east") }
    // Three days and two hours pass while it is down.
    clock.advance(Duration::from_secs((3 * 24 + 2) * 3600));
    story.says("helpdesk", "restart").await;
    let mut told = story.told("admin", "/desk requests").await;
    assert!(told.contains("`east` was due at") && told.contains("and did not run then"), "{told}");
    assert!(told.contains("2 times before that passed without a run"), "{told}");
    told = story.told("admin", "/desk history 2").await;
    assert!(told.contains("schedule:east"), "{told}");
    plays! { story: ("admin", "/desk history 3", "No request") }
}

#[tokio::test]
async fn its_very_first_time_is_made_up_for_and_none_from_before_it_was_written() {
    let plain = config("", "").unwrap();
    let with = |at: &str| {
        config(RULE, &schedule(FOR_HELPDESK).replace("10:00", at).replace("zone", "days = \"Mon-Fri\"\nzone"))
            .unwrap()
    };
    let first = plain.clone();
    let mut story = Story::with(|options| options.config = Some(first)).await;
    story.says("helpdesk", "/desk whoami").await;
    let requests = async |story: &mut Story| {
        let all = desk_core::log::Query { limit: usize::MAX, ..Default::default() };
        let lines = story.inside().desk.saga.log.history(&all).await.unwrap();
        let asked =
            |line: &desk_core::log::Line| matches!(line.event, desk_core::log::Event::Requested { .. });
        lines.iter().filter(|line| asked(line)).count()
    };
    // A Friday. It was written while the desk was down, after its time.
    story.reopened("2026-11-20T10:30:00Z", |options| options.config = Some(with("10:00"))).await;
    story.says("helpdesk", "/desk whoami").await;
    assert_eq!(requests(&mut story).await, 0);
    // The desk was down at the first time that it had it, and at the one after that.
    let mut told = story.reopened("2026-11-24T12:00:00Z", |_| {}).await;
    told += &story.told("helpdesk", "/desk whoami").await;
    assert_eq!(requests(&mut story).await, 1, "{told}");
    assert!(told.contains("`east` was due at 10:00 UTC") && told.contains("1 time before that"), "{told}");
    // Its time was moved ahead of now, while it was down or by a reload: the next one is tomorrow.
    story.reopened("2026-11-24T13:00:00Z", |options| options.config = Some(with("12:30"))).await;
    story.says("helpdesk", "/desk whoami").await;
    assert_eq!(requests(&mut story).await, 1);
    // It was taken out for two days.
    story.reopened("2026-11-24T14:00:00Z", |options| options.config = Some(plain.clone())).await;
    story.reopened("2026-11-26T14:00:00Z", |options| options.config = Some(with("12:30"))).await;
    story.says("helpdesk", "/desk whoami").await;
    assert_eq!(requests(&mut story).await, 1);
    passes(&mut story, "23h").await;
    assert_eq!(requests(&mut story).await, 2);
}

#[tokio::test]
async fn it_waits_for_what_the_rules_want_and_runs_by_no_other_right() {
    // Without the rule an auditor may not export at all: the configuration says so before anything starts.
    let said = config("", &schedule(FOR_HELPDESK)).unwrap_err().to_string();
    assert!(said.contains("No rule lets `console:1900` export users"), "{said}");
    // Someone whose exports need a confirmation confirms each.
    let warned =
        config("", &schedule("for = [\"console:1001\"]").replace("console:1900", "console:1002")).unwrap();
    assert!(
        warned.warnings.iter().any(|(_, said)| said.contains("waits for their confirmation")),
        "{:?}",
        warned.warnings
    );
    let mut story = Story::with(|options| options.config = Some(warned)).await;
    passes(&mut story, "61m").await;
    let told = story.told("helpdesk", "/desk file 1").await;
    assert!(told.contains("still needs the requester's confirmation"), "{told}");
    plays! { story: ("supervisor", "/desk confirm 1", "╭ ✓") }
    assert!(file(&story.card("helpdesk", "/desk file 1").await).is_some());
    // No one else says that it is the schedule that asks.
    let told = story.told("helpdesk", "/connect export schedule:east").await;
    assert!(told.contains("doesn't run as you"), "{told}");
    story.tells("helpdesk", "/connect export schedule:west", &["no [[schedule]] `west`"]).await;
}

#[test]
fn a_run_is_judged_before_by_what_decides_then() {
    let run = |more: &str| RULE.replace("confirm = false\n", &format!("confirm = false\n{more}\n"));
    let to = |who: &str| format!("for = [\"{who}\"]");
    let typed = "Tracers East\"'";
    for (rule, more, reason, says) in [
        (run("caller = true"), FOR_HELPDESK.to_owned(), "", "waits for caller verification, by the rule"),
        (
            run(
                "approvals = 1\napprovers = [\"supervisor\"]\nand = [{ approvals = 1, approvers = [\"admin\"] }]",
            ),
            FOR_HELPDESK.to_owned(),
            "",
            "waits for 1 approval from supervisor and 1 approval from admin, by the rule",
        ),
        (
            run("and = [{ approvals = 1, approvers = [\"admin\"] }]"),
            FOR_HELPDESK.to_owned(),
            "",
            "waits for 1 approval from admin, by the rule",
        ),
        (run("reason = true"), FOR_HELPDESK.to_owned(), "", "This needs a reason. Add `reason"),
        (
            run("reason = \"INC-[0-9]+\""),
            FOR_HELPDESK.to_owned(),
            "weekly",
            "must include something that matches",
        ),
        (run("reason = \"INC-[0-9]+\""), FOR_HELPDESK.to_owned(), "INC-7", ""),
        (run("hours = [\"daily 09:00-11:00 UTC\"]"), FOR_HELPDESK.to_owned(), "", ""),
        (
            run("hours = [\"daily 11:00-09:00 UTC\"]"),
            FOR_HELPDESK.to_owned(),
            "",
            "No rule lets `console:1900` export users: ",
        ),
        (
            run("hours = [\"Mon 00:00-24:00 UTC\"]"),
            FOR_HELPDESK.to_owned(),
            "",
            "No rule lets `console:1900` export users at every time of this schedule",
        ),
        (RULE.to_owned(), to("console:1007"), "", "No rule lets `console:1007` use `/desk file`"),
        (RULE.to_owned(), to("console:1002"), "", ""),
    ] {
        let mut section = schedule(&more);
        if !reason.is_empty() {
            section = section.replace(typed, &format!("Tracers East\" reason:\"{reason}\"'"));
        }
        let said = match config(&rule, &section) {
            Ok(config) => config.warnings.into_iter().map(|(_, said)| said).collect::<Vec<_>>().join("\n"),
            Err(errors) => errors.to_string(),
        };
        let is_silent = says.is_empty() && said.is_empty();
        assert!(is_silent || !says.is_empty() && said.contains(says), "{rule}{section}: {said}");
    }
}

#[tokio::test]
async fn what_can_no_longer_be_asked_is_said_once() {
    let mut config = config(RULE, &schedule(FOR_HELPDESK)).unwrap();
    config.policy.rules.retain(|rule| rule.name != "the nightly export runs unattended");
    let mut story = Story::with(|options| options.config = Some(config)).await;
    let mut told = passes(&mut story, "61m").await;
    told += &passes(&mut story, "2h").await;
    assert_eq!(told.matches("did not run").count(), 1, "{told}");
    assert!(
        told.contains(
            "did not run. Your role (auditor) doesn't allow `/connect export` here. Correct [[schedule]]"
        ),
        "{told}"
    );
    story.tells("supervisor", "/desk digest", &["Scheduled exports", "did not run"]).await;
}

#[test]
fn what_is_wrong_with_a_schedule_is_said_with_its_line() {
    let right = schedule(FOR_HELPDESK);
    assert!(config(RULE, &right).is_ok());
    for (from, to, says) in [
        ("\"east\"", "\"East 1\"", "isn't the name of a schedule"),
        ("/connect export hierarchy_group:\"Tracers East\"", "/connect find john", "can't be scheduled"),
        ("hierarchy_group:", "hierarchy_grup:", "hierarchy_grup"),
        ("Tracers East\"'", "Tracers East\" schedule:x'", "Leave `schedule:` out"),
        ("\"10:00\"", "\"10 a.m.\"", "isn't a time of the day"),
        ("\"UTC\"", "\"Berlin\"", "Invalid time zone"),
        ("zone = ", "days = \"Mo-Fr\"\nzone = ", "Invalid days"),
        ("as = \"console:1900\"", "as = \"console:7\"", "There is no [[person]] `console:7`"),
        ("as = \"console:1900\"", "as = \"nightly\"", "nightly"),
        ("for = [\"console:1001\"]", "", "No one gets the file"),
        ("for = [\"console:1001\"]", "for = [\"console:8\"]", "There is no [[person]] `console:8`"),
        ("for = [\"console:1001\"]", "folder = \"exports\"", "isn't a whole path"),
        ("for = [\"console:1001\"]", "to = [\"console:1001\"]", "There is no key"),
    ] {
        assert!(right.contains(from), "{from}");
        let said = config(RULE, &right.replace(from, to)).unwrap_err().to_string();
        assert!(said.contains(says) && said.contains("line "), "{from} -> {to}: {said}");
    }
    let twice = format!("{right}{right}");
    let said = config(RULE, &twice).unwrap_err().to_string();
    assert!(said.contains("two schedules `east`"), "{said}");
}

#[tokio::test]
async fn a_clock_that_was_ahead_costs_no_run() {
    const YEAR: i64 = 365 * 86_400;
    let run = config(RULE, &schedule(FOR_HELPDESK)).unwrap();
    let clock = crate::support::clock();
    let moved = clock.clone();
    let mut story = Story::with(|options| (options.config, options.clock) = (Some(run), moved)).await;
    story.says("helpdesk", "/desk whoami").await;
    // The second of these is for a day that is a year away.
    for (no, set, hours) in [(1, 0, 2), (2, YEAR, 0), (3, -YEAR, 24), (4, 0, 24)] {
        clock.set_ahead(set);
        clock.advance(Duration::from_secs(hours * 3_600));
        if no == 4 {
            story.says("helpdesk", "restart").await;
        }
        story.says("helpdesk", "/desk whoami").await;
        story.tells("admin", &format!("/desk history {no}"), &["schedule:east"]).await;
        plays! { story: ("admin", &format!("/desk history {}", no + 1), "No request") }
    }
}

#[tokio::test]
async fn what_passes_by_itself_costs_no_run() {
    // Two at one time as one person, who may export once a minute.
    let two = format!("{}{}", schedule(FOR_HELPDESK), schedule(FOR_HELPDESK).replace("east", "west"));
    let mut config = config(RULE, &two).unwrap();
    config.turns.of.insert("connect export".to_owned(), std::num::NonZeroU32::MIN);
    let mut story = Story::with(|options| options.config = Some(config)).await;
    let fault = serde_json::json!({
        "operation": "SearchUsers", "fault": "fail_before", "times": 1_000,
        "error": "InternalServiceException", "status": 500,
    });
    passes(&mut story, "50m").await;
    story.sim(&format!("POST /_sim/faults {fault}")).await;
    passes(&mut story, "11m").await;
    story.sim("DELETE /_sim/faults").await;
    passes(&mut story, "10m").await;
    for no in ["1", "2"] {
        story.tells("admin", &format!("/desk history {no}"), &["schedule:", "finished: completed"]).await;
    }
}

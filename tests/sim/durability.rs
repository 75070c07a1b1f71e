//! What was acknowledged outlives the process.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use desk_sim::journal::Journal;
use desk_sim::{IdentityType, Options, Seed, Sim, SimError};
use serde_json::{Value, json};

use crate::support::{Center, DUPLICATE, START_MS, clock, options};
use crate::writes::every_write;

fn file() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("practice.state");
    (directory, path)
}

/// One of each kind of write, and a user at work.
async fn change_everything(center: &Center) {
    every_write(center).await;
    let presence = json!({ "signed_in": true, "status": "Break", "on_contact": "TASK" });
    assert_eq!(center.control("PUT", "/users/new.agent/presence", presence).await.0, 200);
    let waiting = json!({ "contacts": [{ "channel": "VOICE" }] });
    assert_eq!(center.control("PUT", "/queues/Callback/waiting", waiting).await.0, 200);
}

async fn whole_world(center: &Center) -> Value {
    center.control("GET", "/world", Value::Null).await.1
}

/// Long enough that the file is rewritten when it is opened again.
async fn fill(center: &Center, path: &Path) {
    let arn = center.user("omar.aziz").await["Arn"].take();
    let tags: Value = (0..40).map(|number| (format!("tag {number}"), json!("x".repeat(256)))).collect();
    while std::fs::metadata(path).unwrap().len() < 1 << 20 {
        center.ok("TagResource", json!({ "resourceArn": arn, "tags": tags })).await;
    }
}

#[tokio::test]
async fn a_world_is_the_same_after_it_was_closed() {
    for long in [false, true] {
        let (_directory, path) = file();
        let center = Center::in_file(&path);
        change_everything(&center).await;
        let task = json!({
            "QuickConnectId": "@quick_connects/Help desk", "Name": "Test", "ClientToken": "once",
        });
        let started = center.ok("StartTaskContact", task.clone()).await;
        if long {
            fill(&center, &path).await;
        }
        let before = whole_world(&center).await;
        drop(center);
        let again = Center::in_file(&path);
        assert!(std::fs::metadata(&path).unwrap().len() < 1 << 20, "a long file is compacted");
        again.clock.pass(Duration::from_secs(1));
        assert_eq!(whole_world(&again).await, before);
        assert_eq!(again.ok("StartTaskContact", task).await, started, "a client token is remembered");
        // Counted ids continue where they were.
        let id = again.create("another.agent", json!({})).await;
        assert!(!before.to_string().contains(&id));
    }
}

/// Opens the file when so much time has passed since it was made.
fn opened_after(passed: Duration, path: &Path) -> Center {
    let clock = clock();
    clock.pass(passed);
    let sim = Sim::open(Options { state: Some(path.to_owned()), ..options(&clock) }).unwrap();
    Center { sim, clock }
}

#[tokio::test]
async fn a_long_file_is_compacted_to_the_last_change_of_each_thing() {
    let (_directory, path) = file();
    let center = Center::in_file(&path);
    let created = center.create("created.and.removed", json!({})).await;
    for id in [created, center.user_id("john.doe").await] {
        center.ok("DeleteUser", json!({ "UserId": id })).await;
    }
    for status in ["Break", "Available"] {
        let presence = json!({ "signed_in": true, "status": status });
        assert_eq!(center.control("PUT", "/users/ben.carter/presence", presence).await.0, 200);
    }
    fill(&center, &path).await;
    let before = whole_world(&center).await;
    drop(center);

    let again = opened_after(Duration::from_secs(24 * 3_600 + 1), &path);
    assert_eq!(whole_world(&again).await, before);
    let kept = std::fs::read_to_string(&path).unwrap();
    let changes: Vec<Value> = kept
        .lines()
        .skip(1)
        .flat_map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            record["changes"].as_array().unwrap().clone()
        })
        .collect();
    let kinds: Vec<&str> =
        changes.iter().flat_map(|change| change.as_object().unwrap().keys()).map(String::as_str).collect();
    // Of the two who were removed only the one of the seed is remembered, or they would be back.
    assert_eq!(kinds, ["UserGone", "Presence", "User"]);
    assert_eq!(changes[0]["UserGone"]["login"], "john.doe");
    let second = Sim::open(Options { state: Some(path.clone()), ..options(&clock()) });
    assert!(matches!(second, Err(SimError::StateInUse { .. })), "the new file is locked");
    again.create("late.agent", json!({})).await;
    let before = whole_world(&again).await;
    drop(again);
    assert_eq!(whole_world(&opened_after(Duration::ZERO, &path)).await, before);
}

/// Whether each of these users is there.
async fn are_there(center: &Center, users: &[Value; 3]) -> [bool; 3] {
    let mut there = [false; 3];
    for (there, user) in there.iter_mut().zip(users) {
        *there = center.call("DescribeUser", user.clone()).await.0 == 200;
    }
    there
}

#[tokio::test]
async fn records_come_back_and_a_torn_one_does_not() {
    let (_directory, path) = file();
    let center = Center::in_file(&path);
    let mut users = [Value::Null, Value::Null, Value::Null];
    for (user, login) in users.iter_mut().zip(["john.doe", "aaron.fields", "ben.carter"]) {
        *user = json!({ "UserId": center.user_id(login).await });
    }
    center.ok("DeleteUser", users[0].clone()).await;
    center.ok("DeleteUser", users[1].clone()).await;
    drop(center);
    let whole = std::fs::read(&path).unwrap();
    for torn in 0..whole.len() {
        std::fs::write(&path, &whole[..torn]).unwrap();
        let center = Center::in_file(&path);
        let lines = whole[..torn].iter().filter(|byte| **byte == b'\n').count();
        let [first, second] = [lines < 2, lines < 3];
        assert_eq!(are_there(&center, &users).await, [first, second, true], "torn at {torn}");
        center.ok("DeleteUser", users[2].clone()).await;
        drop(center);
        let again = Center::in_file(&path);
        assert_eq!(are_there(&again, &users).await, [first, second, false], "torn at {torn}");
    }
}

#[test]
fn what_cannot_be_written_is_said_and_nothing_follows_a_torn_line() {
    let (_directory, path) = file();
    std::fs::write(&path, "torn").unwrap();
    let mut journal = Journal::new(path.clone(), File::open(&path).unwrap());
    let unwritten = journal.write_line(&json!({})).unwrap_err();
    assert!(unwritten.raw_os_error().is_some(), "{unwritten}");
    let unwritten = journal.write_line(&json!({})).unwrap_err().to_string();
    assert!(unwritten.contains("torn and could not be undone"), "{unwritten}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "torn");
}

#[tokio::test]
async fn names_linger_over_a_restart() {
    let (_directory, path) = file();
    let center = Center::in_file(&path);
    let john = center.user_id("john.doe").await;
    center.ok("DeleteUser", json!({ "UserId": john })).await;
    drop(center);
    let again = Center::in_file(&path);
    let input = again.new_agent("john.doe").await;
    again.clock.pass(Duration::from_millis(4_999));
    assert_eq!(again.refused("CreateUser", input.clone()).await, DUPLICATE);
    again.clock.pass(Duration::from_millis(1));
    again.ok("CreateUser", input).await;
    drop(again);
    let last = Center::in_file(&path);
    assert_eq!(last.user("john.doe").await["IdentityInfo"]["FirstName"], "New");
}

#[tokio::test]
async fn a_file_keeps_its_seed_its_identity_and_its_times() {
    let (_directory, path) = file();
    drop(Center::with(|options| {
        options.state = Some(path.clone());
        options.seed = Seed::Users(7);
        options.identity = IdentityType::Saml;
    }));
    let clock = clock();
    clock.pass(Duration::from_secs(3_600));
    let mut options = options(&clock);
    options.state = Some(path);
    let sim = Sim::open(options).unwrap();
    assert_eq!(sim.seed(), Seed::Users(7));
    let again = Center { sim, clock };
    let world = whole_world(&again).await;
    assert_eq!(world["instance"]["identity"], "SAML");
    let since = &world["users"]["agent000005"]["presence"]["since"];
    #[allow(clippy::cast_precision_loss)]
    let start = START_MS as f64 / 1000.0;
    assert_eq!(*since, start - 5.0 * 60.0);
}

#[tokio::test]
async fn a_file_in_use_is_refused() {
    let (_directory, path) = file();
    let center = Center::in_file(&path);
    let clock = clock();
    let second = Sim::open(Options { state: Some(path.clone()), ..options(&clock) });
    assert!(matches!(second, Err(SimError::StateInUse { .. })));
    drop(center);
    Center::in_file(&path);
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let (_directory, path) = file();
    let refused = || {
        let options = Options { state: Some(path.clone()), ..options(&clock()) };
        Sim::open(options).unwrap_err().to_string()
    };
    for (text, wanted) in [
        ("hello", "is not the state"),
        ("hello\n", "is not the state"),
        ("{\"a\":1}\n", "is not the state"),
        ("{\"connect_desk_sim\":2,\"seed_version\":3}\n", "has format 2"),
        ("{\"connect_desk_sim\":1,\"seed_version\":99}\n", "seed version 99"),
    ] {
        std::fs::write(&path, text).unwrap();
        let refused = refused();
        assert!(refused.contains(wanted), "{refused}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    drop(Center::in_file(&path.with_extension("new")));
    let mut damaged = std::fs::read_to_string(path.with_extension("new")).unwrap();
    damaged.push_str("nonsense\n");
    std::fs::write(&path, &damaged).unwrap();
    let refused = refused();
    assert!(refused.contains("damaged in line 2"), "{refused}");
}

#[tokio::test]
async fn faults_and_settings_end_with_the_process() {
    let (_directory, path) = file();
    let center = Center::in_file(&path);
    center.fault(json!({ "operation": "CreateUser", "fault": "throttle" })).await;
    center.set(json!({ "lag_ms": 100, "user_quota": 1 })).await;
    drop(center);
    let again = Center::in_file(&path);
    assert_eq!(again.control("GET", "/faults", Value::Null).await.1, json!({ "faults": [] }));
    let settings = again.control("GET", "/settings", Value::Null).await.1;
    assert_eq!((&settings["lag_ms"], &settings["user_quota"]), (&json!(0), &json!(500)));
}

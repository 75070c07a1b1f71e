//! What was acknowledged outlives the process.

use std::path::{Path, PathBuf};
use std::time::Duration;

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

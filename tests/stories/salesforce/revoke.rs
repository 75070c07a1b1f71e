use desk_core::card::Tone;
use serde_json::{Value, json};

use crate::support::Story;

#[tokio::test]
async fn a_set_is_taken_and_undo_gives_it_again() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story: ("helpdesk", "☑ /salesforce revoke aaron.fields", "Remove the permission set `AC_Agent` from `aaron.fields` in Salesforce.", "⇒", "╭ ✓") }
    assert_ne!(story.world().await["salesforce"], before["salesforce"]);
    story.says("helpdesk", "/connect undo 1").await;
    story.says("helpdesk", "/desk confirm 2").await;
    assert_eq!(story.card("supervisor", "/desk approve 2").await.tone, Tone::Good);
    story.tells("helpdesk", "/salesforce show aaron.fields", &["AC_Agent"]).await;
}

#[tokio::test]
async fn whoever_does_not_have_it_is_left_alone() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/salesforce revoke grace.lee").await;
    assert!(told.contains("`grace.lee` doesn't have `AC_Agent` in Salesforce."), "{told}");
    plays! { story: ("helpdesk", "/salesforce revoke grace.lee set:AC_Supervisor", "is a custom permission set") }
    assert_eq!(story.writes().await, 0);
}

/// What is given back lasts as long as it did, and what has expired meanwhile isn't given back at all.
#[tokio::test]
async fn a_set_that_expires_comes_back_with_its_end() {
    let mut story = Story::begin().await;
    let world = story.org("GET", "world", Value::Null).await;
    let id = |object: &str, key: &str, is: &str| {
        let records = world[object].as_object().unwrap();
        records.values().find(|one| one[key] == is).unwrap()["Id"].clone()
    };
    let aaron = id("User", "Username", "aaron.fields@practice.example.com");
    let set = id("PermissionSet", "Label", "AC_Agent");
    let rows = world["PermissionSetAssignment"].as_object().unwrap();
    let row = rows.values().find(|row| row["AssigneeId"] == aaron && row["PermissionSetId"] == set).unwrap()
        ["Id"]
        .clone();
    let until = json!({ "ExpirationDate": "2026-12-01T00:00:00.000+0000" });
    story.org("PATCH", &format!("records/PermissionSetAssignment/{}", row.as_str().unwrap()), until).await;
    let before = story.world().await;
    story
        .tells("helpdesk", "/salesforce show aaron.fields", &["AC_Agent` (until 1 Dec 2026 00:00 UTC)"])
        .await;
    story.carries_out("helpdesk", "/salesforce revoke aaron.fields").await;
    let undo = story.told("helpdesk", "/connect undo 1").await;
    assert!(undo.contains("none → AC_Agent until 1 Dec 2026 00:00 UTC"), "{undo}");
    story.says("helpdesk", "/desk confirm 2").await;
    story.says("supervisor", "/desk approve 2").await;
    assert_eq!(story.world().await["salesforce"], before["salesforce"]);
    // Omar Aziz's has expired.
    story.carries_out("admin", "/salesforce revoke omar.aziz").await;
    story.tells("admin", "/connect undo 3", &["until a time that has passed"]).await;
}

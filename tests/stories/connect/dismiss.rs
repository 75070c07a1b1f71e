use serde_json::json;

use crate::support::Story;

/// Puts someone on these contacts.
async fn on(story: &mut Story, login: &str, contacts: serde_json::Value) {
    let presence = json!({ "signed_in": true, "status": "Available", "on_contact": contacts });
    story.sim(&format!("PUT /_sim/users/{login}/presence {presence}")).await;
}

#[tokio::test]
async fn a_missed_contact_is_dismissed_and_the_agent_is_free_again() {
    let mut story = Story::begin().await.everywhere(&[]).await;
    on(&mut story, "carmen.ortiz", json!([{ "channel": "VOICE", "state": "MISSED" }])).await;
    plays! { story: ("supervisor", "☑ /connect dismiss carmen.ortiz", "Dismiss the missed voice contact of `Carmen Ortiz`", "! Can't be undone.", "⇒", "╭ ✓") }
    let presence = story.world().await["users"]["carmen.ortiz"]["presence"].clone();
    assert_eq!(presence["contacts"], json!([]), "{presence}");
    plays! { story: ("supervisor", "/connect dismiss carmen.ortiz", "`carmen.ortiz` has no contact to dismiss.") }
}

#[tokio::test]
async fn after_contact_work_is_ended_with_a_warning_and_what_goes_on_is_not() {
    let mut story = Story::begin().await;
    on(&mut story, "carmen.ortiz", json!([{ "channel": "VOICE", "state": "ENDED" }])).await;
    plays! { story: ("supervisor", "/connect dismiss carmen.ortiz", "Once it is dismissed, the next contact can ring immediately.") }
    on(&mut story, "carmen.ortiz", json!([{ "channel": "VOICE", "state": "CONNECTED" }])).await;
    plays! { story: ("supervisor", "/connect dismiss carmen.ortiz", "`carmen.ortiz` has a contact in progress (connected voice contact).") }
    // A state that the desk does not know is none that it ends.
    on(&mut story, "carmen.ortiz", json!([{ "channel": "TASK", "state": "PAUSED" }])).await;
    plays! { story: ("supervisor", "/connect dismiss carmen.ortiz", "has a contact in progress (paused task contact).") }
    // What is stuck goes first, and after contact work beside it stays.
    let both = json!([{ "channel": "CHAT", "state": "ENDED" }, { "channel": "VOICE", "state": "ERROR" }]);
    on(&mut story, "carmen.ortiz", both).await;
    let told = story.told("supervisor", "/connect dismiss carmen.ortiz").await;
    assert!(told.contains("Dismiss the failed voice contact of"), "{told}");
    story.tells("supervisor", "/desk details 2", &["The chat contact in after contact work stays"]).await;
}

#[tokio::test]
async fn a_contact_that_ends_while_people_decide_is_no_longer_dismissed() {
    let mut story = Story::begin().await;
    on(&mut story, "carmen.ortiz", json!([{ "channel": "VOICE", "state": "MISSED" }])).await;
    story.says("supervisor", "/connect dismiss carmen.ortiz").await;
    on(&mut story, "carmen.ortiz", json!([{ "channel": "VOICE", "state": "CONNECTED" }])).await;
    story.tells("supervisor", "/desk confirm 1", &["in progress"]).await;
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn it_is_a_supervisors_to_ask() {
    let mut story = Story::begin().await;
    for who in ["helpdesk", "john", "auditor"] {
        plays! { story: (who, "/connect dismiss carmen.ortiz", "╭ ✗") }
    }
}

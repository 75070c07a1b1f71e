use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn every_status_is_there_with_what_it_is() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect status list").await, @"
    ╭─ · 6 agent statuses ─────────────────────────────────────────────────────────╮
    │ Status     What it is                                                        │
    │ Available  contacts are routed · position 1 · Ready for contacts.            │
    │ Offline    offline · position 2 · Not working.                               │
    │ Break      custom · position 3 · A short break.                              │
    │ Lunch      custom · position 4 · Lunch.                                      │
    │ Training   custom · position 5 · In training.                                │
    │ Meeting    custom · position 6 · In a meeting.                               │
    ╰─ only you see this · room for 44 more statuses ──────────────────────────────╯
    ");
}

#[tokio::test]
async fn a_disabled_one_says_so_and_the_places_come_first() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/connect status disable Training").await;
    story.says("supervisor", "/desk confirm 1").await;
    story.says("supervisor", "/connect status order 1 Lunch").await;
    story.says("supervisor", "/desk confirm 2").await;
    let told = story.told("auditor", "/connect status list").await;
    assert!(told.contains("didn't work"), "{told}");
    let told = story.told("helpdesk", "/connect status list").await;
    assert!(told.contains("custom · disabled"), "{told}");
    assert!(told.find("Lunch") < told.find("Available"), "{told}");
}

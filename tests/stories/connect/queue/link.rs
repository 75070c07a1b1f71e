use serde_json::json;

use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn several_go_into_several_queues_and_what_is_there_stays() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let line = "/connect queue link \"Callback,Help Desk\" quick_connects:\"John Doe,Food bank\"";
    plays! { story: (WHO, &format!("☑ {line}"), "Add 2 quick connects to 2 queues.", "⇒", "· completed") }
    let there = story.world().await["queues"].clone();
    assert_eq!(there["Callback"]["quick_connects"], json!(["Food bank", "John Doe"]));
    assert_eq!(there["Help Desk"]["quick_connects"], json!(["Food bank", "John Doe"]));
    story.tells(WHO, line, &["These queues already have them."]).await;
    story.carries_out(WHO, "/connect undo 1").await;
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn a_wrong_name_among_several_is_answered_with_the_nearest() {
    let mut story = Story::begin().await;
    let told = story.told(WHO, "/connect queue link Callback quick_connects:\"John Doe,Food bnak\"").await;
    assert!(told.contains("No quick connect `Food bnak`.") && told.contains("John Doe, Food bank"), "{told}");
    plays! { story: (WHO, "/connect queue link Calback quick_connects:\"John Doe\"", "No queue `Calback`.") }
}

use serde_json::json;

use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn one_or_all_leave_a_queue_and_the_quick_connects_stay() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story: (WHO, "✓ /connect queue unlink Callback quick_connects:\"John Doe\"", "· completed") }
    assert_eq!(story.world().await["queues"]["Callback"]["quick_connects"], json!([]));
    plays! { story: (WHO, "✓ /connect queue unlink \"Contact Tracing\" quick_connects:all", "· completed") }
    let there = story.world().await;
    assert_eq!(there["queues"]["Contact Tracing"]["quick_connects"], json!([]));
    assert_eq!(there["quick_connects"].as_object().unwrap().len(), 12);
    story.carries_out(WHO, "/connect undo 2").await;
    story.carries_out(WHO, "/connect undo 1").await;
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn what_no_queue_offers_has_not_to_be_taken_out() {
    let mut story = Story::begin().await;
    plays! { story: (WHO, "/connect queue unlink \"Help Desk\" quick_connects:\"Mei Chen\"", "These queues have none of them.") }
    assert_eq!(story.writes().await, 0);
}

use serde_json::json;

use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn a_queue_is_created_with_its_quick_connects_and_undo_removes_it_and_creates_it_again() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let line = "/connect queue add Vaccination hours:\"Around the Clock\" description:\"About vaccines\" max_contacts:25 \
                caller_id_name:\"County Health\" quick_connects:\"Help desk,Food bank\"";
    let told = story.carries_out(WHO, line).await;
    assert!(told.contains("· completed"), "{told}");
    let there = story.world().await["queues"]["Vaccination"].clone();
    assert_eq!(there["hours"], "Around the Clock");
    assert_eq!(there["quick_connects"], json!(["Food bank", "Help desk"]));
    let told = story.carries_out(WHO, "/connect undo 1").await;
    assert!(told.contains("· completed"), "{told}");
    assert_eq!(story.world().await, before);
    let told = story.carries_out(WHO, "/connect undo 2").await;
    assert!(told.contains("· completed"), "{told}");
    assert_eq!(story.world().await["queues"]["Vaccination"], there);
}

#[tokio::test]
async fn without_hours_of_operation_there_is_no_queue() {
    let mut story = Story::begin().await;
    let told = story.told(WHO, "/connect queue add Vaccination").await;
    assert!(told.contains("A queue needs hours of operation.") && told.contains("`Basic Hours`"), "{told}");
    for (line, says) in [
        ("Callback hours:\"Basic Hours\"", "The queue `Callback` already exists."),
        ("New hours:\"Basc Hours\"", "No hours of operation `Basc Hours`."),
        ("New hours:\"Basic Hours\" quick_connects:\"Food bnak\"", "Did you mean"),
    ] {
        let told = story.told(WHO, &format!("/connect queue add {line}")).await;
        assert!(told.contains(says), "{line}: {told}");
    }
    let told = story.told(WHO, "/connect queue add callback hours:\"Basic Hours\"").await;
    assert!(told.contains("exists and looks the same as"), "{told}");
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn what_someone_changed_since_is_not_removed_by_undo() {
    let mut story = Story::begin().await;
    story.carries_out(WHO, "/connect queue add Vaccination hours:\"Basic Hours\"").await;
    story.carries_out(WHO, "/connect queue edit Vaccination max_contacts:7").await;
    let told = story.told(WHO, "/connect undo 1").await;
    assert!(told.contains("was changed since #1, and stays unchanged."), "{told}");
}

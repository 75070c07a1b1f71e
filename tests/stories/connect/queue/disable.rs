use crate::support::Story;

#[tokio::test]
async fn it_says_how_many_users_serve_the_queue_and_undo_enables_it() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let told = story.told("second", "/connect queue disable \"Contact Tracing Spanish\"").await;
    assert!(told.contains("in 15 users"), "{told}");
    assert!(told.contains("1 approval from supervisor or admin"), "{told}");
    let told = story.carries_out("second", "/connect queue disable \"Contact Tracing Spanish\"").await;
    assert!(told.contains("· completed"), "{told}");
    assert_eq!(story.world().await["queues"]["Contact Tracing Spanish"]["enabled"], false);
    story.carries_out("second", "/connect undo 2").await;
    assert_eq!(story.world().await, before);
}

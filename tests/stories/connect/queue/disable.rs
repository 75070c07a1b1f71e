use crate::support::Story;

#[tokio::test]
async fn it_says_how_many_users_serve_the_queue_and_undo_enables_it() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story:
        ("second", "/connect queue disable \"Contact Tracing Spanish\"", "15 users", "1 approval from supervisor or admin"),
        ("second", "✓ /connect queue disable \"Contact Tracing Spanish\"", "· completed"),
    }
    assert_eq!(story.world().await["queues"]["Contact Tracing Spanish"]["enabled"], false);
    story.carries_out("second", "/connect undo 2").await;
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn names_with_commas_are_found_in_lists() {
    let mut story = Story::begin().await;
    for queue in ["Sales, East", "Sales"] {
        story.carries_out("second", &format!("/connect queue add \"{queue}\" hours:\"Basic Hours\"")).await;
    }
    for (typed, says) in [
        ("Sales, East,Callback", "Disable 2 queues."),
        ("Callback, Sales, East", "Disable 2 queues."),
        ("Sales, East; Sales; Callback", "Disable 3 queues."),
        ("Sales, Callback", "Disable 2 queues."),
        ("Sales, East", "Disable the queue `Sales, East`."),
        ("Sales, East,Calback", "No queue `Calback`."),
        ("Sales, East; Calback", "No queue `Calback`."),
    ] {
        plays! { story: ("second", &format!("/connect queue disable \"{typed}\""), says) }
    }
}

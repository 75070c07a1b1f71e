use crate::support::Story;

#[tokio::test]
async fn everyone_of_a_group_is_taken_out_and_put_back_by_undo() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story: ("helpdesk", "☑ /connect group unlink group:\"Tracers East\"", "Remove 7 agents from their hierarchy group.", "⇒") }
    let world = story.world().await;
    assert!(world["users"]["mei.chen"].get("hierarchy_group").is_none_or(|group| group.is_null()));
    plays! { story: ("helpdesk", "☑ /connect undo 1") }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn who_is_in_no_group_and_an_empty_group_are_refused() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "☑ /connect group add \"Northern Region\""),
        ("helpdesk", "/connect group unlink group:\"Northern Region\"", "No agents are in `Northern Region`."),
        ("helpdesk", "/connect group unlink john.doe group:\"Tracers East\"", "You named agents in two different ways."),
    }
}

use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn it_says_how_many_users_it_changes_and_channels_that_are_not_named_stay() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let line = "/connect routing edit \"Case Investigator Profile\" task:3 email:1 default_queue:Callback";
    plays! { story: (WHO, line, "Channels: voice 1, chat 2, task 2 → voice 1, chat 2, task 3, email 1", "15 users have the routing profile", "1 approval from supervisor or admin") }
    plays! { story: (WHO, &format!("✓ {line}"), "· completed") }
    assert_eq!(
        story.world().await["routing_profiles"]["Case Investigator Profile"]["default_queue"],
        "Callback"
    );
    story.carries_out(WHO, "/connect undo 2").await;
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn workload_types_are_never_written_over() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    plays! { story:
        (WHO, "/connect routing edit \"Back Office Profile\" voice:1", "uses workload types for task"),
        // Its other settings can be changed.
        (WHO, "✓ /connect routing edit \"Back Office Profile\" default_queue:Callback", "· completed"),
        (WHO, "/connect routing show \"Back Office Profile\"", "`Billing` 3"),
    }
    assert!(
        story.card(WHO, "/connect routing edit \"Back Office Profile\"").await.words().contains("No change")
    );
}

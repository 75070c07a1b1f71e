use crate::support::Story;

#[tokio::test]
async fn a_disabled_queue_is_enabled_and_one_that_is_enabled_is_left_alone() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    let told = story.told("second", "/connect queue enable \"Winter Campaign,Callback\"").await;
    assert!(told.contains("`Callback` is already enabled."), "{told}");
    plays! { story: ("second", "✓ /connect queue enable \"Winter Campaign,Callback\"", "· completed") }
    assert_eq!(story.world().await["queues"]["Winter Campaign"]["enabled"], true);
    story.tells("second", "/connect queue enable Callback", &["Nothing has to be enabled."]).await;
}

use crate::support::Story;

#[tokio::test]
async fn a_disabled_status_comes_back_and_one_that_is_there_needs_nothing() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let told = story.told("supervisor", "/connect status enable Training").await;
    assert!(told.contains("The agent status `Training` is already enabled."), "{told}");
    plays! { story: ("supervisor", "☑ /connect status disable Training") }
    assert_ne!(story.world().await, before);
    plays! { story: ("supervisor", "☑ /connect status enable training", "╭ ✓") }
    assert_eq!(story.world().await, before);
}

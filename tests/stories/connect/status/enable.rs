use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn a_disabled_status_comes_back_and_one_that_is_there_needs_nothing() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let told = story.told("supervisor", "/connect status enable Training").await;
    assert!(told.contains("The agent status `Training` is already enabled."), "{told}");
    story.says("supervisor", "/connect status disable Training").await;
    story.says("supervisor", "/desk confirm 1").await;
    assert_ne!(story.world().await, before);
    story.says("supervisor", "/connect status enable training").await;
    assert_eq!(story.card("supervisor", "/desk confirm 2").await.tone, Tone::Good);
    assert_eq!(story.world().await, before);
}

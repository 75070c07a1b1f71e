use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn when_it_is_lifted_everything_goes_on() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/desk freeze all").await;
    story.says("supervisor", "/desk confirm 1").await;
    assert_eq!(story.card("second", "/desk unfreeze 1").await.tone, Tone::Good);
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    assert_eq!(story.card("helpdesk", "/desk confirm 2").await.tone, Tone::Good);
}

#[tokio::test]
async fn what_is_no_freeze_is_not_lifted() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    let told = story.told("helpdesk", "/desk unfreeze 1").await;
    assert!(told.contains("#1 still needs"), "{told}");
}

use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn it_goes_back_with_a_sentence_and_the_yeses_before_it_count_no_more() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe way:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    assert_snapshot!(story.says("supervisor", "/desk revise 1 \"try it by mail first\"").await, @"");
    let told = story.told("second", "/desk approve 1").await;
    assert!(told.contains("Needs the requester's confirmation within"), "{told}");
    assert_eq!(story.card("helpdesk", "/desk confirm 1").await.tone, Tone::Good);
}

#[tokio::test]
async fn it_wants_a_sentence_and_an_approver() {
    let mut story = Story::begin().await.at_the_console().await;
    story.says("helpdesk", "/connect reset john.doe way:recreate").await;
    let told = story.told("supervisor", "/desk revise 1").await;
    assert!(told.contains("`/desk revise` wants a sentence."), "{told}");
    let told = story.told("helpdesk", "/desk revise 1 \"mine\"").await;
    assert!(told.contains("Nobody decides on their own request."), "{told}");
}

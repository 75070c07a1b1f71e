use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn a_card_is_shown_again_with_the_buttons_of_the_moment() {
    let mut story = Story::begin().await.everywhere(&["Kind::Request"]).await;
    let asked = story.card("helpdesk", "/connect remove emeka.eze reason:\"INC-7 left\"").await;
    let again = story.card("helpdesk", "/desk show 1").await;
    assert!(again.private && !asked.private);
    assert_eq!((&again.title, &again.blocks, &again.actions), (&asked.title, &asked.blocks, &asked.actions));
    // From the copy it continues as from the card.
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("supervisor", "/desk approve 1").await;
    let done = story.card("oncall", "/desk show 1").await;
    assert_eq!(done.tone, Tone::Good, "{done:?}");
    story.tells("helpdesk", "/desk show 9", &["No request #9."]).await;
}

#[tokio::test]
async fn who_may_not_read_requests_is_shown_none() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    let told = story.told("john", "/desk show 1").await;
    assert!(told.contains("n't allow"), "{told}");
    story.tells("auditor", "/desk show 1", &["john.doe", "only you see this"]).await;
}

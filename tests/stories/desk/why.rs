use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn yes_with_what_it_needs() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/desk why connect reset").await, @"");
}

#[tokio::test]
async fn no_with_who_could() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("auditor", "/desk why /connect reset").await, @"");
}

#[tokio::test]
async fn a_look_needs_nobody() {
    let mut story = Story::begin().await;
    let card = story.says("helpdesk", "/desk why connect show").await;
    assert!(card.contains("It changes nothing, so it needs nobody's yes."), "{card}");
}

#[tokio::test]
async fn a_wrong_word_is_answered_with_the_nearest() {
    let mut story = Story::begin().await;
    let card = story.says("helpdesk", "/desk why conect reset").await;
    assert!(card.contains("Did you mean `connect reset`?"), "{card}");
}

use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn the_requester_takes_it_back() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe").await;
    assert_snapshot!(story.says("helpdesk", "/desk cancel 1").await, @"");
}

#[tokio::test]
async fn somebody_else_does_not() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe").await;
    let card = story.says("oncall", "/desk cancel 1").await;
    assert!(card.contains("Only `helpdesk`, who asked, may cancel #1."), "{card}");
}

#[tokio::test]
async fn what_is_over_cannot_be_cancelled() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe").await;
    story.says("helpdesk", "/desk cancel 1").await;
    let card = story.says("helpdesk", "/desk cancel 1").await;
    assert!(card.contains("`helpdesk` cancelled #1 at"), "{card}");
}

#[tokio::test]
async fn what_is_stuck_is_given_up_by_an_approver_only() {
    let mut story = super::retry::stuck().await;
    let card = story.says("helpdesk", "/desk cancel 1").await;
    assert!(card.contains("Nobody decides on their own request."), "{card}");
    assert_snapshot!(story.says("supervisor", "/desk cancel 1").await, @"");
}

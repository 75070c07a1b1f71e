use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_request_tells_its_story_line_by_line() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "/desk approve 1").await;
    story.says("supervisor", "/desk deny 1 reason:\"not today\"").await;
    let card = story.says("auditor", "/desk history 1").await;
    // The digest is checked elsewhere; here it would only repeat itself.
    assert_snapshot!(card, @"");
}

#[tokio::test]
async fn a_login_tells_who_looked_and_who_asked() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect show john.doe").await;
    story.says("john", "/connect reset john.doe").await;
    story.says("helpdesk", "/connect reset john.doe").await;
    let card = story.says("auditor", "/desk history john.doe").await;
    for word in ["looked: /connect show john.doe", "was refused /connect reset", "asked: /connect reset"] {
        assert!(card.contains(word), "{word}: {card}");
    }
    let none = story.says("auditor", "/desk history jane.doe").await;
    assert!(none.contains("There is nothing."), "{none}");
}

#[tokio::test]
async fn an_account_tells_what_it_did() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect show john.doe").await;
    story.says("oncall", "/connect show jane.doe").await;
    let card = story.says("auditor", "/desk history by:console:1001").await;
    assert!(card.contains("john.doe") && !card.contains("jane.doe"), "{card}");
    let card = story.says("auditor", "/desk history by:helpdesk").await;
    assert!(card.contains("is not a person"), "{card}");
}

#[tokio::test]
async fn an_unknown_number_is_said() {
    let mut story = Story::begin().await;
    let card = story.says("auditor", "/desk history 99").await;
    assert!(card.contains("There is no request #99."), "{card}");
}

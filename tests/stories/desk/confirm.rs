use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn the_requester_confirms_and_the_card_says_what_is_missing_then() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    let card = story.told("helpdesk", "/desk confirm #1").await;
    assert!(
        card.contains("☑ Confirmed by helpdesk")
            && card.contains("☐ 1 approval from supervisor or admin · expires"),
        "{card}"
    );
    assert!(!card.contains("/desk confirm"), "{card}");
}

#[tokio::test]
async fn nobody_confirms_for_somebody_else() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    assert_snapshot!(story.says("oncall", "/desk confirm 1").await, @"
    ╭─ ✗ That didn't work ─────────────────────────────────────────────────────────╮
    │ Only the requester, `helpdesk`, can confirm #1.                              │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn the_second_confirmation_is_told_of_the_first() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.tells("helpdesk", "/desk confirm 1", &["You confirmed #1 at 09:00 UTC."]).await;
}

#[tokio::test]
async fn a_number_that_is_none_is_said() {
    let mut story = Story::begin().await;
    for (typed, message) in [
        ("7", "No request #7."),
        ("seven", "`seven` isn't a request number."),
        ("", "No request is waiting for `/desk confirm` from you."),
        ("0", "No request `0`."),
    ] {
        let card = story.told("helpdesk", &format!("/desk confirm {typed}")).await;
        assert!(card.contains(message), "{typed}: {card}");
    }
}

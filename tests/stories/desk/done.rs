use desk_core::card::Tone;

use crate::support::Story;

async fn by_hand() -> Story {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect reset john.doe method:console") }
    story
}

#[tokio::test]
async fn whoever_asked_or_may_approve_says_that_it_is_done() {
    for who in ["helpdesk", "second"] {
        let mut story = by_hand().await;
        plays! { story: (who, "/desk done 1", "╭ ✓") }
    }
}

#[tokio::test]
async fn somebody_else_does_not() {
    let mut story = by_hand().await;
    story.tells("oncall", "/desk done 1", &["can't decide on this"]).await;
}

#[tokio::test]
async fn a_step_by_hand_waits_through_a_restart() {
    let mut story = by_hand().await;
    story.says("helpdesk", "restart").await;
    let card = story.told("helpdesk", "/desk requests").await;
    assert!(card.contains("needs a manual step"), "{card}");
    assert_eq!(story.card("helpdesk", "/desk done 1").await.tone, Tone::Good);
}

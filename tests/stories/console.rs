//! The console around the commands: who speaks, what time it is, what happens outside.

use crate::support::Story;

#[tokio::test]
async fn several_people_speak_at_one_keyboard() {
    let mut story = Story::begin().await;
    let card = story.told("helpdesk", "@supervisor /desk whoami").await;
    assert!(card.contains("You are supervisor"), "{card}");
    let card = story.told("helpdesk", "/desk whoami").await;
    assert!(card.contains("You are helpdesk"), "{card}");
    let card = story.told("helpdesk", "as superviser").await;
    assert!(card.contains("Did you mean `supervisor`?"), "{card}");
}

#[tokio::test]
async fn what_is_no_command_is_answered_with_the_nearest() {
    let mut story = Story::begin().await;
    let card = story.told("helpdesk", "/conect show john.doe").await;
    assert!(card.contains("Did you mean `/connect show john.doe`?"), "{card}");
    let card = story.told("helpdesk", "\u{201c}").await;
    assert!(card.contains("A quote is opened and never closed."), "{card}");
}

#[tokio::test]
async fn the_world_moves_without_the_desk() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "world john.doe signs_in").await;
    let card = story.told("helpdesk", "/connect show john.doe").await;
    assert!(card.contains("`Available` since"), "{card}");
    let card = story.told("helpdesk", "world john.doe dances").await;
    assert!(card.contains("The world cannot do `dances`"), "{card}");
    let card = story.told("helpdesk", "wait 1 fortnight").await;
    assert!(card.contains("is not a time"), "{card}");
}

#[tokio::test]
async fn a_desk_that_starts_again_knows_everything() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "restart").await;
    let card = story.told("supervisor", "/desk requests").await;
    assert!(card.contains("#1 Remove `John Doe`"), "{card}");
    let verified = story.told("auditor", "log verify").await;
    assert!(verified.contains("The log is valid"), "{verified}");
}

#[tokio::test]
async fn the_line_that_may_have_been_meant_is_ready_to_send_until_the_next_one() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset John Doe").await;
    assert_eq!(story.session.offer().as_deref(), Some("/connect reset john.doe"));
    let line = story.session.offer().unwrap();
    assert!(story.told("helpdesk", &line).await.contains("Reset john.doe · needs"));
    assert_eq!(story.session.offer(), None);
    // It is said by anyone who said the wrong one.
    story.says("helpdesk", "@supervisor approve 1").await;
    assert_eq!(story.session.offer().as_deref(), Some("@supervisor /desk approve 1"));
    // Of several lines none is sent by itself.
    story.says("helpdesk", "/connect reset john.doe jane.doe").await;
    assert_eq!(story.session.offer(), None);
}

//! What a card says before anyone approves: that the same is open already, and that no administrator would be left.

use crate::support::Story;

#[tokio::test]
async fn the_same_request_twice_is_noticed() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    let other = story.card("oncall", "/connect edit john.doe acw:90").await;
    assert!(!other.words().contains("exactly the same"), "{other:?}");
    let twin = story.card("oncall", "/connect edit john.doe acw:60 reason:\"INC-7\"").await;
    assert!(twin.words().contains("#1 asks for exactly the same"), "{twin:?}");
    // What has ended is the same no longer.
    for no in [1, 3] {
        let by = if no == 1 { "helpdesk" } else { "oncall" };
        story.says(by, &format!("/desk cancel {no}")).await;
    }
    let alone = story.card("helpdesk", "/connect edit john.doe acw:60").await;
    assert!(!alone.words().contains("exactly the same"), "{alone:?}");
}

#[tokio::test]
async fn the_last_administrator_is_not_lost_without_a_word() {
    const LAST: &str = "`jane.doe` is the last administrator";
    let mut story = Story::begin().await;
    for line in [
        "/connect remove jane.doe reason:\"INC-1 left\"",
        "/connect edit jane.doe security_profiles:Agent reason:\"INC-1 moved\"",
        "/connect edit jane.doe logins:john.doe security_profiles:Agent reason:\"INC-1 moved\"",
    ] {
        let card = story.card("admin", line).await;
        assert!(card.words().contains(LAST), "{line}: {card:?}");
        assert!(card.request.is_some(), "{line}");
    }
    // Anyone who stays as strong, or is not the only one, is no reason to stop.
    let card =
        story.card("admin", "/connect edit jane.doe add_security_profile:Agent reason:\"INC-1 more\"").await;
    assert!(!card.words().contains("last administrator"), "{card:?}");
    let card =
        story.card("admin", "/connect reset jane.doe method:recreate reason:\"INC-1 locked out\"").await;
    assert!(!card.words().contains("last administrator"), "{card:?}");
    let made = story
        .carries_out("admin", "/connect edit hana.sato security_profiles:Admin reason:\"INC-2 second one\"")
        .await;
    let request = story.inside().desk.saga.log.open().await.unwrap();
    if let Some(no) =
        request.iter().max().filter(|_| !made.contains("completed") && !made.contains("· completed"))
    {
        story.says("deputy", &format!("/desk approve {}", no.0)).await;
    }
    let card = story.card("admin", "/connect remove jane.doe reason:\"INC-1 left\"").await;
    assert!(!card.words().contains("last administrator"), "{card:?}");
}

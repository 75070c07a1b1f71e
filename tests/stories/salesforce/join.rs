use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn whoever_is_in_another_call_center_leaves_it_and_undo_puts_them_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    story
        .tells(
            "helpdesk",
            "/salesforce join ahmed.farouk",
            &["ACClassicAdapter → ACLightningAdapter", "☐ Your confirmation · expires"],
        )
        .await;
    assert_eq!(story.card("helpdesk", "/desk confirm 1").await.tone, Tone::Good);
    let told = story.told("helpdesk", "/salesforce join ahmed.farouk").await;
    assert!(told.contains("`ahmed.farouk` is already in the call center `ACLightningAdapter`."), "{told}");
    story.says("helpdesk", "/connect undo 1").await;
    assert_eq!(story.card("helpdesk", "/desk confirm 3").await.tone, Tone::Good);
    assert_eq!(story.world().await["salesforce"], before["salesforce"]);
}

#[tokio::test]
async fn bad_input_is_answered_with_what_would_be_right() {
    let mut story = Story::begin().await;
    for (rest, message) in [
        ("john.doe center:ACLightningAdaptor", "Did you mean `ACLightningAdapter`?"),
        ("john.doe center:\"AC Lightning Adapter\"", "`ACLightningAdapter` or `ACLightningAdapterCopy`"),
        ("john.doe center:AmazonConnectVoice", "center, where apps can't"),
        ("grace.lee", "center, where apps can't"),
        ("victor.hale", "is inactive"),
    ] {
        let told = story.told("helpdesk", &format!("/salesforce join {rest}")).await;
        assert!(told.contains(message), "{rest}: {told}");
    }
    assert_eq!(story.writes().await, 0);
}

use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn a_leaver_is_frozen_and_undo_unfreezes_them() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    story
        .tells(
            "helpdesk",
            "/salesforce freeze john.doe",
            &[
                "· Frozen (john.doe@practice.example.com): no → yes",
                "An open session can last until it ends.",
                "☐ 1 approval",
            ],
        )
        .await;
    story.says("helpdesk", "/desk confirm 1").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
    let told = story.told("helpdesk", "/salesforce freeze john.doe").await;
    assert!(told.contains("`john.doe` is already frozen in Salesforce."), "{told}");
    story.says("helpdesk", "/connect undo 1").await;
    story.says("helpdesk", "/desk confirm 3").await;
    assert_eq!(story.card("supervisor", "/desk approve 3").await.tone, Tone::Good);
    assert_eq!(story.world().await["salesforce"], before["salesforce"]);
}

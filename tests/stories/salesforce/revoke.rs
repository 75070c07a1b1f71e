use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn a_set_is_taken_and_undo_gives_it_again() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story: ("helpdesk", "☑ /salesforce revoke aaron.fields", "Remove the permission set `AC_Agent` from `aaron.fields` in Salesforce.", "⇒", "╭ ✓") }
    assert_ne!(story.world().await["salesforce"], before["salesforce"]);
    story.says("helpdesk", "/connect undo 1").await;
    story.says("helpdesk", "/desk confirm 2").await;
    assert_eq!(story.card("supervisor", "/desk approve 2").await.tone, Tone::Good);
    story.tells("helpdesk", "/salesforce show aaron.fields", &["AC_Agent"]).await;
}

#[tokio::test]
async fn whoever_does_not_have_it_is_left_alone() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/salesforce revoke grace.lee").await;
    assert!(told.contains("`grace.lee` doesn't have `AC_Agent` in Salesforce."), "{told}");
    plays! { story: ("helpdesk", "/salesforce revoke grace.lee set:AC_Supervisor", "is a custom permission set") }
    assert_eq!(story.writes().await, 0);
}

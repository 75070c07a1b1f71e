use crate::support::Story;

#[tokio::test]
async fn a_leaver_is_frozen_and_undo_unfreezes_them() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story:
        ("helpdesk", "✓ /salesforce freeze john.doe", "· Frozen (john.doe@practice.example.com): no → yes", "An open session can last until it ends.", "☐ 1 approval", "⇒", "╭ ✓"),
        ("helpdesk", "/salesforce freeze john.doe", "`john.doe` is already frozen in Salesforce."),
        ("helpdesk", "✓ /connect undo 1", "╭ ✓"),
    }
    assert_eq!(story.world().await["salesforce"], before["salesforce"]);
}

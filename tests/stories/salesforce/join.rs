use crate::support::Story;

#[tokio::test]
async fn whoever_is_in_another_call_center_leaves_it_and_undo_puts_them_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story:
        ("helpdesk", "☑ /salesforce join ahmed.farouk", "ACClassicAdapter → ACLightningAdapter", "☐ Your confirmation · expires", "⇒", "╭ ✓"),
        ("helpdesk", "/salesforce join ahmed.farouk", "`ahmed.farouk` is already in the call center `ACLightningAdapter`."),
        ("helpdesk", "☑ /connect undo 1", "╭ ✓"),
    }
    assert_eq!(story.world().await["salesforce"], before["salesforce"]);
}

#[tokio::test]
async fn bad_input_is_answered_with_what_would_be_right() {
    let mut story = Story::begin().await;
    answers! { story: "helpdesk", "/salesforce join";
        ("john.doe center:ACLightningAdaptor", "Did you mean `ACLightningAdapter`?"),
        ("john.doe center:\"AC Lightning Adapter\"", "`ACLightningAdapter` or `ACLightningAdapterCopy`"),
        ("john.doe center:AmazonConnectVoice", "center, where apps can't"),
        ("grace.lee", "center, where apps can't"),
        ("victor.hale", "is inactive"),
    }
    assert_eq!(story.writes().await, 0);
}

use crate::support::Story;

#[tokio::test]
async fn a_call_center_is_left_and_undo_puts_them_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story:
        ("helpdesk", "☑ /salesforce leave aaron.fields", "Take `aaron.fields` out of the Salesforce call center. · Call center (aaron.fields@practice.example.com): ACLightningAdapter → none", "⇒", "╭ ✓"),
        ("helpdesk", "/salesforce leave aaron.fields", "`aaron.fields` is in no call center."),
        ("helpdesk", "☑ /connect undo 1", "╭ ✓"),
    }
    assert_eq!(story.world().await["salesforce"], before["salesforce"]);
}

#[tokio::test]
async fn only_the_call_center_that_is_named_is_left() {
    let mut story = Story::begin().await;
    answers! { story: "helpdesk", "/salesforce leave";
        ("aaron.fields center:ACConsoleAdapter", "is in the call center `ACLightningAdapter`, not in `ACConsoleAdapter`"),
        ("grace.lee", "center, where apps can't"),
    }
    assert_eq!(story.writes().await, 0);
}

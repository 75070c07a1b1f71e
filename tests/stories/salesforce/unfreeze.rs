use crate::support::Story;

#[tokio::test]
async fn a_frozen_user_is_let_in_again() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "✓ /salesforce unfreeze laura.pace", "╭ ✓"),
        ("helpdesk", "/salesforce unfreeze logins:laura.pace,john.doe", "`laura.pace` isn't frozen in Salesforce. `john.doe` isn't frozen in Salesforce."),
    }
    // Anyone who can be frozen can be let in again, also where Amazon Connect has no such user.
    plays! { story:
        ("helpdesk", "✓ /salesforce freeze nora.nowak", "╭ ✓"),
        ("helpdesk", "✓ /salesforce unfreeze nora.nowak", "╭ ✓"),
    }
    assert_eq!(story.writes().await, 3);
}

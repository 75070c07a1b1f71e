use serde_json::{Value, json};

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

/// Salesforce finds logins in any case, and no rule would see whose profiles and groups they are.
#[tokio::test]
async fn a_login_in_another_case_is_nobody() {
    let mut story = Story::begin().await;
    for line in
        ["freeze Omar.Aziz", "revoke Omar.Aziz", "leave Omar.Aziz", "show Omar.Aziz", "unfreeze Omar.Aziz"]
    {
        let line = format!("/salesforce {line}");
        let put_right = line.replace("Omar.Aziz", "omar.aziz");
        plays! { story: ("helpdesk", &line, "No user `Omar.Aziz`. Logins are case-sensitive.", &put_right) }
    }
    let several = "/salesforce freeze logins:john.doe,JOHN.DOE,Mei.Chen";
    plays! { story: ("helpdesk", several, "2 users can't be changed.", "No user `JOHN.DOE`.", "No user `Mei.Chen`.") }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn nobody_changes_the_user_whom_the_desk_signs_in_as() {
    let mut story = Story::begin().await;
    let email =
        "email:connect.desk@example.com routing_profile:\"Basic Routing Profile\" security_profile:Agent";
    for line in [
        "/salesforce freeze connect.desk".to_owned(),
        "/salesforce revoke connect.desk".to_owned(),
        "/salesforce leave connect.desk".to_owned(),
        format!("/connect add Connect Desk login:connect.desk {email} salesforce:true"),
    ] {
        story.tells("supervisor", &line, &["The desk itself signs in as this user."]).await;
    }
    assert_eq!(story.writes().await, 0);
}

/// The change is made, its answer is lost, and then nothing can be read for as long as the desk tries.
#[tokio::test]
async fn what_may_have_happened_is_told_as_unknown() {
    let mut story = Story::begin().await;
    let mut queries = 0;
    for (no, login) in [(1, "mei.chen"), (2, "john.doe")] {
        story.says("helpdesk", &format!("/salesforce freeze {login}")).await;
        story.says("helpdesk", &format!("/desk confirm {no}")).await;
        if no == 2 {
            // The first one tells how many queries come before the change.
            let lost = json!({ "operation": "UpdateUserLogin", "fault": "drop_after" });
            let silent =
                json!({ "operation": "Query", "fault": "fail_before", "call": queries + 1, "times": 500 });
            story.org("POST", "faults", lost).await;
            story.org("POST", "faults", silent).await;
        }
        story.org("DELETE", "calls", Value::Null).await;
        story.says("supervisor", &format!("/desk approve {no}")).await;
        queries = story.org("GET", "calls", Value::Null).await["Query"].as_u64().unwrap();
    }
    story.org("DELETE", "faults", Value::Null).await;
    plays! { story:
        ("supervisor", "/desk show 2", "needs attention", "The outcome is unknown: it may have happened."),
        ("supervisor", "/desk details 2", "outcome unknown"),
        ("supervisor", "/desk history 2", "outcome unknown of 1. \"Freeze"),
        ("supervisor", "/desk cancel 2", "The outcome is unknown, so look yourself: Freeze"),
    }
}

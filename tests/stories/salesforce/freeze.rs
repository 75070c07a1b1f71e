use serde_json::json;

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
        story
            .tells("helpdesk", &line, &["No user `Omar.Aziz`. Logins are case-sensitive.", &put_right])
            .await;
    }
    let several = "/salesforce freeze logins:john.doe,JOHN.DOE,Mei.Chen";
    story
        .tells(
            "helpdesk",
            several,
            &["2 users can't be changed.", "No user `JOHN.DOE`.", "No user `Mei.Chen`."],
        )
        .await;
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
    story.says("helpdesk", "/salesforce freeze john.doe").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.org("POST", "faults", json!({ "operation": "UpdateUserLogin", "fault": "drop_after" })).await;
    story
        .org(
            "POST",
            "faults",
            json!({ "operation": "Query", "fault": "fail_before", "call": 6, "times": 500 }),
        )
        .await;
    let told = story.told("supervisor", "/desk approve 1").await;
    assert!(told.contains("The outcome is unknown: it may have happened."), "{told}");
    assert!(told.contains("the freeze of the user"), "{told}");
    for (line, says) in [
        ("/desk details 1", "outcome unknown"),
        ("/desk history request:1", "outcome unknown of 1. Freeze"),
        ("/desk cancel 1", "The outcome is unknown, so look yourself: Freeze"),
    ] {
        story.tells("supervisor", line, &[says]).await;
    }
}

use desk_core::card::Tone;
use serde_json::json;

use crate::support::Story;

const JOHN: &str = "john.doe@practice.example.com";

#[tokio::test]
async fn a_permission_set_is_given_once_a_supervisor_approves_and_taken_back_by_undo() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /salesforce grant john.doe", "Grant `john.doe` the permission set `AC_Agent` in Salesforce.", "⇒", "Grant AC_Agent to john.doe in Salesforce · completed") }
    assert_eq!(story.held(JOHN, "AC_Agent").await, 1);
    plays! { story:
        ("helpdesk", "/connect undo 1"),
        ("helpdesk", "/desk details 2", "Remove the permission set `AC_Agent` from `john.doe@practice.example.com`"),
        ("helpdesk", "/desk confirm 2", "╭ ✓"),
    }
    assert_eq!(story.held(JOHN, "AC_Agent").await, 0);
    story.tells("helpdesk", "/connect undo 1", &["no longer has `AC_Agent`"]).await;
}

#[tokio::test]
async fn what_is_so_already_is_said_and_takes_no_number() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/salesforce grant aaron.fields", "`aaron.fields` already has `AC_Agent` in Salesforce. There is nothing to change.", "only you"),
        ("helpdesk", "/connect undo 1", "#1"),
    }
    assert_eq!(story.writes().await, 0);
    assert_eq!(story.held("aaron.fields@practice.example.com", "AC_Agent").await, 1);
}

#[tokio::test]
async fn several_agents_get_it_each_on_their_own() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "☑ /salesforce grant logins:john.doe,aaron.fields,hugo.berg,mei.chen", "Grant 3 users the permission set `AC_Agent` in Salesforce.", "`aaron.fields` already has `AC_Agent` in Salesforce.", "⇒"),
        // The license of one of them doesn't allow the set, which only Salesforce knows.
        ("supervisor", "/desk approve 1", "`hugo.berg`: Salesforce rejected", "`result.csv`"),
        ("supervisor", "/desk details 1", "mei.chen: done", "hugo.berg: failed: ", "doesn't allow the permission"),
    }
    for (who, rows) in [("john.doe", 1), ("mei.chen", 1), ("hugo.berg", 0)] {
        assert_eq!(story.held(&format!("{who}@practice.example.com"), "AC_Agent").await, rows, "{who}");
    }
}

#[tokio::test]
async fn rights_of_an_administrator_are_under_another_rule() {
    let mut story = Story::begin().await;
    for (no, set) in [(1, "AC_Administrator"), (2, "AC_Manager")] {
        let told = story.told("helpdesk", &format!("/salesforce grant john.doe set:{set}")).await;
        assert!(told.contains("1 approval from admin"), "{told}");
        story.says("helpdesk", &format!("/desk confirm {no}")).await;
        assert_eq!(story.card("supervisor", &format!("/desk approve {no}")).await.tone, Tone::Bad, "{set}");
        assert_eq!(story.card("admin", &format!("/desk approve {no}")).await.tone, Tone::Good, "{set}");
    }
    let told = story.told("helpdesk", "/salesforce grant mei.chen").await;
    assert!(told.contains("1 approval from supervisor or admin"), "{told}");
    // Taking an administrator's rights back is under the same rule.
    story.tells("helpdesk", "/connect undo 1", &["1 approval from admin"]).await;
}

#[tokio::test]
async fn a_lost_answer_is_neither_a_failure_nor_a_second_assignment() {
    let mut story = Story::begin().await;
    story
        .org("POST", "faults", json!({"operation": "CreatePermissionSetAssignment", "fault": "drop_after"}))
        .await;
    plays! { story: ("helpdesk", "✓ /salesforce grant john.doe", "╭ ✓") }
    assert_eq!(story.held(JOHN, "AC_Agent").await, 1);
    assert_eq!(story.writes().await, 1);
}

#[tokio::test]
async fn what_someone_else_gave_again_since_is_left_alone() {
    let mut story = Story::begin().await;
    for (no, line) in [
        (1, "/salesforce grant john.doe"),
        (2, "/salesforce revoke john.doe"),
        (3, "/salesforce grant john.doe"),
    ] {
        story.says("helpdesk", line).await;
        story.says("helpdesk", &format!("/desk confirm {no}")).await;
        if no != 2 {
            story.says("supervisor", &format!("/desk approve {no}")).await;
        }
    }
    plays! { story: ("helpdesk", "/connect undo 1", "was granted `AC_Agent` again since, so it stays unchanged") }
    assert_eq!(story.held(JOHN, "AC_Agent").await, 1);
}

#[tokio::test]
async fn what_came_about_while_it_waited_is_done_without_a_call() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/salesforce grant john.doe").await;
    story.says("helpdesk", "/salesforce grant john.doe reason:twice").await;
    for no in [1, 2] {
        story.says("helpdesk", &format!("/desk confirm {no}")).await;
    }
    story.says("supervisor", "/desk approve 1").await;
    plays! { story: ("supervisor", "/desk approve 2", "╭ ✓") }
    assert_eq!(story.writes().await, 1);
    story.tells("helpdesk", "/connect undo 2", &["There is nothing left of #2 to undo."]).await;
}

#[tokio::test]
async fn bad_input_is_answered_with_what_would_be_right() {
    let mut story = Story::begin().await;
    answers! { story: "helpdesk", "/salesforce grant";
        ("john.doe set:AC_Agnet", "AC_Agent`?"),
        ("john.doe set:AC_Supervisor", "is a custom permission set"),
        ("john.doe set:\"AC_Agent' OR Name != '\"", "has no permission set"),
        ("victor.hale", "is inactive"),
        ("kofi.mensah", "No Salesforce user has"),
        ("omar.aziz", "has expired"),
        ("jon.doe", "Did you mean `/salesforce grant john.doe`?"),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn an_agent_gives_themselves_nothing() {
    let mut story = Story::begin().await;
    for line in ["/salesforce grant john.doe", "/salesforce show john.doe", "/salesforce unfreeze john.doe"] {
        assert_eq!(story.card("john", line).await.tone, Tone::Bad, "{line}");
    }
}

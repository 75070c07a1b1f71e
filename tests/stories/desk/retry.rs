use insta::assert_snapshot;

use crate::support::Story;

/// A reset whose user was removed and cannot be created again for the time being.
pub async fn stuck() -> Story {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "☑ /connect reset john.doe method:recreate") }
    story.sim(r#"POST /_sim/faults {"operation":"CreateUser","fault":"fail_before","times":1000,"error":"InvalidParameterException","status":400}"#).await;
    story.says("supervisor", "/desk approve 1").await;
    story
}

#[tokio::test]
async fn what_is_stuck_says_why_and_goes_on_when_a_person_says_so() {
    let mut story = stuck().await;
    assert_snapshot!(story.says("supervisor", "/desk retry 1").await, @"
    ╭─ ! Reset john.doe · needs attention ─────────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │ ████░░░░░░ 4 of 9 · Create `john.doe` again with a temporary password        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Approved by   supervisor (supervisor) · 09:00 UTC                            │
    │                                                                              │
    │ ! Create `john.doe` again with a temporary password: Amazon Connect rejected │
    │   CreateUser: `This fault was ordered.`. Check the request. The desk's log   │
    │   has the details.                                                           │
    │ Rolling back from here would do harm, so someone has to decide.              │
    │                                                                              │
    │ → /desk retry 1   /desk details 1   /desk cancel 1                           │
    ╰─ #1 · plan 220c05 ───────────────────────────────────────────────────────────╯
    ");
    story.sim("DELETE /_sim/faults").await;
    plays! { story: ("helpdesk", "/desk retry 1", "╭ ✓") }
}

#[tokio::test]
async fn what_is_stuck_survives_a_restart_as_it_is() {
    let mut story = stuck().await;
    story.says("helpdesk", "restart").await;
    story.tells("supervisor", "/desk requests", &["needs attention"]).await;
}

#[tokio::test]
async fn what_is_not_stuck_has_nothing_to_retry() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    story.tells("helpdesk", "/desk retry 1", &["#1 still needs your confirmation"]).await;
}

use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn the_requester_takes_it_back_once_and_nobody_else_does() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect reset john.doe method:console"),
        ("oncall", "/desk cancel 1", "Only the requester, helpdesk, or an approver can cancel #1."),
        ("helpdesk", "/desk cancel 1", "Canceled 09:00 UTC by helpdesk Nothing was changed."),
        ("helpdesk", "/desk cancel 1", "You canceled #1 at 09:00 UTC."),
    }
}

#[tokio::test]
async fn what_is_stuck_is_given_up_by_an_approver_only() {
    let mut story = super::retry::stuck().await;
    story.tells("helpdesk", "/desk cancel 1", &["You can't decide on your own request."]).await;
    assert_snapshot!(story.says("supervisor", "/desk cancel 1").await, @"
    ╭─ - Reset john.doe · abandoned ───────────────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Approved by   supervisor (supervisor) · 09:00 UTC                            │
    │ Ended         09:00 UTC by supervisor                                        │
    │                                                                              │
    │ ████░░░░░░ 4 of 9 · Create `john.doe` again with a temporary password        │
    │                                                                              │
    │ ! Amazon Connect rejected CreateUser: `This fault was ordered.`. Check the   │
    │   request. The desk's log has the details.                                   │
    │                                                                              │
    │ → /connect undo 1   /desk details 1                                          │
    ╰─ #1 · plan 220c05 ───────────────────────────────────────────────────────────╯
    ");
}

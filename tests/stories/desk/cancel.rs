use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn the_requester_takes_it_back() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    assert_snapshot!(story.says("helpdesk", "/desk cancel 1").await, @"
    ╭─ ✗ #1 reset `john.doe` was cancelled ────────────────────────────────────────╮
    │ Somebody sets a temporary password for `John Doe` (`john.doe`) by hand.      │
    │                                                                              │
    │ Asked by  `helpdesk` at 09:00 UTC                                            │
    │ Ended     09:00 UTC by `helpdesk`                                            │
    │                                                                              │
    │ Nothing was changed.                                                         │
    ╰─ plan b4bda1 · rule: what touches sign-in or cannot be undone needs a supe… ─╯
    ");
}

#[tokio::test]
async fn somebody_else_does_not() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    let card = story.told("oncall", "/desk cancel 1").await;
    assert!(card.contains("Only `helpdesk`, who asked, may cancel #1."), "{card}");
}

#[tokio::test]
async fn what_is_over_cannot_be_cancelled() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    story.says("helpdesk", "/desk cancel 1").await;
    let card = story.told("helpdesk", "/desk cancel 1").await;
    assert!(card.contains("`helpdesk` cancelled #1 at"), "{card}");
}

#[tokio::test]
async fn what_is_stuck_is_given_up_by_an_approver_only() {
    let mut story = super::retry::stuck().await;
    let card = story.told("helpdesk", "/desk cancel 1").await;
    assert!(card.contains("You can't decide on your own request."), "{card}");
    assert_snapshot!(story.says("supervisor", "/desk cancel 1").await, @"
    ╭─ ✗ #1 reset `john.doe` was given up ─────────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Asked by     `helpdesk` at 09:00 UTC                                         │
    │ Confirmed    09:00 UTC                                                       │
    │ Approved by  `supervisor` (supervisor) at 09:00 UTC                          │
    │ Ended        09:00 UTC by `supervisor`                                       │
    │                                                                              │
    │ ✓ 1. Take the quick connect `John Doe` out of the queue `Callback`           │
    │ ✓ 2. Take the quick connect `John Doe` out of the queue `Case Investigation` │
    │ ✓ 3. Remove the quick connect `John Doe`                                     │
    │ ✓ 4. Remove `john.doe`; from here on there is no way back                    │
    │ ✗ 5. Create `john.doe` again with a temporary password                       │
    │ ○ 6. Give back 2 proficiencies                                               │
    │ ○ 7. Create the quick connect `John Doe` again                               │
    │ ○ 8. Put the quick connect `John Doe` back into the queue `Callback`         │
    │ ○ 9. Put the quick connect `John Doe` back into the queue                    │
    │   `Case Investigation`                                                       │
    │                                                                              │
    │ ! Amazon Connect refuses CreateUser: `This fault was ordered.`. Look at what │
    │   was asked for; the desk's operator finds the details in its log.           │
    │                                                                              │
    │ → /connect undo 1                                                            │
    ╰─ plan 79c844 · rule: what touches sign-in or cannot be undone needs a supe… ─╯
    ");
}

use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

/// A reset whose user was removed and cannot be created again for the time being.
pub async fn stuck() -> Story {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.sim(r#"POST /_sim/faults {"operation":"CreateUser","fault":"fail_before","times":1000,"error":"InvalidParameterException","status":400}"#).await;
    story.says("supervisor", "/desk approve 1").await;
    story
}

#[tokio::test]
async fn what_is_stuck_says_why_and_goes_on_when_a_person_says_so() {
    let mut story = stuck().await;
    assert_snapshot!(story.says("supervisor", "/desk retry 1").await, @"
    ╭─ ! #1 reset `john.doe` is stuck ─────────────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Asked by     `helpdesk` at 09:00 UTC                                         │
    │ Confirmed    09:00 UTC                                                       │
    │ Approved by  `supervisor` (supervisor) at 09:00 UTC                          │
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
    │ Going back from here would do harm, so it waits for a person. Nothing is     │
    │ forgotten: every step that was done stands in the log.                       │
    │                                                                              │
    │ → /desk retry 1   /desk cancel 1                                             │
    ╰─ plan 79c844 · rule: what touches sign-in or cannot be undone needs a supe… ─╯
    ");
    story.sim("DELETE /_sim/faults").await;
    let card = story.card("helpdesk", "/desk retry 1").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
}

#[tokio::test]
async fn what_is_stuck_survives_a_restart_as_it_is() {
    let mut story = stuck().await;
    story.says("helpdesk", "restart").await;
    let card = story.told("supervisor", "/desk requests").await;
    assert!(card.contains("is stuck: a person has to"), "{card}");
}

#[tokio::test]
async fn what_is_not_stuck_has_nothing_to_retry() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    let card = story.told("helpdesk", "/desk retry 1").await;
    assert!(card.contains("#1 still needs the requester's confirmation"), "{card}");
}

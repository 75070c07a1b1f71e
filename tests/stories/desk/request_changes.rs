use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn it_goes_back_with_a_sentence_and_the_yeses_before_it_count_no_more() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    assert_snapshot!(story.says("supervisor", "/desk request-changes 1 \"try it by mail first\"").await, @"
    ╭─ ? #1 reset `john.doe` waits ────────────────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Asked by  `helpdesk` at 09:00 UTC                                            │
    │                                                                              │
    │ ! `supervisor` wants a change first: `try it by mail first`.                 │
    │                                                                              │
    │ Needs the requester's confirmation and 1 approval (supervisor or admin)      │
    │ within 60 min. Then 9 steps run at once; from step 4 on there is no way      │
    │ back.                                                                        │
    │                                                                              │
    │ ○ 1. Take the quick connect `John Doe` out of the queue `Callback`           │
    │ ○ 2. Take the quick connect `John Doe` out of the queue `Case Investigation` │
    │ ○ 3. Remove the quick connect `John Doe`                                     │
    │ ○ 4. Remove `john.doe`; from here on there is no way back                    │
    │ ○ 5. Create `john.doe` again with a temporary password                       │
    │ ○ 6. Give back 2 proficiencies                                               │
    │ ○ 7. Create the quick connect `John Doe` again                               │
    │ ○ 8. Put the quick connect `John Doe` back into the queue `Callback`         │
    │ ○ 9. Put the quick connect `John Doe` back into the queue                    │
    │   `Case Investigation`                                                       │
    │                                                                              │
    │ Afterwards the requester gets an email to copy.                              │
    │                                                                              │
    │ This does not come back:                                                     │
    │ · the user's id and ARN, and everything that refers to them                         │
    │ · the agent's own queue, and tasks waiting in it                             │
    │ · the agent activity audit; past metrics keep the old id in reports    │
    │ · the password, sessions and saved reports                                   │
    │                                                                              │
    │ Other ways:                                                                  │
    │ · `method:console`: somebody sets a password in the admin website; id and    │
    │   history stay                                                               │
    │                                                                              │
    │ → /desk confirm 1   /desk approve 1   /desk deny 1   /desk request-changes 1 │
    │   /desk details 1   /desk cancel 1                                           │
    ╰─ plan 79c844 · rule: what touches sign-in or cannot be undone needs a supe… ─╯
    ");
    let told = story.told("second", "/desk approve 1").await;
    assert!(told.contains("Needs the requester's confirmation within"), "{told}");
    assert_eq!(story.card("helpdesk", "/desk confirm 1").await.tone, Tone::Good);
}

#[tokio::test]
async fn it_wants_a_sentence_and_an_approver() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    let told = story.told("supervisor", "/desk request-changes 1").await;
    assert!(told.contains("`/desk request-changes` needs a reason."), "{told}");
    let told = story.told("helpdesk", "/desk request-changes 1 \"mine\"").await;
    assert!(told.contains("You can't decide on your own request."), "{told}");
}

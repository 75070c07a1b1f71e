use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn yes_with_what_it_needs() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/desk why connect reset").await, @"
    ╭─ ✓ Yes, you may ask `/connect reset` here ───────────────────────────────────╮
    │ What it needs then depends on what its plan would do:                        │
    │                                                                              │
    │ A change plan       needs your confirmation (rule: what can be changed back  │
    │                     needs the requester's confirmation)                      │
    │ A sensitive plan    needs your confirmation and 1 approval (supervisor or    │
    │                     admin) (rule: what touches sign-in or cannot be undone   │
    │                     needs a supervisor)                                      │
    │ A destructive plan  needs your confirmation and 1 approval (supervisor or    │
    │                     admin) (rule: what touches sign-in or cannot be undone   │
    │                     needs a supervisor)                                      │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn no_with_who_could() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("auditor", "/desk why /connect reset").await, @"
    ╭─ ✗ No, you may not ask `/connect reset` here ────────────────────────────────╮
    │ Your roles (auditor) do not allow `/connect reset` here.                     │
    │ Ask somebody with the role l1, supervisor, oncall or admin.                  │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn a_look_needs_nobody() {
    let mut story = Story::begin().await;
    let card = story.told("helpdesk", "/desk why connect show").await;
    assert!(card.contains("It changes nothing, so it needs nobody's yes."), "{card}");
}

#[tokio::test]
async fn a_wrong_word_is_answered_with_the_nearest() {
    let mut story = Story::begin().await;
    let card = story.told("helpdesk", "/desk why conect reset").await;
    assert!(card.contains("Did you mean `connect reset`?"), "{card}");
}

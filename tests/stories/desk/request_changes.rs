use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn it_goes_back_with_a_sentence_and_the_yeses_before_it_count_no_more() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    assert_snapshot!(story.says("supervisor", "/desk request-changes 1 \"try it by mail first\"").await, @"
    ╭─ ? Reset john.doe · needs confirmation ──────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ supervisor requested changes: `try it by mail first`                         │
    │                                                                              │
    │ ☐ Confirmation by helpdesk                                                   │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ ! Can't be undone after step 4 of 9. Lost: user id and ARN, own queue,       │
    │   activity audit, password.                                                  │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan 43cd1a ───────────────────────────────────────────────────────────╯
    ");
    story.tells("second", "/desk approve 1", &["☑ Approved by second", "☐ Confirmation by helpdesk"]).await;
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

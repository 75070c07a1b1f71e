use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_leaver_is_frozen_and_undo_unfreezes_them() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    assert_snapshot!(story.says("helpdesk", "/salesforce freeze john.doe").await, @"
    ╭─ ? Freeze john.doe in Salesforce · needs confirmation ───────────────────────╮
    │ Freeze `john.doe` in Salesforce.                                             │
    │                                                                              │
    │ · Frozen (john.doe@practice.example.com): no → yes                           │
    │ A frozen user can't sign in to Salesforce. An open session can last until it │
    │ ends. The license stays in use.                                              │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ ☐ Your confirmation                                                          │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan 0e1ff2 ───────────────────────────────────────────────────────────╯
    ");
    story.says("helpdesk", "/desk confirm 1").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
    let told = story.told("helpdesk", "/salesforce freeze john.doe").await;
    assert!(told.contains("`john.doe` is already frozen in Salesforce."), "{told}");
    story.says("helpdesk", "/connect undo 1").await;
    story.says("helpdesk", "/desk confirm 3").await;
    assert_eq!(story.card("supervisor", "/desk approve 3").await.tone, Tone::Good);
    assert_eq!(story.world().await["salesforce"], before["salesforce"]);
}

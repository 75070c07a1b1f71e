use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_leaver_is_frozen_and_undo_unfreezes_them() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    assert_snapshot!(story.says("helpdesk", "/salesforce freeze john.doe").await, @"
    ╭─ ? #1 freeze `john.doe` waits ───────────────────────────────────────────────╮
    │ Freeze `john.doe` in Salesforce.                                             │
    │                                                                              │
    │ Asked by  `helpdesk` at 09:00 UTC                                            │
    │                                                                              │
    │ Frozen (john.doe@practice.example.com): no → yes                             │
    │                                                                              │
    │ A frozen user can't sign in to Salesforce. A session that is open may last   │
    │ until it ends; the license stays in use.                                     │
    │                                                                              │
    │ Needs the requester's confirmation and 1 approval (supervisor or admin)      │
    │ within 60 min. Then 1 step runs at once; a failure takes everything back.    │
    │                                                                              │
    │ ○ 1. Freeze `john.doe@practice.example.com` in Salesforce                    │
    │                                                                              │
    │ → /desk confirm 1   /desk approve 1   /desk deny 1   /desk request-changes 1 │
    │   /desk cancel 1                                                             │
    ╰─ plan ec5b9e · rule: what touches sign-in or cannot be undone needs a supe… ─╯
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

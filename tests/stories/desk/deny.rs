use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn one_no_ends_it_with_its_reason() {
    let mut story = Story::begin().await.everywhere(&["the form of a button"]).await;
    plays! { story: ("helpdesk", "☑ /connect reset john.doe method:recreate") }
    assert_snapshot!(story.says("supervisor", "/desk deny 1 reason:\"call the agent first\"").await, @"
    ╭─ ✗ Reset john.doe · denied ──────────────────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Denied by     supervisor · 09:00 UTC: `call the agent first`                 │
    │                                                                              │
    │ Nothing was changed.                                                         │
    │                                                                              │
    │ → /desk details 1                                                            │
    ╰─ #1 · plan 220c05 ───────────────────────────────────────────────────────────╯
    ");
    story.tells("second", "/desk approve 1", &["supervisor denied #1 at 09:00 UTC."]).await;
    assert_eq!(story.writes().await, 0);
}

use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn it_runs_no_sooner_than_then() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    assert_snapshot!(story.says("helpdesk", "/desk defer 1 2h").await, @"
    ╭─ ? #1 edit `john.doe` waits ─────────────────────────────────────────────────╮
    │ Edit `John Doe` (`john.doe`).                                                │
    │                                                                              │
    │ Asked by  `helpdesk` at 09:00 UTC                                            │
    │                                                                              │
    │ After contact work (voice, chat, task and email): `300 s` → `60 s`           │
    │                                                                              │
    │ Needs the requester's confirmation within 3 h. It is put off until 20 Nov    │
    │ 2026 11:00 UTC. Then 1 step runs at once; a failure takes everything back.   │
    │                                                                              │
    │ ○ 1. Set after contact work of `john.doe`                                    │
    │                                                                              │
    │ → /desk confirm 1   /desk cancel 1                                           │
    ╰─ plan fe51d2 · rule: what can be changed back needs the requester's confir… ─╯
    ");
    let told = story.told("helpdesk", "/desk confirm 1").await;
    assert!(told.contains("It is put off until 20 Nov 2026 11:00 UTC."), "{told}");
    story.says("helpdesk", "wait 119m").await;
    assert_eq!(story.writes().await, 0);
    story.says("helpdesk", "restart").await;
    story.says("helpdesk", "wait 2m").await;
    let told = story.told("auditor", "/desk history 1").await;
    assert!(told.contains("finished"), "{told}");
    assert_eq!(story.writes().await, 1);
}

#[tokio::test]
async fn only_a_moment_within_a_week_will_do() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    for when in ["soon", "25:00", "9999h", "0m", "-5m"] {
        let told = story.told("helpdesk", &format!("/desk defer 1 {when}")).await;
        assert!(told.contains("is no moment to wait for"), "{when}: {told}");
    }
    let told = story.told("oncall", "/desk defer 1 2h").await;
    assert!(told.contains("decide") || told.contains("nobody"), "{told}");
}

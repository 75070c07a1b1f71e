use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn open_requests_say_whom_they_wait_for() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "wait 5m").await;
    story.says("oncall", "/connect reset mei.chen method:console").await;
    story.says("oncall", "/desk confirm 2").await;
    assert_snapshot!(story.says("supervisor", "/desk requests").await, @"
    ╭─ · 2 requests are open ──────────────────────────────────────────────────────╮
    │  Request   What              By         Age     Stands                       │
    │ ════════════════════════════════════════════════════════════════════════════ │
    │  #1        /connect reset    helpdesk   5 min   still needs the requester's  │
    │            login:john.doe                       confirmation and 1 approval  │
    │            method:recreate                      (supervisor or admin).       │
    │  #2        /connect reset    oncall     0 s     still needs 1 approval       │
    │            login:mei.chen                       (supervisor or admin).       │
    │            method:console                                                    │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn an_empty_list_says_so() {
    let mut story = Story::begin().await;
    let card = story.told("auditor", "/desk requests").await;
    assert!(card.contains("No request is open"), "{card}");
}

#[tokio::test]
async fn mine_are_mine() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    let card = story.told("oncall", "/desk requests mine").await;
    assert!(card.contains("No request is open"), "{card}");
    let card = story.told("helpdesk", "/desk requests mine").await;
    assert!(card.contains("1 request is open"), "{card}");
}

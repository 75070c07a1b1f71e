use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn who_asked_gets_it_as_often_as_they_like() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "☑ /connect export login:mei.chen") }
    let first = story.says("helpdesk", "/desk file 1").await;
    assert_snapshot!(first, @"
    `users-2026-11-20.csv` is saved in the state folder as
    `files/1-users-2026-11-20.csv`.
    ╭─ ✓ #1: 1 user in a file ─────────────────────────────────────────────────────╮
    │ File `users-2026-11-20.csv`, 687 bytes                                       │
    │                                                                              │
    │ It contains personal data. Delete it when you no longer need it.             │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
    story.says("helpdesk", "restart").await;
    assert_eq!(story.says("helpdesk", "/desk file 1").await, first);
}

#[tokio::test]
async fn nobody_else_gets_it() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "☑ /connect export login:mei.chen") }
    for who in ["supervisor", "admin"] {
        story.tells(who, "/desk file 1", &["Only the requester, helpdesk, can get the file of #1."]).await;
    }
}

#[tokio::test]
async fn the_log_says_what_was_exported_and_each_time_it_was_fetched_without_their_data() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "☑ /connect export hierarchy_group:\"Tracers East\"") }
    for _ in 0..2 {
        story.says("helpdesk", "/desk file 1").await;
    }
    plays! { story: ("auditor", "/desk history 1", "Tracers East", "7 users") }
    let all = desk_core::log::Query { limit: usize::MAX, ..Default::default() };
    let lines = story.inside().desk.saga.log.history(&all).await.unwrap();
    let lines: Vec<String> = lines.iter().map(|line| String::from_utf8(line.encode()).unwrap()).collect();
    let fetched =
        lines.iter().filter(|line| line.contains(r#""args":{"request":1},"command":"desk file""#)).count();
    assert!(fetched >= 2, "{lines:#?}");
    for line in lines {
        assert!(!line.contains("Mei Chen") && !line.contains("mei.chen@"), "{line}");
    }
}

#[tokio::test]
async fn it_expires_and_the_desk_says_how_to_ask_again() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "☑ /connect export login:mei.chen") }
    let files = || std::fs::read_dir(story.folder().join("state/desk/files")).unwrap().count();
    assert_eq!(files(), 1);
    story.says("helpdesk", "wait 25h").await;
    let files = std::fs::read_dir(story.folder().join("state/desk/files")).unwrap().count();
    assert_eq!(files, 0, "it is destroyed whether or not someone asks for it");
    plays! { story: ("helpdesk", "/desk file 1", "The file of #1 has expired and was destroyed.", "/connect export login:mei.chen") }
}

#[tokio::test]
async fn what_has_no_file_says_what_to_do() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect export login:mei.chen"),
        ("helpdesk", "/desk file 1", "Its card shows how far it is."),
        ("helpdesk", "/desk cancel 1"),
        ("helpdesk", "/desk file 1", "canceled #1", "Request another one with `/connect export`."),
        ("helpdesk", "/connect edit john.doe acw:60"),
        ("helpdesk", "/desk file 2", "#2 isn't an export. The files of other requests are on their cards: `/desk show 2`."),
        ("helpdesk", "/desk file 9", "No request #9."),
    }
}

use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_request_tells_its_story_line_by_line() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe way:console").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "/desk approve 1").await;
    story.says("supervisor", "/desk deny 1 reason:\"not today\"").await;
    assert_snapshot!(story.says("auditor", "/desk history 1").await, @"
    ╭─ · The log of request #1 ────────────────────────────────────────────────────╮
    │  Line   When                  Who          What                              │
    │ ════════════════════════════════════════════════════════════════════════════ │
    │  1      2026-11-20 09:00:00   helpdesk     asked: /connect reset             │
    │                                            login:john.doe way:console        │
    │  2      2026-11-20 09:00:00   the desk     planned b7c4a8: Somebody sets a   │
    │                                            temporary password for John Doe   │
    │                                            (john.doe) by hand.               │
    │  3      2026-11-20 09:00:00   helpdesk     confirmed plan b7c4a8             │
    │  4      2026-11-20 09:00:00   helpdesk     was refused /desk approve:        │
    │                                            Nobody decides on their own       │
    │                                            request.                          │
    │  5      2026-11-20 09:00:00   supervisor   denied plan b7c4a8: not today     │
    │  6      2026-11-20 09:00:00   supervisor   finished: denied                  │
    ╰─ only you see this · times are UTC ──────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn a_login_tells_who_looked_and_who_asked() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect show john.doe").await;
    story.says("john", "/connect reset john.doe way:console").await;
    story.says("helpdesk", "/connect reset john.doe way:console").await;
    let card = story.told("auditor", "/desk history john.doe").await;
    for word in ["looked: /connect show john.doe", "was refused /connect reset", "asked: /connect reset"] {
        assert!(card.contains(word), "{word}: {card}");
    }
    let none = story.told("auditor", "/desk history jane.doe").await;
    assert!(none.contains("There is nothing."), "{none}");
}

#[tokio::test]
async fn an_account_tells_what_it_did() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect show john.doe").await;
    story.says("oncall", "/connect show jane.doe").await;
    let card = story.told("auditor", "/desk history by:console:1001").await;
    assert!(card.contains("john.doe") && !card.contains("jane.doe"), "{card}");
    let card = story.told("auditor", "/desk history by:helpdesk").await;
    assert!(card.contains("is not a person"), "{card}");
}

#[tokio::test]
async fn an_unknown_number_is_said() {
    let mut story = Story::begin().await;
    let card = story.told("auditor", "/desk history 99").await;
    assert!(card.contains("There is no request #99."), "{card}");
}

use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_request_tells_its_story_line_by_line() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "/desk approve 1").await;
    story.says("supervisor", "/desk deny 1 reason:\"not today\"").await;
    assert_snapshot!(story.says("auditor", "/desk history 1").await, @"
    ╭─ · The log of request #1 ────────────────────────────────────────────────────╮
    │  Line   When                  Who          What                              │
    │ ════════════════════════════════════════════════════════════════════════════ │
    │  2      2026-11-20 09:00:00   helpdesk     asked: /connect reset             │
    │                                            login:john.doe method:console     │
    │  3      2026-11-20 09:00:00   the desk     planned b4bda1: Somebody sets a   │
    │                                            temporary password for John Doe   │
    │                                            (john.doe) by hand.               │
    │  4      2026-11-20 09:00:00   helpdesk     confirmed plan b4bda1             │
    │  5      2026-11-20 09:00:00   helpdesk     was refused /desk approve:        │
    │                                            Nobody decides on their own       │
    │                                            request.                          │
    │  6      2026-11-20 09:00:00   supervisor   denied plan b4bda1: not today     │
    │  7      2026-11-20 09:00:00   supervisor   finished: denied                  │
    ╰─ only you see this · times are UTC ──────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn a_login_tells_who_looked_and_who_asked() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect show john.doe").await;
    story.says("john", "/connect reset john.doe method:console").await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    let card = story.told("auditor", "/desk history john.doe").await;
    for word in ["looked: /connect show john.doe", "was refused /connect reset", "asked: /connect reset"] {
        assert!(card.contains(word), "{word}: {card}");
    }
    let none = story.told("auditor", "/desk history jane.doe").await;
    assert!(none.contains("There is nothing."), "{none}");
}

#[tokio::test]
async fn an_account_tells_what_it_did() {
    let mut story = Story::begin().await.everywhere(&["Kind::Account"]).await;
    story.says("helpdesk", "/connect show john.doe").await;
    story.says("oncall", "/connect show jane.doe").await;
    let card = story.told("auditor", "/desk history by:console:1001").await;
    assert!(card.contains("john.doe") && !card.contains("jane.doe"), "{card}");
    let card = story.told("auditor", "/desk history by:helpdesk").await;
    assert!(card.contains("john.doe") && !card.contains("jane.doe"), "{card}");
    let card = story.told("auditor", "/desk history by:helpdes").await;
    assert!(card.contains("Did you mean `/desk history by:helpdesk`?"), "{card}");
}

#[tokio::test]
async fn an_unknown_number_is_said() {
    let mut story = Story::begin().await.everywhere(&["Kind::LoginOrRequest"]).await;
    let card = story.told("auditor", "/desk history 99").await;
    assert!(card.contains("No request #99."), "{card}");
}

#[tokio::test]
async fn other_rules_are_a_line_with_their_difference_and_who_started_the_desk() {
    let folder = tempfile::tempdir().unwrap();
    let open = async |stricter: bool| {
        let mut config = connect_desk::practice::config().unwrap();
        if stricter {
            config.policy.rules.last_mut().unwrap().approvals = 2;
        }
        let clock = crate::support::clock();
        let mut options = crate::support::options(folder.path(), clock.clone());
        options.config = Some(config);
        connect_desk::console::Session::open(options, Some(clock), &mut |_| {}).await.unwrap()
    };
    for stricter in [false, false, true] {
        open(stricter).await.close().await.unwrap();
    }
    let mut session = open(true).await;
    let log = &session.inside().unwrap().desk.bench.log;
    let query = desk_core::log::Query { limit: 100, ..Default::default() };
    let mut lines = log.history(&query).await.unwrap();
    lines.reverse();
    let words: Vec<&str> = lines.iter().map(|line| line.event.word()).collect();
    let expected = ["opened", "policy_changed", "opened", "opened", "policy_changed", "opened"];
    assert_eq!(words, expected, "only a change is a line");
    let desk_core::log::Event::PolicyChanged(change) = &lines[4].event else { panic!("{:?}", lines[4]) };
    let name = "what touches sign-in or cannot be undone needs a supervisor";
    assert_eq!(change.difference, [format!("The rule `{name}`: approvals `1` became `2`.")]);
    assert!(!change.started_by.user.is_empty() && !change.started_by.host.is_empty());
    let desk_core::log::Event::Opened { policy, .. } = &lines[5].event else { panic!("{:?}", lines[5]) };
    assert_eq!(*policy, change.after);
    session.close().await.unwrap();
    let mut story = Story::begin().await;
    let card = story.told("auditor", "/desk history").await;
    assert!(card.contains("from now on, started by") && card.contains("These are the first"), "{card}");
}

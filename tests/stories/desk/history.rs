use desk_core::card::{Block, Card, Item};

use crate::support::{Story, untiring_config};

#[tokio::test]
async fn a_request_tells_its_story_line_by_line() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "/desk approve 1").await;
    story.says("supervisor", "/desk deny 1 reason:\"not today\"").await;
    let card = story.card("auditor", "/desk history 1").await;
    let rows = card.blocks.iter().find_map(|block| match block {
        Block::Table { rows, .. } => Some(rows),
        _ => None,
    });
    let lines: Vec<(&str, &str, &str)> = rows
        .unwrap()
        .iter()
        .map(|row| (row[0].as_str(), row[2].as_str(), row[3].split([' ', ':']).next().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            ("2", "helpdesk", "requested"),
            ("3", "the desk", "planned"),
            ("4", "helpdesk", "confirmed"),
            ("5", "helpdesk", "was"),
            ("6", "supervisor", "denied"),
            ("7", "supervisor", "finished"),
        ]
    );
    assert_eq!(rows.unwrap()[5][3], "finished: denied");
    assert!(card.title.starts_with("History of #1: `/connect reset"), "{}", card.title);
    assert!(card.footer.unwrap().contains("newest 6 of 6"));
}

/// The entries of a history.
fn entries(card: &Card) -> &[Item] {
    let items = card.blocks.iter().find_map(|block| match block {
        Block::Items { items, .. } => Some(items.as_slice()),
        _ => None,
    });
    items.unwrap_or_default()
}

#[tokio::test]
async fn a_login_tells_who_looked_and_who_asked() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect show john.doe").await;
    story.says("john", "/connect reset john.doe method:console").await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    let card = story.card("auditor", "/desk history john.doe").await;
    let [asked, refused, looked] = entries(&card) else { panic!("{card:?}") };
    assert!(asked.request.is_some_and(|no| no.0 == 1), "{asked:?}");
    assert!(
        asked.title.contains("/connect reset") && asked.title.contains("needs confirmation"),
        "{asked:?}"
    );
    assert!(refused.title.contains("was refused \"/connect reset\": \"'john' isn't allowed"), "{refused:?}");
    assert!(looked.title.contains("was answered: \"/connect show john.doe\""), "{looked:?}");
    plays! { story: ("auditor", "/desk history jane.doe", "Nothing in the log about", "/desk history john.doe") }
}

#[tokio::test]
async fn a_login_tells_what_happened_among_several_users_and_when_it_was_made() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "✓ /connect edit john.doe logins:hana.sato,mei.chen acw:60 reason:\"INC-1 faster\""),
        ("helpdesk", "✓ /connect add Dana Reed email:dana.reed@example.com like:john.doe reason:\"INC-2 new\""),
        ("helpdesk", "✓ /connect edit Dana.Reed acw:90"),
    }
    let card = story.card("auditor", "/desk history mei.chen").await;
    let [edited] = entries(&card) else { panic!("{card:?}") };
    assert_eq!(edited.request.map(|no| no.0), Some(1));
    assert!(edited.title.contains("/connect edit") && edited.title.ends_with("completed"), "{edited:?}");
    assert!(edited.line.contains("helpdesk") && edited.line.contains("mei.chen"), "{edited:?}");
    assert!(!edited.line.contains("hana.sato"), "{edited:?}");

    let login = story.inside().desk.request(desk_core::basics::ids::RequestNo(2)).await.unwrap().about();
    let card = story.card("auditor", &format!("/desk history {}", login[0])).await;
    let numbers: Vec<_> = entries(&card).iter().map(|entry| entry.request.unwrap().0).collect();
    assert!(numbers.contains(&2), "{card:?}");
    let made = entries(&card).iter().find(|entry| entry.request.unwrap().0 == 2).unwrap();
    assert!(made.title.contains("/connect add") && made.title.ends_with("completed"), "{made:?}");
    assert!(numbers.windows(2).all(|pair| pair[0] > pair[1]), "newest first: {numbers:?}");
}

#[tokio::test]
async fn more_than_is_shown_is_counted() {
    let mut story = Story::with(|options| options.config = Some(untiring_config())).await;
    for acw in 1..=4 {
        story.says("helpdesk", &format!("/connect edit john.doe acw:{acw}")).await;
    }
    story.says("helpdesk", "/connect show john.doe").await;
    let card = story.card("auditor", "/desk history john.doe limit:2").await;
    assert_eq!(entries(&card).len(), 2);
    assert!(entries(&card)[0].title.contains("was answered"), "{card:?}");
    assert_eq!(entries(&card)[1].request.map(|no| no.0), Some(4));
    assert!(card.footer.as_deref().unwrap().contains("newest 2 of 5 · limit:5"), "{:?}", card.footer);
    let card = story.card("auditor", "/desk history by:helpdesk limit:1").await;
    assert!(card.footer.as_deref().unwrap().contains("newest 1 of "), "{:?}", card.footer);
    let card = story.card("auditor", "/desk history john.doe by:helpdesk").await;
    assert!(card.title.contains("`helpdesk`") && entries(&card).len() == 5, "{card:?}");
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
    story.tells("auditor", "/desk history by:helpdes", &["Did you mean `/desk history by:helpdesk`?"]).await;
}

#[tokio::test]
async fn someone_who_has_another_name_by_now_is_found_by_each_of_them() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect show john.doe").await;
    let mut config = connect_desk::practice::config().unwrap();
    config.people.iter_mut().find(|person| person.name == "helpdesk").unwrap().name = "maria".to_owned();
    // The old name is someone else's now.
    config.people.iter_mut().find(|person| person.name == "deputy").unwrap().name = "helpdesk".to_owned();
    story.reopened("2026-11-20T10:00:00Z", |options| options.config = Some(config)).await;
    story.says("maria", "/connect show jane.doe").await;
    let told = story.told("auditor", "/desk history by:maria").await;
    assert!(told.contains("john.doe") && told.contains("jane.doe"), "{told}");
    let told = story.told("auditor", "/desk history by:helpdesk").await;
    assert!(told.contains("john.doe") && told.contains("jane.doe"), "{told}");
    story.says("helpdesk", "/connect show mei.chen").await;
    for line in ["/desk history by:helpdesk", "/desk recover account:helpdesk reason:\"new phone\""] {
        plays! { story: ("admin", line, "2 accounts have the name `helpdesk`.") }
    }
}

#[tokio::test]
async fn an_unknown_number_is_said() {
    let mut story = Story::begin().await.everywhere(&["Kind::LoginOrRequest"]).await;
    story.tells("auditor", "/desk history 99", &["No request #99."]).await;
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
    let log = &session.inside().unwrap().desk.saga.log;
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
    story.tells("auditor", "/desk history", &["from now on, started by", "First policy in this log:"]).await;
}

#[tokio::test]
async fn a_login_that_is_a_number_is_found_beside_the_request_of_that_number() {
    let mut story = Story::begin().await;
    for login in ["12345", "2"] {
        let line = format!("/connect add Ann Lee login:{login} email:ann{login}@example.com like:hana.sato");
        story.carries_out("helpdesk", &line).await;
    }
    for (asked, title, said) in [
        ("12345", "History of `12345`", "/connect add"),
        ("2", "History of #2: `/connect add", "`/desk history login:2` shows the user with this login."),
        ("login:2", "History of `2`", "/connect add"),
        ("#1", "History of #1", "completed"),
        ("1 by:helpdesk", "What `helpdesk` did about #1", "confirmed"),
        ("2 by:auditor", "What `auditor` did about #2", "Nothing."),
        ("login:2 by:helpdesk", "What `helpdesk` did about `2`", "confirmed"),
    ] {
        let card = story.card("auditor", &format!("/desk history {asked}")).await;
        assert!(card.title.starts_with(title) && card.words().contains(said), "{asked}: {card:?}");
    }
    answers! { story: "auditor", "/desk history";
        ("54321", "No request #54321."),
        ("1 login:2", "You gave both `about` and `login`."),
    }
    plays! { story: ("auditor", "/desk history 1 by:helpdesk", "≠the desk") }
}

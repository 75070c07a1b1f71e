//! The console around the commands: who speaks, what time it is, what happens outside.

use crate::support::Story;

#[tokio::test]
async fn several_people_speak_at_one_keyboard_and_what_is_no_command_is_answered_with_the_nearest() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "@supervisor /desk whoami", "You are supervisor"),
        ("helpdesk", "/desk whoami", "You are helpdesk"),
        ("helpdesk", "as superviser", "Did you mean `supervisor`?"),
        ("helpdesk", "/conect show john.doe", "Did you mean `/connect show john.doe`?"),
        ("helpdesk", "\u{201c}", "A quote is opened and never closed."),
    }
}

#[tokio::test]
async fn a_card_and_its_details_are_a_word_and_a_number_away() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "☑ /connect reset john.doe method:recreate"),
        ("helpdesk", "details 1", "#1 Reset john.doe · details"),
        ("helpdesk", "show 1", "Reset john.doe · needs approval"),
        ("helpdesk", "@supervisor show #1", "Reset john.doe · needs approval"),
        ("helpdesk", "show john.doe", "No command"),
    }
}

#[tokio::test]
async fn the_world_moves_without_the_desk() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "world john.doe signs_in").await;
    story.tells("helpdesk", "/connect show john.doe", &["`Available` since"]).await;
    story.tells("helpdesk", "world john.doe dances", &["The world cannot do `dances`"]).await;
    story.tells("helpdesk", "wait 1 fortnight", &["is not a time"]).await;
}

#[tokio::test]
async fn a_desk_that_starts_again_knows_everything() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "restart").await;
    story.tells("supervisor", "/desk requests", &["#1 Remove `John Doe`"]).await;
    story.tells("auditor", "log verify", &["The log is valid"]).await;
}

#[tokio::test]
async fn the_line_that_may_have_been_meant_is_ready_to_send_until_the_next_one() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset John Doe").await;
    assert_eq!(story.session.offer().as_deref(), Some("/connect reset john.doe"));
    let line = story.session.offer().unwrap();
    assert!(story.told("helpdesk", &line).await.contains("Reset john.doe · needs"));
    assert_eq!(story.session.offer(), None);
    // It is said by anyone who said the wrong one.
    story.says("helpdesk", "@supervisor approve 1").await;
    assert_eq!(story.session.offer().as_deref(), Some("@supervisor /desk approve 1"));
    // Of several lines none is sent by itself.
    story.says("helpdesk", "/connect reset john.doe jane.doe").await;
    assert_eq!(story.session.offer(), None);
}

/// What Tab offers behind this beginning of a line: as it is shown, and as it is typed.
async fn tab(story: &Story, line: &str) -> (Vec<String>, Vec<String>) {
    let choices = story.session.tab(line).await.unwrap();
    choices.into_iter().map(|choice| (choice.label, choice.value)).unzip()
}

#[tokio::test]
async fn tab_completes_names_lists_and_what_can_be_removed() {
    let mut story = Story::begin().await;
    story.inside().directory.refresh().await.unwrap();
    story.says("helpdesk", "as supervisor").await;
    for (line, typed) in [
        ("/connect show JANE.D", "jane.doe "),
        ("/connect queue show queue:HELP", "queue:\"Help Desk\" "),
        ("/connect queue enable queue:\"Callback,help", "queue:\"Callback, Help Desk\" "),
        ("/connect status set john.doe status:lu", "status:Lunch "),
        ("/connect hours show \"around", "\"Around the Clock\" "),
        ("/connect edit john.doe proficiency:language:sp", "proficiency:Language:Spanish="),
        ("/connect edit john.doe proficiency:Language:Spanish=4", "proficiency:Language:Spanish=4 "),
        ("/connect edit jane.doe remove_security_profile:", "remove_security_profile:Admin "),
        ("/connect queue unlink callback quick_connects:", "quick_connects:\"John Doe\" "),
        ("/desk freeze AL", "all "),
        ("/desk why connect/re", ""),
    ] {
        let found = tab(&story, line).await.1;
        assert_eq!(found.first().map(String::as_str).unwrap_or_default(), typed, "{line}: {found:?}");
    }
    // A terminal continues what is there: what only resembles it is not offered.
    assert_eq!(tab(&story, "/connect show jhon").await.1, [""; 0]);
}

#[tokio::test]
async fn tab_says_what_a_request_is_and_offers_removed_users() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect remove mei.chen").await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    let (shown, typed) = tab(&story, "/desk confirm ").await;
    assert!(
        shown.ends_with(&[
            "#2 Edit john.doe · needs confirmation".to_owned(),
            "#1 Remove mei.chen · needs confirmation".to_owned()
        ]),
        "{shown:?}"
    );
    assert!(typed.ends_with(&["2 ".to_owned(), "1 ".to_owned()]), "{typed:?}");
    // It is theirs who are said to speak.
    assert_eq!(tab(&story, "@helpdesk /desk confirm 1").await.1, ["1 "]);
    assert_eq!(tab(&story, "@supervisor /desk confirm 1").await.1, [""; 0]);
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("supervisor", "/desk approve 1").await;
    let (shown, typed) = tab(&story, "/connect restore me").await;
    assert_eq!(
        (shown, typed),
        (vec!["mei.chen · Mei Chen · removed by #1".to_owned()], vec!["mei.chen ".to_owned()])
    );
    assert_eq!(tab(&story, "/desk approve 2 login:j").await.1, [""; 0]);
}

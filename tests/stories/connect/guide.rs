use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn every_command_that_a_procedure_names_exists() {
    let mut story = Story::begin().await;
    let paths: Vec<&str> = desk_commands::all().iter().map(|entry| entry.path).collect();
    for topic in ["first_login", "forgot_password", "email_not_received"] {
        let told = story.told("helpdesk", &format!("/connect guide {topic}")).await;
        for (at, _) in told.match_indices("`/") {
            let path: Vec<&str> = told[at + 2..].split([' ', '`']).take(2).collect();
            assert!(paths.contains(&path.join(" ").as_str()), "{topic} names {path:?}");
        }
    }
}

#[tokio::test]
async fn there_is_no_other_procedure() {
    let mut story = Story::begin().await;
    let card = story.card("helpdesk", "/connect guide first_logn").await;
    assert_eq!(card.tone, Tone::Bad);
    assert!(format!("{card:?}").contains("first_login"), "{card:?}");
}

#[tokio::test]
async fn an_agent_reads_what_agents_do() {
    let mut story = Story::begin().await;
    for topic in ["first_login", "forgot_password", "email_not_received"] {
        plays! { story: ("john", &format!("/connect guide {topic}"), "contact the help desk", "≠/connect") }
    }
}

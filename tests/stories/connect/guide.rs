use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_procedure_says_what_the_person_does_and_what_the_help_desk_does() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect guide email_not_received").await, @"
    ╭─ · No password email arrives ────────────────────────────────────────────────╮
    │ What the user does:                                                          │
    │ · They check the spam folder and the quarantine. The sender is AWS's         │
    │   directory service, outside the organization.                               │
    │ · They check the case of the user ID. The login page doesn't say when it is  │
    │   wrong.                                                                     │
    │ · They wait ten minutes, ask again, and use only the link in the newest      │
    │   email.                                                                     │
    │                                                                              │
    │ What the help desk does:                                                     │
    │ · `/connect find <name>` finds the user by first name, last name or login.   │
    │   The user may never have been created.                                      │
    │ · `/connect show <login>` shows the email on file;                           │
    │   `/connect edit <login> email:…` corrects it.                               │
    │ · `/connect send <login> email_not_received` emails them these steps, which  │
    │   also shows whether the address works.                                      │
    │ · If the reset still fails, use `/connect reset <login> method:console` or   │
    │   `method:recreate`.                                                         │
    │                                                                              │
    │ `/connect send <login> email_not_received` emails the user their part.       │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
}

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
        let told = story.told("john", &format!("/connect guide {topic}")).await;
        assert!(told.contains("contact the help desk") && !told.contains("/connect"), "{told}");
    }
}

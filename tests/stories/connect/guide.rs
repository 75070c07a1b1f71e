use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_procedure_says_what_the_person_does_and_what_the_help_desk_does() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect guide email_not_received").await, @"
    ╭─ · No password email arrives ──────────────────────────────────────╮
    │ What the person does:                                                        │
    │ · They look among the junk and in quarantine; the sender is AWS's directory  │
    │   service, outside of the organization.                                      │
    │ · They check that they typed the user ID in the right case: the login page   │
    │   does not say when it is wrong.                                             │
    │ · They wait ten minutes, ask once more, and use the link of the newest       │
    │   message only.                                                              │
    │                                                                              │
    │ What the help desk does:                                                     │
    │ · `/connect find <name>` finds the user by first name, last name or login;   │
    │   perhaps it was never created.                                              │
    │ · `/connect show <login>` shows the email on file;                           │
    │   `/connect edit <login> email:…` corrects it.                               │
    │ · `/connect send <login> email_not_received` mails them this, which also     │
    │   shows whether the address works.                                           │
    │ · If the reset still fails, `/connect reset <login> method:console` or       │
    │   `method:recreate` gives them a way in.                                     │
    │                                                                              │
    │ `/connect send <login> email_not_received` mails the person's part.          │
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

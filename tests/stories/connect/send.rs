use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn a_desk_that_sends_no_mail_hands_the_email_over() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "☑ /connect send john.doe credentials reason:\"INC-7\"", "To `john.doe@example.com`", "☐ Your confirmation · expires 10:00 UTC", "⇒", "1 email is ready for you to copy and send."),
        ("helpdesk", "/desk email 1", "User ID (case sensitive): john.doe", "this email contains no password"),
    }
    assert_eq!(story.writes().await, 0, "nothing was called");
}

#[tokio::test]
async fn somebody_without_an_email_gets_none() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "✓ /connect add Max Muster routing_profile:\"Basic Routing Profile\" security_profile:Agent"),
        ("helpdesk", "/connect send Max.Muster first_login", "`Max.Muster` has no email on file", "/connect edit Max.Muster email:"),
    }
}

#[tokio::test]
async fn another_email_than_there_is_cannot_be_sent() {
    let mut story = Story::begin().await;
    let card = story.card("helpdesk", "/connect send john.doe email_changed").await;
    assert_eq!(card.tone, Tone::Bad, "only a changed address writes that email");
}

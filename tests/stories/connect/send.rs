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
async fn somebody_without_an_email_gets_none_nor_is_another_email_sent_than_there_is() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "✓ /connect add Max Muster routing_profile:\"Basic Routing Profile\" security_profile:Agent"),
        ("helpdesk", "/connect send Max.Muster first_login", "`Max.Muster` has no email on file", "/connect edit Max.Muster email:"),
        ("helpdesk", "/connect send john.doe email_changed", "╭ ✗"),
    }
}

//! Where an identity provider or a directory keeps passwords, no email and no answer speaks of "Forgot password?".

use connect_desk::systems::mail::MailService;
use desk_core::card::{Card, Tone};

use crate::desk::{Files, config, server};
use crate::smtp::{Setup, Smtp};
use crate::support::Story;

const ADD: &str = "/connect add Max Muster routing_profile:\"Basic Routing Profile\" security_profile:Agent";
const SECOND: &str = "secondary_email:max@example.com";

async fn mailing(identity: desk_sim::IdentityType) -> (Smtp, Files, Story) {
    let (smtp, files) = (Smtp::open(Setup::default()).await, Files::new());
    let config = config(MailService::Smtp(server(&smtp, &files.path())));
    let story = Story::with(|options| {
        options.config = Some(config);
        options.sim.identity = identity;
    })
    .await;
    (smtp, files, story)
}

/// Asks, and confirms and approves as far as it takes that; the card at the end.
async fn carries_out(story: &mut Story, line: &str) -> Card {
    let mut card = story.card("helpdesk", line).await;
    let no = card.request.unwrap().0;
    for (who, word) in [("helpdesk", "confirm"), ("supervisor", "approve")] {
        if card.tone == Tone::Asks {
            card = story.card(who, &format!("/desk {word} {no}")).await;
        }
    }
    card
}

/// Words that mislead where Amazon Connect keeps no password.
fn misleads(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    ["recover password", "temporary password", "choose \"forgot password"]
        .iter()
        .any(|words| text.contains(words))
}

#[tokio::test]
async fn with_saml_emails_go_to_the_secondary_address_and_speak_of_no_password() {
    let (smtp, _files, mut story) = mailing(desk_sim::IdentityType::Saml).await;
    story.says("helpdesk", &format!("{ADD} {SECOND}")).await;
    let told = story.told("helpdesk", "/desk details 1").await;
    assert!(told.contains("No password is set here") && told.contains("RoleSessionName"), "{told}");
    assert!(!misleads(&told), "{told}");
    let mut card = story.card("helpdesk", "/desk confirm 1").await;
    if card.tone == Tone::Asks {
        card = story.card("supervisor", "/desk approve 1").await;
    }
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let [mail] = smtp.arrived().try_into().unwrap();
    assert_eq!(mail.to[0], "max@example.com");
    assert!(mail.text.contains("User ID (case sensitive): Max.Muster"), "{}", mail.text);
    assert!(!misleads(&mail.text), "{}", mail.text);

    // Those about signing in can be sent; those about passwords can't.
    let card = carries_out(&mut story, "/connect send Max.Muster first_login").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    assert!(!misleads(&smtp.arrived()[1].text), "{}", smtp.arrived()[1].text);
    for letter in ["forgot_password", "email_not_received"] {
        plays! { story: ("helpdesk", &format!("/connect send Max.Muster {letter}"), "signs people in by SAML", "identity provider") }
    }
    let told = story.told("helpdesk", "/connect send john.doe credentials").await;
    assert!(told.contains("no secondary email") && told.contains("secondary_email:…"), "{told}");
    assert_eq!(smtp.arrived().len(), 2);

    // Anyone who read the old address is told that there is another one.
    let card = carries_out(&mut story, "/connect edit Max.Muster secondary_email:max@example.net").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let mail = smtp.arrived().pop().unwrap();
    assert_eq!((mail.to[0].as_str(), smtp.arrived().len()), ("max@example.com", 3));
    assert!(!mail.text.contains("password"), "{}", mail.text);
}

#[tokio::test]
async fn where_passwords_are_elsewhere_no_answer_names_a_way_that_does_not_work() {
    for identity in [desk_sim::IdentityType::Saml, desk_sim::IdentityType::ExistingDirectory] {
        let (_smtp, _files, mut story) = mailing(identity).await;
        for line in [
            "/connect show john.doe",
            "/connect diagnose john.doe",
            "/connect diagnose john.doe problem:email",
            "/connect diagnose john.doe problem:reset",
            "/connect guide first_login",
            "/connect guide forgot_password",
            "/connect guide email_not_received",
        ] {
            let told = story.told("helpdesk", line).await;
            assert!(!misleads(&told), "{identity:?} {line}: {told}");
            assert!(!told.contains("\"Forgot password\" cannot work"), "{identity:?} {line}: {told}");
            assert!(
                !told.contains("way:recreate") && !told.contains("way:console"),
                "{identity:?} {line}: {told}"
            );
        }
        let told = story.told("helpdesk", "/connect guide forgot_password").await;
        let says = match identity {
            desk_sim::IdentityType::Saml => "identity provider",
            _ => "`/connect reset <login>` sets a new password in the directory",
        };
        assert!(told.contains(says), "{identity:?}: {told}");
        assert_eq!(story.writes().await, 0);
    }
}

#[tokio::test]
async fn with_a_directory_the_credentials_say_whose_password_it_is() {
    let (smtp, _files, mut story) = mailing(desk_sim::IdentityType::ExistingDirectory).await;
    let card = carries_out(&mut story, "/connect send john.doe credentials").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let mail = smtp.arrived().pop().unwrap();
    assert!(
        mail.text.contains("password you use for your computer") && !misleads(&mail.text),
        "{}",
        mail.text
    );
    plays! { story: ("helpdesk", "/connect send john.doe forgot_password", "`/connect reset john.doe`") }
}

#[tokio::test]
async fn a_login_that_no_identity_provider_sends_is_said() {
    let (_smtp, _files, mut story) = mailing(desk_sim::IdentityType::Saml).await;
    let profiles = "routing_profile:\"Basic Routing Profile\" security_profile:Agent";
    plays! { story: ("helpdesk", &format!("/connect add Max Muster {profiles} login:x"), "a RoleSessionName has at least 2") }
    plays! { story: ("helpdesk", &format!("/connect add Max Muster {profiles} login:{}", "m".repeat(65)), "65 characters", "at most 64") }
    let line = format!("/connect add Max Muster {profiles} login:{}", "m".repeat(64));
    let no = story.card("helpdesk", &line).await.request.unwrap().0;
    plays! { story: ("helpdesk", &format!("/desk details {no}"), "at most 64 characters", "≠20 characters") }
    for (session, said) in [
        ("\" john.doe\"", "with a space before or after it"),
        ("\"john.doe \"", "with a space before or after it"),
        ("john.doe", "which matches the login"),
        ("\"John.Doe\"", "Upper and lower case differ"),
    ] {
        plays! { story: ("helpdesk", &format!("/connect diagnose john.doe problem:saml session:{session}"), said) }
    }
}

/// A caller is verified by a code to the one address that there is.
#[tokio::test]
async fn with_saml_a_code_goes_to_the_secondary_address() {
    let smtp = Smtp::open(Setup::default()).await;
    let files = Files::new();
    let mut config = config(MailService::Smtp(server(&smtp, &files.path())));
    for rule in &mut config.policy.rules {
        rule.caller = true;
    }
    let mut story = Story::with(|options| {
        options.config = Some(config);
        options.sim.identity = desk_sim::IdentityType::Saml;
    })
    .await;
    let told = story.told("helpdesk", "/connect edit john.doe acw:60").await;
    assert!(told.contains("☐ Caller verification"), "{told}");
    plays! { story: ("helpdesk", "/desk verify 1 email_code", "no secondary email on file") }
    assert!(smtp.arrived().is_empty());
}

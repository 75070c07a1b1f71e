//! What arrives when nothing goes wrong.

use connect_desk::systems::mail::Tls;
use desk_core::card::Tone;

use crate::desk::{ADD, Files, approved, desk, mailing};
use crate::smtp::{Setup, Smtp};

#[tokio::test]
async fn credentials_arrive_once_in_every_way_to_speak_with_a_server() {
    for (implicit_tls, auth) in [(false, "PLAIN LOGIN"), (false, "LOGIN"), (true, "PLAIN")] {
        let smtp = Smtp::open(Setup { implicit_tls, auth, ..Setup::default() }).await;
        let files = Files::new();
        let mut story = desk(&smtp, &files, |settings| {
            settings.tls = if implicit_tls { Tls::Implicit } else { Tls::Starttls };
        })
        .await;
        story.says("helpdesk", ADD).await;
        plays! { story: ("helpdesk", "/desk details 1", "Email their sign-in details to `erika.muster@example.com`") }
        assert!(smtp.arrived().is_empty(), "nothing is sent before someone says yes");
        plays! { story: ("helpdesk", "/desk confirm 1", "╭ ✓") }
        let [message] = smtp.arrived().try_into().unwrap();
        assert_eq!(message.to, ["erika.muster@example.com", "copies@example.org"]);
        assert_eq!(message.header("From"), "\"Help desk\" <helpdesk@example.org>");
        assert_eq!(message.header("Subject"), "Your Amazon Connect account at Example Health");
        assert!(message.header("Message-ID").ends_with(".1.2@example.org>"), "{}", message.text);
        assert_eq!(message.header("Auto-Submitted"), "auto-generated");
        assert!(message.text.contains("User ID (case sensitive): Erika.Muster"), "{}", message.text);
        story.says("helpdesk", "restart").await;
        assert_eq!(smtp.arrived().len(), 1);
    }
}

#[tokio::test]
async fn the_old_address_is_told_when_another_is_set() {
    let (smtp, _files, mut story) = mailing().await;
    let old = story.world().await["users"]["john.doe"]["identity"]["Email"].clone();
    let card = approved(&mut story, "/connect edit john.doe email:john@example.net").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let [message] = smtp.arrived().try_into().unwrap();
    assert_eq!(message.header("Subject"), "The email address of your Amazon Connect account was changed");
    assert_ne!(message.to[0], "john@example.net");
    assert_eq!(message.to[0], old.as_str().unwrap());
    assert!(!message.text.contains("john@example.net"), "the old address learns nothing of the new one");
    // Undoing it sets another address as well.
    let card = approved(&mut story, "/connect undo 1").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let [_, message] = smtp.arrived().try_into().unwrap();
    assert_eq!(message.header("Subject"), "The email address of your Amazon Connect account was changed");
    assert_eq!(message.to[0], "john@example.net");
}

#[tokio::test]
async fn a_reset_warns_the_old_address_and_mails_to_the_one_that_it_sets() {
    let (smtp, _files, mut story) = mailing().await;
    let card = approved(&mut story, "/connect reset john.doe email:john@example.net").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    // They leave side by side, in any order.
    let mut arrived = smtp.arrived();
    arrived.sort_by_key(|mail| mail.to[0] == "john@example.net");
    assert_eq!(arrived.len(), 2);
    assert_eq!(arrived[0].header("Subject"), "The email address of your Amazon Connect account was changed");
    assert_eq!(arrived[0].to[0], "john.doe@example.com");
    assert_eq!(arrived[1].header("Subject"), "A new password for Amazon Connect");
    assert_eq!(arrived[1].to[0], "john@example.net");
}

#[tokio::test]
async fn another_template_voids_a_yes() {
    let smtp = Smtp::open(Setup::default()).await;
    let files = Files::new();
    let settings = crate::desk::server(&smtp, &files.path());
    let config = crate::desk::config(connect_desk::systems::mail::MailService::Smtp(settings));
    let folder = tempfile::tempdir().unwrap();
    let clock = crate::support::clock();
    let mut digests = Vec::new();
    for subject in [None, Some("Subject: Welcome\n\nDear {{ name }}, you are {{ login }}.\n")] {
        let mut config = config.clone();
        if let Some(source) = subject {
            config.systems.email.templates.replace(desk_core::email::EmailKind::Credentials, source).unwrap();
        }
        let mut options = crate::support::options(&folder.path().join("state"), clock.clone());
        options.config = Some(config);
        let practice = connect_desk::practice::Practice::open(options).await.unwrap();
        let mailer = &practice.desk.emails;
        digests.push(mailer.template(desk_core::email::EmailKind::Credentials));
        practice.close().await.unwrap();
    }
    assert_ne!(digests[0], digests[1]);
    assert!(digests.iter().all(|digest| digest.len() == 16), "{digests:?}");
}

//! Every fault at every phase: an email arrives at most once, exactly once where it is said to be done, and one that did not
//! leave takes nothing back.

use std::time::Duration;

use desk_core::card::{Card, Tone};

use crate::desk::{ADD, Files, adds, approved, config, desk, mailing, server};
use crate::smtp::{Fault, PHASES, Phase, Setup, Smtp};
use crate::support::Story;

/// How an email that meets a fault ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Arrives,
    /// A person has to look; it is certain that it did not leave.
    Refused,
    /// A person has to look; no one can know.
    Unknown,
}

fn labels(card: &Card) -> Vec<&str> {
    card.actions.iter().map(|action| action.label.as_str()).collect()
}

async fn is_created(story: &mut Story) -> bool {
    story.world().await["users"].get("Erika.Muster").is_some()
}

/// Adds someone while the server has this fault once.
async fn met(fault: Fault, end: End) {
    let (smtp, _files, mut story) = mailing().await;
    smtp.meet([fault]);
    let card = adds(&mut story).await;
    let arrived = smtp.arrived().len();
    assert!(arrived <= 1, "{fault:?}: it arrived {arrived} times");
    assert!(is_created(&mut story).await, "{fault:?}: the user was rolled back");
    if end == End::Arrives {
        assert_eq!((card.tone, arrived), (Tone::Good, 1), "{fault:?}: {card:?}");
        return;
    }
    assert_eq!(card.tone, Tone::Alarm, "{fault:?}: {card:?}");
    // A refusal after the sender was taken is about the address.
    let elsewhere =
        matches!(fault, Fault::Says(phase, _) if phase >= Phase::Recipient) && end == End::Refused;
    let other = elsewhere.then_some("Send to another address");
    let offered: Vec<&str> =
        ["Mark as arrived", "Send again"].into_iter().chain(other).chain(["Details", "Give up"]).collect();
    assert_eq!(labels(&card), offered, "{fault:?}");
    let unknown = format!("{card:?}").contains("Before you send it again, ask whether it arrived");
    assert_eq!(unknown, end == End::Unknown, "{fault:?}: {card:?}");
    // Neither time nor a restart sends it.
    let connections = smtp.connections();
    story.says("helpdesk", "wait 2h").await;
    story.says("helpdesk", "restart").await;
    assert_eq!(smtp.connections(), connections, "{fault:?}: it was tried without a word");
    if end == End::Unknown && arrived == 1 {
        let card = story.card("helpdesk", "/desk done 1").await;
        assert_eq!((card.tone, smtp.arrived().len()), (Tone::Good, 1), "{fault:?}: {card:?}");
        return;
    }
    let card = story.card("helpdesk", "/desk retry 1").await;
    assert_eq!((card.tone, smtp.arrived().len()), (Tone::Good, 1), "{fault:?}: {card:?}");
}

#[tokio::test]
async fn a_line_that_drops_loses_no_email_and_doubles_none() {
    for phase in PHASES {
        // Once the message is on its way, no one can know.
        let end = if phase >= Phase::Message { End::Unknown } else { End::Arrives };
        met(Fault::Drops(phase), end).await;
    }
    met(Fault::TakesAndDrops, End::Unknown).await;
}

#[tokio::test]
async fn words_that_are_no_answer_to_an_email_leave_open_whether_it_left() {
    for message in ["354 continue", "HTTP/1.1 400 Bad Request", "999 what", ""] {
        met(Fault::Says(Phase::End, message), End::Unknown).await;
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_holds_nobody_up() {
    let mut all = tokio::task::JoinSet::new();
    for phase in PHASES {
        let end = if phase >= Phase::Message { End::Unknown } else { End::Arrives };
        all.spawn(met(Fault::Silent(phase), end));
    }
    all.spawn(met(Fault::TakesAndIsSilent, End::Unknown));
    while let Some(ended) = all.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test]
async fn what_is_put_off_is_tried_again_and_what_is_refused_waits_for_a_person() {
    for phase in PHASES.into_iter().filter(|phase| *phase != Phase::Message) {
        met(Fault::Says(phase, "451 4.7.1 come back later"), End::Arrives).await;
        met(Fault::Says(phase, "554 5.7.1 not from you"), End::Refused).await;
    }
    met(Fault::Says(Phase::LoggingIn, "535 5.7.8 wrong user or password"), End::Refused).await;
    met(Fault::Says(Phase::Recipient, "550 5.1.1 no such mailbox"), End::Refused).await;
    met(Fault::Bare, End::Refused).await;
}

#[tokio::test]
async fn a_refused_copy_stops_no_email_and_a_refused_recipient_is_named() {
    let (smtp, _files, mut story) = mailing().await;
    smtp.refuse("copies@example.org", "550 5.1.1 no such mailbox");
    let card = adds(&mut story).await;
    let arrived = smtp.arrived();
    assert_eq!((card.tone, arrived.len()), (Tone::Good, 1), "{card:?}");
    assert!(!arrived[0].to.iter().any(|to| to.contains("copies@")), "{arrived:?}");
    let said = format!("{card:?}");
    assert!(said.contains("sent without its copy") && said.contains("copies@example.org"), "{said}");

    // Their mailbox is full, or they are greylisted: nothing that the user could do anything about.
    let (smtp, _files, mut story) = mailing().await;
    smtp.refuse("copies@example.org", "452 4.2.2 the mailbox is full");
    let card = adds(&mut story).await;
    let said = format!("{card:?}");
    assert_eq!((card.tone, smtp.arrived().len(), smtp.connections()), (Tone::Good, 1, 1), "{said}");
    assert!(
        said.contains("sent without its copy") && said.contains("`copies@example.org` yet: `452"),
        "{said}"
    );

    // Some judge only when they have the message, as the mail server of Amazon SES does in its sandbox.
    let (smtp, _files, mut story) = mailing().await;
    smtp.meet([Fault::Says(Phase::End, "554 Message rejected: not verified: Copies@example.org")]);
    let card = adds(&mut story).await;
    let arrived = smtp.arrived();
    assert_eq!((card.tone, arrived.len()), (Tone::Good, 1), "{card:?}");
    assert!(!arrived[0].to.iter().any(|to| to.contains("copies@")), "{arrived:?}");
    assert!(format!("{card:?}").contains("sent without its copy"), "{card:?}");

    smtp.refuse("john.doe@example.com", "550 5.1.1 no such mailbox");
    story.says("helpdesk", "/connect send john.doe credentials").await;
    let card = story.card("helpdesk", "/desk confirm 2").await;
    let said = format!("{card:?}");
    assert!(card.tone == Tone::Alarm && said.contains("did not accept the recipient `john.doe@"), "{said}");
}

#[tokio::test]
async fn greylisting_is_waited_for_and_patience_ends() {
    let (smtp, _files, mut story) = mailing().await;
    smtp.meet([Fault::Says(Phase::Recipient, "450 4.2.0 greylisted"); 8]);
    let card = adds(&mut story).await;
    assert_eq!((card.tone, smtp.arrived().len(), smtp.connections()), (Tone::Good, 1, 9), "{card:?}");

    smtp.always(Some(Fault::Says(Phase::Recipient, "450 4.2.0 `greylisted` for @everyone")));
    story.says("helpdesk", "/connect send john.doe credentials").await;
    let card = story.card("helpdesk", "/desk confirm 2").await;
    assert_eq!((card.tone, smtp.arrived().len()), (Tone::Alarm, 1), "{card:?}");
    assert!(format!("{card:?}").contains("`450 4.2.0 'greylisted' for @everyone`"), "{card:?}");
    assert!(smtp.connections() < 60, "the pauses grow");
    smtp.always(None);
    let card = story.card("helpdesk", "/desk cancel 2").await;
    assert!(card.title.contains("abandoned"), "{card:?}");
    assert_eq!(smtp.arrived().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_who_it_should_be_gets_nothing() {
    let files = Files::new();
    for certified_for in ["localhost", "mail.example.net"] {
        let smtp = Smtp::open(Setup { certified_for, ..Setup::default() }).await;
        let trusts = certified_for != "localhost";
        let mut story = desk(&smtp, &files, |settings| {
            if !trusts {
                settings.ca_file = None;
            }
        })
        .await;
        let card = adds(&mut story).await;
        assert_eq!(card.tone, Tone::Alarm, "{card:?}");
        assert!(format!("{card:?}").contains("certificate"), "{card:?}");
        assert_eq!(smtp.connections(), 1, "a certificate does not become right by waiting");
        assert!(smtp.arrived().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_is_down_is_said_to_be_down() {
    let smtp = Smtp::open(Setup::default()).await;
    let files = Files::new();
    let mut settings = server(&smtp, &files.path());
    // No one listens there: the listener was closed again.
    settings.port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut config = config(connect_desk::systems::mail::MailService::Smtp(settings));
    config.systems.email.patience.trouble = Duration::from_secs(5);
    let mut story = Story::with(|options| options.config = Some(config)).await;
    story.says("helpdesk", ADD).await;
    plays! { story: ("helpdesk", "/desk confirm 1", "needs attention", "did not accept the connection") }
    assert!(is_created(&mut story).await);
}

#[tokio::test]
async fn a_wrong_password_is_the_operators_to_mend() {
    let smtp = Smtp::open(Setup::default()).await;
    let files = Files::new();
    let wrong = files.path().join("wrong");
    crate::support::write_secret(&wrong, "Hunter2Hunter2");
    let mut story = desk(&smtp, &files, |settings| settings.password_file = Some(wrong)).await;
    plays! { story:
        ("helpdesk", ADD),
        ("helpdesk", "/desk confirm 1", "needs attention", "535", "user name or password", "≠Hunter2"),
    }
    assert_eq!(smtp.connections(), 1, "a wrong password is not tried again: accounts get locked");
}

#[tokio::test]
async fn a_temporary_password_does_not_wait_for_an_email() {
    for give_up in [false, true] {
        let (smtp, _files, mut story) = mailing().await;
        smtp.meet([Fault::TakesAndDrops]);
        let card = approved(&mut story, "/connect reset john.doe method:recreate").await;
        assert_eq!(labels(&card), ["Show password", "Mark as arrived", "Send again", "Details", "Give up"]);
        if give_up {
            story.says("helpdesk", "/desk cancel 1").await;
        }
        plays! { story: ("supervisor", "/desk reveal 1", "╭ ✗") }
        let shown = story.card("helpdesk", "/desk reveal 1").await;
        assert!(shown.private && shown.tone == Tone::Good, "{shown:?}");
        plays! { story: ("helpdesk", "/desk reveal 1", "was already shown to helpdesk") }
        assert_eq!(smtp.arrived().len(), 1);
    }
}

#[tokio::test]
async fn only_the_email_on_the_card_is_sent_once_more() {
    let (smtp, _files, mut story) = mailing().await;
    // Both emails of this plan are lost, one after the other.
    smtp.meet([Fault::TakesAndDrops, Fault::TakesAndDrops]);
    let card = approved(&mut story, "/connect reset john.doe email:john@example.net").await;
    // Neither waits for the other.
    assert_eq!((card.tone, smtp.arrived().len()), (Tone::Alarm, 2), "{card:?}");
    let card = story.card("helpdesk", "/desk retry 1").await;
    assert_eq!((card.tone, smtp.arrived().len()), (Tone::Alarm, 3), "{card:?}");
    // The other is the notice to the old address, of which the requester alone says nothing.
    plays! { story: ("helpdesk", "/desk done 1", "╭ ✗") }
    let card = story.card("supervisor", "/desk done 1").await;
    assert_eq!((card.tone, smtp.arrived().len()), (Tone::Good, 3), "{card:?}");
    let mut to: Vec<String> = smtp.arrived().iter().map(|mail| mail.to[0].clone()).collect();
    to.sort();
    assert_eq!(to, ["john.doe@example.com", "john@example.net", "john@example.net"]);
}

/// A desk that mails, with a file of three users.
async fn of_three(smtp: &Smtp, files: &Files) -> Story {
    let rows = "first name,last name,email address,user login,routing profile name,security_profile_name_1\n\
                Ann,One,ann@example.com,Ann.One,Basic Routing Profile,Agent\n\
                Ben,Two,ben@example.com,Ben.Two,Basic Routing Profile,Agent\n\
                Cat,Three,cat@example.com,Cat.Three,Basic Routing Profile,Agent\n";
    std::fs::write(files.path().join("users.csv"), rows).unwrap();
    let settings = server(smtp, &files.path());
    Story::with(|options| {
        options.config = Some(config(connect_desk::systems::mail::MailService::Smtp(settings)));
        options.files = files.path();
    })
    .await
}

#[tokio::test]
async fn emails_that_are_given_up_leave_everything_else_done_and_said_so() {
    let (smtp, files) = (Smtp::open(Setup::default()).await, Files::new());
    let mut story = of_three(&smtp, &files).await;
    smtp.refuse("ann@example.com", "550 5.1.1 there is no such mailbox");
    smtp.refuse("ben@example.com", "550 5.1.1 there is no such mailbox");
    let card = approved(&mut story, "/connect import users.csv").await;
    assert!(
        format!("{card:?}").contains("The same is true of 1 more email: giving up leaves out all of them."),
        "{card:?}"
    );
    let card = story.card("supervisor", "/desk cancel 1").await;
    let said = format!("{card:?}");
    assert!(card.title.ends_with("· completed, email given up"), "{said}");
    assert!(said.contains("done: 3, total: 3, what: \"users\""), "{said}");
    assert!(said.contains("type `/connect send Ann.One credentials` for each user"), "{said}");
    assert!(!said.contains("try again"), "{said}");
    let result = story.saved("files/1-result.csv");
    assert_eq!(result.matches(",\"created, email given up: ").count(), 2, "{result}");
    assert_eq!(result.matches(",created\r").count(), 1, "{result}");
    plays! { story: ("supervisor", "/desk retry 1", "gave up the email of #1", "Everything else was done.") }
}

/// Three users from a file, and the server refuses one of them.
#[tokio::test]
async fn a_recipient_who_is_refused_takes_nobody_back_and_keeps_no_other_email() {
    let (smtp, files) = (Smtp::open(Setup::default()).await, Files::new());
    let mut story = of_three(&smtp, &files).await;
    smtp.meet([Fault::Says(Phase::Recipient, "550 5.1.1 there is no such mailbox")]);
    let card = approved(&mut story, "/connect import users.csv").await;
    assert_eq!(card.tone, Tone::Alarm, "{card:?}");
    assert_eq!(
        labels(&card),
        ["Mark as arrived", "Send again", "Send to another address", "Details", "Give up"]
    );
    let world = story.world().await;
    for login in ["Ann.One", "Ben.Two", "Cat.Three"] {
        assert!(world["users"][login].is_object(), "{login} was rolled back");
    }
    let mut first: Vec<String> = smtp.arrived().into_iter().map(|mail| mail.to[0].clone()).collect();
    assert_eq!(first.len(), 2, "{first:?}");
    plays! { story: ("supervisor", "/desk retry 1", "╭ ✓") }
    first = smtp.arrived().into_iter().map(|mail| mail.to[0].clone()).collect();
    first.sort();
    assert_eq!(first, ["ann@example.com", "ben@example.com", "cat@example.com"]);
    let result = story.saved("files/1-result.csv");
    assert_eq!(result.matches(",created").count(), 3, "{result}");
}

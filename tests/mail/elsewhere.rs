//! A refused email goes to another address by the same request: who may choose which, and what is written down.

use desk_core::card::{Card, Tone};

use crate::desk::{ADD, adds, approved, mailing};
use crate::smtp::{Fault, Phase, Smtp};
use crate::support::Story;

const WRONG: &str = "erika.muster@example.com";
const NO_MAILBOX: &str = "550 5.1.1 no such mailbox";

/// Where the emails went.
fn to(smtp: &Smtp) -> Vec<String> {
    smtp.arrived().into_iter().map(|mail| mail.to[0].clone()).collect()
}

/// Someone new whose address takes nothing.
async fn stuck(smtp: &Smtp, story: &mut Story) -> Card {
    smtp.refuse(WRONG, NO_MAILBOX);
    let card = adds(story).await;
    assert_eq!((card.tone, smtp.arrived().len()), (Tone::Alarm, 0), "{card:?}");
    card
}

#[tokio::test]
async fn an_approver_sends_it_elsewhere_and_the_log_says_who() {
    let (smtp, _files, mut story) = mailing().await;
    stuck(&smtp, &mut story).await;
    // The requester alone chooses no address that no one has looked at.
    let card = story.card("helpdesk", "/desk retry 1 email:anyone@elsewhere.example").await;
    assert_eq!((card.tone, smtp.arrived().len()), (Tone::Bad, 0), "{card:?}");
    assert!(format!("{card:?}").contains("it isn't on file"), "{card:?}");
    let card = story.card("supervisor", "/desk retry 1 email:erika@elsewhere.example").await;
    assert_eq!((card.tone, to(&smtp)), (Tone::Good, vec!["erika@elsewhere.example".to_owned()]), "{card:?}");
    let history = story.told("helpdesk", "/desk history 1").await;
    assert!(history.contains("to \"erika@elsewhere.example\" instead"), "{history}");
    assert!(history.contains("supervisor"), "{history}");
    story.says("helpdesk", "restart").await;
    assert_eq!(smtp.arrived().len(), 1);
}

#[tokio::test]
async fn the_requester_sends_it_to_the_address_that_was_corrected_on_file() {
    let (smtp, _files, mut story) = mailing().await;
    stuck(&smtp, &mut story).await;
    let card = approved(&mut story, "/connect edit Erika.Muster email:erika@example.com").await;
    assert_eq!(
        card.tone,
        Tone::Good,
        "the notice to the wrong address fails, and nothing waits for it: {card:?}"
    );
    let card = story.card("helpdesk", "/desk retry 1 email:erika@example.com").await;
    assert_eq!((card.tone, to(&smtp)), (Tone::Good, vec!["erika@example.com".to_owned()]), "{card:?}");
}

#[tokio::test]
async fn another_address_that_is_wrong_as_well_can_be_corrected_again() {
    let (smtp, _files, mut story) = mailing().await;
    stuck(&smtp, &mut story).await;
    smtp.refuse("erika@wrong.example", "450 4.1.2 Domain not found");
    let card = story.card("supervisor", "/desk retry 1 email:erika@wrong.example").await;
    assert_eq!((card.tone, smtp.arrived().len()), (Tone::Alarm, 0), "{card:?}");
    plays! { story: ("supervisor", "/desk details 1", "now to `erika@wrong.example`, by supervisor") }
    let card = story.card("supervisor", "/desk retry 1 email:erika@right.example").await;
    assert_eq!((card.tone, to(&smtp)), (Tone::Good, vec!["erika@right.example".to_owned()]), "{card:?}");
}

#[tokio::test]
async fn what_may_have_left_and_what_no_server_takes_goes_nowhere_else() {
    let (smtp, _files, mut story) = mailing().await;
    smtp.meet([Fault::TakesAndDrops]);
    story.says("helpdesk", ADD).await;
    story.says("helpdesk", "/desk confirm 1").await;
    for (line, says) in [
        ("/desk retry 1 email:erika@right.example", "may have left"),
        ("/desk retry 1 email:erika..m@right.example", "erika..m@right.example"),
        ("/desk retry 1 other_address", "may have left"),
    ] {
        plays! { story: ("supervisor", line, says) }
    }
    assert_eq!(smtp.arrived().len(), 1);
    // A notice is for the old address alone.
    smtp.meet([Fault::Says(Phase::LoggingIn, "535 5.7.8 wrong user or password")]);
    let card = approved(&mut story, "/connect edit john.doe email:john@example.net").await;
    assert_eq!(card.tone, Tone::Alarm, "{card:?}");
    plays! { story: ("supervisor", "/desk retry 2 email:me@elsewhere.example", "A notice goes to the old address") }
}

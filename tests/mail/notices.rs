//! The warning to an address that was replaced: nothing of it is in the hands of the requester for the new one.

use desk_core::card::Tone;

use crate::desk::{approved, mailing};
use crate::smtp::{Fault, Phase};

const OLD: &str = "john.doe@example.com";
const ASK: &str = "/connect edit john.doe email:john@example.net acw:60";

#[tokio::test]
async fn an_old_address_that_refuses_it_is_told_on_the_card_and_nothing_is_stuck() {
    for refusal in ["550 5.1.1 no such mailbox", "554 5.7.1 refused"] {
        let (smtp, _files, mut story) = mailing().await;
        smtp.meet([Fault::Says(Phase::Recipient, refusal)]);
        let card = approved(&mut story, ASK).await;
        let told = format!("{card:?}");
        assert_eq!(card.tone, Tone::Good, "{told}");
        assert!(
            told.contains(&format!("The notice to the old address `{OLD}` could not be delivered.")),
            "{told}"
        );
        assert!(told.contains(refusal), "{told}");
        let user = story.world().await["users"]["john.doe"].clone();
        assert_eq!(user["identity"]["Email"], "john@example.net", "nothing is rolled back: {user}");
        assert!(smtp.arrived().is_empty());
    }
}

#[tokio::test]
async fn the_requester_neither_declares_it_sent_nor_skips_it() {
    // No one knows whether it left, or it is certain that it did not because the desk's own password is wrong.
    for (fault, arrived) in
        [(Fault::TakesAndDrops, 1), (Fault::Says(Phase::LoggingIn, "535 5.7.8 wrong user or password"), 0)]
    {
        for (who, word, may) in [
            ("helpdesk", "done", false),
            ("helpdesk", "cancel", false),
            ("oncall", "done", false),
            ("supervisor", "done", true),
            ("admin", "cancel", true),
            ("helpdesk", "retry", true),
        ] {
            let (smtp, _files, mut story) = mailing().await;
            smtp.meet([fault]);
            let card = approved(&mut story, ASK).await;
            assert_eq!((card.tone, smtp.arrived().len()), (Tone::Alarm, arrived), "{card:?}");
            let card = story.card(who, &format!("/desk {word} 1")).await;
            let told = format!("{who} {word}: {card:?}");
            assert_eq!(card.request.is_some(), may, "{told}");
            let sent = if word == "retry" { arrived + 1 } else { arrived };
            assert_eq!(smtp.arrived().len(), sent, "{told}");
            let missed =
                told.contains(&format!("The notice to the old address `{OLD}` could not be delivered"));
            assert_eq!(missed, word == "cancel" && may, "{told}");
        }
    }
}

/// The old domain has no mail server any more: anyone who asks is put off, for ever.
#[tokio::test]
async fn an_address_that_is_put_off_for_ever_ends_its_notice_and_holds_nothing_up() {
    let (smtp, _files, mut story) = mailing().await;
    smtp.refuse(OLD, "450 4.1.2 Recipient address rejected: Domain not found");
    let card = approved(&mut story, "/connect reset john.doe email:john@example.net").await;
    let told = format!("{card:?}");
    assert_eq!(card.tone, Tone::Good, "{told}");
    assert!(
        told.contains(&format!("The notice to the old address `{OLD}` could not be delivered.")),
        "{told}"
    );
    assert!(told.contains("Domain not found"), "{told}");
    let [mail] = smtp.arrived().try_into().unwrap();
    assert_eq!(mail.to[0], "john@example.net");
    assert!(smtp.connections() > 10, "the old address was tried for a while");
    let user = story.world().await["users"]["john.doe"].clone();
    assert_eq!(user["identity"]["Email"], "john@example.net", "{user}");
    // The log says what became of it.
    let history = story.told("helpdesk", "/desk history 1").await;
    assert!(history.contains("Domain not found"), "{history}");
    // How to set a new password left beside it, before the old address was given up.
    let (other, ended) = (history.find("started 3.").unwrap(), history.find("failed 2.").unwrap());
    assert!(other < ended, "{history}");
}

/// The same where what comes after the change of the address fails: what was done is told, and the rest is rolled back.
#[tokio::test]
async fn a_change_that_is_rolled_back_beside_its_notice_loses_neither() {
    let (smtp, _files, mut story) = mailing().await;
    let refuses = r#"{"operation":"UpdateUserConfig","fault":"fail_before","times":1000,"status":400,"error":"InvalidRequestException"}"#;
    story.sim(&format!("POST /_sim/faults {refuses}")).await;
    let card = approved(&mut story, ASK).await;
    let told = format!("{card:?}");
    assert_ne!(card.tone, Tone::Good, "{told}");
    let user = story.world().await["users"]["john.doe"].clone();
    assert_eq!(user["identity"]["Email"], OLD, "{user}");
    let [mail] = smtp.arrived().try_into().unwrap();
    assert_eq!(mail.to[0], OLD, "{told}");
}

//! Codes for callers: emailed to the address on file, read back, and worth nothing to anybody else.

use connect_desk::systems::mail::MailService;
use desk_core::card::Tone;
use desk_core::log::Query;
use insta::assert_snapshot;

use crate::desk::{Files, config, server};
use crate::smtp::{Fault, Phase, Setup, Smtp};
use crate::support::Story;

/// A desk that mails, where what touches sign-in wants a word on the caller.
async fn careful(smtp: &Smtp, files: &Files) -> Story {
    let mut config = config(MailService::Smtp(server(smtp, &files.path())));
    config.policy.rules.iter_mut().for_each(|rule| rule.caller = rule.approvals > 0);
    Story::with(|options| options.config = Some(config)).await
}

async fn asked() -> (Smtp, Files, Story) {
    let (smtp, files) = (Smtp::open(Setup::default()).await, Files::new());
    let mut story = careful(&smtp, &files).await;
    plays! { story: ("helpdesk", "☑ /connect reset john.doe method:recreate") }
    (smtp, files, story)
}

/// The code of the newest email.
fn newest(smtp: &Smtp) -> String {
    let message = smtp.arrived().pop().unwrap();
    let line =
        message.text.lines().map(str::trim).find(|line| line.len() == 6 && line.parse::<u32>().is_ok());
    line.unwrap_or_else(|| panic!("no code in {}", message.text)).to_owned()
}

/// A code that is not this one.
fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn a_code_goes_to_the_address_on_file_and_comes_back_by_phone() {
    let (smtp, _files, mut story) = asked().await;
    assert_snapshot!(story.says("helpdesk", "/desk verify 1 email_code").await, @"
    ╭─ ✓ A code was sent to j***@example.com ──────────────────────────────────────╮
    │ Ask the caller to read it to you, then type                                  │
    │ `/desk verify 1 email_code code:…`.                                          │
    │ It is valid for 10 min and 5 tries. Earlier codes are no longer valid. No    │
    │ one here can see the code.                                                   │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
    let [message] = smtp.arrived().try_into().unwrap();
    assert_eq!(message.to, ["john.doe@example.com"], "the copies are read at the help desk");
    assert_eq!(message.header("Subject"), "A code for your call with the help desk");
    let code = newest(&smtp);
    plays! { story:
        ("supervisor", "/desk approve 1", "The caller of #1 has not been verified yet."),
        // It survives a restart, and no one but the requester brings it.
        ("helpdesk", "restart"),
        ("oncall", &format!("/desk verify 1 email_code code:{code}"), "Only the requester, helpdesk, can"),
        ("helpdesk", &format!("/desk verify 1 email_code code:{code}"), "Reset john.doe · needs approval", "☑ Caller verified by", "≠☐ Caller verif"),
        // It counts once.
        ("helpdesk", &format!("/desk verify 1 code:{code}"), "The caller of #1 was already verified by a code emailed to the address on file, says helpdesk."),
        ("supervisor", "/desk approve 1", "╭ ✓"),
        ("auditor", "/desk history 1", "emailed the caller a code at", "j***@example.com", "verified the caller by a code emailed to"),
    }
    let all = Query { limit: usize::MAX, ..Query::default() };
    for line in story.inside().desk.saga.log.history(&all).await.unwrap() {
        let text = String::from_utf8(line.encode()).unwrap();
        // Six digits may stand by chance in a longer number or a hash, but not alone.
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        assert!(words.all(|word| word != code), "{text}");
    }
    // Nor is it anywhere on the disk while it counts.
    story.says("helpdesk", "/connect reset mei.chen method:recreate").await;
    story.says("helpdesk", "/desk verify 2 email_code").await;
    let code = newest(&smtp);
    story.says("helpdesk", "restart").await;
    crate::support::nowhere_below(&story.folder().join("state").join("desk"), &code);
}

#[tokio::test]
async fn a_code_takes_five_tries_ten_minutes_and_no_successor() {
    let (smtp, _files, mut story) = asked().await;
    let verify = |code: &str| format!("/desk verify 1 email_code code:{code}");
    story.says("helpdesk", "/desk verify 1 email_code").await;
    let first = newest(&smtp);
    for left in ["4 more tries", "3 more tries", "2 more tries", "1 more try", "sends another one"] {
        plays! { story: ("helpdesk", &verify(&another(&first)), "This code is wrong.", left) }
    }
    let told = story.told("helpdesk", &verify(&first)).await;
    assert!(told.contains("Too many wrong codes."), "{told}");
    let history = story.told("auditor", "/desk history 1").await;
    assert_eq!(history.matches("was refused \"/desk verify\"").count(), 6, "{history}");

    story.says("helpdesk", "/desk verify 1 email_code").await;
    let second = newest(&smtp);
    story.says("helpdesk", "/desk verify 1 email_code").await;
    let third = newest(&smtp);
    if second != third {
        let told = story.told("helpdesk", &verify(&second)).await;
        assert!(told.contains("This code is wrong."), "the older one is void: {told}");
    }
    story.says("helpdesk", "wait 10m").await;
    let told = story.told("helpdesk", &verify(&third)).await;
    assert!(told.contains("has expired"), "{told}");
    plays! { story: ("supervisor", "/desk approve 1", "has not been verified yet") }
}

#[tokio::test]
async fn a_code_of_one_request_is_none_of_another() {
    let (smtp, _files, mut story) = asked().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    story.says("helpdesk", "/desk verify 1 email_code").await;
    let first = newest(&smtp);
    let told = story.told("helpdesk", &format!("/desk verify 2 email_code code:{first}")).await;
    assert!(told.contains("There is no code for #2"), "{told}");
    story.says("helpdesk", "/desk verify 2 email_code").await;
    let second = newest(&smtp);
    if first != second {
        plays! { story: ("helpdesk", &format!("/desk verify 2 email_code code:{first}"), "This code is wrong.") }
    }
    // Both still have their own.
    plays! { story: ("helpdesk", &format!("/desk verify 1 email_code code:{first}"), "Reset john.doe · needs") }
}

#[tokio::test]
async fn nobodys_inbox_is_flooded() {
    let (smtp, _files, mut story) = asked().await;
    for _ in 0..50 {
        story.says("helpdesk", "/desk verify 1 email_code").await;
    }
    assert_eq!(smtp.arrived().len(), 3);
    plays! { story:
        ("helpdesk", "/desk verify 1 email_code", "They have already been sent several codes.", "min for a new one"),
        // Anyone who asks, and for which request.
        ("oncall", "/connect reset john.doe method:console"),
        ("oncall", "/desk verify 2 email_code", "They have already been sent several codes."),
    }
    assert_eq!(smtp.arrived().len(), 3);
    // The newest of them counts all the same.
    let code = newest(&smtp);
    story.says("helpdesk", "wait 5m").await;
    plays! { story: ("helpdesk", &format!("/desk verify 1 email_code code:{code}"), "Reset john.doe · needs") }
    let history = story.told("auditor", "/desk history 1").await;
    assert_eq!(history.matches("emailed the caller a code").count(), 3, "{history}");
}

#[tokio::test]
async fn an_address_that_the_desk_has_just_set_proves_nothing() {
    let smtp = Smtp::open(Setup::default()).await;
    let files = Files::new();
    let mut story = careful(&smtp, &files).await;
    story.says("helpdesk", "/connect edit john.doe email:someone@example.net").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("second", "/desk verify 1 manager").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
    let before = smtp.arrived().len();
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    plays! { story: ("helpdesk", "/desk verify 2 email_code", "less than 24 h ago", "called_back") }
    assert_eq!(smtp.arrived().len(), before);
    // Another change of the same user, which leaves the address as it is, is no reason; a day makes it one on file.
    story.says("helpdesk", "wait 23h").await;
    story.says("helpdesk", "/connect edit john.doe mobile:+15550100199").await;
    story.says("helpdesk", "/desk confirm 3").await;
    story.says("helpdesk", "wait 61m").await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    plays! { story: ("helpdesk", "/desk verify 4 email_code", "A code was sent to s***@example.net") }
}

#[tokio::test]
async fn what_became_of_an_email_that_met_trouble_is_told() {
    let (smtp, _files, mut story) = asked().await;
    smtp.always(Some(Fault::Drops(Phase::Hello)));
    plays! { story:
        ("helpdesk", "/desk verify 1 email_code", "No code was sent. The mail server `localhost`"),
        ("auditor", "/desk history 1", "was refused \"/desk verify\": \"No code was sent."),
        ("helpdesk", "/desk verify 1 email_code code:123456", "There is no code for #1"),
    }
    // A short trouble is waited for; someone is on the phone.
    smtp.always(None);
    smtp.meet([Fault::Drops(Phase::Connected), Fault::Says(Phase::Sender, "451 try again later")]);
    plays! { story: ("helpdesk", "/desk verify 1 email_code", "A code was sent to j***@example.com") }
    smtp.meet([Fault::TakesAndDrops]);
    plays! { story: ("helpdesk", "/desk verify 1 email_code", "It is unknown whether the code was sent.") }
    // It did, and counts.
    let code = newest(&smtp);
    plays! { story: ("helpdesk", &format!("/desk verify 1 email_code code:{code}"), "Reset john.doe · needs") }
}

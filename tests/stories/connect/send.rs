use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_desk_that_sends_no_mail_hands_the_email_over() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect send john.doe credentials reason:\"INC-7\"").await, @"
    ╭─ ? Email john.doe · needs confirmation ──────────────────────────────────────╮
    │ Email `John Doe` (`john.doe`) how to sign in to their account.               │
    │                                                                              │
    │ To       `john.doe@example.com`                                              │
    │ Subject  `Your Amazon Connect account at your organization`                  │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Reason        `INC-7`                                                        │
    │                                                                              │
    │ ☐ Your confirmation · expires 10:00 UTC                                      │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan cbba29 ───────────────────────────────────────────────────────────╯
    ");
    assert_snapshot!(story.says("helpdesk", "/desk confirm 1").await, @"
    ╭─ ✓ Email john.doe · completed ───────────────────────────────────────────────╮
    │ Email `John Doe` (`john.doe`) how to sign in to their account.               │
    │                                                                              │
    │ To       `john.doe@example.com`                                              │
    │ Subject  `Your Amazon Connect account at your organization`                  │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Reason        `INC-7`                                                        │
    │ Completed     09:00 UTC                                                      │
    │                                                                              │
    │ 1 email is ready for you to copy and send.                                   │
    │                                                                              │
    │ → /desk email 1   /desk details 1                                            │
    ╰─ #1 · plan cbba29 ───────────────────────────────────────────────────────────╯
    ");
    assert_snapshot!(story.says("helpdesk", "/desk email 1").await, @r#"
    ╭─ · The email of #1 ──────────────────────────────────────────────────────────╮
    │ To       `john.doe@example.com`                                              │
    │ Subject  `Your Amazon Connect account at your organization`                  │
    │                                                                              │
    │ Dear John Doe,                                                               │
    │                                                                              │
    │ your account in Amazon Connect, the phone system of your organization, is    │
    │ ready.                                                                       │
    │                                                                              │
    │ Login URL: https://practice.my.connect.example.com                           │
    │ User ID (case sensitive): john.doe                                           │
    │                                                                              │
    │ For security, this email contains no password. To set your own the first     │
    │ time:                                                                        │
    │                                                                              │
    │ 1. Open the login page, type your user ID exactly as shown above, and choose │
    │ "Forgot Password?".                                                          │
    │ 2. Type the characters in the picture and choose "Recover Password".         │
    │ 3. Wait for an email about a password reset, open the link in it, and choose │
    │ a new password.                                                              │
    │ 4. Sign in with it. You then see the dial pad.                               │
    │                                                                              │
    │ If you were given a temporary password instead, sign in with it. You are     │
    │ then asked for a new one.                                                    │
    │                                                                              │
    │ If no email comes or something does not work, ask the help desk.             │
    │                                                                              │
    │ Your help desk                                                               │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    "#);
    assert_eq!(story.writes().await, 0, "nothing was called");
}

#[tokio::test]
async fn somebody_without_an_email_gets_none() {
    let mut story = Story::begin().await;
    story
        .says(
            "helpdesk",
            "/connect add Max Muster routing_profile:\"Basic Routing Profile\" security_profile:Agent",
        )
        .await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("supervisor", "/desk approve 1").await;
    let told = story.told("helpdesk", "/connect send Max.Muster first_login").await;
    assert!(
        told.contains("`Max.Muster` has no email on file")
            && told.contains("/connect edit Max.Muster email:"),
        "{told}"
    );
}

#[tokio::test]
async fn another_email_than_there_is_cannot_be_sent() {
    let mut story = Story::begin().await;
    let card = story.card("helpdesk", "/connect send john.doe email_changed").await;
    assert_eq!(card.tone, Tone::Bad, "only a changed address writes that email");
}

use desk_core::card::{Block, Tone};
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn recreate_says_everything_before_and_gives_everything_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    assert_snapshot!(story.says("helpdesk", "/connect reset john.doe method:recreate reason:\"INC-1042\"").await, @"
    ╭─ ? Reset john.doe · needs confirmation ──────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Reason        `INC-1042`                                                     │
    │                                                                              │
    │ ☐ Your confirmation                                                          │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ ! Can't be undone after step 4 of 9. Lost: user id and ARN, own queue,       │
    │   activity audit, password.                                                  │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan 7c6a76 ───────────────────────────────────────────────────────────╯
    ");
    story.says("helpdesk", "/desk confirm 1").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @"
    ╭─ ✓ Reset john.doe · completed ───────────────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │ 9 of 9 steps, 8 s.                                                           │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Reason        `INC-1042`                                                     │
    │ Approved by   supervisor (supervisor) · 09:00 UTC                            │
    │ Completed     09:00 UTC                                                      │
    │                                                                              │
    │ 🔑 The temporary password of `john.doe` is waiting for helpdesk, to be shown │
    │ once before it expires.                                                      │
    │ 1 email is ready for helpdesk to copy and send.                              │
    │                                                                              │
    │ → /desk reveal 1   /desk email 1   /desk details 1                           │
    ╰─ #1 · plan 7c6a76 ───────────────────────────────────────────────────────────╯
    ");
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn by_hand_somebody_does_it_in_the_admin_website_and_says_so() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect reset john.doe method:console").await, @"
    ╭─ ? Reset john.doe · needs confirmation ──────────────────────────────────────╮
    │ Set a temporary password for `John Doe` (`john.doe`) manually.               │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ ☐ Your confirmation                                                          │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ ! The reset signs `john.doe` out everywhere immediately.                     │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan 82d86e ───────────────────────────────────────────────────────────╯
    ");
    story.says("helpdesk", "/desk confirm 1").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @r#"
    ╭─ ? Reset john.doe · needs a manual step ─────────────────────────────────────╮
    │ Set a temporary password for `John Doe` (`john.doe`) manually.               │
    │ Open the page of `john.doe`, choose "Reset password", enter a new random     │
    │ password of 20 or more characters and choose "Submit". Tell it to them by    │
    │ phone or in person; they must change it right away. Then press Mark as done. │
    │ https://practice.my.connect.example.com/users/edit?id=1868fba9-c0fc-4233-a51 │
    │ 2-91721722d7a8                                                               │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Approved by   supervisor (supervisor) · 09:00 UTC                            │
    │                                                                              │
    │ → /desk done 1   /desk details 1   /desk cancel 1                            │
    ╰─ #1 · plan 82d86e ───────────────────────────────────────────────────────────╯
    "#);
    let done = story.card("helpdesk", "/desk done 1").await;
    assert_eq!(done.tone, Tone::Good, "{done:?}");
    assert_eq!(story.writes().await, 0, "nothing was called");
}

#[tokio::test]
async fn somebody_who_works_is_not_cut_off_unless_one_insists() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "world john.doe signs_in").await;
    let card = story.card("helpdesk", "/connect reset john.doe method:recreate").await;
    assert!(card.private && card.request.is_none(), "{card:?}");
    let told = card.words();
    assert!(told.contains("`john.doe` is signed in (`Available` since 09:00 UTC)"), "{told}");
    let card = story.told("helpdesk", "/connect reset john.doe method:recreate force").await;
    assert!(card.contains("! `john.doe` is signed in (`Available` since 09:00 UTC)"), "{card}");
    assert!(card.contains("not on a contact, and will be disconnected."), "{card}");
    story.says("helpdesk", "/desk confirm 1").await;
    story.tells("supervisor", "/desk requests", &["#1"]).await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
}

#[tokio::test]
async fn somebody_who_signs_in_after_the_yes_voids_it() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "world john.doe signs_in").await;
    story.tells("supervisor", "/desk approve 1", &["not possible", "is signed in"]).await;
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn a_changed_world_voids_the_yes_and_says_what_changed() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "world john.doe routing_profile:\"Contact Tracers Profile\"").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @"
    ╭─ ? Reset john.doe · needs confirmation ──────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ Approvals were reset: routing profile: `Case Investigator Profile` became    │
    │ `Contact Tracers Profile`.                                                   │
    │                                                                              │
    │ ☐ Confirmation by helpdesk                                                   │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ ! Can't be undone after step 4 of 9. Lost: user id and ARN, own queue,       │
    │   activity audit, password.                                                  │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan 074b29 ───────────────────────────────────────────────────────────╯
    ");
    // The new plan needs its own approvals.
    story.says("helpdesk", "/desk confirm 1").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
    let world = story.world().await;
    assert_eq!(world["users"]["john.doe"]["routing_profile"], "Contact Tracers Profile");
}

#[tokio::test]
async fn where_passwords_live_elsewhere_it_says_where() {
    use desk_sim::IdentityType::{ConnectManaged, ExistingDirectory, Saml};
    for (identity, ways, message) in table! {
        (Saml, &["", "method:console", "method:recreate", "method:directory"][..], "at the identity provider"),
        (ExistingDirectory, &["method:email", "method:console", "method:recreate"], "is in the directory"),
        (ConnectManaged, &["method:directory"], "is in Amazon Connect, not in a directory."),
    } {
        let mut story = Story::with(|options| options.sim.identity = identity).await;
        for way in ways {
            let told = story.told("helpdesk", &format!("/connect reset john.doe {way}")).await;
            assert!(told.contains(message), "{identity} {way}: {told}");
        }
    }
}

fn in_a_directory(options: &mut connect_desk::practice::Options) {
    options.sim.identity = desk_sim::IdentityType::ExistingDirectory;
}

#[tokio::test]
async fn a_directory_gives_them_a_new_password() {
    let mut story = Story::with(in_a_directory).await;
    assert_snapshot!(story.says("helpdesk", "/connect reset john.doe").await, @"
    ╭─ ? Reset john.doe · needs confirmation ──────────────────────────────────────╮
    │ Set a new password for `John Doe` (`john.doe`) in the directory.             │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ ☐ Your confirmation                                                          │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ ! Can't be undone. Lost: current password.                                   │
    │ ! If `john.doe` is disabled in the directory, this enables the account. Make │
    │   sure they still work here.                                                 │
    │ ! The new password applies to everything they sign in to with this           │
    │   directory.                                                                 │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan 9ec6c5 ───────────────────────────────────────────────────────────╯
    ");
    story.says("helpdesk", "/desk confirm 1").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @"
    ╭─ ✓ Reset john.doe · completed ───────────────────────────────────────────────╮
    │ Set a new password for `John Doe` (`john.doe`) in the directory.             │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Approved by   supervisor (supervisor) · 09:00 UTC                            │
    │ Completed     09:00 UTC                                                      │
    │                                                                              │
    │ 🔑 The temporary password of `john.doe` is waiting for helpdesk, to be shown │
    │ once before it expires.                                                      │
    │                                                                              │
    │ → /desk reveal 1   /desk details 1                                           │
    ╰─ #1 · plan 9ec6c5 ───────────────────────────────────────────────────────────╯
    ");
    let card = story.card("helpdesk", "/desk reveal 1").await;
    let secret = card.blocks.iter().find_map(|block| match block {
        Block::Secret { value, .. } => Some(value.show().to_owned()),
        _ => None,
    });
    // Only at the console: on Discord it is another one.
    let line = format!(r#"POST /_sim/login {{"login": "john.doe", "password": "{}"}}"#, secret.unwrap());
    connect_desk::console::outside::sim(&story.inside().sim, &line).await.expect("it opens the door");
    assert_eq!(story.world().await["users"]["john.doe"]["password"], "set");
}

#[tokio::test]
async fn a_directory_that_nobody_named_is_the_operators_to_name() {
    let mut story = Story::with(|options| {
        in_a_directory(options);
        let mut config = connect_desk::practice::config().unwrap();
        config.site.directory = None;
        options.config = Some(config);
    })
    .await;
    assert_snapshot!(story.says("helpdesk", "/connect reset john.doe").await, @r#"
    ╭─ ✗ Reset john.doe · not possible ────────────────────────────────────────────╮
    │ The password of `john.doe` is in a directory, and the desk's configuration   │
    │ doesn't name it. Write `directory = "d-…"` under [contact_center], with the  │
    │ id that AWS Directory Service shows, and restart the desk. Until then, reset │
    │ the password with the directory's own tools.                                 │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ Nothing was changed.                                                         │
    ╰─ #1 ─────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn nobody_gets_the_directory_password_of_somebody_who_may_more() {
    let mut story = Story::with(in_a_directory).await;
    let told = story.told("helpdesk", "/connect reset jane.doe").await;
    assert!(
        told.contains("more than your role (l1) may change") && told.contains("the role admin"),
        "{told}"
    );
}

#[tokio::test]
async fn what_the_directory_refuses_says_who_must_act() {
    for (error, message, next) in table! {
        ("UserDoesNotExistException", "The directory has no user `john.doe`.", "renamed or removed in the directory"),
        ("InvalidPasswordException", "rejected the generated password.", "its password policy"),
        ("UnsupportedOperationException", "an AD Connector", "the directory's own tools"),
        ("EntityDoesNotExistException", "There is no directory `d-9067f1d0c5`", "Correct `directory`"),
        ("AccessDeniedException", "AWS doesn't allow the desk", "`ds:ResetUserPassword`"),
        ("ValidationException", "The directory rejected the reset", "the directory's own tools"),
    } {
        let mut story = Story::with(in_a_directory).await;
        let fault = format!(
            r#"POST /_sim/faults {{"operation": "ResetUserPassword", "fault": "fail_before", "error": "{error}", "status": 400}}"#
        );
        story.sim(&fault).await;
        story.says("helpdesk", "/connect reset john.doe").await;
        story.says("helpdesk", "/desk confirm 1").await;
        let told = story.told("supervisor", "/desk approve 1").await;
        assert!(told.contains(message) && told.contains(next), "{error}: {told}");
        assert_eq!(story.world().await["users"]["john.doe"]["password"], "none", "{error}");
        let reveal = story.card("helpdesk", "/desk reveal 1").await;
        assert!(!reveal.blocks.iter().any(|block| matches!(block, Block::Secret { .. })), "{error}");
    }
}

#[tokio::test]
async fn an_agent_is_told_who_could() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("john", "/connect reset jane.doe method:recreate").await, @"
    ╭─ ✗ That didn't work ─────────────────────────────────────────────────────────╮
    │ Your role (agent) doesn't allow `/connect reset` here.                       │
    │ Ask someone with the role l1, supervisor, oncall or admin.                   │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn zero_and_off_come_back_as_they_were() {
    let mut story = Story::begin().await;
    let world = story.world().await;
    let unlimited: Vec<String> = world["users"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, user)| user["phone_config"]["AfterContactWorkTimeLimit"] == 0)
        .map(|(login, _)| login.clone())
        .collect();
    assert!(!unlimited.is_empty(), "the guide's practice world has someone without a limit");
    for (i, login) in unlimited.iter().enumerate() {
        let no = i + 1;
        story.says("helpdesk", &format!("/connect reset {login} method:recreate force")).await;
        story.says("helpdesk", &format!("/desk confirm {no}")).await;
        story.says("supervisor", &format!("/desk approve {no}")).await;
        let after = story.world().await;
        assert_eq!(after["users"][login]["channels"], world["users"][login]["channels"], "{login}");
        assert_eq!(after["users"][login]["phone_config"], world["users"][login]["phone_config"], "{login}");
    }
}

#[tokio::test]
async fn nobody_gets_the_password_of_somebody_who_may_more_than_they_may_give() {
    let mut story = Story::begin().await;
    let card = story.told("helpdesk", "/connect reset jane.doe method:recreate").await;
    assert!(card.contains("`jane.doe` has the security profile `Admin`"), "{card}");
    assert!(card.contains("Ask someone with the role admin"), "{card}");
    assert_eq!(story.card("admin", "/connect reset jane.doe method:recreate").await.tone, Tone::Asks);
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn by_mail_they_are_told_how_to_make_a_new_password() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect reset john.doe").await, @"
    ╭─ ? Reset john.doe · needs confirmation ──────────────────────────────────────╮
    │ Email `John Doe` (`john.doe`) how to set a new password.                     │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ ☐ Your confirmation · expires 10:00 UTC                                      │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan 223b21 ───────────────────────────────────────────────────────────╯
    ");
    let done = story.card("helpdesk", "/desk confirm 1").await;
    assert_eq!(done.tone, Tone::Good, "{done:?}");
    story.tells("helpdesk", "/desk email 1", &["A new password for Amazon Connect"]).await;
    assert_eq!(story.writes().await, 0, "nothing was called");
}

#[tokio::test]
async fn an_email_is_set_first_and_that_is_sensitive() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect reset john.doe email:john@example.net").await, @r#"
    ╭─ ? Reset john.doe · needs confirmation ──────────────────────────────────────╮
    │ Email `John Doe` (`john.doe`) how to set a new password.                     │
    │                                                                              │
    │ · Email: john.doe@example.com → john@example.net                             │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ ☐ Your confirmation                                                          │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ ! The new email of `john.doe` is outside `example.com` and `example.org`.    │
    │ ! Anyone who can read `john@example.net` can set a password for `john.doe`   │
    │   with "Forgot password?" and sign in as them.                               │
    │ ! This desk can't send email, so `john.doe@example.com` isn't told that the  │
    │   address changed.                                                           │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan da67f2 ───────────────────────────────────────────────────────────╯
    "#);
    story.says("helpdesk", "/desk confirm 1").await;
    let done = story.card("supervisor", "/desk approve 1").await;
    assert_eq!(done.tone, Tone::Good, "{done:?}");
    assert_eq!(story.writes().await, 1);
}

#[tokio::test]
async fn without_an_email_the_other_ways_are_named() {
    let mut story = Story::begin().await;
    story
        .says(
            "helpdesk",
            "/connect add Max Muster routing_profile:\"Basic Routing Profile\" security_profile:Agent",
        )
        .await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("supervisor", "/desk approve 1").await;
    let told = story.told("helpdesk", "/connect reset Max.Muster").await;
    for named in ["`Max.Muster` has no email on file", "`email:…`", "`method:console`", "`method:recreate`"]
    {
        assert!(told.contains(named), "{told}");
    }
    let told = story.told("helpdesk", "/connect reset john.doe method:console email:john@example.net").await;
    assert!(told.contains("Leave out `method:…`"), "{told}");
}

#[tokio::test]
async fn who_is_signed_in_is_said_to_be_signed_out() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "world john.doe signs_in").await;
    let card = story.told("helpdesk", "/connect reset john.doe method:console").await;
    let working = "! `john.doe` is signed in (`Available` since 09:00 UTC), not on a contact.";
    assert!(card.contains(working), "{card}");
    assert!(card.contains("The reset signs `john.doe` out everywhere immediately."), "{card}");
}

#[tokio::test]
async fn whatever_changes_about_them_meanwhile_voids_the_yes() {
    for way in ["email:jd@example.org", "method:console", "method:recreate"] {
        for (changes, message) in table! {
            (&["Contact Tracers Profile"][..], "`Case Investigator Profile` became `Contact Tracers Profile`"),
            // Nothing but the time of the change tells of it.
            (
                &["Contact Tracers Profile", "Case Investigator Profile"],
                "was saved again with the same settings",
            ),
        } {
            let mut story = Story::begin().await;
            story.says("helpdesk", &format!("/connect reset john.doe {way}")).await;
            story.says("helpdesk", "/desk confirm 1").await;
            story.says("helpdesk", "wait 5m").await;
            for profile in changes {
                story.says("helpdesk", &format!("world john.doe routing_profile:\"{profile}\"")).await;
            }
            let writes = story.writes().await;
            let told = story.told("supervisor", "/desk approve 1").await;
            assert!(told.contains("Approvals were reset:") && told.contains(message), "{way}: {told}");
            assert_eq!(story.writes().await, writes, "{way}");
        }
    }
}

#[tokio::test]
async fn in_a_directory_a_change_meanwhile_voids_the_yes_as_well() {
    let mut story = Story::with(in_a_directory).await;
    story.says("helpdesk", "/connect reset john.doe").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "world john.doe routing_profile:\"Contact Tracers Profile\"").await;
    story.tells("supervisor", "/desk approve 1", &["Approvals were reset:"]).await;
    assert_eq!(story.world().await["users"]["john.doe"]["password"], "none");
}

use desk_core::card::{Block, Tone};
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn recreate_says_everything_before_and_gives_everything_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story:
        ("helpdesk", "☑ /connect reset john.doe method:recreate reason:\"INC-1042\"", "☐ 1 approval", "after step 4 of 9. Lost: user id and ARN, own queue", "⇒"),
        ("supervisor", "/desk approve 1", "9 of 9 steps", "🔑 The temporary password of `john.doe` is waiting for helpdesk"),
    }
    assert_eq!(story.world().await, before);
}

/// What can't be created again is named before anything is removed, and everything else comes back.
#[tokio::test]
async fn a_quick_connect_whose_flow_is_archived_is_lost_and_stops_nothing() {
    const LOST: &str = "Lost: quick connect `John Doe (old)`";
    let mut story = Story::with(|options| options.sim.seed = "untidy".parse().unwrap()).await;
    plays! { story:
        ("helpdesk", "☑ /connect reset john.doe method:recreate", LOST, "⇒"),
        ("supervisor", "/desk approve 1", "✓ Reset john.doe · completed", "🔑 The temporary password of `john.doe`"),
        ("supervisor", "/connect quick list", "John Doe"),
    }
    let mut story = Story::with(|options| options.sim.seed = "untidy".parse().unwrap()).await;
    plays! { story:
        ("helpdesk", "☑ /connect remove john.doe", LOST, "⇒"),
        ("supervisor", "/desk approve 1", "✓ Remove john.doe · completed"),
        ("helpdesk", "☑ /connect restore john.doe", "The quick connect `John Doe (old)` isn't restored", "⇒"),
        ("supervisor", "/desk approve 2", "✓ Restore john.doe · completed", "1 email is ready"),
    }
    let mut story = Story::with(|options| options.sim.seed = "untidy".parse().unwrap()).await;
    plays! { story:
        ("helpdesk", "☑ /connect remove john.doe", LOST, "⇒"),
        ("supervisor", "/desk approve 1", "✓ Remove john.doe · completed"),
        ("helpdesk", "☑ /connect undo 1", "⇒"),
        ("supervisor", "/desk approve 2", "· completed"),
    }
}

/// The user has the new password already, so it is no secret to keep from the requester that a later step failed.
#[tokio::test]
async fn the_password_is_shown_though_a_later_step_needs_attention() {
    let mut story = Story::begin().await;
    story.sim(r#"POST /_sim/faults {"operation": "CreateQuickConnect", "fault": "fail_before", "error": "InvalidParameterException", "status": 400}"#).await;
    plays! { story:
        ("helpdesk", "☑ /connect reset john.doe method:recreate", "⇒"),
        ("supervisor", "/desk approve 1", "needs attention", "🔑 The temporary password of `john.doe` is waiting for helpdesk"),
    }
    let card = story.card("helpdesk", "/desk reveal 1").await;
    assert!(card.blocks.iter().any(|block| matches!(block, Block::Secret { .. })), "{card:?}");
}

#[tokio::test]
async fn by_hand_somebody_does_it_in_the_admin_website_and_says_so() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "✓ /connect reset john.doe method:console", "! The reset signs `john.doe` out everywhere immediately.", "⇒", "· needs a manual step", "Then press Mark as done.", "/users/edit?id="),
        ("helpdesk", "/desk done 1", "╭ ✓"),
    }
    assert_eq!(story.writes().await, 0, "nothing was called");
}

#[tokio::test]
async fn somebody_who_works_is_not_cut_off_unless_one_insists() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "world john.doe signs_in").await;
    let card = story.card("helpdesk", "/connect reset john.doe method:recreate").await;
    assert!(card.private && card.request.is_none(), "{card:?}");
    let told = card.words();
    assert!(told.contains("`john.doe` is active (`Available` since 09:00 UTC)"), "{told}");
    plays! { story:
        ("helpdesk", "☑ /connect reset john.doe method:recreate force", "! `john.doe` will be disconnected: active (`Available` since 09:00 UTC), not", "⇒"),
        ("supervisor", "/desk requests", "#1"),
        ("supervisor", "/desk approve 1", "╭ ✓"),
    }
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
    ╰─ #1 · plan 83940c ───────────────────────────────────────────────────────────╯
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
            plays! { story: ("helpdesk", &format!("/connect reset john.doe {way}"), message) }
        }
    }
}

fn in_a_directory(options: &mut connect_desk::practice::Options) {
    options.sim.identity = desk_sim::IdentityType::ExistingDirectory;
}

#[tokio::test]
async fn a_directory_gives_them_a_new_password() {
    let mut story = Story::with(in_a_directory).await;
    plays! { story:
        ("helpdesk", "☑ /connect reset john.doe", "this enables the account.", "The new password applies to everything they sign in to with this directory.", "⇒"),
        ("supervisor", "/desk approve 1", "✓ Reset john.doe · completed", "🔑 The temporary password of `john.doe`"),
    }
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
    plays! { story: ("helpdesk", "/connect reset john.doe", r#"and the desk's configuration doesn't name it. Write `directory = "d-…"`"#) }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn nobody_gets_the_directory_password_of_somebody_who_may_more() {
    let mut story = Story::with(in_a_directory).await;
    plays! { story: ("helpdesk", "/connect reset jane.doe", "more than your role (l1) may change", "the role admin") }
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
        plays! { story: ("helpdesk", "✓ /connect reset john.doe", message, next) }
        assert_eq!(story.world().await["users"]["john.doe"]["password"], "none", "{error}");
        let reveal = story.card("helpdesk", "/desk reveal 1").await;
        assert!(!reveal.blocks.iter().any(|block| matches!(block, Block::Secret { .. })), "{error}");
    }
}

#[tokio::test]
async fn an_agent_is_told_who_could() {
    let mut story = Story::begin().await;
    story.tells("john", "/connect reset jane.doe method:recreate", &["doesn't allow `/connect reset` here. Ask someone with the role l1, supervisor, oncall or admin."]).await;
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
    plays! { story:
        ("helpdesk", "☑ /connect reset john.doe", "Email `John Doe` (`john.doe`) how to set a new password.", "☐ Your confirmation · expires", "⇒", "╭ ✓"),
        ("helpdesk", "/desk email 1", "A new password for Amazon Connect"),
    }
    assert_eq!(story.writes().await, 0, "nothing was called");
}

#[tokio::test]
async fn an_email_is_set_first_and_that_is_sensitive() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect reset john.doe email:john@example.net", "outside `example.com` and `example.org`.", "Anyone who can read `john@example.net`", "`john.doe@example.com` isn't told", "⇒", "╭ ✓") }
    assert_eq!(story.writes().await, 1);
}

#[tokio::test]
async fn without_an_email_the_other_ways_are_named() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "✓ /connect add Max Muster routing_profile:\"Basic Routing Profile\" security_profile:Agent"),
        ("helpdesk", "/connect reset Max.Muster", "`Max.Muster` has no email on file", "`email:…`", "`method:console`", "`method:recreate`"),
        ("helpdesk", "/connect reset john.doe method:console email:john@example.net", "Leave out `method:…`"),
    }
}

#[tokio::test]
async fn who_is_signed_in_is_said_to_be_signed_out() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "world john.doe signs_in").await;
    let card = story.told("helpdesk", "/connect reset john.doe method:console").await;
    let working = "! `john.doe` is active (`Available` since 09:00 UTC), not on a contact.";
    assert!(card.contains(working), "{card}");
    assert!(card.contains("The reset signs `john.doe` out everywhere immediately."), "{card}");
}

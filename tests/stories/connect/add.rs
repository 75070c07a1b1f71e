use desk_core::card::Tone;
use serde_json::json;

use crate::support::Story;

#[tokio::test]
async fn the_verify_page_is_the_card_and_nobody_sees_a_password() {
    let mut story = Story::begin().await.everywhere(&["Kind::Email"]).await;
    plays! { story:
        ("helpdesk", "/connect add Zoë \"O'Hara\" email:zoe.ohara@example.com routing_profile:\"Contact Tracers Profile\" security_profile:Agent hierarchy_group:\"Tracers East\" tag:site=east", "? Add Zoe.OHara · needs confirmation", "`site=east` and 1 more in Details"),
        ("helpdesk", "/desk confirm 1", "✓ Add Zoe.OHara · completed", "1 email is ready for you to copy and send."),
    }
    let user = story.world().await["users"]["Zoe.OHara"].clone();
    assert_eq!(user["identity"]["Email"], "zoe.ohara@example.com");
    assert_eq!(user["password"], "set");
    assert_eq!(user["phone_config"]["AfterContactWorkTimeLimit"], 300);
    assert_eq!(user["tags"], serde_json::json!({"site": "east"}));
    plays! { story: ("helpdesk", "/desk reveal 1", "has no temporary password to show") }
}

#[tokio::test]
async fn without_an_email_somebody_has_to_pass_a_password_on() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "☑ /connect add Max Muster routing_profile:\"Basic Routing Profile\" security_profile:Agent login:max.muster", "Password: temporary, shown once to the requester.", "☐ 1 approval", "! No email is given.", "⇒"),
        ("supervisor", "/desk approve 1", "╭ ✓"),
    }
    let card = story.card("helpdesk", "/desk reveal 1").await;
    assert!(card.private && card.tone == Tone::Good, "{card:?}");
}

#[tokio::test]
async fn like_somebody_copies_everything_but_what_is_theirs() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "☑ /connect add Max Muster email:max@example.com like:daniel.weiss login:max.muster acw:60"),
        ("helpdesk", "/connect add Erika Muster email:erika@example.com like:grace.lee", "QualityAnalyst"),
    }
    let world = story.world().await;
    let (max, daniel) = (&world["users"]["max.muster"], &world["users"]["daniel.weiss"]);
    for same in ["routing_profile", "security_profiles", "hierarchy_group", "tags"] {
        assert_eq!(max[same], daniel[same], "{same}");
    }
    assert_eq!(max["phone_config"]["PhoneType"], "SOFT_PHONE");
    assert_eq!(max["phone_config"]["AfterContactWorkTimeLimit"], 60);
}

#[tokio::test]
async fn nobody_adds_somebody_with_more_than_they_may_give() {
    let mut story = Story::begin().await;
    let line = "/connect add Max Muster email:max@example.com like:jane.doe";
    plays! { story:
        ("helpdesk", line, "✗ Add a user · not possible", "which allows `AccessMetrics` and 64 other permissions: more than your role (l1) may give.", "Ask someone with the role admin."),
        ("admin", line, "╭ ?"),
    }
}

#[tokio::test]
async fn bad_input_is_answered_with_what_would_be_right() {
    let mut story = Story::begin().await;
    let full = "routing_profile:\"Basic Routing Profile\" security_profile:Agent email:max@example.com";
    let long = format!("login:{}", "x".repeat(21));
    let longer = format!("login:{}", "x".repeat(101));
    for (line, message) in table! {
        ("John Doe login:john.doe", "There is a user `john.doe`: `John Doe` with the routing profile `Case Investigator Profile`."),
        ("John Doe", "There is a user `john.doe`, which differs only in its case"),
        ("Max Muster login:\"max muster\"", "contains a blank"),
        (longer.as_str(), "`last_name`"),
        ("山 \"\" ", "is empty"),
        ("() ()", "These names don't make a valid login."),
        ("Max Muster phone:desk", "A desk phone needs a number"),
        ("Max Muster mobile:030123", "The phone number `030123` has no country code."),
    } {
        plays! { story: ("helpdesk", &format!("/connect add {line} {full}"), message) }
    }
    plays! { story:
        ("helpdesk", &format!("/connect add Max Muster {long} {full}"), "The login has 21 characters; AWS documents at most 20"),
        ("helpdesk", &format!("/connect add Max Muster {longer} {full}"), "has 101 characters. The limit is 100"),
        ("helpdesk", "/connect add Max Muster security_profile:Agent", "The routing profile is missing. Add it, such as `Basic Routing Profile`"),
        ("helpdesk", "/connect add Max Muster routing_profile:\"Basic Routing Profile\"", "The security profile is missing."),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn where_passwords_live_elsewhere_none_is_made() {
    for (identity, email) in [
        (desk_sim::IdentityType::Saml, ""),
        (desk_sim::IdentityType::ExistingDirectory, "email:max@example.com"),
    ] {
        let mut story = Story::with(|options| options.sim.identity = identity).await;
        let line = format!(
            "/connect add Max Muster {email} routing_profile:\"Basic Routing Profile\" security_profile:Agent"
        );
        story.says("helpdesk", &line).await;
        story.tells("helpdesk", "/desk details 1", &["No password is set here"]).await;
        story.says("helpdesk", "/desk confirm 1").await;
        assert!(story.world().await["users"]["Max.Muster"].is_object(), "{identity}");
    }
    let mut story = Story::with(|options| options.sim.identity = desk_sim::IdentityType::Saml).await;
    plays! { story: ("helpdesk", "/connect add Max Muster like:omar.aziz email:max@example.com", "signs people in by SAML and keeps no email") }
}

#[tokio::test]
async fn a_login_is_planned_only_if_a_user_can_be_created_with_it() {
    use desk_sim::IdentityType::{ConnectManaged, ExistingDirectory, Saml};
    let profiles = "routing_profile:\"Basic Routing Profile\" security_profile:Agent";
    let max = "m".repeat(64);
    let max_and_one = "m".repeat(65);
    let long = "m".repeat(21);
    for (identity, possible, not) in table! {
        (ConnectManaged, vec!["m.m", "m@example.com", &long], vec!["m@b", "m@u@org", "m@b.", "m@.b", "dom\\m"]),
        (ExistingDirectory, vec!["m.m", "m@example.com"], vec!["m@b", "dom\\m"]),
        (Saml, vec!["m.m", "m@b", "m@u@org", &max], vec!["dom\\m", &max_and_one]),
    } {
        let mut story = Story::with(|options| {
            options.sim.identity = identity;
            options.config = Some(crate::support::untiring_config());
        })
        .await;
        for login in not {
            let card =
                story.card("helpdesk", &format!("/connect add Max Muster {profiles} login:{login}")).await;
            assert_eq!(card.request, None, "{identity} {login}: {card:?}");
        }
        assert_eq!(story.writes().await, 0);
        for login in possible {
            plays! { story: ("helpdesk", &format!("✓ /connect add Max Muster {profiles} login:{login}")) }
            assert!(story.world().await["users"][login].is_object(), "{identity} {login}");
        }
    }
}

#[tokio::test]
async fn the_site_says_what_a_new_user_gets() {
    let mut config = connect_desk::practice::config().unwrap();
    config.site.new_users = desk_core::policy::site::NewUsers {
        login: "{last}_{first}".to_owned(),
        desk_phone: true,
        auto_accept: true,
        acw: 10_000,
        routing_profile: Some("contact tracers profile".to_owned()),
        security_profile: Some("Agent".to_owned()),
        ..config.site.new_users
    };
    let mut story = Story::with(|options| options.config = Some(config.clone())).await;
    plays! { story:
        ("helpdesk", "/connect add Erika Muster email:erika@example.com", "(`Muster_Erika`)", "Routing profile `Contact Tracers Profile`"),
        ("helpdesk", "/desk details 1", "· Phone: soft phone · Auto-accept: on for voice", "· After contact work: voice 10000 s, chat 5400 s, task 10000 s"),
        ("helpdesk", "/connect add Max Muster email:max@example.com phone_number:+15550100142 acw:60 auto_accept:false routing_profile:\"Basic Routing Profile\"", "Routing profile `Basic Routing Profile`"),
        ("helpdesk", "/desk details 2", "· Phone: desk phone `+15550100142` · Auto-accept: off · After contact work: voice 60 s"),
    }
    config.site.new_users.security_profile = Some("Agnet".to_owned());
    let mut story = Story::with(|options| options.config = Some(config)).await;
    plays! { story: ("helpdesk", "/connect add Erika Muster email:erika@example.com", "It is set under [new_users] in the configuration. Correct it there. Did you mean `Agent`?") }
}

const NORA: &str = "/connect add Nora Nowak email:nora.nowak@example.com like:jose.garcia salesforce:true";

#[tokio::test]
async fn somebody_new_gets_what_salesforce_needs_with_the_same_approval_and_undo_takes_both_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    story.says("helpdesk", NORA).await;
    let told = story.told("helpdesk", "/desk details 1").await;
    for part in [
        "Salesforce permission set of nora.nowak@practice.example.com: `none` → `AC_Agent`",
        "Salesforce call center of nora.nowak@practice.example.com: `none` → `ACLightningAdapter`",
        "sign out of Salesforce and in again",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    story.says("helpdesk", "/desk confirm 1").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
    assert!(!story.world().await["users"]["Nora.Nowak"].is_null());
    assert_eq!(story.held("nora.nowak@practice.example.com", "AC_Agent").await, 1);
    plays! { story: ("helpdesk", "✓ /connect undo 1", "╭ ✓") }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn a_frozen_newcomer_is_told_of_before_what_salesforce_has_already() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", &format!("✓ {NORA}"), "╭ ✓"),
        ("helpdesk", "✓ /connect remove Nora.Nowak salesforce:true", "╭ ✓"),
        ("helpdesk", NORA, "`Nora.Nowak` is frozen in Salesforce and can't sign in there until"),
        ("helpdesk", "/desk details 3", "`Nora.Nowak` already has `AC_Agent` in Salesforce."),
    }
}

#[tokio::test]
async fn when_salesforce_refuses_the_new_user_is_taken_back_in_amazon_connect_too() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story: ("helpdesk", &format!("☑ {NORA}")) }
    let refused = json!({"operation": "UpdateUser", "fault": "fail_before", "status": 400, "error": "FIELD_INTEGRITY_EXCEPTION"});
    story.org("POST", "faults", refused).await;
    plays! { story: ("supervisor", "/desk approve 1", "╭ ✗") }
    assert_eq!(story.world().await, before);
    // Anyone who Salesforce doesn't know is told so before anybody is created.
    plays! { story:
        ("helpdesk", "/connect add Kofi Two email:kofi.two@example.com like:jose.garcia salesforce:true", "Salesforce"),
        ("helpdesk", "/desk confirm 2", "╭ ✗"),
    }
}

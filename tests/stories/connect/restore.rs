use crate::support::{Story, in_order};

#[tokio::test]
async fn a_removed_user_comes_back_as_they_were() {
    let mut story = Story::begin().await;
    let before = in_order(story.world().await);
    plays! { story:
        ("helpdesk", "✓ /connect remove mei.chen", "╭ ✓"),
        ("helpdesk", "☑ /connect restore mei.chen reason:\"was a mistake\"", "as they were when #1 removed them.", "Lost: old id and ARN, own queue, old password.", "⇒"),
        ("supervisor", "/desk approve 2", "✓ Restore mei.chen · completed", "1 email is ready for helpdesk"),
    }
    assert_eq!(in_order(story.world().await), before, "but for ids everything is as it was");
}

#[tokio::test]
async fn who_has_no_email_gets_a_temporary_password() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect remove hugo.berg", "╭ ✓") }
    plays! { story: ("helpdesk", "☑ /connect restore hugo.berg") }
    let told = story.told("supervisor", "/desk approve 2").await;
    let waiting =
        "The temporary password of `hugo.berg` is waiting for helpdesk, to be shown once before it expires.";
    assert!(told.contains(waiting), "{told}");
}

#[tokio::test]
async fn who_was_never_removed_or_stands_again_is_not_restored() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect restore john.doe", "`John Doe` (`john.doe`) was not removed."),
        ("helpdesk", "/connect restore unknown.there", "No removed user `unknown.there` in the log."),
        ("helpdesk", "✓ /connect remove mei.chen", "╭ ✓"),
        ("helpdesk", "/connect restore mei.chan", "Did you mean `/connect restore mei.chen`?"),
        ("helpdesk", "✓ /connect add Mei Chen login:mei.chen email:mei@example.com like:john.doe"),
        ("helpdesk", "/connect restore mei.chen", "The login `mei.chen` is taken: `Mei Chen` with the routing profile"),
    }
}

#[tokio::test]
async fn of_several_removals_the_newest_counts_unless_another_is_said() {
    // No waiting for the login: how long it takes is drawn by chance, and the plan of the edit has the time in it.
    let mut story = Story::with(|options| options.sim.name_lingers = std::time::Duration::ZERO).await;
    plays! { story:
        ("helpdesk", "✓ /connect remove mei.chen", "╭ ✓"),
        ("helpdesk", "✓ /connect restore mei.chen"),
        ("helpdesk", "☑ /connect edit mei.chen acw:0"),
        ("helpdesk", "✓ /connect remove mei.chen", "╭ ✓"),
        ("helpdesk", "/connect restore mei.chen", "when #4 removed them"),
        ("helpdesk", "/desk details 5", "voice indefinitely", "`request:1` of 20 Nov 2026"),
        ("helpdesk", "/connect restore mei.chen request:1", "when #1 removed them"),
        ("helpdesk", "/desk details 6", "voice 300 s"),
        ("helpdesk", "/connect restore mei.chen request:3", "#3 did not remove `mei.chen`."),
    }
}

/// Something goes that others go by.
async fn gone(story: &mut Story, what: &str) {
    let path = what.replace(' ', "%20");
    let removed = story.sim(&format!("DELETE /_sim/world/{path}")).await;
    assert!(removed["removed"].is_string(), "{what}: {removed}");
    // The desk remembers the names of profiles for a while.
    story.says("helpdesk", "wait 2m").await;
}

#[tokio::test]
async fn without_their_routing_profile_another_one_has_to_be_said() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect remove mei.chen", "╭ ✓") }
    gone(&mut story, "routing_profiles/Contact Tracers Profile").await;
    plays! { story:
        ("helpdesk", "/connect restore mei.chen", "The routing profile `Contact Tracers Profile` no longer exists.", "`/connect restore mei.chen routing_profile:…`"),
        ("helpdesk", "✓ /connect restore mei.chen routing_profile:\"Case Investigator Profile\"", "╭ ✓"),
    }
    let world = story.world().await;
    assert_eq!(world["users"]["mei.chen"]["routing_profile"], "Case Investigator Profile");
}

#[tokio::test]
async fn of_several_security_profiles_those_that_are_left_come_back() {
    let mut story = Story::begin().await;
    plays! { story: ("admin", "✓ /connect remove omar.aziz", "╭ ✓") }
    gone(&mut story, "security_profiles/QualityAnalyst").await;
    let told = story.told("admin", "/connect restore omar.aziz").await;
    assert!(told.contains("The security profile `QualityAnalyst` no longer exists."), "{told}");
    plays! { story: ("admin", "/desk details 2", "Security profiles: `Agent`") }
    gone(&mut story, "security_profiles/Agent").await;
    plays! { story: ("admin", "/connect restore omar.aziz", "`/connect restore omar.aziz security_profile:…`") }
}

#[tokio::test]
async fn a_group_a_flow_and_a_queue_that_are_gone_are_said_and_left_out() {
    for (what, message, others) in table! {
        ("hierarchy_groups/Tracers East", "The hierarchy group `Eastern Region/Contact Tracing East/Tracers East` no longer exists.", "The user is restored without one."),
        ("contact_flows/Default agent transfer", "The quick connect `Mei Chen` isn't restored, because its flow is gone.", "2 steps run"),
        ("queues/Contact Tracing", "The queue `Contact Tracing` no longer exists.", "The quick connect `Mei Chen` isn't added to it."),
    } {
        let mut story = Story::begin().await;
        plays! { story: ("helpdesk", "✓ /connect remove mei.chen", "╭ ✓") }
        gone(&mut story, what).await;
        let mut told = story.told("helpdesk", "/connect restore mei.chen").await;
        told += &story.told("helpdesk", "/desk details 2").await;
        assert!(told.contains(message) && told.contains(others), "{told}");
        story.says("helpdesk", "/desk confirm 2").await;
        plays! { story: ("supervisor", "/desk approve 2", "╭ ✓") }
        let world = story.world().await;
        let group = &world["users"]["mei.chen"]["hierarchy_group"];
        assert_eq!(group.is_null(), what.starts_with("hierarchy"), "{what}: {group}");
        assert_eq!(
            world["quick_connects"]["Mei Chen"].is_null(),
            what.starts_with("contact_flows"),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_quick_connect_whose_name_is_taken_does_not_come_back() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect remove mei.chen", "╭ ✓") }
    let center = story.sim("GET /_sim").await;
    let instance = center["instance_id"].as_str().unwrap().to_owned();
    let number = r#"{"QuickConnectType": "PHONE_NUMBER", "PhoneConfig": {"PhoneNumber": "+15550100100"}}"#;
    let other =
        format!(r#"PUT /quick-connects/{instance} {{"Name": "Mei Chen", "QuickConnectConfig": {number}}}"#);
    assert!(story.sim(&other).await["QuickConnectId"].is_string());
    let told = story.told("helpdesk", "/connect restore mei.chen").await;
    let message = "There is another quick connect `Mei Chen` now, so the old one isn't restored.";
    assert!(told.contains(message), "{told}");
    story.says("helpdesk", "/desk confirm 2").await;
    plays! { story: ("supervisor", "/desk approve 2", "╭ ✓") }
    let world = story.world().await;
    assert_eq!(world["quick_connects"]["Mei Chen"]["type"], "PHONE_NUMBER", "the other one is left alone");
    assert!(world["users"]["mei.chen"].is_object());
}

#[tokio::test]
async fn who_was_frozen_in_salesforce_at_their_removal_is_unfrozen_next() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect remove mei.chen salesforce:true", "╭ ✓") }
    let why = "#1 froze `mei.chen` in Salesforce, and they can't sign in there until `/salesforce unfreeze mei.chen`.";
    plays! { story:
        ("helpdesk", "✓ /connect restore mei.chen", why, "⇒", "completed", "/salesforce unfreeze mei.chen"),
        ("helpdesk", "✓ /salesforce unfreeze mei.chen", "╭ ✓"),
        // Who is not frozen any more, or never was, continues as a new agent does.
        ("helpdesk", "✓ /connect remove mei.chen", "╭ ✓"),
        ("helpdesk", "✓ /connect restore mei.chen", "completed", "/salesforce grant mei.chen"),
    }
}

#[tokio::test]
async fn a_name_is_that_of_a_removed_user_and_never_a_login_that_was_only_typed() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect remove emeka.eze", "╭ ✓") }
    for wrong in ["/connect show Emeka.Eze", "/connect edit eze.emeka acw:60", "/connect diagnose Emeka.Eze"]
    {
        story.tells("helpdesk", wrong, &["No user"]).await;
    }
    plays! { story:
        ("helpdesk", "/connect restore Emeka Eze", "Did you mean `/connect restore emeka.eze`?"),
        ("helpdesk", "/desk history Emeka Eze", "`/desk history emeka.eze`"),
        ("helpdesk", "/connect restore Eze.Emek", "No removed user `Eze.Emek` in the log."),
        // A living namesake is not meant.
        ("helpdesk", "✓ /connect add Emeka Eze email:emeka@example.com like:john.doe login:Emeka.Eze2"),
    }
    assert!(!story.world().await["users"]["Emeka.Eze2"].is_null());
    plays! { story: ("helpdesk", "/connect restore Emeka Eze", "Did you mean `/connect restore emeka.eze`?") }
}

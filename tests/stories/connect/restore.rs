use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::{Story, in_order};

/// Has a user removed, or what else needs an approval done; the request's number is 1 in a new story.
async fn removed(story: &mut Story, line: &str, no: u64) {
    story.says("helpdesk", line).await;
    story.says("helpdesk", &format!("/desk confirm {no}")).await;
    let card = story.card("supervisor", &format!("/desk approve {no}")).await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
}

#[tokio::test]
async fn a_removed_user_comes_back_as_they_were() {
    let mut story = Story::begin().await;
    let before = in_order(story.world().await);
    removed(&mut story, "/connect remove mei.chen", 1).await;
    assert_snapshot!(story.says("helpdesk", "/connect restore mei.chen reason:\"was a mistake\"").await, @"
    ╭─ ? Restore mei.chen · needs confirmation ────────────────────────────────────╮
    │ Create `Mei Chen` (`mei.chen`) again as they were when #1 removed them.      │
    │                                                                              │
    │ Email               `mei.chen@example.com`                                   │
    │ Routing profile     `Contact Tracers Profile`                                │
    │ Security profiles   `Agent`                                                  │
    │ Hierarchy group     `Eastern Region/Contact Tracing East/Tracers East`       │
    │ Phone               soft phone                                               │
    │ Auto-accept         off                                                      │
    │ After contact work  voice 300 s, chat 300 s, task 300 s, email 300 s         │
    │                                                                              │
    │ and 2 more in Details                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Reason        `was a mistake`                                                │
    │                                                                              │
    │ ☐ Your confirmation                                                          │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ ! Can't be fully undone. Lost: old id and ARN, own queue, old password.      │
    │                                                                              │
    │ → /desk confirm 2   /desk details 2   /desk cancel 2                         │
    ╰─ #2 · plan 47ef47 ───────────────────────────────────────────────────────────╯
    ");
    story.says("helpdesk", "/desk confirm 2").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 2").await, @"
    ╭─ ✓ Restore mei.chen · completed ─────────────────────────────────────────────╮
    │ Create `Mei Chen` (`mei.chen`) again as they were when #1 removed them.      │
    │ 4 of 4 steps, 8 s.                                                           │
    │                                                                              │
    │ Email              `mei.chen@example.com`                                    │
    │ Routing profile    `Contact Tracers Profile`                                 │
    │ Security profiles  `Agent`                                                   │
    │ Hierarchy group    `Eastern Region/Contact Tracing East/Tracers East`        │
    │ Phone              soft phone                                                │
    │ Auto-accept        off                                                       │
    │                                                                              │
    │ and 3 more in Details                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Reason        `was a mistake`                                                │
    │ Approved by   supervisor (supervisor) · 09:00 UTC                            │
    │ Completed     09:00 UTC                                                      │
    │                                                                              │
    │ 1 email is ready for helpdesk to copy and send.                              │
    │                                                                              │
    │ → /desk email 2   /salesforce grant mei.chen   /salesforce join mei.chen     │
    │   /connect undo 2   /desk details 2                                          │
    ╰─ #2 · plan 47ef47 ───────────────────────────────────────────────────────────╯
    ");
    assert_eq!(in_order(story.world().await), before, "but for ids everything is as it was");
}

#[tokio::test]
async fn who_has_no_email_gets_a_temporary_password() {
    let mut story = Story::begin().await;
    removed(&mut story, "/connect remove hugo.berg", 1).await;
    story.says("helpdesk", "/connect restore hugo.berg").await;
    story.says("helpdesk", "/desk confirm 2").await;
    let told = story.told("supervisor", "/desk approve 2").await;
    let waiting = "The temporary password of `hugo.berg` is waiting for helpdesk, to be shown once.";
    assert!(told.contains(waiting), "{told}");
}

#[tokio::test]
async fn who_was_never_removed_or_stands_again_is_not_restored() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/connect restore john.doe").await;
    assert!(told.contains("`John Doe` (`john.doe`) was not removed."), "{told}");
    let told = story.told("helpdesk", "/connect restore unknown.there").await;
    assert!(told.contains("No removed user `unknown.there` in the log."), "{told}");
    removed(&mut story, "/connect remove mei.chen", 1).await;
    let told = story.told("helpdesk", "/connect restore mei.chan").await;
    assert!(told.contains("Did you mean `/connect restore mei.chen`?"), "{told}");
    let line = "/connect add Mei Chen login:mei.chen email:mei@example.com like:john.doe";
    story.says("helpdesk", line).await;
    story.says("helpdesk", "/desk confirm 2").await;
    story.says("supervisor", "/desk approve 2").await;
    let told = story.told("helpdesk", "/connect restore mei.chen").await;
    assert!(told.contains("The login `mei.chen` is taken: `Mei Chen` with the routing profile"), "{told}");
}

#[tokio::test]
async fn of_several_removals_the_newest_counts_unless_another_is_said() {
    // No waiting for the login: how long it takes is drawn by chance, and the plan of the edit has the time in it.
    let mut story = Story::with(|options| options.sim.name_lingers = std::time::Duration::ZERO).await;
    removed(&mut story, "/connect remove mei.chen", 1).await;
    story.says("helpdesk", "/connect restore mei.chen").await;
    story.says("helpdesk", "/desk confirm 2").await;
    story.says("supervisor", "/desk approve 2").await;
    story.says("helpdesk", "/connect edit mei.chen acw:0").await;
    story.says("helpdesk", "/desk confirm 3").await;
    removed(&mut story, "/connect remove mei.chen", 4).await;
    let told = story.told("helpdesk", "/connect restore mei.chen").await;
    assert!(told.contains("when #4 removed them"), "{told}");
    let told = story.told("helpdesk", "/desk details 5").await;
    assert!(told.contains("voice indefinitely"), "{told}");
    assert!(told.contains("`request:1` of 20 Nov 2026"), "{told}");
    let told = story.told("helpdesk", "/connect restore mei.chen request:1").await;
    assert!(told.contains("when #1 removed them"), "{told}");
    let told = story.told("helpdesk", "/desk details 6").await;
    assert!(told.contains("voice 300 s"), "{told}");
    story.tells("helpdesk", "/connect restore mei.chen request:3", &["#3 did not remove `mei.chen`."]).await;
}

#[tokio::test]
async fn a_login_that_somebody_takes_meanwhile_voids_the_yes() {
    let mut story = Story::begin().await;
    removed(&mut story, "/connect remove mei.chen", 1).await;
    story.says("helpdesk", "/connect restore mei.chen").await;
    story.says("helpdesk", "/desk confirm 2").await;
    story.says("helpdesk", "/connect add Mei Chen login:mei.chen email:mei@example.com like:john.doe").await;
    story.says("helpdesk", "/desk confirm 3").await;
    story.says("supervisor", "/desk approve 3").await;
    let told = story.told("supervisor", "/desk approve 2").await;
    assert!(told.contains("Restore mei.chen · not possible"), "{told}");
    assert!(told.contains("The login `mei.chen` is taken"), "{told}");
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
    removed(&mut story, "/connect remove mei.chen", 1).await;
    gone(&mut story, "routing_profiles/Contact Tracers Profile").await;
    let told = story.told("helpdesk", "/connect restore mei.chen").await;
    assert!(told.contains("The routing profile `Contact Tracers Profile` no longer exists."), "{told}");
    assert!(told.contains("`/connect restore mei.chen routing_profile:…`"), "{told}");
    story.says("helpdesk", "/connect restore mei.chen routing_profile:\"Case Investigator Profile\"").await;
    story.says("helpdesk", "/desk confirm 2").await;
    assert_eq!(story.card("supervisor", "/desk approve 2").await.tone, Tone::Good);
    let world = story.world().await;
    assert_eq!(world["users"]["mei.chen"]["routing_profile"], "Case Investigator Profile");
}

#[tokio::test]
async fn of_several_security_profiles_those_that_are_left_come_back() {
    let mut story = Story::begin().await;
    story.says("admin", "/connect remove omar.aziz").await;
    story.says("admin", "/desk confirm 1").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
    gone(&mut story, "security_profiles/QualityAnalyst").await;
    let told = story.told("admin", "/connect restore omar.aziz").await;
    assert!(told.contains("The security profile `QualityAnalyst` no longer exists."), "{told}");
    let told = story.told("admin", "/desk details 2").await;
    assert!(told.contains("Security profiles: `Agent`"), "{told}");
    gone(&mut story, "security_profiles/Agent").await;
    let told = story.told("admin", "/connect restore omar.aziz").await;
    assert!(told.contains("`/connect restore omar.aziz security_profile:…`"), "{told}");
}

#[tokio::test]
async fn a_group_a_flow_and_a_queue_that_are_gone_are_said_and_left_out() {
    for (what, message, others) in table! {
        ("hierarchy_groups/Tracers East", "The hierarchy group `Eastern Region/Contact Tracing East/Tracers East` no longer exists.", "The user is restored without one."),
        ("contact_flows/Default agent transfer", "The flow of the quick connect `Mei Chen` no longer exists, so the quick connect can't be restored.", "2 steps run"),
        ("queues/Contact Tracing", "The queue `Contact Tracing` no longer exists.", "The quick connect `Mei Chen` isn't added to it."),
    } {
        let mut story = Story::begin().await;
        removed(&mut story, "/connect remove mei.chen", 1).await;
        gone(&mut story, what).await;
        let mut told = story.told("helpdesk", "/connect restore mei.chen").await;
        told += &story.told("helpdesk", "/desk details 2").await;
        assert!(told.contains(message) && told.contains(others), "{told}");
        story.says("helpdesk", "/desk confirm 2").await;
        let card = story.card("supervisor", "/desk approve 2").await;
        assert_eq!(card.tone, Tone::Good, "{what}: {card:?}");
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
    removed(&mut story, "/connect remove mei.chen", 1).await;
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
    let card = story.card("supervisor", "/desk approve 2").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let world = story.world().await;
    assert_eq!(world["quick_connects"]["Mei Chen"]["type"], "PHONE_NUMBER", "the other one is left alone");
    assert!(world["users"]["mei.chen"].is_object());
}

#[tokio::test]
async fn who_was_frozen_in_salesforce_at_their_removal_is_unfrozen_next() {
    let mut story = Story::begin().await;
    removed(&mut story, "/connect remove mei.chen salesforce:true", 1).await;
    let why = "#1 froze `mei.chen` in Salesforce, and they can't sign in there until `/salesforce unfreeze mei.chen`.";
    story.tells("helpdesk", "/connect restore mei.chen", &[why]).await;
    story.says("helpdesk", "/desk confirm 2").await;
    story.tells("supervisor", "/desk approve 2", &["completed", "/salesforce unfreeze mei.chen"]).await;
    removed(&mut story, "/salesforce unfreeze mei.chen", 3).await;
    // Who is not frozen any more, or never was, continues as a new agent does.
    removed(&mut story, "/connect remove mei.chen", 4).await;
    story.says("helpdesk", "/connect restore mei.chen").await;
    story.says("helpdesk", "/desk confirm 5").await;
    story.tells("supervisor", "/desk approve 5", &["completed", "/salesforce grant mei.chen"]).await;
}

#[tokio::test]
async fn a_name_is_that_of_a_removed_user_and_never_a_login_that_was_only_typed() {
    let mut story = Story::begin().await;
    removed(&mut story, "/connect remove emeka.eze", 1).await;
    for wrong in ["/connect show Emeka.Eze", "/connect edit eze.emeka acw:60", "/connect diagnose Emeka.Eze"]
    {
        story.tells("helpdesk", wrong, &["No user"]).await;
    }
    story
        .tells("helpdesk", "/connect restore Emeka Eze", &["Did you mean `/connect restore emeka.eze`?"])
        .await;
    story.tells("helpdesk", "/desk history Emeka Eze", &["`/desk history emeka.eze`"]).await;
    story.tells("helpdesk", "/connect restore Eze.Emek", &["No removed user `Eze.Emek` in the log."]).await;
    // A living namesake is not meant.
    story
        .says("helpdesk", "/connect add Emeka Eze email:emeka@example.com like:john.doe login:Emeka.Eze2")
        .await;
    story.says("helpdesk", "/desk confirm 2").await;
    story.says("supervisor", "/desk approve 2").await;
    assert!(!story.world().await["users"]["Emeka.Eze2"].is_null());
    story
        .tells("helpdesk", "/connect restore Emeka Eze", &["Did you mean `/connect restore emeka.eze`?"])
        .await;
}

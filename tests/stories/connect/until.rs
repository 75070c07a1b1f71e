use std::time::Duration;

use desk_core::basics::ids::RequestNo;
use desk_core::card::Tone;
use serde_json::json;

use crate::support::Story;

const PROFILE: &str = "/connect until 18:00 john.doe routing_profile:\"Contact Tracers Profile\"";

async fn profile(story: &mut Story) -> String {
    story.world().await["users"]["john.doe"]["routing_profile"].as_str().unwrap().to_owned()
}

async fn status(story: &mut Story) -> String {
    story.world().await["users"]["aaron.fields"]["presence"]["status"].as_str().unwrap_or("none").to_owned()
}

#[tokio::test]
async fn a_routing_profile_is_put_back_at_its_time_also_after_a_restart() {
    let mut story = Story::begin().await.everywhere(&[]).await;
    let before = story.world().await;
    plays! { story: ("supervisor", PROFILE, "until 20 Nov 2026 18:00 UTC, and restore it then.") }
    let told = story.told("supervisor", "/desk confirm 1").await;
    assert!(
        told.contains("· in effect") && told.contains("until 20 Nov 2026 18:00 UTC, and restore it then."),
        "{told}"
    );
    assert_eq!(profile(&mut story).await, "Contact Tracers Profile");
    // Wherever it is told of, it is in effect.
    for asked in ["/connect undo 1", "/desk requests", "/desk details 1"] {
        plays! { story: ("supervisor", asked, "in effect until 18:00 UTC") }
    }
    let told = story.told("supervisor", "/desk history john.doe").await;
    assert!(told.contains(": in effect"), "{told}");
    story.says("supervisor", "wait 8h").await;
    story.says("supervisor", "restart").await;
    assert_eq!(profile(&mut story).await, "Contact Tracers Profile");
    assert!(story.inside().desk.due().await.unwrap().is_empty(), "nothing is due before its time");
    story.says("supervisor", "wait 59m").await;
    assert_eq!(profile(&mut story).await, "Contact Tracers Profile");
    story.says("supervisor", "wait 2m").await;
    assert_eq!(story.world().await, before);
    plays! { story: ("supervisor", "/desk history 1", "finished") }
    // Once: the calls are counted from the restart on.
    assert_eq!(story.writes().await, 1);
    story.tells("supervisor", "/connect undo 1", &["There is nothing left of #1 to undo."]).await;
}

#[tokio::test]
async fn what_people_type_is_a_time_or_a_length() {
    let mut story = Story::begin().await;
    for (typed, said) in [
        ("18:00", "until 20 Nov 2026 18:00 UTC"),
        ("24:00", "until 21 Nov 2026 00:00 UTC"),
        ("8:30", "until 21 Nov 2026 08:30 UTC"),
        ("2026-11-23T06:00", "until 23 Nov 2026 06:00 UTC"),
        ("2026-11-23T06:00Z", "until 23 Nov 2026 06:00 UTC"),
        ("4h", "for 4 h"),
        ("45M", "for 45 min"),
        ("2d", "for 2 days"),
        ("soon", "`soon` isn't a valid end time."),
        ("25:00", "`25:00` isn't a valid end time."),
        ("+1:30", "`+1:30` isn't a valid end time."),
        ("2026-11-23", "`2026-11-23` isn't a valid end time."),
        ("99999999999999h", "`99999999999999h` isn't a valid end time."),
        ("4m", "less than 5 minutes from now."),
        ("-4h", "`-4h` isn't a valid end time."),
        ("9:02", "less than 5 minutes from now."),
        ("2026-11-19T18:00", "is in the past."),
        ("32d", "more than 31 days from now."),
        ("2027-11-20T18:00", "more than 31 days from now."),
    ] {
        plays! { story: ("supervisor", &format!("/connect until until:{typed} login:aaron.fields status:Training"), said) }
    }
}

#[tokio::test]
async fn a_time_of_two_words_needs_no_quotes() {
    let mut story = Story::begin().await;
    for (typed, said) in [
        ("2026-11-20 18:00", "until 20 Nov 2026 18:00 UTC"),
        ("2026-11-20 8:30", "is in the past."),
        ("4 h", "for 4 h"),
        ("45 minutes", "for 45 min"),
        ("2 days", "for 2 days"),
    ] {
        for line in [
            format!("/connect until {typed} aaron.fields status:Training"),
            format!("/connect until login:aaron.fields status:Training until:{typed}"),
        ] {
            plays! { story: ("supervisor", &line, said) }
        }
    }
}

#[tokio::test]
async fn the_same_words_mean_the_same_time_while_people_decide() {
    for typed in ["18:00", "4h", "4 h"] {
        let mut story = Story::begin().await;
        let clock = story.inside().desk.saga.clock.clone();
        clock.sleep(Duration::from_millis(123)).await;
        story.says("supervisor", &format!("/connect until {typed} aaron.fields status:Training")).await;
        clock.sleep(Duration::from_millis(42 * 60_000 + 777)).await;
        // A plan that is another one would have to be confirmed again.
        plays! { story: ("supervisor", "/desk confirm 1", "In effect until") }
    }
}

#[tokio::test]
async fn what_comes_then_is_named_on_the_card_while_it_runs() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "☑ /connect until 4h aaron.fields status:Training then:Offline", "In effect until 13:00 UTC, then set to `Offline`."),
        ("supervisor", "/desk cancel 1", "not set to `Offline` at 13:00 UTC unless the request continues"),
        ("supervisor", "/connect until 4h amara.okafor status:Training then:offline", "╭ ?"),
        ("supervisor", "/desk details 2", "and set to `Offline` after that."),
    }
}

#[tokio::test]
async fn a_status_lasts_for_a_while_from_when_it_is_set() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "/connect until 4h aaron.fields status:Training"),
        // The length counts from when it begins, however long people took.
        ("supervisor", "wait 30m"),
        ("supervisor", "/desk confirm 1", "In effect until 13:30 UTC, then restored. To end it sooner"),
    }
    assert_eq!(status(&mut story).await, "Training");
    story.says("supervisor", "wait 239m").await;
    assert_eq!(status(&mut story).await, "Training");
    story.says("supervisor", "wait 2m").await;
    assert_eq!(status(&mut story).await, "Available");
}

#[tokio::test]
async fn what_someone_else_set_meanwhile_is_left_alone() {
    let mut story = Story::begin().await;
    story.says("supervisor", PROFILE).await;
    story.says("supervisor", "/desk confirm 1").await;
    story.says("helpdesk", "/connect edit john.doe routing_profile:\"Basic Routing Profile\"").await;
    story.says("helpdesk", "/desk confirm 2").await;
    story.says("supervisor", "/connect until 4h aaron.fields status:Training").await;
    story.says("supervisor", "/desk confirm 3").await;
    story.says("supervisor", "world aaron.fields signs_out").await;
    story.says("supervisor", "wait 10h").await;
    assert_eq!(profile(&mut story).await, "Basic Routing Profile");
    let card = story.inside().desk.card(RequestNo(1)).await.unwrap();
    let said = "`john.doe` now has the routing profile `Basic Routing Profile`, which was not changed.";
    assert!(card.words().contains(said), "{}", card.words());
    let card = story.inside().desk.card(RequestNo(3)).await.unwrap();
    assert_eq!(card.tone, Tone::Good);
    assert!(
        card.words().contains("`aaron.fields` is no longer active, so the old status was not restored."),
        "{}",
        card.words()
    );
}

#[tokio::test]
async fn a_user_has_one_temporary_setting_of_a_kind_and_who_takes_it_away_is_told() {
    let mut story = Story::begin().await;
    story.says("supervisor", PROFILE).await;
    story.says("supervisor", "/desk confirm 1").await;
    let until = |logins: &str, profile: &str| {
        format!("/connect until 20:00 {logins} routing_profile:\"{profile} Profile\"")
    };
    let edit = |options: &str| format!("/connect edit john.doe routing_profile:\"{options}");
    let restored = "#1 restores the routing profile `Case Investigator Profile` at 20 Nov 2026 18:00 UTC";
    // A plan has the date, and an answer has the time as each platform draws it.
    let shown = "#1 restores the routing profile `Case Investigator Profile` at 18:00 UTC";
    let held = format!("`john.doe` has a temporary routing profile already: {shown}. To change it, stop #1");
    let taken = "The routing profile `Contact Tracers Profile` is temporary: #1 restores \
                 `Case Investigator Profile` at 20 Nov 2026 18:00 UTC, but not after this change.";
    let lasting = "`Contact Tracers Profile` is temporary (#1), so `Case Investigator Profile` is set.";
    for (asked, said) in [
        ("/connect show john.doe".to_owned(), shown),
        (PROFILE.to_owned(), &held),
        (until("john.doe", "Basic Routing"), &held),
        (until("john.doe", "Case Investigator"), &held),
        (until("john.doe hana.sato", "Basic Routing"), &format!("`john.doe` stays unchanged: {restored}.")),
        (edit("Contact Tracers Profile\""), &format!("{restored}. To keep it, edit it again after that.")),
        (edit("Contact Tracers Profile\" acw:60"), &format!("{restored}.")),
        (edit("Basic Routing Profile\""), taken),
        ("/connect remove john.doe".to_owned(), taken),
        ("/connect reset john.doe method:recreate force:true".to_owned(), lasting),
        ("/connect add Ann Lee email:ann.lee@example.com like:john.doe".to_owned(), lasting),
    ] {
        let told = story.told("supervisor", &asked).await;
        assert!(told.contains(said), "{asked}: {told}");
        assert!(said == taken || !told.contains("but not after this change"), "{asked}: {told}");
    }
    // What is stopped is temporary still, and what someone has edited isn't.
    story.says("supervisor", "/desk cancel 1").await;
    let stopped = "already: #1 has stopped, and restores the routing profile `Case Investigator Profile` only once it continues.";
    story.tells("supervisor", &until("john.doe", "Basic Routing"), &[stopped]).await;
    story.says("supervisor", "/desk retry 1").await;
    story.carries_out("supervisor", &edit("Basic Routing Profile\" acw:90")).await;
    assert!(!story.told("supervisor", "/connect show john.doe").await.contains("Temporary"));
    plays! { story:
        ("supervisor", &until("john.doe", "Contact Tracers"), &held),
        ("supervisor", &edit("Contact Tracers Profile\""), &format!("! {restored}.")),
        ("supervisor", &until("john.doe", "Case Investigator"), "needs confirmation"),
        ("supervisor", "wait 10h"),
    }
    assert_eq!(profile(&mut story).await, "Basic Routing Profile");
}

#[tokio::test]
async fn what_was_only_temporary_is_not_brought_back() {
    let restores = "#1 restores the routing profile `Case Investigator Profile` at 20 Nov 2026 18:00 UTC";
    let lasting = "`Contact Tracers Profile` was temporary (#1), so `Case Investigator Profile` is set.";
    let edit = "/connect edit john.doe routing_profile:\"Basic Routing Profile\"";
    for (change, back, while_it_lasts) in [
        (edit, "/connect undo 2", Some(restores)),
        ("/connect remove john.doe", "/connect undo 2", None),
        ("/connect remove john.doe", "/connect restore john.doe", None),
    ] {
        for wait in ["wait 1m", "wait 10h"] {
            let mut story = Story::begin().await;
            let before = profile(&mut story).await;
            story.carries_out("supervisor", PROFILE).await;
            story.carries_out("second", change).await;
            story.says("supervisor", wait).await;
            let told = story.told("second", back).await;
            let said = while_it_lasts.filter(|_| wait == "wait 1m").unwrap_or(lasting);
            assert!(told.contains(said), "{change}, {wait}: {told}");
            story.says("second", "/desk confirm 3").await;
            story.says("supervisor", "/desk approve 3").await;
            story.says("supervisor", "wait 10h").await;
            assert_eq!(profile(&mut story).await, before, "{change}, {wait}, {back}");
        }
    }
    for (wait, said) in table! {
        ("wait 1m", "#1 restores the agent status `Available`"),
        ("wait 5h", "The status `Training` of `aaron.fields` was temporary (#1), and `Available` is restored."),
    } {
        let mut story = Story::begin().await;
        story.carries_out("supervisor", "/connect until 4h aaron.fields status:Training").await;
        story.carries_out("supervisor", "/connect status set aaron.fields Break").await;
        story.says("supervisor", wait).await;
        let told = story.told("supervisor", "/connect undo 2").await;
        assert!(told.contains(said), "{told}");
        story.says("supervisor", "/desk confirm 3").await;
        story.says("supervisor", "wait 5h").await;
        assert_eq!(status(&mut story).await, "Available");
    }
    // What someone set permanently is no less for having been temporary once.
    let mut story = Story::begin().await;
    story.carries_out("supervisor", PROFILE).await;
    story.says("supervisor", "wait 10h").await;
    for line in [&edit.replace("Basic Routing", "Contact Tracers"), edit, "/connect undo 3"] {
        story.carries_out("supervisor", line).await;
    }
    assert_eq!(profile(&mut story).await, "Contact Tracers Profile");
}

#[tokio::test]
async fn a_user_has_one_temporary_status() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "✓ /connect until 4h aaron.fields status:Training"),
        ("supervisor", "/connect until 6h aaron.fields status:Lunch", "`aaron.fields` has a temporary status already: #1 restores"),
        // What the agent has set themselves is theirs.
        ("supervisor", "☑ /connect status set aaron.fields Break"),
        ("supervisor", "/connect until 6h aaron.fields status:Training", "already: #1 restores"),
        ("supervisor", "✓ /connect until 6h aaron.fields status:Lunch"),
        ("supervisor", "wait 361m"),
    }
    assert_eq!(status(&mut story).await, "Break");
}

#[tokio::test]
async fn a_rollback_that_restores_nothing_says_why() {
    let mut story = Story::begin().await;
    story.says("supervisor", PROFILE).await;
    story.says("supervisor", "/desk confirm 1").await;
    story.says("supervisor", "world john.doe routing_profile:\"Basic Routing Profile\"").await;
    story.says("supervisor", "/desk cancel 1").await;
    let told = story.told("supervisor", "/desk cancel 1 rollback").await;
    let said = "`john.doe` now has the routing profile `Basic Routing Profile`, which was not changed.";
    assert!(told.contains(said) && !told.contains("Nothing is left changed."), "{told}");
    // It did not fail: someone rolled it back.
    plays! { story: ("supervisor", "/connect diagnose john.doe", "≠A request about them failed") }
}

#[tokio::test]
async fn it_is_ended_sooner_by_stopping_it_and_rolling_it_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    story.says("supervisor", PROFILE).await;
    story.says("supervisor", "/desk confirm 1").await;
    let card = story.card("supervisor", "/desk cancel 1").await;
    assert!(card.title.ends_with("on hold"), "{card:?}");
    // What is stopped stays so over its time, and people are told then.
    plays! { story: ("supervisor", "wait 10h", "notified. What it changed was to be temporary, and is still in effect.") }
    assert_eq!(profile(&mut story).await, "Contact Tracers Profile");
    story.says("supervisor", "/desk cancel 1 rollback").await;
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn it_waits_for_no_longer_than_until_its_end() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "/connect until 09:40 john.doe routing_profile:\"Basic Routing Profile\"", "expires 09:40 UTC"),
        ("supervisor", "wait 41m"),
        ("supervisor", "/desk show 1", "· expired"),
    }
}

#[tokio::test]
async fn a_freeze_holds_what_is_put_back_until_it_is_lifted() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    story.says("supervisor", PROFILE).await;
    story.says("supervisor", "/desk confirm 1").await;
    story.says("second", "/desk freeze all reason:\"an audit\"").await;
    story.says("second", "/desk confirm 2").await;
    story.says("supervisor", "wait 10h").await;
    assert_eq!(profile(&mut story).await, "Contact Tracers Profile");
    let card = story.inside().desk.card(RequestNo(1)).await.unwrap();
    assert!(card.title.ends_with("on hold"), "{card:?}");
    story.says("second", "/desk unfreeze 2").await;
    story.says("supervisor", "wait 1m").await;
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn what_can_not_be_put_back_waits_for_a_person() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    story.says("supervisor", PROFILE).await;
    story.says("supervisor", "/desk confirm 1").await;
    let fault = json!({
        "operation": "UpdateUserRoutingProfile", "fault": "fail_before", "times": 1_000,
        "error": "InvalidRequestException", "status": 400,
    });
    story.sim(&format!("POST /_sim/faults {fault}")).await;
    let notified = "needs attention: the requester and approvers were notified.";
    story.tells("supervisor", "wait 10h", &[notified]).await;
    let card = story.inside().desk.card(RequestNo(1)).await.unwrap();
    assert!(card.title.ends_with("needs attention"), "{card:?}");
    story.sim("DELETE /_sim/faults").await;
    let card = story.card("supervisor", "/desk retry 1").await;
    assert_eq!(card.tone, Tone::Good, "it was in effect for its whole time: {card:?}");
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn what_was_given_up_is_still_set_said_to_be_so_and_undone() {
    let set = "/connect until 18:00 aaron.fields status:Training";
    for (line, operation, login) in
        [(PROFILE, "UpdateUserRoutingProfile", "john.doe"), (set, "PutUserStatus", "aaron.fields")]
    {
        let mut story = Story::begin().await;
        let before = (profile(&mut story).await, status(&mut story).await);
        story.carries_out("supervisor", line).await;
        let fault = json!({
            "operation": operation, "fault": "fail_before", "times": 1_000,
            "error": "InvalidRequestException", "status": 400,
        });
        story.sim(&format!("POST /_sim/faults {fault}")).await;
        story.says("supervisor", "wait 10h").await;
        let (restore, left) = (format!("Restore `{login}`"), format!("Still in effect for `{login}`"));
        story.tells("supervisor", "/desk show 1", &[&restore, &left, "After a retry it is restored."]).await;
        let temporary = ["Temporary", "#1 has stopped, and restores the", "only once it continues"];
        story.tells("supervisor", &format!("/connect show {login}"), &temporary).await;
        story.sim("DELETE /_sim/faults").await;
        let left = format!("{left}: it was not restored.");
        story.tells("supervisor", "/desk cancel 1", &[&left, "/connect undo 1"]).await;
        story.carries_out("supervisor", "/connect undo 1").await;
        assert_eq!((profile(&mut story).await, status(&mut story).await), before, "{line}");
    }
}

#[tokio::test]
async fn what_is_on_hold_does_not_say_that_it_ends() {
    let mut story = Story::begin().await;
    story.carries_out("supervisor", PROFILE).await;
    let said = "Still in effect for `john.doe`, and not restored at 18:00 UTC unless the request continues.";
    story.tells("supervisor", "/desk cancel 1", &[said]).await;
    story.says("supervisor", "wait 10h").await;
    let said = "it was to be restored at 18:00 UTC, but the request is on hold.";
    story.tells("supervisor", "/desk show 1", &[said]).await;
    let said =
        "#1 has stopped, and restores the routing profile `Case Investigator Profile` only once it continues";
    story.tells("supervisor", "/connect show john.doe", &[said]).await;
}

#[tokio::test]
async fn a_status_that_someone_chose_meanwhile_is_left_alone() {
    let set = |status: &str| format!("/connect status set karen.white status:{status}");
    // What happens in the hour, and what the card says of it.
    for (happens, said) in table! {
        (vec![set("Available")], ""),
        (vec![set("Lunch")], "`karen.white` is now in `Lunch`, which was not changed."),
        (vec![set("Available"), "world karen.white takes_a_call".to_owned(), set("Lunch")], "`karen.white` changes to `Lunch` after their contact, which was not changed."),
    } {
        let mut story = Story::begin().await;
        story.carries_out("supervisor", "/connect until 1h karen.white status:Training").await;
        for line in &happens {
            match line.starts_with("world") {
                true => drop(story.says("supervisor", line).await),
                false => drop(story.carries_out("supervisor", line).await),
            }
        }
        let writes = story.writes().await;
        let there = story.world().await["users"]["karen.white"]["presence"].clone();
        story.says("supervisor", "wait 61m").await;
        story.tells("supervisor", "/desk show 1", &["completed", said]).await;
        assert_eq!(story.writes().await, writes, "{happens:?}");
        assert_eq!(story.world().await["users"]["karen.white"]["presence"], there, "{happens:?}");
    }
}

#[tokio::test]
async fn a_time_of_day_is_the_one_that_was_meant_when_it_was_asked() {
    let mut story = Story::begin().await;
    story
        .says("supervisor", "/connect until 12:00 john.doe routing_profile:\"Contact Tracers Profile\"")
        .await;
    let said = "#1 would end at 12:00 UTC, before that time.";
    story.tells("supervisor", "/desk defer 1 12:30", &[said]).await;
    story.says("supervisor", "/connect until 9:30 mei.chen routing_profile:\"Basic Routing Profile\"").await;
    story.says("supervisor", "wait 31m").await;
    plays! { story: ("supervisor", "/desk confirm 2", "#2 expired at 09:31 UTC.") }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn a_length_is_as_long_as_it_is_whatever_the_clock_is_set_to() {
    let clock = crate::support::clock();
    let of_desk = clock.clone();
    let mut story = Story::with(|options| options.clock = of_desk).await;
    let before = profile(&mut story).await;
    const MONTH: i64 = 30 * 86_400;
    clock.set_ahead(MONTH);
    story
        .carries_out("supervisor", "/connect until 5m john.doe routing_profile:\"Contact Tracers Profile\"")
        .await;
    clock.set_ahead(-MONTH);
    for (minutes, is_over) in [(4, false), (2, true)] {
        clock.advance(Duration::from_secs(minutes * 60));
        story.says("supervisor", "/desk whoami").await;
        assert_eq!(profile(&mut story).await == before, is_over);
    }
}

#[tokio::test]
async fn several_users_are_set_alike_and_put_back_each_on_their_own() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let card = story.card("supervisor", "/connect until 2h matching:\"hierarchy_group:'Investigators East'\" routing_profile:\"Contact Tracers Profile\"").await;
    let request = story.inside().desk.request(card.request.unwrap()).await.unwrap();
    assert!(request.plan().unwrap().about.len() > 3, "{card:?}");
    story.says("supervisor", "/desk confirm 1").await;
    assert_eq!(profile(&mut story).await, "Contact Tracers Profile");
    story.says("supervisor", "wait 3h").await;
    assert_eq!(story.world().await, before);
    let card = story.inside().desk.card(RequestNo(1)).await.unwrap();
    assert_eq!(card.tone, Tone::Good, "{card:?}");
}

#[tokio::test]
async fn bad_input_is_answered_with_what_to_do() {
    let mut story = Story::begin().await;
    answers! { story: "supervisor", "/connect until";
        ("soon john.doe status:Lunch", "`soon` isn't a valid end time."),
        ("1m john.doe status:Lunch", "less than 5 minutes"),
        ("99d john.doe status:Lunch", "more than 31 days"),
        ("4h john.doe", "There is nothing to set."),
        ("4h john.doe status:Lunch", "`john.doe` is not active"),
        ("4h aaron.fields status:Lunch then:Lunch", "are the same"),
        ("4h aaron.fields status:Lunch routing_profile:\"Basic Routing Profile\"", "can't both be given"),
        ("4h john.doe routing_profile:\"Case Investigator Profile\"", "already has the routing profile `Case Investigator Profile`."),
        ("4h aaron.fields status:Nap", "No agent status `Nap`."),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn that_approvals_expired_under_a_hold_is_said_once_also_the_day_after() {
    let mut story = Story::ruled(|config| {
        let rule = r#"
            name = "a second supervisor"
            commands = ["connect until"]
            roles = ["supervisor"]
            approvals = 1
            approvers = ["supervisor"]
        "#;
        config.policy.rules.insert(0, toml::from_str(rule).unwrap());
    })
    .await;
    plays! { story:
        ("supervisor", "✓ /connect until 4h john.doe routing_profile:\"Contact Tracers Profile\"", "in effect"),
        ("supervisor", "☑ /desk freeze john.doe", "in effect"),
        ("supervisor", "wait 5h"),
        ("supervisor", "/desk unfreeze 2"),
        ("supervisor", "wait 1m", "on hold: approvers were notified."),
        ("supervisor", "wait 13h", "≠notified"),
        ("supervisor", "/desk history 1", "The approvals of #1 expired at 20 Nov 2026 10:00 UTC."),
    }
}

/// Amazon Connect reports the name of a status that waits for the end of a contact, and it may have another one by then.
#[tokio::test]
async fn a_status_that_is_renamed_meanwhile_is_the_same_status() {
    let rename = |status: &str, name: &str| format!("/connect status edit {status} name:{name}");
    // What is done first, what is renamed, and what puts the status back.
    for (login, first, renamed, back, after) in table! {
        ("abigail.stone", "/connect until 30m abigail.stone status:Training", rename("Training", "Coaching"), "wait 31m", "Available"),
        ("abigail.stone", "/connect until 30m abigail.stone status:Training", rename("Available", "Ready"), "wait 31m", "Ready"),
        ("abigail.stone", "/connect status set abigail.stone Training", rename("Training", "Coaching"), "/connect undo 1", "Available"),
        ("diana.price", "/connect status set diana.price Training", rename("Training", "Coaching"), "/connect undo 1", "Meeting"),
        ("diana.price", "/connect status set diana.price Training", rename("Meeting", "Team"), "/connect undo 1", "Team"),
    } {
        let mut story = Story::begin().await;
        story.carries_out("supervisor", first).await;
        story.carries_out("supervisor", &renamed).await;
        match back.starts_with("wait") {
            true => drop(story.says("supervisor", back).await),
            false => drop(story.carries_out("supervisor", back).await),
        }
        story.says("supervisor", "wait 1m").await;
        let presence = story.world().await["users"][login]["presence"].clone();
        let next = presence["next_status"].as_str().unwrap_or(presence["status"].as_str().unwrap());
        assert_eq!(next, after, "{first}, {renamed}, {back}: {presence}");
    }
}

#[tokio::test]
async fn a_status_that_waited_behind_a_contact_comes_back_and_its_card_says_so() {
    let mut story = Story::begin().await;
    let never = "`abigail.stone` was still on a contact, so `Training` never applied. `abigail.stone` changes to `Break` after their contact.";
    plays! { story:
        ("supervisor", "✓ /connect status set abigail.stone Break"),
        ("supervisor", "/connect until 30m abigail.stone status:Training", "Status: Break → Training", "For agents on a contact, the status changes when the contact ends."),
        ("supervisor", "/desk confirm 2", "`abigail.stone` changes to `Training` after their contact."),
        ("supervisor", "wait 31m"),
    }
    story.tells("supervisor", "/desk show 2", &["completed", never]).await;
    story.says("supervisor", "world abigail.stone hangs_up").await;
    assert_eq!(story.world().await["users"]["abigail.stone"]["presence"]["status"], "Break");
}

/// What was noted while a status waited is no longer so once another one is restored.
#[tokio::test]
async fn a_note_about_what_is_over_is_not_on_the_card() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "✓ /connect until 30m abigail.stone status:Training", "`abigail.stone` changes to `Training` after their contact."),
        ("supervisor", "world abigail.stone hangs_up"),
        ("supervisor", "wait 31m"),
        ("supervisor", "/desk show 1", "completed", "≠after their contact"),
    }
}

#[tokio::test]
async fn the_card_names_the_status_after_that() {
    let mut story = Story::begin().await;
    let card = story.card("supervisor", "/connect until 30m aaron.fields status:Break then:Offline").await;
    let words = card.words();
    assert!(words.contains("to `Break`, for 30 min, and to `Offline` after that."), "{words}");
    assert!(!words.contains("restore"), "{words}");
    assert!(words.contains("After that"), "{words}");
}

/// A disabled status can't be set, so what would restore it says so, before or after.
#[tokio::test]
async fn a_disabled_status_is_said_to_be_disabled() {
    let mut story = Story::begin().await;
    let enable = "/connect status enable Break";
    plays! { story:
        ("supervisor", "✓ /connect until 30m priya.nair status:Lunch"),
        ("supervisor", "✓ /connect status disable Break"),
        ("supervisor", "wait 31m"),
    }
    story.tells("supervisor", "/desk show 1", &["needs attention", enable]).await;
    story.carries_out("supervisor", enable).await;
    story.tells("supervisor", "/desk retry 1", &["completed"]).await;
    plays! { story:
        ("supervisor", "✓ /connect status set diana.price Break"),
        ("supervisor", "✓ /connect status disable Break"),
        ("supervisor", "/connect until 30m priya.nair status:Lunch", "`priya.nair` can't be restored to `Break`, which is disabled.", enable),
        ("supervisor", "/connect until 30m priya.nair status:Lunch then:Meeting", "needs confirmation"),
        ("supervisor", "✓ /connect status disable Meeting"),
        ("supervisor", "/connect undo 4", "The status `Meeting` of `diana.price` before #4 is disabled"),
    }
}

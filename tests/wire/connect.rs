//! Amazon Connect as it is when it is not at its best: slow to show changes, full, throttled, silent.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use connect_desk::systems::connect::{Limit, Limits};
use desk_core::card::Tone;
use desk_core::ports::Clock as _;

use serde_json::json;

use crate::support::{Story, clock};
use crate::{calls, goes_through, is_done, order};

const RECREATE: &str = "/connect reset john.doe method:recreate";

/// An edit for each operation that changes a user, and the operation.
const EDITS: [(&str, &str); 8] = [
    ("UpdateUserIdentityInfo", "first_name:Jon"),
    ("UpdateUserRoutingProfile", "routing_profile:\"Contact Tracers Profile\""),
    ("UpdateUserSecurityProfiles", "add_security_profile:\"L1 Support\""),
    ("UpdateUserHierarchy", "hierarchy_group:none"),
    ("UpdateUserConfig", "acw:0 auto_accept:true channel:all"),
    ("TagResource", "tag:team=red"),
    ("UntagResource", "untag:department"),
    ("AssociateUserProficiencies", "proficiency:Language:Arabic=2"),
];

/// What a reset has to keep of a user: everything but the password, ids and times.
async fn kept(story: &mut Story, login: &str) -> serde_json::Value {
    story.world().await["users"][login].clone()
}

#[tokio::test]
async fn everything_of_every_user_comes_back() {
    let mut story = Story::begin().await;
    let logins: Vec<String> = story.world().await["users"].as_object().unwrap().keys().cloned().collect();
    assert!(logins.len() >= 35);
    for login in logins {
        let before = kept(&mut story, &login).await;
        is_done(&mut story, &format!("/connect reset {login} method:recreate force")).await;
        let mut after = kept(&mut story, &login).await;
        // Anyone who was signed in is not any more.
        let mut before = before;
        for user in [&mut before, &mut after] {
            user.as_object_mut().unwrap().remove("presence");
            // The order of proficiencies means nothing, and they are put back in alphabetical order.
            let proficiencies = user["proficiencies"].as_array_mut().unwrap();
            proficiencies.sort_by_key(|proficiency| proficiency.to_string());
        }
        for (member, was) in before.as_object().unwrap() {
            assert_eq!(after[member], *was, "{login}: {member}");
        }
        assert_eq!(after, before, "{login}");
    }
}

#[tokio::test]
async fn a_contact_center_that_shows_changes_late_is_waited_for() {
    let mut story = Story::with(|options| options.sim.lag = Duration::from_secs(20)).await;
    let before = kept(&mut story, "john.doe").await;
    is_done(&mut story, RECREATE).await;
    story.says("helpdesk", "wait 1m").await;
    assert_eq!(kept(&mut story, "john.doe").await, before);
}

#[tokio::test]
async fn a_login_that_is_not_free_yet_is_waited_for() {
    let mut story = Story::with(|options| options.sim.name_lingers = Duration::from_secs(120)).await;
    is_done(&mut story, RECREATE).await;
}

#[tokio::test]
async fn a_full_instance_is_said_at_once_and_not_taken_for_throttling() {
    let mut story = Story::begin().await;
    let card = story.card("helpdesk", "/connect reset john.doe method:recreate").await;
    let no = card.request.unwrap().0;
    story.card("helpdesk", &format!("/desk confirm {no}")).await;
    // Someone else takes the place that the removal frees.
    story.sim(r#"PUT /_sim/settings {"user_quota": 1, "name_lingers_ms": 0}"#).await;
    let card = story.card("supervisor", &format!("/desk approve {no}")).await;
    let said = format!("{card:?}");
    assert_eq!(card.tone, Tone::Alarm, "{said}");
    assert!(
        said.contains("A quota of the instance is exhausted") && said.contains("Service Quotas"),
        "{said}"
    );
    assert_eq!(calls(&mut story, "CreateUser").await, 1, "a full instance is not asked again");
    // A retry that is refused again says so immediately: no try can have done anything.
    let began = story.inside().desk.saga.clock.now();
    let card = story.card("supervisor", &format!("/desk retry {no}")).await;
    let took = story.inside().desk.saga.clock.now().duration_since(began);
    assert_eq!((card.tone, calls(&mut story, "CreateUser").await), (Tone::Alarm, 2), "{card:?}");
    assert!(took.as_secs() < 10, "{took:?}");
    // Room is made, and a person continues.
    story.sim(r#"PUT /_sim/settings {"user_quota": 500}"#).await;
    let card = story.card("supervisor", &format!("/desk retry {no}")).await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
}

#[tokio::test]
async fn the_quota_is_spent_and_never_exceeded() {
    let clock = clock();
    let moved = clock.clone();
    let mut story = Story::with(move |options| {
        options.clock = moved;
        options.throttled = true;
    })
    .await;
    let began = clock.now();
    let center = story.inside().desk.center.clone();
    for _ in 0..25 {
        center.user("john.doe").await.unwrap();
    }
    let took = clock.now().duration_since(began);
    // 25 searches and 25 descriptions, each kind in a bucket of its own, which is empty at the start: 2 a second.
    assert!((12.4..13.1).contains(&took.as_secs_f64()), "{took:?}");
    assert_eq!(story.sim("GET /_sim/calls").await["throttled"], 0);
}

#[tokio::test]
async fn throttling_by_other_tools_is_waited_out() {
    let mut story = Story::begin().await;
    for operation in ["SearchUsers", "DescribeUser", "DeleteUser", "CreateUser"] {
        order(&mut story, operation, json!({"fault": "throttle", "times": 4})).await;
    }
    is_done(&mut story, RECREATE).await;
}

#[tokio::test]
async fn a_contact_center_that_does_not_answer_changes_nothing_and_is_said() {
    let mut story = Story::begin().await;
    order(&mut story, "SearchUsers", json!({"fault": "drop_before", "times": 10_000})).await;
    let card = story.card("helpdesk", "/connect reset john.doe method:recreate").await;
    let said = format!("{card:?}");
    assert!(said.contains("didn't answer SearchUsers") && said.contains("Nothing was changed"), "{said}");
    let card = story.says("helpdesk", "/connect show john.doe").await;
    assert!(card.contains("didn't answer SearchUsers"), "{card}");
}

#[tokio::test]
async fn an_outage_between_yes_and_run_loses_no_yes() {
    let mut story = Story::begin().await;
    let card = story.card("helpdesk", "/connect reset john.doe method:recreate").await;
    let no = card.request.unwrap().0;
    story.card("helpdesk", &format!("/desk confirm {no}")).await;
    let down =
        json!({"fault": "fail_before", "times": 10_000, "error": "InternalServiceException", "status": 500});
    order(&mut story, "SearchUsers", down).await;
    let card = story.card("supervisor", &format!("/desk approve {no}")).await;
    assert!(format!("{card:?}").contains("Amazon Connect failed at SearchUsers"), "{card:?}");
    story.sim("DELETE /_sim/faults").await;
    // The next look at the clock continues by itself.
    story.says("helpdesk", "wait 1m").await;
    let card = story.says("auditor", &format!("/desk history {no}")).await;
    assert!(card.contains("finished: completed"), "{card}");
}

#[tokio::test]
async fn long_lists_are_read_to_their_end() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Users(1_200)).await;
    let card = story.says("helpdesk", "/connect find limit:500").await;
    assert!(card.contains("1200 users match") && card.contains("first 500 of 1200"), "{card}");
    assert_eq!(story.inside().desk.center.search(&Default::default(), 1_200).await.unwrap().0.len(), 1_200);
}

#[tokio::test]
async fn limits_of_single_operations_count() {
    let clock = clock();
    let moved = clock.clone();
    let five = NonZeroU32::new(5).unwrap();
    let mut config = connect_desk::practice::config().unwrap();
    let fast = Limit { rate: 100.0, burst: NonZeroU32::new(100).unwrap() };
    config.limits = Limits {
        every: Some(Limit { rate: 2.0, burst: five }),
        operations: [("SearchUsers".to_owned(), fast)].into(),
    };
    let mut story = Story::with(move |options| {
        options.clock = moved;
        options.throttled = true;
        options.config = Some(config);
    })
    .await;
    story.sim(r#"PUT /_sim/settings {"unthrottled": true}"#).await;
    let began = clock.now();
    let center: Arc<dyn desk_core::center::ContactCenter> = story.inside().desk.center.clone();
    for _ in 0..9 {
        center.search(&Default::default(), 1).await.unwrap();
    }
    // The lists of names that a search reads once have empty buckets, from which the first call comes after half a second.
    assert!(clock.now().duration_since(began).as_secs_f64() < 0.7);
}

#[tokio::test]
async fn an_edit_whose_answer_is_lost_is_looked_after_and_called_once() {
    for (operation, options) in EDITS {
        let mut story = Story::begin().await;
        order(&mut story, operation, json!({"fault": "drop_after"})).await;
        is_done(&mut story, &format!("/connect edit jane.doe {options}")).await;
        let calls = calls(&mut story, operation).await;
        assert_eq!(calls, 1, "{operation} was called again although it had happened");
    }
}

#[tokio::test]
async fn what_shows_late_is_done_all_the_same() {
    let mut story = Story::with(|options| options.sim.lag = Duration::from_secs(20)).await;
    for (_, options) in EDITS {
        is_done(&mut story, &format!("/connect edit jane.doe {options}")).await;
    }
    let line = "/connect add Max Muster email:max@example.com like:jose.garcia login:max.muster";
    is_done(&mut story, line).await;
}

#[tokio::test]
async fn what_an_edit_does_not_name_is_not_wiped() {
    let mut story = Story::begin().await;
    for (operation, options) in EDITS {
        let before = kept(&mut story, "jane.doe").await;
        goes_through(&mut story, &format!("/connect edit jane.doe {options}")).await;
        let after = kept(&mut story, "jane.doe").await;
        let differs: Vec<&String> =
            before.as_object().unwrap().keys().filter(|member| before[*member] != after[*member]).collect();
        let expected: &[&str] = match operation {
            "UpdateUserIdentityInfo" => &["identity"],
            "UpdateUserRoutingProfile" => &["routing_profile"],
            "UpdateUserSecurityProfiles" => &["security_profiles"],
            "UpdateUserHierarchy" => &["hierarchy_group"],
            "UpdateUserConfig" => &["channels", "phone_config"],
            "AssociateUserProficiencies" => &["proficiencies"],
            _ => &["tags"],
        };
        assert_eq!(differs, expected, "{operation}");
        assert_eq!(after["identity"]["SecondaryEmail"], "jane.doe@example.org", "{operation}");
    }
}

#[tokio::test]
async fn a_user_who_is_made_and_cannot_be_finished_is_taken_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let fault =
        json!({"fault": "fail_before", "times": 1000, "error": "InvalidRequestException", "status": 400});
    order(&mut story, "AssociateUserProficiencies", fault).await;
    let line = "/connect add Max Muster email:max@example.com like:jose.garcia login:max.muster";
    let card = goes_through(&mut story, line).await;
    assert!(card.title.ends_with("rolled back"), "{card:?}");
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn many_users_are_read_once_and_again_only_when_somebody_changed_them() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Users(60)).await;
    let logins: Vec<String> =
        story.world().await["users"].as_object().unwrap().keys().take(40).cloned().collect();
    let line = format!("/connect edit logins:\"{}\" acw:60", logins.join(","));
    story.card("admin", &line).await;
    story.card("admin", "/desk confirm 1").await;
    story.sim("DELETE /_sim/calls").await;
    let card = story.card("supervisor", "/desk approve 1").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let calls = story.sim("GET /_sim/calls").await.to_string();
    assert!(
        calls.contains("ListUsers") && !calls.contains("DescribeUser"),
        "no one was changed since: {calls}"
    );

    let line = format!("/connect edit logins:\"{}\" acw:90", logins.join(","));
    story.card("admin", &line).await;
    story.says("helpdesk", &format!("world {} routing_profile:\"Basic Routing Profile\"", logins[7])).await;
    story.says("admin", "/desk confirm 2").await;
    let told = story.told("supervisor", "/desk approve 2").await;
    assert!(told.contains("Approvals were reset"), "{told}");
}

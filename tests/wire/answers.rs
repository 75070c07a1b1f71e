//! Answers that make no sense, that don't come, or that come too often: lists indefinitely, every name of throttling, restarts
//! in a row, and a removal of which no one knows whether it happened.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_connect::config::{Credentials, SharedCredentialsProvider};
use connect_desk::systems::connect::{self, Connect, Limits, Patience};
use desk_core::card::Tone;
use desk_core::center::ContactCenter as _;
use desk_core::ports::Clock as _;
use serde_json::{Value, json};

use crate::support::{Story, clock, in_order};
use crate::{calls, goes_through, is_done, order};

/// Every list that a plan reads, with the member that its items are in, and a command that reads it.
const LISTS: [(&str, &str, &str); 15] = table! {
    ("SearchUsers", "Users", "/connect find"),
    ("ListRoutingProfiles", "RoutingProfileSummaryList", "/connect find"),
    ("ListSecurityProfiles", "SecurityProfileSummaryList", "/connect find"),
    ("ListUserHierarchyGroups", "UserHierarchyGroupSummaryList", "/connect find"),
    ("ListUserProficiencies", "UserProficiencyList", "/connect remove john.doe"),
    ("ListQuickConnects", "QuickConnectSummaryList", "/connect remove john.doe"),
    ("SearchQuickConnects", "QuickConnects", "/connect remove john.doe"),
    ("SearchUserHierarchyGroups", "UserHierarchyGroups", "/connect find hierarchy_group:\"Eastern Region\""),
    ("ListQueues", "QueueSummaryList", "/connect remove john.doe"),
    ("ListQueueQuickConnects", "QuickConnectSummaryList", "/connect remove john.doe"),
    ("ListSecurityProfilePermissions", "Permissions", "/connect edit jane.doe add_security_profile:\"L1 Support\""),
    ("ListContactFlows", "ContactFlowSummaryList", "/connect restore john.doe"),
    ("GetCurrentUserData", "UserDataList", "/connect show john.doe"),
    ("ListAgentStatuses", "AgentStatusSummaryList", "/connect show john.doe"),
    ("SearchRoutingProfiles", "RoutingProfiles", "/connect remove abigail.stone force:true"),
};

#[tokio::test]
async fn a_list_that_leads_back_to_itself_or_lacks_its_items_is_told_and_left() {
    for (operation, member, line) in LISTS {
        for (body, most) in [
            (json!({member: [], "NextToken": "again"}), 2),
            // A proxy's idea of an empty list; it is asked for again for a while.
            (json!({}), 20),
        ] {
            let mut story = Story::begin().await;
            if line.contains("restore") {
                goes_through(&mut story, "/connect remove john.doe").await;
            }
            story.sim("DELETE /_sim/calls").await;
            let fault = json!({"fault": "say_before", "body": body.to_string(), "times": 1_000});
            order(&mut story, operation, fault).await;
            let before = story.world().await;
            let told = story.told("helpdesk", line).await;
            let made = calls(&mut story, operation).await;
            // Several lists of a kind may be read at a time, and once more for the request.
            assert!((1..=most * 20).contains(&made), "{operation} {body}: {made} calls: {told}");
            // Who is at work is beside a plan: what can't be seen is said, and counts as the worst.
            let is_live =
                ["GetCurrentUserData", "ListAgentStatuses", "SearchRoutingProfiles"].contains(&operation);
            assert!(
                is_live || told.contains("are inconsistent") || told.contains("can't be read"),
                "{operation} {body}: {told}"
            );
            assert_eq!(story.world().await, before, "{operation} {body}");
        }
    }
}

#[tokio::test]
async fn a_list_whose_page_token_died_is_read_from_its_beginning() {
    for (operation, member, line) in LISTS {
        let mut seen = Vec::new();
        for died in [false, true] {
            let mut story = Story::begin().await;
            if line.contains("restore") {
                goes_through(&mut story, "/connect remove john.doe").await;
            }
            story.sim("DELETE /_sim/calls").await;
            if died {
                // No list has given this token.
                let body = json!({member: [], "NextToken": "dead"}).to_string();
                order(&mut story, operation, json!({"fault": "say_before", "body": body})).await;
            }
            let told = story.told("helpdesk", line).await;
            seen.push((told, calls(&mut story, operation).await));
        }
        assert_eq!(seen[1].0, seen[0].0, "{operation}");
        // The page with the token, and the one that was refused.
        assert_eq!(seen[1].1, seen[0].1 + 2, "{operation}");
    }
}

/// The names that the AWS SDK takes for throttling, but for the one with which a full instance answers.
const THROTTLING: [&str; 13] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

#[tokio::test]
async fn every_name_of_throttling_is_waited_out_by_reads_and_writes() {
    for (name, status) in THROTTLING.iter().zip([400, 429, 503].iter().cycle()) {
        let mut story = Story::begin().await;
        let throttled = json!({"fault": "fail_before", "error": name, "status": status, "times": 6});
        for operation in ["SearchUsers", "UpdateUserHierarchy"] {
            order(&mut story, operation, throttled.clone()).await;
        }
        is_done(&mut story, "/connect edit jane.doe hierarchy_group:none").await;
        assert_eq!(calls(&mut story, "UpdateUserHierarchy").await, 7, "{name}");
    }
    // It declares no LimitExceeded, so there this is throttling, too.
    let mut story = Story::begin().await;
    let throttled = json!({"fault": "fail_before", "error": "LimitExceededException", "times": 6});
    order(&mut story, "UpdateUserHierarchy", throttled).await;
    is_done(&mut story, "/connect edit jane.doe hierarchy_group:none").await;
}

#[tokio::test]
async fn a_desk_that_is_started_again_and_again_is_never_throttled() {
    let time = clock();
    let moved = time.clone();
    let mut story = Story::with(move |options| {
        options.clock = moved;
        options.throttled = true;
    })
    .await;
    story.sim("DELETE /_sim/calls").await;
    let began = time.monotonic();
    let inside = story.inside();
    let (endpoint, instance_id) = (inside.endpoint.clone(), inside.sim.instance_id());
    // Starts in a row, with pauses that let the bucket fill a little, whole, or not at all.
    for pause in [0, 0, 300, 10_000, 0, 0, 1_000, 60_000, 0, 0] {
        time.sleep(Duration::from_millis(pause)).await;
        let options = connect::Options {
            region: "us-east-1".to_owned(),
            instance_id: instance_id.clone(),
            endpoint: Some(endpoint.clone()),
            limits: Limits::default(),
            patience: Patience::default(),
        };
        let keys = Credentials::new("practice", "practice", None, None, "practice");
        let keys = Some(SharedCredentialsProvider::new(keys));
        let center = Arc::new(Connect::new(options, keys, time.clone()).await);
        for _ in 0..9 {
            center.user("john.doe").await.unwrap();
        }
    }
    let calls = story.sim("GET /_sim/calls").await;
    assert_eq!((&calls["operations"]["SearchUsers"]["calls"], &calls["throttled"]), (&json!(90), &json!(0)));
    let took = (time.monotonic() - began).as_secs_f64();
    assert!(took < 71.3 + 90.0 / 2.0 + 2.0, "the quota is spent: {took}");
}

#[tokio::test]
async fn a_removal_that_no_one_knows_of_is_never_gone_back_over_and_can_be_restored() {
    for (status, error) in [(400, "RequestTimeout"), (408, "RequestTimeoutException"), (404, "")] {
        // Answered once, it is looked at, and goes forward.
        let mut story = Story::begin().await;
        let before = story.world().await;
        let doubt = json!({"fault": "fail_after", "status": status, "error": error});
        order(&mut story, "DeleteUser", doubt.clone()).await;
        is_done(&mut story, "/connect reset john.doe method:recreate").await;
        assert_eq!(calls(&mut story, "DeleteUser").await, 1, "{error}");
        assert_eq!(without_password(story.world().await), without_password(before), "{error}");

        // It can't be looked at either: a person has to, and nothing is rolled back meanwhile.
        let mut story = Story::begin().await;
        let before = story.world().await;
        story.card("helpdesk", "/connect reset john.doe method:recreate").await;
        story.card("helpdesk", "/desk confirm 1").await;
        let mut lasting = doubt;
        lasting["times"] = json!(1_000);
        order(&mut story, "DeleteUser", lasting).await;
        // Planning once more reads the user twice.
        let mut unreadable = json!({"fault": "say_before", "body": "<html>", "times": 10_000});
        unreadable["call"] = json!(2);
        order(&mut story, "DescribeUser", unreadable).await;
        let card = story.card("supervisor", "/desk approve 1").await;
        assert_eq!(card.tone, Tone::Alarm, "{error}: {card:?}");
        assert!(story.world().await["users"].get("john.doe").is_none(), "{error}: it happened");
        // Given up as it is, the log still knows that the user may be gone.
        story.card("supervisor", "/desk cancel 1").await;
        story.sim("DELETE /_sim/faults").await;
        is_done(&mut story, "/connect restore john.doe").await;
        assert_eq!(without_password(story.world().await), without_password(before), "{error}");
    }
}

/// A world as it is but for what a new user hasn't got yet.
fn without_password(mut world: Value) -> Value {
    for user in world["users"].as_object_mut().unwrap().values_mut() {
        user.as_object_mut().unwrap().remove("password");
    }
    in_order(world)
}

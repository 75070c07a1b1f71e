//! The control path: faults, quota, counts, settings.

use std::num::NonZeroU32;
use std::time::Duration;

use desk_sim::{Clock as _, ConnectionDropped, Limits, Options, Sim, SimError};
use serde_json::{Value, json};

use crate::support::{CONTRACT, Center, MISSING, START, START_MS, clock, merged, options, read};

#[tokio::test]
async fn a_call_that_fails_before_has_no_effect_and_one_that_fails_after_has() {
    for (fault, happens) in [("fail_before", false), ("fail_after", true)] {
        let center = Center::guide();
        let input = center.new_agent("new.agent").await;
        center.fault(json!({ "operation": "CreateUser", "fault": fault })).await;
        assert_eq!(center.refused("CreateUser", input.clone()).await, "500 InternalServiceException");
        assert_eq!(!center.world().await["users"]["new.agent"].is_null(), happens, "{fault}");
        let again = center.call("CreateUser", input).await.0;
        assert_eq!(again, if happens { 409 } else { 200 });
        assert_eq!(center.control("GET", "/faults", Value::Null).await.1, json!({ "faults": [] }));
    }
}

#[tokio::test]
async fn a_dropped_connection_is_dropped_before_or_after() {
    for (fault, happens) in [("drop_before", false), ("drop_after", true)] {
        let center = Center::guide();
        let input = center.new_agent("new.agent").await;
        center.fault(json!({ "operation": "CreateUser", "fault": fault })).await;
        let answer = center.send_operation("CreateUser", input).await;
        assert_eq!(answer.err(), Some(ConnectionDropped));
        assert_eq!(!center.world().await["users"]["new.agent"].is_null(), happens, "{fault}");
    }
}

#[tokio::test]
async fn a_success_may_have_another_body_or_half_of_its_own() {
    for (fault, happens, body) in [
        (json!({ "fault": "say_before", "body": "<html>" }), false, "<html>"),
        (json!({ "fault": "say_after", "body": "{}" }), true, "{}"),
        (json!({ "fault": "cut_after" }), true, r#"{"User"#),
    ] {
        let center = Center::guide();
        let input = center.new_agent("new.agent").await;
        let mut order = fault.clone();
        order["operation"] = json!("CreateUser");
        center.fault(order).await;
        let answer = center.send_operation("CreateUser", input).await.unwrap();
        assert_eq!(answer.status(), 200, "{fault}");
        assert!(answer.body().starts_with(body.as_bytes()), "{fault}: {:?}", answer.body());
        assert!(serde_json::from_slice::<Value>(answer.body()).is_err() || body == "{}", "{fault}");
        assert_eq!(!center.world().await["users"]["new.agent"].is_null(), happens, "{fault}");
    }
}

#[tokio::test]
async fn a_fault_says_which_error_and_which_call() {
    let center = Center::guide();
    for (fault, wanted) in table! {
        (json!({ "fault": "fail_before", "error": "ResourceNotFoundException" }), MISSING),
        (json!({ "fault": "fail_after", "error": "ServiceUnavailable", "status": 503 }), "503 ServiceUnavailable"),
        (json!({ "fault": "throttle" }), "429 ThrottlingException"),
    } {
        let mut fault = fault;
        fault["operation"] = json!("ListUsers");
        fault["call"] = json!(2);
        fault["times"] = json!(2);
        center.fault(fault).await;
        center.ok("ListUsers", json!({})).await;
        assert_eq!(center.refused("ListUsers", json!({})).await, wanted);
        center.ok("ListRoutingProfiles", json!({})).await;
        assert_eq!(center.refused("ListUsers", json!({})).await, wanted);
        center.ok("ListUsers", json!({})).await;
    }
}

/// The statuses of calls that follow each other.
async fn statuses(center: &Center, operation: &str, calls: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..calls {
        statuses.push(center.call(operation, json!({})).await.0);
    }
    statuses
}

#[tokio::test]
async fn the_calls_that_were_ordered_meet_the_fault_and_no_others() {
    let center = Center::guide();
    center.fault(json!({ "operation": "ListUsers", "fault": "fail_after", "call": 2, "times": 2 })).await;
    assert_eq!(statuses(&center, "ListQueues", 3).await, [200, 200, 200]);
    assert_eq!(statuses(&center, "ListUsers", 4).await, [200, 500, 500, 200]);
    assert_eq!(center.control("GET", "/faults", Value::Null).await.1, json!({ "faults": [] }));
}

#[tokio::test]
async fn faults_on_the_same_call_follow_each_other_and_delays_add_up() {
    let center = Center::guide();
    for fault in [
        json!({ "fault": "delay", "delay_ms": 5 }),
        json!({ "fault": "drop_before" }),
        json!({ "fault": "delay", "delay_ms": 7 }),
        json!({ "fault": "throttle" }),
    ] {
        center.fault(merged(fault, json!({ "operation": "ListUsers" }))).await;
    }
    assert_eq!(center.send_operation("ListUsers", json!({})).await.err(), Some(ConnectionDropped));
    assert_eq!(center.clock.now_ms(), START_MS + 12);
    assert_eq!(statuses(&center, "ListUsers", 2).await, [429, 200]);
    assert_eq!(center.clock.now_ms(), START_MS + 12);
}

#[tokio::test]
async fn a_delay_passes_on_the_clock() {
    let center = Center::guide();
    center.fault(json!({ "operation": "CreateUser", "fault": "delay", "delay_ms": 1500 })).await;
    center.create("new.agent", json!({})).await;
    assert_eq!(center.user("new.agent").await["LastModifiedTime"], START + 1.5);
}

#[tokio::test]
async fn paths_are_decoded() {
    let center = Center::guide();
    for (path, name) in [("a%2Fb%20c%", "a/b c%"), ("%zz%E2%82%AC", "%zz€")] {
        let waiting = json!({ "contacts": [] });
        let (status, answer) = center.control("PUT", &format!("/queues/{path}/waiting"), waiting).await;
        assert_eq!(status, 404);
        assert!(answer["message"].as_str().unwrap().contains(&format!("`{name}`")), "{answer}");
    }
}

#[tokio::test]
async fn orders_that_make_no_sense_are_refused() {
    let center = Center::guide();
    for (order, wanted) in [
        (json!({ "operation": "MakeUser", "fault": "throttle" }), "no operation MakeUser"),
        (json!({ "operation": "CreateUser", "fault": "explode" }), "unknown variant"),
        (json!({ "operation": "CreateUser", "fault": "throttle", "call": 0 }), "count from 1"),
        (json!({ "operation": "CreateUser", "fault": "throttle", "times": 0 }), "count from 1"),
        (json!({ "operation": "CreateUser", "fault": "delay" }), "delay_ms"),
        (json!({ "operation": "CreateUser", "fault": "throttle", "delay_ms": 5 }), "delay_ms"),
        (json!({ "operation": "CreateUser", "fault": "drop_after", "status": 500 }), "belong to the faults"),
        (json!({ "operation": "CreateUser", "fault": "fail_after", "status": 200 }), "from 400 to 599"),
        (json!({ "operation": "CreateUser", "fault": "say_after" }), "body belongs to"),
        (json!({ "operation": "CreateUser", "fault": "cut_after", "body": "{}" }), "body belongs to"),
        (json!({ "operation": "CreateUser", "fault": "fail_after", "error": "Oops" }), "no such error"),
        (json!({ "operation": "CreateUser", "fault": "throttle", "when": "now" }), "unknown field"),
        (json!([]), "not what is asked for"),
    ] {
        let (status, answer) = center.control("POST", "/faults", order).await;
        assert_eq!(status, 400);
        assert!(answer["message"].as_str().unwrap().contains(wanted), "{answer}");
    }
    assert_eq!(center.control("PATCH", "/faults", Value::Null).await.0, 404);
    assert_eq!(center.control("GET", "/nothing", Value::Null).await.0, 404);
}

#[tokio::test]
async fn faults_can_be_seen_and_cleared() {
    let center = Center::guide();
    center.fault(json!({ "operation": "CreateUser", "fault": "fail_after", "call": 3, "error": "InternalServiceException" })).await;
    center.call("CreateUser", json!({})).await;
    let wanted = json!({ "faults": [{ "operation": "CreateUser", "fault": "fail_after", "call": 2, "times": 1,
                                      "error": "InternalServiceException" }] });
    assert_eq!(center.control("GET", "/faults", Value::Null).await.1, wanted);
    assert_eq!(center.control("DELETE", "/faults", Value::Null).await.1, json!({ "faults": [] }));
    for _ in 0..3 {
        assert_eq!(center.call("CreateUser", json!({})).await.0, 400);
    }
}

#[tokio::test]
async fn the_quota_is_two_a_second_and_five_at_once_for_each_operation() {
    let center = Center::with(|options| options.limits = Limits::default());
    for operation in CONTRACT["operations"].as_array().unwrap() {
        let name = operation["name"].as_str().unwrap();
        // An input that is refused takes its token too.
        for _ in 0..5 {
            assert_ne!(center.call(name, json!({})).await.0, 429, "{name}");
        }
        assert_eq!(center.refused(name, json!({})).await, "429 ThrottlingException", "{name}");
    }
    center.clock.pass(Duration::from_millis(1_000));
    center.ok("ListUsers", json!({})).await;
    center.ok("ListUsers", json!({})).await;
    assert_eq!(center.refused("ListUsers", json!({})).await, "429 ThrottlingException");
    center.clock.pass(Duration::from_secs(60));
    for _ in 0..5 {
        center.ok("ListUsers", json!({})).await;
    }
    assert_eq!(center.refused("ListUsers", json!({})).await, "429 ThrottlingException", "it holds no more");
    center.set(json!({ "rate": 100, "burst": 50 })).await;
    for _ in 0..50 {
        center.ok("ListUsers", json!({})).await;
    }
    assert_eq!(center.refused("ListUsers", json!({})).await, "429 ThrottlingException");
    center.set(json!({ "unthrottled": true })).await;
    for _ in 0..200 {
        center.ok("ListUsers", json!({})).await;
    }
}

#[test]
fn rates_that_cannot_be_are_refused() {
    let open = |rate: f64| {
        let limits = Limits::PerOperation { rate, burst: NonZeroU32::MIN };
        Sim::open(Options { limits, ..options(&clock()) })
    };
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
        assert!(matches!(open(rate), Err(SimError::Rate { .. })), "{rate}");
    }
    assert!(open(0.5).is_ok());
}

#[tokio::test]
async fn a_throttled_write_has_no_effect() {
    let center = Center::guide();
    let input = center.new_agent("new.agent").await;
    center.set(json!({ "rate": 0.001, "burst": 1 })).await;
    let john = center.call("CreateUser", json!({})).await;
    assert_eq!(john.0, 400);
    assert_eq!(center.refused("CreateUser", input).await, "429 ThrottlingException");
    assert!(center.world().await["users"]["new.agent"].is_null());
}

#[tokio::test]
async fn calls_are_counted() {
    let center = Center::guide();
    let input = center.new_agent("new.agent").await;
    center.fault(json!({ "operation": "CreateUser", "fault": "throttle" })).await;
    center.call("CreateUser", input.clone()).await;
    center.ok("CreateUser", input.clone()).await;
    center.call("CreateUser", input).await;
    center.ok("ListUsers", json!({})).await;
    let wanted = json!({
        "calls": 4, "writes": 1, "throttled": 1,
        "operations": {
            "CreateUser": { "calls": 3, "writes": 1, "throttled": 1 },
            "ListUsers": { "calls": 1, "writes": 0, "throttled": 0 },
        },
    });
    assert_eq!(center.control("GET", "/calls", Value::Null).await.1, wanted);
    let none = json!({ "calls": 0, "writes": 0, "throttled": 0, "operations": {} });
    assert_eq!(center.control("DELETE", "/calls", Value::Null).await.1, none);
}

#[tokio::test]
async fn settings_are_shown_and_set_one_by_one() {
    let center = Center::with(|options| options.limits = Limits::default());
    let shown = || async { center.control("GET", "/settings", Value::Null).await.1 };
    let mut wanted = json!({
        "name_lingers_ms": 5000, "token_lives_ms": 300_000, "lag_ms": 0, "search_lag_ms": 0,
        "unthrottled": false, "rate": 2.0, "burst": 5,
        "user_quota": 500, "quick_connect_quota": 100, "queue_quota": 100, "routing_profile_quota": 500,
        "security_profile_quota": 100, "hierarchy_group_quota": 500, "agent_status_quota": 50,
        "hours_of_operation_quota": 100, "contact_flow_quota": 100, "phone_number_quota": 10, "task_quota": 2500,
        "queues_per_routing_profile_quota": 50, "proficiency_quota": 10,
    });
    assert_eq!(shown().await, wanted);
    for (change, after) in table! {
        (json!({ "name_lingers_ms": 0 }), json!({ "name_lingers_ms": 0 })),
        (json!({ "lag_ms": 9 }), json!({ "lag_ms": 9 })),
        (json!({ "burst": 7 }), json!({ "burst": 7 })),
        (json!({ "rate": 0.5 }), json!({ "rate": 0.5 })),
        (json!({ "unthrottled": true }), json!({ "unthrottled": true, "rate": null, "burst": null })),
        (json!({ "unthrottled": false, "rate": 3 }), json!({ "unthrottled": false, "rate": 3.0, "burst": 5 })),
        (json!({ "user_quota": 1 }), json!({ "user_quota": 1 })),
        (json!({ "token_lives_ms": 1, "search_lag_ms": 2 }), json!({ "token_lives_ms": 1, "search_lag_ms": 2 })),
        (json!({ "queue_quota": 7, "task_quota": 0 }), json!({ "queue_quota": 7, "task_quota": 0 })),
        (json!({}), json!({})),
    } {
        center.set(change).await;
        for (name, value) in after.as_object().unwrap() {
            wanted[name] = value.clone();
        }
        assert_eq!(shown().await, wanted);
    }
    for wrong in [
        json!({ "rate": 0 }),
        json!({ "burst": 0 }),
        json!({ "unthrottled": true, "rate": 1 }),
        json!({ "lag_ms": -1 }),
        json!({ "speed": 1 }),
        json!({ "queue_quota": -1 }),
    ] {
        assert_eq!(center.control("PUT", "/settings", wrong.clone()).await.0, 400, "{wrong}");
    }
    assert_eq!(shown().await, wanted);
}

#[tokio::test]
async fn control_requests_meet_no_quota_and_no_faults() {
    let center = Center::with(|options| options.limits = Limits::default());
    for _ in 0..20 {
        let (status, about) = center.control("GET", "", Value::Null).await;
        assert_eq!((status, &about["users"], &about["seed"]), (200, &json!(42), &json!("guide")));
        assert_eq!(about["instance_id"], center.id());
    }
    let response =
        center.send(http::Request::get("/_simulator").body(bytes::Bytes::new()).unwrap()).await.unwrap();
    assert_eq!(read(&response).1["__type"], "UnknownOperationException");
}

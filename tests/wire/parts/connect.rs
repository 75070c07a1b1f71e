//! Amazon Connect: what is sent, which answers are refusals, and how often a desk that is started again may call.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_connect::error::{ErrorMetadata, SdkError};
use aws_sdk_connect::operation::create_queue::CreateQueueError;
use aws_sdk_connect::operation::describe_queue::DescribeQueueError;
use aws_sdk_connect::types::error::DuplicateResourceException;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use connect_desk::clock::ScriptClock;
use connect_desk::systems::connect::body::fill;
use connect_desk::systems::connect::refusals::{REFUSALS, refusal};
use connect_desk::systems::connect::{Buckets, Limits};
use desk_core::ports::Clock as _;
use serde_json::Value;

#[test]
fn a_limit_that_was_left_out_is_stated_as_zero_and_others_stay() {
    let mut body = serde_json::json!({
        "Username": "john.doe",
        "AfterContactWorkConfigs": [
            {"Channel": "VOICE", "AfterContactWorkConfig": {}, "AgentFirstCallbackAfterContactWorkConfig": {}},
            {"Channel": "CHAT", "AfterContactWorkConfig": {"AfterContactWorkTimeLimit": 30}},
        ],
    });
    assert!(fill(&mut body));
    assert_eq!(
        body["AfterContactWorkConfigs"],
        serde_json::json!([
            {"Channel": "VOICE", "AfterContactWorkConfig": {"AfterContactWorkTimeLimit": 0},
             "AgentFirstCallbackAfterContactWorkConfig": {"AfterContactWorkTimeLimit": 0}},
            {"Channel": "CHAT", "AfterContactWorkConfig": {"AfterContactWorkTimeLimit": 30}},
        ])
    );
    assert!(!fill(&mut body));
}

/// The API's own model, as the practice contact center has it.
#[test]
fn every_error_that_an_operation_declares_is_a_refusal() {
    let contract: Value =
        serde_json::from_str(include_str!("../../../src/sim/contract/connect.json")).unwrap();
    let is_refusal = |error: &str| {
        contract["errors"][error].as_u64().is_some_and(|status| status < 500)
            && error != "ThrottlingException"
    };
    let called: BTreeSet<&str> = desk_commands::all().iter().flat_map(|entry| entry.operations()).collect();
    let operations = contract["operations"].as_array().unwrap().iter();
    let declared: BTreeSet<&str> = operations
        .filter(|operation| called.contains(operation["name"].as_str().unwrap()))
        .flat_map(|operation| operation["errors"].as_array().unwrap())
        .filter_map(|error| error.as_str().filter(|error| is_refusal(error)))
        .collect();
    assert_eq!(declared, REFUSALS.iter().copied().collect());
}

#[test]
fn the_same_error_is_a_refusal_only_of_an_operation_that_declares_it() {
    const NAME: &str = "DuplicateResourceException";
    let answer = || HttpResponse::new(400.try_into().unwrap(), SdkBody::empty());
    let declared = DuplicateResourceException::builder().build();
    let of_create = SdkError::service_error(CreateQueueError::DuplicateResourceException(declared), answer());
    assert_eq!(refusal(&of_create), [NAME]);
    // As the SDK reads an error that the operation doesn't declare.
    let undeclared = ErrorMetadata::builder().code(NAME).build();
    let of_describe = SdkError::service_error(DescribeQueueError::generic(undeclared), answer());
    assert!(refusal(&of_describe).is_empty());
}

/// However a desk's life is cut into pieces, its calls fit into one bucket that was full when it first started.
#[tokio::test]
async fn restarts_never_spend_more_than_the_quota() {
    let clock = Arc::new(ScriptClock::starting_at(jiff::Timestamp::UNIX_EPOCH));
    let limit = Limits::default().every.unwrap();
    let mut spent = Vec::new();
    // Starts immediately, after a moment, and after long enough for a full bucket.
    for pause_ms in [0, 0, 10, 700, 0, 60_000, 0, 1_900] {
        let buckets = Buckets::new(Limits::default(), clock.clone());
        clock.advance(Duration::from_millis(pause_ms));
        for _ in 0..8 {
            buckets.pass("DescribeUser").await;
            spent.push(clock.monotonic());
        }
    }
    for (i, from) in spent.iter().enumerate() {
        for (calls, until) in (1_u32..).zip(&spent[i..]) {
            let allowed = f64::from(limit.burst.get()) + (*until - *from).as_secs_f64() * limit.rate;
            assert!(f64::from(calls) <= allowed + 1e-6, "{calls} calls between {from:?} and {until:?}");
        }
    }
    let waited = *spent.last().unwrap() - Duration::from_millis(62_610);
    assert!(waited < Duration::from_secs(32), "the quota is used: {waited:?}");
}

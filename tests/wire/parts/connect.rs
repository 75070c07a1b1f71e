//! Amazon Connect: what is sent, which answers are refusals, and how often a desk that is started again may call.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::systems::connect::body::fill;
use connect_desk::systems::connect::refusals::refusals;
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
fn every_operation_has_the_refusals_that_it_declares() {
    let contract: Value =
        serde_json::from_str(include_str!("../../../src/sim/contract/connect.json")).unwrap();
    let names = |value: &Value| -> BTreeSet<String> {
        value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let mut unlisted = BTreeSet::new();
    for operation in contract["operations"].as_array().unwrap() {
        let name = operation["name"].as_str().unwrap();
        let declared: BTreeSet<String> = names(&operation["errors"])
            .into_iter()
            .filter(|error| contract["errors"][error].as_u64().is_some_and(|status| status < 500))
            .filter(|error| error != "ThrottlingException")
            .collect();
        match refusals(name) {
            [] => drop(unlisted.insert(name)),
            listed => assert_eq!(
                listed.iter().map(|e| (*e).to_owned()).collect::<BTreeSet<_>>(),
                declared,
                "{name}"
            ),
        }
    }
    for entry in desk_commands::all() {
        for called in entry.operations().into_iter().filter(|called| !called.contains(':')) {
            assert!(!unlisted.contains(called), "{called} is called and has no refusals");
        }
    }
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

//! Real-time metrics: waiting, oldest, available, and the rules of their filters and groupings.

use desk_sim::Seed;
use serde_json::{Value, json};

use crate::support::{Center, MISSING, PARAMETER, REQUEST, START, merged, text};

async fn asked(center: &Center, metrics: &[&str], more: Value) -> Value {
    let metrics: Vec<_> = metrics.iter().map(|name| json!({ "Name": name })).collect();
    center.ok("GetCurrentMetricData", merged(json!({ "CurrentMetrics": metrics }), more)).await
}

/// The values of a result in the order in which they were asked for.
fn values(result: &Value) -> Vec<Option<f64>> {
    result["Collections"].as_array().unwrap().iter().map(|data| data["Value"].as_f64()).collect()
}

#[tokio::test]
async fn queues_are_counted_as_help_desks_ask() {
    let center = Center::guide();
    let queue = center.named("queues", "Case Investigation").await;
    let filters = json!({ "Filters": { "Queues": [queue] } });
    let names = [
        "CONTACTS_IN_QUEUE",
        "OLDEST_CONTACT_AGE",
        "AGENTS_AVAILABLE",
        "AGENTS_ONLINE",
        "AGENTS_ON_CALL",
        "AGENTS_STAFFED",
    ];
    let output = asked(&center, &names, filters.clone()).await;
    // Without groupings the age is in milliseconds, and says seconds.
    assert_eq!(values(&output["MetricResults"][0]), [3.0, 95_000.0, 2.0, 3.0, 1.0, 3.0].map(Some));
    assert_eq!(
        output["MetricResults"][0]["Collections"][1]["Metric"],
        json!({ "Name": "OLDEST_CONTACT_AGE", "Unit": "SECONDS" })
    );
    assert!(output["MetricResults"][0]["Dimensions"].is_null());
    assert_eq!(output["DataSnapshotTime"], START);
    let grouped =
        asked(&center, &names, merged(filters.clone(), json!({ "Groupings": ["QUEUE", "CHANNEL"] }))).await;
    let of = |channel: &str| {
        let results = grouped["MetricResults"].as_array().unwrap();
        let found = results.iter().find(|result| result["Dimensions"]["Channel"] == channel).unwrap();
        assert_eq!(found["Dimensions"]["Queue"]["Id"], queue);
        values(found)
    };
    assert_eq!(of("VOICE"), [2.0, 95.0, 2.0, 3.0, 1.0, 3.0].map(Some));
    assert_eq!(of("CHAT"), [1.0, 12.0, 2.0, 3.0, 1.0, 3.0].map(Some));
    assert_eq!(grouped["ApproximateTotalCount"], 3, "no one serves email there");
    // Slots by channel, statuses of all sorts.
    let slots = asked(
        &center,
        &["SLOTS_ACTIVE", "SLOTS_AVAILABLE"],
        merged(filters.clone(), json!({ "Groupings": ["CHANNEL"] })),
    )
    .await;
    assert!(
        slots["MetricResults"]
            .as_array()
            .unwrap()
            .iter()
            .any(|result| values(result) == [Some(1.0), Some(2.0)])
    );
    let by_status = asked(
        &center,
        &["AGENTS_ONLINE"],
        merged(filters, json!({ "Groupings": ["QUEUE", "AGENT_STATUS"] })),
    )
    .await;
    assert_eq!(by_status["MetricResults"].as_array().unwrap().len(), 1, "all three are available");
}

#[tokio::test]
async fn what_has_no_data_is_absent_and_not_zero() {
    let center = Center::with(|options| options.seed = Seed::Untidy);
    let (overflow, winter) =
        (center.named("queues", "Overflow").await, center.named("queues", "Winter Campaign").await);
    let control = center.control("PUT", "/queues/Overflow/waiting", json!({ "contacts": [] })).await;
    assert_eq!(control.0, 200);
    let filters = json!({ "Filters": { "Queues": [overflow, winter] }, "Groupings": ["QUEUE"] });
    let output = asked(&center, &["CONTACTS_IN_QUEUE"], filters.clone()).await;
    let queues: Vec<_> = output["MetricResults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| text(&result["Dimensions"]["Queue"]["Id"]))
        .collect();
    assert_eq!(queues, [winter], "an agent serves the one, no one the other");
    center
        .control(
            "PUT",
            "/queues/Overflow/waiting",
            json!({ "contacts": [{ "channel": "CHAT", "since": START - 5.0 }] }),
        )
        .await;
    let output = asked(&center, &["CONTACTS_IN_QUEUE", "OLDEST_CONTACT_AGE", "AGENTS_ONLINE"], filters).await;
    let results = output["MetricResults"].as_array().unwrap();
    // The most agents online come first.
    assert_eq!(values(&results[1]), [1.0, 5.0, 0.0].map(Some));
    let states = asked(
        &center,
        &["AGENTS_AFTER_CONTACT_WORK", "AGENTS_ERROR", "AGENTS_NON_PRODUCTIVE"],
        json!({ "Filters": { "RoutingProfiles": ["@routing_profiles/Everything Profile"] } }),
    )
    .await;
    assert_eq!(values(&states["MetricResults"][0]), [1.0, 1.0, 0.0].map(Some));
}

#[tokio::test]
async fn filters_and_groupings_keep_to_their_rules() {
    let center = Center::guide();
    let queue = center.named("queues", "Help Desk").await;
    let profile = center.named("routing_profiles", "Basic Routing Profile").await;
    let lunch = center.named("agent_statuses", "Lunch").await;
    let good = json!({ "Filters": { "Queues": [queue] }, "CurrentMetrics": [{ "Name": "AGENTS_ONLINE" }] });
    let metric = |name: &str| json!([{ "Name": name }]);
    center
        .refuses("GetCurrentMetricData", &good, table! {
        (json!({ "Filters": {} }), PARAMETER),
        (json!({ "Filters": null }), REQUEST),
        (json!({ "Filters": { "Queues": [queue], "RoutingProfiles": [profile] } }), PARAMETER),
        (json!({ "Filters": { "Queues": vec!["x"; 101] } }), PARAMETER),
        (json!({ "Filters": { "Queues": ["nothing"] } }), MISSING),
        (json!({ "Filters": { "RoutingProfiles": ["nothing"] } }), MISSING),
        (json!({ "Filters": { "RoutingProfiles": [profile], "AgentStatuses": [lunch] } }), PARAMETER),
        (json!({ "Filters": { "Queues": [queue], "Subtypes": ["connect:SMS"] } }), PARAMETER),
        (json!({ "CurrentMetrics": [] }), PARAMETER),
        (json!({ "CurrentMetrics": [{ "Unit": "COUNT" }] }), PARAMETER),
        (json!({ "CurrentMetrics": [{ "Name": "AGENTS_ONLINE", "Unit": "SECONDS" }] }), PARAMETER),
        (json!({ "CurrentMetrics": metric("AGENTS_HAPPY") }), PARAMETER),
        (json!({ "Groupings": ["QUEUE", "CHANNEL", "ROUTING_PROFILE"] }), PARAMETER),
        (json!({ "Groupings": ["QUEUE", "QUEUE"] }), PARAMETER),
        (json!({ "Groupings": ["SUBTYPE"] }), PARAMETER),
        (json!({ "Groupings": ["AGENT_STATUS"] }), PARAMETER),
        (json!({ "Groupings": ["QUEUE", "AGENT_STATUS"], "CurrentMetrics": metric("CONTACTS_IN_QUEUE") }), PARAMETER),
        (json!({ "Groupings": ["ROUTING_PROFILE"], "CurrentMetrics": metric("CONTACTS_IN_QUEUE") }), PARAMETER),
        (json!({ "CurrentMetrics": metric("ESTIMATED_WAIT_TIME") }), PARAMETER),
        (json!({ "SortCriteria": [{ "SortByMetric": "SLOTS_ACTIVE" }] }), PARAMETER),
        (json!({ "MaxResults": 101 }), PARAMETER),
    })
        .await;
    let estimate =
        json!({ "Filters": { "Queues": [queue], "Channels": ["TASK"] }, "Groupings": ["QUEUE", "CHANNEL"] });
    let output = asked(&center, &["ESTIMATED_WAIT_TIME"], estimate).await;
    assert_eq!(values(&output["MetricResults"][0]), [None], "there is too little to go by");
    let profiles = json!({ "Filters": { "RoutingProfiles": [profile] }, "Groupings": ["ROUTING_PROFILE"] });
    let sorted = merged(
        profiles,
        json!({ "SortCriteria": [{ "SortByMetric": "CONTACTS_IN_QUEUE", "SortOrder": "ASCENDING" }] }),
    );
    asked(&center, &["CONTACTS_IN_QUEUE", "AGENTS_ONLINE"], sorted).await;
}

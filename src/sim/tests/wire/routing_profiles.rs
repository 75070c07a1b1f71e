//! Routing profiles: their channels, and pairs of a queue and a channel.

use desk_sim::Seed;
use serde_json::{Value, json};

use crate::support::{Center, condition, each, equals, merged, pages, text};

fn pair(queue: &str, channel: &str) -> Value {
    json!({ "QueueId": queue, "Channel": channel })
}

fn routed(queue: &str, channel: &str, priority: i64) -> Value {
    json!({ "QueueReference": pair(queue, channel), "Priority": priority, "Delay": 0 })
}

async fn new_profile(center: &Center) -> Value {
    json!({
        "Name": "Night Profile",
        "Description": "After six.",
        "DefaultOutboundQueueId": center.named("queues", "Help Desk").await,
        "MediaConcurrencies": [{ "Channel": "VOICE", "Concurrency": 1 }],
    })
}

async fn described(center: &Center, id: &Value) -> Value {
    center.ok("DescribeRoutingProfile", id.clone()).await["RoutingProfile"].take()
}

#[tokio::test]
async fn a_profile_is_made_and_each_side_of_it_changed() {
    let center = Center::guide();
    let desk = center.named("queues", "Help Desk").await;
    let basic = center.named("queues", "BasicQueue").await;
    let more = json!({ "QueueConfigs": [routed(&desk, "VOICE", 1)], "Tags": { "a": "b" } });
    let made = center.ok("CreateRoutingProfile", merged(new_profile(&center).await, more)).await;
    let id = json!({ "RoutingProfileId": made["RoutingProfileId"] });
    let shown = described(&center, &id).await;
    assert_eq!(
        (&shown["RoutingProfileArn"], &shown["NumberOfAssociatedQueues"]),
        (&made["RoutingProfileArn"], &json!(1))
    );
    assert_eq!((&shown["IsDefault"], &shown["NumberOfAssociatedUsers"]), (&json!(false), &json!(0)));
    let behavior = json!({ "BehaviorType": "ROUTE_ANY_CHANNEL" });
    let concurrencies = json!([
        { "Channel": "VOICE", "Concurrency": 1, "CrossChannelBehavior": { "BehaviorType": "ROUTE_CURRENT_CHANNEL_ONLY" } },
        { "Channel": "TASK", "Concurrency": 10, "CrossChannelBehavior": behavior },
    ]);
    for (operation, change, member, value) in [
        ("UpdateRoutingProfileName", json!({ "Name": "Late Profile" }), "Name", json!("Late Profile")),
        ("UpdateRoutingProfileName", json!({ "Description": "Late." }), "Description", json!("Late.")),
        (
            "UpdateRoutingProfileDefaultOutboundQueue",
            json!({ "DefaultOutboundQueueId": basic }),
            "DefaultOutboundQueueId",
            json!(basic),
        ),
        (
            "UpdateRoutingProfileAgentAvailabilityTimer",
            json!({ "AgentAvailabilityTimer": "TIME_SINCE_LAST_INBOUND" }),
            "AgentAvailabilityTimer",
            json!("TIME_SINCE_LAST_INBOUND"),
        ),
        (
            "UpdateRoutingProfileConcurrency",
            json!({ "MediaConcurrencies": [concurrencies[1], { "Channel": "VOICE", "Concurrency": 1 }] }),
            "MediaConcurrencies",
            concurrencies,
        ),
    ] {
        let before = described(&center, &id).await;
        center.ok(operation, merged(id.clone(), change.clone())).await;
        let mut after = described(&center, &id).await;
        assert_eq!(after[member].take(), value, "{operation} {change}");
        assert_eq!(
            merged(after, json!({ member: null })),
            merged(before, json!({ member: null })),
            "{operation}"
        );
    }
    center.ok("DeleteRoutingProfile", id.clone()).await;
    assert_eq!(center.refused("DescribeRoutingProfile", id).await, "404 ResourceNotFoundException");
}

#[tokio::test]
async fn what_a_profile_cannot_be_is_refused() {
    let center = Center::guide();
    let before = center.world().await;
    let desk = center.named("queues", "Help Desk").await;
    let new = new_profile(&center).await;
    let workload = |concurrency: i64| json!({ "WorkloadType": format!("Type {concurrency}"), "Concurrency": concurrency });
    let media = |list: Value| json!({ "MediaConcurrencies": list });
    let (duplicate, parameter, request, missing) = (
        "409 DuplicateResourceException",
        "400 InvalidParameterException",
        "400 InvalidRequestException",
        "404 ResourceNotFoundException",
    );
    let impossible = [
        (media(json!([])), parameter),
        (media(json!([{ "Channel": "VOICE", "Concurrency": 2 }])), parameter),
        (media(json!([{ "Channel": "VOICE" }])), parameter),
        (media(json!([{ "Channel": "CHAT", "Concurrency": 0 }])), parameter),
        (media(json!([{ "Channel": "CHAT", "Concurrency": 11 }])), parameter),
        (
            media(json!([{ "Channel": "TASK", "Concurrency": 1 }, { "Channel": "TASK", "Concurrency": 2 }])),
            parameter,
        ),
        (media(json!([{ "Channel": "CHAT", "WorkloadTypeConcurrencies": [workload(2)] }])), parameter),
        (
            media(
                json!([{ "Channel": "TASK", "Concurrency": 3, "WorkloadTypeConcurrencies": [workload(2)] }]),
            ),
            parameter,
        ),
        (
            media(json!([{ "Channel": "TASK", "WorkloadTypeConcurrencies": [workload(6), workload(5)] }])),
            parameter,
        ),
        (
            media(json!([{ "Channel": "TASK", "WorkloadTypeConcurrencies": [workload(2), workload(2)] }])),
            parameter,
        ),
    ];
    let more = [
        (json!({ "Name": "Basic Routing Profile" }), duplicate),
        (json!({ "Name": "Cafe\u{301}" }), parameter),
        (json!({ "Description": null }), request),
        (json!({ "DefaultOutboundQueueId": "nothing" }), parameter),
        (json!({ "QueueConfigs": [routed("nothing", "VOICE", 1)] }), missing),
        (json!({ "QueueConfigs": [routed(&desk, "VOICE", 1), routed(&desk, "VOICE", 2)] }), parameter),
        (json!({ "QueueConfigs": vec![routed(&desk, "VOICE", 1); 11] }), parameter),
        (json!({ "QueueConfigs": [routed(&desk, "VOICE", 0)] }), parameter),
        (json!({ "ManualAssignmentQueueConfigs": [{ "QueueReference": pair(&desk, "VOICE") }] }), parameter),
    ];
    for (change, wanted) in impossible.iter().chain(&more) {
        assert_eq!(
            center.refused("CreateRoutingProfile", merged(new.clone(), change.clone())).await,
            *wanted,
            "{change}"
        );
    }
    let basic =
        json!({ "RoutingProfileId": center.named("routing_profiles", "Basic Routing Profile").await });
    for (change, wanted) in &impossible {
        let input = merged(basic.clone(), change.clone());
        assert_eq!(center.refused("UpdateRoutingProfileConcurrency", input).await, *wanted, "{change}");
    }
    for (operation, change, wanted) in [
        ("UpdateRoutingProfileName", json!({ "Name": "Contact Tracers Profile" }), duplicate),
        ("UpdateRoutingProfileName", json!({}), request),
        (
            "UpdateRoutingProfileDefaultOutboundQueue",
            json!({ "DefaultOutboundQueueId": "nothing" }),
            parameter,
        ),
        ("AssociateRoutingProfileQueues", json!({}), request),
        (
            "AssociateRoutingProfileQueues",
            json!({ "QueueConfigs": vec![routed(&desk, "VOICE", 1); 11] }),
            parameter,
        ),
        (
            "AssociateRoutingProfileQueues",
            json!({ "QueueConfigs": [routed("nothing", "VOICE", 1)] }),
            missing,
        ),
        ("UpdateRoutingProfileQueues", json!({ "QueueConfigs": [routed(&desk, "VOICE", 1)] }), missing),
        ("DisassociateRoutingProfileQueues", json!({}), request),
        (
            "DisassociateRoutingProfileQueues",
            json!({ "QueueReferences": vec![pair(&desk, "VOICE"); 11] }),
            parameter,
        ),
        ("DeleteRoutingProfile", json!({}), "409 ResourceInUseException"),
    ] {
        let input = merged(basic.clone(), change.clone());
        assert_eq!(center.refused(operation, input).await, wanted, "{operation} {change}");
    }
    assert_eq!(center.world().await, before);
    center.set(json!({ "routing_profile_quota": 4 })).await;
    assert_eq!(center.refused("CreateRoutingProfile", new).await, "429 LimitExceededException");
}

#[tokio::test]
async fn the_default_profile_cannot_go() {
    let center = Center::guide();
    let other = center.named("routing_profiles", "Contact Tracers Profile").await;
    let basic = center.named("routing_profiles", "Basic Routing Profile").await;
    let users = center.search(equals("RoutingProfileId", &basic)).await["Users"].take();
    for user in users.as_array().unwrap() {
        center
            .ok("UpdateUserRoutingProfile", json!({ "UserId": user["Id"], "RoutingProfileId": other }))
            .await;
    }
    let basic = json!({ "RoutingProfileId": basic });
    assert_eq!(center.refused("DeleteRoutingProfile", basic).await, "400 InvalidRequestException");
}

#[tokio::test]
async fn a_profile_takes_fifty_pairs_ten_in_a_call() {
    let center = Center::with(|options| options.seed = Seed::Large);
    let made = center.ok("CreateRoutingProfile", new_profile(&center).await).await["RoutingProfileId"].take();
    let id = json!({ "RoutingProfileId": made });
    let queues: Vec<String> = center.control("GET", "/world", Value::Null).await.1["queues"]
        .as_object()
        .unwrap()
        .values()
        .map(|queue| text(&queue["id"]))
        .collect();
    // A queue in two channels counts twice, and a channel that the profile lacks is taken without a word.
    let pairs: Vec<(&str, &str)> =
        queues[..25].iter().flat_map(|queue| [(&**queue, "VOICE"), (&**queue, "TASK")]).collect();
    for ten in pairs.chunks(10) {
        let configs: Vec<_> = ten.iter().map(|(queue, channel)| routed(queue, channel, 1)).collect();
        center
            .ok("AssociateRoutingProfileQueues", merged(id.clone(), json!({ "QueueConfigs": configs })))
            .await;
    }
    let associate = |config: Value| {
        let input = merged(id.clone(), json!({ "QueueConfigs": [config] }));
        async { center.call("AssociateRoutingProfileQueues", input).await }
    };
    let (status, answer) = associate(routed(&queues[25], "VOICE", 1)).await;
    assert_eq!((status, text(&answer["__type"])), (400, "InvalidRequestException".to_owned()));
    // One that is there gets the new priority; manual assignment has fifty of its own.
    assert_eq!(associate(routed(&queues[0], "VOICE", 9)).await.0, 200);
    let manual = json!({ "ManualAssignmentQueueConfigs": [{ "QueueReference": pair(&queues[0], "CHAT") }] });
    center.ok("AssociateRoutingProfileQueues", merged(id.clone(), manual)).await;
    let listed =
        pages(&center, "ListRoutingProfileQueues", "RoutingProfileQueueConfigSummaryList", 100, id.clone())
            .await
            .concat();
    assert_eq!(listed.len(), 50);
    let first =
        listed.iter().find(|config| config["QueueId"] == queues[0] && config["Channel"] == "VOICE").unwrap();
    assert_eq!(first["Priority"], 9);
    let references = json!({ "QueueReferences": [pair(&queues[0], "VOICE"), pair(&queues[40], "VOICE")], "ManualAssignmentQueueReferences": [pair(&queues[0], "CHAT")] });
    center.ok("DisassociateRoutingProfileQueues", merged(id.clone(), references)).await;
    let shown = described(&center, &id).await;
    assert_eq!(
        (&shown["NumberOfAssociatedQueues"], &shown["NumberOfAssociatedManualAssignmentQueues"]),
        (&json!(49), &json!(0))
    );
}

#[tokio::test]
async fn one_search_says_which_profiles_have_a_queue() {
    let center = Center::with(|options| options.seed = Seed::Untidy);
    let search = async |criteria: Value| {
        let output = center.ok("SearchRoutingProfiles", json!({ "SearchCriteria": criteria })).await;
        output["RoutingProfiles"].clone()
    };
    let overflow = center.named("queues", "Overflow").await;
    let vaccination = center.named("queues", "Vaccination").await;
    assert!(each(&search(equals("associatedQueueIds", &overflow)).await, "Name").is_empty());
    let having = search(equals("associatedQueueIds", &vaccination)).await;
    assert_eq!(each(&having, "Name"), ["Everything Profile", "Vaccination Profile"]);
    let found = search(condition("name", "back office", "STARTS_WITH")).await[0].take();
    let id = json!({ "RoutingProfileId": found["RoutingProfileId"] });
    let described = described(&center, &id).await;
    // Each has what the other lacks.
    assert!(found["AssociatedQueueIds"].is_array() && described["AssociatedQueueIds"].is_null());
    for absent in ["LastModifiedTime", "LastModifiedRegion", "AgentAvailabilityTimer"] {
        assert!(found[absent].is_null() && !described[absent].is_null(), "{absent}");
    }
    assert!(found["MediaConcurrencies"][0]["CrossChannelBehavior"].is_null());
    let workloads = &described["MediaConcurrencies"][0];
    assert_eq!((&workloads["Channel"], &workloads["Concurrency"]), (&json!("TASK"), &Value::Null));
    assert_eq!(each(&workloads["WorkloadTypeConcurrencies"], "WorkloadType"), ["Billing", "Letters"]);
}

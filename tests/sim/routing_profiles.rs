//! Routing profiles: their channels, and pairs of a queue and a channel.

use desk_sim::Seed;
use serde_json::{Value, json};

use crate::support::{
    Center, DUPLICATE, FULL, IN_USE, MISSING, PARAMETER, REQUEST, condition, each, equals, merged, pages,
    text,
};

const DESK: &str = "@queues/Help Desk";

fn pair(queue: &str, channel: &str) -> Value {
    json!({ "QueueId": queue, "Channel": channel })
}

fn routed(queue: &str, channel: &str, priority: i64) -> Value {
    json!({ "QueueReference": pair(queue, channel), "Priority": priority, "Delay": 0 })
}

fn new_profile() -> Value {
    json!({
        "Name": "Night Profile", "Description": "After six.", "DefaultOutboundQueueId": DESK,
        "MediaConcurrencies": [{ "Channel": "VOICE", "Concurrency": 1 }],
    })
}

#[tokio::test]
async fn a_profile_is_made_and_each_side_of_it_changed() {
    let center = Center::guide();
    let more = json!({ "QueueConfigs": [routed(DESK, "VOICE", 1)], "Tags": { "a": "b" } });
    let made = center.ok("CreateRoutingProfile", merged(new_profile(), more)).await;
    let id = json!({ "RoutingProfileId": made["RoutingProfileId"] });
    let shown = center.shown("DescribeRoutingProfile", &id).await;
    assert_eq!(shown["RoutingProfileArn"], made["RoutingProfileArn"]);
    let counts =
        ["NumberOfAssociatedQueues", "NumberOfAssociatedUsers", "IsDefault"].map(|member| &shown[member]);
    assert_eq!(counts, [&json!(1), &json!(0), &json!(false)]);
    let basic = json!("@queues/BasicQueue");
    let timer = json!("TIME_SINCE_LAST_INBOUND");
    let task = json!({ "Channel": "TASK", "Concurrency": 10, "CrossChannelBehavior": { "BehaviorType": "ROUTE_ANY_CHANNEL" } });
    let voice = json!({ "Channel": "VOICE", "Concurrency": 1, "CrossChannelBehavior": { "BehaviorType": "ROUTE_CURRENT_CHANNEL_ONLY" } });
    let concurrencies = json!([task, { "Channel": "VOICE", "Concurrency": 1 }]);
    center
        .changes("DescribeRoutingProfile", &id, table! {
            ("UpdateRoutingProfileName", json!({ "Name": "Late Profile" }), "Name", json!("Late Profile")),
            ("UpdateRoutingProfileName", json!({ "Description": "Late." }), "Description", json!("Late.")),
            ("UpdateRoutingProfileDefaultOutboundQueue", json!({ "DefaultOutboundQueueId": basic }), "DefaultOutboundQueueId", basic),
            ("UpdateRoutingProfileAgentAvailabilityTimer", json!({ "AgentAvailabilityTimer": timer }), "AgentAvailabilityTimer", timer),
            ("UpdateRoutingProfileConcurrency", json!({ "MediaConcurrencies": concurrencies }), "MediaConcurrencies", json!([voice, task])),
        })
        .await;
    center.ok("DeleteRoutingProfile", id.clone()).await;
    assert_eq!(center.refused("DescribeRoutingProfile", id).await, MISSING);
}

#[tokio::test]
async fn what_a_profile_cannot_be_is_refused() {
    let center = Center::guide();
    let before = center.world().await;
    let workload = |concurrency: i64| json!({ "WorkloadType": format!("Type {concurrency}"), "Concurrency": concurrency });
    let workloads = |list: Value| json!([{ "Channel": "TASK", "WorkloadTypeConcurrencies": list }]);
    let impossible = table! {
        json!([]),
        json!([{ "Channel": "VOICE", "Concurrency": 2 }]),
        json!([{ "Channel": "VOICE" }]),
        json!([{ "Channel": "CHAT", "Concurrency": 0 }]),
        json!([{ "Channel": "CHAT", "Concurrency": 11 }]),
        json!([{ "Channel": "TASK", "Concurrency": 1 }, { "Channel": "TASK", "Concurrency": 2 }]),
        json!([{ "Channel": "CHAT", "WorkloadTypeConcurrencies": [workload(2)] }]),
        json!([{ "Channel": "TASK", "Concurrency": 3, "WorkloadTypeConcurrencies": [workload(2)] }]),
        workloads(json!([workload(6), workload(5)])),
        workloads(json!([workload(2), workload(2)])),
    }
    .map(|list| (json!({ "MediaConcurrencies": list }), PARAMETER));
    let basic = json!({ "RoutingProfileId": "@routing_profiles/Basic Routing Profile" });
    center.refuses("CreateRoutingProfile", &new_profile(), impossible.clone()).await;
    center.refuses("UpdateRoutingProfileConcurrency", &basic, impossible).await;
    let configs = |config: Value| json!({ "QueueConfigs": [config] });
    let eleven = json!({ "QueueConfigs": vec![routed(DESK, "VOICE", 1); 11] });
    center
        .refuses("CreateRoutingProfile", &new_profile(), table! {
            (json!({ "Name": "Basic Routing Profile" }), DUPLICATE),
            (json!({ "Name": "Cafe\u{301}" }), PARAMETER),
            (json!({ "Description": null }), REQUEST),
            (json!({ "DefaultOutboundQueueId": "nothing" }), PARAMETER),
            (configs(routed("nothing", "VOICE", 1)), MISSING),
            (json!({ "QueueConfigs": [routed(DESK, "VOICE", 1), routed(DESK, "VOICE", 2)] }), PARAMETER),
            (eleven.clone(), PARAMETER),
            (configs(routed(DESK, "VOICE", 0)), PARAMETER),
            (json!({ "ManualAssignmentQueueConfigs": [{ "QueueReference": pair(DESK, "VOICE") }] }), PARAMETER),
        })
        .await;
    for (operation, change, wanted) in table! {
        ("UpdateRoutingProfileName", json!({ "Name": "Contact Tracers Profile" }), DUPLICATE),
        ("UpdateRoutingProfileName", json!({}), REQUEST),
        ("UpdateRoutingProfileDefaultOutboundQueue", json!({ "DefaultOutboundQueueId": "nothing" }), PARAMETER),
        ("AssociateRoutingProfileQueues", json!({}), REQUEST),
        ("AssociateRoutingProfileQueues", eleven, PARAMETER),
        ("AssociateRoutingProfileQueues", configs(routed("nothing", "VOICE", 1)), MISSING),
        ("UpdateRoutingProfileQueues", configs(routed(DESK, "VOICE", 1)), MISSING),
        ("DisassociateRoutingProfileQueues", json!({}), REQUEST),
        ("DisassociateRoutingProfileQueues", json!({ "QueueReferences": vec![pair(DESK, "VOICE"); 11] }), PARAMETER),
        ("DeleteRoutingProfile", json!({}), IN_USE),
    } {
        center.refuses(operation, &basic, [(change, wanted)]).await;
    }
    assert_eq!(center.world().await, before);
    center.set(json!({ "routing_profile_quota": 4 })).await;
    assert_eq!(center.refused("CreateRoutingProfile", new_profile()).await, FULL);
}

#[tokio::test]
async fn the_default_profile_cannot_go() {
    let center = Center::guide();
    let basic = "@routing_profiles/Basic Routing Profile";
    let users = center.search(equals("RoutingProfileId", basic)).await["Users"].take();
    for user in users.as_array().unwrap() {
        let moved =
            json!({ "UserId": user["Id"], "RoutingProfileId": "@routing_profiles/Contact Tracers Profile" });
        center.ok("UpdateUserRoutingProfile", moved).await;
    }
    assert_eq!(center.refused("DeleteRoutingProfile", json!({ "RoutingProfileId": basic })).await, REQUEST);
}

#[tokio::test]
async fn a_profile_takes_fifty_pairs_ten_in_a_call() {
    let center = Center::with(|options| options.seed = Seed::Large);
    let made = center.ok("CreateRoutingProfile", new_profile()).await["RoutingProfileId"].take();
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
    let shown = center.shown("DescribeRoutingProfile", &id).await;
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
    assert!(each(&search(equals("associatedQueueIds", "@queues/Overflow")).await, "Name").is_empty());
    let having = search(equals("associatedQueueIds", "@queues/Vaccination")).await;
    assert_eq!(each(&having, "Name"), ["Everything Profile", "Vaccination Profile"]);
    let found = search(condition("name", "back office", "STARTS_WITH")).await[0].take();
    let id = json!({ "RoutingProfileId": found["RoutingProfileId"] });
    let described = center.shown("DescribeRoutingProfile", &id).await;
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

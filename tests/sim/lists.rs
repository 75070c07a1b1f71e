//! Lists come in pages, in an order that stays, and describe what the seed holds.

use std::time::Duration;

use desk_sim::Seed;
use serde_json::{Value, json};

use crate::support::{CONTRACT, Center, MISSING, PARAMETER, REQUEST, each, merged, pages, text};

/// The operations that answer in pages, and the largest page of each.
fn paged() -> Vec<(String, usize)> {
    let largest = |operation: &Value| {
        let members = CONTRACT["shapes"][operation["input"].as_str().unwrap()]["members"].as_array().unwrap();
        let member = members.iter().find(|member| member["name"] == "MaxResults")?;
        let max = CONTRACT["shapes"][member["shape"].as_str().unwrap()]["max"].as_u64().unwrap();
        Some((text(&operation["name"]), usize::try_from(max).unwrap()))
    };
    CONTRACT["operations"].as_array().unwrap().iter().filter_map(largest).collect()
}

#[tokio::test]
async fn every_list_comes_whole_in_pages_of_any_size() {
    let center = Center::with(|options| options.seed = Seed::Untidy);
    let john = center.user_id("john.doe").await;
    let profile = json!({ "RoutingProfileId": "@routing_profiles/Back Office Profile" });
    let supervisor = center.named("security_profiles", "Supervisor").await;
    let queue = json!({ "QueueId": "@queues/Help Desk" });
    let hours = json!({ "HoursOfOperationId": "@hours_of_operations/Vaccination Hours" });
    let contact_filter = json!({ "ContactFilter": { "ContactStates": [] } });
    let metrics = json!({
        "Filters": { "Queues": [queue["QueueId"], "@queues/Vaccination", "@queues/Callback"] },
        "Groupings": ["QUEUE"], "CurrentMetrics": [{ "Name": "AGENTS_ONLINE" }],
    });
    let lists = table! {
        ("ListInstances", "InstanceSummaryList", json!({}), 1),
        ("ListInstanceAttributes", "Attributes", json!({}), 14),
        ("ListPhoneNumbersV2", "ListPhoneNumbersSummaryList", json!({}), 2),
        ("ListPredefinedAttributes", "PredefinedAttributeSummaryList", json!({}), 3),
        ("SearchPredefinedAttributes", "PredefinedAttributes", json!({}), 3),
        ("ListUsers", "UserSummaryList", json!({}), 50),
        ("SearchUsers", "Users", json!({}), 50),
        ("ListUserProficiencies", "UserProficiencyList", json!({ "UserId": john }), 2),
        ("ListRoutingProfiles", "RoutingProfileSummaryList", json!({}), 8),
        ("SearchRoutingProfiles", "RoutingProfiles", json!({}), 8),
        ("ListRoutingProfileQueues", "RoutingProfileQueueConfigSummaryList", profile.clone(), 2),
        ("ListRoutingProfileManualAssignmentQueues", "RoutingProfileManualAssignmentQueueConfigSummaryList", profile, 2),
        ("ListSecurityProfiles", "SecurityProfileSummaryList", json!({}), 10),
        ("SearchSecurityProfiles", "SecurityProfiles", json!({}), 10),
        ("ListSecurityProfilePermissions", "Permissions", json!({ "SecurityProfileId": supervisor }), 50),
        ("ListUserHierarchyGroups", "UserHierarchyGroupSummaryList", json!({}), 19),
        // One more than there are: the foundation, which only the search has.
        ("SearchUserHierarchyGroups", "UserHierarchyGroups", json!({}), 20),
        ("ListAgentStatuses", "AgentStatusSummaryList", json!({}), 9),
        ("SearchAgentStatuses", "AgentStatuses", json!({}), 9),
        ("ListQuickConnects", "QuickConnectSummaryList", json!({}), 18),
        ("SearchQuickConnects", "QuickConnects", json!({}), 18),
        ("ListQueues", "QueueSummaryList", json!({}), 64),
        ("SearchQueues", "Queues", json!({}), 14),
        ("ListQueueQuickConnects", "QuickConnectSummaryList", queue, 4),
        ("ListHoursOfOperations", "HoursOfOperationSummaryList", json!({}), 4),
        ("SearchHoursOfOperations", "HoursOfOperations", json!({}), 4),
        ("ListHoursOfOperationOverrides", "HoursOfOperationOverrideList", hours, 3),
        ("SearchHoursOfOperationOverrides", "HoursOfOperationOverrides", json!({}), 3),
        ("ListContactFlows", "ContactFlowSummaryList", json!({}), 13),
        ("SearchContactFlows", "ContactFlows", json!({}), 13),
        ("GetCurrentUserData", "UserDataList", json!({ "Filters": contact_filter }), 14),
        ("GetCurrentMetricData", "MetricResults", metrics, 3),
    };
    let sizes = paged();
    let (mut known, mut tested): (Vec<_>, Vec<_>) =
        (sizes.iter().map(|(name, _)| &**name).collect(), lists.iter().map(|(name, ..)| *name).collect());
    known.sort_unstable();
    tested.sort_unstable();
    assert_eq!(tested, known, "every operation that answers in pages is here");
    for (operation, list, input, count) in lists {
        let input = center.ids(input).await;
        let (_, largest) = sizes.iter().find(|(name, _)| name == operation).unwrap();
        let whole = pages(&center, operation, list, *largest, input.clone()).await.concat();
        assert_eq!(whole.len(), count, "{operation}");
        for size in [1, 3, count].into_iter().filter(|size| size <= largest) {
            let pages = pages(&center, operation, list, size, input.clone()).await;
            assert_eq!(pages.len(), count.div_ceil(size), "{operation} by {size}");
            assert_eq!(pages.concat(), whole, "{operation} by {size}");
        }
        let refused = |token: Value| {
            let input = merged(input.clone(), json!({ "NextToken": token }));
            async { center.refused(operation, input).await }
        };
        // The operation on instances declares no InvalidParameterException.
        let name = if operation == "ListInstances" {
            "InvalidRequestException"
        } else {
            "InvalidParameterException"
        };
        for token in ["x", "", "AAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(refused(json!(token)).await, format!("400 {name}"), "{operation}");
        }
        // A token lives for five minutes.
        if count > 1 {
            let token =
                center.ok(operation, merged(input.clone(), json!({ "MaxResults": 1 }))).await["NextToken"]
                    .take();
            center.clock.pass(Duration::from_secs(300));
            center.ok(operation, merged(input.clone(), json!({ "NextToken": token }))).await;
            center.clock.pass(Duration::from_millis(1));
            assert_eq!(refused(token).await, format!("400 {name}"), "{operation}");
        }
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_own_list_only() {
    let center = Center::guide();
    let token = |output: Value| text(&output["NextToken"]);
    let users = token(center.ok("ListUsers", json!({ "MaxResults": 2 })).await);
    let agent_queues =
        token(center.ok("ListQueues", json!({ "MaxResults": 2, "QueueTypes": ["AGENT"] })).await);
    for (operation, input) in [
        ("ListRoutingProfiles", json!({ "NextToken": users })),
        ("SearchUsers", json!({ "NextToken": users })),
        ("ListQueues", json!({ "NextToken": agent_queues })),
        ("ListUsers", json!({ "NextToken": format!("{users}A") })),
    ] {
        assert_eq!(center.refused(operation, input).await, PARAMETER, "{operation}");
    }
    // Another page size and the instance's ARN ask for the same list.
    let input = json!({ "NextToken": users, "MaxResults": 7, "InstanceId": center.sim.instance_arn() });
    assert_eq!(each(&center.ok("ListUsers", input).await["UserSummaryList"], "Username")[0], "ahmed.farouk");
}

#[tokio::test]
async fn a_list_that_changes_between_pages_neither_repeats_nor_skips() {
    let center = Center::guide();
    let first = center.ok("ListUsers", json!({ "MaxResults": 3 })).await;
    assert_eq!(
        each(&first["UserSummaryList"], "Username"),
        ["aaron.fields", "abigail.stone", "ahmed.farouk"]
    );
    // The last of the page goes, someone comes before it and someone behind it.
    center.ok("DeleteUser", json!({ "UserId": first["UserSummaryList"][2]["Id"] })).await;
    center.create("aaaa", json!({})).await;
    center.create("ai", json!({})).await;
    let next = center.ok("ListUsers", json!({ "MaxResults": 2, "NextToken": first["NextToken"] })).await;
    assert_eq!(each(&next["UserSummaryList"], "Username"), ["ai", "alice.brook"]);
}

#[tokio::test]
async fn queues_without_a_type_are_the_agents_own_first() {
    let center = Center::guide();
    let all = center.ok("ListQueues", json!({})).await["QueueSummaryList"].take();
    let john = center.user_id("john.doe").await;
    let own = all.as_array().unwrap().iter().find(|queue| queue["Id"] == john).unwrap();
    assert_eq!(own["QueueType"], "AGENT");
    assert_eq!(own["Arn"], format!("{}/queue/agent/{john}", center.sim.instance_arn()));
    assert!(own["Name"].is_null());
    assert_eq!(each(&all, "QueueType").iter().filter(|kind| **kind == "AGENT").count(), 42);
    assert_eq!(all[0]["QueueType"], "AGENT");
    let standard =
        center.ok("ListQueues", json!({ "QueueTypes": ["STANDARD"] })).await["QueueSummaryList"].take();
    assert_eq!(each(&standard, "Name").len(), 9);
    let agents = center.ok("ListQueues", json!({ "QueueTypes": ["AGENT"] })).await["QueueSummaryList"].take();
    assert_eq!(agents.as_array().unwrap().len(), 42);
    center.ok("DeleteUser", json!({ "UserId": john })).await;
    let agents = center.ok("ListQueues", json!({ "QueueTypes": ["AGENT"] })).await["QueueSummaryList"].take();
    assert_eq!(agents.as_array().unwrap().len(), 41);
}

#[tokio::test]
async fn everything_that_is_listed_can_be_described() {
    let center = Center::guide();
    for (list, summaries, describe, id_member, object, name) in table! {
        ("ListRoutingProfiles", "RoutingProfileSummaryList", "DescribeRoutingProfile", "RoutingProfileId", "RoutingProfile", "Name"),
        ("ListSecurityProfiles", "SecurityProfileSummaryList", "DescribeSecurityProfile", "SecurityProfileId", "SecurityProfile", "SecurityProfileName"),
        ("ListUserHierarchyGroups", "UserHierarchyGroupSummaryList", "DescribeUserHierarchyGroup", "HierarchyGroupId", "HierarchyGroup", "Name"),
        ("ListAgentStatuses", "AgentStatusSummaryList", "DescribeAgentStatus", "AgentStatusId", "AgentStatus", "Name"),
        ("ListQuickConnects", "QuickConnectSummaryList", "DescribeQuickConnect", "QuickConnectId", "QuickConnect", "Name"),
        ("ListContactFlows", "ContactFlowSummaryList", "DescribeContactFlow", "ContactFlowId", "ContactFlow", "Name"),
    } {
        for summary in center.ok(list, json!({})).await[summaries].as_array().unwrap() {
            let described = center.ok(describe, json!({ id_member: summary["Id"] })).await;
            assert_eq!(described[object][name], summary["Name"], "{describe}");
        }
        let nothing = json!({ id_member: "00000000-0000-4000-8000-000000000000" });
        assert_eq!(center.refused(describe, nothing).await, MISSING, "{describe}");
    }
    for summary in center.ok("ListQueues", json!({})).await["QueueSummaryList"].as_array().unwrap() {
        let input = json!({ "QueueId": summary["Id"] });
        if summary["QueueType"] == "AGENT" {
            assert_eq!(center.refused("DescribeQueue", input).await, REQUEST);
        } else {
            assert_eq!(center.ok("DescribeQueue", input).await["Queue"]["Name"], summary["Name"]);
        }
    }
}

#[tokio::test]
async fn lists_are_filtered_by_type() {
    let center = Center::guide();
    for (operation, list, member, wanted, count) in table! {
        ("ListAgentStatuses", "AgentStatusSummaryList", "AgentStatusTypes", json!(["OFFLINE"]), 1),
        ("ListAgentStatuses", "AgentStatusSummaryList", "AgentStatusTypes", json!(["ROUTABLE", "CUSTOM"]), 5),
        ("ListQuickConnects", "QuickConnectSummaryList", "QuickConnectTypes", json!(["USER"]), 6),
        ("ListQuickConnects", "QuickConnectSummaryList", "QuickConnectTypes", json!(["QUEUE", "PHONE_NUMBER"]), 6),
        ("ListContactFlows", "ContactFlowSummaryList", "ContactFlowTypes", json!(["AGENT_TRANSFER"]), 1),
        ("ListContactFlows", "ContactFlowSummaryList", "ContactFlowTypes", json!(["CONTACT_FLOW", "QUEUE_TRANSFER"]), 3),
    } {
        let output = center.ok(operation, json!({ member: wanted })).await;
        assert_eq!(output[list].as_array().unwrap().len(), count, "{operation} {wanted}");
    }
}

#[tokio::test]
async fn a_routing_profile_counts_its_users() {
    let center = Center::guide();
    let id = center.named("routing_profiles", "Basic Routing Profile").await;
    let count = || async {
        let output = center.ok("DescribeRoutingProfile", json!({ "RoutingProfileId": id })).await;
        output["RoutingProfile"]["NumberOfAssociatedUsers"].as_i64().unwrap()
    };
    assert_eq!(count().await, 3);
    let john = center.user_id("john.doe").await;
    center.ok("UpdateUserRoutingProfile", json!({ "UserId": john, "RoutingProfileId": id })).await;
    assert_eq!(count().await, 4);
    center.ok("DeleteUser", json!({ "UserId": john })).await;
    assert_eq!(count().await, 3);
    let new = center.create("new.agent", json!({ "RoutingProfileId": id })).await;
    assert_eq!(count().await, 4);
    center.ok("UpdateUserHierarchy", json!({ "UserId": new })).await;
    assert_eq!(count().await, 4);
}

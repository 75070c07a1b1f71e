//! Every operation that writes, carried out once: what holds for all of them is held here for all of them.

use std::collections::BTreeSet;
use std::time::Duration;

use desk_sim::Seed;
use serde_json::{Value, json};

use crate::support::{CONTRACT, Center, MISSING, PARAMETER, REQUEST, merged, text};

/// The operations of the contract that change something.
fn writing() -> BTreeSet<String> {
    let names = CONTRACT["operations"].as_array().unwrap().iter().map(|operation| text(&operation["name"]));
    names
        .filter(|name| !["Describe", "List", "Search", "Get"].iter().any(|verb| name.starts_with(verb)))
        .collect()
}

/// Carries out every one of them on the guide's house; says which were.
pub async fn every_write(center: &Center) -> BTreeSet<String> {
    let world = center.control("GET", "/world", Value::Null).await.1;
    let id = |kind: &str, name: &str| text(&world[kind][name]["id"]);
    let (john, aaron) = (id("users", "john.doe"), id("users", "aaron.fields"));
    let (desk, basic) = (id("queues", "Help Desk"), id("queues", "BasicQueue"));
    let profile = id("routing_profiles", "Contact Tracers Profile");
    let hours = id("hours_of_operations", "Basic Hours");
    let pair = |queue: &str| json!({ "QueueId": queue, "Channel": "VOICE" });
    let routed = |queue: &str| json!([{ "QueueReference": pair(queue), "Priority": 2, "Delay": 30 }]);
    let proficiency =
        |level: f64| json!([{ "AttributeName": "Product", "AttributeValue": "Testing", "Level": level }]);
    let number =
        json!({ "QuickConnectType": "PHONE_NUMBER", "PhoneConfig": { "PhoneNumber": "+15550100119" } });
    let voice = json!([{ "Channel": "VOICE", "Concurrency": 1 }]);
    let day = json!([{ "Day": "MONDAY", "StartTime": { "Hours": 9, "Minutes": 0 }, "EndTime": { "Hours": 12, "Minutes": 30 } }]);
    let new = center.new_agent("new.agent").await;
    // What a step makes is an id that later steps name as `$name`.
    let mut made: Vec<(&str, String)> = Vec::new();
    let mut done = BTreeSet::new();
    for (operation, input, makes) in table! {
        ("CreateUser", new, Some(("user", "UserId"))),
        ("UpdateUserIdentityInfo", json!({ "UserId": "$user", "IdentityInfo": { "FirstName": "Newer", "LastName": "Agent" } }), None),
        ("UpdateUserPhoneConfig", json!({ "UserId": "$user", "PhoneConfig": { "AutoAccept": true } }), None),
        ("UpdateUserConfig", json!({ "UserId": "$user", "AutoAcceptConfigs": [{ "Channel": "CHAT", "AutoAccept": true }] }), None),
        ("UpdateUserRoutingProfile", json!({ "UserId": "$user", "RoutingProfileId": profile }), None),
        ("UpdateUserSecurityProfiles", json!({ "UserId": "$user", "SecurityProfileIds": [id("security_profiles", "Supervisor")] }), None),
        ("AssociateUserProficiencies", json!({ "UserId": "$user", "UserProficiencies": proficiency(2.0) }), None),
        ("UpdateUserProficiencies", json!({ "UserId": "$user", "UserProficiencies": proficiency(4.0) }), None),
        ("DisassociateUserProficiencies", json!({ "UserId": john, "UserProficiencies": [{ "AttributeName": "Language", "AttributeValue": "Spanish" }] }), None),
        (
            "UpdateUserHierarchyStructure",
            json!({ "HierarchyStructure": { "LevelOne": { "Name": "Region" }, "LevelTwo": { "Name": "Team" }, "LevelThree": { "Name": "Role" }, "LevelFour": { "Name": "Shift" } } }),
            None,
        ),
        ("CreateUserHierarchyGroup", json!({ "Name": "Night", "ParentGroupId": id("hierarchy_groups", "Leads East") }), Some(("group", "HierarchyGroupId"))),
        ("UpdateUserHierarchyGroupName", json!({ "HierarchyGroupId": "$group", "Name": "Late" }), None),
        ("UpdateUserHierarchy", json!({ "UserId": "$user", "HierarchyGroupId": "$group" }), None),
        ("CreateUserHierarchyGroup", json!({ "Name": "Short-lived" }), Some(("empty", "HierarchyGroupId"))),
        ("DeleteUserHierarchyGroup", json!({ "HierarchyGroupId": "$empty" }), None),
        ("CreateAgentStatus", json!({ "Name": "Coaching", "State": "ENABLED", "DisplayOrder": 7 }), Some(("status", "AgentStatusId"))),
        ("UpdateAgentStatus", json!({ "AgentStatusId": "$status", "Name": "Coached", "Description": "With a coach." }), None),
        ("CreateQuickConnect", json!({ "Name": "Desk", "QuickConnectConfig": number }), Some(("quick", "QuickConnectId"))),
        (
            "UpdateQuickConnectConfig",
            json!({ "QuickConnectId": "$quick", "QuickConnectConfig": { "QuickConnectType": "USER", "UserConfig": { "UserId": aaron, "ContactFlowId": id("contact_flows", "Default agent transfer") } } }),
            None,
        ),
        ("UpdateQuickConnectName", json!({ "QuickConnectId": "$quick", "Name": "Aaron" }), None),
        ("DeleteQuickConnect", json!({ "QuickConnectId": id("quick_connects", "Food bank") }), None),
        ("CreateQueue", json!({ "Name": "Nights", "HoursOfOperationId": hours, "QuickConnectIds": ["$quick"] }), Some(("queue", "QueueId"))),
        ("UpdateQueueName", json!({ "QueueId": "$queue", "Name": "Late calls", "Description": "After six." }), None),
        ("UpdateQueueStatus", json!({ "QueueId": basic, "Status": "DISABLED" }), None),
        ("UpdateQueueHoursOfOperation", json!({ "QueueId": "$queue", "HoursOfOperationId": id("hours_of_operations", "Around the Clock") }), None),
        ("UpdateQueueMaxContacts", json!({ "QueueId": "$queue", "MaxContacts": 0 }), None),
        (
            "UpdateQueueOutboundCallerConfig",
            json!({ "QueueId": "$queue", "OutboundCallerConfig": { "OutboundCallerIdName": "County", "OutboundCallerIdNumberId": id("phone_numbers", "+15550100300"), "OutboundFlowId": id("contact_flows", "Default outbound") } }),
            None,
        ),
        ("AssociateQueueQuickConnects", json!({ "QueueId": desk, "QuickConnectIds": ["$quick"] }), None),
        ("DisassociateQueueQuickConnects", json!({ "QueueId": id("queues", "Callback"), "QuickConnectIds": [id("quick_connects", "John Doe")] }), None),
        ("CreateQueue", json!({ "Name": "Mistake", "HoursOfOperationId": hours }), Some(("mistake", "QueueId"))),
        ("DeleteQueue", json!({ "QueueId": "$mistake" }), None),
        (
            "CreateRoutingProfile",
            json!({ "Name": "Night Profile", "Description": "After six.", "DefaultOutboundQueueId": "$queue", "MediaConcurrencies": voice, "QueueConfigs": routed("$queue") }),
            Some(("profile", "RoutingProfileId")),
        ),
        ("UpdateRoutingProfileName", json!({ "RoutingProfileId": "$profile", "Name": "Late Profile" }), None),
        ("UpdateRoutingProfileConcurrency", json!({ "RoutingProfileId": "$profile", "MediaConcurrencies": [voice[0], { "Channel": "TASK", "Concurrency": 4 }] }), None),
        ("UpdateRoutingProfileDefaultOutboundQueue", json!({ "RoutingProfileId": "$profile", "DefaultOutboundQueueId": desk }), None),
        ("UpdateRoutingProfileAgentAvailabilityTimer", json!({ "RoutingProfileId": "$profile", "AgentAvailabilityTimer": "TIME_SINCE_LAST_INBOUND" }), None),
        (
            "AssociateRoutingProfileQueues",
            json!({ "RoutingProfileId": "$profile", "QueueConfigs": routed(&desk), "ManualAssignmentQueueConfigs": [{ "QueueReference": { "QueueId": desk, "Channel": "TASK" } }] }),
            None,
        ),
        ("UpdateRoutingProfileQueues", json!({ "RoutingProfileId": "$profile", "QueueConfigs": [{ "QueueReference": pair(&desk), "Priority": 9, "Delay": 0 }] }), None),
        ("DisassociateRoutingProfileQueues", json!({ "RoutingProfileId": "$profile", "QueueReferences": [pair("$queue")] }), None),
        ("CreateRoutingProfile", json!({ "Name": "Mistake", "Description": "None.", "DefaultOutboundQueueId": desk, "MediaConcurrencies": voice }), Some(("mistaken", "RoutingProfileId"))),
        ("DeleteRoutingProfile", json!({ "RoutingProfileId": "$mistaken" }), None),
        (
            "CreateHoursOfOperationOverride",
            json!({ "HoursOfOperationId": hours, "Name": "Half day", "Config": day, "EffectiveFrom": "2026-03-02", "EffectiveTill": "2026-03-02" }),
            Some(("override", "HoursOfOperationOverrideId")),
        ),
        ("UpdateHoursOfOperationOverride", json!({ "HoursOfOperationId": hours, "HoursOfOperationOverrideId": "$override", "EffectiveTill": "2026-03-09" }), None),
        (
            "CreateHoursOfOperationOverride",
            json!({ "HoursOfOperationId": hours, "Name": "Mistake", "Config": [], "EffectiveFrom": "2026-04-01", "EffectiveTill": "2026-04-01" }),
            Some(("wrong", "HoursOfOperationOverrideId")),
        ),
        ("DeleteHoursOfOperationOverride", json!({ "HoursOfOperationId": hours, "HoursOfOperationOverrideId": "$wrong" }), None),
        ("PutUserStatus", json!({ "UserId": aaron, "AgentStatusId": "$status" }), None),
        ("StartTaskContact", json!({ "QuickConnectId": id("quick_connects", "Help desk"), "Name": "Test", "ClientToken": "once" }), None),
        ("StartTaskContact", json!({ "QuickConnectId": id("quick_connects", "Help desk"), "Name": "Mistake" }), Some(("task", "ContactId"))),
        ("StopContact", json!({ "ContactId": "$task" }), None),
        ("DismissUserContact", json!({ "UserId": id("users", "priya.nair"), "ContactId": "$missed" }), None),
        ("TagResource", json!({ "resourceArn": world["users"]["omar.aziz"]["arn"], "tags": { "a": "b" } }), None),
        ("UntagResource", json!({ "resourceArn": world["users"]["john.doe"]["arn"], "tagKeys": ["site"] }), None),
        ("DeleteUser", json!({ "UserId": id("users", "mei.chen") }), None),
    } {
        if operation == "DismissUserContact" {
            let missed = json!({ "signed_in": true, "on_contact": [{ "channel": "CHAT", "state": "MISSED" }, { "channel": "TASK" }] });
            assert_eq!(center.control("PUT", "/users/priya.nair/presence", missed).await.0, 200);
            let world = center.control("GET", "/world", Value::Null).await.1;
            let contacts = world["users"]["priya.nair"]["presence"]["contacts"].as_array().unwrap();
            let missed = contacts.iter().find(|contact| contact["state"] == "MISSED").unwrap();
            made.push(("missed", text(&missed["id"])));
        }
        let mut input = input.to_string();
        for (name, id) in &made {
            input = input.replace(&format!("\"${name}\""), &format!("\"{id}\""));
        }
        let output = center.ok(operation, serde_json::from_str(&input).unwrap()).await;
        made.extend(makes.map(|(name, member)| (name, text(&output[member]))));
        done.insert(operation.to_owned());
    }
    done
}

/// What reads see: the first page of all lists, or of all searches.
async fn seen(center: &Center, verb: &str) -> Value {
    let mut seen = json!({});
    for operation in CONTRACT["operations"].as_array().unwrap() {
        let name = text(&operation["name"]);
        let members = CONTRACT["shapes"][operation["input"].as_str().unwrap()]["members"].as_array().unwrap();
        let needs = members.iter().any(|member| member["required"] == true && member["name"] != "InstanceId");
        if name.starts_with(verb) && !needs {
            // A token says when it was made.
            seen[&name] = merged(center.ok(&name, json!({})).await, json!({ "NextToken": null }));
        }
    }
    seen
}

#[tokio::test]
async fn every_operation_that_writes_is_among_them() {
    assert_eq!(every_write(&Center::guide()).await, writing());
}

#[tokio::test]
async fn reads_lag_behind_every_write_and_searches_lag_longer() {
    let center = Center::guide();
    let lists = seen(&center, "List").await;
    let searches = seen(&center, "Search").await;
    center.set(json!({ "lag_ms": 1_000, "search_lag_ms": 5_000 })).await;
    every_write(&center).await;
    assert_eq!(seen(&center, "List").await, lists);
    assert_eq!(seen(&center, "Search").await, searches);
    center.clock.pass(Duration::from_millis(1_000));
    let later = seen(&center, "List").await;
    assert_ne!(later, lists);
    assert_eq!(seen(&center, "Search").await, searches);
    center.clock.pass(Duration::from_millis(4_000));
    assert_ne!(seen(&center, "Search").await, searches);
    // Once the lag is over, reads see the current state.
    center.set(json!({ "lag_ms": 0, "search_lag_ms": 0 })).await;
    assert_eq!(seen(&center, "List").await, later);
}

#[tokio::test]
async fn ids_of_one_kind_are_none_of_another() {
    let center = Center::with(|options| options.seed = Seed::Untidy);
    let before = center.world().await;
    let flow = center.named("contact_flows", "Task intake").await;
    for operation in CONTRACT["operations"].as_array().unwrap() {
        let name = text(&operation["name"]);
        let uri = text(&operation["uri"]);
        // Everything that is named in the path gets the id of a flow.
        let named: Vec<_> =
            uri.split(['{', '}']).skip(1).step_by(2).filter(|name| *name != "InstanceId").collect();
        if named.is_empty()
            || named.iter().any(|name| ["ContactFlowId", "resourceArn+", "AttributeType"].contains(name))
        {
            continue;
        }
        let members = CONTRACT["shapes"][operation["input"].as_str().unwrap()]["members"].as_array().unwrap();
        let mut input = json!({});
        for member in
            members.iter().filter(|member| member["required"] == true && member["name"] != "InstanceId")
        {
            let name = text(&member["name"]);
            input[&name] = if named.contains(&&*name) {
                json!(flow)
            } else {
                crate::requests::some(&text(&member["shape"]))
            };
        }
        let refused = center.refused(&name, input).await;
        let wanted = [MISSING, REQUEST, PARAMETER];
        assert!(wanted.contains(&&*refused), "{name}: {refused}");
    }
    assert_eq!(center.world().await, before);
}

//! Who is signed in, and in which status.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Center, MISSING, PARAMETER, START, each, text};

async fn active(center: &Center, filters: Value) -> Vec<String> {
    let output = center.ok("GetCurrentUserData", json!({ "Filters": filters })).await;
    let users = output["UserDataList"].as_array().unwrap().clone();
    assert_eq!(output["ApproximateTotalCount"], users.len());
    let mut logins = Vec::new();
    for user in users {
        let described = center.ok("DescribeUser", json!({ "UserId": user["User"]["Id"] })).await;
        logins.push(text(&described["User"]["Username"]));
    }
    logins
}

async fn data(center: &Center, login: &str) -> Value {
    let id = center.user_id(login).await;
    let output = center.ok("GetCurrentUserData", json!({ "Filters": { "Agents": [id] } })).await;
    output["UserDataList"].get(0).cloned().unwrap_or_default()
}

async fn status(center: &Center, login: &str, status: &str) -> (u16, Value) {
    let status = center.named("agent_statuses", status).await;
    let user = center.user_id(login).await;
    center.call("PutUserStatus", json!({ "UserId": user, "AgentStatusId": status })).await
}

#[tokio::test]
async fn each_filter_finds_its_own_and_nobody_who_is_signed_out() {
    let center = Center::guide();
    let queue = center.named("queues", "Case Investigation").await;
    let profile = center.named("routing_profiles", "Resource Coordinator Profile").await;
    let group = center.named("hierarchy_groups", "Eastern Region").await;
    let (john, alice) = (center.user_id("john.doe").await, center.user_id("alice.brook").await);
    let investigators = ["aaron.fields", "abigail.stone", "jamal.reed"];
    assert_eq!(active(&center, json!({ "Queues": [queue] })).await, investigators);
    let coordinators = ["alice.brook", "diana.price", "karen.white", "priya.nair"];
    assert_eq!(active(&center, json!({ "RoutingProfiles": [profile] })).await, coordinators);
    assert_eq!(active(&center, json!({ "Agents": [john, alice] })).await, ["alice.brook"]);
    let eastern = ["aaron.fields", "abigail.stone", "amara.okafor", "jamal.reed"];
    assert_eq!(active(&center, json!({ "UserHierarchyGroups": [group] })).await, eastern);
    assert_eq!(
        active(&center, json!({ "ContactFilter": { "ContactStates": ["CONNECTED"] } })).await,
        ["abigail.stone"]
    );
    let missed = json!({ "Queues": [queue], "ContactFilter": { "ContactStates": ["MISSED"] } });
    assert!(active(&center, missed).await.is_empty());
    for (filters, wanted) in [
        (json!({}), PARAMETER),
        (json!({ "Queues": [queue], "Agents": [john] }), PARAMETER),
        (json!({ "UserHierarchyGroups": [group, group] }), PARAMETER),
        (json!({ "Agents": ["no one"] }), MISSING),
        (json!({ "Queues": ["nothing"] }), MISSING),
    ] {
        assert_eq!(
            center.refused("GetCurrentUserData", json!({ "Filters": filters.clone() })).await,
            wanted,
            "{filters}"
        );
    }
}

#[tokio::test]
async fn somebody_on_a_contact_is_shown_with_it() {
    let center = Center::guide();
    let abigail = data(&center, "abigail.stone").await;
    assert_eq!(abigail["Status"]["StatusName"], "Available");
    assert_eq!(abigail["Status"]["StatusStartTimestamp"], START - 17.0 * 60.0);
    let contact = &abigail["Contacts"][0];
    assert_eq!((&contact["Channel"], &contact["AgentContactState"]), (&json!("VOICE"), &json!("CONNECTED")));
    assert_eq!(contact["ConnectedToAgentTimestamp"], START - 6.0 * 60.0);
    assert_eq!(contact["Queue"]["Id"], center.named("queues", "Case Investigation").await);
    assert_eq!(abigail["MaxSlotsByChannel"], json!({ "VOICE": 1, "CHAT": 2, "TASK": 2 }));
    assert_eq!(abigail["ActiveSlotsByChannel"], json!({ "VOICE": 1, "CHAT": 0, "TASK": 0 }));
    assert_eq!(abigail["AvailableSlotsByChannel"], json!({ "VOICE": 0, "CHAT": 2, "TASK": 2 }));
    let levels = abigail["HierarchyPath"].as_object().unwrap();
    assert_eq!(levels.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>().len(), 3);
}

#[tokio::test]
async fn a_status_is_set_at_once_or_after_the_contact() {
    let center = Center::guide();
    center.clock.pass(Duration::from_secs(1));
    assert_eq!(status(&center, "aaron.fields", "Break").await.0, 200);
    let aaron = data(&center, "aaron.fields").await;
    assert_eq!(aaron["Status"]["StatusName"], "Break");
    assert_eq!(aaron["Status"]["StatusStartTimestamp"], START + 1.0);

    assert_eq!(status(&center, "abigail.stone", "Lunch").await.0, 200);
    let abigail = data(&center, "abigail.stone").await;
    assert_eq!(
        (&abigail["Status"]["StatusName"], &abigail["NextStatus"]),
        (&json!("Available"), &json!("Lunch"))
    );
    // The contact ends.
    let (_, ended) =
        center.control("PUT", "/users/abigail.stone/presence", json!({ "signed_in": true })).await;
    assert_eq!(ended["presence"]["status"], "Lunch");
    let abigail = data(&center, "abigail.stone").await;
    assert_eq!(abigail["Status"]["StatusName"], "Lunch");
    assert_eq!(abigail["Status"]["StatusStartTimestamp"], START + 1.0);
    assert!(abigail["NextStatus"].is_null() && abigail["Contacts"] == json!([]));

    let (refused, answer) = status(&center, "john.doe", "Available").await;
    assert_eq!((refused, &answer["__type"]), (400, &json!("InvalidRequestException")));
    let aaron = center.user_id("aaron.fields").await;
    let unknown = json!({ "UserId": aaron, "AgentStatusId": "nothing" });
    assert_eq!(center.refused("PutUserStatus", unknown).await, MISSING);
}

#[tokio::test]
async fn people_come_and_go_by_the_control_path() {
    let center = Center::guide();
    let john = || async { data(&center, "john.doe").await };
    let set = |body: Value| async { center.control("PUT", "/users/john.doe/presence", body).await };
    assert!(john().await.is_null());
    let (status, answer) = set(json!({ "signed_in": true })).await;
    assert_eq!((status, &answer["presence"]["status"]), (200, &json!("Available")));
    set(json!({ "signed_in": true, "status": "Training", "since": START - 60.5 })).await;
    assert_eq!(john().await["Status"]["StatusStartTimestamp"], START - 60.5);
    set(json!({ "signed_in": true, "on_contact": "CHAT" })).await;
    let on_chat = john().await;
    assert_eq!(each(&on_chat["Contacts"], "Channel"), ["CHAT"]);
    assert_eq!(on_chat["Status"]["StatusName"], "Training");
    set(json!({ "signed_in": true, "on_contact": true })).await;
    assert_eq!(each(&john().await["Contacts"], "Channel"), ["VOICE"]);
    set(json!({ "signed_in": false })).await;
    assert!(john().await.is_null());
    for (path, body, wanted) in [
        ("/users/john.doe/presence", json!({ "signed_in": true, "status": "Sleeping" }), 400),
        ("/users/john.doe/presence", json!({ "signed_in": false, "status": "Offline" }), 400),
        ("/users/john.doe/presence", json!({ "signed_in": "yes" }), 400),
        ("/users/john.doe/presence", json!({ "signed_in": true, "mood": "good" }), 400),
        ("/users/not.there/presence", json!({ "signed_in": true }), 404),
    ] {
        let (status, answer) = center.control("PUT", path, body).await;
        assert_eq!(status, wanted, "{answer}");
    }
    // Who is removed is signed out.
    set(json!({ "signed_in": true })).await;
    let id = center.user_id("john.doe").await;
    center.ok("DeleteUser", json!({ "UserId": id })).await;
    let everybody = json!({ "Filters": { "ContactFilter": {} } });
    assert_eq!(center.ok("GetCurrentUserData", everybody).await["ApproximateTotalCount"], 8);
}

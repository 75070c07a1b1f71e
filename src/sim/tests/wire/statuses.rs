//! Agent statuses: made, changed, put in order, disabled, and never deleted.

use serde_json::{Value, json};

use crate::support::{Center, merged, text};

async fn status(center: &Center, name: &str) -> Value {
    json!({ "AgentStatusId": center.named("agent_statuses", name).await })
}

async fn described(center: &Center, id: &Value) -> Value {
    center.ok("DescribeAgentStatus", id.clone()).await["AgentStatus"].take()
}

#[tokio::test]
async fn a_status_is_made_shown_changed_and_disabled() {
    let center = Center::guide();
    let input = json!({ "Name": "Coaching", "Description": "With a coach.", "State": "ENABLED", "DisplayOrder": 3, "Tags": { "a": "b" } });
    let made = center.ok("CreateAgentStatus", input.clone()).await;
    let id = json!({ "AgentStatusId": made["AgentStatusId"] });
    let shown = described(&center, &id).await;
    assert_eq!(shown["AgentStatusARN"], made["AgentStatusARN"]);
    for (member, value) in [
        ("Type", json!("CUSTOM")),
        ("State", json!("ENABLED")),
        ("DisplayOrder", json!(3)),
        ("Tags", json!({ "a": "b" })),
    ] {
        assert_eq!(shown[member], value, "{member}");
    }
    for (change, member, value) in [
        (json!({ "Name": "Coached" }), "Name", json!("Coached")),
        (json!({ "Description": "" }), "Description", Value::Null),
        (json!({ "State": "DISABLED" }), "State", json!("DISABLED")),
        (json!({ "DisplayOrder": 50 }), "DisplayOrder", json!(50)),
        (json!({ "ResetOrderNumber": true }), "DisplayOrder", Value::Null),
    ] {
        let before = described(&center, &id).await;
        center.ok("UpdateAgentStatus", merged(id.clone(), change.clone())).await;
        let mut after = described(&center, &id).await;
        assert_eq!(after[member].take(), value, "{change}");
        assert_eq!(
            merged(after, json!({ member: null })),
            merged(before, json!({ member: null })),
            "{change}"
        );
    }
    // The search has what the list has not.
    let found = center.ok("SearchAgentStatuses", json!({})).await["AgentStatuses"].take();
    let found = found.as_array().unwrap().iter().find(|status| status["Name"] == "Coached").unwrap().clone();
    assert_eq!(found, described(&center, &id).await);
    // No user is put into a disabled status.
    let aaron = center.user_id("aaron.fields").await;
    let disabled = json!({ "UserId": aaron, "AgentStatusId": made["AgentStatusId"] });
    assert_eq!(center.refused("PutUserStatus", disabled).await, "400 InvalidParameterException");
}

#[tokio::test]
async fn what_a_status_cannot_be_is_refused() {
    let center = Center::guide();
    let before = center.world().await;
    let (duplicate, parameter, request) =
        ("409 DuplicateResourceException", "400 InvalidParameterException", "400 InvalidRequestException");
    let new = json!({ "Name": "New", "State": "ENABLED" });
    for (change, wanted) in [
        (json!({ "Name": "Lunch" }), duplicate),
        (json!({ "Name": "" }), parameter),
        (json!({ "Name": "x".repeat(128) }), parameter),
        (json!({ "Name": "Cafe\u{301}" }), parameter),
        (json!({ "Description": "" }), parameter),
        (json!({ "DisplayOrder": 51 }), parameter),
        (json!({ "DisplayOrder": 0 }), parameter),
        (json!({ "State": "HIDDEN" }), parameter),
        (json!({ "State": null }), request),
        (json!({ "Name": null }), request),
    ] {
        assert_eq!(
            center.refused("CreateAgentStatus", merged(new.clone(), change.clone())).await,
            wanted,
            "{change}"
        );
    }
    let lunch = status(&center, "Lunch").await;
    for (id, change, wanted) in [
        (&lunch, json!({ "Name": "Break" }), duplicate),
        (&lunch, json!({ "DisplayOrder": 2, "ResetOrderNumber": true }), request),
        (&lunch, json!({ "Description": "x".repeat(251) }), parameter),
        (&status(&center, "Available").await, json!({ "State": "DISABLED" }), parameter),
        (&status(&center, "Offline").await, json!({ "Name": "Away", "State": "DISABLED" }), parameter),
        (&json!({ "AgentStatusId": "nothing" }), json!({ "Name": "Away" }), "404 ResourceNotFoundException"),
    ] {
        assert_eq!(
            center.refused("UpdateAgentStatus", merged(id.clone(), change.clone())).await,
            wanted,
            "{change}"
        );
    }
    assert_eq!(center.world().await, before);
    // The two that every instance has may have other names.
    let available = status(&center, "Available").await;
    center.ok("UpdateAgentStatus", merged(available.clone(), json!({ "Name": "Ready" }))).await;
    assert_eq!(described(&center, &available).await["Type"], "ROUTABLE");
}

#[tokio::test]
async fn an_instance_has_fifty_statuses_disabled_or_not() {
    let center = Center::guide();
    for number in 7..=50 {
        let state = if number % 2 == 0 { "ENABLED" } else { "DISABLED" };
        center.ok("CreateAgentStatus", json!({ "Name": format!("Status {number}"), "State": state })).await;
    }
    let one_more = json!({ "Name": "One more", "State": "ENABLED" });
    let (status, answer) = center.call("CreateAgentStatus", one_more).await;
    assert_eq!((status, text(&answer["__type"])), (429, "LimitExceededException".to_owned()));
}

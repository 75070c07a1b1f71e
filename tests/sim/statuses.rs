//! Agent statuses: made, changed, put in order, disabled, and never deleted.

use serde_json::{Value, json};

use crate::support::{Center, DUPLICATE, FULL, MISSING, PARAMETER, REQUEST};

#[tokio::test]
async fn a_status_is_made_shown_changed_and_disabled() {
    let center = Center::guide();
    let input = json!({ "Name": "Coaching", "Description": "With a coach.", "State": "ENABLED", "DisplayOrder": 3, "Tags": { "a": "b" } });
    let made = center.ok("CreateAgentStatus", input.clone()).await;
    let id = json!({ "AgentStatusId": made["AgentStatusId"] });
    let shown = center.shown("DescribeAgentStatus", &id).await;
    assert_eq!((&shown["AgentStatusARN"], &shown["Type"]), (&made["AgentStatusARN"], &json!("CUSTOM")));
    for member in ["State", "DisplayOrder", "Tags"] {
        assert_eq!(shown[member], input[member], "{member}");
    }
    center
        .changes(
            "DescribeAgentStatus",
            &id,
            table! {
                ("UpdateAgentStatus", json!({ "Name": "Coached" }), "Name", json!("Coached")),
                ("UpdateAgentStatus", json!({ "Description": "" }), "Description", Value::Null),
                ("UpdateAgentStatus", json!({ "State": "DISABLED" }), "State", json!("DISABLED")),
                ("UpdateAgentStatus", json!({ "DisplayOrder": 50 }), "DisplayOrder", json!(50)),
                ("UpdateAgentStatus", json!({ "ResetOrderNumber": true }), "DisplayOrder", Value::Null),
            },
        )
        .await;
    // The search has what the list has not.
    let found = center.ok("SearchAgentStatuses", json!({})).await["AgentStatuses"].take();
    let found = found.as_array().unwrap().iter().find(|status| status["Name"] == "Coached").unwrap();
    assert_eq!(*found, center.shown("DescribeAgentStatus", &id).await);
    // No user is put into a disabled status.
    let disabled = json!({ "UserId": "@users/aaron.fields", "AgentStatusId": made["AgentStatusId"] });
    assert_eq!(center.refused("PutUserStatus", disabled).await, PARAMETER);
}

#[tokio::test]
async fn what_a_status_cannot_be_is_refused() {
    let center = Center::guide();
    let before = center.world().await;
    center
        .refuses(
            "CreateAgentStatus",
            &json!({ "Name": "New", "State": "ENABLED" }),
            table! {
                (json!({ "Name": "Lunch" }), DUPLICATE),
                (json!({ "Name": "" }), PARAMETER),
                (json!({ "Name": "x".repeat(128) }), PARAMETER),
                (json!({ "Name": "Cafe\u{301}" }), PARAMETER),
                (json!({ "Description": "" }), PARAMETER),
                (json!({ "DisplayOrder": 51 }), PARAMETER),
                (json!({ "DisplayOrder": 0 }), PARAMETER),
                (json!({ "State": "HIDDEN" }), PARAMETER),
                (json!({ "State": null }), REQUEST),
                (json!({ "Name": null }), REQUEST),
            },
        )
        .await;
    center
        .refuses("UpdateAgentStatus", &json!({ "AgentStatusId": "@agent_statuses/Lunch" }), table! {
            (json!({ "Name": "Break" }), DUPLICATE),
            (json!({ "DisplayOrder": 2, "ResetOrderNumber": true }), REQUEST),
            (json!({ "Description": "x".repeat(251) }), PARAMETER),
            (json!({ "AgentStatusId": "@agent_statuses/Available", "State": "DISABLED" }), PARAMETER),
            (json!({ "AgentStatusId": "@agent_statuses/Offline", "Name": "Away", "State": "DISABLED" }), PARAMETER),
            (json!({ "AgentStatusId": "nothing", "Name": "Away" }), MISSING),
        })
        .await;
    assert_eq!(center.world().await, before);
    // The two that every instance has may have other names.
    let available = json!({ "AgentStatusId": "@agent_statuses/Available", "Name": "Ready" });
    center.ok("UpdateAgentStatus", available).await;
    let ready = json!({ "AgentStatusId": "@agent_statuses/Ready" });
    assert_eq!(center.shown("DescribeAgentStatus", &ready).await["Type"], "ROUTABLE");
}

#[tokio::test]
async fn an_instance_has_fifty_statuses_disabled_or_not() {
    let center = Center::guide();
    let status = |number: u8| json!({ "Name": format!("Status {number}"), "State": if number.is_multiple_of(2) { "ENABLED" } else { "DISABLED" } });
    for number in 7..=50 {
        center.ok("CreateAgentStatus", status(number)).await;
    }
    assert_eq!(center.refused("CreateAgentStatus", status(51)).await, FULL);
}

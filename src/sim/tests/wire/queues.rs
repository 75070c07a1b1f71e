//! Queues: made, changed side by side, and deleted when nothing needs them.

use serde_json::{Value, json};

use crate::support::{Center, merged, text};

async fn new_queue(center: &Center) -> Value {
    json!({ "Name": "Nights", "HoursOfOperationId": center.named("hours_of_operations", "Basic Hours").await })
}

async fn described(center: &Center, id: &Value) -> Value {
    center.ok("DescribeQueue", id.clone()).await["Queue"].take()
}

#[tokio::test]
async fn a_queue_is_made_and_each_side_of_it_changed() {
    let center = Center::guide();
    let number = center.named("phone_numbers", "+15550100301").await;
    let flow = center.named("contact_flows", "Default outbound").await;
    let desk = center.named("quick_connects", "Help desk").await;
    let caller = json!({ "OutboundCallerIdName": "County", "OutboundCallerIdNumberId": number, "OutboundFlowId": flow });
    let more = json!({ "Description": "After six.", "MaxContacts": 10, "OutboundCallerConfig": caller, "QuickConnectIds": [desk], "Tags": { "a": "b" } });
    let made = center.ok("CreateQueue", merged(new_queue(&center).await, more)).await;
    let id = json!({ "QueueId": made["QueueId"] });
    let shown = described(&center, &id).await;
    assert_eq!((&shown["QueueArn"], &shown["Status"]), (&made["QueueArn"], &json!("ENABLED")));
    assert_eq!((&shown["OutboundCallerConfig"], &shown["MaxContacts"]), (&caller, &json!(10)));
    assert!(shown["QuickConnectIds"].is_null());
    assert_eq!(center.world().await["queues"]["Nights"]["quick_connects"], json!(["Help desk"]));
    let around = center.named("hours_of_operations", "Around the Clock").await;
    for (operation, change, member, value) in [
        ("UpdateQueueName", json!({ "Name": "Late calls" }), "Name", json!("Late calls")),
        ("UpdateQueueName", json!({ "Description": "After seven." }), "Description", json!("After seven.")),
        ("UpdateQueueStatus", json!({ "Status": "DISABLED" }), "Status", json!("DISABLED")),
        (
            "UpdateQueueHoursOfOperation",
            json!({ "HoursOfOperationId": around }),
            "HoursOfOperationId",
            json!(around),
        ),
        ("UpdateQueueMaxContacts", json!({ "MaxContacts": 0 }), "MaxContacts", json!(0)),
        ("UpdateQueueMaxContacts", json!({}), "MaxContacts", Value::Null),
        (
            "UpdateQueueOutboundCallerConfig",
            json!({ "OutboundCallerConfig": { "OutboundCallerIdName": "Desk" } }),
            "OutboundCallerConfig",
            json!({ "OutboundCallerIdName": "Desk" }),
        ),
        (
            "UpdateQueueOutboundCallerConfig",
            json!({ "OutboundCallerConfig": {} }),
            "OutboundCallerConfig",
            Value::Null,
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
    let found = center.ok("SearchQueues", json!({})).await["Queues"].take();
    let found = found.as_array().unwrap().iter().find(|queue| queue["Name"] == "Late calls").unwrap().clone();
    assert_eq!(found, described(&center, &id).await, "the search has the whole queue");
}

#[tokio::test]
async fn what_a_queue_cannot_be_is_refused() {
    let center = Center::guide();
    let before = center.world().await;
    let new = new_queue(&center).await;
    let whisper = center.named("contact_flows", "Default agent whisper").await;
    let (duplicate, parameter, request) =
        ("409 DuplicateResourceException", "400 InvalidParameterException", "400 InvalidRequestException");
    for (change, wanted) in [
        (json!({ "Name": "Help Desk" }), duplicate),
        (json!({ "Name": "Cafe\u{301}" }), parameter),
        (json!({ "HoursOfOperationId": null }), request),
        (json!({ "HoursOfOperationId": "nothing" }), parameter),
        (json!({ "Description": "" }), parameter),
        (json!({ "MaxContacts": -1 }), parameter),
        (json!({ "QuickConnectIds": ["nothing"] }), parameter),
        (json!({ "QuickConnectIds": vec!["x"; 51] }), parameter),
        (json!({ "OutboundCallerConfig": { "OutboundCallerIdNumberId": "nothing" } }), parameter),
        (json!({ "OutboundCallerConfig": { "OutboundFlowId": whisper } }), parameter),
        (json!({ "OutboundEmailConfig": { "OutboundEmailAddressId": "x" } }), parameter),
    ] {
        assert_eq!(
            center.refused("CreateQueue", merged(new.clone(), change.clone())).await,
            wanted,
            "{change}"
        );
    }
    let desk = center.named("queues", "Help Desk").await;
    let own = center.user_id("john.doe").await;
    for (operation, change, wanted) in [
        ("UpdateQueueName", json!({ "Name": "Callback" }), duplicate),
        ("UpdateQueueName", json!({ "Description": "" }), parameter),
        ("UpdateQueueName", json!({}), request),
        ("UpdateQueueStatus", json!({ "Status": "CLOSED" }), parameter),
        ("UpdateQueueHoursOfOperation", json!({ "HoursOfOperationId": "nothing" }), parameter),
        ("UpdateQueueOutboundCallerConfig", json!({}), request),
        // An agent's own queue cannot be configured.
        ("UpdateQueueStatus", json!({ "QueueId": own, "Status": "DISABLED" }), request),
        ("DeleteQueue", json!({ "QueueId": own }), request),
    ] {
        let input = merged(json!({ "QueueId": desk }), change.clone());
        assert_eq!(center.refused(operation, input).await, wanted, "{operation} {change}");
    }
    assert_eq!(center.world().await, before);
    center.set(json!({ "queue_quota": 9 })).await;
    assert_eq!(center.refused("CreateQueue", new).await, "429 LimitExceededException");
}

#[tokio::test]
async fn a_queue_goes_when_nothing_leads_to_it() {
    let center = Center::guide();
    let id = json!({ "QueueId": center.named("queues", "Help Desk").await });
    let (status, answer) = center.call("DeleteQueue", id.clone()).await;
    assert_eq!((status, text(&answer["__type"])), (409, "ResourceInUseException".to_owned()));
    let made = center.ok("CreateQueue", new_queue(&center).await).await["QueueId"].take();
    let made = json!({ "QueueId": made });
    let waiting = json!({ "contacts": [{ "channel": "TASK" }] });
    center.control("PUT", "/queues/Nights/waiting", waiting).await;
    assert_eq!(center.refused("DeleteQueue", made.clone()).await, "409 ResourceInUseException");
    center.control("PUT", "/queues/Nights/waiting", json!({ "contacts": [] })).await;
    center.ok("DeleteQueue", made.clone()).await;
    assert_eq!(center.refused("DescribeQueue", made).await, "404 ResourceNotFoundException");
}

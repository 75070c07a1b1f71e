//! Queues: made, changed side by side, and deleted when nothing needs them.

use serde_json::{Value, json};

use crate::support::{Center, DUPLICATE, FULL, IN_USE, MISSING, PARAMETER, REQUEST, merged};

fn new_queue() -> Value {
    json!({ "Name": "Nights", "HoursOfOperationId": "@hours_of_operations/Basic Hours" })
}

#[tokio::test]
async fn a_queue_is_made_and_each_side_of_it_changed() {
    let center = Center::guide();
    let caller = json!({ "OutboundCallerIdName": "County", "OutboundCallerIdNumberId": "@phone_numbers/+15550100301", "OutboundFlowId": "@contact_flows/Default outbound" });
    let more = json!({ "Description": "After six.", "MaxContacts": 10, "OutboundCallerConfig": caller, "QuickConnectIds": ["@quick_connects/Help desk"], "Tags": { "a": "b" } });
    let made = center.ok("CreateQueue", merged(new_queue(), more)).await;
    let id = json!({ "QueueId": made["QueueId"] });
    let shown = center.shown("DescribeQueue", &id).await;
    assert_eq!((&shown["QueueArn"], &shown["Status"]), (&made["QueueArn"], &json!("ENABLED")));
    assert_eq!(
        (&shown["OutboundCallerConfig"], &shown["MaxContacts"]),
        (&center.ids(caller).await, &json!(10))
    );
    assert!(shown["QuickConnectIds"].is_null());
    assert_eq!(center.world().await["queues"]["Nights"]["quick_connects"], json!(["Help desk"]));
    let around = "@hours_of_operations/Around the Clock";
    let desk = json!({ "OutboundCallerIdName": "Desk" });
    center
        .changes("DescribeQueue", &id, table! {
            ("UpdateQueueName", json!({ "Name": "Late calls" }), "Name", json!("Late calls")),
            ("UpdateQueueName", json!({ "Description": "After seven." }), "Description", json!("After seven.")),
            ("UpdateQueueStatus", json!({ "Status": "DISABLED" }), "Status", json!("DISABLED")),
            ("UpdateQueueHoursOfOperation", json!({ "HoursOfOperationId": around }), "HoursOfOperationId", json!(around)),
            ("UpdateQueueMaxContacts", json!({ "MaxContacts": 0 }), "MaxContacts", json!(0)),
            ("UpdateQueueMaxContacts", json!({}), "MaxContacts", Value::Null),
            ("UpdateQueueOutboundCallerConfig", json!({ "OutboundCallerConfig": desk }), "OutboundCallerConfig", desk),
            ("UpdateQueueOutboundCallerConfig", json!({ "OutboundCallerConfig": {} }), "OutboundCallerConfig", Value::Null),
        })
        .await;
    let found = center.ok("SearchQueues", json!({})).await["Queues"].take();
    let found = found.as_array().unwrap().iter().find(|queue| queue["Name"] == "Late calls").unwrap();
    assert_eq!(*found, center.shown("DescribeQueue", &id).await, "the search has the whole queue");
}

#[tokio::test]
async fn what_a_queue_cannot_be_is_refused() {
    let center = Center::guide();
    let before = center.world().await;
    center
        .refuses("CreateQueue", &new_queue(), table! {
            (json!({ "Name": "Help Desk" }), DUPLICATE),
            (json!({ "Name": "Cafe\u{301}" }), PARAMETER),
            (json!({ "HoursOfOperationId": null }), REQUEST),
            (json!({ "HoursOfOperationId": "nothing" }), PARAMETER),
            (json!({ "Description": "" }), PARAMETER),
            (json!({ "MaxContacts": -1 }), PARAMETER),
            (json!({ "QuickConnectIds": ["nothing"] }), PARAMETER),
            (json!({ "QuickConnectIds": vec!["x"; 51] }), PARAMETER),
            (json!({ "OutboundCallerConfig": { "OutboundCallerIdNumberId": "nothing" } }), PARAMETER),
            (json!({ "OutboundCallerConfig": { "OutboundFlowId": "@contact_flows/Default agent whisper" } }), PARAMETER),
            (json!({ "OutboundEmailConfig": { "OutboundEmailAddressId": "x" } }), PARAMETER),
        })
        .await;
    let desk = json!({ "QueueId": "@queues/Help Desk" });
    for (operation, change, wanted) in table! {
        ("UpdateQueueName", json!({ "Name": "Callback" }), DUPLICATE),
        ("UpdateQueueName", json!({ "Description": "" }), PARAMETER),
        ("UpdateQueueName", json!({}), REQUEST),
        ("UpdateQueueStatus", json!({ "Status": "CLOSED" }), PARAMETER),
        ("UpdateQueueHoursOfOperation", json!({ "HoursOfOperationId": "nothing" }), PARAMETER),
        ("UpdateQueueOutboundCallerConfig", json!({}), REQUEST),
        // An agent's own queue cannot be configured.
        ("UpdateQueueStatus", json!({ "QueueId": "@users/john.doe", "Status": "DISABLED" }), REQUEST),
        ("DeleteQueue", json!({ "QueueId": "@users/john.doe" }), REQUEST),
    } {
        center.refuses(operation, &desk, [(change, wanted)]).await;
    }
    assert_eq!(center.world().await, before);
    center.set(json!({ "queue_quota": 9 })).await;
    assert_eq!(center.refused("CreateQueue", new_queue()).await, FULL);
}

#[tokio::test]
async fn a_queue_goes_when_nothing_leads_to_it() {
    let center = Center::guide();
    assert_eq!(center.refused("DeleteQueue", json!({ "QueueId": "@queues/Help Desk" })).await, IN_USE);
    center.ok("CreateQueue", new_queue()).await;
    let nights = center.ids(json!({ "QueueId": "@queues/Nights" })).await;
    center.control("PUT", "/queues/Nights/waiting", json!({ "contacts": [{ "channel": "TASK" }] })).await;
    assert_eq!(center.refused("DeleteQueue", nights.clone()).await, IN_USE);
    center.control("PUT", "/queues/Nights/waiting", json!({ "contacts": [] })).await;
    center.ok("DeleteQueue", nights.clone()).await;
    assert_eq!(center.refused("DescribeQueue", nights).await, MISSING);
}

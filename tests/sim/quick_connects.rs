//! Quick connects and the queues that show them.

use serde_json::{Value, json};

use crate::support::{Center, DUPLICATE, FULL, MISSING, PARAMETER, REQUEST, each};

const FLOW: &str = "@contact_flows/Default queue transfer";

fn to_user(login: &str) -> Value {
    json!({ "QuickConnectType": "USER", "UserConfig": { "UserId": format!("@users/{login}"), "ContactFlowId": "@contact_flows/Default agent transfer" } })
}

fn to_number(number: &str) -> Value {
    json!({ "QuickConnectType": "PHONE_NUMBER", "PhoneConfig": { "PhoneNumber": number } })
}

async fn shown_in(center: &Center, queue: &str) -> Vec<String> {
    let output = center.ok("ListQueueQuickConnects", json!({ "QueueId": format!("@queues/{queue}") })).await;
    each(&output["QuickConnectSummaryList"], "Name").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_quick_connect_is_made_shown_changed_and_deleted() {
    let center = Center::guide();
    let input = json!({ "Name": "Mei", "Description": "tracing", "QuickConnectConfig": to_user("mei.chen"), "Tags": { "a": "b" } });
    let created = center.ok("CreateQuickConnect", input.clone()).await;
    let id = json!({ "QuickConnectId": created["QuickConnectId"] });
    let shown = center.shown("DescribeQuickConnect", &id).await;
    assert_eq!(shown["QuickConnectARN"], created["QuickConnectARN"]);
    for member in ["QuickConnectConfig", "Description", "Tags"] {
        assert_eq!(shown[member], center.ids(input[member].clone()).await, "{member}");
    }
    assert_eq!(center.refused("CreateQuickConnect", input).await, DUPLICATE);
    let both = json!({ "QueueId": "@queues/Help Desk", "QuickConnectIds": ["@quick_connects/Mei", "@quick_connects/Mei"] });
    center.ok("AssociateQueueQuickConnects", both.clone()).await;
    center.ok("AssociateQueueQuickConnects", both).await;
    assert_eq!(shown_in(&center, "Help Desk").await, ["Mei"]);
    let number = to_number("+15550100116");
    center
        .changes("DescribeQuickConnect", &id, table! {
            ("UpdateQuickConnectConfig", json!({ "QuickConnectConfig": number }), "QuickConnectConfig", number),
            ("UpdateQuickConnectName", json!({ "Name": "Front desk" }), "Name", json!("Front desk")),
            ("UpdateQuickConnectName", json!({ "Description": "" }), "Description", Value::Null),
        })
        .await;
    assert_eq!(shown_in(&center, "Help Desk").await, ["Front desk"]);
    center.ok("DeleteQuickConnect", id.clone()).await;
    assert!(shown_in(&center, "Help Desk").await.is_empty());
    assert_eq!(center.refused("DeleteQuickConnect", id).await, MISSING);
}

#[tokio::test]
async fn what_leads_nowhere_and_names_that_are_there_are_refused() {
    let center = Center::guide();
    let config =
        |change: Value| json!({ "QuickConnectConfig": crate::support::merged(to_user("mei.chen"), change) });
    let with_flow =
        |flow: &str| config(json!({ "UserConfig": { "UserId": "@users/mei.chen", "ContactFlowId": flow } }));
    let whole = |config: Value| json!({ "QuickConnectConfig": config });
    center
        .refuses("CreateQuickConnect", &json!({ "Name": "Wrong" }), table! {
            (whole(json!({ "QuickConnectType": "USER" })), REQUEST),
            (config(json!({ "QuickConnectType": "QUEUE" })), REQUEST),
            (config(json!({ "PhoneConfig": { "PhoneNumber": "+15550100117" } })), REQUEST),
            (with_flow("nothing"), PARAMETER),
            (with_flow(FLOW), PARAMETER),
            (whole(json!({ "QuickConnectType": "USER", "UserConfig": { "UserId": "x", "ContactFlowId": FLOW } })), PARAMETER),
            (whole(json!({ "QuickConnectType": "QUEUE", "QueueConfig": { "QueueId": "x", "ContactFlowId": FLOW } })), PARAMETER),
            (whole(to_number("555")), PARAMETER),
            (whole(json!({ "QuickConnectType": "QUEUE", "QueueConfig": { "QueueId": "@queues/Help Desk" } })), REQUEST),
        })
        .await;
    for (name, config) in table! {
        ("Flow", json!({ "QuickConnectType": "FLOW", "FlowConfig": { "ContactFlowId": FLOW } })),
        ("Queue", json!({ "QuickConnectType": "QUEUE", "QueueConfig": { "QueueId": "@queues/Help Desk", "ContactFlowId": FLOW } })),
    } {
        center.ok("CreateQuickConnect", json!({ "Name": name, "QuickConnectConfig": config })).await;
    }
    let bank = json!({ "QuickConnectId": "@quick_connects/Food bank", "Name": "Food bank" });
    center.ok("UpdateQuickConnectName", bank.clone()).await;
    let names = [(json!({ "Name": "Help desk" }), PARAMETER), (json!({ "Name": null }), REQUEST)];
    center.refuses("UpdateQuickConnectName", &bank, names).await;
}

#[tokio::test]
async fn a_removed_user_leaves_quick_connects_that_lead_nowhere() {
    let center = Center::guide();
    let john = center.user_id("john.doe").await;
    center.ok("DeleteUser", json!({ "UserId": john })).await;
    let id = json!({ "QuickConnectId": "@quick_connects/John Doe" });
    let shown = center.shown("DescribeQuickConnect", &id).await;
    assert_eq!(shown["QuickConnectConfig"]["UserConfig"]["UserId"], john);
    assert!(shown_in(&center, "Callback").await.contains(&"John Doe".to_owned()));
    let left = center.world().await["quick_connects"]["John Doe"].take();
    assert_eq!(
        (&left["user"], &left["queues"]),
        (&json!("(gone)"), &json!(["Callback", "Case Investigation"]))
    );
}

#[tokio::test]
async fn queues_take_only_quick_connects_that_are_there() {
    let center = Center::guide();
    let bank = json!({ "QueueId": "@queues/Help Desk", "QuickConnectIds": ["@quick_connects/Food bank"] });
    for operation in ["AssociateQueueQuickConnects", "DisassociateQueueQuickConnects"] {
        center
            .refuses(
                operation,
                &bank,
                table! {
                    (json!({ "QuickConnectIds": ["@quick_connects/Food bank", "nothing"] }), MISSING),
                    (json!({ "QueueId": "nothing" }), MISSING),
                    (json!({ "QuickConnectIds": [] }), PARAMETER),
                    (json!({ "QuickConnectIds": vec!["x"; 51] }), PARAMETER),
                },
            )
            .await;
    }
    assert!(shown_in(&center, "Help Desk").await.is_empty());
    // What is not shown is taken off all the same.
    center.ok("DisassociateQueueQuickConnects", bank).await;
}

#[tokio::test]
async fn an_instance_takes_a_hundred_quick_connects() {
    let center = Center::guide();
    let input = |number: u8| json!({ "Name": format!("Number {number}"), "QuickConnectConfig": to_number("+15550100118") });
    for number in 12..100 {
        center.ok("CreateQuickConnect", input(number)).await;
    }
    assert_eq!(center.refused("CreateQuickConnect", input(100)).await, FULL);
    center.ok("DeleteQuickConnect", json!({ "QuickConnectId": "@quick_connects/Number 99" })).await;
    center.ok("CreateQuickConnect", input(100)).await;
}

//! Quick connects and the queues that show them.

use serde_json::{Value, json};

use crate::support::{Center, each, merged, text};

async fn to_user(center: &Center, login: &str) -> Value {
    let flow = center.named("contact_flows", "Default agent transfer").await;
    let user = center.user_id(login).await;
    json!({ "QuickConnectType": "USER", "UserConfig": { "UserId": user, "ContactFlowId": flow } })
}

async fn shown_in(center: &Center, queue: &str) -> Vec<String> {
    let queue = center.named("queues", queue).await;
    let output = center.ok("ListQueueQuickConnects", json!({ "QueueId": queue })).await;
    each(&output["QuickConnectSummaryList"], "Name").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_quick_connect_is_made_shown_changed_and_deleted() {
    let center = Center::guide();
    let config = to_user(&center, "mei.chen").await;
    let input = json!({ "Name": "Mei", "Description": "tracing", "QuickConnectConfig": config, "Tags": { "a": "b" } });
    let created = center.ok("CreateQuickConnect", input.clone()).await;
    let id = json!({ "QuickConnectId": created["QuickConnectId"] });
    let described = center.ok("DescribeQuickConnect", id.clone()).await["QuickConnect"].take();
    assert_eq!(described["QuickConnectARN"], created["QuickConnectARN"]);
    assert_eq!(described["QuickConnectConfig"], config);
    assert_eq!((&described["Description"], &described["Tags"]), (&json!("tracing"), &json!({ "a": "b" })));
    assert_eq!(center.refused("CreateQuickConnect", input).await, "409 DuplicateResourceException");

    let queue = center.named("queues", "Help Desk").await;
    let both = json!({ "QueueId": queue, "QuickConnectIds": [created["QuickConnectId"], created["QuickConnectId"]] });
    center.ok("AssociateQueueQuickConnects", both.clone()).await;
    center.ok("AssociateQueueQuickConnects", both).await;
    assert_eq!(shown_in(&center, "Help Desk").await, ["Mei"]);

    let number =
        json!({ "QuickConnectType": "PHONE_NUMBER", "PhoneConfig": { "PhoneNumber": "+15550100116" } });
    center.ok("UpdateQuickConnectConfig", merged(id.clone(), json!({ "QuickConnectConfig": number }))).await;
    center
        .ok("UpdateQuickConnectName", merged(id.clone(), json!({ "Name": "Front desk", "Description": "" })))
        .await;
    let described = center.ok("DescribeQuickConnect", id.clone()).await["QuickConnect"].take();
    assert_eq!((&described["Name"], &described["QuickConnectConfig"]), (&json!("Front desk"), &number));
    assert!(described["Description"].is_null());
    assert_eq!(shown_in(&center, "Help Desk").await, ["Front desk"]);

    center.ok("DeleteQuickConnect", id.clone()).await;
    assert!(shown_in(&center, "Help Desk").await.is_empty());
    assert_eq!(center.refused("DeleteQuickConnect", id).await, "404 ResourceNotFoundException");
}

#[tokio::test]
async fn configs_that_lead_nowhere_are_refused() {
    let center = Center::guide();
    let (request, parameter) = ("400 InvalidRequestException", "400 InvalidParameterException");
    let user = to_user(&center, "mei.chen").await;
    let queue_flow = center.named("contact_flows", "Default queue transfer").await;
    let queue = center.named("queues", "Help Desk").await;
    let with_flow = |flow: &str| json!({ "UserConfig": { "UserId": user["UserConfig"]["UserId"], "ContactFlowId": flow } });
    for (config, wanted) in [
        (json!({ "QuickConnectType": "USER" }), request),
        (merged(user.clone(), json!({ "QuickConnectType": "QUEUE" })), request),
        (merged(user.clone(), json!({ "PhoneConfig": { "PhoneNumber": "+15550100117" } })), request),
        (merged(user.clone(), with_flow("nothing")), parameter),
        (merged(user.clone(), with_flow(&queue_flow)), parameter),
        (
            json!({ "QuickConnectType": "USER", "UserConfig": { "UserId": "x", "ContactFlowId": queue_flow } }),
            parameter,
        ),
        (
            json!({ "QuickConnectType": "QUEUE", "QueueConfig": { "QueueId": "x", "ContactFlowId": queue_flow } }),
            parameter,
        ),
        (json!({ "QuickConnectType": "PHONE_NUMBER", "PhoneConfig": { "PhoneNumber": "555" } }), parameter),
        (json!({ "QuickConnectType": "QUEUE", "QueueConfig": { "QueueId": queue } }), request),
    ] {
        let input = json!({ "Name": "Wrong", "QuickConnectConfig": config });
        assert_eq!(center.refused("CreateQuickConnect", input).await, wanted, "{config}");
    }
    let flow = json!({ "QuickConnectType": "FLOW", "FlowConfig": { "ContactFlowId": queue_flow } });
    center.ok("CreateQuickConnect", json!({ "Name": "Flow", "QuickConnectConfig": flow })).await;
    let queue = json!({ "QuickConnectType": "QUEUE", "QueueConfig": { "QueueId": queue, "ContactFlowId": queue_flow } });
    center.ok("CreateQuickConnect", json!({ "Name": "Queue", "QuickConnectConfig": queue })).await;
}

#[tokio::test]
async fn names_are_there_once() {
    let center = Center::guide();
    let id = center.named("quick_connects", "Food bank").await;
    let rename = |name: Value| json!({ "QuickConnectId": id, "Name": name });
    assert_eq!(
        center.refused("UpdateQuickConnectName", rename(json!("Help desk"))).await,
        "400 InvalidParameterException"
    );
    center.ok("UpdateQuickConnectName", rename(json!("Food bank"))).await;
    assert_eq!(
        center.refused("UpdateQuickConnectName", rename(Value::Null)).await,
        "400 InvalidRequestException"
    );
}

#[tokio::test]
async fn a_removed_user_leaves_quick_connects_that_lead_nowhere() {
    let center = Center::guide();
    let john = center.user_id("john.doe").await;
    center.ok("DeleteUser", json!({ "UserId": john })).await;
    let id = center.named("quick_connects", "John Doe").await;
    let described = center.ok("DescribeQuickConnect", json!({ "QuickConnectId": id })).await;
    assert_eq!(described["QuickConnect"]["QuickConnectConfig"]["UserConfig"]["UserId"], john);
    assert!(shown_in(&center, "Callback").await.contains(&"John Doe".to_owned()));
    let world = center.world().await;
    assert_eq!(world["quick_connects"]["John Doe"]["user"], "(gone)");
    assert_eq!(world["quick_connects"]["John Doe"]["queues"], json!(["Callback", "Case Investigation"]));
}

#[tokio::test]
async fn queues_take_only_quick_connects_that_are_there() {
    let center = Center::guide();
    let queue = center.named("queues", "Help Desk").await;
    let known = center.named("quick_connects", "Food bank").await;
    for operation in ["AssociateQueueQuickConnects", "DisassociateQueueQuickConnects"] {
        for (input, wanted) in [
            (
                json!({ "QueueId": queue, "QuickConnectIds": [known, "nothing"] }),
                "404 ResourceNotFoundException",
            ),
            (json!({ "QueueId": "nothing", "QuickConnectIds": [known] }), "404 ResourceNotFoundException"),
            (json!({ "QueueId": queue, "QuickConnectIds": [] }), "400 InvalidParameterException"),
            (json!({ "QueueId": queue, "QuickConnectIds": vec!["x"; 51] }), "400 InvalidParameterException"),
        ] {
            assert_eq!(center.refused(operation, input.clone()).await, wanted, "{operation} {input}");
        }
    }
    assert!(shown_in(&center, "Help Desk").await.is_empty());
    // What is not shown is taken off all the same.
    center
        .ok("DisassociateQueueQuickConnects", json!({ "QueueId": queue, "QuickConnectIds": [known] }))
        .await;
}

#[tokio::test]
async fn an_instance_takes_a_hundred_quick_connects() {
    let center = Center::guide();
    let config =
        json!({ "QuickConnectType": "PHONE_NUMBER", "PhoneConfig": { "PhoneNumber": "+15550100118" } });
    let mut last = String::new();
    for number in 12..100 {
        let input = json!({ "Name": format!("Number {number}"), "QuickConnectConfig": config });
        last = text(&center.ok("CreateQuickConnect", input).await["QuickConnectId"]);
    }
    let one_more = json!({ "Name": "One more", "QuickConnectConfig": config });
    assert_eq!(center.refused("CreateQuickConnect", one_more.clone()).await, "429 LimitExceededException");
    center.ok("DeleteQuickConnect", json!({ "QuickConnectId": last })).await;
    center.ok("CreateQuickConnect", one_more).await;
}

//! Read-after-write lag: reads show what was before, writes act on the truth.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Center, DUPLICATE, MISSING, each, equals};

const LAG: Duration = Duration::from_millis(2_000);

fn lagging() -> Center {
    Center::with(|options| options.lag = LAG)
}

async fn logins(center: &Center, login: &str) -> Vec<String> {
    let output = center.search(equals("Username", login)).await;
    each(&output["Users"], "Username").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_new_user_appears_after_the_lag() {
    let center = lagging();
    let input = center.new_agent("new.agent").await;
    let id = center.create("new.agent", json!({})).await;
    let described = json!({ "UserId": id });
    assert_eq!(center.refused("DescribeUser", described.clone()).await, MISSING);
    assert!(logins(&center, "new.agent").await.is_empty());
    assert_eq!(center.refused("CreateUser", input).await, DUPLICATE, "writes see the truth");
    center.ok("UpdateUserHierarchy", described.clone()).await;
    center.clock.pass(LAG - Duration::from_millis(1));
    assert_eq!(center.refused("DescribeUser", described.clone()).await, MISSING);
    center.clock.pass(Duration::from_millis(1));
    center.ok("DescribeUser", described).await;
    assert_eq!(logins(&center, "new.agent").await, ["new.agent"]);
}

#[tokio::test]
async fn a_removed_user_is_read_until_the_lag_has_passed() {
    let center = lagging();
    let john = json!({ "UserId": center.user_id("john.doe").await });
    center.ok("DeleteUser", john.clone()).await;
    assert_eq!(center.ok("DescribeUser", john.clone()).await["User"]["Username"], "john.doe");
    assert_eq!(logins(&center, "john.doe").await, ["john.doe"]);
    assert_eq!(center.refused("UpdateUserHierarchy", john.clone()).await, MISSING);
    center.clock.pass(LAG);
    assert_eq!(center.refused("DescribeUser", john).await, MISSING);
    assert!(logins(&center, "john.doe").await.is_empty());
}

#[tokio::test]
async fn many_writes_in_flight_are_seen_one_after_the_other() {
    let center = lagging();
    let john = center.user_id("john.doe").await;
    let first_name = || async {
        center.ok("DescribeUser", json!({ "UserId": john })).await["User"]["IdentityInfo"]["FirstName"].take()
    };
    for number in 0..10 {
        let identity = json!({ "FirstName": format!("John {number}"), "LastName": "Doe" });
        center.ok("UpdateUserIdentityInfo", json!({ "UserId": john, "IdentityInfo": identity })).await;
        assert_eq!(first_name().await, "John");
        center.clock.pass(Duration::from_millis(100));
    }
    center.clock.pass(Duration::from_millis(1_000));
    for number in 0..10 {
        assert_eq!(first_name().await, format!("John {number}"));
        center.clock.pass(Duration::from_millis(100));
    }
    assert_eq!(center.user("john.doe").await["IdentityInfo"]["FirstName"], "John 9");
}

#[tokio::test]
async fn lists_queues_tags_and_statuses_lag_too() {
    let center = lagging();
    let arn = center.user("omar.aziz").await["Arn"].take();
    let aaron = center.user_id("aaron.fields").await;
    let queue = center.named("queues", "Help Desk").await;
    let quick_connect = center.named("quick_connects", "Food bank").await;
    let lunch = center.named("agent_statuses", "Lunch").await;
    center.ok("TagResource", json!({ "resourceArn": arn, "tags": { "a": "b" } })).await;
    center.ok("PutUserStatus", json!({ "UserId": aaron, "AgentStatusId": lunch })).await;
    center
        .ok("AssociateQueueQuickConnects", json!({ "QueueId": queue, "QuickConnectIds": [quick_connect] }))
        .await;
    let seen = || async {
        let tags = center.ok("ListTagsForResource", json!({ "resourceArn": arn })).await["tags"].take();
        let data = center.ok("GetCurrentUserData", json!({ "Filters": { "Agents": [aaron] } })).await;
        let shown = center.ok("ListQueueQuickConnects", json!({ "QueueId": queue })).await;
        let shown = shown["QuickConnectSummaryList"].as_array().unwrap().len();
        json!([tags, data["UserDataList"][0]["Status"]["StatusName"], shown])
    };
    assert_eq!(seen().await, json!([{}, "Available", 0]));
    center.clock.pass(LAG);
    assert_eq!(seen().await, json!([{ "a": "b" }, "Lunch", 1]));
}

#[tokio::test]
async fn the_lag_can_be_turned_on_and_off() {
    let center = Center::guide();
    let john = center.user_id("john.doe").await;
    let rename = |name: &str| json!({ "UserId": john, "IdentityInfo": { "FirstName": name } });
    center.set(json!({ "lag_ms": 500 })).await;
    center.ok("UpdateUserIdentityInfo", rename("Jon")).await;
    assert_eq!(center.user("john.doe").await["IdentityInfo"]["FirstName"], "John");
    let world = center.control("GET", "/world", Value::Null).await.1;
    assert_eq!(world["users"]["john.doe"]["identity"]["FirstName"], "Jon", "the world is the truth");
    center.set(json!({ "lag_ms": 0 })).await;
    assert_eq!(center.user("john.doe").await["IdentityInfo"]["FirstName"], "Jon");
    center.ok("UpdateUserIdentityInfo", rename("Jonny")).await;
    assert_eq!(center.user("john.doe").await["IdentityInfo"]["FirstName"], "Jonny");
}

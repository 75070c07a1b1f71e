//! Tags on everything that has an ARN.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::support::{Center, MISSING, PARAMETER, merged, read};

#[tokio::test]
async fn everything_with_an_arn_can_be_tagged() {
    let center = Center::guide();
    let world = center.control("GET", "/world", Value::Null).await.1;
    for (kind, name) in [
        ("users", "omar.aziz"),
        ("quick_connects", "Food bank"),
        ("queues", "Help Desk"),
        ("routing_profiles", "Basic Routing Profile"),
        ("security_profiles", "Agent"),
        ("hierarchy_groups", "Leads East"),
        ("agent_statuses", "Break"),
        ("contact_flows", "Main line"),
        ("hours_of_operations", "Basic Hours"),
        ("phone_numbers", "+15550100300"),
    ] {
        let arn = &world[kind][name]["arn"];
        let resource = json!({ "resourceArn": arn });
        let tags = || async { center.ok("ListTagsForResource", resource.clone()).await["tags"].take() };
        assert_eq!(tags().await, json!({}), "{name}");
        center.ok("TagResource", merged(resource.clone(), json!({ "tags": { "a": "1", "b": "2" } }))).await;
        center.ok("TagResource", merged(resource.clone(), json!({ "tags": { "b": "3", "c": "" } }))).await;
        assert_eq!(tags().await, json!({ "a": "1", "b": "3", "c": "" }), "{name}");
        center.ok("UntagResource", merged(resource.clone(), json!({ "tagKeys": ["a", "c", "z"] }))).await;
        assert_eq!(tags().await, json!({ "b": "3" }), "{name}");
    }
}

#[tokio::test]
async fn an_arn_may_come_with_its_slashes_bare() {
    let center = Center::guide();
    let arn = center.user("john.doe").await["Arn"].take();
    let request = Request::get(format!("/tags/{}", arn.as_str().unwrap())).body(Bytes::new()).unwrap();
    let (status, output) = read(&center.send(request).await.unwrap());
    assert_eq!((status, &output["tags"]["site"]), (200, &json!("east")));
}

#[tokio::test]
async fn what_is_not_there_is_not_tagged_and_nothing_has_more_than_fifty() {
    let center = Center::guide();
    let arn = center.user("john.doe").await["Arn"].take();
    for wrong in [
        json!("nothing"),
        json!(center.sim.instance_arn()),
        json!(arn.as_str().unwrap().replace("/agent/", "/queue/")),
        json!(arn.as_str().unwrap().replace("us-east-1", "us-west-2")),
    ] {
        for (operation, input) in [
            ("ListTagsForResource", json!({})),
            ("TagResource", json!({ "tags": { "a": "b" } })),
            ("UntagResource", json!({ "tagKeys": ["a"] })),
        ] {
            let input = merged(input, json!({ "resourceArn": wrong }));
            assert_eq!(center.refused(operation, input).await, MISSING, "{operation} {wrong}");
        }
    }
    let many = |from: usize, to: usize| {
        (from..to).map(|number| (format!("k{number}"), json!("v"))).collect::<Value>()
    };
    center.ok("TagResource", json!({ "resourceArn": arn, "tags": many(0, 48) })).await;
    let two_more = json!({ "resourceArn": arn, "tags": many(48, 50) });
    assert_eq!(center.refused("TagResource", two_more).await, PARAMETER, "two were there before");
    center.ok("TagResource", json!({ "resourceArn": arn, "tags": many(0, 48) })).await;
    let wrong_key = json!({ "resourceArn": arn, "tagKeys": ["aws:x"] });
    assert_eq!(center.refused("UntagResource", wrong_key).await, PARAMETER);
}

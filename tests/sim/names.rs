//! Ids and ARNs, as requests name things by them.

use serde_json::json;

use crate::support::{Center, MISSING, text};

#[tokio::test]
async fn a_resource_is_named_by_its_id_and_by_its_arn() {
    let center = Center::guide();
    let world = center.control("GET", "/world", serde_json::Value::Null).await.1;
    for (kind, name, describe, member) in [
        ("users", "john.doe", "DescribeUser", "UserId"),
        ("routing_profiles", "Basic Routing Profile", "DescribeRoutingProfile", "RoutingProfileId"),
        ("security_profiles", "Agent", "DescribeSecurityProfile", "SecurityProfileId"),
        ("hierarchy_groups", "Leads East", "DescribeUserHierarchyGroup", "HierarchyGroupId"),
        ("agent_statuses", "Break", "DescribeAgentStatus", "AgentStatusId"),
        ("queues", "Help Desk", "DescribeQueue", "QueueId"),
        ("quick_connects", "Food bank", "DescribeQuickConnect", "QuickConnectId"),
        ("contact_flows", "Main line", "DescribeContactFlow", "ContactFlowId"),
        ("hours_of_operations", "Basic Hours", "DescribeHoursOfOperation", "HoursOfOperationId"),
    ] {
        let [id, arn] = ["id", "arn"].map(|part| text(&world[kind][name][part]));
        let by_id = center.ok(describe, json!({ member: id })).await;
        assert!(by_id.to_string().contains(&arn), "{kind}: {by_id}");
        assert_eq!(center.ok(describe, json!({ member: arn })).await, by_id, "{kind}");
        center.ok("ListTagsForResource", json!({ "resourceArn": arn })).await;
    }
    // A phone number is described nowhere.
    let number = &world["phone_numbers"]["+15550100300"];
    let queue = json!({ "QueueId": world["queues"]["Help Desk"]["id"] });
    for part in ["id", "arn"] {
        let caller = json!({ "OutboundCallerIdNumberId": number[part] });
        let input = json!({ "QueueId": queue["QueueId"], "OutboundCallerConfig": caller });
        center.ok("UpdateQueueOutboundCallerConfig", input).await;
        let shown = center.shown("DescribeQueue", &queue).await;
        assert_eq!(shown["OutboundCallerConfig"]["OutboundCallerIdNumberId"], number["id"], "{part}");
    }
    center.ok("ListTagsForResource", json!({ "resourceArn": number["arn"] })).await;
}

#[tokio::test]
async fn foreign_names_name_nothing() {
    let center = Center::guide();
    let (id, instance) = (center.user_id("john.doe").await, center.sim.instance_arn());
    let other = instance.replace(&center.id(), &id);
    for user in [
        "arn:aws:connect".to_owned(),
        id.to_uppercase(),
        id.replace('-', ""),
        format!("{other}/agent/{id}"),
        format!("{instance}/queue/{id}"),
    ] {
        assert_eq!(center.refused("DescribeUser", json!({ "UserId": user })).await, MISSING, "{user}");
    }
    let nameless = json!({ "Agents": [""] });
    let nameless = center.refused("GetCurrentUserData", json!({ "Filters": nameless })).await;
    assert_eq!(nameless, MISSING);
    for arn in [&*id, instance] {
        assert_eq!(
            center.refused("ListTagsForResource", json!({ "resourceArn": arn })).await,
            MISSING,
            "{arn}"
        );
    }
}

#[tokio::test]
async fn an_agent_queue_has_the_agents_id() {
    let center = Center::guide();
    let id = center.user_id("john.doe").await;
    for queue in [id.clone(), format!("{}/queue/agent/{id}", center.sim.instance_arn())] {
        let (status, answer) = center.call("DescribeQueue", json!({ "QueueId": queue })).await;
        assert_eq!(status, 400);
        assert!(text(&answer["message"]).contains("an agent's own queue"), "{answer}");
    }
}

#[tokio::test]
async fn counted_ids_repeat_and_random_ones_do_not() {
    let made = async |counted: bool| {
        let center = Center::with(|options| options.deterministic_ids = counted);
        [center.create("one.agent", json!({})).await, center.create("another.agent", json!({})).await]
    };
    let [first, second] = made(true).await;
    assert_ne!(first, second);
    assert_eq!(made(true).await, [first, second]);
    let [first, second] = made(false).await;
    assert_ne!(first, second);
    assert_ne!(made(false).await[0], first);
}

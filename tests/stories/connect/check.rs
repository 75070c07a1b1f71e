use insta::assert_snapshot;
use serde_json::json;

use crate::support::Story;

#[tokio::test]
async fn an_instance_after_years_without_cleaning_up_is_told_with_what_fixes_it() {
    let mut story =
        Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await.everywhere(&[]).await;
    assert_snapshot!(story.says("helpdesk", "/connect check").await, @"");
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn a_house_in_order_has_little_to_find_and_quotas_are_measured_against_what_is_applied() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect check").await, @"");
    // 42 users of 44 are nearly all: the value that is applied to this instance counts, not AWS's default.
    story.sim(r#"PUT /_sim/settings {"user_quota": 44, "queue_quota": 10}"#).await;
    let card = story.says("helpdesk", "/connect check").await;
    assert!(card.contains("Users: 42 of 44 (95 % of the quota)"), "{card}");
    assert!(card.contains("Queues: 9 of 10 (90 % of the quota)") && card.contains("L-19A87C94"), "{card}");
}

#[tokio::test]
async fn what_cannot_be_read_is_not_measured_and_never_counts_as_nothing() {
    let mut story = Story::begin().await;
    let denied =
        json!({"fault": "fail_before", "error": "AccessDeniedException", "status": 403, "times": 1_000});
    for operation in ["ListServiceQuotas", "SearchQueues", "GetCurrentUserData"] {
        let mut fault = denied.clone();
        fault["operation"] = json!(operation);
        story.sim(&format!("POST /_sim/faults {fault}")).await;
    }
    let card = story.says("helpdesk", "/connect check").await;
    for unknown in [
        "Quotas: AWS doesn't let the desk read Service Quotas",
        "Queues: AWS does not let",
        "Who is active: ",
    ] {
        assert!(card.contains(unknown), "{card}");
    }
    assert!(!card.contains("% of the quota") && !card.contains("leads to"), "{card}");
    // Where nothing answers there is nothing to say but that.
    let mut story = Story::begin().await;
    for operation in ["SearchUsers", "SearchQueues", "SearchRoutingProfiles"] {
        let mut fault = denied.clone();
        fault["operation"] = json!(operation);
        story.sim(&format!("POST /_sim/faults {fault}")).await;
    }
    let card = story.says("helpdesk", "/connect check").await;
    assert!(card.contains("AWS does not let the desk call SearchUsers"), "{card}");
}

#[tokio::test]
async fn a_large_instance_is_read_without_its_emails_unless_someone_wants_them() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Large).await;
    let card = story.says("helpdesk", "/connect check").await;
    assert!(card.contains("Emails of 500 users, which takes about 4 min"), "{card}");
    for full in [
        "Users: 500 of 500",
        "Quick connects: 100 of 100",
        "Hierarchy groups: 500 of 500",
        "Agent statuses: 50 of 50",
    ] {
        assert!(card.contains(full), "{full}: {card}");
    }
    let calls = story.sim("GET /_sim/calls").await;
    assert_eq!(calls["operations"]["DescribeUser"]["calls"].as_u64().unwrap_or(0), 0);
    let card = story.says("helpdesk", "/connect check emails:true").await;
    assert!(!card.contains("Emails of 500 users"), "{card}");
}

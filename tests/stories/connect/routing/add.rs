use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn eleven_pairs_take_two_calls_and_undo_removes_the_profile() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let line = "/connect routing add \"Weekend Profile\" default_queue:\"Help Desk\" voice:1 task:2 \
                queues:\"Help Desk,Callback,BasicQueue,Case Investigation,Contact Tracing,Resource Coordination\" delay:30";
    plays! { story: (WHO, &format!("✓ {line}"), "· completed") }
    let there = story.world().await["routing_profiles"]["Weekend Profile"].clone();
    assert_eq!(there["queues"].as_array().unwrap().len(), 12);
    assert_eq!(there["queues"][0]["delay"], 30);
    let calls = story.sim("GET /_sim/calls").await["operations"].clone();
    assert_eq!(calls["AssociateRoutingProfileQueues"]["writes"], 1, "{calls}");
    story.carries_out(WHO, "/connect undo 1").await;
    assert_eq!(story.world().await, before);
    // What one call takes comes back.
    story.tells(WHO, "/connect undo 2", &["is created again with 10 queue-channel pairs."]).await;
}

#[tokio::test]
async fn another_is_copied_and_what_is_said_beside_it_counts_more() {
    let mut story = Story::begin().await;
    plays! { story: (WHO, "✓ /connect routing add \"Night Profile\" like:\"Resource Coordinator Profile\" email:0 task:1", "· completed") }
    let there = story.world().await["routing_profiles"].clone();
    let (new, old) = (&there["Night Profile"], &there["Resource Coordinator Profile"]);
    assert_eq!(new["default_queue"], old["default_queue"]);
    // Three queues in the three channels that are left.
    assert_eq!(new["queues"].as_array().unwrap().len(), 9);
}

#[tokio::test]
async fn an_undo_leaves_a_profile_alone_whose_channels_behave_otherwise_now() {
    let mut story = Story::begin().await;
    plays! { story: (WHO, "✓ /connect routing add \"Night Profile\" like:\"Resource Coordinator Profile\"") }
    let instance = story.sim("GET /_sim").await["instance_id"].as_str().unwrap().to_owned();
    let profile = story.sim("GET /_sim/world").await["routing_profiles"]["Night Profile"].clone();
    let mut channels = profile["concurrencies"].clone();
    for channel in channels.as_array_mut().unwrap() {
        channel["CrossChannelBehavior"] = serde_json::json!({ "BehaviorType": "ROUTE_ANY_CHANNEL" });
    }
    let id = profile["id"].as_str().unwrap();
    let body = serde_json::json!({ "MediaConcurrencies": channels });
    story.sim(&format!("POST /routing-profiles/{instance}/{id}/concurrency {body}")).await;
    story.tells(WHO, "/connect undo 1", &["The routing profile `Night Profile` was changed since"]).await;
}

#[tokio::test]
async fn bad_input_is_answered_with_what_would_be_right() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    answers! { story: WHO, "/connect routing add";
        ("New", "needs a default outbound queue"),
        ("\"Winter Profile\" default_queue:Callback", "The routing profile `Winter Profile` already exists."),
        ("New default_queue:Callback voice:0", "A routing profile needs a channel."),
        ("New default_queue:Callback queues:Callback channels:fax", "`fax` isn't a channel."),
        ("New default_queue:Callback queues:Callback channels:task", "doesn't have the channel task"),
        ("New like:\"Back Office Profile\"", "workload types"),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn what_is_not_copied_is_said() {
    let mut story = Story::begin().await;
    let line = "/connect routing add New like:\"Resource Coordinator Profile\"";
    assert!(!story.told(WHO, line).await.contains("Not copied"));
    let center = story.inside().desk.center.clone();
    let all = center.routing_profile_list().await.unwrap();
    let profile = all.into_iter().find(|one| one.name == "Resource Coordinator Profile").unwrap().id;
    let instance = story.inside().sim.instance_id().to_owned();
    let timer = r#"{"AgentAvailabilityTimer": "TIME_SINCE_LAST_INBOUND"}"#;
    story.sim(&format!("POST /routing-profiles/{instance}/{profile}/agent-availability-timer {timer}")).await;
    story.tells(WHO, line, &["Not copied: the agent availability timer."]).await;
}

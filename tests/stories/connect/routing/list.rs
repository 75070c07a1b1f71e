use insta::assert_snapshot;
use serde_json::json;

use crate::support::Story;

#[tokio::test]
async fn users_channels_and_queues_of_each() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("second", "/connect routing list").await, @"
    ╭─ · 4 routing profiles ───────────────────────────────────────────────────────╮
    │ Basic Routing Profile                                                        │
    │   3 users; voice 1; 1 queue                                                  │
    │ Case Investigator Profile                                                    │
    │   15 users; voice 1, chat 2, task 2; 3 queues                                │
    │ Contact Tracers Profile                                                      │
    │   15 users; voice 1, chat 2, task 2; 3 queues                                │
    │ Resource Coordinator Profile                                                 │
    │   9 users; voice 1, chat 3, task 5, email 2; 3 queues                        │
    │                                                                              │
    │ → /connect routing show <routing_profile>                                    │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
    let calls = story.sim("GET /_sim/calls").await;
    assert_eq!(calls["calls"], 2, "{calls}");
}

#[tokio::test]
async fn a_queue_in_a_channel_that_its_profile_lacks_is_found_with_what_fixes_it() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    let card = story.card("second", "/connect routing list orphans:true").await;
    let told = card.words();
    for (name, why) in [
        ("Vaccination Profile", "Help Desk, Vaccination in task, which the profile doesn't have"),
        ("Winter Profile", "no working queue"),
    ] {
        let after =
            told.split(&format!("{name}\n")).nth(1).unwrap_or_else(|| panic!("{name} is not found: {told}"));
        assert!(after.lines().next().is_some_and(|line| line.contains(why)), "{name}: {told}");
    }
    let fix = card.actions[0].line.clone().unwrap();
    assert_eq!(fix, "/connect routing edit \"Vaccination Profile\" task:1");
    let told = story.carries_out("second", &fix).await;
    assert!(told.contains("· completed"), "{told}");
    plays! { story: ("second", "/connect routing list orphans:true", "≠which the profile doesn't have") }
}

/// Where the desk can't write the channels of a profile, what it offers is something else.
#[tokio::test]
async fn what_is_offered_for_a_lacking_channel_is_never_refused() {
    let mut story = Story::begin().await;
    let name = "Resource Coordinator Profile";
    let world = story.sim("GET /_sim/world").await;
    // arn:…:instance/<instance>/routing-profile/<profile>
    let arn: Vec<&str> = world["routing_profiles"][name]["arn"].as_str().unwrap().split('/').collect();
    let types = json!([{ "WorkloadType": "a", "Concurrency": 2 }, { "WorkloadType": "b", "Concurrency": 3 }]);
    let channels = json!({ "MediaConcurrencies": [
        { "Channel": "VOICE", "Concurrency": 1 },
        { "Channel": "TASK", "WorkloadTypeConcurrencies": types },
    ] });
    let path = format!("/routing-profiles/{}/{}/concurrency", arn[1], arn[3]);
    story.sim(&format!("POST {path} {channels}")).await;
    for asked in [
        "/connect routing list orphans:true",
        "/connect routing show \"Resource Coordinator Profile\"",
        "/connect check",
    ] {
        let card = story.card("second", asked).await;
        let lines: Vec<String> = card.actions.iter().filter_map(|one| one.line.clone()).collect();
        let fix = lines
            .iter()
            .find(|line| line.contains("routing"))
            .unwrap_or_else(|| panic!("{asked}: {lines:?}"));
        assert!(story.card("second", fix).await.title.contains("needs confirmation"), "{asked}: {fix}");
    }
}

use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_list_fits_a_phone_and_takes_a_call_of_each_kind() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("second", "/connect queue list").await, @"
    ╭─ · 9 queues ─────────────────────────────────────────────────────────────────╮
    │ Queue                       Hours and routing profiles                       │
    │ BasicQueue                  Basic Hours, 1 routing profile                   │
    │ Callback                    Basic Hours, 2 routing profiles                  │
    │ Case Investigation          Basic Hours, 1 routing profile                   │
    │ Case Investigation Spanish  Basic Hours, 1 routing profile                   │
    │ Contact Tracing             Basic Hours, 1 routing profile                   │
    │ Contact Tracing Spanish     Basic Hours, 1 routing profile                   │
    │ Help Desk                   Basic Hours, 1 routing profile                   │
    │ Resource Coordination       Basic Hours, 1 routing profile                   │
    │ Supervisor Escalations      Basic Hours, 1 routing profile                   │
    │                                                                              │
    │ → /connect queue show <queue>                                                │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
    let calls = story.sim("GET /_sim/calls").await;
    assert_eq!(calls["calls"], 3, "{calls}");
}

#[tokio::test]
async fn queues_that_no_one_serves_are_found() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    story.sim("DELETE /_sim/world/hours_of_operations/Vaccination%20Hours").await;
    let told = story.card("second", "/connect queue list orphans:true").await.words();
    for (name, why) in [
        ("Overflow", "in no routing profile"),
        ("Winter Campaign", "disabled"),
        ("Vaccination", "no hours of operation"),
    ] {
        let after =
            told.split(&format!("{name}\n")).nth(1).unwrap_or_else(|| panic!("{name} is not found: {told}"));
        assert!(after.lines().next().is_some_and(|line| line.contains(why)), "{name}: {told}");
    }
    assert!(!told.contains("Help Desk"), "{told}");
}

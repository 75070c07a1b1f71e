use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn each_says_where_it_leads() {
    let mut story = Story::begin().await.everywhere(&["a private card"]).await;
    assert_snapshot!(story.says("second", "/connect quick list queue:\"Contact Tracing\"").await, @"
    ╭─ · 5 quick connects ─────────────────────────────────────────────────────────╮
    │ Quick connect             Destination                                        │
    │ Case investigation        queue Case Investigation                           │
    │ County health department  +15550100200                                       │
    │ Help desk                 queue Help Desk                                    │
    │ Mei Chen                  user mei.chen                                      │
    │ Resource coordination     queue Resource Coordination                        │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
    plays! { story: ("second", "/connect quick list destination:number", "2 quick connects", "+15550100201") }
}

#[tokio::test]
async fn a_hundred_are_read_in_one_call() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Large).await;
    story.tells("second", "/connect quick list", &["100 quick connects"]).await;
    let calls = story.sim("GET /_sim/calls").await["operations"].clone();
    assert_eq!(calls["SearchQuickConnects"]["calls"], 1, "{calls}");
    assert!(calls["DescribeQuickConnect"].is_null(), "{calls}");
}

#[tokio::test]
async fn those_of_no_use_are_found_and_offered_for_cleaning() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    let card = story.card("second", "/connect quick list orphans:true").await;
    let told = card.words();
    for (name, why) in [
        ("Former agent", "the user is gone"),
        ("Former queue", "the queue is gone"),
        ("Winter Campaign", "the queue Winter Campaign is disabled"),
        ("Lost number", "in no queue"),
        ("John Doe (old)", "its flow Old agent transfer is archived"),
    ] {
        let after = told
            .split(&format!("\n{name}\n"))
            .nth(1)
            .unwrap_or_else(|| panic!("{name} is not found: {told}"));
        assert!(after.lines().next().is_some_and(|line| line.contains(why)), "{name}: {told}");
    }
    assert!(!told.contains("County health department"), "{told}");
    let lines: Vec<_> = card.actions.iter().filter_map(|action| action.line.as_deref()).collect();
    assert_eq!(lines, ["/connect quick remove orphans:gone", "/connect quick remove orphans:unlinked"]);
}

#[tokio::test]
async fn a_filter_that_nothing_matches_says_so_and_no_more() {
    let mut story = Story::begin().await;
    for (line, title) in table! {
        ("quick list zebra", "No quick connects match"),
        ("quick list zebra orphans:true", "No orphaned quick connects match"),
        ("quick list queue:Callback destination:flow", "No quick connects match"),
        ("queue list zebra orphans:true", "No queues with problems match"),
        ("routing list Basic orphans:true", "No routing profiles with problems match"),
    } {
        let card = story.card("second", &format!("/connect {line}")).await;
        assert_eq!((card.title.as_str(), card.blocks.len()), (title, 0), "{line}: {card:?}");
    }
}

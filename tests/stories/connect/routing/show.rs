use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn channels_and_queues_by_priority() {
    let mut story = Story::begin().await.everywhere(&[]).await;
    assert_snapshot!(story.says("second", "/connect routing show \"Case Investigator Profile\"").await, @"
    ╭─ · Routing profile Case Investigator Profile ────────────────────────────────╮
    │ Users                   15                                                   │
    │ Description             `For people who reach out to positive patients.`     │
    │ Channel voice           1 contact at a time                                  │
    │ Channel chat            2 contacts at a time                                 │
    │ Channel task            2 contacts at a time                                 │
    │ Default outbound queue  `Case Investigation`                                 │
    │                                                                              │
    │ Queue                       Served                                           │
    │ Case Investigation          priority 1: voice, chat, task                    │
    │ Case Investigation Spanish  priority 2: voice, chat, task                    │
    │ Callback                    priority 3: voice, chat, task                    │
    ╰─ only you see this · 9 of 50 queue-channel pairs; id 4d8d8829-a547-4cde-90… ─╯
    ");
}

#[tokio::test]
async fn workload_types_manual_queues_and_lacking_channels_are_said() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    plays! { story:
        ("second", "/connect routing show \"Back Office Profile\"", "by workload type: `Billing` 3, `Letters` 5", "For manual assignment"),
        ("second", "/connect routing show \"Vaccination Profile\"", "is in task, which the profile doesn't have: agents"),
        ("second", "/connect routing show \"Everything Profile\"", "50 of 50 queue-channel pairs"),
    }
}

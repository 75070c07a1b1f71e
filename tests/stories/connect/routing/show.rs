use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn channels_and_queues_by_priority() {
    let mut story = Story::begin().await.everywhere(&[]).await;
    assert_snapshot!(story.says("second", "/connect routing show \"Case Investigator Profile\"").await, @"");
}

#[tokio::test]
async fn workload_types_manual_queues_and_lacking_channels_are_said() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    let told = story.told("second", "/connect routing show \"Back Office Profile\"").await;
    assert!(told.contains("by workload type: `Billing` 3, `Letters` 5"), "{told}");
    assert!(told.contains("For manual assignment"), "{told}");
    let told = story.told("second", "/connect routing show \"Vaccination Profile\"").await;
    assert!(told.contains("is in task, which the profile lacks"), "{told}");
    let told = story.told("second", "/connect routing show \"Everything Profile\"").await;
    assert!(told.contains("50 of 50 queue-channel pairs"), "{told}");
}

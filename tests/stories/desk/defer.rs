use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn it_runs_no_sooner_than_then() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    assert_snapshot!(story.says("helpdesk", "/desk defer 1 2h").await, @"");
    let told = story.told("helpdesk", "/desk confirm 1").await;
    assert!(told.contains("to wait until 20 Nov 2026 11:00 UTC"), "{told}");
    story.says("helpdesk", "wait 119m").await;
    assert_eq!(story.writes().await, 0);
    story.says("helpdesk", "restart").await;
    story.says("helpdesk", "wait 2m").await;
    let told = story.told("auditor", "/desk history 1").await;
    assert!(told.contains("finished"), "{told}");
    assert_eq!(story.writes().await, 1);
}

#[tokio::test]
async fn only_a_moment_within_a_week_will_do() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    for when in ["soon", "25:00", "9999h", "0m", "-5m"] {
        let told = story.told("helpdesk", &format!("/desk defer 1 {when}")).await;
        assert!(told.contains("is no moment to wait for"), "{when}: {told}");
    }
    let told = story.told("oncall", "/desk defer 1 2h").await;
    assert!(told.contains("decide") || told.contains("nobody"), "{told}");
}

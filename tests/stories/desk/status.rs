use desk_core::card::Tone;
use desk_core::ports::health::Stage;

use crate::support::Story;

#[tokio::test]
async fn a_desk_that_works_says_so() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "/desk status", "✓ The desk works", "Amazon Connect answers and the log can be written.") }
}

#[tokio::test]
async fn a_degraded_desk_says_why_and_what_to_do() {
    let mut story = Story::begin().await;
    story.sim(r#"POST /_sim/faults {"operation":"SearchUsers","fault":"drop_before","times":100000}"#).await;
    story.says("helpdesk", "/connect show john.doe").await;
    let card = story.card("auditor", "/desk status").await;
    assert_eq!(card.tone, Tone::Alarm);
    story.tells("helpdesk", "/desk status", &["The desk is degraded", "Amazon Connect didn't answer"]).await;
    story.sim("DELETE /_sim/faults").await;
    story.says("helpdesk", "/connect show john.doe").await;
    assert_eq!(story.card("helpdesk", "/desk status").await.tone, Tone::Good);
}

#[tokio::test]
async fn only_those_who_work_here_may_ask() {
    let mut story = Story::begin().await;
    story.tells("john", "/desk status", &["n't allow `/desk status`"]).await;
}

#[tokio::test]
async fn what_machines_are_told_is_the_same() {
    let story = Story::begin().await;
    let health = &story.inside().desk.health;
    assert_eq!(health.status().lines(), "ok");
    assert_eq!((health.status().is_ready(), health.status().ready_lines()), (false, "starting".to_owned()));
    health.set_stage(Stage::Open);
    assert_eq!((health.status().is_ready(), health.status().ready_lines()), (true, "ready".to_owned()));
    health.set_stage(Stage::Stopping);
    assert_eq!((health.status().is_ready(), health.status().ready_lines()), (false, "stopping".to_owned()));
}

use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_queue_with_its_quick_connects_and_who_serves_it() {
    let mut story = Story::begin().await.everywhere(&[]).await;
    assert_snapshot!(story.says("second", "/connect queue show Callback").await, @"
    ╭─ · Queue Callback ───────────────────────────────────────────────────────────╮
    │ Status              enabled                                                  │
    │ Hours of operation  `Basic Hours`                                            │
    │ Contact limit       no limit                                                 │
    │ Description         `People who asked to be called back.`                    │
    │ Quick connects      `John Doe`                                               │
    │                                                                              │
    │ Routing profiles:                                                            │
    │ · `Case Investigator Profile`: voice (priority 3), chat (priority 3) and     │
    │   task (priority 3)                                                          │
    │ · `Contact Tracers Profile`: voice (priority 3), chat (priority 3) and task  │
    │   (priority 3)                                                               │
    ╰─ only you see this · id a1d49f41-e119-4c2d-8917-0cd350a3edcb ────────────────╯
    ");
}

#[tokio::test]
async fn what_keeps_contacts_from_agents_is_said() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    plays! { story: ("second", "/connect queue show Overflow", "It is in no routing profile") }
    let card = story.card("second", "/connect queue show \"Winter Campaign\"").await;
    assert!(card.words().contains("disabled"), "{card:?}");
    assert_eq!(card.actions[0].line.as_deref(), Some("/connect queue enable \"Winter Campaign\""));
    // Two queues differ only in case; each is found by its own spelling.
    let told = story.told("second", "/connect queue show callback").await;
    assert!(told.contains("· Queue callback ╮"), "{told}");
    story.tells("second", "/connect queue show CALLBACK", &["matches more than one queue"]).await;
}

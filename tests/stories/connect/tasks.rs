use serde_json::json;

use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn the_three_steps_of_the_training_are_one_plan() {
    let mut story = Story::begin().await.everywhere(&[]).await;
    let before = story.world().await;
    plays! { story:
        (WHO, "☑ /connect tasks omar.aziz", "Omar Aziz: new Queue Omar Aziz: new", "! 3 users have the routing profile `Basic Routing Profile`, so all of them can get tasks", "⇒"),
        ("supervisor", "/desk approve 1", "· completed"),
    }
    let there = story.world().await;
    assert_eq!(there["quick_connects"]["Omar Aziz"]["user"], "omar.aziz");
    assert_eq!(there["quick_connects"]["Omar Aziz"]["flow"], "Default agent transfer");
    assert_eq!(there["queues"]["Omar Aziz"]["quick_connects"], json!(["Omar Aziz"]));
    assert_eq!(there["queues"]["Omar Aziz"]["hours"], there["queues"]["BasicQueue"]["hours"]);
    let profile = &there["routing_profiles"]["Basic Routing Profile"];
    let pairs = profile["queues"].as_array().unwrap();
    assert!(pairs.iter().any(|pair| pair["queue"] == "Omar Aziz" && pair["channel"] == "TASK"), "{profile}");
    story.tells(WHO, "/connect tasks omar.aziz", &["is already set up for tasks"]).await;
    story.carries_out(WHO, "/connect undo 1").await;
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn what_exists_is_used() {
    let mut story = Story::begin().await;
    let told = story.told(WHO, "/connect tasks john.doe").await;
    assert!(told.contains("John Doe: exists"), "{told}");
    assert!(told.contains("gets the queue for tasks"), "{told}");
    story.tells(WHO, "/connect tasks john.doe queue:Callback", &["is already set up for tasks"]).await;
}

#[tokio::test]
async fn when_one_step_is_refused_nothing_is_left_behind() {
    let mut story = Story::begin().await;
    story.sim("PUT /_sim/settings {\"queue_quota\": 9}").await;
    let before = story.world().await;
    plays! { story: (WHO, "✓ /connect tasks omar.aziz", "A quota of the instance is exhausted") }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn a_profile_that_can_not_be_written_safely_is_left_alone() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    story.carries_out("helpdesk", "/connect edit john.doe routing_profile:\"Everything Profile\"").await;
    story.tells(WHO, "/connect tasks john.doe", &["has 50 of 50 queue-channel pairs, so"]).await;
}

#[tokio::test]
async fn a_task_is_sent_once_as_a_test() {
    let mut story = Story::begin().await;
    let told = story.told(WHO, "/connect tasks omar.aziz send:\"Call me\"").await;
    assert!(told.contains("`omar.aziz` has no quick connect."), "{told}");
    plays! { story: (WHO, "✓ /connect tasks karen.white send:\"Call me\"", "· completed") }
    let contacts = story.world().await["users"]["karen.white"]["presence"]["contacts"].clone();
    assert_eq!(
        (&contacts[0]["channel"], &contacts[0]["state"]),
        (&json!("TASK"), &json!("INCOMING")),
        "{contacts}"
    );
    story.tells(WHO, "/connect undo 1", &["The task `Call me` was sent."]).await;
}

#[tokio::test]
async fn no_room_for_another_task_is_a_refusal_and_no_throttling() {
    let mut story = Story::begin().await;
    story.sim("PUT /_sim/settings {\"task_quota\": 0}").await;
    plays! { story: (WHO, "✓ /connect tasks john.doe send:\"Call me\"", "A quota of the instance is exhausted") }
    let calls = story.sim("GET /_sim/calls").await["operations"]["StartTaskContact"].clone();
    assert_eq!(calls["calls"], 1, "it isn't tried again");
}

#[tokio::test]
async fn a_task_whose_answer_is_lost_is_sent_once() {
    let mut story = Story::begin().await;
    story.sim("POST /_sim/faults {\"operation\": \"StartTaskContact\", \"fault\": \"drop_after\"}").await;
    plays! { story: (WHO, "✓ /connect tasks karen.white send:\"Call me\"", "· completed") }
    let contacts = story.world().await["users"]["karen.white"]["presence"]["contacts"].clone();
    assert_eq!(contacts.as_array().unwrap().len(), 1, "{contacts}");
}

#[tokio::test]
async fn options_that_would_not_be_used_are_refused() {
    let mut story = Story::begin().await;
    answers! { story: WHO, "/connect tasks";
        ("omar.aziz queue:\"Help Dsk\"", "No queue `Help Dsk`. Did you mean `/connect tasks omar.aziz queue:\"Help Desk\"`?"),
        ("omar.aziz queue:Callback hours:\"Around the Clock\"", "The queue `Callback` exists and has other hours."),
        ("john.doe transfer_flow:Nonexistent", "No flow `Nonexistent`."),
        ("john.doe send:Hello queue:Callback", "`queue` isn't for sending a test task."),
    }
    plays! { story: (WHO, "/connect tasks omar.aziz queue:Callback hours:\"Basic Hours\"", "Set up `omar.aziz` for tasks.") }
}

#[tokio::test]
async fn what_else_the_channel_brings_is_said() {
    let mut story = Story::begin().await;
    plays! { story:
        (WHO, "✓ /connect routing edit \"Case Investigator Profile\" task:0"),
        (WHO, "/connect tasks john.doe", "agents with `Case Investigator Profile` also get tasks of"),
        ("helpdesk", "sim DELETE /_sim/world/contact_flows/Default%20agent%20transfer"),
        (WHO, "/connect tasks john.doe send:hi", "The quick connect of `john.doe` has no working flow."),
    }
}

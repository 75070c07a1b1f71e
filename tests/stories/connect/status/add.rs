use desk_core::card::Tone;
use serde_json::json;

use crate::support::Story;

#[tokio::test]
async fn a_status_is_added_and_undo_disables_it_because_none_can_be_deleted() {
    let mut story = Story::begin().await.everywhere(&[]).await;
    let line = "/connect status add \"Team huddle\" description:\"Ten minutes\" position:3";
    story.tells("supervisor", line, &["Position 3", "Lost: one of the 50 places for agent statuses."]).await;
    let card = story.card("supervisor", "/desk confirm 1").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let told = story.told("supervisor", "/connect status list").await;
    assert!(told.contains("Team huddle") && told.contains("Ten minutes"), "{told}");
    let told = story.told("supervisor", "/connect undo 1").await;
    assert!(told.contains("The agent status `Team huddle` can't be deleted"), "{told}");
    let told = story.told("supervisor", "/desk details 2").await;
    assert!(told.contains("The agent status `Team huddle` can't be deleted; it is disabled."), "{told}");
    let card = story.card("supervisor", "/desk confirm 2").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let told = story.told("supervisor", "/connect status set aaron.fields Team huddle").await;
    assert!(told.contains("The agent status `Team huddle` is disabled."), "{told}");
    // It can be had again.
    let told = story.told("supervisor", "/connect status add \"team HUDDLE\"").await;
    assert!(
        told.contains("It is disabled. Enable it with `/connect status enable \"Team huddle\"`."),
        "{told}"
    );
}

#[tokio::test]
async fn the_fifty_first_is_refused_before_anyone_decides_and_a_lower_quota_when_it_is_met() {
    let mut story = Story::begin().await;
    story.sim(&format!("PUT /_sim/settings {}", json!({ "agent_status_quota": 7 }))).await;
    story.says("supervisor", "/connect status add Huddle").await;
    assert_eq!(story.card("supervisor", "/desk confirm 1").await.tone, Tone::Good);
    story.says("supervisor", "/connect status add Coaching").await;
    let told = story.told("supervisor", "/desk confirm 2").await;
    assert!(told.contains("A quota of the instance is exhausted"), "{told}");
    story.sim(&format!("PUT /_sim/settings {}", json!({ "agent_status_quota": 60 }))).await;
    for number in 8..=50 {
        let status = json!({ "Name": format!("Status {number:02}"), "State": "ENABLED" });
        let instance = story.inside().sim.instance_id();
        story.sim(&format!("PUT /agent-status/{instance} {status}")).await;
    }
    let told = story.told("supervisor", "/connect status add Coaching").await;
    assert!(told.contains("has 50 agent statuses, which is the limit, and none can be deleted."), "{told}");
}

#[tokio::test]
async fn a_name_that_someone_takes_meanwhile_is_said() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/connect status add Huddle").await;
    let instance = story.inside().sim.instance_id();
    let status = json!({ "Name": "Huddle", "State": "ENABLED", "Description": "Another one" });
    story.sim(&format!("PUT /agent-status/{instance} {status}")).await;
    let told = story.told("supervisor", "/desk confirm 1").await;
    assert!(told.contains("The agent status `Huddle` already exists."), "{told}");
    for (typed, said) in [
        ("available", "The agent status `Available` already exists."),
        ("", "`name` is missing"),
        (&"x".repeat(128), "It takes at most 127."),
    ] {
        let told = story.told("supervisor", &format!("/connect status add {typed}")).await;
        assert!(told.contains(said), "{typed}: {told}");
    }
    let told = story.told("helpdesk", "/connect status add Coaching").await;
    assert!(
        told.contains("Ask someone with the role supervisor, oncall or admin.") && told.contains("only you"),
        "{told}"
    );
}

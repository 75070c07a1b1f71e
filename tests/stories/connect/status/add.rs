use serde_json::json;

use crate::support::Story;

#[tokio::test]
async fn a_status_is_added_and_undo_disables_it_because_none_can_be_deleted() {
    let mut story = Story::begin().await.everywhere(&[]).await;
    plays! { story:
        ("supervisor", "☑ /connect status add \"Team huddle\" description:\"Ten minutes\" position:3", "Position 3", "Lost: one of the 50 places for agent statuses.", "⇒", "╭ ✓"),
        ("supervisor", "/connect status list", "Team huddle", "Ten minutes"),
        ("supervisor", "/connect undo 1", "The agent status `Team huddle` can't be deleted"),
        ("supervisor", "/desk details 2", "The agent status `Team huddle` can't be deleted; it is disabled."),
        ("supervisor", "/desk confirm 2", "╭ ✓"),
        ("supervisor", "/connect status set aaron.fields Team huddle", "The agent status `Team huddle` is disabled."),
        // It can be had again.
        ("supervisor", "/connect status add \"team HUDDLE\"", "It is disabled. Enable it with `/connect status enable \"Team huddle\"`."),
    }
}

#[tokio::test]
async fn the_fifty_first_is_refused_before_anyone_decides_and_a_lower_quota_when_it_is_met() {
    let mut story = Story::begin().await;
    story.sim(&format!("PUT /_sim/settings {}", json!({ "agent_status_quota": 7 }))).await;
    plays! { story:
        ("supervisor", "☑ /connect status add Huddle", "╭ ✓"),
        ("supervisor", "☑ /connect status add Coaching", "A quota of the instance is exhausted"),
    }
    story.sim(&format!("PUT /_sim/settings {}", json!({ "agent_status_quota": 60 }))).await;
    for number in 8..=50 {
        let status = json!({ "Name": format!("Status {number:02}"), "State": "ENABLED" });
        let instance = story.inside().sim.instance_id();
        story.sim(&format!("PUT /agent-status/{instance} {status}")).await;
    }
    plays! { story: ("supervisor", "/connect status add Coaching", "has 50 agent statuses, which is the limit, and none can be deleted.") }
}

#[tokio::test]
async fn a_name_that_someone_takes_meanwhile_is_said() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/connect status add Huddle").await;
    let instance = story.inside().sim.instance_id();
    let status = json!({ "Name": "Huddle", "State": "ENABLED", "Description": "Another one" });
    story.sim(&format!("PUT /agent-status/{instance} {status}")).await;
    plays! { story: ("supervisor", "/desk confirm 1", "The agent status `Huddle` already exists.") }
    answers! { story: "supervisor", "/connect status add";
        ("available", "The agent status `Available` already exists."),
        ("", "`name` is missing"),
        (&"x".repeat(128), "It takes at most 127."),
    }
    plays! { story: ("helpdesk", "/connect status add Coaching", "Ask someone with the role supervisor, oncall or admin.", "only you") }
}

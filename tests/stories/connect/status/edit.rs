use desk_core::card::Tone;
use serde_json::json;

use crate::support::Story;

#[tokio::test]
async fn a_status_is_renamed_and_undo_gives_it_its_name_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story:
        ("supervisor", "☑ /connect status edit Meeting name:Huddle description:\"Ten minutes\"", "Name: Meeting → Huddle", "! Reports and everyone's CCP show the new name", "⇒", "╭ ✓"),
        ("supervisor", "/connect who", "Huddle"),
        ("supervisor", "☑ /connect undo 1", "╭ ✓"),
    }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn available_can_be_renamed_and_is_still_where_contacts_are_routed() {
    let mut story = Story::begin().await;
    plays! { story: ("supervisor", "/connect status edit Available name:Ready", "`Available` is a built-in status. Anything that uses") }
    assert_eq!(story.card("supervisor", "/desk confirm 1").await.tone, Tone::Good);
    story.tells("supervisor", "/connect status list", &["Ready", "contacts are routed"]).await;
}

#[tokio::test]
async fn what_someone_changed_since_is_left_alone_by_undo() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "☑ /connect status edit Meeting name:Huddle description:\"Ten minutes\""),
        ("supervisor", "☑ /connect status edit Huddle name:Standup"),
        ("supervisor", "☑ /connect undo 1", "The agent status `Standup` was changed since #1, and stays unchanged.", "⇒"),
        ("supervisor", "/connect status list", "Standup", "In a meeting."),
    }
}

#[tokio::test]
async fn a_status_that_is_renamed_while_a_command_waits_is_named_as_gone() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/connect status set aaron.fields Training").await;
    let statuses = story.inside().desk.center.agent_statuses().await.unwrap();
    let training = statuses.iter().find(|status| status.name == "Training").unwrap().id.clone();
    let instance = story.inside().sim.instance_id();
    story.sim(&format!("POST /agent-status/{instance}/{training} {}", json!({ "Name": "Learning" }))).await;
    story.tells("supervisor", "/desk confirm 1", &["No agent status `Training`."]).await;
    assert_eq!(story.world().await["users"]["aaron.fields"]["presence"]["status"], "Available");
}

#[tokio::test]
async fn bad_input_is_answered_with_what_to_do() {
    let mut story = Story::begin().await;
    answers! { story: "supervisor", "/connect status edit";
        ("Meetng name:X", "Did you mean `/connect status edit"),
        ("Meeting", "`name` or `description` is missing."),
        ("Meeting name:lunch", "Another agent status is called `Lunch`."),
        ("Meeting name:Meeting", "is already set that way."),
    }
}

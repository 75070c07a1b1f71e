use desk_core::card::Tone;
use serde_json::json;

use crate::support::Story;

async fn status(story: &mut Story, login: &str) -> String {
    let presence = story.world().await["users"][login]["presence"].clone();
    let next = presence["next_status"].as_str().map(|next| format!(", then {next}")).unwrap_or_default();
    format!("{}{next}", presence["status"].as_str().unwrap_or("signed out"))
}

#[tokio::test]
async fn a_supervisor_sets_a_status_and_undo_sets_it_back() {
    let mut story = Story::begin().await.everywhere(&[]).await;
    plays! { story: ("supervisor", "☑ /connect status set aaron.fields Training", "since 08:18 UTC), not on a contact.", "status changes when the contact ends.", "⇒", "╭ ✓") }
    assert_eq!(status(&mut story, "aaron.fields").await, "Training");
    plays! { story: ("supervisor", "☑ /connect undo 1", "restore the status of 1 agent", "⇒", "╭ ✓") }
    assert_eq!(status(&mut story, "aaron.fields").await, "Available");
    // Anyone who chose another one since is left alone.
    plays! { story: ("supervisor", "/connect undo 1", "`aaron.fields` is now in `Available`, and stays unchanged.") }
}

#[tokio::test]
async fn at_the_end_of_a_day_a_whole_group_goes_offline_and_who_is_on_a_contact_follows() {
    let mut story = Story::begin().await;
    let line = "/connect status set status:Offline hierarchy_group:\"Eastern Region\"";
    plays! { story: ("supervisor", line, "Set 4 active agents in the group `Eastern Region` to `Offline`.") }
    let card = story.card("supervisor", "/desk confirm 1").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let words = card.words();
    assert!(words.contains("`abigail.stone` changes to `Offline` after their contact."), "{words}");
    assert_eq!(status(&mut story, "abigail.stone").await, "Available, then Offline");
    for login in ["aaron.fields", "amara.okafor", "jamal.reed"] {
        assert_eq!(status(&mut story, login).await, "Offline", "{login}");
    }
    // Of another region no one.
    assert_eq!(status(&mut story, "karen.white").await, "Available");
    let told = story.told("supervisor", line).await;
    assert!(told.contains("All active agents in the group `Eastern Region` are already in"), "{told}");
    story.says("supervisor", "world abigail.stone hangs_up").await;
    assert_eq!(status(&mut story, "abigail.stone").await, "Offline");
}

#[tokio::test]
async fn what_agents_do_while_people_decide_makes_no_other_plan() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/connect status set aaron.fields Training").await;
    story.says("supervisor", "world aaron.fields takes_a_call").await;
    let card = story.card("supervisor", "/desk confirm 1").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    assert!(card.words().contains("`aaron.fields` changes to `Training` after their contact."), "{card:?}");
    assert_eq!(status(&mut story, "aaron.fields").await, "Available, then Training");
}

#[tokio::test]
async fn who_signs_out_meanwhile_is_offline_and_in_no_other_status() {
    let mut story = Story::begin().await;
    for (no, wanted, tone) in [(1, "Offline", Tone::Good), (2, "Training", Tone::Bad)] {
        story.says("supervisor", "world aaron.fields signs_in").await;
        story.says("supervisor", &format!("/connect status set aaron.fields {wanted}")).await;
        story.says("supervisor", "world aaron.fields signs_out").await;
        let card = story.card("supervisor", &format!("/desk confirm {no}")).await;
        assert_ne!(card.tone, Tone::Asks, "{wanted}: {card:?}");
        assert!(card.tone == tone || card.words().contains("not active"), "{wanted}: {card:?}");
    }
}

#[tokio::test]
async fn an_agent_stuck_in_missed_contacts_is_not_in_the_status_already() {
    let mut story = Story::begin().await;
    for (state, told) in table! {
        ("CONNECTED", "`aaron.fields` is already in `Available`."),
        ("MISSED", "Set the status of `Aaron Fields`"),
    } {
        let contacts = json!([{ "channel": "VOICE", "state": state }]);
        let presence = json!({ "signed_in": true, "status": "Available", "on_contact": contacts });
        story.sim(&format!("PUT /_sim/users/aaron.fields/presence {presence}")).await;
        story.tells("supervisor", "/connect status set aaron.fields Available", &[told]).await;
    }
    story.tells("supervisor", "/desk confirm 1", &["completed"]).await;
    let presence = story.world().await["users"]["aaron.fields"]["presence"].clone();
    assert_eq!(presence["contacts"], json!([]), "{presence}");
}

#[tokio::test]
async fn bad_input_is_answered_with_what_to_do() {
    let mut story = Story::begin().await;
    answers! { story: "supervisor", "/connect status set";
        ("aaron.fields", "Name the status to set."),
        ("status:Offline", "Name the agents whose status to set."),
        ("aaron.fields Nap", "No agent status `Nap`."),
        ("aaron.fields Available", "`aaron.fields` is already in `Available`."),
        ("john.doe Offline", "`john.doe` is not active (no status is reported), so no status can be set."),
        ("aaron.fields Offline queue:\"Contact Tracing\"", "can't both be given"),
        ("status:Offline everyone queue:\"Contact Tracing\"", "can't both be given"),
        ("jon.do Offline", "No user `jon.do`."),
        ("routing_profile:\"Basic Routing Profile\" status:Offline", "No active agents with the routing profile `Basic Routing Profile`."),
        ("hierarchy_group:\"Tracers West\" status:Offline", "No active agents in the group"),
    }
    assert_eq!(story.writes().await, 0);
    plays! { story: ("helpdesk", "/connect status set aaron.fields Offline", "Ask someone with the role supervisor, oncall or admin.", "only you") }
}

#[tokio::test]
async fn a_freeze_of_a_group_holds_for_everyone_in_it() {
    let mut story = Story::begin().await;
    story.says("second", "/desk freeze group:\"Eastern Region\" reason:\"an audit\"").await;
    story.says("second", "/desk confirm 1").await;
    plays! { story: ("supervisor", "/connect status set status:Offline queue:\"Contact Tracing\"", "froze the group") }
    assert_eq!(story.writes().await, 0);
}

/// One question about who is active takes a hundred agents.
#[tokio::test]
async fn a_hundred_and_one_agents_are_set_alike() {
    let mut story = Story::with(|options| options.sim.seed = "users=180".parse().unwrap()).await;
    let logins: Vec<String> = story.world().await["users"].as_object().unwrap().keys().cloned().collect();
    for (at, login) in logins.iter().enumerate() {
        let presence = match at < 101 {
            true => json!({ "signed_in": true, "status": "Available" }),
            false => json!({ "signed_in": false }),
        };
        story.sim(&format!("PUT /_sim/users/{login}/presence {presence}")).await;
    }
    let card = story.card("supervisor", "/connect status set status:Lunch everyone").await;
    assert!(card.words().contains("Set 101 active agents to `Lunch`."), "{}", card.words());
    plays! { story: ("supervisor", "/desk confirm 1", "╭ ✓") }
    let world = story.world().await;
    let at_lunch = world["users"].as_object().unwrap().values();
    assert_eq!(at_lunch.filter(|user| user["presence"]["status"] == "Lunch").count(), 101);
}

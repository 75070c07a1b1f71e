use desk_core::card::{Block, Card};
use serde_json::json;

use crate::support::Story;

/// The rows of a table of a card, by its first column.
fn rows(card: &Card, of: &str) -> Vec<(String, String)> {
    let table = card.blocks.iter().find_map(|block| match block {
        Block::Table { columns, rows } if columns[0] == of => Some(rows),
        _ => None,
    });
    table.into_iter().flatten().map(|row| (row[0].clone(), row[1].clone())).collect()
}

fn lines(card: &Card) -> Vec<(&str, &str)> {
    card.actions.iter().filter_map(|one| Some((one.label.as_str(), one.line.as_deref()?))).collect()
}

#[tokio::test]
async fn who_is_on_fits_a_phone_and_is_refreshed_where_it_is() {
    let mut story = Story::begin().await.everywhere(&["a private card", "Block::Table"]).await;
    let waiting =
        json!({ "contacts": [{ "channel": "VOICE", "since": 1_795_164_960 }, { "channel": "CHAT" }] });
    plays! { story:
        ("helpdesk", &format!("sim PUT /_sim/queues/Case%20Investigation/waiting {waiting}")),
        ("helpdesk", "/connect who", "8 active agents", "Case Investigation 2 waiting, oldest 4 min"),
        // Someone signs in, and the same button shows them.
        ("helpdesk", "world john.doe signs_in"),
    }
    let card = story.card("helpdesk", "/connect who").await;
    assert_eq!(lines(&card)[0], ("Refresh", "/connect who"));
    assert!(
        rows(&card, "Agent")
            .iter()
            .any(|(login, now)| login == "john.doe" && now.starts_with("Available 0 s"))
    );
}

#[tokio::test]
async fn a_group_a_profile_and_a_queue_have_their_own_agents() {
    let mut story = Story::begin().await;
    for (asked, agents, queues) in table! {
        ("hierarchy_group:\"Eastern Region\"", vec!["abigail.stone", "aaron.fields", "amara.okafor", "jamal.reed"], 0),
        ("routing_profile:\"Contact Tracers Profile\"", vec!["amara.okafor"], 2),
        ("queue:\"contact tracing\"", vec!["amara.okafor"], 1),
    } {
        let line = format!("/connect who {asked}");
        let card = story.card("helpdesk", &line).await;
        let mut shown: Vec<String> = rows(&card, "Agent").into_iter().map(|(login, _)| login).collect();
        let mut agents: Vec<String> = agents.into_iter().map(str::to_owned).collect();
        shown.sort();
        agents.sort();
        assert_eq!(shown, agents, "{asked}");
        assert!(rows(&card, "Queue").len() >= queues.min(1), "{asked}: {card:?}");
        // The button asks for the same again.
        let again = lines(&card)[0].1.to_owned();
        assert_eq!(story.card("helpdesk", &again).await, card, "{again}");
    }
    answers! { story: "helpdesk", "/connect who";
        ("queue:Nowhere", "No queue `Nowhere`."),
        ("queue:\"contact tracing\" routing_profile:\"Basic Routing Profile\"", "Use only one of group, routing profile and queue"),
        ("page:9", "There is no page 9"),
    }
    story.tells("john", "/connect who", &["didn't work"]).await;
}

#[tokio::test]
async fn whoever_is_stuck_comes_first_with_a_way_out() {
    let mut story = Story::begin().await;
    let missed = json!({
        "signed_in": true, "status": "Available", "on_contact": [{ "channel": "VOICE", "state": "MISSED" }],
    });
    story.sim(&format!("PUT /_sim/users/olga.novak/presence {missed}")).await;
    let paused = json!({
        "signed_in": true, "status": "Available", "on_contact": [{ "channel": "TASK", "state": "PAUSED" }],
    });
    story.sim(&format!("PUT /_sim/users/mei.chen/presence {paused}")).await;
    let card = story.card("supervisor", "/connect who").await;
    let rows = rows(&card, "Agent");
    assert_eq!(rows[0].0, "olga.novak");
    assert!(rows[0].1.contains("voice missed"), "{rows:?}");
    // A state that the API's model lacks is shown as it is.
    assert!(rows.iter().any(|(login, now)| login == "mei.chen" && now.contains("task paused")), "{rows:?}");
    assert!(card.words().contains("1 stuck in a missed, rejected or failed contact"), "{}", card.words());
    assert!(lines(&card).contains(&("Free olga.novak", "/connect dismiss olga.novak")), "{:?}", lines(&card));
}

#[tokio::test]
async fn nobody_at_all_is_a_sentence_and_a_queue_without_numbers_is_not_zero() {
    let mut story = Story::begin().await;
    let world = story.world().await;
    for (login, user) in world["users"].as_object().unwrap() {
        if !user["presence"].is_null() {
            story.says("helpdesk", &format!("world {login} signs_out")).await;
        }
    }
    let card = story.card("helpdesk", "/connect who").await;
    assert_eq!(card.title, "No active agents");
    let words = card.words();
    assert!(words.contains("No one has a status other than Offline."), "{words}");
    assert!(words.contains("No data for"), "{words}");
}

/// The least that the API allows: a hundred agents a call, and nothing for those who are signed out.
#[tokio::test]
async fn a_thousand_agents_take_ten_calls() {
    let mut story = Story::with(|options| options.sim.seed = "users=1200".parse().unwrap()).await;
    let logins: Vec<String> = story.world().await["users"].as_object().unwrap().keys().cloned().collect();
    let presence = json!({ "signed_in": true, "status": "Available" });
    let mut active = 0;
    for login in &logins {
        let on = active < 1_000;
        active += usize::from(on);
        let presence = if on { presence.clone() } else { json!({ "signed_in": false }) };
        story.sim(&format!("PUT /_sim/users/{login}/presence {presence}")).await;
    }
    story.sim("DELETE /_sim/calls").await;
    let card = story.card("helpdesk", "/connect who").await;
    assert!(card.title.starts_with("1000 active agents"), "{}", card.title);
    let calls = |calls: serde_json::Value, operation: &str| {
        calls["operations"][operation]["calls"].as_u64().unwrap_or(0)
    };
    let first = story.sim("GET /_sim/calls").await;
    assert_eq!(calls(first.clone(), "GetCurrentUserData"), 10, "{first}");
    assert!(calls(first.clone(), "SearchUsers") <= 3, "{first}");
    // Who is who is known by then.
    story.card("helpdesk", "/connect who page:84").await;
    let second = story.sim("GET /_sim/calls").await;
    assert_eq!(calls(second.clone(), "GetCurrentUserData"), 20);
    assert_eq!(calls(second, "SearchUsers"), calls(first, "SearchUsers"));
}

#[tokio::test]
async fn a_page_token_that_died_costs_a_fresh_start_and_no_answer() {
    let mut story = Story::with(|options| options.sim.seed = "users=400".parse().unwrap()).await;
    let logins: Vec<String> = story.world().await["users"].as_object().unwrap().keys().cloned().collect();
    for login in &logins {
        let presence = json!({ "signed_in": true, "status": "Available" });
        story.sim(&format!("PUT /_sim/users/{login}/presence {presence}")).await;
    }
    let whole = story.card("helpdesk", "/connect who").await.title;
    let dead = json!({
        "operation": "GetCurrentUserData", "call": 2, "fault": "fail_before",
        "error": "InvalidParameterException", "status": 400,
    });
    story.sim(&format!("POST /_sim/faults {dead}")).await;
    let card = story.card("helpdesk", "/connect who").await;
    assert_eq!(card.title, whole);
}

/// A contact on hold keeps the time since which it is connected, which is not that of the hold.
#[tokio::test]
async fn a_call_on_hold_is_as_long_as_the_call() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    let card = story.card("helpdesk", "/connect who").await;
    let now = rows(&card, "Agent").into_iter().find(|(login, _)| login == "finn.brady").map(|(_, now)| now);
    assert!(now.as_ref().is_some_and(|now| now.contains("voice 8 min (on hold)")), "{now:?}");
}

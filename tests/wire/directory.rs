//! The directory that keeps passwords, when it is not at its best: throttled, out of reach, silent.

use desk_core::card::{Block, Card, Tone};
use serde_json::json;

use crate::support::Story;

async fn begin() -> Story {
    Story::with(|options| options.sim.identity = desk_sim::IdentityType::ExistingDirectory).await
}

async fn order(story: &mut Story, fault: &serde_json::Value) {
    let mut fault = fault.clone();
    fault["operation"] = json!("ResetUserPassword");
    story.sim(&format!("POST /_sim/faults {fault}")).await;
}

/// Asks, confirms and approves a reset; the card at the end.
async fn reset(story: &mut Story) -> Card {
    story.card("helpdesk", "/connect reset john.doe").await;
    story.card("helpdesk", "/desk confirm 1").await;
    story.card("supervisor", "/desk approve 1").await
}

/// The password that the requester is shown is the one that the directory has.
async fn it_opens_the_door(story: &mut Story) {
    let card = story.card("helpdesk", "/desk reveal 1").await;
    let secret = card.blocks.iter().find_map(|block| match block {
        Block::Secret { value, .. } => Some(value.show().to_owned()),
        _ => None,
    });
    let secret = secret.unwrap_or_else(|| panic!("no password: {card:?}"));
    let opened =
        story.sim(&format!(r#"POST /_sim/login {{"login": "john.doe", "password": "{secret}"}}"#)).await;
    assert_eq!(opened["login"], "john.doe");
}

async fn resets(story: &mut Story) -> u64 {
    story.sim("GET /_sim/calls").await["operations"]["ResetUserPassword"]["calls"].as_u64().unwrap()
}

#[tokio::test]
async fn what_passes_is_waited_for_and_the_password_is_the_one_that_is_shown() {
    for (fault, calls) in [
        (json!({"fault": "throttle", "times": 3}), 4),
        (json!({"fault": "drop_before"}), 2),
        (json!({"fault": "drop_after", "times": 2}), 3),
        (json!({"fault": "fail_after"}), 2),
        (json!({"fault": "fail_before", "error": "ServiceException", "times": 2}), 3),
        (json!({"fault": "fail_before", "error": "DirectoryUnavailableException", "times": 4}), 5),
        (json!({"fault": "fail_before", "error": "TooManyRequestsException", "status": 429}), 2),
        (json!({"fault": "fail_before", "error": "ClientException"}), 2),
        (json!({"fault": "fail_after", "error": "RequestTimeout", "status": 400}), 2),
    ] {
        let mut story = begin().await;
        order(&mut story, &fault).await;
        let card = reset(&mut story).await;
        assert_eq!(card.tone, Tone::Good, "{fault}: {card:?}");
        assert_eq!(resets(&mut story).await, calls, "{fault}");
        it_opens_the_door(&mut story).await;
    }
}

#[tokio::test]
async fn a_directory_that_stays_out_of_reach_has_nothing_new() {
    let mut story = begin().await;
    order(
        &mut story,
        &json!({"fault": "fail_before", "error": "DirectoryUnavailableException", "times": 1000}),
    )
    .await;
    let card = reset(&mut story).await;
    let said = format!("{card:?}");
    assert!(said.contains("can't be reached right now") && said.contains("rolled back"), "{said}");
    assert_eq!(story.world().await["users"]["john.doe"]["password"], "none");
}

#[tokio::test]
async fn a_directory_that_stays_silent_waits_for_a_person_who_tries_again() {
    let mut story = begin().await;
    order(&mut story, &json!({"fault": "drop_after", "times": 1000})).await;
    let card = reset(&mut story).await;
    assert_eq!(card.tone, Tone::Alarm, "{card:?}");
    assert!(format!("{card:?}").contains("didn't answer"), "{card:?}");
    story.sim("DELETE /_sim/faults").await;
    let card = story.card("supervisor", "/desk retry 1").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    it_opens_the_door(&mut story).await;
}

#[tokio::test]
async fn a_refusal_after_a_lost_answer_does_not_say_that_nothing_happened() {
    let mut story = begin().await;
    order(&mut story, &json!({"fault": "drop_after"})).await;
    order(&mut story, &json!({"fault": "fail_before", "error": "UserDoesNotExistException"})).await;
    let card = reset(&mut story).await;
    assert_eq!(card.tone, Tone::Alarm, "{card:?}");
    assert!(format!("{card:?}").contains("has no user"), "{card:?}");
    assert_eq!(story.card("supervisor", "/desk retry 1").await.tone, Tone::Good);
    it_opens_the_door(&mut story).await;
}

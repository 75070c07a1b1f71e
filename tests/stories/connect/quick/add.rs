use desk_core::card::Tone;
use serde_json::{Value, json};

use crate::support::Story;

const WHO: &str = "second";

/// The quick connects of the world, by name.
async fn quick_connects(story: &mut Story) -> Value {
    story.world().await["quick_connects"].clone()
}

#[tokio::test]
async fn an_agent_gets_a_quick_connect_in_the_queues_that_are_named_and_undo_takes_it_back() {
    let mut story = Story::begin().await.everywhere(&[]).await;
    let before = story.world().await;
    let line = "/connect quick add user:jose.garcia queues:\"Case Investigation,Callback\"";
    story
        .tells(
            WHO,
            line,
            &["in `Case Investigation` and `Callback`.", "user jose.garcia, flow Default agent transfer"],
        )
        .await;
    assert_eq!(story.card(WHO, "/desk confirm 1").await.tone, Tone::Good);
    let made = quick_connects(&mut story).await["Jos\u{e9} Garc\u{ed}a"].clone();
    assert_eq!(made["user"], "jose.garcia");
    assert_eq!(made["flow"], "Default agent transfer");
    assert_eq!(made["queues"], json!(["Callback", "Case Investigation"]));
    let told = story.carries_out(WHO, "/connect undo 1").await;
    assert!(told.contains("· completed"), "{told}");
    assert_eq!(story.world().await, before);
    let told = story.carries_out(WHO, "/connect undo 2").await;
    assert!(told.contains("· completed"), "{told}");
    assert_eq!(quick_connects(&mut story).await["Jos\u{e9} Garc\u{ed}a"], made);
}

#[tokio::test]
async fn what_is_there_already_is_left_alone() {
    let mut story = Story::begin().await;
    let told = story.told(WHO, "/connect quick add user:john.doe queues:Callback").await;
    assert!(told.contains("All of them already exist."), "{told}");
    assert_eq!(story.writes().await, 0);
    // It is in one of these queues.
    let told = story.told(WHO, "/connect quick add user:john.doe queues:\"Callback,Help Desk\"").await;
    assert!(told.contains("in `Help Desk`"), "{told}");
}

#[tokio::test]
async fn many_come_from_a_sheet_each_with_its_queues_and_one_error_keeps_all_of_them_away() {
    let sheet = "Name;Type;Destination;Flow;Description;Queues\n\
                 Poison control;number;+1 555 010 0222;;Day and night;\"Case Investigation;Callback\"\n\
                 Olga;user;olga.novak;;;Callback\n\
                 Escalations;queue;Supervisor Escalations;Default queue transfer;;Help Desk\n\
                 Chat help;flow;Help desk line;;;\n";
    let mut story = Story::with_files(&[("quick.csv", sheet.as_bytes())]).await;
    let told = story.told(WHO, "/connect quick add file:quick.csv").await;
    assert!(
        told.contains("Create 4 quick connects in `Case Investigation`, `Callback` and `Help Desk`."),
        "{told}"
    );
    let told = story.told(WHO, "/desk confirm 1").await;
    assert!(told.contains("· completed"), "{told}");
    let there = quick_connects(&mut story).await;
    assert_eq!(there["Poison control"]["number"], "+15550100222");
    assert_eq!(there["Poison control"]["queues"], json!(["Callback", "Case Investigation"]));
    assert_eq!(there["Olga"]["queues"], json!(["Callback"]));
    assert_eq!(there["Escalations"]["queue"], "Supervisor Escalations");
    assert_eq!(there["Chat help"]["flow"], "Help desk line");
    let writes = story.writes().await;
    let wrong =
        "Name,Type,Destination,Queues\nA,user,olga.novak,\nB,robot,x,\nC,number,12,\n,queue,Callback,\n";
    story.attach("wrong.csv", wrong.as_bytes());
    let told = story.told(WHO, "/connect quick add file:wrong.csv").await;
    assert!(told.contains("Row 3 of `wrong.csv`: `robot` isn't a type of quick connect."), "{told}");
    assert!(told.contains("And 2 rows more errors"), "{told}");
    assert_eq!(story.writes().await, writes);
}

#[tokio::test]
async fn more_than_fifty_go_into_a_queue_in_batches_of_what_one_call_takes() {
    let mut sheet = "Name,Type,Destination,Queues\n".to_owned();
    for number in 1..=51 {
        sheet += &format!("Partner {number:02},number,+15550101{number:03},Callback\n");
    }
    let mut story = Story::with_files(&[("partners.csv", sheet.as_bytes())]).await;
    let told = story.carries_out(WHO, "/connect quick add file:partners.csv").await;
    assert!(told.contains("· completed"), "{told}");
    let offered = story.world().await["queues"]["Callback"]["quick_connects"].as_array().unwrap().len();
    assert_eq!(offered, 52);
    let calls = story.sim("GET /_sim/calls").await;
    assert_eq!(calls["operations"]["AssociateQueueQuickConnects"]["writes"], 2);
}

#[tokio::test]
async fn bad_input_is_answered_with_what_would_be_right() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    for (line, says) in table! {
        ("Doe user:unknown.here", "No user `unknown.here`."),
        ("Doe user:john.doe queue:Callback", "A quick connect has one destination."),
        ("Doe user:hugo.berg transfer_flow:\"Main line\"", "`Main line` is an inbound flow, not an agent transfer flow."),
        ("Doe user:hugo.berg transfer_flow:\"Old agent transfer\"", "The flow `Old agent transfer` is archived."),
        ("Doe user:hugo.berg transfer_flow:\"Agent transfer draft\"", "was never published."),
        ("\"Food bank\" number:+15550100777", "The quick connect `Food bank` already exists."),
        ("Doe number:+15550100777 queues:Calback", "No queue `Calback`."),
        ("number:+15550100777", "`name` is missing."),
    } {
        let told = story.told(WHO, &format!("/connect quick add {line}")).await;
        assert!(told.contains(says), "{line}: {told}");
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn a_full_instance_says_so_and_nothing_is_left_behind() {
    let mut story = Story::begin().await;
    story.sim("PUT /_sim/settings {\"quick_connect_quota\": 13}").await;
    let before = story.world().await;
    let told = story.carries_out(WHO, "/connect quick add users:hugo.berg,olga.novak queues:Callback").await;
    assert!(told.contains("A quota of the instance is exhausted"), "{told}");
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn the_help_desk_has_no_part_in_routing() {
    let mut story = Story::begin().await;
    for line in [
        "/connect quick add user:jose.garcia",
        "/connect queue list",
        "/connect routing list",
        "/connect tasks john.doe",
    ] {
        let card = story.card("helpdesk", line).await;
        assert_eq!(card.tone, Tone::Bad, "{line}");
    }
    story.carries_out(WHO, "/connect quick add user:jose.garcia queues:Callback").await;
    let writes = story.writes().await;
    story.tells("helpdesk", "/connect undo 1", &["role supervisor or admin"]).await;
    assert_eq!(story.writes().await, writes);
}

#[tokio::test]
async fn options_beside_a_sheet_are_for_what_its_rows_leave_open() {
    let sheet = "Name,Type,Destination,Flow,Description,Queues\n\
                 Poison control,number,+15550100222,,Day and night,Callback\n\
                 Olga,user,olga.novak,,,\n";
    let mut story = Story::with_files(&[("quick.csv", sheet.as_bytes())]).await;
    for (option, says) in [
        ("name:Doe", "`name`"),
        ("number:+15550100444", "`number`"),
        ("user:mei.chen", "`user`"),
        ("transfer_flow:Nonexistent", "No flow `Nonexistent`."),
    ] {
        let told = story.told(WHO, &format!("/connect quick add file:quick.csv {option}")).await;
        assert!(told.contains(says), "{option}: {told}");
    }
    assert_eq!(story.writes().await, 0);
    let line = "/connect quick add file:quick.csv queues:\"Help Desk\" description:\"Call them\" \
                transfer_flow:\"Default agent transfer\"";
    let told = story.carries_out(WHO, line).await;
    assert!(told.contains("· completed"), "{told}");
    let there = quick_connects(&mut story).await;
    assert_eq!(there["Olga"]["queues"], json!(["Help Desk"]));
    assert_eq!(there["Olga"]["description"], "Call them");
    assert_eq!(there["Poison control"]["queues"], json!(["Callback"]));
    assert_eq!(there["Poison control"]["description"], "Day and night");
}

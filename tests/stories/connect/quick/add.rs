use desk_core::card::Block;
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
    plays! { story: (WHO, "☑ /connect quick add user:jose.garcia queues:\"Case Investigation,Callback\"", "in `Case Investigation` and `Callback`.", "user jose.garcia, flow Default agent transfer", "⇒", "╭ ✓") }
    let made = quick_connects(&mut story).await["Jos\u{e9} Garc\u{ed}a"].clone();
    assert_eq!(made["user"], "jose.garcia");
    assert_eq!(made["flow"], "Default agent transfer");
    assert_eq!(made["queues"], json!(["Callback", "Case Investigation"]));
    plays! { story: (WHO, "✓ /connect undo 1", "· completed") }
    assert_eq!(story.world().await, before);
    plays! { story: (WHO, "✓ /connect undo 2", "· completed") }
    assert_eq!(quick_connects(&mut story).await["Jos\u{e9} Garc\u{ed}a"], made);
}

#[tokio::test]
async fn what_is_there_already_is_left_alone() {
    let mut story = Story::begin().await;
    plays! { story: (WHO, "/connect quick add user:john.doe queues:Callback", "All of them already exist.") }
    assert_eq!(story.writes().await, 0);
    // It is in one of these queues.
    plays! { story: (WHO, "/connect quick add user:john.doe queues:\"Callback,Help Desk\"", "in `Help Desk`") }
}

#[tokio::test]
async fn many_come_from_a_sheet_each_with_its_queues_and_one_error_keeps_all_of_them_away() {
    let sheet = "Name;Type;Destination;Flow;Description;Queues\n\
                 Poison control;number;+1 555 010 0222;;Day and night;\"Case Investigation;Callback\"\n\
                 Olga;user;olga.novak;;;Callback\n\
                 Escalations;queue;Supervisor Escalations;Default queue transfer;;Help Desk\n\
                 Chat help;flow;Help desk line;;;\n";
    let mut story = Story::with_files(&[("quick.csv", sheet.as_bytes())]).await;
    plays! { story: (WHO, "☑ /connect quick add file:quick.csv", "Create 4 quick connects in `Case Investigation`, `Callback` and `Help Desk`.", "⇒", "· completed") }
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
    plays! { story: (WHO, "/connect quick add file:wrong.csv", "Row 3 of `wrong.csv`: `robot` isn't a type of quick connect.", "And 2 more; the file has all of them.") }
    // What only the contact center knows is found of every row as well.
    let wrong = "Name,Type,Destination,Queues\n\
                 A,user,OLGA.NOVAK,\nB,user,no.one,\nC,number,12,\nD,number,+15550100333,\nD,number,+15550100444,\n\
                 Poison control,number,+15550100999,\n";
    story.attach("wrong.csv", wrong.as_bytes());
    let card = story.card(WHO, "/connect quick add file:wrong.csv").await;
    let file = card.blocks.iter().find_map(|block| match block {
        Block::File { text, .. } => Some(text.clone()),
        _ => None,
    });
    insta::assert_snapshot!(file.unwrap(), @r"
    row 2: No user `OLGA.NOVAK`. Did you mean `olga.novak`?
    row 3: No user `no.one`. Search with `/connect find`.
    row 4: The phone number `12` has no country code. Use a plus, the country code and the number, such as `+12025550123`.
    row 6: `D` is given in row 5 too. Give each quick connect a different name.
    row 7: The quick connect `Poison control` already exists. Choose another name, or edit the existing one.
    ");
    assert_eq!(story.writes().await, writes);
}

#[tokio::test]
async fn more_than_fifty_go_into_a_queue_in_batches_of_what_one_call_takes() {
    let mut sheet = "Name,Type,Destination,Queues\n".to_owned();
    for number in 1..=51 {
        sheet += &format!("Partner {number:02},number,+15550101{number:03},Callback\n");
    }
    let mut story = Story::with_files(&[("partners.csv", sheet.as_bytes())]).await;
    plays! { story: (WHO, "✓ /connect quick add file:partners.csv", "· completed") }
    let offered = story.world().await["queues"]["Callback"]["quick_connects"].as_array().unwrap().len();
    assert_eq!(offered, 52);
    let calls = story.sim("GET /_sim/calls").await;
    assert_eq!(calls["operations"]["AssociateQueueQuickConnects"]["writes"], 2);
}

#[tokio::test]
async fn bad_input_is_answered_with_what_would_be_right() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    answers! { story: WHO, "/connect quick add";
        ("Doe user:unknown.here", "No user `unknown.here`."),
        ("Doe user:john.doe queue:Callback", "A quick connect has one destination."),
        ("Doe user:hugo.berg transfer_flow:\"Main line\"", "`Main line` is an inbound flow, not an agent transfer flow."),
        ("Doe user:hugo.berg transfer_flow:\"Old agent transfer\"", "The flow `Old agent transfer` is archived."),
        ("Doe user:hugo.berg transfer_flow:\"Agent transfer draft\"", "was never published."),
        ("\"Food bank\" number:+15550100777", "The quick connect `Food bank` already exists."),
        ("Doe number:+15550100777 queues:Calback", "No queue `Calback`."),
        ("number:+15550100777", "`name` is missing."),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn a_full_instance_says_so_and_nothing_is_left_behind() {
    let mut story = Story::begin().await;
    story.sim("PUT /_sim/settings {\"quick_connect_quota\": 13}").await;
    let before = story.world().await;
    plays! { story: (WHO, "✓ /connect quick add users:hugo.berg,olga.novak queues:Callback", "A quota of the instance is exhausted") }
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
        plays! { story: ("helpdesk", line, "╭ ✗") }
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
    answers! { story: WHO, "/connect quick add file:quick.csv";
        ("name:Doe", "`name`"),
        ("number:+15550100444", "`number`"),
        ("user:mei.chen", "`user`"),
        ("transfer_flow:Nonexistent", "No flow `Nonexistent`."),
    }
    assert_eq!(story.writes().await, 0);
    plays! { story: (WHO, "✓ /connect quick add file:quick.csv queues:\"Help Desk\" description:\"Call them\" transfer_flow:\"Default agent transfer\"", "· completed") }
    let there = quick_connects(&mut story).await;
    assert_eq!(there["Olga"]["queues"], json!(["Help Desk"]));
    assert_eq!(there["Olga"]["description"], "Call them");
    assert_eq!(there["Poison control"]["queues"], json!(["Callback"]));
    assert_eq!(there["Poison control"]["description"], "Day and night");
}

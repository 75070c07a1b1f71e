use serde_json::json;

use desk_core::card::Tone;

use crate::support::Story;

const NEW: &str =
    "/connect group add \"Northern Region/Case Investigation North; Eastern Region/Reserve\" parents:true";

fn paths(world: &serde_json::Value) -> Vec<String> {
    let groups = world["hierarchy_groups"].as_object().unwrap().values();
    let path = |group: &serde_json::Value| {
        let parts: Vec<&str> =
            group["path"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        parts.join("/")
    };
    groups.map(path).collect()
}

#[tokio::test]
async fn several_groups_are_created_from_the_top_down_and_taken_back_by_undo() {
    let mut story = Story::begin().await.everywhere(&["Kind::Flag"]).await;
    let before = story.world().await;
    plays! { story: ("supervisor", &format!("☑ {NEW}"), "Create 3 hierarchy groups.", "Northern Region/Case Investigation North 2 (Team)", "⇒") }
    let there = paths(&story.world().await);
    for path in ["Northern Region", "Northern Region/Case Investigation North", "Eastern Region/Reserve"] {
        assert!(there.iter().any(|one| one == path), "{path}: {there:?}");
    }
    // Who may not add a group may not take one back.
    plays! { story:
        ("helpdesk", "/connect undo 1", "ran `/connect group add`, which you aren't allowed to request."),
        ("supervisor", "✓ /connect undo 1", "undo 3 changes", "⇒"),
    }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn what_is_used_meanwhile_is_left_alone_by_undo() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", &format!("☑ {NEW}")),
        ("helpdesk", "☑ /connect group link Reserve john.doe"),
        ("supervisor", "/connect undo 1", "`Eastern Region/Reserve` now has 1 agent and 0 groups, and stays unchanged.", "undo 2 changes"),
    }
}

#[tokio::test]
async fn bad_paths_are_answered_with_what_would_be_right() {
    let mut story = Story::begin().await;
    let five = "Eastern Region/A/B/C/D/E";
    let long = "x".repeat(101);
    let table = table! {
        ("Missouri//Team 4".to_owned(), "has an empty part."),
        (" / ".to_owned(), "has an empty part."),
        (";".to_owned(), "No hierarchy group is given."),
        (long, "is longer than 100 characters."),
        ("Eastern Region".to_owned(), "The hierarchy group `Eastern Region` already exists."),
        ("eastern  region".to_owned(), "The hierarchy group `Eastern Region` already exists."),
        ("Eastern Region;Western Region".to_owned(), "All 2 groups exist already."),
        ("Estern Region/Reserve".to_owned(), "`/connect group add \"Eastern Region/Reserve\"`"),
        ("Eastern Region/Nowhere/Reserve".to_owned(), "No hierarchy group `Eastern Region/Nowhere`, so `Eastern Region/Nowhere/Reserve` can't be put below it."),
        ("Eastern Region/Case Investigation East/Leads East/Seat 1".to_owned(), "would be on level 4, and the hierarchy has 3 levels (`Manager`, `Team` and `Role`)."),
        (five.to_owned(), "would be on level 6, and a hierarchy has at most 5."),
    };
    for (typed, message) in table {
        plays! { story: ("supervisor", &format!("/connect group add \"{typed}\""), message) }
    }
    plays! { story: ("supervisor", &format!("/connect group add \"{five}\" parents:true"), "would be on level") }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn only_lines_that_pass_are_offered_for_a_missing_parent() {
    for (typed, offered) in table! {
        ("North Coast/Reserve", &["\"North Coast/Reserve\" parents:true"][..]),
        ("Estern Region/Reserve", &["\"Estern Region/Reserve\" parents:true", "\"Eastern Region/Reserve\"", "\"Western Region/Reserve\""]),
        // With another name for the one, the other is still refused.
        ("Estern Region/Reserve; Nowhere/Reserve", &["\"Estern Region/Reserve; Nowhere/Reserve\" parents:true"]),
        ("Nowhere/A; Eastern Region/Case Investigation East/Leads East/Seat", &[]),
    } {
        let mut story = Story::begin().await;
        let card = story.card("supervisor", &format!("/connect group add \"{typed}\" reason:later")).await;
        let lines: Vec<&str> = card.actions.iter().filter_map(|action| action.line.as_deref()).collect();
        let wanted: Vec<String> =
            offered.iter().map(|typed| format!("/connect group add {typed} reason:later")).collect();
        assert_eq!(lines, wanted, "{typed}: {card:?}");
        for line in wanted {
            assert_ne!(story.card("supervisor", &line).await.tone, Tone::Bad, "{line}");
        }
    }
}

#[tokio::test]
async fn a_name_that_stays_taken_is_refused_in_the_end() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/connect group add \"Northern Region\"").await;
    // Its name stays taken, and no group of that name shows.
    let body = json!({"operation": "CreateUserHierarchyGroup", "fault": "fail_before", "times": 100000, "error": "DuplicateResourceException", "status": 409});
    story.sim(&format!("POST /_sim/faults {body}")).await;
    plays! { story: ("supervisor", "/desk confirm 1", "╭ ✗") }
    assert!(!paths(&story.world().await).contains(&"Northern Region".to_owned()));
}

#[tokio::test]
async fn a_full_hierarchy_leaves_nothing_behind() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    story.sim(r#"PUT /_sim/settings {"hierarchy_group_quota": 16}"#).await;
    plays! { story: ("supervisor", &format!("☑ {NEW}"), "A quota of the instance is exhausted") }
    assert_eq!(story.world().await, before, "all or nothing");
}

#[tokio::test]
async fn the_arrows_of_a_guide_are_offered_as_a_path() {
    let mut story = Story::begin().await;
    for (typed, offered) in table! {
        ("/connect group add \"Eastern Region > Reserve\"", "/connect group add \"Eastern Region/Reserve\""),
        ("/connect group add \"Eastern Region → Reserve\"", "/connect group add \"Eastern Region/Reserve\""),
        ("/connect group add \"Eastern Region › Reserve\"", "/connect group add \"Eastern Region/Reserve\""),
        ("/connect group show \"Eastern Region -> Contact Tracing East\"", "Eastern Region/Contact Tracing East"),
    } {
        story.tells("supervisor", typed, &["Did you mean", offered]).await;
    }
    // Where an existing group is named, they are understood.
    for signs in [">", "→", "›", "|"] {
        let line = format!(
            "/connect edit mei.chen hierarchy_group:\"Eastern Region {signs} Contact Tracing East {signs} Tracers East\""
        );
        story.tells("supervisor", &line, &["`mei.chen` is already set that way"]).await;
    }
}

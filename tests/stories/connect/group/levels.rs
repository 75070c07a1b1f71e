use serde_json::json;

use crate::support::Story;

#[tokio::test]
async fn a_level_is_added_below_those_there_are_and_taken_back_while_it_is_unused() {
    let mut story = Story::begin().await;
    let levels = async |story: &mut Story| story.world().await["instance"]["hierarchy_levels"].clone();
    plays! { story: ("supervisor", "☑ /connect group levels Seat", "Add level 4, `Seat`, to the agent hierarchy.", "All levels after that: `Manager` › `Team` › `Role` › `Seat`.", "⇒") }
    assert_eq!(levels(&mut story).await, json!(["Manager", "Team", "Role", "Seat"]));
    plays! { story: ("supervisor", "☑ /connect group levels Region level:1", "Rename level 1 of the agent hierarchy from `Manager` to `Region`.", "⇒") }
    assert_eq!(levels(&mut story).await, json!(["Region", "Team", "Role", "Seat"]));
    // Someone else's change since is left alone.
    story.tells("supervisor", "/connect undo 1", &["The levels of the hierarchy were changed since"]).await;
    plays! { story: ("supervisor", "☑ /connect undo 2") }
    assert_eq!(levels(&mut story).await, json!(["Manager", "Team", "Role", "Seat"]));
    plays! { story: ("supervisor", "✓ /connect undo 1") }
    assert_eq!(levels(&mut story).await, json!(["Manager", "Team", "Role"]));
}

#[tokio::test]
async fn what_cannot_be_a_level_is_refused() {
    let mut story = Story::begin().await;
    answers! { story: "supervisor", "/connect group levels";
        ("Seat level:5", "Level 5 can't be added: the hierarchy has 3 levels"),
        ("team", "Level 2 already has the name `Team`."),
        ("Team level:2", "Level 2 already has the name `Team`."),
        ("Seat level:6", "isn't a whole number from 1 to 5"),
    }
    let long = "x".repeat(51);
    plays! { story: ("supervisor", &format!("/connect group levels {long}"), "50") }
    for (no, name) in [(1, "Seat"), (2, "Chair")] {
        let before = story.told("supervisor", &format!("/connect group levels {name}")).await;
        let number = before.split('#').nth(1).unwrap().split(' ').next().unwrap().to_owned();
        story.says("supervisor", &format!("/desk confirm {number}")).await;
        assert_eq!(story.world().await["instance"]["hierarchy_levels"].as_array().unwrap().len(), 3 + no);
    }
    story.tells("supervisor", "/connect group levels Sixth", &["which is the limit."]).await;
}

#[tokio::test]
async fn levels_that_someone_changed_between_the_plan_and_the_call_are_not_overwritten() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/connect group levels Seat").await;
    let id = story.inside().sim.instance_id().to_owned();
    let structure = json!({ "HierarchyStructure": {
        "LevelOne": {"Name": "Manager"}, "LevelTwo": {"Name": "Team"}, "LevelThree": {"Name": "Role"}, "LevelFour": {"Name": "Desk"},
    }});
    story.sim(&format!("POST /user-hierarchy-structure/{id} {structure}")).await;
    story.tells("supervisor", "/desk confirm 1", &["Approvals were reset"]).await;
    assert_eq!(
        story.world().await["instance"]["hierarchy_levels"],
        json!(["Manager", "Team", "Role", "Desk"])
    );
}

use crate::support::Story;

#[tokio::test]
async fn a_group_gets_another_name_and_keeps_its_agents() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story:
        ("supervisor", "/connect group rename \"Case Investigation East\" \"Investigation\"", "Rename the hierarchy group `Eastern Region/Case Investigation East` to `Investigation`.", "The paths of 2 groups below it change too."),
        ("supervisor", "/desk confirm 1"),
        ("helpdesk", "/connect show john.doe", "`Eastern Region/Investigation/Investigators East`"),
        ("supervisor", "☑ /connect undo 1"),
    }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn a_path_moves_it_by_new_groups_and_says_what_that_costs() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "/connect group rename \"Contact Tracing East\" \"Western Region/Contact Tracing East\"", "create 2 new groups, move 8 agents, remove the old groups."),
        ("supervisor", "/desk details 1", "Amazon Connect can't move a group."),
        ("supervisor", "/desk confirm 1", "Contact Tracing East/Tracers East → Western Region/Contact Tracing East/Tracers East"),
        ("second", "/desk approve 1", "╭ ✓", "Next: `/connect group rename \"Western Region/Contact Tracing East\"", "≠/connect undo 1"),
        ("helpdesk", "/connect show mei.chen", "`Western Region/Contact Tracing East/Tracers East`"),
    }
    let groups = story.world().await["hierarchy_groups"].to_string();
    assert!(!groups.contains(r#"["Eastern Region","Contact Tracing East"#), "{groups}");
    // It is another group now, so it is moved back and not undone.
    let told = story.told("supervisor", "/connect undo 1").await;
    let back = "/connect group rename \"Western Region/Contact Tracing East\" \"Eastern Region/Contact Tracing East\"";
    assert!(told.contains(&format!("Did you mean `{back}`?")), "{told}");
}

#[tokio::test]
async fn a_move_that_fails_before_anything_is_removed_leaves_everything_as_it_was() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let fault = r#"{"operation": "UpdateUserHierarchy", "fault": "fail_before", "call": 3, "error": "InvalidParameterException", "status": 400}"#;
    plays! { story:
        ("helpdesk", &format!("sim POST /_sim/faults {fault}")),
        ("supervisor", "✓ /connect group rename \"Contact Tracing East\" \"Western Region/Contact Tracing East\"", "rolled back"),
    }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn what_can_be_no_name_and_no_place_is_refused() {
    let mut story = Story::begin().await;
    answers! { story: "supervisor", "/connect group rename";
        ("\"Leads East\" \"Leads East\"", "The group is called"),
        ("\"Leads East\" \"investigators east\"", "already exists."),
        ("\"Eastern Region\" \"Eastern Region/Contact Tracing East/Inside\"", "can't be put below itself."),
        // The first that doesn't fit is named, and not the group that was.
        ("\"Eastern Region\" \"Western Region/Eastern Region\"", "`Western Region/Eastern Region/Case Investigation East/", "would be on level 4"),
        ("\"Leads East\" \"Nowhere/Leads East\"", "No hierarchy group `Nowhere`."),
        ("\"Contact Tracing East\" \"Western Region/Contact Tracing West\"", "already exists."),
    }
    assert_eq!(story.writes().await, 0);
}

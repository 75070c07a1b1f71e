use crate::support::Story;

#[tokio::test]
async fn a_group_with_agents_or_groups_is_refused_with_the_list() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "/connect group remove \"Leads East\"", "`Eastern Region/Case Investigation East/Leads East` still has 1 agent: `grace.lee`."),
        ("supervisor", "/connect group remove \"Case Investigation East\"", "2 groups below it: `Eastern Region/Case Investigation East/Investigators East`"),
        ("supervisor", "/connect group remove \"Leeds East\"", "Did you mean"),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn groups_that_are_empty_together_go_from_the_bottom_up_and_come_back_by_undo() {
    let mut story = Story::begin().await;
    plays! { story: ("supervisor", "☑ /connect group add \"Northern Region/Case Investigation North/Leads North\" parents:true") }
    let before = story.world().await;
    plays! { story:
        ("supervisor", "/connect group remove \"Northern Region\" groups:\"Leads North; Case Investigation North\"", "Remove 3 hierarchy groups.", "Can't be fully undone. Lost: group id."),
        ("supervisor", "/desk details 2", "a new group with the same name is a different group in reports"),
        ("supervisor", "/desk confirm 2"),
        ("second", "/desk approve 2", "╭ ✓"),
    }
    assert!(!story.world().await["hierarchy_groups"].to_string().contains("North"));
    plays! { story: ("supervisor", "☑ /connect undo 2", "╭ ✓") }
    assert_eq!(story.world().await, before);
}

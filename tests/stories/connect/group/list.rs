use crate::support::Story;

#[tokio::test]
async fn the_hierarchy_is_a_tree_with_the_agents_in_it() {
    let mut story = Story::begin().await.everywhere(&["Block::Table", "Kind::HierarchyGroup"]).await;
    plays! { story:
        ("helpdesk", "/connect group list", "└ Investigators East 7 agents", "1 user is in no group"),
        ("helpdesk", "/connect group list \"contact tracing east\"", "Eastern Region/Contact Tracing East and 1 group below it", "└ Tracers East 7", "≠Western"),
        ("helpdesk", "/connect group list Northen", "No hierarchy group `Northen`."),
    }
}

#[tokio::test]
async fn five_hundred_groups_cost_a_search_of_a_hundred_each() {
    let mut story = Story::with(|options| options.sim.seed = "large".parse().unwrap()).await;
    story.sim("DELETE /_sim/calls").await;
    plays! { story: ("helpdesk", "/connect group list", "Agent hierarchy: 500 groups") }
    let calls = story.sim("GET /_sim/calls").await["operations"].clone();
    // One more group comes with the search and is not shown: 501 take six pages.
    assert_eq!(calls["SearchUserHierarchyGroups"]["calls"], 6, "{calls}");
    assert_eq!(calls["DescribeUserHierarchyStructure"]["calls"], 1, "{calls}");
    assert_eq!(calls["SearchUsers"]["calls"], 1, "{calls}");
    assert_eq!(calls.as_object().unwrap().len(), 3, "{calls}");
}

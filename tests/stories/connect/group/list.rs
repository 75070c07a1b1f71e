use crate::support::Story;

#[tokio::test]
async fn the_hierarchy_is_a_tree_with_the_agents_in_it() {
    let mut story = Story::begin().await.everywhere(&["Block::Table", "Kind::HierarchyGroup"]).await;
    let told = story.told("helpdesk", "/connect group list").await;
    assert!(
        told.contains("└ Investigators East 7 agents") && told.contains("1 user is in no group"),
        "{told}"
    );
    let told = story.told("helpdesk", "/connect group list \"contact tracing east\"").await;
    assert!(told.contains("Eastern Region/Contact Tracing East and 1 group below it"), "{told}");
    assert!(told.contains("└ Tracers East 7") && !told.contains("Western"), "{told}");
    story.tells("helpdesk", "/connect group list Northen", &["No hierarchy group `Northen`."]).await;
}

#[tokio::test]
async fn five_hundred_groups_cost_a_search_of_a_hundred_each() {
    let mut story = Story::with(|options| options.sim.seed = "large".parse().unwrap()).await;
    story.sim("DELETE /_sim/calls").await;
    let told = story.told("helpdesk", "/connect group list").await;
    assert!(told.contains("Agent hierarchy: 500 groups"), "{}", &told[..400]);
    let calls = story.sim("GET /_sim/calls").await["operations"].clone();
    // One more group comes with the search and is not shown: 501 take six pages.
    assert_eq!(calls["SearchUserHierarchyGroups"]["calls"], 6, "{calls}");
    assert_eq!(calls["DescribeUserHierarchyStructure"]["calls"], 1, "{calls}");
    assert_eq!(calls["SearchUsers"]["calls"], 1, "{calls}");
    assert_eq!(calls.as_object().unwrap().len(), 3, "{calls}");
}

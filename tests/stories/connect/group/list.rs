use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn the_hierarchy_is_a_tree_with_the_agents_in_it() {
    let mut story = Story::begin().await.everywhere(&["Block::Table", "Kind::HierarchyGroup"]).await;
    assert_snapshot!(story.says("helpdesk", "/connect group list").await, @"
    ╭─ · Agent hierarchy: 14 groups ───────────────────────────────────────────────╮
    │ Level 1  `Manager`                                                           │
    │ Level 2  `Team`                                                              │
    │ Level 3  `Role`                                                              │
    │                                                                              │
    │ Group                      Agents                                            │
    │ Eastern Region             1 agent (18 with those below)                     │
    │ └ Case Investigation East  1 agent (9 with those below)                      │
    │ └─ Investigators East      7 agents                                          │
    │ └─ Leads East              1 agent                                           │
    │ └ Contact Tracing East     1 agent (8 with those below)                      │
    │ └─ Tracers East            7 agents                                          │
    │ Western Region             1 agent (23 with those below)                     │
    │ └ Case Investigation West  0 agents (6 with those below)                     │
    │ └─ Investigators West      6 agents                                          │
    │ └ Contact Tracing West     2 agents (7 with those below)                     │
    │ └─ Tracers West            5 agents                                          │
    │ └ Resource Coordination    1 agent (9 with those below)                      │
    │ └─ Coordinators            4 agents                                          │
    │ └─ Desk Support            4 agents                                          │
    │                                                                              │
    │ → /connect group show <group>                                                │
    ╰─ 1 user is in no group ──────────────────────────────────────────────────────╯
    ");
    let told = story.told("helpdesk", "/connect group list \"contact tracing east\"").await;
    assert!(told.contains("Eastern Region/Contact Tracing East and 1 group below it"), "{told}");
    assert!(told.contains("└ Tracers East 7") && !told.contains("Western"), "{told}");
    let told = story.told("helpdesk", "/connect group list Northen").await;
    assert!(told.contains("No hierarchy group `Northen`."), "{told}");
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

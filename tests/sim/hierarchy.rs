//! The agent hierarchy: levels that are written as a whole, and groups below groups.

use serde_json::{Value, json};

use crate::support::{Center, DUPLICATE, FULL, MISSING, PARAMETER, REQUEST, condition, each, equals, text};

async fn levels(center: &Center) -> Value {
    center.world().await["instance"]["hierarchy_levels"].take()
}

fn structure(names: &[&str]) -> Value {
    let levels = ["LevelOne", "LevelTwo", "LevelThree", "LevelFour", "LevelFive"].iter().zip(names);
    let structure: Value =
        levels.map(|(level, name)| ((*level).to_owned(), json!({ "Name": name }))).collect();
    json!({ "HierarchyStructure": structure })
}

async fn group(center: &Center, name: &str, parent: &Value) -> Value {
    let input = if parent.is_null() {
        json!({ "Name": name })
    } else {
        json!({ "Name": name, "ParentGroupId": parent })
    };
    center.ok("CreateUserHierarchyGroup", input).await["HierarchyGroupId"].take()
}

#[tokio::test]
async fn the_levels_are_written_whole() {
    let center = Center::guide();
    let ids = || async {
        let structure =
            center.ok("DescribeUserHierarchyStructure", json!({})).await["HierarchyStructure"].take();
        ["LevelOne", "LevelTwo", "LevelThree"].map(|level| structure[level]["Id"].clone())
    };
    let before = ids().await;
    center.ok("UpdateUserHierarchyStructure", structure(&["Region", "Team", "Role", "Shift", "Desk"])).await;
    assert_eq!(levels(&center).await, json!(["Region", "Team", "Role", "Shift", "Desk"]));
    assert_eq!(ids().await, before, "a level that is renamed stays the same");
    // What is not sent is removed; what has groups cannot be.
    center.ok("UpdateUserHierarchyStructure", structure(&["Region", "Team", "Role"])).await;
    assert_eq!(levels(&center).await, json!(["Region", "Team", "Role"]));
    let (status, answer) = center.call("UpdateUserHierarchyStructure", structure(&["Region", "Team"])).await;
    assert_eq!((status, &answer["__type"]), (409, &json!("ResourceInUseException")));
    assert_eq!(answer["ResourceType"], "HIERARCHY_LEVEL");
    assert!(text(&answer["ResourceId"]).ends_with(before[2].as_str().unwrap()));
    center
        .refuses("UpdateUserHierarchyStructure", &json!({}), table! {
            (json!({ "HierarchyStructure": { "LevelOne": { "Name": "A" }, "LevelThree": { "Name": "C" } } }), REQUEST),
            (json!({ "HierarchyStructure": { "LevelOne": {} } }), REQUEST),
            (json!({}), REQUEST),
            (structure(&["A", "B", &"C".repeat(51)]), PARAMETER),
            (structure(&["A", "A", "C"]), PARAMETER),
            (structure(&["A", " ", "C"]), PARAMETER),
            (structure(&["A", "B", "Ro\u{308}le"]), PARAMETER),
        })
        .await;
    assert_eq!(levels(&center).await, json!(["Region", "Team", "Role"]));
}

#[tokio::test]
async fn groups_are_made_from_the_top_down_and_never_below_the_last_level() {
    let center = Center::guide();
    let missouri = group(&center, "Missouri", &Value::Null).await;
    let city = group(&center, "St. Louis", &missouri).await;
    let team = group(&center, "Team 4", &city).await;
    let below = json!({ "Name": "Night", "ParentGroupId": team });
    assert_eq!(center.refused("CreateUserHierarchyGroup", below.clone()).await, PARAMETER);
    center.ok("UpdateUserHierarchyStructure", structure(&["Manager", "Team", "Role", "Shift"])).await;
    center.ok("CreateUserHierarchyGroup", below).await;
    let described = center.ok("DescribeUserHierarchyGroup", json!({ "HierarchyGroupId": team })).await;
    let path = &described["HierarchyGroup"]["HierarchyPath"];
    assert_eq!(
        ["LevelOne", "LevelTwo", "LevelThree"].map(|level| text(&path[level]["Name"])),
        ["Missouri", "St. Louis", "Team 4"]
    );

    center
        .refuses(
            "CreateUserHierarchyGroup",
            &json!({}),
            table! {
                (json!({ "Name": "Team 4", "ParentGroupId": city }), DUPLICATE),
                (json!({ "Name": "Missouri" }), DUPLICATE),
                (json!({ "Name": "Nowhere", "ParentGroupId": "nothing" }), PARAMETER),
                (json!({ "Name": "Nowhere", "ParentGroupId": "" }), PARAMETER),
                (json!({ "Name": "x".repeat(101) }), PARAMETER),
                (json!({ "Name": "" }), PARAMETER),
                (json!({ "Name": "  " }), PARAMETER),
                (json!({ "Name": "Ju\u{308}rgens" }), PARAMETER),
                (json!({ "ParentGroupId": city }), REQUEST),
            },
        )
        .await;
    // The same name is free below another parent.
    let other = group(&center, "Team 4", &missouri).await;
    let other = json!({ "HierarchyGroupId": other, "Name": "Team 4" });
    let names = [("St. Louis", DUPLICATE), (&"x".repeat(101), PARAMETER), (" ", PARAMETER)];
    let names = names.map(|(name, wanted)| (json!({ "Name": name }), wanted));
    center.refuses("UpdateUserHierarchyGroupName", &other, names).await;
    center.ok("UpdateUserHierarchyGroupName", other).await;
    assert_eq!(
        center.world().await["hierarchy_groups"]["Missouri/Team 4"]["path"],
        json!(["Missouri", "Team 4"])
    );

    let count = center.world().await["hierarchy_groups"].as_object().unwrap().len();
    center.set(json!({ "hierarchy_group_quota": count })).await;
    let one_more = json!({ "Name": "One more" });
    assert_eq!(center.refused("CreateUserHierarchyGroup", one_more).await, FULL);
}

#[tokio::test]
async fn a_group_can_be_deleted_when_it_is_empty() {
    let center = Center::guide();
    for (name, wanted) in [("Leads East", "agents"), ("Western Region", "child groups")] {
        let id = center.named("hierarchy_groups", name).await;
        let (status, answer) =
            center.call("DeleteUserHierarchyGroup", json!({ "HierarchyGroupId": id })).await;
        assert_eq!((status, &answer["__type"]), (409, &json!("ResourceInUseException")));
        assert_eq!(answer["ResourceType"], "HIERARCHY_GROUP");
        assert!(text(&answer["ResourceId"]).ends_with(&id) && text(&answer["message"]).contains(wanted));
    }
    center.ok("UpdateUserHierarchy", json!({ "UserId": "@users/grace.lee" })).await;
    let leads = center.ids(json!({ "HierarchyGroupId": "@hierarchy_groups/Leads East" })).await;
    center.ok("DeleteUserHierarchyGroup", leads.clone()).await;
    assert_eq!(center.refused("DeleteUserHierarchyGroup", leads.clone()).await, MISSING);
    assert_eq!(center.refused("DescribeUserHierarchyGroup", leads).await, MISSING);
}

#[tokio::test]
async fn one_search_has_the_whole_tree() {
    let center = Center::guide();
    let search = async |criteria: Value| {
        let input = if criteria.is_null() { json!({}) } else { json!({ "SearchCriteria": criteria }) };
        center.ok("SearchUserHierarchyGroups", input).await["UserHierarchyGroups"].take()
    };
    let all = search(Value::Null).await;
    let (foundation, groups): (Vec<_>, Vec<_>) =
        all.as_array().unwrap().iter().partition(|group| group["LevelId"] == "0");
    assert_eq!((foundation.len(), groups.len()), (1, 14), "the foundation is in no list and in no path");
    assert!(foundation[0]["HierarchyPath"].is_null());
    for group in groups {
        let described =
            center.ok("DescribeUserHierarchyGroup", json!({ "HierarchyGroupId": group["Id"] })).await;
        assert_eq!(described["HierarchyGroup"], *group);
    }
    let eastern = center.named("hierarchy_groups", "Eastern Region").await;
    let structure = center.ok("DescribeUserHierarchyStructure", json!({})).await;
    let top = text(&structure["HierarchyStructure"]["LevelOne"]["Id"]);
    for (criteria, wanted) in [
        (equals("name", "Leads East"), "Leads East"),
        (condition("name", "leads", "STARTS_WITH"), "Leads East"),
        (equals("parentId", &eastern), "Case Investigation East, Contact Tracing East"),
        (equals("levelId", &top), "Eastern Region, Western Region"),
        (equals("resourceID", &eastern), "Eastern Region"),
    ] {
        assert_eq!(each(&search(criteria.clone()).await, "Name").join(", "), wanted, "{criteria}");
    }
}

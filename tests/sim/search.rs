//! Searches, condition by condition.

use desk_sim::Seed;
use serde_json::{Value, json};

use crate::support::{CONTRACT, Center, PARAMETER, condition, each, equals, merged, pages, text};

async fn logins(center: &Center, input: Value) -> String {
    let output = center.ok("SearchUsers", input).await;
    let found = each(&output["Users"], "Username");
    assert_eq!(output["ApproximateTotalCount"], found.len());
    found.join(" ")
}

#[tokio::test]
async fn criteria_find_who_they_describe() {
    let center = Center::guide();
    let john = center.user_id("john.doe").await;
    let admin = center.named("security_profiles", "Admin").await;
    let analyst = center.named("security_profiles", "QualityAnalyst").await;
    let basic = center.named("routing_profiles", "Basic Routing Profile").await;
    let basic_arn = format!("{}/routing-profile/{basic}", center.sim.instance_arn());
    let desk = center.named("hierarchy_groups", "Desk Support").await;
    let coordination = center.named("hierarchy_groups", "Resource Coordination").await;
    let group = |value: &str, kind: &str| json!({ "HierarchyGroupCondition": { "Value": value, "HierarchyGroupMatchType": kind } });
    let doe = condition("LastName", "Doe", "EXACT");
    for (criteria, wanted) in table! {
        (equals("Username", "john.doe"), "john.doe"),
        (equals("Username", "John.Doe"), ""),
        (equals("resourceId", &john), "john.doe"),
        (equals("resourceId", "no one"), ""),
        (equals("FirstName", "Zoë"), "zoe.mueller"),
        (equals("LastName", "O'Brien"), "patrick.obrien"),
        (condition("LastName", "do", "STARTS_WITH"), "jane.doe john.doe"),
        (condition("LastName", "MÜLL", "CONTAINS"), "zoe.mueller"),
        (condition("Username", ".do", "CONTAINS"), "jane.doe john.doe"),
        (equals("SecurityProfileId", &admin), "jane.doe"),
        (equals("SecurityProfileId", &analyst), "grace.lee omar.aziz quinn.harper"),
        (equals("RoutingProfileId", &basic), "frank.moore jane.doe omar.aziz"),
        (equals("RoutingProfileId", &basic_arn), "frank.moore jane.doe omar.aziz"),
        (group(&desk, "EXACT"), "alice.brook karen.white mike.turner tara.singh"),
        (group(&coordination, "EXACT"), "diana.price"),
        (group(&coordination, "WITH_CHILD_GROUPS"), "alice.brook diana.price elena.rossi ines.costa karen.white mike.turner nadia.petrova priya.nair tara.singh"),
        (group("nowhere", "WITH_CHILD_GROUPS"), ""),
        (json!({ "AndConditions": [doe, equals("SecurityProfileId", &admin)] }), "jane.doe"),
        (json!({ "AndConditions": [equals("Username", "john.doe"), equals("FirstName", "Jane")] }), ""),
        (json!({ "OrConditions": [equals("Username", "mei.chen"), doe] }), "jane.doe john.doe mei.chen"),
        (json!({ "OrConditions": [{ "AndConditions": [doe, equals("FirstName", "Jane")] }, equals("LastName", "Lee")] }), "grace.lee jane.doe"),
    } {
        assert_eq!(
            logins(&center, json!({ "SearchCriteria": criteria.clone() })).await,
            wanted,
            "{criteria}"
        );
    }
    for everybody in [json!({}), json!({ "OrConditions": [] }), json!({ "AndConditions": [] })] {
        assert_eq!(logins(&center, json!({ "SearchCriteria": everybody })).await.split(' ').count(), 42);
    }
}

#[tokio::test]
async fn proficiencies_are_compared_by_name_value_and_level() {
    let center = Center::guide();
    let name = condition("name", "Language", "EXACT");
    let value = |value: &str| condition("value", value, "EXACT");
    let level = |comparison: &str, min: Value, max: Value| json!({ "NumberCondition": { "FieldName": "limit", "ComparisonType": comparison, "MinValue": min, "MaxValue": max } });
    let none = Value::Null;
    for (conditions, wanted) in table! {
        (json!([name, value("German")]), "zoe.mueller"),
        (json!([name, value("Spanish")]), "bruno.silva carmen.ortiz john.doe jose.garcia"),
        (json!([value("Spanish"), level("GREATER", json!(3), none.clone())]), "carmen.ortiz jose.garcia"),
        (json!([value("Spanish"), level("GREATER_OR_EQUAL", json!(3), none.clone())]), "bruno.silva carmen.ortiz jose.garcia"),
        (json!([value("Spanish"), level("LESSER", none.clone(), json!(3))]), "john.doe"),
        (json!([value("Spanish"), level("LESSER_OR_EQUAL", none.clone(), json!(3))]), "bruno.silva john.doe"),
        (json!([value("Spanish"), level("EQUAL", json!(2), none.clone())]), "john.doe"),
        (json!([value("Spanish"), level("EQUAL", none.clone(), json!(2))]), "john.doe"),
        (json!([value("Spanish"), level("NOT_EQUAL", json!(5), none.clone())]), "bruno.silva john.doe"),
        (json!([value("Spanish"), level("RANGE", json!(2), json!(3))]), "bruno.silva john.doe"),
        // One proficiency has to pass everything: john.doe speaks English at 5 and Spanish at 2.
        (json!([value("English"), level("LESSER", none.clone(), json!(3))]), ""),
        (json!([condition("name", "prod", "STARTS_WITH")]), "jose.garcia"),
    } {
        let criteria =
            json!({ "ListCondition": { "TargetListType": "PROFICIENCIES", "Conditions": conditions } });
        assert_eq!(logins(&center, json!({ "SearchCriteria": criteria })).await, wanted, "{conditions}");
    }
}

#[tokio::test]
async fn filters_go_by_tags_and_hierarchy() {
    let center = Center::guide();
    let tag = |key: &str, value: &str| json!({ "TagKey": key, "TagValue": value });
    let any_site = json!({ "TagKey": "site" });
    let leads = center.named("hierarchy_groups", "Leads East").await;
    let leads = json!({ "Value": leads, "HierarchyGroupMatchType": "EXACT" });
    let west = "samuel.jones zoe.mueller";
    for (filter, wanted) in table! {
        (json!({ "TagFilter": { "TagCondition": tag("site", "west") } }), west),
        (json!({ "TagFilter": { "AndConditions": [any_site, tag("department", "investigation")] } }), "grace.lee john.doe zoe.mueller"),
        (json!({ "TagFilter": { "OrConditions": [[tag("site", "west")], [tag("site", "east"), tag("department", "investigation")]] } }), "grace.lee john.doe samuel.jones zoe.mueller"),
        (json!({ "UserAttributeFilter": { "TagCondition": tag("site", "west") } }), west),
        (json!({ "UserAttributeFilter": { "HierarchyGroupCondition": leads } }), "grace.lee"),
        (json!({ "UserAttributeFilter": { "AndCondition": { "TagConditions": [tag("site", "west")], "HierarchyGroupCondition": leads } } }), ""),
        (json!({ "UserAttributeFilter": { "OrConditions": [{ "TagConditions": [tag("site", "west")] }, { "HierarchyGroupCondition": leads }] } }), "grace.lee samuel.jones zoe.mueller"),
    } {
        assert_eq!(logins(&center, json!({ "SearchFilter": filter.clone() })).await, wanted, "{filter}");
    }
    let many = json!({ "TagConditions": vec![json!({ "TagKey": "site" }); 26] });
    let groups = vec![json!({ "HierarchyGroupCondition": leads }); 21];
    for filter in [json!({ "AndCondition": many }), json!({ "OrConditions": groups })] {
        let input = json!({ "SearchFilter": { "UserAttributeFilter": filter } });
        assert_eq!(center.refused("SearchUsers", input).await, PARAMETER);
    }
    let both = json!({ "SearchFilter": { "TagFilter": {}, "UserAttributeFilter": {} } });
    assert_eq!(center.refused("SearchUsers", both).await, "403 AccessDeniedException");
    let narrowed = json!({
        "SearchCriteria": equals("FirstName", "Zoë"),
        "SearchFilter": { "TagFilter": { "TagCondition": tag("site", "east") } },
    });
    assert_eq!(logins(&center, narrowed).await, "");
}

#[tokio::test]
async fn searches_that_cannot_be_meant_are_refused() {
    let center = Center::guide();
    let number = |condition: Value| json!({ "ListCondition": { "TargetListType": "PROFICIENCIES", "Conditions": [{ "NumberCondition": condition }] } });
    for criteria in [
        equals("Email", "john.doe@example.com"),
        condition("Username", "j", "CONTAINS"),
        condition("Username", &"j".repeat(26), "CONTAINS"),
        json!({ "StringCondition": { "FieldName": "Username", "Value": "x" } }),
        json!({ "StringCondition": { "FieldName": "Username", "ComparisonType": "EXACT" } }),
        json!({ "StringCondition": { "FieldName": "Username", "Value": "x", "ComparisonType": "LIKE" } }),
        json!({ "StringCondition": equals("Username", "x")["StringCondition"], "OrConditions": [] , "AndConditions": [] }),
        json!({ "AndConditions": [{ "OrConditions": [equals("Nothing", "x")] }] }),
        json!({ "HierarchyGroupCondition": { "Value": "x" } }),
        json!({ "ListCondition": { "TargetListType": "PROFICIENCIES" } }),
        json!({ "ListCondition": { "TargetListType": "SKILLS" } }),
        json!({ "ListCondition": { "TargetListType": "PROFICIENCIES", "Conditions": [equals("skill", "x")] } }),
        number(json!({ "FieldName": "level", "ComparisonType": "EQUAL", "MinValue": 1 })),
        number(json!({ "FieldName": "limit", "ComparisonType": "RANGE", "MinValue": 1 })),
        number(json!({ "FieldName": "limit", "ComparisonType": "RANGE", "MinValue": 4, "MaxValue": 2 })),
        number(json!({ "FieldName": "limit", "ComparisonType": "LESSER", "MinValue": 4 })),
    ] {
        let answer = center.refused("SearchUsers", json!({ "SearchCriteria": criteria.clone() })).await;
        assert_eq!(answer, PARAMETER, "{criteria}");
    }
    let filter =
        json!({ "SearchFilter": { "TagFilter": { "OrConditions": [], "TagCondition": { "TagKey": "a" } } } });
    assert_eq!(center.refused("SearchUsers", filter).await, PARAMETER);
}

#[tokio::test]
async fn a_search_shows_milliseconds_and_no_addresses() {
    let center = Center::guide();
    let found = center.search(equals("Username", "john.doe")).await["Users"][0].take();
    assert_eq!(found["PhoneConfig"]["AfterContactWorkTimeLimit"], 300_000);
    let voice = &found["AfterContactWorkConfigs"][0]["AfterContactWorkConfig"]["AfterContactWorkTimeLimit"];
    assert_eq!(*voice, 300);
    assert_eq!(found["IdentityInfo"], json!({ "FirstName": "John", "LastName": "Doe" }));
    let described = center.user("john.doe").await;
    assert_eq!(described["PhoneConfig"]["AfterContactWorkTimeLimit"], 300);
    for same in
        ["Id", "Arn", "Tags", "SecurityProfileIds", "RoutingProfileId", "HierarchyGroupId", "DirectoryUserId"]
    {
        assert_eq!(found[same], described[same], "{same}");
    }
    assert!(found["LastModifiedTime"].is_null());
}

#[tokio::test]
async fn a_search_comes_in_pages_of_up_to_five_hundred() {
    let center = Center::with(|options| options.seed = Seed::Users(1_000));
    let criteria = json!({ "SearchCriteria": condition("Username", "agent", "STARTS_WITH") });
    let found = pages(&center, "SearchUsers", "Users", 500, criteria.clone()).await;
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [500, 500]);
    let first = center.ok("SearchUsers", criteria.clone()).await;
    assert_eq!(
        (first["Users"].as_array().unwrap().len(), &first["ApproximateTotalCount"]),
        (100, &json!(1_000))
    );
    // The token belongs to this search.
    let other = json!({ "SearchCriteria": condition("Username", "agen", "STARTS_WITH"), "NextToken": first["NextToken"] });
    assert_eq!(center.refused("SearchUsers", other).await, PARAMETER);
}

#[tokio::test]
async fn quick_connects_are_searched_by_name_description_and_tag() {
    let center = Center::guide();
    let jamal = center.named("quick_connects", "Jamal Reed").await;
    for (input, wanted) in table! {
        (json!({ "SearchCriteria": equals("name", "Jamal Reed") }), "Jamal Reed"),
        (json!({ "SearchCriteria": condition("name", "resource", "STARTS_WITH") }), "Resource coordination"),
        (json!({ "SearchCriteria": condition("description", "supervisor", "CONTAINS") }), "Diana Price Jamal Reed"),
        (json!({ "SearchCriteria": equals("resourceID", &jamal) }), "Jamal Reed"),
        (json!({ "SearchFilter": { "TagFilter": { "TagCondition": { "TagKey": "x" } } } }), ""),
    } {
        let output = center.ok("SearchQuickConnects", input.clone()).await;
        assert_eq!(each(&output["QuickConnects"], "Name").join(" "), wanted, "{input}");
    }
    let input = json!({ "SearchCriteria": equals("Username", "x") });
    assert_eq!(center.refused("SearchQuickConnects", input).await, PARAMETER);
}

/// What every search promises, over all of them: the fields that AWS documents, and one grammar.
#[tokio::test]
async fn every_search_takes_its_fields_and_no_others() {
    let center = Center::with(|options| options.seed = Seed::Untidy);
    let world = center.control("GET", "/world", Value::Null).await.1;
    let id = |kind: &str, name: &str| text(&world[kind][name]["id"]);
    let mut tested = std::collections::BTreeSet::new();
    for (operation, list, fields) in table! {
        (
            "SearchUsers",
            "Users",
            json!({ "Username": "john.doe", "FirstName": "Zoë", "LastName": "O'Brien", "RoutingProfileId": id("routing_profiles", "Vaccination Profile"), "SecurityProfileId": id("security_profiles", "Power Agent"), "resourceId": id("users", "mei.chen") }),
        ),
        (
            "SearchRoutingProfiles",
            "RoutingProfiles",
            json!({ "name": "Winter Profile", "description": "Serves a disabled queue only.", "resourceID": id("routing_profiles", "Winter Profile"), "associatedQueueIds": id("queues", "Email Desk") }),
        ),
        ("SearchSecurityProfiles", "SecurityProfiles", json!({ "name": "Trainee" })),
        (
            "SearchUserHierarchyGroups",
            "UserHierarchyGroups",
            json!({ "name": "Night", "parentId": id("hierarchy_groups", "Southern Region"), "resourceID": id("hierarchy_groups", "Pilot Team") }),
        ),
        (
            "SearchAgentStatuses",
            "AgentStatuses",
            json!({ "name": "Coaching", "description": "With a coach.", "state": "DISABLED", "type": "OFFLINE", "displayOrder": "2", "resourceID": id("agent_statuses", "Lunch") }),
        ),
        ("SearchQuickConnects", "QuickConnects", json!({ "name": "Lost number", "description": "Help desk", "resourceID": id("quick_connects", "Lost number") })),
        ("SearchQueues", "Queues", json!({ "name": "Overflow", "description": "In no routing profile.", "resourceID": id("queues", "Overflow") })),
        (
            "SearchHoursOfOperations",
            "HoursOfOperations",
            json!({ "name": "Winter Hours", "description": "No queue uses them.", "timezone": "America/New_York", "resourceID": id("hours_of_operations", "Winter Hours") }),
        ),
        ("SearchHoursOfOperationOverrides", "HoursOfOperationOverrides", json!({ "name": "New Year 2020", "hoursOfOperationId": id("hours_of_operations", "Vaccination Hours") })),
        (
            "SearchContactFlows",
            "ContactFlows",
            json!({ "name": "Main line", "type": "CUSTOMER_HOLD", "state": "ARCHIVED", "status": "SAVED", "resourceID": id("contact_flows", "Main line") }),
        ),
        ("SearchPredefinedAttributes", "PredefinedAttributes", json!({ "name": "Certificate" })),
    } {
        tested.insert(operation);
        for (field, value) in fields.as_object().unwrap() {
            let exact = equals(field, value.as_str().unwrap());
            let all = json!({ "AndConditions": [exact, exact] });
            let any = json!({ "OrConditions": [exact, equals(field, "nothing of the kind")] });
            let wanted = center.ok(operation, json!({ "SearchCriteria": exact })).await;
            let count = wanted[list].as_array().unwrap().len();
            assert!(count > 0 && wanted["ApproximateTotalCount"] == count, "{operation} {field}");
            for same in [all, any] {
                assert_eq!(
                    center.ok(operation, json!({ "SearchCriteria": same })).await,
                    wanted,
                    "{operation} {field}"
                );
            }
            let none = json!({ "SearchCriteria": equals(field, "nothing of the kind") });
            assert_eq!(center.ok(operation, none).await["ApproximateTotalCount"], 0, "{operation} {field}");
        }
        let name = if operation == "SearchUsers" { "Username" } else { "name" };
        for wrong in [
            equals("color", "red"),
            condition(name, "x", "CONTAINS"),
            condition(name, &"x".repeat(26), "CONTAINS"),
            condition(name, "x", "SOUNDS_LIKE"),
            json!({ "StringCondition": { "FieldName": name, "Value": "x" } }),
            json!({ "StringCondition": { "Value": "x", "ComparisonType": "EXACT" } }),
            merged(equals(name, "x"), json!({ "AndConditions": [] })),
        ] {
            let answer = center.refused(operation, json!({ "SearchCriteria": wrong.clone() })).await;
            assert_eq!(answer, PARAMETER, "{operation} {wrong}");
        }
    }
    let names = CONTRACT["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|operation| operation["name"].as_str().unwrap());
    assert_eq!(tested, names.filter(|name| name.starts_with("Search")).collect());
}

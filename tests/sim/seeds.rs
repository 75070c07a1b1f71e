//! What a new world holds.

use desk_sim::{IdentityType, Seed};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Center, each, equals};

/// The value with every object's members in the order of their names, whatever order the JSON library keeps.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> =
                object.iter().map(|(name, value)| format!("{name:?}:{}", sorted(value))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

async fn digest(seed: Seed) -> String {
    let world = Center::with(|options| options.seed = seed).control("GET", "/world", Value::Null).await.1;
    Sha256::digest(sorted(&world).as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// State files hold what has become different from their seed. If a seed makes another world, raise SEED_VERSION in
/// seed.rs and write the new digests here.
#[tokio::test]
async fn the_seeds_make_the_worlds_of_their_version() {
    for (seed, wanted) in [
        (Seed::Guide, "c1a59eab62c1fade"),
        (Seed::Untidy, "66867b2011576d9f"),
        (Seed::Large, "5835f52e36e0ca87"),
        (Seed::Users(300), "7e90ff5edf579041"),
    ] {
        assert_eq!(digest(seed).await, wanted, "{seed}");
    }
}

#[tokio::test]
async fn john_doe_is_as_the_guide_wants_him() {
    let center = Center::guide();
    let john = center.world().await["users"]["john.doe"].take();
    assert_eq!(
        john["identity"],
        json!({ "FirstName": "John", "LastName": "Doe", "Email": "john.doe@example.com" })
    );
    assert_eq!(john["routing_profile"], "Case Investigator Profile");
    assert_eq!(john["security_profiles"], json!(["Agent"]));
    assert_eq!(john["hierarchy_group"], "Investigators East");
    assert_eq!(
        john["phone_config"],
        json!({ "PhoneType": "SOFT_PHONE", "AutoAccept": false, "AfterContactWorkTimeLimit": 300,
                "PersistentConnection": false })
    );
    assert_eq!(john["presence"], Value::Null);
    let world = center.world().await;
    assert_eq!(world["quick_connects"]["John Doe"]["queues"], json!(["Callback", "Case Investigation"]));
}

#[tokio::test]
async fn the_house_has_the_people_that_lessons_need() {
    let users = Center::guide().world().await["users"].take();
    let count =
        |test: &dyn Fn(&Value) -> bool| users.as_object().unwrap().values().filter(|user| test(user)).count();
    assert_eq!(count(&|_| true), 42);
    assert_eq!(count(&|user| user["security_profiles"].as_array().unwrap().len() == 2), 4);
    assert_eq!(count(&|user| user["identity"]["Email"].is_null()), 1);
    assert_eq!(count(&|user| user["phone_config"]["PhoneType"] == "DESK_PHONE"), 1);
    assert_eq!(count(&|user| user["phone_config"]["AfterContactWorkTimeLimit"] == 0), 3);
    assert_eq!(count(&|user| user["security_profiles"] == json!(["Supervisor"])), 4);
    assert_eq!(
        count(&|user| user["security_profiles"].as_array().unwrap().contains(&json!("L1 Support"))),
        4
    );
    assert_eq!(count(&|user| !user["presence"].is_null()), 8);
    assert_eq!(count(&|user| user["presence"]["contacts"].get(0).is_some()), 1);
    assert_eq!(users["patrick.obrien"]["identity"]["LastName"], "O'Brien");
    assert_eq!(users["zoe.mueller"]["identity"]["LastName"], "Müller");
    for (login, user) in users.as_object().unwrap() {
        assert!(login.is_ascii() && login.to_lowercase() == *login, "{login}");
        let email = user["identity"]["Email"].as_str().unwrap_or("@example.com");
        assert!(email.ends_with("@example.com") || email.ends_with("@example.org"), "{email}");
    }
}

#[tokio::test]
async fn nothing_in_a_seed_refers_to_what_is_not_there() {
    for seed in [Seed::Guide, Seed::Large, Seed::Users(0), Seed::Users(1), Seed::Users(700)] {
        for identity in [IdentityType::ConnectManaged, IdentityType::Saml, IdentityType::ExistingDirectory] {
            let center = Center::with(|options| (options.seed, options.identity) = (seed, identity));
            let world = center.control("GET", "/world", Value::Null).await.1.to_string();
            assert!(!world.contains("(gone)"), "{seed}");
        }
    }
}

#[tokio::test]
async fn security_profiles_have_the_permissions_of_the_guide() {
    let profiles = Center::guide().world().await["security_profiles"].take();
    let has = |profile: &str, permission: &str| {
        profiles[profile]["permissions"].as_array().unwrap().contains(&json!(permission))
    };
    for (permission, holders) in [
        ("Users.View", vec!["Admin", "CallCenterManager", "L1 Support", "Supervisor"]),
        ("Users.Delete", vec!["Admin", "L1 Support", "Supervisor"]),
        ("Users.EditPermission", vec!["Admin", "Supervisor"]),
        ("AgentStates.Edit", vec!["Admin", "CallCenterManager", "Supervisor"]),
        ("RoutingPolicies.Create", vec!["Admin", "CallCenterManager", "Supervisor"]),
        ("BasicAgentAccess", vec!["Admin", "Agent", "L1 Support", "Supervisor"]),
        ("OutboundCallAccess", vec!["Admin", "Agent", "L1 Support", "Supervisor"]),
        ("SecurityProfiles.Edit", vec!["Admin"]),
        ("HistoricalChanges.View", vec!["Admin", "Supervisor"]),
        ("CallRecordings.Delete", vec!["Admin", "CallCenterManager"]),
    ] {
        let found: Vec<_> =
            profiles.as_object().unwrap().keys().filter(|profile| has(profile, permission)).collect();
        assert_eq!(found, holders, "{permission}");
    }
}

#[tokio::test]
async fn generated_agents_are_as_many_as_were_asked_for() {
    let center = Center::with(|options| options.seed = Seed::Users(2_345));
    let world = center.world().await;
    assert_eq!(world["users"].as_object().unwrap().len(), 2_345);
    assert_eq!(world["users"]["agent000001"]["security_profiles"], json!(["Admin"]));
    assert_eq!(world["quick_connects"]["Agent 000007"]["user"], "agent000007");
    let found = center.search(equals("Username", "agent002345")).await;
    assert_eq!(each(&found["Users"], "Username"), ["agent002345"]);
}

#[tokio::test]
async fn the_large_seed_is_full() {
    let center = Center::with(|options| options.seed = Seed::Large);
    let world = center.world().await;
    let count = |kind: &str| world[kind].as_object().unwrap().len();
    for (kind, wanted) in [
        ("users", 500),
        ("quick_connects", 100),
        ("queues", 50),
        ("routing_profiles", 100),
        ("hierarchy_groups", 500),
        ("agent_statuses", 50),
    ] {
        assert_eq!(count(kind), wanted, "{kind}");
    }
    let levels = world["instance"]["hierarchy_levels"].as_array().unwrap().len();
    let groups = world["hierarchy_groups"].as_object().unwrap().values();
    let depths: Vec<usize> = groups.map(|group| group["path"].as_array().unwrap().len()).collect();
    assert_eq!((levels, depths.iter().max(), depths.iter().min()), (5, Some(&5), Some(&1)));
    let leaves =
        world["users"].as_object().unwrap().values().filter(|user| user["hierarchy_group"].is_string());
    assert!(leaves.count() > 400);
}

/// What a check of an instance is to find, each at least once.
#[tokio::test]
async fn the_untidy_seed_holds_every_kind_of_leftover() {
    let world = Center::with(|options| options.seed = Seed::Untidy).world().await;
    let all = |kind: &str| world[kind].as_object().unwrap().values().cloned().collect::<Vec<Value>>();
    let any = |kind: &str, test: &dyn Fn(&Value) -> bool| all(kind).iter().any(test);
    let queues = |profile: &Value| profile["queues"].as_array().unwrap().clone();
    let served = |queue: &str| {
        any("routing_profiles", &|profile| queues(profile).iter().any(|pair| pair["queue"] == queue))
    };
    let channels = |profile: &Value| {
        each(&profile["concurrencies"], "Channel").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let state = |wanted: &str| {
        any("users", &|user| {
            let contacts = user["presence"]["contacts"].as_array().cloned().unwrap_or_default();
            contacts.iter().any(|contact| contact["state"] == wanted)
        })
    };
    for (found, what) in table! {
        (any("quick_connects", &|quick| quick["user"] == "(gone)"), "a quick connect to a user who is gone"),
        (any("quick_connects", &|quick| quick["queue"] == "(gone)"), "a quick connect to no queue"),
        (any("quick_connects", &|quick| quick["queues"] == json!([])), "a quick connect in no queue"),
        (any("quick_connects", &|quick| quick["flow"] == "Old agent transfer"), "a quick connect by an archived flow"),
        (!served("Overflow"), "a queue in no routing profile"),
        (any("queues", &|queue| queue["enabled"] == false), "a disabled queue"),
        (any("queues", &|queue| !queue["waiting"].as_array().unwrap().is_empty()), "a contact that waits"),
        (
            any("routing_profiles", &|profile| {
                queues(profile)
                    .iter()
                    .any(|pair| !channels(profile).contains(&pair["channel"].as_str().unwrap().to_owned()))
            }),
            "a queue in a channel that its profile lacks",
        ),
        (any("routing_profiles", &|profile| queues(profile).len() == 50), "a full routing profile"),
        (any("routing_profiles", &|profile| profile["manual_queues"] != json!([])), "queues to pick from"),
        (any("routing_profiles", &|profile| profile.to_string().contains("WorkloadType")), "workload types"),
        (any("agent_statuses", &|status| status["enabled"] == false), "a disabled status"),
        (any("contact_flows", &|flow| flow["archived"] == true), "an archived flow"),
        (any("contact_flows", &|flow| flow["published"] == false), "a flow that was never published"),
        (any("security_profiles", &|profile| profile["restrictions"] != json!({})), "a restricted security profile"),
        (any("hours_of_operations", &|hours| hours["overrides"] != json!([])), "hours with overrides"),
        (any("users", &|user| user["identity"]["Email"].is_null()), "a user without an email address"),
        (any("users", &|user| user["hierarchy_group"].is_null()), "a user in no group"),
        (any("users", &|user| user["presence"]["next_status"].is_string()), "a status that waits"),
        (state("MISSED") && state("ERROR") && state("ENDED") && state("PAUSED"), "contacts in odd states"),
        (world["hierarchy_groups"]["Eastern Region/Case Investigation East/Investigators East/Night"].is_object(), "two groups with one name"),
    } {
        assert!(found, "{what}");
    }
}

#[test]
fn seeds_are_named_as_people_type_them() {
    assert_eq!("guide".parse(), Ok(Seed::Guide));
    assert_eq!("users=1000".parse(), Ok(Seed::Users(1000)));
    assert_eq!(Seed::Users(7).to_string(), "users=7");
    for seed in [Seed::Guide, Seed::Untidy, Seed::Large] {
        assert_eq!(seed.to_string().parse(), Ok(seed));
    }
    for (wrong, wanted) in table! {
        ("house", "There is no seed `house`. Use `guide`, `untidy`, `large`, or `users=N` with a number of agents, such as `users=1000`."),
        ("users=many", "There is no seed `users=many`"),
        ("users=-1", "There is no seed `users=-1`"),
        ("users=1000001", "A seed holds at most 1000000 agents"),
    } {
        assert!(wrong.parse::<Seed>().unwrap_err().to_string().starts_with(wanted), "{wrong}");
    }
    assert_eq!("existing-directory".parse(), Ok(IdentityType::ExistingDirectory));
    assert_eq!("CONNECT_MANAGED".parse(), Ok(IdentityType::ConnectManaged));
    assert!("ldap".parse::<IdentityType>().unwrap_err().to_string().contains("`ldap`"));
}

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
    assert_eq!(digest(Seed::Guide).await, "86e68f9be4954b19");
    assert_eq!(digest(Seed::Users(300)).await, "39c30391e8dfd419");
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
        json!({ "PhoneType": "SOFT_PHONE", "AutoAccept": false, "AfterContactWorkTimeLimit": 300, "DeskPhoneNumber": "",
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
    assert_eq!(count(&|user| !user["presence"]["contact"].is_null()), 1);
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
    for seed in [Seed::Guide, Seed::Users(0), Seed::Users(1), Seed::Users(700)] {
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

#[test]
fn seeds_are_named_as_people_type_them() {
    assert_eq!("guide".parse(), Ok(Seed::Guide));
    assert_eq!("users=1000".parse(), Ok(Seed::Users(1000)));
    assert_eq!(Seed::Users(7).to_string(), "users=7");
    for (wrong, wanted) in [
        (
            "house",
            "There is no seed `house`. Use `guide`, or `users=N` with a number of agents, such as `users=1000`.",
        ),
        ("users=many", "There is no seed `users=many`"),
        ("users=-1", "There is no seed `users=-1`"),
        ("users=1000001", "A seed holds at most 1000000 agents"),
    ] {
        assert!(wrong.parse::<Seed>().unwrap_err().to_string().starts_with(wanted), "{wrong}");
    }
    assert_eq!("existing-directory".parse(), Ok(IdentityType::ExistingDirectory));
    assert_eq!("CONNECT_MANAGED".parse(), Ok(IdentityType::ConnectManaged));
    assert!("ldap".parse::<IdentityType>().unwrap_err().to_string().contains("`ldap`"));
}

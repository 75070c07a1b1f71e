//! Users come and go.

use std::time::Duration;

use desk_sim::{IdentityType, Seed};
use serde_json::{Value, json};

use crate::support::{Center, DUPLICATE, FULL, MISSING, PARAMETER, REQUEST, START, merged};

#[tokio::test]
async fn a_created_user_is_described_as_they_were_created() {
    let center = Center::guide();
    let group = center.named("hierarchy_groups", "Leads East").await;
    let id = center
        .create(
            "mary.major",
            json!({
                "IdentityInfo": {
                    "FirstName": "Mary", "LastName": "Major", "Email": "mary@example.com",
                    "SecondaryEmail": "mary@example.org", "Mobile": "+15550100111"
                },
                "HierarchyGroupId": group,
                "PhoneConfig": { "PhoneType": "DESK_PHONE", "DeskPhoneNumber": "+15550100112", "AutoAccept": true,
                                 "AfterContactWorkTimeLimit": 45 },
                "Tags": { "site": "east" },
            }),
        )
        .await;
    let user = center.user("mary.major").await;
    assert_eq!(user["Id"], id);
    assert_eq!(user["Arn"], format!("{}/agent/{id}", center.sim.instance_arn()));
    assert_eq!(user["IdentityInfo"]["Mobile"], "+15550100111");
    assert_eq!(user["HierarchyGroupId"], group);
    assert_eq!(user["Tags"], json!({ "site": "east" }));
    assert_eq!(user["LastModifiedTime"], START);
    assert_eq!(user["LastModifiedRegion"], "us-east-1");
    assert_eq!(
        user["PhoneConfig"],
        json!({ "PhoneType": "DESK_PHONE", "DeskPhoneNumber": "+15550100112", "AutoAccept": true,
                "AfterContactWorkTimeLimit": 45, "PersistentConnection": false })
    );
    assert_eq!(user["AutoAcceptConfigs"], json!([{ "Channel": "VOICE", "AutoAccept": true }]));
    assert!(!user.to_string().contains("Practice1"));
}

#[tokio::test]
async fn a_user_without_settings_has_a_soft_phone_and_endless_acw() {
    let center = Center::guide();
    center.create("plain.agent", json!({})).await;
    let user = center.user("plain.agent").await;
    let phone = json!({ "PhoneType": "SOFT_PHONE", "AutoAccept": false, "AfterContactWorkTimeLimit": 0,
                        "PersistentConnection": false });
    assert_eq!(user["PhoneConfig"], phone);
    // What is answered can be sent back as it is.
    center.ok("UpdateUserPhoneConfig", json!({ "UserId": user["Id"], "PhoneConfig": phone })).await;
    assert_eq!(user["Tags"], json!({}));
    for absent in ["AutoAcceptConfigs", "AfterContactWorkConfigs", "PhoneNumberConfigs", "HierarchyGroupId"] {
        assert!(user[absent].is_null(), "{absent}");
    }
    assert_eq!(user["IdentityInfo"], json!({ "FirstName": "New", "LastName": "Agent" }));
}

#[tokio::test]
async fn a_login_stands_once_and_lingers_when_it_is_removed() {
    let center = Center::guide();
    let john = center.user_id("john.doe").await;
    let again = center.new_agent("john.doe").await;
    assert_eq!(center.refused("CreateUser", again.clone()).await, DUPLICATE);
    center.ok("DeleteUser", json!({ "UserId": john })).await;
    assert_eq!(center.refused("DescribeUser", json!({ "UserId": john })).await, MISSING);
    assert_eq!(center.refused("DeleteUser", json!({ "UserId": john })).await, MISSING);
    center.clock.pass(Duration::from_millis(4_999));
    assert_eq!(center.refused("CreateUser", again.clone()).await, DUPLICATE);
    center.clock.pass(Duration::from_millis(1));
    let created = center.ok("CreateUser", again).await;
    assert_ne!(created["UserId"], john);
    // Logins are case-sensitive.
    center.create("John.Doe", json!({})).await;
}

#[tokio::test]
async fn a_full_instance_takes_nobody() {
    let center = Center::with(|options| options.seed = Seed::Users(500));
    let one_more = center.new_agent("one.more").await;
    assert_eq!(center.refused("CreateUser", one_more.clone()).await, FULL);
    let twice = center.new_agent("agent000001").await;
    assert_eq!(center.refused("CreateUser", twice).await, DUPLICATE);
    center.set(json!({ "user_quota": 501 })).await;
    center.ok("CreateUser", one_more).await;
    // A seed above the quota leaves room.
    let large = Center::with(|options| options.seed = Seed::Users(501));
    large.create("one.more", json!({})).await;
}

#[tokio::test]
async fn references_must_be_there() {
    let center = Center::guide();
    let agent = center.new_agent("new.agent").await;
    let nothing = "00000000-0000-4000-8000-000000000000";
    let twice = vec!["@security_profiles/Agent"; 2];
    center
        .refuses(
            "CreateUser",
            &agent,
            [
                (json!({ "RoutingProfileId": nothing }), PARAMETER),
                (json!({ "SecurityProfileIds": [nothing] }), PARAMETER),
                (json!({ "HierarchyGroupId": nothing }), PARAMETER),
                (json!({ "RoutingProfileId": "Case Investigator Profile" }), PARAMETER),
                (json!({ "SecurityProfileIds": twice }), PARAMETER),
            ],
        )
        .await;
}

#[tokio::test]
async fn each_identity_type_asks_for_its_own() {
    let names = json!({ "FirstName": "New", "LastName": "Agent" });
    let with = |member: &str, value: &str| merged(names.clone(), json!({ member: value }));
    let no_password = json!({ "Password": null });
    for (identity, change, wanted) in table! {
        (IdentityType::ConnectManaged, json!({}), None),
        (IdentityType::ConnectManaged, no_password.clone(), Some(REQUEST)),
        (IdentityType::ConnectManaged, json!({ "IdentityInfo": null }), Some(REQUEST)),
        (IdentityType::ConnectManaged, json!({ "DirectoryUserId": "d" }), Some(REQUEST)),
        (IdentityType::ConnectManaged, json!({ "IdentityInfo": with("LastName", "") }), Some(REQUEST)),
        (IdentityType::ConnectManaged, json!({ "IdentityInfo": with("Email", "a@example.com") }), None),
        (IdentityType::ConnectManaged, json!({ "IdentityInfo": with("Email", "no one") }), Some(PARAMETER)),
        (IdentityType::ConnectManaged, json!({ "IdentityInfo": with("SecondaryEmail", "a@b") }), Some(PARAMETER)),
        (IdentityType::Saml, no_password.clone(), None),
        (IdentityType::Saml, json!({}), Some(REQUEST)),
        (IdentityType::Saml, json!({ "Password": null, "IdentityInfo": null }), Some(REQUEST)),
        (IdentityType::Saml, json!({ "Password": null, "DirectoryUserId": "d" }), Some(REQUEST)),
        (IdentityType::Saml, json!({ "Password": null, "Username": "a".repeat(65) }), Some(PARAMETER)),
        (IdentityType::Saml, json!({ "Password": null, "IdentityInfo": with("Email", "a@example.com") }), Some(REQUEST)),
        (IdentityType::ExistingDirectory, no_password, None),
        (IdentityType::ExistingDirectory, json!({}), Some(REQUEST)),
        (IdentityType::ExistingDirectory, json!({ "Password": null, "IdentityInfo": null, "DirectoryUserId": "d" }), None),
    } {
        let center = Center::with(|options| options.identity = identity);
        let input = merged(center.new_agent("new.agent").await, change.clone());
        match wanted {
            Some(wanted) => {
                assert_eq!(center.refused("CreateUser", input).await, wanted, "{identity} {change}")
            }
            None => drop(center.ok("CreateUser", input).await),
        }
        let instance = center.ok("DescribeInstance", json!({})).await;
        assert_eq!(instance["Instance"]["IdentityManagementType"], identity.name());
        assert_eq!(center.ok("ListInstances", json!({})).await["InstanceSummaryList"][0]["Id"], center.id());
    }
}

#[tokio::test]
async fn phone_config_and_channel_lists_do_not_say_the_same_thing_twice() {
    let center = Center::guide();
    let acw = json!([{ "Channel": "VOICE", "AfterContactWorkConfig": { "AfterContactWorkTimeLimit": 10 } }]);
    let auto_accept = json!([{ "Channel": "VOICE", "AutoAccept": true }]);
    let number = json!([{ "Channel": "VOICE", "PhoneType": "DESK_PHONE", "PhoneNumber": "+15550100113" }]);
    let persistent = json!([{ "Channel": "VOICE", "PersistentConnection": true }]);
    for (phone, list, configs, clashes) in [
        (json!({ "AutoAccept": false }), "AutoAcceptConfigs", &auto_accept, true),
        (json!({ "AfterContactWorkTimeLimit": 0 }), "AfterContactWorkConfigs", &acw, true),
        (json!({ "PhoneType": "SOFT_PHONE" }), "PhoneNumberConfigs", &number, true),
        (json!({ "DeskPhoneNumber": "+15550100114" }), "PhoneNumberConfigs", &number, true),
        (json!({ "PersistentConnection": false }), "PersistentConnectionConfigs", &persistent, true),
        (json!({ "PhoneType": "SOFT_PHONE" }), "AutoAcceptConfigs", &auto_accept, false),
        (json!({ "AutoAccept": true }), "AfterContactWorkConfigs", &acw, false),
        (json!({}), "PhoneNumberConfigs", &number, false),
    ] {
        let login = format!("agent.{list}.{clashes}");
        let input = merged(center.new_agent(&login).await, json!({ "PhoneConfig": phone, list: configs }));
        if clashes {
            assert_eq!(center.refused("CreateUser", input).await, REQUEST, "{phone} {list}");
        } else {
            center.ok("CreateUser", input).await;
            assert_eq!(center.user(&login).await[list], *configs, "{phone} {list}");
        }
    }
}

#[tokio::test]
async fn a_password_can_be_proved_and_is_shown_nowhere() {
    let center = Center::guide();
    center.create("mary.major", json!({ "Password": "Temporary1" })).await;
    for (login, password, wanted) in [
        ("mary.major", "Temporary1", 200),
        ("mary.major", "temporary1", 401),
        ("Mary.Major", "Temporary1", 401),
        ("no one", "Temporary1", 401),
        ("john.doe", "Practice-Desk-1", 200),
    ] {
        let answer = center.control("POST", "/login", json!({ "login": login, "password": password })).await;
        assert_eq!(answer.0, wanted, "{login} {password}");
    }
    let world = center.world().await;
    assert_eq!(world["users"]["mary.major"]["password"], "set");
    assert_eq!(world["users"]["mary.major"]["password_sha256"].as_str().unwrap().len(), 64);
    assert!(!world.to_string().contains("Temporary1"));
    let saml = Center::with(|options| options.identity = IdentityType::Saml).world().await;
    assert_eq!(saml["users"]["john.doe"]["password"], "none");
    assert_eq!(saml["users"]["john.doe"]["identity"]["Email"], Value::Null);
}

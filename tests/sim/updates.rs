//! One user is changed, setting by setting.

use std::time::Duration;

use desk_sim::IdentityType;
use serde_json::{Value, json};

use crate::support::{Center, MISSING, PARAMETER, REQUEST, START, merged, pages};

/// The input with the user whom these tests are about.
fn john(input: Value) -> Value {
    merged(json!({ "UserId": "@users/john.doe" }), input)
}

async fn update(center: &Center, operation: &str, input: Value) {
    center.ok(operation, john(input)).await;
}

async fn refused(center: &Center, operation: &str, input: Value) -> String {
    center.refused(operation, john(input)).await
}

#[tokio::test]
async fn every_change_is_stamped_and_touches_nothing_else() {
    let center = Center::guide();
    let profile = center.named("routing_profiles", "Contact Tracers Profile").await;
    let supervisor = center.named("security_profiles", "Supervisor").await;
    let group = center.named("hierarchy_groups", "Tracers East").await;
    for (operation, input, changes) in [
        ("UpdateUserRoutingProfile", json!({ "RoutingProfileId": profile }), "RoutingProfileId"),
        ("UpdateUserSecurityProfiles", json!({ "SecurityProfileIds": [supervisor] }), "SecurityProfileIds"),
        ("UpdateUserHierarchy", json!({ "HierarchyGroupId": group }), "HierarchyGroupId"),
        ("UpdateUserIdentityInfo", json!({ "IdentityInfo": { "FirstName": "Jon" } }), "IdentityInfo"),
    ] {
        let before = center.user("john.doe").await;
        center.clock.pass(Duration::from_millis(1_500));
        update(&center, operation, input.clone()).await;
        let mut after = center.user("john.doe").await;
        assert_eq!(after[changes], input[changes], "{operation}");
        after[changes] = before[changes].clone();
        after["LastModifiedTime"] = before["LastModifiedTime"].clone();
        assert_eq!(after, before, "{operation}");
    }
    assert_eq!(center.user("john.doe").await["LastModifiedTime"], START + 6.0);
}

#[tokio::test]
async fn an_identity_is_replaced_as_a_whole() {
    let center = Center::guide();
    update(&center, "UpdateUserIdentityInfo", json!({ "IdentityInfo": { "Email": "new@example.com" } }))
        .await;
    assert_eq!(center.user("john.doe").await["IdentityInfo"], json!({ "Email": "new@example.com" }));
    update(&center, "UpdateUserIdentityInfo", json!({ "IdentityInfo": { "Email": "" } })).await;
    assert_eq!(center.user("john.doe").await["IdentityInfo"], json!({}));
    let bad = json!({ "IdentityInfo": { "Email": "not an address" } });
    assert_eq!(refused(&center, "UpdateUserIdentityInfo", bad).await, PARAMETER);
    // What a directory keeps is changed there; the rest of an identity is Connect's.
    let directory = Center::with(|options| options.identity = IdentityType::ExistingDirectory);
    let own = directory.user("john.doe").await["IdentityInfo"].take();
    let mobile = merged(own.clone(), json!({ "Mobile": "+15550100199" }));
    update(&directory, "UpdateUserIdentityInfo", json!({ "IdentityInfo": mobile })).await;
    for change in
        [json!({ "FirstName": "Jon" }), json!({ "LastName": null }), json!({ "Email": "new@example.com" })]
    {
        let other = json!({ "IdentityInfo": merged(own.clone(), change.clone()) });
        let answer = refused(&directory, "UpdateUserIdentityInfo", other).await;
        assert_eq!(answer, REQUEST, "{change}");
    }
    let saml = Center::with(|options| options.identity = IdentityType::Saml);
    let email = json!({ "IdentityInfo": { "Email": "a@example.com" } });
    assert_eq!(refused(&saml, "UpdateUserIdentityInfo", email).await, REQUEST);
}

#[tokio::test]
async fn hierarchy_without_a_group_is_cleared() {
    let center = Center::guide();
    update(&center, "UpdateUserHierarchy", json!({})).await;
    assert!(center.user("john.doe").await["HierarchyGroupId"].is_null());
}

#[tokio::test]
async fn updates_refer_to_what_is_there() {
    let center = Center::guide();
    let nothing = "00000000-0000-4000-8000-000000000000";
    for (operation, input) in [
        ("UpdateUserRoutingProfile", json!({ "RoutingProfileId": nothing })),
        ("UpdateUserSecurityProfiles", json!({ "SecurityProfileIds": [nothing] })),
        ("UpdateUserHierarchy", json!({ "HierarchyGroupId": nothing })),
    ] {
        assert_eq!(refused(&center, operation, input.clone()).await, PARAMETER);
        let missing = merged(input, json!({ "UserId": nothing }));
        assert_eq!(center.refused(operation, missing).await, MISSING);
    }
}

fn limits(user: &Value) -> Vec<(String, i64)> {
    let configs = user["AfterContactWorkConfigs"].as_array().cloned().unwrap_or_default();
    let limit =
        |config: &Value| config["AfterContactWorkConfig"]["AfterContactWorkTimeLimit"].as_i64().unwrap();
    configs.iter().map(|config| (config["Channel"].as_str().unwrap().to_owned(), limit(config))).collect()
}

fn channels(limits: [(&str, i64); 4]) -> Vec<(String, i64)> {
    limits.into_iter().map(|(channel, limit)| (channel.to_owned(), limit)).collect()
}

#[tokio::test]
async fn phone_config_sets_acw_for_all_channels_and_what_is_absent_is_off() {
    let center = Center::guide();
    let phone = json!({ "PhoneType": "DESK_PHONE", "DeskPhoneNumber": "+15550100115", "AutoAccept": true,
                        "AfterContactWorkTimeLimit": 9000, "PersistentConnection": true });
    update(&center, "UpdateUserPhoneConfig", json!({ "PhoneConfig": phone })).await;
    let user = center.user("john.doe").await;
    assert_eq!(user["PhoneConfig"], phone);
    assert_eq!(limits(&user), channels([("VOICE", 9000), ("CHAT", 5400), ("TASK", 9000), ("EMAIL", 9000)]));
    assert_eq!(
        user["PersistentConnectionConfigs"],
        json!([{ "Channel": "VOICE", "PersistentConnection": true }])
    );
    // What the Rust SDK sends for a soft phone without auto-accept and with an ACW of 0.
    update(&center, "UpdateUserPhoneConfig", json!({ "PhoneConfig": { "PhoneType": "SOFT_PHONE" } })).await;
    let user = center.user("john.doe").await;
    let off = json!({ "PhoneType": "SOFT_PHONE", "AutoAccept": false, "AfterContactWorkTimeLimit": 0,
                      "PersistentConnection": false });
    assert_eq!(user["PhoneConfig"], off);
    assert_eq!(limits(&user), channels([("VOICE", 0), ("CHAT", 0), ("TASK", 0), ("EMAIL", 0)]));
    let long = json!({ "PhoneConfig": { "AfterContactWorkTimeLimit": 2_000_001 } });
    assert_eq!(refused(&center, "UpdateUserPhoneConfig", long).await, PARAMETER);
}

#[tokio::test]
async fn a_channel_list_replaces_its_own_kind_and_no_other() {
    let center = Center::guide();
    let accept = json!([{ "Channel": "CHAT", "AutoAccept": true }, { "Channel": "VOICE", "AutoAccept": true,
                          "AgentFirstCallbackAutoAccept": false }]);
    update(&center, "UpdateUserConfig", json!({ "AutoAcceptConfigs": accept })).await;
    let user = center.user("john.doe").await;
    assert_eq!(user["AutoAcceptConfigs"], json!([accept[1], accept[0]]), "sorted by channel");
    assert_eq!(user["PhoneConfig"]["AutoAccept"], true);
    assert_eq!(user["PhoneConfig"]["AfterContactWorkTimeLimit"], 300);
    assert_eq!(limits(&user).len(), 4, "the other lists stay");

    let acw = json!([{ "Channel": "VOICE", "AfterContactWorkConfig": { "AfterContactWorkTimeLimit": 0 } }]);
    update(&center, "UpdateUserConfig", json!({ "AfterContactWorkConfigs": acw })).await;
    let user = center.user("john.doe").await;
    assert_eq!(user["AfterContactWorkConfigs"], acw, "the channels that are not in the list are gone");
    assert_eq!(user["PhoneConfig"]["AutoAccept"], true);

    update(&center, "UpdateUserConfig", json!({ "AutoAcceptConfigs": [], "PhoneNumberConfigs": [] })).await;
    let user = center.user("john.doe").await;
    assert!(user["AutoAcceptConfigs"].is_null());
    assert_eq!(user["PhoneConfig"]["AutoAccept"], false);
    assert_eq!(user["PhoneConfig"]["PhoneType"], "SOFT_PHONE");
}

#[tokio::test]
async fn an_acw_config_without_a_limit_leaves_its_channel_alone() {
    let center = Center::guide();
    let config = |channel: &str, limit: Value| json!({ "Channel": channel, "AfterContactWorkConfig": limit });
    let seconds = |limit: i64| json!({ "AfterContactWorkTimeLimit": limit });
    // What the Rust SDK sends where 0 was meant.
    let list = json!([config("VOICE", json!({})), config("CHAT", seconds(20))]);
    update(&center, "UpdateUserConfig", json!({ "AfterContactWorkConfigs": list })).await;
    let expected = [("VOICE".to_owned(), 300), ("CHAT".to_owned(), 20)];
    assert_eq!(limits(&center.user("john.doe").await), expected);
    let list = json!([config("EMAIL", json!({})), config("VOICE", seconds(1))]);
    update(&center, "UpdateUserConfig", json!({ "AfterContactWorkConfigs": list })).await;
    assert_eq!(
        limits(&center.user("john.doe").await),
        [("VOICE".to_owned(), 1)],
        "EMAIL had none and has none"
    );

    let callback = json!([{ "Channel": "VOICE", "AfterContactWorkConfig": {},
                            "AgentFirstCallbackAfterContactWorkConfig": { "AfterContactWorkTimeLimit": 7 } }]);
    update(&center, "UpdateUserConfig", json!({ "AfterContactWorkConfigs": callback })).await;
    let kept = json!([{ "Channel": "VOICE", "AfterContactWorkConfig": {}, "AgentFirstCallbackAfterContactWorkConfig": {} }]);
    update(&center, "UpdateUserConfig", json!({ "AfterContactWorkConfigs": kept })).await;
    let existing = json!([{ "Channel": "VOICE", "AfterContactWorkConfig": { "AfterContactWorkTimeLimit": 1 },
                          "AgentFirstCallbackAfterContactWorkConfig": { "AfterContactWorkTimeLimit": 7 } }]);
    assert_eq!(center.user("john.doe").await["AfterContactWorkConfigs"], existing);
}

#[tokio::test]
async fn channel_lists_keep_to_their_channels_and_limits() {
    let center = Center::guide();
    let acw = |channel: &str, limit: i64| json!([{ "Channel": channel, "AfterContactWorkConfig": { "AfterContactWorkTimeLimit": limit } }]);
    let callback = json!([{ "Channel": "CHAT", "AfterContactWorkConfig": {}, "AgentFirstCallbackAfterContactWorkConfig": {} }]);
    for (list, configs) in table! {
        ("AfterContactWorkConfigs", acw("CHAT", 5_401)),
        ("AfterContactWorkConfigs", acw("VOICE", 2_000_001)),
        ("AfterContactWorkConfigs", json!([acw("TASK", 1)[0], acw("TASK", 1)[0]])),
        ("AfterContactWorkConfigs", callback),
        ("AutoAcceptConfigs", json!([{ "Channel": "TASK", "AutoAccept": true }, { "Channel": "TASK", "AutoAccept": false }])),
        ("AutoAcceptConfigs", json!([{ "Channel": "EMAIL", "AutoAccept": true, "AgentFirstCallbackAutoAccept": true }])),
        ("PhoneNumberConfigs", json!([{ "Channel": "CHAT", "PhoneType": "SOFT_PHONE" }])),
        ("PersistentConnectionConfigs", json!([{ "Channel": "TASK", "PersistentConnection": true }])),
        ("VoiceEnhancementConfigs", json!([{ "Channel": "EMAIL", "VoiceEnhancementMode": "NONE" }])),
    } {
        let answer = refused(&center, "UpdateUserConfig", json!({ list: configs })).await;
        assert_eq!(answer, PARAMETER, "{list} {configs}");
    }
    for (list, configs) in table! {
        ("AfterContactWorkConfigs", acw("CHAT", 5_400)),
        ("AfterContactWorkConfigs", acw("EMAIL", 2_000_000)),
        ("VoiceEnhancementConfigs", json!([{ "Channel": "VOICE", "VoiceEnhancementMode": "NOISE_SUPPRESSION" }])),
    } {
        update(&center, "UpdateUserConfig", json!({ list: configs })).await;
        assert_eq!(center.user("john.doe").await[list], configs);
    }
}

#[tokio::test]
async fn what_a_user_came_with_can_be_taken_off_in_any_order() {
    let center = Center::guide();
    let user = center.user_id("mei.chen").await;
    let listed = async || {
        let output = center.ok("ListUserProficiencies", json!({ "UserId": user })).await;
        output["UserProficiencyList"].as_array().unwrap().clone()
    };
    let there = listed().await;
    assert!(there.len() > 1, "{there:?}");
    for (at, mut one) in there.iter().cloned().enumerate() {
        one.as_object_mut().unwrap().remove("Level");
        let off = json!({ "UserId": user, "UserProficiencies": [one] });
        center.ok("DisassociateUserProficiencies", off).await;
        assert_eq!(listed().await, there[at + 1..]);
    }
}

#[tokio::test]
async fn proficiencies_are_added_changed_and_taken_off() {
    let center = Center::guide();
    let of = |list: &[(&str, &str, f64)]| -> Value {
        let entry = |(name, value, level): &(&str, &str, f64)| json!({ "AttributeName": name, "AttributeValue": value, "Level": level });
        json!({ "UserProficiencies": list.iter().map(entry).collect::<Vec<_>>() })
    };
    let listed = || async {
        let user = center.user_id("john.doe").await;
        let output = center.ok("ListUserProficiencies", json!({ "UserId": user })).await;
        let list = output["UserProficiencyList"].as_array().unwrap().clone();
        let line = |p: &Value| {
            format!(
                "{}={}:{}",
                p["AttributeName"].as_str().unwrap(),
                p["AttributeValue"].as_str().unwrap(),
                p["Level"]
            )
        };
        list.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, ["Language=English:5.0", "Language=Spanish:2.0"]);
    update(
        &center,
        "AssociateUserProficiencies",
        of(&[("Language", "German", 1.0), ("Language", "English", 4.0)]),
    )
    .await;
    assert_eq!(listed().await, ["Language=English:4.0", "Language=German:1.0", "Language=Spanish:2.0"]);
    update(&center, "UpdateUserProficiencies", of(&[("Language", "German", 3.0)])).await;
    let absent = of(&[("Language", "German", 5.0), ("Language", "French", 3.0)]);
    assert_eq!(refused(&center, "UpdateUserProficiencies", absent).await, MISSING);
    let off = json!({ "UserProficiencies": [{ "AttributeName": "Language", "AttributeValue": "Spanish" },
                                            { "AttributeName": "Language", "AttributeValue": "Dutch" }] });
    update(&center, "DisassociateUserProficiencies", off).await;
    assert_eq!(listed().await, ["Language=English:4.0", "Language=German:3.0"]);
    // Levels are whole, and attributes and their values are predefined.
    for wrong in [
        ("Language", "German", 0.5),
        ("Language", "German", 2.5),
        ("Language", "German", 5.5),
        ("Language", "Klingon", 3.0),
        ("Charm", "High", 3.0),
    ] {
        for operation in ["AssociateUserProficiencies", "UpdateUserProficiencies"] {
            let answer = refused(&center, operation, of(&[wrong])).await;
            assert_eq!(answer, PARAMETER, "{operation} {wrong:?}");
        }
    }
    center.set(json!({ "proficiency_quota": 4 })).await;
    let many = [("Language", "Arabic", 1.0), ("Product", "Testing", 1.0), ("Product", "Benefits", 1.0)];
    assert_eq!(refused(&center, "AssociateUserProficiencies", of(&many)).await, REQUEST);
    update(&center, "AssociateUserProficiencies", of(&many[..2])).await;
    let user = center.user_id("john.doe").await;
    let pages =
        pages(&center, "ListUserProficiencies", "UserProficiencyList", 3, json!({ "UserId": user })).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
}

//! Users that are exported, removed, imported and exported again are the same but for their ids and passwords.

use std::collections::BTreeMap;

use desk_core::basics::clean;
use desk_core::center::{Channel, Named};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::Story;

/// Who may give every security profile.
const REQUESTER: &str = "admin";

/// Worlds that are tried, each of a few users.
const WORLDS: u32 = 32;

/// Where the dice begin, unless `ROUND_TRIP_SEED` says otherwise.
const SEED: u64 = 1;

/// The days of an export of a script are its names.
const FILE: &str = "users-2026-11-20";

/// A user as CreateUser takes it, with names in place of the ids.
#[derive(Clone, Debug)]
struct Made {
    login: String,
    identity: Value,
    routing_profile: String,
    security_profiles: Vec<String>,
    hierarchy_group: Option<String>,
    handling: Value,
    tags: BTreeMap<String, String>,
}

#[test]
fn users_come_back_from_their_export_as_they_were() {
    let seed = match std::env::var("ROUND_TRIP_SEED") {
        Ok(said) => said.parse().expect("the seed is a number"),
        Err(_) => SEED,
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = ProptestConfig {
        cases: WORLDS,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let ran = runner.run(&vec(user(), 1..=4), |users| runtime.block_on(there_and_back(users)));
    if let Err(failure) = ran {
        panic!("ROUND_TRIP_SEED={seed}\n{failure}");
    }
}

async fn there_and_back(users: Vec<Made>) -> Result<(), TestCaseError> {
    let mut story = Story::begin().await;
    let mut logins = Vec::new();
    for (number, user) in users.iter().enumerate() {
        // The number keeps apart what dice made alike, or alike but for upper and lower case.
        let login = format!("xq{number}.{}", user.login);
        create(&mut story, &login, user).await;
        logins.push(login);
    }
    let world = story.world().await;
    let (csv, json) = (export(&mut story, 1, "csv").await, export(&mut story, 2, "json").await);
    carried_out(&mut story, 3, &format!("/connect remove logins:\"{}\"", logins.join(","))).await?;
    let gone = story.told(REQUESTER, "/connect find login:xq").await;
    prop_assert!(gone.contains("No users match"), "{}", gone);
    carried_out(&mut story, 4, &format!("/connect import files/1-{FILE}.csv")).await?;
    let results = story.saved("files/4-result.csv");
    prop_assert_eq!(results.matches(",created\r\n").count(), users.len(), "{}", results);
    prop_assert_eq!(without_directory_ids(&export(&mut story, 5, "csv").await), without_directory_ids(&csv));
    prop_assert_eq!(without_ids(&export(&mut story, 6, "json").await), without_ids(&json));
    let again = story.world().await;
    for login in &logins {
        prop_assert_eq!(&again["users"][login], &world["users"][login], "{}", login);
    }
    prop_assert_eq!(again, world);
    Ok(())
}

/// A sheet without the ids of users in Amazon Connect's own directory, of which a new user gets another.
fn without_directory_ids(csv: &str) -> String {
    let is_id = |cell: &str| cell.len() == 36 && cell.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let without = |row: &str| match row.rsplit_once(',') {
        Some((rest, id)) if is_id(id) => format!("{rest},"),
        _ => row.to_owned(),
    };
    csv.split("\r\n").map(without).collect::<Vec<_>>().join("\r\n")
}

async fn create(story: &mut Story, login: &str, user: &Made) {
    let center = story.inside().desk.center.clone();
    let id = |all: Vec<Named>, name: &str| all.into_iter().find(|named| named.name == name).unwrap().id;
    let mut security = Vec::new();
    for name in &user.security_profiles {
        security.push(id(center.security_profiles().await.unwrap(), name));
    }
    let mut body = user.handling.clone();
    body["Username"] = json!(login);
    body["Password"] = json!("Practice-Desk-1");
    body["IdentityInfo"] = user.identity.clone();
    body["RoutingProfileId"] = json!(id(center.routing_profiles().await.unwrap(), &user.routing_profile));
    body["SecurityProfileIds"] = json!(security);
    if let Some(group) = &user.hierarchy_group {
        body["HierarchyGroupId"] = json!(id(center.hierarchy_groups().await.unwrap(), group));
    }
    if !user.tags.is_empty() {
        body["Tags"] = json!(user.tags);
    }
    let created = story.sim(&format!("PUT /users/{} {body}", story.inside().sim.instance_id())).await;
    assert!(created["UserId"].is_string(), "{created}");
}

/// The file that this request of the exporter makes.
async fn export(story: &mut Story, request: u64, format: &str) -> String {
    story.says(REQUESTER, &format!("/connect export login:xq format:{format}")).await;
    let told = story.told(REQUESTER, &format!("/desk confirm {request}")).await;
    assert!(told.contains("Export users · completed"), "{told}");
    story.saved(&format!("files/{request}-{FILE}.{format}"))
}

async fn carried_out(story: &mut Story, request: u64, line: &str) -> Result<(), TestCaseError> {
    let planned = story.told(REQUESTER, line).await;
    story.says(REQUESTER, &format!("/desk confirm {request}")).await;
    let told = story.told("supervisor", &format!("/desk approve {request}")).await;
    prop_assert!(told.contains("· completed"), "{}\n{}\n{}", line, planned, told);
    Ok(())
}

/// The users of an export without what another user of the same login has otherwise.
fn without_ids(json: &str) -> Value {
    let mut users: Value = serde_json::from_str(json).unwrap();
    for user in users.as_array_mut().unwrap() {
        user.as_object_mut().unwrap().remove("directory_user_id");
    }
    users
}

/// A text as people and their spreadsheets make it; blanks at its ends are none of it.
fn text(max: usize) -> impl Strategy<Value = String> {
    let odd = prop_oneof![
        "[A-Za-z]{1,12}",
        "\\PC{1,40}",
        "[=+@',;\"|:\\\\\\-]{1,3}[a-zäöüßé漢字🦀 ',;\"|:\\\\\r\n\t/=+@\\-]{0,60}",
        // As long as may be, and in letters of more than one byte.
        "[ä-öa-z' ]{100}",
    ];
    odd.prop_map(move |text| {
        let cut: String = clean::name(&text).chars().take(max).collect();
        cut.trim().to_owned()
    })
    .prop_filter("is not empty and has lost nothing", |text| !text.is_empty() && !text.contains('\u{fffd}'))
}

fn number() -> impl Strategy<Value = String> {
    "\\+[1-9][0-9]{1,14}"
}

fn email() -> impl Strategy<Value = String> {
    "[a-z0-9+=_'-]{1,6}(\\.[a-z0-9+=_'-]{1,6})?@[a-z]{1,9}\\.example\\.com"
}

fn identity() -> impl Strategy<Value = Value> {
    // Who has neither an address nor a password is created all the same, with a warning.
    let secondary = "[a-z0-9_%+-]{1,6}(\\.[a-z0-9_%+-]{1,5})?@[a-z]{1,9}\\.example\\.com";
    (text(255), text(300), of(email()), of(secondary), of(number())).prop_map(
        |(first, last, email, secondary, mobile)| {
            let all = json!({
                "FirstName": first, "LastName": last, "Email": email, "SecondaryEmail": secondary, "Mobile": mobile
            });
            without_nulls(all)
        },
    )
}

/// What is set for every channel; Amazon Connect has after contact work and auto-accept of calls for everybody.
fn handling() -> impl Strategy<Value = Value> {
    let accept = (any::<bool>(), any::<Option<bool>>());
    let work = (prop_oneof![Just(0_u32), 0_u32..=5_400], of(prop_oneof![Just(0_u32), 0_u32..=5_400]));
    let phone = prop_oneof![
        of(number()).prop_map(|number| ("SOFT_PHONE", number)),
        number().prop_map(|number| ("DESK_PHONE", Some(number))),
    ];
    let enhancement = select(vec!["NONE", "VOICE_ISOLATION", "NOISE_SUPPRESSION"]);
    let others = subsequence(vec![Channel::Chat, Channel::Task, Channel::Email], 0..=3);
    (others, vec(accept, 4), vec(work, 4), phone, any::<bool>(), of(enhancement)).prop_map(
        |(others, accepts, works, (phone, number), persistent, enhancement)| {
            let name = |channel: &Channel| channel.word().to_uppercase();
            // Callbacks are calls.
            let voice = |channel: &Channel| *channel == Channel::Voice;
            let accepts: Vec<Value> = [Channel::Voice]
                .iter()
                .chain(&others)
                .zip(accepts)
                .map(|(channel, (on, callback))| {
                    without_nulls(json!({
                        "Channel": name(channel),
                        "AutoAccept": on,
                        "AgentFirstCallbackAutoAccept": callback.filter(|_| voice(channel)),
                    }))
                })
                .collect();
            let works: Vec<Value> = Channel::ALL
                .iter()
                .zip(works)
                .map(|(channel, (seconds, callback))| {
                    let limit = |seconds: u32| json!({ "AfterContactWorkTimeLimit": seconds });
                    without_nulls(json!({
                        "Channel": name(channel),
                        "AfterContactWorkConfig": limit(seconds),
                        "AgentFirstCallbackAfterContactWorkConfig": callback.filter(|_| voice(channel)).map(limit),
                    }))
                })
                .collect();
            let phone = json!({ "Channel": "VOICE", "PhoneType": phone, "PhoneNumber": number });
            let enhancement = enhancement.map(|mode| json!([{ "Channel": "VOICE", "VoiceEnhancementMode": mode }]));
            without_nulls(json!({
                "AutoAcceptConfigs": accepts,
                "AfterContactWorkConfigs": works,
                "PhoneNumberConfigs": [without_nulls(phone)],
                // Nothing and `false` are the same to Amazon Connect, which answers both in the same way.
                "PersistentConnectionConfigs": [{ "Channel": "VOICE", "PersistentConnection": persistent }],
                "VoiceEnhancementConfigs": enhancement,
            }))
        },
    )
}

fn without_nulls(mut object: Value) -> Value {
    object.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    object
}

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

fn user() -> impl Strategy<Value = Made> {
    let routing = names(&["Basic Routing Profile", "Case Investigator Profile", "Contact Tracers Profile"]);
    let security =
        names(&["Admin", "Agent", "CallCenterManager", "L1 Support", "QualityAnalyst", "Supervisor"]);
    let groups = names(&["Eastern Region", "Tracers East", "Leads East", "Coordinators"]);
    let key = "[a-zA-ZäöÅ0-9_.:/=+@-]([a-zäö0-9_.:/=+@ -]{0,20}[a-zäö0-9_.:/=+@-])?";
    let tags = btree_map(key, prop_oneof![Just(String::new()), text(256)], 0..4).prop_map(|mut tags| {
        tags.retain(|key, _| !key.to_lowercase().starts_with("aws:"));
        tags
    });
    (
        "[a-zA-Z0-9_.-]{0,12}[a-zA-Z0-9]",
        identity(),
        select(routing),
        subsequence(security, 1..=6),
        of(select(groups)),
        handling(),
        tags,
    )
        .prop_map(
            |(login, identity, routing_profile, security_profiles, hierarchy_group, handling, tags)| Made {
                login,
                identity,
                routing_profile,
                security_profiles,
                hierarchy_group,
                handling,
                tags,
            },
        )
}

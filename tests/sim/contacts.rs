//! What becomes of contacts and of the status of those who have them.

use std::time::Duration;

use desk_sim::Seed;
use serde_json::{Value, json};

use crate::support::{Center, MISSING, PARAMETER, REQUEST, START, each, merged, text};

/// Puts a user on these contacts, each as `VOICE CONNECTED`.
async fn on(center: &Center, login: &str, contacts: &str) {
    let contacts = contacts.split(", ").filter(|contact| !contact.is_empty()).map(|contact| {
        let (channel, state) = contact.split_once(' ').unwrap();
        json!({ "channel": channel, "state": state })
    });
    let presence = json!({ "signed_in": true, "on_contact": contacts.collect::<Vec<_>>() });
    let (status, answer) = center.control("PUT", &format!("/users/{login}/presence"), presence).await;
    assert_eq!(status, 200, "{answer}");
}

async fn data(center: &Center, login: &str) -> Value {
    let agents = json!({ "Filters": { "Agents": [format!("@users/{login}")] } });
    let output = center.ok("GetCurrentUserData", agents).await;
    output["UserDataList"][0].clone()
}

/// Status, next status, and the contacts with their states.
async fn state(center: &Center, login: &str) -> String {
    let data = data(center, login).await;
    let contacts = data["Contacts"].as_array().unwrap().iter();
    let mut contacts: Vec<_> = contacts
        .map(|contact| format!("{} {}", text(&contact["Channel"]), text(&contact["AgentContactState"])))
        .collect();
    contacts.sort();
    let next = data["NextStatus"].as_str().map(|next| format!(", then {next}")).unwrap_or_default();
    format!("{}{next}; {}", text(&data["Status"]["StatusName"]), contacts.join(", "))
}

async fn put(center: &Center, login: &str, status: &str) {
    let input =
        json!({ "UserId": format!("@users/{login}"), "AgentStatusId": format!("@agent_statuses/{status}") });
    center.ok("PutUserStatus", input).await;
}

async fn contact(center: &Center, login: &str, state: &str) -> String {
    let data = data(center, login).await;
    let contacts = data["Contacts"].as_array().unwrap();
    text(&contacts.iter().find(|contact| contact["AgentContactState"] == state).unwrap()["ContactId"])
}

#[tokio::test]
async fn a_status_waits_for_contacts_but_not_for_missed_ones_and_after_contact_work() {
    for (contacts, status, wanted) in [
        ("", "Lunch", "Lunch; "),
        ("VOICE CONNECTED", "Lunch", "Available, then Lunch; VOICE CONNECTED"),
        ("VOICE CONNECTED", "Offline", "Available, then Offline; VOICE CONNECTED"),
        ("VOICE CONNECTED", "Available", "Available; VOICE CONNECTED"),
        ("VOICE CONNECTED_ONHOLD", "Lunch", "Available, then Lunch; VOICE CONNECTED_ONHOLD"),
        ("VOICE INCOMING", "Lunch", "Available, then Lunch; VOICE INCOMING"),
        ("VOICE ERROR", "Lunch", "Available, then Lunch; VOICE ERROR"),
        ("VOICE MISSED", "Lunch", "Lunch; "),
        ("VOICE MISSED", "Available", "Available; "),
        ("VOICE MISSED, CHAT CONNECTED", "Lunch", "Available, then Lunch; CHAT CONNECTED, VOICE MISSED"),
        ("VOICE ENDED", "Lunch", "Lunch; "),
        ("VOICE ENDED", "Available", "Available; VOICE ENDED"),
        ("CHAT ENDED, CHAT CONNECTED", "Offline", "Available, then Offline; CHAT CONNECTED"),
        ("TASK PAUSED", "Lunch", "Available, then Lunch; TASK PAUSED"),
    ] {
        let center = Center::guide();
        on(&center, "aaron.fields", contacts).await;
        put(&center, "aaron.fields", status).await;
        assert_eq!(state(&center, "aaron.fields").await, wanted, "{contacts}: {status}");
    }
    // Available cancels the status that waits, and has been the status all along.
    let center = Center::guide();
    let since = data(&center, "abigail.stone").await["Status"]["StatusStartTimestamp"].take();
    center.clock.pass(Duration::from_secs(1));
    put(&center, "abigail.stone", "Lunch").await;
    put(&center, "abigail.stone", "Available").await;
    assert_eq!(state(&center, "abigail.stone").await, "Available; VOICE CONNECTED");
    assert_eq!(data(&center, "abigail.stone").await["Status"]["StatusStartTimestamp"], since);
}

#[tokio::test]
async fn only_contacts_without_a_conversation_are_dismissed() {
    let center = Center::guide();
    for state in
        "INCOMING PENDING CONNECTING CONNECTED CONNECTED_ONHOLD PAUSED MISSED ERROR ENDED REJECTED".split(' ')
    {
        on(&center, "aaron.fields", &format!("CHAT {state}, TASK INCOMING")).await;
        let id = data(&center, "aaron.fields").await["Contacts"].take();
        let id =
            id.as_array().unwrap().iter().find(|it| it["Channel"] == "CHAT").unwrap()["ContactId"].clone();
        let dismiss = json!({ "UserId": "@users/aaron.fields", "ContactId": id });
        if ["MISSED", "ERROR", "ENDED", "REJECTED"].contains(&state) {
            center.ok("DismissUserContact", dismiss).await;
        } else {
            assert_eq!(center.refused("DismissUserContact", dismiss).await, REQUEST, "{state}");
        }
    }
    // What waited comes when the last contact is dismissed.
    on(&center, "aaron.fields", "VOICE ERROR, CHAT ENDED").await;
    put(&center, "aaron.fields", "Break").await;
    center.clock.pass(Duration::from_secs(9));
    let id = contact(&center, "aaron.fields", "ERROR").await;
    let dismiss = json!({ "UserId": "@users/aaron.fields", "ContactId": id });
    assert_eq!(state(&center, "aaron.fields").await, "Available, then Break; VOICE ERROR");
    center.ok("DismissUserContact", dismiss.clone()).await;
    assert_eq!(state(&center, "aaron.fields").await, "Break; ");
    assert_eq!(data(&center, "aaron.fields").await["Status"]["StatusStartTimestamp"], START + 9.0);
    // Neither a contact that is gone nor another user's.
    assert_eq!(center.refused("DismissUserContact", dismiss).await, MISSING);
    let other = contact(&center, "abigail.stone", "CONNECTED").await;
    for (user, contact) in
        [("@users/aaron.fields", &*other), ("@users/aaron.fields", "nothing"), ("no one", &other)]
    {
        let input = json!({ "UserId": user, "ContactId": contact });
        assert_eq!(center.refused("DismissUserContact", input).await, MISSING);
    }
}

#[tokio::test]
async fn a_contact_that_is_stopped_leaves_after_contact_work() {
    let center = Center::guide();
    let id = contact(&center, "abigail.stone", "CONNECTED").await;
    center.ok("StopContact", json!({ "ContactId": id })).await;
    assert_eq!(state(&center, "abigail.stone").await, "Available; VOICE ENDED");
    for gone in [id.as_str(), "nothing", "00000000-0000-4000-8000-000000000000"] {
        assert_eq!(
            center.refused("StopContact", json!({ "ContactId": gone })).await,
            "410 ContactNotFoundException"
        );
    }
}

#[tokio::test]
async fn the_contacts_of_a_removed_user_end() {
    let center = Center::guide();
    let id = contact(&center, "abigail.stone", "CONNECTED").await;
    center.ok("DeleteUser", json!({ "UserId": "@users/abigail.stone" })).await;
    assert_eq!(
        center.refused("StopContact", json!({ "ContactId": id })).await,
        "410 ContactNotFoundException"
    );
}

fn quick_connect(name: &str) -> Value {
    json!({ "QuickConnectId": format!("@quick_connects/{name}"), "Name": "Try this" })
}

#[tokio::test]
async fn a_task_reaches_an_agent_who_can_take_one_and_waits_otherwise() {
    let center = Center::guide();
    // Jamal is available and takes two tasks at a time; the third waits in his own queue.
    let jamal = quick_connect("Jamal Reed");
    for wanted in ["TASK INCOMING", "TASK INCOMING, TASK INCOMING", "TASK INCOMING, TASK INCOMING"] {
        center.ok("StartTaskContact", jamal.clone()).await;
        assert_eq!(state(&center, "jamal.reed").await, format!("Available; {wanted}"));
    }
    let offered = data(&center, "jamal.reed").await["Contacts"][0].take();
    assert_eq!(
        (&offered["InitiationMethod"], &offered["ConnectedToAgentTimestamp"]),
        (&json!("API"), &Value::Null)
    );
    assert!(text(&offered["Queue"]["Arn"]).contains("/queue/agent/"));
    let slots = data(&center, "jamal.reed").await;
    assert_eq!(
        (&slots["ActiveSlotsByChannel"]["TASK"], &slots["AvailableSlotsByChannel"]["TASK"]),
        (&json!(2), &json!(0))
    );
    // Karen's profile has the channel, John is signed out.
    center.ok("StartTaskContact", quick_connect("John Doe")).await;
    // A profile without TASK takes none, whatever its queues say.
    let untidy = Center::with(|options| options.seed = Seed::Untidy);
    let dev =
        json!({ "UserId": "@users/dev.patel", "ContactFlowId": "@contact_flows/Default agent transfer" });
    let config = json!({ "QuickConnectType": "USER", "UserConfig": dev });
    untidy.ok("CreateQuickConnect", json!({ "Name": "Dev", "QuickConnectConfig": config })).await;
    on(&untidy, "dev.patel", "").await;
    untidy.ok("StartTaskContact", quick_connect("Dev")).await;
    assert_eq!(state(&untidy, "dev.patel").await, "Available; ");
    // To a queue it waits there; to a user who is gone it ends immediately, although the call was answered.
    let before = untidy.world().await;
    untidy.ok("StartTaskContact", quick_connect("Former agent")).await;
    untidy.ok("StartTaskContact", quick_connect("Winter Campaign")).await;
    assert_eq!(untidy.world().await, before);
    untidy.ok("StartTaskContact", quick_connect("Help desk")).await;
    let waiting = untidy.world().await["queues"]["Help Desk"]["waiting"].take();
    assert_eq!(each(&waiting, "channel"), ["TASK", "TASK"]);
}

#[tokio::test]
async fn a_task_is_started_once_for_each_client_token() {
    let center = Center::guide();
    let task = merged(quick_connect("Help desk"), json!({ "ClientToken": "a" }));
    let once = center.ok("StartTaskContact", task.clone()).await;
    let stopped = json!({ "ContactId": once["ContactId"] });
    assert_eq!(center.ok("StartTaskContact", task.clone()).await, once);
    let waiting =
        || async { center.world().await["queues"]["Help Desk"]["waiting"].as_array().unwrap().len() };
    assert_eq!(waiting().await, 2, "one was there before");
    center.ok("StopContact", stopped).await;
    assert_eq!(center.ok("StartTaskContact", task.clone()).await, once, "also when it is over");
    assert_eq!(waiting().await, 1);
    assert_ne!(center.ok("StartTaskContact", merged(task, json!({ "ClientToken": "A" }))).await, once);
}

#[tokio::test]
async fn what_a_task_cannot_be_is_refused() {
    let center = Center::with(|options| options.seed = Seed::Untidy);
    let before = center.world().await;
    let task = quick_connect("Help desk");
    let reference =
        |kind: &str| json!({ "References": { "Case": { "Type": kind, "Value": "https://example.com" } } });
    center
        .refuses("StartTaskContact", &task, table! {
        (json!({ "QuickConnectId": null }), REQUEST),
        (json!({ "ContactFlowId": "@contact_flows/Main line" }), REQUEST),
        (json!({ "QuickConnectId": null, "TaskTemplateId": "t" }), MISSING),
        (json!({ "QuickConnectId": "nothing" }), MISSING),
        (json!({ "QuickConnectId": "@quick_connects/Food bank" }), REQUEST),
        (json!({ "QuickConnectId": null, "ContactFlowId": "@contact_flows/Default agent transfer" }), PARAMETER),
        (json!({ "QuickConnectId": null, "ContactFlowId": "nothing" }), PARAMETER),
        (json!({ "Name": null }), REQUEST),
        (json!({ "Name": "x".repeat(1025) }), PARAMETER),
        (json!({ "Description": "x".repeat(4097) }), PARAMETER),
        (json!({ "ClientToken": "x".repeat(501) }), PARAMETER),
        (json!({ "Attributes": { "a": "x".repeat(32_768) } }), PARAMETER),
        (reference("ATTACHMENT"), PARAMETER),
        (json!({ "ScheduledTime": START - 1.0 }), PARAMETER),
        (json!({ "ScheduledTime": START + 6.1 * 86_400.0 }), PARAMETER),
        (json!({ "PreviousContactId": "x", "RelatedContactId": "y" }), REQUEST),
        (json!({ "PreviousContactId": "nothing" }), MISSING),
    })
        .await;
    assert_eq!(center.world().await, before);
    let allowed =
        merged(reference("URL"), json!({ "ScheduledTime": START + 3600.0, "Attributes": { "a": "b" } }));
    center.ok("StartTaskContact", merged(task.clone(), allowed)).await;
    center.set(json!({ "task_quota": 1 })).await;
    assert_eq!(center.refused("StartTaskContact", task).await, "402 ServiceQuotaExceededException");
}

#[tokio::test]
async fn an_agents_own_queue_holds_ten() {
    let center = Center::guide();
    let john = quick_connect("John Doe");
    let mut last = Value::Null;
    for _ in 0..11 {
        last = center.ok("StartTaskContact", john.clone()).await;
    }
    // The eleventh was answered, and its flow could not queue it.
    assert_eq!(center.refused("StopContact", last).await, "410 ContactNotFoundException");
}

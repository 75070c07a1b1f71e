//! Looks: who is found, how things are with them, and that an answer which makes no sense is never taken for "none".

use desk_core::basics::problem::{Owner, System};

use super::*;

#[tokio::test]
async fn the_user_is_found_by_the_rule_and_nobody_is_guessed() {
    use UserField::{Email, EmployeeNumber, FederationId, Username};
    let mut org = Org::begin().await;
    for (field, value, login, expected) in [
        (Username, "{login}@practice.example.com", "john.doe", "john.doe"),
        (Username, "{login}@practice.example.com", "JOHN.DOE", "john.doe"),
        (Username, "{login}@practice.example.com", "kofi.mensah", "No Salesforce user has the username"),
        (Username, "{login}@practice.example.com", "o'brien", "No Salesforce user has the username"),
        (Username, "{login}", "x' OR Name != '", "No Salesforce user has the username"),
        (Username, "{login}", "x\\' OR Name != \\'", "No Salesforce user has the username"),
        (Username, "{login}", "%", "No Salesforce user has the username"),
        (FederationId, "{login}", "ines.costa", "ines.costa"),
        (FederationId, "{email}", "ines.costa", "No Salesforce user has the federation ID"),
        (EmployeeNumber, "{login}", "E0001", "john.doe"),
        (Email, "{email}", "john.doe", "john.doe"),
        (Email, "{email}", "mike.turner", "2 Salesforce users have the email `mike.turner@example.com`"),
        (Email, "{login}@{email}", "a{email}b", "a{email}b@a{email}b@example.com"),
    ] {
        org.settings.user = rule(field, value);
        let email = format!("{login}@example.com");
        let found = in_time(org.desk().find(&Agent { login, email: Some(&email) })).await.unwrap();
        match found.one() {
            Ok(user) => {
                assert_eq!(user.username, format!("{expected}@practice.example.com"), "{value} {login}")
            }
            Err(problem) => {
                assert_eq!(problem.owner, Owner::Requester, "{value} {login}: {problem}");
                assert!(problem.message.contains(expected), "{value} {login}: {problem}");
            }
        }
    }
    org.settings.user = rule(Email, "{email}");
    for email in [None, Some(""), Some("  ")] {
        let problem = in_time(org.desk().find(&Agent { login: "hugo.berg", email })).await.unwrap_err();
        assert_eq!((problem.owner, problem.code.as_str()), (Owner::Requester, "salesforce_no_email"));
    }
}

#[tokio::test]
async fn the_status_tells_all_that_matters_for_a_softphone() {
    let org = Org::begin().await;
    let desk = org.desk();
    let mut told = Vec::new();
    for login in
        ["john.doe", "aaron.fields", "laura.pace", "grace.lee", "omar.aziz", "victor.hale", "hugo.berg"]
    {
        let status = in_time(async { desk.status(find(&desk, login).await).await.unwrap() }).await;
        let sets: Vec<String> = status
            .assignments
            .iter()
            .map(|row| {
                let of = if row.set.of_the_package { "" } else { " (own)" };
                let expired = if row.active { "" } else { " (expired)" };
                format!("{}{of}{expired}", row.set.name)
            })
            .collect();
        let center = status.call_center.map_or("no call center".to_owned(), |center| {
            format!("{}{}", center.internal_name, if center.is_voice { " (voice)" } else { "" })
        });
        told.push(format!(
            "{login}: {}, {}, {}, [{}], {center}",
            if status.user.active { "active" } else { "inactive" },
            if status.frozen { "frozen" } else { "not frozen" },
            status.user.license.unwrap_or_default(),
            sets.join(" "),
        ));
    }
    assert_eq!(
        told,
        [
            "john.doe: active, not frozen, Salesforce, [], no call center",
            "aaron.fields: active, not frozen, Salesforce, [AC_Agent], ACLightningAdapter",
            "laura.pace: active, frozen, Salesforce, [], no call center",
            "grace.lee: active, not frozen, Salesforce, [AC_Agent (own)], AmazonConnectVoice (voice)",
            "omar.aziz: active, not frozen, Salesforce, [AC_Agent (expired)], no call center",
            "victor.hale: inactive, not frozen, Salesforce, [], no call center",
            "hugo.berg: active, not frozen, Salesforce Platform, [], no call center",
        ]
    );
    // Nothing was written for it.
    let calls = org.control("GET", "calls", Value::Null).await;
    let operations: Vec<&String> = calls.as_object().unwrap().keys().collect();
    assert_eq!(operations, ["Query", "Token"]);
}

#[tokio::test]
async fn permission_sets_and_call_centers_are_the_packages_own_and_exactly_one() {
    let org = Org::begin().await;
    let desk = org.desk();
    for (name, expected) in [
        ("AC_Agent", "AC_Agent"),
        ("AC_Manager", "AC_Manager"),
        ("AC_Supervisor", "a custom permission set"),
        ("AC_Agnt", "Did you mean `AC_Agent`?"),
        ("ac_agent", "Did you mean `AC_Agent`?"),
        ("' OR Name != '", "has no permission set"),
    ] {
        match in_time(desk.permission_set(name)).await {
            Ok(set) => assert_eq!((set.label.as_str(), set.of_the_package), (expected, true), "{name}"),
            Err(problem) => assert!(problem.to_string().contains(expected), "{name}: {problem}"),
        }
    }
    for (name, expected) in [
        ("ACLightningAdapter", "ACLightningAdapter"),
        ("ACConsoleAdapter", "ACConsoleAdapter"),
        ("AC Lightning Adapter", "Did you mean `ACLightningAdapter` or `ACLightningAdapterCopy`?"),
        ("aclightningadapter", "Did you mean `ACLightningAdapter`"),
        ("ACLightningAdaptor", "Did you mean `ACLightningAdapter`"),
        ("Nowhere", "No call center has the internal name `Nowhere`"),
        ("AmazonConnectVoice", "center, where apps can't"),
    ] {
        match in_time(desk.call_center(name)).await {
            Ok(center) => assert_eq!(center.internal_name, expected, "{name}"),
            Err(problem) => {
                assert!(problem.to_string().contains(expected), "{name}: {problem}");
                assert_eq!(problem.owner, Owner::Requester, "{name}");
            }
        }
    }
    let copy = json!({ "Name": "AC Lightning Adapter", "InternalName": "ACLightningAdapter" });
    org.control("POST", "records/CallCenter", copy).await;
    let problem = in_time(desk.call_center("ACLightningAdapter")).await.unwrap_err();
    assert_eq!(problem.code, "salesforce_several_call_centers");
}

#[tokio::test]
async fn the_version_of_the_api_is_the_sites() {
    let mut org = Org::begin().await;
    for (version, expected) in [(59, ""), (68, ""), (99, "Salesforce has no version v99.0 of its API")] {
        org.settings.api_version = version;
        match in_time(org.desk().find(&Agent { login: "john.doe", email: None })).await {
            Ok(found) => assert!(expected.is_empty(), "{version}: {found:?}"),
            Err(problem) => {
                assert_eq!(problem.owner, Owner::Operator, "{version}: {problem}");
                assert!(!expected.is_empty() && problem.message.contains(expected), "{version}: {problem}");
            }
        }
    }
}

#[tokio::test]
async fn pages_are_followed_to_the_end_and_no_further() {
    let org = Org::begin().await;
    let desk = org.desk();
    let aaron = org.user("aaron.fields");
    org.control("PATCH", "settings", json!({ "page_size": 1 })).await;
    for name in ["AC_Manager", "AC_Administrator", "AC_CallRecording"] {
        let row = json!({ "AssigneeId": aaron.as_str(), "PermissionSetId": org.set(name).as_str() });
        org.control("POST", "records/PermissionSetAssignment", row).await;
    }
    let status = in_time(async { desk.status(find(&desk, "aaron.fields").await).await.unwrap() }).await;
    assert_eq!(status.assignments.len(), 4);
    for pages in ["repeat", "go_on"] {
        org.control("PATCH", "settings", json!({ "pages": pages })).await;
        org.control("DELETE", "calls", Value::Null).await;
        let problem = in_time(desk.find(&Agent { login: "john.doe", email: None })).await.unwrap_err();
        assert_eq!(
            (problem.owner, problem.code.as_str()),
            (Owner::System(System::named("Salesforce")), "salesforce_endless"),
            "{pages}"
        );
        let calls = org.calls("QueryMore").await;
        assert!(calls < 200, "{pages}: {calls} pages were asked for");
    }
}

/// An answer that says nothing certain is tried again, and then it is said that nothing is known: not that there is no one.
#[tokio::test]
async fn an_answer_that_cannot_be_read_is_never_none() {
    let org = Org::begin().await;
    let desk = org.desk();
    let other = json!({ "totalSize": 1, "done": true, "records": [{
        "Id": "005Ae0000000010", "Username": "jane.doe@practice.example.com", "Name": "Jane Doe", "Email": null,
        "FederationIdentifier": null, "EmployeeNumber": null, "IsActive": true, "CallCenterId": null, "Profile": null,
    }] });
    let mut without = other.clone();
    without["records"][0]["Username"] = json!("john.doe@practice.example.com");
    without["records"][0].as_object_mut().unwrap().remove("CallCenterId");
    let mut no_id = other.clone();
    no_id["records"][0]["Id"] = json!("' OR Name != '");
    let bodies = [
        "{}".to_owned(),
        "[]".to_owned(),
        "\"\"".to_owned(),
        String::new(),
        "<html>Sign in to the network</html>".to_owned(),
        r#"{"totalSize":0,"records":[]}"#.to_owned(),
        r#"{"totalSize":0,"done":true}"#.to_owned(),
        r#"{"done":true,"records":[]}"#.to_owned(),
        r#"{"totalSize":1,"done":true,"records":[]}"#.to_owned(),
        r#"{"totalSize":0,"done":false,"records":[]}"#.to_owned(),
        r#"{"totalSize":0,"done":true,"records":[],"nextRecordsUrl":"/services/data/v67.0/query/01g-1"}"#
            .to_owned(),
        r#"{"totalSize":0,"done":false,"records":[],"nextRecordsUrl":"https://example.org/services/data/"}"#
            .to_owned(),
        r#"{"totalSize":0,"done":true,"records":["#.to_owned(),
        r#"{"totalSize":1,"done":true,"records":[null]}"#.to_owned(),
        other.to_string(),
        without.to_string(),
        no_id.to_string(),
    ];
    let mut faults: Vec<Value> =
        bodies.iter().map(|body| json!({ "fault": "fail_before", "error": body })).collect();
    faults.extend([
        json!({ "fault": "drop_before" }),
        json!({ "fault": "fail_before" }),
        json!({ "fault": "fail_before", "status": 302 }),
        json!({ "fault": "fail_before", "status": 404 }),
        json!({ "fault": "fail_before", "status": 401 }),
        json!({ "fault": "fail_before", "error": "UNKNOWN_EXCEPTION" }),
        json!({ "fault": "fail_before", "error": "SERVER_UNAVAILABLE" }),
        json!({ "fault": "fail_before", "error": "SOMETHING_NEW", "status": 400 }),
        json!({ "fault": "fail_before", "error": "UNABLE_TO_LOCK_ROW" }),
        json!({ "fault": "throttle" }),
    ]);
    for fault in faults {
        org.fault("Query", &fault).await;
        let found = in_time(desk.find(&Agent { login: "john.doe", email: None })).await;
        if fault["error"] == json!(other.to_string()) {
            // Someone else than who was asked for: that does not pass by itself, and is said immediately.
            assert_eq!(found.unwrap_err().code, "salesforce_unreadable");
            continue;
        }
        assert!(matches!(found, Ok(Found::One(_))), "{fault}: {found:?}");
        let mut lasting = fault.clone();
        lasting["times"] = json!(1000);
        org.fault("Query", &lasting).await;
        let before = passed(&org);
        let problem = in_time(desk.find(&Agent { login: "john.doe", email: None })).await.unwrap_err();
        assert_ne!(problem.owner, Owner::Requester, "{fault}: {problem}");
        assert!(passed(&org) - before <= std::time::Duration::from_secs(30), "{fault}");
        org.control("DELETE", "faults", Value::Null).await;
    }
}

#[tokio::test]
async fn what_commands_read_is_tried_before_anyone_types_one() {
    let mut org = Org::begin().await;
    in_time(org.desk().examine()).await.unwrap();
    let good = org.settings.clone();
    org.settings.call_center = "NoSuchCenter".to_owned();
    let problem = in_time(org.desk().examine()).await.unwrap_err();
    assert!(problem.message.contains("No call center has the internal name"), "{problem}");
    org.settings = good.clone();
    org.settings.api_version = 90;
    in_time(org.desk().examine()).await.unwrap_err();
    org.settings = good;
    org.control("PATCH", "app", json!({ "permissions": [] })).await;
    in_time(org.desk().examine()).await.unwrap_err();
}

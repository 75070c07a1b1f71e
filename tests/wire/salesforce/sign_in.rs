//! Signing in: every way in which Salesforce keeps a desk out, and sessions that end.

use desk_core::basics::problem::Owner;
use desk_core::plan::{Attempt, Failure};

use super::*;

/// What keeps the desk out, as the app has it, by how much the clocks differ, how the desk is set up, and what is said.
type Case = (&'static str, Value, i64, fn(&mut Org), &'static str);

#[tokio::test]
async fn whatever_keeps_the_desk_out_is_said_to_its_operator() {
    let other = include_str!("../../files/salesforce/other.crt");
    let audience = |org: &mut Org| match &mut org.settings.sign_in {
        SignIn::Jwt { audience, .. } => *audience = "https://example.org".to_owned(),
        SignIn::ClientCredentials { .. } | SignIn::Practice => {}
    };
    let secret = |org: &mut Org| org.settings.sign_in = org.with_secret(practice::CLIENT_SECRET);
    let wrong = |org: &mut Org| org.settings.sign_in = org.with_secret("wrong");
    let cases: [Case; 12] = table! {
        ("a certificate that was just removed.", json!({ "certificate": null }), 0, |_| {}, "replaced or removed"),
        ("another certificate", json!({ "certificate": other }), 0, |_| {}, "replaced or removed"),
        ("a sandbox", json!({ "sandbox": true }), 0, |_| {}, "https://test.salesforce.com"),
        ("an app that is not installed", json!({ "installed": false }), 0, |_| {}, "refreshed sandbox"),
        ("a user who is not pre-authorized", json!({ "approved": [] }), 0, |_| {}, "Pre-authorize"),
        ("another app", json!({ "client_id": "other" }), 0, |_| {}, "consumer key"),
        ("a clock that is slow", json!({}), 600, |_| {}, "is 10 min behind Salesforce's"),
        ("a clock that is fast", json!({}), -600, |_| {}, "is 10 min ahead of Salesforce's"),
        ("a wrong audience", json!({}), 0, audience, "Set `audience"),
        ("a wrong secret", json!({}), 0, wrong, "consumer secret"),
        ("no one to run as", json!({ "run_as": null }), 0, secret, "Run As"),
        ("an inactive user", json!({ "run_as": "victor.hale@practice.example.com" }), 0, secret, "Activate the desk's user"),
    };
    for (name, other_app, clock_ahead, change, message) in cases {
        let mut org = Org::begin().await;
        org.settings.sign_in = org.with_key(KEY);
        let app = org.control("GET", "app", Value::Null).await;
        org.control("PATCH", "app", other_app).await;
        org.control("PATCH", "settings", json!({ "clock_ahead_s": clock_ahead })).await;
        change(&mut org);
        let desk = org.desk();
        let user = org.user("john.doe");
        let problem = in_time(desk.check()).await.unwrap_err();
        assert_eq!(problem.owner, Owner::Operator, "{name}: {problem}");
        assert!(problem.to_string().contains(message), "{name}: {problem}");
        assert!(!problem.to_string().contains(practice::CLIENT_SECRET), "{name}: {problem}");
        // It does not pass, so it is not tried again; and a change that needed it did not happen.
        let failure = in_time(desk.freeze(Attempt::First, &user, true)).await.unwrap_err();
        assert!(matches!(failure, Failure::Refused(_)), "{name}: {failure:?}");
        assert_eq!(org.calls("Token").await, 2, "{name}");
        assert_eq!(org.calls("UpdateUserLogin").await, 0, "{name}");
        // Once it is put right, the same desk comes in.
        org.control("PATCH", "app", app).await;
        org.control("PATCH", "settings", json!({ "clock_ahead_s": 0 })).await;
        org.settings.sign_in = org.with_key(KEY);
        let desk = if message.contains("audience") || name == "a wrong secret" { org.desk() } else { desk };
        assert_eq!(in_time(desk.check()).await, Ok(()), "{name}");
    }
}

#[tokio::test]
async fn keys_and_secrets_that_are_none_are_refused_before_anything_is_sent() {
    let mut org = Org::begin().await;
    let ec = include_str!("../../files/salesforce/ec.key");
    let open = |org: &Org| Salesforce::open(&org.settings, None, Patience::default(), org.clock.clone());
    for (sign_in, message) in [
        (org.with_key(ec), "must be an RSA key"),
        (org.with_key(CERTIFICATE), "has no private key"),
        (org.with_key(""), "has no private key"),
        (org.with_secret("\n"), "is empty"),
        (SignIn::ClientCredentials { secret_file: None }, "consumer secret for Salesforce is missing"),
        (SignIn::ClientCredentials { secret_file: Some("/nowhere".into()) }, "can't be read from /nowhere"),
    ] {
        // The files have one name, and the last one written is read.
        if let SignIn::Jwt { key_file: Some(file), .. } = &sign_in {
            std::fs::write(file, if message == "must be an RSA key" { ec } else { "" }).unwrap();
        }
        org.settings.sign_in = sign_in;
        let problem = open(&org).err().unwrap_or_else(|| panic!("{message} was expected"));
        assert_eq!(problem.owner, Owner::Operator);
        assert!(problem.message.contains(message), "{message}: {problem}");
    }
    let file = org.file("key", KEY);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    org.settings.sign_in = SignIn::Jwt { username: "x".into(), key_file: Some(file), audience: "x".into() };
    assert_eq!(open(&org).err().unwrap().code, "secret_exposed");
    assert_eq!(org.calls("Token").await, 0);
}

#[tokio::test]
async fn what_passes_at_the_door_is_waited_for() {
    let org = Org::begin().await;
    for fault in [
        json!({ "fault": "fail_before" }),
        json!({ "fault": "drop_after" }),
        json!({ "fault": "fail_before", "error": "login rate exceeded" }),
        json!({ "fault": "fail_before", "error": "{}", "status": 200 }),
        json!({ "fault": "fail_before", "error": r#"{"access_token":"","instance_url":"http://127.0.0.1:1","id":"x"}"# }),
        json!({ "fault": "fail_before", "status": 302 }),
    ] {
        let desk = org.desk();
        org.fault("Token", &fault).await;
        assert_eq!(find(&desk, "john.doe").await.username, "john.doe@practice.example.com", "{fault}");
    }
}

/// The token goes to no host that the answer names, if it would go there unencrypted.
#[tokio::test]
async fn the_token_goes_nowhere_unencrypted() {
    let org = Org::begin().await;
    for address in ["http://192.0.2.7", "http://example.org", "ftp://127.0.0.1", "127.0.0.1", ""] {
        let desk = org.desk();
        let body = json!({ "access_token": "t", "instance_url": address, "id": "x/005Ae0000000010" });
        org.fault("Token", &json!({ "fault": "fail_before", "error": body.to_string() })).await;
        let problem = in_time(desk.check()).await.unwrap_err();
        assert_eq!(problem.code, "salesforce_sign_in", "{address}");
    }
}

#[tokio::test]
async fn a_session_that_ended_is_renewed_once_and_nothing_is_done_twice() {
    let org = Org::begin().await;
    let desk = org.desk();
    let (john, agent) = (org.user("john.doe"), org.set("AC_Agent"));
    find(&desk, "john.doe").await;
    org.control("DELETE", "sessions", Value::Null).await;
    in_time(desk.assign(Attempt::First, &john, &agent, None)).await.unwrap();
    assert_eq!((org.calls("Token").await, org.calls("CreatePermissionSetAssignment").await), (2, 2));
    assert_eq!(rows(&org.world().await, &john, &agent).len(), 1);
    // Time ends a session as well.
    org.clock.advance(std::time::Duration::from_secs(3 * 3600));
    find(&desk, "john.doe").await;
    assert_eq!(org.calls("Token").await, 3);
    // Several immediately need one new session.
    org.control("DELETE", "sessions", Value::Null).await;
    let looks = (0..5).map(|_| desk.find(&Agent { login: "john.doe", email: None }));
    for found in in_time(futures::future::join_all(looks)).await {
        assert!(matches!(found, Ok(Found::One(_))));
    }
    assert_eq!(org.calls("Token").await, 4);
    // One that is never accepted is the operator's.
    org.control("DELETE", "calls", Value::Null).await;
    org.fault("Query", &json!({ "fault": "fail_before", "error": "INVALID_SESSION_ID", "times": 1000 }))
        .await;
    let problem = in_time(desk.find(&Agent { login: "john.doe", email: None })).await.unwrap_err();
    assert_eq!((problem.owner, problem.code.as_str()), (Owner::Operator, "salesforce_session"));
    assert_eq!((org.calls("Query").await, org.calls("Token").await), (2, 1));
}

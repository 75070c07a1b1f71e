use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::Story;

/// An entry of a log about a call.
fn call(at: &str, on: bool, login: Option<&str>) -> Value {
    let mut configuration = json!({ "softphoneEnabled": true });
    if let Some(login) = login {
        configuration["username"] = login.into();
    }
    let media = json!({ "callType": "audio_only", "autoAccept": on });
    json!({
        "component": "ccp", "time": at, "loggerId": "1-x",
        "objects": [{ "snapshot": {
            "contacts": [{ "connections": [{ "softphoneMediaInfo": media }] }], "configuration": configuration,
        } }],
    })
}

/// Gives the desk these bytes as a file; what is told.
async fn told(story: &mut Story, bytes: &[u8], more: &str) -> String {
    let file = tempfile::Builder::new().suffix(".txt").tempfile().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    story.told("helpdesk", &format!("/log ccp {} {more}", file.path().display())).await
}

#[tokio::test]
async fn a_log_tells_since_when_and_where_and_is_compared_with_what_is_set() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/log ccp agent-log.txt").await, @r#"
    ╭─ ✓ Calls are accepted automatically ─────────────────────────────────────────╮
    │ Log of    `john.doe`, `John Doe`                                             │
    │ In calls  on, changed once at 2026-11-20 08:31:52; logged 3 times            │
    │           line 62: `"autoAccept": true`                                      │
    │                                                                              │
    │ ! For `john.doe` it is set to off, but the log still shows on. Have them     │
    │   sign out of the CCP and in again, then take a test call.                   │
    ╰─ only you see this · 119 lines read, none of it kept ────────────────────────╯
    "#);
    story.says("helpdesk", "/connect edit john.doe auto_accept:true").await;
    story.says("helpdesk", "/desk confirm 1").await;
    plays! { story: ("helpdesk", "/log ccp agent-log.txt john.doe", "For `john.doe` it is set to on as well.") }
}

#[tokio::test]
async fn a_log_that_is_behind_says_what_to_do() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "☑ /connect edit john.doe auto_accept:true") }
    let before = json!([call("2026-11-20T08:00:00Z", false, Some("john.doe"))]).to_string();
    let said = told(&mut story, before.as_bytes(), "").await;
    assert!(
        said.contains("it is set to on, but the log still shows off. The user was changed after"),
        "{said}"
    );
    let after = json!([call("2026-11-20T10:00:00Z", false, Some("john.doe"))]).to_string();
    let said = told(&mut story, after.as_bytes(), "").await;
    assert!(said.contains("Have them sign out of the CCP and in again"), "{said}");
}

#[tokio::test]
async fn whose_log_it_is_is_checked() {
    let mut story = Story::begin().await;
    let johns = json!([call("2026-11-20T08:00:00Z", true, Some("john.doe"))]).to_string();
    let nobodys = json!([call("2026-11-20T08:00:00Z", true, None)]).to_string();
    let strangers = json!([call("2026-11-20T08:00:00Z", true, Some("not.here"))]).to_string();
    let table = [
        (&johns, "jane.doe", "This is the log of `john.doe`, not of `jane.doe`"),
        (&johns, "jon.doe", "No user `jon.doe`. Did you mean `/log ccp"),
        (&nobodys, "", "The log doesn't name the agent."),
        (&nobodys, "jane.doe", "For `jane.doe` it is set to off, but the log still shows on."),
        (&strangers, "", "No user `not.here` in this contact center"),
    ];
    for (log, login, message) in table {
        let said = told(&mut story, log.as_bytes(), login).await;
        assert!(said.contains(message), "{login}: {said}");
    }
}

#[tokio::test]
async fn what_is_no_log_is_answered_with_how_to_get_one() {
    let mut story = Story::begin().await;
    let quiet =
        json!([{ "component": "ccp", "text": "nothing", "time": "2026-11-20T08:00:00Z", "loggerId": "1" }]);
    let quiet = quiet.to_string();
    let long = vec![b' '; 50 * 1024 * 1024 + 1];
    let table: [(&[u8], &str); 5] = [
        (b"", "The file is empty."),
        (b"PK\x03\x04zip", "a ZIP archive or an Office file"),
        (b"login,name\r\njohn.doe,John", "it has no log entries of the Contact Control Panel"),
        (quiet.as_bytes(), "The log does not show auto-accept"),
        (&long, "longer than 50 MiB"),
    ];
    for (bytes, message) in table {
        let said = told(&mut story, bytes, "").await;
        assert!(said.contains(message), "{message}: {said}");
    }
    story.tells("helpdesk", "/log ccp absent.txt", &["No file `absent.txt`."]).await;
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn nothing_else_of_a_log_is_told_or_kept() {
    let mut story = Story::begin().await;
    let mut entry = call("2026-11-20T08:00:00Z", true, Some("john.doe"));
    let others = ["+15550107777", "session-token-of-an-agent"];
    entry["objects"][0]["snapshot"]["contacts"][0]["customer"] = others[0].into();
    entry["text"] = others[1].into();
    let said = told(&mut story, json!([entry]).to_string().as_bytes(), "").await;
    assert!(said.contains("Calls are accepted automatically"), "{said}");
    story.says("helpdesk", "restart").await;
    let history = story.told("auditor", "/desk history").await;
    for other in others {
        assert!(!said.contains(other) && !history.contains(other), "{said}\n{history}");
        crate::support::nowhere_below(story.folder(), other);
    }
}

#[tokio::test]
async fn a_log_tells_channels_and_agents_apart_and_what_fails() {
    let mut story = Story::begin().await;
    let chat = include_bytes!("../../cases/ccplogs/l03_chat_only.txt");
    let said = told(&mut story, chat, "").await;
    assert!(
        said.contains("Calls are not accepted automatically") && said.contains("The log has no call"),
        "{said}"
    );
    assert!(said.contains("Chats and other contacts, which have their own setting: on"), "{said}");
    let mut janes = call("2026-11-20T12:00:00Z", true, Some("jane.doe"));
    janes["objects"][0]["error"] = json!({ "errorType": "ice_collection_timeout" });
    let both = json!([call("2026-11-20T08:00:00Z", false, Some("john.doe")), janes]).to_string();
    let said = told(&mut story, both.as_bytes(), "").await;
    assert!(said.contains("Calls are accepted automatically"), "{said}");
    assert!(said.contains("`john.doe` also signed in on this computer."), "{said}");
    assert!(said.contains("Audio found no way through the network (ICE) (1 time"), "{said}");
    let said = told(&mut story, both.as_bytes(), "john.doe").await;
    assert!(said.contains("Calls are not accepted automatically"), "{said}");
    let har = br#"{"log":{"version":"1.2","creator":{"name":"WebInspector"},"entries":[]}}"#;
    let said = told(&mut story, har, "").await;
    assert!(said.contains("holds sign-in sessions"), "{said}");
}

//! Logs of the CCP in every shape, and what is none.

use desk_core::basics::problem::Problem;
use desk_core::formats::ccplog::{CcpLog, Reader};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn read(text: &str) -> Result<CcpLog, Problem> {
    let mut reader = Reader::new();
    reader.push(text.as_bytes())?;
    reader.finish()
}

/// An entry as `Logger.download` writes it, with the agent's snapshot and a call in its objects.
fn entry(time: &str, on: bool) -> serde_json::Value {
    serde_json::json!({
        "component": "ccp", "level": "TRACE", "text": "GET_AGENT_SNAPSHOT \"succeeded\" {", "time": time,
        "exception": null,
        "objects": [{ "snapshot": {
            "state": { "name": "Available", "agentStateARN": "arn:aws:connect:us-west-2:1:instance/i/agent-state/s" },
            "contacts": [{ "connections": [{
                "connectionId": "c", "type": "agent", "initial": false,
                "softphoneMediaInfo": {
                    "callConfigJson": "{\"iceServers\":[{\"urls\":[\"turn:a.example.:3478\"],\"username\":\"relay\",\"credential\":\"relay-secret\"}]}",
                    "callType": "audio_only", "autoAccept": on } }] }] },
            "configuration": { "name": "John Doe", "username": "john.doe", "softphoneEnabled": true,
                "agentARN": "arn:aws:connect:us-west-2:1:instance/i/agent/a" } }],
        "line": 4, "loggerId": "1-x",
    })
}

fn log() -> serde_json::Value {
    serde_json::json!([
        entry("2026-11-20T03:14:07.000Z", false),
        entry("2026-11-20T03:15:07.000Z", true),
        { "component": "softphone", "level": "INFO", "text": "time passes", "time": "2026-11-20T03:15:30.000Z", "objects": [] },
        entry("2026-11-20T03:16:07.000Z", true),
    ])
}

fn check(found: &CcpLog) {
    assert_eq!(found.auto_accept(), Some(true));
    let calls = found.calls.as_ref().unwrap();
    assert_eq!((calls.seen, calls.changed), (3, 1));
    assert_eq!(calls.since.at.unwrap().to_string(), "2026-11-20T03:15:07Z");
    assert_eq!(calls.latest.at.unwrap().to_string(), "2026-11-20T03:16:07Z");
    assert_eq!(found.login.as_deref(), Some("john.doe"));
    assert_eq!(found.name.as_deref(), Some("John Doe"));
    assert_eq!(found.arn.as_deref(), Some("arn:aws:connect:us-west-2:1:instance/i/agent/a"));
    assert!(!format!("{found:?}").contains("relay"));
}

#[test]
fn a_downloaded_log_tells_since_when_and_where() {
    let text = serde_json::to_string_pretty(&log()).unwrap();
    let found = read(&text).unwrap();
    check(&found);
    let since = found.calls.unwrap().since;
    assert_eq!(since.text, "\"autoAccept\": true");
    let line = text.lines().nth(usize::try_from(since.line).unwrap() - 1).unwrap();
    assert!(line.contains("\"autoAccept\": true"), "{line}");
}

#[test]
fn other_shapes_of_the_same_log_tell_the_same() {
    let whole = log();
    let entries = whole.as_array().unwrap();
    check(&read(&whole.to_string()).unwrap());
    let lines: Vec<String> = entries.iter().map(ToString::to_string).collect();
    check(&read(&lines.join("\n")).unwrap());
    let texts: Vec<String> = entries
        .iter()
        .map(|entry| format!("[{}] [INFO]: it's {}", entry["time"].as_str().unwrap(), entry["objects"]))
        .collect();
    check(&read(&texts.join("\r\n")).unwrap());
    // JSON in a text in JSON, once and twice.
    let escaped = |depth: usize| {
        let entries: Vec<serde_json::Value> = entries
            .iter()
            .map(|entry| {
                let text = (0..depth).fold(entry["objects"].clone(), |inner, _| inner.to_string().into());
                serde_json::json!({ "component": "ccp", "text": text, "time": entry["time"] })
            })
            .collect();
        serde_json::to_string(&entries).unwrap()
    };
    check(&read(&escaped(1)).unwrap());
    check(&read(&escaped(2)).unwrap());
}

#[test]
fn the_guides_own_piece_of_a_log_is_read() {
    let piece = "\"type\": \"agent\",\n\"initial\": false,\n\"softphoneMediaInfo\": {\n  \"callType\": \"audio_only\",\n  \"autoAccept\": true\n";
    let found = read(piece).unwrap();
    let since = found.calls.unwrap().since;
    assert_eq!((since.on, since.line, since.at), (true, 5, None));
    let found = read("{\"softphoneMediaInfo\":{\"autoAccept\":\"false\"}}").unwrap();
    assert_eq!(found.auto_accept(), Some(false));
    assert_eq!(found.calls.unwrap().latest.text, "…\"autoAccept\": \"false\"");
}

#[test]
fn a_log_without_a_call_tells_what_is_configured_or_nothing() {
    let found =
        read("[{\"component\":\"ccp\",\"text\":\"x\",\"time\":\"2026-11-20T03:14:07.000Z\"}]").unwrap();
    assert_eq!((found.auto_accept(), found.lines), (None, 1));
    let found =
        read("[{\"component\":\"ccp\",\"objects\":[{\"softphoneAutoAccept\":true}],\"time\":1795144447000}]")
            .unwrap();
    assert_eq!(found.auto_accept(), Some(true));
    assert!(found.calls.is_none());
    assert_eq!(found.configured.unwrap().since.at.unwrap().as_millisecond(), 1_795_144_447_000);
    assert_eq!(read("[{\"softphoneMediaInfo\":null}]").unwrap().auto_accept(), None);
}

#[test]
fn a_file_that_is_no_ccp_log_is_refused_with_the_way_to_one() {
    for file in [
        "",
        "  \n ",
        "first name,last name\n",
        "PK\u{3}\u{4}xl/",
        "%PDF-1.7",
        "{}",
        "a\0b",
        "<!DOCTYPE html>",
    ] {
        let problem = read(file).unwrap_err();
        assert_eq!(problem.code, "ccplog_other_kind", "{file}");
        assert!(problem.hint.contains("Download logs"));
    }
    let mut reader = Reader::new();
    let piece = vec![b'x'; 1024 * 1024];
    let refused = (0..51).find_map(|_| reader.push(&piece).err()).unwrap();
    assert_eq!(refused.code, "ccplog_too_large");
    let kept = format!("{reader:?}").len();
    assert!(kept < 16 * 1024, "{kept}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_120), ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_any_size_tell_the_same(size in 1usize..400) {
        let text = serde_json::to_string_pretty(&log()).unwrap();
        let mut reader = Reader::new();
        for piece in text.as_bytes().chunks(size) {
            reader.push(piece).unwrap();
        }
        prop_assert_eq!(reader.finish().unwrap(), read(&text).unwrap());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let mut reader = Reader::new();
        let _ = reader.push(&bytes);
        let _ = reader.finish();
    }

    #[test]
    fn no_marks_panic(text in "(\\\\|\"|\\{|\\}|\\[|\\]|:|,|\n|true|softphoneMediaInfo|autoAccept|time|1| ){0,200}") {
        let _ = read(&text);
    }
}

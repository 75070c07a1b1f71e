//! What support asks a CCP log for beside auto-accept.

use desk_core::formats::ccplog::Reader;
use desk_core::formats::ccpsigns::{Failure, Signs};
use serde_json::{Value, json};

/// What is found in a log of these entries.
fn signs(entries: &[Value]) -> Signs {
    let mut reader = Reader::new();
    reader.push(serde_json::to_string(entries).unwrap().as_bytes()).unwrap();
    reader.finish().unwrap().signs
}

#[test]
fn failures_are_found_in_the_librarys_words() {
    let entries = [
        "microphone_not_shared",
        "Failed to get user media: NotAllowedError: Permission denied",
        "ice_collection_timeout",
        "SIGNALLING_CONNECTION_FAILURE",
        "Agent is available",
    ]
    .map(|text| json!({ "component": "softphone", "text": text }));
    let found: Vec<(Failure, u64)> = signs(&entries).failed.iter().map(|one| (one.what, one.times)).collect();
    assert_eq!(found, [(Failure::Microphone, 2), (Failure::Media, 1), (Failure::Signaling, 1)]);
}

#[test]
fn an_error_is_told_without_what_is_a_customers() {
    let text = "Call to +12025550123 by a@example.com failed: https://x.example/?t=1 AYADeHl0aGlzaXNhdG9rZW5vZmFzZXNzaW9u";
    let entry = json!({ "component": "ccp", "level": "ERROR", "text": text });
    assert_eq!(signs(&[entry]).error.unwrap().1, "Call to … by … failed: … …");
}

#[test]
fn a_browser_is_named() {
    let browser = |agent: &str| signs(&[json!({ "component": "ccp", "userAgent": agent })]).browser;
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    assert_eq!(browser(agent).as_deref(), Some("Chrome 131 on Windows"));
    assert_eq!(browser(&format!("{agent} Edg/130.0.1")).as_deref(), Some("Edge 130 on Windows"));
    assert_eq!(browser("curl"), None);
}

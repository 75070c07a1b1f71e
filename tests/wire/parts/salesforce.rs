//! Salesforce: ids, queries, keys, and what an answer means.

use connect_desk::systems::apply::Fault;
use connect_desk::systems::salesforce::call::{is_path, read_usage};
use connect_desk::systems::salesforce::faults::{is_signed_out, sort};
use connect_desk::systems::salesforce::sign_in::{read_date, read_key};
use connect_desk::systems::salesforce::soql::{Query, quoted};
use connect_desk::systems::salesforce::{RecordId, Usage};

#[test]
fn what_leads_elsewhere_is_no_page() {
    assert!(is_path("/services/data/v67.0/query/01gAe0000000001AAC-2000"));
    for next in [
        "https://example.org/services/data/v67.0/query/1",
        "//example.org/services/data/",
        "/services/data/../oauth2/token",
        "/services/data/v67.0/query/1?x=1",
        "/services/data/v67.0/query/1 HTTP/1.1",
        "/services/oauth2/token",
        "",
    ] {
        assert!(!is_path(next), "{next}");
    }
}

#[test]
fn the_requests_of_the_day_are_read() {
    for (said, expected) in [
        ("api-usage=18/5000", Some((18, 5000))),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)", Some((25, 5000))),
        ("per-app-api-usage=17/250(appName=x), api-usage=3/4", Some((3, 4))),
        ("per-app-api-usage=17/250(appName=x)", None),
        ("api-usage=many/5000", None),
        ("", None),
    ] {
        assert_eq!(read_usage(said), expected.map(|(used, limit)| Usage { used, limit }), "{said}");
    }
}

#[test]
fn only_what_is_known_to_be_a_refusal_is_one() {
    let element = |code: &str| format!(r#"{{"message":"m","errorCode":"{code}"}}"#);
    let all = |codes: &[&str]| {
        format!("[{}]", codes.iter().map(|code| element(code)).collect::<Vec<_>>().join(","))
    };
    let sorted = |status: u16, body: &str| match sort("the query", status, body.as_bytes()) {
        Fault::NotYet(problem) | Fault::NotVisible(problem) => format!("not yet {:?}", problem.owner),
        Fault::NotFound(problem) | Fault::Taken(problem) | Fault::Refused(problem) => {
            format!("refused {:?}", problem.owner)
        }
        Fault::Unknown(_) => "unknown".to_owned(),
    };
    for (status, codes, expected) in [
        (400, &["FIELD_INTEGRITY_EXCEPTION"][..], "refused Requester"),
        (400, &["LICENSE_LIMIT_EXCEEDED", "FIELD_INTEGRITY_EXCEPTION"], "refused Requester"),
        (400, &["FIELD_INTEGRITY_EXCEPTION", "INSUFFICIENT_ACCESS_OR_READONLY"], "refused Operator"),
        (400, &["UNABLE_TO_LOCK_ROW"], r#"not yet System(System("Salesforce"))"#),
        (400, &["UNABLE_TO_LOCK_ROW", "DUPLICATE_VALUE"], "refused Requester"),
        (403, &["REQUEST_LIMIT_EXCEEDED"], "refused Operator"),
        (404, &["ENTITY_IS_DELETED"], "refused Requester"),
        (400, &["DUPLICATE_VALUE", "UNKNOWN_EXCEPTION"], "unknown"),
        (400, &["SOMETHING_NEW"], "unknown"),
        (500, &["DUPLICATE_VALUE"], "unknown"),
        (503, &["UNABLE_TO_LOCK_ROW"], "unknown"),
        (200, &["DUPLICATE_VALUE"], "unknown"),
        (302, &["DUPLICATE_VALUE"], "unknown"),
        (401, &["INVALID_SESSION_ID"], "unknown"),
    ] {
        assert_eq!(sorted(status, &all(codes)), expected, "{status} {codes:?}");
    }
    let concurrent =
        r#"[{"message":"ConcurrentRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#;
    assert_eq!(sorted(403, concurrent), "not yet Operator");
    for body in [
        "",
        "[]",
        "{}",
        "<html></html>",
        "null",
        r#"["a"]"#,
        &element("DUPLICATE_VALUE"),
        r#"[{"errorCode":"DUPLICATE_VALUE""#,
    ] {
        assert_eq!(sorted(400, body), "unknown", "{body}");
    }
    assert!(is_signed_out(401, all(&["INVALID_SESSION_ID"]).as_bytes()));
    for (status, body) in [(403, all(&["INVALID_SESSION_ID"])), (401, all(&[])), (401, "<html>".to_owned())] {
        assert!(!is_signed_out(status, body.as_bytes()), "{status} {body}");
    }
}

#[test]
fn every_error_of_an_answer_is_shown() {
    let body = br#"[{"message":"No seats.","errorCode":"LICENSE_LIMIT_EXCEEDED"},{"message":"No `set`","errorCode":"FIELD_INTEGRITY_EXCEPTION"}]"#;
    let said = sort("the assignment", 400, body).problem().to_string();
    assert_eq!(
        said,
        "Salesforce rejected the assignment: No seats (LICENSE_LIMIT_EXCEEDED); No 'set' (FIELD_INTEGRITY_EXCEPTION). \
         Ask a Salesforce administrator for a license that allows it."
    );
}

#[test]
fn only_ids_are_ids_and_both_lengths_are_one_record() {
    let id = |text: &str| RecordId::parse(text).unwrap();
    assert_eq!(id("005Ae0000000010"), id("005Ae0000000010IAE"));
    assert_ne!(id("005Ae0000000010"), id("005ae0000000010"));
    for text in [
        "",
        "005Ae000000001",
        "005Ae000000001/",
        "005Ae000000001' OR Name != 'x'",
        "005Ae0000000010IAEx",
        "００５Ae00000",
    ] {
        assert_eq!(RecordId::parse(text), None, "{text}");
    }
}

const KEYS: [(&str, &str, &str); 7] = [
    ("app.key", include_str!("../../files/salesforce/app.key"), ""),
    ("pkcs1.key", include_str!("../../files/salesforce/pkcs1.key"), ""),
    ("ec.key", include_str!("../../files/salesforce/ec.key"), "must be an RSA key"),
    ("ed25519.key", include_str!("../../files/salesforce/ed25519.key"), "must be an RSA key"),
    ("short.key", include_str!("../../files/salesforce/short.key"), "2048 bits"),
    ("passphrase.key", include_str!("../../files/salesforce/passphrase.key"), "has a passphrase"),
    ("app.crt", include_str!("../../files/salesforce/app.crt"), "has no private key"),
];

#[test]
fn a_key_that_salesforce_does_not_take_is_refused_with_the_reason() {
    for (name, pem, message) in KEYS {
        match read_key(pem) {
            Ok(_) => assert_eq!(message, "", "{name} is taken"),
            Err(problem) => {
                assert!(!message.is_empty() && problem.message.contains(message), "{name}: {problem}")
            }
        }
    }
}

#[test]
fn dates_of_answers_are_read() {
    let read = read_date("Fri, 20 Nov 2026 09:00:00 GMT").unwrap();
    assert_eq!(read.to_string(), "2026-11-20T09:00:00Z");
    assert_eq!(read_date("yesterday"), None);
}

#[test]
fn nothing_leads_out_of_a_value() {
    let id = RecordId::parse("005Ae0000000010").unwrap();
    let query =
        Query::select("Id, Name", "User").text("Name", "O'Brien").id("ProfileId", &id).flag("IsActive", true);
    assert_eq!(
        query.limit(20).as_str(),
        "SELECT Id, Name FROM User WHERE Name = 'O\\'Brien' AND ProfileId = '005Ae0000000010' AND IsActive = true LIMIT 20"
    );
    for (text, expected) in [
        ("' OR Name != '", "'\\' OR Name != \\''"),
        ("\\' OR Name != \\'", "'\\\\\\' OR Name != \\\\\\''"),
        ("a\\", "'a\\\\'"),
        ("\"\n\r\t\u{8}\u{c}\u{0}\u{85}", "'\\\"\\n\\r\\t\\b\\f\\u0000\\u0085'"),
        ("50%_ Zoë", "'50%_ Zoë'"),
    ] {
        assert_eq!(quoted(text), expected);
    }
}

//! Logs as agents download them (`tests/cases/ccplogs`), each with what is right for it.

use desk_core::formats::ccplog::{CcpLog, Reader};
use desk_core::formats::ccpsigns::Failure;

fn read(bytes: &[u8]) -> CcpLog {
    let mut reader = Reader::new();
    reader.push(bytes).unwrap();
    reader.finish().unwrap()
}

fn case(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/cases/ccplogs/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).expect(&path)
}

/// Whether calls are on, since when, and how often that changed.
fn calls(log: &CcpLog) -> Option<(bool, String, u64)> {
    let calls = log.calls.as_ref()?;
    Some((calls.latest.on, calls.since.at?.to_string(), calls.changed))
}

#[test]
fn calls_and_other_contacts_are_told_apart_and_sorted_by_time() {
    let at = |on: bool, since: &str, changed: u64| Some((on, format!("2026-11-20T{since}Z"), changed));
    for (file, expected, others) in [
        ("l02_chat_after_call.txt", at(false, "08:14:07", 0), Some(true)),
        ("l03_chat_only.txt", None, Some(true)),
        ("l05_out_of_order.txt", at(true, "09:40:00", 1), None),
        ("l16_text_only.txt", at(true, "08:14:07", 0), None),
    ] {
        let log = read(&case(file));
        assert_eq!(calls(&log), expected, "{file}");
        assert!(others.is_none() || log.others.as_ref().map(|others| others.latest.on) == others, "{file}");
    }
    assert_eq!(read(&case("l03_chat_only.txt")).auto_accept(), Some(false));
    let own_sentence = read(&case("l16_text_only.txt")).calls.unwrap().since.text;
    assert_eq!(own_sentence, "Auto-accept is enabled");
}

#[test]
fn l06_a_mark_at_the_start_is_no_part_of_a_log() {
    let with = case("l06_bom.txt");
    let without = &with[3..];
    assert_eq!(read(&with), read(without));
    assert_eq!(calls(&read(&with)), Some((true, "2026-11-20T09:40:00Z".to_owned(), 1)));
    let text = std::str::from_utf8(without).unwrap();
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect();
        assert_eq!(read(&utf16), read(without));
    }
}

#[test]
fn how_a_voice_contact_is_handled_goes_before_its_media() {
    let entry = |kind: &str, handled: &str, media: bool, after: bool| {
        let kind = format!(r#""type":"{kind}""#);
        let (first, last) =
            if after { ("", format!(",{kind}")) } else { (&*format!("{kind},"), String::new()) };
        format!(
            r#"[{{"component":"ccp","time":"2026-11-20T08:00:00Z","objects":[{{"contacts":[{{"contactId":"c",{first}"connections":[{{"softphoneMediaInfo":{{"autoAccept":{media}}}}}]{handled}{last}}}]}}]}}]"#
        )
    };
    let handled = r#","agentContactHandlingConfig":{"autoAccept":true}"#;
    for after in [false, true] {
        let on = |kind: &str, handled: &str, media: bool| {
            let log = read(entry(kind, handled, media, after).as_bytes());
            (log.calls.map(|calls| calls.latest.on), log.others.map(|others| others.latest.on))
        };
        assert_eq!(on("voice", handled, false), (Some(true), None));
        assert_eq!(on("voice", "", false), (Some(false), None));
        assert_eq!(on("chat", handled, false), (None, Some(true)));
        assert_eq!(on("task", handled, false), (None, Some(true)));
    }
}

#[test]
fn two_agents_at_one_computer_are_told_apart() {
    let entry = |at: &str, login: Option<&str>, on: bool| {
        let who = login
            .map(|login| format!(r#","configuration":{{"username":"{login}","softphoneAutoAccept":{on}}}"#));
        format!(
            r#"{{"component":"ccp","time":"2026-11-20T{at}Z","objects":[{{"contacts":[{{"contactId":"c","type":"voice","connections":[{{"softphoneMediaInfo":{{"autoAccept":{on}}}}}]}}]{}}}]}}"#,
            who.unwrap_or_default()
        )
    };
    let entries = [
        entry("08:00:00", Some("john.doe"), true),
        entry("12:00:00", Some("jane.doe"), false),
        entry("08:30:00", None, true),
        entry("12:30:00", None, false),
    ];
    let log = read(format!("[{}]", entries.join(",")).as_bytes());
    assert_eq!((log.login.as_deref(), log.auto_accept()), (Some("jane.doe"), Some(false)));
    assert_eq!((log.people.len(), calls(&log).unwrap().2), (1, 0));
    let john = log.of("john.doe").unwrap();
    assert_eq!((john.auto_accept(), john.calls.as_ref().unwrap().seen), (Some(true), 2));
    assert_eq!(john.people[0].login.as_deref(), Some("jane.doe"));
    assert_eq!(john.of("mei.chen").unwrap_err().login.as_deref(), Some("john.doe"));
}

/// Logs are joined, cut, and saved from a console in which something else failed to parse.
#[test]
fn a_log_that_is_joined_cut_or_broken_is_read_as_its_entries_would_be() {
    let entry = |objects: &str, time: &str| {
        format!(
            r#"{{"component":"ccp","level":"TRACE","text":"GET_AGENT_SNAPSHOT succeeded. ","time":"{time}","objects":[{objects}],"loggerId":"1-x"}}"#
        )
    };
    let agent = r#"{"configuration":{"name":"John Doe","username":"john.doe","softphoneAutoAccept":true}}"#;
    let call = |on: bool| {
        format!(
            r#"{{"contacts":[{{"contactId":"c","type":"voice","connections":[{{"softphoneMediaInfo":{{"autoAccept":{on}}}}}]}}]}}"#
        )
    };
    let mut early = vec![(agent.to_owned(), "2026-11-20T08:00:00.000Z".to_owned())];
    early.push((call(false), "2026-11-20T09:00:00.000Z".to_owned()));
    // More than are kept of one entry.
    let mut late: Vec<(String, String)> =
        (0..300).map(|i| (call(false), format!("2026-11-21T08:{:02}:{:02}.000Z", i / 60, i % 60))).collect();
    late.push((call(true), "2026-11-21T11:00:00.000Z".to_owned()));
    let array = |entries: &[(String, String)]| {
        let all: Vec<String> = entries.iter().map(|(objects, time)| entry(objects, time)).collect();
        format!("[{}]", all.join(","))
    };
    let right = Some((true, "2026-11-21T11:00:00Z".to_owned(), 1));
    let joined = array(&early) + &array(&late);
    assert_eq!(calls(&read(joined.as_bytes())), right);
    assert_eq!(calls(&read(joined.replace("][", "] \r\n[").as_bytes())), right);
    let error =
        "vendor.js:2 Uncaught SyntaxError: Unexpected token '{'\n    at foo (bar.js:1:2)\n".to_owned();
    type Form = fn(&(String, String)) -> String;
    let forms: [Form; 3] = [
        |(objects, time)| format!("connect-streams-min.js:1 [{time}] [TRACE]: a {objects}\n"),
        |(objects, time)| format!("[{time}] [INFO]: {objects}\n"),
        |(objects, time)| format!("{time} INFO {objects}\n"),
    ];
    for form in forms {
        let lines: Vec<String> =
            [error.clone()].into_iter().chain(early.iter().chain(&late).map(form)).collect();
        let log = read(lines.concat().as_bytes());
        assert_eq!((calls(&log), log.signs.cut_off), (right.clone(), false), "{}", lines[1]);
    }
    // Cut anywhere in its first entry.
    let whole = array(&[&early[..], &late[..]].concat());
    for at in 1..entry(agent, "2026-11-20T08:00:00.000Z").len() {
        assert_eq!(calls(&read(&whole.as_bytes()[at..])), right, "{at}");
    }
    // Where its end is missing, that is known.
    assert!(!read(whole.as_bytes()).signs.cut_off && !read(joined.as_bytes()).signs.cut_off);
    for missing in 1..entry(&call(true), "2026-11-21T11:00:00.000Z").len() {
        assert!(read(&whole.as_bytes()[..whole.len() - missing]).signs.cut_off, "{missing}");
    }
}

/// What the softphone writes in brackets, and what JSON escapes, is part of its sentence.
#[test]
fn texts_are_read_whole() {
    let log = r#"[
      {"component":"ccp","level":"TRACE","text":"x","time":"2026-11-20T08:00:00Z","objects":[{"configuration":{"name":"J\u00fcrgen {M}","username":"CORP\\john.doe"}}]},
      {"component":"ccp","level":"ERROR","text":"Old problem","time":"2026-11-20T08:01:00Z","objects":[]},
      {"component":"ccp","level":"ERROR","text":"[Softphone Manager] Failed, \"to connect\" websocket: [GR]","time":"2026-11-20T08:02:00Z","objects":[]}
    ]"#;
    let nested = format!(
        r#"[{{"component":"ccp","level":"TRACE","text":{},"time":"2026-11-20T08:00:00Z"}}]"#,
        serde_json::to_string(&r#"{"configuration":{"name":"J\u00fcrgen {M}","username":"CORP\\john.doe"}}"#)
            .unwrap()
    );
    for log in [log, &nested] {
        let found = read(log.as_bytes());
        assert_eq!(
            (found.name.as_deref(), found.login.as_deref()),
            (Some("Jürgen {M}"), Some("CORP\\john.doe")),
            "{log}"
        );
    }
    let signs = read(log.as_bytes()).signs;
    assert_eq!(signs.error.unwrap().1, "[Softphone Manager] Failed, \"to connect\" websocket: [GR]");
    assert_eq!(signs.failed[0].what, Failure::Signaling);
}

#[test]
fn a_recording_of_the_browsers_traffic_is_refused_with_a_warning() {
    let har = r#"{ "log": { "version": "1.2", "creator": { "name": "WebInspector" }, "pages": [], "entries": [] } }"#;
    for bytes in [har.to_owned(), format!("\u{feff}{har}")] {
        let mut reader = Reader::new();
        let problem = reader.push(bytes.as_bytes()).and_then(|()| reader.finish().map(drop)).unwrap_err();
        assert_eq!(problem.code, "ccplog_har");
        assert!(
            problem.message.contains("sign-in sessions") && problem.hint.contains("Delete it"),
            "{problem}"
        );
    }
}

#[test]
fn what_support_asks_for_is_found() {
    let log = r#"[
      {"component":"softphone","level":"ERROR","text":"Failed to get user media: NotAllowedError","time":"2026-11-20T08:00:00Z","objects":[{"errorType":"microphone_not_shared"}],"loggerId":"1"},
      {"component":"ccp","level":"INFO","text":"Snapshot","time":"2026-11-20T08:01:00Z","objects":[{"skew":-7200000,"userAgent":"Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36","streamsVersion":"2.25.0"}]},
      {"component":"softphone","level":"ERROR","text":"ice_collection_timeout for +12025550123","time":"2026-11-20T07:00:00Z","objects":[]}
    ]"#;
    let signs = read(log.as_bytes()).signs;
    let failed: Vec<(Failure, u64)> = signs.failed.iter().map(|one| (one.what, one.times)).collect();
    assert_eq!(failed, [(Failure::Microphone, 2), (Failure::Media, 1)]);
    assert_eq!(signs.skew, Some(-7_200_000));
    assert_eq!(signs.browser.as_deref(), Some("Chrome 131 on Windows"));
    assert_eq!(signs.versions, [("streamsVersion".to_owned(), "2.25.0".to_owned())]);
    let (at, text) = signs.error.unwrap();
    assert_eq!(
        (at.unwrap().to_string(), text.as_str()),
        ("2026-11-20T08:00:00Z".to_owned(), "Failed to get user media: NotAllowedError")
    );
}

#[test]
fn a_log_of_one_line_and_fifty_megabytes_is_read_in_little_memory() {
    let entry = r#"{"component":"ccp","time":"2026-11-20T08:00:00Z","objects":[{"contacts":[{"contactId":"c","type":"voice","connections":[{"softphoneMediaInfo":{"autoAccept":true}}]}]}]},"#;
    let mut reader = Reader::new();
    reader.push(b"[").unwrap();
    let piece = entry.repeat(64 * 1024 / entry.len());
    let pieces = (50 << 20) / piece.len() - 1;
    for _ in 0..pieces / 8 {
        reader.push(piece.as_bytes()).unwrap();
    }
    let log = reader.finish().unwrap();
    assert_eq!((log.lines, log.auto_accept()), (1, Some(true)));
}

/// What some tools save: everything on one line, and far more than a line has. It is read in pieces, and nothing of it is kept whole.
#[test]
fn a_log_of_one_endless_line_is_read_as_its_lines_would_be() {
    let lines = String::from_utf8(case("l02_chat_after_call.txt")).unwrap();
    let right = read(lines.as_bytes());
    let line = lines.replace("\r\n", " ").replace('\n', " ");
    let mut reader = Reader::new();
    reader.push(line.as_bytes()).unwrap();
    let filler = format!(" {}", "x".repeat(64 * 1024 - 1));
    for _ in 0..64 {
        reader.push(filler.as_bytes()).unwrap();
    }
    let log = reader.finish().unwrap();
    assert_eq!(log.auto_accept(), right.auto_accept());
    assert_eq!(calls(&log).map(|(on, _, changed)| (on, changed)), Some((false, 0)));
}

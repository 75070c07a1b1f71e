//! A request whose lines are as they were written and make no sense, because a newer version wrote them, or a fault did: it costs
//! itself and nothing else, it is named wherever it would have been, and an admin and another one can quarantine it.

use std::path::Path;

use connect_desk::practice::{Options, Practice};
use connect_desk::store::{Store, verify_folder};
use desk_core::basics::ids::RequestNo;
use desk_core::log::VERSION;
use desk_core::request::Request;

use crate::desks::{self, advance_all, typed, untiring_config};
use crate::helper::{clock, json, options, quick};
use crate::tamper::{self, Tamper};

/// The request that can't be read.
const BAD: RequestNo = RequestNo(1);

async fn open(state: &Path) -> Practice {
    let options = Options { config: Some(untiring_config()), ..desks::options(state, clock()) };
    let practice = Practice::open(options).await.unwrap();
    assert_eq!(desk_core::log::RequestLog::unsound(&practice.store), None);
    practice
}

async fn says(practice: &Practice, who: &str, line: &str) -> String {
    let reply = practice.desk.handle(typed(&practice.people, who, line)).await;
    match reply.request {
        Some(no) => format!("{:?}", practice.desk.advance(no).await),
        None => format!("{:?}", reply.card),
    }
}

async fn request(practice: &Practice, no: u64) -> Request {
    practice.desk.request(RequestNo(no)).await.unwrap()
}

/// Changes a line of the bad request as anyone who has the log's key can, or a version of the desk that has a fault.
fn change(state: &Path, event: &str, from: &str, to: &str) {
    let desk = state.join("desk");
    let mut tamper = Tamper::open(&desk);
    let is_it = |piece: &&mut Vec<u8>| {
        let text = String::from_utf8_lossy(piece);
        text.contains(&format!(r#""event":"{event}""#)) && text.contains(r#""request":1,"#)
    };
    let line = tamper.pieces.iter_mut().find(is_it).unwrap();
    let text = String::from_utf8(line.clone()).unwrap();
    assert!(text.contains(from), "{text}");
    *line = text.replacen(from, to, 1).into_bytes();
    tamper.seal_anew(Some(&tamper::key(&desk)));
    tamper.save();
    let newest = tamper.seal(tamper.pieces.len() - 1).note;
    for name in ["head", "checkpoint"] {
        std::fs::write(desk.join(name), &newest).unwrap();
    }
    std::fs::remove_dir_all(desk.join("db")).unwrap();
}

fn verified(state: &Path) -> (bool, String) {
    let mut out = Vec::new();
    let clean = verify_folder(&state.join("desk"), &[], None, &mut out).unwrap();
    (clean, String::from_utf8(out).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_cannot_be_read_costs_itself_and_is_named_until_it_is_quarantined() {
    // What is done to which of its lines, and whether that line can still be read.
    let current = format!(r#""v":{VERSION}}}"#);
    for (event, from, to, can_be_read) in [
        ("requested", current.as_str(), r#""v":99}"#, false),
        ("planned", current.as_str(), r#""v":99}"#, false),
        ("confirmed", r#""event":"confirmed""#, r#""event":"blessed""#, false),
        ("requested", r#""data":{"#, r#""data":{"place":7,"#, false),
        ("confirmed", r#""event":"confirmed""#, r#""event":"unfrozen""#, false),
        ("confirmed", r#""event":"confirmed""#, r#""event":"approved""#, false),
        ("confirmed", r#""digest":""#, r#""digest":"x"#, true),
    ] {
        let what = format!("{event}, {from} to {to}");
        let state = quick();
        let practice = open(state.path()).await;
        says(&practice, "helpdesk", "/connect reset john.doe method:recreate").await;
        says(&practice, "helpdesk", "/desk confirm 1").await;
        says(&practice, "helpdesk", "/connect edit jane.doe acw:45").await;
        practice.close().await.unwrap();
        change(state.path(), event, from, to);

        let (clean, report) = verified(state.path());
        assert!(report.contains("The log is valid"), "{what}: {report}");
        assert_eq!(clean, can_be_read, "{what}: {report}");
        assert!(clean || report.contains("can't be read"), "{what}: {report}");

        let practice = open(state.path()).await;
        for (no, card) in advance_all(&practice.desk).await {
            assert_eq!(card.is_err(), no == BAD, "{what}: {no}");
            if let Err(problem) = card {
                assert_eq!(problem.code, "request_unreadable", "{what}");
                assert!(problem.hint.contains("/log quarantine 1"), "{what}: {problem}");
            }
        }
        // All others continue, and whatever counts requests names it.
        practice.desk.due().await.unwrap();
        practice.desk.freezes().await.unwrap();
        let (works, health) = {
            let status = practice.desk.health.status();
            (status.works(), status.lines())
        };
        assert!(works && health.ends_with("\nrequest #1 unreadable"), "{what}: {health}");
        for line in ["/desk requests", "/desk digest", "/desk history 1", "/desk approve 1"] {
            let said = says(&practice, "supervisor", line).await;
            assert!(said.contains("can't be read"), "{what}: {line}: {said}");
        }
        says(&practice, "helpdesk", "/desk confirm 2").await;
        assert!(request(&practice, 2).await.is_finished(), "{what}");
        let said = says(&practice, "helpdesk", "/desk history jane.doe").await;
        assert!(said.contains("not possible"), "{what}: {said}");
        says(&practice, "oncall", "/connect reset mei.chen emergency:yes reason:\"INC-1 she can't sign in\"")
            .await;
        assert!(request(&practice, 3).await.planned.is_some(), "{what}");

        // An admin and another one.
        let said = says(&practice, "supervisor", "/log quarantine 1").await;
        assert!(said.contains("admin"), "{what}: {said}");
        let said = says(&practice, "admin", "/log quarantine 2").await;
        assert!(said.contains("can be read"), "{what}: {said}");
        let before = json(&state.path().join("desk")).0.len();
        let said = says(&practice, "admin", "/log quarantine 1 reason:\"a newer version wrote it\"").await;
        let no: u64 = said.split("RequestNo(").nth(1).unwrap().split(')').next().unwrap().parse().unwrap();
        says(&practice, "admin", &format!("/desk confirm {no}")).await;
        for who in ["admin", "supervisor"] {
            says(&practice, who, &format!("/desk approve {no}")).await;
            assert!(!request(&practice, no).await.is_finished(), "{what}: {who}");
        }
        says(&practice, "deputy", &format!("/desk approve {no}")).await;
        assert!(request(&practice, no).await.is_finished(), "{what}");
        practice.desk.due().await.unwrap();
        assert_eq!(practice.desk.health.unreadable(), [], "{what}");
        let said = says(&practice, "supervisor", "/desk approve 1").await;
        assert!(said.contains(&format!("was quarantined by #{no}")), "{what}: {said}");
        let said = says(&practice, "admin", "/log quarantine 1").await;
        assert!(said.contains(&format!("was quarantined by #{no}")), "{what}: {said}");
        practice.close().await.unwrap();

        // Its lines stay, and nothing is left to look at.
        let (clean, report) = verified(state.path());
        assert!(clean, "{what}: {report}");
        let (lines, errors) = json(&state.path().join("desk"));
        assert!(lines.len() > before && errors.is_empty(), "{what}");
        assert!(lines.iter().any(|line| line.contains(to)), "{what}");
        let practice = open(state.path()).await;
        for (_, card) in advance_all(&practice.desk).await {
            card.unwrap();
        }
    }
}

#[tokio::test]
async fn a_log_of_another_version_is_refused_in_one_sentence_and_nothing_of_it_is_touched() {
    // How many of its lines, from the end, a version wrote: all of an older one, all of a newer one, and the last after an upgrade.
    let (older, newer, current) = (VERSION - 1, VERSION + 1, format!(r#""v":{VERSION}}}"#));
    for (version, lines, code, said) in [
        (older, usize::MAX, "log_older", "older"),
        (newer, usize::MAX, "log_newer", "newer"),
        (newer, 1, "log_newer", "newer"),
    ] {
        let state = quick();
        let practice = open(state.path()).await;
        says(&practice, "helpdesk", "/connect edit jane.doe acw:45").await;
        practice.close().await.unwrap();
        let desk = state.path().join("desk");
        let mut tamper = Tamper::open(&desk);
        let is_line = |piece: &&mut Vec<u8>| String::from_utf8_lossy(piece).contains(&current);
        for piece in tamper.pieces.iter_mut().rev().filter(is_line).take(lines) {
            let text = String::from_utf8(piece.clone()).unwrap();
            *piece = text.replace(&current, &format!(r#""v":{version}}}"#)).into_bytes();
        }
        tamper.seal_anew(Some(&tamper::key(&desk)));
        tamper.save();
        let before = std::fs::read(desk.join("log.jsonl")).unwrap();

        let refused = [
            Store::open(&desk, options()).err().unwrap(),
            verify_folder(&desk, &[], None, &mut Vec::new()).unwrap_err(),
        ];
        for problem in refused {
            assert_eq!(problem.code, code);
            let said = format!(
                "{said} version of connect-desk (line format {version}; this version reads {VERSION})."
            );
            assert!(problem.message.ends_with(&said), "{}", problem.message);
        }
        assert_eq!(std::fs::read(desk.join("log.jsonl")).unwrap(), before);
    }
}

//! Lines of the log, and their headers.

use std::collections::{BTreeMap, BTreeSet};

use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::log::{By, Draft, Event, Header, Line, Outcome, Verification};
use desk_core::plan::effect::DirectoryPassword;
use desk_core::plan::{Direction, Plan, PlanDigest, Step};
use desk_core::policy::rule_set::{RuleChange, StartedBy};
use desk_core::words::Args;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::events::{self, place, requested};

fn line(event: Event) -> Line {
    let by = By { id: "console:1001".parse().unwrap(), name: "help\"desk".to_owned() };
    Draft {
        at: "2026-11-20T03:14:07.123456Z".parse().unwrap(),
        by: Some(by),
        about: vec!["john.doe".to_owned()],
        event,
    }
    .at_line(12, Some(RequestNo(7)))
}

#[test]
fn a_line_is_canonical_and_comes_back_the_same() {
    let line = line(Event::Undone { step: 3, facts: Default::default() });
    let bytes = line.encode();
    assert_eq!(
        String::from_utf8(bytes.clone()).unwrap(),
        r#"{"about":["john.doe"],"at":"2026-11-20T03:14:07.123Z","by":{"id":"console:1001","name":"help\"desk"},"data":{"step":3},"event":"undone","line":12,"request":7,"v":4}"#
    );
    assert_eq!(Line::decode(&bytes).unwrap(), line);
    let bare = self::line(Event::Canceled);
    assert_eq!(Line::decode(&bare.encode()).unwrap(), bare);
}

fn changed() -> Event {
    let started_by = StartedBy { user: WORDS.to_owned(), uid: None, host: WORDS.to_owned() };
    let change = RuleChange::between(None, &Default::default(), started_by).unwrap();
    Event::PolicyChanged(Box::new(RuleChange { difference: vec![WORDS.to_owned()], ..change }))
}

fn asked(command: &str) -> Event {
    let args = serde_json::from_value(serde_json::json!({ "reason": WORDS })).unwrap();
    requested(command, args, &[], "a rule")
}

fn planned(makes_password: bool) -> Event {
    let plan = Plan { makes_password, ..Plan::new(WORDS) };
    events::planned(&plan, events::needs_nothing(), Timestamp::UNIX_EPOCH)
}

/// What someone may write where they may write anything.
const WORDS: &str = "no\u{201d} by \u{ab}admin\u{bb} (console:1005), about \"jane.doe\"";

/// One event of each kind at least, with these words wherever one has a text; a kind that is missing here fails the test below.
fn events() -> Vec<Event> {
    let digest = || PlanDigest("cc89e2".to_owned());
    let text = || WORDS.to_owned();
    let problem = || Problem::requester("x", WORDS);
    let platform = Platform::Console;
    let reviewed = |before_end| Event::Reviewed { justified: true, reason: text(), before_end };
    vec![
        Event::Opened { version: text(), key: text(), policy: text() },
        changed(),
        Event::Answered { command: text(), args: Args::default(), place: place(), rule: text() },
        asked("connect edit"),
        asked("desk recover"),
        Event::Digested { platform, day: Date::constant(2026, 11, 20) },
        Event::Refused { command: text(), args: Args::default(), place: None, problem: problem() },
        planned(false),
        planned(true),
        Event::Confirmed { digest: digest() },
        Event::Approved { digest: digest(), roles: Vec::new(), comment: text() },
        Event::Denied { digest: digest(), reason: text() },
        Event::Canceled,
        Event::ChangesRequested { digest: digest(), reason: text() },
        Event::CallerVerified { how: Verification::Manager, note: text() },
        Event::CodeEmailed { to: text() },
        Event::Deferred { until: Timestamp::UNIX_EPOCH, contact: false, expires: None },
        Event::Held { problem: problem(), by_requester: false, needs: None, unmet: Vec::new() },
        Event::Resumed,
        Event::RollbackRequested,
        Event::Reminded,
        Event::Notified { platform, what: text() },
        Event::Voided { digest: digest(), why: vec![text(), text()] },
        Event::Started { step: 3, direction: Direction::Forward },
        Event::Done { step: 0, facts: BTreeMap::from([(text(), text())]) },
        Event::Failed { step: 3, direction: Direction::Forward, unknown: false, problem: problem() },
        Event::Undone { step: 3, facts: Default::default() },
        Event::Stuck { step: 3, direction: Direction::Back, problem: problem() },
        Event::Readdressed { step: 3, to: text() },
        Event::Retried,
        Event::Enrolled { first_use: true },
        Event::Shown { platform, channel: text(), message: text() },
        Event::Unsealed,
        Event::Revealed { unsealed: 3 },
        Event::NotRevealed { unsealed: 3, unknown: true },
        Event::Finished { outcome: Outcome::Completed },
        Event::ToReview,
        reviewed(false),
        reviewed(true),
        Event::ClockJumped { seconds: 60 },
        Event::Disregarded { lines: vec![3], open: true },
        Event::Disregarded { lines: vec![3, 4], open: false },
        Event::Quarantined { by: RequestNo(9) },
    ]
}

#[test]
fn every_event_is_read_as_it_was_written_and_its_header_agrees_with_it() {
    let mut missing: BTreeSet<String> = words();
    for event in events() {
        let line = line(event);
        let bytes = line.encode();
        assert_eq!(Line::decode(&bytes).unwrap(), line);
        let header = Header::decode(&bytes).unwrap();
        assert_eq!(header.event, line.event.word());
        assert_eq!(header.opens(), line.event.opens(), "{}", header.event);
        assert_eq!(header.tells_rules(), line.event.tells_rules());
        assert_eq!(header.tells_factors(), line.event.tells_factors());
        assert_eq!(header.plans_password(), line.event.plans_password());
        assert_eq!(header.asks_emergency(), line.event.asks_emergency());
        assert_eq!(header.by.as_ref().unwrap().id, "console:1001");
        let data = header.data.map(|data| serde_json::from_str::<serde_json::Value>(data.get()).unwrap());
        let step = data.as_ref().and_then(|data| data["step"].as_u64());
        assert_eq!(step, line.event.step().map(u64::from), "{}", header.event);
        missing.remove(line.event.word());
    }
    assert!(missing.is_empty(), "add one of these to `events`: {missing:?}");
}

/// Who reads a line tells what the desk says of it from what someone wrote: that is in quotation marks.
#[test]
fn no_text_is_taken_for_what_the_log_says() {
    let steps = vec![Step::new(WORDS, DirectoryPassword { login: "john.doe".to_owned() }); 4];
    let unreadable = Event::Unreadable { word: WORDS.to_owned(), why: WORDS.to_owned() };
    for event in events().into_iter().chain([unreadable]) {
        for steps in [&[][..], &steps] {
            let said = line(event.clone()).said(steps);
            let outside: String = said.split('"').step_by(2).collect();
            assert_eq!(said.matches('"').count() % 2, 0, "{said}");
            assert!(
                !["admin", "1005", "jane", "\u{ab}", "\u{201d}"].iter().any(|word| outside.contains(word)),
                "{said}"
            );
        }
    }
}

/// The words of all events, which reading one that is none tells.
fn words() -> BTreeSet<String> {
    let error = serde_json::from_str::<Event>(r#"{"event":"?","data":null}"#).unwrap_err().to_string();
    let (_, known) = error.split_once("expected one of ").unwrap();
    let words: BTreeSet<String> = known.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(words.len() > 35, "{error}");
    words
}

#[test]
fn a_line_of_a_newer_version_is_read_as_far_as_possible() {
    let text =
        String::from_utf8(line(Event::Undone { step: 3, facts: Default::default() }).encode()).unwrap();
    for newer in [text.replace("undone", "celebrated"), text.replace("console:1001", "pigeon:1")] {
        assert!(Line::decode(newer.as_bytes()).is_err());
        let read = Line::read(newer.as_bytes()).unwrap();
        assert_eq!((read.line, read.request), (12, Some(RequestNo(7))));
        assert!(matches!(read.event, Event::Unreadable { .. }), "{read:?}");
    }
    assert!(Line::read(b"{}").is_err());
    let list =
        br#"[2,12,"2026-11-20T03:14:07.123Z",7,{"id":"console:1001","name":"a"},[],"undone",{"step":3}]"#;
    assert!(Line::read(list).is_err(), "members without their names");
}

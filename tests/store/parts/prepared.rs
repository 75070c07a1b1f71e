//! The bytes of a line before it has a place.

use connect_desk::store::prepared::{EXACT, Prepared};
use desk_core::basics::ids::RequestNo;
use desk_core::log::{By, Draft, Event, Outcome};

fn draft(event: Event, by: Option<By>) -> Draft {
    let at = "2026-11-20T03:14:07.123456Z".parse().unwrap();
    Draft { at, by, about: vec!["john.doe".to_owned()], event }
}

#[test]
fn the_bytes_are_those_of_the_line() {
    for event in [
        Event::Canceled,
        Event::Undone { step: 3, facts: Default::default() },
        Event::Finished { outcome: Outcome::Completed },
    ] {
        for by in
            [None, Some(By { id: "console:1".parse().unwrap(), name: "\"line\":0,\"v\":1}".to_owned() })]
        {
            for number in [0, 7, EXACT - 1] {
                for request in [None, Some(RequestNo(1)), Some(RequestNo(EXACT - 1))] {
                    let draft = draft(event.clone(), by.clone());
                    let (line, bytes) = Prepared::new(draft.clone()).unwrap().at(number, request).unwrap();
                    assert_eq!(line, draft.at_line(number, request));
                    assert_eq!(bytes, line.encode());
                }
            }
        }
    }
}

#[test]
fn what_would_be_read_as_something_else_is_not_written() {
    let too_large = [
        Event::Disregarded { lines: vec![EXACT + 1], open: true },
        Event::Quarantined { by: RequestNo(u64::MAX) },
        Event::Unreadable { word: "x".to_owned(), why: "x".to_owned() },
    ];
    for event in too_large {
        assert_eq!(Prepared::new(draft(event, None)).unwrap_err().code, "line_fault");
    }
    for (number, request) in [(EXACT, None), (0, Some(RequestNo(u64::MAX)))] {
        let prepared = Prepared::new(draft(Event::Canceled, None)).unwrap();
        assert_eq!(prepared.at(number, request).unwrap_err().code, "line_fault");
    }
}

//! A draft on its way to the writer, with as much of its bytes as can be known before it has a place.
//!
//! Making canonical JSON is the largest part of the work on a line. In canonical JSON the members stand in alphabetical
//! order, so those that the writer gives, `line` and `request`, come last but for the version: everything before them is
//! made by the caller's own thread, and the one writer only adds two numbers.

use desk_core::ids::RequestNo;
use desk_core::log::{Draft, Line, VERSION};

/// Numbers up to here are written in canonical JSON as they are; those above as the nearest floating-point number.
const EXACT: u64 = 1 << 53;

/// A line that waits for its number.
pub(super) struct Prepared {
    line: Line,
    /// The bytes up to the member `line`; none when the line's form is not the one expected here.
    start: Option<Vec<u8>>,
}

impl Prepared {
    pub fn new(draft: Draft) -> Prepared {
        let line = draft.at_line(0, None);
        let end = format!(r#""line":0,"v":{VERSION}}}"#);
        let mut start = line.encode();
        let expected = start.ends_with(end.as_bytes());
        start.truncate(start.len() - if expected { end.len() } else { 0 });
        Prepared { line, start: expected.then_some(start) }
    }

    /// The line in its place and its bytes, the same that [`Line::encode`] makes.
    pub fn at(self, number: u64, request: Option<RequestNo>) -> (Line, Vec<u8>) {
        let line = Line { line: number, request, ..self.line };
        let small = number < EXACT && request.is_none_or(|no| no.0 < EXACT);
        let bytes = match self.start.filter(|_| small) {
            None => line.encode(),
            Some(mut bytes) => {
                let end = match request {
                    Some(no) => format!(r#""line":{number},"request":{},"v":{VERSION}}}"#, no.0),
                    None => format!(r#""line":{number},"v":{VERSION}}}"#),
                };
                bytes.extend_from_slice(end.as_bytes());
                bytes
            }
        };
        debug_assert_eq!(bytes, line.encode(), "the two ways to make a line's bytes agree");
        (line, bytes)
    }
}

#[cfg(test)]
mod tests {
    use desk_core::log::{By, Event, Outcome};

    use super::*;

    #[test]
    fn the_bytes_are_those_of_the_line() {
        for event in [Event::Cancelled, Event::Undone { step: 3 }, Event::Finished { outcome: Outcome::Done }]
        {
            for by in
                [None, Some(By { id: "console:1".parse().unwrap(), name: "\"line\":0,\"v\":1}".to_owned() })]
            {
                for number in [0, 7, EXACT - 1, EXACT + 1] {
                    for request in [None, Some(RequestNo(1)), Some(RequestNo(u64::MAX))] {
                        let at = "2026-11-20T03:14:07.123456Z".parse().unwrap();
                        let about = vec!["john.doe".to_owned()];
                        let draft = Draft { at, by: by.clone(), about, event: event.clone() };
                        let prepared = Prepared::new(draft.clone());
                        assert!(prepared.start.is_some());
                        let (line, bytes) = prepared.at(number, request);
                        assert_eq!(line, draft.at_line(number, request));
                        assert_eq!(bytes, line.encode());
                    }
                }
            }
        }
    }
}

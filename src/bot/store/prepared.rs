//! A draft on its way to the log, with as much of its bytes as can be known before it has a place.
//!
//! Making canonical JSON, and reading it again to see that it says what was meant, is the largest part of the work on a line. In
//! canonical JSON the members are in alphabetical order, so those that come with the place, `line` and `request`, come last but for
//! the version: everything before them is made by the caller's own thread, and anyone who writes only adds two numbers.

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::log::{Draft, Event, Line, VERSION};

/// Numbers below this are written in canonical JSON as they are; those above as the nearest floating-point number.
pub const EXACT: u64 = 1 << 53;

/// The longest line: nothing sane comes near it.
const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// A line that waits for its number.
#[derive(Debug)]
pub struct Prepared {
    line: Line,
    /// The bytes up to the member `line`.
    start: Vec<u8>,
}

impl Prepared {
    /// Encodes a draft. A line that would not be read again as it was meant is refused, and so is one that is far too long.
    pub fn new(draft: Draft) -> Result<Prepared, Problem> {
        if matches!(draft.event, Event::Unreadable { .. }) {
            return Err(fault("it has no form"));
        }
        let line = draft.at_line(0, None);
        let mut start = line.encode();
        if start.len() > LONGEST_LINE {
            return Err(Problem::operator("line_too_long", "A line of the log would be longer than 64 MiB.")
                .hint("Split the request into smaller ones."));
        }
        match Line::decode(&start) {
            Ok(read) if read == line => {}
            Ok(_) => return Err(fault("it says something else when it is read again")),
            Err(why) => return Err(fault(&why)),
        }
        let end = format!(r#""line":0,"v":{VERSION}}}"#);
        match start.ends_with(end.as_bytes()) {
            true => start.truncate(start.len() - end.len()),
            false => return Err(fault("its members are in another order")),
        }
        Ok(Prepared { line, start })
    }

    /// How long it is, but for its place.
    pub(super) fn len(&self) -> usize {
        self.start.len()
    }

    /// The line in its place and its bytes, the same that [`Line::encode`] makes.
    pub fn at(self, number: u64, request: Option<RequestNo>) -> Result<(Line, Vec<u8>), Problem> {
        if number >= EXACT || request.is_some_and(|no| no.0 >= EXACT) {
            return Err(fault("its number is too large"));
        }
        let line = Line { line: number, request, ..self.line };
        let mut bytes = self.start;
        let end = match request {
            Some(no) => format!(r#""line":{number},"request":{},"v":{VERSION}}}"#, no.0),
            None => format!(r#""line":{number},"v":{VERSION}}}"#),
        };
        bytes.extend_from_slice(end.as_bytes());
        debug_assert_eq!(bytes, line.encode(), "the two ways to make a line's bytes agree");
        Ok((line, bytes))
    }
}

fn fault(why: &str) -> Problem {
    let why = desk_core::basics::text::plain(why, 200);
    Problem::operator(
        "line_fault",
        format!("This can't be written to the log because it couldn't be read back: {why}."),
    )
    .hint("Nothing was recorded. Report this as a bug in connect-desk.")
}

//! Decisions that may have been told as not recorded, or told to no one at all: they don't count until their authors say them again.

use std::collections::BTreeMap;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::log::{Draft, Event, Line};
use jiff::Timestamp;

/// The lines that say so, one for each request that has such decisions. `lines_of` gives all lines of a request.
///
/// What the desk itself wrote counts: whatever it is about is looked at before the desk acts again.
pub(super) fn disregard(
    doubtful: &[Line],
    lines_of: impl Fn(RequestNo) -> Result<Vec<Line>, Problem>,
    at: Timestamp,
) -> Result<Vec<(RequestNo, Draft)>, Problem> {
    let mut of: BTreeMap<RequestNo, Vec<&Line>> = BTreeMap::new();
    for line in doubtful.iter().filter(|line| line.is_decision()) {
        of.entry(line.request.unwrap_or(RequestNo(0))).or_default().push(line);
    }
    let draft = |(no, lines): (RequestNo, Vec<&Line>)| {
        let numbers: Vec<u64> = lines.iter().map(|line| line.line).collect();
        let counts =
            |line: &Line| !numbers.contains(&line.line) || matches!(line.event, Event::Requested { .. });
        let all = lines_of(no)?;
        let open = all.iter().filter(|line| counts(line)).filter_map(|line| line.event.opens()).next_back();
        let about = lines.first().map(|line| line.about.clone()).unwrap_or_default();
        let event = Event::Disregarded { lines: numbers, open: open.unwrap_or(false) };
        Ok((no, Draft { at, by: None, about, event }))
    };
    of.into_iter().map(draft).collect()
}

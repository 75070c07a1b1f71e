//! Where the titles of a sheet are, and what is between its cells; also before it is known in which encoding the file is.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::columns::{Column, Titles};
use super::readings::CANDIDATES;
use super::records::{Cell, Record, Records};
use super::words;

/// The rows, from the first that holds anything, among which the header is looked for.
pub(super) const HEADER_WITHIN: usize = 10;

/// The bytes at the start in which the header is looked for while the encoding isn't known.
const HEAD: usize = 16 * 1024;

/// Where the header is, and how many of its titles are known: among the first rows, the one in which most are.
pub(super) fn header_at(rows: &[Record], titles: &Titles) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    for (at, record) in rows.iter().take(HEADER_WITHIN).enumerate() {
        let known = titles.known(&record.texts());
        if known > 1 && best.is_none_or(|(_, most)| known > most) {
            best = Some((at, known));
        }
    }
    best
}

/// A line that is one quoted cell is a line: a spreadsheet that took a whole line for one cell writes it like that.
pub(super) fn unwrapped(record: Record, separator: char, curly: bool) -> Record {
    match inside(&record, separator, curly) {
        Some(cells) => Record { number: record.number, cells },
        None => record,
    }
}

/// The cells of a line within one quoted cell.
fn inside(record: &Record, separator: char, curly: bool) -> Option<Vec<Cell>> {
    let only = record.only().filter(|cell| cell.is_quoted() && cell.text().contains(separator))?;
    let mut records = Records::new(only.text(), separator, curly);
    let line = records.next()?.ok()?;
    let lines = records.next().is_none();
    (lines && line.cells.len() > 2).then_some(line.cells)
}

/// The text below an Excel `sep=;` line, and what that line says.
fn said_separator(text: &str) -> Option<(&str, char)> {
    let (first, rest) = text.split_once('\n')?;
    let first = first.trim_end_matches('\r').trim_matches('"');
    let said = first.strip_prefix("sep=").or_else(|| first.strip_prefix("SEP="))?;
    let said = said.chars().next().filter(|said| [',', ';', '\t'].contains(said))?;
    Some((rest, said))
}

/// The text with the cells, and what is between them: what makes most titles of one of the first rows known.
pub(super) fn separator<'a>(text: &'a str, titles: &Titles, curly: bool) -> (&'a str, char) {
    if let Some(said) = said_separator(text) {
        return said;
    }
    let mut best = (0, 0, ',');
    for candidate in [',', ';', '\t'] {
        for record in Records::new(text, candidate, curly).take(HEADER_WITHIN) {
            let Ok(record) = record else { break };
            let names = unwrapped(record, candidate, curly).texts();
            let score = (titles.known(&names), names.len(), candidate);
            if (score.0, score.1) > (best.0, best.1) {
                best = score;
            }
        }
    }
    (text, best.2)
}

/// The header of a file whose encoding isn't known.
struct Header {
    at: usize,
    known: usize,
    width: usize,
    separator: char,
    /// Where passwords are, or may be because the title isn't known.
    passwords: Vec<usize>,
}

/// The header, in the encoding in which most of its titles are known.
fn header(bytes: &[u8], titles: &Titles) -> Option<Header> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let mut best: Option<Header> = None;
    for encoding in CANDIDATES {
        let text = Zeroizing::new(encoding.decode_without_bom_handling(head).0.into_owned());
        let (body, separator) = separator(&text, titles, false);
        let rows: Vec<Record> = Records::new(body, separator, false)
            .take(HEADER_WITHIN)
            .map_while(Result::ok)
            .map(|record| unwrapped(record, separator, false))
            .collect();
        let Some((at, known)) = header_at(&rows, titles) else { continue };
        if best.as_ref().is_some_and(|best| best.known >= known) {
            continue;
        }
        let names = rows.get(at).map(Record::texts).unwrap_or_default();
        let columns: Vec<Option<Column>> = names.iter().map(|name| titles.column(name)).collect();
        let doubtful = |column: &Option<Column>| column.is_none_or(|column| column == Column::Password);
        let places = columns.iter().enumerate().filter(|(_, column)| doubtful(column));
        let passwords = places.map(|(position, _)| position).collect();
        let all = columns.iter().all(Option::is_some);
        best = Some(Header { at, known, width: names.len(), separator, passwords });
        if all {
            break;
        }
    }
    best
}

/// What of a file of users may be looked at to find its encoding, and be shown: not what is or may be a password. Nothing where it has
/// no titles of users.
///
/// Separators, quotes and line ends are the same bytes in every encoding that spreadsheets use.
pub(super) fn without_passwords(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let header = header(bytes, &Titles::new())?;
    if header.passwords.is_empty() {
        return Some(Cow::Borrowed(bytes));
    }
    // Room for everything at a time: a growing text would leave pieces of a password behind.
    let mut view = Zeroizing::new(String::with_capacity(bytes.len().saturating_mul(2)));
    view.extend(bytes.iter().copied().map(char::from));
    let body = said_separator(&view).map_or(view.as_str(), |(body, _)| body);
    let mut kept = Vec::new();
    for (i, record) in Records::new(body, header.separator, false).enumerate() {
        let Ok(record) = record else { break };
        let cells = unwrapped(record, header.separator, false).cells;
        // In a row that is too long, the password may be anywhere.
        if i < header.at || cells.iter().skip(header.width).any(|cell| !cell.is_blank()) {
            continue;
        }
        for (position, cell) in cells.iter().enumerate() {
            if header.passwords.contains(&position) || words::may_hold_password(cell.text()) {
                continue;
            }
            kept.extend(cell.text().chars().filter_map(|c| u8::try_from(c).ok()));
            kept.push(b'\n');
        }
    }
    Some(Cow::Owned(kept))
}

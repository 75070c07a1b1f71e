//! Bytes to rows with typed cells, and everything that is wrong with them at once.

use std::borrow::Cow;

use secrecy::SecretString;

use super::cell::{self, Read};
use super::columns::Heading;
use super::columns::{self, Column, Titles};
use super::decode;
use super::model::{Fault, Finding, ROWS_MAX, Row, SECURITY_PROFILES_MAX, Severity, Sheet, sort};
use super::records::{Record, Records, Unclosed};
use crate::basics::address;
use crate::basics::problem::Problem;
use crate::basics::text::code;
use crate::user::UserPatch;
use crate::user::patch::Wish;

/// Reads a CSV file of users: at most [`super::BYTES_MAX`] bytes and [`ROWS_MAX`] users.
///
/// Takes commas, semicolons and tabs; UTF-8, UTF-16 and Windows-1252; any line end; both generations of Amazon
/// Connect's template, the guide's spreadsheet and the desk's own export.
///
/// # Errors
///
/// The asker's, when it is no such file: of another kind, empty, damaged, too long, or with the wrong columns. What is wrong
/// in single cells is no error but stands in [`Sheet::findings`].
pub fn read(bytes: &[u8]) -> Result<Sheet, Problem> {
    let (text, encoding) = decode::decode(bytes)?;
    let titles = Titles::new();
    let (body, separator) = separator(&text, &titles);
    let mut records = Records::new(body, separator);
    let header = records.next().ok_or_else(empty)?.map_err(unclosed)?;
    let names: Vec<String> =
        header.cells.iter().map(|cell| cell::unguarded(cell.text().trim()).to_owned()).collect();
    let headings = titles.headings(&names, header.number)?;

    let mut sheet = Sheet {
        format: columns::format(&headings),
        encoding,
        separator,
        headings: Vec::new(),
        rows: Vec::new(),
        findings: Vec::new(),
    };
    let mut count = 0;
    for record in records {
        let record = record.map_err(unclosed)?;
        count += 1;
        if count <= ROWS_MAX {
            match shifted(&record, &headings, names.len(), separator) {
                Some(finding) => sheet.findings.push(finding),
                None => sheet.rows.push(row(&record, &headings, &mut sheet.findings)),
            }
        }
    }
    if count > ROWS_MAX {
        let message = format!("The file has {count} users; at most {ROWS_MAX} can be imported at a time.");
        return Err(Problem::asker("sheet_too_long", message).hint("Split it into several files."));
    }
    if count == 0 {
        return Err(Problem::asker("sheet_no_users", "The file has a header and no users below it.")
            .hint("Fill in one row for each user."));
    }
    sheet.headings = headings;
    sort(&mut sheet.findings);
    Ok(sheet)
}

fn empty() -> Problem {
    Problem::asker("sheet_empty", "The file is empty.")
        .hint("`/connect import` without a sheet gives an empty one.")
}

fn unclosed(at: Unclosed) -> Problem {
    Problem::asker("sheet_quote_open", format!("A quote that opens in row {} is never closed.", at.0))
        .hint("Close it, or write it twice if it belongs to the text.")
}

/// The text below an Excel `sep=;` line, and what stands between its cells: what makes most titles of the first row known.
fn separator<'a>(text: &'a str, titles: &Titles) -> (&'a str, char) {
    if let Some((first, rest)) = text.split_once('\n') {
        let first = first.trim_end_matches('\r').trim_matches('"');
        let said = first.strip_prefix("sep=").or_else(|| first.strip_prefix("SEP="));
        if let Some(said @ (',' | ';' | '\t')) = said.and_then(|said| said.chars().next()) {
            return (rest, said);
        }
    }
    let mut best = (0, 0, ',');
    for candidate in [',', ';', '\t'] {
        let Some(Ok(header)) = Records::new(text, candidate).next() else { continue };
        let names: Vec<String> = header.cells.iter().map(|cell| cell.text().trim().to_owned()).collect();
        let score = (titles.known(&names), names.len(), candidate);
        if (score.0, score.1) > (best.0, best.1) {
            best = score;
        }
    }
    (text, best.2)
}

/// What is collected while one row is read.
struct Reader<'a> {
    number: usize,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    fn find(&mut self, severity: Severity, column: Column, value: &str, fault: Fault) {
        self.findings.push(Finding::new(severity, self.number, column, value, fault));
    }

    /// The value, if there is one; what is to be said about it is noted.
    fn take<T>(&mut self, column: Column, typed: &str, read: Read<T>) -> Option<T> {
        match read {
            Ok((value, None)) => Some(value),
            Ok((value, Some(remark))) => {
                let severity = if remark.code == "login_long" { Severity::Warning } else { Severity::Note };
                self.find(severity, column, typed, remark);
                Some(value)
            }
            Err(fault) => {
                self.find(Severity::Error, column, typed, fault);
                None
            }
        }
    }
}

/// A cell that stands under no title: the row has moved, most often because of a separator in a text without quotes.
///
/// Nothing else is read from such a row, and the cell is not shown: what stands under `user login` may be the password.
fn shifted(record: &Record<'_>, headings: &[Heading], width: usize, separator: char) -> Option<Finding> {
    let titled = |position: usize| headings.iter().any(|heading| heading.position == position);
    let (position, _) =
        record.cells.iter().enumerate().find(|(position, cell)| !cell.is_blank() && !titled(*position))?;
    let message = format!("Cell {} of the row stands under no title; the header has {width}.", position + 1);
    let quote = if separator == ',' { "a comma" } else { "a separator" };
    Some(Finding {
        severity: Severity::Error,
        row: record.number,
        column: String::new(),
        value: String::new(),
        code: "cell_without_title",
        message,
        next: format!("Put quotes around a text that contains {quote}."),
        at: None,
    })
}

fn row(record: &Record<'_>, headings: &[Heading], findings: &mut Vec<Finding>) -> Row {
    let mut reader = Reader { number: record.number, findings };
    let mut row = Row {
        number: record.number,
        login: String::new(),
        wishes: UserPatch::default(),
        proficiencies: None,
        password: None,
    };
    let mut levels: [Option<String>; 5] = Default::default();

    for heading in headings {
        let Some(cell) = record.cells.get(heading.position) else { continue };
        if cell.is_blank() {
            continue;
        }
        let whole = cell.text();
        let column = heading.column;
        if column == Column::Password {
            let typed = whole.trim_matches([' ', '\t']);
            match cell::password(typed) {
                Ok(()) => row.password = Some(SecretString::from(typed)),
                Err(fault) => reader.find(Severity::Error, column, "", fault),
            }
            continue;
        }
        // An apostrophe in front may keep a blank or a tab behind it, so it goes before the blanks do.
        let typed = cell::unguarded(whole.trim_start_matches(' ')).trim();
        let composed = match columns::is_name(column) {
            true => address::composed(typed),
            false => Cow::Borrowed(typed),
        };
        if composed != typed {
            let message = format!(
                "{} has accents apart from their letters; it is read with them in place.",
                code(typed)
            );
            reader.find(Severity::Note, column, typed, Fault::new("accents_composed", message, ""));
        }
        let typed = composed.as_ref();
        fill(&mut reader, &mut row, &mut levels, column, typed);
    }
    let path: Vec<&str> = levels.iter().flatten().map(String::as_str).collect();
    if let Some(gap) = levels.iter().skip_while(|level| level.is_some()).position(Option::is_some) {
        let above = path.first().copied().unwrap_or_default().to_owned();
        let message = "A level of the hierarchy is given, but not the one above it.";
        let level = u8::try_from(levels.iter().take_while(|level| level.is_some()).count() + 1).unwrap_or(1);
        let fault = Fault::new("hierarchy_gap", message, format!("Fill in level {level}."));
        let column = Column::HierarchyLevel(u8::try_from(usize::from(level) + gap).unwrap_or(5));
        reader.find(Severity::Error, column, &above, fault);
    } else if !path.is_empty() {
        hierarchy(&mut reader, &mut row, Column::HierarchyLevel(1), path.join("/"));
    }
    row
}

/// Puts a cell that is not empty into its place.
fn fill(
    reader: &mut Reader<'_>,
    row: &mut Row,
    levels: &mut [Option<String>; 5],
    column: Column,
    typed: &str,
) {
    match column {
        Column::Login => row.login = reader.take(column, typed, cell::login(typed)).unwrap_or_default(),
        Column::Proficiencies => row.proficiencies = reader.take(column, typed, cell::proficiencies(typed)),
        Column::SecurityProfiles => security_profiles(reader, &mut row.wishes, typed),
        Column::Hierarchy => hierarchy(reader, row, column, cell::path(typed)),
        Column::HierarchyLevel(level) => {
            if let Some(place) = levels.get_mut(usize::from(level).saturating_sub(1)) {
                *place = Some(typed.to_owned());
            }
        }
        Column::RoutingProfile => row.wishes.type_name(column, typed.to_owned()),
        column => {
            let read = cell::value(column, typed).and_then(|read| reader.take(column, typed, read));
            if let Some(value) = read {
                row.wishes.wish(column, Wish::Set(value));
            }
        }
    }
}

fn security_profiles(reader: &mut Reader<'_>, wishes: &mut UserPatch, typed: &str) {
    for name in cell::parts(typed) {
        if wishes.typed(Column::SecurityProfiles).contains(&name) {
            let fault =
                Fault::new("name_twice", format!("{} stands here twice and counts once.", code(&name)), "");
            reader.find(Severity::Note, Column::SecurityProfiles, typed, fault);
        } else {
            wishes.type_name(Column::SecurityProfiles, name);
        }
    }
    let names = wishes.typed(Column::SecurityProfiles).len();
    if names > SECURITY_PROFILES_MAX {
        let message =
            format!("There are {names} security profiles; a user has at most {SECURITY_PROFILES_MAX}.");
        let fault = Fault::new("security_profiles_too_many", message, "Leave some out.");
        reader.find(Severity::Error, Column::SecurityProfiles, typed, fault);
    }
}

/// The template of 2026 has two columns for the hierarchy. One is enough; two must agree.
fn hierarchy(reader: &mut Reader<'_>, row: &mut Row, column: Column, path: String) {
    match row.wishes.typed(Column::Hierarchy).first() {
        Some(other) if *other != path => {
            let message =
                format!("The hierarchy is {} here and {} in another column.", code(&path), code(other));
            let fault = Fault::new("hierarchy_twice", message, "Fill in one of the columns only.");
            reader.find(Severity::Error, column, &path, fault);
        }
        _ if path.split('/').count() > 5 => {
            let message = format!("The path {} has more than 5 levels.", code(&path));
            reader.find(
                Severity::Error,
                column,
                &path,
                Fault::new("hierarchy_depth", message, "Shorten it."),
            );
        }
        _ if path.is_empty() => {}
        Some(_) => {}
        None => row.wishes.type_name(Column::Hierarchy, path),
    }
}

//! Bytes to rows with typed cells, and everything that is wrong with them at a time.

use std::borrow::Cow;

use secrecy::SecretString;

use super::cell::{self, Read};
use super::columns::{self, Column, Format, Heading, Titles};
use super::decode::{self, Decoded, Encoding};
use super::layout::{self, HEADER_WITHIN, header_at, separator, unwrapped};
use super::model::{Fault, Finding, ROWS_MAX, Row, SECURITY_PROFILES_MAX, Severity, Sheet, settle};
use super::records::{Record, Records, Unclosed};
use super::words;
use super::workbook::{self, Page};
use crate::basics::problem::Problem;
use crate::basics::text::{code, folded, list};
use crate::basics::{clean, ids};
use crate::user::UserPatch;
use crate::user::patch::Wish;

/// Reads a sheet of users: at most [`super::BYTES_MAX`] bytes and [`ROWS_MAX`] users.
///
/// Takes Excel workbooks, and text with commas, semicolons and tabs, in Unicode or in an encoding about which there is no
/// doubt; any line end; both generations of Amazon Connect's template, the guide's spreadsheet and the desk's own export.
///
/// # Errors
///
/// An error of the requester's, when it is no such file: of another kind, empty, damaged, too long, in a doubtful encoding, or with the wrong
/// columns. What is wrong in single cells is no error but is in [`Sheet::findings`].
pub fn read(bytes: &[u8]) -> Result<Sheet, Problem> {
    read_in(bytes, None)
}

/// The same, with the encoding that someone chose for a file that is not in Unicode.
pub fn read_in(bytes: &[u8], wanted: Option<&str>) -> Result<Sheet, Problem> {
    read_with(bytes, wanted, Titles::new())
}

/// The same for a sheet that has no more than the logins and what is to be changed.
pub fn read_some(bytes: &[u8], wanted: Option<&str>) -> Result<Sheet, Problem> {
    read_with(bytes, wanted, Titles::of_some())
}

fn read_with(bytes: &[u8], wanted: Option<&str>, titles: Titles) -> Result<Sheet, Problem> {
    decode::fits(bytes)?;
    if decode::is_archive(bytes) && workbook::is_workbook(bytes) {
        return of_workbook(bytes, &titles);
    }
    let Decoded { text, encoding, assumed } =
        decode::decode(bytes, wanted, |bytes| layout::without_passwords(bytes).unwrap_or_default())?;
    let mut sheet = Sheet {
        format: Format::Classic,
        encoding,
        separator: ',',
        headings: Vec::new(),
        rows: Vec::new(),
        findings: Vec::new(),
        remarks: assumed.into_iter().collect(),
    };
    let curly = Records::has_curly_quotes(&text);
    let (body, separator) = separator(&text, &titles, curly);
    sheet.separator = separator;
    if curly {
        sheet
            .remarks
            .push("The quotes around cells are curly ones; they were read as plain quotes.".to_owned());
    }
    let (mut kept, mut count) = (Vec::new(), 0);
    for record in Records::new(body, separator, curly) {
        let record = record.map_err(unclosed)?;
        count += 1;
        // What is far beyond a sheet of users is only counted.
        if count <= ROWS_MAX + 2 * HEADER_WITHIN {
            kept.push(unwrapped(record, separator, curly));
        }
    }
    rows(&mut sheet, kept, count, &titles)?;
    Ok(sheet)
}

/// The one sheet of a workbook that has users.
fn of_workbook(bytes: &[u8], titles: &Titles) -> Result<Sheet, Problem> {
    let book = workbook::open(bytes)?;
    let unread = book.unread();
    let mut sheet = Sheet {
        format: Format::Classic,
        encoding: Encoding::Workbook,
        separator: ',',
        headings: Vec::new(),
        rows: Vec::new(),
        findings: Vec::new(),
        remarks: Vec::new(),
    };
    let quoted =
        |names: &[String]| list(&names.iter().take(5).map(|name| code(name)).collect::<Vec<_>>(), "and");
    let has_users =
        |page: &Page| header_at(&page.rows, titles).is_some_and(|(at, _)| at + 1 < page.rows.len());
    let (mut with, mut without): (Vec<Page>, Vec<Page>) = book.pages.into_iter().partition(has_users);
    if with.len() > 1 {
        let names: Vec<String> = with.iter().map(|page| page.name.clone()).collect();
        let message = format!("The workbook has users on more than one sheet: {}.", quoted(&names));
        return Err(Problem::requester("sheet_several", message)
            .hint("Keep one of them, or import each from a workbook of its own."));
    }
    // Without any that has users, the first one says what is wrong with it.
    let page = match with.pop() {
        Some(page) => page,
        None if without.is_empty() => return Err(empty()),
        None => without.remove(0),
    };
    let page = page.whole()?;
    let others: Vec<String> = without.into_iter().map(|page| page.name).collect();
    if !others.is_empty() {
        sheet.remarks.push(format!("Only the sheet {} was read, not {}.", code(&page.name), quoted(&others)));
    }
    sheet.remarks.extend(unread.clone());
    if book.macros {
        sheet.remarks.push("The workbook has macros, which are never run.".to_owned());
    }
    let below = header_at(&page.rows, titles).map_or(1, |(at, _)| at + 1);
    let read = page.rows.iter().skip(below).map(|row| row.number);
    let unseen: Vec<usize> = read.filter(|number| page.hidden.contains(number)).collect();
    sheet.remarks.extend(hidden_rows(&unseen));
    let count = page.rows.len();
    rows(&mut sheet, page.rows, count, titles).map_err(|problem| match unread {
        // The users may be on one of them.
        Some(unread) => Problem { message: format!("{} {unread}", problem.message), ..problem },
        None => problem,
    })?;
    Ok(sheet)
}

/// That rows are read which people don't see, such as those that a filter leaves out. They are in order.
fn hidden_rows(rows: &[usize]) -> Option<String> {
    let first = rows.first()?;
    let last = rows.last().unwrap_or(first);
    Some(match rows.len() {
        1 => format!("1 hidden row is read too: row {first}."),
        n if n == last - first + 1 => format!("{n} hidden rows are read too: rows {first} to {last}."),
        n => format!("{n} hidden rows are read too, between rows {first} and {last}."),
    })
}

/// Fills a sheet with the rows below its header. `count` is how many there are, also those that were not kept.
fn rows(sheet: &mut Sheet, records: Vec<Record>, count: usize, titles: &Titles) -> Result<(), Problem> {
    let at = header_at(&records, titles).map_or(0, |(at, _)| at);
    let mut beyond = count.saturating_sub(records.len());
    let mut records = records.into_iter();
    let above: Vec<usize> = records.by_ref().take(at).map(|record| record.number).collect();
    if let (Some(first), Some(last)) = (above.first(), above.last()) {
        sheet.remarks.push(match first == last {
            true => format!("Row {first} above the titles isn't read."),
            false => format!("Rows {first} to {last} above the titles aren't read."),
        });
    }
    let header = records.next().ok_or_else(empty)?;
    let names: Vec<String> =
        header.cells.iter().map(|cell| cell::unguarded(cell.text().trim()).to_owned()).collect();
    // A row that is no header may have a password in it, so nothing of it is shown.
    decode::ungarbled(names.iter().map(String::as_str), titles.are_titles(&names))?;
    let headings = titles.headings(&names, header.number)?;
    sheet.format = columns::format(&headings);
    let within = (sheet.encoding != Encoding::Workbook).then_some(sheet.separator);
    let mut users = 0;
    for record in records {
        if let Some(finding) = no_user(&record, &headings, titles) {
            sheet.findings.push(finding);
            continue;
        }
        users += 1;
        if users > ROWS_MAX {
            beyond += 1;
            continue;
        }
        match shifted(&record, &headings, names.len(), within) {
            Some(finding) => sheet.findings.push(finding),
            None => sheet.rows.push(row(&record, &headings, within, &mut sheet.findings)),
        }
    }
    if beyond > 0 {
        let users = users.min(ROWS_MAX) + beyond;
        let message = format!("The file has {users} users; at most {ROWS_MAX} can be imported at a time.");
        return Err(Problem::requester("sheet_too_long", message).hint("Split it into several files."));
    }
    if users == 0 {
        return Err(Problem::requester("sheet_no_users", "The file has a header and no users below it.")
            .hint("Fill in one row for each user."));
    }
    settle(&mut sheet.findings, &headings, &sheet.rows);
    sheet.headings = headings;
    Ok(())
}

/// A row that is no user: totals that a spreadsheet has made, or the titles once more.
fn no_user(record: &Record, headings: &[Heading], titles: &Titles) -> Option<Finding> {
    let texts = record.texts();
    let filled: Vec<&String> = texts.iter().filter(|text| !text.is_empty()).collect();
    let warning = |code: &'static str, message: &str| Finding {
        severity: Severity::Warning,
        row: record.number,
        column: String::new(),
        value: String::new(),
        code,
        message: message.to_owned(),
        next: String::new(),
        at: None,
        secret: false,
        weak: false,
        several_lines: false,
    };
    let login = headings.iter().find(|heading| heading.column == Column::Login);
    let login = login.and_then(|heading| texts.get(heading.position));
    // To look every cell up among the titles would cost more than everything else.
    let may_be_titles = login.is_some_and(|login| titles.known(std::slice::from_ref(login)) == 1);
    if may_be_titles && filled.len() > 2 && titles.known(&texts) == filled.len() {
        return Some(warning("titles_again", "This row repeats titles; it is skipped."));
    }
    let (first, rest) = filled.split_first()?;
    let is_figure = |text: &&&String| {
        let figure = |c: char| c.is_ascii_digit() || c.is_whitespace() || ".,:%+-".contains(c);
        text.chars().all(figure) || words::is_total(&folded(text))
    };
    let login = login.is_some_and(|login| ids::looks_like_login(login));
    let totals =
        !login && words::is_total(&folded(first)) && rest.iter().filter(is_figure).count() == rest.len();
    totals.then(|| warning("totals_row", "This row has totals and no user; it is skipped."))
}

fn empty() -> Problem {
    Problem::requester("sheet_empty", "The file is empty.")
        .hint("`/connect import` without a sheet gives an empty one.")
}

fn unclosed(at: Unclosed) -> Problem {
    Problem::requester("sheet_quote_open", format!("A quote that opens in row {} is never closed.", at.0))
        .hint("Close it, or write it twice if it belongs to the text.")
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
                self.find(Severity::Note, column, typed, remark);
                Some(value)
            }
            Err(fault) => {
                self.find(Severity::Error, column, typed, fault);
                None
            }
        }
    }
}

/// A cell that is under no title: the row has moved, most often because of a separator in a text without quotes.
///
/// Nothing else is read from such a row, and the cell is not shown: what is under `user login` may be the password.
fn shifted(record: &Record, headings: &[Heading], width: usize, separator: Option<char>) -> Option<Finding> {
    let titled = |position: usize| headings.iter().any(|heading| heading.position == position);
    let Fault { code, message, next } = record.untitled(titled, width, separator)?;
    Some(Finding {
        severity: Severity::Error,
        row: record.number,
        column: String::new(),
        value: String::new(),
        code,
        message,
        next,
        at: None,
        secret: false,
        weak: false,
        several_lines: false,
    })
}

/// Reads the cells of a row. `separator` is what is between them in a file of text.
fn row(record: &Record, headings: &[Heading], separator: Option<char>, findings: &mut Vec<Finding>) -> Row {
    let mut reader = Reader { number: record.number, findings };
    let mut row = Row {
        number: record.number,
        login: String::new(),
        wishes: UserPatch::default(),
        proficiencies: None,
        password: None,
        cells: Vec::new(),
    };
    let mut levels: [Option<String>; 5] = Default::default();

    for heading in headings {
        let Some(cell) = record.cells.get(heading.position) else { continue };
        if cell.is_blank() {
            continue;
        }
        let column = heading.column;
        let whole = cell::unwrapped(cell.text().trim()).unwrap_or(cell.text());
        // An apostrophe in front may keep a blank or a tab behind it, so it goes before the blanks do.
        let typed = cell::unguarded(whole.trim_start_matches(' ')).trim();
        if column != Column::Password {
            row.cells.push((column, typed.to_owned()));
        }
        if let Some(fault) = cell.fault() {
            let fault = match column {
                // What the spreadsheet made of it is not to be shown either.
                Column::Password => Fault::new(
                    "password_changed",
                    "The spreadsheet made a date or a formula of the password.",
                    "Format the cell as text and write it again, or leave it empty: the desk makes a random one.",
                ),
                _ => fault.clone(),
            };
            reader.find(Severity::Error, column, cell.text(), fault);
            continue;
        }
        let is_list = matches!(column, Column::Password | Column::Tags | Column::Proficiencies);
        if !is_list && separator.is_some_and(|separator| holds_rows(cell.text(), separator)) {
            let message =
                "The cell has a line break and other cells in it: a quote isn't closed where it should be.";
            let next = "Check the quotes in this row; one that belongs to a text is written twice.";
            reader.find(Severity::Error, column, "", Fault::new("cell_holds_rows", message, next));
            continue;
        }
        if column == Column::Password {
            let typed = whole.trim_matches([' ', '\t']);
            match cell::password(typed) {
                Ok(()) => row.password = Some(SecretString::from(typed)),
                Err(fault) => reader.find(Severity::Error, column, "", fault),
            }
            continue;
        }
        if words::is_error(typed) {
            let message =
                format!("{} is what a spreadsheet shows for a formula without a result.", code(typed));
            let fault = Fault::new("cell_error", message, "Write the value, or leave the cell empty.");
            reader.find(Severity::Error, column, typed, fault);
            continue;
        }
        if typed.is_empty() {
            continue;
        }
        let composed = match columns::is_name(column) {
            true => clean::composed(typed),
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

/// Whether a quote that closes too late has made one cell of several rows.
fn holds_rows(text: &str, separator: char) -> bool {
    text.contains(['\n', '\r']) && text.contains(separator)
}

/// Puts a cell that is not empty into its place.
fn fill(
    reader: &mut Reader<'_>,
    row: &mut Row,
    levels: &mut [Option<String>; 5],
    column: Column,
    typed: &str,
) {
    if let Err(fault) = cell::nothing(column, typed) {
        return reader.find(Severity::Error, column, typed, fault);
    }
    match column {
        Column::Proficiencies if cell::clears(column, typed) => row.proficiencies = Some(Vec::new()),
        column if cell::clears(column, typed) => row.wishes.wish(column, Wish::Clear),
        // The first level is all of the hierarchy.
        Column::HierarchyLevel(1) if cell::clears(Column::Hierarchy, typed) => {
            row.wishes.wish(Column::Hierarchy, Wish::Clear);
        }
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
                Fault::new("name_twice", format!("{} is listed twice and counts once.", code(&name)), "");
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

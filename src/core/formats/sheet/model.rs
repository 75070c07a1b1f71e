//! Users in spreadsheets: a workbook or a CSV file is read, checked against the contact center, and written.
//!
//! Nothing here creates anybody: [`read`] and [`verify`] give what a plan is made from, and all findings at a time.
//! What is written by [`export()`] and read again is the same, for every cell.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::columns::{Column, Format, Heading};
use super::decode::Encoding;
use super::words;
use crate::basics::{clean, ids, text};
use crate::center::{Proficiency, Profile};
use crate::user::UserPatch;

/// The most users in one file, as in Amazon Connect's own upload.
pub const ROWS_MAX: usize = 1_000;

/// The most security profiles of one user (CreateUser).
pub(super) const SECURITY_PROFILES_MAX: usize = 10;

/// A file of users that could be read, with what is wrong in its cells.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub format: Format,
    pub encoding: Encoding,
    /// What is between cells: a comma, a semicolon or a tab.
    pub separator: char,
    pub headings: Vec<Heading>,
    /// The rows that hold anything, in the order of the file; a cell with an error is left out, and a row with more cells
    /// than titles altogether.
    pub rows: Vec<Row>,
    pub findings: Vec<Finding>,
    /// What anyone who decides should know of how the file was read: an encoding that was assumed, sheets that were left out.
    pub remarks: Vec<String>,
}

impl Sheet {
    /// What was recognized, in one sentence: "Connect's classic template, UTF-8, separated by commas, with 12 users."
    pub fn said(&self) -> String {
        let separator = match self.separator {
            ';' => "semicolons",
            '\t' => "tabs",
            _ => "commas",
        };
        let users = text::count(self.rows.len(), "user");
        match self.encoding {
            Encoding::Workbook => format!("{}, an Excel workbook, with {users}.", self.format.said()),
            encoding => {
                format!(
                    "{}, {}, separated by {separator}, with {users}.",
                    self.format.said(),
                    encoding.said()
                )
            }
        }
    }
}

/// One user as the file wishes it.
#[derive(Clone, Debug)]
pub struct Row {
    /// As a spreadsheet counts: the header is row 1 when it is at the top.
    pub number: usize,
    /// Empty when its cell is empty or wrong.
    pub login: String,
    /// An empty cell is no wish, so an existing user keeps what they have.
    pub wishes: UserPatch,
    /// All that they should have, by attribute and value, as the file spells them; nothing where the cell is empty.
    pub proficiencies: Option<Vec<Proficiency>>,
    /// For a new user of an instance that keeps passwords. Neither printed nor serialized.
    pub password: Option<SecretString>,
    /// The cells as they are written, but for the password, to compare them with what an export writes.
    pub(super) cells: Vec<(Column, String)>,
}

impl Row {
    /// The cell of a column; nothing where it is empty, or where several columns have parts of it.
    pub fn cell(&self, column: Column) -> Option<&str> {
        let mut cells = self.cells.iter().filter(|(other, _)| *other == column);
        let (_, cell) = cells.next()?;
        cells.next().is_none().then_some(cell)
    }

    /// The logins that the row can mean, the likeliest first: as it is written, and as it is read.
    pub fn logins(&self) -> impl Iterator<Item = &str> {
        let written = self
            .cell(Column::Login)
            .filter(|written| ids::login(written).is_ok_and(|login| login == *written));
        let read = Some(self.login.as_str()).filter(|read| !read.is_empty() && Some(*read) != written);
        written.into_iter().chain(read)
    }
}

/// What proficiencies are checked against.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Skills {
    /// The predefined attributes, each with its values.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// What users have of whom the file says something, by their logins.
    pub of: BTreeMap<String, Vec<Proficiency>>,
}

/// A user that exists and is not as the row wishes.
#[derive(Clone, Debug, PartialEq)]
pub struct Differs {
    pub row: usize,
    pub login: String,
    /// As it would be: what the row says nothing about stays.
    pub profile: Profile,
    /// Those that they have and those that the row wishes, where these differ.
    pub proficiencies: Option<(Vec<Proficiency>, Vec<Proficiency>)>,
    /// At least one.
    pub changes: Vec<Change>,
}

/// One thing that would become different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The column's title.
    pub field: String,
    /// Empty when there was nothing.
    pub before: String,
    pub after: String,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row cannot be used.
    Error,
    /// To be noticed before an approval.
    Warning,
    /// What was read differently from how it is written.
    Note,
}

/// Something to say about a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub severity: Severity,
    /// As a spreadsheet counts.
    pub row: usize,
    /// The title of the column, as the sheet has it.
    pub column: String,
    /// The cell, on one line and cut to 60 characters; always empty for a password.
    pub value: String,
    /// Stable, for programs and tests.
    pub code: &'static str,
    /// What is wrong, in the present tense.
    pub message: String,
    /// The nearest right thing, or what to do; may be empty.
    pub next: String,
    /// Nothing for a cell that is under no title.
    #[serde(skip)]
    pub(super) at: Option<Column>,
    /// Its cell is, or holds, what looks like a password.
    #[serde(skip)]
    pub(super) secret: bool,
    /// Its cell could be one that Amazon Connect wouldn't take.
    #[serde(skip)]
    pub(super) weak: bool,
    /// The cell has a line break, so that it may be several rows.
    #[serde(skip)]
    pub(super) several_lines: bool,
}

impl Finding {
    pub(super) fn new(severity: Severity, row: usize, column: Column, value: &str, fault: Fault) -> Finding {
        // The whole cell, because its value and the message may be shortened.
        let secret = holds_password(value, column);
        let weak = column != Column::Password && words::may_be_weak_password(value);
        let several_lines = value.contains(['\n', '\r']);
        let value = if column == Column::Password { String::new() } else { text::plain(value, 60) };
        Finding {
            severity,
            row,
            column: column.title(),
            value,
            code: fault.code,
            message: fault.message,
            next: fault.next,
            at: Some(column),
            secret,
            weak,
            several_lines,
        }
    }

    fn says(&self, is: impl Fn(&str) -> bool) -> bool {
        [&self.value, &self.message, &self.next].into_iter().any(|said| is(said))
    }

    /// Leaves out what could be a password.
    fn hide(&mut self) {
        self.value.clear();
        let wrong = if self.severity == Severity::Error { "is wrong. It isn't" } else { "isn't" };
        self.message = format!("The {} {wrong} shown, because it could be a password.", self.column);
        self.next = "Check whether the cells of this row have moved.".to_owned();
    }
}

/// In the order of the rows, errors first in each and, among them, what Amazon's troubleshooting looks at first: phone numbers,
/// then security profiles. Each under the title that its column has in the sheet that was given.
///
/// Where a sheet has passwords, nothing that looks like one is shown. If its row has moved, nothing that could be one is: then there is no
/// address where one should be, or no password.
pub(super) fn settle(findings: &mut [Finding], headings: &[Heading], rows: &[Row]) {
    findings.sort_by_key(|f| (f.row, f.severity, f.at.map_or(0, |column| column.row().0.order)));
    let has = |column: Column| headings.iter().any(|heading| heading.column == column);
    let passwords = has(Column::Password);
    let tells = |at: Option<Column>| {
        !has(Column::Email) || at.is_some_and(|at| matches!(at, Column::Email | Column::Password))
    };
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let moved: BTreeSet<usize> = errors.filter(|error| tells(error.at)).map(|error| error.row).collect();
    let known: BTreeMap<usize, &SecretString> =
        rows.iter().filter_map(|row| Some((row.number, row.password.as_ref()?))).collect();
    // A row with a password where it should be hasn't moved; an address there is none.
    let in_place = |row: usize| known.get(&row).is_some_and(|it| !words::is_address(it.expose_secret()));
    let refused = findings.iter().filter(|finding| finding.at == Some(Column::Password));
    let filled: BTreeSet<usize> = refused.map(|finding| finding.row).chain(known.keys().copied()).collect();
    for finding in findings {
        let heading = headings.iter().find(|heading| Some(heading.column) == finding.at);
        if let Some(heading) = heading {
            finding.column.clone_from(&heading.title);
        }
        let says = |password: &&SecretString| finding.says(|said| said.contains(password.expose_secret()));
        let has_moved = moved.contains(&finding.row);
        let anywhere = (finding.several_lines || has_moved) && finding.says(words::may_hold_password);
        // With nothing under the password, no password has come to where the address should be.
        let is_address = finding.at == Some(Column::Email) && !filled.contains(&finding.row);
        let weak = finding.weak && has_moved && !in_place(finding.row) && !is_address;
        if passwords && (finding.secret || anywhere || weak || known.get(&finding.row).is_some_and(says)) {
            finding.hide();
        }
    }
}

/// Whether a cell holds what looks like a password: not an address, a tag or a proficiency, which have letters and digits of all kinds too.
fn holds_password(cell: &str, column: Column) -> bool {
    let plain = clean::word(cell);
    let of_its_kind = |part: &str| match column {
        Column::Tags => part.contains([':', '=']),
        // `value=level` is one that lacks its attribute.
        Column::Proficiencies => {
            part.contains(':') || part.rsplit_once('=').is_some_and(|(_, level)| level.trim().len() == 1)
        }
        _ => words::is_address(part),
    };
    let list = matches!(column, Column::Tags | Column::Proficiencies);
    let separator = |c: char| list && c == '|';
    plain.split(separator).any(|part| !of_its_kind(part) && words::may_hold_password(part))
}

/// What is wrong with a cell, before it is known where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) next: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, message: impl Into<String>, next: impl Into<String>) -> Fault {
        Fault { code, message: message.into(), next: next.into() }
    }
}

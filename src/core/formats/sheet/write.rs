//! Sheets as they are written: exports, the empty template, findings, results and tables of cards. RFC 4180 in UTF-8 with a byte order
//! mark, so that spreadsheets show every name; no cell is a formula.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::cell::{self, guarded};
use super::columns::{self, Column};
use super::model::{Differs, Finding, Severity};
use crate::center::{Proficiency, Profile};

/// How a row ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    pub row: usize,
    pub login: String,
    /// In a few words: `created`, `skipped: the same`, `failed: …`.
    pub outcome: String,
}

/// A user as a file has them.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    pub login: &'a str,
    pub profile: &'a Profile,
    pub proficiencies: &'a [Proficiency],
}

/// Users as CSV in the columns of Amazon Connect's classic template, followed by those that newer ones have and, where a user
/// needs them, those that none has. The password is always empty. [`super::read`] and [`super::verify`] find no difference.
pub fn export(users: &[Written<'_>]) -> String {
    let rows: Vec<BTreeMap<Column, String>> = users
        .iter()
        .map(|user| {
            let mut row = cells(user.profile);
            row.insert(Column::Login, user.login.to_owned());
            if !user.proficiencies.is_empty() {
                row.insert(Column::Proficiencies, cell::proficiencies_joined(user.proficiencies));
            }
            row
        })
        .collect();
    let used: BTreeSet<Column> = rows.iter().flat_map(|row| row.keys().copied()).collect();
    let always = columns::written_always();
    let columns: Vec<Column> = columns::all()
        .into_iter()
        .filter(|column| always.contains(column) || used.contains(column))
        .collect();
    let mut out = csv(columns.iter().map(|column| column.title()));
    for row in &rows {
        line(&mut out, columns.iter().map(|column| row.get(column).map_or("", String::as_str)));
    }
    out
}

/// Users as a JSON array of objects with `login`, everything of [`Profile`], ids beside names, and `proficiencies`.
pub fn export_json(users: &[Written<'_>]) -> String {
    #[derive(Serialize)]
    struct Exported<'a> {
        login: &'a str,
        #[serde(flatten)]
        profile: &'a Profile,
        #[serde(skip_serializing_if = "<[Proficiency]>::is_empty")]
        proficiencies: &'a [Proficiency],
    }
    let users: Vec<Exported<'_>> = users
        .iter()
        .map(|Written { login, profile, proficiencies }| Exported { login, profile, proficiencies })
        .collect();
    // Profiles have string keys and enum keys that serialize as strings, which is all that JSON asks.
    serde_json::to_string_pretty(&users).unwrap_or_default()
}

/// A sheet to fill in: the header, and one example row, which an import skips.
pub fn template() -> String {
    let columns = columns::written_always();
    let mut out = csv(columns.iter().map(|column| column.title()));
    line(&mut out, columns.iter().map(|column| column.row().0.example));
    out
}

/// All findings, one a row.
pub fn findings_file(findings: &[Finding]) -> String {
    let mut out = csv(["row", "column", "value", "kind", "what is wrong", "what to do"]);
    for finding in findings {
        let kind = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let row = finding.row.to_string();
        line(&mut out, [&row, &finding.column, &finding.value, kind, &finding.message, &finding.next]);
    }
    out
}

/// What would be different about users that exist, one a row.
pub fn differences_file(differs: &[Differs]) -> String {
    let mut out = csv(["row", "login", "what", "it is", "in the file"]);
    for user in differs {
        let row = user.row.to_string();
        for change in &user.changes {
            line(&mut out, [row.as_str(), &user.login, &change.field, &change.before, &change.after]);
        }
    }
    out
}

/// Everything that a plan does, one thing a row.
pub fn plan_file(rows: impl IntoIterator<Item = [String; 6]>) -> String {
    rows_file(["step", "login", "name", "what", "before", "after"], rows)
}

/// Rows under these titles.
pub fn rows_file<R: IntoIterator<Item: AsRef<str>>>(
    titles: impl IntoIterator<Item: AsRef<str>>,
    rows: impl IntoIterator<Item = R>,
) -> String {
    let mut out = csv(titles);
    rows.into_iter().for_each(|row| line(&mut out, row));
    out
}

/// How each row ended.
pub fn result_file(outcomes: &[Outcome]) -> String {
    let rows = outcomes.iter().map(|of| [of.row.to_string(), of.login.clone(), of.outcome.clone()]);
    rows_file(["row", "login", "outcome"], rows)
}

/// A profile as the cells it is written in; a column without a cell is empty.
pub(super) fn cells(profile: &Profile) -> BTreeMap<Column, String> {
    let cells = Column::all().filter_map(|(column, channel, row)| {
        let cell = cell::written(column, &(row.get)(profile, channel)?);
        (!cell.is_empty()).then_some((column, cell))
    });
    cells.collect()
}

/// A file with its header, which is written as it is.
fn csv(titles: impl IntoIterator<Item: AsRef<str>>) -> String {
    let mut out = "\u{feff}".to_owned();
    line(&mut out, titles);
    out
}

fn line(out: &mut String, cells: impl IntoIterator<Item: AsRef<str>>) {
    for (i, cell) in cells.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        let cell = guarded(cell.as_ref());
        let edges = cell.starts_with(char::is_whitespace) || cell.ends_with(char::is_whitespace);
        // A semicolon or a tab too: a spreadsheet in another country splits there.
        if edges || cell.contains(['"', ',', ';', '\t', '\r', '\n', '“', '„', '«', '‟']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}

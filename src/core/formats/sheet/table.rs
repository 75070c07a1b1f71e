//! Sheets of anything but users: rows of cells below a header that is known.

use std::borrow::Cow;

use super::cell::unguarded;
use super::decode::{self, Decoded};
use super::layout;
use super::model::Fault;
use super::records::{Record, Records, Unclosed};
use super::workbook::{self, Page};
use crate::basics::problem::Problem;
use crate::basics::text::{code, folded, list};

/// A row of such a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// As a spreadsheet counts.
    pub number: usize,
    /// One for each column that was asked for; empty where the cell is, or the column isn't there.
    pub cells: Vec<String>,
}

/// Such a sheet, and what anyone who decides should know of how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub rows: Vec<TableRow>,
    pub remarks: Vec<String>,
}

/// What to do with a file whose characters can't be read.
const SAVE_AS: &str = "Save the sheet as `.xlsx` or as `CSV UTF-8`, and attach that file.";

/// Reads a workbook or CSV file whose first row has these columns, in any order; behind `|` is what one may also be called. The first `required` of them have to be there.
///
/// # Errors
///
/// An error of the requester's, when it is no such file, has other columns, more than `most` rows, or none.
pub fn table(bytes: &[u8], columns: &[&str], required: usize, most: usize) -> Result<Table, Problem> {
    decode::fits(bytes)?;
    let titles = |header: &Record| -> Vec<String> {
        header.cells.iter().map(|cell| folded(unguarded(cell.text().trim()))).collect()
    };
    let is = |column: &str, title: &str| column.split('|').any(|name| folded(name) == title);
    let known = |title: &String| columns.iter().any(|column| is(column, title));
    let score = |header: Option<&Record>| {
        header.map_or(0, |header| titles(header).iter().filter(|title| known(title)).count())
    };
    let title = |column: &str| code(column.split('|').next().unwrap_or(column));
    let wanted = || {
        let all: Vec<String> = columns.iter().map(|column| title(column)).collect();
        format!("The first row names the columns {}.", list(&all, "and"))
    };
    // What to do is said for sheets of users.
    let unread = |problem: Problem| match problem.code.as_str() {
        "sheet_empty" => problem.hint(wanted()),
        "sheet_encoding" | "sheet_other_kind" => problem.hint(SAVE_AS),
        _ => problem,
    };
    let (mut hidden, mut assumed, mut within) = (None, None, None);
    let records: Vec<Record> = if decode::is_archive(bytes) && workbook::is_workbook(bytes) {
        // The sheet in which most of the columns are; the first of several.
        let book = workbook::open(bytes).map_err(unread)?;
        hidden = book.unread();
        let pages = book.pages.into_iter().rev();
        let page = pages.max_by_key(|page| score(page.rows.first()));
        page.map(Page::whole).transpose()?.map(|page| page.rows).unwrap_or_default()
    } else {
        let decoded = decode::decode(bytes, None, |bytes| {
            layout::without_passwords(bytes).unwrap_or(Cow::Borrowed(bytes))
        })
        .map_err(unread)?;
        let Decoded { text, .. } = decoded;
        assumed = decoded.assumed;
        let first = |separator: char| Records::new(&text, separator, false).next().and_then(Result::ok);
        let of = |separator: &char| score(first(*separator).as_ref());
        let separator = [',', ';', '\t'].into_iter().rev().max_by_key(of).unwrap_or(',');
        within = Some(separator);
        let records = Records::new(&text, separator, false).take(most.saturating_add(2));
        records.collect::<Result<_, _>>().map_err(|Unclosed(at)| {
            Problem::requester("sheet_quote_open", format!("A quote that opens in row {at} is never closed."))
                .hint("Close it, or write it twice if it belongs to the text.")
        })?
    };
    let header = records.first().map(&titles).unwrap_or_default();
    let place = |column: &&str| header.iter().position(|title| is(column, title));
    let places: Vec<Option<usize>> = columns.iter().map(place).collect();
    let missing: Vec<String> = columns
        .iter()
        .zip(&places)
        .take(required)
        .filter(|(_, place)| place.is_none())
        .map(|(column, _)| title(column))
        .collect();
    let texts = |records: &[Record]| -> Vec<String> { records.iter().flat_map(Record::texts).collect() };
    // Without the columns it may be a sheet of users, with passwords in it.
    let first = texts(records.get(..1).unwrap_or_default());
    decode::ungarbled(first.iter().map(String::as_str), missing.is_empty())?;
    if !missing.is_empty() {
        let (noun, verb) = if missing.len() == 1 { ("column", "is") } else { ("columns", "are") };
        // They may be on a sheet that people don't see.
        let mut message = vec![format!("The {noun} {} {verb} missing in the file.", list(&missing, "and"))];
        message.extend(hidden);
        let message = message.join(" ");
        return Err(Problem::requester("sheet_columns", message).hint(wanted()));
    }
    if let Some(other) = header.iter().find(|title| !title.is_empty() && !known(title)) {
        return Err(Problem::requester(
            "sheet_columns",
            format!("The file has an unknown column {}.", code(other)),
        )
        .hint(wanted()));
    }
    decode::ungarbled(texts(&records).iter().map(String::as_str), true)?;
    let mut rows = Vec::new();
    let is_titled = |position: usize| header.get(position).is_some_and(|title| !title.is_empty());
    for record in records.iter().skip(1) {
        if let Some(Fault { code, message, next }) = record.untitled(is_titled, header.len(), within) {
            let message = format!("Row {}: {message}", record.number);
            return Err(Problem::requester(code, message).hint(next));
        }
        let cell = |place: &Option<usize>| {
            let cell = place.and_then(|place| record.cells.get(place));
            cell.map(|cell| unguarded(cell.text().trim()).to_owned()).unwrap_or_default()
        };
        rows.push(TableRow { number: record.number, cells: places.iter().map(cell).collect() });
        if rows.len() > most {
            return Err(Problem::requester("sheet_too_long", format!("The file has more than {most} rows."))
                .hint("Split it into several files."));
        }
    }
    if rows.is_empty() {
        return Err(Problem::requester("sheet_no_rows", "The file has a header and nothing below it.")
            .hint("Fill in one row for each."));
    }
    Ok(Table { rows, remarks: hidden.into_iter().chain(assumed).collect() })
}

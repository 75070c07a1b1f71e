//! Sheets of anything but users: rows of cells below a header that is known.

use super::cell::unguarded;
use super::decode::{self, Decoded};
use super::records::{Record, Records, Unclosed};
use super::workbook;
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

/// Reads a CSV file or a workbook whose first row has these columns, in any order. The first `required` of them have to be there.
///
/// # Errors
///
/// The asker's, when it is no such file, has other columns, more than `most` rows, or none.
pub fn table(bytes: &[u8], columns: &[&str], required: usize, most: usize) -> Result<Vec<TableRow>, Problem> {
    decode::fits(bytes)?;
    let known = |title: &String| columns.iter().any(|column| folded(column) == *title);
    let records = records(bytes, &|record| titles(record).iter().filter(|title| known(title)).count(), most)?;
    let header = records.first().map(titles).unwrap_or_default();
    let place = |column: &&str| header.iter().position(|title| *title == folded(column));
    let places: Vec<Option<usize>> = columns.iter().map(place).collect();
    let wanted = || {
        let all: Vec<String> = columns.iter().map(|column| code(column)).collect();
        format!("The first row names the columns {}.", list(&all, "and"))
    };
    let missing: Vec<String> = columns
        .iter()
        .zip(&places)
        .take(required)
        .filter(|(_, place)| place.is_none())
        .map(|(column, _)| code(column))
        .collect();
    if !missing.is_empty() {
        let (noun, verb) = if missing.len() == 1 { ("column", "is") } else { ("columns", "are") };
        let message = format!("The {noun} {} {verb} missing in the file.", list(&missing, "and"));
        return Err(Problem::asker("sheet_columns", message).hint(wanted()));
    }
    if let Some(other) = header.iter().find(|title| !title.is_empty() && !known(title)) {
        return Err(Problem::asker(
            "sheet_columns",
            format!("The file has an unknown column {}.", code(other)),
        )
        .hint(wanted()));
    }
    let mut rows = Vec::new();
    for record in records.iter().skip(1) {
        let cell = |place: &Option<usize>| {
            let cell = place.and_then(|place| record.cells.get(place));
            cell.map(|cell| unguarded(cell.text().trim()).to_owned()).unwrap_or_default()
        };
        rows.push(TableRow { number: record.number, cells: places.iter().map(cell).collect() });
        if rows.len() > most {
            return Err(Problem::asker("sheet_too_long", format!("The file has more than {most} rows."))
                .hint("Split it into several files."));
        }
    }
    if rows.is_empty() {
        return Err(Problem::asker("sheet_no_rows", "The file has a header and nothing below it.")
            .hint("Fill in one row for each."));
    }
    Ok(rows)
}

/// The rows that are not empty. `score` says how well a row would do as the header, by which a text's separator is found.
fn records(bytes: &[u8], score: &dyn Fn(&Record) -> usize, most: usize) -> Result<Vec<Record>, Problem> {
    if decode::is_archive(bytes) && workbook::is_workbook(bytes) {
        let book = workbook::open(bytes)?;
        return Ok(book
            .pages
            .into_iter()
            .max_by_key(|page| page.rows.first().map_or(0, score))
            .map_or_else(Vec::new, |page| page.rows));
    }
    let Decoded { text, .. } = decode::decode(bytes, None)?;
    let curly = Records::has_curly_quotes(&text);
    let score = |separator: &char| {
        Records::new(&text, *separator, curly).next().and_then(Result::ok).map_or(0, |header| score(&header))
    };
    let separator = [',', ';', '\t'].into_iter().rev().max_by_key(score).unwrap_or(',');
    // One more row than are read says that there are too many.
    let records = Records::new(&text, separator, curly).take(most + 2);
    records
        .map(|record| {
            record.map_err(|Unclosed(at)| {
                Problem::asker("sheet_quote_open", format!("A quote that opens in row {at} is never closed."))
                    .hint("Close it, or write it twice if it belongs to the text.")
            })
        })
        .collect()
}

fn titles(record: &Record) -> Vec<String> {
    record.cells.iter().map(|cell| folded(unguarded(cell.text().trim()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_in_any_order_and_with_any_separator() {
        let read = |text: &str| table(text.as_bytes(), &["Name", "Type", "Queues"], 2, 3);
        let rows = read("type;NAME\r\nuser;\"Doe; Jane\"\r\n").unwrap();
        assert_eq!(
            rows,
            [TableRow { number: 2, cells: ["Doe; Jane", "user", ""].map(str::to_owned).into() }]
        );
        assert_eq!(read("Name\nx\n").unwrap_err().code, "sheet_columns");
        assert_eq!(read("Name,Type,Colour\nx,y,z\n").unwrap_err().code, "sheet_columns");
        assert_eq!(read("Name,Type\n").unwrap_err().code, "sheet_no_rows");
        assert_eq!(read("Name,Type\n1,a\n2,a\n3,a\n4,a\n").unwrap_err().code, "sheet_too_long");
        assert_eq!(read("Name,Type\n\"1,a\n").unwrap_err().code, "sheet_quote_open");
    }
}

//! An Excel workbook (.xlsx, .xlsm) to rows of cells, within limits of our own: what a file claims of itself is not believed.
//!
//! The cells are read as a stream; a rectangle of all of them would be as large as the file says it is. Macros are not looked at.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;

use super::model::{Fault, ROWS_MAX};
use super::records::{CELLS_MAX, Cell, Record};
use crate::basics::problem::Problem;
use crate::basics::text::{code, list};

/// The most parts of a workbook, and the most bytes that one of them and all that are read come to, unpacked.
const PARTS_MAX: usize = 1_000;
const PART_MAX: u64 = 16 * 1024 * 1024;
const ALL_MAX: u64 = 32 * 1024 * 1024;

/// The most bytes of text in all cells together, and the most cells.
const TEXT_MAX: usize = 8 * 1024 * 1024;
const CELLS_IN_ALL_MAX: usize = 200_000;

/// Rows above the first user and below the last one that a sheet may have besides.
const ROWS_BESIDES: usize = 50;

/// One sheet of a workbook.
pub(super) struct Page {
    pub name: String,
    pub rows: Vec<Record>,
}

/// What a workbook has that can be read.
pub(super) struct Workbook {
    /// The sheets that people see and that hold anything.
    pub pages: Vec<Page>,
    /// The names of those that they don't see.
    pub hidden: Vec<String>,
    pub macros: bool,
}

const SAVE: &str = "Open it in Excel, save it as `.xlsx` or as `CSV UTF-8`, and attach that file.";

fn problem(message: impl Into<String>) -> Problem {
    Problem::requester("sheet_workbook", message).hint(SAVE)
}

fn too_large() -> Problem {
    Problem::requester("sheet_too_large", "The workbook is far larger than 1,000 users need.")
        .hint("Delete the rows and columns without users, or copy the users into a new workbook.")
}

/// Whether a ZIP archive is a workbook whose parts are XML.
pub(super) fn is_workbook(bytes: &[u8]) -> bool {
    ZipArchive::new(Cursor::new(bytes))
        .is_ok_and(|archive| archive.index_for_name("xl/workbook.xml").is_some())
}

/// The sheets of a workbook.
///
/// # Errors
///
/// An error of the requester's, when it is damaged, protected, or larger than any sheet of users.
pub(super) fn open(bytes: &[u8]) -> Result<Workbook, Problem> {
    let macros = checked(bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let sheets: Vec<(String, bool)> = book
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let mut out = Workbook { pages: Vec::new(), hidden: Vec::new(), macros };
    let mut left = Left { cells: CELLS_IN_ALL_MAX, text: TEXT_MAX };
    for (name, visible) in sheets {
        if !visible {
            out.hidden.push(name);
            continue;
        }
        let rows = match page(&mut book, &name, &mut left) {
            Ok(rows) => rows,
            // A chart on a page of its own.
            Err(Failed::NoCells) => continue,
            Err(Failed::Refused(problem)) => return Err(problem),
        };
        if !rows.is_empty() {
            out.pages.push(Page { name, rows });
        }
    }
    if out.pages.is_empty() {
        let message = match out.hidden.as_slice() {
            [] => "The workbook is empty.".to_owned(),
            hidden => {
                let names: Vec<String> = hidden.iter().take(5).map(|name| code(name)).collect();
                format!("The workbook has nothing but hidden sheets: {}.", list(&names, "and"))
            }
        };
        return Err(Problem::requester("sheet_empty", message)
            .hint("`/connect import` without a sheet gives an empty one."));
    }
    Ok(out)
}

/// Unpacks every part that is read, without keeping it, because a part may be larger than it claims. Gives whether there are macros.
fn checked(bytes: &[u8]) -> Result<bool, Problem> {
    let damaged = |_| problem("The workbook is damaged: it can't be opened.");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(too_large());
    }
    let mut macros = false;
    let mut all = 0;
    for part in 0..archive.len() {
        let file = archive.by_index_raw(part).map_err(damaged)?;
        if file.encrypted() {
            return Err(problem("The workbook is protected by a password."));
        }
        let name = file.name().map_err(damaged)?.into_owned();
        drop(file);
        if name.ends_with("vbaProject.bin") {
            macros = true;
            continue;
        }
        // Pictures and the like, which no one reads.
        if !(name.ends_with(".xml") || name.ends_with(".rels")) {
            continue;
        }
        let file = archive.by_index(part).map_err(damaged)?;
        let unpacked = std::io::copy(&mut file.take(PART_MAX + 1), &mut std::io::sink());
        let unpacked =
            unpacked.map_err(|_| problem("The workbook is damaged: a part of it can't be unpacked."))?;
        all += unpacked;
        if unpacked > PART_MAX || all > ALL_MAX {
            return Err(too_large());
        }
    }
    Ok(macros)
}

fn damaged(error: &XlsxError) -> Problem {
    match error {
        XlsxError::Password => problem("The workbook is protected by a password."),
        _ => problem("The workbook is damaged: it can't be read."),
    }
}

/// What may still be read of a workbook.
struct Left {
    cells: usize,
    text: usize,
}

enum Failed {
    NoCells,
    Refused(Problem),
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Failed {
        Failed::Refused(problem)
    }
}

/// The rows of one sheet that hold anything.
fn page(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, left: &mut Left) -> Result<Vec<Record>, Failed> {
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_) | XlsxError::WorksheetNotFound(_)) => return Err(Failed::NoCells),
        Err(error) => return Err(damaged(&error).into()),
    };
    let mut rows: Vec<Record> = Vec::new();
    loop {
        let next = cells.next_cell_with_formula_metadata().map_err(|error| damaged(&error))?;
        let Some(found) = next else { return Ok(rows) };
        let cell = cell(&found.value, found.formula.is_some());
        if cell.is_blank() {
            continue;
        }
        left.cells = left.cells.checked_sub(1).ok_or_else(too_large)?;
        left.text = left.text.checked_sub(cell.len()).ok_or_else(too_large)?;
        let number = usize::try_from(found.pos.0).unwrap_or(usize::MAX).saturating_add(1);
        let column = usize::try_from(found.pos.1).unwrap_or(usize::MAX).min(CELLS_MAX);
        if rows.last().is_none_or(|row| row.number != number) {
            if rows.last().is_some_and(|row| row.number > number) {
                return Err(problem("The workbook is damaged: its rows are in no order.").into());
            }
            if rows.len() >= ROWS_MAX + ROWS_BESIDES {
                let message = format!("The sheet {} has more than {ROWS_MAX} users.", code(name));
                return Err(Problem::requester("sheet_too_long", message)
                    .hint("Split it into several files.")
                    .into());
            }
            rows.push(Record { number, cells: Vec::new() });
        }
        let Some(row) = rows.last_mut() else { continue };
        if row.cells.len() <= column {
            row.cells.resize_with(column + 1, Cell::default);
        }
        if let Some(place) = row.cells.get_mut(column) {
            *place = cell;
        }
    }
}

/// A cell as the text that a person would write into it.
fn cell(value: &DataRef<'_>, formula: bool) -> Cell {
    // A program that doesn't calculate leaves a formula without its result, or with a zero.
    let is_nothing = match value {
        DataRef::Empty => true,
        DataRef::Float(number) => *number == 0.0,
        DataRef::Int(number) => *number == 0,
        _ => false,
    };
    if formula && is_nothing {
        let fault = Fault::new(
            "formula_without_result",
            "The cell has a formula whose result isn't in the file.",
            "Open the workbook in Excel and save it, or write the value itself.",
        );
        return Cell::faulty("=…", fault);
    }
    match value {
        DataRef::Empty => Cell::default(),
        DataRef::String(text) => Cell::of(text),
        DataRef::SharedString(text) => Cell::of(text),
        DataRef::Bool(yes) => Cell::of(if *yes { "TRUE" } else { "FALSE" }),
        DataRef::Int(number) => Cell::of(&number.to_string()),
        DataRef::Float(number) => Cell::of(&plain(*number)),
        DataRef::DateTime(at) => date(at),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => dated(text),
        DataRef::Error(error) => Cell::of(&error.to_string()),
    }
}

/// A number as digits: a spreadsheet keeps the digits of `12025550123` also where it shows `1.2E+10`.
fn plain(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 9e15 { format!("{number:.0}") } else { number.to_string() }
}

/// A time of day or a length of time as `h:mm:ss`; a date can be nothing that a sheet of users asks for.
fn date(at: &ExcelDateTime) -> Cell {
    let value = at.as_f64();
    if (0.0..1.0).contains(&value) || at.is_duration() && value >= 0.0 {
        let seconds = (value * 86_400.0).round();
        let (hours, rest) = ((seconds / 3_600.0).floor(), seconds % 3_600.0);
        return Cell::of(&format!("{hours:.0}:{:02.0}:{:02.0}", (rest / 60.0).floor(), rest % 60.0));
    }
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    dated(&format!("{year:04}-{month:02}-{day:02}"))
}

fn dated(text: &str) -> Cell {
    let message = format!("The spreadsheet made a date of this cell: {}.", code(text));
    let fault = Fault::new("cell_date", message, "Format the cell as text and write it again.");
    Cell::faulty(text, fault)
}

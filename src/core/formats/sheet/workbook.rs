//! An Excel workbook (.xlsx, .xlsm) to rows of cells, within limits of our own: what a file claims of itself is not believed.
//!
//! The cells are read as a stream; a rectangle of all of them would be as large as the file says it is. Macros are not looked at.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetVisible, Style, Xlsx, XlsxError};
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
    /// It has more rows than a sheet of users, which were not read.
    pub too_long: bool,
    /// The numbers of the rows that people don't see, such as those that a filter leaves out.
    pub hidden: BTreeSet<usize>,
}

impl Page {
    /// Refuses a sheet that is longer than a sheet of users.
    pub fn whole(self) -> Result<Page, Problem> {
        if !self.too_long {
            return Ok(self);
        }
        let message = format!("The sheet {} has more than {ROWS_MAX} users.", code(&self.name));
        Err(Problem::requester("sheet_too_long", message).hint("Split it into several files."))
    }
}

/// What a workbook has that can be read.
pub(super) struct Workbook {
    /// The sheets that people see and that hold anything.
    pub pages: Vec<Page>,
    /// The names of those that they don't see.
    pub hidden: Vec<String>,
    pub macros: bool,
}

impl Workbook {
    /// That there are sheets that aren't read.
    pub fn unread(&self) -> Option<String> {
        let names: Vec<String> = self.hidden.iter().take(5).map(|name| code(name)).collect();
        (!names.is_empty()).then(|| format!("Hidden sheets aren't read: {}.", list(&names, "and")))
    }
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
    for (at, (name, visible)) in sheets.into_iter().enumerate() {
        if !visible {
            out.hidden.push(name);
            continue;
        }
        let page = match page(&mut book, &name, &mut left) {
            Ok(page) => page,
            // A chart on a page of its own.
            Err(Failed::NoCells) => continue,
            Err(Failed::Refused(problem)) => return Err(problem),
        };
        if !page.rows.is_empty() {
            out.pages.push(Page { hidden: hidden_rows(bytes, at), ..page });
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

/// Unpacks every part, without keeping it, because a part may be larger than it claims, and because any may be named as a sheet. Gives
/// whether there are macros.
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
        macros |= name.to_ascii_lowercase().ends_with("vbaproject.bin");
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
fn page(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, left: &mut Left) -> Result<Page, Failed> {
    let zeros = leading_zeros(book, name)?;
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| failed(&error))?;
    let mut page = Page { name: name.to_owned(), rows: Vec::new(), too_long: false, hidden: BTreeSet::new() };
    loop {
        let next = cells.next_cell_with_formula_metadata().map_err(|error| damaged(&error))?;
        let Some(found) = next else { return Ok(page) };
        let cell = match (&found.value, zeros.get(&found.pos)) {
            (DataRef::Float(number), Some(width)) if number.fract() == 0.0 && *number > 0.0 => {
                Cell::of(&format!("{number:0>width$.0}"))
            }
            (value, _) => cell(value, found.formula.is_some()),
        };
        if cell.is_blank() {
            continue;
        }
        left.cells = left.cells.checked_sub(1).ok_or_else(too_large)?;
        left.text = left.text.checked_sub(cell.len()).ok_or_else(too_large)?;
        let number = usize::try_from(found.pos.0).unwrap_or(usize::MAX).saturating_add(1);
        let column = usize::try_from(found.pos.1).unwrap_or(usize::MAX).min(CELLS_MAX);
        if page.rows.last().is_none_or(|row| row.number != number) {
            if page.rows.last().is_some_and(|row| row.number > number) {
                return Err(problem("The workbook is damaged: its rows are in no order.").into());
            }
            if page.rows.len() >= ROWS_MAX + ROWS_BESIDES {
                page.too_long = true;
                return Ok(page);
            }
            page.rows.push(Record { number, cells: Vec::new() });
        }
        let Some(row) = page.rows.last_mut() else { continue };
        if row.cells.len() <= column {
            row.cells.resize_with(column + 1, Cell::default);
        }
        if let Some(place) = row.cells.get_mut(column) {
            *place = cell;
        }
    }
}

fn failed(error: &XlsxError) -> Failed {
    match error {
        XlsxError::NotAWorksheet(_) | XlsxError::WorksheetNotFound(_) => Failed::NoCells,
        error => damaged(error).into(),
    }
}

/// The cells whose number is shown with at least as many digits, such as `001234` by the format `000000`.
fn leading_zeros(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<BTreeMap<(u32, u32), usize>, Failed> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| failed(&error))?;
    let mut zeros = BTreeMap::new();
    let widths: Vec<usize> = cells.styles().iter().map(digits_shown).collect();
    if widths.iter().all(|width| *width < 2) {
        return Ok(zeros);
    }
    while let Some((row, column, style)) = cells.next_style_id().map_err(|error| damaged(&error))? {
        let width = widths.get(style).copied().unwrap_or_default();
        if width > 1 && zeros.len() < CELLS_IN_ALL_MAX {
            zeros.insert((row, column), width);
        }
    }
    Ok(zeros)
}

/// How many digits a format that is nothing but zeros shows.
fn digits_shown(style: &Style) -> usize {
    let format = style.number_format.as_ref().map_or("", |format| format.format_code.as_str());
    let zeros = format.bytes().all(|byte| byte == b'0') && format.len() <= 30;
    if zeros { format.len() } else { 0 }
}

/// The numbers of the hidden rows of a sheet, which is counted from 0; the library doesn't give them. A sheet that isn't found here has
/// none, since nothing but a remark depends on it.
fn hidden_rows(bytes: &[u8], sheet: usize) -> BTreeSet<usize> {
    let mut hidden = BTreeSet::new();
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return hidden };
    let mut part = |wanted: &str| {
        let names = archive.file_names().filter_map(Result::ok);
        let name = names.map(Cow::into_owned).find(|name| name.eq_ignore_ascii_case(wanted))?;
        let mut text = Vec::new();
        archive.by_name(&name).ok()?.take(PART_MAX).read_to_end(&mut text).ok()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    };
    let mut path = || {
        let book = part("xl/workbook.xml")?;
        let id = attribute(elements(&book, "sheet").nth(sheet)?, "id")?.to_owned();
        let links = part("xl/_rels/workbook.xml.rels")?;
        let link = elements(&links, "Relationship").find(|link| attribute(link, "Id") == Some(&id))?;
        let target = attribute(link, "Target")?;
        part(&target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned))
    };
    let Some(text) = path() else { return hidden };
    let mut number = 0;
    for row in elements(&text, "row") {
        number = attribute(row, "r").and_then(|r| r.parse().ok()).unwrap_or(number + 1);
        if attribute(row, "hidden").is_some_and(|hidden| matches!(hidden, "1" | "true")) {
            hidden.insert(number);
        }
    }
    hidden
}

/// What is behind the name in the opening tags of these elements.
fn elements<'a>(xml: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    xml.split('<').skip(1).filter_map(move |tag| {
        let tag = tag.split('>').next()?.trim_end_matches('/');
        let (full, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        (full.rsplit(':').next() == Some(name)).then_some(rest)
    })
}

/// An attribute in a tag, whatever the namespace before it.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        let (before, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, behind) = after.get(1..)?.split_once(quote)?;
        if before.trim().rsplit(':').next() == Some(name) {
            return Some(value);
        }
        rest = behind;
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
            "The cell has a formula whose result is 0 or isn't in the file.",
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
        // What is typed as `0:30` may be half a minute as well, which seconds of its own would hide.
        if hours == 0.0 && rest % 60.0 == 0.0 {
            return Cell::of(&format!("0:{:02.0}", rest / 60.0));
        }
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

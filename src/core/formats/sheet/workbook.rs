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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::super::{Column, Severity, Sheet, read};
    use super::*;
    use crate::profile::{Channel, Value};

    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PARTS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const TITLES: [&str; 7] = [
        "first name",
        "last name",
        "user login",
        "routing profile name",
        "security_profile_name_1",
        "phone number",
        "ACW timeout (seconds)",
    ];

    fn zipped<'a>(parts: impl IntoIterator<Item = (&'a str, String)>) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    /// A workbook of sheets with these names, whether they are hidden, and what is in their `sheetData`.
    fn book(sheets: &[(&str, bool, String)], more: &[(&str, String)]) -> Vec<u8> {
        let mut parts = vec![
            (
                "_rels/.rels".to_owned(),
                format!(
                    r#"<Relationships xmlns="{PARTS}"><Relationship Id="rId1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
                ),
            ),
            (
                // A date, a time and a length of time.
                "xl/styles.xml".to_owned(),
                format!(
                    r#"<styleSheet xmlns="{MAIN}"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/></cellXfs></styleSheet>"#
                ),
            ),
        ];
        let (mut names, mut links) = (String::new(), String::new());
        for (i, (name, hidden, data)) in sheets.iter().enumerate() {
            let state = if *hidden { r#" state="hidden""# } else { "" };
            names += &format!(r#"<sheet name="{name}" sheetId="{0}"{state} r:id="s{0}"/>"#, i + 1);
            links += &format!(
                r#"<Relationship Id="s{0}" Type="{LINKS}/worksheet" Target="worksheets/sheet{0}.xml"/>"#,
                i + 1
            );
            parts.push((
                format!("xl/worksheets/sheet{}.xml", i + 1),
                format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>"#),
            ));
        }
        links += &format!(r#"<Relationship Id="st" Type="{LINKS}/styles" Target="styles.xml"/>"#);
        parts.push((
            "xl/workbook.xml".to_owned(),
            format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{names}</sheets></workbook>"#),
        ));
        parts.push((
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(r#"<Relationships xmlns="{PARTS}">{links}</Relationships>"#),
        ));
        let all = parts.iter().map(|(name, text)| (name.as_str(), text.clone()));
        zipped(all.chain(more.iter().map(|(name, text)| (*name, text.clone()))))
    }

    fn text(text: &str) -> String {
        format!(r#"<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#)
    }

    fn row(cells: impl IntoIterator<Item = String>) -> String {
        format!("<row>{}</row>", cells.into_iter().collect::<String>())
    }

    /// The titles and a user, with these cells as phone number and after contact work.
    fn users(phone: &str, work: &str) -> String {
        let mut ann: Vec<String> =
            ["Ann", "Doe", "ann.doe", "Basic Routing Profile", "Agent"].map(text).to_vec();
        ann.extend([phone.to_owned(), work.to_owned()]);
        row(TITLES.map(text)) + &row(ann)
    }

    fn one(phone: &str, work: &str) -> Sheet {
        read(&book(&[("Users", false, users(phone, work))], &[])).unwrap()
    }

    const BLANK: &str = "<c/>";

    #[test]
    fn cells_are_what_a_person_would_write() {
        let sheet = one(&text("+12025550123"), "<c><v>300</v></c>");
        assert_eq!(sheet.findings, []);
        assert_eq!(sheet.said(), "Amazon Connect's classic template, an Excel workbook, with 1 user.");
        let row = &sheet.rows[0];
        assert_eq!((row.number, row.login.as_str()), (2, "ann.doe"));
        assert_eq!(row.wishes.text(Column::PhoneNumber), Some("+12025550123"));
        let work = |cell: &str| {
            let sheet = one(BLANK, cell);
            let seconds = sheet.rows[0].wishes.value(Column::AfterContactWork(Channel::Voice)).cloned();
            (seconds, sheet.findings.first().map(|finding| finding.code))
        };
        // A time of day, which is how Excel keeps 5:00 and 0:05, and a date.
        for cell in [r#"<c s="2"><v>0.00347222222222222</v></c>"#, r#"<c s="2"><v>0.208333333333333</v></c>"#]
        {
            assert_eq!(work(cell), (Some(Value::Seconds(300)), Some("seconds_read_as")), "{cell}");
        }
        assert_eq!(work(r#"<c s="1"><v>46346</v></c>"#), (None, Some("cell_date")));
        assert_eq!(work(r#"<c t="e"><v>#N/A</v></c>"#), (None, Some("cell_error")));
        assert_eq!(work("<c><f>A1*5</f></c>"), (None, Some("formula_without_result")));
        assert_eq!(work("<c><f>A1*5</f><v>0</v></c>"), (None, Some("formula_without_result")));
        assert_eq!(work("<c><f>A1*5</f><v>60</v></c>"), (Some(Value::Seconds(60)), None));
        // A number that Excel shows as 1.2E+10 has all of its digits.
        let number = one("<c><v>12025550123</v></c>", BLANK);
        assert!(number.findings[0].next.contains("`+12025550123`"), "{:?}", number.findings);
    }

    #[test]
    fn one_sheet_has_the_users_and_what_is_left_out_is_said() {
        let notes = ("Notes", false, row([text("nothing of interest")]));
        let hidden = ("Old", true, users(BLANK, BLANK));
        let macros = [("xl/vbaProject.bin", "not looked at".to_owned())];
        let sheet = read(&book(&[notes, hidden, ("Users", false, users(BLANK, BLANK))], &macros)).unwrap();
        assert_eq!(sheet.rows.len(), 1);
        assert_eq!(
            sheet.remarks,
            [
                "Only the sheet `Users` was read, not `Notes`.",
                "Hidden sheets aren't read: `Old`.",
                "The workbook has macros, which are never run."
            ]
        );
        let two = [("A", false, users(BLANK, BLANK)), ("B", false, users(BLANK, BLANK))];
        assert_eq!(
            read(&book(&two, &[])).unwrap_err().message,
            "The workbook has users on more than one sheet: `A` and `B`."
        );
        let nothing = [("A", false, row([text("hello"), text("world")]))];
        assert_eq!(read(&book(&nothing, &[])).unwrap_err().code, "sheet_no_header");
        assert_eq!(read(&book(&[("A", true, users(BLANK, BLANK))], &[])).unwrap_err().code, "sheet_empty");
    }

    #[test]
    fn merged_titles_are_refused_where_cells_stand_under_none() {
        // The title is in the first of the merged cells.
        let titles = TITLES.map(|title| if title == "last name" { BLANK.to_owned() } else { text(title) });
        let cells = ["Ann", "Doe", "ann.doe", "Basic Routing Profile", "Agent"].map(text);
        let refused =
            read(&book(&[("A", false, row(titles.clone()) + &row(cells.clone()))], &[])).unwrap_err();
        assert_eq!(refused.code, "sheet_columns");
        // Titles above them, as in a table with groups of columns.
        let groups = ["Name", "", "Account"].map(text);
        let sheet =
            read(&book(&[("A", false, row(groups) + &row(TITLES.map(text)) + &row(cells))], &[])).unwrap();
        assert_eq!((sheet.rows.len(), sheet.rows[0].number), (1, 3));
    }

    #[test]
    fn a_workbook_that_is_far_too_large_is_refused_without_reading_it() {
        let far = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>first name</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
        let code = |bytes: &[u8]| read(bytes).unwrap_err().code;
        assert_eq!(code(&book(&[("A", false, far.to_owned())], &[])), "sheet_columns");
        for bomb in [
            "<row/>".repeat(3_000_000),
            format!("<row><c t=\"inlineStr\"><is><t>{}</t></is></c></row>", "x".repeat(17 << 20)),
        ] {
            assert_eq!(code(&book(&[("A", false, bomb)], &[])), "sheet_too_large");
        }
        // Many cells that share one long text.
        let long = format!(r#"<sst xmlns="{MAIN}"><si><t>{}</t></si></sst>"#, "x".repeat(1 << 20));
        let cells = row((0..200).map(|_| r#"<c t="s"><v>0</v></c>"#.to_owned())).repeat(20);
        assert_eq!(code(&book(&[("A", false, cells)], &[("xl/sharedStrings.xml", long)])), "sheet_too_large");
        let many = users(BLANK, BLANK) + &row(["a", "b", "c.d"].map(text)).repeat(1_100);
        assert_eq!(code(&book(&[("A", false, many)], &[])), "sheet_too_long");
        // A million rows that are only formatted hold no one.
        let empty = users(BLANK, BLANK) + &r#"<row><c s="1"/></row>"#.repeat(500_000);
        assert_eq!(read(&book(&[("A", false, empty)], &[])).unwrap().rows.len(), 1);
    }

    #[test]
    fn a_workbook_that_cannot_be_opened_is_refused_in_words() {
        let whole = book(&[("A", false, users(BLANK, BLANK))], &[]);
        let half = &whole[..whole.len() / 2];
        assert!(read(half).unwrap_err().message.contains("damaged"));
        let mut protected = b"\xd0\xcf\x11\xe0".to_vec();
        protected.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        assert!(read(&protected).unwrap_err().message.contains("protected by a password"));
        let broken = zipped([("xl/workbook.xml", "<workbook><sheets><sheet".to_owned())]);
        assert!(read(&broken).unwrap_err().message.contains("damaged"));
        let unruly = r#"<row r="5"><c r="A5"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>"#;
        assert!(
            read(&book(&[("A", false, unruly.to_owned())], &[])).unwrap_err().message.contains("in no order")
        );
        // Bytes turned over anywhere end in an answer.
        for at in (0..whole.len()).step_by(7) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            if let Ok(sheet) = read(&damaged) {
                assert!(sheet.findings.iter().all(|finding| finding.severity <= Severity::Note));
            }
        }
    }
}

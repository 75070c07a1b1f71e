//! Excel workbooks.

use std::io::{Cursor, Read as _, Write as _};

use desk_core::formats::sheet::{Column, Severity, Sheet, read, table};
use desk_core::profile::{Channel, Value};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::World;

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

/// The same workbook with other parts.
fn rewritten(whole: &[u8], change: impl Fn(String, String) -> (String, String)) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(whole)).unwrap();
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let (name, mut body) = (part.name().unwrap().into_owned(), String::new());
        part.read_to_string(&mut body).unwrap();
        parts.push(change(name, body));
    }
    zipped(parts.iter().map(|(name, body)| (name.as_str(), body.clone())))
}

fn text(text: &str) -> String {
    format!(r#"<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#)
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    format!("<row>{}</row>", cells.into_iter().collect::<String>())
}

/// The titles and a user, with these cells as phone number and after contact work.
fn users(phone: &str, work: &str) -> String {
    let mut ann: Vec<String> = ["Ann", "Doe", "ann.doe", "Basic Routing Profile", "Agent"].map(text).to_vec();
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
    for cell in [r#"<c s="2"><v>0.00347222222222222</v></c>"#, r#"<c s="2"><v>0.208333333333333</v></c>"#] {
        assert_eq!(work(cell), (Some(Value::Seconds(300)), Some("seconds_read_as")), "{cell}");
    }
    // Half a minute or half an hour.
    assert_eq!(work(r#"<c s="2"><v>0.0208333333333333</v></c>"#), (None, Some("seconds")));
    assert_eq!(work(r#"<c s="1"><v>46346</v></c>"#), (None, Some("cell_date")));
    assert_eq!(work(r#"<c t="e"><v>#N/A</v></c>"#), (None, Some("cell_error")));
    assert_eq!(work("<c><f>A1*5</f></c>"), (None, Some("formula_without_result")));
    assert_eq!(work("<c><f>A1*5</f><v>0</v></c>"), (None, Some("formula_without_result")));
    assert_eq!(work("<c><f>A1*5</f><v>60</v></c>"), (Some(Value::Seconds(60)), None));
    // A number that Excel shows as 1.2E+10 has all of its digits.
    let number = one("<c><v>12025550123</v></c>", BLANK);
    assert!(number.findings[0].next.contains("`+12025550123`"), "{:?}", number.findings);
}

/// A file that was opened in another encoding is no better for being saved as a workbook.
#[test]
fn a_workbook_may_have_been_opened_in_another_encoding() {
    let garbled = users(BLANK, BLANK).replace("Ann", "AnnÃ©");
    let sheet = read(&book(&[("Users", false, garbled)], &[])).unwrap();
    let findings = World::new().verify(&sheet).findings;
    assert!(
        findings.iter().any(|one| one.code == "name_garbled" && one.severity == Severity::Error),
        "{findings:?}"
    );
    let names = row(["Name", "Type"].map(text)) + &row(["AnnÃ©", "user"].map(text));
    let problem = table(&book(&[("Names", false, names)], &[]), &["Name", "Type"], 2, 3).unwrap_err();
    assert_eq!(problem.code, "sheet_garbled");
}

#[test]
fn one_sheet_has_the_users_and_what_is_left_out_is_said() {
    let notes = ("Notes", false, row([text("nothing of interest")]));
    let hidden = ("Old", true, users(BLANK, BLANK));
    // What is wrong may be that the users are on a sheet that people don't see.
    let problem = read(&book(&[notes.clone(), hidden.clone()], &[])).unwrap_err();
    assert!(problem.message.ends_with("Hidden sheets aren't read: `Old`."), "{problem}");
    let problem = table(&book(&[notes.clone(), hidden.clone()], &[]), &["Name", "Type"], 2, 3).unwrap_err();
    assert!(problem.message.ends_with("Hidden sheets aren't read: `Old`."), "{problem}");
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
fn what_a_spreadsheet_made_of_a_password_is_not_shown() {
    let titles = [
        "first name",
        "last name",
        "password",
        "user login",
        "routing profile name",
        "security_profile_name_1",
    ];
    for cell in [r#"<c s="1"><v>46346</v></c>"#, "<c><f>A1*5</f></c>"] {
        let ann = ["Ann", "Doe", "", "ann.doe", "Basic Routing Profile", "Agent"]
            .map(|one| if one.is_empty() { cell.to_owned() } else { text(one) });
        let sheet = read(&book(&[("A", false, row(titles.map(text)) + &row(ann))], &[])).unwrap();
        assert_eq!(sheet.findings.iter().map(|one| one.code).collect::<Vec<_>>(), ["password_changed"]);
        assert!(!format!("{sheet:?}").contains("2026-"), "{sheet:?}");
    }
}

#[test]
fn hidden_rows_are_read_and_said() {
    let hidden = |row: String, at: usize| row.replace("<row>", &format!(r#"<row r="{at}" hidden="1">"#));
    let user = |login: &str| row(["Ann", "Doe", login, "Basic Routing Profile", "Agent"].map(text));
    let remarks = |hides: &[usize]| {
        let rows: String = (3..8)
            .map(|at| {
                let row = user(&format!("ann.{at}"));
                if hides.contains(&at) {
                    hidden(row, at)
                } else {
                    row.replace("<row>", &format!(r#"<row r="{at}">"#))
                }
            })
            .collect();
        let notes = ("Notes", false, hidden(row([text("nothing of interest")]), 1));
        let sheet = read(&book(&[notes, ("Users", false, users(BLANK, BLANK) + &rows)], &[])).unwrap();
        assert_eq!(sheet.rows.len(), 6);
        sheet.remarks.get(1..).unwrap().to_vec()
    };
    assert!(remarks(&[]).is_empty());
    assert_eq!(remarks(&[5]), ["1 hidden row is read too: row 5."]);
    assert_eq!(remarks(&[4, 5, 6]), ["3 hidden rows are read too: rows 4 to 6."]);
    assert_eq!(remarks(&[4, 7]), ["2 hidden rows are read too, between rows 4 and 7."]);
}

#[test]
fn a_number_is_read_with_the_zeros_that_it_is_shown_with() {
    let styles = format!(
        r#"<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="000000"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#
    );
    let login = |cell: &str| {
        let cells = ["Ann", "Doe", "LOGIN", "Basic Routing Profile", "Agent"].map(text);
        let data = row(TITLES.map(text)) + &row(cells).replace(&text("LOGIN"), cell);
        let bytes = rewritten(&book(&[("A", false, data)], &[]), |name, body| match name.as_str() {
            "xl/styles.xml" => (name, styles.clone()),
            _ => (name, body),
        });
        read(&bytes).unwrap().rows[0].login.clone()
    };
    assert_eq!(login(r#"<c s="1"><v>1234</v></c>"#), "001234");
    assert_eq!(login(r#"<c s="1"><v>12345678</v></c>"#), "12345678");
    assert_eq!(login(r#"<c s="0"><v>1234</v></c>"#), "1234");
    assert_eq!(login(&text("ann.doe")), "ann.doe");
}

#[test]
fn merged_titles_are_refused_where_cells_stand_under_none() {
    // The title is in the first of the merged cells.
    let titles = TITLES.map(|title| if title == "last name" { BLANK.to_owned() } else { text(title) });
    let cells = ["Ann", "Doe", "ann.doe", "Basic Routing Profile", "Agent"].map(text);
    let refused = read(&book(&[("A", false, row(titles.clone()) + &row(cells.clone()))], &[])).unwrap_err();
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
    // The links may name any part as a sheet.
    let whole = book(&[("A", false, "x".repeat(17 << 20))], &[]);
    for name in ["sheet1.dat", "sheet1.XML"] {
        let bytes = rewritten(&whole, |path, body| {
            (path.replace("sheet1.xml", name), body.replace("sheet1.xml", name))
        });
        assert_eq!(code(&bytes), "sheet_too_large", "{name}");
    }
    // Many cells that share one long text.
    let long = format!(r#"<sst xmlns="{MAIN}"><si><t>{}</t></si></sst>"#, "x".repeat(1 << 20));
    let cells = row((0..200).map(|_| r#"<c t="s"><v>0</v></c>"#.to_owned())).repeat(20);
    assert_eq!(code(&book(&[("A", false, cells)], &[("xl/sharedStrings.xml", long)])), "sheet_too_large");
    let many = users(BLANK, BLANK) + &row(["a", "b", "c.d"].map(text)).repeat(1_100);
    assert_eq!(code(&book(&[("A", false, many)], &[])), "sheet_too_long");
    // A longer list beside the users is no one's.
    let list = ("Staff", false, row(["a", "b"].map(text)).repeat(2_000));
    let sheet = read(&book(&[("A", false, users(BLANK, BLANK)), list], &[])).unwrap();
    assert_eq!((sheet.rows.len(), sheet.remarks.len()), (1, 1));
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

//! Files as help desks have them (`tests/cases/sheets`), each with what is right for it.

use desk_core::basics::ids;
use desk_core::center::{Channel, IdentityType};
use desk_core::formats::sheet::{Column, Severity, Sheet, Verified, read, read_in};
use desk_core::profile::Value;

use super::World;

fn case(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/cases/sheets/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).expect(&path)
}

/// A file that LibreOffice wrote, or what it was made from.
fn libreoffice(name: &str) -> Vec<u8> {
    case(&format!("../libreoffice/{name}"))
}

fn verified(name: &str) -> (Sheet, Verified) {
    let sheet = read(&case(name)).unwrap();
    let verified = World::new().verify(&sheet);
    (sheet, verified)
}

/// The names of the users that would be created.
fn names(verified: &Verified) -> Vec<String> {
    verified.new.iter().map(|new| new.profile.identity.full_name()).collect()
}

/// The errors, by their rows: what is wrong and what to do.
fn errors(verified: &Verified) -> Vec<(usize, String)> {
    let errors = verified.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|one| (one.row, format!("{} {}", one.message, one.next).trim().to_owned())).collect()
}

#[test]
fn c08_a_sheet_in_the_encoding_of_a_country_is_read_in_it_or_refused_with_the_names() {
    for (file, encoding, name) in [
        ("c08_sjis.csv", "shift_jis", "太郎 山田"),
        ("c08_cp1250.csv", "cp1250", "Łukasz Dvořák"),
        ("c08_gbk.csv", "gbk", "伟 李"),
    ] {
        let chosen = read_in(&case(file), Some(encoding)).unwrap();
        assert_eq!(names(&World::new().verify(&chosen)), [name], "{file}");
        assert!(chosen.remarks.iter().any(|remark| remark.contains("check the names")), "{file}");
        match read(&case(file)) {
            Ok(sheet) => {
                assert_eq!(names(&World::new().verify(&sheet)), [name], "{file}");
                assert_eq!(sheet.remarks, chosen.remarks);
            }
            Err(problem) => {
                assert_eq!(problem.code, "sheet_encoding", "{file}: {problem}");
                assert!(!problem.message.contains("Most of the file"), "{problem}");
                let first = name.split(' ').next().unwrap();
                assert!(problem.message.contains(first) && problem.hint.contains("encoding:"), "{problem}");
            }
        }
    }
    let wrong = read_in(&case("c08_gbk.csv"), Some("klingon")).unwrap_err();
    assert_eq!(wrong.message, "No encoding `klingon`.");
}

#[test]
fn c09_curly_quotes_around_cells_are_read_as_quotes_and_said() {
    let (sheet, verified) = verified("c09_smart_quotes.csv");
    assert_eq!(names(&verified), ["Ann Doe, Jr."]);
    assert!(sheet.remarks.concat().contains("curly"), "{:?}", sheet.remarks);
}

#[test]
fn c10_blanks_of_any_kind_are_one_blank() {
    let (_, verified) = verified("c10_nbsp.csv");
    assert_eq!(errors(&verified), []);
    assert_eq!(verified.new[0].profile.routing_profile.name, "Basic Routing Profile");
    assert_eq!((names(&verified), verified.new[0].login.as_str()), (vec!["Nia Bell".to_owned()], "nia.bell"));
}

#[test]
fn c11_true_and_false_are_read_in_the_languages_of_excel() {
    let (sheet, verified) = verified("c11_bools.csv");
    assert_eq!(errors(&verified), []);
    let on: Vec<bool> = sheet
        .rows
        .iter()
        .map(|row| row.wishes.value(Column::AutoAccept(Channel::Voice)) == Some(&Value::On(true)))
        .collect();
    let right = "VRAI WAHR VERDADERO VERO Waar ИСТИНА TRUE はい PRAWDA SANT 1 Sim Ja Oui Sí Si 是";
    let right: Vec<&str> = right.split(' ').collect();
    let text = String::from_utf8(case("c11_bools.csv")).unwrap();
    for (line, on) in text.lines().skip(1).zip(on) {
        let word = line.split(',').nth(9).unwrap();
        assert_eq!(on, right.contains(&word), "{word}");
    }
}

#[test]
fn c12_phone_numbers_are_read_or_the_right_form_is_suggested() {
    let (sheet, verified) = verified("c12_phones.csv");
    let number = |row: usize| {
        let row = sheet.rows.iter().find(|one| one.number == row);
        row.and_then(|row| row.wishes.text(Column::PhoneNumber)).map(str::to_owned)
    };
    for (row, right) in [
        (6, "+12025550123"),
        (7, "+12025550123"),
        (8, "+12025550123"),
        (9, "+12025550123"),
        (10, "+12025550123"),
        (13, "+12025550123"),
        (17, "+442079460958"),
        (18, "+819012345678"),
        (21, "+12025550123"),
    ] {
        assert_eq!(number(row).as_deref(), Some(right), "row {row}");
    }
    let errors = errors(&verified);
    let said = |row: usize| {
        errors.iter().find(|(at, _)| *at == row).map(|(_, said)| said.as_str()).unwrap_or_default()
    };
    for (row, right) in [
        (2, "`+12025550123`"),
        (3, "`+12025550123`"),
        (5, "`+12025550123`"),
        (11, "`+12025550123`"),
        (12, "`+12025550123`"),
        (16, "`+12025550123`"),
        (27, "`+12025550123`"),
        (28, "`+12025550123`"),
        (30, "`+12025550123`"),
        (4, "last digits are lost"),
        (23, "Leave the cell empty."),
        (24, "Leave the cell empty."),
    ] {
        assert!(said(row).contains(right), "row {row}: {}", said(row));
    }
    assert!(!said(25).contains("Germany") && said(25).contains("no country"), "{}", said(25));
}

#[test]
fn midnight_on_a_clock_of_twelve_hours_is_hour_zero() {
    for (cell, seconds) in [("12:05 AM", 300), ("12:05:00 AM", 300), ("12:00:00 AM", 0), ("12:00:30 AM", 30)]
    {
        let titles = "first name,last name,user login,routing profile name,security_profile_name_1|security_profile_name_2,ACW timeout (seconds)";
        let text = format!("{titles}\nA,Cw,acw.n0,Basic Routing Profile,Agent,{cell}\n");
        let sheet = read(text.as_bytes()).unwrap();
        let value = sheet.rows[0].wishes.value(Column::AfterContactWork(Channel::Voice));
        assert_eq!(value, Some(&Value::Seconds(seconds)), "{cell}: {:?}", sheet.findings);
    }
}

#[test]
fn c13_after_contact_work_is_never_made_of_a_dates_digits() {
    let (sheet, verified) = verified("c13_acw.csv");
    let seconds = |row: usize| {
        let row = sheet.rows.iter().find(|one| one.number == row)?;
        match row.wishes.value(Column::AfterContactWork(Channel::Voice)) {
            Some(Value::Seconds(seconds)) => Some(*seconds),
            _ => None,
        }
    };
    for row in [2, 3, 4, 6, 7, 8, 9, 10, 11, 21, 22, 23, 24] {
        assert_eq!(seconds(row), Some(300), "row {row}");
    }
    let errors = errors(&verified);
    let said = |row: usize| {
        errors.iter().find(|(at, _)| *at == row).map(|(_, said)| said.as_str()).unwrap_or_default()
    };
    for (row, right) in [
        (5, "a spreadsheet made a date of it"),
        (12, "Did you mean `1200`?"),
        (14, "Did you mean `1200`?"),
        (16, "below 0"),
        (18, "Leave the cell empty."),
        (19, "Write `0` for no end."),
        (20, "Write `0` for no end."),
        (25, "whole seconds"),
    ] {
        assert!(said(row).contains(right), "row {row}: {}", said(row));
    }
    assert_eq!((seconds(13), seconds(15), said(17)), (Some(1_200), Some(1_200), ""));
    // Every suggestion is one that is accepted.
    for (_, said) in errors.iter().filter(|(_, said)| said.contains("Did you mean")) {
        let right = said.split('`').nth_back(1).unwrap();
        let row = format!("{},A,Cw,,,x.y,Basic Routing Profile,Agent,soft,,no,{right}", "");
        assert!(right.bytes().all(|b| b.is_ascii_digit()), "{row}");
    }
}

#[test]
fn c18_d5_addresses_that_no_server_takes_are_refused_before_anybody_is_created() {
    let (sheet, verified) = verified("c18_emails.csv");
    let errors = errors(&verified);
    let said = |row: usize| {
        errors.iter().find(|(at, _)| *at == row).map(|(_, said)| said.as_str()).unwrap_or_default()
    };
    for (row, right) in [
        (6, "Leave the cell empty."),
        (7, "Leave the cell empty."),
        (8, "Leave the cell empty."),
        (9, "is not complete"),
        (10, "Did you mean `john@example.com`?"),
        (11, "Did you mean `john@example.com`?"),
        (12, "Did you mean `john.doe@example.com`?"),
        (13, "Use one of them, such as `john@example.com`."),
        (14, "Write `john@example.com`."),
        (15, "Write `john@example.com`."),
        (16, "Write `john@example.com`."),
        (18, "Use only ASCII letters"),
        (20, "Did you mean `john@example.com`?"),
        (21, "Did you mean `john@example.com`?"),
        (22, "Did you mean `john@example.com`?"),
        (23, "is not complete"),
        (25, "is not an email address"),
        (26, "is not complete"),
        (28, "The limit is 64"),
        (30, "formula without a result"),
        (31, "has no `@`"),
        (32, "Use one of them, such as `john@example.com`."),
    ] {
        assert!(said(row).contains(right), "row {row}: {}", said(row));
    }
    for (row, right) in [(17, "john@xn--mller-kva.de"), (19, "john@example.com"), (29, "john@example.com")] {
        let wish = sheet.rows.iter().find(|one| one.number == row).unwrap();
        assert_eq!(wish.wishes.text(Column::Email), Some(right), "row {row}");
    }
    for row in [2, 3, 4, 5, 24, 27] {
        assert_eq!(said(row), "", "row {row}");
    }
    let (_, short) = self::verified("d5_emails.csv");
    let rows: Vec<usize> = self::errors(&short).iter().map(|(row, _)| *row).collect();
    assert_eq!(rows, [2, 3, 4, 5, 6, 8, 10]);
}

#[test]
fn c19_what_is_suggested_for_a_login_is_what_add_makes() {
    let (_, verified) = verified("c19_logins.csv");
    let errors = errors(&verified);
    let said = |row: usize| {
        errors.iter().find(|(at, _)| *at == row).map(|(_, said)| said.as_str()).unwrap_or_default()
    };
    for (row, login) in [
        (2, "Pat.OBrien"),
        (3, "Zoe.Muller"),
        (4, "john.doe"),
        (25, "Nguyen.Van"),
        (26, "Li.Wei"),
        (30, "Mary-Jane.ONeil"),
        (31, "Lukasz.Zolc"),
        (32, "Soren.AEro"),
    ] {
        assert!(said(row).contains(&format!("Write `{login}`, for example.")), "row {row}: {}", said(row));
        assert_eq!(ids::login(login).unwrap(), login);
    }
    assert!(said(23).contains("made a number of it"), "{}", said(23));
}

#[test]
fn c33_full_width_letters_and_digits_are_plain_ones() {
    let (sheet, verified) = verified("c33_fullwidth.csv");
    assert_eq!(errors(&verified), []);
    let row = &sheet.rows[0];
    assert_eq!(
        (row.login.as_str(), row.wishes.text(Column::Email)),
        ("taro.yamada", Some("taro@example.com"))
    );
    let voice = Channel::Voice;
    assert_eq!(row.wishes.value(Column::AutoAccept(voice)), Some(&Value::On(true)));
    assert_eq!(row.wishes.value(Column::AfterContactWork(voice)), Some(&Value::Seconds(120)));
    let notes = verified.findings.iter().filter(|finding| finding.code.ends_with("_read_as")).count();
    assert!(notes >= 3, "{:?}", verified.findings);
}

#[test]
fn c41_a_header_in_another_language_is_read_or_answered_in_english() {
    let (sheet, verified) = verified("c41_ja_header.csv");
    assert_eq!(errors(&verified), []);
    assert_eq!(names(&verified), ["太郎 山田"]);
    assert_eq!(sheet.headings.len(), 10);
    let unknown = read("氏,名乗り,あ\nx,y,z\n".as_bytes()).unwrap_err();
    assert!(unknown.hint.contains("The titles in English are `first name`"), "{unknown}");
}

#[test]
fn d4_what_nobody_sees_never_enters_a_name_silently() {
    let (_, verified) = verified("d4_names.csv");
    assert_eq!(errors(&verified), []);
    assert_eq!(
        names(&verified),
        [
            "O'Brien Pat",
            "Nguyễn Thi",
            "'t Hooft Gerard",
            "Anna Maria de la Cruz",
            "山田 太郎 山",
            "José García",
            "An na x y",
            "=cmd x",
            "Ali 😀 محمد",
            "evil x"
        ]
    );
    let noted = |row: usize, code: &str| verified.findings.iter().any(|f| f.row == row && f.code == code);
    assert!(noted(7, "name_unseen") && noted(8, "name_blanks") && noted(11, "name_unseen"));
}

#[test]
fn e1_logins_of_instances_that_sign_in_by_saml_have_no_warning() {
    let sheet = read(&case("e1_scv.csv")).unwrap();
    let mut world = World::new();
    world.identity = IdentityType::Saml;
    let verified = world.verify(&sheet);
    assert_eq!(verified.findings, []);
    assert_eq!(verified.new[0].login, "jdoe@0055g00000ABCDEFGH@00D5g000001234567A");
    world.identity = IdentityType::ConnectManaged;
    assert!(world.verify(&sheet).findings.iter().any(|finding| finding.code == "login_long"));
}

const HEADER: &str = "first name,last name,user login,routing profile name,security_profile_name_1";
const ROW: &str = "Ann,Doe,ann.doe,Basic Routing Profile,Agent";

#[test]
fn a_sheet_is_read_whatever_stands_around_its_users() {
    let with = |lines: &[&str]| read(lines.join("\n").as_bytes());
    // Two rows of titles, and totals at the end.
    let sheet =
        with(&["New agents in March,,,,", HEADER, ROW, HEADER, "Total,,1,,", "Total: 1,,,,"]).unwrap();
    assert_eq!((sheet.rows.len(), sheet.rows[0].number), (1, 3));
    assert_eq!(sheet.remarks, ["Row 1 above the titles isn't read."]);
    let codes: Vec<&str> = sheet.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["titles_again", "totals_row", "totals_row"]);
    // A user who is called so is a user.
    let total = with(&[HEADER, "Total,Recall,total.recall,Basic Routing Profile,Agent"]).unwrap();
    assert_eq!(total.rows.len(), 1);
    // A line that is one quoted cell is a line.
    let quoted = |line: &str| format!("\"{}\"", line.replace('"', "\"\""));
    let row = "\"Doe, Jr.\",Ann,ann.doe,Basic Routing Profile,Agent";
    let sheet = with(&[&quoted(HEADER), &quoted(row), &format!("{},,,", quoted(ROW))]).unwrap();
    assert_eq!(sheet.rows.len(), 2);
    assert_eq!(sheet.rows[0].wishes.text(Column::FirstName), Some("Doe, Jr."));
    // 1,001 users are too many, and a thousand with a total are not.
    let many = |users: usize| {
        let rows: String = (0..users).map(|i| format!("A,B,a.{i},Basic Routing Profile,Agent\n")).collect();
        read(format!("{HEADER}\n{rows}Total,,{users},,\n").as_bytes())
    };
    assert_eq!(many(1_000).unwrap().rows.len(), 1_000);
    assert!(many(1_001).unwrap_err().message.contains("1001 users"));
}

#[test]
fn none_takes_away_and_an_empty_cell_leaves_alone() {
    let header = format!("{HEADER},mobile,agent hierarchy,tags,secondary email address");
    let text =
        format!("{header}\n{ROW},none,None,none,NONE\nBen,Roe,ben.roe,Basic Routing Profile,Agent,,,,\n");
    let sheet = read(text.as_bytes()).unwrap();
    let mut world = World::new();
    let new = world.verify(&sheet);
    assert_eq!((new.new.len(), errors(&new)), (2, vec![]));
    let mut profile = new.new[0].profile.clone();
    profile.identity.mobile = Some("+12025550123".to_owned());
    profile.identity.secondary_email = Some("a@example.com".to_owned());
    profile.hierarchy_group = Some(world.groups[0].clone());
    profile.tags.insert("team".to_owned(), "east".to_owned());
    let mut ben = profile.clone();
    ben.identity.first_name = "Ben".to_owned();
    ben.identity.last_name = "Roe".to_owned();
    world.users = [("ann.doe".to_owned(), profile), ("ben.roe".to_owned(), ben)].into();
    let verified = world.verify(&sheet);
    assert_eq!((verified.same.len(), verified.differs.len()), (1, 1));
    let fields: Vec<&str> = verified.differs[0].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["secondary email address", "mobile", "agent hierarchy", "tags"]);
    assert!(verified.differs[0].changes.iter().all(|change| change.after.is_empty()));
}

/// Both workbooks were opened in LibreOffice 7.4 under the locale that is in a file's name, and saved with its filter for text:
/// `soffice --headless --convert-to 'csv:Text - txt - csv (StarCalc):59,34,ANSI,1,,0,false,true'` and the like.
#[test]
fn what_libreoffice_saves_in_any_locale_and_encoding_has_no_difference() {
    let read_any = |file: &str| {
        if file == "world-zh-gb18030.csv" {
            return read_in(&libreoffice(file), Some("gb18030")).unwrap();
        }
        if file != "west-de-ansi-semicolon.csv" {
            return read(&libreoffice(file)).unwrap_or_else(|problem| panic!("{file}: {problem}"));
        }
        // Two encodings make names of it, and what is read otherwise in each is shown.
        let doubt = read(&libreoffice(file)).unwrap_err();
        assert!(doubt.message.contains("`Peña, Zoë, Ana  Sofía` in windows-1252"), "{doubt}");
        assert!(doubt.message.contains("Peńa` in windows-1250"), "{doubt}");
        read_in(&libreoffice(file), Some("windows-1252")).unwrap()
    };
    for (book, files) in table! {
        ("west", &["west-de-ansi-semicolon.csv", "west-es-utf8-semicolon-quoted.csv"][..]),
        ("world", &["world-en-utf8.csv", "world-de-utf8-quoted.csv", "world-fr-utf16-tab.csv", "world-zh-gb18030.csv", "world-de.xlsx"]),
    } {
        let mut world = World::new();
        let new = world.verify(&read(&libreoffice(&format!("{book}.xlsx"))).unwrap());
        assert_eq!((errors(&new), new.new.len()), (vec![], 4), "{book}");
        world.users = new.new.into_iter().map(|new| (new.login, new.profile)).collect();
        for file in files {
            let again = world.verify(&read_any(file));
            assert_eq!(errors(&again), [], "{file}");
            assert_eq!((again.same.len(), again.differs), (4, vec![]), "{file}");
        }
    }
}

/// LibreOffice writes `?` for what an encoding has no place for, and says nothing.
#[test]
fn a_letter_that_was_lost_in_saving_is_said() {
    let verified = World::new().verify(&read(&libreoffice("world-pl-ascii-lost.csv")).unwrap());
    for row in [2, 3, 4, 5] {
        let said = verified.findings.iter().find(|one| one.row == row && one.code == "name_damaged");
        assert!(
            said.is_some_and(|said| said.next.contains("CSV UTF-8")),
            "row {row}: {:?}",
            verified.findings
        );
    }
    // `FA?SZ` is no word for no.
    assert!(errors(&verified).iter().any(|(row, said)| *row == 3 && said.contains("FA?SZ")));
    // Where letters of one encoding are left between the question marks, no names are made of it at all.
    let refused = read(&libreoffice("world-pl-ansi-lost.csv")).unwrap_err();
    assert!(refused.code == "sheet_encoding" && refused.hint.contains("CSV UTF-8"), "{refused}");
}

#[test]
fn an_opendocument_sheet_is_refused_by_its_name() {
    let problem = read(&libreoffice("world.ods")).unwrap_err();
    assert_eq!(problem.code, "sheet_other_kind");
    assert!(
        problem.message.contains("an OpenDocument file (.ods)") && problem.hint.contains(".xlsx"),
        "{problem}"
    );
}

/// An export of the desk, opened in LibreOffice as UTF-8 and saved: it took the plus of phone numbers.
#[test]
fn an_export_that_was_opened_and_saved_has_no_difference() {
    let mut world = World::new();
    let new = world.verify(&read(&libreoffice("exported.csv")).unwrap());
    assert_eq!((errors(&new), new.new.len()), (vec![], 2));
    let sheet = read(&libreoffice("exported-reopened.csv")).unwrap();
    // Of someone new no one knows which country it is.
    assert_eq!(errors(&world.verify(&sheet)).len(), 2);
    world.users = new.new.into_iter().map(|new| (new.login, new.profile)).collect();
    let again = world.verify(&sheet);
    assert_eq!((errors(&again), again.same.len(), again.differs), (vec![], 2, vec![]));
    // Other digits are another number.
    let text = String::from_utf8(libreoffice("exported-reopened.csv")).unwrap();
    let other = world.verify(&read(text.replace("15550100142", "15550100143").as_bytes()).unwrap());
    assert_eq!(errors(&other).len(), 1);
}

/// The same, opened without saying that it is UTF-8, as LibreOffice does where no one is asked.
#[test]
fn an_export_that_was_opened_in_another_encoding_is_refused_with_a_name() {
    let problem = read(&libreoffice("exported-garbled.csv")).unwrap_err();
    assert_eq!(problem.code, "sheet_garbled");
    assert!(problem.hint.contains("UTF-8"), "{problem}");
    let text = String::from_utf8(libreoffice("exported-garbled.csv")).unwrap();
    let text = text.replacen("\u{ef}\u{bb}\u{bf}", "", 1);
    let mut world = World::new();
    let garbled = |world: &World, text: &str| -> Vec<String> {
        let found = world.verify(&read(text.as_bytes()).unwrap()).findings;
        found.into_iter().filter(|one| one.code == "name_garbled").map(|one| one.message).collect()
    };
    let said = garbled(&world, &text.replace("team:east", "team:Ã–st").replace("Basic", "BÃ¤sic"));
    let pairs = [
        ("ChloÃ©", "Chloé"),
        ("WeiÃŸ", "Weiß"),
        ("Ã–st", "Öst"),
        ("BÃ¤sic Routing Profile", "Bäsic Routing Profile"),
    ];
    for (wrong, right) in pairs {
        let pair = format!("`{wrong}` was `{right}`");
        assert!(said.iter().any(|one| one.contains(&pair)), "{pair}: {said:?}");
    }
    assert_eq!(said.len(), 4, "{said:?}");
    // What a user has already may be exported and imported.
    let right = text.replace("ChloÃ©", "Chloé").replace("WeiÃŸ", "Weiß").replace(";155501001", ";+155501001");
    assert_eq!(garbled(&world, &right), [""; 0]);
    let new = world.verify(&read(right.as_bytes()).unwrap());
    world.users = new.new.into_iter().map(|new| (new.login, new.profile)).collect();
    assert_eq!((garbled(&world, &text).len(), world.users.len()), (2, 2));
    world.users.get_mut("chloe.martin").unwrap().identity.first_name = "ChloÃ©".to_owned();
    assert_eq!(garbled(&world, &text).len(), 1);
}

//! What callers of `formats::sheet` rely on.

use std::collections::BTreeMap;
use std::time::Instant;

use desk_core::basics::address::is_e164;
use desk_core::basics::clean;
use desk_core::basics::problem::Problem;
use desk_core::center::{
    AfterContactWork, AutoAccept, Channel, Identity, IdentityType, Named, Phone, Proficiency, Profile,
    Settings, VoiceEnhancement,
};
use desk_core::formats::sheet::cell::{guarded, looks_like_formula, unguarded};
use desk_core::formats::sheet::{
    BYTES_MAX, Catalog, Column, Encoding, Finding, Format, Outcome, Severity, Sheet, Skills, Verified,
    Written, export, export_json, findings_file, read, read_some, result_file, template, verify,
};
use desk_core::profile::{Value, blank};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use secrecy::ExposeSecret as _;

mod cases;
mod readings;
mod table;
mod words;
mod workbook;

const CLASSIC: &str = "first name,last name,email address,password,user login,routing profile name,security_profile_name_1|security_profile_name_2,phone type (soft/desk),phone number,soft phone auto accept (yes/no),ACW timeout (seconds)";
const CURRENT: &str = "first name, last name, user login, agent hierarchy, routing profile name, security_profile_name_1|security_profile_name_2, user_hierarchy_1|user_hierarchy_2, phone type (soft/desk), phone number, tags, persistent connection, audio enhancement(none/isolate voice/suppress noise)";
const GUIDE: &str = "First Name;Last Name;Email Address;User Login;Password;Security Profile;Routing Profile;Phone Type;Agent Hierarchy";
const JOHN: &str =
    "John,Doe,john.doe@example.com,Secret-Word-1,john.doe,Basic Routing Profile,Agent,soft,,no,300";

fn named(names: &[&str]) -> Vec<Named> {
    names.iter().map(|name| Named { id: format!("id-{name}"), name: (*name).to_owned() }).collect()
}

/// A contact center to check against.
pub(super) struct World {
    pub routing: Vec<Named>,
    pub security: Vec<Named>,
    pub groups: Vec<Named>,
    pub users: BTreeMap<String, Profile>,
    pub defaults: Settings,
    pub skills: Skills,
    pub identity: IdentityType,
}

impl World {
    pub fn new() -> World {
        World {
            routing: named(&["Basic Routing Profile", "Contact Tracers Profile", "=Odd, \"Profile\""]),
            security: named(&[
                "Admin",
                "Agent",
                "CallCenterManager",
                "-Odd|Profile\\",
                "agents EAST",
                "Agents West",
            ]),
            groups: named(&["East", "East/Team 1", "West/Team 1", "West/+Ünïcode"]),
            users: BTreeMap::new(),
            defaults: Settings::default(),
            skills: Skills::default(),
            identity: IdentityType::ConnectManaged,
        }
    }

    pub fn verify(&self, sheet: &Sheet) -> Verified {
        verify(
            sheet,
            &Catalog {
                identity: self.identity,
                routing_profiles: &self.routing,
                security_profiles: &self.security,
                hierarchy_groups: &self.groups,
                users: &self.users,
                defaults: &self.defaults,
                skills: &self.skills,
            },
        )
    }
}

fn written<'a>(users: &[(&'a str, &'a Profile)]) -> Vec<Written<'a>> {
    users.iter().map(|(login, profile)| Written { login, profile, proficiencies: &[] }).collect()
}

fn classic(rows: &[&str]) -> Sheet {
    read(format!("{CLASSIC}\n{}\n", rows.join("\n")).as_bytes()).unwrap()
}

/// The findings of one row of the classic template in which one cell is replaced.
fn with_cell(column: usize, cell: &str) -> Vec<Finding> {
    let mut cells: Vec<String> = JOHN.split(',').map(str::to_owned).collect();
    cells[column] = format!("\"{}\"", cell.replace('"', "\"\""));
    World::new().verify(&classic(&[&cells.join(",")])).findings
}

fn said(finding: &Finding) -> String {
    format!("{} {}", finding.message, finding.next).trim().to_owned()
}

fn refusal(bytes: &[u8]) -> Problem {
    read(bytes).unwrap_err()
}

#[test]
fn every_known_format_is_recognized() {
    let current = format!(
        "{CURRENT}\r\nJohn, Doe, john.doe, East|Team 1, Basic Routing Profile, Admin|Agent, , desk, +12025550123, team:east, yes, isolate voice\r\n"
    );
    let guide =
        format!("{GUIDE}\nJohn;Doe;john.doe@example.com;John.Doe;;Agent;Basic Routing Profile;soft;East\n");
    let desk = template();
    for (text, format, separator) in [
        (format!("{CLASSIC}\n{JOHN}"), Format::Classic, ','),
        (CLASSIC.replace(',', "\t") + "\r" + &JOHN.replace(',', "\t"), Format::Classic, '\t'),
        (current.clone(), Format::Current, ','),
        (guide.clone(), Format::Guide, ';'),
        (desk, Format::Desk, ','),
        (format!("sep=;\r\n{guide}"), Format::Guide, ';'),
    ] {
        let sheet = read(text.as_bytes()).unwrap();
        assert_eq!((sheet.format, sheet.separator, sheet.rows.len()), (format, separator, 1), "{text}");
        assert_eq!(sheet.findings, [], "{text}");
    }
    let row = &read(current.as_bytes()).unwrap().rows[0];
    assert_eq!(row.wishes.typed(Column::Hierarchy), ["East/Team 1"]);
    assert_eq!(row.wishes.typed(Column::SecurityProfiles), ["Admin", "Agent"]);
    assert_eq!(
        (row.wishes.value(Column::PhoneType), row.wishes.value(Column::PersistentConnection)),
        (Some(&Value::Choice("desk")), Some(&Value::On(true)))
    );
    assert_eq!(
        read(guide.as_bytes()).unwrap().said(),
        "The guide's spreadsheet, UTF-8, separated by semicolons, with 1 user."
    );
}

#[test]
fn every_encoding_is_read_and_said() {
    let text = format!("{CLASSIC}\r\n{}\r\n", JOHN.replace("John,Doe", "Jörg,Žák"));
    let utf16 = |bytes: fn(u16) -> [u8; 2], bom: bool| -> Vec<u8> {
        let bom: &[u16] = if bom { &[0xfeff] } else { &[] };
        bom.iter().copied().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    let latin: Vec<u8> = text
        .chars()
        .map(|c| match c {
            'Ž' => 0x8e,
            'á' => 0xe1,
            'ö' => 0xf6,
            c => u8::try_from(c).unwrap(),
        })
        .collect();
    for (bytes, encoding) in [
        (text.clone().into_bytes(), Encoding::Utf8),
        (format!("\u{feff}{text}").into_bytes(), Encoding::Utf8),
        (utf16(u16::to_le_bytes, true), Encoding::Utf16),
        (utf16(u16::to_be_bytes, true), Encoding::Utf16),
        (utf16(u16::to_le_bytes, false), Encoding::Utf16),
        (utf16(u16::to_be_bytes, false), Encoding::Utf16),
        (latin, Encoding::Legacy(encoding_rs::WINDOWS_1252)),
    ] {
        let sheet = read(&bytes).unwrap();
        assert_eq!(sheet.encoding, encoding);
        assert_eq!(sheet.rows[0].wishes.text(Column::FirstName), Some("Jörg"));
        assert_eq!(sheet.rows[0].wishes.text(Column::LastName), Some("Žák"));
    }
    let mut mixed = text.clone().into_bytes();
    mixed.extend(b"J\xf6rg");
    assert_eq!(
        refusal(&mixed).message,
        "Most of the file is UTF-8, but line 3 has characters in another encoding."
    );
    let mut cut = utf16(u16::to_le_bytes, true);
    cut.pop();
    assert_eq!(refusal(&cut).code, "sheet_encoding");
}

#[test]
fn files_that_are_no_sheet_of_users_are_refused_in_words() {
    let long = format!("{CLASSIC}\n{}", format!("{JOHN}\n").repeat(1_001));
    for (bytes, message) in table! {
        (&b""[..], "The file is empty."),
        (b"\xef\xbb\xbf \r\n", "The file is empty."),
        (b"PK\x03\x04....[Content_Types].xml", "The file is an Excel workbook that is damaged, not a sheet of users."),
        (b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument", "The file is an OpenDocument file (.ods), not a sheet of users."),
        (b"PK\x03\x04....photo.jpg", "The file is a ZIP archive, not a sheet of users."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "The file is an old Excel or Word file (.xls, .doc), not a sheet of users."),
        (b"%PDF-1.7", "The file is a PDF document, not a sheet of users."),
        (b" <!DOCTYPE html><html>", "The file is a web page (HTML), not a sheet of users."),
        (b"[{\"login\": 1}]", "The file is JSON, not a sheet of users."),
        (b"\x7fELF\x02", "The file is a program, not a sheet of users."),
        (b"first name\x00,\x01\x02", "The file is binary data, not a sheet of users."),
        (b"hello world, this\nis no sheet", "Row 1 is not a header: its cells are not the titles of columns; the first is `hello world`."),
        (CLASSIC.as_bytes(), "The file has a header and no users below it."),
        (long.as_bytes(), "The file has 1001 users; at most 1000 can be imported at a time."),
        (&vec![b','; BYTES_MAX + 1], "The file has 8388609 bytes; at most 8388608 are read, which is 8 MiB."),
    } {
        let problem = refusal(bytes);
        assert_eq!(problem.message, message);
        assert!(!problem.hint.is_empty(), "{message}");
    }
    let open = format!("{CLASSIC}\n{JOHN}\n\n\"John,Doe");
    assert_eq!(refusal(open.as_bytes()).message, "A quote that opens in row 4 is never closed.");
}

#[test]
fn wrong_columns_are_refused_all_at_once_with_the_nearest_right_ones() {
    let problem =
        refusal(b"first name,last name,user logn,routing profile name,shoe size,first_name\na,b,c,d,e,f\n");
    assert_eq!(
        problem.message,
        "Nothing is known of the columns `user logn` and `shoe size`. The same setting is in more than one column: \
         `first name` and `first_name`. The columns `user login` and \
         `security_profile_name_1|security_profile_name_2` are missing."
    );
    assert_eq!(
        problem.hint,
        "For `user logn` write `user login`. Leave `shoe size` out. Keep one of each. \
         `/connect import` without a sheet gives one with all of them."
    );
}

#[test]
fn a_column_is_offered_once_and_a_whole_name_is_split() {
    for (header, hint) in table! {
        ("Name,user login", "Split `Name` into `first name` and `last name`."),
        ("first name,Name,user login", "For `Name` write `last name`."),
        ("user logn,user lgin,first name", "For `user logn` write `user login`. Leave `user lgin` out."),
    } {
        let problem = refusal(format!("{header}\na,b,c\n").as_bytes());
        assert!(problem.hint.starts_with(hint), "{header}: {}", problem.hint);
    }
    // The levels of a hierarchy are columns of their own, as the guide calls them.
    let levels = "first name,last name,user login,routing profile,security profile,Hierarchy 1,Hierarchy 2\na,b,c,d,e,f,g\n";
    assert!(read(levels.as_bytes()).is_ok_and(|sheet| sheet.headings.len() == 7));
}

#[test]
fn rows_are_counted_as_a_spreadsheet_counts() {
    let text = format!(
        "\n{CLASSIC}\r\n\r\n,,,,,,,,,,\r\n\"Jo\r\nhn\",Doe,j@example.com,,john.doe,Basic Routing Profile,Agent,soft,,no,300,,,\r\n{}",
        JOHN.replace("john.doe,", "jane.doe,")
    );
    let sheet = read(text.as_bytes()).unwrap();
    assert_eq!(sheet.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [5, 6]);
    assert_eq!(sheet.rows[0].wishes.text(Column::FirstName), Some("Jo hn"));
    assert_eq!(sheet.findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["name_blanks"]);
    let shifted = classic(&[
        "Doe, John,Doe,john.doe@example.com,Secret-Word-1,john.doe,Basic Routing Profile,Agent,soft,,no,300",
    ]);
    let found = World::new().verify(&shifted);
    let said: Vec<String> = found.findings.iter().map(said).collect();
    assert_eq!(
        said,
        [
            "Cell 12 of the row has no header; the header row has 11 cells. Put quotes around a text that contains a comma."
        ]
    );
    assert!(found.new.is_empty());
}

#[test]
fn every_cell_wrong_in_every_way_is_found_with_the_nearest_right_thing() {
    let long_login = "x".repeat(101);
    let long_name = "x".repeat(256);
    let eleven = ["a|b|c|d|e|f|g|h|i|j|k"][0];
    let table: &[(usize, &str, &str, &str)] = &table! {
        (0, "None", "name_none", "`None` isn't a first name. Write the name, or leave the cell empty."),
        (0, &long_name, "name_too_long", "The first name has 256 characters; Amazon Connect takes at most 255. Shorten it."),
        (0, "Jo\u{fffd}n", "name_damaged", "The first name `Jo\u{fffd}n` has lost a character on its way here. Write it again, and save the sheet as `.xlsx` or as `CSV UTF-8`."),
        (0, "", "cell_missing", "The first name is missing; a new user needs it. Fill in the cell."),
        (1, "", "cell_missing", "The last name is missing; a new user needs it. Fill in the cell."),
        (2, "john.doe", "email_format", "`john.doe` is not an email address: it has no `@` and no domain. Use one such as `john.doe@example.com`."),
        (2, "john.doe@", "email_format", "`john.doe@` is not an email address: it has no domain after the `@`. Use one such as `john.doe@example.com`."),
        (2, "john.doe@example", "email_format", "`john.doe@example` is not an email address: its domain `example` is not complete. Use one such as `john.doe@example.com`."),
        (2, "john.doe@example,com", "email_format", "`john.doe@example,com` is not an email address: it contains `,`. Did you mean `john.doe@example.com`?"),
        (2, "john doe@example.com", "email_format", "`john doe@example.com` is not an email address: it contains a blank. Did you mean `johndoe@example.com`?"),
        (2, "a@b@example.com", "email_format", "`a@b@example.com` is not an email address: it has more than one `@`. Use one such as `john.doe@example.com`."),
        (2, "@example.com", "email_format", "`@example.com` is not an email address: there is nothing before the `@`. Use one such as `john.doe@example.com`."),
        (2, "John <j@example.com>", "email_format", "`John <j@example.com>` is not an email address: it has a name around it. Write `j@example.com`."),
        (2, "mailto:j@example.com", "email_format", "`mailto:j@example.com` is not an email address: it is a link. Write `j@example.com`."),
        (2, "", "email_missing", "Without an email address the user cannot reset their own password. Fill in the cell."),
        (3, "short", "password_rule", "The password has fewer than 8 characters, has no capital A-Z and has no digit. Leave the cell empty: the desk makes a random one."),
        (3, "Has A Blank 1", "password_rule", "The password contains a blank. Leave the cell empty: the desk makes a random one."),
        (4, "", "cell_missing", "The user login is missing; a new user needs it. Fill in the cell."),
        (4, &long_login, "login_too_long", ""),
        (
            4,
            "a.login.of.21.letters",
            "login_long",
            "The login `a.login.of.21.letters` has 21 characters; Amazon Connect documents 20 unless users come by SAML. Choose a shorter one if the contact center refuses it.",
        ),
        (4, "john doe", "login_characters", "The login `john doe` contains a blank. A login can have only letters, digits and `. _ - @`. Write `john.doe`, for example."),
        (4, "jöhn", "login_characters", "The login `jöhn` contains `ö`. A login can have only letters, digits and `. _ - @`. Write `john`, for example."),
        (4, "john@example", "login_not_new", "The login `john@example` has an `@` and isn't an email address. Choose another one, such as `john.doe`."),
        (4, "corp\\john", "login_not_new", "The login `corp\\john` contains `\\`. A new login can have only letters, digits and `. _ - @`. Choose another one, such as `john.doe`."),
        (4, "@john.doe", "login_read_as", "The login `@john.doe` is read as `john.doe`."),
        (5, "", "cell_missing", "The routing profile name is missing; a new user needs it. Fill in the cell."),
        (5, "basic ROUTING profile", "name_read_as", "`basic ROUTING profile` is read as the routing profile `Basic Routing Profile`."),
        (5, "Basic Rooting Profile", "routing_profile_not_found", "No routing profile `Basic Rooting Profile`. Did you mean `Basic Routing Profile`?"),
        (6, "", "cell_missing", "The security profile name is missing; a new user needs it. Fill in the cell."),
        (6, "Agnet", "security_profile_not_found", "No security profile `Agnet`. Did you mean `Agent`?"),
        (6, "agent", "name_read_as", "`agent` is read as the security profile `Agent`."),
        (6, "Agent,Admin", "security_profile_not_found", "No security profile `Agent,Admin`. Write a `|` between them: `Agent|Admin`."),
        (6, "Agent|Agent", "name_twice", "`Agent` is listed twice and counts once."),
        (6, eleven, "security_profiles_too_many", "There are 11 security profiles; a user has at most 10. Leave some out."),
        (7, "softt", "phone_type", "No phone type `softt`. Did you mean `soft`?"),
        (7, "pigeon", "phone_type", "No phone type `pigeon`. Write `soft` or `desk`."),
        (7, "desk", "phone_missing", "A desk phone needs its number. Write it with its country, such as `+12025550123`, or write `soft` as the phone type."),
        (8, "+49 (0)30 / 123-45", "phone_read_as", "`+49 (0)30 / 123-45` is read as `+493012345`."),
        (8, "0049 30 12345", "phone_read_as", "`0049 30 12345` is read as `+493012345`."),
        (8, "030 12345", "phone_format", "The phone number `030 12345` has no country code. Replace the leading 0 with the country code. In Germany, use `+493012345`."),
        (8, "(202) 555-0123", "phone_format", "The phone number `(202) 555-0123` has no country code. Add the country code. In the USA or Canada, use `+12025550123`."),
        (8, "12025550123", "phone_format", "The phone number `12025550123` has no country code. If a spreadsheet removed the plus, use `+12025550123` and format the column as text."),
        (
            8,
            "1.20256E+10",
            "phone_format",
            "`1.20256E+10` is a phone number that a spreadsheet changed. Its last digits are lost. Format the column as text. Use a plus, the country code and the number, such as `+12025550123`.",
        ),
        (8, "+1202555012345678", "phone_format", "The phone number `+1202555012345678` has 16 digits. It must have 2 to 15. Use a plus, the country code and the number, such as `+12025550123`."),
        (8, "+0301234567", "phone_format", "The phone number `+0301234567` has no valid country code: none begins with 0. Use a plus, the country code and the number, such as `+12025550123`."),
        (8, "+12025550123x9", "phone_format", "`+12025550123x9` is not a phone number: it seems to have an extension or a comment, which Amazon Connect can't dial. Did you mean `+12025550123`?"),
        (8, "call me", "phone_format", "`call me` is not a phone number: it contains `c`. Use a plus, the country code and the number, such as `+12025550123`."),
        (8, "+", "phone_format", "`+` is not a phone number: it has no digits. Use a plus, the country code and the number, such as `+12025550123`."),
        (9, "yse", "yes_no", "`yse` is neither yes nor no. Did you mean `yes`?"),
        (9, "perhaps", "yes_no", "`perhaps` is neither yes nor no. Write `yes` or `no`."),
        (10, "5 min", "seconds_read_as", "`5 min` is read as `300` seconds."),
        (10, "3 00", "seconds_read_as", "`3 00` is read as `300` seconds."),
        (10, "300,00", "seconds_read_as", "`300,00` is read as `300` seconds."),
        (10, "'300", "seconds_read_as", "`'300` is read as `300` seconds."),
        (10, "1'200", "seconds_read_as", "`1'200` is read as `1200` seconds."),
        (10, "5'", "seconds", "`5'` is not a number of whole seconds. Write seconds such as `300`, or `0` for no end."),
        (10, "3'00", "seconds", "`3'00` is not a number of whole seconds. Write seconds such as `300`, or `0` for no end."),
        (10, "1,000", "seconds", "`1,000` is not a number of whole seconds. Did you mean `1000`?"),
        (10, "-1", "seconds", "`-1` is not a number of whole seconds: it is below 0. Write seconds such as `300`, or `0` for no end."),
        (10, "soon", "seconds", "`soon` is not a number of whole seconds. Write seconds such as `300`, or `0` for no end."),
        (10, "2000001", "seconds_too_many", "`2000001` is more than Amazon Connect takes, which is 2000000 seconds. Write less, or `0` for no end."),
        (10, "99999999999999999999999", "seconds_too_many", "`99999999999999999999999` is more than Amazon Connect takes, which is 2000000 seconds. Write less, or `0` for no end."),
    };
    for (column, cell, code, sentence) in table {
        let findings = with_cell(*column, cell);
        let finding =
            findings.iter().find(|f| f.code == *code).unwrap_or_else(|| panic!("{cell}: {findings:?}"));
        if !sentence.is_empty() {
            assert_eq!(said(finding), *sentence);
        }
        assert_eq!(finding.row, 2);
        assert!(!finding.column.is_empty());
        assert!(finding.value.chars().count() <= 61);
    }
    assert_eq!(with_cell(8, "'+12025550123"), []);
    for yes in ["yes", "Y", "TRUE", "on", "1", "ja", " x "] {
        assert_eq!(with_cell(9, yes), []);
    }
}

#[test]
fn tags_channels_and_levels_are_read_where_a_file_has_them() {
    let header = "first name,last name,email address,user login,routing profile name,security_profile_name_1,security_profile_name_2,agent hierarchy level 1,agent hierarchy level 2,tags,chat ACW timeout (seconds),voice first callback auto accept (yes/no),audio enhancement";
    let one = |cells: &str| {
        read(
            format!("{header}\nJohn,Doe,j@example.com,john.doe,Basic Routing Profile,Agent,Admin,{cells}\n")
                .as_bytes(),
        )
        .unwrap()
    };
    let sheet = one("East,Team 1,team:east|a\\:b:c:d|k=v,5400,no,Suppress Noise");
    let wishes = &sheet.rows[0].wishes;
    assert_eq!(sheet.findings, []);
    assert_eq!(wishes.typed(Column::Hierarchy), ["East/Team 1"]);
    assert_eq!(wishes.typed(Column::SecurityProfiles), ["Agent", "Admin"]);
    let tags = [("a:b", "c:d"), ("k", "v"), ("team", "east")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(wishes.value(Column::Tags), Some(&Value::Tags(tags.into())));
    assert_eq!(wishes.value(Column::AfterContactWork(Channel::Chat)), Some(&Value::Seconds(5_400)));
    for (cells, code) in [
        (",Team 1,,,,", "hierarchy_gap"),
        ("East,,novalue,,,", "tag_format"),
        ("East,,:v,,,", "tag_format"),
        ("East,,aws\\:x:v,,,", "tag_format"),
        ("East,,a:1|a:2,,,", "tag_format"),
        ("East,,a*b:1,,,", "tag_format"),
        ("East,,,5401,,", "seconds_too_many"),
        ("East,,,,maybe,", "yes_no"),
        ("East,,,,,louder", "audio_enhancement"),
    ] {
        assert_eq!(one(cells).findings.first().map(|f| f.code), Some(code), "{cells}");
    }
    let lost = World::new().verify(&one("Esat,,,,,"));
    assert_eq!(said(&lost.findings[0]), "No hierarchy group `Esat`. Did you mean `East`?");
    let group = World::new().verify(&one("team 1,,,,,"));
    assert_eq!(group.findings[0].code, "name_ambiguous");
    let twice = format!(
        "{CURRENT}\nJohn, Doe, john.doe, East|Team 1, Basic Routing Profile, Agent, West/Team 1,,,,,\n"
    );
    assert_eq!(read(twice.as_bytes()).unwrap().findings[0].code, "hierarchy_twice");
}

/// Every column with a value of its own, and what a word that stands for nothing is in it.
#[test]
fn what_is_written_instead_of_leaving_a_cell_empty_clears_or_is_refused_with_what_to_do() {
    const CLEARS: &str = "Leave the cell empty. `none` clears what a user has.";
    const STAYS: &str = "Leave the cell empty. What a user has can't be cleared.";
    let clears = [
        Column::SecondaryEmail,
        Column::Mobile,
        Column::PhoneNumber,
        Column::Hierarchy,
        Column::Tags,
        Column::Proficiencies,
    ];
    let stays = [
        Column::Email,
        Column::AutoAccept(Channel::Voice),
        Column::AfterContactWork(Channel::Voice),
        Column::PersistentConnection,
    ];
    for column in clears.into_iter().chain(stays) {
        let of = |word: &str| {
            let sheet =
                read_some(format!("user login,{}\njohn.doe,{word}\n", column.title()).as_bytes(), None);
            let sheet = sheet.unwrap();
            let mut world = World::new();
            world.users.insert("john.doe".to_owned(), blank());
            let found = world.verify(&sheet).findings.into_iter().find(|it| it.severity == Severity::Error);
            (sheet, found.map(|it| it.next))
        };
        let is_cleared = clears.contains(&column);
        for word in ["none", "None"] {
            let (sheet, next) = of(word);
            // Of yes and no it is no.
            let is_no = next.is_none() && sheet.rows[0].wishes.value(column) == Some(&Value::On(false));
            assert_eq!(next.as_deref(), (!is_cleared && !is_no).then_some(STAYS), "{column:?} {word}");
            let row = &sheet.rows[0];
            let is_none = row.wishes.has(column) || row.proficiencies.as_deref() == Some(&[]);
            assert_eq!(is_none, is_cleared || is_no, "{column:?} {word}");
        }
        for word in ["n/a", "-", "null"] {
            let wanted = if is_cleared { CLEARS } else { STAYS };
            assert_eq!(of(word).1.as_deref(), Some(wanted), "{column:?} {word}");
        }
    }
    // The first level is the whole hierarchy.
    let sheet = read_some(b"user login,agent hierarchy level 1\njohn.doe,none\n", None).unwrap();
    assert!(sheet.rows[0].wishes.has(Column::Hierarchy), "{:?}", sheet.findings);
}

#[test]
fn many_wrong_names_are_all_refused_and_none_is_guessed() {
    let mut world = World::new();
    let names: Vec<String> =
        (0..500).map(|i| format!("Profile {i}")).chain(["EAST".to_owned(), "east".to_owned()]).collect();
    world.routing = named(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let row = |i: usize, name: &str| {
        JOHN.replace("john.doe,", &format!("john.{i},")).replace("Basic Routing Profile", name)
    };
    let mut rows: Vec<String> = (0..100).map(|i| row(i, &format!("Profil {i}"))).collect();
    rows.extend([row(200, "East"), row(201, "profile 7"), row(202, "East")]);
    let found = world.verify(&classic(&rows.iter().map(String::as_str).collect::<Vec<_>>()));
    let count = |code: &str| found.findings.iter().filter(|f| f.code == code).count();
    assert_eq!(
        (count("routing_profile_not_found"), count("name_ambiguous"), count("name_read_as")),
        (100, 2, 1)
    );
    assert_eq!(found.new.len(), 1);
}

#[test]
fn findings_are_in_the_order_of_the_rows_and_under_the_sheets_own_titles() {
    let sheet = classic(&[
        "Jane,Doe,jane@example.com,,jane.doe,Basic Routing Profile,Agent,desk,555,no,300",
        "John,Doe,john,x,john doe,Nowhere,Agnet,soft,,no,300",
    ]);
    let found = World::new().verify(&sheet);
    let codes: Vec<(usize, &str)> = found.findings.iter().map(|f| (f.row, f.code)).collect();
    assert_eq!(
        codes[..4],
        [
            (2, "phone_format"),
            (3, "security_profile_not_found"),
            (3, "routing_profile_not_found"),
            (3, "login_characters")
        ]
    );
    assert_eq!((found.errors(), found.new.len()), (6, 0));
    let guide = format!("{GUIDE}\nJohn;Doe;john;john.doe;;Agnet;Basic Routing Profile;soft;\n");
    let found = World::new().verify(&read(guide.as_bytes()).unwrap());
    let titles: Vec<&str> = found.findings.iter().map(|f| f.column.as_str()).collect();
    assert_eq!(titles, ["Security Profile", "Email Address"]);
}

#[test]
fn a_login_stands_in_a_file_once() {
    let jane = JOHN.replace("john.doe", "jane.doe");
    let other = JOHN.replace("300", "60");
    let found =
        World::new().verify(&classic(&[JOHN, &jane, JOHN, &other, &jane.replace("jane.doe", "Jane.Doe")]));
    let said: Vec<String> = found.findings.iter().map(said).collect();
    assert_eq!(
        said,
        [
            "This row repeats row 2 and is skipped.",
            "The login `john.doe` is in row 2 too, with different details. Keep one of the two rows.",
            "The login `Jane.Doe` and `jane.doe` in row 3 differ only in upper and lower case. Keep one of the two rows.",
        ]
    );
    assert!(found.new.is_empty());
    assert_eq!(World::new().verify(&classic(&[JOHN, JOHN])).new.len(), 1);
}

/// Spreadsheets and programs that write them make other numbers and dates of what was typed.
#[test]
fn what_a_spreadsheet_made_of_a_cell_is_read_back_or_said() {
    let codes = |column: usize, cell: &str| -> Vec<&str> {
        with_cell(column, cell)
            .iter()
            .map(|finding| finding.code)
            .filter(|code| *code != "email_missing")
            .collect()
    };
    let number = with_cell(8, "2025550123.0");
    assert!(number[0].next.contains("`+12025550123`"), "{number:?}");
    assert_eq!(with_cell(8, "+2025550123,0")[0].code, "phone_read_as");
    assert_eq!(codes(9, "1.0"), Vec::<&str>::new());
    assert_eq!(codes(4, "4200.0"), ["login_read_as"]);
    for dated in ["1-Mar", "01.03.2026", "2026-03-02", "01-mars", "1-mrt", "3-1-26", "Okt.03"] {
        assert_eq!(codes(4, dated), ["login_date"], "{dated}");
    }
    for dated in ["3/1/2026", "12:30"] {
        assert!(with_cell(4, dated)[0].next.contains("made a date of it"), "{dated}");
    }
    for login in ["mark.12", "julia-5", "decker.3", "1.2"] {
        assert_eq!(codes(4, login), Vec::<&str>::new(), "{login}");
    }
    assert_eq!(codes(4, "marco-1"), Vec::<&str>::new());
    let mut world = World::new();
    let zed = classic(&[&JOHN.replace("john.doe,", "004200,")]);
    world.users.insert("004200".to_owned(), world.verify(&zed).new[0].profile.clone());
    let code = |row: String| {
        let found = world.verify(&classic(&[&row]));
        found.findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(code(JOHN.replace("john.doe,", "4200,")), ["login_case"]);
    assert_eq!(code(JOHN.replace("john.doe,", "42000,")), ["email_shared"]);
    assert_eq!(code(JOHN.replace("john.doe@", "zed@").replace("john.doe,", "42000,")), Vec::<&str>::new());
    let both = classic(&[&JOHN.replace("john.doe,", "17,"), &JOHN.replace("john.doe,", "0017,")]);
    assert_eq!(world.verify(&both).errors(), 1);
    // What a number is shown as is no difference, and what another one is shown as is one.
    let number = |phone: &str| format!("John,Doe,john.doe@example.com,,004200,,,,{phone},,");
    let mut mobile = World { users: world.users.clone(), ..World::new() };
    for user in mobile.users.values_mut() {
        user.settings.phone = Some(Phone::Soft { number: Some("+4915123456789".to_owned()) });
    }
    for (phone, errors) in [
        ("4.91512E+12", 0),
        ("\"4,91512E+12\"", 0),
        ("4915123456789.0", 0),
        ("4915123456789", 0),
        ("4.91513E+12", 1),
        ("5E+12", 1),
        ("4.91512E+13", 1),
    ] {
        let found = mobile.verify(&classic(&[&number(phone)]));
        assert_eq!(found.errors(), errors, "{phone}: {:?}", found.findings);
    }
    // One that can't be seen is left out, as from any cell.
    let bell = read(format!("{CLASSIC}\n{}\n", JOHN.replace("John", "Jo\u{7}hn")).as_bytes()).unwrap();
    assert_eq!(
        (bell.rows[0].wishes.text(Column::FirstName), bell.findings[0].code),
        (Some("John"), "name_unseen")
    );
}

#[test]
fn new_same_and_different_users_are_told_apart() {
    let mut world = World::new();
    let first = world.verify(&classic(&[JOHN]));
    assert_eq!(first.findings, []);
    assert_eq!(first.new[0].password.as_ref().unwrap().expose_secret(), "Secret-Word-1");
    let john = first.new[0].profile.clone();
    world.users.insert("john.doe".to_owned(), john.clone());

    let again = world.verify(&classic(&[JOHN]));
    assert_eq!((again.new.len(), again.same.len(), again.differs.len()), (0, 1, 0));
    assert_eq!(again.findings[0].code, "password_unused");

    let edited =
        "John,Dough,jd@example.com,,john.doe,Contact Tracers Profile,Admin,desk,+1 202 555 0123,yes,0";
    let differs = world.verify(&classic(&[edited])).differs.remove(0);
    let changes: Vec<String> =
        differs.changes.iter().map(|c| format!("{}: {} -> {}", c.field, c.before, c.after)).collect();
    assert_eq!(
        changes,
        [
            "last name: Doe -> Dough",
            "email address: john.doe@example.com -> jd@example.com",
            "routing profile name: Basic Routing Profile -> Contact Tracers Profile",
            "security profiles: Agent -> Admin",
            "phone type (soft/desk): soft -> desk",
            "phone number:  -> +12025550123",
            "soft phone auto accept (yes/no): no -> yes",
            "ACW timeout (seconds): 300 -> 0",
        ]
    );
    assert_eq!(differs.profile.settings.phone, Some(Phone::Desk { number: Some("+12025550123".to_owned()) }));
    // What would stand out of a user who exists is said only where they are changed.
    let verified = world.verify(&classic(&[edited]));
    assert!(verified.warnings.is_empty(), "{:?}", verified.warnings);
    assert_eq!(
        verified.warnings_if_changed,
        [
            "Inbound calls answered on a desk phone are billed as outbound calls too (1 user).",
            "Auto-accept doesn't apply to chats or callbacks (1 user).",
            "0 seconds of after contact work means until the agent closes the contact (1 user).",
            "Anyone who can read the new email address can reset the password (1 user).",
            "Other security profiles give other permissions (1 user).",
        ]
    );

    // What is odd about a user who exists is no difference: a desk phone without a number, a tag of Amazon's own.
    let mut odd = john;
    odd.settings.phone = Some(Phone::Desk { number: None });
    odd.tags.insert("aws:cloudformation:stack-name".to_owned(), "x".to_owned());
    odd.tags.insert("team".to_owned(), "east".to_owned());
    world.users.insert("odd.one".to_owned(), odd.clone());
    let exported = world.verify(&read(export(&written(&[("odd.one", &odd)])).as_bytes()).unwrap());
    assert_eq!((exported.same.len(), exported.findings.len()), (1, 0));

    // An empty cell is no wish.
    let sparse = world.verify(&classic(&[",,,,john.doe,,,,,,"]));
    assert_eq!((sparse.same.len(), sparse.findings.len()), (1, 0));

    let case = world.verify(&classic(&[&JOHN.replace("1,john.doe", "1,John.Doe")]));
    assert_eq!(
        said(&case.findings[0]),
        "There is a user `john.doe`, which differs only in upper and lower case. Write `john.doe` if it is the same \
         person, or choose another login."
    );
}

#[test]
fn new_users_get_the_defaults_where_their_row_says_nothing() {
    let mut world = World::new();
    world.defaults.phone = Some(Phone::Soft { number: None });
    world
        .defaults
        .after_contact_work
        .insert(Channel::Voice, AfterContactWork { seconds: 300, first_callback_seconds: None });
    let guide = format!("{GUIDE}\nJohn;Doe;john.doe@example.com;John.Doe;;Agent;Basic Routing Profile;;\n");
    let new = world.verify(&read(guide.as_bytes()).unwrap()).new.remove(0);
    assert_eq!(new.profile.settings, world.defaults);
    assert!(new.password.is_none());
}

#[test]
fn other_identity_types_have_other_rules() {
    let mut world = World::new();
    world.identity = IdentityType::Saml;
    let found = world.verify(&classic(&[JOHN]));
    assert_eq!(found.findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["email_saml", "password_unused"]);
    assert!(found.new[0].password.is_none() && found.new[0].profile.identity.email.is_none());
    world.identity = IdentityType::ExistingDirectory;
    let found = world
        .verify(&classic(&[",,john.doe@example.com,,john.doe,Basic Routing Profile,Agent,soft,,no,300"]));
    assert_eq!((found.new.len(), found.errors()), (1, 0));
    // Of those who exist, a directory keeps names and emails; what else the row says is changed.
    let mut john = found.new[0].profile.clone();
    john.identity.first_name = "Jon".to_owned();
    world.users.insert("john.doe".to_owned(), john);
    let found = world.verify(&classic(&[&JOHN.replace("Secret-Word-1", "").replace(",300", ",60")]));
    assert_eq!(
        found.findings.iter().map(|f| (f.code, f.column.as_str())).collect::<Vec<_>>(),
        [("kept_in_directory", "first name"), ("kept_in_directory", "last name")]
    );
    let changed: Vec<&str> = found.differs[0].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(changed, ["ACW timeout (seconds)"]);
}

#[test]
fn a_password_is_in_no_output() {
    for secret in ["Secret-Word-1", "secretword", "Secret-Word-1,"] {
        let row = JOHN.replace("Secret-Word-1", &format!("\"{secret}\""));
        let sheet = classic(&[&row, &row.replace("Doe", "Roe")]);
        let found = World::new().verify(&sheet);
        let shown = format!("{sheet:?} {found:?} {}", findings_file(&found.findings));
        assert!(!shown.contains(secret) && !shown.to_lowercase().contains("secret-word"), "{shown}");
    }
}

#[test]
fn a_weak_password_is_in_no_output_wherever_its_row_has_moved_to() {
    let guide = "John;Doe;john.doe@example.com;john.doe;PASSWORD;Agent;Basic Routing Profile;soft;";
    let classic = JOHN.replace("Secret-Word-1", "PASSWORD");
    for (titles, row, separator, at) in [(CLASSIC, classic.as_str(), ",", 3), (GUIDE, guide, ";", 4)] {
        let cells: Vec<&str> = row.split(separator).collect();
        let mut moved: Vec<Vec<&str>> = Vec::new();
        for place in 0..=at {
            let (mut left, mut right) = (cells.clone(), cells.clone());
            left.remove(place);
            right.insert(place, "Extra");
            right.pop();
            let without = right.iter().map(|cell| if cell.contains('@') { "" } else { cell }).collect();
            moved.extend((place < at).then_some(left));
            moved.extend([right, without]);
        }
        for (cells, secret) in
            moved.iter().flat_map(|row| ["qwerty", "winter26", "my dog 7"].map(|it| (row, it)))
        {
            let row = cells.join(separator).replace("PASSWORD", secret);
            let sheet = read(format!("{titles}\n{row}\n{}\n", row.to_uppercase()).as_bytes()).unwrap();
            let found = World::new().verify(&sheet);
            let shown = findings_file(&found.findings).to_lowercase();
            assert!(found.errors() > 0 && !shown.contains(secret), "{row}: {shown}");
        }
    }
    // Without a password, a typing error in an address is one.
    let typo = JOHN.replace("Secret-Word-1", "").replace("john.doe@", "john.doe.");
    let found = World::new().verify(&self::classic(&[&typo]));
    assert!(findings_file(&found.findings).contains("john.doe.example.com"), "{:?}", found.findings);
}

#[test]
fn what_looks_like_a_password_is_shown_from_no_column() {
    let secret = "Sekret-Pass-9";
    let titles = template().lines().next().unwrap().trim_start_matches('\u{feff}').to_owned();
    let given = BTreeMap::from([
        ("first name", "John"),
        ("last name", "Doe"),
        ("email address", "john.doe@example.com"),
        ("user login", "john.doe"),
        ("routing profile name", "Basic Routing Profile"),
    ]);
    let titles: Vec<&str> = titles.split(',').collect();
    let at = titles.iter().position(|title| *title == "password").unwrap();
    for password in ["", "Korrekt-Pass-1", "weak"] {
        let mut row: Vec<String> =
            titles.iter().map(|title| (*given.get(title).unwrap_or(&"")).to_owned()).collect();
        let security = titles.iter().position(|title| title.starts_with("security_profile")).unwrap();
        row[security] = "Agent".to_owned();
        row[at] = password.to_owned();
        for place in (0..titles.len()).filter(|place| *place != at) {
            for cell in [
                secret.to_owned(),
                format!("{secret} x"),
                format!("x; {secret}"),
                "Ｓekret-Pass-9".to_owned(),
            ] {
                let mut row = row.clone();
                row[place] = cell;
                // A spreadsheet may have left out the last cells too.
                let short = row[..=place.max(at)].join(",");
                for row in [row.join(","), short] {
                    let sheet = read(format!("{}\n{row}\n", titles.join(",")).as_bytes()).unwrap();
                    let shown = findings_file(&World::new().verify(&sheet).findings);
                    assert!(!shown.contains("ekret-Pass-9"), "{}: {row}: {shown}", titles[place]);
                }
            }
        }
    }
    // Proficiencies and tags have letters and digits of all kinds.
    let wrong = format!("{CLASSIC},proficiencies,tags\n{JOHN},Language:Spanish=9,Team=East1|Team=East1\n");
    let shown = findings_file(&World::new().verify(&read(wrong.as_bytes()).unwrap()).findings);
    assert!(shown.contains("Language:Spanish=9") && shown.contains("Team=East1|Team=East1"), "{shown}");
}

#[test]
fn the_template_is_read_and_its_example_skipped() {
    let sheet = read(template().as_bytes()).unwrap();
    let found = World::new().verify(&sheet);
    assert_eq!((found.new.len(), found.errors()), (0, 0));
    assert_eq!(found.findings[0].code, "example_row");
}

#[test]
fn files_for_people_hold_no_formulas() {
    let results = result_file(&[Outcome {
        row: 2,
        login: "=cmd|' /C calc'!A0".to_owned(),
        outcome: "failed: a, \"b\"".to_owned(),
    }]);
    assert_eq!(results, "\u{feff}row,login,outcome\r\n2,'=cmd|' /C calc'!A0,\"failed: a, \"\"b\"\"\"\r\n");
    let findings = findings_file(&with_cell(0, &format!("={}", "x".repeat(256))));
    assert!(findings.contains(",'=xxx"), "{findings}");
}

/// What a name in a contact center may look like: anything printable, quotes, separators, line breaks, up to 100 characters.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z]{1,12}",
        "\\PC{1,100}",
        "[=+@',;\"|:\\\\\\-]{0,3}[a-zäöüßé漢字 ',;\"|:\\\\\r\n\t/=+@\\-]{0,96}",
    ]
    .prop_map(|text| clean::name(&text).into_owned())
    .prop_filter("not empty, and not damaged", |text| !text.is_empty() && !text.contains('\u{fffd}'))
    .prop_filter("no controls but those a sheet may have", |text| {
        !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
    })
}

fn number() -> impl Strategy<Value = String> {
    "\\+[1-9][0-9]{1,14}"
}

fn profile() -> impl Strategy<Value = Profile> {
    let channel = prop::sample::select(Channel::ALL.to_vec());
    let accept = (any::<bool>(), any::<Option<bool>>())
        .prop_map(|(on, first_callback)| AutoAccept { on, first_callback });
    let work = (0u32..=5_400, proptest::option::of(0u32..=5_400))
        .prop_map(|(seconds, first_callback_seconds)| AfterContactWork { seconds, first_callback_seconds });
    let phone = prop_oneof![
        proptest::option::of(number()).prop_map(|number| Phone::Soft { number }),
        number().prop_map(|number| Phone::Desk { number: Some(number) }),
    ];
    let enhancement = prop::sample::select(vec![
        VoiceEnhancement::None,
        VoiceEnhancement::VoiceIsolation,
        VoiceEnhancement::NoiseSuppression,
    ]);
    let settings = (
        proptest::collection::btree_map(channel.clone(), accept, 0..4),
        proptest::collection::btree_map(channel, work, 0..4),
        proptest::option::of(phone),
        any::<Option<bool>>(),
        proptest::option::of(enhancement),
    )
        .prop_map(
            |(auto_accept, after_contact_work, phone, persistent_connection, voice_enhancement)| Settings {
                auto_accept,
                after_contact_work,
                phone,
                persistent_connection,
                voice_enhancement,
            },
        );
    let mail = "[a-z+=-]{1,8}[a-z]@example\\.com";
    let identity = (
        text(),
        text(),
        proptest::option::of(mail),
        proptest::option::of("[a-z0-9_%+-]{1,4}(\\.[a-z0-9_%+-]{1,4})?@example\\.com"),
        proptest::option::of(number()),
    )
        .prop_map(|(first_name, last_name, email, secondary_email, mobile)| Identity {
            first_name,
            last_name,
            email,
            secondary_email,
            mobile,
        });
    let tags = proptest::collection::btree_map("[a-zäö:=@/+._-]{1,20}", text(), 0..4).prop_map(|tags| {
        let fits = |key: &String| !key.to_lowercase().starts_with("aws:");
        tags.into_iter().filter(|(key, _)| fits(key)).collect::<BTreeMap<_, _>>()
    });
    let world = World::new();
    let security = prop::sample::subsequence(world.security, 1..=4).prop_map(|mut all| {
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    });
    let group = proptest::option::of(prop::sample::select(world.groups));
    (
        identity,
        prop::sample::select(world.routing),
        security,
        group,
        settings,
        tags,
        proptest::option::of("[a-z0-9]{1,9}"),
    )
        .prop_map(
            |(identity, routing_profile, security_profiles, hierarchy_group, settings, tags, id)| Profile {
                identity,
                routing_profile,
                security_profiles,
                hierarchy_group,
                settings,
                tags,
                directory_user_id: id,
            },
        )
}

#[test]
fn proficiencies_are_read_and_what_is_wrong_with_them_is_said() {
    let mut world = World::new();
    world.skills.attributes.insert("Language".to_owned(), vec!["Spanish".to_owned(), "French".to_owned()]);
    let verify = |cell: &str| {
        let sheet = read(format!("{CLASSIC},Proficiencies\n{JOHN},{cell}\n").as_bytes()).unwrap();
        world.verify(&sheet)
    };
    let given = verify("language : spanish = 4.0 | Language:French=1");
    let shown: Vec<String> = given.new[0]
        .proficiencies
        .iter()
        .map(|one| format!("{}:{}={}", one.attribute, one.value, one.level))
        .collect();
    assert_eq!(
        (shown, given.findings.len()),
        (vec!["Language:French=1".to_owned(), "Language:Spanish=4".to_owned()], 0)
    );
    let eleven: Vec<String> = (0..11).map(|no| format!("Language:L{no}=1")).collect();
    for (cell, code, what) in table! {
        ("Language:Spanish=2.5", "proficiency_level", "`2.5` is no level: proficiencies have whole levels from 1 to 5."),
        ("Language:Spanish=6", "proficiency_level", "`6` is no level"),
        ("Language:Spanish=NaN", "proficiency_level", "`NaN` is no level"),
        ("Language:Spanish", "proficiency_format", "has no level"),
        ("Spanish=4", "proficiency_format", "has no value"),
        (":Spanish=4", "proficiency_format", "has no attribute or no value"),
        ("Language:Spansh=4", "proficiency_unknown", "No predefined value of `Language` `Spansh`. Did you mean `Spanish`?"),
        ("Languages:Spanish=4", "proficiency_unknown", "No predefined attribute `Languages`. Did you mean `Language`?"),
        ("Language:Spanish=4|Language:Spanish=3", "proficiency_twice", "is listed twice"),
        ("Language:Spanish=4|language:spanish=3", "proficiency_twice", "are the same one"),
        (eleven.join("|").as_str(), "proficiencies_too_many", "There are 11 proficiencies; a user has at most 10."),
    } {
        let verified = verify(cell);
        assert_eq!(verified.errors(), 1, "{cell}: {:?}", verified.findings);
        let finding = &verified.findings[0];
        assert!(finding.code == code && said(finding).contains(what), "{cell}: {finding:?}");
    }
}

/// What a user may have and what looks like something else in a cell.
fn strange() -> impl Strategy<Value = String> {
    const ALL: [&str; 34] = [
        "none",
        "None",
        "n/a",
        "-",
        "?",
        "null",
        "#N/A",
        "#REF!",
        "=1+1",
        "'x",
        "'=x",
        "\"x\" y",
        "yes",
        "0",
        "100.0",
        "1E+05",
        "ChloÃ©",
        "Zo?",
        "Jos\u{fffd}",
        "a|b",
        "a\\",
        "a:b=c",
        "two\nlines, and more",
        "“quoted”",
        "ＡＢ",
        "e\u{301}",
        "a\u{200b}b",
        " padded ",
        "Sekret-Pass-9",
        "12:30",
        "1-Mar",
        "+1",
        "Total",
        "//",
    ];
    prop::sample::select(ALL.to_vec()).prop_map(str::to_owned)
}

/// A profile with something strange in every place that takes a text or a name.
fn strange_profile() -> impl Strategy<Value = Profile> {
    const EMAILS: [&str; 7] =
        ["j..d@example.com", "x@localhost", "a@b.c1", "a@müller.de", "none", "A B@x", "Sekret-Pass-9@x.y"];
    let email = || proptest::option::of(prop::sample::select(EMAILS.to_vec()).prop_map(str::to_owned));
    let number = || proptest::option::of(prop_oneof![strange(), number()]);
    let names = proptest::collection::btree_set(strange(), 1..4);
    let tags = proptest::collection::btree_map(strange(), strange(), 0..3);
    let identity = (strange(), strange(), email(), email(), number());
    (profile(), identity, strange(), names, proptest::option::of(strange()), tags, number()).prop_map(
        |(profile, identity, routing, security, group, tags, phone)| {
            let named = |name: String| Named { id: format!("id-{name}"), name };
            let (first_name, last_name, email, secondary_email, mobile) = identity;
            Profile {
                identity: Identity { first_name, last_name, email, secondary_email, mobile },
                routing_profile: named(routing),
                security_profiles: security.into_iter().map(named).collect(),
                hierarchy_group: group.map(named),
                settings: Settings { phone: Some(Phone::Soft { number: phone }), ..profile.settings },
                tags,
                directory_user_id: profile.directory_user_id,
            }
        },
    )
}

/// One thing about a user becomes another.
const CHANGES: [fn(&mut Profile); 6] = [
    |profile| profile.identity.first_name = "Changed".to_owned(),
    |profile| profile.identity.email = Some("changed@example.com".to_owned()),
    |profile| profile.identity.mobile = Some("+4915112345678".to_owned()),
    |profile| profile.routing_profile = named(&["Contact Tracers Profile"]).remove(0),
    |profile| profile.hierarchy_group = Some(named(&["East/Team 1"]).remove(0)),
    |profile| profile.tags = BTreeMap::from([("changed".to_owned(), "yes".to_owned())]),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_120), ..ProptestConfig::default() })]

    #[test]
    fn what_is_exported_is_imported_without_a_difference(
        users in proptest::collection::btree_map("[a-zA-Z][a-z0-9_.-]{0,11}(@[a-z]{1,3}[.][a-z]{2})?", profile(), 1..12)
    ) {
        let mut logins = std::collections::BTreeSet::new();
        let users: BTreeMap<String, Profile> =
            users.into_iter().filter(|(login, _)| logins.insert(login.to_lowercase())).collect();
        let rows: Vec<(&str, &Profile)> = users.iter().map(|(login, profile)| (login.as_str(), profile)).collect();
        let rows = written(&rows);
        let sheet = read(export(&rows).as_bytes()).unwrap();
        let mut world = World::new();
        // Elsewhere a new user keeps no id of a directory.
        world.identity = IdentityType::ExistingDirectory;

        let again = world.verify(&sheet);
        prop_assert_eq!(again.errors(), 0, "{:?}", again.findings);
        let created: BTreeMap<String, Profile> = again.new.iter().map(|new| (new.login.clone(), new.profile.clone())).collect();
        prop_assert_eq!(&created, &users);
        let bytes: Vec<(&str, &Profile)> = created.iter().map(|(login, profile)| (login.as_str(), profile)).collect();
        prop_assert_eq!(export(&written(&bytes)), export(&rows));

        world.users = users.clone();
        let same = world.verify(&sheet);
        prop_assert_eq!(same.same.len(), users.len(), "{:?} {:?}", same.differs, same.findings);

        let parsed: serde_json::Value = serde_json::from_str(&export_json(&rows)).unwrap();
        prop_assert_eq!(parsed.as_array().unwrap().len(), users.len());
    }

    #[test]
    fn what_was_not_touched_is_no_difference_however_strange_it_is(
        users in proptest::collection::btree_map(
            prop_oneof!["[a-z]{1,3}", prop::sample::select(vec!["100", "100.0", "007", "7", "1e3", "1-Mar", "None", "none", "01.03.2026", "Sekret-Pass-9"]).prop_map(str::to_owned)],
            strange_profile(),
            1..6,
        ),
        who in any::<prop::sample::Index>(),
        what in any::<prop::sample::Index>(),
    ) {
        let mut world = World::new();
        world.users = users.clone();
        let exported = |users: &BTreeMap<String, Profile>| {
            let rows: Vec<(&str, &Profile)> = users.iter().map(|(login, profile)| (login.as_str(), profile)).collect();
            read(export(&written(&rows)).as_bytes()).unwrap()
        };
        let same = world.verify(&exported(&users));
        prop_assert_eq!(&same.findings, &[]);
        prop_assert_eq!((same.same.len(), same.new.len(), same.differs), (users.len(), 0, Vec::new()));

        let mut changed = users.clone();
        let login = who.get(&users.keys().cloned().collect::<Vec<_>>()).clone();
        what.get(&CHANGES)(changed.get_mut(&login).unwrap());
        let one = world.verify(&exported(&changed));
        prop_assert_eq!(one.errors(), 0, "{:?}", one.findings);
        prop_assert_eq!((one.same.len(), one.new.len(), one.differs.len()), (users.len() - 1, 0, 1));
        prop_assert_eq!((&one.differs[0].login, one.differs[0].changes.len()), (&login, 1), "{:?}", one.differs);
        prop_assert_eq!(&one.differs[0].profile, &changed[&login]);
    }

    #[test]
    fn proficiencies_that_are_exported_are_imported_without_a_difference(
        skills in proptest::collection::btree_map(("[a-z|:=é.\\\\]{1,6}", "[a-z|:=0-9.\\\\]{1,6}"), 1_u8..=5, 1..=10)
    ) {
        let mut world = World::new();
        let all: Vec<Proficiency> = skills
            .into_iter()
            .map(|((attribute, value), level)| Proficiency { attribute, value, level: f32::from(level) })
            .collect();
        for one in &all {
            world.skills.attributes.entry(one.attribute.clone()).or_default().push(one.value.clone());
        }
        let john = World::new().verify(&classic(&[JOHN])).new.remove(0).profile;
        let text = export(&[Written { login: "john.doe", profile: &john, proficiencies: &all }]);
        let sheet = read(text.as_bytes()).unwrap();
        let new = world.verify(&sheet);
        prop_assert_eq!(new.errors(), 0, "{:?}", new.findings);
        prop_assert_eq!(&new.new[0].proficiencies, &all);
        world.users.insert("john.doe".to_owned(), john);
        prop_assert_eq!(world.verify(&sheet).differs.len(), 1);
        world.skills.of.insert("john.doe".to_owned(), all);
        let same = world.verify(&sheet);
        prop_assert_eq!(same.same.len(), 1, "{:?}", same.differs);
    }

    #[test]
    fn a_guarded_text_is_no_formula_and_comes_back(text in "['=+@\\-＝ \t\r\na1]{0,6}") {
        let cell = guarded(&text);
        prop_assert_eq!(unguarded(&cell), &text);
        prop_assert!(cell == text && !looks_like_formula(&text) || cell.starts_with('\'') || is_e164(&text));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&bytes);
        let mut sheet = format!("{CLASSIC}\n").into_bytes();
        sheet.extend(&bytes);
        if let Ok(sheet) = read(&sheet) {
            let _ = findings_file(&World::new().verify(&sheet).findings);
        }
    }

    #[test]
    fn no_cells_panic(cells in "(['\"+0-9,;|:=\\\\a-z@ \n.E()/-]|ä|yes|desk|min|００){0,300}") {
        if let Ok(sheet) = read(format!("{CLASSIC},tags,agent hierarchy\n{cells}\n").as_bytes()) {
            let _ = World::new().verify(&sheet);
        }
    }
}

/// What other programs make of an export: openpyxl's workbook and Python's CSV, which `.ci/run` installs.
#[test]
#[ignore = "needs openpyxl: PYTHON=…/python cargo test -p connect-desk --test core -- --ignored an_export_that"]
fn an_export_that_another_library_has_written_again_has_no_difference() {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    use proptest::test_runner::TestRunner;

    let folder = std::env::temp_dir().join(format!("connect-desk-sheets-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut runner = TestRunner::deterministic();
    // An `@` is only in a login that is an email address.
    let logins =
        proptest::prop_oneof!["[a-z][a-z0-9_.-]{0,19}", "[a-z][a-z0-9_-]{0,9}@[a-z0-9]{1,8}[.][a-z]{2,3}"];
    let users = proptest::collection::btree_map(logins, profile(), 1..12);
    let worlds: Vec<BTreeMap<String, Profile>> =
        (0..60).map(|_| users.new_tree(&mut runner).unwrap().current()).collect();
    for (at, users) in worlds.iter().enumerate() {
        let rows: Vec<(&str, &Profile)> =
            users.iter().map(|(login, profile)| (login.as_str(), profile)).collect();
        std::fs::write(folder.join(format!("{at:02}.csv")), export(&written(&rows))).unwrap();
    }
    let script = format!("{}/../../tests/sheets/convert.py", env!("CARGO_MANIFEST_DIR"));
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let ran = std::process::Command::new(python).arg(script).arg(&folder).status().unwrap();
    assert!(ran.success());
    for (at, users) in worlds.into_iter().enumerate() {
        for ending in ["csv", "xlsx", "again"] {
            let bytes = std::fs::read(folder.join(format!("{at:02}.{ending}"))).unwrap();
            let sheet = read(&bytes).unwrap_or_else(|problem| panic!("{at}.{ending}: {problem}"));
            let mut world = World::new();
            let new = world.verify(&sheet);
            assert_eq!(new.errors(), 0, "{at}.{ending}: {:?}", new.findings);
            world.users = users.clone();
            let found = world.verify(&sheet);
            assert_eq!((found.same.len(), found.differs), (users.len(), Vec::new()), "{at}.{ending}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A thousand rows against ten thousand users: all wanted figures are in release builds, so a debug build gets more time.
#[test]
fn a_thousand_rows_are_verified_quickly() {
    let mut world = World::new();
    world.routing = named(
        &(0..500)
            .map(|i| format!("Routing Profile {i}"))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    let base = world
        .verify(&classic(&[&JOHN.replace("Basic Routing Profile", "Routing Profile 7")]))
        .new
        .remove(0)
        .profile;
    for i in 0..10_000 {
        world.users.insert(format!("user.number.{i}"), base.clone());
    }
    let rows = |wrong: &str| -> String {
        let rows: String = (0..1_000)
            .map(|i| format!("John,Doe {i},john.doe{i}@example.com,Secret-Word-1,user.number.{},{wrong}Routing Profile {},Agent,soft,+1 202 555 {:04},no,300\n", i + 9_500, i % 500, i))
            .collect();
        format!("{CLASSIC}\n{rows}")
    };
    let (good, bad) = (rows(""), rows("The "));
    for (text, what) in [(good, "right"), (bad, "wrong")] {
        let start = Instant::now();
        let sheet = read(text.as_bytes()).unwrap();
        let read_in = start.elapsed();
        let start = Instant::now();
        let found = world.verify(&sheet);
        let verified_in = start.elapsed();
        assert_eq!(found.new.len() + found.differs.len() + found.errors(), 1_000);
        eprintln_figures(what, read_in, verified_in);
        let limit = if cfg!(debug_assertions) { 20_000 } else { 100 };
        assert!((read_in + verified_in).as_millis() < limit, "{what}: {read_in:?} {verified_in:?}");
    }
}

#[allow(clippy::print_stderr)]
fn eprintln_figures(what: &str, read_in: std::time::Duration, verified_in: std::time::Duration) {
    eprintln!("1,000 {what} rows: read in {read_in:?}, verified in {verified_in:?}");
}

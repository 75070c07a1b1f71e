use desk_core::card::{Block, Card, Tone};
use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Story, in_order};

const HEADER: &str =
    "first name,last name,email address,password,user login,routing profile name,security_profile_name_1";

/// A sheet with these rows.
fn sheet(rows: &[&str]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

fn file(card: &Card, wanted: &str) -> String {
    let text = card.blocks.iter().find_map(|block| match block {
        Block::File { name, text } if name == wanted => Some(text.clone()),
        _ => None,
    });
    text.unwrap_or_else(|| panic!("there is no {wanted} on {card:?}"))
}

#[tokio::test]
async fn every_row_is_checked_and_then_created_and_the_file_of_results_says_so() {
    let mut story = Story::begin().await.everywhere(&["Kind::File"]).await;
    assert_snapshot!(story.says("helpdesk", "/connect import users.csv").await, @"
    ╭─ ? Import Zoe.OHara and Max.Muster · needs confirmation ─────────────────────╮
    │ Create 2 users from the file `users.csv`.                                    │
    │                                                                              │
    │ · Security profiles (2): Agent                                               │
    │ · Hierarchy group (2): none                                                  │
    │ · Phone (2): soft phone                                                      │
    │ · Auto-accept (2): off                                                       │
    │ · After contact work (2): voice 300 s, chat 300 s, task 300 s, email 300 s   │
    │ Different for each user: First name, Last name, Email, Routing profile       │
    │                                                                              │
    │ Read as  Amazon Connect's classic template, UTF-8, separated by commas, with │
    │          2 users.                                                            │
    │ New      2 users                                                             │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ ☐ Your confirmation                                                          │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan bb9c22 ───────────────────────────────────────────────────────────╯
    ");
    plays! { story:
        ("helpdesk", "/desk confirm 1"),
        ("supervisor", "/desk approve 1", "✓ Import Zoe.OHara and Max.Muster · completed", "2 emails are ready for helpdesk"),
    }
    assert_snapshot!(story.saved("files/1-result.csv"), @"
    ﻿row,login,outcome
    2,Zoe.OHara,created
    3,Max.Muster,created
    ");
    let world = story.world().await;
    assert_eq!(world["users"]["Zoe.OHara"]["identity"]["FirstName"], "Zoë");
    assert_eq!(world["users"]["Max.Muster"]["identity"]["Email"], "max.muster@example.com");
}

#[tokio::test]
async fn one_error_anywhere_and_nobody_is_created() {
    let rows = sheet(&[
        "Ann,One,ann@example,,Ann.One,Basic Routing Profile,Agent",
        "Ben,Two,ben@example.com,,Ben.Two,Basic Ruting Profile,Agnet",
        ",Three,,,,Basic Routing Profile,Agent",
        "Dee,Four,dee@example.com,,Dee.Four,Basic Routing Profile,Agent",
        "Joe,Doe,joe@example.com,,JOHN.doe,Basic Routing Profile,Agent",
    ]);
    let mut story = Story::with_files(&[("users.csv", rows.as_bytes())]).await;
    assert_snapshot!(story.says("helpdesk", "/connect import users.csv").await, @"
    `findings.csv` is saved in the state folder as `files/1-findings.csv`.
    ╭─ ✗ Import users · not possible ──────────────────────────────────────────────╮
    │ The file `users.csv` has 6 errors in 4 rows. Row 2: `ann@example` is not an  │
    │ email address: its domain `example` is not complete. Use one such as         │
    │ `john.doe@example.com`. Row 3: No security profile `Agnet`. Did you mean     │
    │ `Agent`? Row 3: No routing profile `Basic Ruting Profile`. Did you mean      │
    │ `Basic Routing Profile`? And 3 more. Fix the cells and import the file       │
    │ again; `findings.csv` has every finding.                                     │
    │ File `findings.csv`, 1011 bytes                                              │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ Nothing was changed.                                                         │
    ╰─ #1 ─────────────────────────────────────────────────────────────────────────╯
    ");
    assert_snapshot!(story.saved("files/1-findings.csv"), @r#"
    ﻿row,column,value,kind,what is wrong,what to do
    2,email address,ann@example,error,`ann@example` is not an email address: its domain `example` is not complete.,Use one such as `john.doe@example.com`.
    3,security_profile_name_1,Agnet,error,No security profile `Agnet`.,Did you mean `Agent`?
    3,routing profile name,Basic Ruting Profile,error,No routing profile `Basic Ruting Profile`.,Did you mean `Basic Routing Profile`?
    4,user login,,error,"The user login is missing; a new user needs it.",Fill in the cell.
    4,first name,,error,"The first name is missing; a new user needs it.",Fill in the cell.
    4,email address,,warning,"There is neither an email address nor a password: the user is created with a password that no one knows, and cannot sign in until a reset.","Fill in one of the two, or use `/connect reset` after the import."
    6,user login,JOHN.doe,error,"There is a user `john.doe`, which differs only in upper and lower case.","Write `john.doe` if it is the same person, or choose another login."
    "#);
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn who_exists_is_skipped_or_left_alone_with_what_is_different() {
    let rows = sheet(&[
        "Ann,One,ann@example.com,,Ann.One,Basic Routing Profile,Agent",
        "John,Dough,,,john.doe,Contact Tracers Profile,",
        "Jose\u{301},,,,jose.garcia,,",
    ]);
    let mut story = Story::with_files(&[("users.csv", rows.as_bytes())]).await;
    let before = story.world().await["users"]["john.doe"].clone();
    let card = story.card("helpdesk", "/connect import users.csv").await;
    assert_snapshot!(file(&card, "differences.csv"), @"
    ﻿row,login,what,it is,in the file
    3,john.doe,last name,Doe,Dough
    3,john.doe,routing profile name,Case Investigator Profile,Contact Tracers Profile
    ");
    // One ordinary user is as little as `/connect add` makes.
    let card = story.card("helpdesk", "/desk confirm 1").await;
    assert_snapshot!(file(&card, "result.csv"), @"
    ﻿row,login,outcome
    2,Ann.One,created
    3,john.doe,unchanged: differs
    4,jose.garcia,skipped: no changes
    ");
    assert_eq!(story.world().await["users"]["john.doe"], before);
}

#[tokio::test]
async fn a_row_that_fails_is_told_and_the_same_file_again_completes_it() {
    let rows = sheet(&[
        "Ann,One,ann@example.com,,Ann.One,Basic Routing Profile,Agent",
        "Ben,Two,ben@example.com,,Ben.Two,Basic Routing Profile,Agent",
    ]);
    let mut story = Story::with_files(&[("users.csv", rows.as_bytes())]).await;
    plays! { story: ("helpdesk", "☑ /connect import users.csv") }
    let fault = json!({ "operation": "CreateUser", "fault": "fail_before", "call": 2, "error": "InvalidRequestException", "status": 400 });
    story.sim(&format!("POST /_sim/faults {fault}")).await;
    let card = story.card("supervisor", "/desk approve 1").await;
    let result = file(&card, "result.csv");
    assert_eq!(result.matches(",created").count(), 1, "{result}");
    assert_eq!(result.matches(",failed: ").count(), 1, "{result}");

    story.says("helpdesk", "/connect import users.csv").await;
    let card = story.card("helpdesk", "/desk confirm 2").await;
    let result = file(&card, "result.csv");
    assert_eq!(result.matches(",created").count(), 1, "{result}");
    assert_eq!(result.matches(",skipped: no changes").count(), 1, "{result}");
    plays! { story: ("helpdesk", "/connect import users.csv", "No new users in the file `users.csv`: 2 users exist as in the file.") }
}

#[tokio::test]
async fn more_users_than_a_card_lists_are_counted() {
    let rows: Vec<String> = (0..20)
        .map(|i| format!("Ann,One,a{i}@example.com,,ann.{i:02},Basic Routing Profile,Agent"))
        .collect();
    let rows = sheet(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let mut story =
        Story::with_files(&[("users.csv", rows.as_bytes())]).await.everywhere(&["Block::Progress"]).await;
    plays! { story: ("helpdesk", "/connect import users.csv", "and 16 more", "≠Create `ann.19`") }
    let all = file(&story.card("helpdesk", "/desk details 1").await, "plan.csv").to_owned();
    for i in 0..20 {
        assert!(all.contains(&format!(",ann.{i:02},Ann One,Email,,a{i}@example.com")), "{all}");
    }
    story.says("helpdesk", "/desk confirm 1").await;
    let fault = json!({ "operation": "CreateUser", "fault": "fail_before", "call": 7, "error": "InvalidRequestException", "status": 400 });
    story.sim(&format!("POST /_sim/faults {fault}")).await;
    let card = story.card("supervisor", "/desk approve 1").await;
    assert!(card.title.ends_with("partially completed"), "{}", card.title);
    assert!(
        card.blocks.contains(&Block::Progress { done: 20, total: 20, what: "users, 1 failed".to_owned() }),
        "{card:?}"
    );
    story.tells("helpdesk", "/desk history 1", &["finished: partially completed"]).await;
    let result = file(&card, "result.csv");
    assert_eq!(result.matches(",created").count(), 19, "{result}");
}

#[tokio::test]
async fn passwords_of_the_file_are_used_and_seen_nowhere() {
    let mut story = Story::begin().await;
    let mut seen = story.says("helpdesk", "/connect import passwords.csv").await;
    seen.push_str(&story.says("helpdesk", "/desk confirm 1").await);
    seen.push_str(&story.says("supervisor", "/desk approve 1").await);
    assert!(seen.contains("· completed"), "{seen}");
    let world = story.sim("GET /_sim/world?ids=false").await;
    for (login, password) in [("Ida.Berg", "First-Day-2026"), ("Ole.Lund", "Second-Day-2026")] {
        use sha2::Digest as _;
        let hash = desk_core::basics::text::hex(&sha2::Sha256::digest(password.as_bytes()));
        assert_eq!(world["users"][login]["password_sha256"], hash.as_str(), "{login}");
        assert!(!seen.contains(password), "{seen}");
        crate::support::nowhere_below(story.folder(), password);
    }
}

/// A sheet with passwords can be broken in many ways, and each has its own answer. None of them has a password in it.
#[tokio::test]
async fn passwords_are_seen_nowhere_however_a_sheet_is_broken() {
    const TITLES: &str = "first name,last name,email address,password,user login,routing profile name,security_profile_name_1,tags";
    const JAN: &str = "Jürgen,Öz,j@example.com,Sömmer2024x,j.oz,Basic Routing Profile,Agent,";
    const KIM: &str = "Kim,Åse,k@example.com,Sommer2024x,k.ase,Basic Routing Profile,Agent,";
    let rows = |change: &dyn Fn(&str) -> String| format!("{TITLES}\n{}\n{}\n", change(JAN), change(KIM));
    let title = |old: &str, new: &str| format!("{}\n{JAN}\n{KIM}\n", TITLES.replace(old, new));
    let without = |n: usize| {
        move |row: &str| {
            let cells = row.split(',').enumerate().filter(|(i, _)| *i != n).map(|(_, cell)| cell);
            cells.collect::<Vec<_>>().join(",")
        }
    };
    let mut forms = vec![
        ("whole", rows(&str::to_owned)),
        ("no header", format!("{JAN}\n{KIM}\n")),
        ("garbled password, no header", format!("SÃ¶mmer2024x,{JAN}\n")),
        ("type line", format!("#TYPE Selected.User\n{}", rows(&str::to_owned))),
        ("header below", format!("{}{}", "note 1\n".repeat(12), rows(&str::to_owned))),
        ("right", rows(&|row| format!("x,{row}"))),
        ("far right", rows(&|row| format!("x,{row}x"))),
        ("one login", rows(&|row| row.replace("j.oz", "k.ase"))),
        ("late quote", rows(&|row| row.replace("Öz", "\"Öz").replace("Åse", "Åse\""))),
        ("late quote at the start", rows(&|row| row.replace("Jürgen", "\"Jürgen").replace("Kim", "Kim\""))),
        ("late quote at the end", format!("{TITLES}\n{JAN}\"a\n{KIM}b\"\n")),
        ("open quote", rows(&|row| row.replace("Åse", "\"Åse"))),
        ("rows in quotes", rows(&|row| format!("\"{row}\""))),
        ("control", rows(&|row| row.replace("Sommer", "Som\u{7}mer"))),
        ("title twice", title("last name", "password")),
        ("title wrong", title("password", "pass word for now")),
        ("title missing", title("password", "")),
        ("titles wrong", title("name", "nom")),
        ("one title", title("e", "é")),
        ("no profiles", title("routing profile name", "mobile")),
        ("unknown names", rows(&|row| row.replace("Agent", "Sommer2024x"))),
        ("semicolons", rows(&str::to_owned).replace(',', ";")),
        ("tabs", rows(&str::to_owned).replace(',', "\t")),
        ("json", format!("[{{\"password\":\"Sommer2024x\",\"user login\":\"{JAN}\"}}]")),
    ];
    for n in 0..8 {
        forms.push(("left", rows(&without(n))));
        // The same where there are no addresses.
        let no_email = |row: &str| row.replace("j@example.com,", "").replace("k@example.com,", "");
        let titles = TITLES.replace("email address,", "");
        let moved =
            |row: &str| if n < 7 { without(n)(&no_email(row)) } else { format!("x,{}", no_email(row)) };
        forms.push(("without addresses", format!("{titles}\n{}\n{}\n", moved(JAN), moved(KIM))));
    }
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (i, (form, text)) in forms.iter().enumerate() {
        let mut add =
            |encoding: &str, bytes: Vec<u8>| files.push((format!("{i}-{form}-{encoding}.csv"), bytes));
        add("utf8", text.clone().into_bytes());
        add("utf16", text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        let garbled = encoding_rs::WINDOWS_1252.decode(text.as_bytes()).0.into_owned();
        add("garbled", garbled.into_bytes());
        let latin = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
        add("latin", latin.clone());
        add("latin and utf8", [latin, "Ö,é,ü,ö\n".repeat(8).into_bytes()].concat());
        add("turkish", encoding_rs::WINDOWS_1254.encode(text).0.into_owned());
        add("japanese", encoding_rs::SHIFT_JIS.encode(text).0.into_owned());
    }
    let files: Vec<(String, Vec<u8>)> =
        files.into_iter().map(|(name, bytes)| (name.replace([' ', ','], "_"), bytes)).collect();
    let attached: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let mut story = Story::with_files(&attached).await;
    for (name, _) in &files {
        let chosen = if name.contains("latin") { " encoding:latin1" } else { " update:true" };
        for option in ["", chosen] {
            let seen = story.says("helpdesk", &format!("/connect import {name}{option}")).await;
            // A card breaks its lines anywhere.
            let joined: String = seen.chars().filter(|c| !c.is_whitespace() && *c != '│').collect();
            assert!(!joined.contains("mmer2024x"), "{name}{option}: {seen}");
        }
    }
    crate::support::nowhere_below(story.folder(), "mmer2024x");
}

#[tokio::test]
async fn who_is_meant_by_a_login_that_no_one_has_is_said() {
    let user = |login: &str| format!("Zed,Zero,{login}@example.com,,{login},Basic Routing Profile,Agent");
    let (with, without) = (sheet(&[&user("004200")]), sheet(&[&user("4200")]));
    let typo = b"user login,ACW timeout (seconds)\nmei.chan,120\njohn.doe,60\n";
    let mut story = Story::with_files(&[
        ("typo.csv", typo),
        ("with.csv", with.as_bytes()),
        ("without.csv", without.as_bytes()),
    ])
    .await;
    let told = story.told("helpdesk", "/connect import typo.csv update:true").await;
    assert!(told.contains("1 error in 1 row. Row 2: No user `mei.chan`. Did you mean `mei.chen`?"), "{told}");
    plays! { story: ("helpdesk", "/connect import typo.csv", "To change existing users with fewer columns, add `update:true`.") }
    // A spreadsheet takes the zeros from a number.
    let told = story.told("helpdesk", "/connect import with.csv").await;
    let no = told.split("/desk confirm ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    story.says("helpdesk", &format!("/desk confirm {no}")).await;
    story.says("supervisor", &format!("/desk approve {no}")).await;
    plays! { story: ("helpdesk", "/connect import without.csv", "There is a user `004200`, which differs only in zeros in front.") }
}

#[tokio::test]
async fn files_are_read_as_spreadsheets_write_them() {
    let latin = b"first name;last name;email address;user login;routing profile name;security_profile_name_1\r\nZo\xeb;\"O'\r\nHara\";zoe@example.com;Zoe.OHara;Basic Routing Profile;Agent\r\n";
    let apart = sheet(&["Jose\u{301},One,jose@example.com,,Jose.One,Basic Routing Profile,Agent"]);
    let mut story = Story::with_files(&[("latin.csv", latin), ("apart.csv", apart.as_bytes())]).await;
    let told = story.told("helpdesk", "/connect import latin.csv").await;
    // An ë is an ė in another country, so people are asked.
    assert!(told.contains("`Zoë` in windows-1252 or `Zoė` in windows-1257"), "{told}");
    plays! { story: ("helpdesk", "/connect import latin.csv encoding:latin1", "windows-1252, separated by semicolons, with 1 user", "Zoë", "so check the names") }
    let card = story.card("helpdesk", "/connect import apart.csv").await;
    assert!(file(&card, "findings.csv").contains("has accents apart from their letters"));
    story.says("helpdesk", "/desk confirm 3").await;
    story.says("supervisor", "/desk approve 3").await;
    assert_eq!(story.world().await["users"]["Jose.One"]["identity"]["FirstName"], "Jos\u{e9}");
}

#[tokio::test]
async fn what_is_no_sheet_is_refused_by_name() {
    let many: Vec<String> = (0..1_001)
        .map(|i| format!("Ann,One,a{i}@example.com,,ann.{i},Basic Routing Profile,Agent"))
        .collect();
    let many = sheet(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let large = vec![b'x'; desk_core::formats::sheet::BYTES_MAX + 1];
    let files: [(&str, &[u8], &str); 6] = table! {
        ("empty.csv", b"", "The file is empty. `/connect import` without a sheet gives an empty one."),
        ("picture.png", b"\x89PNG\r\n\x1a\n", "The file is a picture (PNG), not a sheet of users. Save the sheet as `.xlsx` or as `CSV UTF-8`"),
        ("book.xlsx", b"PK\x03\x04xl/workbook", "The file is an Excel workbook that is damaged, not a sheet of users. Save the sheet as"),
        ("users.json", b"[{\"a\": 1}]", "The file is JSON, not a sheet of users."),
        ("many.csv", many.as_bytes(), "1001"),
        ("large.csv", &large, "The file is larger than 8 MiB. Split it into smaller ones."),
    };
    let given: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes, _)| (*name, *bytes)).collect();
    let mut story = Story::with_files(&given).await;
    for (name, _, message) in files {
        plays! { story: ("helpdesk", &format!("/connect import {name}"), message) }
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn a_file_is_checked_with_few_calls_however_many_users_there_are() {
    let mut rows: Vec<String> = (0..250)
        .map(|i| format!("Ann,One,a{i}@example.com,,ann.{i:03},Basic Routing Profile,Agent"))
        .collect();
    rows.push("John,Doe,,,john.doe,,".to_owned());
    rows.push("Jane,,,,jane.doe,,".to_owned());
    let rows = sheet(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let mut story = Story::with_files(&[("users.csv", rows.as_bytes())]).await;
    let told = story.told("helpdesk", "/connect import users.csv").await;
    assert!(told.contains("Create 250 users from the file"), "{told}");
    story.tells("helpdesk", "/desk details 1", &["New: 250 users", "2 users, skipped"]).await;
    let calls = story.sim("GET /_sim/calls").await;
    assert_eq!(calls["operations"]["SearchUsers"]["calls"], 3, "a hundred logins a search: {calls}");
    assert_eq!(calls["operations"]["DescribeUser"]["calls"], 2, "only who exists is read: {calls}");
}

#[tokio::test]
async fn nobody_imports_more_rights_than_they_may_give() {
    let rows = sheet(&["Ann,One,ann@example.com,,Ann.One,Basic Routing Profile,Admin"]);
    let mut story = Story::with_files(&[("users.csv", rows.as_bytes())]).await;
    story.tells("helpdesk", "/connect import users.csv", &["more than your role (l1) may give"]).await;
}

#[tokio::test]
async fn auto_accept_stands_in_the_file_and_is_warned_of() {
    let rows = "first name,last name,email address,user login,routing profile name,security_profile_name_1|security_profile_name_2,soft phone auto accept (yes/no)\n\
                Zoe,Hill,zoe.hill@example.com,Zoe.Hill,Basic Routing Profile,Agent,yes\n\
                Max,Hill,max.hill@example.com,Max.Hill,Basic Routing Profile,Agent,no\n";
    let mut story = Story::with_files(&[("auto.csv", rows.as_bytes())]).await;
    plays! { story: ("helpdesk", "✓ /connect import auto.csv", "doesn't apply to chats or callbacks", "⇒") }
    let world = story.world().await;
    for (login, on) in [("Zoe.Hill", true), ("Max.Hill", false)] {
        assert_eq!(world["users"][login]["phone_config"]["AutoAccept"], on, "{login}");
    }
}

#[tokio::test]
async fn who_has_neither_email_nor_password_is_created_and_needs_a_reset() {
    let rows = sheet(&["Ann,One,,,Ann.One,Basic Routing Profile,Agent"]);
    let mut story = Story::with_files(&[("users.csv", rows.as_bytes())]).await;
    let card = story.card("helpdesk", "/connect import users.csv").await;
    let message = "Without an email address or a password, a user can't sign in until a reset (1 user).";
    assert!(format!("{card:?}").contains(message), "{card:?}");
    assert!(file(&card, "findings.csv").contains("a password that no one knows"), "{card:?}");
    assert_eq!(story.card("helpdesk", "/desk confirm 1").await.tone, Tone::Good);
    assert_eq!(story.world().await["users"]["Ann.One"]["password"], "set");
    assert_eq!(story.card("helpdesk", "/desk reveal 1").await.tone, Tone::Bad, "no one gets it");
}

#[tokio::test]
async fn a_sheet_of_newcomers_gives_each_what_salesforce_needs_and_takes_back_only_whoever_it_refuses() {
    let rows = ["Nora,Nowak,nora.nowak@example.com,,nora.nowak,Basic Routing Profile,Agent"];
    let known = sheet(&rows);
    let unknown =
        sheet(&[rows[0], "Max,Muster,max.muster@example.com,,Max.Muster,Basic Routing Profile,Agent"]);
    let changes = "user login,ACW timeout\njohn.doe,60\n";
    let files = [
        ("known.csv", known.as_bytes()),
        ("unknown.csv", unknown.as_bytes()),
        ("changes.csv", changes.as_bytes()),
    ];
    let mut story = Story::with_files(&files).await;
    let before = story.world().await;
    // No one is created when Salesforce doesn't know one of them.
    plays! { story:
        ("helpdesk", "/connect import unknown.csv salesforce:true", "Max.Muster", "Salesforce"),
        ("helpdesk", "/connect import changes.csv update:true salesforce:true", "The file `changes.csv` has no new users, and `salesforce:true` is for those."),
    }
    assert_eq!(story.world().await, before);
    plays! { story: ("helpdesk", "✓ /connect import known.csv salesforce:true", "╭ ✓") }
    assert_eq!(story.held("nora.nowak@practice.example.com", "AC_Agent").await, 1);
    assert!(!story.world().await["users"]["nora.nowak"].is_null());
}

#[tokio::test]
async fn users_that_exist_are_changed_by_a_sheet_and_changed_back() {
    let rows = "user login,last name,ACW timeout (seconds),mobile\njohn.doe,Dough,120,\nmei.chen,,45,none\nemeka.eze,,,\n";
    let mut story = Story::with_files(&[("changes.csv", rows.as_bytes())]).await;
    let before = story.world().await["users"].clone();
    // Without being told to, an import changes no one.
    plays! { story:
        ("helpdesk", "/connect import changes.csv", "`first name`"),
        ("helpdesk", "/connect import changes.csv update:true", "Update 2 users from the file `changes.csv`.", "· Last name (`john.doe`): Doe → Dough", "· After contact work (voice) (`john.doe`): 300 s → 120 s", "· After contact work (voice) (`mei.chen`): 300 s → 45 s"),
        ("helpdesk", "/desk details 2", "After contact work (voice): `300 s` → `120 s`", "`mei.chen` · `Mei Chen`: · After contact work (voice): `300 s` → `45 s`"),
        ("helpdesk", "/desk confirm 2", "· completed"),
    }
    assert_snapshot!(story.saved("files/2-result.csv"), @"
    ﻿row,login,outcome
    2,john.doe,changed
    3,mei.chen,changed
    4,emeka.eze,skipped: no changes
    ");
    let john = story.world().await["users"]["john.doe"].clone();
    assert_eq!(john["identity"]["LastName"], "Dough");
    // The same sheet again finds nothing to do.
    let again = story.says("helpdesk", "/connect import changes.csv update:true").await;
    assert!(again.contains("The file `changes.csv` changes nothing"), "{again}");
    plays! { story: ("helpdesk", "☑ /connect undo 2", "· completed") }
    for login in ["john.doe", "mei.chen"] {
        let now = story.world().await["users"][login].clone();
        assert_eq!(now["identity"], before[login]["identity"]);
        assert_eq!(now["acw"], before[login]["acw"]);
    }
}

#[tokio::test]
async fn a_sheet_in_another_encoding_is_read_in_the_one_that_is_chosen_and_said() {
    let bytes = include_bytes!("../../cases/sheets/c08_gbk.csv");
    let mut story = Story::with_files(&[("users.csv", bytes.as_slice())]).await;
    plays! { story:
        ("helpdesk", "/connect import users.csv", "`encoding:gbk`"),
        ("helpdesk", "✓ /connect import users.csv encoding:gbk", "伟 李", "check the names", "⇒"),
    }
    assert_eq!(story.world().await["users"]["wei.li"]["identity"]["FirstName"], "伟");
}

#[tokio::test]
async fn without_a_sheet_there_is_one_to_fill_in() {
    let mut story = Story::with_files(&[]).await;
    plays! { story: ("helpdesk", "/connect import", "Each row is one user.", "`users.csv`, 478 bytes") }
    let sheet = story.saved("files/20261120-090000-users.csv");
    assert!(sheet.starts_with("\u{feff}first name,last name,email address,password,user login,"), "{sheet}");
    assert_eq!(sheet.lines().count(), 2);
    // Nothing was asked for, and what was sent unchanged imports no one.
    story.attach("users.csv", sheet.as_bytes());
    story.tells("helpdesk", "/connect import users.csv", &["Import", "it has no user"]).await;
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn proficiencies_are_checked_set_and_come_back_in_an_export() {
    let wrong = "first name,last name,email address,user login,routing profile name,security profile,proficiencies\n\
        Rosa,Lima,rosa@example.com,rosa.lima,Basic Routing Profile,Agent,Language:Spansh=4\n\
        Tim,Vega,tim@example.com,tim.vega,Basic Routing Profile,Agent,Language:Spanish=2.5\n";
    let mut story = Story::with_files(&[("wrong.csv", wrong.as_bytes())]).await;
    plays! { story: ("helpdesk", "/connect import wrong.csv", "Did you mean `Spanish`?", "whole levels from 1 to 5") }

    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "/connect import skilled.csv", "Import rosa.lima and tim.vega") }
    let told = story.told("helpdesk", "/desk details 1").await;
    let (rosa, tim) = told.split_once("`tim.vega` ·").unwrap_or_else(|| panic!("{told}"));
    assert!(rosa.contains("Proficiency Language: Spanish: `none` → `4`"), "{told}");
    assert!(!tim.contains("Proficiency "), "{told}");
    story.says("helpdesk", "/desk confirm 1").await;
    plays! { story: ("supervisor", "/desk approve 1", "╭ ✓") }
    let has = story.world().await["users"]["rosa.lima"]["proficiencies"].to_string();
    assert!(has.contains("\"Spanish\"") && has.contains("4.0"), "{has}");

    plays! { story: ("helpdesk", "☑ /connect export login:rosa.lima") }
    let csv = file(&story.card("helpdesk", "/desk file 2").await, "users-2026-11-20.csv");
    assert!(csv.contains(",proficiencies") && csv.contains("Language:English=5|Language:Spanish=4"), "{csv}");
    // The same file is nothing new; another level is a difference and is left alone.
    story.tells("helpdesk", "/connect import skilled.csv", &["2 users exist as in the file"]).await;
}

#[tokio::test]
async fn proficiencies_of_users_that_exist_become_those_of_the_sheet_and_back() {
    let rows = "user login,proficiencies,password\njohn.doe,Language:English=3|Language:Spanish=4,Winter2026!\nmei.chen,none,\n";
    let mut story = Story::with_files(&[("skills.csv", rows.as_bytes())]).await;
    let has = async |story: &mut Story, login: &str| {
        in_order(story.world().await)["users"][login]["proficiencies"].clone()
    };
    let before = [has(&mut story, "john.doe").await, has(&mut story, "mei.chen").await];
    assert!(before[1].as_array().is_some_and(|all| !all.is_empty()), "{before:?}");
    plays! { story:
        ("helpdesk", "/connect import skills.csv update:true", "Update 2 users from the file `skills.csv`.", "The file has passwords that are not used; `findings.csv` says why (1 user)."),
        ("helpdesk", "/desk details 1", "Language: Spanish: `2` → `4`", "Language: Mandarin: `5` → `none`"),
        ("helpdesk", "/desk confirm 1", "· completed"),
    }
    let john = has(&mut story, "john.doe").await.to_string();
    assert!(john.contains("Spanish") && john.contains("3.0"), "{john}");
    assert_eq!(has(&mut story, "mei.chen").await.as_array().map(Vec::len), Some(0));
    // What is left to say of a sheet that changes nothing is said.
    plays! { story:
        (
            "helpdesk",
            "/connect import skills.csv update:true",
            "The file `skills.csv` changes nothing: 2 users exist as in the file.",
            "Row 2: The user exists, so the password is not used. Give a new one with `/connect reset`.",
            "`findings.csv`"
        ),
        ("helpdesk", "☑ /connect undo 1", "· completed"),
    }
    assert_eq!([has(&mut story, "john.doe").await, has(&mut story, "mei.chen").await], before);
}

#[tokio::test]
async fn logins_that_salesforce_provisions_are_created_where_people_sign_in_by_saml() {
    let sheet = include_bytes!("../../cases/sheets/e1_scv.csv");
    let saml = |options: &mut connect_desk::practice::Options| {
        options.sim.identity = desk_sim::IdentityType::Saml;
    };
    let mut story = Story::with(saml).await;
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), sheet).unwrap();
    plays! { story:
        ("helpdesk", &format!("/connect import {}", file.path().display()), "Create 2 users from the file", "≠20 characters"),
        ("helpdesk", "/desk details 1", "New: 2 users", "≠20 characters"),
        ("helpdesk", "/desk confirm 1"),
        ("supervisor", "/desk approve 1"),
    }
    assert!(!story.world().await["users"]["jdoe@0055g00000ABCDEFGH@00D5g000001234567A"].is_null());
}

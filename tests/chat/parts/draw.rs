//! What a card becomes at Discord.

use std::io::Read as _;

use connect_desk::discord::attached::BYTES_MAX;
use connect_desk::discord::button::ButtonSigner;
use connect_desk::discord::draw::{OutgoingMessage, RenderOptions, message};
use desk_core::card::{Block, Card, PAGE, Style, Tone};
use serde_json::{Value, json};

use std::sync::Arc;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::secret::Secret;
use secrecy::SecretBox;

fn render(private: bool) -> RenderOptions<'static> {
    RenderOptions { private, ..RenderOptions::BARE }
}

fn text_of(sheet: &OutgoingMessage) -> String {
    let embed = &sheet.json["embeds"][0];
    let part = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("{}{}{}", part(&embed["title"]), part(&embed["description"]), part(&embed["footer"]["text"]))
}

#[test]
fn text_from_outside_means_nothing() {
    let table = Block::Table {
        columns: vec!["Login".to_owned()],
        rows: vec![vec!["**@everyone** `x` <@&1> ||s|| [a](https://evil)".to_owned()]],
    };
    let card = Card::new(Tone::Plain, "**bold** `a`").text("one_two `*kept*`").block(table);
    let sheet = message(&card, render(true));
    let body = sheet.json["embeds"][0]["description"].as_str().unwrap();
    assert!(body.contains("one\\_two `*kept*`"), "{body}");
    assert!(
        body.contains("\\*\\*@everyone\\*\\* 'x' \\<@&1\\> \\|\\|s\\|\\| \\[a\\](https://evil)"),
        "{body}"
    );
    assert_eq!(sheet.json["allowed_mentions"], json!({ "parse": [], "roles": [] }));
    assert_eq!(sheet.json["embeds"][0]["title"], "\\*\\*bold\\*\\* a");
}

#[test]
fn nothing_is_ever_too_long() {
    let long = "wörd ".repeat(4_000);
    let rows = vec![vec![long.clone(), "=1+1".to_owned()]; 500];
    for private in [true, false] {
        let mut card = Card::new(Tone::Asks, long.clone())
            .text(long.clone())
            .warning(long.clone())
            .block(Block::Table { columns: vec!["a".to_owned(), "b".to_owned()], rows: rows.clone() })
            .footer(long.clone());
        card.request = Some(RequestNo(7));
        card.private = private;
        for i in 0..40 {
            card = card.action(&format!("verb{i}"), &long, Style::Quiet);
        }
        let signer = ButtonSigner::new(Arc::new(SecretBox::new(Box::new([7; 32]))));
        let calls = [1; 200];
        let sheet = message(
            &card,
            RenderOptions {
                signer: Some(&signer),
                plan: Some("cc89e2"),
                calls: &calls,
                private,
                ..RenderOptions::BARE
            },
        );
        let embed = &sheet.json["embeds"][0];
        let length = |value: &Value| value.as_str().unwrap_or_default().chars().count();
        assert!(length(&embed["title"]) <= 256 && length(&embed["description"]) <= 4_096);
        assert!(text_of(&sheet).chars().count() <= 6_000);
        assert!(length(&sheet.json["content"]) <= 2_000);
        let rows = sheet.json["components"].as_array().unwrap();
        assert!(rows.len() <= 5 && rows.iter().all(|row| row["components"].as_array().unwrap().len() <= 5));
        assert!(text_of(&sheet).contains(if private { "in the file" } else { "/desk details 7" }));
        assert_eq!(sheet.files.is_empty(), !private);
    }
}

/// A text of so many bytes, which is compressed to a fraction or to three quarters.
fn file(bytes: usize, is_random: bool) -> String {
    let mut state = 1_u64;
    let random = std::iter::from_fn(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some(b' ' + (state >> 58) as u8)
    });
    let text = if is_random { random.take(bytes).collect() } else { vec![b'x'; bytes] };
    String::from_utf8(text).unwrap()
}

#[test]
fn no_file_is_larger_than_discord_takes() {
    for (bytes, is_random, name) in [
        (BYTES_MAX, false, Some("users.json")),
        (BYTES_MAX + 1, false, Some("users.json.zip")),
        (3 * BYTES_MAX / 2, true, None),
    ] {
        let text = file(bytes, is_random);
        let card = Card::new(Tone::Good, "t")
            .block(Block::File { name: "users.json".to_owned(), text: text.clone() });
        let sheet = message(&card, render(true));
        let body = sheet.json["embeds"][0]["description"].as_str().unwrap();
        assert_eq!(sheet.files.first().map(|file| file.name.as_str()), name, "{bytes}");
        let Some(sent) = sheet.files.first() else {
            assert_eq!(
                body,
                "⚠ users.json has 15 MiB, and Discord takes 10, also compressed. Request a smaller part of it."
            );
            continue;
        };
        assert!(body.contains(&sent.name) && sent.bytes.len() <= BYTES_MAX, "{body}");
        if bytes > BYTES_MAX {
            let mut archive = zip::ZipArchive::new(std::io::Cursor::new(sent.bytes.to_vec())).unwrap();
            let mut whole = String::new();
            archive.by_name("users.json").unwrap().read_to_string(&mut whole).unwrap();
            assert!(whole == text, "the archive has the file");
        }
    }
}

#[test]
fn no_two_buttons_of_a_message_do_the_same() {
    let signer = ButtonSigner::new(Arc::new(SecretBox::new(Box::new([7; 32]))));
    let rows = (0..25).map(|i| vec![format!("agent{i}")]).collect();
    let mut card = Card::new(Tone::Plain, "t")
        .block(Block::Table { columns: vec!["Login".to_owned()], rows })
        .says("/connect check", "Check", Style::Quiet)
        .says("/connect check", "Check again", Style::Yes)
        .says("/connect check", "Check", Style::Quiet)
        .in_menu()
        .turns("/connect find", "First page")
        .action("desk approve", "Approve", Style::Yes)
        .action("desk approve", "Approve", Style::Yes);
    card.request = Some(RequestNo(7));
    card.line = Some("/connect find".to_owned());
    let sheet = message(&card, RenderOptions { signer: Some(&signer), page: 2, ..RenderOptions::BARE });
    let rows = sheet.json["components"].as_array().unwrap().iter();
    let parts: Vec<&Value> = rows.flat_map(|row| row["components"].as_array().unwrap()).collect();
    let ids: Vec<&Value> = parts.iter().map(|part| &part["custom_id"]).collect();
    assert!(ids.iter().enumerate().all(|(i, id)| !ids[..i].contains(id)), "{ids:?}");
    let labels: Vec<&str> = parts.iter().filter_map(|part| part["label"].as_str()).collect();
    assert_eq!(labels, ["Check", "First page", "Approve", "›", "CSV"]);
}

#[test]
fn every_character_of_a_password_shows() {
    for secret in ["plain", "a`b", "``", "a||b", "*_*"] {
        let block = Block::Secret { label: "john.doe".to_owned(), value: Secret::new(secret.to_owned()) };
        let sheet = message(&Card::new(Tone::Good, "t").block(block), render(true));
        let body = sheet.json["embeds"][0]["description"].as_str().unwrap().to_owned();
        assert!(body.contains(secret), "{body}");
    }
}

#[test]
fn a_spreadsheet_calculates_nothing() {
    let cells = ["=HYPERLINK(\"x\")", " =1+1", "'=1+1", "＝1+1", "+12025550123", "Zoë, a"];
    let rows: Vec<_> = cells.iter().cycle().take(2 * PAGE).map(|cell| vec![(*cell).to_owned()]).collect();
    let table = Block::Table { columns: vec!["Name".to_owned()], rows };
    let sheet = message(&Card::new(Tone::Good, "t").block(table), render(true));
    let file = std::str::from_utf8(&sheet.files[0].bytes).unwrap();
    let head = "\u{feff}Name\r\n\"'=HYPERLINK(\"\"x\"\")\"\r\n' =1+1\r\n''=1+1\r\n'＝1+1\r\n+12025550123\r\n\"Zoë, a\"\r\n";
    assert!(sheet.files[0].name == "all.csv" && file.starts_with(head), "{file:?}");
}

#[test]
fn text_from_outside_begins_no_heading_and_no_list() {
    for (name, said) in [
        ("# a", "\\# a"),
        ("  ### a", "  \\### a"),
        ("-# a", "\\-# a"),
        ("- a", "\\- a"),
        ("+ a", "\\+ a"),
        ("* a", "\\* a"),
        ("1. a", "1\\. a"),
        ("> a", "\\> a"),
        ("#\u{a0}a", "\\#\u{a0}a"),
        ("1.5 #a -a", "1.5 #a -a"),
    ] {
        // A row that is too long for a line has its second cell below the first.
        let rows = [("x", name), ("y", "b")].map(|(first, next)| vec![first.repeat(60), next.to_owned()]);
        let table = Block::Table { columns: vec!["A".to_owned(), "B".to_owned()], rows: rows.to_vec() };
        let card = Card::new(Tone::Good, "t").text(name).block(table).text(format!("a\n{name}"));
        let sheet = message(&card, render(true));
        let body = sheet.json["embeds"][0]["description"].as_str().unwrap();
        let lines = body.lines().filter(|line| line.ends_with('a') && *line != "a").collect::<Vec<_>>();
        assert_eq!(lines, [said; 3], "{body}");
    }
}

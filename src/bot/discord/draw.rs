//! A card as a Discord message: one embed, its buttons, and a file where the card is longer than Discord takes.
//!
//! Discord's limits (developer documentation, August 2026), in characters: content 2,000; embed title 256, description
//! 4,096, footer 2,048, 6,000 in all; five rows of five buttons; a label 80. What does not fit is shortened and says
//! where the rest is; nothing ever fails for its length.

use std::fmt::Write as _;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::text::plain;
use desk_core::card::{Block, Button, Card, Item, Mark, Style, Tone};
use serde_json::{Value, json};
use sha2::Digest as _;
use zeroize::Zeroizing;

use super::button::{ButtonAction, ButtonSigner, LINE_MAX};

const TITLE_MAX: usize = 256;
const BODY_MAX: usize = 4_000;
const FOOTER_MAX: usize = 500;
const CONTENT_MAX: usize = 2_000;
const LABEL_MAX: usize = 80;
/// Rows of a table that are read on a phone; a longer table comes as a file beside them.
const ROWS_SHOWN: usize = 20;
/// The longest cell of a table, in characters: the names of ten security profiles have fewer.
const CELL_MAX: usize = 2_000;
/// The most files of a message.
const FILES_MAX: usize = 10;
/// Only the person who did something sees the message.
const EPHEMERAL: u64 = 1 << 6;

/// A message ready to be sent, whichever request carries it.
pub(super) struct OutgoingMessage {
    pub json: Value,
    /// At most [`FILES_MAX`].
    pub files: Vec<Attached>,
}

/// What a message looks like, as a SHA-256.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Drawing(pub [u8; 32]);

/// A file that goes with a message.
#[derive(Clone)]
pub(super) struct Attached {
    pub name: String,
    pub bytes: Zeroizing<Vec<u8>>,
}

impl Attached {
    fn text(name: &str, text: String) -> Attached {
        Attached { name: name.to_owned(), bytes: Zeroizing::new(text.into_bytes()) }
    }

    /// What tells it from another file under the same name: the first characters of its SHA-256.
    pub(super) fn mark(&self) -> String {
        desk_core::basics::text::hex(sha2::Sha256::digest(&*self.bytes).get(..8).unwrap_or_default())
    }
}

impl OutgoingMessage {
    /// Everything that people see of it, for telling whether it differs from what stands.
    pub(super) fn drawing(&self) -> Drawing {
        let files = self.files.iter().map(|file| format!("\n{} {}", file.name, file.mark()));
        let all: String = std::iter::once(self.json.to_string()).chain(files).collect();
        Drawing(sha2::Sha256::digest(all.as_bytes()).into())
    }
}

/// What a card becomes a message with.
#[derive(Clone, Copy)]
pub(super) struct RenderOptions<'a> {
    pub marks: Option<&'a ButtonSigner>,
    /// The plan on the card, by the first characters of its digest; a button says yes to it and to no other.
    pub plan: Option<&'a str>,
    /// Roles to call, by their ids.
    pub calls: &'a [u64],
    pub private: bool,
}

/// Draws a card.
pub(super) fn message(card: &Card, dress: RenderOptions<'_>) -> OutgoingMessage {
    let (body, files, more) = body(card);
    let mut embed = json!({
        "title": cut(&format!("{} {}", mark_of(card.tone), escaped(&card.title.replace('`', ""))), TITLE_MAX),
        "description": body,
        "color": colour(card.tone),
    });
    if let Some(footer) = &card.footer {
        embed["footer"] = json!({ "text": cut(&footer.replace('`', ""), FOOTER_MAX) });
    }
    let mut content = String::new();
    if !dress.calls.is_empty() {
        for role in dress.calls {
            let _ = write!(content, "<@&{role}> ");
        }
        content.push_str(&escaped(&card.title.replace('`', "")));
    }
    let mut json = json!({
        "content": cut(&content, CONTENT_MAX),
        "embeds": [embed],
        "components": buttons(card, dress),
        "allowed_mentions": { "parse": [], "roles": dress.calls.iter().map(u64::to_string).collect::<Vec<_>>() },
    });
    let mut files = files;
    if dress.private {
        json["flags"] = json!(EPHEMERAL);
    }
    // Whatever the text says is in a file goes along, whoever reads it.
    files.extend(more);
    files.truncate(FILES_MAX);
    OutgoingMessage { json, files }
}

/// A sentence that calls roles.
pub(super) fn call(roles: &[u64], text: &str) -> OutgoingMessage {
    let mut content: String = roles.iter().map(|role| format!("<@&{role}> ")).collect();
    content.push_str(&escaped(&text.replace('`', "")));
    OutgoingMessage {
        json: json!({
            "content": cut(&content, CONTENT_MAX),
            "embeds": [],
            "components": [],
            "allowed_mentions": { "parse": [], "roles": roles.iter().map(u64::to_string).collect::<Vec<_>>() },
        }),
        files: Vec::new(),
    }
}

/// What an old card becomes when another message is the card: where that is, and no buttons.
pub(super) fn moved(no: RequestNo, link: &str) -> OutgoingMessage {
    call(&[], &format!("The card of {no} is here now: {link}"))
}

/// A plain private sentence.
pub(super) fn sentence(text: &str) -> OutgoingMessage {
    OutgoingMessage {
        json: json!({
            "content": cut(text, CONTENT_MAX),
            "flags": EPHEMERAL,
            "embeds": [],
            "components": [],
            "allowed_mentions": { "parse": [] },
        }),
        files: Vec::new(),
    }
}

fn buttons(card: &Card, dress: RenderOptions<'_>) -> Value {
    let Some(marks) = dress.marks else { return json!([]) };
    let opens = opens(card);
    let pressed: Vec<(&Button, ButtonAction)> = opens
        .iter()
        .chain(&card.actions)
        .filter_map(|action| Some((action, press(action, card.request, dress.plan)?)))
        .collect();
    let rows: Vec<Value> = pressed
        .chunks(5)
        .take(5)
        .map(|row| {
            let buttons: Vec<Value> = row
                .iter()
                .map(|(action, press)| {
                    let style = match action.style {
                        Style::Yes => 3,
                        Style::No => 4,
                        Style::Quiet => 2,
                    };
                    json!({
                        "type": 2,
                        "style": style,
                        "label": cut(&action.label, LABEL_MAX),
                        "custom_id": marks.id(press),
                    })
                })
                .collect();
            json!({ "type": 1, "components": buttons })
        })
        .collect();
    json!(rows)
}

/// The most requests of a list that have a button.
const OPENS: usize = 10;

/// A button for each request of a list whose card is in no channel that the reader is in now.
fn opens(card: &Card) -> Vec<Button> {
    let items = card.blocks.iter().filter_map(|block| match block {
        Block::Items { items, .. } => Some(items),
        _ => None,
    });
    let mut numbers: Vec<RequestNo> =
        items.flatten().filter(|item| item.link.is_none()).filter_map(|item| item.request).collect();
    numbers.dedup();
    let button = |no: &RequestNo| Button {
        verb: String::new(),
        label: no.to_string(),
        style: Style::Quiet,
        line: Some(format!("/{} {}", desk_core::policy::SHOW, no.0)),
    };
    numbers.iter().take(OPENS).map(button).collect()
}

/// What a button means; nothing for one that has no place on Discord, such as a line that is too long for it.
fn press(action: &Button, request: Option<RequestNo>, plan: Option<&str>) -> Option<ButtonAction> {
    match (&action.line, request) {
        (Some(line), _) => (line.len() <= LINE_MAX).then(|| ButtonAction::Say { line: line.clone() }),
        (None, Some(no)) => {
            Some(ButtonAction::Decide { verb: action.verb.clone(), no, plan: plan.map(str::to_owned) })
        }
        (None, None) => None,
    }
}

/// The text of the card within Discord's limit, its files, and one with what is longer.
fn body(card: &Card) -> (String, Vec<Attached>, Option<Attached>) {
    let mut lines: Vec<String> = Vec::new();
    let mut files = Vec::new();
    let mut more = None;
    // The card of a request is edited often, so what it has no room for is shown by a command and not by a file.
    let details = card.request.filter(|_| !card.private);
    let mut before: Option<&Block> = None;
    for block in &card.blocks {
        if let Some(before) = before
            && !(matches!(before, Block::Text(_)) && matches!(block, Block::Text(_)))
        {
            lines.push(String::new());
        }
        before = Some(block);
        lines.extend(block_lines(block));
        if let Block::Scan { value, .. } = block
            && let Some(picture) = crate::qr::picture(value)
        {
            files.push(Attached { name: "scan.png".to_owned(), bytes: Zeroizing::new(picture) });
        }
        if let Block::File { name, text } = block {
            files.push(Attached::text(name, text.clone()));
        }
        if let Block::Table { columns, rows } = block
            && rows.len() > ROWS_SHOWN
        {
            let left = rows.len() - ROWS_SHOWN;
            lines.push(match details {
                Some(no) => format!("… and {left} more: {}", details_of(no)),
                None => format!("… and {left} more in the file."),
            });
            more.get_or_insert_with(|| Attached::text("all.csv", csv(columns, rows)));
        }
    }
    let whole = lines.join("\n");
    if whole.chars().count() <= BODY_MAX {
        return (whole, files, more.filter(|_| details.is_none()));
    }
    let rest = match details {
        Some(no) => format!("… there is more: {}", details_of(no)),
        None => "… all of it is in the file.".to_owned(),
    };
    let mut shown = String::new();
    let room = BODY_MAX - rest.chars().count() - 1;
    for line in &lines {
        let line = cut(line, 1_000);
        if shown.chars().count() + line.chars().count() + 1 > room {
            break;
        }
        shown.push_str(&line);
        shown.push('\n');
    }
    shown.push_str(&rest);
    let more = more.unwrap_or_else(|| Attached::text("all.txt", whole));
    (shown, files, Some(more).filter(|_| details.is_none()))
}

/// What shows all of a request.
fn details_of(no: RequestNo) -> String {
    format!("`/{} {}`", desk_core::policy::DETAILS, no.0)
}

fn block_lines(block: &Block) -> Vec<String> {
    match block {
        Block::Text(text) => vec![escaped(text)],
        Block::Warning(text) => vec![format!("⚠️ {}", escaped(text))],
        Block::Facts(facts) => {
            facts.iter().map(|(name, value)| format!("**{}** {}", escaped(name), escaped(value))).collect()
        }
        Block::Changes(changes) => changes
            .iter()
            .map(|(what, before, after)| {
                format!("**{}** {} → {}", escaped(what), escaped(before), escaped(after))
            })
            .collect(),
        Block::Steps(steps) => {
            steps.iter().map(|(mark, step)| format!("{} {}", mark_of_step(*mark), escaped(step))).collect()
        }
        Block::Points(heading, points) => std::iter::once(format!("**{}**", escaped(heading)))
            .chain(points.iter().map(|point| format!("• {}", escaped(point))))
            .collect(),
        Block::Table { columns, rows } => table(columns, rows),
        Block::Items { heading, items } => {
            let heading = (!heading.is_empty()).then(|| format!("**{}**", escaped(heading)));
            heading.into_iter().chain(items.iter().flat_map(item)).collect()
        }
        Block::Progress { done, total } => vec![format!("{} {done} of {total}", bar(*done, *total))],
        Block::File { name, .. } => vec![format!("📎 {}", escaped_cell(name))],
        Block::Scan { label, .. } => vec![format!("**{}**", escaped(&cell(label)))],
        Block::Secret { label, value } => {
            vec![format!("**{}**", escaped(&cell(label))), format!("||{}||", literal(value.show()))]
        }
    }
}

/// An item in two lines; the number of its request leads to the card.
fn item(item: &Item) -> Vec<String> {
    let no = match (&item.request, &item.link) {
        (Some(no), Some(link)) => format!("**[{no}]({link})** "),
        (Some(no), None) => format!("**{no}** "),
        (None, _) => "• ".to_owned(),
    };
    let line = (!item.line.is_empty()).then(|| format!("-# {}", escaped(&item.line)));
    std::iter::once(format!("{no}{}", escaped(&item.title))).chain(line).collect()
}

/// A bar of ten squares.
fn bar(done: usize, total: usize) -> String {
    let full = (done * 10).checked_div(total).map_or(10, |full| full.min(10));
    format!("{}{}", "▰".repeat(full), "▱".repeat(10 - full))
}

/// A table as people read it on a phone: a line a row, its first cell in bold.
fn table(columns: &[String], rows: &[Vec<String>]) -> Vec<String> {
    let heading = format!("-# {}", columns.iter().map(|c| escaped(c)).collect::<Vec<_>>().join(" · "));
    let lines = rows.iter().take(ROWS_SHOWN).map(|row| {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .filter(|(i, text)| *i == 0 || !text.is_empty())
            .map(|(i, text)| {
                let text = escaped_cell(text);
                if i == 0 { format!("**{text}**") } else { text }
            })
            .collect();
        cells.join(" · ")
    });
    std::iter::once(heading).chain(lines).collect()
}

/// RFC 4180, with a quote before what a spreadsheet would calculate.
fn csv(columns: &[String], rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    for row in std::iter::once(columns).chain(rows.iter().map(Vec::as_slice)) {
        let cells: Vec<String> = row
            .iter()
            .map(|text| {
                let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
                format!("\"{guard}{}\"", text.replace('"', "\"\""))
            })
            .collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

/// A text of the core for Discord's Markdown: code spans stay, an address stays, everything else is literal.
///
/// A channel that is named by its id becomes a link to it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split('`').enumerate() {
        if i % 2 == 1 {
            let id = part.len() >= 15 && part.bytes().all(|b| b.is_ascii_digit());
            if id && out.ends_with("channel ") {
                let _ = write!(out, "<#{part}>");
            } else {
                let _ = write!(out, "`{part}`");
            }
            continue;
        }
        for (j, word) in part.split(' ').enumerate() {
            if j > 0 {
                out.push(' ');
            }
            if word.starts_with("https://") { out.push_str(word) } else { escape_into(&mut out, word) }
        }
    }
    out
}

/// A cell holds text from outside as it is: nothing in it means anything, not even a backtick.
fn escaped_cell(text: &str) -> String {
    let mut out = String::new();
    escape_into(&mut out, &cell(text));
    out
}

fn cell(text: &str) -> String {
    plain(text, CELL_MAX)
}

fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        if "\\*_~|<>[]`#@:".contains(c) && !(c == ':' || c == '#' || c == '@') {
            out.push('\\');
        }
        out.push(c);
    }
}

/// Text between as many backticks as it takes, so that every character of it shows.
fn literal(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(max - 1).collect();
    // Half an escape would take the character after it along.
    if out.ends_with('\\') {
        out.pop();
    }
    out.push('…');
    out
}

fn mark_of(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "🔎",
        Tone::Asks => "❔",
        Tone::Runs => "⏳",
        Tone::Good => "✅",
        Tone::Bad => "⛔",
        Tone::Alarm => "🚨",
    }
}

fn mark_of_step(mark: Mark) -> &'static str {
    match mark {
        Mark::Todo => "▫️",
        Mark::Doing => "⏳",
        Mark::Done => "✅",
        Mark::Failed => "❌",
        Mark::TakenBack => "↩️",
        Mark::Look => "⚠️",
    }
}

fn colour(tone: Tone) -> u32 {
    match tone {
        Tone::Plain => 0x0080_848e,
        Tone::Asks => 0x00f0_b232,
        Tone::Runs => 0x0058_65f2,
        Tone::Good => 0x0023_a55a,
        Tone::Bad => 0x00f2_3f43,
        Tone::Alarm => 0x00eb_459e,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use desk_core::basics::ids::RequestNo;
    use desk_core::basics::secret::Secret;
    use secrecy::SecretBox;

    use super::*;

    fn dress(private: bool) -> RenderOptions<'static> {
        RenderOptions { marks: None, plan: None, calls: &[], private }
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
        let sheet = message(&card, dress(true));
        let body = sheet.json["embeds"][0]["description"].as_str().unwrap();
        assert!(body.contains("one\\_two `*kept*`"), "{body}");
        assert!(
            body.contains("\\*\\*@everyone\\*\\* 'x' \\<@&1\\> \\|\\|s\\|\\| \\[a\\](https://evil)"),
            "{body}"
        );
        assert_eq!(sheet.json["allowed_mentions"], json!({ "parse": [], "roles": [] }));
        assert_eq!(sheet.json["embeds"][0]["title"], "🔎 \\*\\*bold\\*\\* a");
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
            let marks = ButtonSigner::new(Arc::new(SecretBox::new(Box::new([7; 32]))));
            let calls = [1; 200];
            let sheet = message(
                &card,
                RenderOptions { marks: Some(&marks), plan: Some("cc89e2"), calls: &calls, private },
            );
            let embed = &sheet.json["embeds"][0];
            let length = |value: &Value| value.as_str().unwrap_or_default().chars().count();
            assert!(length(&embed["title"]) <= 256 && length(&embed["description"]) <= 4_096);
            assert!(text_of(&sheet).chars().count() <= 6_000);
            assert!(length(&sheet.json["content"]) <= 2_000);
            let rows = sheet.json["components"].as_array().unwrap();
            assert!(
                rows.len() <= 5 && rows.iter().all(|row| row["components"].as_array().unwrap().len() <= 5)
            );
            assert!(text_of(&sheet).contains(if private { "in the file" } else { "/desk details 7" }));
            assert_eq!(sheet.files.is_empty(), !private);
        }
    }

    #[test]
    fn every_character_of_a_password_shows() {
        for secret in ["plain", "a`b", "``", "a||b", "*_*"] {
            let block = Block::Secret { label: "john.doe".to_owned(), value: Secret::new(secret.to_owned()) };
            let sheet = message(&Card::new(Tone::Good, "t").block(block), dress(true));
            let body = sheet.json["embeds"][0]["description"].as_str().unwrap().to_owned();
            assert!(body.contains(secret), "{body}");
        }
    }

    #[test]
    fn a_spreadsheet_calculates_nothing() {
        let rows = vec![vec!["=HYPERLINK(\"x\")".to_owned(), "a,b".to_owned()]];
        assert_eq!(
            csv(&["A".to_owned(), "B".to_owned()], &rows),
            "\"A\",\"B\"\r\n\"'=HYPERLINK(\"\"x\"\")\",\"a,b\"\r\n"
        );
    }
}

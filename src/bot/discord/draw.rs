//! A card as a Discord message: one embed, its buttons and the menu "More", and a file where the card is longer than Discord takes.
//!
//! Discord's limits (developer documentation, August 2026), in characters: content 2,000; embed title 256, description
//! 4,096, footer 2,048, 6,000 in all; five rows of five buttons or one menu of 25 options; a label 80. What does not fit is shortened
//! and says where the rest is; nothing ever fails for its length.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::roles::Role;
use desk_core::basics::span::{Span, spans};
use desk_core::basics::text::plain;
use desk_core::card::{Block, Button, Card, Item, Mark, Opens, PAGE, Style, Tone, is_gap, narrowed};
use desk_core::formats::sheet::rows_file;
use serde_json::{Value, json};
use sha2::Digest as _;
use zeroize::Zeroizing;

use super::attached::{Attached, BYTES_MAX};
use super::button::{ButtonAction, ButtonSigner, LINE_MAX};
use super::tree::as_typed;

const TITLE_MAX: usize = 256;
const BODY_MAX: usize = 4_000;
const FOOTER_MAX: usize = 500;
const CONTENT_MAX: usize = 2_000;
const LABEL_MAX: usize = 80;
/// A row of a table up to this length, in characters, is one line on a phone.
const LINE: usize = 44;
/// The page of a table that is a file of all of it.
pub(super) const FILE_PAGE: usize = 0;
/// The longest cell of a table, in characters: the names of ten security profiles have fewer.
const CELL_MAX: usize = 2_000;
/// The most files of a message.
const FILES_MAX: usize = 10;
/// The menu "More", and the most options of one. What is chosen says what it does, so the menu itself says nothing.
const MENU: &str = "more";
/// The menu that shows a row of a table.
const OPEN: &str = "open";
const MENU_MAX: usize = 25;
/// What a button that turns a page carries beside its line.
const PAGE_DIGITS: usize = 6;
/// Only the person who did something sees the message.
const EPHEMERAL: u64 = 1 << 6;

/// A message ready to be sent, whichever request carries it.
pub struct OutgoingMessage {
    pub json: Value,
    /// At most [`FILES_MAX`].
    pub files: Vec<Attached>,
}

/// What a message looks like, as a SHA-256.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Drawing(pub [u8; 32]);

impl OutgoingMessage {
    /// Everything that people see of it, to tell whether it differs from the current message.
    pub(super) fn drawing(&self) -> Drawing {
        let files = self.files.iter().map(|file| format!("\n{} {}", file.name, file.mark()));
        let all: String = std::iter::once(self.json.to_string()).chain(files).collect();
        Drawing(sha2::Sha256::digest(all.as_bytes()).into())
    }
}

/// What a card becomes a message with.
#[derive(Clone, Copy)]
pub struct RenderOptions<'a> {
    pub signer: Option<&'a ButtonSigner>,
    /// The plan on the card, by the first characters of its digest; a button approves it and no other.
    pub plan: Option<&'a str>,
    /// Roles to notify, by their ids.
    pub calls: &'a [u64],
    pub private: bool,
    /// The page of its table, from 1; [`FILE_PAGE`] for the first with all of it as a file.
    pub page: usize,
    /// The roles of the server, for naming them.
    pub roles: &'a BTreeMap<u64, Role>,
}

impl RenderOptions<'static> {
    /// For one's own eyes, and nothing to press.
    pub const BARE: RenderOptions<'static> = RenderOptions {
        signer: None,
        plan: None,
        calls: &[],
        private: true,
        page: 1,
        roles: &BTreeMap::new(),
    };
}

/// Draws a card.
pub fn message(card: &Card, render: RenderOptions<'_>) -> OutgoingMessage {
    let (body, files, more) = body(card, render);
    let mut embed = json!({
        "title": cut(&escaped(&bare(&as_typed(&card.title))), TITLE_MAX),
        "description": body,
        "color": color(card.tone),
    });
    if let Some(footer) = &card.footer {
        embed["footer"] = json!({ "text": cut(&bare(footer), FOOTER_MAX) });
    }
    let mut content = String::new();
    if !render.calls.is_empty() {
        for role in render.calls {
            let _ = write!(content, "<@&{role}> ");
        }
        content.push_str(&escaped(&bare(&card.title)));
    }
    let mut json = json!({
        "content": cut(&content, CONTENT_MAX),
        "embeds": [embed],
        "components": buttons(card, render),
        "allowed_mentions": { "parse": [], "roles": render.calls.iter().map(u64::to_string).collect::<Vec<_>>() },
    });
    let mut files = files;
    if render.private {
        json["flags"] = json!(EPHEMERAL);
    }
    // A file that the text mentions is attached, for every reader.
    files.extend(more);
    files.truncate(FILES_MAX);
    OutgoingMessage { json, files }
}

/// A text without spans of any kind, for where Discord shows none.
fn bare(text: &str) -> String {
    desk_core::basics::span::spoken(text).replace('`', "")
}

/// A sentence that notifies roles and people.
pub(super) fn call(roles: &[u64], people: &[u64], text: &str) -> OutgoingMessage {
    let ids = |ids: &[u64]| ids.iter().map(u64::to_string).collect::<Vec<_>>();
    let mut content: String = roles.iter().map(|role| format!("<@&{role}> ")).collect();
    content.extend(people.iter().map(|person| format!("<@{person}> ")));
    content.push_str(&escaped(&bare(text)));
    OutgoingMessage {
        json: json!({
            "content": cut(&content, CONTENT_MAX),
            "embeds": [],
            "components": [],
            "allowed_mentions": { "parse": [], "roles": ids(roles), "users": ids(people) },
        }),
        files: Vec::new(),
    }
}

/// What an old card becomes when another message is the card: where that is, and no buttons.
pub(super) fn moved(no: RequestNo, link: &str) -> OutgoingMessage {
    call(&[], &[], &format!("The card of {no} is here now: {link}"))
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

fn buttons(card: &Card, render: RenderOptions<'_>) -> Value {
    let Some(signer) = render.signer else { return json!([]) };
    let opens = opens(card);
    // Discord takes no message in which two do the same.
    let mut ids = BTreeSet::new();
    let pressed: Vec<(&Button, String)> = opens
        .iter()
        .chain(&card.actions)
        .filter_map(|action| Some((action, signer.id(&press(action, card.request, render.plan)?))))
        .filter(|(_, id)| ids.insert(id.clone()))
        .collect();
    let (more, shown): (Vec<_>, Vec<_>) = pressed.into_iter().partition(|(action, _)| action.more);
    let more: Vec<Value> = more.iter().map(|(action, id)| option(&action.label, "", id)).collect();
    let mut menus = Vec::new();
    if let Some(opens) = card.opens.as_ref().filter(|opens| opens.rows.len() > 1) {
        menus.push((OPEN, format!("Show a {}", opens.what), rows_opened(card, opens, render.page, signer)));
    }
    menus.push((MENU, "More".to_owned(), more));
    menus.retain(|(_, _, options)| !options.is_empty());
    let mut buttons: Vec<Value> =
        shown.iter().map(|(action, id)| button(action.style, &action.label, id)).collect();
    let turns = turns(card, render.page).into_iter().map(|(label, press)| (label, signer.id(&press)));
    buttons.extend(
        turns.filter(|(_, id)| !ids.contains(id)).map(|(label, id)| button(Style::Quiet, label, &id)),
    );
    let rows = 5 - menus.len();
    let mut rows: Vec<Value> =
        buttons.chunks(5).take(rows).map(|row| json!({ "type": 1, "components": row })).collect();
    for (id, placeholder, mut options) in menus {
        options.truncate(MENU_MAX);
        let select = json!({ "type": 3, "custom_id": id, "placeholder": placeholder, "options": options });
        rows.push(json!({ "type": 1, "components": [select] }));
    }
    json!(rows)
}

/// An option of a menu. What is chosen is what a button would carry.
fn option(label: &str, description: &str, id: &str) -> Value {
    let mut option = json!({ "label": cut(label, LABEL_MAX), "value": id });
    if !description.is_empty() {
        option["description"] = json!(cut(description, LABEL_MAX));
    }
    option
}

/// The rows of this page as options, each once. A name whose line is too long for an option is typed.
fn rows_opened(card: &Card, opens: &Opens, page: usize, signer: &ButtonSigner) -> Vec<Value> {
    let cells = card.blocks.iter().find_map(|block| match block {
        Block::Table { rows, .. } => Some(rows.as_slice()),
        _ => None,
    });
    let cells = cells.unwrap_or_default().iter().skip((page.max(1) - 1) * PAGE);
    let mut options: Vec<Value> = Vec::new();
    for ((name, line), cells) in opens.page(page).zip(cells) {
        if name.trim().is_empty() || line.len() > LINE_MAX {
            continue;
        }
        let id = signer.id(&ButtonAction::Say { line: line.clone() });
        let beside = cells.get(1).map(|text| cell(text)).unwrap_or_default();
        if options.iter().all(|one| one["value"] != json!(id)) {
            options.push(option(&cell(name), &beside, &id));
        }
    }
    options
}

fn button(style: Style, label: &str, id: &str) -> Value {
    let style = match style {
        Style::Yes => 3,
        Style::No => 4,
        Style::Quiet => 2,
    };
    json!({ "type": 2, "style": style, "label": cut(label, LABEL_MAX), "custom_id": id })
}

/// The buttons that turn the pages of a long table, and give all of it as a file.
fn turns(card: &Card, page: usize) -> Vec<(&'static str, ButtonAction)> {
    let (Some(line), Some(rows)) = (paged(card), rows(card)) else { return Vec::new() };
    let (page, pages) = (page.max(1), rows.div_ceil(PAGE));
    let to = |page: usize| ButtonAction::Page { page, line: line.to_owned() };
    let before = (page > 1).then(|| ("‹", to(page - 1)));
    let after = (page < pages).then(|| ("›", to(page + 1)));
    before.into_iter().chain(after).chain([("CSV", to(FILE_PAGE))]).collect()
}

/// The rows of the table of a card that are too many for one page.
fn rows(card: &Card) -> Option<usize> {
    card.blocks.iter().find_map(|block| match block {
        Block::Table { rows, .. } if rows.len() > PAGE => Some(rows.len()),
        _ => None,
    })
}

/// The line that shows a card again, where it fits a button.
fn paged(card: &Card) -> Option<&str> {
    card.line.as_deref().filter(|line| fits_a_page(line))
}

/// Whether there is room in a button for a line and the page of its table.
fn fits_a_page(line: &str) -> bool {
    line.len() + PAGE_DIGITS <= LINE_MAX
}

/// The most requests of a list that have a button.
const OPENS: usize = 10;

/// A button for the only row of a table, and for each request of a list whose card is in no channel that the reader is in now.
fn opens(card: &Card) -> Vec<Button> {
    let button = |label: String, line: String| Button {
        path: String::new(),
        label,
        style: Style::Quiet,
        line: Some(line),
        more: false,
        turns: false,
    };
    let only = card.opens.as_ref().filter(|opens| opens.rows.len() == 1);
    let only = only.into_iter().flat_map(|opens| &opens.rows);
    let only = only.map(|(name, line)| button(format!("Show {}", cell(name)), line.clone()));
    let is_linked = |no: &RequestNo| {
        card.blocks.iter().any(|block| match block {
            Block::Items { items, .. } => {
                items.iter().any(|item| item.request == Some(*no) && item.link.is_some())
            }
            _ => false,
        })
    };
    let requests = card.requests().into_iter().filter(|no| !is_linked(no)).take(OPENS);
    let show = |no: RequestNo| button(no.to_string(), format!("/{} {}", desk_core::policy::SHOW, no.0));
    only.chain(requests.map(show)).collect()
}

/// What a button means; nothing for one that has no place on Discord, such as a line that is too long for it.
fn press(action: &Button, request: Option<RequestNo>, plan: Option<&str>) -> Option<ButtonAction> {
    match (&action.line, request) {
        (Some(line), _) if action.turns && fits_a_page(line) => {
            Some(ButtonAction::Page { page: 1, line: line.clone() })
        }
        (Some(line), _) => (line.len() <= LINE_MAX).then(|| ButtonAction::Say { line: line.clone() }),
        (None, Some(no)) => {
            Some(ButtonAction::Decide { path: action.path.clone(), no, plan: plan.map(str::to_owned) })
        }
        (None, None) => None,
    }
}

/// The text of the card within Discord's limit, its files, and one with what is longer.
fn body(card: &Card, render: RenderOptions<'_>) -> (String, Vec<Attached>, Option<Attached>) {
    let mut lines: Vec<String> = Vec::new();
    let mut files = Vec::new();
    let mut more = None;
    // The card of a request is edited often, so what it has no room for is shown by a command and not by a file.
    let details = card.request.filter(|_| !card.private);
    let mut before: Option<&Block> = None;
    for block in &card.blocks {
        if before.is_some_and(|before| is_gap(before, block)) {
            lines.push(String::new());
        }
        before = Some(block);
        if let Block::File { name, text } = block {
            let file = Attached::text(name, text.clone());
            lines.push(file.as_ref().map_or_else(
                || format!("⚠ {}", too_large(name, text)),
                |file| format!("📎 {}", escaped_cell(&file.name)),
            ));
            files.extend(file);
            continue;
        }
        lines.extend(block_lines(block, render));
        if let Block::Scan { value, .. } = block
            && let Some(picture) = crate::qr::picture(value)
        {
            files.push(Attached { name: "scan.png".to_owned(), bytes: Zeroizing::new(picture) });
        }
        if let Block::Table { columns, rows } = block
            && rows.len() > PAGE
        {
            let page = render.page.max(1);
            let (from, to) = ((page - 1) * PAGE + 1, (page * PAGE).min(rows.len()));
            lines.push(match (details, paged(card)) {
                (Some(_), _) => format!("and {} more in Details", rows.len() - PAGE),
                (None, Some(_)) => format!("-# {from}–{to} of {}", rows.len()),
                (None, None) => format!("-# {from}–{to} of {}, all in the file", rows.len()),
            });
            if paged(card).is_none() || render.page == FILE_PAGE {
                more = more.or_else(|| Attached::text("all.csv", rows_file(columns, rows)));
            }
        }
    }
    let whole = lines.join("\n");
    if whole.chars().count() <= BODY_MAX {
        return (whole, files, more.filter(|_| details.is_none()));
    }
    let rest = match details {
        Some(no) => format!("… more in Details: `/{} {}`", desk_core::policy::DETAILS, no.0),
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
    let more = more.or_else(|| Attached::text("all.txt", whole));
    (shown, files, more.filter(|_| details.is_none()))
}

/// What is said of a file that Discord doesn't take, also compressed.
fn too_large(name: &str, text: &str) -> String {
    let (mebibytes, most) = (text.len() >> 20, BYTES_MAX >> 20);
    format!(
        "{} has {mebibytes} MiB, and Discord takes {most}, also compressed. Request a smaller part of it.",
        escaped_cell(name)
    )
}

fn block_lines(block: &Block, render: RenderOptions<'_>) -> Vec<String> {
    let text = |text: &str| rendered(text, render);
    match block {
        Block::Text(said) => vec![text(said)],
        Block::Warning(said) => vec![format!("⚠ {}", text(said))],
        Block::Facts(facts) => {
            facts.iter().map(|(name, value)| format!("**{}** {}", escaped(name), text(value))).collect()
        }
        Block::Changes(changes) => changes
            .iter()
            .map(|(what, before, after)| {
                let arrow = if before.is_empty() { "" } else { " → " };
                format!("• {}: {}{arrow}{}", text(what), escaped(&bare(before)), bold(&bare(after)))
            })
            .collect(),
        Block::Steps(steps) => {
            steps.iter().map(|(mark, step)| format!("{} {}", mark_of_step(*mark), text(step))).collect()
        }
        Block::Checklist(needs) => {
            let sign = |there: bool| if there { "☑" } else { "☐" };
            needs.iter().map(|(there, need)| format!("{} {}", sign(*there), text(need))).collect()
        }
        Block::Points(heading, points) => {
            let heading = (!heading.is_empty()).then(|| format!("**{}**", text(heading)));
            heading.into_iter().chain(points.iter().map(|point| format!("• {}", text(point)))).collect()
        }
        Block::Table { columns, rows } => table(columns, rows, render.page.max(1)),
        Block::Progress { done, total, what } => {
            let what = if what.is_empty() { String::new() } else { format!(" · {}", text(what)) };
            vec![format!("{} {done} of {total}{what}", bar(*done, *total))]
        }
        Block::Items { heading, items } => {
            let heading = (!heading.is_empty()).then(|| format!("**{}**", text(heading)));
            heading.into_iter().chain(items.iter().flat_map(|one| item(one, render))).collect()
        }
        // What is said of it depends on whether Discord takes it.
        Block::File { .. } => Vec::new(),
        Block::Scan { label, .. } => vec![format!("**{}**", escaped(&cell(label)))],
        Block::Secret { label, value } => {
            vec![format!("**{}**", escaped(&cell(label))), format!("||{}||", literal(value.show()))]
        }
    }
}

/// Text that stands out; of nothing, nothing does.
fn bold(text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { format!("**{}**", escaped(text)) }
}

/// An item in two lines; the number of its request leads to the card.
fn item(item: &Item, render: RenderOptions<'_>) -> Vec<String> {
    let no = match (&item.request, &item.link) {
        (Some(no), Some(link)) => format!("**[{no}]({link})** "),
        (Some(no), None) => format!("**{no}** "),
        (None, _) => "• ".to_owned(),
    };
    let line = (!item.line.is_empty()).then(|| format!("-# {}", rendered(&item.line, render)));
    std::iter::once(format!("{no}{}", rendered(&item.title, render))).chain(line).collect()
}

/// A bar of ten squares.
fn bar(done: usize, total: usize) -> String {
    let full = (done * 10).checked_div(total).map_or(10, |full| full.min(10));
    format!("{}{}", "▰".repeat(full), "▱".repeat(10 - full))
}

/// A page of a table as people read it on a phone: a bold name, and the rest beside it, or below it where that is too long for a line.
/// What every row has in common is said once.
fn table(columns: &[String], rows: &[Vec<String>], page: usize) -> Vec<String> {
    let table = narrowed(columns, rows);
    let mut lines = Vec::new();
    if !table.shared.is_empty() {
        let shared = table
            .shared
            .iter()
            .map(|(column, value)| format!("{}: {}", escaped(column), escaped_cell(value)));
        lines.push(format!("-# {}", shared.collect::<Vec<_>>().join(" · ")));
    }
    if table.columns.len() > 2 {
        lines
            .push(format!("-# {}", table.columns.iter().map(|c| escaped(c)).collect::<Vec<_>>().join(" · ")));
    }
    let shown: Vec<&[String]> =
        table.rows.iter().skip((page - 1) * PAGE).take(PAGE).map(Vec::as_slice).collect();
    let length = |row: &&[String]| row.iter().map(|cell| cell.chars().count() + 3).sum::<usize>();
    let beside = shown.iter().all(|row| length(row) <= LINE);
    for row in shown {
        let Some((first, rest)) = row.split_first() else { continue };
        let rest: Vec<String> =
            rest.iter().filter(|text| !text.is_empty()).map(|text| escaped_cell(text)).collect();
        let name = if first.trim().is_empty() {
            String::new()
        } else {
            format!("**{}**", escaped_cell(&as_typed(first)))
        };
        match (rest.is_empty(), beside) {
            (true, _) => lines.push(name),
            (false, true) => lines.push(format!("{name} · {}", rest.join(" · "))),
            (false, false) => lines.extend([name, rest.join(" · ")]),
        }
    }
    lines
}

/// A text with its moments, people and roles as Discord shows them.
fn rendered(text: &str, render: RenderOptions<'_>) -> String {
    let mut out = String::new();
    for span in spans(text) {
        match span {
            Span::Text(text) => escape_words(&mut out, text),
            Span::Code(code) => out.push_str(&code_span(&out, code)),
            Span::Time { at, now, live } => {
                // A message stays for days, so a time of day alone would be that of no day.
                let day = |at: jiff::Timestamp| at.as_second().div_euclid(86_400);
                let style = if live && day(at) == day(now) { 'R' } else { 'f' };
                let _ = write!(out, "<t:{}:{style}>", at.as_second());
            }
            Span::Person { platform: "discord", id, .. } => {
                let _ = write!(out, "<@{id}>");
            }
            Span::Person { name, .. } => escape_into(&mut out, name),
            Span::Role(word) => match render.roles.iter().find(|(_, role)| role.word() == word) {
                Some((id, _)) => {
                    let _ = write!(out, "<@&{id}>");
                }
                None => escape_into(&mut out, word),
            },
        }
    }
    out
}

/// A text of the core for Discord's Markdown: code spans stay, an address stays, everything else is literal.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split('`').enumerate() {
        match i % 2 {
            1 => out.push_str(&code_span(&out, part)),
            _ => escape_words(&mut out, part),
        }
    }
    out
}

/// A channel that is named by its id becomes a link to it, and a command is as it is typed at Discord.
fn code_span(before: &str, part: &str) -> String {
    let id = part.len() >= 15 && part.bytes().all(|b| b.is_ascii_digit());
    if id && before.ends_with("channel ") { format!("<#{part}>") } else { format!("`{}`", as_typed(part)) }
}

fn escape_words(out: &mut String, text: &str) {
    for (i, word) in text.split(' ').enumerate() {
        if i > 0 {
            out.push(' ');
        }
        if word.starts_with("https://") { out.push_str(word) } else { escape_into(out, word) }
    }
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

/// Adds a text of which nothing means anything to Markdown, also where it begins a line: there are headings, small text and lists.
fn escape_into(out: &mut String, text: &str) {
    for line in text.split_inclusive('\n') {
        let begins = matches!(out.trim_end_matches(' ').chars().next_back(), None | Some('\n'));
        let word = line.split_whitespace().next().unwrap_or_default();
        let is_number = word.trim_start_matches(|c: char| c.is_ascii_digit()) == "." && word != ".";
        let mut marks = begins && (is_number || ["#", "##", "###", "-", "-#", "+"].contains(&word));
        for c in line.chars() {
            if "\\*_~|<>[]`".contains(c) || marks && ".#-+".contains(c) {
                out.push('\\');
                marks = false;
            }
            out.push(c);
        }
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

fn color(tone: Tone) -> u32 {
    match tone {
        Tone::Plain => 0x0080_848e,
        Tone::Asks => 0x00f0_b232,
        Tone::Runs => 0x0058_65f2,
        Tone::Good => 0x0023_a55a,
        Tone::Bad => 0x00f2_3f43,
        Tone::Over => 0x004e_5058,
        Tone::Alarm => 0x00eb_459e,
    }
}

//! A card as a box in a terminal: wrapped to its width, coloured only where colours are wanted.

use anstyle::{AnsiColor, Style};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table};
use desk_core::card::{Block, Card, Mark, SEND, Tone};
use unicode_width::UnicodeWidthStr;

/// How a terminal wants its cards.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    /// Columns, of which a card uses at least 40 and at most 100.
    pub width: usize,
    pub colour: bool,
}

impl Paper {
    /// For files and tests: 80 columns, no colour.
    pub const PLAIN: Paper = Paper { width: 80, colour: false };

    fn inner(self) -> usize {
        self.width.clamp(40, 100) - 4
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// Draws the card. The last line ends without a line break.
pub fn draw(card: &Card, paper: Paper) -> String {
    let edge = tone_style(card.tone);
    let inner = paper.inner();
    let mut body: Vec<String> = Vec::new();
    for block in &card.blocks {
        let lines = block_lines(block, inner, paper);
        let spaced = !matches!(block, Block::Text(_)) || lines.len() > 1;
        if !body.is_empty() && spaced && body.last().is_some_and(|last| !last.is_empty()) {
            body.push(String::new());
        }
        body.extend(lines);
        if spaced {
            body.push(String::new());
        }
    }
    while body.last().is_some_and(String::is_empty) {
        body.pop();
    }
    let typed: Vec<String> = card
        .actions
        .iter()
        // A line that may have been meant stands in the text already.
        .filter(|action| action.verb != SEND)
        .filter_map(|action| match (&action.line, card.request) {
            (Some(line), _) => Some(line.clone()),
            (None, Some(request)) => Some(format!("/desk {} {}", action.verb, request.0)),
            (None, None) => None,
        })
        .collect();
    if !typed.is_empty() {
        body.push(String::new());
        let line = format!("→ {}", typed.join("   "));
        body.extend(wrap(&line, inner, "  ").into_iter().map(|line| paper.paint(BOLD, &line)));
    }

    let title = format!("{} {}", tone_mark(card.tone), unquoted(&card.title, paper));
    let mut out = Vec::new();
    out.push(paper.paint(edge, &rule('╭', &title, '╮', inner)));
    for line in &body {
        let line = painted_code(line, paper);
        let blanks = inner.saturating_sub(width_of(&line));
        let side = paper.paint(edge, "│");
        out.push(format!("{side} {line}{} {side}", " ".repeat(blanks)));
    }
    let private = card.private.then(|| "only you see this".to_owned());
    let small: Vec<String> = private.into_iter().chain(card.footer.clone()).collect();
    let small = small.join(" · ");
    out.push(paper.paint(edge, &rule('╰', &small, '╯', inner)));
    out.join("\n")
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const CODE: Style = AnsiColor::Cyan.on_default();

fn tone_style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Asks => AnsiColor::Yellow.on_default(),
        Tone::Runs => AnsiColor::Blue.on_default(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Bad => AnsiColor::Red.on_default(),
        Tone::Alarm => AnsiColor::Magenta.on_default().bold(),
    }
}

fn tone_mark(tone: Tone) -> char {
    match tone {
        Tone::Plain => '·',
        Tone::Asks => '?',
        Tone::Runs => '…',
        Tone::Good => '✓',
        Tone::Bad => '✗',
        Tone::Alarm => '!',
    }
}

fn mark(mark: Mark) -> char {
    match mark {
        Mark::Todo => '○',
        Mark::Doing => '◐',
        Mark::Done => '✓',
        Mark::Failed => '✗',
        Mark::TakenBack => '↶',
        Mark::Look => '!',
    }
}

/// A horizontal edge with words in it. Words that are too long for one line are cut with `…`.
fn rule(left: char, words: &str, right: char, inner: usize) -> String {
    let words = cut(words, inner.saturating_sub(2));
    if words.is_empty() {
        return format!("{left}{}{right}", "─".repeat(inner + 2));
    }
    let dashes = (inner + 2).saturating_sub(width_of(&words) + 3);
    format!("{left}─ {words} {}{right}", "─".repeat(dashes))
}

fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + 2 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

fn block_lines(block: &Block, inner: usize, paper: Paper) -> Vec<String> {
    match block {
        Block::Text(text) => wrap(text, inner, ""),
        Block::Warning(text) => {
            let style = AnsiColor::Yellow.on_default().bold();
            wrap(&format!("! {text}"), inner, "  ")
                .into_iter()
                .map(|line| paper.paint(style, &line))
                .collect()
        }
        Block::Facts(facts) => {
            let widest = facts.iter().map(|(name, _)| name.width()).max().unwrap_or(0).min(24);
            let mut lines = Vec::new();
            for (name, value) in facts {
                let label = format!("{name}{}  ", " ".repeat(widest.saturating_sub(name.width())));
                lines.extend(wrap(&format!("{label}{value}"), inner, &" ".repeat(widest + 2)));
            }
            lines
        }
        Block::Changes(changes) => changes
            .iter()
            .flat_map(|(what, before, after)| wrap(&format!("{what}: {before} → {after}"), inner, "  "))
            .collect(),
        Block::Steps(steps) => steps
            .iter()
            .flat_map(|(state, title)| wrap(&format!("{} {title}", mark(*state)), inner, "  "))
            .collect(),
        Block::Points(heading, points) => {
            let mut lines = vec![format!("{heading}:")];
            lines.extend(points.iter().flat_map(|point| wrap(&format!("· {point}"), inner, "  ")));
            lines
        }
        Block::Table { columns, rows } => table(columns, rows, inner),
        Block::Items { heading, items } => {
            let mut lines = Vec::new();
            if !heading.is_empty() {
                lines.push(paper.paint(BOLD, &format!("{heading}:")));
            }
            for item in items {
                let no = item.request.map(|no| format!("{no} ")).unwrap_or_default();
                lines.extend(wrap(&format!("{no}{}", item.title), inner, "   "));
                lines.extend(
                    wrap(&format!("   {}", item.line), inner, "   ")
                        .into_iter()
                        .filter(|_| !item.line.is_empty()),
                );
            }
            lines
        }
        Block::Progress { done, total } => {
            let full = (done * 20).checked_div(*total).unwrap_or(20).min(20);
            vec![format!("{}{} {done} of {total}", "█".repeat(full), "░".repeat(20 - full))]
        }
        Block::File { name, text } => wrap(&format!("File `{name}`, {} bytes", text.len()), inner, "  "),
        Block::Scan { value, .. } => {
            let mut lines = crate::qr::lines(value);
            lines.push(String::new());
            lines.extend(value.show().split(['?', '&']).map(str::to_owned));
            lines
        }
        Block::Secret { label: _, value } => vec![paper.paint(BOLD, &format!("    {}", value.show()))],
    }
}

fn table(columns: &[String], rows: &[Vec<String>], inner: usize) -> Vec<String> {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(inner).unwrap_or(u16::MAX))
        .set_header(columns.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| plain_cell(cell)).collect::<Vec<_>>());
    }
    // The first and the last rule of a table would only double the card's own edge.
    let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.retain(|line| !line.chars().all(|c| c == '─'));
    lines
}

/// The longest cell of a table, in characters: the names of ten security profiles have fewer.
const CELL_MAX: usize = 2_000;

/// A cell holds somebody's text: one line, nothing that moves the cursor.
fn plain_cell(text: &str) -> String {
    desk_core::basics::text::plain(text, CELL_MAX)
}

/// The longest span in backticks that is kept on one line.
const GLUED: usize = 36;

/// Wraps to the width; further lines begin with `indent`. A short span in backticks is one word, whatever blanks it has.
fn wrap(text: &str, width: usize, indent: &str) -> Vec<String> {
    // No-break spaces keep code spans together while wrapping and become blanks again.
    let spans = text.split('`').enumerate().map(|(i, span)| {
        if i % 2 == 1 && span.width() <= GLUED { span.replace(' ', "\u{a0}") } else { span.to_owned() }
    });
    let glued = spans.collect::<Vec<_>>().join("`");
    let options = textwrap::Options::new(width).subsequent_indent(indent);
    textwrap::wrap(&glued, options).into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

/// Code spans in colour instead of backticks, where there are colours.
fn painted_code(line: &str, paper: Paper) -> String {
    if !paper.colour || line.matches('`').count() < 2 {
        return line.to_owned();
    }
    let mut out = String::new();
    for (i, part) in line.split('`').enumerate() {
        if i % 2 == 1 { out.push_str(&paper.paint(CODE, part)) } else { out.push_str(part) }
    }
    out
}

fn unquoted(text: &str, paper: Paper) -> String {
    if paper.colour { text.replace('`', "") } else { text.to_owned() }
}

/// The columns a text takes, escape sequences not counted.
fn width_of(text: &str) -> usize {
    let mut width = 0;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        width += before.width();
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    width + rest.width()
}

/// A line that is no card, such as a hint of the console itself.
pub fn aside(text: &str, paper: Paper) -> String {
    wrap(text, paper.inner() + 4, "")
        .into_iter()
        .map(|line| paper.paint(DIM, &line))
        .collect::<Vec<_>>()
        .join("\n")
}

//! A card as a box in a terminal: wrapped to its width, colored only where colors are wanted.

use anstyle::{AnsiColor, Style};
use desk_core::basics::span::{Span, spans};
use desk_core::card::{Block, Button, Card, Item, Mark, Opens, SEND, Tone, is_gap, narrowed};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How a terminal wants its cards.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    /// Columns, of which a card uses at least 32 and at most 100.
    pub width: usize,
    pub color: bool,
    /// Only ASCII, for a terminal whose locale has nothing else.
    pub ascii: bool,
    /// Times are those of the machine's time zone, and not UTC.
    pub local: bool,
}

impl Paper {
    /// For files and tests: 80 columns, no color.
    pub const PLAIN: Paper = Paper { width: 80, color: false, ascii: false, local: false };

    fn inner(self) -> usize {
        self.width.clamp(32, 100) - 4
    }

    /// A text with what this paper has no letters for in those that it has.
    fn written(self, text: String) -> String {
        if self.ascii { ascii(&text) } else { text }
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// Draws the card. The last line ends without a line break.
pub fn draw(card: &Card, paper: Paper) -> String {
    let edge = tone_style(card.tone);
    let inner = paper.inner();
    let mut body: Vec<String> = Vec::new();
    let title = format!("{} {}", tone_mark(card.tone), spoken(&card.title, paper).replace('`', ""));
    // What doesn't fit the edge is inside it: nothing of a title is lost.
    let fits = title.width() + 2 <= inner;
    if !fits {
        body.extend(wrap(&title, inner, "  ").into_iter().map(|line| paper.paint(BOLD, &line)));
        body.push(String::new());
    }
    let mut before: Option<&Block> = None;
    for block in &card.blocks {
        let lines = block_lines(block, inner, paper);
        if before.is_some_and(|before| is_gap(before, block)) {
            body.push(String::new());
        }
        before = Some(block);
        body.extend(lines);
    }
    for (sign, more) in [("→", false), ("… more:", true)] {
        let actions = card.actions.iter().filter(|action| action.more == more);
        let shows = shows(card).filter(|_| !more);
        let typed: Vec<String> =
            shows.into_iter().chain(actions.filter_map(|action| typed(card, action))).collect();
        if typed.is_empty() {
            continue;
        }
        if !more {
            body.push(String::new());
        }
        // No command is broken across lines, unless a line has no room for it.
        let glued: Vec<String> = typed.iter().map(|line| line.replace(' ', "\u{a0}")).collect();
        let lines = wrap(&format!("{sign} {}", glued.join("   ")), inner, "  ");
        body.extend(lines.into_iter().map(|line| paper.paint(BOLD, &line)));
    }

    let mut out = Vec::new();
    out.push(paper.paint(edge, &rule('╭', if fits { &title } else { "" }, '╮', inner)));
    for line in &body {
        let line = painted_code(line, paper);
        let blanks = inner.saturating_sub(width_of(&line));
        let side = paper.paint(edge, "│");
        out.push(format!("{side} {line}{} {side}", " ".repeat(blanks)));
    }
    let private = card.private.then(|| "only you see this".to_owned());
    let footer = card.footer.as_ref().map(|footer| footer.replace('`', ""));
    let small: Vec<String> = private.into_iter().chain(footer).collect();
    let small = small.join(" · ");
    out.push(paper.paint(edge, &rule('╰', &small, '╯', inner)));
    paper.written(out.join("\n"))
}

/// What shows one entry of a card's list, as it is typed.
fn shows(card: &Card) -> Option<String> {
    let requests = card.requests();
    match (&card.opens, requests.as_slice()) {
        (Some(Opens { rows, .. }), _) if rows.len() == 1 => rows.first().map(|(_, line)| line.clone()),
        (Some(opens), _) if !opens.rows.is_empty() => Some(opens.how.clone()),
        (_, []) => None,
        (_, [only]) => Some(format!("/{} {}", desk_core::policy::SHOW, only.0)),
        (_, _) => Some(format!("/{} <number>", desk_core::policy::SHOW)),
    }
}

/// What does the same as a button, as it is typed.
fn typed(card: &Card, action: &Button) -> Option<String> {
    match (&action.line, card.request) {
        // A line that may have been meant is in the text already.
        _ if action.path == SEND => None,
        (Some(line), _) => Some(line.clone()),
        (None, Some(request)) => Some(format!("/{} {}", action.path, request.0)),
        (None, None) => None,
    }
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const CODE: Style = AnsiColor::Cyan.on_default();

fn tone_style(tone: Tone) -> Style {
    match tone {
        Tone::Plain | Tone::Over => Style::new(),
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
        Tone::Over => '-',
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
    let lines = |text: &str, indent: &str| wrap(&spoken(text, paper), inner, indent);
    match block {
        Block::Text(text) => lines(text, ""),
        Block::Warning(text) => {
            let style = AnsiColor::Yellow.on_default().bold();
            lines(&format!("! {text}"), "  ").into_iter().map(|line| paper.paint(style, &line)).collect()
        }
        Block::Facts(facts) => {
            let widest = facts.iter().map(|(name, _)| name.width()).max().unwrap_or(0).min(inner / 3);
            let fact = |(name, value): &(String, String)| {
                let label = format!("{name}{}  ", " ".repeat(widest.saturating_sub(name.width())));
                lines(&format!("{label}{value}"), &" ".repeat(widest + 2))
            };
            facts.iter().flat_map(fact).collect()
        }
        Block::Changes(changes) => {
            let change = |(what, before, after): &(String, String, String)| {
                let arrow = if before.is_empty() { "" } else { " → " };
                lines(&format!("· {what}: {}{arrow}{}", bare(before), bare(after)), "  ")
            };
            changes.iter().flat_map(change).collect()
        }
        Block::Steps(steps) => steps
            .iter()
            .flat_map(|(state, title)| lines(&format!("{} {title}", mark(*state)), "  "))
            .collect(),
        Block::Checklist(needs) => {
            let sign = |there: bool| if there { '☑' } else { '☐' };
            needs.iter().flat_map(|(there, need)| lines(&format!("{} {need}", sign(*there)), "  ")).collect()
        }
        Block::Points(heading, points) => {
            let heading = (!heading.is_empty()).then(|| format!("{heading}:"));
            let points = points.iter().flat_map(|point| lines(&format!("· {point}"), "  "));
            heading.into_iter().chain(points).collect()
        }
        Block::Table { columns, rows } => table(columns, rows, inner, paper),
        Block::Items { heading, items } => {
            let heading = (!heading.is_empty()).then(|| paper.paint(BOLD, &format!("{heading}:")));
            let item = |item: &Item| {
                let no = item.request.map(|no| format!("{no} ")).unwrap_or_default();
                let mut all = lines(&format!("{no}{}", item.title), "   ");
                all.extend(
                    lines(&format!("   {}", item.line), "   ").into_iter().filter(|_| !item.line.is_empty()),
                );
                all
            };
            heading.into_iter().chain(items.iter().flat_map(item)).collect()
        }
        Block::Progress { done, total, what } => {
            let full = (done * 10).checked_div(*total).unwrap_or(10).min(10);
            let what = if what.is_empty() { String::new() } else { format!(" · {what}") };
            lines(&format!("{}{} {done} of {total}{what}", "█".repeat(full), "░".repeat(10 - full)), "  ")
        }
        Block::File { name, text } => lines(&format!("File `{name}`, {} bytes", text.len()), "  "),
        Block::Scan { value, .. } => {
            // A QR code is drawn with blocks; without them its text is what is typed.
            let mut lines = if paper.ascii { Vec::new() } else { crate::qr::lines(value) };
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.extend(value.show().split(['?', '&']).map(str::to_owned));
            lines
        }
        Block::Secret { label: _, value } => vec![paper.paint(BOLD, &format!("    {}", value.show()))],
    }
}

/// A value without the quotes around it: an arrow or a colon says already that it is one.
fn bare(value: &str) -> String {
    value.replace('`', "")
}

/// Columns where every row fits a line; else a name, and below it the rest.
fn table(columns: &[String], rows: &[Vec<String>], inner: usize, paper: Paper) -> Vec<String> {
    let table = narrowed(columns, rows);
    let cells: Vec<Vec<String>> =
        table.rows.iter().map(|row| row.iter().map(|cell| plain_cell(cell)).collect()).collect();
    let mut lines = Vec::new();
    if !table.shared.is_empty() {
        let shared: Vec<String> =
            table.shared.iter().map(|(column, value)| format!("{column}: {}", plain_cell(value))).collect();
        lines.extend(wrap(&shared.join(" · "), inner, "  "));
    }
    let width = |at: usize| {
        let of = |row: &Vec<String>| row.get(at).map_or(0, |cell| cell.width());
        cells.iter().map(of).chain(table.columns.get(at).map(|column| column.width())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    if widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1) <= inner {
        let line = |row: &[String]| {
            let cells = row.iter().zip(&widths);
            let padded = cells
                .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()))));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        lines.push(paper.paint(DIM, &line(&table.columns)));
        lines.extend(cells.iter().map(|row| line(row)));
        return lines;
    }
    if let Some(heading) = (table.columns.len() > 2).then(|| table.columns.join(" · ")) {
        lines.extend(wrap(&heading, inner, "  ").into_iter().map(|line| paper.paint(DIM, &line)));
    }
    for row in &cells {
        let Some((first, rest)) = row.split_first() else { continue };
        let rest: Vec<&str> = rest.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
        let one = format!("{first} · {}", rest.join(" · "));
        if one.width() <= inner && cells.iter().all(|row| row.join(" · ").width() <= inner) {
            lines.push(one.trim_end_matches(" · ").to_owned());
            continue;
        }
        lines.extend(wrap(first, inner, "  ").into_iter().map(|line| paper.paint(BOLD, &line)));
        let below = wrap(&rest.join(" · "), inner.saturating_sub(2), "");
        lines.extend(below.into_iter().filter(|line| !line.is_empty()).map(|line| format!("  {line}")));
    }
    lines
}

/// The longest cell of a table, in characters: the names of ten security profiles have fewer.
const CELL_MAX: usize = 2_000;

/// A cell holds someone's text: one line, nothing that moves the cursor.
fn plain_cell(text: &str) -> String {
    desk_core::basics::text::plain(text, CELL_MAX)
}

/// A text with its moments and people in words.
fn spoken(text: &str, paper: Paper) -> String {
    spans(text)
        .map(|span| match span {
            Span::Text(text) | Span::Role(text) => text.to_owned(),
            Span::Code(text) => format!("`{text}`"),
            Span::Time { at, now, .. } => time(at, now, paper),
            Span::Person { name, .. } => name.replace(' ', "\u{a0}"),
        })
        .collect()
}

/// The time of day, and the date where it is not today's.
fn time(at: Timestamp, now: Timestamp, paper: Paper) -> String {
    let zone = if paper.local { local_zone() } else { TimeZone::UTC };
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone));
    let format = if at.date() == now.date() { "%H:%M %Z" } else { "%-d %b %Y %H:%M %Z" };
    at.strftime(format).to_string().replace(' ', "\u{a0}")
}

/// The time zone of this machine, by `TZ` or the link at /etc/localtime; UTC where neither says one.
fn local_zone() -> TimeZone {
    let link = || Some(std::fs::read_link("/etc/localtime").ok()?.to_string_lossy().into_owned());
    let named = std::env::var("TZ").ok().filter(|name| !name.is_empty()).or_else(link);
    let name = named.unwrap_or_default();
    let name = name.rsplit_once("zoneinfo/").map_or(name.trim_start_matches(':'), |(_, name)| name);
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Wraps to the width at blanks only; further lines begin with `indent`. A span in backticks is one word, whatever blanks it has, as
/// long as it fits a line: no login is broken.
fn wrap(text: &str, width: usize, indent: &str) -> Vec<String> {
    let most = width.saturating_sub(indent.width() + 8).min(GLUED);
    // No-break spaces keep code spans together while wrapping and become blanks again.
    let parts = text.split('`').enumerate().map(|(i, span)| {
        if i % 2 == 1 && span.width() <= most { span.replace(' ', "\u{a0}") } else { span.to_owned() }
    });
    let glued = parts.collect::<Vec<_>>().join("`");
    let options = textwrap::Options::new(width)
        .subsequent_indent(indent)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&glued, options).into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

/// The longest span of several words that is kept on one line.
const GLUED: usize = 36;

/// Code spans in color instead of backticks, where there are colors.
fn painted_code(line: &str, paper: Paper) -> String {
    if !paper.color || line.matches('`').count() < 2 {
        return line.to_owned();
    }
    let mut out = String::new();
    for (i, part) in line.split('`').enumerate() {
        if i % 2 == 1 { out.push_str(&paper.paint(CODE, part)) } else { out.push_str(part) }
    }
    out
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
    let lines: Vec<String> =
        wrap(text, paper.inner() + 4, "").into_iter().map(|line| paper.paint(DIM, &line)).collect();
    paper.written(lines.join("\n"))
}

/// A text in ASCII alone, every letter as wide as it was, so that edges and columns stay where they are.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let drawn = match c {
            c if c.is_ascii() => c,
            '─' => '-',
            '│' => '|',
            '╭' | '╮' | '╰' | '╯' => '+',
            '·' | '•' => '-',
            '→' => '>',
            '…' => '~',
            '○' | '☐' => 'o',
            '◐' => '*',
            '✓' | '☑' => 'v',
            '✗' => 'x',
            '↶' => '<',
            '█' => '#',
            '░' => '.',
            c => {
                let width = UnicodeWidthChar::width(c).unwrap_or(0);
                match deunicode::deunicode_char(c) {
                    Some(spelled) if spelled.len() == width => out.push_str(spelled),
                    // `ß` is `s`, as wide as it was.
                    Some(spelled) if width == 1 && !spelled.trim().is_empty() => {
                        out.extend(spelled.chars().next())
                    }
                    _ => out.push_str(&"?".repeat(width)),
                }
                continue;
            }
        };
        out.push(drawn);
    }
    out
}

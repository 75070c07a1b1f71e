//! A transcript in Markdown: in blocks fenced as `desk`, lines after a prompt such as `helpdesk>` are typed, and what
//! follows up to the next prompt is compared with what the desk answers. A prompt alone is Enter on the line that was put right.

use std::fmt::Write as _;
use std::path::Path;

use desk_core::basics::problem::Problem;
use similar::{ChangeTag, TextDiff};

use super::draw::{Paper, aside, draw};
use super::session::{Session, Shown};

/// A line to type, and what is to come.
struct Exchange {
    /// The line of the file, from 1.
    at: usize,
    speaker: String,
    typed: String,
    expected: Vec<String>,
}

/// A piece of the file.
enum Piece {
    /// Kept as it is.
    Prose(String),
    Exchange(Exchange),
}

/// Plays the transcript. The error shows every answer that is another; with `accept` the file is written again instead.
pub(super) async fn run(session: &mut Session, path: &Path, accept: bool) -> Result<usize, Problem> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Problem::operator("script", format!("The script {} cannot be read ({error}).", path.display()))
            .hint("Check its path.")
    })?;
    let mut differences = String::new();
    let mut written = String::new();
    let mut played = 0;
    for piece in pieces(&text) {
        let exchange = match piece {
            Piece::Prose(line) => {
                written.push_str(&line);
                written.push('\n');
                continue;
            }
            Piece::Exchange(exchange) => exchange,
        };
        played += 1;
        let mut shown: Vec<Shown> = Vec::new();
        // Nothing but Enter sends the line that was put right, as at the keyboard.
        let typed = match exchange.typed.as_str() {
            "" => session.offer().unwrap_or_default(),
            typed => typed.to_owned(),
        };
        session.line(&format!("as {}", exchange.speaker), &mut |s| shown.push(s)).await;
        session.line(&typed, &mut |s| shown.push(s)).await;
        let came: Vec<String> = shown.iter().flat_map(lines).collect();
        if came != exchange.expected {
            let _ = writeln!(
                differences,
                "{}:{}: {}> {}\n{}",
                path.display(),
                exchange.at,
                exchange.speaker,
                exchange.typed,
                difference(&exchange.expected, &came)
            );
        }
        let _ = writeln!(written, "{}", format!("{}> {}", exchange.speaker, exchange.typed).trim_end());
        for line in came {
            written.push_str(&line);
            written.push('\n');
        }
    }
    if accept {
        std::fs::write(path, written).map_err(|error| {
            Problem::operator("script", format!("The script {} cannot be written ({error}).", path.display()))
        })?;
        return Ok(played);
    }
    if played == 0 {
        return Err(Problem::operator("script", format!("Nothing is typed in {}.", path.display()))
            .hint("Put lines such as `helpdesk> /desk help` into a block fenced with ```desk."));
    }
    if differences.is_empty() {
        return Ok(played);
    }
    Err(Problem::operator("script_differs", format!("The desk answers differently:\n{differences}"))
        .hint("Fix the desk, or accept the new answers with --accept and check them."))
}

/// What is typed in a transcript, and by whom.
pub fn typed(text: &str) -> Vec<(String, String)> {
    let exchange = |piece| match piece {
        Piece::Exchange(exchange) => Some((exchange.speaker, exchange.typed)),
        Piece::Prose(_) => None,
    };
    pieces(text).into_iter().filter_map(exchange).collect()
}

fn lines(shown: &Shown) -> Vec<String> {
    let text = match shown {
        Shown::Card(card) => draw(card, Paper::PLAIN),
        Shown::Aside(text) => aside(text, Paper::PLAIN),
    };
    text.lines().map(|line| line.trim_end().to_owned()).collect()
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut inside = false;
    for (i, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            inside = !inside && line.trim_start().trim_start_matches('`').trim() == "desk";
            pieces.push(Piece::Prose(line.to_owned()));
            continue;
        }
        if !inside {
            pieces.push(Piece::Prose(line.to_owned()));
            continue;
        }
        match (prompt(line), pieces.last_mut()) {
            (Some((speaker, typed)), _) => pieces.push(Piece::Exchange(Exchange {
                at: i + 1,
                speaker: speaker.to_owned(),
                typed: typed.to_owned(),
                expected: Vec::new(),
            })),
            (None, Some(Piece::Exchange(exchange))) => exchange.expected.push(line.trim_end().to_owned()),
            (None, _) => pieces.push(Piece::Prose(line.to_owned())),
        }
    }
    pieces
}

/// `helpdesk> /desk help`, or `helpdesk>` alone.
fn prompt(line: &str) -> Option<(&str, &str)> {
    let (speaker, typed) = line.split_once("> ").or_else(|| Some((line.strip_suffix('>')?, "")))?;
    let is_name = !speaker.is_empty() && speaker.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then_some((speaker, typed.trim()))
}

fn difference(expected: &[String], came: &[String]) -> String {
    let (expected, came) = (expected.join("\n") + "\n", came.join("\n") + "\n");
    let mut out = String::new();
    for change in TextDiff::from_lines(&expected, &came).iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        let _ = write!(out, "  {sign} {change}");
    }
    out
}

//! A line split into words as people type them: straight and curly quotes, and where a word may be a `key:value`.

use std::ops::Range;

use crate::basics::problem::Problem;

/// One word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Without its quotes.
    pub text: String,
    /// Whether any part of it was in quotes.
    pub quoted: bool,
    /// Where it is in the line, in bytes, with its quotes.
    pub(super) at: Range<usize>,
    /// The first unquoted `:` or `=` in `text`, in bytes: the word may be a `key:value`.
    pub(super) separator: Option<(Range<usize>, char)>,
    /// A quote opens right behind the separator, so the value is what is in the quotes.
    pub(super) value_quoted: bool,
}

impl Word {
    /// The two sides of the separator.
    pub(super) fn key(&self) -> Option<(&str, &str, char)> {
        let (at, sign) = self.separator.as_ref()?;
        Some((self.text.get(..at.start)?, self.text.get(at.end..)?, *sign))
    }
}

/// Splits a line into words at blanks outside quotes. An apostrophe inside a word is a letter (`O'Brien`).
///
/// A quote ends at the next quote of its own kind that ends a word, or else at the next of its own kind, or else, because
/// keyboards mix them, at one of another kind: curly quotes inside straight ones are part of the text.
///
/// # Errors
///
/// An error of the requester's, when a double quote is opened and never closed.
pub fn split(line: &str) -> Result<Vec<Word>, Problem> {
    let mut words: Vec<Word> = Vec::new();
    let mut word: Option<Word> = None;
    let mut skip_to = 0;
    for (at, c) in line.char_indices() {
        if at < skip_to {
            continue;
        }
        let next = at + c.len_utf8();
        if c.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let current = word.get_or_insert_with(|| Word {
            text: String::new(),
            quoted: false,
            at: at..at,
            separator: None,
            value_quoted: false,
        });
        current.at.end = next;
        let behind = current.separator.as_ref().is_some_and(|(sign, _)| sign.end == current.text.len());
        let begins = current.text.is_empty() && !current.quoted
            || current.text.ends_with([':', '=', ',', '\u{ff1a}', '\u{ff1d}']);
        if begins && let Some(quote) = Quote::opened_by(c) {
            match quote.closed_in(line.get(next..).unwrap_or_default()) {
                Some(inside) => {
                    let text = line.get(next..next + inside.start).unwrap_or_default();
                    // Those that have a backslash are as they would be without it.
                    match quote.has_inside(text) {
                        true => current.text.push_str(&text.replace("\\\"", "\"")),
                        false => current.text.push_str(text),
                    }
                    current.quoted = true;
                    current.value_quoted |= behind;
                    skip_to = next + inside.end;
                    current.at.end = skip_to;
                    continue;
                }
                // An apostrophe in front of a word, such as that of `'til`, or a mark between words.
                None if quote.family != Family::Double => {}
                None => {
                    return Err(Problem::requester("quote_open", "A quote is opened and never closed.")
                        .hint("Close it, or leave it out."));
                }
            }
        }
        if let Some(sign) = separator(c)
            && current.separator.is_none()
            && !current.quoted
        {
            let start = current.text.len();
            current.separator = Some((start..start + c.len_utf8(), sign));
        }
        current.text.push(c);
    }
    words.extend(word);
    Ok(words)
}

/// `:` and `=`, also as some keyboards have them.
fn separator(c: char) -> Option<char> {
    match c {
        ':' | '\u{ff1a}' => Some(':'),
        '=' | '\u{ff1d}' => Some('='),
        _ => None,
    }
}

/// Quotes that people take for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Double,
    Single,
    Pointed,
    /// What is copied from a chat or a terminal often has them around it.
    Backtick,
}

/// An opened quote.
struct Quote {
    family: Family,
    straight: bool,
}

impl Quote {
    fn opened_by(c: char) -> Option<Quote> {
        let family = family(c)?;
        Some(Quote { family, straight: is_straight(c) })
    }

    /// What is inside, from the beginning of `rest` up to the closing quote, whose end is the range's: both in bytes.
    fn closed_in(&self, rest: &str) -> Option<Range<usize>> {
        if let Some(inside) = self.closed_around(rest) {
            return Some(inside);
        }
        let mut best: Option<(u8, Range<usize>)> = None;
        for (at, c) in rest.char_indices() {
            if family(c) != Some(self.family) || self.opens_inside(rest, at, c) {
                continue;
            }
            let end = at + c.len_utf8();
            let ends_word = ends_word(rest, end);
            let rank = match (is_straight(c) == self.straight, ends_word) {
                (true, true) => return Some(at..end),
                (true, false) => 2,
                (false, true) => 1,
                (false, false) => 0,
            };
            if best.as_ref().is_none_or(|(other, _)| rank > *other) {
                best = Some((rank, at..end));
            }
        }
        let (rank, inside) = best?;
        // An apostrophe in the middle of a word is a letter and closes nothing.
        (self.family != Family::Single || rank == 1).then_some(inside)
    }

    /// The same where there are quotes inside, as around a name in the options of another command: `"group:"Team 1" tag:a=b"`.
    fn closed_around(&self, rest: &str) -> Option<Range<usize>> {
        let (mut is_open, mut had_any) = (false, false);
        for (at, c) in rest.char_indices().filter(|(_, c)| self.is_same(*c)) {
            let end = at + c.len_utf8();
            if is_open {
                let ends =
                    ends_word(rest, end) || rest.get(end..).is_some_and(|rest| rest.starts_with([c, '\\']));
                if !ends {
                    return None;
                }
                is_open = false;
            } else if self.opens_inside(rest, at, c) {
                (is_open, had_any) = (true, true);
            } else {
                return (had_any && ends_word(rest, end)).then_some(at..end);
            }
        }
        None
    }

    /// Whether a quote of the same kind opens here, right behind a sign, also with a backslash in front.
    fn opens_inside(&self, rest: &str, at: usize, c: char) -> bool {
        let before = rest.get(..at).unwrap_or_default();
        let before = before.strip_suffix('\\').unwrap_or(before);
        self.family == Family::Double
            && self.is_same(c)
            && before.ends_with(|c| separator(c).is_some())
            && !ends_word(rest, at + c.len_utf8())
    }

    fn has_inside(&self, text: &str) -> bool {
        text.char_indices().any(|(at, c)| self.opens_inside(text, at, c))
    }

    fn is_same(&self, c: char) -> bool {
        family(c) == Some(self.family) && is_straight(c) == self.straight
    }
}

/// Whether a word ends here, or nothing but a mark of its sentence follows.
fn ends_word(text: &str, at: usize) -> bool {
    let next = text.get(at..).and_then(|rest| rest.chars().next());
    next.is_none_or(|c| c.is_whitespace() || ",;.!?)".contains(c))
}

fn family(c: char) -> Option<Family> {
    match c {
        '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{ff02}' => Some(Family::Double),
        '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => Some(Family::Single),
        '\u{ab}' | '\u{bb}' => Some(Family::Pointed),
        '`' => Some(Family::Backtick),
        _ => None,
    }
}

fn is_straight(c: char) -> bool {
    matches!(c, '"' | '\'' | '\u{ff02}')
}

/// A value as it is typed again: as it is, or in quotes that it does not contain itself.
pub fn quoted(value: &str) -> String {
    let opens = value.chars().next().is_none_or(|c| family(c).is_some());
    if !opens && !value.chars().any(|c| c.is_whitespace() || ",;".contains(c)) {
        return value.to_owned();
    }
    let has = |wanted: Family| value.chars().any(|c| family(c) == Some(wanted));
    let straight = value.chars().any(|c| matches!(c, '"' | '\u{ff02}'));
    match (straight, has(Family::Pointed), has(Family::Backtick)) {
        (false, ..) => format!("\"{value}\""),
        (true, false, _) => format!("\u{ab}{value}\u{bb}"),
        (true, true, false) => format!("`{value}`"),
        // No one types all of them; the text stays readable and means the same.
        (true, true, true) => format!("\"{}\"", value.replace(['"', '\u{ff02}'], "'")),
    }
}

//! Words for people: quoting what someone typed, lists, plurals, the nearest right word, times.

use std::borrow::Cow;

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization as _;

/// The most characters of someone's own text that a sentence repeats.
const QUOTED_MAX: usize = 60;

/// Someone's text as an inline code span: one line, no backticks, at most 60 characters.
///
/// Every text that came from outside enters a sentence through here, so renderers may trust backticks.
pub fn code(text: &str) -> String {
    format!("`{}`", plain(text, QUOTED_MAX))
}

/// A text as an inline code span in full, for what is decided on: nothing of it may be missing.
pub fn whole(text: &str) -> String {
    format!("`{}`", plain(text, usize::MAX))
}

/// A text in quotation marks on one line, and none inside, so that it can't be taken for what is around it.
pub fn quoted(text: &str, max: usize) -> String {
    let is_mark = |c: char| matches!(c, '"' | '\u{ab}' | '\u{bb}' | '\u{201c}'..='\u{201f}' | '\u{301d}'..='\u{301f}' | '\u{ff02}');
    format!("\"{}\"", plain(text, max).replace(is_mark, "'"))
}

/// A name as people see it, for comparing: without regard to case, the kind and number of blanks, characters that can't be
/// seen, and compatibility forms such as full-width letters (NFKC).
pub fn name_key(name: &str) -> Cow<'_, str> {
    let as_is = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-@/".contains(&b);
    if name.bytes().all(as_is) {
        return Cow::Borrowed(name);
    }
    let mut out = String::new();
    for c in name.nfkc().flat_map(char::to_lowercase).nfkc() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !c.is_control() && !turns_or_hides(c) && !is_unseen(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    Cow::Owned(out)
}

/// Whether two names look the same to people, see [`name_key`].
pub fn same_name(one: &str, other: &str) -> bool {
    name_key(one) == name_key(other)
}

/// A path of names with `/` between them, for comparing.
pub fn path_key(path: &str) -> String {
    path.split('/').map(name_key).collect::<Vec<_>>().join("/")
}

/// Whether a path leads to a group or below it; both are folded.
pub fn is_within(path: &str, group: &str) -> bool {
    path.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// How many characters a text takes where everything that could mean something in Markdown is escaped, and a line more.
pub fn weight(text: &str) -> usize {
    let escaped = text.chars().filter(|c| r"\*_~|<>[]`".contains(*c)).count();
    text.chars().count() + escaped + 3
}

/// Characters that have no width and no meaning in a name: soft hyphens, joiners, variation selectors, tags.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Characters that no one sees, or that turn or hide the text around them.
pub(crate) fn is_hidden(c: char) -> bool {
    turns_or_hides(c) || is_unseen(c)
}

/// Someone's text on one line, control and direction-changing characters made visible as `·`, cut with `…`.
pub fn plain(text: &str, max: usize) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == max {
            out.push('…');
            break;
        }
        out.push(match c {
            '`' => '\'',
            c if c.is_control() || turns_or_hides(c) => '·',
            c => c,
        });
    }
    out
}

/// Characters that reorder or hide the text around them, which could make a card show another name than it acts on.
fn turns_or_hides(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// An email address of which only the first character and the domain are told: `j***@example.com`.
pub fn masked(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    plain(&format!("{first}***@{domain}"), QUOTED_MAX)
}

/// What a single character is called in a sentence.
pub fn name_of(c: char) -> String {
    match c {
        ' ' => "a blank".to_owned(),
        '\n' | '\r' => "a line break".to_owned(),
        '\t' => "a tab".to_owned(),
        '"' => "a quote".to_owned(),
        '\'' => "an apostrophe".to_owned(),
        '/' => "a slash".to_owned(),
        c if c.is_control() || turns_or_hides(c) => "an invisible character".to_owned(),
        c => code(&c.to_string()),
    }
}

/// `1 step`, `2 steps`, `2 statuses`, `2 tries`, `2 people`.
pub fn count(n: usize, one: &str) -> String {
    if n == 1 {
        return format!("1 {one}");
    }
    // No word that is counted ends with a vowel and `y`.
    let irregular = [("person", "people"), ("s", "ses"), ("y", "ies")];
    let many = irregular.iter().find_map(|(end, ends)| Some(format!("{}{ends}", one.strip_suffix(end)?)));
    format!("{n} {}", many.unwrap_or_else(|| format!("{one}s")))
}

/// `a`, `a and b`, `a, b and c`, with the given last word.
pub fn list(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., end] => format!("{} {last} {end}", start.join(", ")),
    }
}

/// Text as people compare it: without regard to case, accents, kinds of blanks, quotes and dashes, and what no one sees.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd() {
        match c {
            // The accents of Latin, Greek and Cyrillic letters. Marks of other scripts are letters to who reads them.
            '\u{300}'..='\u{36f}' => {}
            c if turns_or_hides(c) => {}
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            '\u{2018}'..='\u{201b}' | '`' | '\u{b4}' => out.push('\''),
            '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => out.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            c => c.to_lowercase().for_each(|c| match c {
                '\u{300}'..='\u{36f}' => {}
                'ß' => out.push_str("ss"),
                'æ' => out.push_str("ae"),
                'œ' => out.push_str("oe"),
                'þ' => out.push_str("th"),
                'ø' => out.push('o'),
                'ł' => out.push('l'),
                'đ' | 'ð' => out.push('d'),
                'ħ' => out.push('h'),
                'ı' => out.push('i'),
                c => out.push(c),
            }),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The words of a name as people compare it, in alphabetical order: `Doe, John` has those of `john.doe`.
pub fn name_words(text: &str) -> Vec<String> {
    let folded = folded(text);
    let mut words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.replace('\'', ""))
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words
}

/// The longest text, in characters, that anything is near to. Every name of the contact center is shorter.
pub const NEAR_MAX: usize = 128;

/// How many characters are compared with how many in one search for the nearest: what it may cost, whatever the texts.
const COMPARED_MAX: usize = 2_000_000;

/// Names that a sentence spells out; of more it names two and counts the rest.
const NAMED: usize = 3;

/// `a`, `b` and 12 more.
pub fn some(names: &[&str]) -> String {
    let shown = if names.len() > NAMED { NAMED - 1 } else { names.len() };
    let mut words: Vec<String> = names.iter().take(shown).map(|name| whole(name)).collect();
    if names.len() > shown {
        words.push(format!("{} more", names.len() - shown));
    }
    list(&words, "and")
}

/// The candidates nearest to what was typed, best first, at most three, and none that is much further off than the best.
///
/// Compared as people compare names; a candidate that contains the typed text, or has the same words in another order, counts
/// as near. A candidate that no one could tell from what was typed is never among them. Costs a bounded time.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // Nothing is as long in bytes that is not too long in characters.
    if typed.len() > NEAR_MAX * 4 {
        return Vec::new();
    }
    let (seen, wanted, words) = (as_seen(typed), folded(typed), name_words(typed));
    let length = wanted.chars().count();
    if length == 0 || length > NEAR_MAX {
        return Vec::new();
    }
    let mut left = COMPARED_MAX;
    let mut scored: Vec<(f64, &str)> = Vec::new();
    for candidate in candidates {
        if left == 0 {
            break;
        }
        left = left.saturating_sub(NEAR_MAX);
        if candidate.len() > NEAR_MAX * 8 {
            continue;
        }
        let other = folded(candidate);
        let others = other.chars().count();
        let longer = length.max(others) as f64;
        let contains = length >= 3 && other.contains(&wanted);
        let at_least = length.abs_diff(others) as f64 / longer;
        let score = match name_words(candidate) == words {
            true => 0.05,
            false if contains => at_least.min(0.3),
            false if at_least > 0.4 => continue,
            false => {
                left = left.saturating_sub(length * others);
                strsim::osa_distance(&wanted, &other) as f64 / longer
            }
        };
        if score <= 0.4 && as_seen(candidate) != seen {
            scored.push((score, candidate));
        }
    }
    scored.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    scored.retain(|(score, _)| *score <= best + 0.1);
    scored.into_iter().map(|(_, candidate)| candidate).take(3).collect()
}

/// Text as it looks: what differs only in kinds of blanks, in how accents are written and in what no one sees looks the same.
fn as_seen(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").nfc().filter(|c| !turns_or_hides(*c)).collect()
}

/// How a question for what may have been meant begins.
pub const DID_YOU_MEAN: &str = "Did you mean";

/// `Did you mean `a`?` or `Did you mean `a` or `b`?`; nothing when nothing is near.
pub fn did_you_mean(near: &[&str]) -> Option<String> {
    if near.is_empty() {
        return None;
    }
    let quoted: Vec<String> = near.iter().map(|n| code(n)).collect();
    Some(format!("{DID_YOU_MEAN} {}?", list(&quoted, "or")))
}

/// The same with a capital at the beginning, as a sentence or a cell begins.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// A moment as people read it: `20 Nov 2026 03:14 UTC`.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%-d %b %Y %H:%M UTC").to_string()
}

/// A moment to the second, for tables: `2026-11-20 03:14:07`, in UTC.
pub fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The time of day of a moment: `03:14 UTC`.
fn clock_time(at: Timestamp) -> String {
    at.strftime("%H:%M UTC").to_string()
}

/// A moment as a card shows it: the time of day, and the date unless it is that of `now`, in UTC.
pub fn when(at: Timestamp, now: Timestamp) -> String {
    let day = |at: Timestamp| at.as_second().div_euclid(86_400);
    if day(at) == day(now) { clock_time(at) } else { moment(at) }
}

/// A length of time in the unit people would say: `40 s`, `5 min`, `2 h`, `3 days`.
pub fn span(seconds: i64) -> String {
    match seconds {
        s if s < 120 => format!("{s} s"),
        s if s < 7_200 => format!("{} min", s / 60),
        s if s < 172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of hexadecimal digits, if these are exactly so many.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let bytes: Option<Vec<u8>> =
        pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes?.try_into().ok()
}

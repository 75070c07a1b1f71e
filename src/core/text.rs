//! Words for people: quoting what somebody typed, lists, plurals, the nearest right word, times.

use std::borrow::Cow;

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization as _;

/// The most characters of somebody's own text that a sentence repeats.
const QUOTED_MAX: usize = 60;

/// Somebody's text as an inline code span: one line, no backticks, at most 60 characters.
///
/// Every text that came from outside enters a sentence through here, so renderers may trust backticks.
pub fn code(text: &str) -> String {
    format!("`{}`", plain(text, QUOTED_MAX))
}

/// A text as an inline code span in full, for what is decided on: nothing of it may be missing.
pub fn whole(text: &str) -> String {
    format!("`{}`", plain(text, usize::MAX))
}

/// A name as people see it, for comparing: without regard to case, the kind and number of blanks, characters that can't be
/// seen, and compatibility forms such as full-width letters (NFKC).
pub fn folded(name: &str) -> Cow<'_, str> {
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

/// Whether two names look the same to people, see [`folded`].
pub fn same_name(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// A path of names with `/` between them, for comparing.
pub fn folded_path(path: &str) -> String {
    path.split('/').map(folded).collect::<Vec<_>>().join("/")
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

/// Somebody's text on one line, control and direction-changing characters made visible as `·`, cut with `…`.
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

/// `1 step`, `2 steps`.
pub fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// `a`, `a and b`, `a, b and c`, with the given last word.
pub fn list(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., end] => format!("{} {last} {end}", start.join(", ")),
    }
}

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
/// Compared without case; a candidate that contains the typed text, or has the same words in another order, counts as near.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let typed = typed.to_lowercase();
    if typed.is_empty() {
        return Vec::new();
    }
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&typed, &other) as f64;
            let longer = typed.chars().count().max(other.chars().count()) as f64;
            let contains = typed.chars().count() >= 3 && other.contains(&typed);
            let same_words = words_sorted(&typed) == words_sorted(&other);
            let score = match (same_words, contains) {
                (true, _) => 0.05,
                (_, true) => (distance / longer).min(0.3),
                _ => distance / longer,
            };
            (score <= 0.4).then_some((score, candidate))
        })
        .collect();
    scored.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    scored.retain(|(score, _)| *score <= best + 0.1);
    scored.into_iter().map(|(_, candidate)| candidate).take(3).collect()
}

fn words_sorted(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.sort_unstable();
    words
}

/// `Did you mean `a`?` or `Did you mean `a` or `b`?`; nothing when nothing is near.
pub fn did_you_mean(near: &[&str]) -> Option<String> {
    if near.is_empty() {
        return None;
    }
    let quoted: Vec<String> = near.iter().map(|n| code(n)).collect();
    Some(format!("Did you mean {}?", list(&quoted, "or")))
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
pub fn clock_time(at: Timestamp) -> String {
    at.strftime("%H:%M UTC").to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_cannot_break_out_or_hide() {
        assert_eq!(code("a`b"), "`a'b`");
        assert_eq!(code("a\nb\u{202e}c"), "`a·b·c`");
        assert_eq!(code(&"x".repeat(200)).chars().count(), 63);
    }

    #[test]
    fn names_are_compared_as_people_see_them() {
        for same in [
            "Admin",
            "ADMIN",
            " admin ",
            "\u{ff21}dmin",
            "Ad\u{200b}min",
            "Ad\u{ad}min",
            "admin\u{a0}",
            "admin\t",
        ] {
            assert!(same_name("Admin", same), "{same:?}");
        }
        assert!(same_name("Team  Lead", "team\u{a0}lead") && same_name("Jose\u{301}", "JOSÉ"));
        for other in ["Admins", "Adm in", "Administrator", "José", ""] {
            assert!(!same_name("Admin", other) && !same_name("Jose", other), "{other:?}");
        }
        assert!(is_within(&folded_path("East /  Team 1"), &folded_path("EAST")));
        assert!(!is_within("eastern/team 1", "east"));
    }

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        let commands = ["connect reset", "connect show", "desk requests"];
        assert_eq!(nearest("connect rest", commands)[0], "connect reset");
        assert_eq!(nearest("jon.doe", ["john.doe", "jane.doe", "maria.garcia"]), ["john.doe"]);
        assert_eq!(nearest("j.doe", ["jo.doe", "ja.doe"]), ["ja.doe", "jo.doe"]);
        assert_eq!(nearest("Doe John", ["john.doe"]), ["john.doe"]);
        assert!(nearest("zzz", commands).is_empty());
    }

    #[test]
    fn an_address_is_told_in_part() {
        for (email, told) in [
            ("john.doe@example.com", "j***@example.com"),
            ("j@example.com", "j***@example.com"),
            ("\"a@b\"@example.com", "\"***@example.com"),
            ("émile@exämple.com", "é***@exämple.com"),
            ("nothing", "n***@"),
        ] {
            assert_eq!(masked(email), told);
        }
    }

    #[test]
    fn spans_are_said_in_the_unit_people_use() {
        assert_eq!([span(40), span(600), span(7_200), span(172_800)].join(" "), "40 s 10 min 2 h 2 days");
    }
}

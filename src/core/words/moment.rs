//! Dates and times in what people type, one word at a time. When they are is for the commands to say.

use jiff::civil::Date;

use crate::basics::hours;

const DAYS: [&str; 18] = [
    "today",
    "tomorrow",
    "tonight",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "midnight",
];

/// Without `may` and `march`, which are other words as well.
const MONTHS: [&str; 10] = [
    "january",
    "february",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What is in front of a date or a time.
const IN_FRONT: [&str; 10] = ["on", "at", "from", "since", "till", "until", "to", "by", "for", "next"];

/// Whether a word is a date, a time of day or a day of the week, in whatever form.
pub(super) fn is_one(word: &str) -> bool {
    let word = bare(word);
    DAYS.contains(&word.as_str())
        || MONTHS.contains(&word.as_str())
        || is_time(&word)
        || !dates(&word).is_empty()
        || word.split_once('t').is_some_and(|(date, time)| !dates(date).is_empty() && is_time(time))
}

/// Whether a word is in front of a date or a time, such as `on`.
pub(super) fn is_in_front(word: &str) -> bool {
    IN_FRONT.iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// The date or the time that a word is, or both, as options take them; none where that is not certain.
pub fn plain(word: &str) -> Option<String> {
    let word = bare(word);
    if matches!(word.as_str(), "today" | "tomorrow") || hours::minute(&word).is_some() {
        return Some(word);
    }
    let (date, time) = word.split_once('t').unwrap_or((word.as_str(), ""));
    match dates(date).as_slice() {
        [date] if time.is_empty() => Some(date.to_string()),
        [date] => hours::minute(time).map(|_| format!("{date} {time}")),
        _ => None,
    }
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| ".,;!?()".contains(c)).to_lowercase()
}

/// `15:00`, `8am`, `8:30pm`.
fn is_time(word: &str) -> bool {
    let of_half = word.strip_suffix("am").or_else(|| word.strip_suffix("pm"));
    let hour = |word: &str| (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    hours::minute(word).is_some() || of_half.is_some_and(|word| hour(word) || hours::minute(word).is_some())
}

/// The dates that `2026-12-24`, `24.12.2026` or `12/24/2026` may be: with slashes either may be the month.
fn dates(word: &str) -> Vec<Date> {
    let Some(sign) = word.chars().find(|c| "-./".contains(*c)) else { return Vec::new() };
    let parts: Vec<&str> = word.split(sign).collect();
    let [first, second, third] = parts.as_slice() else { return Vec::new() };
    let date = |year: &str, month: &str, day: &str| {
        let is_year = year.len() == 4;
        let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        is_year.then(|| Date::new(year, month, day).ok()).flatten()
    };
    let turned = (sign == '/').then(|| date(third, first, second)).flatten();
    let mut dates: Vec<Date> =
        [date(first, second, third), date(third, second, first), turned].into_iter().flatten().collect();
    dates.dedup();
    dates
}

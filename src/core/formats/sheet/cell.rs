//! One cell at a time: what people write, what is read from it, and what to write instead.

use std::collections::BTreeMap;

use super::model::Fault;
use super::words;
use crate::basics::numbers::{Scientific, scientific, whole};
use crate::basics::problem::Problem;
use crate::basics::text::{self, code, name_of};
use crate::basics::{address, clean, logins};
use crate::center::{PROFICIENCIES_MAX, Proficiency};
use crate::profile::{CHAT_WORK_MAX, Channel, Choice, Field, NONE, TAGS_MAX, Value, ValueKind, WORK_MAX};

/// A value, and a remark when it is read differently from how it is written.
pub(super) type Read<T> = Result<(T, Option<Fault>), Fault>;

/// Whether a spreadsheet would take this text for a formula.
///
/// Apostrophes and blanks in front change nothing about it, so a guarded text is one too, and the guard can be undone.
pub fn looks_like_formula(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c == '\'' || c.is_whitespace());
    let front = text.strip_suffix(rest).unwrap_or_default();
    front.contains(['\t', '\r', '\n']) || rest.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// The text as it may stand in a cell: an apostrophe keeps a spreadsheet from computing it. E.164 numbers stay as they are.
pub fn guarded(text: &str) -> String {
    if looks_like_formula(text) && !address::is_e164(text) { format!("'{text}") } else { text.to_owned() }
}

/// What [`guarded`] was given.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if looks_like_formula(rest) => rest,
        _ => cell,
    }
}

/// What Excel keeps from being computed: `="+12025550123"` is the text `+12025550123`.
pub(super) fn unwrapped(cell: &str) -> Option<&str> {
    let inner = cell.strip_prefix("=\"")?.strip_suffix('"')?;
    (!inner.contains('"')).then_some(inner)
}

/// A name of at most `max` characters, as people see it.
fn name(typed: &str, what: &str, max: usize) -> Read<String> {
    if typed.eq_ignore_ascii_case(NONE) {
        let message = format!("{} isn't a {what}.", code(typed));
        return Err(Fault::new("name_none", message, "Write the name, or leave the cell empty."));
    }
    let name = clean::name(typed);
    let length = name.chars().count();
    if length > max {
        let message = format!("The {what} has {length} characters; Amazon Connect takes at most {max}.");
        return Err(Fault::new("name_too_long", message, "Shorten it."));
    }
    if name.contains('\u{fffd}') {
        return Err(Fault::new(
            "name_damaged",
            format!("The {what} {} has lost a character on its way here.", code(typed)),
            "Write it again, and save the sheet as `.xlsx` or as `CSV UTF-8`.",
        ));
    }
    if name.is_empty() {
        let message = format!("The {what} has nothing but characters that can't be seen.");
        return Err(Fault::new("name_unseen", message, "Write it again, or leave the cell empty."));
    }
    // Some people are called `Na`, and those with one name have `-` for the other.
    if words::is_nothing(&text::folded(typed)) {
        let message = format!("The {what} is read as {}.", code(&name));
        return Ok((name.into_owned(), Some(Fault::new("name_read_as", message, ""))));
    }
    let remark = (name != typed).then(|| match clean::leaves_out(typed) {
        true => Fault::new(
            "name_unseen",
            format!("The {what} has characters that can't be seen; they are left out: {}.", code(&name)),
            "",
        ),
        false => {
            Fault::new("name_blanks", format!("The {what} is read with plain blanks: {}.", code(&name)), "")
        }
    });
    Ok((name.into_owned(), remark))
}

/// A login of 1 to 100 characters. What is suggested for another is what `/connect add` makes of it.
pub(super) fn login(typed: &str) -> Read<String> {
    match crate::basics::ids::login(whole(typed)) {
        Ok(login) if login != typed => {
            let message = format!("The login {} is read as {}.", code(typed), code(&login));
            Ok((login, Some(Fault::new("login_read_as", message, ""))))
        }
        Ok(login) => Ok((login, None)),
        Err(problem) => {
            let next = match logins::meant(typed) {
                _ if is_date(typed) || clock_time(typed).is_some() => {
                    "A spreadsheet made a date of it: format the column as text and write it again."
                        .to_owned()
                }
                Some(right) if problem.code == "login_characters" => {
                    format!("Write {}, for example.", code(&right))
                }
                _ if scientific(typed).is_some() => {
                    "A spreadsheet made a number of it: format the column as text and write it again."
                        .to_owned()
                }
                _ => "Write a login such as `john.doe`.".to_owned(),
            };
            let code = match problem.code.as_str() {
                "login_too_long" => "login_too_long",
                "login_empty" => "login_empty",
                _ => "login_characters",
            };
            Err(Fault::new(code, problem.message, next))
        }
    }
}

/// Whether the word `none` takes away what a user has.
fn is_clearable(field: Field) -> bool {
    let kind = field.row().0.kind;
    field == Field::Proficiencies
        || matches!(kind, ValueKind::SecondaryEmail | ValueKind::Phone | ValueKind::Path | ValueKind::Tags)
}

/// Whether the word `none` in this cell takes away what there is.
pub(super) fn clears(field: Field, typed: &str) -> bool {
    is_clearable(field) && typed.eq_ignore_ascii_case(NONE)
}

/// What to do where a word such as `n/a` was written instead of leaving the cell empty.
pub(super) fn left_empty(field: Field, typed: &str) -> Option<&'static str> {
    let is_nothing = typed.eq_ignore_ascii_case(NONE) || words::is_nothing(&text::folded(typed));
    is_nothing.then(|| match is_clearable(field) {
        true => "Leave the cell empty. `none` clears what a user has.",
        false => "Leave the cell empty. What a user has can't be cleared.",
    })
}

/// Refuses such a word where it can't be a value.
pub(super) fn nothing(field: Field, typed: &str) -> Result<(), Fault> {
    let (code_of, what) = match field.row().0.kind {
        ValueKind::Email | ValueKind::SecondaryEmail => ("email_format", "not an email address"),
        ValueKind::Phone => ("phone_format", "not a phone number"),
        ValueKind::OnOff if said_of_yes_or_no(typed).is_none() => ("yes_no", "neither yes nor no"),
        ValueKind::Seconds => ("seconds", "not a number of whole seconds"),
        ValueKind::Tags => ("tag_format", "not a tag"),
        _ if field == Field::Proficiencies => ("proficiency_format", "not a proficiency"),
        _ => return Ok(()),
    };
    match left_empty(field, typed).filter(|_| !clears(field, typed)) {
        Some(next) => Err(Fault::new(code_of, format!("{} is {what}.", code(typed)), next)),
        None => Ok(()),
    }
}

/// How a value was read where that is not how it was written.
fn read_as(code_of: &'static str, typed: &str, right: &str) -> Option<Fault> {
    (right != typed).then(|| Fault::new(code_of, format!("{} is read as {}.", code(typed), code(right)), ""))
}

/// An address that a mail server takes.
fn email(typed: &str, secondary: bool) -> Read<String> {
    let fault = |problem: Problem| Fault::new("email_format", problem.message, problem.hint);
    let right =
        if secondary { address::secondary_email(typed) } else { address::email(typed) }.map_err(fault)?;
    let remark = read_as("email_read_as", typed, &right);
    Ok((right, remark))
}

/// A phone number in E.164, however it is written as long as it begins with `+` or `00` and its country.
fn phone(typed: &str) -> Read<String> {
    let fault = |problem: Problem| Fault::new("phone_format", problem.message, problem.hint);
    let right = address::phone(typed).map_err(fault)?;
    let remark = read_as("phone_read_as", typed, &right);
    Ok((right, remark))
}

fn said_of_yes_or_no(typed: &str) -> Option<bool> {
    words::yes_or_no(&text::folded(whole(&clean::word(typed))))
}

fn yes_no(typed: &str) -> Read<bool> {
    if let Some(yes) = said_of_yes_or_no(typed) {
        return Ok((yes, None));
    }
    let word = clean::word(typed);
    let near = text::nearest(&word, ["yes", "no", "true", "false", "enabled", "disabled"]);
    let next = text::did_you_mean(near.get(..1).unwrap_or_default());
    let message = format!("{} is neither yes nor no.", code(typed));
    Err(Fault::new("yes_no", message, next.unwrap_or_else(|| "Write `yes` or `no`.".to_owned())))
}

/// Whole seconds of after contact work; `chat` has a lower limit.
fn seconds(typed: &str, chat: bool) -> Read<u32> {
    const EXAMPLE: &str = "Write seconds such as `300`, or `0` for no end.";
    let word = clean::word(typed).to_lowercase();
    let fault = |what: &str, next: String| {
        Err(Fault::new("seconds", format!("{} is not a number of whole seconds{what}.", code(typed)), next))
    };
    if ["∞", "unlimited", "infinite", "indefinite", "indefinitely", "never", "no limit", "unbegrenzt"]
        .contains(&word.as_str())
    {
        return fault("", "Write `0` for no end.".to_owned());
    }
    let max = u64::from(if chat { CHAT_WORK_MAX } else { WORK_MAX });
    let taken = |seconds: Option<u64>| match seconds {
        Some(seconds) if seconds <= max => {
            let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
            let remark = (seconds.to_string() != typed).then(|| {
                Fault::new("seconds_read_as", format!("{} is read as `{seconds}` seconds.", code(typed)), "")
            });
            Ok((seconds, remark))
        }
        _ => Err(Fault::new(
            "seconds_too_many",
            format!("{} is more than Amazon Connect takes, which is {max} seconds.", code(typed)),
            "Write less, or `0` for no end.",
        )),
    };
    if let Some(time) = clock_time(&word) {
        return match time {
            ClockTime::Seconds(seconds) => taken(Some(seconds)),
            ClockTime::Either(one, other) => fault(
                "",
                format!(
                    "Write {} or {}; it could be either.",
                    code(&one.to_string()),
                    code(&other.to_string())
                ),
            ),
        };
    }
    if is_date(&word) {
        return fault(": a spreadsheet made a date of it", EXAMPLE.to_owned());
    }
    if let Some(number) = scientific(&word) {
        return match number {
            Scientific::Whole(digits) => taken(digits.parse().ok()),
            Scientific::Cut => fault("", EXAMPLE.to_owned()),
        };
    }
    let number = without_apostrophes(&word.split_whitespace().collect::<String>());
    let unit_at = number.find(|c: char| c.is_alphabetic()).unwrap_or(number.len());
    let (amount, unit) = number.split_at_checked(unit_at).unwrap_or((&number, ""));
    let factor = match unit.trim_end_matches('.') {
        "" | "s" | "sec" | "secs" | "second" | "seconds" | "sek" => Some(1),
        "m" | "min" | "mins" | "minute" | "minutes" | "minuten" => Some(60),
        "h" | "hour" | "hours" | "std" => Some(3_600),
        _ => None,
    };
    // A spreadsheet may write 300 as 300.0 or 300,00.
    let whole = amount
        .split_once(['.', ','])
        .filter(|(_, rest)| !rest.is_empty() && rest.bytes().all(|b| b == b'0') && rest.len() < 3)
        .map_or(amount, |(whole, _)| whole);
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) || factor.is_none() {
        let grouped: Vec<&str> = whole.split([',', '.', '\u{2019}']).collect();
        let all_digits =
            grouped.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        let thousands = all_digits && grouped.len() > 1 && grouped.iter().skip(1).all(|part| part.len() == 3);
        let digits = grouped.concat();
        let right = digits.parse::<u64>().ok().filter(|seconds| *seconds <= max && !digits.starts_with('0'));
        return match () {
            () if whole.starts_with(['-', '−']) => fault(": it is below 0", EXAMPLE.to_owned()),
            () if thousands && factor == Some(1) && right.is_some() => {
                fault("", format!("Did you mean {}?", code(&digits)))
            }
            () => fault("", EXAMPLE.to_owned()),
        };
    }
    taken(whole.parse::<u64>().ok().and_then(|n| n.checked_mul(factor.unwrap_or(1))))
}

/// A number without the mark of a text in front and without marks between thousands. Others mean something: `5'` is five minutes.
fn without_apostrophes(number: &str) -> String {
    let number = number.trim_start_matches('\'');
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count();
    let mut parts = number.split('\'');
    let first = parts.next().unwrap_or_default();
    let are_thousands =
        !first.is_empty() && digits(first) == first.len() && parts.all(|part| digits(part) == 3);
    if are_thousands { number.replace('\'', "") } else { number.to_owned() }
}

/// A length of time that a spreadsheet shows as a time of day.
enum ClockTime {
    Seconds(u64),
    /// Minutes and seconds, or hours and minutes.
    Either(u64, u64),
}

/// After contact work that people mean is between these, in seconds; what is outside is the other reading.
const USUAL_WORK: std::ops::RangeInclusive<u64> = 15..=3_600;

/// Reads `5:00`, `00:05:00` and what Excel makes of them, `1/0/1900 5:00` and `5:00:00 AM`.
fn clock_time(word: &str) -> Option<ClockTime> {
    // Day zero, which is no date.
    let zero = [
        "1/0/1900",
        "0/1/1900",
        "1900-01-00",
        "1899-12-30",
        "1899-12-31",
        "12/30/1899",
        "12/31/1899",
        "30.12.1899",
        "00.01.1900",
    ];
    let time = zero.iter().find_map(|day| word.strip_prefix(day)).unwrap_or(word).trim();
    let before_noon = time.strip_suffix("am");
    let time = before_noon.unwrap_or(time).trim_end();
    let mut parts: Vec<u64> = time
        .split(':')
        .map(|part| (1..=4).contains(&part.len()).then(|| part.parse().ok()).flatten())
        .collect::<Option<_>>()?;
    if let (Some(_), Some(hours @ 12)) = (before_noon, parts.first_mut()) {
        *hours = 0;
    }
    let digits = time.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let (first, second) = match (parts.as_slice(), digits) {
        ([hours, minutes, seconds], true) if *minutes < 60 && *seconds < 60 => {
            if *hours == 0 || *seconds > 0 {
                return Some(ClockTime::Seconds(hours * 3_600 + minutes * 60 + seconds));
            }
            // 5:00:00 is what a spreadsheet keeps of 5:00.
            (*hours, *minutes)
        }
        ([first, second], true) if *second < 60 => (*first, *second),
        _ => return None,
    };
    let (short, long) = (first * 60 + second, first * 3_600 + second * 60);
    Some(match (USUAL_WORK.contains(&short), USUAL_WORK.contains(&long)) {
        _ if short == long => ClockTime::Seconds(short),
        (true, false) => ClockTime::Seconds(short),
        (false, true) => ClockTime::Seconds(long),
        _ => ClockTime::Either(short, long),
    })
}

/// Months as spreadsheets write them in English, German, Dutch, French, Spanish, Italian, Portuguese, Swedish and Polish.
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mrz", "mai", "okt",
    "dez", "mrt", "mei", "janv", "févr", "fevr", "fév", "fev", "mars", "avr", "juin", "juil", "août", "aout",
    "sept", "déc", "ene", "abr", "ago", "dic", "gen", "mag", "giu", "lug", "set", "ott", "out", "maj", "sty",
    "lut", "kwi", "cze", "lip", "sie", "wrz", "paź", "paz", "lis", "gru",
];

/// What a spreadsheet makes a date of: `Jan-00`, `1-Mar`, `Okt.03`, `3/1/2026`, `2026-03-01`, `1.3.2026`.
pub(super) fn is_date(word: &str) -> bool {
    let word = word.split(' ').next().unwrap_or(word).to_lowercase();
    let parts: Vec<&str> = word.split(['-', '/', '.']).filter(|part| !part.is_empty()).collect();
    let number =
        |part: &&str| matches!(part.len(), 1 | 2 | 4) && part.bytes().all(|byte| byte.is_ascii_digit());
    let month = |part: &&str| MONTHS.contains(part);
    match parts.as_slice() {
        [_, _] => parts.iter().any(month) && parts.iter().any(number),
        [_, _, _] => {
            parts.iter().all(|part| number(part) || month(part))
                && !word.starts_with('-')
                && parts.iter().any(|part| part.len() == 4 || part.len() == 2)
        }
        _ => false,
    }
}

/// One of the values that a field has to choose from.
fn choice(typed: &str, what: &str, code: &'static str, choices: &'static [Choice]) -> Read<&'static str> {
    let lower: String = clean::word(typed)
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let wanted = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    let joined = |text: &str| text.replace(' ', "");
    let names = || {
        choices.iter().flat_map(|one| {
            std::iter::once(one.cell).chain(one.aliases.iter().copied()).map(move |name| (name, one))
        })
    };
    if let Some((_, one)) = names().find(|(name, _)| joined(name) == joined(&wanted)) {
        return Ok((one.word, None));
    }
    let mut near: Vec<&str> = Vec::new();
    for name in text::nearest(&wanted, names().map(|(name, _)| name)) {
        near.extend(names().find(|(other, _)| *other == name).map(|(_, one)| one.cell));
    }
    near.dedup();
    let all: Vec<String> = choices.iter().map(|one| text::code(one.cell)).collect();
    let next = text::did_you_mean(&near).unwrap_or_else(|| format!("Write {}.", text::list(&all, "or")));
    Err(Fault::new(code, format!("No {what} {}.", text::code(typed)), next))
}

/// The value of a field in a cell that is not empty; nothing for one that is no value by itself, such as a name to look up.
pub(super) fn value(field: Field, typed: &str) -> Option<Read<Value>> {
    fn of<T>(read: Read<T>, value: impl Fn(T) -> Value) -> Read<Value> {
        read.map(|(read, remark)| (value(read), remark))
    }
    let (row, channel) = field.row();
    Some(match row.kind {
        ValueKind::Name(max) => of(name(typed, row.title, max), Value::Text),
        ValueKind::Email => of(email(typed, false), Value::Text),
        ValueKind::SecondaryEmail => of(email(typed, true), Value::Text),
        ValueKind::Phone => of(phone(typed), Value::Text),
        ValueKind::OnOff => of(yes_no(typed), Value::On),
        ValueKind::Seconds => of(seconds(typed, channel == Channel::Chat), Value::Seconds),
        ValueKind::Choice { code, choices } => {
            of(choice(typed, &code.replace('_', " "), code, choices), Value::Choice)
        }
        ValueKind::Tags => of(tags(typed), Value::Tags),
        ValueKind::Id => Ok((Value::Text(typed.to_owned()), None)),
        ValueKind::Named | ValueKind::Names | ValueKind::Path | ValueKind::Apart => return None,
    })
}

/// A value as the cell that it is written in, from which [`value`] gives it back.
pub(super) fn written(field: Field, value: &Value) -> String {
    let (row, _) = field.row();
    match value {
        Value::Named(named) if matches!(row.kind, ValueKind::Path) => named.name.replace('/', "|"),
        Value::Names(all) => joined(all.iter().map(|named| named.name.as_str())),
        Value::On(on) => if *on { "yes" } else { "no" }.to_owned(),
        Value::Seconds(seconds) => seconds.to_string(),
        Value::Choice(word) => row.choice(word).map_or(*word, |choice| choice.cell).to_owned(),
        Value::Tags(tags) => tags_joined(tags),
        Value::Text(_) | Value::Named(_) => row.said(value),
    }
}

/// Checks Amazon Connect's rule. The fault never repeats the password.
pub(super) fn password(typed: &str) -> Result<(), Fault> {
    let lacks: Vec<String> = words::password_lacks(typed).into_iter().map(str::to_owned).collect();
    if lacks.is_empty() {
        return Ok(());
    }
    let message = format!("The password {}.", text::list(&lacks, "and"));
    Err(Fault::new("password_rule", message, "Leave the cell empty: the desk makes a random one."))
}

/// The parts of a cell between `|`, without blanks around them; a backslash keeps a `|` or a backslash.
pub(super) fn parts(typed: &str) -> Vec<String> {
    split_kept(typed, '|').iter().map(|part| unescaped(part.trim())).filter(|part| !part.is_empty()).collect()
}

/// The parts as one cell, from which [`parts`] gives them back.
fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let escaped: Vec<String> = parts.into_iter().map(|part| escaped(part, "|\\")).collect();
    escaped.join("|")
}

/// Splits at `at` where no backslash is before it; backslashes stay.
fn split_kept(text: &str, at: char) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut kept = false;
    for c in text.chars() {
        if c == at && !kept {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(c);
        }
        kept = c == '\\' && !kept;
    }
    out
}

fn escaped(text: &str, special: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if special.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Takes the backslash away before `|`, `:` and a backslash; before anything else it is a character like any other.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next @ ('|' | ':' | '\\')) if c == '\\' => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// At most 50 tags, `key:value` or `key=value`, between `|`.
fn tags(typed: &str) -> Read<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for pair in split_kept(typed, '|') {
        let pair = pair.trim();
        if pair.is_empty() {
            continue;
        }
        let sides = split_kept(pair, ':');
        let (key, value) = match sides.split_first() {
            Some((key, rest)) if !rest.is_empty() => {
                (unescaped(key.trim()), unescaped(rest.join(":").trim()))
            }
            _ => match pair.split_once('=') {
                Some((key, value)) => (unescaped(key.trim()), unescaped(value.trim())),
                None => {
                    let message = format!("The tag {} has no value.", code(pair));
                    return Err(Fault::new(
                        "tag_format",
                        message,
                        "Write tags such as `team:east|shift:late`.",
                    ));
                }
            },
        };
        let odd =
            key.chars().find(|c| !(c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(*c)));
        let fault = match () {
            () if key.is_empty() => Some(format!("The tag {} has no key.", code(pair))),
            () if key.to_lowercase().starts_with("aws:") => {
                Some(format!("The key {} begins with `aws:`, which is Amazon's own.", code(&key)))
            }
            () if key.chars().count() > 128 => {
                Some(format!("The key {} has more than 128 characters.", code(&key)))
            }
            () if value.chars().count() > 256 => {
                Some(format!("The value of the tag {} has more than 256 characters.", code(&key)))
            }
            () => odd.map(|odd| format!("The key {} contains {}.", code(&key), name_of(odd))),
        };
        if let Some(message) = fault {
            return Err(Fault::new("tag_format", message, "Write tags such as `team:east|shift:late`."));
        }
        if tags.insert(key.clone(), value).is_some() {
            let message = format!("The tag {} is listed twice.", code(&key));
            return Err(Fault::new("tag_format", message, "Keep one of them."));
        }
    }
    if tags.len() > TAGS_MAX {
        let message = format!("There are {} tags; a user has at most {TAGS_MAX}.", tags.len());
        return Err(Fault::new("tags_too_many", message, "Leave some out."));
    }
    Ok((tags, None))
}

/// Tags as one cell, from which [`tags`] gives them back.
fn tags_joined(tags: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = tags
        .iter()
        .filter(|(key, _)| !key.to_lowercase().starts_with("aws:"))
        .map(|(key, value)| format!("{}:{}", escaped(key, "|:\\"), escaped(value, "|\\")))
        .collect();
    pairs.join("|")
}

/// At most ten proficiencies, `attribute:value=level`, between `|`, in the order of their names.
pub(super) fn proficiencies(typed: &str) -> Read<Vec<Proficiency>> {
    const EXAMPLE: &str = "Write proficiencies such as `Language:Spanish=4|Certificate:Privacy=3`.";
    let fault = |message: String| Fault::new("proficiency_format", message, EXAMPLE);
    let mut all: Vec<Proficiency> = Vec::new();
    for part in split_kept(typed, '|') {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let Some((name, level)) = part.rsplit_once('=') else {
            return Err(fault(format!("The proficiency {} has no level.", code(part))));
        };
        let sides = split_kept(name, ':');
        let (attribute, value) = match sides.split_first() {
            Some((attribute, rest)) if !rest.is_empty() => {
                (unescaped(attribute.trim()), unescaped(rest.join(":").trim()))
            }
            _ => return Err(fault(format!("The proficiency {} has no value.", code(part)))),
        };
        if attribute.is_empty() || value.is_empty() {
            return Err(fault(format!("The proficiency {} has no attribute or no value.", code(part))));
        }
        let level = level.trim();
        // A spreadsheet may write 4 as 4.0 or 4,0.
        let Some(level) = level.replace(',', ".").parse::<f32>().ok().filter(|level| is_level(*level)) else {
            let message =
                format!("{} is no level: proficiencies have whole levels from 1 to 5.", code(level));
            return Err(Fault::new("proficiency_level", message, EXAMPLE));
        };
        if all.iter().any(|other| other.attribute == attribute && other.value == value) {
            let message = format!("The proficiency {} is listed twice.", code(part));
            return Err(Fault::new("proficiency_twice", message, "Keep one of them."));
        }
        all.push(Proficiency { attribute, value, level });
    }
    if all.len() > PROFICIENCIES_MAX {
        let message =
            format!("There are {} proficiencies; a user has at most {PROFICIENCIES_MAX}.", all.len());
        return Err(Fault::new("proficiencies_too_many", message, "Leave some out."));
    }
    all.sort_by(|a, b| (&a.attribute, &a.value).cmp(&(&b.attribute, &b.value)));
    Ok((all, None))
}

/// Amazon Connect documents the levels 1, 2, 3, 4 and 5.
fn is_level(level: f32) -> bool {
    (1.0..=5.0).contains(&level) && level.fract() == 0.0
}

/// Proficiencies as one cell, from which [`proficiencies`] gives them back.
pub(super) fn proficiencies_joined(all: &[Proficiency]) -> String {
    let one = |one: &Proficiency| {
        format!("{}:{}={}", escaped(&one.attribute, "|:\\"), escaped(&one.value, "|\\"), one.level)
    };
    all.iter().map(one).collect::<Vec<_>>().join("|")
}

/// A path with `/` between its levels and no blanks around them, however it was written.
pub(super) fn path(typed: &str) -> String {
    let levels: Vec<&str> =
        typed.split(['|', '/']).map(str::trim).filter(|level| !level.is_empty()).collect();
    levels.join("/")
}

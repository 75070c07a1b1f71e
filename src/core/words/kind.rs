//! What each kind of argument takes. Whatever is typed, chosen or filled in passes here, and everything has a bound.

use super::moment;
use super::spec::{Arg, Kind, Need, Spec};
use super::value::Value;
use crate::basics::address;
use crate::basics::ids::{self, RequestNo};
use crate::basics::problem::Problem;
use crate::basics::secret::Secret;
use crate::basics::text::{self, code};

/// A value that is of its kind.
pub(super) enum Checked {
    Value(Value),
    Code(Secret),
}

/// The longest list of logins, in characters.
const LOGINS_TEXT_MAX: usize = 4_000;

/// The word that clears what may be absent.
const NONE: &str = "none";

pub(super) fn check(arg: &Arg, raw: &str) -> Result<Checked, Problem> {
    if arg.kind == Kind::Code {
        return match digits_of_code(raw) {
            Some(digits) => Ok(Checked::Code(Secret::new(digits))),
            // What was typed is not repeated: it may be nearly right.
            None => Err(Problem::requester("code_digits", format!("{} takes six digits.", code(arg.name)))
                .hint("Type the six digits as they are shown.")),
        };
    }
    value_of(arg, raw).map(Checked::Value)
}

fn value_of(arg: &Arg, raw: &str) -> Result<Value, Problem> {
    let pasted = raw;
    let raw = trimmed(raw);
    if arg.kind.names_users() && raw.starts_with("<@") {
        return Err(Problem::requester("login_mention", "A chat account isn't a login.")
            .hint("Type the login, such as `john.doe`."));
    }
    if is_placeholder(raw) {
        let message = format!("{} is only a placeholder.", code(&format!("{}:\u{2026}", arg.name)));
        return Err(Problem::requester("option_placeholder", message).hint("Type a value in its place."));
    }
    // Those that are behind it are not known.
    if arg.kind.names_users() && raw.ends_with('\u{2026}') {
        return Err(Problem::requester("logins_cut", format!("{} is cut off.", code(arg.name)))
            .hint("Type every login in full."));
    }
    let word = || raw.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']).trim_start_matches('(');
    // What is given by another name than it should be, or is no name of anything, is written down as well.
    if tells_secret(raw) {
        let message = format!("{} has a password or a code in it.", code(arg.name));
        return Err(
            Problem::requester("option_secret", message).hint("Leave it out: everyone can read this text.")
        );
    }
    match arg.kind {
        Kind::Text(max) | Kind::Sentence(max) => within(arg, raw, usize::from(max)),
        Kind::Moment(max) => within(arg, raw, usize::from(max)),
        // Blanks around it are part of it, as long as there is something else.
        Kind::Exact(max) => within(arg, if raw.is_empty() { raw } else { pasted }, usize::from(max)),
        Kind::Name(_) if let Some((name, sign)) = with_a_sign(raw) => {
            Err(Problem::requester("name_comma", format!("{} ends in {sign}.", code(raw)))
                .hint("Type the first name, then the last name.")
                .instead_of(raw, vec![name.to_owned()]))
        }
        Kind::Word(max) | Kind::Name(max) => within(arg, raw, usize::from(max)),
        Kind::Account => within(arg, raw, 100),
        Kind::RoutingProfile | Kind::SecurityProfile => within(arg, raw, 127),
        Kind::HierarchyGroup => within(arg, raw, 600),
        Kind::File => within(arg, raw, 2_000),
        Kind::Command => within(arg, raw.trim_start_matches('/'), 100),
        Kind::Login => ids::login(login_word(raw)).map(Value::Text),
        Kind::LoginOrAll if is_everything(word()) => Ok(Value::Text("all".to_owned())),
        Kind::LoginOrAll => ids::login(login_word(raw)).map(Value::Text),
        Kind::LoginOrRequest => match number(word()) {
            Some(number) => request(raw, number).map(|n| Value::Text(n.to_string())),
            None => ids::login(login_word(raw)).map(Value::Text),
        },
        Kind::Logins => logins(arg, raw),
        Kind::Email(none) => match raw {
            word if none && word.eq_ignore_ascii_case(NONE) => Ok(Value::Text(NONE.to_owned())),
            _ => address::email(raw.trim_end_matches(['.', ',', ';'])).map(Value::Text),
        },
        Kind::Phone(none) => match raw {
            word if none && word.eq_ignore_ascii_case(NONE) => Ok(Value::Text(NONE.to_owned())),
            _ => address::phone(raw.trim_end_matches(['.', ',', ';'])).map(Value::Text),
        },
        Kind::Choice(words) => choice(arg, words, word()),
        Kind::Flag if word().is_empty() => Ok(Value::Flag(true)),
        Kind::Flag => match yes_or_no(raw) {
            Some(said) => Ok(Value::Flag(said)),
            None => Err(Problem::requester(
                "flag",
                format!("{} is neither yes nor no for {}.", code(raw), code(arg.name)),
            )
            .hint(format!("Type `{0}:yes` or `{0}:no`, or leave it out.", arg.name))
            .instead_of(raw, vec!["true".to_owned(), "false".to_owned()])),
        },
        Kind::Integer(min, max) => match word().parse::<i64>() {
            Ok(n) if (min..=max).contains(&n) => Ok(Value::Integer(n)),
            _ => Err(Problem::requester(
                "integer",
                format!("{} isn't a whole number from {min} to {max}.", code(raw)),
            )
            .hint(format!("Type one such as `{}:{min}`.", arg.name))),
        },
        Kind::Seconds(min, max) => match seconds(word()) {
            Some(n) if (min..=max).contains(&n) => Ok(Value::Integer(n)),
            _ => Err(Problem::requester(
                "seconds",
                format!("{} isn't a time from {min} to {max} seconds.", code(raw)),
            )
            .hint(format!("Type seconds such as `{0}:300`, or minutes such as `{0}:5m`.", arg.name))),
        },
        Kind::Request if raw.is_empty() => within(arg, raw, 0),
        Kind::Request => match number(word()) {
            Some(number) => request(raw, number).map(Value::Integer),
            None => {
                Err(Problem::requester("request_number", format!("{} isn't a request number.", code(raw)))
                    .hint("Type one such as `7`. `/desk requests` lists the open ones."))
            }
        },
        Kind::Plan => {
            let is_digest = raw.len() <= 64 && raw.bytes().all(|byte| byte.is_ascii_hexdigit());
            match is_digest && !is_like_a_code(raw) {
                true => within(arg, raw, 64),
                // What was typed is not repeated: it may be a code.
                false => {
                    Err(Problem::requester("plan_digest", "That isn't the beginning of a plan's digest.")
                        .hint("Type it as its card shows it, or leave it out."))
                }
            }
        }
        Kind::Code => Err(Problem::requester("code_digits", "A code has six digits.")),
    }
}

/// A name in front of a sign that ends it in a sentence, and the sign. The period of `Jr.` is one of its own.
fn with_a_sign(raw: &str) -> Option<(&str, &str)> {
    let name = raw.trim_end_matches([',', ';']).trim_end();
    match raw.chars().last()? {
        ',' => Some((name, "a comma")),
        ';' => Some((name, "a semicolon")),
        '.' => {
            let name = raw.trim_end_matches('.').trim_end();
            let last = name.rsplit(' ').next().unwrap_or(name);
            (last.chars().count() > 3 && !last.contains('.')).then_some((name, "a period"))
        }
        _ => None,
    }
}

/// What a word says of a flag: yes or no.
pub(super) fn yes_or_no(word: &str) -> Option<bool> {
    let word = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']).trim_start_matches('(');
    match word.to_lowercase().as_str() {
        "true" | "yes" | "on" | "y" | "1" => Some(true),
        "false" | "no" | "off" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// Whether one word behind a flag may be what someone says of it, in whatever language. A login, the number of a ticket, a day and a word
/// of courtesy aren't.
pub(super) fn may_say_of_flag(word: &str) -> bool {
    let plain = word.trim_end_matches(['.', ',', ';', '!', '?']);
    let is_word = !plain.is_empty() && plain.chars().all(|c| c.is_alphabetic() || "-'".contains(c));
    let is_else = is_courtesy(word) || joins_logins(word) || is_everything(word) || moment::is_one(word);
    yes_or_no(word).is_some() || is_word && !is_else
}

/// What messages have in place of a value, or of the rest of one.
pub(super) fn is_placeholder(text: &str) -> bool {
    matches!(text, "\u{2026}" | "...")
}

/// The word for all that there is.
pub(super) fn is_everything(word: &str) -> bool {
    word.eq_ignore_ascii_case("all") || word.eq_ignore_ascii_case("everything")
}

/// Without blanks and what no one sees around it, which comes along when people copy.
fn trimmed(raw: &str) -> &str {
    raw.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    })
}

/// A login without the marks of the sentence around it; none of them can be in a login. A full stop can.
fn login_word(raw: &str) -> &str {
    let word = raw
        .trim_end_matches([',', ';', ':', '!', '?', ')', '>', '"', '\'', '`'])
        .trim_start_matches(['(', '<', '"', '\'', '`']);
    ids::owner(word).unwrap_or(word)
}

/// Whether a word is so plainly of an argument's kind that it may be meant for it.
pub(super) fn shows(arg: &Arg, word: &str) -> bool {
    match arg.kind {
        Kind::Login => ids::looks_like_login(word),
        Kind::Email(_) => address::email(word).is_ok(),
        Kind::Phone(_) => address::phone(word).is_ok(),
        Kind::Choice(words) => words.iter().any(|(choice, _)| choice.eq_ignore_ascii_case(word)),
        Kind::Moment(_) => moment::plain(word).is_some(),
        _ => false,
    }
}

/// The digits of the number of a request as people write it: `7`, `#7`, `№7`, `no.7`; none when it is no number.
pub(super) fn number(word: &str) -> Option<&str> {
    let lower = word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("no."));
    let digits = if lower { word.get(3..)? } else { word.trim_start_matches(['#', '\u{2116}']) };
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// A number that a log can have.
fn request(raw: &str, digits: &str) -> Result<i64, Problem> {
    let in_range = |n: &i64| (1..=RequestNo::MAX.0).contains(&u64::try_from(*n).unwrap_or(0));
    digits.parse::<i64>().ok().filter(in_range).ok_or_else(|| {
        Problem::requester("request_unknown", format!("No request {}.", code(raw)))
            .hint("`/desk requests` lists the open ones.")
    })
}

/// Six digits, in one piece or as apps show them: `123 456`.
pub(super) fn digits_of_code(raw: &str) -> Option<String> {
    let raw = trimmed(raw).trim_end_matches(['.', ',', ';', '!', ')']).trim_start_matches('(');
    // Longer than any way to write six digits; nothing of it is kept.
    if raw.len() > 20 {
        return None;
    }
    let digits: String = raw.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Whether a text is or has what may be a code.
pub fn is_like_a_code(text: &str) -> bool {
    digits_of_code(text).is_some() || take_code(text).is_some()
}

/// What people call a code.
pub(super) const CODE_NAMES: [&str; 6] = ["code", "pin", "otp", "totp", "token", "2fa"];

/// What people call a password.
const PASSWORD_NAMES: [&str; 8] =
    ["password", "passwort", "passwd", "pwd", "pw", "pass", "passphrase", "kennwort"];

fn is_password_name(name: &str) -> bool {
    PASSWORD_NAMES.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// Whether an option of this name would be a password: `password`, `temporary_password`.
pub(super) fn names_password(name: &str) -> bool {
    name.split(['_', '-', ' ']).any(is_password_name)
}

/// The code of a problem with a line that has a password in it, or what may be one.
pub(super) const PASSWORD_TYPED: &str = "password_typed";

/// Why nothing is made of a password.
pub(super) fn no_password() -> Problem {
    Problem::requester(PASSWORD_TYPED, "You don't set a password here.")
        .hint("Leave it out: the user sets their own, or the desk makes a temporary one.")
}

/// Whether a word may be a password: one that Amazon Connect takes has 8 characters or more, with capital and small letters and
/// digits. In a login, an address or a ticket number the parts are shorter, or of fewer kinds.
pub(super) fn looks_like_password(word: &str) -> bool {
    word.split([' ', '.', ',', '-', '_', '@', '/', '\\', ':', '#', '\'', '+']).any(|part| {
        part.chars().count() >= 8
            && part.contains(char::is_uppercase)
            && part.contains(char::is_lowercase)
            && part.contains(|c: char| c.is_ascii_digit())
    })
}

/// Whether a word of a text looks like a password.
pub fn has_password(text: &str) -> bool {
    text.split_whitespace().any(looks_like_password)
}

/// Whether someone tells a code or a password in a text, by its name: `pin 123456`, `password: Winter26!`.
pub(super) fn tells_secret(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let names_one = text.split(|c: char| !c.is_alphanumeric()).any(is_password_name);
    if names_one && has_password(text) {
        return true;
    }
    // Between a code and its name may be other words: `my code is 123456`.
    let names_code = |word: &&str| {
        let mut parts = word.split(|c: char| !c.is_alphanumeric());
        parts.any(|part| CODE_NAMES.iter().any(|name| part.eq_ignore_ascii_case(name)))
    };
    let named = words.iter().position(names_code).unwrap_or(words.len());
    let behind = words.get(named..).unwrap_or_default();
    let values = behind.iter().map(|word| word.rsplit([':', '=']).next().unwrap_or(word));
    let values = values.map(|value| value.trim_matches(|c: char| !c.is_alphanumeric()));
    let values: Vec<&str> = values.collect();
    let is_half = |word: &str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    let in_halves = |pair: &[&str]| {
        pair.first().is_some_and(|first| is_half(first)) && digits_of_code(&pair.join(" ")).is_some()
    };
    if values.iter().any(|value| digits_of_code(value).is_some()) || values.windows(2).any(in_halves) {
        return true;
    }
    words.iter().enumerate().any(|(at, word)| {
        let Some((name, value)) = word.split_once([':', '=']) else { return false };
        let next = words.get(at + 1).copied().unwrap_or_default();
        let value = if value.is_empty() { next } else { value };
        // Other words behind it are about the password.
        is_password_name(name)
            && value.chars().count() >= 6
            && value.bytes().any(|byte| byte.is_ascii_digit())
    })
}

/// The six digits of a code in what someone says in their own words, and the text without them.
pub(super) fn take_code(text: &str) -> Option<(String, String)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let rest = |from: usize, to: usize| {
        let rest: Vec<&str> = words.iter().take(from).chain(words.iter().skip(to)).copied().collect();
        rest.join(" ")
    };
    let one = words.iter().enumerate().find_map(|(at, word)| Some((digits_of_code(word)?, rest(at, at + 1))));
    // In two halves only at the end: `555 123` may be a part of a phone number.
    let end = words.len().saturating_sub(2);
    one.or_else(|| {
        let halves = words
            .get(end..)
            .filter(|halves| halves.len() == 2 && halves.iter().all(|half| half.len() == 3))?;
        Some((digits_of_code(&halves.join(" "))?, rest(end, words.len())))
    })
}

/// `300`, `60s`, `5m`, `5 min`, `1h`, `1m30s`, in seconds.
pub(super) fn seconds(word: &str) -> Option<i64> {
    let word = word.to_lowercase();
    let mut rest = word.as_str();
    let mut sum: i64 = 0;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (n, behind) = rest.split_at_checked(digits)?;
        let end = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (name, next) = behind.split_at_checked(end)?;
        let name = name.trim().trim_end_matches('.');
        // `24.12.` is a date: only the last number needs no unit.
        if name.is_empty() && !behind.is_empty() {
            return None;
        }
        sum = sum.checked_add(n.parse::<i64>().ok()?.checked_mul(unit(name)?)?)?;
        if next.is_empty() {
            return Some(sum);
        }
        rest = next;
    }
}

/// How many seconds a unit of time has.
pub(super) fn unit(word: &str) -> Option<i64> {
    match word {
        "" | "s" | "sec" | "secs" | "second" | "seconds" | "sek" => Some(1),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(60),
        "h" | "hr" | "hour" | "hours" => Some(3_600),
        _ => None,
    }
}

/// Whether a moment that begins with one word continues in the next: a date and its time of day, a number and its unit.
pub(super) fn continues(first: &str, next: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_date =
        first.len() == 10 && first.split('-').map(str::len).eq([4, 2, 2]) && first.split('-').all(digits);
    let is_time = next.split_once(':').is_some_and(|(hour, _)| hour.len() <= 2 && digits(hour));
    let next = next.to_lowercase();
    let is_unit = || unit(&next).is_some() || matches!(next.as_str(), "d" | "day" | "days");
    is_date && is_time || digits(first) && is_unit()
}

/// Words that deny what is near them. Without one of them, or with it as a reason, a line says the opposite.
const DENIALS: [&str; 27] = [
    "no",
    "not",
    "non",
    "none",
    "never",
    "neither",
    "nor",
    "without",
    "except",
    "excluding",
    "but",
    "unless",
    "instead",
    "rather",
    "disable",
    "disabled",
    "deactivate",
    "off",
    "stop",
    "skip",
    "dont",
    "nicht",
    "kein",
    "keine",
    "ohne",
    "nein",
    "statt",
];

/// What people say of what does not work, which denies nothing but what they choose: `can't sign in`.
const INABILITIES: [&str; 5] = ["can't", "cant", "cannot", "couldn't", "won't"];

/// Whether a word denies something; `chosen` says whether a yes or a choice is beside it. So does a dash in front of a word.
pub(super) fn denies(word: &str, chosen: bool) -> bool {
    let plain = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().replace('\u{2019}', "'");
    let is_unable = INABILITIES.contains(&plain.as_str());
    let has_dash = word.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    has_dash
        || DENIALS.contains(&plain.as_str())
        || is_unable && chosen
        || plain.ends_with("n't") && !is_unable
}

/// Whether a text denies something that another, which may have been meant, does not: `no_force` is not `force`.
pub(super) fn loses_denial(typed: &str, instead: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split([' ', '_', '-']).filter(|word| denies(word, true)).map(str::to_lowercase).collect()
    };
    let kept = words(instead);
    typed.starts_with('-') && denies(typed, true) || words(typed).iter().any(|word| !kept.contains(word))
}

/// What people say to a person.
const COURTESY: [&str; 9] = ["please", "pls", "plz", "kindly", "thanks", "thx", "bitte", "now", "asap"];

/// Whether a word is one of courtesy, which says nothing.
pub(super) fn is_courtesy(word: &str) -> bool {
    COURTESY.contains(&word.trim_end_matches(['.', ',', '!']).to_lowercase().as_str())
}

/// Whether what follows is why something is so.
pub(super) fn gives_why(word: &str) -> bool {
    word.eq_ignore_ascii_case("because") || word.eq_ignore_ascii_case("since")
}

/// What is between the logins of a list, beside commas.
pub(super) fn joins_logins(word: &str) -> bool {
    matches!(word, "and" | "und" | "&" | "+")
}

/// The parts of a list of logins: between commas, semicolons and blanks.
pub(super) fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).filter(|part| !part.is_empty())
}

fn logins(arg: &Arg, raw: &str) -> Result<Value, Problem> {
    let length = raw.chars().count();
    if length > LOGINS_TEXT_MAX {
        return Err(too_long(arg, length));
    }
    let mut logins: Vec<String> = Vec::new();
    for part in listed(raw).filter(|part| !joins_logins(part)) {
        let login = ids::login(login_word(part))?;
        if !logins.contains(&login) {
            logins.push(login);
        }
    }
    if logins.len() > ids::LOGINS_MAX {
        let message = format!("{} has {} logins.", code(arg.name), logins.len());
        return Err(Problem::requester("users_too_many", message)
            .hint(format!("Give at most {} at a time.", ids::LOGINS_MAX)));
    }
    within(arg, &logins.join(", "), LOGINS_TEXT_MAX)
}

/// The code of the problem of a word that is none of an option's choices.
pub(super) const CHOICE_UNKNOWN: &str = "choice_unknown";

fn choice(arg: &Arg, words: &[(&str, &str)], raw: &str) -> Result<Value, Problem> {
    let lower = raw.to_lowercase().replace([' ', '-'], "_");
    // `phone:"soft phone"` is `phone:soft`.
    let short = lower.strip_suffix(arg.name).map(|word| word.trim_end_matches('_'));
    if let Some((word, _)) = words.iter().find(|(word, _)| *word == lower || Some(*word) == short) {
        return Ok(Value::Text((*word).to_owned()));
    }
    let mut near = match denies(&lower, true) {
        true => Vec::new(),
        false => text::nearest(&lower, words.iter().map(|(word, _)| *word)),
    };
    if near.is_empty() && !denies(&lower, true) {
        // Someone may have typed what the choice does instead of its name.
        let says = |about: &str| {
            about.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(&lower))
        };
        near = words.iter().filter(|(_, about)| says(about)).map(|(word, _)| *word).collect();
        // Only by a word that says more than `was` and `not`.
        near.retain(|_| lower.chars().count() > 3);
    }
    let shown = if near.is_empty() { words.iter().map(|(word, _)| *word).collect() } else { near.clone() };
    let choices: Vec<String> = words
        .iter()
        .filter(|(word, _)| shown.contains(word))
        .map(|(word, about)| match about.is_empty() {
            true => code(word),
            false => format!("{} ({about})", code(word)),
        })
        .collect();
    Err(Problem::requester(CHOICE_UNKNOWN, format!("{} isn't a choice for {}.", code(raw), code(arg.name)))
        .hint(format!("Choose {}.", text::list(&choices, "or")))
        .instead_of(raw, near.into_iter().map(str::to_owned).collect()))
}

pub(super) fn too_long(arg: &Arg, length: usize) -> Problem {
    Problem::requester(
        "option_too_long",
        format!("{} has {length} characters, which is too many.", code(arg.name)),
    )
    .hint("Shorten it.")
}

fn within(arg: &Arg, raw: &str, max: usize) -> Result<Value, Problem> {
    let length = raw.chars().count();
    if raw.is_empty() {
        let leave = if arg.need == Need::Optional { ", or leave it out" } else { "" };
        return Err(Problem::requester("option_empty", format!("{} is empty.", code(arg.name)))
            .hint(format!("Type `{}:…` with a value{leave}.", arg.name)));
    }
    if length > max {
        return Err(Problem::requester(
            "option_too_long",
            format!("{} has {length} characters. It takes at most {max}.", code(arg.name)),
        )
        .hint("Shorten it."));
    }
    if let Some(odd) = raw.chars().find(|c| c.is_control()) {
        return Err(Problem::requester(
            "option_characters",
            format!("{} contains {}.", code(arg.name), text::name_of(odd)),
        )
        .hint("Type it on one line."));
    }
    Ok(Value::Text(raw.to_owned()))
}

/// The value of an argument with one thing in it replaced by another: all of it, or one of its list.
pub(super) fn replaced(spec: &Spec, name: &str, value: &str, typed: &str, instead: &str) -> String {
    if value == typed || trimmed(value) == typed {
        return instead.to_owned();
    }
    let is_list = spec.arg_called(name).is_some_and(|arg| match arg.kind {
        Kind::Logins => true,
        Kind::Text(_) => value.contains([',', ';', '|']),
        _ => false,
    });
    if !is_list {
        return value.to_owned();
    }
    // Between semicolons a name may have commas.
    for separators in [&[';'][..], &[',', ';', '|']] {
        let parts = value.split_inclusive(separators);
        let parts = parts.map(|part| match part.strip_suffix(separators) {
            Some(name) => (name.trim(), part.get(name.len()..).unwrap_or_default()),
            None => (part.trim(), ""),
        });
        let parts: Vec<(&str, &str)> = parts.collect();
        if parts.iter().any(|(name, _)| *name == typed) {
            let put = parts.iter().map(|(name, separator)| {
                format!("{}{separator}", if *name == typed { instead } else { name })
            });
            return put.collect::<Vec<_>>().join(" ");
        }
    }
    value.to_owned()
}

//! Addresses and telephone numbers as people type them or write them into sheets, and the one form in which Amazon Connect
//! takes them.

use crate::basics::clean;
use crate::basics::numbers::{Scientific, scientific, whole};
use crate::basics::problem::Problem;
use crate::basics::text::{self, code, name_of};

/// The longest email address, in bytes (RFC 5321, 4.5.3.1.3: a path of 256 with its angle brackets).
pub const EMAIL_MAX: usize = 254;

/// The longest part before the `@` (RFC 5321, 4.5.3.1.1) and of a domain between its dots.
const LOCAL_MAX: usize = 64;

/// An address that a mail server takes (RFC 5321): one `@`, a name of plain letters, and a domain with a dot in it.
///
/// Full-width letters are read as plain ones, what no one sees is left out, and a domain in other letters is converted
/// (`müller.de` is `xn--mller-kva.de`).
pub fn email(typed: &str) -> Result<String, Problem> {
    let wrong = |message: String, next: String| Err(Problem::requester("email", message).hint(next));
    let example = || "Use one such as `john.doe@example.com`.".to_owned();
    // First, so that nothing below costs more than an address is worth.
    let length = typed.trim().chars().count();
    if length > EMAIL_MAX {
        let message = format!("The email address has {length} characters. The limit is {EMAIL_MAX}.");
        return wrong(message, example());
    }
    let plain = clean::word(typed);
    let typed = plain.as_ref();
    // What is meant by it, where that is plain.
    let meant =
        |right: &str| (right != typed).then(|| email(right).ok()).flatten().into_iter().collect::<Vec<_>>();
    let asked = |message: String, right: &str| {
        let meant = meant(right);
        let next = meant.first().map_or_else(example, |right| format!("Did you mean {}?", code(right)));
        wrong(message, next).map_err(|problem| problem.instead_of(typed, meant))
    };
    let said = format!("{} is not an email address", code(typed));
    if let Some((_, inner)) = typed.split_once('<') {
        // A chat makes a link of an address: `<mailto:john@example.com|john@example.com>`.
        let inner = inner.trim_end().trim_end_matches('>');
        let inner = inner.trim_start_matches("mailto:").split('|').next().unwrap_or(inner);
        return wrong(format!("{said}: it has a name around it."), format!("Write {}.", code(inner)))
            .map_err(|problem| problem.instead_of(typed, meant(inner)));
    }
    if let Some(bare) = typed.strip_prefix("mailto:") {
        return wrong(format!("{said}: it is a link."), format!("Write {}.", code(bare)))
            .map_err(|problem| problem.instead_of(typed, meant(bare)));
    }
    if typed.matches('@').count() > 1 {
        let several: Vec<&str> =
            typed.split([',', ';', ' ', '/', '|']).filter(|one| one.contains('@')).collect();
        if several.len() > 1 {
            let next = match meant(several.first().copied().unwrap_or_default()).first() {
                Some(first) => format!("Use one of them, such as {}.", code(first)),
                None => example(),
            };
            return wrong(format!("{said}: it is more than one."), next);
        }
        return asked(format!("{said}: it has more than one `@`."), &typed.replace("@@", "@"));
    }
    let odd = |c: &char| c.is_whitespace() || ",;:\"()[]\\<>".contains(*c);
    if let Some(first) = typed.chars().find(odd) {
        let joined: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let right = if first == ',' { joined.replace(',', ".") } else { joined };
        let right = if right.chars().any(|c| odd(&c)) { String::new() } else { right };
        return asked(format!("{said}: it contains {}.", name_of(first)), &right);
    }
    let Some((local, domain)) = typed.split_once('@') else {
        return wrong(format!("{said}: it has no `@` and no domain."), example());
    };
    if local.is_empty() {
        return wrong(format!("{said}: there is nothing before the `@`."), example());
    }
    if domain.is_empty() {
        return wrong(format!("{said}: it has no domain after the `@`."), example());
    }
    if let Some(odd) =
        local.chars().find(|c| !(c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(*c)))
    {
        let message =
            format!("{said} that every server accepts: it contains {} before the `@`.", name_of(odd));
        return wrong(message, "Use only ASCII letters before the `@`.".to_owned());
    }
    if local.split('.').any(str::is_empty) {
        let dots = local.split('.').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
        return asked(format!("{said}: a dot is in the wrong place."), &format!("{dots}@{domain}"));
    }
    if local.len() > LOCAL_MAX {
        let message =
            format!("{said}: it has {} characters before the `@`. The limit is {LOCAL_MAX}.", local.len());
        return wrong(message, example());
    }
    let incomplete = || format!("{said}: its domain {} is not complete.", code(domain));
    if let Some(whole) = domain.strip_suffix('.') {
        return asked(incomplete(), &format!("{local}@{whole}"));
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let ascii = ascii_domain(domain).unwrap_or_default();
    let top = ascii.rsplit('.').next().unwrap_or_default();
    let is_top = top.len() > 1
        && (top.bytes().all(|b| b.is_ascii_alphabetic()) || top.to_ascii_lowercase().starts_with("xn--"));
    if labels.len() < 2 || !ascii.split('.').all(is_label) || !is_top {
        return wrong(incomplete(), example());
    }
    let email = format!("{local}@{ascii}");
    if email.len() > EMAIL_MAX {
        return wrong(format!("{said}: its domain is too long."), example());
    }
    Ok(email)
}

/// A domain as servers take it: one with other letters than ASCII's in Punycode (IDNA). Nothing for what is no domain.
pub fn ascii_domain(domain: &str) -> Option<String> {
    match domain.is_ascii() {
        true => Some(domain.to_owned()),
        false => idna::domain_to_ascii_strict(domain).ok(),
    }
}

/// A secondary address, for which Amazon Connect documents fewer characters than for the first one (`SecondaryEmail`), and a domain that
/// ends in letters.
pub fn secondary_email(typed: &str) -> Result<String, Problem> {
    let email = email(typed)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "._%+-@".contains(c);
    let end = email.rsplit('.').next().unwrap_or_default();
    let (why, next) = match email.chars().find(|c| !fits(*c)) {
        Some(odd) => {
            (format!("contains {}", name_of(odd)), "accepts unaccented letters, digits and `. _ % + -` there")
        }
        None if !end.bytes().all(|b| b.is_ascii_alphabetic()) => {
            (format!("ends in {}", code(end)), "accepts only unaccented letters after the last dot")
        }
        None => return Ok(email),
    };
    Err(Problem::requester("email", format!("{} can't be a secondary email: it {why}.", code(&email)))
        .hint(format!("Amazon Connect {next}. Leave it out, or choose another address.")))
}

/// The longest text that is read as a phone number, in characters: 15 digits and what people put between them.
const PHONE_MAX: usize = 60;

const EXAMPLE: &str = "Use a plus, the country code and the number, such as `+12025550123`.";

/// A phone number in E.164, however it is written as long as it begins with `+` or `00` and its country.
pub fn phone(typed: &str) -> Result<String, Problem> {
    let wrong = |message: String, next: String| Err(Problem::requester("phone_number", message).hint(next));
    let length = typed.trim().chars().count();
    if length > PHONE_MAX {
        return wrong(format!("A phone number can't have {length} characters."), EXAMPLE.to_owned());
    }
    let plain = clean::word(typed);
    let typed = plain.as_ref();
    let example = EXAMPLE;
    let said = format!("{} is not a phone number", code(typed));
    let bare = match typed.get(..4) {
        Some(link) if link.eq_ignore_ascii_case("tel:") => typed.get(4..).unwrap_or_default().trim_start(),
        _ => typed,
    };
    let bare = whole(bare);
    let number = scientific(bare);
    if number == Some(Scientific::Cut) {
        let message = format!(
            "{} is a phone number that a spreadsheet changed. Its last digits are lost.",
            code(typed)
        );
        return wrong(message, format!("Format the column as text. {example}"));
    }
    let all = match &number {
        Some(Scientific::Whole(digits)) => digits,
        _ => bare,
    };
    let asked = |message: String| {
        let right: Vec<String> = plausible(bare).into_iter().collect();
        let next = right
            .first()
            .map_or_else(|| example.to_owned(), |right| format!("Did you mean {}?", code(right)));
        wrong(message, next).map_err(|problem| problem.instead_of(typed, right))
    };
    // `+49 (0)30` is the same number as `+4930`: the zero in brackets is dialed only inside the country.
    let international = bare.starts_with('+') || bare.starts_with("00");
    let text = if international { bare.replace("(0)", "") } else { all.to_owned() };
    if text.matches('+').count() > 1 || text.contains([';', ',', '|']) {
        return asked(format!("{said}: it is more than one."));
    }
    let mut digits = String::new();
    let mut plus = false;
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !plus => plus = true,
            c if c.is_whitespace() || "-–—‐‑−./()".contains(c) => {}
            c if (c.is_alphabetic() || c == '#') && digits.len() > 6 => {
                return asked(format!(
                    "{said}: it seems to have an extension or a comment, which Amazon Connect can't dial."
                ));
            }
            c => return asked(format!("{said}: it contains {}.", name_of(c))),
        }
    }
    if !plus && let Some(rest) = digits.strip_prefix("00") {
        digits = rest.to_owned();
        plus = true;
    }
    if digits.is_empty() {
        return wrong(format!("{said}: it has no digits."), example.to_owned());
    }
    if !plus {
        // Below seven digits nothing is a whole number that only lacks its country.
        let next = match digits.len() {
            0..7 => example.to_owned(),
            10 if !digits.starts_with('0') => {
                format!("Add the country code. In the USA or Canada, use {}.", code(&format!("+1{digits}")))
            }
            7..=15 if digits.starts_with('0') => {
                let rest = digits.trim_start_matches('0');
                format!(
                    "Replace the leading 0 with the country code. In Germany, use {}.",
                    code(&format!("+49{rest}"))
                )
            }
            11..=15 => {
                format!("If a spreadsheet removed the plus, use `+{digits}` and format the column as text.")
            }
            _ => example.to_owned(),
        };
        // Ten digits are a whole number of the USA or Canada, and eleven are one with its country.
        let right = match digits.len() {
            10 if !digits.starts_with('0') => vec![format!("+1{digits}")],
            11 if digits.starts_with('1') => vec![format!("+{digits}")],
            _ => Vec::new(),
        };
        return wrong(format!("The phone number {} has no country code.", code(typed)), next)
            .map_err(|problem| problem.instead_of(typed, right));
    }
    let right = format!("+{digits}");
    if digits.starts_with('0') {
        return wrong(
            format!("The phone number {} has no valid country code: none begins with 0.", code(typed)),
            example.to_owned(),
        );
    }
    if !is_e164(&right) {
        let message = format!(
            "The phone number {} has {}. It must have 2 to 15.",
            code(typed),
            text::count(digits.len(), "digit")
        );
        return wrong(message, example.to_owned());
    }
    Ok(right)
}

/// The one whole number with its country in a text that has more than that: `+1 202-555-0123 (cell)`, `whatsapp:+12025550123`.
fn plausible(typed: &str) -> Option<String> {
    let from = typed.get(typed.find('+')?..)?;
    let number = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-–—‐‑−.()".contains(c);
    let end = from.find(|c: char| !number(c)).unwrap_or(from.len());
    let first = from.get(..end)?.trim_end_matches(|c: char| !c.is_ascii_digit());
    let again = first.get(1..)?.find('+').map_or(first.len(), |at| at + 1);
    let first = first.get(..again)?;
    let right = phone(first).ok()?;
    (first.len() < typed.len() && right.len() > 7).then_some(right)
}

/// A `+` and 2 to 15 digits, the first of which is not 0.
pub fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (2..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A part of a domain between its dots.
fn is_label(label: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (1..=LOCAL_MAX - 1).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(fits)
}

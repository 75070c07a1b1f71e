//! Addresses and telephone numbers as people type them or write them into sheets, and the one form in which Amazon Connect
//! takes them.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use crate::basics::problem::Problem;
use crate::basics::text::{self, code, name_of};

/// A text in the form in which Amazon Connect keeps names (NFC): an accent that is a character of its own would come back
/// as another name than was sent.
pub fn composed(typed: &str) -> Cow<'_, str> {
    match is_nfc_quick(typed.chars()) {
        IsNormalized::Yes => Cow::Borrowed(typed),
        _ => Cow::Owned(typed.nfc().collect()),
    }
}

/// The longest email address, in characters (CreateUser, `Email`).
pub const EMAIL_MAX: usize = 265;

/// An address with one `@` and a domain with a dot in it; at most [`EMAIL_MAX`] characters.
pub fn email(typed: &str) -> Result<String, Problem> {
    let typed = typed.trim();
    // What is meant by it, where that is plain.
    let meant = |right: &str| if email(right).is_ok() { vec![right.to_owned()] } else { Vec::new() };
    let wrong = |message: String, next: String| Err(Problem::asker("email", message).hint(next));
    let example = || "Write one such as `john.doe@example.com`.".to_owned();
    // First, so that nothing below costs more than an address is worth.
    let length = typed.chars().count();
    if length > EMAIL_MAX {
        let message = format!("The email address has {length} characters; at most {EMAIL_MAX} are taken.");
        return wrong(message, example());
    }
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
    let odd = |c: &char| c.is_whitespace() || c.is_control() || ",;:\"()[]\\<>".contains(*c);
    if let Some(first) = typed.chars().find(odd) {
        let joined: String = typed.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
        let right = if first == ',' { joined.replace(',', ".") } else { joined };
        let fits = !right.chars().any(|c| odd(&c)) && email(&right).is_ok();
        let next = if fits { format!("Did you mean {}?", code(&right)) } else { example() };
        return wrong(format!("{said}: it contains {}.", name_of(first)), next)
            .map_err(|problem| problem.instead_of(typed, if fits { vec![right] } else { Vec::new() }));
    }
    let Some((local, domain)) = typed.split_once('@') else {
        return wrong(format!("{said}: it has no `@` and no domain."), example());
    };
    if domain.contains('@') {
        return wrong(format!("{said}: it has more than one `@`."), example());
    }
    if local.is_empty() {
        return wrong(format!("{said}: nothing stands before the `@`."), example());
    }
    if domain.is_empty() {
        return wrong(format!("{said}: it has no domain behind the `@`."), example());
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    if labels.len() < 2 || !labels.iter().all(|label| is_label(label)) || top.chars().count() < 2 {
        return wrong(format!("{said}: its domain {} is not complete.", code(domain)), example());
    }
    Ok(typed.to_owned())
}

/// A secondary address, for which Amazon Connect documents fewer characters than for the first one (`SecondaryEmail`).
pub fn secondary_email(typed: &str) -> Result<String, Problem> {
    let email = email(typed)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "._%+-@".contains(c);
    match email.chars().find(|c| !fits(*c)) {
        None => Ok(email),
        Some(odd) => {
            let message =
                format!("{} cannot be a secondary email: it contains {}.", code(&email), name_of(odd));
            Err(Problem::asker("email", message)
                .hint("Amazon Connect takes letters without accents, digits and `. _ % + -` there; leave it out, or choose another."))
        }
    }
}

/// The longest text that is read as a phone number, in characters: 15 digits and what people put between them.
const PHONE_MAX: usize = 60;

const EXAMPLE: &str = "Write a plus, the country and the number, such as `+12025550123`.";

/// A phone number in E.164, however it is written as long as it begins with `+` or `00` and its country.
pub fn phone(typed: &str) -> Result<String, Problem> {
    let typed = typed.trim();
    let wrong = |message: String, next: String| Err(Problem::asker("phone_number", message).hint(next));
    let length = typed.chars().count();
    if length > PHONE_MAX {
        return wrong(format!("A phone number doesn't have {length} characters."), EXAMPLE.to_owned());
    }
    let example = EXAMPLE;
    let said = format!("{} is not a phone number", code(typed));
    // `+49 (0)30` is the same number as `+4930`: the zero in brackets is dialled only inside the country.
    let international = typed.trim_start().starts_with(['+', '＋']) || typed.trim_start().starts_with("00");
    let text = if international { typed.replace("(0)", "") } else { typed.to_owned() };
    if typed.starts_with(|c: char| c.is_ascii_digit()) && typed.to_lowercase().contains("e+") {
        let message = format!(
            "{} is what a spreadsheet made of a phone number; its last digits are lost.",
            code(typed)
        );
        return wrong(message, format!("Format the column as text. {example}"));
    }
    let mut digits = String::new();
    let mut plus = false;
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' | '＋' if digits.is_empty() && !plus => plus = true,
            c if c.is_whitespace()
                || "-–—‑./()".contains(c)
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}') => {}
            c if c.is_alphabetic() && digits.len() > 6 => {
                return wrong(
                    format!("{said}: it seems to have an extension, which Amazon Connect does not dial."),
                    example.to_owned(),
                );
            }
            c => return wrong(format!("{said}: it contains {}.", name_of(c)), example.to_owned()),
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
        let next = match digits.len() {
            10 if !digits.starts_with('0') => {
                format!(
                    "Write it with its country; in the USA or Canada it is {}.",
                    code(&format!("+1{digits}"))
                )
            }
            _ if digits.starts_with('0') => {
                let rest = digits.trim_start_matches('0');
                format!(
                    "Put the country in place of the leading 0; in Germany it is {}.",
                    code(&format!("+49{rest}"))
                )
            }
            11..=15 => format!(
                "If a spreadsheet took the plus away, write `+{digits}` and format the column as text."
            ),
            _ => example.to_owned(),
        };
        // Ten digits are a whole number of the USA or Canada, and eleven are one with its country.
        let right = match digits.len() {
            10 if !digits.starts_with('0') => vec![format!("+1{digits}")],
            11 if digits.starts_with('1') => vec![format!("+{digits}")],
            _ => Vec::new(),
        };
        return wrong(format!("The phone number {} has no country.", code(typed)), next)
            .map_err(|problem| problem.instead_of(typed, right));
    }
    let right = format!("+{digits}");
    if digits.starts_with('0') {
        return wrong(
            format!("The phone number {} has no country: none begins with 0.", code(typed)),
            example.to_owned(),
        );
    }
    if !is_e164(&right) {
        let message = format!(
            "The phone number {} has {}; 2 to 15 are possible.",
            code(typed),
            text::count(digits.len(), "digit")
        );
        return wrong(message, example.to_owned());
    }
    Ok(right)
}

/// A `+` and 2 to 15 digits, the first of which is not 0.
pub(crate) fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (2..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A part of a domain between its dots.
fn is_label(label: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || c == '-';
    !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_has_a_name_and_a_domain() {
        for good in ["john.doe@example.com", " o'brien+desk@mail.example.org ", "josé@example.com"] {
            assert_eq!(email(good).unwrap(), good.trim());
        }
        assert_eq!(email("j@exa mple,com").unwrap_err().hint, "Write one such as `john.doe@example.com`.");
        for bad in [
            "https://help.example.com/42",
            "",
            "john.doe",
            "john.doe@",
            "@example.com",
            "john@example",
            "john@example.c",
            "john@.com",
            "a@b@example.com",
            "john@-x.com",
            "none",
        ] {
            let problem = email(bad).unwrap_err();
            assert!(problem.hint.contains("john.doe@example.com"), "{bad}");
        }
    }

    #[test]
    fn a_secondary_email_has_fewer_characters() {
        assert_eq!(secondary_email("a.b+c%d-e_1@mail.example.org").unwrap(), "a.b+c%d-e_1@mail.example.org");
        for (bad, odd) in [("o'brien@example.com", "an apostrophe"), ("josé@example.com", "`é`")] {
            let problem = secondary_email(bad).unwrap_err();
            assert!(
                email(bad).is_ok() && problem.message.ends_with(&format!("contains {odd}.")),
                "{}",
                problem.message
            );
        }
        assert!(secondary_email("none").unwrap_err().hint.contains("john.doe@example.com"));
    }

    #[test]
    fn an_accent_goes_onto_its_letter() {
        assert_eq!(composed("Jose\u{301}"), "José");
        assert!(matches!(composed("José 漢字"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_number_is_brought_into_form_or_refused_with_an_example() {
        for (typed, number) in [
            ("+1 (555) 010-0142", "+15550100142"),
            ("+49 89.123 456", "+4989123456"),
            ("+15550100142", "+15550100142"),
            ("0049 (0)89 123456", "+4989123456"),
        ] {
            assert_eq!(phone(typed).unwrap(), number);
        }
        for (typed, why) in [
            ("555 010 0142", "no country"),
            ("+0123", "begins with 0"),
            ("+1", "2 to 15"),
            ("+1234567890123456", "2 to 15"),
            ("+1555CALLME", "contains `C`"),
            ("", "no digits"),
        ] {
            let problem = phone(typed).unwrap_err();
            assert!(problem.message.contains(why) && problem.hint.contains('+'), "{typed}: {problem}");
        }
    }
}

//! Addresses and telephone numbers as people type them, and the one form in which Amazon Connect takes them.

use crate::problem::Problem;
use crate::text::code;

/// The longest email address that Amazon Connect takes, in characters (UserIdentityInfo, SecondaryEmail).
const EMAIL_MAX: usize = 265;

/// An email address that a message can be sent to: a name, `@`, and a domain with a dot.
pub fn email(typed: &str) -> Result<String, Problem> {
    let typed = typed.trim();
    let says = |what: &str| {
        Err(Problem::asker("email", format!("{} is not an email address: {what}.", code(typed)))
            .next("Type one such as `john.doe@example.com`."))
    };
    let Some((name, domain)) = typed.rsplit_once('@') else { return says("it has no `@`") };
    if name.is_empty() {
        return says("nothing stands before the `@`");
    }
    if name.contains('@') {
        return says("it has more than one `@`");
    }
    if typed.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\"\\".contains(c)) {
        return says("it has a blank or a sign that addresses do not have");
    }
    let label = |label: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(fits)
    };
    let mut labels = domain.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let country = (2..=63).contains(&top.len()) && top.bytes().all(|b| b.is_ascii_alphabetic());
    if domain.is_empty() {
        return says("the domain is missing");
    }
    if !country || !domain.contains('.') || !labels.all(label) {
        return says("what stands after the `@` is no domain");
    }
    if typed.chars().count() > EMAIL_MAX {
        return says("it is longer than Amazon Connect takes");
    }
    Ok(typed.to_owned())
}

/// A telephone number as E.164: `+`, the country, the number, at most 15 digits. Blanks, dots, dashes and brackets go.
pub fn phone(typed: &str) -> Result<String, Problem> {
    const NEXT: &str = "Type it with its country, such as `+15550100142`.";
    let refused = |what: &str| {
        Err(Problem::asker("phone_number", format!("{} is not a telephone number: {what}.", code(typed)))
            .next(NEXT))
    };
    let kept: String = typed
        .chars()
        .filter(|c| !(c.is_whitespace() || "-.()/\u{2010}\u{2011}\u{2013}".contains(*c)))
        .collect();
    let Some(digits) = kept.strip_prefix('+') else {
        return match kept.bytes().all(|b| b.is_ascii_digit()) && !kept.is_empty() {
            true => refused("its country is missing"),
            false => refused("it has something other than digits"),
        };
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return refused("it has something other than digits");
    }
    if digits.starts_with('0') {
        return refused("no country begins with 0");
    }
    if !(2..=15).contains(&digits.len()) {
        return refused("it has not 2 to 15 digits");
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_has_a_name_and_a_domain() {
        for good in ["john.doe@example.com", " o'brien+desk@mail.example.org ", "josé@example.com"] {
            assert_eq!(email(good).unwrap(), good.trim());
        }
        for bad in [
            "",
            "john.doe",
            "john.doe@",
            "@example.com",
            "john@example",
            "john@example.c",
            "john@.com",
            "john@exa mple.com",
            "john doe@example.com",
            "a@b@example.com",
            "john@-x.com",
            "none",
            "<john@example.com>",
        ] {
            let problem = email(bad).unwrap_err();
            assert!(problem.next.contains("john.doe@example.com"), "{bad}");
        }
    }

    #[test]
    fn a_number_is_brought_into_form_or_refused_with_an_example() {
        for (typed, number) in [
            ("+1 (555) 010-0142", "+15550100142"),
            ("+49 89.123 456", "+4989123456"),
            ("+15550100142", "+15550100142"),
        ] {
            assert_eq!(phone(typed).unwrap(), number);
        }
        for (typed, why) in [
            ("555 010 0142", "country is missing"),
            ("0049 89 123456", "country is missing"),
            ("+0123", "begins with 0"),
            ("+1", "2 to 15"),
            ("+1234567890123456", "2 to 15"),
            ("+1555CALLME", "other than digits"),
            ("", "other than digits"),
        ] {
            let problem = phone(typed).unwrap_err();
            assert!(
                problem.says.contains(why) && problem.next.contains("+15550100142"),
                "{typed}: {problem}"
            );
        }
    }
}

//! Numbers as spreadsheets show them.

/// A number in scientific notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scientific {
    /// All of its digits are there, such as in `3.00E+02`.
    Whole(String),
    /// Its last digits are not, or it is no whole number.
    Cut,
}

/// What a spreadsheet makes of a long number: `1.2E+10`, in any country.
pub fn scientific(typed: &str) -> Option<Scientific> {
    let (mantissa, exponent) = typed.split_once(['E', 'e'])?;
    let exponent: usize = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    let (whole, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 1 || !is_digits(whole) || !is_digits(decimals) || exponent > 30 {
        return None;
    }
    let decimals = decimals.trim_end_matches('0');
    // A number of more digits than were shown ends in zeros that no one typed.
    let shown = decimals.len() == exponent || exponent <= 3 && decimals.len() < exponent;
    Some(match shown {
        true => Scientific::Whole(format!("{whole}{decimals:0<exponent$}")),
        false => Scientific::Cut,
    })
}

/// Digits without the `.0` or `,0` that a program writes behind a number.
pub fn whole(typed: &str) -> &str {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match typed.strip_suffix(".0").or_else(|| typed.strip_suffix(",0")) {
        Some(whole) if digits(whole.strip_prefix('+').unwrap_or(whole)) => whole,
        _ => typed,
    }
}

/// Whether a spreadsheet may show this number, all of whose digits are given, as what was typed: `4915123456789` as `4.91512E+12`.
pub fn is_shown_as(digits: &str, typed: &str) -> bool {
    let number = || {
        let (mantissa, exponent) = typed.split_once(['E', 'e'])?;
        let (first, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
        let exponent: usize = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
        let shown: u128 = format!("{first}{decimals}").parse().ok()?;
        let lost = u32::try_from(exponent.checked_sub(decimals.len())?).ok()?;
        let unit = 10_u128.checked_pow(lost)?;
        let exact: u128 = digits.parse().ok()?;
        // One digit alone would be as good as any number.
        Some(first.len() == 1 && !decimals.is_empty() && exact.checked_add(unit / 2)? / unit == shown)
    };
    whole(typed) == digits || number().unwrap_or(false)
}

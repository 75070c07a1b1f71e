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

//! Logins made of names and of what is nearly a login: letters and digits that everyone can type.

use deunicode::deunicode;

use super::ids;
use super::numbers::scientific;

/// A part of a login made of a name: `Zoë` gives `Zoe`, `O'Hara` gives `OHara`.
pub fn part(name: &str) -> String {
    deunicode(name).chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// The login that may have been meant by a text that is none: `Zoë.Müller` gives `Zoe.Muller`, `john doe` gives `john.doe`.
///
/// Nothing where no login can be made of it, or where a spreadsheet has made a number of it.
pub fn meant(typed: &str) -> Option<String> {
    if scientific(typed).is_some() {
        return None;
    }
    let words: Vec<String> = typed
        .split_whitespace()
        .map(|word| {
            deunicode(word).chars().filter(|c| c.is_ascii_alphanumeric() || "_-.@\\".contains(*c)).collect()
        })
        .filter(|word: &String| !word.is_empty())
        .collect();
    let login = words.join(".");
    let login = login.trim_matches(['.', '@', '\\']);
    let has_letters = login.contains(|c: char| c.is_ascii_alphanumeric());
    (has_letters && login != typed).then(|| ids::login(login).ok()).flatten()
}

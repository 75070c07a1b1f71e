//! What someone typed or pasted, without what no one sees: the form in which a text may enter a name, a login or a number.
//!
//! For comparing names that exist there are `text::folded` and `text::name_key`.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::text::is_hidden;

/// A text in the form in which Amazon Connect keeps names (NFC): an accent that is a character of its own would come back
/// as another name than was sent.
pub fn composed(typed: &str) -> Cow<'_, str> {
    match is_nfc_quick(typed.chars()) {
        IsNormalized::Yes => Cow::Borrowed(typed),
        _ => Cow::Owned(typed.nfc().collect()),
    }
}

/// A name as people see it: accents on their letters (NFC), one blank for any run of blanks of any kind, and no character
/// that can't be seen or that turns the text around. A joiner stays between letters of a script that is written with it.
pub fn name(typed: &str) -> Cow<'_, str> {
    let typed = composed(typed);
    if is_clean(&typed) {
        return typed;
    }
    let chars: Vec<char> = typed.chars().collect();
    let mut out = String::with_capacity(typed.len());
    for (i, c) in chars.iter().enumerate() {
        let joins = || {
            let beside = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| is_joined(*c));
            beside(i.checked_sub(1)) && beside(Some(i + 1))
        };
        match c {
            c if is_blank(*c) => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            '\u{200c}' | '\u{200d}' if joins() => out.push(*c),
            c if c.is_control() || is_hidden(*c) => {}
            c => out.push(*c),
        }
    }
    out.truncate(out.trim_end().len());
    Cow::Owned(out.nfc().collect())
}

/// A login, an address, a number or a word as its plain letters and digits: full-width and other compatibility forms too (NFKC).
pub fn word(typed: &str) -> Cow<'_, str> {
    if typed.is_ascii() && is_clean(typed) {
        return Cow::Borrowed(typed);
    }
    let plain: String = typed.nfkc().collect();
    Cow::Owned(name(&plain).into_owned())
}

/// What [`name`] does besides putting accents onto their letters: whether it leaves something out, or only changes blanks.
pub fn leaves_out(typed: &str) -> bool {
    let kept = name(typed);
    let seen = |text: &str| text.chars().filter(|c| !is_blank(*c)).count();
    seen(&composed(typed)) > seen(&kept)
}

/// What [`name`] makes of a name that was typed, as sentences for a card.
pub fn notes(typed: &str) -> Vec<String> {
    let apart = (composed(typed) != typed).then_some(
        "The name had decomposed accents (NFD). It is saved with composed ones (NFC), as in Amazon Connect.",
    );
    let unseen = leaves_out(typed).then_some("The name had invisible characters. They are removed.");
    [apart, unseen].into_iter().flatten().map(str::to_owned).collect()
}

fn is_clean(text: &str) -> bool {
    let mut blank = true;
    for c in text.chars() {
        let plain = c == ' ';
        if plain && blank || !plain && (is_blank(c) || c.is_control() || is_hidden(c)) {
            return false;
        }
        blank = plain;
    }
    !blank || text.is_empty()
}

/// White space of any kind, and the letters of Braille and Hangul that are drawn as nothing and take room.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Letters of Arabic, Indic and related scripts, between which a joiner changes how a word is written.
fn is_joined(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
}

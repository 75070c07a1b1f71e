//! Text as it is compared: small Latin letters without marks, one blank for any run of them.

/// Stands for what no one can write in ASCII, so that two such characters are alike and nothing else is like them.
const UNWRITABLE: u8 = 0x1a;

/// The most bytes of a typed text that are compared; no name is longer.
pub const TYPED_MAX: usize = 100;

/// Adds the folded text: character by character, so that the beginning of a text folds to the beginning of what it folds
/// to. Neither tabs nor line breaks come out, which therefore may separate folded texts.
pub fn fold(text: &str, out: &mut Vec<u8>) {
    let begin = out.len();
    let mut push = |byte: u8| {
        let after_blank = out.get(begin..).is_none_or(|done| matches!(done.last(), None | Some(b' ')));
        match byte.to_ascii_lowercase() {
            b' ' if after_blank => {}
            byte @ b' '..=b'~' => out.push(byte),
            _ => out.push(UNWRITABLE),
        }
    };
    for c in text.chars() {
        if c.is_whitespace() {
            push(b' ');
        } else if c.is_ascii() {
            push(c as u8);
        } else {
            match deunicode::deunicode_char(c) {
                Some(ascii) => ascii.bytes().for_each(&mut push),
                None => push(UNWRITABLE),
            }
        }
    }
}

/// What someone typed, ready to be compared.
pub struct Typed {
    /// Folded, without blanks around it and without a leading `@`.
    pub text: Vec<u8>,
    /// The letters and digits alone.
    pub(super) letters: Vec<u8>,
}

impl Typed {
    pub fn new(typed: &str) -> Typed {
        let typed = typed.trim();
        let mut text = Vec::with_capacity(typed.len().min(TYPED_MAX));
        // A character folds to a few bytes at most, and what is cut off below need not be folded first.
        let few: String = typed.strip_prefix('@').unwrap_or(typed).chars().take(TYPED_MAX).collect();
        fold(&few, &mut text);
        text.truncate(TYPED_MAX);
        text.truncate(text.trim_ascii_end().len());
        let letters = text.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
        Typed { text, letters }
    }

    /// The words, of which there may be none.
    pub fn words(&self) -> impl Iterator<Item = &[u8]> {
        self.text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
    }
}

/// One bit for each letter, each digit and most signs, and one for all else: whatever lacks a bit cannot hold the text.
pub(super) fn bits(folded: &[u8]) -> u64 {
    folded.iter().fold(0, |bits, byte| {
        bits | match byte {
            b'a'..=b'z' => 1 << (byte - b'a'),
            b'0'..=b'9' => 1 << (byte - b'0' + 26),
            b' '..=b'/' => 1 << (byte - b' ' + 36),
            b'_' => 1 << 52,
            b'@' => 1 << 53,
            _ => 1 << 54,
        }
    })
}

/// One of 128 bits for each two characters that stand beside each other: whatever lacks a bit does not contain the text.
pub(super) fn pairs(folded: &[u8]) -> u128 {
    folded.array_windows().fold(0, |pairs, [a, b]| pairs | pair(*a, *b))
}

/// One of 128 bits for each two letters or digits of which one comes somewhere before the other, and for
/// each that comes three times: whatever lacks a bit does not have the letters in their order.
pub(super) fn ordered(folded: &[u8]) -> u128 {
    let (mut ordered, mut seen, mut twice) = (0, 0_u64, 0_u64);
    for &byte in folded {
        let here = match byte {
            b'a'..=b'z' => byte - b'a',
            b'0'..=b'9' => byte - b'0' + 26,
            _ => continue,
        };
        let mut before = seen;
        while before != 0 {
            ordered |= pair(before.trailing_zeros() as u8, here);
            before &= before - 1;
        }
        if twice & 1 << here != 0 {
            ordered |= pair(here + 36, here);
        }
        twice |= seen & 1 << here;
        seen |= 1 << here;
    }
    ordered
}

fn pair(a: u8, b: u8) -> u128 {
    1 << (a.wrapping_mul(37).wrapping_add(b) % 128)
}

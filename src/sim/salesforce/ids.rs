//! Salesforce's record ids: 15 characters in which letter case counts, and 3 more that tell it where it does not.

/// The characters of an id, in order.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// What the last three characters are taken from.
const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
/// Where the practice org's records live; it is in every id after the prefix.
const POD: &str = "Ae0";

/// The id of the `number`th record under a prefix, in 18 characters.
pub(super) fn made(prefix: &str, mut number: u64) -> String {
    let mut tail = [b'0'; 9];
    for digit in tail.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(number % 62).unwrap_or(0)];
        number /= 62;
    }
    full(&format!("{prefix}{POD}{}", String::from_utf8_lossy(&tail)))
}

/// An id in 18 characters, if the text has the form of one. Ids come in both lengths.
pub(super) fn read(text: &str) -> Option<String> {
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    match text.len() {
        15 => Some(full(text)),
        18 => Some(text.to_owned()).filter(|id| id.get(..15).is_some_and(|short| full(short) == *id)),
        _ => None,
    }
}

fn full(short: &str) -> String {
    let checks = short.as_bytes().chunks(5).map(|five| {
        let upper = five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
        char::from(CHECKS[upper.fold(0, |bits, (at, _)| bits | 1 << at)])
    });
    short.chars().chain(checks).collect()
}

//! Bytes to text: which file it is, in which encoding. A file of another kind is refused by name.

use zeroize::Zeroizing;

use crate::basics::problem::Problem;
use crate::basics::text::count;

/// The largest file that is read, in bytes: 8 MiB. A thousand ordinary rows are a quarter of a megabyte.
pub const BYTES_MAX: usize = 8 * 1024 * 1024;

/// How the file's characters are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
    /// And Latin-1, which is its part without curly quotes and the euro.
    Windows1252,
}

impl Encoding {
    pub fn said(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16 => "UTF-16",
            Encoding::Windows1252 => "Windows-1252 (Latin-1)",
        }
    }
}

const SAVE_AS: &str = "Save the sheet as `CSV UTF-8` and attach that file; `/connect import` without a sheet gives an empty one.";

/// The text of a file, wiped from memory when dropped, because it may hold passwords.
pub(super) fn decode(bytes: &[u8]) -> Result<(Zeroizing<String>, Encoding), Problem> {
    if bytes.len() > BYTES_MAX {
        let message =
            format!("The file has {} bytes; at most {BYTES_MAX} are read, which is 8 MiB.", bytes.len());
        return Err(Problem::asker("sheet_too_large", message).hint("Split it into files of 1,000 users."));
    }
    if let Some(kind) = other_kind(bytes) {
        return Err(Problem::asker("sheet_other_kind", format!("The file is {kind}, not CSV.")).hint(SAVE_AS));
    }
    let (mut text, encoding) = characters(bytes)?;
    if text.ends_with('\u{1a}') {
        text.pop();
    }
    if text.trim().is_empty() {
        return Err(Problem::asker("sheet_empty", "The file is empty.")
            .hint("`/connect import` without a sheet gives an empty one."));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}'))
    {
        return Err(Problem::asker("sheet_other_kind", "The file is binary data, not CSV.").hint(SAVE_AS));
    }
    Ok((text, encoding))
}

fn characters(bytes: &[u8]) -> Result<(Zeroizing<String>, Encoding), Problem> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        [first, 0, ..] if *first != 0 => return utf16(bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => return utf16(bytes, u16::from_be_bytes),
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Err(_) = std::str::from_utf8(bytes).map(str::len) else {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        return Ok((Zeroizing::new(text.to_owned()), Encoding::Utf8));
    };
    // A byte that is no UTF-8 in a file that otherwise uses UTF-8 is damage, and reading it as Latin-1 would garble the rest.
    let mut line = 1;
    let mut broken = None;
    let mut whole = false;
    for chunk in bytes.utf8_chunks() {
        whole |= !chunk.valid().is_ascii();
        line += chunk.valid().matches('\n').count();
        if !chunk.invalid().is_empty() {
            broken.get_or_insert(line);
        }
    }
    match broken {
        Some(line) if whole => Err(Problem::asker(
            "sheet_encoding",
            format!("Most of the file is UTF-8, but line {line} has characters in another encoding."),
        )
        .hint(SAVE_AS)),
        _ => {
            let mut text = Zeroizing::new(String::with_capacity(bytes.len().saturating_mul(3)));
            text.extend(bytes.iter().map(|byte| windows_1252(*byte)));
            Ok((text, Encoding::Windows1252))
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<(Zeroizing<String>, Encoding), Problem> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = Zeroizing::new(String::with_capacity(pairs.len().saturating_mul(3)));
    let mut broken = usize::from(!odd.is_empty());
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok('\u{feff}') if text.is_empty() => {}
            Ok(c) => text.push(c),
            Err(_) => broken += 1,
        }
    }
    if broken > 0 {
        let message =
            format!("The file looks like UTF-16, but {} of it cannot be read.", count(broken, "character"));
        return Err(Problem::asker("sheet_encoding", message).hint(SAVE_AS));
    }
    Ok((text, Encoding::Utf16))
}

/// The character of a byte in Windows-1252; the five bytes it leaves open stay the controls they are in Latin-1.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    byte.checked_sub(0x80).and_then(|high| HIGH.get(usize::from(high)).copied()).unwrap_or(char::from(byte))
}

/// What another kind of file is called, by its first bytes.
fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.get(..4_096).unwrap_or(bytes);
    let has = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
    let starts: [(&[u8], &str); 13] = [
        (b"%PDF", "a PDF document"),
        (b"\xd0\xcf\x11\xe0", "an old Excel or Word file (.xls, .doc)"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"Rar!", "a RAR archive"),
        (b"\x89PNG", "a picture (PNG)"),
        (b"\xff\xd8\xff", "a picture (JPEG)"),
        (b"GIF8", "a picture (GIF)"),
        (b"{\\rtf", "a rich text document (RTF)"),
        (b"\x7fELF", "a program"),
        (b"MZ\x90", "a program"),
        (b"SQLite format 3", "a database"),
        (b"bplist00", "an Apple property list"),
    ];
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Some(match () {
            () if has(b"opendocument") => "an OpenDocument file (.ods)",
            () if has(b"xl/") || has(b"[Content_Types].xml") => "an Excel workbook (.xlsx)",
            () if has(b".numbers") || has(b"Index/Document.iwa") => "a Numbers file",
            () => "a ZIP archive",
        });
    }
    if let Some((_, kind)) = starts.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(kind);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start().to_ascii_lowercase();
    match () {
        () if text.starts_with(b"<!doctype html") || text.starts_with(b"<html") => Some("a web page (HTML)"),
        () if text.starts_with(b"<?xml") || text.starts_with(b"<!--") => Some("an XML document"),
        () if matches!(text.as_slice(), [b'{', ..] | [b'[', b'{' | b']' | b'\r' | b'\n' | b' ', ..]) => {
            Some("JSON")
        }
        () => None,
    }
}

//! Bytes to text: which kind of file it is, in which encoding. A file of another kind is refused by name.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::readings::{self, Reading};
use crate::basics::problem::Problem;
use crate::basics::text::{self, code, count, list};

/// The largest file that is read, in bytes: 8 MiB. A thousand ordinary rows are a quarter of a megabyte.
pub const BYTES_MAX: usize = 8 * 1024 * 1024;

/// How the file's characters are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
    /// Another one, such as that of a computer's country.
    Legacy(&'static encoding_rs::Encoding),
    /// An Excel workbook, which has no doubt about it.
    Workbook,
}

impl Encoding {
    pub fn said(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16 => "UTF-16",
            Encoding::Legacy(encoding) => encoding.name(),
            Encoding::Workbook => "an Excel workbook",
        }
    }
}

/// The text of a file, wiped from memory when dropped, because it may hold passwords.
pub(super) struct Decoded {
    pub text: Zeroizing<String>,
    pub encoding: Encoding,
    /// What was assumed, in a sentence.
    pub assumed: Option<String>,
}

const SAVE_AS: &str = "Save the sheet as `.xlsx` or as `CSV UTF-8` and attach that file; `/connect import` without a sheet gives an empty one.";

/// The kind of file that `/connect export` writes with `format:json`.
const JSON: &str = "JSON";

/// Refuses a file that has such a cell, where no contact center can have the same already. `shown` is whether no cell can be a password.
pub(super) fn ungarbled<'a>(cells: impl IntoIterator<Item = &'a str>, shown: bool) -> Result<(), Problem> {
    let garbled = cells.into_iter().find_map(|cell| Some((cell, readings::garbled(cell)?)));
    garbled.map_or(Ok(()), |(cell, was)| {
        let (cell, was) = (code(&text::plain(cell, readings::SHOWN)), code(&was));
        let example = if shown { format!(": it has {cell} where it was {was}") } else { String::new() };
        let message = format!("The file was opened in another encoding and saved{example}.");
        Err(Problem::requester("sheet_garbled", message)
            .hint("Open the original again as Unicode (UTF-8), save it as `.xlsx`, and attach that file."))
    })
}

/// Refuses a file that is longer than any sheet.
pub(super) fn fits(bytes: &[u8]) -> Result<(), Problem> {
    if bytes.len() > BYTES_MAX {
        let message =
            format!("The file has {} bytes; at most {BYTES_MAX} are read, which is 8 MiB.", bytes.len());
        return Err(
            Problem::requester("sheet_too_large", message).hint("Split it into files of 1,000 users.")
        );
    }
    Ok(())
}

/// What of a file may be looked at to find its encoding, and be shown.
pub(super) type Shown = fn(&[u8]) -> Cow<'_, [u8]>;

/// Reads a file of text. `wanted` is the encoding that someone chose for a file that is in none of Unicode's.
pub(super) fn decode(bytes: &[u8], wanted: Option<&str>, shown: Shown) -> Result<Decoded, Problem> {
    if let Some(kind) = other_kind(bytes) {
        let next = if kind == JSON { "Export it again as CSV, and attach that file." } else { SAVE_AS };
        return Err(Problem::requester(
            "sheet_other_kind",
            format!("The file is {kind}, not a sheet of users."),
        )
        .hint(next));
    }
    let Decoded { mut text, encoding, assumed } = characters(bytes, wanted, shown)?;
    if text.ends_with('\u{1a}') {
        text.pop();
    }
    if text.trim().is_empty() {
        return Err(Problem::requester("sheet_empty", "The file is empty.")
            .hint("`/connect import` without a sheet gives an empty one."));
    }
    // One that has got into a cell is left out of it like everything that can't be seen.
    let is_odd = |c: &char| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}');
    let odd = text.chars().filter(is_odd).count();
    if text.contains('\0') || odd > 1 + text.len() / 200 {
        return Err(Problem::requester("sheet_other_kind", "The file is binary data, not a sheet of users.")
            .hint(SAVE_AS));
    }
    Ok(Decoded { text, encoding, assumed })
}

fn characters(bytes: &[u8], wanted: Option<&str>, shown: Shown) -> Result<Decoded, Problem> {
    let sure = |(text, encoding)| Decoded { text, encoding, assumed: None };
    match bytes {
        [0xff, 0xfe, rest @ ..] => return utf16(rest, u16::from_le_bytes).map(sure),
        [0xfe, 0xff, rest @ ..] => return utf16(rest, u16::from_be_bytes).map(sure),
        [first, 0, ..] if *first != 0 => return utf16(bytes, u16::from_le_bytes).map(sure),
        [0, second, ..] if *second != 0 => return utf16(bytes, u16::from_be_bytes).map(sure),
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(sure((Zeroizing::new(text.to_owned()), Encoding::Utf8)));
    }
    if let Some(wanted) = wanted {
        return chosen(bytes, wanted, &shown(bytes));
    }
    // A byte that is no UTF-8 in a file that otherwise uses UTF-8 is damage, and reading it otherwise would garble the rest.
    let (mut line, mut broken, mut whole, mut wrong) = (1, None, 0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        line += chunk.valid().matches('\n').count();
        if !chunk.invalid().is_empty() {
            broken.get_or_insert(line);
            wrong += 1;
        }
    }
    if let Some(line) = broken.filter(|_| whole > 2 * wrong) {
        return Err(Problem::requester(
            "sheet_encoding",
            format!("Most of the file is UTF-8, but line {line} has characters in another encoding."),
        )
        .hint(SAVE_AS));
    }
    let shown = shown(bytes);
    let readings = readings::readings(&shown);
    let said = |one: &Reading| format!("{} in {}", code(&one.sample), one.encoding.name());
    match readings.as_slice() {
        [only] => chosen(bytes, only.encoding.name(), &shown).map_err(|_| no_encoding()),
        [] => Err(no_encoding()),
        several => {
            let names: Vec<String> = several.iter().map(said).collect();
            let options: Vec<String> = several
                .iter()
                .map(|one| code(&format!("encoding:{}", readings::name_of(one.encoding))))
                .collect();
            let message = format!(
                "The file isn't in Unicode, and its names can be read in more than one way: {}.",
                list(&names, "or")
            );
            let next =
                format!("Add {}, or save the sheet as `.xlsx` or as `CSV UTF-8`.", list(&options, "or"));
            Err(Problem::requester("sheet_encoding", message).hint(next))
        }
    }
}

/// A file in an encoding that is not Unicode's, which is said with a sample of what may be shown.
fn chosen(bytes: &[u8], wanted: &str, shown: &[u8]) -> Result<Decoded, Problem> {
    let Some(encoding) = readings::called(wanted) else {
        return Err(Problem::requester("sheet_encoding", format!("No encoding {}.", code(wanted)))
            .hint("Leave `encoding:…` out: the names are shown in those that are possible."));
    };
    let Some(text) = readings::decoded(bytes, encoding) else {
        let message = format!("The file can't be read in {}.", encoding.name());
        return Err(Problem::requester("sheet_encoding", message)
            .hint("Leave `encoding:…` out: the names are shown in those that are possible."));
    };
    let (shown, _) = encoding.decode_without_bom_handling(shown);
    let read = format!("The file isn't in Unicode. It was read in {}", encoding.name());
    let assumed = match readings::sample(&shown) {
        // Only passwords have letters beyond ASCII, and they are not shown.
        sample if sample.is_empty() => {
            format!("{read}; save it as `.xlsx` or as `CSV UTF-8` to be sure of every letter.")
        }
        sample => format!("{read}, so check the names: {}.", code(&sample)),
    };
    Ok(Decoded { text, encoding: Encoding::Legacy(encoding), assumed: Some(assumed) })
}

fn no_encoding() -> Problem {
    Problem::requester(
        "sheet_encoding",
        "The file isn't in Unicode, and no other encoding makes names of it.",
    )
    .hint(SAVE_AS)
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
        return Err(Problem::requester("sheet_encoding", message).hint(SAVE_AS));
    }
    Ok((text, Encoding::Utf16))
}

/// Whether a file is a ZIP archive, as workbooks are.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// What another kind of file is called, by its first bytes.
pub(super) fn other_kind(bytes: &[u8]) -> Option<&'static str> {
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
    // A workbook that is protected is an encrypted stream in a container of the old kind.
    let protected: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if head.starts_with(b"\xd0\xcf\x11\xe0") && bytes.windows(protected.len()).any(|part| part == protected) {
        return Some("an Excel workbook that is protected by a password");
    }
    if is_archive(head) {
        return Some(match () {
            () if has(b"opendocument") => "an OpenDocument file (.ods)",
            () if has(b"workbook.bin") => "a binary Excel workbook (.xlsb)",
            () if has(b"word/") => "a Word document (.docx)",
            () if has(b"xl/") || has(b"[Content_Types].xml") => "an Excel workbook that is damaged",
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
            Some(JSON)
        }
        () => None,
    }
}

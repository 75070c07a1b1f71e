//! In which encoding a file is that is not in Unicode: never a silent guess.
//!
//! A spreadsheet saved as plain CSV is in the encoding of its computer, and the file doesn't say which. It is read in every
//! encoding that spreadsheets use; what can't be names in one of them falls away. Where all that is left reads the same, that
//! is taken, and said with a sample of the names. Otherwise nothing is taken: people are asked with what the names would be.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GBK, KOI8_R, MACINTOSH, SHIFT_JIS, WINDOWS_874, WINDOWS_1250,
    WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257,
    WINDOWS_1258,
};
use zeroize::Zeroizing;

use crate::basics::text;

/// What spreadsheets write, in the order in which they are offered.
pub(super) static CANDIDATES: [&Encoding; 18] = [
    WINDOWS_1252,
    WINDOWS_1250,
    WINDOWS_1251,
    SHIFT_JIS,
    GBK,
    BIG5,
    EUC_KR,
    WINDOWS_1253,
    WINDOWS_1254,
    WINDOWS_1257,
    MACINTOSH,
    WINDOWS_1255,
    WINDOWS_1256,
    WINDOWS_1258,
    WINDOWS_874,
    EUC_JP,
    KOI8_R,
    encoding_rs::ISO_8859_5,
];

/// The most readings that a refusal offers.
const OFFERED: usize = 4;

/// The most characters of a cell or of a sample that are shown.
pub const SHOWN: usize = 60;

/// The most bytes that are looked at to find the encoding; names further down are in the same.
const LOOKED_AT: usize = 256 * 1024;

/// A file in one encoding.
pub struct Reading {
    pub encoding: &'static Encoding,
    /// Some of the texts that are read otherwise in another encoding.
    pub sample: String,
    /// In this reading characters are rare ones, which names seldom have.
    rare: bool,
}

/// The encoding with this name, as people and the web call it.
pub fn called(name: &str) -> Option<&'static Encoding> {
    let plain: String = name.trim().to_lowercase().replace([' ', '_'], "-");
    let short = plain.trim_start_matches("windows-").trim_start_matches("cp").trim_start_matches("ansi-");
    match short {
        "932" | "sjis" | "shift-jis" | "shiftjis" => Some(SHIFT_JIS),
        "936" => Some(GBK),
        "949" => Some(EUC_KR),
        "950" => Some(BIG5),
        "mac" | "macroman" | "mac-roman" => Some(MACINTOSH),
        "874" | "1250" | "1251" | "1252" | "1253" | "1254" | "1255" | "1256" | "1257" | "1258" => {
            Encoding::for_label(format!("windows-{short}").as_bytes())
        }
        _ => Encoding::for_label(plain.as_bytes()).or_else(|| Encoding::for_label(name.trim().as_bytes())),
    }
}

/// What an encoding is called where people choose it.
pub fn name_of(encoding: &'static Encoding) -> String {
    encoding.name().to_lowercase()
}

/// The text in one encoding; nothing when it can't be read in it.
pub(super) fn decoded(bytes: &[u8], encoding: &'static Encoding) -> Option<Zeroizing<String>> {
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    let text = Zeroizing::new(text.into_owned());
    (!malformed).then_some(text)
}

/// The ways in which a file can be read, those that differ, best first.
///
/// One of them means that there is no doubt.
pub fn readings(bytes: &[u8]) -> Vec<Reading> {
    let mut end = bytes.len().min(LOOKED_AT);
    while end < bytes.len() && bytes.get(end - 1) != Some(&b'\n') && end > 1 {
        end -= 1;
    }
    let head = bytes.get(..end).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let mut found: Vec<(Vec<String>, Reading)> = Vec::new();
    let order = std::iter::once(guess).chain(CANDIDATES.into_iter().filter(|encoding| *encoding != guess));
    for encoding in order {
        let Some(text) = decoded(head, encoding) else { continue };
        let words = foreign_words(&text);
        let Some(rare) =
            words.iter().map(|word| plausible(word)).try_fold(false, |rare, one| Some(one? || rare))
        else {
            continue;
        };
        if found.iter().any(|(other, _)| *other == words) {
            continue;
        }
        found.push((words, Reading { encoding, sample: String::new(), rare }));
    }
    // Rare characters say that it is another encoding, as long as there is one in which they are ordinary.
    if found.iter().any(|(_, reading)| !reading.rare) {
        found.retain(|(_, reading)| !reading.rare);
    }
    found.truncate(OFFERED);
    let words: Vec<Vec<String>> = found.iter().map(|(words, _)| words.clone()).collect();
    let readings = found.into_iter().map(|(own, reading)| {
        let mut sample: Vec<&str> = own.iter().map(String::as_str).collect();
        // What is read so in the fewest of them tells them apart.
        sample
            .sort_by_cached_key(|word| words.iter().filter(|all| all.iter().any(|one| one == word)).count());
        sample.truncate(3);
        Reading { sample: text::plain(&sample.join(", "), SHOWN), ..reading }
    });
    readings.collect()
}

/// A sample of the names in a text that is not ASCII.
pub(super) fn sample(text: &str) -> String {
    let mut words = foreign_words(text);
    words.truncate(3);
    text::plain(&words.join(", "), SHOWN)
}

/// What a cell was whose characters are the bytes of UTF-8, read in another encoding: `ChloÃ©` and `ChloĂ©` were `Chloé`.
///
/// In the encoding of Western Europe no name looks so. In the others it must have been more like a name than it is. Of what it was at most
/// [`SHOWN`] characters are given.
pub fn garbled(cell: &str) -> Option<String> {
    let mut was = garbled_once(cell)?;
    // It may have been opened and saved like that more than once; each time makes it shorter.
    while let Some(before) = garbled_once(&was) {
        was = before;
    }
    Some(text::plain(&was, SHOWN))
}

fn garbled_once(cell: &str) -> Option<String> {
    if cell.is_ascii() {
        return None;
    }
    let odd = |text: &str| plausible(text).map_or(2, u8::from);
    let all = CANDIDATES.into_iter().filter_map(|encoding| {
        let (bytes, _, unmappable) = encoding.encode(cell);
        let was = std::str::from_utf8(&bytes).ok().filter(|was| !unmappable && !was.is_ascii())?;
        // A byte order mark in front of the titles is one as well, and is not seen.
        let was = was.trim_start_matches('\u{feff}');
        let sure = encoding == WINDOWS_1252 || odd(was) < odd(cell);
        sure.then(|| was.to_owned())
    });
    all.min_by_key(|was| odd(was))
}

/// Cells, or what is between separators, that hold a letter beyond ASCII.
fn foreign(text: &str) -> impl Iterator<Item = &str> {
    let cells = text.split([',', ';', '\t', '\r', '\n', '"', '|']).map(str::trim);
    cells.filter(|word| !word.is_ascii())
}

/// The same, each once.
fn foreign_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in foreign(text) {
        if !words.iter().any(|other| other == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// A kind of letters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Thai,
    Han,
    Kana,
    HalfKana,
    Hangul,
}

fn script(c: char) -> Option<Script> {
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            Script::Latin
        }
        '\u{370}'..='\u{3ff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{590}'..='\u{5ff}' => Script::Hebrew,
        '\u{600}'..='\u{6ff}' => Script::Arabic,
        '\u{e00}'..='\u{e7f}' => Script::Thai,
        '\u{3040}'..='\u{30ff}' => Script::Kana,
        '\u{ff65}'..='\u{ff9f}' => Script::HalfKana,
        '\u{3400}'..='\u{9fff}' | '\u{3005}' => Script::Han,
        '\u{ac00}'..='\u{d7af}' => Script::Hangul,
        _ => return None,
    })
}

/// Whether a cell can be what people write: no symbols and controls among letters, one script in a word, no capital after a
/// small letter's neighbor. `Some(true)` where it can, in characters that are rare.
fn plausible(cell: &str) -> Option<bool> {
    let mut rare = false;
    for word in
        cell.split(|c: char| c.is_whitespace() || "-.'’·/&()".contains(c)).filter(|word| !word.is_empty())
    {
        let mut found: Option<Script> = None;
        let mut small = false;
        let chars: Vec<char> = word.chars().collect();
        for (i, c) in chars.iter().enumerate() {
            let c = *c;
            if c.is_ascii() && !c.is_ascii_alphabetic() {
                continue;
            }
            if matches!(c, '\u{300}'..='\u{36f}') && i > 0 {
                // Vietnamese is written with accents of their own in its encoding.
                rare = true;
                continue;
            }
            // Quotes, dashes, spaces and the like around a word.
            if script(c).is_none() && (i == 0 || i + 1 == chars.len()) && "‘’“”„–—…«»™©®°€£".contains(c)
            {
                rare = true;
                continue;
            }
            let script = script(c)?;
            match (found, script) {
                (None, _) => found = Some(script),
                (Some(one), other) if one == other => {}
                (Some(Script::Han), Script::Kana) | (Some(Script::Kana), Script::Han) => found = Some(script),
                (Some(Script::Han), Script::Hangul) | (Some(Script::Hangul), Script::Han) => rare = true,
                _ => return None,
            }
            let capital = c.is_uppercase();
            let all_capitals = chars.iter().all(|c| !c.is_lowercase());
            if capital && i > 0 && !all_capitals {
                // `McÄdam` has a capital after small letters of ASCII; `MŸller` and `ЮАн` are another encoding's letters.
                if !c.is_ascii() || !small {
                    return None;
                }
            }
            small |= c.is_lowercase();
            rare |= is_rare(c, script);
        }
    }
    Some(rare)
}

/// Characters that an encoding has beyond those that are taught, or that no one writes in names.
fn is_rare(c: char, script: Script) -> bool {
    match script {
        Script::HalfKana => true,
        Script::Han => {
            let in_basic_set = |encoding: &'static Encoding, lead: std::ops::RangeInclusive<u8>| {
                let text = c.to_string();
                let (bytes, _, failed) = encoding.encode(&text);
                !failed
                    && matches!(bytes.as_ref(), [first, second] if lead.contains(first) && *second >= 0x40)
            };
            // GB 2312 level 1, the first level of Big5, and level 1 of JIS X 0208.
            let gb = {
                let text = c.to_string();
                let (bytes, _, failed) = GBK.encode(&text);
                !failed && matches!(bytes.as_ref(), [0xb0..=0xd7, 0xa1..=0xfe])
            };
            !(gb || in_basic_set(BIG5, 0xa4..=0xc6) || in_basic_set(SHIFT_JIS, 0x88..=0x98))
        }
        Script::Hangul => {
            let text = c.to_string();
            let (bytes, _, failed) = EUC_KR.encode(&text);
            failed || !matches!(bytes.as_ref(), [0xb0..=0xc8, 0xa1..=0xfe])
        }
        Script::Latin => match c {
            'Ơ' | 'ơ' | 'Ư' | 'ư' | 'Ș' | 'ș' | 'Ț' | 'ț' => false,
            _ => matches!(c, '\u{aa}' | '\u{ba}' | '\u{180}'..='\u{24f}' | 'ˆ'),
        },
        _ => false,
    }
}

//! Words that people and spreadsheets of other countries write into cells: yes and no, TRUE and FALSE, and what stands for nothing.
//!
//! All are compared by `text::folded`, so without case and accents.

use crate::basics::text;

/// Yes, and what Excel writes for TRUE.
pub const YES: &[&str] = &[
    "yes",
    "y",
    "true",
    "t",
    "on",
    "1",
    "enabled",
    "enable",
    "x",
    "✓",
    "✔",
    "☑",
    "ok", // English
    "ja",
    "wahr",
    "j", // German
    "oui",
    "vrai",
    "o", // French
    "si",
    "verdadero",
    "s",    // Spanish, Italian
    "vero", // Italian
    "sim",
    "verdadeiro", // Portuguese
    "waar",       // Dutch
    "sant",
    "sann",
    "sand", // Swedish, Norwegian, Danish
    "kylla",
    "tosi", // Finnish
    "tak",
    "prawda", // Polish
    "ano",
    "pravda", // Czech, Slovak
    "igen",
    "igaz", // Hungarian
    "da",
    "adevarat",
    "istina",
    "tocno", // Romanian, Croatian, Serbian
    "evet",
    "dogru", // Turkish
    "да",
    "истина",
    "так",
    "істина", // Russian, Ukrainian
    "ναι",
    "αληθες",
    "αληθεσ",
    "αληθης", // Greek
    "taip",
    "teisinga",
    "tiesa",
    "jah",
    "toene",
    "tene",
    "patiess", // Lithuanian, Estonian, Latvian
    "cert",
    "egia", // Catalan, Basque
    "はい",
    "有効",
    "真",
    "是",
    "对",
    "對",
    "启用",
    "예",
    "네",
    "참",
    "כן",
    "نعم",
];

/// No, and what Excel writes for FALSE.
pub const NO: &[&str] = &[
    "no",
    "n",
    "false",
    "f",
    "off",
    "0",
    "disabled",
    "disable",
    "none",
    "never",
    "✗",
    "✘",
    "☐",
    "nein",
    "falsch",
    "non",
    "faux",
    "falso",
    "nao",
    "nee",
    "onwaar",
    "nej",
    "nei",
    "falskt",
    "falsk",
    "usann",
    "ei",
    "epatosi",
    "nie",
    "falsz",
    "ne",
    "nepravda",
    "nem",
    "hamis",
    "nu",
    "fals",
    "neistina",
    "netocno",
    "hayir",
    "yanlis",
    "нет",
    "ложь",
    "ні",
    "хибність",
    "хиба",
    "неправда",
    "не",
    "οχι",
    "ψευδες",
    "ψευδεσ",
    "ψευδης",
    "klaidinga",
    "netiesa",
    "vaar",
    "aplams",
    "gezurra",
    "いいえ",
    "無効",
    "偽",
    "否",
    "错",
    "禁用",
    "아니요",
    "아니오",
    "거짓",
    "לא",
    "لا",
];

/// What is written instead of leaving a cell empty.
pub const NOTHING: &[&str] = &[
    "n/a", "na", "n.a.", "n. a.", "n.v.", "k.a.", "-", "--", "---", "null", "nil", "tbd", "tba", "?", "??",
    "unknown", "keine", "ninguno", "aucun", "nessuno", "なし", "無", "无",
];

/// What a spreadsheet shows where a formula has no result.
const ERRORS: &[&str] = &[
    "#n/a",
    "#na",
    "#ref!",
    "#value!",
    "#div/0!",
    "#name?",
    "#null!",
    "#num!",
    "#nv",
    "#bezug!",
    "#wert!",
    "#zahl!",
    "#nom?",
    "#valeur!",
    "#valor!",
    "#spill!",
    "#calc!",
    "#getting_data",
    "#data!",
    "#error!",
];

/// Whether a word is yes or no.
pub fn yes_or_no(folded: &str) -> Option<bool> {
    for has in [is_in, is_in_folded] {
        if has(YES, folded) {
            return Some(true);
        }
        if has(NO, folded) {
            return Some(false);
        }
    }
    None
}

/// Whether a word is written instead of leaving a cell empty.
pub fn is_nothing(folded: &str) -> bool {
    is_in(NOTHING, folded)
}

fn is_in(words: &[&str], folded: &str) -> bool {
    words.contains(&folded)
}

/// Letters that are taken apart for comparing, as those of Korean are.
fn is_in_folded(words: &[&str], folded: &str) -> bool {
    !folded.is_ascii() && words.iter().any(|word| !word.is_ascii() && text::folded(word) == folded)
}

/// Whether a cell has what a spreadsheet shows for a formula without a result.
pub fn is_error(typed: &str) -> bool {
    typed.starts_with('#') && ERRORS.contains(&typed.to_lowercase().as_str())
}

/// How the first cell of a row of totals begins.
pub fn is_total(folded: &str) -> bool {
    const TOTALS: [&str; 14] = [
        "total",
        "totals",
        "grand total",
        "subtotal",
        "sum",
        "count",
        "summe",
        "gesamt",
        "anzahl",
        "somme",
        "totale",
        "suma",
        "итого",
        "合計",
    ];
    let word = folded.trim_end_matches(|c: char| !c.is_alphabetic());
    TOTALS.iter().any(|total| {
        word == *total || word.strip_prefix(total).is_some_and(|rest| rest.starts_with([':', ' ']))
    })
}

/// What a text lacks to be a password by Amazon Connect's rule: 8 to 64 characters without blanks, with a small letter, a capital and a
/// digit.
pub fn password_lacks(typed: &str) -> Vec<&'static str> {
    let length = typed.chars().count();
    let has = |is: fn(&char) -> bool| typed.chars().any(|c| is(&c));
    let needs = [
        (length >= 8, "has fewer than 8 characters"),
        (length <= 64, "has more than 64 characters"),
        (has(char::is_ascii_lowercase), "has no small letter a-z"),
        (has(char::is_ascii_uppercase), "has no capital A-Z"),
        (has(char::is_ascii_digit), "has no digit"),
        (!typed.contains(char::is_whitespace), "contains a blank"),
        (
            !typed.contains(|c: char| c.is_control() && !c.is_whitespace()),
            "contains a character that can't be seen",
        ),
    ];
    needs.into_iter().filter(|(holds, _)| !holds).map(|(_, what)| what).collect()
}

/// Whether a text is a password, or has words or cells of which one is.
pub fn may_hold_password(text: &str) -> bool {
    let is_password = |word: &str| password_lacks(word).is_empty();
    let ends = |c: char| c.is_whitespace() || c.is_control() || ",;\"|`".contains(c);
    is_password(text.trim()) || text.split(ends).any(is_password)
}

/// Whether a cell could be a password of any kind: one word, or several with a digit, and no address.
pub fn may_be_weak_password(cell: &str) -> bool {
    let cell = cell.trim();
    let is_text = cell.contains(char::is_whitespace) && !cell.contains(|c: char| c.is_ascii_digit());
    !cell.is_empty() && !is_text && !is_address(cell)
}

/// Whether a cell has the form of an email address, whatever is wrong with it.
pub fn is_address(cell: &str) -> bool {
    let top = cell.split_once('@').and_then(|(_, domain)| Some(domain.rsplit_once('.')?.1));
    top.is_some_and(|top| top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

//! Encodings of files that are not in Unicode.

use desk_core::formats::sheet::readings::{Reading, called, garbled, name_of, readings};
use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, MACINTOSH, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
    WINDOWS_1253, WINDOWS_1254, WINDOWS_1257,
};

fn names(names: &str, encoding: &'static Encoding) -> Vec<Reading> {
    let (bytes, _, failed) = encoding.encode(names);
    assert!(!failed, "{names}");
    readings(&bytes)
}

#[test]
fn the_right_reading_is_taken_or_offered_and_never_another_one_taken() {
    for (text, encoding) in [
        ("太郎,山田\n", SHIFT_JIS),
        ("健,中村\n", SHIFT_JIS),
        ("伟,李\n", GBK),
        ("Łukasz,Dvořák\n", WINDOWS_1250),
        ("Jörg,Müller\n", WINDOWS_1252),
        ("Hélène,Roux\n", WINDOWS_1252),
        ("Zoë,Müller\n", MACINTOSH),
        ("Jānis,Bērziņš\n", WINDOWS_1257),
        ("Иван,Петров\n", WINDOWS_1251),
        ("Γιώργος,Παππάς\n", WINDOWS_1253),
        ("Şükrü,Yıldız\n", WINDOWS_1254),
        ("김,민준\n", EUC_KR),
        ("怡君,陳\n", BIG5),
        ("Søren,Ærø\n", WINDOWS_1252),
        ("José,Peña\n", WINDOWS_1252),
        ("O’Brien,Zoë\n", WINDOWS_1252),
    ] {
        let found = names(text, encoding);
        let said: Vec<String> =
            found.iter().map(|one| format!("{} {}", one.encoding.name(), one.sample)).collect();
        let right: Vec<&str> = text.trim().split(',').filter(|word| !word.is_ascii()).collect();
        let is_right = |one: &Reading| right.iter().all(|word| one.sample.contains(word));
        assert!(found.iter().any(is_right), "{text}: {said:?}");
    }
    // No doubt where every encoding that can be reads the same.
    assert_eq!(names("Jörg,Müller\n", WINDOWS_1252).len(), 1);
}

/// What people are called, as it is and as a program shows it that takes UTF-8 for any other encoding.
#[test]
fn a_name_that_was_read_in_another_encoding_is_told_from_every_other_name() {
    let encodings = [
        WINDOWS_1252,
        WINDOWS_1250,
        WINDOWS_1251,
        WINDOWS_1253,
        WINDOWS_1254,
        WINDOWS_1257,
        MACINTOSH,
        SHIFT_JIS,
        GBK,
        BIG5,
        EUC_KR,
    ];
    let names = "Chloé Weiß Müller Jörg Hélène São Ænd Zoë Ünï Łukasz Ñandú Ã 太郎 “Ann” Dvořák ŁÓDŹ PÓŁTORAK BĂŞESCU Băsescu \
        ŻÓŁĆ Świętosława Žižek ŠKODA Åse Øystein Érique Þór Ðóra Jānis Bērziņš Žydrūnas Şükrü Yıldız İnci ĞÜL Иван Пётр \
        ЮРИЙ Ёлкина РЁВА Γιώργος Παππάς ΆΝΝΑ 山田 健 中村 伟 李 陈罗 刘德华 怡君 陳 김 민준 최 ｱﾍﾞ ﾀﾛｳ Nguyễn Đỗ O’Brien";
    let (mut missed, mut all) = (Vec::new(), 0);
    for name in names.split_whitespace().chain(["Chloé Â"]) {
        assert_eq!(garbled(name), None, "{name}");
        for encoding in encodings {
            let (shown, malformed) = encoding.decode_without_bom_handling(name.as_bytes());
            if name.is_ascii() || malformed || shown.contains(char::is_control) {
                continue;
            }
            all += 1;
            match garbled(&shown) {
                Some(was) => assert_eq!(was, name, "{shown}"),
                // It could be a name as well.
                None => missed.push(shown.into_owned()),
            }
        }
    }
    // Opened and saved so more than once.
    let shown = |text: &str| WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned();
    assert_eq!(garbled(&shown(&shown("Chloé"))).as_deref(), Some("Chloé"));
    assert!(all > 400 && missed.len() * 30 < all, "{all}, not {missed:?}");
}

#[test]
fn an_encoding_is_found_by_any_of_its_names() {
    for (name, encoding) in [
        ("shift_jis", SHIFT_JIS),
        ("Shift-JIS", SHIFT_JIS),
        ("cp932", SHIFT_JIS),
        ("windows-1250", WINDOWS_1250),
        ("CP1250", WINDOWS_1250),
        ("latin1", WINDOWS_1252),
        ("gbk", GBK),
        ("mac", MACINTOSH),
    ] {
        assert_eq!(called(name), Some(encoding), "{name}");
        assert_eq!(called(&name_of(encoding)), Some(encoding));
    }
    assert_eq!(called("klingon"), None);
}

//! Names and words without what no one sees.

use std::borrow::Cow;

use desk_core::basics::clean::{composed, leaves_out, name, word};

#[test]
fn an_accent_goes_onto_its_letter() {
    assert_eq!(composed("Jose\u{301}"), "José");
    assert!(matches!(composed("José 漢字"), Cow::Borrowed(_)));
}

#[test]
fn a_name_is_kept_as_people_see_it() {
    for (typed, kept) in [
        ("Jos\u{e9}\u{200b}", "José"),
        ("Garc\u{ed}a\u{a0}", "García"),
        ("An\u{a0}na", "An na"),
        ("x\u{2028}y", "x y"),
        ("\u{202e}evil", "evil"),
        ("Anna  Maria", "Anna Maria"),
        ("山田\u{3000}太郎", "山田 太郎"),
        ("a\u{0}b\u{1b}c", "abc"),
        ("soft\u{ad}hyphen", "softhyphen"),
        ("a\u{e0041}b\u{feff}", "ab"),
        ("e\u{200b}\u{301}", "é"),
        ("\u{2800}\u{3164}", ""),
        ("علی\u{200c}رضا", "علی\u{200c}رضا"),
        ("an\u{200c}na", "anna"),
    ] {
        assert_eq!(name(typed), kept, "{typed:?}");
        assert_eq!(name(&name(typed)), name(typed), "{typed:?}");
    }
    assert!(matches!(name("Ann O'Brien"), Cow::Borrowed(_)));
    assert!(leaves_out("x\u{200b}") && !leaves_out(" x \u{a0}y") && !leaves_out("Jose\u{301}"));
}

#[test]
fn a_word_has_plain_letters_and_digits() {
    for (typed, kept) in [
        ("ｔａｒｏ＠example.com", "taro@example.com"),
        ("ｙｅｓ", "yes"),
        ("１２０", "120"),
        ("\u{202a}+12025550123\u{202c}", "+12025550123"),
        ("3００\u{a0}", "300"),
    ] {
        assert_eq!(word(typed), kept);
    }
}

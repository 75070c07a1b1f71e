//! Text as people read, type and compare it.

use desk_core::basics::text::{
    NEAR_MAX, capital, code, count, folded, hex, is_within, masked, name_words, nearest, path_key, same_name,
    span, unhex, when,
};
use jiff::Timestamp;

#[test]
fn quoted_text_cannot_break_out_or_hide() {
    assert_eq!(code("a`b"), "`a'b`");
    assert_eq!(code("a\nb\u{202e}c"), "`a·b·c`");
    assert_eq!(code(&"x".repeat(200)).chars().count(), 63);
}

#[test]
fn what_is_counted_has_its_plural() {
    for (one, many) in [
        ("step", "steps"),
        ("agent status", "agent statuses"),
        ("more try", "more tries"),
        ("person", "people"),
    ] {
        assert_eq!((count(1, one), count(2, one)), (format!("1 {one}"), format!("2 {many}")));
    }
}

#[test]
fn names_that_look_the_same_are_the_same() {
    for same in [
        "Admin",
        "ADMIN",
        " admin ",
        "\u{ff21}dmin",
        "Ad\u{200b}min",
        "Ad\u{ad}min",
        "admin\u{a0}",
        "admin\t",
    ] {
        assert!(same_name("Admin", same), "{same:?}");
    }
    assert!(same_name("Team  Lead", "team\u{a0}lead") && same_name("Jose\u{301}", "JOSÉ"));
    for other in ["Admins", "Adm in", "Administrator", "José", ""] {
        assert!(!same_name("Admin", other) && !same_name("Jose", other), "{other:?}");
    }
    assert!(is_within(&path_key("East /  Team 1"), &path_key("EAST")));
    assert!(!is_within("eastern/team 1", "east"));
}

#[test]
fn the_nearest_word_is_offered_and_a_far_one_is_not() {
    let commands = ["connect reset", "connect show", "desk requests"];
    assert_eq!(nearest("connect rest", commands)[0], "connect reset");
    assert_eq!(nearest("jon.doe", ["john.doe", "jane.doe", "maria.garcia"]), ["john.doe"]);
    assert_eq!(nearest("j.doe", ["jo.doe", "ja.doe"]), ["ja.doe", "jo.doe"]);
    assert_eq!(nearest("Doe John", ["john.doe"]), ["john.doe"]);
    assert!(nearest("zzz", commands).is_empty());
    assert_eq!(nearest("Muller", ["Müller", "Miller"])[0], "Müller");
}

#[test]
fn names_are_compared_as_people_see_them() {
    for (one, other) in [
        ("Müller", "MULLER"),
        ("Łukasz  Großmann", "lukasz grossmann"),
        ("O\u{2019}Brien", "o'brien"),
        ("Case\u{a0}Investigator", "case investigator"),
        ("e\u{301}te\u{301}", "Été"),
        ("Tracers \u{2013} East", "tracers - east"),
        ("\u{200b}Agent ", "agent"),
    ] {
        assert_eq!(folded(one), folded(other), "{one}");
    }
    assert_ne!(folded("北京"), folded("背景"));
    assert_eq!(name_words("Doe, John"), name_words("john.doe"));
    assert_eq!(name_words("O'Brien"), ["obrien"]);
}

#[test]
fn nothing_is_offered_that_looks_like_what_was_typed() {
    for (typed, twin) in [
        ("Basic Profile", "Basic\u{a0}Profile"),
        ("Chloe\u{301}", "Chloé"),
        ("Agent", "Agent\u{200b}"),
        ("john.doe", "john.doe"),
    ] {
        assert_eq!(nearest(typed, [twin]), [""; 0], "{typed}");
    }
    assert_eq!(nearest("AGENT", ["Agent"]), ["Agent"]);
}

#[test]
fn looking_for_the_nearest_costs_a_bounded_number_of_comparisons() {
    let (long, name) = ("x".repeat(1_000_000), "y".repeat(NEAR_MAX));
    let many: Vec<String> = (0..100_000).map(|n| format!("{}{n}", "z".repeat(NEAR_MAX - 5))).collect();
    let compared = |typed: &str| {
        let mut looked_at = 0;
        nearest(typed, many.iter().map(String::as_str).inspect(|_| looked_at += 1));
        looked_at
    };
    assert_eq!(compared(&long), 0);
    // Those of about the same length are compared letter by letter, which costs more than a look at the others.
    assert!(compared(&name) < 1_000, "{}", compared(&name));
    assert!(compared("john.doe") < 20_000, "{}", compared("john.doe"));
    assert!(nearest(&name, [long.as_str()]).is_empty());
}

#[test]
fn an_address_is_told_in_part() {
    for (email, told) in [
        ("john.doe@example.com", "j***@example.com"),
        ("j@example.com", "j***@example.com"),
        ("\"a@b\"@example.com", "\"***@example.com"),
        ("émile@exämple.com", "é***@exämple.com"),
        ("nothing", "n***@"),
    ] {
        assert_eq!(masked(email), told);
    }
}

#[test]
fn a_moment_of_another_day_has_its_date() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let now = at("2026-11-20T00:00:00Z");
    assert_eq!(when(at("2026-11-20T23:59:59Z"), now), "23:59 UTC");
    assert_eq!(when(at("2026-11-19T23:59:59Z"), now), "19 Nov 2026 23:59 UTC");
    assert_eq!(when(at("2025-11-20T00:00:00Z"), now), "20 Nov 2025 00:00 UTC");
}

#[test]
fn spans_are_said_in_the_unit_people_use() {
    assert_eq!([span(40), span(600), span(7_200), span(172_800)].join(" "), "40 s 10 min 2 h 2 days");
}

#[test]
fn a_sentence_begins_with_a_capital() {
    for (text, capital_first) in
        [("", ""), ("queue", "Queue"), ("after contact work", "After contact work"), ("über", "Über")]
    {
        assert_eq!(capital(text), capital_first);
    }
}

#[test]
fn hexadecimal_digits_are_bytes_if_they_are_exactly_so_many() {
    assert_eq!(unhex("0aFf"), Some([0x0a, 0xff]));
    assert_eq!(unhex::<2>(&hex(&[7, 128])), Some([7, 128]));
    for text in ["", "0a", "0af", "0aff0", "0aff00", "+aff", "0xff", "0ag0", "é0a", " 0af"] {
        assert_eq!(unhex::<2>(text), None, "{text}");
    }
}

//! People, times and roles within a text.

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::span::{Span, ago, person, role, spans, spoken, to_reader};
use desk_core::basics::text::{code, whole};
use jiff::Timestamp;

#[test]
fn only_people_themselves_read_that_something_is_theirs() {
    let [lena, mary] = ["17", "18"].map(|id| PersonId::new(Platform::Discord, id).unwrap());
    let text = |who: &str| format!("Confirmation by {who}, and the file is kept for {who} only, says {who}.");
    let shared = text(&person(&lena, "Lena"));
    assert_eq!(
        to_reader(&shared, std::slice::from_ref(&lena)),
        format!("Your confirmation, and the file is kept for you only, says {}.", person(&lena, "Lena"))
    );
    let doubt = format!("The confirmation by {} may be lost.", person(&lena, "Lena"));
    assert_eq!(to_reader(&doubt, std::slice::from_ref(&lena)), "Your confirmation may be lost.");
    for others in [vec![], vec![mary]] {
        assert_eq!(to_reader(&shared, &others), shared);
    }
    // A name that is typed is no person, and an odd backtick stays what it is.
    for typed in [text("`Lena`"), "a `b".to_owned()] {
        assert_eq!(
            spoken(&to_reader(&typed, std::slice::from_ref(&lena))).replace('`', ""),
            typed.replace('`', "")
        );
    }
}

#[test]
fn a_text_is_read_as_it_was_written_and_nobody_types_a_span() {
    let now: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    let lena = PersonId::new(Platform::Discord, "17").unwrap();
    let text =
        format!("By {} at {} for {}: {}", person(&lena, "Le`na"), ago(now, now), role("admin"), code("x`y"));
    let read: Vec<Span<'_>> = spans(&text).collect();
    assert_eq!(read[1], Span::Person { platform: "discord", id: "17", name: "Le'na" });
    assert_eq!(read[3], Span::Time { at: now, now, live: true });
    assert_eq!((&read[5], &read[7]), (&Span::Role("admin"), &Span::Code("x'y")));
    assert_eq!(spoken(&text), "By Le'na at 09:00 UTC for admin: `x'y`");
    for typed in ["\u{1}r0|0", "\u{2}discord:1|x", "\u{3}admin", "`\u{3}admin`"] {
        assert!(spans(&whole(typed)).all(|span| matches!(span, Span::Code(_))), "{typed:?}");
    }
}

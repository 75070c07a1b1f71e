use desk_core::center::hours::{effective, pieces, spans};
use desk_core::center::{
    Frequency, HoursOfOperation, HoursOverride, OverrideKind, OverrideSlot, Recurrence, Span,
};
use jiff::civil::{Date, Weekday};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn span(text: &str) -> Span {
    text.parse().unwrap()
}

fn office() -> HoursOfOperation {
    let workday = |day| (day, span("08:00-18:00"));
    let days = [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
    HoursOfOperation {
        id: "h".to_owned(),
        name: "Office".to_owned(),
        description: None,
        time_zone: "UTC".to_owned(),
        week: days.map(workday).into_iter().chain([(Weekday::Saturday, span("09:00-12:00"))]).collect(),
    }
}

fn over(kind: OverrideKind, from: &str, till: &str, slots: &[&str]) -> HoursOverride {
    HoursOverride {
        name: "x".to_owned(),
        description: None,
        kind,
        from: date(from),
        till: date(till),
        slots: slots.iter().map(|slot| (*slot).to_owned().try_into().unwrap()).collect(),
        recurrence: None,
    }
}

#[test]
fn a_week_is_said_in_a_line() {
    assert_eq!(office().in_words(), "Mon-Fri 08:00-18:00; Sat 09:00-12:00");
    assert_eq!(HoursOfOperation { week: Vec::new(), ..office() }.in_words(), "never open");
}

#[test]
fn what_closes_has_precedence_over_what_opens_and_that_over_temporary_hours() {
    // Friday, 20 November 2026.
    let friday = date("2026-11-20");
    let day = |overrides: &[HoursOverride]| spans(&effective(&office(), overrides, friday));
    let temporary = over(OverrideKind::Standard, "2026-11-20", "2026-11-20", &["Fri 10:00-14:00"]);
    let none = over(OverrideKind::Standard, "2026-11-20", "2026-11-20", &[]);
    let open = over(OverrideKind::Open, "2026-11-19", "2026-11-21", &["13:00-20:00"]);
    let closed = over(OverrideKind::Closed, "2026-11-20", "2026-11-20", &["12:00-13:30"]);
    let shut = over(OverrideKind::Closed, "2026-11-01", "2026-11-30", &[]);
    let other = over(OverrideKind::Closed, "2026-11-01", "2026-11-30", &["Mon"]);
    assert_eq!(day(&[]), "08:00-18:00");
    assert_eq!(day(&[other]), "08:00-18:00");
    assert_eq!(day(std::slice::from_ref(&temporary)), "10:00-14:00");
    assert_eq!(day(&[none]), "closed");
    assert_eq!(day(std::slice::from_ref(&open)), "08:00-20:00");
    assert_eq!(day(&[temporary.clone(), open.clone()]), "10:00-20:00");
    assert_eq!(day(&[temporary, open.clone(), closed]), "10:00-12:00, 13:30-20:00");
    assert_eq!(day(&[open, shut]), "closed");
}

#[test]
fn what_comes_again_does_so_on_its_days() {
    let on = |recurrence: Recurrence, slots: &[&str], at: &str| {
        let one = over(OverrideKind::Closed, "2026-01-01", "2027-12-31", slots);
        HoursOverride { recurrence: Some(recurrence), ..one }.closes(date(at))
    };
    let every = |frequency, interval| Recurrence {
        frequency,
        interval,
        months: Vec::new(),
        month_days: Vec::new(),
        occurrences: Vec::new(),
    };
    let second_week = every(Frequency::Weekly, 2);
    assert!(on(second_week.clone(), &["Thu"], "2026-01-01"));
    assert!(!on(second_week.clone(), &["Thu"], "2026-01-08"));
    assert!(on(second_week, &["Thu"], "2026-01-15"));
    let christmas = Recurrence { months: vec![12], month_days: vec![25], ..every(Frequency::Yearly, 1) };
    assert!(on(christmas.clone(), &[], "2027-12-25") && !on(christmas, &[], "2027-12-24"));
    let last = Recurrence { occurrences: vec![-1], ..every(Frequency::Monthly, 1) };
    assert!(on(last.clone(), &["Fri"], "2026-11-27") && !on(last, &["Fri"], "2026-11-20"));
}

#[test]
fn a_time_is_cut_where_its_days_differ() {
    let cut = |from: &str, till: &str| {
        let all = pieces(from.parse().unwrap(), till.parse().unwrap()).into_iter().map(|(a, b, hours)| {
            format!("{a}/{b} {}", hours.map_or("all day".to_owned(), |hours| hours.to_string()))
        });
        all.collect::<Vec<_>>()
    };
    assert_eq!(cut("2026-12-24T00:00", "2026-12-27T00:00"), ["2026-12-24/2026-12-26 all day"]);
    assert_eq!(cut("2026-12-24T13:00", "2026-12-24T15:00"), ["2026-12-24/2026-12-24 13:00-15:00"]);
    assert_eq!(
        cut("2026-12-24T15:00", "2026-12-26T12:00"),
        [
            "2026-12-24/2026-12-24 15:00-24:00",
            "2026-12-25/2026-12-25 all day",
            "2026-12-26/2026-12-26 00:00-12:00"
        ]
    );
    assert_eq!(
        cut("2026-12-24T15:00", "2026-12-25T12:00"),
        ["2026-12-24/2026-12-24 15:00-24:00", "2026-12-25/2026-12-25 00:00-12:00"]
    );
    assert!(cut("2026-12-24T15:00", "2026-12-24T15:00").is_empty());
}

#[test]
fn slots_are_written_and_read_as_text() {
    for text in ["13:00-15:00", "Mon 00:00-24:00", "Sun", "all day"] {
        let slot: OverrideSlot = text.to_owned().try_into().unwrap();
        assert_eq!(slot.to_string(), text);
    }
    for wrong in ["", "Mon 15:00-13:00", "Someday", "24:00-25:00", "Mon x"] {
        assert!(OverrideSlot::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}

use desk_core::plan::Until;
use jiff::Timestamp;

#[test]
fn times_and_durations_are_understood_as_people_type_them() {
    let now: Timestamp = "2026-11-20T09:00:30Z".parse().unwrap();
    for (typed, until) in [
        ("18:00", Some("2026-11-20T18:00:00Z")),
        (" 8:30 ", Some("2026-11-21T08:30:00Z")),
        ("09:00", Some("2026-11-21T09:00:00Z")),
        ("2026-11-23T06:00", Some("2026-11-23T06:00:00Z")),
        ("2026-11-23t06:00z", Some("2026-11-23T06:00:00Z")),
        ("2026-11-23 06:00", Some("2026-11-23T06:00:00Z")),
        ("2026-11-23 6:00", Some("2026-11-23T06:00:00Z")),
        ("2026-11-23 25:00", None),
        ("2026-11-23T06:00+02:00", Some("2026-11-23T04:00:00Z")),
        ("2026-11-23T06:00:00-05:00", Some("2026-11-23T11:00:00Z")),
        ("2026-11-23T06:00+99:00", None),
        ("45m", Some("2026-11-20T09:45:30Z")),
        ("2H", Some("2026-11-20T11:00:30Z")),
        ("1d", Some("2026-11-21T09:00:30Z")),
        ("4 h", Some("2026-11-20T13:00:30Z")),
        ("45 Minutes", Some("2026-11-20T09:45:30Z")),
        ("4 hours", Some("2026-11-20T13:00:30Z")),
        ("2 days", Some("2026-11-22T09:00:30Z")),
        ("days", None),
        ("+8:00", None),
        ("8:+5", None),
        ("8:5", None),
        ("24:00", Some("2026-11-21T00:00:00Z")),
        ("25:00", None),
        ("+2h", None),
        ("-4h", None),
        ("h", None),
        ("2", None),
        ("wed", None),
        ("2026-11-23", None),
        ("99999999999999h", None),
        ("4294967295d", None),
    ] {
        let at = Until::typed(typed, now).map(|until| until.from(now).to_string());
        assert_eq!(at.as_deref(), until, "{typed}");
    }
}

#[test]
fn a_span_is_counted_from_when_the_wait_begins_and_a_time_is_that_time() {
    let at: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    let later: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
    assert_eq!(Until::After(14_400).from(at), "2026-11-20T13:00:00Z".parse().unwrap());
    assert_eq!(Until::At(later).from(at), later);
    assert_eq!(Until::After(14_400).words(), "for 4 h");
    assert_eq!(Until::At(later).words(), "until 20 Nov 2026 18:00 UTC");
}

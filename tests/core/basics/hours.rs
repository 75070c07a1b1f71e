//! Hours of the week by the clock of their zone.

use desk_core::basics::hours::Hours;
use jiff::Timestamp;

fn hours(text: &str) -> Hours {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn hours_hold_by_the_wall_clock_of_their_zone() {
    let work = hours("Mon-Fri 08:00-18:00 Europe/Berlin");
    // Friday, 20 November 2026; Berlin is an hour ahead in winter and two in summer.
    for (moment, inside) in [
        ("2026-11-20T06:59:59Z", false),
        ("2026-11-20T07:00:00Z", true),
        ("2026-11-20T16:59:59Z", true),
        ("2026-11-20T17:00:00Z", false),
        ("2026-11-21T12:00:00Z", false),
        ("2026-07-17T06:00:00Z", true),
        ("2026-07-17T16:30:00Z", false),
    ] {
        assert_eq!(work.contain(at(moment)), inside, "{moment}");
    }
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    let night = hours("Fri,Sun 22:00-06:00 UTC");
    for (moment, inside) in [
        ("2026-11-20T21:59:00Z", false),
        ("2026-11-20T22:00:00Z", true),
        ("2026-11-21T05:59:00Z", true),
        ("2026-11-21T06:00:00Z", false),
        ("2026-11-21T23:00:00Z", false),
        ("2026-11-22T03:00:00Z", false),
        ("2026-11-23T03:00:00Z", true),
    ] {
        assert_eq!(night.contain(at(moment)), inside, "{moment}");
    }
    let always = hours("daily 00:00-24:00 UTC");
    assert!(always.contain(at("2026-11-20T23:59:59Z")) && always.contain(at("2026-11-21T00:00:00Z")));
    assert!(hours("Sat-Mon 00:00-24:00 UTC").contain(at("2026-11-22T12:00:00Z")), "weeks go round");
}

#[test]
fn what_is_no_hours_says_what_is_wrong() {
    for (text, message) in [
        ("", "days, a time range and a time zone"),
        ("Mon-Fri 08:00-18:00", "days, a time range and a time zone"),
        ("Mon-Fri 08:00-18:00 Middle/Earth", "no time zone"),
        ("Mon-Fry 08:00-18:00 UTC", "`Fry` isn't a day, did you mean `Fri`"),
        ("Mon 8:0-18:00 UTC", "`8:0` isn't a time"),
        ("Mon +8:00-18:00 UTC", "`+8:00` isn't a time"),
        ("Mon 08:00-25:00 UTC", "`25:00` isn't a time"),
        ("Mon 08:00 UTC", "`08:00` isn't a time range"),
        ("Mon 08:00-08:00 UTC", "a whole day is `00:00-24:00`"),
    ] {
        let error = text.parse::<Hours>().unwrap_err();
        assert!(error.contains(message) && error.contains("Europe/Berlin"), "{text}: {error}");
    }
    let back: Hours = serde_json::from_str(r#""Mon-Fri  08:00-18:00   UTC""#).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), r#""Mon-Fri 08:00-18:00 UTC""#);
}

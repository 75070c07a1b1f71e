use desk_core::view::digest::Daily;
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_day_has_its_digest_from_its_hour_on_by_the_clocks_of_its_zone() {
    let berlin = Daily::new("08:00", "Europe/Berlin").unwrap();
    for (now, day) in [
        ("2026-11-20T06:59:59Z", None),
        ("2026-11-20T07:00:00Z", Some("2026-11-20")),
        ("2026-11-20T22:59:59Z", Some("2026-11-20")),
        ("2026-11-20T23:00:00Z", None),
        ("2026-07-17T06:00:00Z", Some("2026-07-17")),
    ] {
        assert_eq!(berlin.day(at(now)), day.map(|day| day.parse().unwrap()), "{now}");
    }
    // On 29 March 2026 there is no 02:30 in Berlin, and on 25 October there are two.
    let night = Daily::new("02:30", "Europe/Berlin").unwrap();
    assert_eq!(night.day(at("2026-03-29T00:59:59Z")), None);
    assert_eq!(night.day(at("2026-03-29T01:00:00Z")), Some("2026-03-29".parse().unwrap()));
    assert_eq!(night.day(at("2026-10-25T00:30:00Z")), night.day(at("2026-10-25T01:30:00Z")));
}

#[test]
fn what_is_no_hour_says_so() {
    for (time, zone, message) in [
        ("8:0", "UTC", "`8:0` is no time of the day"),
        ("24:00", "UTC", "`24:00` is no time of the day"),
        ("08:00", "Middle/Earth", "there is no time zone `Middle/Earth`"),
    ] {
        let said = Daily::new(time, zone).unwrap_err();
        assert!(said.contains(message), "{said}");
    }
}

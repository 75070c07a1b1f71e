use desk_core::policy::schedule::Times;
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_last_time_is_by_the_clocks_of_its_zone() {
    let berlin = Times::new("06:00", "Mon-Fri", "Europe/Berlin").unwrap();
    for (now, last) in [
        // A Friday, a minute before and at the time.
        ("2026-11-20T04:59:59Z", "2026-11-19T05:00:00Z"),
        ("2026-11-20T05:00:00Z", "2026-11-20T05:00:00Z"),
        // Sunday.
        ("2026-11-22T12:00:00Z", "2026-11-20T05:00:00Z"),
        // In summer.
        ("2026-07-17T04:00:00Z", "2026-07-17T04:00:00Z"),
    ] {
        assert_eq!(berlin.last(at(now)), Some(at(last)), "{now}");
    }
    // On 29 March 2026 there is no 02:30 in Berlin, and on 25 October there are two.
    let night = Times::new("02:30", "daily", "Europe/Berlin").unwrap();
    assert_eq!(night.last(at("2026-03-29T12:00:00Z")), Some(at("2026-03-29T01:30:00Z")));
    assert_eq!(night.last(at("2026-10-25T12:00:00Z")), Some(at("2026-10-25T00:30:00Z")));
    assert_eq!(night.day(at("2026-10-25T00:30:00Z")).to_string(), "2026-10-25");
    assert_eq!(berlin.words(), "06:00 Mon,Tue,Wed,Thu,Fri Europe/Berlin");
    let weekly = Times::new("00:00", "Sun", "UTC").unwrap();
    assert_eq!(weekly.words(), "00:00 Sun UTC");
    assert_eq!(weekly.last(at("2026-11-21T23:59:59Z")), Some(at("2026-11-15T00:00:00Z")));
}

#[test]
fn what_is_wrong_is_said() {
    for (time, days, zone, message) in [
        ("6:0", "daily", "UTC", "`6:0` isn't a time of the day"),
        ("24:00", "daily", "UTC", "`24:00` isn't a time of the day"),
        ("06:00", "Mo", "UTC", "Invalid days"),
        ("06:00", "daily", "Berlin", "Invalid time zone"),
    ] {
        let said = Times::new(time, days, zone).unwrap_err();
        assert!(said.contains(message), "{said}");
    }
}

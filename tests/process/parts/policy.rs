//! What the policy tools read and say.

use connect_desk::policy::{Back, hours};
use desk_core::policy_tools::coverage::Span;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

#[test]
fn spans_are_typed_as_people_say_them() {
    assert_eq!("30d".parse::<Back>().unwrap().0, SignedDuration::from_hours(720));
    assert_eq!("4w".parse::<Back>().unwrap().0, SignedDuration::from_hours(672));
    for wrong in ["", "30", "d", "-1d", "0h", "30m", "9999999999w", "1é"] {
        assert!(wrong.parse::<Back>().is_err(), "{wrong}");
    }
}

#[test]
fn hours_are_said_in_both_zones() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let weekend = [Span { from: 4 * 1440 + 17 * 60, to: 7 * 60 }];
    assert_eq!(hours(&weekend, None), ["Fri 17:00-Mon 07:00 UTC"]);
    assert_eq!(
        hours(&weekend, Some(&berlin)),
        ["Fri 17:00-Mon 07:00 UTC (Fri 18:00-Mon 08:00 Europe/Berlin)"]
    );
    let nights = [0, 2].map(|day| Span { from: day * 1440 + 23 * 60, to: (day + 1) * 1440 + 6 * 60 });
    assert_eq!(
        hours(&nights, Some(&berlin)),
        ["Mon,Wed 23:00-06:00 UTC (Tue,Thu 00:00-07:00 Europe/Berlin)"]
    );
    assert_eq!(hours(&[Span::WEEK], Some(&berlin)), ["all week"]);
}

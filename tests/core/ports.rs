//! What callers of `ports` rely on.

use desk_core::ports::is_over;
use jiff::{SignedDuration, Timestamp};

#[test]
fn what_a_clock_that_was_ahead_has_made_is_over() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let (ends, lasts) = (at("2026-11-20T10:00:00Z"), SignedDuration::from_hours(1));
    for (now, over) in [
        ("2026-11-20T10:00:00Z", true),
        ("2026-11-20T09:59:59Z", false),
        ("2026-11-20T09:00:00Z", false),
        ("2026-11-20T08:58:00Z", false),
        ("2026-11-20T08:57:59Z", true),
        ("2025-11-20T09:30:00Z", true),
    ] {
        assert_eq!(is_over(ends, lasts, at(now)), over, "{now}");
    }
}

use desk_core::plan::Until;
use jiff::Timestamp;

#[test]
fn a_span_is_counted_from_when_the_wait_begins_and_a_time_is_that_time() {
    let at: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    let later: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
    assert_eq!(Until::After(14_400).from(at), "2026-11-20T13:00:00Z".parse().unwrap());
    assert_eq!(Until::At(later).from(at), later);
    assert_eq!(Until::After(14_400).words(), "for 4 h");
    assert_eq!(Until::At(later).words(), "until 20 Nov 2026 18:00 UTC");
}

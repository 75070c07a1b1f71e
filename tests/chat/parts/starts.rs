//! How long a desk waits that starts again and again.

use std::time::Duration;

use connect_desk::discord::starts::{DAY, wait};

#[test]
fn a_crash_loop_stays_below_what_discord_takes() {
    let (mut now, mut starts) = (1_000_000, Vec::new());
    let begin = now;
    while now < begin + 2 * DAY {
        now += i64::try_from(wait(&starts, now).as_secs()).unwrap();
        starts.push(now);
        // It crashes a second later.
        now += 1;
        let day: Vec<i64> = starts.iter().copied().filter(|at| *at > now - DAY).collect();
        assert!(day.len() <= 1_000, "{}", day.len());
        starts = day;
    }
    assert!(starts.len() > 500, "it keeps trying: {}", starts.len());
    let last = starts.windows(2).map(|pair| pair[1] - pair[0]).max();
    assert!(last < Some(120), "it never stays away for long: {last:?}");
}

#[test]
fn a_restart_now_and_then_waits_for_nothing() {
    assert_eq!(wait(&[], 0), Duration::ZERO);
    let nine: Vec<i64> = (1..10).collect();
    assert_eq!(wait(&nine, 9), Duration::ZERO);
    let ten: Vec<i64> = (1..11).collect();
    assert_eq!(wait(&ten, 10), Duration::from_secs(5));
    assert_eq!(wait(&ten, 3_700), Duration::ZERO);
}

//! Until when something is to last, as people type it.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, moment};
use desk_core::plan::Until;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The shortest and the longest that something may last.
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);

/// `18:00` (the next time that it is so late in UTC), `2026-11-20T18:00` (in UTC), `45m`, `4h` or `2d`.
pub(crate) fn until(typed: &str, now: Timestamp) -> Result<Until, Problem> {
    let typed = typed.trim();
    let wrong = || {
        Problem::requester("until", format!("{} isn't a valid end time.", code(typed))).hint(
            "Type a time of day in UTC such as `18:00`, a date and time such as `2026-11-20T18:00`, or a duration such as `45m`, `4h` or `2d`.",
        )
    };
    let lower = typed.to_lowercase();
    let length = [("m", 60), ("h", 3_600), ("d", 86_400)].into_iter().find_map(|(unit, seconds)| {
        let n: i64 = lower.strip_suffix(unit)?.parse().ok()?;
        Some(n.saturating_mul(seconds))
    });
    let (until, lasts) = match length {
        Some(seconds) => {
            let lasts = SignedDuration::from_secs(seconds);
            (u32::try_from(seconds).map(Until::After).map_err(|_| wrong())?, lasts)
        }
        None => {
            let at = at(&lower, now).ok_or_else(wrong)?;
            (Until::At(at), at.duration_since(now))
        }
    };
    if lasts < SHORTEST {
        let message = match until {
            Until::At(at) if lasts.is_negative() => format!("{} is in the past.", moment(at)),
            _ => "That is less than 5 minutes from now.".to_owned(),
        };
        return Err(Problem::requester("until_too_soon", message).hint("Choose a later time."));
    }
    if lasts > LONGEST {
        return Err(Problem::requester("until_too_late", "That is more than 31 days from now.")
            .hint("Choose an earlier time, or change it permanently with `/connect edit`."));
    }
    Ok(until)
}

/// A time of day, or a date with one, in UTC.
fn at(typed: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(whole) = typed.trim_end_matches('z').parse::<DateTime>()
        && typed.contains('t')
    {
        return whole.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    }
    let (hour, minute) = typed.split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || typed.starts_with(['+', '-']) {
        return None;
    }
    let ahead = (hour * 3_600 + minute * 60 - now.as_second().rem_euclid(86_400)).rem_euclid(86_400);
    let at = now.checked_add(SignedDuration::from_secs(ahead)).ok()?;
    Timestamp::from_second(at.as_second()).ok()
}

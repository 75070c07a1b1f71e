//! Until when something is to last, as people type it.

use desk_core::basics::problem::Problem;
use desk_core::basics::span::clock;
use desk_core::basics::text::code;
use desk_core::plan::Until;
use jiff::{SignedDuration, Timestamp};

/// The shortest and the longest that something may last.
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Until when, and whether that is neither too soon nor too late. A time of day is the next one after it was asked.
pub(crate) fn until(typed: &str, asked: Timestamp, now: Timestamp) -> Result<Until, Problem> {
    let until = Until::typed(typed, asked).ok_or_else(|| {
        Problem::requester("until", format!("{} isn't a valid end time.", code(typed.trim()))).hint(
            "Type a time of day in UTC such as `18:00`, a date and time such as `2026-11-20T18:00`, or a duration such as `45m`, `4h` or `2d`.",
        )
    })?;
    let lasts = until.from(now).duration_since(now);
    if lasts < SHORTEST {
        let message = match until {
            Until::At(at) if lasts.is_negative() => format!("{} is in the past.", clock(at, now)),
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

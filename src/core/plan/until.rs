//! How long something lasts that is put back then.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::basics::hours;
use crate::basics::text::{moment, span};

/// How long something lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    At(Timestamp),
    /// So many seconds from when the wait begins.
    After(u32),
}

/// Units of time as people write them, and their seconds.
const UNITS: [(&[&str], u32); 3] = [
    (&["minutes", "minute", "mins", "min", "m"], 60),
    (&["hours", "hour", "hrs", "hr", "h"], 3_600),
    (&["days", "day", "d"], 86_400),
];

impl Until {
    /// As people type it: `18:00` (the next time that it is so late in UTC), `2026-11-20T18:00` or `2026-11-20 18:00` (in UTC,
    /// unless it has an offset), `45m`, `4h`, `2d` or `2 days`.
    pub fn typed(text: &str, now: Timestamp) -> Option<Until> {
        let text = text.trim().to_lowercase();
        let length = UNITS.iter().find_map(|(units, seconds)| {
            let number = units.iter().find_map(|unit| text.strip_suffix(unit))?;
            Some((number.trim_end(), *seconds))
        });
        if let Some((number, seconds)) = length {
            let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
            let number: u32 = is_number.then(|| number.parse().ok()).flatten()?;
            return number.checked_mul(seconds).map(Until::After);
        }
        if text.contains(['t', ' ']) {
            // One with an offset is that moment; without one it is UTC.
            let at = text.parse::<Timestamp>().ok();
            let utc = || civil(&text)?.to_zoned(TimeZone::UTC).ok();
            return at.or_else(|| utc().map(|at| at.timestamp())).map(Until::At);
        }
        let minute = hours::minute(&text)?;
        let ahead = (i64::from(minute) * 60 - now.as_second()).rem_euclid(86_400);
        Timestamp::from_second(now.as_second().checked_add(ahead)?).ok().map(Until::At)
    }

    /// When a wait that begins at this moment ends.
    pub fn from(self, began: Timestamp) -> Timestamp {
        match self {
            Until::At(at) => at,
            Until::After(seconds) => {
                began.checked_add(SignedDuration::from_secs(seconds.into())).unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// As it is after a comma: "until 20 Nov 2026 18:00 UTC", "for 4 h".
    pub fn words(self) -> String {
        match self {
            Until::At(at) => format!("until {}", moment(at)),
            Until::After(seconds) => format!("for {}", span(seconds.into())),
        }
    }
}

/// The minute of the day.
fn of_day(time: &str) -> Option<u16> {
    hours::minute(time).filter(|minute| *minute < 24 * 60)
}

/// A date and a time, which may be `8:30` too.
fn civil(text: &str) -> Option<DateTime> {
    text.parse().ok().or_else(|| {
        let (date, time) = text.split_once([' ', 't'])?;
        let (minute, date) = (of_day(time.trim())?, date.parse::<Date>().ok()?);
        Some(date.at(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0))
    })
}

//! Hours of the week in a time zone, such as `Mon-Fri 08:00-18:00 Europe/Berlin`: when a rule holds, and who is on call.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::basics::text::{self, code};

pub(crate) const DAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

/// Minutes of a day.
pub(crate) const DAY: u16 = 24 * 60;

/// Some hours of every week. Written and read as text; a span over midnight belongs to the day on which it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    text: String,
    days: Vec<Weekday>,
    /// From and to in minutes of the day; `to` is not included, and may be before `from`.
    from: u16,
    to: u16,
    zone: TimeZone,
}

impl Hours {
    /// The zone by whose wall clock they hold.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether the moment is among these hours, by the wall clock of their zone.
    pub fn contain(&self, at: Timestamp) -> bool {
        let local = at.to_zoned(self.zone.clone());
        self.hold_at(local.weekday(), minutes(local.time()))
    }

    /// Whether all of these hours are among others of the same zone.
    pub fn are_among(&self, others: &[Hours]) -> bool {
        let others: Vec<&Hours> = others.iter().filter(|other| other.zone == self.zone).collect();
        let mut week = DAYS.iter().flat_map(|(_, day)| (0..DAY).map(move |minute| (*day, minute)));
        week.all(|(day, minute)| {
            !self.hold_at(day, minute) || others.iter().any(|other| other.hold_at(day, minute))
        })
    }

    /// Whether a wall clock that shows this is within them.
    fn hold_at(&self, today: Weekday, minute: u16) -> bool {
        if self.from < self.to {
            return self.days.contains(&today) && (self.from..self.to).contains(&minute);
        }
        (self.days.contains(&today) && minute >= self.from)
            || (self.days.contains(&today.previous()) && minute < self.to)
    }
}

pub(crate) fn minutes(time: Time) -> u16 {
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> String {
        hours.text
    }
}

impl TryFrom<String> for Hours {
    type Error = String;

    fn try_from(text: String) -> Result<Hours, String> {
        text.parse()
    }
}

impl FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Hours, String> {
        let wrong = |what: String| {
            format!(
                "{} aren't valid hours: {what}. Use a form such as `Mon-Fri 08:00-18:00 Europe/Berlin`.",
                code(text)
            )
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        let [days, span, zone] = words.as_slice() else {
            return Err(wrong("hours consist of days, a time range and a time zone".to_owned()));
        };
        let zone = zone_of(zone).map_err(wrong)?;
        let (from, to) =
            span.split_once('-').ok_or_else(|| wrong(format!("{} isn't a time range", code(span))))?;
        let from = minute(from).ok_or_else(|| wrong(format!("{} isn't a time", code(from))))?;
        let to = minute(to).ok_or_else(|| wrong(format!("{} isn't a time", code(to))))?;
        if from == to || from == DAY {
            return Err(wrong("the time range is empty; a whole day is `00:00-24:00`".to_owned()));
        }
        Ok(Hours { text: words.join(" "), days: days_of(days).map_err(wrong)?, from, to, zone })
    }
}

/// Such as `Mon`.
pub(crate) fn day_name(day: Weekday) -> &'static str {
    DAYS.iter().find(|(_, one)| *one == day).map_or("", |(name, _)| *name)
}

/// A time zone by its name.
pub(crate) fn zone_of(name: &str) -> Result<TimeZone, String> {
    match name {
        "UTC" => Ok(TimeZone::UTC),
        name => TimeZone::get(name).map_err(|_| format!("there is no time zone {}", code(name))),
    }
}

/// A time of the day such as `08:00` or `8:00`, in minutes; the end of the day is `24:00`.
pub fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_written_so = (1..=2).contains(&hour.len()) && minute.len() == 2 && digits(hour) && digits(minute);
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (is_written_so && minute < 60 && hour * 60 + minute <= DAY).then_some(hour * 60 + minute)
}

/// `Mon-Fri`, `Sat,Sun`, `daily`, and mixtures of them with commas.
pub(crate) fn days_of(text: &str) -> Result<Vec<Weekday>, String> {
    if text.eq_ignore_ascii_case("daily") {
        return Ok(DAYS.map(|(_, day)| day).to_vec());
    }
    let place = |word: &str| {
        DAYS.iter().position(|(name, _)| name.eq_ignore_ascii_case(word)).ok_or_else(|| {
            let near = text::nearest(word, DAYS.iter().map(|(name, _)| *name));
            let hint = near.first().map(|near| format!(", did you mean {}", code(near))).unwrap_or_default();
            format!("{} isn't a day{hint}", code(word))
        })
    };
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (place(first)?, place(last)?);
        let mut at = first;
        loop {
            let (_, day) = DAYS[at];
            if !days.contains(&day) {
                days.push(day);
            }
            if at == last {
                break;
            }
            at = (at + 1) % DAYS.len();
        }
    }
    Ok(days)
}

//! Exports that run at a time of the day: when, as whom, and for whom.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::basics::hours;
use crate::basics::ids::PersonId;
use crate::basics::roles::Place;
use crate::basics::text::code;

/// The option of an export that names its schedule.
pub const OPTION: &str = "schedule";

/// No two times of a schedule are further apart, in days.
const APART: usize = 8;

/// An export that runs at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub name: String,
    pub times: Times,
    /// The line that is said then, such as `/connect export schedule:weekly`.
    pub line: String,
    /// The person in whose name it is asked: the rules decide about it as if they had typed the line.
    pub by: PersonId,
    /// Where it is asked, and where its card appears.
    pub place: Place,
    /// Who gets the file beside them.
    pub to: BTreeSet<PersonId>,
    /// Where the file is written, on the host.
    pub folder: Option<String>,
}

/// A [`Schedule`] as the log has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRecord {
    command: String,
    at: String,
    #[serde(rename = "as")]
    by: PersonId,
    #[serde(default, rename = "for", skip_serializing_if = "BTreeSet::is_empty")]
    to: BTreeSet<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
}

impl From<&Schedule> for ScheduleRecord {
    fn from(schedule: &Schedule) -> ScheduleRecord {
        ScheduleRecord {
            command: schedule.line.clone(),
            at: schedule.times.words(),
            by: schedule.by.clone(),
            to: schedule.to.clone(),
            folder: schedule.folder.clone(),
        }
    }
}

/// A time of the day on some days of the week, by the clocks of a time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    days: Vec<Weekday>,
    /// In minutes of the day.
    at: u16,
    zone: TimeZone,
}

impl Times {
    /// Such as `06:00`, `Mon-Fri` (or `daily`) and `Europe/Berlin`.
    pub fn new(at: &str, days: &str, zone: &str) -> Result<Times, String> {
        let Some(minute) = hours::minute(at).filter(|minute| *minute < 24 * 60) else {
            return Err(format!("{} isn't a time of the day. Write one such as \"06:00\".", code(at)));
        };
        let days = hours::days_of(days).map_err(|message| {
            format!("Invalid days: {message}. Write them as \"Mon-Fri\", \"Mon,Thu\" or \"daily\".")
        })?;
        let zone = hours::zone_of(zone).map_err(|message| {
            format!("Invalid time zone: {message}. Write one such as \"Europe/Berlin\".")
        })?;
        Ok(Times { days, at: minute, zone })
    }

    /// As the log has them: `06:00 Mon,Tue Europe/Berlin`.
    pub fn words(&self) -> String {
        let days: Vec<&str> = self.days.iter().map(|day| hours::day_name(*day)).collect();
        let zone = self.zone.iana_name().unwrap_or("UTC");
        format!("{:02}:{:02} {} {zone}", self.at / 60, self.at % 60, days.join(","))
    }

    /// The latest time that is not after this moment. A time that the clocks skip is as much later, and of one that comes twice the
    /// first counts.
    pub fn last(&self, now: Timestamp) -> Option<Timestamp> {
        let mut day = now.to_zoned(self.zone.clone()).date();
        for _ in 0..=APART {
            if let Some(time) = self.on(day).filter(|time| *time <= now) {
                return Some(time);
            }
            day = day.yesterday().ok()?;
        }
        None
    }

    /// Its times in the week that ends at this moment, the latest first.
    pub fn of_week(&self, end: Timestamp) -> Vec<Timestamp> {
        let is_of_it = |time: &Timestamp| end.duration_since(*time) < SignedDuration::from_hours(7 * 24);
        let before = |time: &Timestamp| self.last(time.checked_sub(SignedDuration::from_secs(1)).ok()?);
        std::iter::successors(self.last(end), before).take_while(is_of_it).collect()
    }

    /// The day, by the clocks of its zone, of one of its times.
    pub fn day(&self, time: Timestamp) -> Date {
        time.to_zoned(self.zone.clone()).date()
    }

    fn on(&self, day: Date) -> Option<Timestamp> {
        if !self.days.contains(&day.weekday()) {
            return None;
        }
        let (hour, minute) = (i8::try_from(self.at / 60).ok()?, i8::try_from(self.at % 60).ok()?);
        let zoned = day.at(hour, minute, 0, 0).to_zoned(self.zone.clone()).ok()?;
        Some(zoned.timestamp())
    }
}

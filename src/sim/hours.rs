//! Hours of operation: the week as it is set, the overrides of it, and what holds on a date.
//!
//! The precedence is the administrator guide's ("Dates with competing overrides"): closed recurring events first, then open
//! recurring events, then temporary hours, then the week. What the API's documentation leaves open is in
//! `docs/practice-contact-center.md`.

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan, Unit};
use serde::{Deserialize, Serialize};

use crate::answer::Refusal;
use crate::ids::Id;

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// The most overrides that hours of operation have.
pub(crate) const MOST_OVERRIDES: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Day {
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
}

impl Day {
    pub(crate) const WORKDAYS: [Self; 5] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday];

    fn of(date: Date) -> Self {
        match date.weekday() {
            Weekday::Sunday => Self::Sunday,
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TimeOfDay {
    pub(crate) hours: i64,
    pub(crate) minutes: i64,
}

impl TimeOfDay {
    fn at(minute: i64) -> Self {
        Self { hours: minute / 60 % 24, minutes: minute % 60 }
    }

    fn minute(self) -> i64 {
        self.hours * 60 + self.minutes
    }
}

/// One stretch of the week in which a contact center is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WeeklySlot {
    pub(crate) day: Day,
    pub(crate) start_time: TimeOfDay,
    pub(crate) end_time: TimeOfDay,
}

/// One stretch of an override; without times it is the whole day, without a day every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OverrideSlot {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) day: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start_time: Option<TimeOfDay>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_time: Option<TimeOfDay>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum OverrideType {
    /// Temporary hours: they replace the week's.
    #[default]
    Standard,
    /// A recurring event: open in these stretches, too.
    Open,
    /// A recurring event: closed in these stretches.
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RecurrenceConfig {
    pub(crate) recurrence_pattern: RecurrencePattern,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Frequency {
    Weekly,
    Monthly,
    Yearly,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RecurrencePattern {
    pub(crate) frequency: Frequency,
    pub(crate) interval: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) by_month: Vec<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) by_month_day: Vec<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) by_weekday_occurrence: Vec<i64>,
}

/// An override in the members that the API has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Override {
    #[serde(rename = "HoursOfOperationOverrideId")]
    pub(crate) id: Id,
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    pub(crate) config: Vec<OverrideSlot>,
    pub(crate) effective_from: String,
    pub(crate) effective_till: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) recurrence_config: Option<RecurrenceConfig>,
    #[serde(default)]
    pub(crate) override_type: OverrideType,
}

/// Reads a date as the API writes it; the contract has looked at its form only.
pub(crate) fn read_date(member: &str, text: &str) -> Result<Date, Refusal> {
    text.parse().map_err(|_| Refusal::invalid_parameter(format!("{member} must be a date of the calendar.")))
}

/// The dates from the first to the last.
pub(crate) fn dates(from: Date, till: Date) -> impl Iterator<Item = Date> {
    from.series(1.day()).take_while(move |date| *date <= till)
}

impl Override {
    /// Refuses what cannot be meant; `others` are the other overrides of the same hours of operation.
    pub(crate) fn check<'o>(&self, others: impl Iterator<Item = &'o Self>) -> Result<(), Refusal> {
        let wrong = |message: &str| Err(Refusal::invalid_parameter(message));
        let from = read_date("EffectiveFrom", &self.effective_from)?;
        let till = read_date("EffectiveTill", &self.effective_till)?;
        if till < from {
            return wrong("EffectiveTill must not be before EffectiveFrom.");
        }
        let mut taken: Vec<(Option<Day>, i64, i64)> = Vec::new();
        for slot in &self.config {
            let Some((start, end)) = slot.minutes() else {
                return wrong("Config: StartTime and EndTime belong together.");
            };
            if start >= end {
                return wrong("Config: EndTime must be after StartTime; midnight is 0:00.");
            }
            if self.override_type == OverrideType::Standard
                && (slot.day.is_none() || slot.start_time.is_none())
            {
                return wrong("Config: temporary hours need Day, StartTime and EndTime.");
            }
            let same_day = |day: Option<Day>| day.is_none() || slot.day.is_none() || day == slot.day;
            if taken.iter().any(|(day, from, till)| same_day(*day) && *from < end && start < *till) {
                return wrong("Config: two entries overlap.");
            }
            taken.push((slot.day, start, end));
        }
        match (self.override_type, &self.recurrence_config) {
            (OverrideType::Standard, None) => {
                let overlaps = |other: &Self| {
                    other.override_type == OverrideType::Standard
                        && other.effective_from <= self.effective_till
                        && self.effective_from <= other.effective_till
                };
                let mut others = others;
                if others.any(overlaps) {
                    return wrong("Another override has temporary hours on one of these dates.");
                }
                Ok(())
            }
            (OverrideType::Standard, Some(_)) => {
                wrong("Temporary hours do not recur. Leave out RecurrenceConfig.")
            }
            (_, None) => wrong("OPEN and CLOSED are recurring events. RecurrenceConfig is missing."),
            (OverrideType::Open, Some(_)) if self.config.is_empty() => {
                wrong("Config must say when the contact center is open.")
            }
            (_, Some(recurrence)) => recurrence.recurrence_pattern.check(&self.config),
        }
    }

    /// The stretches of the date that the override is about, in minutes; none where it does not apply.
    fn stretches(&self, date: Date) -> Option<Vec<(i64, i64)>> {
        let from: Date = self.effective_from.parse().ok()?;
        let till: Date = self.effective_till.parse().ok()?;
        if date < from || date > till {
            return None;
        }
        let day = Day::of(date);
        let on_day = |slot: &&OverrideSlot| slot.day.is_none_or(|wanted| wanted == day);
        if let Some(recurrence) = &self.recurrence_config
            && !recurrence.recurrence_pattern.covers(from, date)
        {
            return None;
        }
        if self.config.is_empty() && self.override_type == OverrideType::Closed {
            return Some(vec![(0, DAY)]);
        }
        let stretches: Vec<_> = self.config.iter().filter(on_day).filter_map(OverrideSlot::minutes).collect();
        // A recurring event that names other days is not about this one; temporary hours are, and close it.
        (self.override_type == OverrideType::Standard || !stretches.is_empty()).then_some(stretches)
    }
}

impl OverrideSlot {
    /// From minute to minute; nothing where only one of the times is there.
    fn minutes(&self) -> Option<(i64, i64)> {
        match (self.start_time, self.end_time) {
            (None, None) => Some((0, DAY)),
            (Some(start), Some(end)) => Some((start.minute(), until(end))),
            _ => None,
        }
    }
}

/// The end of a stretch: midnight ends the day.
fn until(end: TimeOfDay) -> i64 {
    if end.minute() == 0 { DAY } else { end.minute() }
}

impl RecurrencePattern {
    fn check(&self, config: &[OverrideSlot]) -> Result<(), Refusal> {
        let wrong = |message: &str| Err(Refusal::invalid_parameter(format!("RecurrencePattern: {message}")));
        if [&self.by_month, &self.by_month_day, &self.by_weekday_occurrence].iter().any(|list| list.len() > 1)
        {
            return wrong("a list takes one value.");
        }
        if self.by_month_day.contains(&0) || self.by_weekday_occurrence.contains(&0) {
            return wrong("0 is no day and no occurrence.");
        }
        if !self.by_month_day.is_empty() && !self.by_weekday_occurrence.is_empty() {
            return wrong("ByMonthDay and ByWeekdayOccurrence exclude each other.");
        }
        if !self.by_weekday_occurrence.is_empty() && !config.iter().any(|slot| slot.day.is_some()) {
            return wrong("ByWeekdayOccurrence needs a Day in Config.");
        }
        let within_month = !self.by_month_day.is_empty() || !self.by_weekday_occurrence.is_empty();
        match self.frequency {
            Frequency::Weekly if within_month || !self.by_month.is_empty() => {
                wrong("WEEKLY takes neither ByMonth nor ByMonthDay nor ByWeekdayOccurrence.")
            }
            Frequency::Monthly if !self.by_month.is_empty() => wrong("ByMonth belongs to YEARLY."),
            Frequency::Monthly | Frequency::Yearly if !within_month => {
                wrong("ByMonthDay or ByWeekdayOccurrence is missing.")
            }
            Frequency::Yearly if self.by_month.is_empty() => wrong("YEARLY needs ByMonth."),
            _ => Ok(()),
        }
    }

    /// Whether the pattern that began on `from` has an occurrence on the date.
    fn covers(&self, from: Date, date: Date) -> bool {
        let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
        let passed = match self.frequency {
            // Weeks begin on Sunday, as in the API's list of days.
            Frequency::Weekly => {
                let week = |date: Date| date - i64::from(date.weekday().to_sunday_zero_offset()).days();
                week(from).until((Unit::Week, week(date))).map_or(0, |span| i64::from(span.get_weeks()))
            }
            Frequency::Monthly => months(date) - months(from),
            Frequency::Yearly => i64::from(date.year() - from.year()),
        };
        let of_interval = passed % self.interval.max(1) == 0;
        let of_month = self.by_month.iter().all(|month| *month == i64::from(date.month()));
        let last = i64::from(date.days_in_month());
        let day = i64::from(date.day());
        let of_day = self.by_month_day.iter().all(|wanted| *wanted == day || *wanted == -1 && day == last);
        let occurrence = (day - 1) / 7 + 1;
        let is_last = day + 7 > last;
        let of_weekday =
            self.by_weekday_occurrence.iter().all(|wanted| *wanted == occurrence || *wanted == -1 && is_last);
        of_interval && of_month && of_day && of_weekday
    }
}

/// A stretch of a date that an override is about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Applied<'o> {
    pub(crate) by: &'o Override,
    pub(crate) start: TimeOfDay,
    pub(crate) end: TimeOfDay,
    pub(crate) open: bool,
}

/// When a contact center is open on a date, and which overrides have a part in it.
pub(crate) fn effective<'o>(
    week: &[WeeklySlot],
    overrides: &'o [Override],
    date: Date,
) -> (Vec<(TimeOfDay, TimeOfDay)>, Vec<Applied<'o>>) {
    let mut open = [false; DAY as usize];
    let mut set = |stretches: &[(i64, i64)], value: bool| {
        for (start, end) in stretches {
            for minute in *start..*end {
                open[usize::try_from(minute).unwrap_or_default()] = value;
            }
        }
    };
    let mut applied = Vec::new();
    let of_type = |wanted: OverrideType| {
        let of_type = overrides.iter().filter(move |over| over.override_type == wanted);
        of_type.filter_map(move |over| Some((over, over.stretches(date)?)))
    };
    let temporary: Vec<_> = of_type(OverrideType::Standard).collect();
    if temporary.is_empty() {
        let today = week.iter().filter(|slot| slot.day == Day::of(date));
        set(&today.map(|slot| (slot.start_time.minute(), until(slot.end_time))).collect::<Vec<_>>(), true);
    }
    // What comes later has precedence.
    let (opened, closed) = (of_type(OverrideType::Open), of_type(OverrideType::Closed));
    for (by, stretches) in temporary.into_iter().chain(opened).chain(closed) {
        let open = by.override_type != OverrideType::Closed;
        set(&stretches, open);
        // Temporary hours that leave out a date of theirs close it.
        let (stretches, open) =
            if stretches.is_empty() { (vec![(0, DAY)], false) } else { (stretches, open) };
        applied.extend(stretches.into_iter().map(|(start, end)| Applied {
            by,
            start: TimeOfDay::at(start),
            end: TimeOfDay::at(end),
            open,
        }));
    }
    let mut hours = Vec::new();
    let mut begun = None;
    for minute in 0..=DAY {
        let is_open = usize::try_from(minute).is_ok_and(|minute| open.get(minute) == Some(&true));
        match (begun, is_open) {
            (None, true) => begun = Some(minute),
            (Some(start), false) => {
                hours.push((TimeOfDay::at(start), TimeOfDay::at(minute)));
                begun = None;
            }
            _ => {}
        }
    }
    (hours, applied)
}

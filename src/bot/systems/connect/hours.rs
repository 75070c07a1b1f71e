//! Reading hours of operation and their overrides, and what is sent of them.

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use aws_smithy_types::error::operation::BuildError;
use desk_core::basics::problem::Problem;
use desk_core::center::{
    EffectiveDay, Frequency, HoursOfOperation, HoursOverride, HoursReader, OverrideKind, OverrideSlot,
    PlacedOverride, Recurrence, Span,
};
use jiff::civil::{Date, Weekday};

use super::Connect;
use super::call::{read, text};
use super::lists::all_pages;
use crate::systems::apply::Fault;

/// The minutes of a whole day.
const DAY: u16 = 24 * 60;

/// The most that one page takes.
const PAGE: i32 = 100;

/// What holds on each of its dates, in the words of the API.
const EVERY_WEEK: Recurrence = Recurrence {
    frequency: Frequency::Weekly,
    interval: 1,
    months: Vec::new(),
    month_days: Vec::new(),
    occurrences: Vec::new(),
};

fn minute(hours: i32, minutes: i32) -> Option<u16> {
    u16::try_from(hours * 60 + minutes).ok()
}

/// A stretch of a day; an end at midnight is the end of the day.
fn span(from: (i32, i32), to: (i32, i32)) -> Option<Span> {
    let to = minute(to.0, to.1).map(|to| if to == 0 { DAY } else { to })?;
    Span::new(minute(from.0, from.1)?, to)
}

fn slice(time: &sdk::OverrideTimeSlice) -> (i32, i32) {
    (time.hours, time.minutes)
}

fn slice_out(minute: u16) -> Result<sdk::OverrideTimeSlice, BuildError> {
    let of_day = i32::from(minute % DAY);
    sdk::OverrideTimeSlice::builder().hours(of_day / 60).minutes(of_day % 60).build()
}

fn day(name: &str) -> Option<Weekday> {
    Some(match name {
        "MONDAY" => Weekday::Monday,
        "TUESDAY" => Weekday::Tuesday,
        "WEDNESDAY" => Weekday::Wednesday,
        "THURSDAY" => Weekday::Thursday,
        "FRIDAY" => Weekday::Friday,
        "SATURDAY" => Weekday::Saturday,
        "SUNDAY" => Weekday::Sunday,
        _ => return None,
    })
}

fn day_out(day: Weekday) -> sdk::OverrideDays {
    match day {
        Weekday::Monday => sdk::OverrideDays::Monday,
        Weekday::Tuesday => sdk::OverrideDays::Tuesday,
        Weekday::Wednesday => sdk::OverrideDays::Wednesday,
        Weekday::Thursday => sdk::OverrideDays::Thursday,
        Weekday::Friday => sdk::OverrideDays::Friday,
        Weekday::Saturday => sdk::OverrideDays::Saturday,
        Weekday::Sunday => sdk::OverrideDays::Sunday,
    }
}

fn slot(config: &sdk::HoursOfOperationOverrideConfig) -> Option<OverrideSlot> {
    let day = match &config.day {
        Some(named) => Some(day(named.as_str())?),
        None => None,
    };
    let hours = match (&config.start_time, &config.end_time) {
        (Some(from), Some(to)) => Some(span(slice(from), slice(to))?),
        (None, None) => None,
        _ => return None,
    };
    Some(OverrideSlot { day, hours })
}

fn recurrence(config: sdk::RecurrenceConfig) -> Option<Recurrence> {
    let pattern = config.recurrence_pattern?;
    Some(Recurrence {
        frequency: match pattern.frequency {
            sdk::RecurrenceFrequency::Weekly => Frequency::Weekly,
            sdk::RecurrenceFrequency::Monthly => Frequency::Monthly,
            sdk::RecurrenceFrequency::Yearly => Frequency::Yearly,
            _ => return None,
        },
        interval: pattern.interval,
        months: pattern.by_month.unwrap_or_default(),
        month_days: pattern.by_month_day.unwrap_or_default(),
        occurrences: pattern.by_weekday_occurrence.unwrap_or_default(),
    })
}

fn placed(found: sdk::HoursOfOperationOverride) -> Option<PlacedOverride> {
    let kind = match found.override_type {
        None | Some(sdk::OverrideType::Standard) => OverrideKind::Standard,
        Some(sdk::OverrideType::Open) => OverrideKind::Open,
        Some(sdk::OverrideType::Closed) => OverrideKind::Closed,
        Some(_) => return None,
    };
    let recurrence = match found.recurrence_config {
        Some(config) => Some(recurrence(config)?).filter(|recurrence| *recurrence != EVERY_WEEK),
        None => None,
    };
    Some(PlacedOverride {
        hours_id: text(found.hours_of_operation_id)?,
        id: text(found.hours_of_operation_override_id)?,
        of: HoursOverride {
            name: text(found.name)?,
            description: text(found.description),
            kind,
            from: found.effective_from?.parse().ok()?,
            till: found.effective_till?.parse().ok()?,
            slots: found.config.iter().flatten().map(slot).collect::<Option<Vec<_>>>()?,
            recurrence,
        },
    })
}

/// The parts of an override as they are sent.
pub(super) struct Parts {
    pub(super) kind: sdk::OverrideType,
    pub(super) config: Vec<sdk::HoursOfOperationOverrideConfig>,
    pub(super) recurrence: Option<sdk::RecurrenceConfig>,
}

impl Parts {
    pub(super) fn of(wanted: &HoursOverride) -> Result<Parts, BuildError> {
        let config = |slot: &OverrideSlot| {
            let mut config = sdk::HoursOfOperationOverrideConfig::builder().set_day(slot.day.map(day_out));
            if let Some(Span { from, to }) = slot.hours {
                config = config.start_time(slice_out(from)?).end_time(slice_out(to)?);
            }
            Ok(config.build())
        };
        let kind = match wanted.kind {
            OverrideKind::Standard => sdk::OverrideType::Standard,
            OverrideKind::Open => sdk::OverrideType::Open,
            OverrideKind::Closed => sdk::OverrideType::Closed,
        };
        let recurrence = match wanted.kind {
            OverrideKind::Standard => None,
            // What opens or closes has to come again; every week of its dates is all of them.
            OverrideKind::Open | OverrideKind::Closed => {
                Some(recurrence_out(wanted.recurrence.as_ref().unwrap_or(&EVERY_WEEK))?)
            }
        };
        Ok(Parts {
            kind,
            config: wanted.slots.iter().map(config).collect::<Result<_, BuildError>>()?,
            recurrence,
        })
    }
}

fn recurrence_out(recurrence: &Recurrence) -> Result<sdk::RecurrenceConfig, BuildError> {
    let some = |all: &Vec<i32>| (!all.is_empty()).then(|| all.clone());
    let pattern = sdk::RecurrencePattern::builder()
        .frequency(match recurrence.frequency {
            Frequency::Weekly => sdk::RecurrenceFrequency::Weekly,
            Frequency::Monthly => sdk::RecurrenceFrequency::Monthly,
            Frequency::Yearly => sdk::RecurrenceFrequency::Yearly,
        })
        .interval(recurrence.interval)
        .set_by_month(some(&recurrence.months))
        .set_by_month_day(some(&recurrence.month_days))
        .set_by_weekday_occurrence(some(&recurrence.occurrences))
        .build()?;
    Ok(sdk::RecurrenceConfig::builder().recurrence_pattern(pattern).build())
}

fn described(found: sdk::HoursOfOperation) -> Option<HoursOfOperation> {
    let week = found.config?.into_iter().map(|slot| {
        let time = |time: sdk::HoursOfOperationTimeSlice| (time.hours, time.minutes);
        Some((day(slot.day.as_str())?, span(time(slot.start_time?), time(slot.end_time?))?))
    });
    Some(HoursOfOperation {
        id: text(found.hours_of_operation_id)?,
        name: text(found.name)?,
        description: text(found.description),
        time_zone: text(found.time_zone)?,
        week: week.collect::<Option<Vec<_>>>()?,
    })
}

fn effective_day(
    found: &sdk::EffectiveHoursOfOperations,
    by: &[sdk::EffectiveOverrideHours],
) -> Option<EffectiveDay> {
    let date: Date = found.date.as_deref()?.parse().ok()?;
    let open = found
        .operational_hours
        .iter()
        .flatten()
        .map(|hours| span(slice(hours.start.as_ref()?), slice(hours.end.as_ref()?)));
    let on_date = by.iter().filter(|one| one.date == found.date);
    let mut names: Vec<String> = on_date
        .flat_map(|one| one.override_hours.iter().flatten())
        .filter_map(|hours| hours.override_name.clone())
        .collect();
    names.sort();
    names.dedup();
    Some(EffectiveDay { date, open: open.collect::<Option<Vec<_>>>()?, by: names })
}

impl Connect {
    /// The overrides of these hours of operation, as they are now.
    pub(super) async fn overrides(&self, hours_id: &str) -> Result<Vec<PlacedOverride>, Fault> {
        all_pages!(
            self,
            "ListHoursOfOperationOverrides",
            list_hours_of_operation_overrides.hours_of_operation_id(hours_id),
            PAGE,
            hours_of_operation_override_list,
            placed
        )
        .await
    }
}

#[async_trait]
impl HoursReader for Connect {
    async fn hours(&self) -> Result<Vec<HoursOfOperation>, Problem> {
        let search = all_pages!(
            self,
            "SearchHoursOfOperations",
            search_hours_of_operations,
            PAGE,
            hours_of_operations,
            described
        );
        let mut all = search.await?;
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    async fn all_overrides(&self) -> Result<Vec<PlacedOverride>, Problem> {
        let search = all_pages!(
            self,
            "SearchHoursOfOperationOverrides",
            search_hours_of_operation_overrides,
            PAGE,
            hours_of_operation_overrides,
            placed
        );
        search.await.map_err(Fault::problem)
    }

    async fn overrides_of(&self, hours_id: &str) -> Result<Vec<PlacedOverride>, Problem> {
        self.overrides(hours_id).await.map_err(Fault::problem)
    }

    async fn effective(&self, hours_id: &str, from: Date, till: Date) -> Result<Vec<EffectiveDay>, Problem> {
        let read = read!(
            self,
            "GetEffectiveHoursOfOperations",
            get_effective_hours_of_operations
                .hours_of_operation_id(hours_id)
                .from_date(from.to_string())
                .to_date(till.to_string()),
            |output| {
                let by = output.effective_override_hours_list.unwrap_or_default();
                let days = output.effective_hours_of_operation_list?;
                days.iter().map(|day| effective_day(day, &by)).collect::<Option<Vec<_>>>()
            }
        );
        read.await.map_err(Fault::problem)
    }
}

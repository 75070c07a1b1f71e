//! Hours of operation, their overrides, and what holds on which date.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::lists::{list as list_resources, mixed_up, page, place, stamped_summary};
use super::search::{self, DESCRIPTION, Field, NAME, Searchable, resource_id};
use crate::answer::{Outcome, Refusal, nothing, optional, stamped, written};
use crate::call::{Call, Draft, normalized};
use crate::hours::{
    Applied, MOST_OVERRIDES, Override, OverrideSlot, OverrideType, RecurrenceConfig, TimeOfDay, dates,
    effective, read_date,
};
use crate::ids::Kind;
use crate::world::{Detail, Resource, Tags, World};

/// The most dates that one question about effective hours is about.
const MOST_DATES: usize = 366;

static FIELDS: [Field<Resource>; 4] = [
    NAME,
    DESCRIPTION,
    Field::other("timezone", |_, hours, text| match &hours.detail {
        Detail::HoursOfOperation { time_zone, .. } => text.passes(time_zone),
        _ => false,
    }),
    resource_id(Kind::HoursOfOperation),
];

/// An override and the hours of operation that it belongs to.
struct Found(Arc<Resource>, Override);

impl Searchable for Found {
    fn tags(&self) -> &Tags {
        &self.0.tags
    }
}

static OVERRIDE_FIELDS: [Field<Found>; 5] = [
    Field::name("name", |_, found, text| text.passes(&found.1.name)),
    Field::name("description", |_, found, text| {
        text.passes(found.1.description.as_deref().unwrap_or_default())
    }),
    Field::id("hoursOfOperationId", Kind::HoursOfOperation, |_, found, text| text.passes_id(found.0.id)),
    Field::other("effectiveFrom", |_, found, text| text.passes(&found.1.effective_from)),
    Field::other("effectiveTill", |_, found, text| text.passes(&found.1.effective_till)),
];

fn hours<'w>(world: &'w World, call: &Call) -> Result<&'w Arc<Resource>, Refusal> {
    call.resource(world, Kind::HoursOfOperation, "HoursOfOperationId")
}

fn overrides(hours: &Resource) -> &[Override] {
    match &hours.detail {
        Detail::HoursOfOperation { overrides, .. } => overrides,
        _ => &[],
    }
}

pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let of = (Kind::HoursOfOperation, "HoursOfOperationSummaryList");
    list_resources(world, call, of, |_| true, |resource| stamped_summary(world, resource))
}

/// The whole hours but their overrides, as DescribeHoursOfOperation and SearchHoursOfOperations show them.
fn described(world: &World, hours: &Resource) -> Value {
    let Detail::HoursOfOperation { time_zone, config, .. } = &hours.detail else { return Value::Null };
    let mut described = json!({
        "HoursOfOperationId": hours.id,
        "HoursOfOperationArn": world.instance.names.arn(Kind::HoursOfOperation, hours.id),
        "Name": hours.name,
        "TimeZone": time_zone,
        "Config": written(config),
        "Tags": hours.tags,
    });
    optional(&mut described, "Description", hours.description.as_deref());
    stamped(described, hours.modified_ms)
}

pub(super) fn describe(world: &World, call: &Call) -> Outcome {
    Ok(json!({ "HoursOfOperation": described(world, hours(world, call)?) }))
}

pub(super) fn search(world: &World, call: &Call) -> Outcome {
    let of = (Kind::HoursOfOperation, "HoursOfOperations");
    search::resources(world, call, of, &FIELDS, |hours| described(world, hours))
}

fn described_override(world: &World, hours: &Resource, over: &Override) -> Value {
    let mut described = written(over);
    optional(&mut described, "HoursOfOperationId", Some(json!(hours.id)));
    let arn = world.instance.names.arn(Kind::HoursOfOperation, hours.id);
    optional(&mut described, "HoursOfOperationArn", Some(arn));
    described
}

/// Where the override is that the request is about.
fn place_of(hours: &Resource, call: &Call) -> Result<usize, Refusal> {
    let id = call.text("HoursOfOperationOverrideId").unwrap_or_default();
    let place = overrides(hours).iter().position(|over| over.id.to_string() == id);
    place.ok_or_else(|| Refusal::not_found("These hours of operation have no override with this id."))
}

pub(super) fn describe_override(world: &World, call: &Call) -> Outcome {
    let hours = hours(world, call)?;
    let over = &overrides(hours)[place_of(hours, call)?];
    Ok(json!({ "HoursOfOperationOverride": described_override(world, hours, over) }))
}

pub(super) fn list_overrides(world: &World, call: &Call) -> Outcome {
    let hours = hours(world, call)?;
    let mut listed: Vec<_> = overrides(hours).iter().map(|over| (over.name.clone(), over)).collect();
    listed.sort_by(|(one, _), (other, _)| one.cmp(other));
    let shown = |over: &Override| described_override(world, hours, over);
    let output = page(world, call, "HoursOfOperationOverrideList", listed, shown)?;
    Ok(stamped(output, hours.modified_ms))
}

pub(super) fn search_overrides(world: &World, call: &Call) -> Outcome {
    let test = search::read(world, call, &OVERRIDE_FIELDS)?;
    let all = world
        .resources(Kind::HoursOfOperation)
        .into_iter()
        .flat_map(|hours| overrides(hours).iter().map(|over| Found(Arc::clone(hours), over.clone())));
    let found = all.filter(|found| test.passes(world, found));
    let mut found: Vec<_> =
        found.map(|found| (format!("{}\0{}", place(&found.0), found.1.name), found)).collect();
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    search::page(world, call, "HoursOfOperationOverrides", found, |Found(hours, over)| {
        described_override(world, &hours, &over)
    })
}

/// Changes the overrides of a copy of the hours; each has a name of its own.
fn change(
    draft: &mut Draft<'_>,
    call: &Call,
    by: impl FnOnce(&mut Draft<'_>, &mut Vec<Override>) -> Result<Value, Refusal>,
) -> Outcome {
    let mut changed = Resource::clone(hours(draft.world, call)?);
    let Detail::HoursOfOperation { overrides, .. } = &mut changed.detail else { return Err(mixed_up()) };
    let output = by(draft, overrides)?;
    draft.put_resource(changed);
    Ok(output)
}

fn check(over: &Override, all: &[Override]) -> Result<(), Refusal> {
    normalized("Name", &over.name)?;
    let others = || all.iter().filter(|other| other.id != over.id);
    if others().any(|other| other.name == over.name) {
        return Err(Refusal::duplicate("These hours of operation have an override with this Name."));
    }
    over.check(others())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: String,
    description: Option<String>,
    config: Vec<OverrideSlot>,
    effective_from: String,
    effective_till: String,
    recurrence_config: Option<RecurrenceConfig>,
    #[serde(default)]
    override_type: OverrideType,
}

pub(super) fn create_override(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Create = call.read()?;
    change(draft, call, |draft, overrides| {
        let over = Override {
            id: draft.ids.next(),
            name: wanted.name,
            description: wanted.description,
            config: wanted.config,
            effective_from: wanted.effective_from,
            effective_till: wanted.effective_till,
            recurrence_config: wanted.recurrence_config,
            override_type: wanted.override_type,
        };
        check(&over, overrides)?;
        if overrides.len() >= MOST_OVERRIDES {
            let message = format!("Hours of operation have at most {MOST_OVERRIDES} overrides.");
            return Err(Refusal::limit_exceeded(message));
        }
        let id = over.id;
        overrides.push(over);
        Ok(json!({ "HoursOfOperationOverrideId": id }))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    name: Option<String>,
    description: Option<String>,
    config: Option<Vec<OverrideSlot>>,
    effective_from: Option<String>,
    effective_till: Option<String>,
    recurrence_config: Option<RecurrenceConfig>,
    override_type: Option<OverrideType>,
}

/// What is not sent stays.
pub(super) fn update_override(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: Update = call.read()?;
    let at = place_of(hours(draft.world, call)?, call)?;
    change(draft, call, |_, overrides| {
        let old = overrides[at].clone();
        let override_type = wanted.override_type.unwrap_or(old.override_type);
        // Temporary hours do not recur, and nothing else says that a recurrence is to end.
        let recurrence = old.recurrence_config.filter(|_| override_type != OverrideType::Standard);
        let changed = Override {
            id: old.id,
            name: wanted.name.unwrap_or(old.name),
            description: wanted.description.or(old.description),
            config: wanted.config.unwrap_or(old.config),
            effective_from: wanted.effective_from.unwrap_or(old.effective_from),
            effective_till: wanted.effective_till.unwrap_or(old.effective_till),
            recurrence_config: wanted.recurrence_config.or(recurrence),
            override_type,
        };
        check(&changed, overrides)?;
        overrides[at] = changed;
        nothing()
    })
}

pub(super) fn delete_override(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let at = place_of(hours(draft.world, call)?, call)?;
    change(draft, call, |_, overrides| {
        overrides.remove(at);
        nothing()
    })
}

/// Date by date: when it is open, and which overrides have a part in that.
pub(super) fn get_effective(world: &World, call: &Call) -> Outcome {
    let hours = hours(world, call)?;
    let Detail::HoursOfOperation { time_zone, config, overrides } = &hours.detail else {
        return Err(mixed_up());
    };
    let date = |member: &str| read_date(member, call.text(member).unwrap_or_default());
    let (from, till) = (date("FromDate")?, date("ToDate")?);
    if till < from || dates(from, till).nth(MOST_DATES).is_some() {
        let message = format!("ToDate must be from FromDate to {MOST_DATES} days later.");
        return Err(Refusal::invalid_parameter(message));
    }
    let time = |time: TimeOfDay| written(&time);
    let (mut open, mut applied) = (Vec::new(), Vec::new());
    for date in dates(from, till) {
        let (stretches, by) = effective(config, overrides, date);
        let stretches: Vec<_> = stretches
            .into_iter()
            .map(|(start, end)| json!({ "Start": time(start), "End": time(end) }))
            .collect();
        open.push(json!({ "Date": date.to_string(), "OperationalHours": stretches }));
        let by = by.iter().map(|Applied { by, start, end, open }| {
            let status = if *open { "OPEN" } else { "CLOSED" };
            json!({ "Start": time(*start), "End": time(*end), "OverrideName": by.name, "OperationalStatus": status })
        });
        let by: Vec<_> = by.collect();
        if !by.is_empty() {
            applied.push(json!({ "Date": date.to_string(), "OverrideHours": by }));
        }
    }
    Ok(json!({
        "EffectiveHoursOfOperationList": open,
        "EffectiveOverrideHoursList": applied,
        "TimeZone": time_zone,
    }))
}

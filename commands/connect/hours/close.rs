use desk_core::args;
use desk_core::basics::clean;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, list, same_name};
use desk_core::center::hours::{dates, pieces};
use desk_core::center::{HoursOverride, OverrideKind, OverrideSlot, date_words};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, OverrideAbsent, OverridePresent};
use desk_core::plan::{Plan, Step};
use desk_core::words::{EMERGENCY, Kind, REASON, Risk, Spec, Thing};
use jiff::civil::DateTime;

use crate::parts::hours::{self, Known};
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[OverridePresent::NEEDS, OverrideAbsent::NEEDS])
    .titled(|asked| format!("Close {}", subject::listed(asked, "hours of operation", "hours")));

args! {
    struct CloseArgs {
        hours: String = required(Kind::Text(600), "The hours of operation by name; separate several with ;, or all").of_several(Thing::Hours),
        from: Option<String> = optional(Kind::Moment(20), "Start: a date, a time today, or both; today by default"),
        until: Option<String> = optional(Kind::Moment(20), "End: a date, a time, or both; the end of that day by default"),
        name: Option<String> = optional(Kind::Text(127), "The name of the override, such as Christmas"),
        _ = REASON,
        _ = EMERGENCY,
    }
}

const SPEC: Spec = Spec {
    about: "Close outside the regular schedule: an emergency, a holiday, a few hours",
    help: "Adds overrides to the hours of operation. The weekly schedule stays unchanged and applies again when the override ends. Dates and times are in the time zone of the hours. `/connect hours open` ends a closing early.",
    risk: Risk::Sensitive,
    also: &["holiday"],
    args: CloseArgs::ARGS,
    examples: &[
        "/connect hours close \"Basic Hours\" reason:\"INC-1234 the building is evacuated\"",
        "/connect hours close \"Basic Hours\" from:2026-12-24 until:2026-12-26 name:Christmas",
        "/connect hours close all from:\"2026-11-23 13:00\" until:15:00 name:\"All hands\"",
    ],
    operations: &["GetEffectiveHoursOfOperations", "SearchHoursOfOperations", "SearchQueues"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let CloseArgs { hours, from, until, name } = CloseArgs::of(ask.args)?;
    let wanted = Wanted { kind: OverrideKind::Closed, from, until, name };
    plan(ask, &hours, &wanted).await.map(Answer::Plan)
}

/// What someone wants to hold for a while.
pub(crate) struct Wanted {
    pub(crate) kind: OverrideKind,
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) name: Option<String>,
}

/// Closes or opens these hours from one moment to another.
pub(crate) async fn plan(ask: &Ask<'_>, typed: &str, wanted: &Wanted) -> Result<Plan, Problem> {
    let closes = wanted.kind == OverrideKind::Closed;
    let mut looks = Vec::new();
    let mut when = Vec::new();
    for hours in hours::meant(ask, typed).await? {
        let (today, now) = (hours::local(&hours, ask.asked)?.date(), hours::local(&hours, ask.now)?);
        let (begin, end) = hours::stretch(wanted.from.as_deref(), wanted.until.as_deref(), today, now)?;
        when.push((begin, end));
        looks.push((hours, begin.date(), end.date()));
    }
    let all = hours::known(ask, looks).await?;
    let given = wanted.name.as_deref().map(hours::name).transpose()?;
    let mut steps = Vec::new();
    let mut changed = Vec::new();
    let mut warnings = wanted.name.as_deref().map(clean::notes).unwrap_or_default();
    for (known, (begin, end)) in all.iter().zip(&when) {
        let new = overrides(known, wanted.kind, given.as_deref(), pieces(*begin, *end))?;
        let mut then = known.today();
        then.extend(new.iter().cloned());
        let days = known.differences(&then);
        if days.is_empty() {
            continue;
        }
        known.has_room(new.len())?;
        warnings.extend(others(known, &new));
        for one in new {
            let verb = if closes { "Close" } else { "Open" };
            let title = format!("{verb} {}: {}", code(&known.hours.name), one.in_words());
            let present = OverridePresent { hours: known.named(), wanted: one.clone() };
            let absent = OverrideAbsent { hours: known.named(), id: None, gone: one };
            steps.push(Step::new(title, present).undone_by(absent));
        }
        changed.push((known, days));
    }
    if changed.is_empty() {
        return Err(nothing(&all, &when, closes));
    }
    // Where it is another day already, "today" is another date.
    let mut stretches: Vec<String> = Vec::new();
    for (known, (begin, end)) in all.iter().zip(&when) {
        let words = hours::stretch_words(*begin, *end);
        let is_changed = changed.iter().any(|(one, _)| one.hours.id == known.hours.id);
        if is_changed && !stretches.contains(&words) {
            stretches.push(words);
        }
    }
    let which = match changed.as_slice() {
        [(only, _)] => format!("{} ({})", code(&only.hours.name), only.hours.time_zone),
        several => format!("{} hours of operation, each in its own time zone,", several.len()),
    };
    let verb = if closes { "Close" } else { "Open" };
    let what = format!("{verb} {which} {}.", list(&stretches, "or"));
    let left = all.len() - changed.len();
    if left > 0 {
        let word = if closes { "closed" } else { "open" };
        warnings.push(format!(
            "{} already {word} then and {} unchanged.",
            if left == 1 { "1 is".to_owned() } else { format!("{left} are") },
            if left == 1 { "stays" } else { "stay" },
        ));
    }
    let shown: Vec<&Known> = changed.iter().map(|(known, _)| *known).collect();
    let queues = hours::queues(ask, &shown).await?;
    let mut plan = Plan { steps, warnings, ..Plan::new(what) };
    plan.blocks.push(hours::table(&changed));
    plan.warnings.push(queues);
    if closes {
        plan.warnings.push(
            "Flows check the hours when a contact arrives. Contacts already in a queue stay there, and no agent is signed out."
                .to_owned(),
        );
    }
    plan.said_once();
    Ok(plan)
}

/// The overrides that make these pieces of time what is wanted.
fn overrides(
    known: &Known,
    kind: OverrideKind,
    given: Option<&str>,
    pieces: Vec<(jiff::civil::Date, jiff::civil::Date, Option<desk_core::center::Span>)>,
) -> Result<Vec<HoursOverride>, Problem> {
    if let Some(name) = given
        && let Some(taken) = known.overrides.iter().find(|one| same_name(&one.of.name, name))
    {
        let message = format!(
            "{} has an override {} already: {}.",
            code(&known.hours.name),
            code(&taken.of.name),
            taken.of.in_words()
        );
        return Err(Problem::requester("override_exists", message).hint("Choose another name."));
    }
    let mut all: Vec<HoursOverride> = Vec::new();
    for (from, till, hours) in pieces {
        let word = if kind == OverrideKind::Closed { "Closed" } else { "Open" };
        let base = given.map_or_else(|| format!("{word} {}", date_words(from)), str::to_owned);
        let taken: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
        let slots = match (kind, hours) {
            // Without a stretch it closes the whole of each date; what opens has to say when.
            (OverrideKind::Closed, None) => Vec::new(),
            (_, hours) => vec![OverrideSlot { day: None, hours }],
        };
        all.push(HoursOverride {
            name: known.free_name(&base, &taken),
            description: None,
            kind,
            from,
            till,
            slots,
            recurrence: None,
        });
    }
    Ok(all)
}

/// Other overrides of the same dates, and which of them counts.
fn others(known: &Known, new: &[HoursOverride]) -> Vec<String> {
    let overlaps = |old: &HoursOverride| {
        let mut days = new.iter().flat_map(|one| dates(one.from, one.till));
        days.any(|date| old.applies(date))
    };
    let same = known.overrides.iter().filter(|one| overlaps(&one.of));
    same.map(|one| {
        let counts = match (new.first().map(|one| one.kind), one.of.kind) {
            (Some(OverrideKind::Closed), OverrideKind::Closed) => "both close",
            (Some(OverrideKind::Closed), _) => "closing has precedence over it",
            (_, OverrideKind::Closed) => "it has precedence, so its time stays closed",
            _ => "both hold",
        };
        format!(
            "{} has another override in this time, {} ({}): {counts}.",
            code(&known.hours.name),
            code(&one.of.name),
            one.of.in_words()
        )
    })
    .collect()
}

/// It is so already.
fn nothing(all: &[Known], when: &[(DateTime, DateTime)], closes: bool) -> Problem {
    let names: Vec<String> = all.iter().map(|known| code(&known.hours.name)).collect();
    let who = if names.len() == 1 { names.concat() } else { format!("All {} hours", names.len()) };
    let closing: Vec<String> = all
        .iter()
        .zip(when)
        .flat_map(|(known, (begin, end))| {
            let within = dates(begin.date(), end.date()).collect::<Vec<_>>();
            known.overrides.iter().filter(move |one| within.iter().any(|date| one.of.closes(*date)))
        })
        .map(|one| code(&one.of.name))
        .take(3)
        .collect();
    match closes {
        true => Problem::requester(
            "closed_already",
            format!("{who} is closed at that time anyway, so there is nothing to change."),
        )
        .hint("`/connect hours show` shows the schedule."),
        false if closing.is_empty() => Problem::requester(
            "open_already",
            format!("{who} is open at that time anyway, so there is nothing to change."),
        )
        .hint("`/connect hours show` shows the schedule."),
        false => Problem::requester(
            "open_kept_closed",
            format!(
                "Opening has no effect: {who} is open anyway, or {} keeps it closed.",
                closing.join(", ")
            ),
        )
        .hint("End a closing with `/connect hours open <hours> end:…`."),
    }
}

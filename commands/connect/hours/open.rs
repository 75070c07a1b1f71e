use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, did_you_mean, list, nearest, same_name};
use desk_core::center::{OverrideKind, PlacedOverride};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, OverrideAbsent, OverrideEnds, OverridePresent};
use desk_core::plan::{Plan, Step};
use desk_core::words::{EMERGENCY, Kind, REASON, Risk, Spec, Thing, quoted};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::close::{self, Wanted};
use crate::parts::hours::{self, Known};
use crate::parts::subject;

pub(crate) const COMMAND: Command =
    command!(SPEC, answer, &[OverridePresent::NEEDS, OverrideAbsent::NEEDS, OverrideEnds::NEEDS])
        .titled(|asked| format!("Open {}", subject::listed(asked, "hours of operation", "hours")));

/// How many days ahead of today the effect of ending an override is shown.
const AHEAD: i64 = 60;

args! {
    struct OpenArgs {
        hours: String = required(Kind::Text(600), "The hours of operation by name; separate several with ;, or all").of_several(Thing::Hours),
        from: Option<String> = optional(Kind::Moment(20), "Start of additional open hours: a date, a time today, or both"),
        until: Option<String> = optional(Kind::Moment(20), "End of additional open hours: a date, a time, or both"),
        name: Option<String> = optional(Kind::Text(127), "The name of the new override"),
        end: Option<String> = optional(Kind::Text(140), "The override to end, if it isn't the one that closes today").of(Thing::Override).held(),
        _ = REASON,
        _ = EMERGENCY,
    }
}

const SPEC: Spec = Spec {
    about: "End a closing, or open outside the regular schedule",
    help: "Without a time, it ends today's closing with all of its overrides: one that began earlier now ends yesterday; one that begins today or later is removed. With `from:` or `until:`, it adds open hours to the weekly schedule. Closings take precedence over openings.",
    risk: Risk::Sensitive,
    also: &["reopen"],
    args: OpenArgs::ARGS,
    examples: &[
        "/connect hours open \"Basic Hours\" from:\"2026-11-22 10:00\" until:14:00 name:\"Storm line\"",
    ],
    operations: &["GetEffectiveHoursOfOperations", "SearchHoursOfOperations", "SearchQueues"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let OpenArgs { hours, from, until, name, end } = OpenArgs::of(ask.args)?;
    if from.is_some() || until.is_some() {
        if end.is_some() {
            return Err(Problem::requester(
                "options_conflict",
                "`end` ends an override, and a time adds one.",
            )
            .hint("Leave out `end:…`, or `from:…` and `until:…`."));
        }
        let wanted = Wanted { kind: OverrideKind::Open, from, until, name };
        return close::plan(ask, &hours, &wanted).await.map(Answer::Plan);
    }
    ended(ask, &hours, end.as_deref()).await.map(Answer::Plan)
}

/// Ends what closes today, or an override by its name.
async fn ended(ask: &Ask<'_>, typed: &str, named: Option<&str>) -> Result<Plan, Problem> {
    let mut looks = Vec::new();
    let (mut todays, mut over) = (Vec::new(), None);
    for hours in hours::meant(ask, typed).await? {
        let (today, now) = (hours::local(&hours, ask.asked)?.date(), hours::local(&hours, ask.now)?);
        todays.push((today, now));
        looks.push((hours, today, today.checked_add(AHEAD.days()).unwrap_or(today)));
    }
    let all = hours::known(ask, looks).await?;
    let (mut steps, mut changed, mut warnings, mut said) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (known, (today, now)) in all.iter().zip(&todays) {
        let ended: Vec<&PlacedOverride> = match named {
            Some(name) => known.overrides.iter().filter(|one| same_name(&one.of.name, name)).collect(),
            None => {
                let today = known.overrides.iter().filter(|one| one.of.closes(*today));
                let (ended, left) = today.partition::<Vec<_>, _>(|one| one.of.is_over(*now));
                over = over.or_else(|| ended.first().map(|one| is_over(known, one)));
                left
            }
        };
        // A closing may be several overrides. One that is named with its number is meant by itself.
        let mut pieces: Vec<&PlacedOverride> = Vec::new();
        for one in ended.iter().filter(|_| !named.is_some_and(hours::is_numbered)) {
            for piece in known.pieces_of(one) {
                // What is over stays as it is.
                if piece.of.till >= *today && pieces.iter().all(|other| other.id != piece.id) {
                    pieces.push(piece);
                }
            }
        }
        let ended = if pieces.is_empty() { ended } else { pieces };
        let again = ended.iter().find(|one| one.of.recurrence.is_some());
        if let (Some(again), None) = (again, named) {
            let message = format!(
                "{} keeps {} closed today and recurs: {}.",
                code(&again.of.name),
                code(&known.hours.name),
                again.of.in_words()
            );
            let hint = format!("Name it to remove it permanently: `end:{}`.", quoted(&again.of.name));
            return Err(Problem::requester("override_recurs", message).hint(hint));
        }
        if ended.is_empty() {
            continue;
        }
        let mut then = known.today();
        for one in &ended {
            then.retain(|other| other.name != one.of.name);
            let (step, shorter) = step(known, one, *today)?;
            steps.push(step);
            if let Some(till) = shorter {
                let mut left = one.of.clone();
                left.till = till;
                then.push(left);
            }
            said.push(code(&one.of.name));
            if one.of.recurrence.is_some() {
                warnings.push(format!(
                    "{} is a recurring override and no longer recurs: {}.",
                    code(&one.of.name),
                    one.of.in_words()
                ));
            }
        }
        changed.push((known, known.differences(&then)));
    }
    if steps.is_empty() {
        return Err(over.unwrap_or_else(|| nothing_to_end(&all, named)));
    }
    let shown: Vec<&Known> = changed.iter().map(|(known, _)| *known).collect();
    let which = match shown.as_slice() {
        [only] => format!("{} ({})", code(&only.hours.name), only.hours.time_zone),
        several => format!("{} hours of operation", several.len()),
    };
    let mut plan =
        Plan { steps, warnings, ..Plan::new(format!("Open {which} again: end {}.", list(&said, "and"))) };
    let queues = hours::queues(ask, &shown).await?;
    plan.blocks.push(hours::table(&changed));
    plan.warnings.push(queues);
    plan.said_once();
    Ok(plan)
}

/// What ends an override, and its last date if it keeps some.
fn step(known: &Known, one: &PlacedOverride, today: Date) -> Result<(Step, Option<Date>), Problem> {
    let hours = known.named();
    let shown = format!("{} of {}", code(&one.of.name), code(&hours.name));
    if one.of.till < today {
        return Err(is_over(known, one));
    }
    let yesterday = today.yesterday().unwrap_or(today);
    if one.of.from < today && one.of.recurrence.is_none() {
        let ends = |till: Date, instead_of: Date| OverrideEnds {
            hours: hours.clone(),
            id: one.id.clone(),
            name: one.of.name.clone(),
            till,
            instead_of,
        };
        let step = Step::new(format!("End {shown} with yesterday"), ends(yesterday, one.of.till))
            .undone_by(ends(one.of.till, yesterday));
        return Ok((step, Some(yesterday)));
    }
    let gone = OverrideAbsent { hours: hours.clone(), id: Some(one.id.clone()), gone: one.of.clone() };
    let again = OverridePresent { hours, wanted: one.of.clone() };
    Ok((Step::new(format!("Remove {shown}"), gone).undone_by(again), None))
}

fn is_over(known: &Known, one: &PlacedOverride) -> Problem {
    let shown = format!("{} of {}", code(&one.of.name), code(&known.hours.name));
    Problem::requester("override_over", format!("{shown} is over: {}.", one.of.in_words()))
        .hint("`/connect hours show` lists those that aren't.")
}

fn nothing_to_end(all: &[Known], named: Option<&str>) -> Problem {
    let names = || all.iter().flat_map(|known| &known.overrides).map(|one| one.of.name.as_str());
    match named {
        Some(name) => {
            let near = nearest(name, names());
            let hint = did_you_mean(&near).unwrap_or_else(|| "`/connect hours show` lists the overrides.".to_owned());
            Problem::requester("override_unknown", format!("No override {}.", code(name)))
                .hint(hint)
                .instead_of(name, near.into_iter().map(str::to_owned).collect())
        }
        None => Problem::requester("not_closed", "No override closes it today, so there is nothing to end.").hint(
            "To open at a time when the week has it closed, add `from:…` and `until:…`; to end another override, `end:…`.",
        ),
    }
}

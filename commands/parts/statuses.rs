//! Agent statuses in commands: which one is meant, and what of it is set.

use desk_core::basics::ids;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{capital, code, list, plain, whole};
use desk_core::card::Block;
use desk_core::center::{AgentStatus, Named, StatusKind, names};
use desk_core::command::Ask;
use desk_core::plan::effect::{Detail, StatusField, StatusHas, StatusRef};
use desk_core::plan::{Plan, PlanContext, Step};
use desk_core::words::{self, Args, Spec, quoted};

/// Every status that an instance may have (AWS's quota, which can't be raised); none can be deleted.
pub(crate) const MOST: usize = 50;

/// The status that someone means, among all there are.
pub(crate) fn meant(typed: &str, all: &[AgentStatus]) -> Result<AgentStatus, Problem> {
    let names: Vec<Named> = all.iter().map(AgentStatus::named).collect();
    let named = names::resolve("agent status", typed, &names)?;
    let found = all.iter().find(|status| status.id == named.id);
    found.cloned().ok_or_else(|| {
        Problem::requester("name_unknown", format!("No agent status {}.", code(typed)))
            .hint("`/connect status list` shows them.")
    })
}

/// The line of a command with agents and a status that were typed in each other's places: the status at the end of these words, or
/// in front of them. None where they are anything else.
pub(crate) fn otherwise(
    (path, spec): (&str, &Spec),
    args: &Args,
    words: &[&str],
    all: &[AgentStatus],
) -> Option<Problem> {
    let (users, status) = among_logins(words, all)?;
    if !users.iter().all(|user| ids::looks_like_login(user)) {
        return None;
    }
    let mut options = args.options();
    options.retain(|(name, _)| !["login", "status", "logins"].contains(&name.as_str()));
    options.push(("status".to_owned(), status));
    if let Some((first, more)) = users.split_first() {
        options.push(("login".to_owned(), (*first).to_owned()));
        if !more.is_empty() {
            options.push(("logins".to_owned(), more.join(", ")));
        }
    }
    let lines = words::lines(path, spec, options);
    let message = "The status is not where it belongs.";
    (!lines.is_empty()).then(|| Problem::requester("status_place", message).offering(lines))
}

/// The agents and the status among words that were typed as either.
pub(crate) fn among_logins<'w>(words: &[&'w str], all: &[AgentStatus]) -> Option<(Vec<&'w str>, String)> {
    let is_status = |words: &[&str]| !words.is_empty() && meant(&words.join(" "), all).is_ok();
    let cuts = || (0..=words.len()).filter_map(|at| words.split_at_checked(at));
    let behind = cuts().find(|(_, status)| is_status(status));
    let in_front =
        || cuts().rev().map(|(status, users)| (users, status)).find(|(_, status)| is_status(status));
    let (users, status) = behind.or_else(in_front)?;
    let users = users.iter().flat_map(|word| word.split([',', ';']));
    let users = users.filter(|word| !word.is_empty() && *word != "and");
    Some((users.collect(), status.join(" ")))
}

/// A status that someone can be put into.
pub(crate) fn to_be_in(typed: &str, all: &[AgentStatus]) -> Result<StatusRef, Problem> {
    let status = meant(typed, all)?;
    if !status.enabled {
        let message = format!("The agent status {} is disabled.", whole(&status.name));
        return Err(Problem::requester("status_disabled", message).hint(format!(
            "Choose another one, or enable it with `/connect status enable {}`.",
            quoted(&status.name)
        )));
    }
    Ok(reference(&status))
}

pub(crate) fn reference(status: &AgentStatus) -> StatusRef {
    StatusRef { id: status.id.clone(), name: status.name.clone(), kind: status.kind }
}

/// What a status is now, of the same kinds as these fields.
pub(crate) fn as_it_is(status: &AgentStatus, fields: &[StatusField]) -> Vec<StatusField> {
    fields
        .iter()
        .map(|field| match field {
            StatusField::Name(_) => StatusField::Name(status.name.clone()),
            StatusField::Description(_) => {
                StatusField::Description(status.description.clone().unwrap_or_default())
            }
            StatusField::Enabled(_) => StatusField::Enabled(status.enabled),
            StatusField::Order(_) => StatusField::Order(status.order.unwrap_or(0)),
        })
        .collect()
}

/// A step that sets these of a status, as far as they are not so already; nothing where all are.
pub(crate) fn step(title: String, status: &AgentStatus, fields: Vec<StatusField>) -> Option<Step> {
    let now = as_it_is(status, &fields);
    let (fields, now): (Vec<StatusField>, Vec<StatusField>) =
        fields.into_iter().zip(now).filter(|(new, now)| new != now).unzip();
    if fields.is_empty() {
        return None;
    }
    let has = |fields| StatusHas { id: status.id.clone(), status: status.name.clone(), fields };
    Some(Step::new(title, has(fields)).undone_by(has(now)))
}

/// A plan of these steps, with before and after on its card.
pub(crate) fn plan(what: String, steps: Vec<Step>) -> Plan {
    Plan { blocks: vec![changes(&steps)], steps, ..Plan::new(what) }
}

/// What differs, before and after.
pub(crate) fn changes(steps: &[Step]) -> Block {
    let nothing_else = PlanContext { about: &[], before: &[] };
    let rows = steps.iter().flat_map(|step| step.effect.details(step.undo.as_ref(), &nothing_else));
    let rows: Vec<Detail> = rows.collect();
    // Of one status its name is above.
    let of =
        |row: &Detail| row.what.rsplit_once(": ").map(|(status, what)| (status.to_owned(), what.to_owned()));
    let are_of_one = rows.iter().all(|row| {
        of(row).is_some()
            && of(row).map(|(status, _)| status) == rows.first().and_then(of).map(|(status, _)| status)
    });
    let change = |row: Detail| {
        let what = match (row.login.as_str(), of(&row)) {
            ("", Some((_, what))) if are_of_one => capital(&what),
            ("", Some((status, what))) => {
                format!("{} of {}", capital(&what), whole(status.trim_start_matches("Agent status ")))
            }
            ("", None) => plain(&row.what, usize::MAX),
            (login, _) => format!("{} of {}", plain(&row.what, usize::MAX), whole(login)),
        };
        (what, whole(&or_none(row.before)), whole(&row.after))
    };
    Block::Changes(rows.into_iter().map(change).collect())
}

fn or_none(text: String) -> String {
    if text.is_empty() { "none".to_owned() } else { text }
}

/// What no one can do to the two statuses that every instance has.
pub(crate) fn not_custom(status: &AgentStatus, what: &str) -> Option<Problem> {
    let kind = match status.kind {
        StatusKind::Custom => return None,
        StatusKind::Routable => "for agents who take contacts",
        StatusKind::Offline => "for agents who are not working",
    };
    let message = format!("{} is the built-in status {kind}, so it can't be {what}.", whole(&status.name));
    Some(
        Problem::requester("status_of_amazon", message)
            .hint(format!("It can be renamed: `/connect status edit {} name:…`.", quoted(&status.name))),
    )
}

/// A plan that shows a status in the CCP, or hides it.
pub(crate) async fn in_ccp(ask: &Ask<'_>, typed: &str, enabled: bool) -> Result<Plan, Problem> {
    let status = meant(typed, &all(ask).await?)?;
    if let Some(problem) = not_custom(&status, "disabled").filter(|_| !enabled) {
        return Err(problem);
    }
    let shown = whole(&status.name);
    let (verb, is) = if enabled { ("Enable", "enabled") } else { ("Disable", "disabled") };
    let what = format!("{verb} the agent status {shown}");
    let Some(step) = step(what.clone(), &status, vec![StatusField::Enabled(enabled)]) else {
        let message = format!("The agent status {shown} is already {is}.");
        return Err(
            Problem::requester("edit_same", message).hint("`/connect status list` shows what is set.")
        );
    };
    let mut plan = plan(format!("{what}."), vec![step]);
    if !enabled {
        plan.warnings.push(format!("Agents in {shown} stay in it until they choose another status."));
    }
    Ok(plan)
}

/// Every status, as it is now.
pub(crate) async fn all(ask: &Ask<'_>) -> Result<Vec<AgentStatus>, Problem> {
    ask.center.agent_statuses().await
}

/// A status is set for those of whom one is reported; of these logins none is.
pub(crate) fn no_one_away(away: &[String]) -> Result<(), Problem> {
    if away.is_empty() {
        return Ok(());
    }
    let verb = if away.len() == 1 { "is" } else { "are" };
    let message =
        format!("{} {verb} not active (no status is reported), so no status can be set.", list(away, "and"));
    Err(Problem::requester("not_active", message)
        .hint("`/connect who` shows who is active; leave the others out."))
}

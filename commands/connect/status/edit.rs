use desk_core::args;
use desk_core::basics::clean;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{folded, whole};
use desk_core::center::StatusKind;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, StatusField, StatusHas};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::{routing, statuses, subject};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[StatusHas::NEEDS])
    .titled(|asked| format!("Edit agent status {}", subject::name(asked, "status")));

args! {
    struct EditArgs {
        status: String = required(Kind::Text(127), "Which agent status").of(Thing::AgentStatus),
        name: Option<String> = one_of(Kind::Text(127), "Its new name"),
        description: Option<String> = one_of(Kind::Text(250), "What it is for; none clears it"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Rename an agent status, or change its description",
    help: "Available and Offline can be renamed too. Reports show the new name, also for past data.",
    risk: Risk::Change,
    also: &["rename"],
    args: EditArgs::ARGS,
    examples: &[
        "/connect status edit Meeting name:\"Team meeting\"",
        "/connect status edit Break description:\"At most 15 minutes\"",
    ],
    operations: &["SearchAgentStatuses"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let EditArgs { status, name, description } = EditArgs::of(ask.args)?;
    let all = statuses::all(ask).await?;
    let status = statuses::meant(&status, &all)?;
    let shown = whole(&status.name);
    let notes = name.as_deref().map(clean::notes).unwrap_or_default();
    let name = name.as_deref().map(routing::seen).transpose()?;
    if let Some(name) = &name
        && let Some(other) =
            all.iter().find(|other| other.id != status.id && folded(&other.name) == folded(name))
    {
        let message = format!("Another agent status is called {}.", whole(&other.name));
        return Err(Problem::requester("status_exists", message).hint("Choose another name."));
    }
    let is_renamed = name.as_ref().is_some_and(|name| *name != status.name);
    let mut fields: Vec<StatusField> = name.into_iter().map(StatusField::Name).collect();
    fields.extend(
        description.map(|text| StatusField::Description(routing::given(Some(text)).unwrap_or_default())),
    );
    let Some(step) = statuses::step(format!("Set the agent status {shown}"), &status, fields) else {
        return Err(Problem::requester(
            "edit_same",
            format!("The agent status {shown} is already set that way."),
        )
        .hint("`/connect status list` shows what is set."));
    };
    let mut plan = statuses::plan(format!("Edit the agent status {shown}."), vec![step]);
    plan.warnings.extend(notes);
    if is_renamed {
        plan.warnings.push(match status.kind {
            StatusKind::Custom => format!("Reports and everyone's CCP show the new name instead of {shown}."),
            StatusKind::Routable | StatusKind::Offline => format!(
                "{shown} is a built-in status. Anything that uses its name, such as a report, no longer finds it."
            ),
        });
    }
    Ok(Answer::Plan(plan))
}

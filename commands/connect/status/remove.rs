use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::whole;
use desk_core::card::{Card, Style, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec, Thing, quoted};

use crate::parts::statuses;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct RemoveArgs {
        status: String = required(Kind::Text(127), "Which agent status").of(Thing::AgentStatus),
    }
}

const SPEC: Spec = Spec {
    about: "Why an agent status can't be removed, and what to do instead",
    help: "Amazon Connect can't delete an agent status. This command changes nothing and offers to disable the status.",
    risk: Risk::Read,
    also: &[],
    args: RemoveArgs::ARGS,
    examples: &["/connect status remove Training"],
    operations: &["SearchAgentStatuses"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let RemoveArgs { status } = RemoveArgs::of(ask.args)?;
    let status = statuses::meant(&status, &statuses::all(ask).await?)?;
    if let Some(problem) = statuses::not_custom(&status, "removed or disabled") {
        return Err(problem);
    }
    let shown = whole(&status.name);
    let card = Card::new(Tone::Plain, format!("{shown} can't be removed"))
        .text("Amazon Connect can't delete an agent status because reports still use it.");
    let card = match status.enabled {
        true => card.text(format!("Disable {shown} instead. Agents can then no longer choose it.")).says(
            format!("/connect status disable {}", quoted(&status.name)),
            "Disable it",
            Style::Quiet,
        ),
        false => card.text(format!("{shown} is disabled already: agents can't choose it.")),
    };
    Ok(Answer::Card(card.private()))
}

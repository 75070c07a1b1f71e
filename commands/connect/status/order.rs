use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::whole;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, StatusField, StatusHas};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::statuses;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[StatusHas::NEEDS])
    .titled(|asked| format!("Move agent status {}", subject::name(asked, "status")));

args! {
    struct OrderArgs {
        position: usize = required(Kind::Integer(1, 50), "Its position in the CCP, from 1"),
        status: String = required(Kind::Text(127), "Which agent status").of(Thing::AgentStatus),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Move an agent status to another position in the list of the CCP",
    help: "The other statuses keep their order. Each position that changes is a step of the plan.",
    risk: Risk::Change,
    also: &["sort"],
    args: OrderArgs::ARGS,
    examples: &["/connect status order 3 Lunch"],
    operations: &["SearchAgentStatuses"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let OrderArgs { position, status } = OrderArgs::of(ask.args)?;
    let mut all = statuses::all(ask).await?;
    let status = statuses::meant(&status, &all)?;
    if position > all.len() {
        let message =
            format!("There is no position {position}: the contact center has {} agent statuses.", all.len());
        return Err(Problem::requester("place_unknown", message)
            .hint(format!("Choose a position from 1 to {}.", all.len())));
    }
    all.retain(|other| other.id != status.id);
    all.insert(position - 1, status.clone());
    let steps: Vec<_> = (1..)
        .zip(&all)
        .filter_map(|(at, one)| {
            let title = format!("Put {} in position {at}", whole(&one.name));
            statuses::step(title, one, vec![StatusField::Order(at)])
        })
        .collect();
    let shown = whole(&status.name);
    if steps.is_empty() {
        return Err(Problem::requester("edit_same", format!("{shown} is in position {position} already."))
            .hint("`/connect status list` shows the order."));
    }
    Ok(Answer::Plan(statuses::plan(
        format!("Move the agent status {shown} to position {position} of the CCP's list."),
        steps,
    )))
}

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, StatusHas};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::statuses;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[StatusHas::NEEDS])
    .titled(|asked| format!("Disable agent status {}", subject::name(asked, "status")));

args! {
    struct DisableArgs {
        status: String = required(Kind::Text(127), "Which agent status").of(Thing::AgentStatus),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Hide an agent status in the CCP so that agents can't choose it",
    help: "A status can't be deleted. Agents already in it stay there until they choose another one, and past data stays in reports. Available and Offline can't be disabled.",
    risk: Risk::Change,
    also: &["hide"],
    args: DisableArgs::ARGS,
    examples: &["/connect status disable Training"],
    operations: &["SearchAgentStatuses"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let DisableArgs { status } = DisableArgs::of(ask.args)?;
    statuses::in_ccp(ask, &status, false).await.map(Answer::Plan)
}

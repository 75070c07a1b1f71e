use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, StatusHas};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::statuses;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[StatusHas::NEEDS])
    .titled(|asked| format!("Enable agent status {}", subject::name(asked, "status")));

args! {
    struct EnableArgs {
        status: String = required(Kind::Text(127), "Which agent status").of(Thing::AgentStatus),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Show an agent status in the CCP again so that agents can choose it",
    help: "",
    risk: Risk::Change,
    also: &["unhide"],
    args: EnableArgs::ARGS,
    examples: &["/connect status enable Training"],
    operations: &["SearchAgentStatuses"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let EnableArgs { status } = EnableArgs::of(ask.args)?;
    statuses::in_ccp(ask, &status, true).await.map(Answer::Plan)
}

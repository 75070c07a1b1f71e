use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::QueueHas;
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::queue_links;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[QueueHas::STATUS])
    .titled(|asked| format!("Disable {}", subject::listed(asked, "queue", "queue")));

args! {
    struct DisableArgs {
        queue: String = required(Kind::Text(2000), "Which queues, comma-separated").of_several(Thing::Queue),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Disable queues so that they take no new contacts",
    help: "",
    risk: Risk::Sensitive,
    also: &[],
    args: DisableArgs::ARGS,
    examples: &["/connect queue disable \"Contact Tracing Spanish\""],
    operations: &["ListQueues", "SearchRoutingProfiles"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let DisableArgs { queue } = DisableArgs::of(ask.args)?;
    queue_links::switch(ask, &queue, false).await.map(Answer::Plan)
}

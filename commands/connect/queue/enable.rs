use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::QueueHas;
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::queue_links;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[QueueHas::STATUS])
    .titled(|asked| format!("Enable {}", subject::listed(asked, "queue", "queue")));

args! {
    struct EnableArgs {
        queue: String = required(Kind::Text(2000), "Which queues, comma-separated").of_several(Thing::Queue),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Enable queues so that they take contacts again",
    help: "",
    risk: Risk::Sensitive,
    also: &[],
    args: EnableArgs::ARGS,
    examples: &["/connect queue enable \"Contact Tracing Spanish\""],
    operations: &["ListQueues", "SearchRoutingProfiles"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let EnableArgs { queue } = EnableArgs::of(ask.args)?;
    queue_links::switch(ask, &queue, true).await.map(Answer::Plan)
}

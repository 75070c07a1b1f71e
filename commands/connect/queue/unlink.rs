use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, QueueOffersAll, QueueOffersNone};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::queue_links;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[QueueOffersAll::NEEDS, QueueOffersNone::NEEDS])
    .titled(|asked| format!("Remove quick connects from {}", subject::listed(asked, "queue", "queue")));

args! {
    struct UnlinkArgs {
        queue: String = required(Kind::Text(2000), "Which queues, comma-separated").of_several(Thing::Queue),
        quick_connects: String = required(Kind::Text(4000), "Which quick connects, comma-separated").of_several(Thing::QuickConnect).held(),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Remove quick connects from queues",
    help: "The quick connects aren't deleted; agents no longer see them in these queues. `quick_connects:all` removes all of them. You can name several queues and several quick connects.",
    risk: Risk::Change,
    also: &[],
    args: UnlinkArgs::ARGS,
    examples: &["/connect queue unlink \"Callback\" quick_connects:\"John Doe\""],
    operations: &["ListQueues", "ListQuickConnects", "ListQueueQuickConnects"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let UnlinkArgs { queue, quick_connects } = UnlinkArgs::of(ask.args)?;
    queue_links::plan(ask, &queue, &quick_connects, false).await.map(Answer::Plan)
}

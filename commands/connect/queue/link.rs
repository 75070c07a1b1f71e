use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, QueueOffersAll, QueueOffersNone};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::queue_links;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[QueueOffersAll::NEEDS, QueueOffersNone::NEEDS])
    .titled(|asked| format!("Add quick connects to {}", subject::listed(asked, "queue", "queue")));

args! {
    struct LinkArgs {
        queue: String = required(Kind::Text(2000), "Which queues, comma-separated").of_several(Thing::Queue),
        quick_connects: String = required(Kind::Text(4000), "Which quick connects, comma-separated").of_several(Thing::QuickConnect),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Add quick connects to queues",
    help: "Agents see a quick connect only if a queue in their routing profile has it. Existing ones stay unchanged. You can name several queues and several quick connects.",
    risk: Risk::Change,
    also: &[],
    args: LinkArgs::ARGS,
    examples: &[
        "/connect queue link \"Callback\" quick_connects:\"Food bank,Help desk\"",
        "/connect queue link queue:\"Callback,Help Desk\" quick_connects:\"Mei Chen\"",
    ],
    operations: &["ListQueues", "ListQuickConnects", "ListQueueQuickConnects"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let LinkArgs { queue, quick_connects } = LinkArgs::of(ask.args)?;
    queue_links::plan(ask, &queue, &quick_connects, true).await.map(Answer::Plan)
}

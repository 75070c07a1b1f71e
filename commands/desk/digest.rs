use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::view::digest;
use desk_core::words::{Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

const SPEC: Spec = Spec {
    about: "Show what is open, what each request needs, missing reviews, and very quick approvals",
    help: "It can be posted daily ([digest] in the configuration). The policy says who else can read it.",
    risk: Risk::Read,
    also: &[],
    args: &[],
    examples: &["/desk digest"],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let digest = Box::pin(digest::gather(ask.log, ask.files, None, ask.now)).await?;
    Ok(Answer::Card(digest.card().private()))
}

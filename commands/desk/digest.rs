use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::command::{Answer, Ask, Command};
use desk_core::view::digest;
use desk_core::words::{Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Digest;

struct Digest;

const SPEC: Spec = Spec {
    about: "What is open and for whom it waits, what nobody reviewed or fetched, and hurried yeses",
    help: "A site may have it posted every day; the rules say who else reads it.",
    risk: Risk::Read,
    also: &[],
    args: &[],
    examples: &["/desk digest"],
    operations: &[],
};

#[async_trait]
impl Command for Digest {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let digest = Box::pin(digest::gather(ask.log, ask.files, ask.now)).await?;
        Ok(Answer::Card(digest.card().private()))
    }
}

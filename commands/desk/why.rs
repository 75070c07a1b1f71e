use async_trait::async_trait;
use desk_core::command::{Answer, Ask, Command};
use desk_core::explain::{Question, explain};
use desk_core::problem::Problem;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Why;

struct Why;

const SPEC: Spec = Spec {
    about: "Whether you may ask a command, which rule says so, and who could",
    help: "",
    risk: Risk::Look,
    args: &[Arg::required("command", Kind::Command, "Such as connect reset")],
    examples: &["/desk why connect reset"],
    operations: &[],
};

#[async_trait]
impl Command for Why {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let card = explain(Question {
            policy: ask.policy,
            protected: &ask.site.protected,
            commands: ask.commands,
            command: ask.args.word("command"),
            person: ask.by,
            place: ask.place,
            now: ask.now,
            emergency: false,
        })?;
        Ok(Answer::Card(card.private()))
    }
}

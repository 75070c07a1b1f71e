use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::card::{Block, Card, Tone};
use desk_core::command::{Answer, Ask, Command};
use desk_core::formats::sheet;
use desk_core::words::{Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Template;

struct Template;

const SPEC: Spec = Spec {
    about: "Get an empty sheet of users to fill in for /connect import",
    help: "Its columns are those of Amazon Connect's own template and what newer ones have beside them. The example row \
           may stay; an import skips it. docs/import.md says what may stand in each column.",
    risk: Risk::Look,
    also: &[],
    args: &[],
    examples: &["/connect template"],
    operations: &[],
};

#[async_trait]
impl Command for Template {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, _: &Ask<'_>) -> Result<Answer, Problem> {
        let card = Card::new(Tone::Plain, "A sheet of users to fill in")
            .text(
                "One row is one user. First name, last name, login, routing profile and security profile are needed, and an \
                 email address or a first password; what is left empty is as the desk sets up every new user. Several \
                 security profiles stand in one cell with a `|` between them.",
            )
            .text("Save it as `CSV UTF-8`, and give it to `/connect import`, which checks every row before it creates anybody.")
            .block(Block::File { name: "users.csv".to_owned(), text: sheet::template() });
        Ok(Answer::Card(card.private()))
    }
}

use desk_core::basics::problem::Problem;
use desk_core::basics::roles;
use desk_core::basics::text::code;
use desk_core::card::{Block, Card, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

const SPEC: Spec = Spec {
    about: "Show your account, your roles and your login",
    help: "",
    risk: Risk::Read,
    also: &["me"],
    args: &[],
    examples: &["/desk whoami"],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let by = ask.by;
    let roles = if by.roles.is_empty() {
        "none. Ask the bot's operator to add one".to_owned()
    } else {
        roles::words(&by.roles).replace(" or ", " and ")
    };
    let login = match &by.login {
        Some(login) => code(login),
        None => "not known to the desk".to_owned(),
    };
    let facts = vec![
        ("Account".to_owned(), code(&by.id.to_string())),
        ("Roles".to_owned(), roles),
        ("Login".to_owned(), login),
        ("Channel".to_owned(), code(&ask.place.channel)),
    ];
    let card = Card::new(Tone::Plain, format!("You are {}", code(&by.name))).block(Block::Facts(facts));
    Ok(Answer::Card(card.private()))
}

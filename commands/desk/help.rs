use async_trait::async_trait;
use desk_core::card::{Block, Card, Tone};
use desk_core::command::{Answer, Ask, Command};
use desk_core::policy::Matter;
use desk_core::problem::Problem;
use desk_core::text::{self, code};
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Help;

struct Help;

const SPEC: Spec = Spec {
    about: "What the desk can do, and how one command is typed",
    help: "",
    risk: Risk::Look,
    args: &[Arg::optional("command", Kind::Command, "One command, such as connect reset")],
    examples: &["/desk help", "/desk help connect reset"],
    operations: &[],
};

#[async_trait]
impl Command for Help {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let card = match ask.args.text("command") {
            None => list(ask),
            Some(path) => one(ask, path)?,
        };
        Ok(Answer::Card(card.private()))
    }
}

/// Only what this person may ask here; the rest is no help to them.
fn list(ask: &Ask<'_>) -> Card {
    let mut rows = Vec::new();
    for entry in ask.commands {
        let spec = entry.command.spec();
        let matter = Matter {
            command: entry.path,
            risk: spec.risk,
            touched: None,
            emergency: false,
            place: ask.place,
            now: ask.now,
        };
        if ask.policy.rule_for(&matter, ask.by).is_ok() {
            rows.push(vec![format!("/{}", entry.path), spec.about.to_owned()]);
        }
    }
    Card::new(Tone::Plain, "What you can ask here")
        .block(Block::Table { columns: vec!["Command".to_owned(), "What it does".to_owned()], rows })
        .text("`/desk help <command>` shows how one is typed; `/desk why <command>` says whether you may.")
}

fn one(ask: &Ask<'_>, path: &str) -> Result<Card, Problem> {
    let path = path.to_lowercase();
    let Some(entry) = ask.commands.iter().find(|entry| entry.path == path) else {
        let near = text::nearest(&path, ask.commands.iter().map(|entry| entry.path));
        let hint = text::did_you_mean(&near).unwrap_or_else(|| "`/desk help` lists them all.".to_owned());
        return Err(Problem::asker("command_unknown", format!("There is no command {}.", code(&path))).next(hint));
    };
    let spec = entry.command.spec();
    let mut card = Card::new(Tone::Plain, format!("/{}", entry.path)).text(format!("{}.", spec.about));
    if !spec.help.is_empty() {
        card = card.text(spec.help);
    }
    card = card.text(format!("`{}`", spec.usage(entry.path)));
    if !spec.args.is_empty() {
        let facts = spec.args.iter().map(|arg| (arg.name.to_owned(), arg.about.to_owned())).collect();
        card = card.block(Block::Facts(facts));
    }
    let examples = spec.examples.iter().map(|example| format!("`{example}`")).collect();
    Ok(card.block(Block::Points("For example".to_owned(), examples)))
}

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::card::{Block, Card, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::policy::Action;
use desk_core::words::{Kind, Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct HelpArgs {
        command: Option<String> = optional(Kind::Command, "One command, such as connect reset").in_place(),
    }
}

const SPEC: Spec = Spec {
    about: "Show what the desk can do, or how to use a command",
    help: "",
    risk: Risk::Read,
    also: &["hilfe"],
    args: HelpArgs::ARGS,
    examples: &["/desk help", "/desk help connect reset"],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let card = match HelpArgs::of(ask.args)?.command {
        None => list(ask, ""),
        Some(typed) => match group(ask, &typed) {
            Some(group) => list(ask, &group),
            None => one(ask, &typed)?,
        },
    };
    Ok(Answer::Card(card.private()))
}

/// The first words that several commands share, such as `connect` or `connect queue`, as paths begin with them.
fn group(ask: &Ask<'_>, typed: &str) -> Option<String> {
    let words = typed.trim().trim_start_matches('/').to_lowercase().replace('-', " ") + " ";
    ask.commands.iter().any(|entry| entry.path.starts_with(&words)).then_some(words)
}

/// Only what this person may ask here; the rest is no help to them.
fn list(ask: &Ask<'_>, group: &str) -> Card {
    let mut rows = Vec::new();
    for entry in ask.commands.iter().filter(|entry| entry.path.starts_with(group)) {
        let spec = entry.command.spec;
        let matter = Action {
            command: entry.path,
            risk: spec.risk,
            impact: None,
            emergency: false,
            place: ask.place,
            now: ask.now,
        };
        if ask.policy.rule_for(&matter, ask.by).is_ok() {
            rows.push(vec![format!("/{}", entry.path), spec.about.to_owned()]);
        }
    }
    Card::new(Tone::Plain, "Commands you can use here")
        .block(Block::table(["Command", "What it does"], rows))
        .text("`/desk help <command>` shows how to use one. `/desk why <command>` shows whether you are allowed to.")
}

fn one(ask: &Ask<'_>, typed: &str) -> Result<Card, Problem> {
    let entry = command::called(ask.commands, typed)?;
    let spec = entry.command.spec;
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

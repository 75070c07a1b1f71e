use desk_core::basics::problem::Problem;
use desk_core::card::{Block, Card, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::ports::health::{Stage, Status};
use desk_core::words::{Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// The longest list of requests, on a phone.
const SHOWN: usize = 10;

const SPEC: Spec = Spec {
    about: "Show whether the desk works, and if not, why and what to do",
    help: "Same information as `/healthz` and the metrics, in plain text.",
    risk: Risk::Read,
    also: &["status", "health"],
    args: &[],
    examples: &["/desk status"],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    Ok(Answer::Card(card(&ask.health).private()))
}

fn card(status: &Status) -> Card {
    let (tone, title) = match (status.works(), status.stage) {
        (false, _) => (Tone::Alarm, "The desk is degraded"),
        (true, Stage::Stopping) => (Tone::Runs, "The desk is stopping"),
        (true, Stage::Starting | Stage::Open) => (Tone::Good, "The desk works"),
    };
    let mut card = Card::new(tone, title);
    let points = |problems: &[Problem]| problems.iter().map(Problem::sentences).collect::<Vec<_>>();
    if !status.degraded.is_empty() {
        card.blocks.push(Block::Points("What is wrong".to_owned(), points(&status.degraded)));
        card = card.text("Commands that only read still work. Changes wait or are refused.");
    }
    if !status.found.is_empty() {
        card.blocks.push(Block::Points("Warnings".to_owned(), points(&status.found)));
    }
    if !status.unreadable.is_empty() {
        let mut lines: Vec<String> = status
            .unreadable
            .iter()
            .take(SHOWN)
            .map(|(no, _)| format!("{no}, see `/desk history {}`", no.0))
            .collect();
        let more = status.unreadable.len() - lines.len();
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        card.blocks.push(Block::Points("Open requests that can't be read".to_owned(), lines));
    }
    if !status.untold.is_empty() {
        let untold = status.untold.iter().take(SHOWN);
        let mut lines: Vec<String> = untold.map(|(no, problem)| format!("{no}: {}", problem.hint)).collect();
        let more = status.untold.len() - lines.len();
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        card.blocks.push(Block::Points("Requests of which people couldn't be notified".to_owned(), lines));
    }
    if card.blocks.is_empty() {
        return card.text("Amazon Connect answers and the log can be written.");
    }
    card
}

use desk_core::basics::problem::Problem;
use desk_core::basics::text::count;
use desk_core::card::{Block, Card, Tone};
use desk_core::center::{AgentStatus, StatusKind};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Risk, Spec};

use crate::parts::statuses;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

const SPEC: Spec = Spec {
    about: "List agent statuses in CCP order",
    help: "Agents get contacts only in the routable status. Agents can't choose a disabled status; its past data stays in reports.",
    risk: Risk::Read,
    also: &["statuses"],
    args: &[],
    examples: &["/connect status list"],
    operations: &["SearchAgentStatuses"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let all = statuses::all(ask).await?;
    let row = |status: &AgentStatus| vec![status.name.clone(), words(status)];
    let rows = all.iter().map(row);
    let title = match all.len() {
        1 => "1 agent status".to_owned(),
        n => format!("{n} agent statuses"),
    };
    let mut card = Card::new(Tone::Plain, title).block(Block::table(["Status", "What it is"], rows));
    let left = statuses::MOST.saturating_sub(all.len());
    card = card.footer(match left {
        0 => format!("{} is the limit, and none can be deleted", statuses::MOST),
        n => format!("room for {}", count(n, "more status")),
    });
    Ok(Answer::Card(card.private()))
}

/// "custom · disabled · 3rd in the CCP · A short break."
fn words(status: &AgentStatus) -> String {
    let kind = match status.kind {
        StatusKind::Routable => "contacts are routed",
        StatusKind::Offline => "offline",
        StatusKind::Custom => "custom",
    };
    let mut parts = vec![kind.to_owned()];
    parts.extend((!status.enabled).then(|| "disabled".to_owned()));
    parts.extend(status.order.map(|at| format!("position {at}")));
    parts.extend(status.description.clone());
    parts.join(" · ")
}

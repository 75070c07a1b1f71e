use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::span::clock;
use desk_core::basics::text::code;
use desk_core::card::{Block, Card, Style, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec};
use jiff::Timestamp;

use crate::parts::salesforce::{self, Agent};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct ShowArgs {
        login: String = required(Kind::Login, "The login in Amazon Connect (case-sensitive)"),
    }
}

const SPEC: Spec = Spec {
    about: "Show an agent's Salesforce user: active, frozen, license, permission sets, call center",
    help: "The configuration says how an agent's Salesforce user is found. If none or several match, that is shown; the desk never guesses. The answer is private because it contains personal data.",
    risk: Risk::Read,
    also: &["permissions", "find", "list", "view"],
    args: ShowArgs::ARGS,
    examples: &["/salesforce show john.doe"],
    operations: &[
        "SearchUsers",
        "DescribeUser",
        "SearchUserHierarchyGroups",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let agent = salesforce::agent(ask, &ShowArgs::of(ask.args)?.login, false).await?;
    Ok(Answer::Card(card(&agent, ask.now).private()))
}

fn card(agent: &Agent, now: Timestamp) -> Card {
    let Agent { login, there, .. } = agent;
    let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let mut facts = vec![
        ("Salesforce user".to_owned(), code(&there.username)),
        ("Name".to_owned(), code(&there.name)),
        ("Active".to_owned(), yes_no(there.active)),
        ("Frozen".to_owned(), yes_no(there.frozen)),
        ("License".to_owned(), there.license.as_deref().map_or_else(|| "unknown".to_owned(), code)),
    ];
    let sets: Vec<String> = there
        .sets
        .iter()
        .map(|held| {
            let whose = if held.set.of_the_package { "" } else { " (this org's own)" };
            let until = match held.expires {
                _ if held.expired => " (expired)".to_owned(),
                Some(expires) => format!(" (until {})", clock(expires, now)),
                None => String::new(),
            };
            format!("{}{whose}{until}", code(&held.set.name))
        })
        .collect();
    let sets = if sets.is_empty() { "none".to_owned() } else { sets.join(", ") };
    facts.push(("Permission sets".to_owned(), sets));
    let center = match &there.call_center {
        Some(center) => format!("{} ({})", code(&center.internal_name), code(&center.label)),
        None => "none".to_owned(),
    };
    facts.push(("Call center".to_owned(), center));
    let mut card = Card::new(Tone::Plain, format!("{} in Salesforce", code(login)))
        .block(Block::Facts(facts))
        .footer(format!("id {}", there.id));
    if let Some(whose) = agent.whose() {
        card = card.warning(whose);
    }
    if !there.active {
        card = card.warning(
            "The user is inactive and can't sign in. Ask a Salesforce administrator to activate them.",
        );
    }
    if let Some(problem) = there.call_center.as_ref().and_then(|center| center.untouchable.as_ref()) {
        card = card.warning(problem.sentences());
    }
    for (line, label) in salesforce::offers(agent) {
        card = card.says(line, label, Style::Quiet);
    }
    card
}

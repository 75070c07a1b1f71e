use desk_core::args;
use desk_core::basics::clean;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{folded, whole};
use desk_core::card::Block;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, StatusPresent};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec, quoted};

use crate::parts::{routing, statuses, subject};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[StatusPresent::NEEDS])
    .titled(|asked| format!("Add agent status {}", subject::name(asked, "name")));

args! {
    struct AddArgs {
        name: String = required(Kind::Text(127), "The name, such as Coaching"),
        description: Option<String> = optional(Kind::Text(250), "What it is for"),
        enabled: Option<bool> = optional(Kind::Flag, "Whether agents can choose it in the CCP; true by default"),
        position: Option<i64> = optional(Kind::Integer(1, 50), "Its position in the CCP"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Add a custom agent status, such as Coaching",
    help: "Agents in a custom status get no contacts. Amazon Connect can't delete a status, so an instance with 50 takes no more. Disable a status that is no longer needed.",
    risk: Risk::Change,
    also: &[],
    args: AddArgs::ARGS,
    examples: &[
        "/connect status add Coaching",
        "/connect status add Coaching description:\"A talk with the team lead\" position:3",
    ],
    operations: &["SearchAgentStatuses"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let AddArgs { name, description, enabled, position } = AddArgs::of(ask.args)?;
    let description = routing::given(description);
    let notes = clean::notes(&name);
    let name = routing::seen(&name)?;
    let all = statuses::all(ask).await?;
    if let Some(same) = all.iter().find(|status| folded(&status.name) == folded(&name)) {
        let problem = Problem::requester(
            "status_exists",
            format!("The agent status {} already exists.", whole(&same.name)),
        );
        return Err(problem.hint(match same.enabled {
            true => "Choose another name, or change it with `/connect status edit`.".to_owned(),
            false => {
                format!("It is disabled. Enable it with `/connect status enable {}`.", quoted(&same.name))
            }
        }));
    }
    if all.len() >= statuses::MOST {
        let unused = all.iter().find(|status| !status.enabled);
        let hint = match unused {
            Some(unused) => format!(
                "Reuse a disabled one: rename it with `/connect status edit {} name:{}`, and enable it.",
                quoted(&unused.name),
                quoted(&name)
            ),
            None => "Rename one that is no longer needed with `/connect status edit`.".to_owned(),
        };
        let message = format!(
            "The contact center has {} agent statuses, which is the limit, and none can be deleted.",
            all.len()
        );
        return Err(Problem::requester("statuses_full", message).hint(hint));
    }
    let enabled = enabled.unwrap_or(true);
    let mut facts = vec![
        ("Status".to_owned(), whole(&name)),
        ("In the CCP".to_owned(), if enabled { "shown" } else { "not shown (disabled)" }.to_owned()),
    ];
    facts.extend(description.as_ref().map(|text| ("Description".to_owned(), whole(text))));
    facts.extend(position.map(|at| ("Position".to_owned(), at.to_string())));
    let effect = StatusPresent {
        name: name.clone(),
        description,
        enabled,
        order: position.and_then(|at| at.try_into().ok()),
    };
    let step = Step::new(format!("Add the agent status {}", whole(&name)), effect).pivot();
    Ok(Answer::Plan(Plan {
        blocks: vec![Block::Facts(facts)],
        warnings: notes,
        steps: vec![step],
        lost: vec![format!(
            "one of the {} places for agent statuses; none can be deleted, and undo disables it",
            statuses::MOST
        )],
        ..Plan::new(format!("Add the agent status {}. Agents in it get no contacts.", whole(&name)))
    }))
}

//! Quick connects into queues and out of them, and queues on and off.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, whole};
use desk_core::card::Block;
use desk_core::center::{Named, QUICK_CONNECTS_OF_QUEUE};
use desk_core::command::Ask;
use desk_core::plan::effect::{QueueField, QueueHas};
use desk_core::plan::{Plan, Step};

use crate::parts::{routing, users};

/// The most pairs of a queue and a quick connect in one request.
const LINKS_MAX: usize = 5_000;

/// What a queue is that is disabled, for a warning.
pub(crate) const DISABLED: &str =
    "A disabled queue takes no new contacts. Contacts already waiting are still offered to agents.";

/// A plan by which queues offer quick connects, or no longer do. What is so already is left alone.
pub(crate) async fn plan(
    ask: &Ask<'_>,
    queues: &str,
    quick_connects: &str,
    offered: bool,
) -> Result<Plan, Problem> {
    let queues = routing::several("queue", queues, &ask.center.queues().await?)?;
    let everything = quick_connects.trim().eq_ignore_ascii_case("all");
    let all = ask.center.quick_connects().await?;
    let wanted = match everything {
        true => all,
        false => routing::several("quick connect", quick_connects, &all)?,
    };
    if wanted.len() * queues.len() > LINKS_MAX {
        let message = format!(
            "{} in {} is too much for one request.",
            count(wanted.len(), "quick connect"),
            count(queues.len(), "queue")
        );
        return Err(Problem::requester("links_too_many", message).hint("Start with some of the queues."));
    }
    let mut plan = Plan::new(String::new());
    let mut rows = Vec::new();
    let mut touched: Vec<&Named> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let looks = queues.iter().map(|queue| ask.center.offered_by(&queue.id));
    for (queue, there) in queues.iter().zip(users::side_by_side(looks).await?) {
        let is_there = |one: &&Named| there.iter().any(|other| other.id == one.id);
        let changed: Vec<String> =
            wanted.iter().filter(|one| is_there(one) != offered).map(|one| one.name.clone()).collect();
        if offered && there.len() + changed.len() > QUICK_CONNECTS_OF_QUEUE {
            let message = format!(
                "{} would have {} quick connects. A queue can have at most {QUICK_CONNECTS_OF_QUEUE}.",
                code(&queue.name),
                there.len() + changed.len()
            );
            return Err(Problem::requester("queue_full", message).hint("Remove some from the queue first."));
        }
        if changed.is_empty() {
            continue;
        }
        touched.push(queue);
        names.extend(changed.iter().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
        rows.push(vec![queue.name.clone(), changed.join(", ")]);
        plan.steps.extend(routing::offering(queue, &changed, offered));
    }
    let what = match names.as_slice() {
        [only] => format!("the quick connect {}", whole(only)),
        many => count(many.len(), "quick connect"),
    };
    let where_ = match touched.as_slice() {
        [only] => format!("the queue {}", whole(&only.name)),
        many => count(many.len(), "queue"),
    };
    plan.what = match (touched.is_empty(), offered) {
        (true, true) => "These queues already have them.".to_owned(),
        (true, false) => "These queues have none of them.".to_owned(),
        (false, true) => format!("Add {what} to {where_}."),
        (false, false) => format!("Remove {what} from {where_}."),
    };
    if !rows.is_empty() {
        plan.blocks.push(Block::table(["Queue", "Quick connects"], rows));
    }
    Ok(plan)
}

/// A plan by which queues are enabled or disabled.
pub(crate) async fn switch(ask: &Ask<'_>, queues: &str, on: bool) -> Result<Plan, Problem> {
    let queues = routing::several("queue", queues, &ask.center.queues().await?)?;
    let profiles = ask.center.all_routing_profiles().await?;
    let mut plan = Plan::new(String::new());
    let mut rows = Vec::new();
    for named in &queues {
        let Some(queue) = ask.center.queue_with_id(&named.id).await? else { continue };
        if queue.enabled == on {
            plan.warnings.push(format!(
                "{} is already {}.",
                whole(&queue.name),
                if on { "enabled" } else { "disabled" }
            ));
            continue;
        }
        let has = |enabled| QueueHas {
            queue_id: queue.id.clone(),
            queue: queue.name.clone(),
            field: QueueField::Enabled(enabled),
        };
        let serving = profiles.iter().filter(|profile| profile.queue_ids.contains(&queue.id));
        let users: u64 = serving.map(|profile| profile.users).sum();
        let users = usize::try_from(users).unwrap_or(usize::MAX);
        rows.push(vec![queue.name.clone(), count(users, "user")]);
        let verb = if on { "Enable" } else { "Disable" };
        plan.steps
            .push(Step::new(format!("{verb} the queue {}", whole(&queue.name)), has(on)).undone_by(has(!on)));
    }
    let verb = if on { "Enable" } else { "Disable" };
    plan.what = match rows.as_slice() {
        [] => format!("Nothing has to be {}.", if on { "enabled" } else { "disabled" }),
        [only] => format!("{verb} the queue {}.", whole(only.first().map_or("", |name| name))),
        many => format!("{verb} {}.", count(many.len(), "queue")),
    };
    if !rows.is_empty() {
        plan.blocks.push(Block::table(["Queue", "Users"], rows));
        if !on {
            plan.warnings.push(DISABLED.to_owned());
        }
    }
    Ok(plan)
}

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, whole};
use desk_core::card::Block;
use desk_core::center::{Channel, Named};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, Pair, ProfileServes, ProfileServesNot};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::queue_settings::{self, Served};
use crate::parts::routing;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[ProfileServesNot::NEEDS, ProfileServes::NEW])
    .titled(|asked| {
        format!("Remove queues from routing profile {}", subject::name(asked, "routing_profile"))
    });

args! {
    struct UnlinkArgs {
        routing_profile: String = required(Kind::RoutingProfile, "Which routing profile"),
        queues: String = required(Kind::Text(4000), "Which queues, comma-separated").of_several(Thing::Queue).held(),
        channels: Option<String> =
            optional(Kind::Text(60), "Channels, comma-separated; all by default"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Remove queues from a routing profile, in all channels or some",
    help: "This affects every user with the profile. A queue that no longer exists can be removed from the profile too.",
    risk: Risk::Sensitive,
    also: &[],
    args: UnlinkArgs::ARGS,
    examples: &["/connect routing unlink \"Case Investigator Profile\" queues:Callback channels:chat,task"],
    operations: &["ListRoutingProfiles", "DescribeRoutingProfile", "ListRoutingProfileQueues"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let UnlinkArgs { routing_profile, queues, channels } = UnlinkArgs::of(ask.args)?;
    let profile = routing::profile(ask, &routing_profile).await?;
    let there = ask.center.served_by(&profile.id).await?;
    let mut named: Vec<Named> = there.iter().map(|one| one.queue.clone()).collect();
    named.sort();
    named.dedup();
    let queues = routing::several("queue of this routing profile", &queues, &named)?;
    let channels = match channels {
        Some(typed) => routing::channels(&typed)?,
        None => Channel::ALL.to_vec(),
    };
    let gone: Vec<Pair> = there
        .iter()
        .filter(|one| queues.contains(&one.queue) && channels.contains(&one.channel))
        .map(queue_settings::pair)
        .collect();
    let shown = whole(&profile.name);
    let mut plan = Plan::new(match gone.len() {
        0 => format!("The routing profile {shown} doesn't have these queues in these channels."),
        _ => format!("Remove {} from the routing profile {shown}.", count(queues.len(), "queue")),
    });
    if gone.is_empty() {
        return Ok(Answer::Plan(plan));
    }
    let says = |pair: &Pair| {
        let delay = if pair.delay > 0 { format!(", after {} s", pair.delay) } else { String::new() };
        whole(&format!("priority {}{delay}", pair.priority))
    };
    let changes = gone
        .iter()
        .map(|pair| (format!("{} ({})", whole(&pair.queue), pair.channel.word()), says(pair), whole("none")));
    plan.blocks.push(Block::Changes(changes.collect()));
    if gone.len() == there.len() {
        plan.warnings.push(routing::NO_QUEUES.to_owned());
    }
    plan.warnings.extend(routing::touches(&profile));
    let served = Served { id: Some(&profile.id), name: &profile.name, agents: profile.users };
    let is_left = |pair: &&Pair| {
        !there.iter().any(|one| one.is_gone() && pair.queue_id.as_ref() == Some(&one.queue.id))
    };
    let (left, lost): (Vec<&Pair>, Vec<&Pair>) = gone.iter().partition(is_left);
    let taking = |pairs: Vec<&Pair>| served.taking(&pairs.into_iter().cloned().collect::<Vec<_>>());
    plan.steps.extend(taking(left));
    // Nothing can put a queue that no longer exists back into a profile.
    for (i, step) in taking(lost).into_iter().enumerate() {
        let step = Step { undo: None, ..step };
        plan.steps.push(if i == 0 { step.pivot() } else { step });
    }
    Ok(Answer::Plan(plan))
}

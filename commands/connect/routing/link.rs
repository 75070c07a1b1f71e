use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, whole};
use desk_core::card::Block;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::Plan;
use desk_core::plan::effect::{EffectKind as _, Pair, ProfileServes, ProfileServesNot};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing, quoted};

use crate::parts::queue_settings::{self, Served};
use crate::parts::routing;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[ProfileServes::NEEDS, ProfileServesNot::NEEDS])
    .titled(|asked| format!("Add queues to routing profile {}", subject::name(asked, "routing_profile")));

args! {
    struct LinkArgs {
        routing_profile: String = required(Kind::RoutingProfile, "Which routing profile"),
        queues: String = required(Kind::Text(4000), "Which queues, comma-separated").of_several(Thing::Queue),
        channels: Option<String> =
            optional(Kind::Text(60), "Channels, comma-separated; all channels of the profile by default"),
        priority: Option<usize> = optional(Kind::Integer(1, 99), "The priority; 1 (highest) by default"),
        delay: Option<usize> = optional(Kind::Seconds(0, 9999), "The delay before contacts are offered; 0 by default"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Add queues to a routing profile, or change their priority and delay",
    help: "If the profile already has a queue, its priority and delay are changed. This affects every user with the profile. A profile can have at most 50 queue-channel pairs.",
    risk: Risk::Sensitive,
    also: &[],
    args: LinkArgs::ARGS,
    examples: &[
        "/connect routing link \"Basic Routing Profile\" queues:\"Help Desk,Callback\" channels:voice priority:2 delay:30",
        "/connect routing link \"Basic Routing Profile\" queues:BasicQueue channels:voice priority:3",
    ],
    operations: &["ListRoutingProfiles", "DescribeRoutingProfile", "ListRoutingProfileQueues", "ListQueues"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let LinkArgs { routing_profile, queues, channels, priority, delay } = LinkArgs::of(ask.args)?;
    let profile = routing::profile(ask, &routing_profile).await?;
    let queues = routing::several("queue", &queues, &ask.center.queues().await?)?;
    let channels = match channels {
        Some(typed) => routing::channels(&typed)?,
        None => profile.slots.iter().map(|one| one.channel).collect(),
    };
    if let Some(lacking) = channels.iter().find(|one| !profile.slots.iter().any(|have| have.channel == **one))
    {
        let word = lacking.word();
        let message = format!(
            "{} doesn't have the channel {word}, so its agents would never get these contacts.",
            code(&profile.name)
        );
        return Err(Problem::requester("channel_lacking", message)
            .hint(format!("Turn it on first: `/connect routing edit {} {word}:1`.", quoted(&profile.name))));
    }
    let there = ask.center.served_by(&profile.id).await?;
    let number = |given: Option<usize>| given.and_then(|given| u32::try_from(given).ok());
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for queue in &queues {
        for channel in &channels {
            let old = there.iter().find(|one| one.queue.id == queue.id && one.channel == *channel);
            let pair = Pair {
                queue_id: Some(queue.id.clone()),
                queue: queue.name.clone(),
                channel: *channel,
                priority: number(priority).or(old.map(|old| old.priority)).unwrap_or(1),
                delay: number(delay).or(old.map(|old| old.delay)).unwrap_or(0),
            };
            match old.map(queue_settings::pair) {
                None => new.push(pair),
                Some(old) if old != pair => changed.push((pair, old)),
                Some(_) => {}
            }
        }
    }
    queue_settings::room_for(ask, &profile.name, there.len(), new.len()).await?;
    let shown = whole(&profile.name);
    let served = Served { id: Some(&profile.id), name: &profile.name, agents: profile.users };
    let mut plan = Plan::new(match (new.len(), changed.len()) {
        (0, 0) => format!("The routing profile {shown} serves these queues like that already."),
        (_, 0) => format!("Add {} to the routing profile {shown}.", count(queues.len(), "queue")),
        (0, n) => format!("Change {} of the routing profile {shown}.", count(n, "queue-channel pair")),
        _ => format!("Add or change {} of the routing profile {shown}.", count(queues.len(), "queue")),
    });
    let says = |pair: &Pair| {
        let delay = if pair.delay > 0 { format!(", after {} s", pair.delay) } else { String::new() };
        whole(&format!("priority {}{delay}", pair.priority))
    };
    let line = |pair: &Pair| format!("{} ({})", whole(&pair.queue), pair.channel.word());
    let changes: Vec<_> = new
        .iter()
        .map(|pair| (line(pair), whole("none"), says(pair)))
        .chain(changed.iter().map(|(pair, old)| (line(pair), says(old), says(pair))))
        .collect();
    if !changes.is_empty() {
        plan.blocks.push(Block::Changes(changes));
        plan.warnings.extend(routing::touches(&profile));
    }
    plan.steps.extend(served.adding(&new));
    plan.steps.extend(served.changing(&changed));
    Ok(Answer::Plan(plan))
}

use std::collections::BTreeSet;

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, whole};
use desk_core::card::Block;
use desk_core::center::{Channel, Named, PAIRS_AT_ONCE, names};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{
    ChannelSlots, EffectKind as _, NewRoutingProfileAbsent, Pair, ProfileServes, ProfileServesNot,
    RoutingProfilePresent,
};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::queue_settings::{self, Served};
use crate::parts::routing;
use crate::parts::slots::SlotArgs;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(
    SPEC,
    answer,
    &[
        RoutingProfilePresent::NEEDS,
        NewRoutingProfileAbsent::NEEDS,
        ProfileServes::NEW,
        ProfileServesNot::NEEDS,
    ]
)
.titled(|asked| format!("Add routing profile {}", subject::name(asked, "name")));

args! {
    struct AddArgs {
        name: String = required(Kind::Text(127), "The name of the routing profile"),
        like: Option<String> =
            optional(Kind::RoutingProfile, "A routing profile to copy channels and queues from"),
        description: Option<String> = optional(Kind::Text(250), "What it is for; its name by default"),
        default_queue: Option<String> = optional(Kind::Text(127), "The default outbound queue").of(Thing::Queue),
        ..slots: SlotArgs,
        queues: Option<String> = optional(Kind::Text(4000), "Its queues, comma-separated").of_several(Thing::Queue),
        channels: Option<String> =
            optional(Kind::Text(60), "Channels for the queues, comma-separated; all by default"),
        priority: Option<usize> = optional(Kind::Integer(1, 99), "The priority; 1 (highest) by default"),
        delay: Option<usize> = optional(Kind::Seconds(0, 9999), "The delay before contacts are offered; 0 by default"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Create a routing profile: channels, and queues with priority and delay",
    help: "It takes voice contacts unless you name channels. With `like`, what you don't give of description, channels, default queue and queues is copied from that profile; manual assignment queues, the agent availability timer and tags are not. Assign it to users with `/connect edit`.",
    risk: Risk::Sensitive,
    also: &[],
    args: AddArgs::ARGS,
    examples: &[
        "/connect routing add \"Vaccination Profile\" default_queue:\"Help Desk\" voice:1 task:2 queues:\"Help Desk,Callback\"",
        "/connect routing add \"Weekend Profile\" like:\"Resource Coordinator Profile\"",
    ],
    operations: &[
        "ListRoutingProfiles",
        "DescribeRoutingProfile",
        "ListRoutingProfileManualAssignmentQueues",
        "ListRoutingProfileQueues",
        "ListQueues",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let args = AddArgs::of(ask.args)?;
    let profiles = ask.center.routing_profile_list().await?;
    let (name, notes) = routing::new_name("routing profile", &args.name, &profiles)?;
    let queues = ask.center.queues().await?;
    let model = match &args.like {
        Some(like) => {
            let model = routing::profile(ask, like).await?;
            let pairs = ask.center.served_by(&model.id).await?;
            Some((model, pairs))
        }
        None => None,
    };
    let channels = channels(&args, model.as_ref().map(|(model, _)| routing::writable(model)).transpose()?)?;
    let default_queue =
        default_queue(&args, &queues, model.as_ref().and_then(|(model, _)| model.default_queue_id.as_ref()))?;
    let mut pairs = match &args.queues {
        Some(typed) => {
            let wanted = match &args.channels {
                Some(typed) => routing::channels(typed)?,
                None => channels.iter().map(|one| one.channel).collect(),
            };
            if let Some(lacking) =
                wanted.iter().find(|wanted| !channels.iter().any(|one| one.channel == **wanted))
            {
                let word = lacking.word();
                let message = format!(
                    "The profile doesn't have the channel {word}, so its agents would never get these contacts."
                );
                return Err(Problem::requester("channel_lacking", message).hint(format!("Add `{word}:1`.")));
            }
            pairs_of(&routing::several("queue", typed, &queues)?, &wanted, &args)
        }
        None => {
            let all = model.iter().flat_map(|(_, pairs)| pairs);
            all.filter(|pair| !pair.is_gone()).map(queue_settings::pair).collect()
        }
    };
    pairs.retain(|pair| channels.iter().any(|one| one.channel == pair.channel));
    queue_settings::room_for(ask, &name, 0, pairs.len()).await?;
    // It can't be without one.
    let description = match &args.description {
        Some(text) if routing::is_none(text) => None,
        Some(text) => Some(text.clone()),
        None => model.as_ref().and_then(|(model, _)| model.description.clone()),
    };
    let description = description.unwrap_or_else(|| name.clone());
    let shown = whole(&name);
    let slots: Vec<String> =
        channels.iter().map(|one| format!("{} {}", one.channel.word(), one.slots)).collect();
    let mut facts = vec![
        ("Description".to_owned(), whole(&description)),
        ("Channels".to_owned(), slots.join(", ")),
        ("Default outbound queue".to_owned(), whole(&default_queue.name)),
    ];
    let (mut left_out, mut lacking) = (Vec::new(), None);
    if let Some((model, served)) = &model {
        let gone: BTreeSet<&str> =
            served.iter().filter(|pair| pair.is_gone()).map(|pair| pair.queue.id.as_str()).collect();
        if !gone.is_empty() && args.queues.is_none() {
            let verb = if gone.len() == 1 { "exists, so it is" } else { "exist, so they are" };
            lacking = Some(format!(
                "{} of {} no longer {verb} left out.",
                count(gone.len(), "queue"),
                whole(&model.name)
            ));
        }
        facts.push(("Like".to_owned(), whole(&model.name)));
        let manual = ask.center.taken_by_hand(&model.id).await?.len();
        if manual > 0 {
            left_out.push(count(manual, "manual assignment queue"));
        }
        if model.counts_inbound_only {
            left_out.push("the agent availability timer".to_owned());
        }
        if !model.tags.is_empty() {
            left_out.push(count(model.tags.len(), "tag"));
        }
    }
    facts.push(("Queues".to_owned(), count(pairs.len(), "queue-channel pair")));
    let (first, rest) = pairs.split_at(pairs.len().min(PAIRS_AT_ONCE));
    let made = RoutingProfilePresent {
        name: name.clone(),
        description,
        default_queue,
        channels,
        pairs: first.to_vec(),
    };
    let undo = NewRoutingProfileAbsent { id: None, made: made.clone() };
    let create = Step::new(format!("Create the routing profile {shown}"), made).undone_by(undo);
    let mut plan = Plan {
        blocks: vec![Block::Facts(facts)],
        steps: vec![create],
        ..Plan::new(format!("Create the routing profile {shown}."))
    };
    plan.steps.extend(Served { id: None, name: &name, agents: 0 }.adding(rest));
    plan.warnings.extend(notes);
    plan.warnings.extend(lacking);
    if !left_out.is_empty() {
        plan.warnings.push(format!(
            "Not copied: {}. Set them in the admin website if needed.",
            list(&left_out, "and")
        ));
    }
    if pairs.is_empty() {
        plan.warnings
            .push("It has no queues, so its agents get only contacts transferred to them.".to_owned());
    }
    Ok(Answer::Plan(plan))
}

fn channels(args: &AddArgs, like: Option<Vec<ChannelSlots>>) -> Result<Vec<ChannelSlots>, Problem> {
    let calls = ChannelSlots { channel: Channel::Voice, slots: 1, any_channel: None };
    let have = match like {
        Some(like) => like,
        None if args.slots.is_empty() => vec![calls],
        None => Vec::new(),
    };
    queue_settings::with_slots(&have, &args.slots.all())
}

fn default_queue(args: &AddArgs, queues: &[Named], like: Option<&String>) -> Result<Named, Problem> {
    if let Some(typed) = &args.default_queue {
        return names::resolve("queue", typed, queues);
    }
    let like = like.and_then(|id| queues.iter().find(|queue| queue.id == *id));
    like.cloned().ok_or_else(|| {
        Problem::requester("default_queue", format!("{} needs a default outbound queue.", code(&args.name)))
            .hint("Name it with `default_queue:…`.")
    })
}

fn pairs_of(queues: &[Named], channels: &[Channel], args: &AddArgs) -> Vec<Pair> {
    let number =
        |given: Option<usize>, usual: u32| given.and_then(|given| u32::try_from(given).ok()).unwrap_or(usual);
    let all = queues.iter().flat_map(|queue| channels.iter().map(move |channel| (queue, *channel)));
    all.map(|(queue, channel)| Pair {
        queue_id: Some(queue.id.clone()),
        queue: queue.name.clone(),
        channel,
        priority: number(args.priority, 1),
        delay: number(args.delay, 0),
    })
    .collect()
}

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, whole};
use desk_core::card::Block;
use desk_core::center::{
    Channel, FlowInfo, LeadsTo, Named, QuickConnectInfo, RoutingProfileInfo, User, names,
};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{
    ChannelSlots, EffectKind as _, NewQueueAbsent, NewQuickConnectAbsent, Pair, ProfileServes,
    ProfileServesNot, QueueOffersAll, QueueOffersNone, QueuePresent, QuickConnectPresent,
    RoutingProfileField, RoutingProfileHas, TaskSent,
};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::queue_settings::{self, Served};
use crate::parts::routing::{self, Wanted};
use crate::parts::users;

pub(crate) const COMMAND: Command = command!(
    SPEC,
    answer,
    &[
        QuickConnectPresent::NEEDS,
        NewQuickConnectAbsent::NEEDS,
        QueuePresent::NEEDS,
        NewQueueAbsent::NEEDS,
        QueueOffersAll::NEEDS,
        QueueOffersNone::NEEDS,
        RoutingProfileHas::CHANNELS,
        ProfileServes::NEW,
        ProfileServesNot::NEEDS,
        TaskSent::NEEDS,
    ]
);

args! {
    struct TasksArgs {
        login: String = required(Kind::Login, "The agent"),
        send: Option<String> = optional(Kind::Text(512), "Send the agent a test task with this name"),
        queue: Option<String> =
            optional(Kind::Text(127), "The agent's queue, if its name differs from their quick connect").of(Thing::Queue),
        transfer_flow: Option<String> =
            optional(Kind::Text(127), "The agent transfer flow, if not the default one").of(Thing::TransferFlow),
        hours: Option<String> =
            optional(Kind::Text(127), "Hours of operation for a new queue; default: those of the profile's default queue").of(Thing::Hours),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Set up an agent for tasks: quick connect, queue and routing profile; or send a test task",
    help: "One plan creates a quick connect to the agent with `Default agent transfer`, adds it to a queue, and adds that queue to the agent's routing profile for tasks. Existing ones are used. The channel `task` is turned on if the profile doesn't have it. If a step fails, everything is rolled back. `send:\"…\"` sends a test task through the quick connect instead.",
    risk: Risk::Sensitive,
    also: &["task"],
    args: TasksArgs::ARGS,
    examples: &["/connect tasks omar.aziz", "/connect tasks john.doe send:\"Test task\""],
    operations: &[
        "SearchUsers",
        "DescribeUser",
        "ListQuickConnects",
        "SearchQuickConnects",
        "ListContactFlows",
        "ListQueues",
        "DescribeQueue",
        "ListQueueQuickConnects",
        "ListHoursOfOperations",
        "DescribeRoutingProfile",
        "ListRoutingProfileQueues",
        "ListRoutingProfiles",
        "GetCurrentUserData",
        "ListAgentStatuses",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let args = TasksArgs::of(ask.args)?;
    let user = names::user(ask.center, &args.login).await?;
    let flows = ask.center.flows().await?;
    let all = ask.center.all_quick_connects().await?;
    let profile = routing::profile_with_id(ask, &user.profile.routing_profile).await?;
    let leads: Vec<&QuickConnectInfo> = all
        .iter()
        .filter(|one| matches!(&one.leads_to, LeadsTo::User { user_id, .. } if *user_id == user.id))
        .collect();
    let works = leads.iter().copied().find(|one| {
        let LeadsTo::User { flow_id, .. } = &one.leads_to else { return false };
        flows.iter().any(|flow| flow.id == *flow_id && flow.is_usable())
    });
    if let Some(task) = &args.send {
        let others = [
            ("queue", args.queue.is_some()),
            ("transfer_flow", args.transfer_flow.is_some()),
            ("hours", args.hours.is_some()),
        ];
        if let Some((other, _)) = others.iter().find(|(_, given)| *given) {
            let message = format!("{} isn't for sending a test task.", code(other));
            return Err(Problem::requester("options_conflict", message).hint("Leave it out."));
        }
        return send(&user, &profile, works, !leads.is_empty(), task).map(Answer::Plan);
    }
    let quick_connect = match works {
        Some(there) => {
            if let Some(typed) = &args.transfer_flow {
                let flow = routing::flow(&flows, Some(typed), Some(FlowInfo::AGENT_TRANSFER))?;
                let uses = matches!(&there.leads_to, LeadsTo::User { flow_id, .. } if *flow_id == flow.id);
                if !uses {
                    let message = format!(
                        "The quick connect {} exists and uses another transfer flow.",
                        code(&there.name)
                    );
                    return Err(Problem::requester("options_conflict", message)
                        .hint("Leave out `transfer_flow`, or change it with `/connect quick edit` first."));
                }
            }
            QuickConnect::There(there.clone())
        }
        None => {
            let to = Wanted {
                user: Some(&user.login),
                transfer_flow: args.transfer_flow.as_deref(),
                ..Wanted::default()
            };
            let destination = to.destination(&flows, &[])?;
            QuickConnect::New(QuickConnectPresent {
                name: name_for(&user, |name| all.iter().any(|one| one.name == *name)),
                description: None,
                destination,
                tags: std::collections::BTreeMap::new(),
            })
        }
    };
    let mut plan = set_up(ask, &args, &user, &profile, &quick_connect).await?;
    for broken in leads.iter().filter(|_| works.is_none()) {
        plan.warnings.push(format!(
            "The quick connect {} uses a flow that is archived or gone, so a new one is created.",
            whole(&broken.name)
        ));
    }
    Ok(Answer::Plan(plan))
}

enum QuickConnect {
    There(QuickConnectInfo),
    New(QuickConnectPresent),
}

impl QuickConnect {
    fn name(&self) -> &str {
        match self {
            QuickConnect::There(there) => &there.name,
            QuickConnect::New(new) => &new.name,
        }
    }
}

/// The agent's full name, with their login where that is taken or missing.
fn name_for(user: &User, is_taken: impl Fn(&String) -> bool) -> String {
    let full = user.profile.identity.full_name();
    if full.is_empty() {
        return user.login.clone();
    }
    let full: String = full.chars().take(120).collect();
    if !is_taken(&full) {
        return full;
    }
    let room = 127_usize.saturating_sub(user.login.chars().count() + 3);
    let full: String = full.chars().take(room).collect();
    format!("{full} ({})", user.login)
}

/// The three steps of the training, without those that are done already.
async fn set_up(
    ask: &Ask<'_>,
    args: &TasksArgs,
    user: &User,
    profile: &RoutingProfileInfo,
    quick_connect: &QuickConnect,
) -> Result<Plan, Problem> {
    let login = whole(&user.login);
    let mut plan = Plan::new(format!("Set up {login} for tasks."));
    let mut rows = Vec::new();
    let mut say = |what: &str, how: String| rows.push(vec![what.to_owned(), how]);
    match quick_connect {
        QuickConnect::There(there) => say("Quick connect", format!("{}: exists", there.name)),
        QuickConnect::New(new) => {
            say("Quick connect", format!("{}: new", new.name));
            let undo = NewQuickConnectAbsent { id: None, made: new.clone() };
            let title = format!("Create the quick connect {}", whole(&new.name));
            plan.steps.push(Step::new(title, new.clone()).undone_by(undo));
        }
    }
    let queues = ask.center.queues().await?;
    let mut queue_name = args.queue.clone().unwrap_or_else(|| quick_connect.name().to_owned());
    let there = match &args.queue {
        Some(typed) => match names::resolve("queue", typed, &queues) {
            Ok(queue) => Some(queue),
            Err(problem) if problem.code == "name_unknown" => {
                let is_near = problem.meant.as_ref().is_some_and(|meant| !meant.instead.is_empty());
                if is_near {
                    return Err(problem);
                }
                // It is to be made.
                None
            }
            Err(problem) => return Err(problem),
        },
        None => queues.iter().find(|queue| queue.name == queue_name).cloned(),
    };
    match &there {
        Some(queue) => {
            let offered = ask.center.offered_by(&queue.id).await?;
            let read = ask.center.queue_with_id(&queue.id).await?;
            if let Some(typed) = &args.hours {
                let hours = queue_settings::hours(Some(typed), &ask.center.hours_of_operation().await?)?;
                if read.as_ref().is_none_or(|queue| queue.hours_id.as_ref() != Some(&hours.id)) {
                    let message = format!("The queue {} exists and has other hours.", code(&queue.name));
                    return Err(Problem::requester("options_conflict", message)
                        .hint("Leave out `hours`, or change them with `/connect queue edit` first."));
                }
            }
            if read.is_some_and(|queue| !queue.enabled) {
                plan.warnings
                    .push(format!("The queue {} is disabled, so it takes no contacts.", whole(&queue.name)));
            }
            match offered.iter().any(|one| one.name == quick_connect.name()) {
                true => say("Queue", format!("{}: exists", queue.name)),
                false => {
                    say("Queue", format!("{}: gets the quick connect", queue.name));
                    plan.steps.extend(routing::offering(queue, &[quick_connect.name().to_owned()], true));
                }
            }
        }
        None => {
            let (name, notes) = routing::new_name("queue", &queue_name, &queues)?;
            plan.warnings.extend(notes);
            queue_name = name;
            say("Queue", format!("{queue_name}: new"));
            let made = QueuePresent {
                name: queue_name.clone(),
                description: None,
                hours: hours(ask, args, profile).await?,
                max_contacts: None,
                caller_id_name: None,
                quick_connects: vec![quick_connect.name().to_owned()],
            };
            let undo = NewQueueAbsent { id: None, made: made.clone() };
            plan.steps
                .push(Step::new(format!("Create the queue {}", whole(&queue_name)), made).undone_by(undo));
        }
    }
    let queue = there.unwrap_or_else(|| Named { id: String::new(), name: queue_name });
    serve(ask, &mut plan, &mut say, profile, &queue).await?;
    if plan.steps.is_empty() {
        plan.what = format!("{login} is already set up for tasks.");
    } else {
        plan.affects(users::bare(user.clone()));
        plan.blocks.push(Block::table(["Step", "Setup"], rows));
        plan.next.push(format!("/connect tasks {} send:\"Test task\"", user.login));
    }
    Ok(plan)
}

/// The queue in the routing profile, and the channel that it needs.
async fn serve(
    ask: &Ask<'_>,
    plan: &mut Plan,
    say: &mut impl FnMut(&str, String),
    profile: &RoutingProfileInfo,
    queue: &Named,
) -> Result<(), Problem> {
    let shown = &profile.name;
    let pairs = ask.center.served_by(&profile.id).await?;
    let is_new = queue.id.is_empty();
    let serves = |channel: Channel| {
        !is_new && pairs.iter().any(|one| one.queue.id == queue.id && one.channel == channel)
    };
    let has_task = profile.slots.iter().any(|one| one.channel == Channel::Task);
    let before = plan.steps.len();
    if !has_task {
        let have = routing::writable(profile)?;
        let mut with = have.clone();
        with.push(ChannelSlots { channel: Channel::Task, slots: 1, any_channel: None });
        with.sort_by_key(|one| one.channel);
        let has = |channels| RoutingProfileHas {
            profile_id: profile.id.clone(),
            profile: shown.clone(),
            agents: profile.users,
            field: RoutingProfileField::Channels(channels),
        };
        let title = format!("Turn on the channel task in the routing profile {}", whole(shown));
        plan.steps.push(Step::new(title, has(with)).undone_by(has(have)));
    }
    if serves(Channel::Task) {
        say(
            "Routing profile",
            match has_task {
                true => format!("{shown}: already has the queue"),
                false => format!("{shown}: gets the channel task"),
            },
        );
    } else {
        queue_settings::room_for(ask, shown, pairs.len(), 1).await?;
        say(
            "Routing profile",
            match has_task {
                true => format!("{shown}: gets the queue for tasks"),
                false => format!("{shown}: gets the channel task, and the queue for tasks"),
            },
        );
        let pair = Pair {
            queue_id: Some(queue.id.clone()).filter(|id| !id.is_empty()),
            queue: queue.name.clone(),
            channel: Channel::Task,
            priority: 1,
            delay: 0,
        };
        let served = Served { id: Some(&profile.id), name: shown, agents: profile.users };
        plan.steps.extend(served.adding(&[pair]));
    }
    let users = usize::try_from(profile.users).unwrap_or(usize::MAX);
    if plan.steps.len() > before && users > 1 {
        plan.warnings.push(format!(
            "{} have the routing profile {}, so all of them can get tasks from this queue{}.",
            count(users, "user"),
            whole(shown),
            if has_task { "" } else { ", and the channel task is turned on for all of them" }
        ));
    }
    let others =
        pairs.iter().filter(|one| one.channel == Channel::Task && (is_new || one.queue.id != queue.id));
    let others: Vec<String> = others.map(|one| whole(&one.queue.name)).collect();
    if !has_task && !others.is_empty() {
        plan.warnings.push(format!(
            "With the channel task, agents with {} also get tasks of {}.",
            whole(shown),
            list(&others, "and")
        ));
    }
    Ok(())
}

/// The hours of a new queue: those that are named, or those of the queue that the profile calls out from.
async fn hours(ask: &Ask<'_>, args: &TasksArgs, profile: &RoutingProfileInfo) -> Result<Named, Problem> {
    let all = ask.center.hours_of_operation().await?;
    if args.hours.is_none()
        && let Some(id) = &profile.default_queue_id
        && let Some(queue) = ask.center.queue_with_id(id).await?
        && let Some(hours) = all.iter().find(|one| Some(&one.id) == queue.hours_id.as_ref())
    {
        return Ok(hours.clone());
    }
    queue_settings::hours(args.hours.as_deref(), &all)
}

/// A task through the agent's quick connect.
fn send(
    user: &User,
    profile: &RoutingProfileInfo,
    quick_connect: Option<&QuickConnectInfo>,
    has_one: bool,
    task: &str,
) -> Result<Plan, Problem> {
    let login = code(&user.login);
    let Some(quick_connect) = quick_connect else {
        let message = match has_one {
            true => format!("The quick connect of {login} has no working flow."),
            false => format!("{login} has no quick connect."),
        };
        let hint = format!("Set them up first: `/connect tasks {}`.", user.login);
        return Err(Problem::requester("tasks_not_set_up", message).hint(hint));
    };
    let mut plan = Plan::new(format!("Send the task {} to {}.", whole(task), whole(&user.login)));
    let sent = TaskSent {
        login: user.login.clone(),
        quick_connect_id: quick_connect.id.clone(),
        quick_connect: quick_connect.name.clone(),
        name: task.to_owned(),
    };
    plan.steps.push(Step::new(format!("Send the task to {}", whole(&user.login)), sent).pivot());
    plan.warnings.push("The task stays with the agent until they close it.".to_owned());
    if !profile.slots.iter().any(|one| one.channel == Channel::Task) {
        plan.warnings.push(format!(
            "Their routing profile {} doesn't have the channel task, so the task waits in their own queue and is never offered.",
            whole(&profile.name)
        ));
    }
    plan.warnings.push(
        "While they are signed out or busy, it waits in their own queue, which holds up to 10 contacts."
            .to_owned(),
    );
    plan.affects(users::bare(user.clone()));
    Ok(plan)
}

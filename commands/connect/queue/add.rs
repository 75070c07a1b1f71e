use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, whole};
use desk_core::card::Block;
use desk_core::center::QUICK_CONNECTS_AT_ONCE;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, NewQueueAbsent, QueuePresent};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::{queue_settings, routing, subject};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[QueuePresent::NEEDS, NewQueueAbsent::NEEDS])
    .titled(|asked| format!("Add queue {}", subject::name(asked, "name")));

args! {
    struct AddArgs {
        name: String = required(Kind::Text(127), "The name of the queue"),
        hours: Option<String> = optional(Kind::Text(127), "Its hours of operation").of(Thing::Hours),
        description: Option<String> = optional(Kind::Text(250), "What it is for"),
        max_contacts: Option<usize> = optional(Kind::Integer(0, 10_000), "The most contacts allowed in the queue"),
        caller_id_name: Option<String> = optional(Kind::Text(255), "The caller ID name shown on outbound calls"),
        quick_connects: Option<String> =
            optional(Kind::Text(4000), "Its quick connects, comma-separated; at most 50 here").of_several(Thing::QuickConnect),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Create a queue",
    help: "A queue needs hours of operation; if the contact center has only one, it is used. Agents get contacts from the queue once a routing profile includes it: `/connect routing link`. A description can be changed later but not cleared.",
    risk: Risk::Sensitive,
    also: &[],
    args: AddArgs::ARGS,
    examples: &[
        "/connect queue add \"Vaccination\" hours:\"Basic Hours\" description:\"Questions about vaccines\" \
         quick_connects:\"Help desk,Food bank\"",
    ],
    operations: &["ListQueues", "ListHoursOfOperations", "ListQuickConnects"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let mut args = AddArgs::of(ask.args)?;
    args.description = routing::given(args.description);
    args.caller_id_name = routing::given(args.caller_id_name);
    let queues = ask.center.queues().await?;
    let (name, notes) = routing::new_name("queue", &args.name, &queues)?;
    let hours = queue_settings::hours(args.hours.as_deref(), &ask.center.hours_of_operation().await?)?;
    let quick_connects = match &args.quick_connects {
        Some(typed) => routing::several("quick connect", typed, &ask.center.quick_connects().await?)?,
        None => Vec::new(),
    };
    if quick_connects.len() > QUICK_CONNECTS_AT_ONCE {
        let message = format!(
            "You named {}. A new queue takes at most {QUICK_CONNECTS_AT_ONCE}.",
            count(quick_connects.len(), "quick connect")
        );
        return Err(Problem::requester("quick_connects_too_many", message)
            .hint("Add the others afterwards with `/connect queue link`."));
    }
    let mut facts = vec![("Hours of operation".to_owned(), whole(&hours.name))];
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    if let Some(text) = &args.description {
        add("Description", whole(text));
    }
    if let Some(most) = args.max_contacts {
        add("Contact limit", most.to_string());
    }
    if let Some(name) = &args.caller_id_name {
        add("Caller ID name", whole(name));
    }
    if !quick_connects.is_empty() {
        add("Quick connects", routing::all_of(&quick_connects));
    }
    let made = QueuePresent {
        name: name.clone(),
        description: args.description,
        hours,
        max_contacts: args.max_contacts.and_then(|most| u32::try_from(most).ok()),
        caller_id_name: args.caller_id_name,
        quick_connects: quick_connects.into_iter().map(|one| one.name).collect(),
    };
    let shown = whole(&name);
    let step = Step::new(format!("Create the queue {shown}"), made.clone());
    let mut plan = Plan {
        blocks: vec![Block::Facts(facts)],
        steps: vec![step.undone_by(NewQueueAbsent { id: None, made })],
        ..Plan::new(format!("Create the queue {shown}."))
    };
    plan.warnings.extend(notes);
    plan.warnings.push("It is in no routing profile yet. Add it with `/connect routing link`.".to_owned());
    Ok(Answer::Plan(plan))
}

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::whole;
use desk_core::center::{OutboundCaller, names};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::Plan;
use desk_core::plan::effect::{QueueField, QueueHas};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::{queue_settings, routing, subject};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[QueueHas::SETTINGS])
    .titled(|asked| format!("Edit queue {}", subject::name(asked, "queue")));

args! {
    struct EditArgs {
        queue: String = required(Kind::Text(127), "Which queue").of(Thing::Queue),
        new_name: Option<String> = optional(Kind::Text(127), "The new name"),
        description: Option<String> = optional(Kind::Text(250), "The new description; it can't be cleared"),
        hours: Option<String> = optional(Kind::Text(127), "The new hours of operation").of(Thing::Hours),
        max_contacts: Option<String> = optional(Kind::Word(10), "The most contacts allowed in the queue, or none"),
        caller_id_name: Option<String> = optional(Kind::Text(255), "The caller ID name shown on outbound calls, or none"),
        _ = REASON.of_a_change(),
    }
}

const SPEC: Spec = Spec {
    about: "Change a queue: its name, description, hours, limit or caller ID name",
    help: "Give only what should change. `none` removes the contact limit or clears the caller ID name. Quick connects are added with \
           `/connect queue link`, and routing profiles with `/connect routing link`.",
    risk: Risk::Sensitive,
    also: &[],
    args: EditArgs::ARGS,
    examples: &[
        "/connect queue edit \"Help Desk\" new_name:\"Agent help\" hours:\"Around the Clock\" max_contacts:20 caller_id_name:Help",
        "/connect queue edit \"Help Desk\" description:\"Agents who need help\"",
    ],
    operations: &["ListQueues", "ListHoursOfOperations"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let EditArgs { queue, new_name, description, hours, max_contacts, caller_id_name } =
        EditArgs::of(ask.args)?;
    let queue = routing::queue(ask, &queue).await?;
    let mut plan = Plan::new(format!("Edit the queue {}.", whole(&queue.name)));
    let mut fields = Vec::new();
    let new_name = new_name.filter(|new| routing::seen(new).map_or(true, |new| new != queue.name));
    if let Some(typed) = new_name {
        let mut others = ask.center.queues().await?;
        others.retain(|one| one.id != queue.id);
        let (new, notes) = routing::new_name("queue", &typed, &others)?;
        plan.warnings.extend(notes);
        fields.push((QueueField::Name(new), Some(QueueField::Name(queue.name.clone()))));
    }
    if let Some(new) = description {
        let new = routing::lasting_description("queue", new)?;
        fields.push((QueueField::Description(new), queue.description.clone().map(QueueField::Description)));
    }
    if let Some(typed) = hours {
        let all = ask.center.hours_of_operation().await?;
        let new = names::resolve("hours of operation", &typed, &all)?;
        let old = queue.hours_id.as_ref().and_then(|id| all.iter().find(|one| one.id == *id));
        if old.is_none() {
            plan.warnings.push("Its current hours of operation no longer exist.".to_owned());
        }
        fields.push((QueueField::Hours(new), old.cloned().map(QueueField::Hours)));
    }
    if let Some(typed) = max_contacts {
        let most = match routing::is_none(&typed) {
            true => None,
            false => Some(typed.parse::<u32>().ok().filter(|most| *most <= 1_000_000).ok_or_else(|| {
                Problem::requester("max_contacts", "The limit of contacts isn't a number.")
                    .hint("Type one such as `max_contacts:20`, or `max_contacts:none`.")
            })?),
        };
        if most == Some(0) {
            plan.warnings.push("With a limit of 0, no contact can enter the queue.".to_owned());
        }
        fields.push((QueueField::MaxContacts(most), Some(QueueField::MaxContacts(queue.max_contacts))));
    }
    if let Some(name) = caller_id_name {
        let new = OutboundCaller { name: routing::given(Some(name)), ..queue.caller.clone() };
        fields.push((QueueField::Caller(new), Some(QueueField::Caller(queue.caller.clone()))));
    }
    if fields.is_empty() && plan.warnings.is_empty() {
        return Err(Problem::requester("edit_nothing", "No change is given.")
            .hint("Add an option such as `hours:…` or `max_contacts:20`."));
    }
    queue_settings::set_queue(&mut plan, &queue, fields);
    if plan.steps.is_empty() {
        plan.what = format!("The queue {} is already set that way.", whole(&queue.name));
    }
    Ok(Answer::Plan(plan))
}

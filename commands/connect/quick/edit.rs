use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, whole};
use desk_core::card::Block;
use desk_core::center::{Named, names};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{Destination, EffectKind as _, QuickConnectField, QuickConnectHas};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::routing::{self, Known, Wanted};
use crate::parts::subject;
use crate::parts::users;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[QuickConnectHas::NEEDS])
    .titled(|asked| format!("Edit quick connect {}", subject::name(asked, "name")));

args! {
    struct EditArgs {
        name: String = required(Kind::Text(127), "Which quick connect").of(Thing::QuickConnect),
        new_name: Option<String> = optional(Kind::Text(127), "The new name"),
        description: Option<String> = optional(Kind::Text(250), "The new description; none clears it"),
        user: Option<String> = optional(Kind::Login, "The new destination user"),
        queue: Option<String> = optional(Kind::Text(127), "The new destination queue").of(Thing::Queue),
        number: Option<String> = optional(Kind::Phone(false), "The new destination phone number"),
        flow: Option<String> = optional(Kind::Text(127), "The new destination flow, for chats").of(Thing::Flow),
        transfer_flow: Option<String> = optional(Kind::Text(127), "The new transfer flow").of(Thing::TransferFlow),
        _ = REASON.of_a_change(),
    }
}

const SPEC: Spec = Spec {
    about: "Change a quick connect: its name, description or destination",
    help: "Give only what should change. The quick connect stays in its queues. `description:none` clears the description.",
    risk: Risk::Change,
    also: &[],
    args: EditArgs::ARGS,
    examples: &[
        "/connect quick edit \"Food bank\" number:+15550100299 description:\"Open on weekdays\"",
        "/connect quick edit \"Karen White\" new_name:\"Karen White (help desk)\"",
    ],
    operations: &[
        "ListQuickConnects",
        "SearchQueues",
        "ListContactFlows",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let args = EditArgs::of(ask.args)?;
    routing::no_flow_beside("connect quick edit", &SPEC, ask.args)?;
    let all = ask.center.quick_connects().await?;
    let named = names::resolve("quick connect", &args.name, &all)?;
    let there = routing::quick_connect(ask, &named.name).await?;
    let known = Known::read(ask).await?;
    let mut plan = Plan::new(format!("Edit the quick connect {}.", whole(&there.name)));
    let mut changes = Vec::new();
    let has = |field| QuickConnectHas { id: there.id.clone(), name: there.name.clone(), field };
    let is_new = |new: &&String| routing::seen(new).map_or(true, |new| new != there.name);
    if let Some(typed) = args.new_name.as_ref().filter(is_new) {
        let others: Vec<Named> = all.iter().filter(|one| one.id != there.id).cloned().collect();
        let (new, notes) = routing::new_name("quick connect", typed, &others)?;
        plan.warnings.extend(notes);
        changes.push(("Name".to_owned(), whole(&there.name), whole(&new)));
        plan.steps.push(
            Step::new(format!("Rename it to {}", whole(&new)), has(QuickConnectField::Name(new)))
                .undone_by(has(QuickConnectField::Name(there.name.clone()))),
        );
    }
    let description = args.description.clone().map(|text| routing::given(Some(text)));
    if let Some(new) = description.filter(|new| *new != there.description) {
        let words = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        changes.push(("Description".to_owned(), whole(&words(&there.description)), whole(&words(&new))));
        plan.steps.push(
            Step::new("Set its description", has(QuickConnectField::Description(new)))
                .undone_by(has(QuickConnectField::Description(there.description.clone()))),
        );
    }
    let wanted = Wanted {
        user: args.user.as_deref(),
        queue: args.queue.as_deref(),
        number: args.number.as_deref(),
        flow: args.flow.as_deref(),
        transfer_flow: args.transfer_flow.as_deref(),
    };
    if let Some(new) = destination(&known, &wanted, &there)? {
        if let Destination::User { login, .. } = &new {
            let user = names::user(ask.center, login).await?;
            plan.affects(users::bare(user));
        }
        let old = known.could_be_made(&there.leads_to);
        if old.as_ref() != Some(&new) {
            let before = old.as_ref().map_or_else(|| known.words(&there.leads_to), Destination::words);
            changes.push(("Destination".to_owned(), whole(&before), whole(&new.words())));
            let step = Step::new("Set its destination", has(QuickConnectField::LeadsTo(new)));
            plan.steps.push(match old {
                Some(old) => step.undone_by(has(QuickConnectField::LeadsTo(old))),
                None => {
                    plan.lost.push(format!("old destination: {}", known.words(&there.leads_to)));
                    step.pivot()
                }
            });
        }
    }
    if plan.steps.is_empty() {
        let nothing = [&args.new_name, &args.description].iter().all(|one| one.is_none())
            && !wanted.leads_somewhere()
            && args.transfer_flow.is_none();
        if nothing {
            return Err(Problem::requester("edit_nothing", "No change is given.")
                .hint("Add an option such as `new_name:…` or `number:…`."));
        }
        plan.what = format!("The quick connect {} is already set that way.", whole(&there.name));
        plan.about.clear();
        plan.before.clear();
        return Ok(Answer::Plan(plan));
    }
    plan.blocks.push(Block::Changes(changes));
    Ok(Answer::Plan(plan))
}

/// Where it is to lead, if that is to change: another transfer flow alone keeps the user or queue.
fn destination(
    known: &Known,
    wanted: &Wanted<'_>,
    there: &desk_core::center::QuickConnectInfo,
) -> Result<Option<Destination>, Problem> {
    let queues: Vec<Named> = known.queues.iter().map(routing::named).collect();
    if wanted.leads_somewhere() {
        return wanted.destination(&known.flows, &queues).map(Some);
    }
    if wanted.transfer_flow.is_none() {
        return Ok(None);
    }
    let same = match known.destination(&there.leads_to) {
        Some(Destination::User { login, .. }) => {
            Wanted { user: Some(&login), transfer_flow: wanted.transfer_flow, ..Wanted::default() }
                .destination(&known.flows, &queues)
        }
        Some(Destination::Queue { queue, .. }) => {
            Wanted { queue: Some(&queue), transfer_flow: wanted.transfer_flow, ..Wanted::default() }
                .destination(&known.flows, &queues)
        }
        _ => Err(Problem::requester(
            "transfer_flow",
            format!(
                "{} has no user or queue as its destination, so it has no transfer flow.",
                code(&there.name)
            ),
        )
        .hint("Give its destination with `user:…` or `queue:…`.")),
    };
    same.map(Some)
}

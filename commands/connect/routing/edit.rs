use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::whole;
use desk_core::center::names;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::Plan;
use desk_core::plan::effect::{EffectKind as _, RoutingProfileField, RoutingProfileHas};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::slots::SlotArgs;
use crate::parts::{queue_settings, routing, subject};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[RoutingProfileHas::NEEDS])
    .titled(|asked| format!("Edit routing profile {}", subject::name(asked, "routing_profile")));

args! {
    struct EditArgs {
        routing_profile: String = required(Kind::RoutingProfile, "Which routing profile"),
        new_name: Option<String> = optional(Kind::Text(127), "The new name"),
        description: Option<String> = optional(Kind::Text(250), "The new description; it can't be cleared"),
        default_queue: Option<String> = optional(Kind::Text(127), "The new default outbound queue").of(Thing::Queue),
        ..slots: SlotArgs,
        _ = REASON.of_a_change(),
    }
}

const SPEC: Spec = Spec {
    about: "Change a routing profile: name, default queue, and contacts per channel",
    help: "This affects every user with the profile. Channels you don't name stay unchanged; 0 turns one off. A profile with workload types can be changed only in the admin website. For queues, use `/connect routing link`.",
    risk: Risk::Sensitive,
    also: &[],
    args: EditArgs::ARGS,
    examples: &[
        "/connect routing edit \"Case Investigator Profile\" task:3 description:\"People who call patients\" \
         default_queue:Callback new_name:\"Investigators\"",
    ],
    operations: &["ListRoutingProfiles", "ListQueues"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let args = EditArgs::of(ask.args)?;
    let profile = routing::profile(ask, &args.routing_profile).await?;
    let mut plan = Plan::new(format!("Edit the routing profile {}.", whole(&profile.name)));
    let mut fields = Vec::new();
    let new_name = args.new_name.filter(|new| routing::seen(new).map_or(true, |new| new != profile.name));
    if let Some(typed) = new_name {
        let mut others = ask.center.routing_profile_list().await?;
        others.retain(|one| one.id != profile.id);
        let (new, notes) = routing::new_name("routing profile", &typed, &others)?;
        plan.warnings.extend(notes);
        fields.push((RoutingProfileField::Name(new), Some(RoutingProfileField::Name(profile.name.clone()))));
    }
    if let Some(new) = args.description {
        let new = routing::lasting_description("routing profile", new)?;
        let old = profile.description.clone().map(RoutingProfileField::Description);
        fields.push((RoutingProfileField::Description(new), old));
    }
    if let Some(typed) = args.default_queue {
        let queues = ask.center.queues().await?;
        let new = names::resolve("queue", &typed, &queues)?;
        let old = profile.default_queue_id.as_ref().and_then(|id| queues.iter().find(|one| one.id == *id));
        let old = old.cloned().map(RoutingProfileField::DefaultQueue);
        fields.push((RoutingProfileField::DefaultQueue(new), old));
    }
    if !args.slots.is_empty() {
        let have = routing::writable(&profile)?;
        let new = queue_settings::with_slots(&have, &args.slots.all())?;
        for off in have.iter().filter(|one| !new.iter().any(|other| other.channel == one.channel)) {
            plan.warnings.push(routing::turned_off(off.channel));
        }
        fields.push((RoutingProfileField::Channels(new), Some(RoutingProfileField::Channels(have))));
    }
    if fields.is_empty() {
        return Err(Problem::requester("edit_nothing", "No change is given.")
            .hint("Add an option such as `task:2` or `default_queue:…`."));
    }
    queue_settings::set_profile(&mut plan, &profile, fields);
    if plan.steps.is_empty() {
        plan.what = format!("The routing profile {} is already set that way.", whole(&profile.name));
        plan.warnings.clear();
    } else {
        plan.warnings.extend(routing::touches(&profile));
    }
    Ok(Answer::Plan(plan))
}

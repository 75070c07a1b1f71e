//! Which agents are meant: all of them, or those of a group, a routing profile or a queue.

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::whole;
use desk_core::center::{Among, names};
use desk_core::command::Ask;
use desk_core::words::{Kind, Thing};

args! {
    pub(crate) struct AmongArgs {
        hierarchy_group: Option<String> =
            optional(Kind::HierarchyGroup, "Agents in this group and those below it, by name or path").whom(),
        routing_profile: Option<String> = optional(Kind::RoutingProfile, "Agents with this routing profile").whom(),
        queue: Option<String> = optional(Kind::Text(127), "Agents whose routing profile serves this queue").of(Thing::Queue).whom(),
    }
}

/// The agents that these options mean; nothing where none is given.
pub(crate) async fn read(ask: &Ask<'_>, args: AmongArgs) -> Result<Option<Among>, Problem> {
    let AmongArgs { hierarchy_group, routing_profile, queue } = args;
    let center = ask.center;
    Ok(Some(match (hierarchy_group, routing_profile, queue) {
        (None, None, None) => return Ok(None),
        (Some(typed), None, None) => Among::HierarchyGroup(names::hierarchy_group(center, &typed).await?),
        (None, Some(typed), None) => {
            let all = center.routing_profiles().await?;
            Among::RoutingProfile(names::resolve("routing profile", &typed, &all)?)
        }
        (None, None, Some(typed)) => Among::Queue(names::resolve("queue", &typed, &center.queues().await?)?),
        _ => {
            return Err(Problem::requester(
                "among_several",
                "Use only one of group, routing profile and queue.",
            )
            .hint("Leave the others out."));
        }
    }))
}

/// Whom it means, as it is after "agents": " in the group `East`".
pub(crate) fn words(among: &Among) -> String {
    match among {
        Among::Everyone => String::new(),
        Among::HierarchyGroup(group) => format!(" in the group {}", whole(&group.name)),
        Among::RoutingProfile(profile) => format!(" with the routing profile {}", whole(&profile.name)),
        Among::Queue(queue) => format!(" of the queue {}", whole(&queue.name)),
    }
}

//! Agents that are put into a hierarchy group, or taken out of theirs.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count};
use desk_core::center::{HierarchyGroup, User};
use desk_core::command::Ask;
use desk_core::plan::Plan;

use crate::parts::Part as _;
use crate::parts::{edit_plan, hierarchy};

/// What the commands call beside their effects.
pub(crate) const OPERATIONS: &[&str] = &[
    "DescribeInstance",
    "DescribeUserHierarchyStructure",
    "GetCurrentUserData",
    "ListAgentStatuses",
    "ListRoutingProfiles",
    "ListSecurityProfilePermissions",
    "ListUsers",
    "SearchUserHierarchyGroups",
    "SearchUsers",
];

/// Puts these users into the group, or into none; each is a part of the plan.
pub(crate) async fn plan(
    ask: &Ask<'_>,
    users: Vec<User>,
    group: Option<&HierarchyGroup>,
) -> Result<Plan, Problem> {
    let instance = ask.center.instance().await?;
    let (mut edits, mut alike) = (Vec::new(), Vec::new());
    for user in users {
        let mut new = user.profile.clone();
        new.hierarchy_group = group.map(HierarchyGroup::named);
        let edit = edit_plan::of(ask, &instance, user, &new, None).await?;
        if edit.steps.is_empty() { alike.push(edit.user.login) } else { edits.push(edit) }
    }
    let place = match group {
        Some(group) => format!("in {}", code(&group.path)),
        None => "in no hierarchy group".to_owned(),
    };
    let are = |n: usize| if n == 1 { "is" } else { "are" };
    let who = hierarchy::some(&alike, alike.len());
    if edits.is_empty() {
        let message = format!("{who} {} already {place}, so there is nothing to change.", are(alike.len()));
        return Err(Problem::requester("edit_same", message)
            .hint("`/connect group list` shows who is in which group."));
    }
    let whom = match edits.as_slice() {
        [only] => only.user.shown(),
        several => count(several.len(), "agent"),
    };
    let what = match group {
        Some(group) => format!("Put {whom} into the hierarchy group {}.", code(&group.path)),
        None => format!("Remove {whom} from their hierarchy group."),
    };
    let mut plan = Plan { blocks: vec![edit_plan::block(&edits)], ..Plan::new(what) };
    plan.warnings.extend(hierarchy::takes(ask, "UpdateUserHierarchy", edits.len()));
    for (part, edit) in (0..).zip(edits) {
        edit.add_to(ask, &mut plan, part);
    }
    if !alike.is_empty() {
        plan.warnings.push(format!("{who} {} already {place}.", are(alike.len())));
    }
    plan.said_once();
    Ok(plan)
}

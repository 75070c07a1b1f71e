use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count};
use desk_core::card::Block;
use desk_core::center::{Hierarchy, HierarchyGroup};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::Plan;
use desk_core::plan::effect::{EffectKind as _, GroupAbsent, GroupPresent};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing, quoted};

use crate::parts::hierarchy;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[GroupAbsent::NEEDS, GroupPresent::NEEDS])
    .titled(|asked| format!("Remove {}", subject::listed(asked, "hierarchy group", "group")));

/// Agents of one group that a refusal looks for.
const LOOKED_FOR: usize = 500;

args! {
    struct RemoveArgs {
        group: String = required(Kind::HierarchyGroup, "The group, by path or name"),
        groups: Option<String> = optional(Kind::Text(4000), "More groups to remove, separated by ;").of_several(Thing::HierarchyGroup),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Remove hierarchy groups that have no agents and no groups below them",
    help: "A group that still has agents or subgroups can't be removed; they are listed. Subgroups can be removed in the same request. A removed group can't be restored: a new one with the same name is a different group in reports.",
    risk: Risk::Destructive,
    also: &["delete", "rm"],
    args: RemoveArgs::ARGS,
    examples: &["/connect group remove \"Northern Region\" reason:\"INC-1234 team was closed\""],
    operations: &[
        "DescribeSecurityProfile",
        "DescribeUser",
        "DescribeUserHierarchyStructure",
        "ListRoutingProfiles",
        "SearchUserHierarchyGroups",
        "SearchUsers",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let RemoveArgs { group, groups } = RemoveArgs::of(ask.args)?;
    let tree = ask.center.hierarchy().await?;
    let mut all: Vec<&HierarchyGroup> = Vec::new();
    let more = groups.as_deref().unwrap_or_default();
    for typed in std::iter::once(group.as_str()).chain(more.split([';', '\n'])) {
        let typed = typed.trim();
        if typed.is_empty() {
            continue;
        }
        let found = hierarchy::find(&tree, typed)?;
        if all.iter().all(|one| one.id != found.id) {
            all.push(found);
        }
    }
    // From the bottom up.
    all.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.path.cmp(&b.path)));
    for one in &all {
        is_empty(ask, &tree, one, &all).await?;
    }
    let what = match all.as_slice() {
        [only] => format!("Remove the hierarchy group {}.", code(&only.path)),
        several => format!("Remove {}.", count(several.len(), "hierarchy group")),
    };
    let mut plan = Plan::new(what);
    if all.len() > 1 {
        plan.blocks
            .push(Block::Points("Removed".to_owned(), all.iter().map(|one| code(&one.path)).collect()));
    }
    plan.steps = all.iter().map(|one| hierarchy::remove(one)).collect();
    plan.warnings.extend(hierarchy::dependants(ask, &tree, &all, "removed").await?);
    plan.lost.push("group id; a new group with the same name is a different group in reports".to_owned());
    Ok(Answer::Plan(plan))
}

/// Whether nothing is in the group but what goes with it.
async fn is_empty(
    ask: &Ask<'_>,
    tree: &Hierarchy,
    group: &HierarchyGroup,
    all: &[&HierarchyGroup],
) -> Result<(), Problem> {
    let children = tree.children(Some(&group.id));
    let left: Vec<String> = children
        .into_iter()
        .filter(|child| all.iter().all(|one| one.id != child.id))
        .map(|child| child.path.clone())
        .collect();
    let (agents, total) = hierarchy::agents(ask, group, LOOKED_FOR).await?;
    if left.is_empty() && total == 0 {
        return Ok(());
    }
    let logins: Vec<String> = agents.into_iter().map(|one| one.login).collect();
    let path = code(&group.path);
    let mut said = Vec::new();
    if total > 0 {
        said.push(format!("{}: {}", count(total, "agent"), hierarchy::some(&logins, total)));
    }
    if !left.is_empty() {
        said.push(format!("{} below it: {}", count(left.len(), "group"), hierarchy::some(&left, left.len())));
    }
    let hint = match total {
        0 => "Remove the groups below it first, or name them with `groups:…`.".to_owned(),
        _ => format!(
            "Move the agents with `/connect group link`, or remove them with `/connect group unlink group:{}`.",
            quoted(&group.path)
        ),
    };
    let mut problem =
        Problem::requester("group_in_use", format!("{path} still has {}.", said.join(", and "))).hint(hint);
    if total > hierarchy::SAID || left.len() > hierarchy::SAID {
        let lines: Vec<String> = logins.into_iter().chain(left).collect();
        problem = problem.file("in-the-group.txt", format!("{}\n", lines.join("\n")));
    }
    Err(problem)
}

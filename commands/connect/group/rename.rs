use desk_core::args;
use desk_core::basics::clean;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count};
use desk_core::card::Block;
use desk_core::center::{Hierarchy, HierarchyGroup, Named};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, GroupAbsent, GroupNamed, GroupPresent, UserHas, group_path};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::Part as _;
use crate::parts::{edit_plan, hierarchy, users};

pub(crate) const COMMAND: Command =
    command!(SPEC, answer, &[GroupNamed::NEEDS, GroupPresent::NEEDS, GroupAbsent::NEEDS, UserHas::GROUP]);

/// The most agents that are moved with a group.
const AGENTS_MAX: usize = 1_000;

args! {
    struct RenameArgs {
        group: String = required(Kind::HierarchyGroup, "The group, by path or name"),
        to: String = required(
            Kind::Text(600),
            "The new name; a path such as West/Team 1 moves the group below another one"
        ),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Rename a hierarchy group, or move it below another one",
    help: "A name without `/` renames the group; it keeps its agents and its id. A path moves it: because Amazon Connect can't move groups, new groups are created, each agent is moved, and the old groups are removed. A path such as `/Team 1` moves it to the top.",
    risk: Risk::Destructive,
    also: &["move"],
    args: RenameArgs::ARGS,
    examples: &[
        "/connect group rename \"Tracers East\" \"Tracers Northeast\"",
        "/connect group rename \"Leads East\" \"Western Region/Case Investigation West/Leads East\"",
    ],
    operations: &[
        "DescribeInstance",
        "DescribeSecurityProfile",
        "DescribeUserHierarchyStructure",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
        "SearchUserHierarchyGroups",
        "SearchUsers",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let RenameArgs { group, to } = RenameArgs::of(ask.args)?;
    let tree = ask.center.hierarchy().await?;
    let group = hierarchy::find(&tree, &group)?;
    let parts = hierarchy::parts(&to)?;
    let Some((name, above)) = parts.split_last() else {
        return Err(Problem::requester("group_path", "The new name is missing.").hint("Add it."));
    };
    let moves = to.contains('/');
    let parent = match (moves, above.is_empty()) {
        (false, _) => group.parent.as_deref().and_then(|id| tree.group(id)),
        (true, true) => None,
        (true, false) => Some(hierarchy::find(&tree, &above.join("/"))?),
    };
    let mut plan = match parent.map(|parent| &parent.id) == group.parent.as_ref() {
        true => rename(ask, &tree, group, parent, name).await?,
        false => moved(ask, &tree, group, parent, name).await?,
    };
    plan.warnings.extend(clean::notes(&to));
    Ok(Answer::Plan(plan))
}

async fn rename(
    ask: &Ask<'_>,
    tree: &Hierarchy,
    group: &HierarchyGroup,
    parent: Option<&HierarchyGroup>,
    name: &str,
) -> Result<Plan, Problem> {
    let parent_path = parent.map(|parent| parent.path.clone());
    let path = group_path(parent_path.as_deref(), name);
    if group.name == name {
        return Err(Problem::requester(
            "rename_same",
            format!("The group is called {} already.", code(&path)),
        )
        .hint("Choose another name."));
    }
    let taken = tree.child_named(group.parent.as_deref(), name).filter(|other| other.id != group.id);
    if let Some(taken) = taken {
        return Err(hierarchy::exists(&taken.path));
    }
    let named = |to: &str, from: &str| GroupNamed {
        id: group.id.clone(),
        group: to.to_owned(),
        instead_of: from.to_owned(),
        parent: parent_path.clone(),
    };
    let what = format!("Rename the hierarchy group {} to {}.", code(&group.path), code(name));
    let title = format!("Rename {} to {}", code(&group.path), code(&path));
    let step = Step::new(title, named(name, &group.name)).undone_by(named(&group.name, name));
    let below = tree.below(&group.id);
    let mut plan = Plan { steps: vec![step], ..Plan::new(what) };
    plan.blocks.push(Block::Changes(vec![("Hierarchy group".to_owned(), code(&group.path), code(&path))]));
    if !below.is_empty() {
        plan.warnings.push(format!("The paths of {} below it change too.", count(below.len(), "group")));
    }
    let mut all = vec![group];
    all.extend(below);
    plan.warnings.extend(hierarchy::dependants(ask, tree, &all, "renamed").await?);
    Ok(plan)
}

/// New groups, the agents in them, and the old ones gone: there is no other way to move a group.
async fn moved(
    ask: &Ask<'_>,
    tree: &Hierarchy,
    group: &HierarchyGroup,
    parent: Option<&HierarchyGroup>,
    name: &str,
) -> Result<Plan, Problem> {
    let below = tree.below(&group.id);
    let new_path = group_path(parent.map(|parent| parent.path.as_str()), name);
    if parent.is_some_and(|parent| parent.id == group.id || below.iter().any(|one| one.id == parent.id)) {
        return Err(Problem::requester(
            "group_in_itself",
            format!("{} can't be put below itself.", code(&group.path)),
        )
        .hint("Choose a group that isn't below it."));
    }
    hierarchy::free(tree, parent, name)?;
    let top = parent.map_or(0, |parent| parent.level) + 1;
    let mut all = vec![group];
    all.extend(below);
    let moved_path = |one: &HierarchyGroup| {
        let rest = one.path.strip_prefix(group.path.as_str()).unwrap_or_default();
        format!("{new_path}{rest}")
    };
    for one in &all {
        hierarchy::fits(tree, &moved_path(one), top + one.level - group.level)?;
    }
    let everyone = ask.center.every_user().await?;
    let in_them = everyone
        .iter()
        .filter(|one| one.hierarchy_group.as_ref().is_some_and(|id| all.iter().any(|group| group.id == *id)));
    let logins: Vec<String> = in_them.map(|one| one.login.clone()).collect();
    if logins.len() > AGENTS_MAX {
        let message = format!(
            "{} are in it, and at most {AGENTS_MAX} are moved with a group.",
            count(logins.len(), "agent")
        );
        return Err(Problem::requester("users_too_many", message).hint(
            "Create the new group, and move some agents with `/connect group link … matching:…` first.",
        ));
    }
    let agents = users::all_of(ask, logins).await?;
    let what = format!(
        "Move the hierarchy group {} to {}: create {}, move {}, remove the old groups.",
        code(&group.path),
        code(&new_path),
        count(all.len(), "new group"),
        count(agents.len(), "agent")
    );
    let mut plan = Plan::new(what);
    for one in &all {
        let path = moved_path(one);
        let own_name = if one.id == group.id { name } else { &one.name };
        let above = path.strip_suffix(own_name).and_then(|above| above.strip_suffix('/')).map(str::to_owned);
        let parent_id = parent.filter(|_| one.id == group.id).map(|parent| parent.id.clone());
        let wanted =
            GroupPresent { group: own_name.to_owned(), parent: above, parent_id, tags: one.tags.clone() };
        plan.steps.push(hierarchy::create(&path, wanted));
    }
    let instance = ask.center.instance().await?;
    let mut edits = Vec::new();
    for agent in agents {
        let here = agent.profile.hierarchy_group.as_ref().and_then(|one| tree.group(&one.id));
        let Some(here) = here.filter(|here| all.iter().any(|one| one.id == here.id)) else { continue };
        let mut new = agent.profile.clone();
        // It is made by an earlier step, so its path is all that is known of it.
        new.hierarchy_group = Some(Named { id: String::new(), name: moved_path(here) });
        edits.push(edit_plan::of(ask, &instance, agent, &new, None).await?);
    }
    if !edits.is_empty() {
        plan.blocks.push(edit_plan::block(&edits));
    }
    plan.warnings.extend(hierarchy::takes(ask, "UpdateUserHierarchy", edits.len()));
    for edit in edits {
        edit.add_to(ask, &mut plan, 0);
    }
    for (i, one) in all.iter().rev().enumerate() {
        // From the first group that is gone on it only goes forward: one that is created again is another one.
        let step = Step { undo: None, ..hierarchy::remove(one) };
        plan.steps.push(if i == 0 { step.pivot() } else { step });
    }
    plan.warnings.insert(
        0,
        "Amazon Connect can't move a group. Historical reports show the old group for the past and the new one from now on."
            .to_owned(),
    );
    plan.warnings.extend(hierarchy::dependants(ask, tree, &all, "moved").await?);
    plan.lost.push(
        "ids of the old groups; saved reports, filters and security profiles that use them must be updated"
            .to_owned(),
    );
    plan.next.extend(hierarchy::moving(&new_path, &group.path));
    plan.said_once();
    Ok(plan)
}

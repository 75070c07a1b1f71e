use std::collections::BTreeMap;

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, same_name};
use desk_core::card::{Block, Card, Tone};
use desk_core::center::{Hierarchy, HierarchyGroup};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec};

use crate::parts::hierarchy;
use crate::parts::opens::opens;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct ListArgs {
        group: Option<String> = optional(Kind::HierarchyGroup, "Only this group and those below it").in_place(),
    }
}

const SPEC: Spec = Spec {
    about: "The agent hierarchy as a tree, with the agents in each group",
    help: "The levels are listed at the top. Each group shows how many agents are in it, and how many including its subgroups.",
    risk: Risk::Read,
    also: &["hierarchy", "tree"],
    args: ListArgs::ARGS,
    examples: &["/connect group list", "/connect group list \"Eastern Region\""],
    operations: &["DescribeUserHierarchyStructure", "SearchUserHierarchyGroups", "SearchUsers"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ListArgs { group } = ListArgs::of(ask.args)?;
    let (tree, everyone) = futures::try_join!(ask.center.hierarchy(), ask.center.every_user())?;
    let branch = group.map(|typed| hierarchy::find(&tree, &typed)).transpose()?;
    let mut agents: BTreeMap<&str, usize> = BTreeMap::new();
    for group in everyone.iter().filter_map(|one| one.hierarchy_group.as_deref()) {
        *agents.entry(group).or_default() += 1;
    }
    let outside = everyone.iter().filter(|one| one.hierarchy_group.is_none()).count();
    Ok(Answer::Card(card(&tree, branch, &agents, outside)))
}

fn card(
    tree: &Hierarchy,
    branch: Option<&HierarchyGroup>,
    agents: &BTreeMap<&str, usize>,
    outside: usize,
) -> Card {
    let shown: Vec<&HierarchyGroup> = match branch {
        None => tree.groups.iter().collect(),
        Some(top) => {
            let below = tree.below(&top.id);
            tree.groups.iter().filter(|one| one.id == top.id || below.contains(one)).collect()
        }
    };
    let title = match branch {
        Some(top) => format!("{} and {} below it", code(&top.path), count(shown.len() - 1, "group")),
        None => format!("Agent hierarchy: {}", count(shown.len(), "group")),
    };
    let mut card = Card::new(Tone::Plain, title);
    let levels = tree.levels.iter().enumerate().map(|(i, name)| (format!("Level {}", i + 1), code(name)));
    let levels: Vec<(String, String)> = levels.collect();
    card = match levels.is_empty() {
        true => card
            .text("The hierarchy has no levels yet. Add the first one with `/connect group levels <name>`."),
        false => card.block(Block::Facts(levels)),
    };
    if tree.groups.is_empty() {
        return card.text("There are no groups yet. Add some with `/connect group add <path>`.");
    }
    let top = branch.map_or(1, |group| group.level);
    let row = |group: &HierarchyGroup| {
        let own = agents.get(group.id.as_str()).copied().unwrap_or_default();
        let below = tree.below(&group.id);
        let all = below.iter().filter_map(|one| agents.get(one.id.as_str())).sum::<usize>() + own;
        let counted = match (own, all, below.is_empty()) {
            (0, 0, _) => String::new(),
            (own, _, true) => count(own, "agent"),
            (own, all, false) => format!("{} ({all} with those below)", count(own, "agent")),
        };
        vec![format!("{}{}", indent(group.level - top), group.name), counted]
    };
    let rows = shown.iter().copied().map(row);
    card = card.block(Block::table(["Group", "Agents"], rows));
    // A path may be longer than a button's line; where no other group has the name, it is enough.
    let is_only = |name: &str| tree.groups.iter().filter(|other| same_name(&other.name, name)).count() == 1;
    let names = shown.iter().map(|group| if is_only(&group.name) { &group.name } else { &group.path });
    card.opens = opens("group", "/connect group show <group>", names.map(String::as_str));
    if branch.is_none() && outside > 0 {
        let verb = if outside == 1 { "is" } else { "are" };
        card = card.footer(format!("{} {verb} in no group", count(outside, "user")));
    }
    card
}

/// What shows how deep a group is where blanks in front are lost, as on Discord.
fn indent(depth: usize) -> String {
    match depth {
        0 => String::new(),
        depth => format!("└{} ", "─".repeat(depth - 1)),
    }
}

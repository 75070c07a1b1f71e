use desk_core::args;
use desk_core::basics::clean;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, same_name};
use desk_core::card::Block;
use desk_core::center::LEVELS_MAX;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, HierarchyLevels};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::{hierarchy, routing, subject};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[HierarchyLevels::NEEDS])
    .titled(|asked| format!("Set hierarchy level {}", subject::name(asked, "name")));

/// The longest name of a level.
const NAME_MAX: u16 = 50;

args! {
    struct LevelsArgs {
        name: String = required(Kind::Text(NAME_MAX), "The name of the level, such as Region or Team"),
        level: Option<usize> = optional(Kind::Integer(1, 5), "The level to rename; without it, a new level is added at the bottom"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Add a level to the agent hierarchy, or rename one",
    help: "A hierarchy has up to five levels. All levels are one setting in Amazon Connect, so the existing levels are sent along with the new one, and none is removed. `/connect group list` shows them.",
    risk: Risk::Change,
    also: &["level"],
    args: LevelsArgs::ARGS,
    examples: &["/connect group levels Seat", "/connect group levels Region level:1"],
    operations: &["SearchUserHierarchyGroups"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let LevelsArgs { name, level } = LevelsArgs::of(ask.args)?;
    let notes = clean::notes(&name);
    let name = routing::seen(&name)?;
    let tree = ask.center.hierarchy().await?;
    let there = tree.levels.len();
    let at = level.unwrap_or(there + 1);
    if at > LEVELS_MAX {
        return Err(Problem::requester(
            "level_too_many",
            format!("The hierarchy has {}, which is the limit.", hierarchy::levels(&tree)),
        )
        .hint("Rename one of them with `level:1` to `level:5`."));
    }
    if at > there + 1 {
        return Err(Problem::requester(
            "level_gap",
            format!("Level {at} can't be added: the hierarchy has {}.", hierarchy::levels(&tree)),
        )
        .hint(format!("Add level {} first.", there + 1)));
    }
    if let Some(same) = (1..).zip(&tree.levels).find(|(i, other)| *i != at && same_name(other, &name)) {
        return Err(Problem::requester(
            "level_exists",
            format!("Level {} already has the name {}.", same.0, code(same.1)),
        )
        .hint("Choose another name."));
    }
    let mut levels = tree.levels.clone();
    let before = levels.get(at - 1).cloned();
    if before.as_ref() == Some(&name) {
        return Err(Problem::requester(
            "level_same",
            format!("Level {at} already has the name {}.", code(&name)),
        )
        .hint("Choose another name."));
    }
    match levels.get_mut(at - 1) {
        Some(old) => old.clone_from(&name),
        None => levels.push(name.clone()),
    }
    let what = match &before {
        Some(old) => {
            format!("Rename level {at} of the agent hierarchy from {} to {}.", code(old), code(&name))
        }
        None => format!("Add level {at}, {}, to the agent hierarchy.", code(&name)),
    };
    let title = match &before {
        Some(old) => format!("Rename the level {} to {}", code(old), code(&name)),
        None => format!("Add the level {}", code(&name)),
    };
    let set = |levels: &[String], instead_of: &[String]| HierarchyLevels {
        levels: levels.to_vec(),
        instead_of: instead_of.to_vec(),
    };
    let step = Step::new(title, set(&levels, &tree.levels)).undone_by(set(&tree.levels, &levels));
    let mut plan = Plan { steps: vec![step], warnings: notes, ..Plan::new(what) };
    let old = before.as_deref().map_or_else(|| "none".to_owned(), code);
    plan.blocks.push(Block::Changes(vec![(format!("Level {at}"), old, code(&name))]));
    if there > 0 {
        plan.blocks.push(Block::Text(format!("All levels after that: {}.", {
            let names: Vec<String> = levels.iter().map(|name| code(name)).collect();
            names.join(" › ")
        })));
    }
    if before.is_some() {
        let on_it = tree.groups.iter().filter(|group| group.level == at).count();
        plan.warnings.push(format!("{} on this level keep their names.", count(on_it, "group")));
    }
    Ok(Answer::Plan(plan))
}

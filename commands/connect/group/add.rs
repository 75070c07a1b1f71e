use desk_core::args;
use desk_core::basics::clean;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, same_name};
use desk_core::card::Block;
use desk_core::center::Hierarchy;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::Plan;
use desk_core::plan::effect::{EffectKind as _, GroupAbsent, GroupPresent};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing, quoted};

use crate::parts::hierarchy;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[GroupPresent::NEEDS, GroupAbsent::NEEDS])
    .titled(|asked| format!("Add {}", subject::listed(asked, "hierarchy group", "group")));

/// The groups that AWS allows an instance unless it grants more.
const QUOTA: usize = 500;

/// The code of the problem that a group above isn't there.
const NO_PARENT: &str = "group_parent";

/// The most groups of one request.
const AT_ONCE: usize = 100;

args! {
    struct AddArgs {
        group: String = required(
            Kind::Text(4000),
            "The full path, such as Missouri/St. Louis/Team 4; separate several with ;"
        ).of_several(Thing::HierarchyGroup),
        parents: bool = optional(Kind::Flag, "Also create the groups above it that are missing"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Add hierarchy groups by path",
    help: "A path starts at the top level. Each group is one level below its parent, and that level has to exist: `/connect group levels` adds levels. Several groups are created in one request, all or none.",
    risk: Risk::Change,
    also: &[],
    args: AddArgs::ARGS,
    examples: &[
        "/connect group add \"Northern Region\"",
        "/connect group add \"Northern Region/Case Investigation North/Leads North; Eastern Region/Reserve\" parents:true",
    ],
    operations: &[
        "DescribeUser",
        "DescribeUserHierarchyStructure",
        "ListRoutingProfiles",
        "SearchUserHierarchyGroups",
        "SearchUsers",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let AddArgs { group, parents } = AddArgs::of(ask.args)?;
    let paths = hierarchy::paths(&group)?;
    let tree = ask.center.hierarchy().await?;
    let new = New::of(&tree, parents, &paths).map_err(|problem| offering(ask, &tree, &paths, problem));
    let New { made, there, .. } = new?;
    if made.is_empty() {
        return Err(match there.as_slice() {
            [only] => hierarchy::exists(only),
            all => Problem::requester(
                "group_exists",
                format!("All {} exist already.", count(all.len(), "group")),
            )
            .hint("`/connect group list` shows them."),
        });
    }
    if made.len() > AT_ONCE {
        let message = format!(
            "{} would be created. At most {AT_ONCE} can be created in one request.",
            count(made.len(), "group")
        );
        return Err(Problem::requester("groups_too_many", message).hint("Add some of them first."));
    }
    let what = match made.as_slice() {
        [(only, _)] => format!("Create the hierarchy group {}.", code(only)),
        all => format!("Create {}.", count(all.len(), "hierarchy group")),
    };
    let level = |wanted: usize| match tree.levels.get(wanted - 1) {
        Some(name) => format!("{wanted} ({name})"),
        None => wanted.to_string(),
    };
    let mut plan = Plan { warnings: clean::notes(&group), ..Plan::new(what) };
    plan.blocks.push(Block::table(
        ["New group", "Level"],
        made.iter().map(|(path, (depth, _))| vec![path.clone(), level(*depth)]),
    ));
    plan.warnings
        .extend(there.iter().map(|path| format!("{} already exists and stays unchanged.", code(path))));
    let all = tree.groups.len() + made.len();
    if all > QUOTA {
        plan.warnings.push(format!(
            "The hierarchy would have {all} groups, and AWS's default quota is {QUOTA}. If yours is not higher, nothing is created."
        ));
    }
    plan.steps = made.into_iter().map(|(path, (_, wanted))| hierarchy::create(&path, wanted)).collect();
    plan.said_once();
    Ok(Answer::Plan(plan))
}

/// What is to be created, with the level and the effect of each path.
struct New<'h> {
    tree: &'h Hierarchy,
    parents: bool,
    made: Vec<(String, (usize, GroupPresent))>,
    there: Vec<String>,
}

/// The same problem. Where a parent is missing, with the lines that would pass: with the parents created, and with the nearest names.
fn offering(ask: &Ask<'_>, tree: &Hierarchy, paths: &[Vec<String>], problem: Problem) -> Problem {
    let Some(meant) = problem.meant.as_deref().filter(|_| problem.code == NO_PARENT) else { return problem };
    let reason = ask.args.text("reason").map(|reason| format!(" reason:{}", quoted(reason)));
    let line = |paths: &[Vec<String>], more: &str| {
        let paths: Vec<String> = paths.iter().map(|parts| parts.join("/")).collect();
        format!(
            "/connect group add {}{more}{}",
            quoted(&paths.join("; ")),
            reason.as_deref().unwrap_or_default()
        )
    };
    let mut lines = Vec::new();
    let with_parents = New::of(tree, true, paths).is_ok();
    if with_parents {
        lines.push(line(paths, " parents:true"));
    }
    for instead in &meant.instead {
        let right = |parts: &Vec<String>| match parts.join("/") == meant.typed {
            true => instead.split('/').map(str::to_owned).collect(),
            false => parts.clone(),
        };
        let other: Vec<Vec<String>> = paths.iter().map(right).collect();
        if New::of(tree, false, &other).is_ok() {
            lines.push(line(&other, ""));
        }
    }
    // A line is shown as code.
    lines.retain(|line| !line.contains('`'));
    let hint = if with_parents { problem.hint } else { "Check the name.".to_owned() };
    Problem { meant: None, hint, ..problem }.offering(lines)
}

impl<'h> New<'h> {
    fn of(tree: &'h Hierarchy, parents: bool, paths: &[Vec<String>]) -> Result<New<'h>, Problem> {
        let mut new = New { tree, parents, made: Vec::new(), there: Vec::new() };
        paths.iter().try_for_each(|parts| new.path(parts))?;
        Ok(new)
    }

    fn path(&mut self, parts: &[String]) -> Result<(), Problem> {
        let typed = parts.join("/");
        let (parent, mut path, from) = match hierarchy::reached(self.tree, parts) {
            Some((group, n)) => (Some(group), group.path.clone(), n),
            None => (None, String::new(), 0),
        };
        if from == parts.len() {
            if !self.there.contains(&path) {
                self.there.push(path);
            }
            return Ok(());
        }
        let above = parent.map_or(0, |group| group.level);
        hierarchy::fits(self.tree, &typed, above + parts.len() - from)?;
        let mut missing = false;
        for (i, name) in parts.iter().enumerate().skip(from) {
            let above = (!path.is_empty()).then(|| path.clone());
            let depth = parent.map_or(i - from, |group| group.level + i - from) + 1;
            path = desk_core::plan::effect::group_path(above.as_deref(), name);
            let planned =
                self.made.iter().find(|(made, _)| same_name(made, &path)).map(|(made, _)| made.clone());
            if let Some(made) = planned {
                path = made;
                continue;
            }
            missing |= i + 1 < parts.len();
            if missing && !self.parents {
                return Err(self.no_parent(
                    &typed,
                    &path,
                    parent.map(|group| group.id.as_str()),
                    i == from,
                    name,
                    parts,
                ));
            }
            let parent_id = parent.filter(|_| i == from).map(|group| group.id.clone());
            let wanted =
                GroupPresent { group: name.clone(), parent: above, parent_id, tags: Default::default() };
            self.made.push((path.clone(), (depth, wanted)));
        }
        Ok(())
    }

    /// A group above the one that is to be created isn't there.
    fn no_parent(
        &self,
        typed: &str,
        missing: &str,
        parent: Option<&str>,
        is_below_one: bool,
        name: &str,
        parts: &[String],
    ) -> Problem {
        let near = if is_below_one { hierarchy::near(self.tree, parent, name) } else { Vec::new() };
        let instead = near.iter().map(|near| {
            let parts = parts.iter().map(|part| if part == name { *near } else { part.as_str() });
            parts.collect::<Vec<_>>().join("/")
        });
        let instead: Vec<String> = instead.collect();
        let message =
            format!("No hierarchy group {}, so {} can't be put below it.", code(missing), code(typed));
        Problem::requester(NO_PARENT, message)
            .hint("Check the name, or add `parents:true` to create the missing groups above it too.")
            .instead_of(typed, instead)
    }
}

//! What commands about the agent hierarchy share: paths, who is in a group, and what depends on one.

use desk_core::basics::clean;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, did_you_mean, is_within, list, nearest, path_key};
use desk_core::center::names;
use desk_core::center::{Filter, Found, Hierarchy, HierarchyGroup, LEVELS_MAX, Named};
use desk_core::command::Ask;
use desk_core::plan::Step;
use desk_core::plan::effect::{GroupAbsent, GroupPresent};
use desk_core::words::quoted;
use jiff::SignedDuration;

use crate::parts::users;

/// The longest name of a group (administrator guide).
const NAME_MAX: usize = 100;

/// Security profiles that are looked through for one that is limited to a group: each costs a call.
const PROFILES_MAX: usize = 25;

/// Logins and groups that a sentence names.
pub(crate) const SAID: usize = 10;

/// From so many calls on it is said how long they take.
const WORTH_SAYING: usize = 10;

/// What someone typed as one path or several, each in its parts.
pub(crate) fn paths(typed: &str) -> Result<Vec<Vec<String>>, Problem> {
    let mut all: Vec<Vec<String>> = Vec::new();
    for path in typed.split([';', '\n']).map(str::trim).filter(|path| !path.is_empty()) {
        if let Some(slashed) = names::with_slashes(path) {
            let message = format!("{} has no `/` between its groups.", code(path));
            return Err(names::instead(Problem::requester("group_path", message), path, slashed));
        }
        let parts = parts(path)?;
        if !all.contains(&parts) {
            all.push(parts);
        }
    }
    if all.is_empty() {
        return Err(Problem::requester("group_missing", "No hierarchy group is given.")
            .hint("Type its full path, such as `Missouri/St. Louis/Team 4`."));
    }
    Ok(all)
}

/// A path in its parts.
pub(crate) fn parts(path: &str) -> Result<Vec<String>, Problem> {
    path.trim_matches('/').split('/').map(|part| name(path, part)).collect()
}

/// The name of a group as it is sent.
fn name(path: &str, typed: &str) -> Result<String, Problem> {
    let name = clean::name(typed).into_owned();
    if name.is_empty() {
        return Err(Problem::requester("group_path", format!("The path {} has an empty part.", code(path)))
            .hint("Name each group in the path, such as `Missouri/St. Louis/Team 4`."));
    }
    if name.chars().count() > NAME_MAX {
        return Err(Problem::requester(
            "group_name",
            format!("{} is longer than {NAME_MAX} characters.", code(&name)),
        )
        .hint("Choose a shorter name."));
    }
    Ok(name)
}

/// The group that someone means: by its path, or by its own name where no other is called the same.
pub(crate) fn find<'h>(tree: &'h Hierarchy, typed: &str) -> Result<&'h HierarchyGroup, Problem> {
    let named = names::resolve("hierarchy group", typed, &tree.paths()).map_err(|problem| {
        let path = names::with_slashes(typed);
        if let Some(meant) =
            path.and_then(|path| names::resolve("hierarchy group", &path, &tree.paths()).ok())
        {
            return names::instead(problem, typed, meant.name);
        }
        // Most people type a group's own name, and the nearest is looked for among those.
        let guessed = problem.meant.as_ref().is_some_and(|meant| !meant.instead.is_empty());
        let near = nearest(typed, tree.groups.iter().map(|group| group.name.as_str()));
        let paths = tree.groups.iter().filter(|group| near.contains(&group.name.as_str()));
        let paths: Vec<String> = paths.map(|group| group.path.clone()).take(3).collect();
        match guessed || paths.is_empty() {
            true => problem,
            false => {
                let shown: Vec<&str> = paths.iter().map(String::as_str).collect();
                let hint = did_you_mean(&shown).unwrap_or_default();
                problem.hint(hint).instead_of(typed, paths)
            }
        }
    })?;
    tree.group(&named.id).ok_or_else(|| {
        Problem::requester("name_unknown", format!("No hierarchy group {}.", code(typed)))
            .hint("`/connect group list` shows them.")
    })
}

/// The group at the beginning of a path, as deep as there is one, and how many parts that is.
pub(crate) fn reached<'h>(tree: &'h Hierarchy, parts: &[String]) -> Option<(&'h HierarchyGroup, usize)> {
    (1..=parts.len()).rev().find_map(|n| {
        let path = parts.get(..n)?.join("/");
        let key = path_key(&path);
        let same = tree.groups.iter().find(|group| path_key(&group.path) == key);
        Some((tree.at(&path).or(same)?, n))
    })
}

/// The levels in a sentence: "3 levels (`Manager`, `Team` and `Role`)".
pub(crate) fn levels(tree: &Hierarchy) -> String {
    let names: Vec<String> = tree.levels.iter().map(|name| code(name)).collect();
    match names.len() {
        0 => "no levels".to_owned(),
        n => format!("{} ({})", count(n, "level"), list(&names, "and")),
    }
}

/// Whether there is a level so deep.
pub(crate) fn fits(tree: &Hierarchy, path: &str, depth: usize) -> Result<(), Problem> {
    if depth > LEVELS_MAX {
        return Err(Problem::requester(
            "group_too_deep",
            format!("{} would be on level {depth}, and a hierarchy has at most {LEVELS_MAX}.", code(path)),
        )
        .hint("Choose a group on a higher level."));
    }
    if depth > tree.levels.len() {
        let message =
            format!("{} would be on level {depth}, and the hierarchy has {}.", code(path), levels(tree));
        return Err(Problem::requester("level_missing", message)
            .hint("Add the level first: `/connect group levels <name>`."));
    }
    Ok(())
}

/// A name below a parent that a group has already.
pub(crate) fn free(tree: &Hierarchy, parent: Option<&HierarchyGroup>, name: &str) -> Result<(), Problem> {
    let Some(taken) = tree.child_named(parent.map(|parent| parent.id.as_str()), name) else { return Ok(()) };
    Err(exists(&taken.path))
}

/// There is such a group.
pub(crate) fn exists(path: &str) -> Problem {
    Problem::requester("group_exists", format!("The hierarchy group {} already exists.", code(path)))
        .hint("Choose another name, or put agents into it with `/connect group link`.")
}

/// Makes a group, and takes it away again.
pub(crate) fn create(path: &str, wanted: GroupPresent) -> Step {
    let back = GroupAbsent {
        id: None,
        group: wanted.group.clone(),
        parent: wanted.parent.clone(),
        parent_id: wanted.parent_id.clone(),
    };
    Step::new(format!("Create the hierarchy group {}", code(path)), wanted).undone_by(back)
}

/// Removes a group; what takes it back makes one of the same name, below whatever is at the path of its parent then.
pub(crate) fn remove(group: &HierarchyGroup) -> Step {
    let parent = group.parent_path().map(str::to_owned);
    let gone = GroupAbsent {
        id: Some(group.id.clone()),
        group: group.name.clone(),
        parent: parent.clone(),
        parent_id: group.parent.clone(),
    };
    let again = GroupPresent { group: group.name.clone(), parent, parent_id: None, tags: group.tags.clone() };
    Step::new(format!("Remove the hierarchy group {}", code(&group.path)), gone).undone_by(again)
}

/// The agents directly in a group, at most so many, and how many there are.
pub(crate) async fn agents(
    ask: &Ask<'_>,
    group: &HierarchyGroup,
    limit: usize,
) -> Result<(Vec<Found>, usize), Problem> {
    let filter = Filter { hierarchy_group: Some(group.named()), ..Filter::default() };
    ask.center.search(&filter, limit).await
}

/// What depends on these groups as they are called and where they are: security profiles that show only their agents, and rules
/// of the desk that name them.
pub(crate) async fn dependants(
    ask: &Ask<'_>,
    tree: &Hierarchy,
    groups: &[&HierarchyGroup],
    what: &str,
) -> Result<Vec<String>, Problem> {
    let mut said = Vec::new();
    let profiles = ask.center.security_profiles().await?;
    if profiles.len() > PROFILES_MAX {
        said.push(format!(
            "The {} security profiles weren't checked for limits to such a group. Check with `/connect security show`.",
            profiles.len()
        ));
    } else {
        for (profile, group) in limited(ask, &profiles).await? {
            let Some(group) = groups.iter().find(|one| one.id == group) else { continue };
            let then = format!("users with it see different users once this is {what}");
            said.push(format!(
                "The security profile {} is limited to agents in {}: {then}.",
                code(&profile.name),
                code(&group.path)
            ));
        }
    }
    for rule in &ask.policy.rules {
        let named = rule.touches.groups.iter().find(|named| {
            let wanted = path_key(named);
            tree.groups.iter().any(|group| path_key(&group.path) == wanted)
                && groups.iter().any(|group| is_within(&wanted, &path_key(&group.path)))
        });
        if let Some(named) = named {
            said.push(format!(
                "The policy rule {} names {}. Until the policy is updated, plans that need this rule are refused.",
                code(&rule.name),
                code(named)
            ));
        }
    }
    Ok(said)
}

/// The security profiles that show only the agents of a hierarchy group, with its id.
pub(crate) async fn limited(ask: &Ask<'_>, profiles: &[Named]) -> Result<Vec<(Named, String)>, Problem> {
    let looks = profiles.iter().map(|profile| async move {
        let restrictions = ask.center.restrictions(profile).await?;
        Ok(restrictions.and_then(|found| found.hierarchy_group).map(|group| (profile.clone(), group)))
    });
    Ok(users::side_by_side(looks).await?.into_iter().flatten().collect())
}

/// How long so many calls of an operation take, where that is worth saying.
pub(crate) fn takes(ask: &Ask<'_>, operation: &str, calls: usize) -> Option<String> {
    let rate = ask.center.pace(operation).filter(|_| calls >= WORTH_SAYING)?;
    let calls = u32::try_from(calls).unwrap_or(u32::MAX);
    let time = SignedDuration::try_from_secs_f64(f64::from(calls) / rate).ok()?;
    Some(format!(
        "Each agent takes one API call, at {rate} a second: this takes about {}.",
        desk_core::basics::text::span(time.as_secs())
    ))
}

/// Names of a list as a sentence has room for: `a`, `b` and 7 more.
pub(crate) fn some(names: &[String], total: usize) -> String {
    let shown: Vec<String> = names.iter().take(SAID).map(|name| code(name)).collect();
    match total.saturating_sub(shown.len()) {
        0 => list(&shown, "and"),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The children of a parent that are called nearly so.
pub(crate) fn near<'h>(tree: &'h Hierarchy, parent: Option<&str>, name: &str) -> Vec<&'h str> {
    nearest(name, tree.children(parent).into_iter().map(|group| group.name.as_str()))
}

/// The line that moves a group from a path to another one; none where its name has what no line can have.
pub(crate) fn moving(from: &str, to: &str) -> Option<String> {
    let line = format!("/connect group rename {} {}", quoted(from), quoted(to));
    (!line.contains('`')).then_some(line)
}

//! What a plan over several users changes, where what is alike is said once.

use std::collections::{BTreeMap, BTreeSet};

use super::details::{self, Row};
use crate::basics::text::{code, list, plain, whole};
use crate::card::Block;
use crate::center::Named;
use crate::plan::{AffectedUser, Plan};
use crate::user::UserField;

/// Users that are named where a change is not everybody's; more are counted.
const NAMED: usize = 2;

/// Users that are named below the changes.
const LOGINS: usize = 4;

/// The longest login there, in characters.
const LOGIN_MAX: usize = 40;

/// More different values than that of one thing are not spelled out.
const VALUES: usize = 3;

/// The label of what a security profile is given, and taken.
const ADD: &str = "Add security profile";
const REMOVE: &str = "Remove security profile";

/// What stands for more values than are spelled out.
const SEVERAL: &str = "various";

/// Several values before a change are spelled out up to so many characters, and several after it.
const BEFORE_MAX: usize = 32;
const AFTER_MAX: usize = 80;

/// The label of a hierarchy group, whose value is a path.
const PATH: &str = "Hierarchy group";

/// How a change is said, depending on how much room a card has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Each value that users had and will have, in full.
    InFull,
    /// Hierarchy groups by their own names, without the path.
    Short,
    /// The same, and one line for each value that users will have, whatever they had.
    Merged,
    /// One line for each setting, where that says what users will have.
    OneLine,
}

/// What, before, after.
pub(super) type Change = (String, String, String);

/// The changes of a plan over several users, who they are, and what is different for each of them.
pub(super) struct Alike {
    pub changes: Vec<Change>,
    /// Who they are, unless the title says it, and what is different for each of them.
    pub lines: Vec<String>,
    /// Something is different for each of them.
    differs: bool,
}

impl Alike {
    /// Whether it says nothing but who they are.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.differs
    }
}

/// Blocks of the plan that its changes stand for: everything else of the plan is shown with them.
pub(super) fn is_told_by_changes(block: &Block) -> bool {
    matches!(block, Block::Table { .. } | Block::Changes(_))
}

/// Whether a block is a table of users whom the plan removes. No change says who they are.
pub(super) fn names_removed(plan: &Plan, block: &Block) -> bool {
    let Block::Table { rows, .. } = block else { return false };
    let removed = plan.steps.iter().filter_map(|step| step.effect.user_outcome().removed());
    let removed: BTreeSet<&str> = removed.map(|(login, _)| login).collect();
    rows.iter().any(|row| row.first().is_some_and(|login| removed.contains(login.as_str())))
}

/// Nothing for a plan about one user or about none, which says itself what it changes. `title` is above it.
pub(super) fn alike(plan: &Plan, title: &str, told: Told) -> Option<Alike> {
    let users = plan.about.len();
    if users < 2 {
        return None;
    }
    let mut order: Vec<String> = Vec::new();
    let mut of: BTreeMap<String, BTreeMap<(String, String), Vec<String>>> = BTreeMap::new();
    let mut add = |what: &str, before: &str, after: &str, login: &str| {
        if !of.contains_key(what) {
            order.push(what.to_owned());
        }
        let values = of.entry(what.to_owned()).or_default();
        values.entry((before.to_owned(), after.to_owned())).or_default().push(login.to_owned());
    };
    for row in details::rows(plan).iter().filter(|row| !row.login.is_empty() && !row.message && row.step > 0)
    {
        match security_profiles(plan, row) {
            Some((added, removed)) => {
                added.iter().for_each(|name| add(ADD, "", name, &row.login));
                removed.iter().for_each(|name| add(REMOVE, "", name, &row.login));
            }
            None => add(&row.what, &row.before, &row.after, &row.login),
        }
    }
    let mut changes = Vec::new();
    let mut each: Vec<String> = Vec::new();
    // What changes is worth more than who they are, where there is no room for both.
    let mut is_long = false;
    for what in order {
        let mut values = of.remove(&what).unwrap_or_default();
        if what == PATH && told != Told::InFull {
            values = by_own_names(values);
        }
        let values = settled(values, told);
        let names = plain(&what, usize::MAX);
        let afters: BTreeSet<&String> = values.iter().map(|(_, after, _)| after).collect();
        let are_single = values.iter().all(|(.., logins)| logins.len() == 1);
        // What changes for one of two users is said, as far as there is room.
        let are_few = values.len() <= NAMED
            && told != Told::OneLine
            && values.iter().all(|(before, ..)| !before.is_empty());
        if values.len() > VALUES || (afters.len() > 1 && are_single && !are_few) {
            each.push(names);
            continue;
        }
        let changed: BTreeSet<&String> = values.iter().flat_map(|(.., logins)| logins).collect();
        let already = match what.as_str() {
            ADD if changed.len() < users => match users - changed.len() {
                1 => ", 1 has it".to_owned(),
                n => format!(", {n} have it"),
            },
            _ => String::new(),
        };
        if told == Told::OneLine && values.len() > 1 {
            if let Some((before, after)) = in_one_line(&values) {
                changes.push((format!("{names} ({}{already})", changed.len()), before, after));
                continue;
            }
            is_long = true;
        }
        for (before, after, logins) in &values {
            let who = match logins.len() {
                n if n > NAMED || n == users => n.to_string(),
                _ => logins.iter().map(|login| code(&plain(login, LOGIN_MAX))).collect::<Vec<_>>().join(", "),
            };
            changes.push((format!("{names} ({who}{already})"), before.clone(), whole(after)));
        }
    }
    // What the title says of whom it is about is not repeated.
    let is_titled = |user: &AffectedUser| title.contains(&code(&plain(&user.login, LOGIN_MAX)));
    let mut lines = Vec::new();
    if !is_long && !plan.about.iter().all(is_titled) {
        lines.push(logins(plan, told));
    }
    let differs = !each.is_empty();
    if differs {
        lines.push(format!("Different for each user: {}", each.join(", ")));
    }
    Some(Alike { changes, lines, differs })
}

/// The values of one thing before and after, as they are shown, most users first. Where there are many different ones, or little room,
/// users are taken together by what they will have.
fn settled(
    values: BTreeMap<(String, String), Vec<String>>,
    told: Told,
) -> Vec<(String, String, Vec<String>)> {
    let is_merged = values.len() > VALUES || matches!(told, Told::Merged | Told::OneLine);
    let mut all: Vec<(Vec<String>, String, Vec<String>)> = Vec::new();
    for ((before, after), logins) in values {
        match all.iter_mut().find(|(_, other, _)| is_merged && *other == after) {
            Some((befores, _, of)) => {
                befores.push(before);
                of.extend(logins);
            }
            None => all.push((vec![before], after, logins)),
        }
    }
    all.sort_by_key(|(.., logins)| std::cmp::Reverse(logins.len()));
    all.into_iter().map(|(befores, after, logins)| (had(&befores), after, logins)).collect()
}

/// What users had and what they will have, where that differs, in one line: "`Basic`", "`East` (5) and `West` (4)". None where what they
/// will have is too long for one.
fn in_one_line(values: &[(String, String, Vec<String>)]) -> Option<(String, String)> {
    let before = match values {
        [(first, ..), rest @ ..] if rest.iter().all(|(before, ..)| before == first) => first.clone(),
        _ => SEVERAL.to_owned(),
    };
    let afters: Vec<String> =
        values.iter().map(|(_, after, logins)| format!("{} ({})", whole(after), logins.len())).collect();
    let after = list(&afters, "and");
    (after.chars().count() <= AFTER_MAX).then_some((before, after))
}

/// What users had before, in few words.
fn had(befores: &[String]) -> String {
    let characters: usize = befores.iter().map(|before| before.chars().count()).sum();
    match befores {
        [one] if one.is_empty() => String::new(),
        [one] => whole(one),
        all if all.iter().all(String::is_empty) => String::new(),
        all if characters <= BEFORE_MAX && !all.iter().any(String::is_empty) => {
            list(&all.iter().map(|one| whole(one)).collect::<Vec<_>>(), "or")
        }
        _ => SEVERAL.to_owned(),
    }
}

/// The same values with hierarchy groups by their own names, unless two that differ have the same one.
fn by_own_names(values: BTreeMap<(String, String), Vec<String>>) -> BTreeMap<(String, String), Vec<String>> {
    let own = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let paths: BTreeSet<&String> = values.keys().flat_map(|(before, after)| [before, after]).collect();
    let names: BTreeSet<String> = paths.iter().map(|path| own(path)).collect();
    if names.len() < paths.len() {
        return values;
    }
    values.into_iter().map(|((before, after), logins)| ((own(&before), own(&after)), logins)).collect()
}

/// Who a plan is about: the first few, and how many more.
fn logins(plan: &Plan, told: Told) -> String {
    let users = plan.about.len();
    let most = if told == Told::OneLine { LOGINS - 1 } else { LOGINS };
    let shown = if users > most + 1 { most } else { users };
    let named: Vec<String> =
        plan.about.iter().take(shown).map(|user| code(&plain(&user.login, LOGIN_MAX))).collect();
    match users - shown {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// The security profiles that a row gives and takes.
fn security_profiles(plan: &Plan, row: &Row) -> Option<(Vec<String>, Vec<String>)> {
    let step = plan.steps.get(row.step.checked_sub(1)?)?;
    let of = |effect: &crate::plan::Effect| match effect.user_outcome() {
        crate::plan::UserOutcome::Set { field: UserField::SecurityProfiles(all), .. } => Some(all.clone()),
        _ => None,
    };
    let (new, old) = (of(&step.effect)?, of(step.undo.as_ref()?)?);
    let but = |all: &[Named], others: &[Named]| {
        let missing = all.iter().filter(|one| others.iter().all(|other| other.id != one.id));
        missing.map(|one| one.name.clone()).collect::<Vec<_>>()
    };
    Some((but(&new, &old), but(&old, &new)))
}

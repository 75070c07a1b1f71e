//! What a plan over several users changes, where what is alike is said once.

use std::collections::{BTreeMap, BTreeSet};

use super::details::{self, Row};
use crate::basics::text::{code, plain, whole};
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
pub(super) fn alike(plan: &Plan, title: &str) -> Option<Alike> {
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
    for what in order {
        let values = settled(of.remove(&what).unwrap_or_default());
        let names = plain(&what, usize::MAX);
        if values.len() > VALUES || (values.len() > 1 && values.iter().all(|(.., logins)| logins.len() == 1))
        {
            each.push(names);
            continue;
        }
        let told: BTreeSet<&String> = values.iter().flat_map(|(.., logins)| logins).collect();
        let already = match what.as_str() {
            ADD if told.len() < users => match users - told.len() {
                1 => ", 1 has it".to_owned(),
                n => format!(", {n} have it"),
            },
            _ => String::new(),
        };
        for (before, after, logins) in &values {
            let who = match logins.len() {
                n if n > NAMED || n == users => n.to_string(),
                _ => logins.iter().map(|login| code(&plain(login, LOGIN_MAX))).collect::<Vec<_>>().join(", "),
            };
            let before = match before.as_str() {
                "" | SEVERAL => before.clone(),
                before => whole(before),
            };
            changes.push((format!("{names} ({who}{already})"), before, whole(after)));
        }
    }
    // What the title says of whom it is about is not repeated.
    let is_titled = |user: &AffectedUser| title.contains(&code(&plain(&user.login, LOGIN_MAX)));
    let mut lines = Vec::new();
    if !plan.about.iter().all(is_titled) {
        lines.push(logins(plan));
    }
    let differs = !each.is_empty();
    if differs {
        lines.push(format!("Different for each user: {}", each.join(", ")));
    }
    Some(Alike { changes, lines, differs })
}

/// The values of one thing, most users first; where they had many different ones, by what they will have.
fn settled(values: BTreeMap<(String, String), Vec<String>>) -> Vec<(String, String, Vec<String>)> {
    let mut by_after: BTreeMap<String, (bool, Vec<String>)> = BTreeMap::new();
    let is_many = values.len() > VALUES;
    let mut all: Vec<(String, String, Vec<String>)> = Vec::new();
    for ((before, after), logins) in values {
        if is_many {
            let (had, of) = by_after.entry(after).or_default();
            *had |= !before.is_empty();
            of.extend(logins);
        } else {
            all.push((before, after, logins));
        }
    }
    all.extend(by_after.into_iter().map(|(after, (had, logins))| {
        let before = if had { SEVERAL.to_owned() } else { String::new() };
        (before, after, logins)
    }));
    all.sort_by_key(|(.., logins)| std::cmp::Reverse(logins.len()));
    all
}

/// Who a plan is about: the first few, and how many more.
fn logins(plan: &Plan) -> String {
    let users = plan.about.len();
    let shown = if users > LOGINS + 1 { LOGINS } else { users };
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

//! What became different about the users whom a plan was made for, or in its steps, as sentences for people.

use super::effect::Detail;
use crate::basics::text::{code, plain, whole};
use crate::center::{QuickConnect, Snapshot};
use crate::user::changes::{self, Change, NONE};

/// What differs between two looks at the same users.
pub(super) fn between(old: &[Snapshot], new: &[Snapshot]) -> Vec<String> {
    let several = old.len().max(new.len()) > 1;
    let find = |all: &'_ [Snapshot], login: &str| all.iter().position(|one| one.user.login == login);
    let mut said = Vec::new();
    for was in old {
        let login = whole(&was.user.login);
        match find(new, &was.user.login).and_then(|at| new.get(at)) {
            None => said.push(format!("{login} is no longer part of it")),
            Some(is) if is != was => {
                said.extend(of_user(was, is, &if several { format!(" of {login}") } else { String::new() }));
            }
            Some(_) => {}
        }
    }
    let added = new.iter().filter(|one| find(old, &one.user.login).is_none());
    said.extend(added.map(|one| format!("{} is now part of it", whole(&one.user.login))));
    said
}

/// What steps set that other steps set otherwise: what was there before, or what is there after.
pub(super) fn of_steps(old: &[Detail], new: &[Detail]) -> Vec<String> {
    let mut gone: Vec<&Detail> = old.iter().filter(|row| !new.contains(row)).collect();
    let mut said = Vec::new();
    for row in new.iter().filter(|row| !old.contains(row)) {
        let what = match row.login.as_str() {
            "" => plain(&row.what, usize::MAX),
            login => format!("{} of {}", plain(&row.what, usize::MAX), code(login)),
        };
        let value = |value: &str| code(if value.is_empty() { "none" } else { value });
        let Some(at) = gone.iter().position(|old| old.login == row.login && old.what == row.what) else {
            said.push(format!("new: {what}: {}", value(&row.after)));
            continue;
        };
        let was = gone.remove(at);
        // Words of the desk, such as how many users are touched, are among the warnings.
        if row.message {
            continue;
        }
        if was.before != row.before {
            said.push(format!("{what} was {}, is now {}", value(&was.before), value(&row.before)));
        }
        if was.after != row.after {
            said.push(format!("{what} would be {} instead of {}", value(&row.after), value(&was.after)));
        }
    }
    said.extend(gone.iter().map(|row| format!("no longer: {}", plain(&row.what, usize::MAX))));
    said
}

/// What differs about one user; `of` is whose it is, where that has to be said.
fn of_user(was: &Snapshot, is: &Snapshot, of: &str) -> Vec<String> {
    let login = whole(&was.user.login);
    let mut said = Vec::new();
    if was.user.id != is.user.id {
        said.push(format!("{login} was removed and created again"));
    }
    let made = changes::fields(&was.user.profile, &is.user.profile);
    let fields = made.iter().flat_map(changes::FieldChange::changes);
    let levels = changes::proficiencies(&was.proficiencies, &is.proficiencies);
    said.extend(fields.chain(levels).map(|change| sentence(&change, of)));
    said.extend(quick_connects(&was.quick_connects, &is.quick_connects));
    if said.is_empty() {
        // Only the time tells that someone touched the user.
        said.push(format!("{login} was saved again with the same settings"));
    }
    said
}

/// `routing profile: `A` became `B``.
fn sentence((what, before, after): &Change, of: &str) -> String {
    let removed = what.strip_suffix(changes::REMOVED);
    let is_tag = what.starts_with(changes::TAG);
    let what = changes::within(removed.unwrap_or(what));
    let (was, is) = (whole(before), whole(after));
    match (before.as_str(), after.as_str()) {
        // Only the id differs.
        _ if before == after => format!("{what}{of}: {was} was replaced by another {is}"),
        (_, NONE) if removed.is_some() || !is_tag => format!("{what}{of}: {was} was removed"),
        (NONE, _) => format!("{what}{of}: {is} was added"),
        _ => format!("{what}{of}: {was} became {is}"),
    }
}

fn quick_connects(old: &[QuickConnect], new: &[QuickConnect]) -> Vec<String> {
    let find = |all: &'_ [QuickConnect], id: &str| all.iter().position(|one| one.id == id);
    let called = |one: &QuickConnect| format!("the quick connect {}", whole(&one.name));
    let queues = |one: &QuickConnect| match one.queues.is_empty() {
        true => NONE.to_owned(),
        false => changes::names(&one.queues),
    };
    let mut said = Vec::new();
    for was in old {
        match find(new, &was.id).and_then(|at| new.get(at)) {
            None => said.push(format!("{} was removed", called(was))),
            Some(is) if is.queues != was.queues => {
                let what = format!("queues of {}", called(is));
                said.push(sentence(&(what, queues(was), queues(is)), ""));
            }
            Some(is) if is != was => said.push(format!("{} was changed", called(was))),
            Some(_) => {}
        }
    }
    let added = new.iter().filter(|one| find(old, &one.id).is_none());
    said.extend(added.map(|one| format!("{} was added", called(one))));
    said
}

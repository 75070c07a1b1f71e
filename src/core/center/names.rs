//! Names become ids in one place, with "did you mean".

use crate::basics::problem::Problem;
use crate::basics::text::{self, code, whole};
use crate::center::{ContactCenter, Named, User};

/// The one thing among `all` that `typed` names: exactly, or else as people compare names, or else (for paths) by its last part.
///
/// `kind` is what such a thing is called in a sentence, such as `routing profile`.
pub fn resolve(kind: &str, typed: &str, all: &[Named]) -> Result<Named, Problem> {
    if let Some(exact) = all.iter().find(|named| named.name == typed || named.id == typed) {
        return Ok(exact.clone());
    }
    let wanted = text::folded(typed);
    let same = |name: &str| text::folded(name) == wanted;
    let last_part = |name: &str| name.rsplit('/').next().is_some_and(same);
    let matching = |test: &dyn Fn(&str) -> bool| -> Vec<&Named> {
        all.iter().filter(|named| test(&named.name)).collect()
    };
    for matches in [matching(&same), matching(&last_part)] {
        match matches.as_slice() {
            [] => {}
            [one] => return Ok((*one).clone()),
            several => {
                let names: Vec<String> = several.iter().map(|named| whole(&named.name)).collect();
                let meant = several.iter().map(|named| named.name.clone()).collect();
                return Err(Problem::requester(
                    "name_ambiguous",
                    format!("{} matches more than one {kind}.", code(typed)),
                )
                .hint(format!("Type one of {} in full.", text::list(&names, "or")))
                .instead_of(typed, meant)
                .about(kind));
            }
        }
    }
    let mut near = text::nearest(typed, all.iter().map(|named| named.name.as_str()));
    // Several, as sheets have them, are not one of them.
    near.retain(|name| !typed.contains('|') || name.contains('|'));
    let hint = text::did_you_mean(&near).unwrap_or_else(|| {
        let mut names: Vec<String> = all.iter().map(|named| code(&named.name)).collect();
        names.sort();
        match names.len() {
            0 => format!("The contact center has no {kind}."),
            n if n <= 10 => format!("Choose {}.", text::list(&names, "or")),
            n => format!("There are {n}, such as {}.", text::list(&names[..5], "and")),
        }
    });
    let near = near.into_iter().map(str::to_owned).collect();
    Err(Problem::requester("name_unknown", format!("No {kind} {}.", code(typed)))
        .hint(hint)
        .instead_of(typed, near)
        .about(kind))
}

/// The predefined attribute, or the value of one, that `typed` names: exactly, or else as people compare names. Only what is predefined
/// can be given. `kind` is what it is called in a sentence.
pub fn predefined<'a>(
    kind: &str,
    typed: &str,
    all: impl Iterator<Item = &'a str> + Clone,
) -> Result<String, Problem> {
    let same = |other: &&str| text::folded(other) == text::folded(typed);
    if let Some(found) = all.clone().find(|other| *other == typed).or_else(|| all.clone().find(same)) {
        return Ok(found.to_owned());
    }
    let near = text::nearest(typed, all);
    let hint = text::did_you_mean(&near)
        .unwrap_or_else(|| "Ask an administrator to predefine it, or leave it out.".to_owned());
    Err(Problem::requester("proficiency_unknown", format!("No predefined {kind} {}.", code(typed)))
        .hint(hint))
}

/// A path of hierarchy groups that was typed with other signs between them, such as the arrows of a guide, as a path; none if it has none.
pub fn with_slashes(typed: &str) -> Option<String> {
    let arrows = typed.replace("->", "→").replace("=>", "→").replace(" > ", "→");
    let parts: Vec<&str> = arrows.split(['→', '›', '»', '|']).map(str::trim).collect();
    (parts.len() > 1 && parts.iter().all(|part| !part.is_empty())).then(|| parts.join("/"))
}

/// That this name may have been meant.
pub fn instead(problem: Problem, typed: &str, name: String) -> Problem {
    let hint = text::did_you_mean(&[&name]).unwrap_or_default();
    problem.hint(hint).instead_of(typed, vec![name]).about("hierarchy group")
}

/// The hierarchy group named by its path, or by its own name when no other group is called the same. Between the levels may be what
/// sheets and people write there: `East | Team 1`, `East > Team 1`.
pub async fn hierarchy_group(center: &dyn ContactCenter, typed: &str) -> Result<Named, Problem> {
    const KIND: &str = "hierarchy group";
    let all = center.hierarchy_groups().await?;
    let as_typed = typed;
    let is_called = |group: &Named| text::folded(&group.name) == text::folded(typed);
    let path = with_slashes(typed).filter(|_| !all.iter().any(is_called));
    let typed = path.as_deref().unwrap_or(typed);
    let about_all = |mut problem: Problem| {
        if let Some(meant) = &mut problem.meant {
            as_typed.clone_into(&mut meant.typed);
        }
        problem
    };
    let last = text::folded(typed.rsplit('/').next().unwrap_or(typed));
    let mut candidates: Vec<&Named> = all.iter().filter(|group| text::folded(&group.name) == last).collect();
    if candidates.is_empty() {
        // Someone may name a group by its id; otherwise this gives the refusal with the nearest names.
        let group = resolve(KIND, typed, &all).map_err(about_all)?;
        return center.hierarchy_path(&group).await;
    }
    candidates.truncate(20);
    let mut paths = Vec::new();
    for group in candidates {
        paths.push(center.hierarchy_path(group).await?);
    }
    resolve(KIND, typed, &paths).map_err(about_all)
}

/// The user with exactly this login, or a refusal that names the logins nearest to it: what is changed is named as it is.
pub async fn user(center: &dyn ContactCenter, login: &str) -> Result<User, Problem> {
    match center.user(login).await? {
        Some(user) => Ok(user),
        None => {
            let resembling = center.resembling(login).await?;
            Err(refusal(center, login, &resembling).await?)
        }
    }
}

/// The user with this login, also when only its case differs from the only one there is: for what is looked at.
pub async fn found(center: &dyn ContactCenter, login: &str) -> Result<User, Problem> {
    if let Some(user) = center.user(login).await? {
        return Ok(user);
    }
    let resembling = center.resembling(login).await?;
    let same: Vec<&String> =
        resembling.iter().filter(|other| text::folded(other) == text::folded(login)).collect();
    if let [only] = same.as_slice()
        && let Some(user) = center.user(only).await?
    {
        return Ok(user);
    }
    Err(refusal(center, login, &resembling).await?)
}

/// Why there is no user with this login. Amazon Connect can't search for emails, but the part before the `@` may be a login.
async fn refusal(center: &dyn ContactCenter, login: &str, resembling: &[String]) -> Result<Problem, Problem> {
    let is_same = |other: &String| text::folded(other) == text::folded(login);
    let local = login.split_once('@').map(|(local, _)| local.to_owned());
    let Some(local) = local.filter(|local| !local.is_empty() && !resembling.iter().any(is_same)) else {
        return Ok(unknown(login, resembling));
    };
    // Someone else may have the same one, under a login that begins alike.
    let begins = |other: &&String| text::folded(other).starts_with(&text::folded(&local));
    let mut logins: Vec<String> = resembling.iter().filter(begins).take(EMAILS_READ_MAX).cloned().collect();
    logins.push(local.clone());
    let users = center.users(&logins).await?;
    let has_it = |user: &&User| user.profile.identity.email.as_ref().is_some_and(is_same);
    let having: Vec<String> = users.iter().filter(has_it).map(|user| user.login.clone()).collect();
    if having.len() > 1 {
        let shown: Vec<String> = having.iter().map(|login| code(login)).collect();
        let hint = format!("It's the email of {}.", text::list(&shown, "and"));
        let problem = Problem::requester("user_unknown", format!("No user {}.", code(login))).hint(hint);
        return Ok(problem.instead_of(login, having).about(USER));
    }
    let Some(user) = users.into_iter().find(|user| user.login.eq_ignore_ascii_case(&local)) else {
        return Ok(unknown(login, resembling));
    };
    let shown = code(&user.login);
    let hint = match &user.profile.identity.email {
        Some(email) if is_same(email) => format!("It's the email of {shown}."),
        Some(email) => format!("The email of {shown} is {}.", code(email)),
        None => format!("{shown} has no email."),
    };
    let problem = Problem::requester("user_unknown", format!("No user {}.", code(login))).hint(hint);
    Ok(problem.instead_of(login, vec![user.login]).about(USER))
}

/// Users whose emails are compared with one that was typed as a login: each costs a call.
const EMAILS_READ_MAX: usize = 5;

/// What [`crate::words::Thing::word`] calls those who have a login.
const USER: &str = "user";

fn unknown(login: &str, resembling: &[String]) -> Problem {
    let problem = Problem::requester("user_unknown", format!("No user {}.", code(login)));
    let folded = text::folded(login);
    let others = || resembling.iter().map(String::as_str).filter(|other| *other != login);
    let same: Vec<&str> = others().filter(|other| text::folded(other) == folded).collect();
    let only_case = !same.is_empty();
    let near = if only_case { same } else { text::nearest(login, others()) };
    let next = match text::did_you_mean(&near) {
        Some(_) if only_case => "Logins are case-sensitive.".to_owned(),
        Some(hint) => hint,
        None => "Search with `/connect find`.".to_owned(),
    };
    problem.hint(next).instead_of(login, near.into_iter().map(str::to_owned).collect()).about(USER)
}

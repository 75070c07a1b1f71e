//! Names become ids in one place, with "did you mean".

use crate::center::{ContactCenter, Named, User};
use crate::problem::Problem;
use crate::text::{self, code};

/// The one thing among `all` that `typed` names: exactly, or else without case, or else (for paths) by its last part.
///
/// `kind` is what such a thing is called in a sentence, such as `routing profile`.
pub fn resolve(kind: &str, typed: &str, all: &[Named]) -> Result<Named, Problem> {
    if let Some(exact) = all.iter().find(|named| named.name == typed || named.id == typed) {
        return Ok(exact.clone());
    }
    let lower = typed.to_lowercase();
    let same = |name: &str| name.to_lowercase() == lower;
    let last_part = |name: &str| name.rsplit('/').next().is_some_and(same);
    let matching = |test: &dyn Fn(&str) -> bool| -> Vec<&Named> {
        all.iter().filter(|named| test(&named.name)).collect()
    };
    for matches in [matching(&same), matching(&last_part)] {
        match matches.as_slice() {
            [] => {}
            [one] => return Ok((*one).clone()),
            several => {
                let names: Vec<String> = several.iter().map(|named| code(&named.name)).collect();
                return Err(Problem::asker(
                    "name_ambiguous",
                    format!("{} names more than one {kind}.", code(typed)),
                )
                .next(format!("Type one of {} in full.", text::list(&names, "or"))));
            }
        }
    }
    let near = text::nearest(typed, all.iter().map(|named| named.name.as_str()));
    let hint = text::did_you_mean(&near).unwrap_or_else(|| {
        let mut names: Vec<String> = all.iter().map(|named| code(&named.name)).collect();
        names.sort();
        match names.len() {
            0 => format!("The contact center has no {kind} at all."),
            n if n <= 10 => format!("There are {}.", text::list(&names, "and")),
            n => format!("There are {n}; among them {}.", text::list(&names[..5], "and")),
        }
    });
    Err(Problem::asker("name_unknown", format!("There is no {kind} {}.", code(typed))).next(hint))
}

/// The hierarchy group named by its path, or by its own name when no other group is called the same.
pub async fn hierarchy_group(center: &dyn ContactCenter, typed: &str) -> Result<Named, Problem> {
    const KIND: &str = "hierarchy group";
    let all = center.hierarchy_groups().await?;
    let last = typed.rsplit('/').next().unwrap_or(typed).trim().to_lowercase();
    let mut candidates: Vec<&Named> = all.iter().filter(|group| group.name.to_lowercase() == last).collect();
    if candidates.is_empty() {
        // Somebody may name a group by its id; otherwise this gives the refusal with the nearest names.
        let group = resolve(KIND, typed, &all)?;
        return center.hierarchy_path(&group).await;
    }
    candidates.truncate(20);
    let mut paths = Vec::new();
    for group in candidates {
        paths.push(center.hierarchy_path(group).await?);
    }
    resolve(KIND, typed, &paths)
}

/// The user with this login, or a refusal that names the logins nearest to it.
pub async fn user(center: &dyn ContactCenter, login: &str) -> Result<User, Problem> {
    if let Some(user) = center.user(login).await? {
        return Ok(user);
    }
    let resembling = center.resembling(login).await?;
    let says = format!("There is no user {}.", code(login));
    if let Some(same) = resembling.iter().find(|other| other.to_lowercase() == login.to_lowercase()) {
        return Err(Problem::asker("user_unknown", says)
            .next(format!("Logins are case-sensitive: did you mean {}?", code(same))));
    }
    let near = text::nearest(login, resembling.iter().map(String::as_str));
    let next = text::did_you_mean(&near)
        .unwrap_or_else(|| "Look for the right login with `/connect find`.".to_owned());
    Err(Problem::asker("user_unknown", says).next(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Named> {
        [
            "Basic Routing Profile",
            "Contact Tracers Profile",
            "East/Team 1",
            "West/Team 1",
            "basic routing profile 2",
        ]
        .iter()
        .enumerate()
        .map(|(i, name)| Named { id: format!("id-{i}"), name: (*name).to_owned() })
        .collect()
    }

    #[test]
    fn names_resolve_exactly_then_without_case_then_by_their_last_part() {
        assert_eq!(resolve("routing profile", "Basic Routing Profile", &all()).unwrap().id, "id-0");
        assert_eq!(resolve("routing profile", "basic routing PROFILE", &all()).unwrap().id, "id-0");
        assert_eq!(resolve("group", "west/team 1", &all()).unwrap().id, "id-3");
        assert_eq!(resolve("group", "team 1", &all()).unwrap_err().code, "name_ambiguous");
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_nearest_ones() {
        let problem = resolve("routing profile", "Contact Tracer Profle", &all()).unwrap_err();
        assert_eq!(
            problem.to_string(),
            "There is no routing profile `Contact Tracer Profle`. Did you mean `Contact Tracers Profile`?"
        );
    }
}

//! What a security profile allows and limits, in words.

use std::collections::BTreeMap;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, list};
use desk_core::center::names;
use desk_core::center::security::in_words;
use desk_core::center::{Named, Restrictions};
use desk_core::command::Ask;

/// The profile that someone means.
pub(crate) async fn find(ask: &Ask<'_>, typed: &str) -> Result<Named, Problem> {
    names::resolve("security profile", typed, &ask.center.security_profiles().await?)
}

/// What a profile limits; one that is gone by now is said to be.
pub(crate) async fn limits(ask: &Ask<'_>, profile: &Named) -> Result<Restrictions, Problem> {
    ask.center.restrictions(profile).await?.ok_or_else(|| {
        Problem::requester(
            "profile_gone",
            format!("The security profile {} no longer exists.", code(&profile.name)),
        )
        .hint("`/connect security list` shows all of them.")
    })
}

/// Permissions by the areas of the admin website: "Users: create, edit, view".
pub(crate) fn by_area<'p>(permissions: impl IntoIterator<Item = &'p str>) -> Vec<String> {
    let mut areas: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for permission in permissions {
        let (area, action) = in_words(permission);
        let actions = areas.entry(area).or_default();
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    let line = |(area, mut actions): (String, Vec<String>)| {
        actions.sort();
        format!("{}: {}", code(&area).replace('`', ""), actions.join(", ").replace('`', "'"))
    };
    areas.into_iter().map(line).collect()
}

/// What is limited, a name and a value each; the same names for every profile, so that two can be compared.
pub(crate) async fn restrictions(
    ask: &Ask<'_>,
    limits: &Restrictions,
) -> Result<Vec<(String, String)>, Problem> {
    let Restrictions { tags, tag_restricted, hierarchy_restricted, hierarchy_group, data_tables } = limits;
    let kinds = |all: &std::collections::BTreeSet<String>| {
        let names: Vec<String> = all.iter().map(|kind| code(kind)).collect();
        list(&names, "and")
    };
    let mut said = Vec::new();
    if !tags.is_empty() || !tag_restricted.is_empty() {
        let pairs: Vec<String> = tags.iter().map(|(key, value)| code(&format!("{key}={value}"))).collect();
        let pairs = if pairs.is_empty() { "no tag".to_owned() } else { list(&pairs, "and") };
        let of = if tag_restricted.is_empty() { "nothing".to_owned() } else { kinds(tag_restricted) };
        said.push(("Limited by tags".to_owned(), format!("{of} with {pairs}")));
    }
    if hierarchy_group.is_some() || !hierarchy_restricted.is_empty() {
        let group = match hierarchy_group {
            None => "their own group".to_owned(),
            Some(id) => {
                let named = Named { id: id.clone(), name: id.clone() };
                code(&ask.center.hierarchy_path(&named).await?.name)
            }
        };
        let of =
            if hierarchy_restricted.is_empty() { "nothing".to_owned() } else { kinds(hierarchy_restricted) };
        said.push(("Limited by hierarchy".to_owned(), format!("{of} in {group} and below")));
    }
    if *data_tables {
        said.push(("Limited in data tables".to_owned(), "yes; see the admin website".to_owned()));
    }
    Ok(said)
}

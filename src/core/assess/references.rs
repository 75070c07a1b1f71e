//! Names of things in the contact center that the configuration mentions, and those that aren't there: only a running desk can
//! tell. A name that isn't there protects no one and matches nothing, so it is said at the start and never passed over.

use std::collections::BTreeSet;

use crate::basics::problem::Problem;
use crate::basics::text::{code, name_key, path_key, same_name};
use crate::center::ContactCenter;
use crate::policy::site::{Protected, Site};
use crate::policy::{Policy, Rule};

/// A name that the configuration has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it is: `[protected]`, or a rule.
    pub place: String,
    pub kind: Kind,
    pub name: String,
}

/// What the name should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Login,
    SecurityProfile,
    RoutingProfile,
    HierarchyGroup,
}

impl Reference {
    /// Says that it isn't there, and what follows.
    pub fn missing(&self) -> String {
        let kind = match self.kind {
            Kind::Login => "user",
            Kind::SecurityProfile => "security profile",
            Kind::RoutingProfile => "routing profile",
            Kind::HierarchyGroup => "hierarchy group",
        };
        let then = match (self.kind, self.place.as_str()) {
            (Kind::Login, _) => "If one is created, this applies to it.",
            (_, PROTECTED) => "Until this is corrected, everyone counts as protected.",
            (_, NEW_USERS) => "Until this is corrected, it has to be given for each new user.",
            _ => "Until this is corrected, plans that need the rule are refused.",
        };
        format!(
            "{} names the {kind} {}, which the contact center doesn't have. {then}",
            self.place,
            code(&self.name)
        )
    }

    /// The name as it is compared.
    pub fn key(&self) -> String {
        match self.kind {
            Kind::HierarchyGroup => path_key(&self.name),
            _ => name_key(&self.name).into_owned(),
        }
    }
}

const PROTECTED: &str = "[protected]";
const NEW_USERS: &str = "[new_users]";

/// The names that decide who may do what: those of the rules and of who is protected, but no logins, which may come and go.
pub fn deciding(policy: &Policy, protected: &Protected) -> Vec<Reference> {
    let mut all = named(PROTECTED, Kind::SecurityProfile, &protected.security_profiles);
    for rule in &policy.rules {
        let place = place(rule);
        all.extend(named(&place, Kind::SecurityProfile, &rule.touches.security_profiles));
        all.extend(named(&place, Kind::HierarchyGroup, &rule.touches.groups));
    }
    all
}

/// The names among those that decide which the contact center doesn't have, as they are compared.
pub async fn unknown(
    center: &dyn ContactCenter,
    policy: &Policy,
    protected: &Protected,
) -> Result<BTreeSet<String>, Problem> {
    let missing = missing(center, deciding(policy, protected)).await?;
    Ok(missing.iter().map(Reference::key).collect())
}

/// Every name in the configuration.
pub fn all(policy: &Policy, site: &Site) -> Vec<Reference> {
    let mut all = deciding(policy, &site.protected);
    all.extend(named(PROTECTED, Kind::Login, &site.protected.logins));
    for rule in &policy.rules {
        all.extend(named(&place(rule), Kind::Login, &rule.touches.logins));
    }
    all.extend(named(NEW_USERS, Kind::RoutingProfile, &site.new_users.routing_profile));
    all.extend(named(NEW_USERS, Kind::SecurityProfile, &site.new_users.security_profile));
    all
}

fn place(rule: &Rule) -> String {
    format!("The rule {}", code(&rule.name))
}

fn named<'a>(place: &str, kind: Kind, names: impl IntoIterator<Item = &'a String>) -> Vec<Reference> {
    names.into_iter().map(|name| Reference { place: place.to_owned(), kind, name: name.clone() }).collect()
}

/// Those among them that the contact center doesn't have. Costs nothing where there are none.
pub async fn missing(
    center: &dyn ContactCenter,
    references: Vec<Reference>,
) -> Result<Vec<Reference>, Problem> {
    let of = |kind: Kind| references.iter().filter(move |one| one.kind == kind);
    let mut there: BTreeSet<(u8, String)> = BTreeSet::new();
    if of(Kind::SecurityProfile).next().is_some() {
        let all = center.security_profiles().await?;
        there.extend(all.iter().map(|one| (Kind::SecurityProfile as u8, name_key(&one.name).into_owned())));
    }
    if of(Kind::RoutingProfile).next().is_some() {
        let all = center.routing_profiles().await?;
        there.extend(all.iter().map(|one| (Kind::RoutingProfile as u8, name_key(&one.name).into_owned())));
    }
    if of(Kind::HierarchyGroup).next().is_some() {
        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let wanted: Vec<String> = of(Kind::HierarchyGroup).map(|one| last(&one.name)).collect();
        for group in center.hierarchy_groups().await? {
            // A path costs a call, so only groups that may be meant are asked for theirs.
            if wanted.iter().any(|name| same_name(name, &group.name)) {
                let path = center.hierarchy_path(&group).await?;
                there.insert((Kind::HierarchyGroup as u8, path_key(&path.name)));
            }
        }
    }
    let logins: Vec<String> = of(Kind::Login).map(|one| one.name.clone()).collect();
    if !logins.is_empty() {
        let users = center.users(&logins).await?;
        there.extend(users.iter().map(|user| (Kind::Login as u8, name_key(&user.login).into_owned())));
    }
    Ok(references.into_iter().filter(|one| !there.contains(&(one.kind as u8, one.key()))).collect())
}

//! What a site has decided about its users, beside the rules of who may do what.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::basics::text::{name_key, same_name};
use crate::center::{Named, User};
use crate::plan::Plan;
use crate::policy::Emergencies;
use crate::policy::schedule::Schedule;

/// The site's settings that commands go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    pub new_users: NewUsers,
    pub protected: Protected,
    pub emergencies: Emergencies,
    /// The directory that keeps the passwords of an instance with an existing directory: `d-` and ten hexadecimal digits.
    pub directory: Option<String>,
    /// Exports that run at a time.
    pub schedules: Vec<Schedule>,
}

/// What a user gets for whom nothing else is said: the guide's defaults unless the site has others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUsers {
    /// With `{first}` and `{last}`.
    pub login: String,
    pub desk_phone: bool,
    pub auto_accept: bool,
    /// After contact work in seconds; 0 is indefinitely.
    pub acw: u32,
    pub routing_profile: Option<String>,
    pub security_profile: Option<String>,
    /// Domains of the addresses that a new user may have without an approval, folded.
    pub email_domains: BTreeSet<String>,
}

impl NewUsers {
    /// Whether an address is in one of the domains that the site named. Where none is named, no address is.
    pub fn is_at_home(&self, email: &str) -> bool {
        email.rsplit_once('@').is_some_and(|(_, domain)| self.email_domains.contains(&*name_key(domain)))
    }
}

impl Default for NewUsers {
    fn default() -> NewUsers {
        NewUsers {
            login: "{first}.{last}".to_owned(),
            desk_phone: false,
            auto_accept: false,
            acw: 300,
            routing_profile: None,
            security_profile: None,
            email_domains: BTreeSet::new(),
        }
    }
}

/// Users whom no single person changes: anyone who touches one of them needs two approvals of others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protected {
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub logins: BTreeSet<String>,
    /// Names of security profiles; anyone who has one of them is protected.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub security_profiles: BTreeSet<String>,
}

impl Protected {
    /// Whether this login is protected by its name.
    pub fn has_login(&self, login: &str) -> bool {
        self.logins.iter().any(|one| same_name(one, login))
    }

    /// Whether this security profile protects anyone who has it.
    pub fn has_profile(&self, name: &str) -> bool {
        self.security_profiles.iter().any(|one| same_name(one, name))
    }

    /// Whether this user is protected as they are. `unknown` are names that the contact center doesn't have.
    pub fn has_user(&self, user: &User, unknown: &BTreeSet<String>) -> bool {
        let mut profiles = user.profile.security_profiles.iter();
        self.may_be_anyone(unknown)
            || self.has_login(&user.login)
            || profiles.any(|profile| self.has_profile(&profile.name))
    }

    /// Whether a profile that protects isn't there under its name, so that no one can tell whom it protects.
    fn may_be_anyone(&self, unknown: &BTreeSet<String>) -> bool {
        self.security_profiles.iter().any(|name| unknown.contains(&*name_key(name)))
    }

    /// The logins among those that a plan is about which are protected, as the users are or as the plan would make them.
    /// Where a profile that protects isn't there under its name, no one can tell whom it protects, and everybody counts.
    pub fn among<'p>(&self, plan: &'p Plan) -> BTreeSet<String> {
        let about = plan.about.iter().map(|subject| subject.login.as_str());
        if self.may_be_anyone(&plan.unknown) {
            return about.map(str::to_owned).collect();
        }
        // A thousand users have few profiles among them, so each name is compared once.
        let mut compared: BTreeMap<&str, bool> = BTreeMap::new();
        let mut has = |profiles: &'p [Named]| {
            let mut names = profiles.iter().map(|one| one.name.as_str());
            names.any(|name| *compared.entry(name).or_insert_with(|| self.has_profile(name)))
        };
        let mut strong: BTreeSet<&str> = BTreeSet::new();
        for step in &plan.steps {
            let gives = step.effect.user_outcome().security_profiles();
            strong.extend(gives.and_then(|(login, profiles)| has(profiles).then_some(login)));
        }
        for user in plan.before.iter().map(|snapshot| &snapshot.user) {
            strong.extend(has(&user.profile.security_profiles).then_some(user.login.as_str()));
        }
        // Who has which of these isn't said, so it counts for everyone of whom nothing else is.
        if plan.security_profiles.iter().any(|name| self.has_profile(name)) {
            strong.extend(plan.unread());
        }
        let logins: BTreeSet<Cow<'_, str>> = self.logins.iter().map(|login| name_key(login)).collect();
        let protected = |login: &&str| strong.contains(login) || logins.contains(&name_key(login));
        about.filter(protected).map(str::to_owned).collect()
    }
}

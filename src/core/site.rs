//! What a site has decided about its users, beside the rules of who may do what.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::center::Named;
use crate::emergency::Emergencies;
use crate::plan::{Effect, Facet, Plan};

/// The site's settings that commands go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    pub new_users: NewUsers,
    pub protected: Protected,
    pub emergencies: Emergencies,
    /// The directory that keeps the passwords of an instance with an existing directory: `d-` and ten hexadecimal digits.
    pub directory: Option<String>,
}

/// What a user gets for whom nothing else is said: the guide's defaults unless the site has others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUsers {
    /// With `{first}` and `{last}`.
    pub login: String,
    pub desk_phone: bool,
    pub auto_accept: bool,
    /// After contact work in seconds; 0 is without end.
    pub acw: u32,
    pub routing_profile: Option<String>,
    pub security_profile: Option<String>,
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
        }
    }
}

/// Users whom no single person changes: whoever touches one of them needs two yeses of others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protected {
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub logins: BTreeSet<String>,
    /// Names of security profiles; whoever has one of them is protected.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub security_profiles: BTreeSet<String>,
}

impl Protected {
    /// The logins among those that a plan is about which are protected, as the users are or as the plan would make them.
    pub fn among(&self, plan: &Plan) -> BTreeSet<String> {
        let has = |profiles: &[Named]| profiles.iter().any(|one| self.security_profiles.contains(&one.name));
        let made = plan.steps.iter().filter_map(|step| match &step.effect {
            Effect::UserPresent { login, profile, .. } => {
                has(&profile.security_profiles).then_some(login.as_str())
            }
            Effect::UserHas { login, facet: Facet::SecurityProfiles(all), .. } => {
                has(all).then_some(login.as_str())
            }
            _ => None,
        });
        let stand = plan.before.iter().map(|snapshot| &snapshot.user);
        let stand = stand.filter(|user| has(&user.profile.security_profiles)).map(|user| user.login.as_str());
        // Looked through once: a plan may have a thousand users.
        let strong: BTreeSet<&str> = made.chain(stand).collect();
        let named = |login: &str| self.logins.iter().any(|one| one.eq_ignore_ascii_case(login));
        let protected = |login: &&str| strong.contains(login) || named(login);
        let about = plan.about.iter().map(|subject| subject.login.as_str());
        about.filter(protected).map(str::to_owned).collect()
    }
}

//! What Salesforce's section of the configuration is asked.

use std::sync::Arc;

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, list};
use desk_core::policy::Policy;

use super::client::Salesforce;
use super::settings::{Patience, SignIn, Site};
use super::{faults, sign_in};
use crate::clock::SystemClock;
use crate::report::{FoundOnHost, Level};
use crate::section::{Found, Section};

/// The permission sets of the CTI adapter that give an administrator's rights.
const ADMINISTRATORS: [&str; 2] = ["AC_Administrator", "AC_Manager"];

#[async_trait]
impl Section for Site {
    fn name(&self) -> &'static str {
        "salesforce"
    }

    fn placeholders(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        &[
            ("login_url", "https://example.my.salesforce.com", "Use your My Domain, or remove [salesforce]."),
            ("client_id", "3MVG9...", "Use your app's consumer key, or remove [salesforce]."),
            ("value", "{login}@example.org", "Use what your users have in this field in Salesforce."),
            ("username", "connect.desk@example.org", "Use the username of the desk's user in Salesforce."),
        ]
    }

    fn decides(&self) -> Option<(&'static str, String)> {
        Some(("salesforce user", self.settings.user.words()))
    }

    /// That anyone who approves an agent's permission set approves an administrator's as well.
    fn advice(&self, policy: &Policy) -> Option<String> {
        let named = |set: &&&str| {
            policy.rules.iter().any(|rule| rule.touches.permission_sets.iter().any(|name| name == **set))
        };
        let missing: Vec<String> =
            ADMINISTRATORS.iter().filter(|set| !named(set)).map(|set| code(set)).collect();
        (!missing.is_empty()).then(|| {
            format!(
                "No rule distinguishes {} from `AC_Agent`, so they need the same approvals. Add a rule with `touches = {{ permission_sets = [...] }}` as shown in config.example.toml.",
                list(&missing, "and")
            )
        })
    }

    fn examine_host(&self) -> Vec<FoundOnHost> {
        let needed = match &self.settings.sign_in {
            SignIn::Practice => return Vec::new(),
            SignIn::Jwt { key_file, .. } => sign_in::needed_key(key_file.as_deref()),
            SignIn::ClientCredentials { secret_file } => sign_in::needed_secret(secret_file.as_deref()),
        };
        // Also a key of the wrong kind, which Salesforce refuses without saying why.
        vec![needed.found(sign_in::proof(&self.settings))]
    }

    async fn examine(&self, _: &Policy) -> Vec<Found> {
        let clock = Arc::new(SystemClock::default());
        let checked = match Salesforce::open(&self.settings, self.limit, Patience::default(), clock) {
            Ok(org) => org.examine().await,
            Err(problem) => Err(problem),
        };
        vec![match checked {
            Ok(()) => (Level::Ok, Ok("The desk can sign in and read what it needs.".to_owned())),
            Err(problem) => (Level::Failure, Err(problem)),
        }]
    }

    fn silent(&self) -> Problem {
        faults::problem("salesforce_silent", "Salesforce doesn't answer.")
            .hint("Check `login_url` under [salesforce], and this host's network.")
    }
}

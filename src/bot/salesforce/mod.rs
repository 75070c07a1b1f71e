//! Salesforce, where agents have a softphone: its REST API, for the few things that a help desk does there.
//!
//! `sign_in` and `call` are the way in, `faults` says what an answer means. What can be done is one file each: `users` finds
//! and reads, `permission_sets`, `call_centers` and `logins` look at one thing and change it. Practice and tests point it at
//! `desk_sim::salesforce`; nothing else differs.

mod call;
mod call_centers;
mod effects;
mod faults;
mod ids;
mod logins;
mod org;
mod permission_sets;
mod sign_in;
mod soql;
mod users;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use desk_core::basics::problem::Problem;
use desk_core::plan::{Attempt, Failure};
use desk_core::ports::Clock;
use reqwest::Url;
use secrecy::SecretString;

use crate::apply::{self, Change, Facts, Fault, Tried};
use crate::connect::{Limit, Limits};

pub(crate) use effects::SalesforceEffects;

pub use call::Usage;
pub use call_centers::CallCenter;
pub use ids::RecordId;
pub use permission_sets::{Assignment, PermissionSet};
pub use users::{Agent, Found, Status, User};

/// What a site says about its Salesforce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The org's My Domain, without a path.
    pub login_url: String,
    /// The consumer key of the desk's app.
    pub client_id: String,
    pub sign_in: SignIn,
    /// Such as 67, which is Summer '26.
    pub api_version: u16,
    pub user: UserRule,
    /// The internal name of the call center that agents join when no other is named.
    pub call_center: String,
}

/// How the desk signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// As this user, with an assertion that the desk signs. The key may also come from the environment.
    Jwt { username: String, key_file: Option<PathBuf>, audience: String },
    /// As the app's Run As user, with the app's secret, which may also come from the environment.
    ClientCredentials { secret_file: Option<PathBuf> },
}

/// Which Salesforce user an agent is: the one whose field holds this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRule {
    pub field: UserField,
    /// With `{login}` and `{email}`, which are those of the contact center.
    pub value: String,
}

/// A field by which users are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserField {
    Username,
    Email,
    FederationId,
    EmployeeNumber,
}

/// The fact that everything was so before.
const ALREADY: &str = "already";

/// The fact that has the id of an assignment.
const ASSIGNMENT: &str = "assignment";

/// How long the desk is patient with Salesforce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one request and its answer.
    pub exchange: Duration,
    /// While it doesn't work or its answers are lost.
    pub trouble: Duration,
    /// Makes the pauses between tries the same in every run.
    pub jitter_seed: Option<u64>,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { exchange: Duration::from_secs(10), trouble: Duration::from_secs(60), jitter_seed: None }
    }
}

/// The adapter. Cheap to clone; clones share the session and the limit.
#[derive(Clone)]
pub struct Salesforce {
    caller: Arc<call::Caller>,
    user: UserRule,
    /// The internal name of the one that agents join when no other is named.
    default_call_center: String,
}

impl Salesforce {
    /// Reads the key or the secret that the settings name. Nothing is connected yet. `limit` is how often the desk may call;
    /// nothing limits it without one.
    pub fn open(
        settings: &Settings,
        limit: Option<Limit>,
        patience: Patience,
        clock: Arc<dyn Clock>,
    ) -> Result<Salesforce, Problem> {
        let proof = sign_in::proof(settings)?;
        Salesforce::with(settings, proof, limit, patience, clock)
    }

    /// The practice Salesforce, whose consumer secret is no secret. Nothing is read from files or the environment.
    pub(crate) fn practising(
        settings: &Settings,
        limit: Option<Limit>,
        patience: Patience,
        clock: Arc<dyn Clock>,
    ) -> Result<Salesforce, Problem> {
        let secret = SecretString::from(desk_sim::salesforce::CLIENT_SECRET.to_owned());
        let proof = sign_in::Proof::Secret { secret, client_id: settings.client_id.clone() };
        Salesforce::with(settings, proof, limit, patience, clock)
    }

    fn with(
        settings: &Settings,
        proof: sign_in::Proof,
        limit: Option<Limit>,
        patience: Patience,
        clock: Arc<dyn Clock>,
    ) -> Result<Salesforce, Problem> {
        let endpoint = Url::parse(&settings.login_url).map_err(|error| {
            Problem::operator("salesforce_url", format!("The address of Salesforce can't be read ({error})."))
                .hint("Write your My Domain as `login_url` under [salesforce].")
        })?;
        let limits = Limits { every: limit, operations: Default::default() };
        let http = call::Http::new(&endpoint, limits, patience.exchange, clock.clone())?;
        let sessions = sign_in::Sessions::new(endpoint, proof, clock.clone());
        let caller = call::Caller::new(http, sessions, settings.api_version, patience, clock);
        Ok(Salesforce {
            caller: Arc::new(caller),
            user: settings.user.clone(),
            default_call_center: settings.call_center.clone(),
        })
    }

    /// Whether Salesforce lets the desk in; what stands against it otherwise.
    pub async fn check(&self) -> Result<(), Problem> {
        self.caller.session().await.map(drop).map_err(Fault::problem)
    }

    /// The requests of the last 24 hours, as Salesforce said with its last answer.
    pub fn usage(&self) -> Option<Usage> {
        self.caller.usage()
    }

    async fn apply(&self, change: &dyn Change, attempt: Attempt) -> Result<Facts, Failure> {
        apply::apply(change, attempt, &self.caller.patience).await
    }
}

/// Reads a member that an answer has to have, even where it may be null. One that is left out is an error, not "none".
fn promised<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    T::deserialize(deserializer)
}

/// What was so before anything was done, and needs no undo.
fn already() -> Facts {
    Facts::from([(ALREADY.to_owned(), "true".to_owned())])
}

/// Whether what is found done was so before: not once a write of ours may have done it.
struct Before(AtomicBool);

impl Before {
    fn new(attempt: Attempt) -> Before {
        Before(AtomicBool::new(attempt == Attempt::First))
    }

    /// What is worth noting of a change that is found done.
    fn facts(&self) -> Facts {
        if self.0.load(Ordering::SeqCst) { already() } else { Facts::new() }
    }

    /// Takes note of what a write came to.
    fn write(&self, tried: Tried) -> Tried {
        if matches!(tried, Err(Fault::Unknown(_))) {
            self.0.store(false, Ordering::SeqCst);
        }
        tried
    }
}

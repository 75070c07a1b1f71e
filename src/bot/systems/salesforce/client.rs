//! Salesforce, where agents have a softphone: its REST API, for the few things that a help desk does there.
//!
//! `sign_in` and `call` are the way in, `faults` says what an answer means. What can be done is one file each: `users` finds
//! and reads, `permission_sets`, `call_centers` and `logins` look at one thing and change it. Practice and tests point it at
//! `desk_sim::salesforce`; nothing else differs.

use std::sync::Arc;

use desk_core::basics::problem::Problem;
use desk_core::plan::{Attempt, Failure};
use desk_core::ports::Clock;
use reqwest::Url;

use super::call::Usage;
use super::settings::{Patience, Settings, UserRule};
use super::{call, http, permission_sets, sign_in};
use crate::systems::apply::{self, Change, Facts, Fault};
use crate::systems::connect::{Limit, Limits};

/// The adapter. Cheap to clone; clones share the session and the limit.
#[derive(Clone)]
pub struct Salesforce {
    pub(super) caller: Arc<call::Caller>,
    pub(super) user: UserRule,
    /// The internal name of the one that agents join when no other is named.
    pub(super) default_call_center: String,
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
        let endpoint = Url::parse(&settings.login_url).map_err(|error| {
            Problem::operator("salesforce_url", format!("The address of Salesforce can't be read ({error})."))
                .hint("Set `login_url` under [salesforce] to your My Domain.")
        })?;
        let limits = Limits { every: limit, operations: Default::default() };
        let http = http::Http::new(&endpoint, limits, patience.exchange, clock.clone())?;
        let sessions = sign_in::Sessions::new(endpoint, proof, clock.clone());
        let caller = call::Caller::new(http, sessions, settings.api_version, patience, clock);
        Ok(Salesforce {
            caller: Arc::new(caller),
            user: settings.user.clone(),
            default_call_center: settings.call_center.clone(),
        })
    }

    /// Whether Salesforce lets the desk in; what is against it otherwise.
    pub async fn check(&self) -> Result<(), Problem> {
        self.caller.session().await.map(drop).map_err(Fault::problem)
    }

    /// Whether the desk can read what its commands read, from the permission set that agents need to its own user; what is against it
    /// otherwise.
    pub async fn examine(&self) -> Result<(), Problem> {
        let own = self.caller.session().await.map_err(Fault::problem)?.user.clone();
        self.permission_set(permission_sets::AGENTS).await?;
        self.call_center(&self.default_call_center).await?;
        let own = self.user(&own).await.map_err(Fault::problem)?;
        self.status(own).await.map(drop)
    }

    /// The requests of the last 24 hours, as Salesforce said with its last answer.
    pub fn usage(&self) -> Option<Usage> {
        self.caller.usage()
    }

    pub(super) async fn apply(&self, change: &dyn Change, attempt: Attempt) -> Result<Facts, Failure> {
        apply::apply(change, attempt, &self.caller.patience).await
    }
}

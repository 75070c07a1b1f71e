//! What only someone needs who looks at the whole instance immediately.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::{Channel, Named};
use crate::basics::problem::Problem;

/// A user as a search of all users gives them, by ids and without an email.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserSummary {
    pub id: String,
    pub login: String,
    pub first_name: String,
    pub last_name: String,
    pub routing_profile: String,
    pub security_profiles: Vec<String>,
    pub hierarchy_group: Option<String>,
    /// They answer calls on a phone with a number of its own.
    pub desk_phone: bool,
    /// Calls are accepted without a click.
    pub auto_accept: bool,
    /// The channels in which after contact work lasts until the agent closes the contact.
    pub endless_work: Vec<Channel>,
}

impl UserSummary {
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// Reads all of something.
#[async_trait]
pub trait WholeReader: Send + Sync {
    /// Every user, by login. Costs one call for five hundred.
    async fn every_user(&self) -> Result<Vec<UserSummary>, Problem>;

    /// What each of these queues offers, by ids; minutes old at most. Costs a call for each of which that isn't known.
    async fn offers_of(&self, queues: &[Named]) -> Result<BTreeMap<String, BTreeSet<String>>, Problem>;

    /// The predefined attributes, each with its values. Costs one call for a hundred.
    async fn predefined_attributes(&self) -> Result<BTreeMap<String, Vec<String>>, Problem>;

    /// How many telephone numbers the instance has claimed. Costs one call for a thousand.
    async fn phone_numbers(&self) -> Result<usize, Problem>;

    /// The quotas that are applied to the instance, by their codes in Service Quotas, which tells no more than these.
    async fn quotas(&self) -> Result<BTreeMap<String, f64>, Problem>;
}

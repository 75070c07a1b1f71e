//! The reading half of Salesforce, where agents have a softphone.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::basics::problem::Problem;

/// A Salesforce user as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalesforceUser {
    pub id: String,
    pub username: String,
    pub name: String,
    pub active: bool,
    pub frozen: bool,
    /// Some users have none that the desk may see.
    pub license: Option<String>,
    /// The permission sets that they have, but for that of their profile.
    pub sets: Vec<HeldSet>,
    pub call_center: Option<CallCenter>,
    /// The desk itself signs in as this user, whom it never changes.
    pub is_the_desk: bool,
}

/// Why the desk's own user is left alone.
pub fn own_salesforce_user() -> Problem {
    Problem::requester("salesforce_own_user", "The desk itself signs in as this user.")
        .hint("Change the desk's own user in Salesforce.")
}

/// A permission set that a user has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldSet {
    /// The record that says so.
    pub assignment: String,
    pub set: PermissionSet,
    /// Until when it was given.
    pub expires: Option<Timestamp>,
    /// That has passed.
    pub expired: bool,
}

/// A permission set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionSet {
    pub id: String,
    pub name: String,
    /// Whether it comes with the CTI adapter's package, and is not the org's own.
    pub of_the_package: bool,
}

/// A call center.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallCenter {
    pub id: String,
    /// What it is told from others by; labels are copied.
    pub internal_name: String,
    /// As people see it.
    pub label: String,
    /// Why the desk may not change who is in it, if it may not.
    pub untouchable: Option<Problem>,
}

/// An org, to be read.
#[async_trait]
pub trait SalesforceOrg: Send + Sync {
    /// The one user whom the site's rule finds for this agent. None or several are a problem; no one is guessed.
    async fn user(&self, login: &str, email: Option<&str>) -> Result<SalesforceUser, Problem>;

    /// The user with this id, if there still is one.
    async fn user_with_id(&self, id: &str) -> Result<Option<SalesforceUser>, Problem>;

    /// The permission set of the CTI adapter's package with this name. One of the org's own is refused.
    async fn permission_set(&self, name: &str) -> Result<PermissionSet, Problem>;

    /// The call center with this internal name, or the site's own without one. One that the desk may not touch is refused.
    async fn call_center(&self, internal_name: Option<&str>) -> Result<CallCenter, Problem>;
}

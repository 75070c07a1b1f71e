//! What a site says about its Salesforce, and how long the desk is patient with it.

use std::path::PathBuf;
use std::time::Duration;

use crate::secrets::variables;
use crate::systems::connect::Limit;

variables! {
    /// The private key (PEM) with which the desk signs in.
    SALESFORCE_KEY = "CONNECT_DESK_SALESFORCE_KEY";
    /// The consumer secret of the desk's app.
    SALESFORCE_SECRET = "CONNECT_DESK_SALESFORCE_SECRET";
}

/// Salesforce as a site has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    pub settings: Settings,
    /// How often the desk calls it.
    pub limit: Option<Limit>,
}

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
    /// To the practice Salesforce, whose secret is none. Nothing is read from files or the environment.
    Practice,
}

/// Which Salesforce user an agent is: the one whose field holds this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRule {
    pub field: UserField,
    /// With `{login}` and `{email}`, which are those of the contact center.
    pub value: String,
}

impl UserRule {
    /// It in words, such as `username {login}@example.org`.
    pub fn words(&self) -> String {
        let field = match self.field {
            UserField::Username => "username",
            UserField::Email => "email",
            UserField::FederationId => "federation id",
            UserField::EmployeeNumber => "employee number",
        };
        format!("{field} {}", self.value)
    }
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

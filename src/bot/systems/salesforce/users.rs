//! Looks: which Salesforce user an agent is, and how things are with them.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, plain};
use serde::Deserialize;

use super::before::promised;
use super::call_centers::CallCenter;
use super::client::Salesforce;
use super::faults::unreadable;
use super::ids::RecordId;
use super::permission_sets::Assignment;
use super::settings::UserField;
use super::soql::Query;
use crate::systems::apply::Fault;

/// At most so many users are told apart when several match.
const SEVERAL_MAX: usize = 10;

const FIELDS: &str = "Id, Username, Name, Email, FederationIdentifier, EmployeeNumber, IsActive, CallCenterId, \
                      Profile.UserLicense.Name";

/// The code of the problem that a user who was there is gone.
pub(super) const USER_GONE: &str = "salesforce_user_gone";

const WHAT: &str = "the query for the user";

/// An agent as the contact center knows them.
#[derive(Clone, Copy, Debug)]
pub struct Agent<'a> {
    pub login: &'a str,
    pub email: Option<&'a str>,
}

/// A Salesforce user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: RecordId,
    pub username: String,
    pub name: String,
    pub active: bool,
    /// The name of the license; some users have none that the desk may see.
    pub license: Option<String>,
    pub call_center: Option<RecordId>,
}

/// Who matches an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// What was looked for, in words.
    None {
        wanted: String,
    },
    One(User),
    /// Several, of whom these are the first.
    Several {
        wanted: String,
        users: Vec<User>,
    },
}

/// How things are with a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub user: User,
    pub frozen: bool,
    /// The permission sets that they have, but for that of their profile.
    pub assignments: Vec<Assignment>,
    pub call_center: Option<CallCenter>,
}

impl Found {
    /// The user, or what is wrong: no one is guessed.
    pub fn one(self) -> Result<User, Problem> {
        match self {
            Found::One(user) => Ok(user),
            Found::None { wanted } => {
                Err(Problem::requester("salesforce_no_user", format!("No Salesforce user has {wanted}."))
                    .hint("Check the user in Salesforce, and [salesforce.user] in the configuration."))
            }
            Found::Several { wanted, users } => {
                let names: Vec<String> = users.iter().map(|user| plain(&user.username, 80)).collect();
                let more = if users.len() == SEVERAL_MAX { "At least " } else { "" };
                let users = count(users.len(), "Salesforce user");
                let message = format!("{more}{users} have {wanted}: {}.", list(&names, "and"));
                Err(Problem::requester("salesforce_several_users", message)
                    .hint("Ask a Salesforce administrator to give it to only one of them."))
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: RecordId,
    username: String,
    name: String,
    #[serde(deserialize_with = "promised")]
    email: Option<String>,
    #[serde(deserialize_with = "promised")]
    federation_identifier: Option<String>,
    #[serde(deserialize_with = "promised")]
    employee_number: Option<String>,
    is_active: bool,
    #[serde(deserialize_with = "promised")]
    call_center_id: Option<RecordId>,
    #[serde(deserialize_with = "promised")]
    profile: Option<Profile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Profile {
    #[serde(deserialize_with = "promised")]
    user_license: Option<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
}

impl UserField {
    fn name(self) -> &'static str {
        match self {
            UserField::Username => "Username",
            UserField::Email => "Email",
            UserField::FederationId => "FederationIdentifier",
            UserField::EmployeeNumber => "EmployeeNumber",
        }
    }

    fn words(self) -> &'static str {
        match self {
            UserField::Username => "the username",
            UserField::Email => "the email",
            UserField::FederationId => "the federation ID",
            UserField::EmployeeNumber => "the employee number",
        }
    }

    fn of(self, row: &Row) -> Option<&str> {
        match self {
            UserField::Username => Some(&row.username),
            UserField::Email => row.email.as_deref(),
            UserField::FederationId => row.federation_identifier.as_deref(),
            UserField::EmployeeNumber => row.employee_number.as_deref(),
        }
    }
}

impl From<Row> for User {
    fn from(row: Row) -> User {
        User {
            id: row.id,
            username: row.username,
            name: row.name,
            active: row.is_active,
            license: row.profile.and_then(|profile| profile.user_license).map(|license| license.name),
            call_center: row.call_center_id,
        }
    }
}

impl Salesforce {
    /// The users who match an agent by the site's rule.
    pub async fn find(&self, agent: &Agent<'_>) -> Result<Found, Problem> {
        let field = self.user.field;
        let value = self.value(agent)?;
        let query = Query::select(FIELDS, "User").text(field.name(), &value).limit(SEVERAL_MAX);
        let rows: Vec<Row> = self.caller.query(WHAT, &query).await?;
        // A user who is found without it was not asked for.
        let has_it = |row: &Row| field.of(row).is_some_and(|has| has.to_lowercase() == value.to_lowercase());
        if !rows.iter().all(has_it) {
            return Err(unreadable(WHAT).problem());
        }
        let mut users: Vec<User> = rows.into_iter().map(User::from).collect();
        let wanted = format!("{} {}", field.words(), code(&value));
        Ok(match (users.pop(), users.is_empty()) {
            (None, _) => Found::None { wanted },
            (Some(user), true) => Found::One(user),
            (Some(last), false) => {
                users.push(last);
                Found::Several { wanted, users }
            }
        })
    }

    /// What the site's rule makes of an agent.
    fn value(&self, agent: &Agent<'_>) -> Result<String, Problem> {
        let rule = &self.user.value;
        let email = agent.email.map(str::trim).filter(|email| !email.is_empty());
        match email {
            None if rule.contains("{email}") => Err(Problem::requester(
                "salesforce_no_email",
                format!(
                    "{} has no email in Amazon Connect, which is needed to find their Salesforce user.",
                    code(agent.login)
                ),
            )
            .hint("Set it with `/connect edit`.")),
            email => {
                // One after the other would replace what the first put in.
                let mut value = String::new();
                let mut rest = rule.as_str();
                while let Some(at) = rest.find('{') {
                    let (before, from) = rest.split_at(at);
                    value.push_str(before);
                    let (put, length) = if from.starts_with("{login}") {
                        (agent.login, "{login}".len())
                    } else if from.starts_with("{email}") {
                        (email.unwrap_or_default(), "{email}".len())
                    } else {
                        ("{", 1)
                    };
                    value.push_str(put);
                    rest = from.get(length..).unwrap_or_default();
                }
                value.push_str(rest);
                Ok(value)
            }
        }
    }

    /// How things are with a user: three or four queries.
    pub async fn status(&self, user: User) -> Result<Status, Problem> {
        let frozen = self.login(&user.id).await?.is_frozen;
        let assignments = self.assignments(&user.id).await?;
        let call_center = match &user.call_center {
            Some(id) => self.call_centers().await?.into_iter().find(|center| center.id == *id),
            None => None,
        };
        if user.call_center.is_some() && call_center.is_none() {
            return Err(Problem::operator(
                "salesforce_call_center",
                "The desk can't see the call center of this user.",
            )
            .hint("Give the desk's user in Salesforce the permissions in docs/salesforce.md."));
        }
        Ok(Status { user, frozen, assignments, call_center })
    }

    /// The user under an id as they are now.
    pub(super) async fn user(&self, id: &RecordId) -> Result<User, Fault> {
        let query = Query::select(FIELDS, "User").id("Id", id);
        let rows: Vec<Row> = self.caller.query(WHAT, &query).await?;
        match <[Row; 1]>::try_from(rows) {
            Ok([row]) if row.id == *id => Ok(row.into()),
            Ok(_) => Err(unreadable(WHAT)),
            Err(rows) if rows.is_empty() => Err(Fault::Refused(
                Problem::requester(USER_GONE, "Salesforce no longer has this user.")
                    .hint("Make a new request."),
            )),
            Err(_) => Err(unreadable(WHAT)),
        }
    }
}

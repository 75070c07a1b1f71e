//! Permission sets of the CTI adapter's package: who has one, giving it and taking it away.

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, did_you_mean, nearest};
use desk_core::plan::effect::facts;
use desk_core::plan::{Attempt, Failure};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::before::{Before, already, promised};
use super::client::Salesforce;
use super::faults::{before_writing, unreadable};
use super::ids::RecordId;
use super::soql::Query;
use crate::systems::apply::{Acted, Change, Facts, Fault, Provenance, Seen, Tried};

/// The namespace of the package.
const NAMESPACE: &str = "amazonconnect";

/// The one that every agent needs.
pub(super) const AGENTS: &str = "AC_Agent";

const SET: &str = "PermissionSet";
const SET_FIELDS: &str = "Id, Name, Label, NamespacePrefix";
const OBJECT: &str = "PermissionSetAssignment";
const SETS: &str = "the query for the permission set";
const ASSIGNMENTS: &str = "the query for the permission sets of the user";
const ASSIGN: &str = "the assignment of the permission set";
const REVOKE: &str = "the removal of the permission set";

/// A permission set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionSet {
    pub id: RecordId,
    pub name: String,
    pub label: String,
    /// Whether it comes with the CTI adapter's package, and is not the org's own.
    pub of_the_package: bool,
}

/// That a user has a permission set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub id: RecordId,
    pub set: PermissionSet,
    /// Not, when it has expired.
    pub active: bool,
    pub expires: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetRow {
    id: RecordId,
    name: String,
    label: String,
    #[serde(deserialize_with = "promised")]
    namespace_prefix: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssignmentRow {
    id: RecordId,
    assignee_id: RecordId,
    is_active: bool,
    #[serde(deserialize_with = "moment")]
    expiration_date: Option<Timestamp>,
    permission_set: SetRow,
}

/// Reads a moment as Salesforce writes it, such as `2026-12-01T00:00:00.000+0000`.
fn moment<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text: Option<String> = promised(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

impl From<SetRow> for PermissionSet {
    fn from(row: SetRow) -> PermissionSet {
        let of_the_package =
            row.namespace_prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(NAMESPACE));
        PermissionSet { id: row.id, name: row.name, label: row.label, of_the_package }
    }
}

impl Salesforce {
    /// The package's permission set of this name, in its exact letters. One of the org's own is refused.
    pub async fn permission_set(&self, name: &str) -> Result<PermissionSet, Problem> {
        let mut package =
            self.sets(Query::select(SET_FIELDS, SET).text("NamespacePrefix", NAMESPACE)).await?;
        if !package.iter().all(|set| set.of_the_package) {
            return Err(unreadable(SETS).problem());
        }
        if package.is_empty() {
            return Err(Problem::operator(
                "salesforce_no_package",
                "Salesforce has no permission set of the Amazon Connect CTI Adapter.",
            )
            .hint("Install the package, or check `login_url` under [salesforce]."));
        }
        if let Some(at) = package.iter().position(|set| set.name == name) {
            return Ok(package.swap_remove(at));
        }
        let own = self
            .sets(Query::select(SET_FIELDS, SET).text("Name", name).flag("IsOwnedByProfile", false))
            .await?;
        if own.iter().any(|set| set.name == name) {
            return Err(Problem::requester(
                "salesforce_own_set",
                format!(
                    "{} is a custom permission set, not one of the Amazon Connect CTI Adapter.",
                    code(name)
                ),
            )
            .hint("The desk assigns only permission sets of the package. Ask a Salesforce administrator to assign others."));
        }
        let near = nearest(name, package.iter().map(|set| set.name.as_str()));
        let message = format!("The Amazon Connect CTI Adapter has no permission set {}.", code(name));
        Err(Problem::requester("salesforce_no_set", message)
            .hint(did_you_mean(&near).unwrap_or_else(|| "Agents usually need `AC_Agent`.".to_owned())))
    }

    async fn sets(&self, query: Query) -> Result<Vec<PermissionSet>, Problem> {
        let rows: Vec<SetRow> = self.caller.query(SETS, &query).await?;
        Ok(rows.into_iter().map(PermissionSet::from).collect())
    }

    /// The permission sets that a user has, but for that of their profile.
    pub(super) async fn assignments(&self, user: &RecordId) -> Result<Vec<Assignment>, Fault> {
        let fields = "Id, AssigneeId, IsActive, ExpirationDate, PermissionSet.Id, PermissionSet.Name, PermissionSet.Label, \
                      PermissionSet.NamespacePrefix";
        let query = Query::select(fields, OBJECT)
            .id("AssigneeId", user)
            .flag("PermissionSet.IsOwnedByProfile", false);
        let rows: Vec<AssignmentRow> = self.caller.query(ASSIGNMENTS, &query).await?;
        if rows.iter().any(|row| row.assignee_id != *user) {
            return Err(unreadable(ASSIGNMENTS));
        }
        let assignment = |row: AssignmentRow| Assignment {
            id: row.id,
            set: row.permission_set.into(),
            active: row.is_active,
            expires: row.expiration_date,
        };
        Ok(rows.into_iter().map(assignment).collect())
    }

    /// The row that says that a user has a permission set, if they have it.
    pub async fn assignment(&self, user: &RecordId, set: &RecordId) -> Result<Option<Assignment>, Problem> {
        self.row(user, set).await.map_err(Fault::problem)
    }

    async fn row(&self, user: &RecordId, set: &RecordId) -> Result<Option<Assignment>, Fault> {
        let mut rows = self.assignments(user).await?;
        rows.retain(|assignment| assignment.set.id == *set);
        match <[Assignment; 1]>::try_from(rows) {
            Ok([assignment]) => Ok(Some(assignment)),
            Err(rows) if rows.is_empty() => Ok(None),
            Err(_) => Err(unreadable(ASSIGNMENTS)),
        }
    }

    /// Gives a user a permission set, until it expires. The facts have the id of the row (`assignment`); with `already`, it was
    /// there before. What has expired by now isn't given any more.
    pub async fn assign(
        &self,
        attempt: Attempt,
        user: &RecordId,
        set: &RecordId,
        expires: Option<Timestamp>,
    ) -> Result<Facts, Failure> {
        if expires.is_some_and(|expires| expires <= self.caller.patience.clock.now()) {
            return Ok(already());
        }
        self.apply(&Assigned { salesforce: self, user, set, expires }, attempt).await
    }

    /// Takes a permission set away from a user; with `row`, only if that is the row that gives it.
    pub async fn revoke(
        &self,
        attempt: Attempt,
        user: &RecordId,
        set: &RecordId,
        row: Option<&RecordId>,
    ) -> Result<Facts, Failure> {
        let before = Before::new(attempt);
        self.apply(&Revoked { salesforce: self, user, set, row, before }, attempt).await
    }
}

/// A user has a permission set.
struct Assigned<'a> {
    salesforce: &'a Salesforce,
    user: &'a RecordId,
    set: &'a RecordId,
    expires: Option<Timestamp>,
}

#[async_trait]
impl Change for Assigned<'_> {
    async fn act(&self) -> Tried {
        let mut wanted = json!({ "AssigneeId": self.user.as_str(), "PermissionSetId": self.set.as_str() });
        if let Some(expires) = self.expires {
            wanted["ExpirationDate"] = json!(format!("{expires:.3}"));
        }
        match self.salesforce.caller.create(ASSIGN, OBJECT, &wanted).await {
            Ok(row) => Ok(Acted::Done(Facts::from([(facts::ASSIGNMENT.to_owned(), row.to_string())]))),
            Err(fault) => Err(fault),
        }
    }

    async fn look(&self, provenance: Provenance) -> Result<Seen, Problem> {
        Ok(match self.salesforce.assignment(self.user, self.set).await? {
            None => Seen::Absent,
            Some(row) if !row.active => Seen::Blocked(
                Problem::requester(
                    "salesforce_expired",
                    format!("The assignment of {} has expired.", code(&row.set.name)),
                )
                .hint("Revoke it first, then assign it again."),
            ),
            Some(row) => {
                let mut facts = if provenance == Provenance::NotOurs { already() } else { Facts::new() };
                facts.insert(facts::ASSIGNMENT.to_owned(), row.id.to_string());
                Seen::Holds(facts)
            }
        })
    }
}

/// A user doesn't have a permission set.
struct Revoked<'a> {
    salesforce: &'a Salesforce,
    user: &'a RecordId,
    set: &'a RecordId,
    row: Option<&'a RecordId>,
    before: Before,
}

impl Revoked<'_> {
    /// What is to go.
    async fn left(&self) -> Result<Option<RecordId>, Fault> {
        let row = self.salesforce.row(self.user, self.set).await?.map(|assignment| assignment.id);
        Ok(row.filter(|row| self.row.is_none_or(|only| only == row)))
    }
}

#[async_trait]
impl Change for Revoked<'_> {
    async fn act(&self) -> Tried {
        let row = match self.left().await {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Acted::Done(self.before.facts())),
            Err(fault) => return Err(before_writing(fault)),
        };
        self.before.write(match self.salesforce.caller.delete(REVOKE, OBJECT, &row).await {
            Ok(()) => Ok(Acted::Done(Facts::new())),
            // Someone else may have taken it.
            Err(Fault::NotFound(problem)) => Err(Fault::Taken(problem)),
            Err(Fault::Taken(problem)) => Err(Fault::Refused(problem)),
            Err(fault) => Err(fault),
        })
    }

    async fn look(&self, provenance: Provenance) -> Result<Seen, Problem> {
        Ok(match self.left().await? {
            Some(_) => Seen::Absent,
            None if provenance == Provenance::NotOurs => Seen::Holds(already()),
            None => Seen::Holds(Facts::new()),
        })
    }
}

//! Freezing: a frozen user can't sign in to Salesforce, keeps their license, and is as before once unfrozen.

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::plan::{Attempt, Failure};
use desk_core::ports::own_salesforce_user;
use serde::Deserialize;
use serde_json::json;

use super::before::Before;
use super::client::Salesforce;
use super::faults::{before_writing, unreadable};
use super::ids::RecordId;
use super::soql::Query;
use crate::systems::apply::{Acted, Change, Facts, Fault, Provenance, Seen, Tried};

const OBJECT: &str = "UserLogin";
const LOOK: &str = "the query for the user's login";
const FREEZE: &str = "the freeze of the user";

/// The settings of a user's login, which every user has one row of.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Login {
    id: RecordId,
    user_id: RecordId,
    pub(super) is_frozen: bool,
}

impl Salesforce {
    pub(super) async fn login(&self, user: &RecordId) -> Result<Login, Fault> {
        let query = Query::select("Id, UserId, IsFrozen", OBJECT).id("UserId", user);
        let rows: Vec<Login> = self.caller.query(LOOK, &query).await?;
        match <[Login; 1]>::try_from(rows) {
            Ok([login]) if login.user_id == *user => Ok(login),
            _ => Err(unreadable(LOOK)),
        }
    }

    /// Whether a user is frozen.
    pub async fn is_frozen(&self, user: &RecordId) -> Result<bool, Problem> {
        self.login(user).await.map(|login| login.is_frozen).map_err(Fault::problem)
    }

    /// Freezes or unfreezes a user. With `already` in the facts, they were so before.
    pub async fn freeze(&self, attempt: Attempt, user: &RecordId, frozen: bool) -> Result<Facts, Failure> {
        let before = Before::new(attempt);
        self.apply(&Frozen { salesforce: self, user, frozen, before }, attempt).await
    }
}

/// A user is frozen, or isn't.
struct Frozen<'a> {
    salesforce: &'a Salesforce,
    user: &'a RecordId,
    frozen: bool,
    before: Before,
}

impl Frozen<'_> {
    async fn act_once(&self) -> Result<Tried, Fault> {
        let caller = &self.salesforce.caller;
        if self.frozen && caller.session().await?.user == *self.user {
            return Err(Fault::Refused(own_salesforce_user()));
        }
        let login = self.salesforce.login(self.user).await?;
        if login.is_frozen == self.frozen {
            return Ok(Ok(Acted::Done(self.before.facts())));
        }
        let wanted = json!({ "IsFrozen": self.frozen });
        Ok(self.before.write(match caller.update(FREEZE, OBJECT, &login.id, &wanted).await {
            Ok(()) => Ok(Acted::Done(Facts::new())),
            // There is no name that could be taken.
            Err(Fault::Taken(problem)) => Err(Fault::Refused(problem)),
            Err(fault) => Err(fault),
        }))
    }
}

#[async_trait]
impl Change for Frozen<'_> {
    async fn act(&self) -> Tried {
        self.act_once().await.unwrap_or_else(|fault| Err(before_writing(fault)))
    }

    async fn look(&self, _: Provenance) -> Result<Seen, Problem> {
        let is_frozen = self.salesforce.is_frozen(self.user).await?;
        Ok(if is_frozen == self.frozen { Seen::Holds(Facts::new()) } else { Seen::Absent })
    }
}

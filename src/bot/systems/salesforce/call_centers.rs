//! Call centers: which there are, and in which one a user is.

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, did_you_mean, nearest};
use desk_core::plan::{Attempt, Failure};
use serde::Deserialize;
use serde_json::json;

use super::before::{Before, promised};
use super::client::Salesforce;
use super::faults::before_writing;
use super::ids::RecordId;
use super::soql::Query;
use crate::systems::apply::{Acted, Change, Facts, Fault, Provenance, Seen, Tried};

const CENTERS: &str = "the query for the call centers";
const CHANGE: &str = "the change of the user's call center";

/// What is in the settings of a contact center of Salesforce Voice, and in no other call center's.
const VOICE: [&str; 3] = ["reqVendorInfoApiName", "reqHvcc", "\"reqCallCenterType\":\"SCV"];

/// A call center.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallCenter {
    pub id: RecordId,
    /// As people see it; copies have the same.
    pub label: String,
    /// As it is told from others.
    pub internal_name: String,
    /// It belongs to Salesforce Voice, to which programs must add no users.
    pub is_voice: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: RecordId,
    name: String,
    internal_name: String,
    #[serde(deserialize_with = "promised")]
    custom_settings: Option<String>,
}

impl From<Row> for CallCenter {
    fn from(row: Row) -> CallCenter {
        let settings = row.custom_settings.unwrap_or_default();
        let is_voice = VOICE.iter().any(|mark| settings.contains(mark));
        CallCenter { id: row.id, label: row.name, internal_name: row.internal_name, is_voice }
    }
}

impl CallCenter {
    /// What Salesforce says about users of such a call center, if the desk may not touch them.
    pub fn untouchable(&self) -> Option<Problem> {
        self.is_voice.then(|| {
            let message = format!(
                "{} is a Salesforce Voice contact center, where apps can't add or remove users.",
                code(&self.internal_name)
            );
            Problem::requester("salesforce_voice", message)
                .hint("Ask a Salesforce administrator to do it in Setup, under Amazon Contact Centers.")
        })
    }
}

impl Salesforce {
    /// All call centers, of which an org has a handful.
    pub(super) async fn call_centers(&self) -> Result<Vec<CallCenter>, Fault> {
        let query = Query::select("Id, Name, InternalName, CustomSettings", "CallCenter");
        let rows: Vec<Row> = self.caller.query(CENTERS, &query).await?;
        Ok(rows.into_iter().map(CallCenter::from).collect())
    }

    /// The one call center with this internal name, in its exact letters.
    pub async fn call_center(&self, internal_name: &str) -> Result<CallCenter, Problem> {
        let all = self.call_centers().await?;
        let mut named: Vec<&CallCenter> =
            all.iter().filter(|center| center.internal_name == internal_name).collect();
        match (named.pop(), named.is_empty()) {
            (Some(center), true) => match center.untouchable() {
                Some(problem) => Err(problem),
                None => Ok(center.clone()),
            },
            (Some(_), false) => Err(Problem::requester(
                "salesforce_several_call_centers",
                format!("Several call centers have the internal name {}.", code(internal_name)),
            )
            .hint("Ask a Salesforce administrator to rename or remove the copies.")),
            (None, _) => {
                let near = nearest(internal_name, all.iter().map(|center| center.internal_name.as_str()));
                // People know the label, which is not what tells call centers apart.
                let labeled: Vec<&str> = all
                    .iter()
                    .filter(|center| center.label.eq_ignore_ascii_case(internal_name))
                    .map(|center| center.internal_name.as_str())
                    .collect();
                let message = format!("No call center has the internal name {}.", code(internal_name));
                let hint = did_you_mean(if labeled.is_empty() { &near } else { &labeled });
                Err(Problem::requester("salesforce_no_call_center", message)
                    .hint(hint.unwrap_or_else(|| "Find it in Setup, under Call Centers.".to_owned())))
            }
        }
    }

    /// The call center in which a user is.
    pub async fn call_center_of(&self, user: &RecordId) -> Result<Option<RecordId>, Problem> {
        self.user(user).await.map(|user| user.call_center).map_err(Fault::problem)
    }

    /// Puts a user into a call center, or into none, out of the one that was read when it was planned. With `already` in the
    /// facts, they were there before.
    pub async fn move_to(
        &self,
        attempt: Attempt,
        user: &RecordId,
        instead_of: Option<&RecordId>,
        center: Option<&RecordId>,
    ) -> Result<Facts, Failure> {
        let before = Before::new(attempt);
        self.apply(&InCallCenter { salesforce: self, user, instead_of, center, before }, attempt).await
    }
}

/// A user is in a call center, or in none.
struct InCallCenter<'a> {
    salesforce: &'a Salesforce,
    user: &'a RecordId,
    instead_of: Option<&'a RecordId>,
    center: Option<&'a RecordId>,
    before: Before,
}

impl InCallCenter<'_> {
    fn someone_else(&self) -> Problem {
        Problem::requester(
            "salesforce_moved",
            "Someone moved the user to another call center in the meantime.",
        )
        .hint("Make a new request.")
    }

    /// There is no write that depends on what it replaces, so it is read right before.
    async fn act_once(&self) -> Result<Tried, Fault> {
        let now = self.salesforce.user(self.user).await?.call_center;
        if now.as_ref() == self.center {
            return Ok(Ok(Acted::Done(self.before.facts())));
        }
        if now.as_ref() != self.instead_of {
            return Err(Fault::Refused(self.someone_else()));
        }
        let known = self.salesforce.call_centers().await?;
        for id in [&now.as_ref(), &self.center].into_iter().flatten() {
            match known.iter().find(|center| center.id == **id).map(CallCenter::untouchable) {
                Some(None) => {}
                Some(Some(problem)) => return Err(Fault::Refused(problem)),
                None => {
                    return Err(Fault::Refused(
                        Problem::requester(
                            "salesforce_call_center_gone",
                            "The call center no longer exists.",
                        )
                        .hint("Make a new request."),
                    ));
                }
            }
        }
        let wanted = json!({ "CallCenterId": self.center.map(RecordId::as_str) });
        Ok(self.before.write(match self.salesforce.caller.update(CHANGE, "User", self.user, &wanted).await {
            Ok(()) => Ok(Acted::Done(Facts::new())),
            // There is no name that could be taken.
            Err(Fault::Taken(problem)) => Err(Fault::Refused(problem)),
            Err(fault) => Err(fault),
        }))
    }
}

#[async_trait]
impl Change for InCallCenter<'_> {
    async fn act(&self) -> Tried {
        self.act_once().await.unwrap_or_else(|fault| Err(before_writing(fault)))
    }

    async fn look(&self, _: Provenance) -> Result<Seen, Problem> {
        let now = self.salesforce.call_center_of(self.user).await?;
        Ok(match now.as_ref() {
            now if now == self.center => Seen::Holds(Facts::new()),
            now if now == self.instead_of => Seen::Absent,
            _ => Seen::Blocked(self.someone_else()),
        })
    }
}

//! The one path of a call to Salesforce: wait for a turn, sign in where that is needed, send, and sort what came back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use desk_core::basics::problem::Problem;
use desk_core::ports::Clock;
use reqwest::Method;
use reqwest::header::{self, HeaderMap};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::faults::{self, is_signed_out, sort, unreadable};
use super::http::{Answer, Http};
use super::ids::RecordId;
use super::settings::Patience;
use super::sign_in::{NotIn, Session, Sessions};
use super::soql::Query;
use crate::pages::Pages;
use crate::pauses::Jitter;
use crate::systems::apply::{self, Fault};

/// The first pause after a failed try; each further one is up to twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long a read is tried again while its answers are lost: someone waits for it.
const READ_TROUBLE: Duration = Duration::from_secs(15);

/// From which share of the day's requests on the program's log warns, in percent.
const WORTH_A_WARNING: u64 = 80;

/// Requests of the last 24 hours, of everyone who uses the org.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    pub used: u64,
    pub limit: u64,
}

/// Calls Salesforce.
pub(super) struct Caller {
    http: Http,
    sessions: Sessions,
    /// Such as `v67.0`.
    version: String,
    usage: Mutex<Option<Usage>>,
    pub(super) patience: apply::Patience,
}

/// A page of a query.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    total_size: usize,
    done: bool,
    #[serde(default)]
    next_records_url: Option<String>,
    records: Vec<Box<RawValue>>,
}

impl Caller {
    pub(super) fn new(
        http: Http,
        sessions: Sessions,
        api_version: u16,
        patience: Patience,
        clock: Arc<dyn Clock>,
    ) -> Caller {
        let Patience { exchange, trouble, jitter_seed } = patience;
        let patience = apply::Patience {
            clock,
            jitter: Jitter::new(jitter_seed),
            trouble,
            // Salesforce shows what it has written; a request whose answer was lost may still be on its way.
            visible: exchange,
            taken: Duration::ZERO,
            first_pause: FIRST_PAUSE,
            longest_pause: LONGEST_PAUSE,
        };
        Caller { http, sessions, version: format!("v{api_version}.0"), usage: Mutex::default(), patience }
    }

    pub(super) fn usage(&self) -> Option<Usage> {
        *self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session of now.
    pub(super) async fn session(&self) -> Result<Arc<Session>, Fault> {
        self.sessions.get(&self.http).await.map_err(|not_in| match not_in {
            NotIn::NotYet(problem) => Fault::NotYet(problem),
            NotIn::Refused(problem) => Fault::Refused(problem),
        })
    }

    /// The records of a query, from all of its pages; tried again while nothing is known.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        what: &'static str,
        query: &Query,
    ) -> Result<Vec<T>, Fault> {
        let mut pauses = self.patience.pauses(self.patience.trouble.min(READ_TROUBLE));
        loop {
            match self.query_once(what, query).await {
                Err(Fault::NotYet(_) | Fault::Unknown(_)) if pauses.pause().await => {}
                // It says nothing about what was asked for.
                Err(Fault::NotYet(problem)) => return Err(Fault::Unknown(problem)),
                // A query is there in every version, and finds nothing by answering an empty list.
                Err(Fault::NotFound(_)) => {
                    let message = format!("Salesforce has no version {} of its API.", self.version);
                    return Err(Fault::Refused(
                        Problem::operator("salesforce_api_version", message)
                            .hint("Correct `api_version` under [salesforce]."),
                    ));
                }
                ended => return ended,
            }
        }
    }

    async fn query_once<T: DeserializeOwned>(
        &self,
        what: &'static str,
        query: &Query,
    ) -> Result<Vec<T>, Fault> {
        let (mut pages, mut records) = (Pages::of(what), Vec::new());
        let first = format!("/services/data/{}/query", self.version);
        let mut answer = self.send(what, Method::GET, &first, Some(query), None).await?;
        loop {
            let page: Page = Some(&answer)
                .filter(|answer| answer.status == 200)
                .and_then(read)
                .ok_or_else(|| unreadable(what))?;
            let read = page.records.len();
            for record in page.records {
                records.push(serde_json::from_str(record.get()).map_err(|_| unreadable(what))?);
            }
            let next = match (page.done, page.next_records_url) {
                (true, None) => None,
                // Another host would get the token.
                (false, Some(next)) if is_path(&next) => Some(next),
                _ => return Err(unreadable(what)),
            };
            match pages.next(read, next).map_err(|_| endless(what))? {
                Some(next) => answer = self.send(what, Method::GET, &next, None, None).await?,
                None if records.len() == page.total_size => return Ok(records),
                None => return Err(unreadable(what)),
            }
        }
    }

    /// Makes a record, once. Gives its id.
    pub(super) async fn create(
        &self,
        what: &'static str,
        object: &str,
        body: &Value,
    ) -> Result<RecordId, Fault> {
        #[derive(Deserialize)]
        struct Created {
            id: RecordId,
            success: bool,
        }
        let path = format!("/services/data/{}/sobjects/{object}", self.version);
        let answer = self.send(what, Method::POST, &path, None, Some(body)).await?;
        let created: Option<Created> = Some(&answer).filter(|answer| answer.status == 201).and_then(read);
        created.filter(|created| created.success).map(|created| created.id).ok_or_else(|| unreadable(what))
    }

    /// Changes fields of a record, once.
    pub(super) async fn update(
        &self,
        what: &'static str,
        object: &str,
        id: &RecordId,
        body: &Value,
    ) -> Result<(), Fault> {
        self.write(what, Method::PATCH, object, id, Some(body)).await
    }

    /// Removes a record, once.
    pub(super) async fn delete(&self, what: &'static str, object: &str, id: &RecordId) -> Result<(), Fault> {
        self.write(what, Method::DELETE, object, id, None).await
    }

    async fn write(
        &self,
        what: &'static str,
        method: Method,
        object: &str,
        id: &RecordId,
        body: Option<&Value>,
    ) -> Result<(), Fault> {
        let path = format!("/services/data/{}/sobjects/{object}/{id}", self.version);
        let answer = self.send(what, method, &path, None, body).await?;
        // Such a success has nothing to say.
        if answer.status == 204 && answer.body.is_empty() { Ok(()) } else { Err(unreadable(what)) }
    }

    /// Sends in the session of now, and once more in a new one if Salesforce doesn't know it.
    async fn send(
        &self,
        what: &'static str,
        method: Method,
        path: &str,
        query: Option<&Query>,
        body: Option<&Value>,
    ) -> Result<Answer, Fault> {
        let mut is_new = false;
        loop {
            let session = self.session().await?;
            let mut address = session.instance.clone();
            address.set_path(path);
            let mut request =
                self.http.client.request(method.clone(), address).bearer_auth(session.token.expose_secret());
            if let Some(query) = query {
                request = request.query(&[("q", query.as_str())]);
            }
            if let Some(body) = body {
                request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
            }
            let answer = self.http.send(what, request).await?;
            self.note_usage(&answer.headers);
            if (200..300).contains(&answer.status) {
                return Ok(answer);
            }
            if !is_signed_out(answer.status, &answer.body) {
                return Err(sort(what, answer.status, &answer.body));
            }
            self.sessions.forget(&session).await;
            if is_new {
                return Err(Fault::Refused(
                    Problem::operator(
                        "salesforce_session",
                        "Salesforce rejected a session that it had just opened.",
                    )
                    .hint("Give the app the scope `api`, and the desk's user the permission API Enabled."),
                ));
            }
            is_new = true;
        }
    }

    fn note_usage(&self, headers: &HeaderMap) {
        let said = headers.get("sforce-limit-info").and_then(|said| said.to_str().ok());
        let Some(usage) = said.and_then(read_usage) else { return };
        let is_high =
            |usage: Usage| usage.used.saturating_mul(100) >= usage.limit.saturating_mul(WORTH_A_WARNING);
        let before = self.usage.lock().unwrap_or_else(PoisonError::into_inner).replace(usage);
        if is_high(usage) && !before.is_some_and(is_high) {
            tracing::warn!(
                used = usage.used,
                limit = usage.limit,
                "the daily Salesforce request limit is almost reached"
            );
        }
    }
}

fn endless(what: &str) -> Fault {
    Fault::Unknown(
        faults::problem("salesforce_endless", format!("Salesforce's answers to {what} never end."))
            .hint("Try again in a few minutes. If it continues, open a case with Salesforce."),
    )
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Option<T> {
    serde_json::from_slice(&answer.body).ok()
}

/// Whether this is a path of the API, which leads to no other host.
pub fn is_path(next: &str) -> bool {
    next.starts_with("/services/data/")
        && !next.contains("..")
        && next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.-_".contains(&byte))
}

/// Reads `api-usage=18/5000`, which may stand beside others such as `per-app-api-usage=…`.
pub fn read_usage(said: &str) -> Option<Usage> {
    let usage = said.split([',', ';']).find_map(|part| part.trim().strip_prefix("api-usage="))?;
    let (used, limit) = usage.split_once('/')?;
    Some(Usage { used: used.parse().ok()?, limit: limit.parse().ok()? })
}

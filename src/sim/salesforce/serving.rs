//! Answers requests of the practice Salesforce.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::answer::{Refusal, json_response, no_content, page, refused, response, status_of};
use super::call::{Call, VERSIONS};
use super::org::Record;
use super::schema::{Object, Permission};
use super::soql::Query;
use super::state::{Inside, Pages, Salesforce, Session};
use super::{control, ids, token};
use crate::clock::Clock;
use crate::error::SimError;
use crate::faults::{Fault, FaultKind};
use crate::server::{self, Answers};
use crate::sim::ConnectionDropped;

/// How long a session lasts that no one uses.
const SESSION_MS: i64 = 2 * 60 * 60 * 1000;
/// How many unfinished queries are kept.
const CURSORS: usize = 20;

impl Salesforce {
    /// Serves until the future is dropped; every connection ends with it.
    ///
    /// # Errors
    ///
    /// Where other machines can reach the listener.
    pub async fn serve(&self, listener: TcpListener) -> Result<Infallible, SimError> {
        server::serve(self.clone(), listener, false).await
    }

    /// Answers one request, on the API's paths or on `/_salesforce/`.
    ///
    /// # Errors
    ///
    /// `ConnectionDropped` where an ordered fault wants the connection closed without an answer.
    pub async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ConnectionDropped> {
        if request.uri().path().starts_with("/_salesforce/") {
            return Ok(control::answer(self, &request));
        }
        let (call, version) = Call::read(&request);
        let met = {
            let mut inside = self.inside();
            let name = call.name();
            *inside.calls.entry(name.clone()).or_default() += 1;
            inside.faults.meet(&name)
        };
        if met.delay > Duration::ZERO {
            self.0.clock.sleep(met.delay).await;
        }
        let kind = met.fault.as_ref().map(|fault| fault.fault);
        let failed = |fault: &Option<Fault>| fault.as_ref().map(|fault| failure(&call, fault));
        let answer = match kind {
            Some(FaultKind::DropBefore) => return Err(ConnectionDropped),
            Some(FaultKind::FailBefore) => failed(&met.fault),
            Some(FaultKind::Throttle) => Some(refused(&Refusal::new(
                "REQUEST_LIMIT_EXCEEDED",
                "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            ))),
            _ => None,
        };
        let mut answer = match answer {
            Some(answer) => answer,
            None => {
                let answer = self.carry_out(&call, &version, &request);
                match kind {
                    Some(FaultKind::DropAfter) => return Err(ConnectionDropped),
                    Some(FaultKind::FailAfter) => failed(&met.fault).unwrap_or(answer),
                    _ => answer,
                }
            }
        };
        self.add_headers(&call, answer.headers_mut());
        Ok(answer)
    }

    fn add_headers(&self, call: &Call, headers: &mut HeaderMap) {
        let now = self.now_ms();
        let date =
            Timestamp::from_millisecond(now).map(|now| now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
        let inside = self.inside();
        let usage = format!("api-usage={}/{}", inside.used, inside.settings.api_limit);
        let usage = Some(usage).filter(|_| !matches!(call, Call::Versions | Call::Token));
        for (name, value) in
            [(header::DATE, date.ok()), (header::HeaderName::from_static("sforce-limit-info"), usage)]
        {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                headers.insert(name, value);
            }
        }
    }

    fn carry_out(&self, call: &Call, version: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let now_ms = self.now_ms();
        let now = time(now_ms);
        let mut inside = self.inside();
        let answer = match call {
            Call::Versions => Ok(json_response(StatusCode::OK, &versions())),
            Call::Token => Ok(inside.token(request, now_ms)),
            Call::NotAllowed if request.uri().path().starts_with("/services/oauth2") => {
                Ok(page(StatusCode::METHOD_NOT_ALLOWED))
            }
            call => inside
                .authorized(request.headers(), now_ms)
                .and_then(|()| inside.rest(call, version, request, &now)),
        };
        let writes = matches!(call, Call::Create(_) | Call::Update(..) | Call::Delete(..));
        if writes && answer.is_ok() {
            self.keep(&inside.org);
        }
        answer.unwrap_or_else(|refusal| refused(&refusal))
    }
}

impl Answers for Salesforce {
    async fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ConnectionDropped> {
        self.handle(request).await
    }

    fn too_large(&self, _: &str) -> Response<Bytes> {
        page(StatusCode::PAYLOAD_TOO_LARGE)
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }
}

impl Inside {
    fn token(&mut self, request: &Request<Bytes>, now_ms: i64) -> Response<Bytes> {
        let username = match token::user_of(&self.org, request.headers(), request.body(), now_ms) {
            Ok(username) => username,
            Err(denied) => return token::refused(&denied),
        };
        let host =
            request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let secret = crate::ids::IdSource::Random.next().simple().to_string();
        let token = format!("00DAe0000000001!AQ{secret}");
        self.sessions.insert(token.clone(), Session { username: username.clone(), used_ms: now_ms });
        let id = Object::named("User").and_then(|users| {
            let named =
                |user: &&Record| user.get("Username").and_then(Value::as_str) == Some(username.as_str());
            self.org.all(users).find(named)?.get("Id")?.as_str().map(str::to_owned)
        });
        let id = format!("http://{host}/id/00DAe0000000001EAA/{}", id.unwrap_or_default());
        let body = json!({ "access_token": token, "instance_url": format!("http://{host}"), "id": id, "scope": "api",
            "token_type": "Bearer" });
        json_response(StatusCode::OK, &body)
    }

    fn authorized(&mut self, headers: &HeaderMap, now_ms: i64) -> Result<(), Refusal> {
        let given =
            headers.get(header::AUTHORIZATION).and_then(|given| given.to_str().ok()).unwrap_or_default();
        let token =
            given.strip_prefix("Bearer ").or_else(|| given.strip_prefix("OAuth ")).unwrap_or_default();
        let known = self.sessions.get_mut(token).filter(|session| now_ms - session.used_ms <= SESSION_MS);
        let Some(session) = known else {
            return Err(Refusal::new("INVALID_SESSION_ID", "Session expired or invalid"));
        };
        session.used_ms = now_ms;
        tracing::trace!(username = session.username, "a request of the practice Salesforce");
        if self.used >= self.settings.api_limit {
            return Err(Refusal::new("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."));
        }
        self.used += 1;
        if !self.org.app.permissions.contains(&Permission::ApiEnabled) {
            let message = "The REST API is not enabled for this Organization.";
            return Err(Refusal::new("API_DISABLED_FOR_ORG", message));
        }
        Ok(())
    }

    fn rest(
        &mut self,
        call: &Call,
        version: &str,
        request: &Request<Bytes>,
        now: &str,
    ) -> Result<Response<Bytes>, Refusal> {
        let body = || match serde_json::from_slice(request.body()) {
            Ok(Value::Object(body)) => Ok(body),
            _ => Err(Refusal::new(
                "JSON_PARSER_ERROR",
                "The HTTP entity body is required to be a JSON object.",
            )),
        };
        if let Call::Get(object, _) | Call::Create(object) | Call::Update(object, _) | Call::Delete(object, _) =
            call
            && !self.org.sees(object)
        {
            return Err(Refusal::no_such_resource());
        }
        match call {
            Call::Query(text) => {
                let found = Query::read(&self.org, text)?.answer(&self.org, version, now);
                Ok(self.first_page(found, version))
            }
            Call::More(locator) => self.next_page(locator, version),
            Call::Get(object, id) => {
                let record = self.org.need(object, id)?;
                let mut shown = Record::new();
                let url = format!("/services/data/{version}/sobjects/{}/{id}", object.name);
                shown.insert("attributes".to_owned(), json!({ "type": object.name, "url": url }));
                for field in object.fields {
                    shown.insert(field.name.to_owned(), self.org.value(object, record, field, now));
                }
                Ok(json_response(StatusCode::OK, &Value::Object(shown)))
            }
            Call::Create(object) => {
                let id = self.org.create(object, body()?, now)?;
                Ok(json_response(StatusCode::CREATED, &json!({ "id": id, "success": true, "errors": [] })))
            }
            Call::Update(object, id) => self.org.update(object, id, body()?, now).map(|()| no_content()),
            Call::Delete(object, id) => self.org.delete(object, id).map(|()| no_content()),
            Call::NotAllowed => Err(Refusal::new("METHOD_NOT_ALLOWED", "HTTP Method not allowed.")),
            Call::Nothing | Call::Versions | Call::Token => Err(Refusal::no_such_resource()),
        }
    }

    fn first_page(&mut self, found: Vec<Value>, version: &str) -> Response<Bytes> {
        let size = self.settings.page_size.max(1);
        if found.len() <= size && self.settings.pages == Pages::End {
            let body = json!({ "totalSize": found.len(), "done": true, "records": found });
            return json_response(StatusCode::OK, &body);
        }
        self.given += 1;
        let cursor = ids::made("01g", self.given);
        self.cursors.truncate(CURSORS - 1);
        let answer = self.page(&cursor, &found, 0, version);
        self.cursors.push_front((cursor, found));
        answer
    }

    fn next_page(&self, locator: &str, version: &str) -> Result<Response<Bytes>, Refusal> {
        let found = locator.rsplit_once('-').and_then(|(cursor, from)| {
            let (_, found) = self.cursors.iter().find(|(known, _)| known == cursor)?;
            Some(self.page(cursor, found, from.parse().ok()?, version))
        });
        found.ok_or_else(|| Refusal::new("INVALID_QUERY_LOCATOR", "invalid query locator"))
    }

    fn page(&self, cursor: &str, found: &[Value], from: usize, version: &str) -> Response<Bytes> {
        let size = self.settings.page_size.max(1);
        let page: Vec<&Value> = found.iter().skip(from).take(size).collect();
        let to = from + size;
        let next = match self.settings.pages {
            Pages::End => Some(to).filter(|to| *to < found.len()),
            Pages::Repeat => Some(from.max(size)),
            Pages::GoOn => Some(to),
        };
        let mut body = json!({ "totalSize": found.len(), "done": next.is_none(), "records": page });
        if let Some(next) = next {
            body["nextRecordsUrl"] = json!(format!("/services/data/{version}/query/{cursor}-{next}"));
        }
        json_response(StatusCode::OK, &body)
    }
}

/// What an ordered fault answers: a whole body, errors by their codes, or the page of Salesforce's edge.
fn failure(call: &Call, fault: &Fault) -> Response<Bytes> {
    let status =
        |usual: StatusCode| fault.status.and_then(|given| StatusCode::from_u16(given).ok()).unwrap_or(usual);
    match fault.error.as_deref() {
        None => page(status(StatusCode::SERVICE_UNAVAILABLE)),
        Some(body) if body.starts_with(['{', '[', '<', '"']) || body.is_empty() => {
            response(status(StatusCode::OK), "application/json;charset=UTF-8", body.to_owned())
        }
        Some(description) if matches!(call, Call::Token) => {
            let body = json!({ "error": "invalid_grant", "error_description": description });
            json_response(status(StatusCode::BAD_REQUEST), &body)
        }
        Some(codes) => {
            let mut elements = codes.split(',').map(|code| Refusal::new(code.trim(), "An ordered fault."));
            let first = elements.next().unwrap_or_else(Refusal::no_such_resource);
            let usual = status_of(codes.split(',').next().unwrap_or_default().trim());
            refused(&Refusal { status: status(usual), ..elements.fold(first, Refusal::and) })
        }
    }
}

fn versions() -> Value {
    let version = |number: u16| json!({ "version": format!("{number}.0"), "url": format!("/services/data/v{number}.0") });
    VERSIONS.map(version).collect()
}

/// A moment as Salesforce writes it.
fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .unwrap_or(Timestamp::MAX)
        .strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        .to_string()
}

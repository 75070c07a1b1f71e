//! `/_salesforce/`: what a test or a lesson arranges in the practice org, and what it wants to know of it.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::{Refusal, json_response, refused};
use super::call::Call;
use super::org::{App, Record};
use super::schema::Object;
use super::state::{Salesforce, Settings};
use super::token;
use crate::faults::{Fault, FaultKind};

/// A request that makes no sense, or about something that isn't there.
type Mistake = (StatusCode, String);

fn mistake(says: impl Into<String>) -> Mistake {
    (StatusCode::BAD_REQUEST, says.into())
}

pub(super) fn answer(salesforce: &Salesforce, request: &Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path().strip_prefix("/_salesforce/").unwrap_or_default();
    let steps: Vec<&str> = path.split('/').collect();
    let done = match (request.method(), steps.as_slice()) {
        (&Method::GET, ["world"]) => Ok(json!(salesforce.inside().org.records)),
        (&Method::GET, ["app"]) => Ok(json!(salesforce.inside().org.app)),
        (&Method::PATCH, ["app"]) => change_app(salesforce, request.body()),
        (&Method::GET, ["settings"]) => Ok(settings(salesforce)),
        (&Method::PATCH, ["settings"]) => change_settings(salesforce, request.body()),
        (&Method::GET, ["calls"]) => Ok(json!(salesforce.inside().calls)),
        (&Method::DELETE, ["calls"]) => {
            salesforce.inside().calls.clear();
            Ok(Value::Null)
        }
        (&Method::GET, ["faults"]) => Ok(faults(salesforce)),
        (&Method::POST, ["faults"]) => read(request.body()).and_then(|fault| order(salesforce, fault)),
        (&Method::DELETE, ["faults"]) => {
            salesforce.inside().faults.clear();
            Ok(Value::Null)
        }
        (&Method::DELETE, ["sessions"]) => {
            salesforce.inside().sessions.clear();
            Ok(Value::Null)
        }
        (&Method::POST, ["records", object]) => put(salesforce, object, None, request.body()),
        (&Method::PATCH, ["records", object, id]) => put(salesforce, object, Some(id), request.body()),
        _ => Err((StatusCode::NOT_FOUND, "There is nothing here.".to_owned())),
    };
    match done {
        Ok(body) => json_response(StatusCode::OK, &body),
        Err((status, says)) => refused(&Refusal { status, ..Refusal::new("CONTROL", says) }),
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Mistake> {
    serde_json::from_slice(body).map_err(|error| mistake(format!("The body can't be read: {error}.")))
}

/// What is given replaces what is there; the rest stays.
fn changed<T: serde::Serialize + DeserializeOwned>(before: &T, body: &Bytes) -> Result<T, Mistake> {
    let mut whole = json!(before);
    let given: Record = read(body)?;
    for (key, value) in given {
        whole[key] = value;
    }
    serde_json::from_value(whole).map_err(|error| mistake(format!("The body can't be read: {error}.")))
}

fn change_app(salesforce: &Salesforce, body: &Bytes) -> Result<Value, Mistake> {
    let mut inside = salesforce.inside();
    let app: App = changed(&inside.org.app, body)?;
    if app.certificate.as_deref().is_some_and(|pem| !token::is_certificate(pem)) {
        return Err(mistake("The certificate can't be read. Send an X.509 certificate in PEM."));
    }
    inside.org.app = app;
    salesforce.keep(&inside.org);
    Ok(json!(inside.org.app))
}

fn settings(salesforce: &Salesforce) -> Value {
    let inside = salesforce.inside();
    json!(Settings { api_used: inside.used, ..inside.settings.clone() })
}

fn change_settings(salesforce: &Salesforce, body: &Bytes) -> Result<Value, Mistake> {
    {
        let mut inside = salesforce.inside();
        let before = Settings { api_used: inside.used, ..inside.settings.clone() };
        let settings: Settings = changed(&before, body)?;
        inside.used = settings.api_used;
        inside.settings = settings;
    }
    Ok(settings(salesforce))
}

fn faults(salesforce: &Salesforce) -> Value {
    json!({ "faults": salesforce.inside().faults.outstanding() })
}

fn order(salesforce: &Salesforce, fault: Fault) -> Result<Value, Mistake> {
    if !Call::names().any(|name| name == fault.operation) {
        let names: Vec<String> = Call::names().collect();
        return Err(mistake(format!(
            "There is no operation {}. There are {}.",
            fault.operation,
            names.join(", ")
        )));
    }
    if fault.call == 0 || fault.times == 0 {
        return Err(mistake("call and times count from 1."));
    }
    if (fault.fault == FaultKind::Delay) != fault.delay_ms.is_some() {
        return Err(mistake("delay_ms belongs to the fault delay, and has to be there."));
    }
    salesforce.inside().faults.order(fault);
    Ok(faults(salesforce))
}

/// Makes or changes a record as Salesforce's own people or a package could, past all rules.
fn put(salesforce: &Salesforce, object: &str, id: Option<&str>, body: &Bytes) -> Result<Value, Mistake> {
    let gone = || (StatusCode::NOT_FOUND, "There is no such object or record.".to_owned());
    let object = Object::named(object).ok_or_else(gone)?;
    let values: Record = read(body)?;
    if let Some(unknown) = values.keys().find(|key| !key.starts_with('_') && object.field(key).is_none()) {
        return Err(mistake(format!("{} has no field {unknown}.", object.name)));
    }
    let mut inside = salesforce.inside();
    let id = match id {
        Some(id) => {
            inside.org.get(object, id).ok_or_else(gone)?;
            inside.org.set(object, id, values);
            id.to_owned()
        }
        None => inside.org.insert(object, values),
    };
    salesforce.keep(&inside.org);
    Ok(json!({ "id": id }))
}

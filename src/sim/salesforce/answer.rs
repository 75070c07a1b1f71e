//! What goes back: records, or errors in the form that Salesforce gives them.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// Why a request is refused: one element or several, and the status that they come with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) elements: Vec<Element>,
}

/// One of the things that are wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) fields: Vec<String>,
}

/// The status that an error comes with.
pub(super) fn status_of(code: &str) -> StatusCode {
    match code {
        "INVALID_SESSION_ID" => StatusCode::UNAUTHORIZED,
        "REQUEST_LIMIT_EXCEEDED" | "API_DISABLED_FOR_ORG" | "API_CURRENTLY_DISABLED" => StatusCode::FORBIDDEN,
        "NOT_FOUND" | "ENTITY_IS_DELETED" => StatusCode::NOT_FOUND,
        "METHOD_NOT_ALLOWED" => StatusCode::METHOD_NOT_ALLOWED,
        "UNKNOWN_EXCEPTION" => StatusCode::INTERNAL_SERVER_ERROR,
        "SERVER_UNAVAILABLE" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

impl Refusal {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Refusal {
        Refusal::about(code, message, &[])
    }

    /// The same, naming the fields that it is about.
    pub(super) fn about(code: &str, message: impl Into<String>, fields: &[&str]) -> Refusal {
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        let element = Element { code: code.to_owned(), message: message.into(), fields };
        Refusal { status: status_of(code), elements: vec![element] }
    }

    /// Both at a time.
    pub(super) fn and(mut self, other: Refusal) -> Refusal {
        self.elements.extend(other.elements);
        self
    }

    pub(super) fn no_such_resource() -> Refusal {
        Refusal::new("NOT_FOUND", "The requested resource does not exist")
    }

    pub(super) fn malformed_query(message: impl Into<String>) -> Refusal {
        Refusal::new("MALFORMED_QUERY", message)
    }
}

pub(super) fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    response(status, "application/json;charset=UTF-8", body.to_string())
}

pub(super) fn response(status: StatusCode, kind: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A success without a body.
pub(super) fn no_content() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

pub(super) fn refused(refusal: &Refusal) -> Response<Bytes> {
    let elements: Vec<Value> = refusal
        .elements
        .iter()
        .map(|Element { code, message, fields }| match fields.is_empty() {
            true => json!({ "message": message, "errorCode": code }),
            false => json!({ "message": message, "errorCode": code, "fields": fields }),
        })
        .collect();
    json_response(refusal.status, &Value::Array(elements))
}

/// The page that Salesforce's edge shows when nothing behind it answers.
pub(super) fn page(status: StatusCode) -> Response<Bytes> {
    let reason = status.canonical_reason().unwrap_or("Error");
    let body = format!(
        "<html><head><title>{reason}</title></head><body><h1>{reason}</h1><p>We are down for maintenance.</p></body></html>"
    );
    response(status, "text/html;charset=UTF-8", body)
}

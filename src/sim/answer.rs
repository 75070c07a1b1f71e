//! What goes back: an operation's output, or one of the errors that the API declares, in the form that the SDKs read.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::ids::REGION;

/// Why an operation is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The members that the error has in addition to its message.
    pub(crate) details: Map<String, Value>,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new() }
    }

    /// The request cannot be meant, whatever is in the instance.
    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new("InvalidRequestException", message)
    }

    /// One value of the request is not possible. Operations that do not declare this one answer InvalidRequest instead.
    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", message)
    }

    pub(crate) fn duplicate(message: impl Into<String>) -> Self {
        Self::new("DuplicateResourceException", message)
    }

    pub(crate) fn limit_exceeded(message: impl Into<String>) -> Self {
        Self::new("LimitExceededException", message)
    }

    /// Something else still needs the resource. The API has types for some kinds of resources only.
    pub(crate) fn in_use(message: impl Into<String>, resource_type: Option<&str>, arn: String) -> Self {
        let mut refusal = Self::new("ResourceInUseException", message);
        refusal.details.insert("ResourceId".to_owned(), Value::from(arn));
        if let Some(resource_type) = resource_type {
            refusal.details.insert("ResourceType".to_owned(), Value::from(resource_type));
        }
        refusal
    }

    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new("AccessDeniedException", message)
    }

    pub(crate) fn throttled() -> Self {
        Self::new("ThrottlingException", "Rate exceeded. Call this operation less often.")
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalServiceException", message)
    }
}

/// What an operation answers.
pub(crate) type Outcome = Result<Value, Refusal>;

pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    response(status, Bytes::from(body.to_string()))
}

/// A response whose body is JSON already.
pub(crate) fn response(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The output of an operation that has none.
pub(crate) fn nothing() -> Outcome {
    Ok(json!({}))
}

pub(crate) fn written<T: Serialize>(data: &T) -> Value {
    serde_json::to_value(data).expect("plain data with text for keys can always be written as JSON")
}

/// A moment as the API writes it: seconds since the epoch, with a fraction.
#[allow(clippy::cast_precision_loss)] // Milliseconds since the epoch are far below what a float counts exactly.
pub(crate) fn timestamp(ms: i64) -> Value {
    Value::from(ms as f64 / 1000.0)
}

pub(crate) fn optional(object: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let (Some(object), Some(value)) = (object.as_object_mut(), value) {
        object.insert(name.to_owned(), value.into());
    }
}

/// Adds when and where something was last changed.
pub(crate) fn stamped(mut object: Value, modified_ms: i64) -> Value {
    optional(&mut object, "LastModifiedTime", Some(timestamp(modified_ms)));
    optional(&mut object, "LastModifiedRegion", Some(REGION));
    object
}

/// An error as rest-json writes it: the name in a header and in the body, the message under both of its spellings.
pub(crate) fn error_response(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    refusal_response(status, code, message, Map::new())
}

/// An error with members in addition to its message.
pub(crate) fn refusal_response(
    status: StatusCode,
    code: &str,
    message: &str,
    mut details: Map<String, Value>,
) -> Response<Bytes> {
    for (name, text) in [("__type", code), ("message", message), ("Message", message)] {
        details.insert(name.to_owned(), Value::from(text));
    }
    let mut response = json_response(status, &Value::Object(details));
    if let Ok(name) = HeaderValue::from_str(code) {
        response.headers_mut().insert("x-amzn-errortype", name);
    }
    response
}

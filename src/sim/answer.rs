//! What goes back: an operation's output, or one of the errors that the API declares, in the form that the SDKs read.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// Why an operation is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The request cannot be meant, whatever stands in the instance.
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

/// An error as rest-json writes it: the name in a header and in the body, the message under both of its spellings.
pub(crate) fn error_response(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    let body = json!({ "__type": code, "message": message, "Message": message });
    let mut response = json_response(status, &body);
    if let Ok(name) = HeaderValue::from_str(code) {
        response.headers_mut().insert("x-amzn-errortype", name);
    }
    response
}

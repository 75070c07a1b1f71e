//! How Discord says no: a status, a code, a message, and for a bad form a tree of the places that are wrong.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

/// An answer of the API: a status and a JSON body, or none.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub status: StatusCode,
    pub headers: Vec<(String, String)>,
    pub content_type: String,
    pub body: Bytes,
}

impl Reply {
    pub fn json(status: StatusCode, body: &Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type: "application/json".to_owned(),
            body: Bytes::from(body.to_string()),
        }
    }

    pub fn ok(body: &Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub fn empty() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: Vec::new(),
            content_type: String::new(),
            body: Bytes::new(),
        }
    }

    pub fn code(&self) -> Option<u64> {
        if self.status.is_success() {
            return None;
        }
        serde_json::from_slice::<Value>(&self.body).ok()?.get("code")?.as_u64()
    }
}

/// Why a request is not carried out.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub status: StatusCode,
    pub code: u64,
    pub message: String,
    pub errors: Option<Value>,
}

pub(crate) type Done<T = Reply> = Result<T, Refusal>;

impl Refusal {
    pub fn new(status: StatusCode, code: u64, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), errors: None }
    }

    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 0, "401: Unauthorized")
    }

    pub fn no_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, 0, "404: Not Found")
    }

    pub fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, 0, "405: Method Not Allowed")
    }

    pub fn unknown(code: u64, what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, format!("Unknown {what}"))
    }

    pub fn unknown_channel() -> Self {
        Self::unknown(10003, "Channel")
    }

    pub fn unknown_message() -> Self {
        Self::unknown(10008, "Message")
    }

    pub fn unknown_webhook() -> Self {
        Self::unknown(10015, "Webhook")
    }

    pub fn unknown_interaction() -> Self {
        Self::unknown(10062, "interaction")
    }

    pub fn missing_access() -> Self {
        Self::new(StatusCode::FORBIDDEN, 50001, "Missing Access")
    }

    pub fn missing_permissions() -> Self {
        Self::new(StatusCode::FORBIDDEN, 50013, "Missing Permissions")
    }

    pub fn archived() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 50083, "Thread is archived")
    }

    pub fn empty_message() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 50006, "Cannot send an empty message")
    }

    pub fn reply(&self) -> Reply {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let (Some(errors), Some(body)) = (&self.errors, body.as_object_mut()) {
            body.insert("errors".to_owned(), errors.clone());
        }
        Reply::json(self.status, &body)
    }
}

/// Where in a form something is wrong, and what. Discord names every place immediately.
#[derive(Debug, Default)]
pub(crate) struct Errors(Vec<(String, &'static str, String)>);

impl Errors {
    pub fn add(&mut self, place: &str, code: &'static str, message: impl Into<String>) {
        self.0.push((place.to_owned(), code, message.into()));
    }

    pub fn required(&mut self, place: &str) {
        self.add(place, "BASE_TYPE_REQUIRED", "This field is required");
    }

    pub fn refusal(self) -> Option<Refusal> {
        if self.0.is_empty() {
            return None;
        }
        let mut tree = Map::new();
        for (place, code, message) in self.0 {
            let mut node = &mut tree;
            for step in place.split('.').filter(|step| !step.is_empty()) {
                let next = node.entry(step).or_insert_with(|| Value::Object(Map::new()));
                node = next.as_object_mut().expect("every node of the tree is made an object here");
            }
            let listed = node.entry("_errors").or_insert_with(|| Value::Array(Vec::new()));
            let listed =
                listed.as_array_mut().expect("`_errors` is made an array here and is no place's name");
            listed.push(json!({ "code": code, "message": message }));
        }
        let mut refusal = Refusal::new(StatusCode::BAD_REQUEST, 50035, "Invalid Form Body");
        refusal.errors = Some(Value::Object(tree));
        Some(refusal)
    }

    pub fn check(self) -> Done<()> {
        self.refusal().map_or(Ok(()), Err)
    }

    /// One mistake alone.
    pub fn one(place: &str, code: &'static str, message: impl Into<String>) -> Refusal {
        let mut errors = Self::default();
        errors.add(place, code, message);
        errors.refusal().expect("one mistake was just added")
    }
}

//! A request's body: JSON, or a multipart form with JSON and files.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value};

use crate::multipart;
use crate::refusal::{Done, Refusal};

/// A file that was sent along, as `files[0]`.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// The number in the field's name.
    pub number: u64,
    pub filename: String,
    pub content_type: String,
    pub bytes: Bytes,
}

#[derive(Clone, Debug)]
pub(crate) struct Payload {
    pub json: Value,
    pub files: Vec<File>,
}

impl Payload {
    pub fn read(content_type: Option<&str>, body: &Bytes) -> Done<Self> {
        let Some(kind) = content_type else {
            // A request without a body is an empty object.
            return if body.is_empty() { Ok(Self::of(Value::Object(Map::new()))) } else { Err(no_type()) };
        };
        if kind.starts_with("application/json") {
            return json(body).map(Self::of);
        }
        let Some(boundary) = kind.strip_prefix("multipart/form-data").and_then(multipart::boundary) else {
            return Err(no_type());
        };
        let mut read = Self::of(Value::Object(Map::new()));
        for part in multipart::parts(body, &boundary).ok_or_else(invalid)? {
            if part.name == "payload_json" {
                read.json = json(&part.bytes)?;
            } else if let Some(number) =
                part.name.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']'))
            {
                let number = number.parse().map_err(|_| invalid())?;
                let filename = part.filename.ok_or_else(invalid)?;
                let content_type = part.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
                read.files.push(File { number, filename, content_type, bytes: part.bytes });
            }
        }
        Ok(read)
    }

    pub fn of(json: Value) -> Self {
        Self { json, files: Vec::new() }
    }
}

fn json(body: &Bytes) -> Done<Value> {
    serde_json::from_slice(body).map_err(|_| invalid())
}

fn invalid() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, 50109, "The request body contains invalid JSON.")
}

fn no_type() -> Refusal {
    let message =
        "Expected \"Content-Type\" header to be one of {'application/json', 'multipart/form-data'}.";
    Refusal::new(StatusCode::BAD_REQUEST, 50035, message)
}

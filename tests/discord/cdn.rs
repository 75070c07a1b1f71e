//! Attachments as files that can be downloaded, until they are gone.

use bytes::Bytes;
use http::StatusCode;

use crate::refusal::Reply;
use crate::world::{Id, World};

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub content_type: String,
    pub bytes: Bytes,
    /// Whether its address still works.
    pub there: bool,
}

pub(crate) fn content_type(filename: &str) -> &'static str {
    match filename.rsplit_once('.').map(|(_, ending)| ending) {
        Some("csv") => "text/csv; charset=utf-8",
        Some("txt" | "log") => "text/plain; charset=utf-8",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("pdf") => "application/pdf",
        _ => "application/octet-stream",
    }
}

impl World {
    /// The signed address of a file; the signature is for show.
    pub(crate) fn file_url(&self, channel: Id, file: Id, filename: &str) -> String {
        let safe: String = filename
            .chars()
            .map(|it| if it.is_ascii_alphanumeric() || "-_.".contains(it) { it } else { '_' })
            .collect();
        format!("{}/attachments/{channel}/{file}/{safe}?ex=7fffffff&is=0&hm=00&", self.base_url)
    }

    pub(crate) fn download(&self, segments: &[&str]) -> Reply {
        let stored = match segments {
            ["attachments", _, file, _] => file.parse().ok().and_then(|file: Id| self.files.get(&file)),
            _ => None,
        };
        match stored.filter(|stored| stored.there) {
            Some(stored) => Reply {
                status: StatusCode::OK,
                headers: Vec::new(),
                content_type: stored.content_type.clone(),
                body: stored.bytes.clone(),
            },
            None => Reply {
                status: StatusCode::NOT_FOUND,
                headers: Vec::new(),
                content_type: "text/plain".to_owned(),
                body: Bytes::from_static(b"This content is no longer available."),
            },
        }
    }
}

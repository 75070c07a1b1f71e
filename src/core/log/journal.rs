//! The log as the desk uses it: reading, and appending to a request that no one else wrote to meanwhile.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::basics::ids::{PersonId, RequestNo};
use crate::basics::problem::Problem;
use crate::log::{Draft, Line, Lookup, OpenRequest};

/// The reading half of the log.
#[async_trait]
pub trait LogReader: Send + Sync {
    /// The lines of a request, oldest first; empty when there is no such request.
    async fn request(&self, no: RequestNo) -> Result<Vec<Line>, Problem>;

    /// Requests that are not finished, oldest first.
    async fn open(&self) -> Result<Vec<RequestNo>, Problem>;

    /// What is known of the requests that are wanted, as their last lines left them. It costs no more when more requests are open.
    async fn find(&self, wanted: Lookup) -> Result<Vec<Arc<OpenRequest>>, Problem>;

    /// The newest lines that match, newest first.
    async fn history(&self, query: &Query) -> Result<Vec<Line>, Problem>;

    /// The requests with a line about this login, in any case, newest first.
    async fn requests_about(&self, login: &str) -> Result<Vec<RequestNo>, Problem>;

    /// How many lines match, whatever the query's limit.
    async fn count(&self, query: &Query) -> Result<usize, Problem>;

    /// The line that a request begins with.
    async fn asked(&self, no: RequestNo) -> Result<Option<Line>, Problem>;
}

/// Which lines to look up. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub login: Option<String>,
    pub person: Option<PersonId>,
    /// Only lines that belong to no request, such as looks.
    pub without_request: bool,
    /// Only lines that say by which rules the desk goes.
    pub rules: bool,
    /// Lines from this moment on.
    pub since: Option<Timestamp>,
    /// At most so many lines.
    pub limit: usize,
}

/// The log. A line counts as written when it would survive a power cut, and `append` returns no sooner.
#[async_trait]
pub trait RequestLog: LogReader {
    /// Writes lines, all or none, one after the other.
    ///
    /// `after` is the number of the request's last line as the caller knows it; when the request has a newer line nothing
    /// is written and the answer is [`AppendError::Conflict`].
    async fn append(&self, to: Append, drafts: Vec<Draft>) -> Result<Vec<Line>, AppendError>;

    /// Waits until no one else is at work on the request, in this process or another, and keeps it so until dropped.
    async fn lease(&self, no: RequestNo) -> Result<Box<dyn Lease>, Problem>;

    /// Why nothing may be changed at present; `None` when the log is sound and can be written.
    fn unsound(&self) -> Option<Problem>;
}

/// Where lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Append {
    /// To no request.
    Desk,
    /// To a request with a new number.
    New,
    /// To this request, if `after` is its last line.
    To { no: RequestNo, after: u64 },
}

/// Why lines were not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// Someone wrote to the request first: read it again and decide again.
    Conflict,
    /// Nothing was written, and nothing will be. [`RequestLog::unsound`] tells whether that goes for every line from now on.
    Failed(Problem),
    /// No one knows whether the lines were written: the disk gave no answer that can be trusted. The desk is in safe mode from now on,
    /// and after a restart they don't count as anyone's decision.
    Unknown(Problem),
}

/// Held while a request is worked on.
pub trait Lease: Send + Sync {}

//! Trouble that a test orders for the API: each as "it failed" and as "it failed, but it happened".

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;
use tokio::sync::watch;

use crate::error::FakeError;
use crate::refusal::Reply;

/// One piece of trouble: which request it meets, and what happens.
#[derive(Clone, Debug)]
pub struct Fault {
    /// `None` is every method.
    pub method: Option<Method>,
    /// A path below `/api/v10` in which `*` stands for one segment: `/interactions/*/*/callback`. `**` is every path.
    pub path: String,
    /// The first request it meets, counted from 1 after it was ordered.
    pub nth: u32,
    /// How many requests it meets.
    pub times: u32,
    pub kind: FaultKind,
}

impl Fault {
    /// Meets the next request that fits. The method `*` is every method.
    pub fn on(method: &str, path: &str, kind: FaultKind) -> Self {
        Self {
            method: method.parse().ok().filter(|_| method != "*"),
            path: path.to_owned(),
            nth: 1,
            times: 1,
            kind,
        }
    }

    /// Meets the nth request first, counted from 1.
    #[must_use]
    pub fn nth(self, nth: u32) -> Self {
        Self { nth, ..self }
    }

    /// Meets this many requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    fn fits(&self, method: &Method, segments: &[&str]) -> bool {
        if self.method.as_ref().is_some_and(|wanted| wanted != method) {
            return false;
        }
        let wanted = self.path.trim_matches('/');
        wanted == "**" || {
            let wanted: Vec<_> = wanted.split('/').collect();
            wanted.len() == segments.len()
                && wanted.iter().zip(segments).all(|(want, have)| *want == "*" || want == have)
        }
    }
}

/// What happens to the request.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// 429 before any effect.
    TooManyRequests { retry_after: Duration, scope: Scope },
    /// This status, before any effect.
    FailBefore(u16),
    /// This status, after the effect.
    FailAfter(u16),
    /// The connection ends before any effect.
    DropBefore,
    /// The connection ends after the effect.
    DropAfter,
    /// The connection ends after the effect, in the middle of the answer's body.
    CutBody,
    /// It waits before the effect until the gate is opened.
    WaitBefore(Gate),
    /// The effect is there, and the answer waits until the gate is opened.
    WaitAfter(Gate),
    /// This answer instead of the right one, before any effect.
    Answer { status: u16, body: String },
}

/// Which limit a 429 says was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    User,
    Global,
}

/// Holds a request until a test lets it go.
#[derive(Clone, Debug)]
pub struct Gate(Arc<watch::Sender<(bool, u32)>>);

impl Default for Gate {
    fn default() -> Self {
        Self::closed()
    }
}

impl Gate {
    pub fn closed() -> Self {
        Self(Arc::new(watch::Sender::new((false, 0))))
    }

    /// Lets go everything that waits, and all that comes.
    pub fn open(&self) {
        self.0.send_modify(|gate| gate.0 = true);
    }

    /// Ends when a request is before the gate.
    pub async fn reached(&self, limit: Duration) -> Result<(), FakeError> {
        let mut changes = self.0.subscribe();
        let waited = tokio::time::timeout(limit, changes.wait_for(|gate| gate.1 > 0)).await;
        match waited {
            Ok(Ok(_)) => Ok(()),
            _ => Err(FakeError::Waited { what: "a request at the gate".to_owned(), limit }),
        }
    }

    pub(crate) async fn pass(&self) {
        self.0.send_modify(|gate| gate.1 += 1);
        let mut changes = self.0.subscribe();
        // The sender is held by this gate itself, so the wait ends when it is opened.
        let _ = changes.wait_for(|gate| gate.0).await;
    }
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub fn order(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn outstanding(&self) -> usize {
        self.0.len()
    }

    /// The trouble that meets this request; all that fit count it.
    pub fn meet(&mut self, method: &Method, segments: &[&str]) -> Option<FaultKind> {
        let mut met = None;
        for fault in &mut self.0 {
            if !fault.fits(method, segments) {
                continue;
            }
            if fault.nth > 1 {
                fault.nth -= 1;
            } else if met.is_none() && fault.times > 0 {
                fault.times -= 1;
                met = Some(fault.kind.clone());
            }
        }
        self.0.retain(|fault| fault.times > 0);
        met
    }
}

pub(crate) fn too_many(retry_after: Duration, scope: Scope) -> Reply {
    let (name, global) = match scope {
        Scope::User => ("user", false),
        Scope::Global => ("global", true),
    };
    let seconds = retry_after.as_secs_f64();
    let body = json!({ "message": "You are being rate limited.", "retry_after": seconds, "global": global });
    let mut reply = Reply::json(StatusCode::TOO_MANY_REQUESTS, &body);
    let mut add = |name: &str, value: String| reply.headers.push((name.to_owned(), value));
    // The header is in seconds as well; real ones are whole, and clients read fractions.
    add("retry-after", seconds.to_string());
    add("x-ratelimit-scope", name.to_owned());
    if global {
        add("x-ratelimit-global", "true".to_owned());
    } else {
        add("x-ratelimit-limit", "5".to_owned());
        add("x-ratelimit-remaining", "0".to_owned());
        add("x-ratelimit-reset-after", seconds.to_string());
        add("x-ratelimit-bucket", "scripted".to_owned());
    }
    reply
}

pub(crate) fn failed(status: u16) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = status.canonical_reason().unwrap_or("Error");
    Reply::json(status, &json!({ "message": format!("{}: {reason}", status.as_u16()), "code": 0 }))
}

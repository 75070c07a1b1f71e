//! The practice org as it is held between requests.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::org::Org;
use super::{seed, token};
use crate::clock::{Clock, SystemClock};
use crate::error::SimError;
use crate::faults::Faults;

/// How a practice Salesforce is opened.
#[derive(Clone)]
pub struct Options {
    /// The file that keeps the org between runs; without it the org ends with the process.
    pub state: Option<PathBuf>,
    /// The certificate (PEM) of the app, which assertions are verified against.
    pub certificate: Option<String>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Options {
        Options { state: None, certificate: None, clock: Arc::new(SystemClock) }
    }
}

pub(super) struct Inner {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) state: Option<PathBuf>,
    pub(super) inside: Mutex<Inside>,
}

pub(super) struct Session {
    pub(super) username: String,
    pub(super) used_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Records on a page of a query; Salesforce's own is 2000.
    pub(super) page_size: usize,
    pub(super) pages: Pages,
    /// How far this org's clock is ahead of everyone else's.
    pub(super) clock_ahead_s: i64,
    /// Requests a day.
    pub(super) api_limit: u64,
    /// Requests of the day so far.
    pub(super) api_used: u64,
}

/// Whether queries come to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pages {
    End,
    /// Each page leads to itself.
    Repeat,
    /// Each page leads to another one, indefinitely.
    GoOn,
}

/// A practice Salesforce. Clones are handles on the same one.
#[derive(Clone)]
pub struct Salesforce(pub(super) Arc<Inner>);

/// The org, and what is not kept of it.
pub(super) struct Inside {
    pub(super) org: Org,
    pub(super) settings: Settings,
    pub(super) faults: Faults,
    pub(super) calls: BTreeMap<String, u64>,
    pub(super) sessions: HashMap<String, Session>,
    pub(super) cursors: VecDeque<(String, Vec<Value>)>,
    /// Tokens and cursors given out so far.
    pub(super) given: u64,
    /// Requests of the day.
    pub(super) used: u64,
}

impl Salesforce {
    /// Opens a practice Salesforce: a new one, or the one that the state file keeps.
    ///
    /// # Errors
    ///
    /// Where the state file is out of reach or is not the state of a practice Salesforce, or the certificate is none.
    pub fn open(options: Options) -> Result<Salesforce, SimError> {
        let Options { state, certificate, clock } = options;
        if certificate.as_deref().is_some_and(|pem| !token::is_certificate(pem)) {
            return Err(SimError::Certificate);
        }
        let kept = match &state {
            Some(path) => match std::fs::read(path) {
                Ok(bytes) => Some(
                    serde_json::from_slice::<Org>(&bytes)
                        .map_err(|_| SimError::NotState { path: path.clone() })?,
                ),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(source) => return Err(SimError::State { path: path.clone(), source }),
            },
            None => None,
        };
        let mut org = kept.unwrap_or_else(|| seed::org(None));
        if certificate.is_some() {
            org.app.certificate = certificate;
        }
        let settings =
            Settings { page_size: 2000, pages: Pages::End, clock_ahead_s: 0, api_limit: 15_000, api_used: 0 };
        let inside = Inside {
            org,
            settings,
            faults: Faults::default(),
            calls: BTreeMap::new(),
            sessions: HashMap::new(),
            cursors: VecDeque::new(),
            given: 0,
            used: 0,
        };
        Ok(Salesforce(Arc::new(Inner { clock, state, inside: Mutex::new(inside) })))
    }

    // What the lock guards is changed in one step and stays whole when a holder panics.
    pub(super) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.0.clock.now_ms() + self.inside().settings.clock_ahead_s * 1000
    }

    /// Puts the org into the state file in one step, so a kill leaves the one from before or this one.
    pub(super) fn keep(&self, org: &Org) {
        let Some(path) = &self.0.state else { return };
        let mut beside = path.clone().into_os_string();
        beside.push(".writing");
        let written = serde_json::to_vec(org)
            .map_err(std::io::Error::from)
            .and_then(|bytes| std::fs::write(&beside, bytes))
            .and_then(|()| std::fs::rename(&beside, path));
        if let Err(error) = written {
            tracing::error!(%error, "the state of the practice Salesforce can't be written");
        }
    }
}

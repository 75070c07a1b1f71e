//! The store: the approval log, what is found in it, and the sealed secrets beside it, put together into what the core asks for.
//!
//! The log of record is a file ([`crate::log`]); the index and the secrets are in an embedded engine ([`crate::engine`]), of which
//! the index can be built again at any time. One folder is one log. What is in it, what is promised of it and what an operator does
//! with it is told in `docs/log.md`.

mod appending;
mod doubt;
mod factors;
mod index;
pub mod kept;
mod keys;
mod known;
pub mod lease;
mod lookup;
mod lost;
pub mod prepared;
pub mod terms;
mod threads;
pub mod vault;

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::ids::{PersonId, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::secret::Secret;
use desk_core::log::{
    Append, AppendError, Draft, Lease, Line, LogReader, Lookup, OpenRequest, Query, RequestLog,
};
use desk_core::ports::{Clock, Files, Vault};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretBox;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::counting::Counting;
#[doc(hidden)]
pub use crate::engine::{ENGINES, EngineKind};
#[doc(hidden)]
pub use crate::folder::{Act, Call, Fate, Writes};
use crate::folder::{Folder, NotOpened};
use crate::log::{FileLog, Log as _, LogKey, Opened, opened, stopped};
pub use crate::log::{
    Finding, Lately, Report, ShowFilter, desk_folder, lately, salvage, show, verify_folder,
};
use crate::log::{file, older};
use crate::metrics;
use crate::private;
use appending::Appender;
use index::{Expected, Index, State};
use kept::Kept;
use known::Known;
use lease::Leases;
use lookup::Records;
use prepared::Prepared;
use threads::spawn;
use vault::{Sealer, Secrets};

/// A log of so many lines is verified whole before it opens; a longer one while the desk already works.
const WHOLE: u64 = 50_000;

/// How a store is opened.
#[derive(Clone)]
pub struct Options {
    /// The name of the log, which every checkpoint carries: no blanks, no plus signs, and never another later.
    pub name: String,
    /// How long a temporary password may be taken out.
    pub secrets_last: Duration,
    pub clock: Arc<dyn Clock>,
}

/// What tests change about a store.
#[doc(hidden)]
#[derive(Clone)]
pub struct Hooks {
    /// The calls that change files.
    pub writes: Writes,
    /// What keeps the index and the secrets.
    pub engine: &'static EngineKind,
    /// Up to how many lines are verified before the store opens.
    pub whole: u64,
}

impl Default for Hooks {
    fn default() -> Hooks {
        Hooks { writes: Writes::default(), engine: &ENGINES[0], whole: WHOLE }
    }
}

/// The open store. Clones are the same store; the last one dropped, or [`Store::close`], closes it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    open: RwLock<Result<Arc<Open>, Problem>>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    leases: Leases,
    buttons: Option<Arc<SecretBox<[u8; 32]>>>,
    kept: Result<Arc<Kept>, Problem>,
    factors: Result<Arc<Kept>, Problem>,
    /// Accounts whose authenticator the log knows and the folder lacks.
    factors_gone: Arc<Mutex<HashSet<PersonId>>>,
    clock: Arc<dyn Clock>,
    counting: Counting,
    /// What opening it found that an operator should know.
    said: Vec<Problem>,
}

/// What there is while the folder is open. The fields are dropped in this order, so the folder's lock goes last.
struct Open {
    /// None while nothing may be written.
    appender: Option<Arc<Appender>>,
    secrets: Secrets,
    known: Known,
    records: Arc<Records>,
    index: Arc<Index>,
    log: Arc<FileLog>,
}

impl Store {
    /// Opens the store in a folder, which is made if it is missing.
    ///
    /// Only another process that has the folder open, another account that it belongs to where this is root, or a log of an older
    /// version, is an error. Everything else that is wrong gives a store that is unsound and says
    /// why: it reads as far as it can and writes nothing.
    pub fn open(dir: &Path, options: Options) -> Result<Store, Problem> {
        Store::open_watched(dir, options, Hooks::default())
    }

    #[doc(hidden)]
    pub fn open_watched(dir: &Path, options: Options, hooks: Hooks) -> Result<Store, Problem> {
        let clock = options.clock.clone();
        let Hooks { writes, engine, whole } = hooks;
        if let Some(problem) = private::of_another(dir) {
            return Err(problem);
        }
        let (folder, said) = match Folder::open(dir, writes) {
            Ok(folder) => folder,
            Err(NotOpened::Held(problem)) => return Err(problem),
            Err(NotOpened::Unusable(problem)) => return Ok(Store::unusable(problem, clock)),
        };
        older::refuse(&folder)?;
        let opened = Store::open_folder(Arc::new(folder), said, options, engine, whole);
        Ok(opened.unwrap_or_else(|problem| Store::unusable(problem, clock)))
    }

    /// A store that has nothing to read and takes nothing, because of this.
    fn unusable(problem: Problem, clock: Arc<dyn Clock>) -> Store {
        tracing::error!(code = problem.code, "the approval log can't be opened: {problem}");
        Store(Arc::new(Inner {
            kept: Err(problem.clone()),
            factors: Err(problem.clone()),
            open: RwLock::new(Err(problem)),
            workers: Mutex::default(),
            leases: Leases::default(),
            buttons: None,
            factors_gone: Arc::default(),
            clock,
            counting: Counting::default(),
            said: Vec::new(),
        }))
    }

    fn open_folder(
        folder: Arc<Folder>,
        mut said: Vec<Problem>,
        options: Options,
        engine: &'static EngineKind,
        whole: u64,
    ) -> Result<Store, Problem> {
        let Options { name, secrets_last, clock } = options;
        let life = SignedDuration::try_from(secrets_last).unwrap_or(SignedDuration::MAX);
        let new = file::is_new(&folder)?;
        if new {
            file::begin(&folder)?;
        }
        let key = LogKey::open(&folder, &name, new)?;
        let (seal, seal_said) = keys::seal_key(&folder, new)?;
        let key_is_new = seal_said.is_some();
        if new {
            file::seal_first(&folder, &key)?;
        }
        let kept =
            Kept::open(folder.file("files"), keys::file_key(&seal), Some(life), clock.clone()).map(Arc::new);
        let factors = Kept::open(folder.file("factors"), keys::factor_key(&seal), None, clock.clone());
        let factors = factors.map(Arc::new);
        let buttons = keys::button_key(&seal);

        let (log, index, opened) = open_log(&folder, key, new, engine, whole)?;
        let Opened { doubtful, said: log_said, .. } = &opened;
        said.extend(seal_said);
        said.extend(log_said.iter().cloned());
        let records = Arc::new(Records::new(log.clone(), index.clone()));
        let secrets = Secrets::new(index.clone(), Sealer::new(seal, life));
        let now = clock.now();
        let mut appender = None;
        if log.unsound().is_none() {
            let began = disregard(&log, &index, &records, doubtful.clone(), now).and_then(|()| {
                log.checkpoint()?;
                index.finish(&log.end())?;
                said.extend(lost::tidy_secrets(&records, &secrets, life, now)?);
                Appender::start(log.clone(), index.clone())
            });
            match began {
                Ok(started) => appender = Some(started),
                Err(problem) => log.set_unsound(problem),
            }
        }
        let gone = match &factors {
            Ok(kept) => lost::factors(&records, kept).unwrap_or_default(),
            Err(_) => HashSet::new(),
        };
        said.extend(lost::factors_said(&gone));
        if !key_is_new {
            let mut sealed = secrets.sealed_with_this_key().unwrap_or_default();
            for kept in [&kept, &factors].into_iter().flatten() {
                // What can't be read is said where it is asked for.
                sealed.extend(kept.sealed_with_this_key().unwrap_or_default());
            }
            said.extend(keys::seal_key_said(&folder, &sealed));
        }
        let mut workers = Vec::new();
        if opened.start.is_some() && log.unsound().is_none() {
            let (log, index) = (log.clone(), index.clone());
            workers.push(spawn("log-verify", move || verify_in_background(&log, &index))?);
        }
        for problem in said.iter().chain(&index.state().said) {
            tracing::warn!(code = problem.code, "{problem}");
        }
        Ok(Store(Arc::new(Inner {
            open: RwLock::new(Ok(Arc::new(Open {
                appender,
                secrets,
                known: Known::new(records.clone(), index.clone()),
                records,
                index,
                log,
            }))),
            workers: Mutex::new(workers),
            leases: Leases::default(),
            buttons: Some(Arc::new(buttons)),
            kept,
            factors,
            factors_gone: Arc::new(Mutex::new(gone)),
            clock,
            counting: Counting::default(),
            said,
        })))
    }

    /// The key that buttons on chat platforms are marked with; none while the folder's own keys can't be read.
    pub fn button_key(&self) -> Option<Arc<SecretBox<[u8; 32]>>> {
        self.0.buttons.clone()
    }

    /// Makes the end of the log durable and signed, and lets go of the folder. Later reads and appends are refused, by all clones.
    ///
    /// An error says that the end could not be made so; every acknowledged line is on disk all the same.
    pub fn close(&self) -> Result<(), Problem> {
        self.0.close()
    }

    /// The sealed secrets, which are in the same folder.
    pub fn vault(&self) -> Arc<dyn Vault> {
        Arc::new(self.clone())
    }

    /// A signed checkpoint over every line that was acknowledged so far, as text, to be kept elsewhere.
    pub async fn checkpoint(&self) -> Result<String, Problem> {
        let open = self.opened()?;
        in_background(move || open.log.checkpoint()).await
    }

    /// The key that checkpoints are checked with, `name+hash+key`; empty if there is no log to read.
    pub fn verifier(&self) -> String {
        self.opened().map_or_else(|_| String::new(), |open| open.log.verifier.to_string())
    }

    /// How many lines there are.
    pub fn size(&self) -> u64 {
        self.opened().map_or(0, |open| open.log.size())
    }

    /// The newest line that says by which rules the desk goes; none in a new log.
    pub fn rules(&self) -> Result<Option<Line>, Problem> {
        self.opened()?.records.rules()
    }

    /// What an operator should know of the folder although the desk works: what was damaged and built again, what was lost.
    pub fn said(&self) -> Vec<Problem> {
        let of_index = self.opened().map(|open| open.index.state().said.clone()).unwrap_or_default();
        self.0.said.iter().cloned().chain(of_index).collect()
    }

    /// Verifies the whole log while the desk works. Blocks for a second or so for 200,000 lines.
    pub fn verify(&self) -> Result<Report, Problem> {
        self.verify_against(&[])
    }

    /// Verifies the whole log, also against checkpoints that were kept elsewhere, given as their texts.
    pub fn verify_against(&self, kept: &[String]) -> Result<Report, Problem> {
        let open = self.opened()?;
        let kept = opened(kept, &open.log.verifier)?;
        let mut expected = Expected::default();
        let mut each = |line: u64, bytes: &[u8]| expected.take(line, bytes);
        let report = open.log.verify(true, &kept, &mut each).ok_or_else(stopped)?;
        open.log.found(&report.findings);
        if open.log.unsound().is_none() {
            open.index.check(&expected);
        }
        Ok(report)
    }

    /// Counts lines that were written, or that could not be.
    async fn count(&self, open: &Arc<Open>, appended: &Result<Vec<Line>, AppendError>, began: Duration) {
        match appended {
            Ok(lines) => {
                let took = self.0.clock.monotonic().saturating_sub(began);
                metrics::observe(metrics::Family::Append, &[], took);
                for no in lines.iter().filter_map(|line| self.0.counting.lacks(line)) {
                    let records = open.records.clone();
                    if let Ok(before) = in_background(move || records.request(no)).await {
                        self.0.counting.learn(&before);
                    }
                }
                self.0.counting.take(lines);
            }
            Err(AppendError::Conflict) => {}
            Err(_) => metrics::count(metrics::Family::AppendFailures, &[]),
        }
    }

    fn opened(&self) -> Result<Arc<Open>, Problem> {
        self.0.opened()
    }

    /// What may be used only while the log can be written.
    fn writable(&self) -> Result<Arc<Open>, Problem> {
        let open = self.opened()?;
        match open.log.unsound() {
            Some(problem) => Err(problem),
            None => Ok(open),
        }
    }
}

/// Opens the log and its index, each with the other's help: the index remembers where verification may begin, and the lines that are
/// verified bring the index up to date.
fn open_log(
    folder: &Arc<Folder>,
    key: LogKey,
    new: bool,
    engine: &'static EngineKind,
    whole: u64,
) -> Result<(Arc<FileLog>, Arc<Index>, Opened), Problem> {
    let (mut state, marker) = State::open(folder, engine);
    let mut expected = Expected::default();
    let mut each = |line: u64, bytes: &[u8]| {
        state.catch_up(line, bytes);
        expected.take(line, bytes);
    };
    let remembered = marker.is_some();
    let opened = FileLog::open(folder.clone(), key, marker, whole, &mut each)?;
    let log = opened.log.clone();
    let index = Arc::new(Index::new(log.clone(), folder.clone(), state));
    if log.unsound().is_some() {
        index.use_memory();
    } else if remembered && !opened.marker_holds {
        index.distrust("it is not the index of this log");
    } else if opened.start.is_none() {
        if !remembered && !new {
            index.say_missing();
        }
        index.check(&expected);
    }
    Ok((log, index, opened))
}

/// Writes that decisions of which no one was told don't count, before anything else is written.
fn disregard(
    log: &FileLog,
    index: &Index,
    records: &Records,
    doubtful: std::ops::Range<u64>,
    now: Timestamp,
) -> Result<(), Problem> {
    let lines: Vec<Line> = doubtful.map(|line| records.line(line)).collect::<Result<_, _>>()?;
    let drafts = doubt::disregard(&lines, |no| records.request(no), now)?;
    if drafts.is_empty() {
        return Ok(());
    }
    let size = log.size();
    let placed = (size..)
        .zip(drafts)
        .map(|(number, (no, draft))| Prepared::new(draft)?.at(number, Some(no)))
        .collect::<Result<Vec<_>, _>>()?;
    let (lines, bytes): (Vec<Line>, Vec<Vec<u8>>) = placed.into_iter().unzip();
    log.append(size, &bytes).map_err(|error| match error {
        crate::log::NotAppended::Refused(problem) | crate::log::NotAppended::Unknown(problem) => problem,
        crate::log::NotAppended::Changed => stopped(),
    })?;
    index.add(&lines);
    tracing::warn!(requests = lines.len(), "decisions that were not confirmed to anyone must be repeated");
    Ok(())
}

fn verify_in_background(log: &FileLog, index: &Index) {
    let mut expected = Expected::default();
    let mut each = |line: u64, bytes: &[u8]| expected.take(line, bytes);
    if let Some(report) = log.verify(false, &[], &mut each) {
        tracing::info!(lines = report.lines, findings = report.findings.len(), "the log was verified");
        log.found(&report.findings);
        if log.unsound().is_none() {
            index.check(&expected);
        }
    }
}

impl Inner {
    fn opened(&self) -> Result<Arc<Open>, Problem> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn close(&self) -> Result<(), Problem> {
        let open = match self.opened() {
            Ok(open) => open,
            // Closed before, or never open: what was wrong then is no news now.
            Err(_) => return Ok(()),
        };
        let before = open.log.unsound();
        if let Some(appender) = &open.appender {
            appender.close();
        }
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Err(stopped());
        open.log.close();
        for worker in std::mem::take(&mut *self.workers.lock().unwrap_or_else(PoisonError::into_inner)) {
            let _ = worker.join();
        }
        if open.log.unsound().is_none() {
            let ended = open.index.finish(&open.log.end()).and_then(|()| open.log.finish());
            if let Err(problem) = ended {
                open.log.set_unsound(problem);
            }
        }
        match open.log.unsound() {
            Some(problem) if before.is_none() => Err(problem),
            _ => Ok(()),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(problem) = self.close() {
            tracing::error!(code = problem.code, "the log was not closed properly: {problem}");
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("lines", &self.size()).field("unsound", &self.unsound()).finish()
    }
}

/// So many wait for the disk at a time: more would take memory and wait for each other.
static DISK: Semaphore = Semaphore::const_new(32);

/// Reads from disk beside the runtime's own threads.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let _waits = DISK.acquire().await.map_err(|_| stopped())?;
    tokio::task::spawn_blocking(work).await.map_err(|_| stopped())?
}

#[async_trait]
impl LogReader for Store {
    async fn request(&self, no: RequestNo) -> Result<Vec<Line>, Problem> {
        let open = self.opened()?;
        in_background(move || open.records.request(no)).await
    }

    async fn open(&self) -> Result<Vec<RequestNo>, Problem> {
        let open = self.opened()?;
        in_background(move || Ok(open.index.open_requests())).await
    }

    async fn find(&self, wanted: Lookup) -> Result<Vec<Arc<OpenRequest>>, Problem> {
        let open = self.opened()?;
        match open.known.find_at_once(&wanted) {
            Some(found) => Ok(found),
            None => in_background(move || open.known.find(&wanted)).await,
        }
    }

    async fn history(&self, query: &Query) -> Result<Vec<Line>, Problem> {
        let (open, query) = (self.opened()?, query.clone());
        in_background(move || open.records.history(&query)).await
    }

    async fn requests_about(&self, login: &str) -> Result<Vec<RequestNo>, Problem> {
        let (open, login) = (self.opened()?, login.to_owned());
        in_background(move || open.records.requests_about(&login)).await
    }

    async fn count(&self, query: &Query) -> Result<usize, Problem> {
        let (open, query) = (self.opened()?, query.clone());
        in_background(move || open.records.count(&query)).await
    }

    async fn asked(&self, no: RequestNo) -> Result<Option<Line>, Problem> {
        let open = self.opened()?;
        in_background(move || open.records.asked(no)).await
    }
}

#[async_trait]
impl RequestLog for Store {
    async fn append(&self, to: Append, drafts: Vec<Draft>) -> Result<Vec<Line>, AppendError> {
        let open = self.opened().map_err(AppendError::Failed)?;
        let lines =
            drafts.into_iter().map(Prepared::new).collect::<Result<_, _>>().map_err(AppendError::Failed)?;
        match &open.appender {
            Some(appender) => {
                let began = self.0.clock.monotonic();
                let appended = appender.append(to, lines).await;
                self.count(&open, &appended, began).await;
                appended
            }
            None => Err(AppendError::Failed(open.log.unsound().unwrap_or_else(stopped))),
        }
    }

    async fn lease(&self, no: RequestNo) -> Result<Box<dyn Lease>, Problem> {
        Ok(Box::new(self.0.leases.take(no).await))
    }

    fn unsound(&self) -> Option<Problem> {
        self.opened().map_or_else(Some, |open| open.log.unsound())
    }
}

#[async_trait]
impl Files for Store {
    async fn file(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Problem> {
        let (kept, name) = (self.0.kept.clone()?, name.to_owned());
        in_background(move || kept.get(&name)).await
    }

    async fn passwords(&self) -> Result<Vec<(RequestNo, Timestamp)>, Problem> {
        let open = self.opened()?;
        in_background(move || open.secrets.sealed()).await
    }
}

#[async_trait]
impl Vault for Store {
    async fn keep_file(&self, name: &str, bytes: Zeroizing<Vec<u8>>) -> Result<(), Problem> {
        let (kept, name) = (self.0.kept.clone()?, name.to_owned());
        in_background(move || kept.keep(&name, &bytes)).await
    }

    async fn temporary_password(&self, no: RequestNo) -> Result<Secret, Problem> {
        let (open, now) = (self.writable()?, self.0.clock.now());
        in_background(move || open.secrets.secret_or_new(no, now)).await
    }

    async fn forgotten_password(&self) -> Result<Secret, Problem> {
        vault::password()
    }

    async fn unseal(&self, no: RequestNo) -> Result<Option<Secret>, Problem> {
        let (open, now) = (self.writable()?, self.0.clock.now());
        in_background(move || open.secrets.secret(no, now)).await
    }

    async fn destroy(&self, no: RequestNo) -> Result<(), Problem> {
        let open = self.writable()?;
        in_background(move || open.secrets.remove_all(&[no])).await
    }

    async fn destroy_expired(&self) -> Result<Vec<RequestNo>, Problem> {
        let (open, kept, now) = (self.writable()?, self.0.kept.clone(), self.0.clock.now());
        in_background(move || {
            let over = open.secrets.remove_expired(now)?;
            // That the folder of files can't be opened is said where one is read.
            kept.map_or(Ok(()), |kept| kept.clear())?;
            Ok(over)
        })
        .await
    }
}

//! The store: the approval log and the sealed secrets on sled, so that what is acknowledged survives a power cut and
//! what is altered afterwards is named.
//!
//! One folder is one log. What lies in it, what the desk promises of it and what an operator does with it is told in
//! `docs/log.md`; the order of durable writes in the modules `writer` and `head`.

mod archive;
mod checkpoints;
mod disk;
mod factors;
mod files;
mod head;
mod index;
mod kept;
mod keys;
mod lease;
mod lines;
mod near;
mod prepared;
mod reading;
#[doc(hidden)]
pub mod tamper;
mod vault;
mod verify;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::card::Hidden;
use desk_core::ids::RequestNo;
use desk_core::log::{Draft, Line};
use desk_core::ports::{Append, AppendError, Book, Clock, Files, Journal, Lease, Query, Vault};
use desk_core::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use archive::Archive;
#[doc(hidden)]
pub use disk::{Hook, Moment};
use files::{Folder, NotOpened, trouble};
use kept::Kept;
use keys::LogKey;
pub(crate) use keys::random;
use lease::Leases;
use prepared::Prepared;
pub use reading::{Lately, ShowFilter, desk_folder, lately, show, verify_folder};
use secrecy::SecretBox;
use vault::Sealer;
pub use verify::{Finding, Report};
use writer::{Work, Writer};

/// A log of so many lines is verified whole before it opens; a longer one while the desk already works.
const WHOLE: u64 = 50_000;

/// How long authenticators are kept: longer than anybody works here.
const FOR_GOOD: SignedDuration = SignedDuration::from_hours(100 * 366 * 24);

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
    pub hook: Hook,
    /// Up to how many lines are verified before the store opens.
    pub whole: u64,
}

impl Default for Hooks {
    fn default() -> Hooks {
        Hooks { hook: Hook::default(), whole: WHOLE }
    }
}

/// The open store. Clones are the same store; the last one dropped, or [`Store::close`], closes it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    work: Option<Sender<Work>>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    /// The log, or why there is none to read.
    archive: RwLock<Result<Arc<Archive>, Problem>>,
    leases: Leases,
    buttons: Option<Arc<SecretBox<[u8; 32]>>>,
    kept: Result<Arc<Kept>, Problem>,
    factors: Result<Arc<Kept>, Problem>,
}

impl Store {
    /// Opens the store in a folder, which is made when it is missing.
    ///
    /// Only another desk that has the folder open is an error. Everything else that is wrong gives a store that is
    /// unsound and says why: it reads as far as it can and writes nothing.
    pub fn open(dir: &Path, options: Options) -> Result<Store, Problem> {
        Store::open_watched(dir, options, Hooks::default())
    }

    #[doc(hidden)]
    pub fn open_watched(dir: &Path, options: Options, hooks: Hooks) -> Result<Store, Problem> {
        let folder = match Folder::open(dir) {
            Ok(folder) => folder,
            Err(NotOpened::Held(problem)) => return Err(problem),
            Err(NotOpened::Unusable(problem)) => return Ok(Store::unusable(problem)),
        };
        Ok(Store::open_folder(folder, options, hooks).unwrap_or_else(Store::unusable))
    }

    /// A store that has nothing to read and takes nothing, because of this.
    pub fn unusable(problem: Problem) -> Store {
        tracing::error!(code = problem.code, "there is no log: {problem}");
        let kept = Err(problem.clone());
        let factors = Err(problem.clone());
        Store(Arc::new(Inner {
            kept,
            factors,
            work: None,
            workers: Mutex::new(Vec::new()),
            archive: RwLock::new(Err(problem)),
            leases: Leases::default(),
            buttons: None,
        }))
    }

    fn open_folder(folder: Folder, options: Options, hooks: Hooks) -> Result<Store, Problem> {
        let Options { name, secrets_last, clock } = options;
        let Hooks { hook, whole } = hooks;
        let new = !folder.engine().exists();
        let key = LogKey::open(&folder, &name, new)?;
        let seal = keys::seal_key(&folder)?;
        let buttons = keys::button_key(&seal);
        let file_key = keys::file_key(&seal);
        let factor_key = keys::factor_key(&seal);
        let (kept, factors) = (folder.file("files"), folder.file("factors"));
        let lock = folder.lock()?;
        let verifier = key.verifier.clone();
        let (archive, filing) =
            near::near(&lock, || Archive::open(folder, verifier, hook)).map_err(|_| stopped())??;
        let archive = Arc::new(archive);
        let life = SignedDuration::try_from(secrets_last).unwrap_or(SignedDuration::MAX);
        let kept = Kept::open(kept, file_key, life, clock.clone()).map(Arc::new);
        let factors = Kept::open(factors, factor_key, FOR_GOOD, clock.clone()).map(Arc::new);
        let short = archive.size() <= whole;
        if archive.unsound().is_none() && short {
            archive.found(&verify::whole(&archive, true, &[]).findings);
        }
        let mut workers = Vec::new();
        let mut work = None;
        if archive.unsound().is_none() {
            match Writer::new(archive.clone(), key, Sealer::new(seal, life), clock, filing) {
                Err(problem) => archive.set_unsound(problem),
                Ok(writer) => {
                    let (sender, inbox) = channel();
                    let archive = archive.clone();
                    workers.push(spawn("store-writer", move || {
                        near::stay();
                        // Callers whose answer is lost to a panic learn it from the channel, the others from this.
                        if catch_unwind(AssertUnwindSafe(|| writer.run(&inbox))).is_err() {
                            archive.set_unsound(stopped());
                        }
                    })?);
                    work = Some(sender);
                }
            }
        }
        if archive.unsound().is_none() && !short {
            let archive = archive.clone();
            workers.push(spawn("store-verify", move || {
                let report = verify::whole(&archive, false, &[]);
                if !archive.closing() {
                    tracing::info!(
                        lines = report.lines,
                        findings = report.findings.len(),
                        "the log was verified"
                    );
                    archive.found(&report.findings);
                }
            })?);
        }
        Ok(Store(Arc::new(Inner {
            work,
            workers: Mutex::new(workers),
            archive: RwLock::new(Ok(archive)),
            leases: Leases::default(),
            buttons: Some(Arc::new(buttons)),
            kept,
            factors,
        })))
    }

    /// The key that buttons on chat platforms are marked with; none while the folder's own keys cannot be read.
    pub fn button_key(&self) -> Option<Arc<SecretBox<[u8; 32]>>> {
        self.0.buttons.clone()
    }

    /// Signs a last checkpoint, syncs, and lets go of the folder. Later reads and appends are refused, by all clones.
    ///
    /// An error says that the end of the log has no checkpoint; every acknowledged line is on disk all the same.
    pub fn close(&self) -> Result<(), Problem> {
        self.0.close()
    }

    /// The sealed secrets, which lie in the same folder.
    pub fn vault(&self) -> Arc<dyn Vault> {
        Arc::new(self.clone())
    }

    /// A signed checkpoint over every line that was acknowledged so far, as text, to be kept elsewhere.
    pub async fn checkpoint(&self) -> Result<String, Problem> {
        self.ask(|reply| Work::Checkpoint { reply }).await?
    }

    /// The key that checkpoints are checked with, `name+hash+key`; empty when there is no log to read.
    pub fn verifier(&self) -> String {
        self.archive().map_or_else(|_| String::new(), |archive| archive.verifier.to_string())
    }

    /// How many lines there are.
    pub fn size(&self) -> u64 {
        self.archive().map_or(0, |archive| archive.size())
    }

    /// The newest line that says by which rules the desk goes; none in a log from before such lines.
    pub fn rules(&self) -> Result<Option<Line>, Problem> {
        self.archive()?.rules()
    }

    /// Verifies the whole log while the desk works on. Blocks for a second or so for 200,000 lines.
    pub fn verify(&self) -> Result<Report, Problem> {
        self.verify_against(&[])
    }

    /// Verifies the whole log, also against checkpoints that were kept elsewhere, given as their texts.
    pub fn verify_against(&self, kept: &[String]) -> Result<Report, Problem> {
        let archive = self.archive()?;
        let kept = reading::opened(kept, &archive.verifier)?;
        let report = verify::whole(&archive, false, &kept);
        archive.found(&report.findings);
        Ok(report)
    }

    fn archive(&self) -> Result<Arc<Archive>, Problem> {
        self.0.archive.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask<T>(&self, work: impl FnOnce(oneshot::Sender<T>) -> Work) -> Result<T, Problem> {
        let (reply, answer) = oneshot::channel();
        let refused = || self.unsound().unwrap_or_else(stopped);
        self.0.work.as_ref().ok_or_else(refused)?.send(work(reply)).map_err(|_| refused())?;
        answer.await.map_err(|_| refused())
    }
}

impl Inner {
    fn close(&self) -> Result<(), Problem> {
        let closed = std::mem::replace(
            &mut *self.archive.write().unwrap_or_else(PoisonError::into_inner),
            Err(stopped()),
        );
        let archive = match closed {
            Ok(archive) => archive,
            // Closed before, or never open: what was wrong then is no news now.
            Err(problem) => {
                *self.archive.write().unwrap_or_else(PoisonError::into_inner) = Err(problem);
                return Ok(());
            }
        };
        let before = archive.unsound();
        archive.close();
        if let Some(work) = &self.work {
            // A writer that has stopped already needs no word.
            let _ = work.send(Work::Close);
        }
        let workers = std::mem::take(&mut *self.workers.lock().unwrap_or_else(PoisonError::into_inner));
        for worker in workers {
            let _ = worker.join();
        }
        match archive.unsound() {
            Some(problem) if before.is_none() => Err(problem),
            _ => Ok(()),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(problem) = self.close() {
            tracing::error!(code = problem.code, "the log was not closed well: {problem}");
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("lines", &self.size()).field("unsound", &self.unsound()).finish()
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Problem> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| trouble("start a thread", &error))
}

fn stopped() -> Problem {
    Problem::log("store_closed", "The approval log is closed.").next("Start the desk again.")
}

/// Reads from disk beside the runtime's own threads.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| stopped())?
}

#[async_trait]
impl Book for Store {
    async fn request(&self, no: RequestNo) -> Result<Vec<Line>, Problem> {
        let archive = self.archive()?;
        in_background(move || archive.request(no)).await
    }

    async fn open(&self) -> Result<Vec<RequestNo>, Problem> {
        Ok(self.archive()?.open_requests().into_iter().collect())
    }

    async fn history(&self, query: &Query) -> Result<Vec<Line>, Problem> {
        let (archive, query) = (self.archive()?, query.clone());
        in_background(move || archive.history(&query)).await
    }
}

#[async_trait]
impl Journal for Store {
    async fn append(&self, to: Append, drafts: Vec<Draft>) -> Result<Vec<Line>, AppendError> {
        let lines = drafts.into_iter().map(Prepared::new).collect();
        self.ask(|reply| Work::Append { to, lines, reply }).await.map_err(AppendError::Failed)?
    }

    async fn lease(&self, no: RequestNo) -> Result<Box<dyn Lease>, Problem> {
        Ok(Box::new(self.0.leases.take(no).await))
    }

    fn unsound(&self) -> Option<Problem> {
        self.archive().map_or_else(Some, |archive| archive.unsound())
    }
}

#[async_trait]
impl Files for Store {
    async fn file(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Problem> {
        let (kept, name) = (self.0.kept.clone()?, name.to_owned());
        in_background(move || kept.get(&name)).await
    }

    async fn passwords(&self) -> Result<Vec<(RequestNo, Timestamp)>, Problem> {
        let archive = self.archive()?;
        in_background(move || archive.disk.sealed_secrets()).await
    }
}

#[async_trait]
impl Vault for Store {
    async fn keep_file(&self, name: &str, bytes: Zeroizing<Vec<u8>>) -> Result<(), Problem> {
        let (kept, name) = (self.0.kept.clone()?, name.to_owned());
        in_background(move || kept.keep(&name, &bytes)).await
    }

    async fn temporary_password(&self, no: RequestNo) -> Result<Hidden, Problem> {
        self.ask(|reply| Work::Password { no, reply }).await?
    }

    async fn forgotten_password(&self) -> Result<Hidden, Problem> {
        vault::password()
    }

    async fn unseal(&self, no: RequestNo) -> Result<Option<Hidden>, Problem> {
        self.ask(|reply| Work::Unseal { no, reply }).await?
    }

    async fn destroy(&self, no: RequestNo) -> Result<(), Problem> {
        self.ask(|reply| Work::Destroy { no, reply }).await?
    }
}

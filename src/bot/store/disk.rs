//! sled behind a few words: the trees, how a value is put, and when it would survive a power cut.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use desk_core::problem::Problem;
use sled::{Db, IVec, Tree};

use super::files::{Folder, trouble};

/// What sled may hold in memory by its own count; what it takes is several times that.
const CACHE: u64 = 128 * 1024;

/// How long an engine that is still being dropped is waited for.
const WAIT: Duration = Duration::from_millis(2);
const WAITS: u32 = 1_000;

/// The longest value that is ever put.
///
/// sled keeps up to 17 values in one node, writes a node as one message when it has changed ten times, and moves a message
/// above 128 KiB to a file of its own, which it never syncs. So no value may come near a seventeenth of that.
pub(super) const LONGEST_VALUE: usize = 6 * 1024;

/// The open engine.
#[derive(Debug)]
pub(super) struct Disk {
    pub bundles: Tree,
    pub parts: Tree,
    pub head: Tree,
    pub index: Tree,
    pub open: Tree,
    pub checkpoints: Tree,
    pub secrets: Tree,
    db: Db,
    /// The file that sled writes, for the sync that sled leaves out.
    file: File,
    put: AtomicU64,
    hook: Hook,
}

impl Disk {
    /// Opens sled, which reads its log from the newest snapshot on and writes another.
    pub fn open(folder: &Folder, hook: Hook) -> Result<Disk, Problem> {
        folder.remove_unfinished_snapshots()?;
        let open = || -> Result<(Db, [Tree; 7]), sled::Error> {
            let db = engine(&folder.engine(), CACHE)?;
            let tree = |name: &str| db.open_tree(name);
            let trees = [
                tree("bundles")?,
                tree("parts")?,
                tree("head")?,
                tree("index")?,
                tree("open")?,
                tree("checkpoints")?,
                tree("secrets")?,
            ];
            Ok((db, trees))
        };
        let (db, [bundles, parts, head, index, open, checkpoints, secrets]) = guarded("open", open)?;
        let path = folder.engine_file();
        let file = File::options()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|error| trouble("open its own file for syncing", &error))?;
        Ok(Disk {
            bundles,
            parts,
            head,
            index,
            open,
            checkpoints,
            secrets,
            db,
            file,
            put: AtomicU64::new(0),
            hook,
        })
    }

    /// Puts a value. It is durable after [`Disk::make_durable`], and what is put later never survives without it.
    pub fn put(&self, tree: &Tree, key: &[u8], value: &[u8]) -> Result<(), Problem> {
        debug_assert!(value.len() <= LONGEST_VALUE + 1024, "a value must not become a blob");
        self.hook.tell(Moment::Put)?;
        self.put.fetch_add((key.len() + value.len()) as u64, Ordering::Relaxed);
        guarded("write", || tree.insert(key, value).map(drop))
    }

    /// How many bytes were put since it was opened.
    pub fn put_so_far(&self) -> u64 {
        self.put.load(Ordering::Relaxed)
    }

    /// Removes a value, as durable as a put one.
    pub fn remove(&self, tree: &Tree, key: &[u8]) -> Result<(), Problem> {
        self.hook.tell(Moment::Put)?;
        guarded("write", || tree.remove(key).map(drop))
    }

    /// Returns when everything put so far would survive a power cut.
    ///
    /// sled's `flush` hands its buffers to the kernel and waits for `sync_file_range`, which neither writes the file's
    /// metadata nor empties the disk's own cache, whatever its documentation says. The `fdatasync` after it does.
    pub fn make_durable(&self) -> Result<(), Problem> {
        guarded("write", || self.db.flush().map(drop))?;
        self.hook.tell(Moment::Sync)?;
        self.file.sync_data().map_err(|error| trouble("sync the log to disk", &error))?;
        self.hook.tell(Moment::Synced)
    }

    pub fn hook(&self) -> &Hook {
        &self.hook
    }
}

/// Opens sled in its folder.
///
/// sled's own threads let go of its file a moment after it was dropped, so an engine that was open just now is waited for.
/// No other process can have it open, because the store's lock is taken first.
pub(super) fn engine(path: &Path, cache: u64) -> Result<Db, sled::Error> {
    let config = sled::Config::new()
        .path(path)
        // Its own thread would sync now and then; the writer syncs before every acknowledgement instead.
        .flush_every_ms(None)
        .cache_capacity(cache);
    let mut left = WAITS;
    loop {
        match config.open() {
            Err(sled::Error::Io(error))
                if left > 0 && error.to_string().contains("could not acquire lock") =>
            {
                left -= 1;
                std::thread::park_timeout(WAIT);
            }
            opened => return opened,
        }
    }
}

/// Runs sled and turns its errors and its panics, which it has for damaged files, into sentences.
pub(super) fn guarded<T>(doing: &str, work: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, Problem> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(error))) => Err(trouble(&format!("{doing} the log's database"), &error)),
        Ok(Err(error)) => Err(damaged(doing, &error.to_string())),
        Err(panic) => {
            let said = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("it gave up without a word");
            Err(damaged(doing, said))
        }
    }
}

fn damaged(doing: &str, what: &str) -> Problem {
    let what = desk_core::text::plain(what, 200);
    Problem::log(
        "store_damaged",
        format!("The store cannot {doing} the log's database, which is damaged: {what}."),
    )
    .next("Keep a copy of the folder as it is, then put the newest backup in its place.")
}

/// Rows of a tree, read guarded.
pub(super) struct Rows(pub sled::Iter);

impl Iterator for Rows {
    type Item = Result<(IVec, IVec), Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        guarded("read", || self.0.next().transpose()).transpose()
    }
}

impl DoubleEndedIterator for Rows {
    fn next_back(&mut self) -> Option<Self::Item> {
        guarded("read", || self.0.next_back().transpose()).transpose()
    }
}

/// What the store is about to do, or has done. Tests watch it and make it fail.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A value is about to be put into sled or removed.
    Put,
    /// A commit is about to be synced.
    Sync,
    /// A commit has been synced.
    Synced,
    /// The callers of a commit are about to be told.
    Acknowledge,
}

type Watch = dyn Fn(Moment) -> io::Result<()> + Send + Sync;

/// A test's eye and hand in the store; an error it gives is taken for one of the disk's.
#[doc(hidden)]
#[derive(Clone, Default)]
pub struct Hook(Option<Arc<Watch>>);

impl Hook {
    pub fn new(watch: impl Fn(Moment) -> io::Result<()> + Send + Sync + 'static) -> Hook {
        Hook(Some(Arc::new(watch)))
    }

    pub(super) fn tell(&self, moment: Moment) -> Result<(), Problem> {
        match &self.0 {
            None => Ok(()),
            Some(watch) => watch(moment).map_err(|error| trouble("write the log's database", &error)),
        }
    }
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hook")
    }
}

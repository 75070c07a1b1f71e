//! The engine on sled 0.34.7, an old release whose traps are stepped around here: it panics on some damaged files, takes a
//! half-written snapshot for its newest, repeats an iterator's error for ever, does not sync when it flushes, and moves long values
//! to files that it never syncs.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use desk_core::basics::text::plain;
use sled::{Db, IVec, Tree};

use super::port::{Change, Engine, EngineError, Table};
use crate::private;

/// What sled may hold in memory by its own count; what it takes is several times that.
const CACHE: u64 = 1024 * 1024;

/// How long an engine that is still being dropped is waited for.
const WAIT: Duration = Duration::from_millis(2);
const WAITS: u32 = 1_000;

/// The longest value that is ever put.
///
/// sled keeps up to 17 values in one node, writes a node as one message when it has changed ten times, and moves a message
/// above 128 KiB to a file of its own, which it never syncs. So no value may come near a seventeenth of that.
pub(crate) const LONGEST_VALUE: usize = 6 * 1024;

/// An open engine.
pub(crate) struct OnSled {
    index: Tree,
    secrets: Tree,
    db: Db,
    /// The file that sled writes, for the sync that sled leaves out.
    file: File,
}

impl OnSled {
    /// Opens sled in its folder. Snapshots only save it work, so damaged ones are put aside and it is opened without. Gives what was
    /// put aside.
    pub fn open(path: &Path) -> Result<(OnSled, Vec<PathBuf>), EngineError> {
        private::create(path)?;
        let mut aside = put_aside(snapshots(path, |name| name.ends_with(".generating")))?;
        let opened = match OnSled::open_as_is(path) {
            Ok(opened) => opened,
            Err(error) => {
                let snapshots = snapshots(path, |_| true);
                if snapshots.is_empty() || !matches!(error, EngineError::Damaged(_)) {
                    return Err(error);
                }
                aside.extend(put_aside(snapshots)?);
                OnSled::open_as_is(path)?
            }
        };
        Ok((opened, aside))
    }

    fn open_as_is(path: &Path) -> Result<OnSled, EngineError> {
        guarded(|| {
            let db = engine(path)?;
            let (index, secrets) = (db.open_tree(Table::Index.word())?, db.open_tree(Table::Secrets.word())?);
            let file = File::options().read(true).write(true).open(path.join("db"))?;
            // sled syncs no names either.
            #[cfg(unix)]
            File::open(path)?.sync_all()?;
            Ok(OnSled { index, secrets, db, file })
        })
    }

    fn tree(&self, table: Table) -> &Tree {
        match table {
            Table::Index => &self.index,
            Table::Secrets => &self.secrets,
        }
    }
}

/// sled's own threads let go of its file a moment after it was dropped, so an engine that was open just now is waited for. No other
/// process can have it open, because the lock of the state folder is taken first.
fn engine(path: &Path) -> Result<Db, sled::Error> {
    // Its own thread would sync now and then; what has to be durable is made so immediately.
    let config = sled::Config::new().path(path).flush_every_ms(None).cache_capacity(CACHE);
    let mut left = WAITS;
    loop {
        match config.open() {
            Err(sled::Error::Io(error)) if left > 0 && is_locked(&error) => {
                left -= 1;
                std::thread::park_timeout(WAIT);
            }
            opened => return opened,
        }
    }
}

fn is_locked(error: &std::io::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

/// The snapshots in sled's folder whose names are such.
fn snapshots(path: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("snap.") && wanted(&name)
        })
        .map(|entry| entry.path())
        .collect()
}

/// Gives files a name that sled does not look at.
fn put_aside(files: Vec<PathBuf>) -> Result<Vec<PathBuf>, EngineError> {
    for file in &files {
        let name =
            file.file_name().map(|name| format!("damaged-{}", name.to_string_lossy())).unwrap_or_default();
        fs::rename(file, file.with_file_name(name))?;
    }
    Ok(files)
}

/// Runs sled and sorts its errors, and its panics, which it has for damaged files and for a disk that refuses.
fn guarded<T>(work: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, EngineError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(error))) => Err(match error.kind() {
            // What sled itself says of its files: no call of the system fails with one of these.
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData => EngineError::damaged(&error.to_string()),
            ErrorKind::Other if !is_locked(&error) => EngineError::damaged(&error.to_string()),
            _ => error.into(),
        }),
        Ok(Err(error)) => Err(EngineError::damaged(&error.to_string())),
        Err(panic) => {
            let message = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("it gave up without a word");
            // How Rust writes an error of the system; in a panic there is nothing else to tell it by.
            Err(match message.contains("Os {") || message.contains("(os error ") {
                true => EngineError::Refused(ErrorKind::Other, plain(message, 200)),
                false => EngineError::damaged(message),
            })
        }
    }
}

impl Engine for OnSled {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        guarded(|| Ok(self.tree(table).get(key)?.map(|value| value.to_vec())))
    }

    fn put(&self, table: Table, changes: Vec<Change>) -> Result<(), EngineError> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => {
                    debug_assert!(value.len() <= LONGEST_VALUE, "a value must not become a file of its own");
                    batch.insert(key, value);
                }
                None => batch.remove(key),
            }
        }
        guarded(|| self.tree(table).apply_batch(batch))
    }

    fn scan(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        back: bool,
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), EngineError> {
        if from > to {
            return Ok(());
        }
        let mut rows = guarded(|| Ok(self.tree(table).range(from..=to)))?;
        let mut next = || -> Result<Option<(IVec, IVec)>, EngineError> {
            // The first error ends it: the iterator would give the same one for ever.
            guarded(|| if back { rows.next_back() } else { rows.next() }.transpose())
        };
        while let Some((key, value)) = next()? {
            if !each(&key, &value) {
                break;
            }
        }
        Ok(())
    }

    fn compare_and_swap(
        &self,
        table: Table,
        key: &[u8],
        old: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Result<bool, EngineError> {
        guarded(|| Ok(self.tree(table).compare_and_swap(key, old, new)?.is_ok()))
    }

    /// sled's `flush` hands its buffers to the kernel and waits for `sync_file_range`, which neither writes the file's metadata nor
    /// empties the disk's own cache, whatever its documentation says. The `fdatasync` after it does.
    fn make_durable(&self) -> Result<(), EngineError> {
        guarded(|| self.db.flush().map(drop))?;
        Ok(self.file.sync_data()?)
    }
}

//! The embedded store behind a few words. It keeps what can be made again from the log, and sealed secrets.
//!
//! Whoever uses it takes every error for damage: what can be made again is made again, in another engine.

mod memory;
mod on_sled;

use std::path::{Path, PathBuf};

use memory::Memory;
use on_sled::OnSled;

/// An engine by its name.
pub struct EngineKind {
    pub name: &'static str,
    /// What is put there survives the process.
    pub lasts: bool,
    open: fn(&Path) -> Opening,
}

/// An open engine, and the files that were put aside because they were damaged.
pub(crate) type Opening = Result<(Box<dyn Engine>, Vec<PathBuf>), EngineError>;

/// Every engine there is; the desk runs on the first.
pub static ENGINES: [EngineKind; 2] = [
    EngineKind {
        name: "sled",
        lasts: true,
        open: |path| OnSled::open(path).map(|(db, aside)| (Box::new(db) as _, aside)),
    },
    EngineKind { name: "memory", lasts: false, open: |_| Ok((in_memory(), Vec::new())) },
];

impl EngineKind {
    /// Opens the engine in its folder.
    pub(crate) fn open(&self, path: &Path) -> Opening {
        (self.open)(path)
    }
}

/// The engine that is there when no other can be.
pub(crate) fn in_memory() -> Box<dyn Engine> {
    Box::new(Memory::default())
}

impl std::fmt::Debug for EngineKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Where a value belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Index,
    Secrets,
}

impl Table {
    pub fn word(self) -> &'static str {
        match self {
            Table::Index => "index",
            Table::Secrets => "secrets",
        }
    }
}

/// A key and its new value; none removes it.
pub(crate) type Change = (Vec<u8>, Option<Vec<u8>>);

/// What an engine can do.
pub(crate) trait Engine: Send + Sync {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;

    /// Makes these changes, all or none, also over a crash. What is put later does not survive without what was put before.
    fn put(&self, table: Table, changes: Vec<Change>) -> Result<(), EngineError>;

    /// Gives the keys from `from` to `to`, both included, and their values, until told to stop with `false`. `back` begins at the end.
    fn scan(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        back: bool,
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), EngineError>;

    /// Changes a value if it is as it is thought to be; gives whether it was.
    fn compare_and_swap(
        &self,
        table: Table,
        key: &[u8],
        old: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Result<bool, EngineError>;

    /// Returns when everything that was put would survive a power cut.
    fn make_durable(&self) -> Result<(), EngineError>;
}

/// The engine could not do something, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct EngineError(pub String);

//! The embedded store behind a few words. It keeps what can be made again from the log, and sealed secrets.
//!
//! After an error that says that it is damaged, what can be made again is made again in another engine. After any other it is left as
//! it is, because what is in it may be whole.

use std::path::{Path, PathBuf};

use super::memory::Memory;
use super::on_sled::OnSled;
use super::port::{Engine, EngineError};

/// An engine by its name, which is also that of its folder: no engine opens what another one wrote.
pub struct EngineKind {
    pub name: &'static str,
    /// What is put there survives the process.
    pub lasts: bool,
    open: fn(&Path) -> Opening,
}

/// An open engine, and the files that were put aside because they were damaged.
pub(crate) type Opening = Result<(Box<dyn Engine>, Vec<PathBuf>), EngineError>;

/// Every engine there is; the desk runs on the first.
pub static ENGINES: &[EngineKind] = &[
    EngineKind {
        name: "sled",
        lasts: true,
        open: |path| OnSled::open(path).map(|(db, aside)| (Box::new(db) as _, aside)),
    },
    EngineKind { name: "memory", lasts: false, open: |_| Ok((in_memory(), Vec::new())) },
];

impl EngineKind {
    /// Opens the engine in its folder below this one.
    pub(crate) fn open(&self, path: &Path) -> Opening {
        (self.open)(&path.join(self.name))
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

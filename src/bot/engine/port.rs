//! What the desk asks of an engine.

use std::io::ErrorKind;

use desk_core::basics::text::plain;

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
pub(crate) enum EngineError {
    /// What is on disk is known not to be what was put there.
    #[error("{0}")]
    Damaged(String),
    /// The disk or the system refused, with such an error. What is on disk may be whole.
    #[error("{1}")]
    Refused(ErrorKind, String),
}

impl EngineError {
    pub fn damaged(why: &str) -> EngineError {
        EngineError::Damaged(plain(why, 200))
    }
}

impl From<std::io::Error> for EngineError {
    fn from(error: std::io::Error) -> EngineError {
        EngineError::Refused(error.kind(), plain(&error.to_string(), 200))
    }
}

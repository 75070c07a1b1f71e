//! What the desk asks of an engine.

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

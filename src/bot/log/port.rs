//! The approval log: an append-only file of lines that anyone can read, and the small port behind which it is.
//!
//! `log.jsonl` has one line of canonical JSON for each line of the log. Lines that were written together are a batch, and each batch
//! ends in a seal ([`desk_core::log::Seal`]): the hashes of its lines, and a signed checkpoint of the log after it. A batch is one
//! write and one `fdatasync`; then `head` gets the seal's checkpoint, and only then anyone is told. So a batch that was cut
//! short, a changed line, a missing end and a batch that no one was told of can be told apart, see [`file`].
//!
//! What else is stored can be rebuilt from this file, or is a secret. Nothing here knows of an index.

use desk_core::basics::problem::Problem;

/// The log, for anyone who keeps something that follows from it.
pub(crate) trait Log: Send + Sync {
    /// How many lines there are. All of them would survive a power cut.
    fn size(&self) -> u64;

    /// Appends lines, all or none, if the log still has so many lines. Returns when they would survive a power cut.
    fn append(&self, after: u64, lines: &[Vec<u8>]) -> Result<(), NotAppended>;

    /// The bytes of a line, which match the hash that they were sealed with.
    fn read(&self, line: u64) -> Result<Vec<u8>, Problem>;

    /// Gives every line from this one on, in order, until told to stop with `false`. Of a line that is damaged there is what is left
    /// of it, if anything is.
    fn follow(&self, from: u64, each: &mut Follower<'_>) -> Result<(), Problem>;
}

/// Is given the number of a line and its bytes.
pub(crate) type Follower<'a> = dyn FnMut(u64, Result<&[u8], Option<&[u8]>>) -> bool + 'a;

/// Why lines were not appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotAppended {
    /// The log has other lines than the caller knows: follow it, and decide again.
    Changed,
    /// Nothing was written.
    Refused(Problem),
    /// The disk gave no answer that can be trusted. Nothing more is written until the log is opened again.
    Unknown(Problem),
}

/// A line that can't be given.
pub(crate) fn bad_line(line: u64, what: &str) -> Problem {
    Problem::log("log_line_damaged", format!("Line {line} of the approval log {what}."))
        .hint("Verify the log, and find out who can write to the state folder.")
}

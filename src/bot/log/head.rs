//! The head: a small file with the checkpoint of the last batch whose callers were told.
//!
//! It is written in place after a batch was synced and before anyone is told, and it is not synced each time. So it is never ahead
//! of what was told; while the machine runs it is exact, and after a power cut it may be older.

use desk_core::basics::problem::Problem;
use desk_core::log::checkpoint::{Checkpoint, Verifier};

use crate::folder::Folder;

pub(super) const HEAD: &str = "head";

/// The length that a head is filled up to: what a disk writes whole or not at all.
const SECTOR: usize = 512;

/// The line that says that the last write of a run failed.
const FAILED: &str = "failed";

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Head {
    Missing,
    /// It can't be believed, and why.
    Damaged(String),
    Of {
        checkpoint: Checkpoint,
        /// The error with which the disk refused the last write of that run.
        failed: Option<String>,
    },
}

impl Head {
    pub fn read(folder: &Folder, verifier: &Verifier) -> Result<Head, Problem> {
        let mut before = None;
        loop {
            let Some(bytes) = folder.read(HEAD)? else { return Ok(Head::Missing) };
            let note = format!("{}\n", String::from_utf8_lossy(&bytes).trim_end_matches('\n'));
            match Checkpoint::open(&note, verifier) {
                Ok(checkpoint) => {
                    let failed = checkpoint.extension(FAILED).map(str::to_owned);
                    return Ok(Head::Of { checkpoint, failed });
                }
                // A running desk may have been writing it just then.
                Err(_) if before.as_ref() != Some(&bytes) => before = Some(bytes),
                Err(error) => return Ok(Head::Damaged(error.to_string())),
            }
        }
    }

    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        match self {
            Head::Of { checkpoint, .. } => Some(checkpoint),
            Head::Missing | Head::Damaged(_) => None,
        }
    }
}

/// The bytes of the file for this note, filled up with line breaks so that a shorter one covers a longer one.
pub(super) fn encode(note: &str) -> Vec<u8> {
    let mut bytes = note.as_bytes().to_vec();
    bytes.resize(bytes.len().next_multiple_of(SECTOR).max(2 * SECTOR), b'\n');
    bytes
}

/// The extension line that says that a write failed.
pub(super) fn failed(error: &std::io::Error) -> String {
    format!("{FAILED} {}", desk_core::basics::text::plain(&error.to_string(), 100))
}

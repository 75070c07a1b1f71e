//! What a backup takes of the log while a desk may be writing it: everything that anyone was told of, and nothing beyond.

use std::path::PathBuf;

use desk_core::basics::problem::Problem;
use desk_core::log::checkpoint::{Checkpoint, Verifier};
use ed25519_dalek::SigningKey;
use secrecy::ExposeSecret as _;

use super::file::{self, LOG};
use super::finding::verify_command;
use super::head::{HEAD, Head};
use super::keys::{self, LOG_KEY, LOG_PUBLIC};
use super::parts::Told;
use super::show::batches;
use super::verify::{open_reader, verifier_of};
use crate::folder::{Folder, shown};

/// The log at a moment.
pub(crate) struct Snapshot {
    pub verifier: Verifier,
    /// What was told of by then.
    pub checkpoint: Checkpoint,
    /// The file of lines, and how many of its bytes belong to it.
    pub log: PathBuf,
    pub bytes: u64,
    /// The files beside it, each by its name.
    pub beside: Vec<(&'static str, Vec<u8>)>,
}

/// The names of a log's files in its folder: of the lines, and of its key.
pub(crate) const LINES: &str = LOG;
pub(crate) const KEY: &str = LOG_KEY;
pub(crate) const PUBLIC: &str = LOG_PUBLIC;
pub(crate) const HEADS: [&str; 2] = [HEAD, file::CHECKPOINT];

/// The public half of the log's key, as it is in the folder.
pub(crate) fn public(folder: &Folder) -> Result<Option<Verifier>, Problem> {
    keys::public(folder)
}

/// Whether the key in a folder, or else its public half, is that of this log; also true where there is neither.
pub(crate) fn has_key_of(folder: &Folder, verifier: &Verifier) -> Result<bool, Problem> {
    let Some(seed) = folder.key(LOG_KEY)? else {
        return Ok(keys::public(folder)?.is_none_or(|of| of == *verifier));
    };
    Ok(Verifier::of(&verifier.name, &SigningKey::from_bytes(seed.expose_secret())) == *verifier)
}

/// The checkpoints in the folder, as far as they can be believed: what it says was told of.
pub(crate) fn told(folder: &Folder, verifier: &Verifier) -> Result<Vec<String>, Problem> {
    let mut notes = Vec::new();
    for name in HEADS {
        let Some(bytes) = folder.read(name)? else { continue };
        let note = format!("{}\n", String::from_utf8_lossy(&bytes).trim_end_matches('\n'));
        notes.extend(Checkpoint::open(&note, verifier).is_ok().then_some(note));
    }
    Ok(notes)
}

/// Takes note of the log in a folder. A desk may be running there: its head is read before its lines, so it can't be ahead of them.
pub(crate) fn snapshot(folder: &Folder) -> Result<Snapshot, Problem> {
    let verifier = verifier_of(folder, None)?;
    let mut beside = Vec::new();
    // The older claim first, for the same reason.
    for name in [file::CHECKPOINT, HEAD, LOG_PUBLIC] {
        beside.extend(folder.read(name)?.map(|bytes| (name, bytes)));
    }
    let checkpoint = Head::read(folder, &verifier)?.checkpoint().cloned();
    let (reader, length) = open_reader(folder, Some(verifier.clone()))?;
    let mut end = None;
    let mut fault = None;
    let told = checkpoint.as_ref().map(|checkpoint| checkpoint.size);
    let mut last = None;
    batches(&reader, length, Told { acknowledged: told, by_head: told.is_some() }, &mut |batch| {
        if end.is_some() {
            return Ok(());
        }
        fault = fault.take().or_else(|| batch.faults.first().map(ToString::to_string));
        if let Some(seal) = &batch.seal {
            last = Some((batch.next, seal.checkpoint.clone()));
            if told == Some(seal.checkpoint.size) {
                end = Some(batch.next);
            }
        }
        Ok(())
    })?;
    let damaged = |why: String| {
        Problem::log("backup_damaged", format!("The log in {} is damaged: {why}", shown(folder.path()))).hint(
            format!(
                "Check it with {}. Stop the desk, then copy the whole folder.",
                verify_command(folder.path())
            ),
        )
    };
    if let Some(fault) = fault {
        return Err(damaged(fault));
    }
    let (bytes, checkpoint) = match (end, checkpoint, last) {
        (Some(bytes), Some(checkpoint), _) => (bytes, checkpoint),
        // A new log may have no head yet.
        (_, None, Some((bytes, checkpoint))) if checkpoint.size == 0 => (bytes, checkpoint),
        (_, None, _) => return Err(damaged("its file `head` is missing or invalid.".to_owned())),
        (None, ..) => return Err(damaged("it ends before the line that its head names.".to_owned())),
    };
    // The head that was read is the one that the lines are cut at.
    Ok(Snapshot { verifier, checkpoint, log: folder.file(LOG), bytes, beside })
}

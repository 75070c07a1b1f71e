//! Checkpoints as they are kept: in sled with the edge they were signed over, and the newest also in a plain file.
//!
//! The file is written first and only over lines that are durable, so it is never ahead of the log, and where sled has a
//! checkpoint there is a file. Somebody who cuts the tail off the database is found out by the file, and somebody who
//! removes both by a checkpoint that was posted elsewhere.

use desk_core::log::checkpoint::{Checkpoint, Verifier};
use desk_core::log::merkle::Edge;
use desk_core::problem::Problem;
use jiff::Timestamp;

use super::disk::{Disk, Rows, guarded};
use super::files::{Folder, Readers};
use super::head::{push_edge, take_edge};
use super::keys::LogKey;
use super::lines::number;

/// The file with the newest checkpoint.
pub(super) const FILE: &str = "checkpoint";

/// A checkpoint in sled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    pub at: Timestamp,
    pub edge: Edge,
    pub note: String,
}

impl Signed {
    pub fn sign(key: &LogKey, edge: &Edge, at: Timestamp) -> Signed {
        let checkpoint =
            Checkpoint { origin: key.verifier.name.clone(), size: edge.size(), root: edge.root() };
        Signed { at, edge: edge.clone(), note: checkpoint.sign(key.signing()) }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = self.at.as_millisecond().to_be_bytes().to_vec();
        push_edge(&mut out, &self.edge);
        out.extend_from_slice(self.note.as_bytes());
        out
    }

    fn decode(bytes: &[u8]) -> Option<Signed> {
        let (at, bytes) = bytes.split_first_chunk::<8>()?;
        let at = Timestamp::from_millisecond(i64::from_be_bytes(*at)).ok()?;
        let (edge, note) = take_edge(bytes)?;
        Some(Signed { at, edge, note: String::from_utf8(note.to_vec()).ok()? })
    }

    /// Puts it where it belongs, past the store.
    pub fn put(&self, tree: &sled::Tree, folder: &Folder) -> Result<(), Problem> {
        folder.replace(FILE, self.note.as_bytes(), Readers::Anybody)?;
        guarded("write", || tree.insert(self.edge.size().to_be_bytes(), self.encode()).map(drop))
    }

    /// Whether the note is signed by this log's key and over this edge.
    pub fn holds(&self, verifier: &Verifier) -> bool {
        Checkpoint::open(&self.note, verifier)
            .is_ok_and(|opened| opened.size == self.edge.size() && opened.root == self.edge.root())
    }
}

/// A checkpoint in sled as it was found: the size it stands under, and what can be believed of it.
pub(super) struct Found {
    pub size: u64,
    /// None when it cannot be read, is not signed by the log's key or stands under another size.
    pub signed: Option<Signed>,
}

impl Disk {
    /// Keeps a checkpoint. The one in sled becomes durable with the next commit.
    pub fn keep_checkpoint(&self, folder: &Folder, signed: &Signed) -> Result<(), Problem> {
        folder.replace(FILE, signed.note.as_bytes(), Readers::Anybody)?;
        self.put(&self.checkpoints, &signed.edge.size().to_be_bytes(), &signed.encode())
    }

    /// The checkpoints over `from` lines and more, in their order.
    pub fn checkpoints_from<'a>(
        &'a self,
        from: u64,
        verifier: &'a Verifier,
    ) -> impl DoubleEndedIterator<Item = Result<Found, Problem>> + 'a {
        Rows(self.checkpoints.range(from.to_be_bytes()..)).map(|row| row.map(|row| found(row, verifier)))
    }

    pub fn has_no_checkpoint(&self) -> Result<bool, Problem> {
        Ok(Rows(self.checkpoints.iter()).next().transpose()?.is_none())
    }

    /// The newest checkpoint over at most so many lines that can be believed.
    pub fn checkpoint_below(&self, size: u64, verifier: &Verifier) -> Result<Option<Signed>, Problem> {
        for row in Rows(self.checkpoints.range(..=size.to_be_bytes())).rev() {
            if let Some(signed) = found(row?, verifier).signed {
                return Ok(Some(signed));
            }
        }
        Ok(None)
    }
}

fn found((key, value): (sled::IVec, sled::IVec), verifier: &Verifier) -> Found {
    let size = number(&key).unwrap_or_default();
    let signed = Signed::decode(&value).filter(|signed| signed.edge.size() == size && signed.holds(verifier));
    Found { size, signed }
}

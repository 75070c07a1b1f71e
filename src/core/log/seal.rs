//! A seal: the line that ends a batch. It has the leaf hash of each line of the batch, so that a damaged line can be named
//! and the tree continues behind it, and a signed checkpoint of the log as it is after the batch.
//!
//! The checkpoint also says which line the batch begins with. Only lines of the last batch may be doubtful after a crash, so where that
//! batch begins must be signed, or joining two batches would make older lines doubtful.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::checkpoint::Checkpoint;
use super::merkle::{Edge, Hash};

/// What every seal begins with, and no line does.
const BEGINS: &[u8] = br#"{"checkpoint":"#;

/// The extension line of a seal's checkpoint that has the number of the batch's first line.
const FIRST: &str = "first";

/// A seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The signed note.
    pub note: String,
    /// What the note says. Whether the log's key signed it is for the reader to check.
    pub checkpoint: Checkpoint,
    /// The leaf hashes of the lines of the batch, in their order.
    pub leaves: Vec<Hash>,
}

/// As it is in the file; the members are in the order of canonical JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    #[serde(borrow)]
    checkpoint: Cow<'a, str>,
    #[serde(borrow)]
    leaves: Vec<Cow<'a, str>>,
}

impl Seal {
    /// What the seal of a batch signs: the log as it is after the batch, and the batch's first line.
    pub fn checkpoint(origin: &str, after: &Edge, first: u64) -> Checkpoint {
        Checkpoint {
            origin: origin.to_owned(),
            size: after.size(),
            root: after.root(),
            extensions: vec![format!("{FIRST} {first}")],
        }
    }

    /// Whether these bytes are meant to be a seal; they may be damaged.
    pub fn is_meant(bytes: &[u8]) -> bool {
        bytes.starts_with(BEGINS)
    }

    /// Whether something that is meant to be a seal is among these bytes.
    pub fn is_within(bytes: &[u8]) -> bool {
        bytes.windows(BEGINS.len()).any(|window| window == BEGINS)
    }

    /// The canonical JSON, without a line break.
    pub fn encode(note: &str, leaves: &[Hash]) -> Vec<u8> {
        let leaves = leaves.iter().map(|leaf| Cow::Owned(BASE64.encode(leaf))).collect();
        serde_json::to_vec(&Written { checkpoint: Cow::Borrowed(note), leaves })
            .expect("strings can always be written as JSON")
    }

    /// Reads a seal; `None` when it is none, or damaged.
    pub fn decode(bytes: &[u8]) -> Option<Seal> {
        let Written { checkpoint: note, leaves } = Some(bytes)
            .filter(|bytes| Seal::is_meant(bytes))
            .and_then(|bytes| serde_json::from_slice(bytes).ok())?;
        let checkpoint = Checkpoint::read(&note).ok()?;
        let leaves = leaves
            .iter()
            .map(|leaf| BASE64.decode(&**leaf).ok()?.try_into().ok())
            .collect::<Option<Vec<Hash>>>()?;
        let first = checkpoint.size.checked_sub(leaves.len() as u64)?;
        let is_batch = checkpoint.extension(FIRST) == Some(&*first.to_string());
        let is_as_written = Seal::encode(&note, &leaves) == bytes;
        (is_batch && is_as_written).then(|| Seal { note: note.into_owned(), checkpoint, leaves })
    }

    /// The number of the first line of the batch.
    pub fn first(&self) -> u64 {
        self.checkpoint.size - self.leaves.len() as u64
    }
}

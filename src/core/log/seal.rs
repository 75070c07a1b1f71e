//! A seal: the line that ends a batch. It has the leaf hash of each line of the batch, so that a damaged line can be named
//! and the tree continues behind it, and a signed checkpoint of the log as it is after the batch.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::checkpoint::Checkpoint;
use super::merkle::Hash;

/// What every seal begins with, and no line does.
const BEGINS: &[u8] = br#"{"checkpoint":"#;

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
    /// Whether these bytes are meant to be a seal; they may be damaged.
    pub fn is_meant(bytes: &[u8]) -> bool {
        bytes.starts_with(BEGINS)
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
        (leaves.len() as u64 <= checkpoint.size).then(|| Seal { note: note.into_owned(), checkpoint, leaves })
    }

    /// The number of the first line of the batch.
    pub fn first(&self) -> u64 {
        self.checkpoint.size - self.leaves.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    #[test]
    fn a_seal_is_canonical_json_and_comes_back_the_same() {
        let checkpoint = Checkpoint {
            origin: "desk".to_owned(),
            size: 2,
            root: [9; 32],
            extensions: vec!["bytes 7".to_owned()],
        };
        let note = checkpoint.sign(&SigningKey::from_bytes(&[7; 32]));
        let leaves = vec![[1; 32], [2; 32]];
        let bytes = Seal::encode(&note, &leaves);
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), bytes);
        assert_eq!(Seal::decode(&bytes), Some(Seal { note: note.clone(), checkpoint, leaves }));
        assert_eq!(Seal::decode(br#"{"about":["john.doe"]}"#), None);
        assert_eq!(
            Seal::decode(&Seal::encode(&note, &[[0; 32]; 3])),
            None,
            "more leaves than the log has lines"
        );
    }
}

//! Checkpoints: the size and root of a log in a few lines of text, signed with Ed25519, in the published formats
//! (C2SP tlog-checkpoint in a C2SP signed-note), so that anybody's tools can check one that was kept.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::merkle::Hash;

/// The signature type of Ed25519 in a signed note.
const ED25519: u8 = 1;

/// What a log looked like at a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log, without blanks or plus signs.
    pub origin: String,
    pub size: u64,
    pub root: Hash,
    /// Further lines that are signed with it. The format leaves their meaning to the log.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// The text that is signed.
    fn body(&self) -> String {
        let mut body = format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root));
        for line in &self.extensions {
            body.push_str(line);
            body.push('\n');
        }
        body
    }

    /// What follows `name` and a blank in the extension line of that name.
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.extensions.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
    }

    /// The signed note.
    pub fn sign(&self, key: &SigningKey) -> String {
        let body = self.body();
        let signature = key.sign(body.as_bytes());
        let public = key.verifying_key();
        let mut blob = key_hash(&self.origin, &public).to_vec();
        blob.extend_from_slice(&signature.to_bytes());
        format!("{body}\n\u{2014} {} {}\n", self.origin, BASE64.encode(blob))
    }

    /// Reads a note without asking who signed it.
    pub fn read(note: &str) -> Result<Checkpoint, NoteError> {
        let (body, _) = note.split_once("\n\n").ok_or(NoteError::Form)?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NoteError::Form);
        };
        let size = size.parse::<u64>().ok().filter(|n| n.to_string() == size).ok_or(NoteError::Form)?;
        let root: Hash =
            BASE64.decode(root).ok().and_then(|root| root.try_into().ok()).ok_or(NoteError::Form)?;
        let extensions = lines.map(str::to_owned).collect();
        Ok(Checkpoint { origin: origin.to_owned(), size, root, extensions })
    }

    /// Reads a signed note and checks that this key signed it. Other signatures, such as a witness's, may be beside it.
    pub fn open(note: &str, verifier: &Verifier) -> Result<Checkpoint, NoteError> {
        let checkpoint = Checkpoint::read(note)?;
        let (body, signatures) = note.split_once("\n\n").ok_or(NoteError::Form)?;
        let body = format!("{body}\n");
        let hash = key_hash(&verifier.name, &verifier.key);
        let signed = signatures.lines().any(|line| {
            let Some(rest) = line.strip_prefix("\u{2014} ") else { return false };
            let Some((name, blob)) = rest.split_once(' ') else { return false };
            let Ok(blob) = BASE64.decode(blob) else { return false };
            let Some((id, signature)) = blob.split_at_checked(4) else { return false };
            let Ok(signature) = Signature::from_slice(signature) else { return false };
            name == verifier.name
                && id == hash
                && verifier.key.verify_strict(body.as_bytes(), &signature).is_ok()
        });
        if !signed {
            return Err(NoteError::Signature);
        }
        if checkpoint.origin != verifier.name {
            return Err(NoteError::OtherLog(checkpoint.origin));
        }
        Ok(checkpoint)
    }
}

/// The public half of a log's key, written `name+hash+key` as in a C2SP verifier key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    pub name: String,
    pub key: VerifyingKey,
}

impl Verifier {
    pub fn of(name: &str, key: &SigningKey) -> Verifier {
        Verifier { name: name.to_owned(), key: key.verifying_key() }
    }

    pub fn parse(text: &str) -> Result<Verifier, NoteError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let bytes = BASE64.decode(key).map_err(|_| NoteError::Key)?;
        let [ED25519, key @ ..] = bytes.as_slice() else { return Err(NoteError::Key) };
        let key = <[u8; 32]>::try_from(key)
            .ok()
            .and_then(|key| VerifyingKey::from_bytes(&key).ok())
            .ok_or(NoteError::Key)?;
        if crate::basics::text::hex(&key_hash(name, &key)) != hash {
            return Err(NoteError::Key);
        }
        Ok(Verifier { name: name.to_owned(), key })
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(
            f,
            "{}+{}+{}",
            self.name,
            crate::basics::text::hex(&key_hash(&self.name, &self.key)),
            BASE64.encode(key)
        )
    }
}

/// The first four bytes of SHA-256 over the name, a line break, the signature type and the key.
fn key_hash(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let digest: Hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(key.as_bytes())
        .finalize()
        .into();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// Why a note or a key is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error(
        "it is not a checkpoint, which has the name, size and root of a log, an empty line, and a signature"
    )]
    Form,
    #[error("it isn't signed with this log's key")]
    Signature,
    #[error("it is a checkpoint of another log, `{0}`")]
    OtherLog(String),
    #[error("it is not a verifier key: `name+hash+key`")]
    Key,
}

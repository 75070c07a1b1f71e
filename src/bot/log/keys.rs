//! The key that signs the log, made once, from the system's generator.

use desk_core::basics::problem::Problem;
use desk_core::log::checkpoint::Verifier;
use ed25519_dalek::SigningKey;
use secrecy::ExposeSecret as _;

use crate::folder::{Folder, shown};

pub(super) const LOG_KEY: &str = "log.key";
pub(super) const LOG_PUBLIC: &str = "log.pub";

/// Signs seals and checkpoints. Its seed is wiped from memory when it is dropped.
pub(crate) struct LogKey {
    signing: SigningKey,
    pub verifier: Verifier,
}

impl LogKey {
    /// Reads the key, or makes it if the log is `new`, and keeps its public half beside it.
    pub fn open(folder: &Folder, origin: &str, new: bool) -> Result<LogKey, Problem> {
        let seed = match folder.key(LOG_KEY)? {
            Some(seed) => seed,
            None if new => folder.make_key(LOG_KEY)?,
            None => {
                return Err(Problem::log(
                    "log_key_missing",
                    format!("There is a log, but its key {} is missing.", shown(&folder.file(LOG_KEY))),
                )
                .hint("Restore the key from a backup. A new key can't continue the log."));
            }
        };
        let signing = SigningKey::from_bytes(seed.expose_secret());
        let verifier = Verifier::of(origin, &signing);
        match public(folder)? {
            Some(kept) if kept == verifier => {}
            Some(kept) if kept.key == verifier.key => {
                return Err(Problem::log(
                    "log_renamed",
                    format!("This log is named `{}`, and the configuration names it `{origin}`.", kept.name),
                )
                .hint("Set `name` under [log] back to the old name. All published checkpoints have it."));
            }
            Some(_) => {
                return Err(Problem::log(
                    "log_key_other",
                    format!(
                        "The log's private key doesn't match its public key {}.",
                        shown(&folder.file(LOG_PUBLIC))
                    ),
                )
                .hint("Restore both from a backup."));
            }
            None => folder.replace(LOG_PUBLIC, format!("{verifier}\n").as_bytes())?,
        }
        Ok(LogKey { signing, verifier })
    }

    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }
}

/// The public half of the log's key as it is in the folder.
pub(super) fn public(folder: &Folder) -> Result<Option<Verifier>, Problem> {
    let Some(bytes) = folder.read(LOG_PUBLIC)? else { return Ok(None) };
    Verifier::parse(&String::from_utf8_lossy(&bytes)).map(Some).map_err(|error| {
        Problem::log("log_key_other", format!("{} is damaged: {error}.", shown(&folder.file(LOG_PUBLIC))))
            .hint("Restore it from a backup.")
    })
}

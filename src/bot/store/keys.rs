//! The store's two keys: one signs checkpoints, the other seals secrets. Both are made once, from the system's generator.

use desk_core::log::checkpoint::Verifier;
use desk_core::problem::Problem;
use ed25519_dalek::SigningKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::TryRng as _;
use rand::rngs::SysRng;
use secrecy::{ExposeSecret as _, SecretBox};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::files::{Folder, Readers, shown};

const LOG_KEY: &str = "log.key";
const LOG_PUBLIC: &str = "log.pub";
const SEAL_KEY: &str = "seal.key";

/// Signs checkpoints. Its seed is wiped from memory when it is dropped.
pub(super) struct LogKey {
    signing: SigningKey,
    pub verifier: Verifier,
}

impl LogKey {
    /// Reads the key, or makes it when the folder is `new`, and keeps its public half beside it.
    pub fn open(folder: &Folder, origin: &str, new: bool) -> Result<LogKey, Problem> {
        let seed = match read(folder, LOG_KEY)? {
            Some(seed) => seed,
            None if new => make(folder, LOG_KEY)?,
            None => {
                return Err(Problem::log(
                    "log_key_missing",
                    format!("There is a log but its key {} is missing.", shown(&folder.file(LOG_KEY))),
                )
                .next(
                    "Put the key back from the backup; a new one could not go on where the old one ended.",
                ));
            }
        };
        let signing = SigningKey::from_bytes(seed.expose_secret());
        let verifier = Verifier::of(origin, &signing);
        match public(folder)? {
            Some(kept) if kept == verifier => {}
            Some(kept) if kept.key == verifier.key => {
                return Err(Problem::log(
                    "log_renamed",
                    format!("This log is called `{}` and the configuration calls it `{origin}`.", kept.name),
                )
                .next("Give it its old name: every checkpoint that was posted carries it."));
            }
            Some(_) => {
                return Err(Problem::log(
                    "log_key_other",
                    format!(
                        "The log's key and its public half {} do not belong together.",
                        shown(&folder.file(LOG_PUBLIC))
                    ),
                )
                .next("Put both back from the backup."));
            }
            None => folder.replace(LOG_PUBLIC, format!("{verifier}\n").as_bytes(), Readers::Anybody)?,
        }
        Ok(LogKey { signing, verifier })
    }

    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }
}

/// The public half of the log's key as it lies in the folder.
pub(super) fn public(folder: &Folder) -> Result<Option<Verifier>, Problem> {
    let Some(bytes) = folder.read(LOG_PUBLIC)? else { return Ok(None) };
    Verifier::parse(&String::from_utf8_lossy(&bytes)).map(Some).map_err(|error| {
        Problem::log("log_key_other", format!("{} is damaged: {error}.", shown(&folder.file(LOG_PUBLIC))))
            .next("Put it back from the backup.")
    })
}

/// The key that secrets are sealed with.
///
/// When it is lost, so is what was sealed with it, which is the point of it; a new one is made and takes its place.
pub(super) fn seal_key(folder: &Folder) -> Result<SecretBox<[u8; 32]>, Problem> {
    match read(folder, SEAL_KEY)? {
        Some(key) => Ok(key),
        None => {
            if folder.engine().exists() {
                tracing::warn!(
                    "the key {SEAL_KEY} was gone: passwords that wait to be fetched cannot be read any more"
                );
            }
            make(folder, SEAL_KEY)
        }
    }
}

/// The key that buttons are marked with, derived from the one that seals, so that there is no third to lose.
pub(super) fn button_key(seal: &SecretBox<[u8; 32]>) -> SecretBox<[u8; 32]> {
    derived(seal, b"connect-desk buttons v1")
}

/// The key that kept files are sealed with, derived likewise.
pub(super) fn file_key(seal: &SecretBox<[u8; 32]>) -> SecretBox<[u8; 32]> {
    derived(seal, b"connect-desk files v1")
}

/// The key that authenticators are sealed with, derived likewise.
pub(super) fn factor_key(seal: &SecretBox<[u8; 32]>) -> SecretBox<[u8; 32]> {
    derived(seal, b"connect-desk authenticators v1")
}

fn derived(seal: &SecretBox<[u8; 32]>, purpose: &[u8]) -> SecretBox<[u8; 32]> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(seal.expose_secret()).expect("HMAC takes a key of any length");
    mac.update(purpose);
    SecretBox::new(Box::new(mac.finalize().into_bytes().into()))
}

fn make(folder: &Folder, name: &str) -> Result<SecretBox<[u8; 32]>, Problem> {
    let mut key = Zeroizing::new([0; 32]);
    random(key.as_mut())?;
    folder.replace(name, key.as_slice(), Readers::Owner)?;
    Ok(SecretBox::new(Box::new(*key)))
}

fn read(folder: &Folder, name: &str) -> Result<Option<SecretBox<[u8; 32]>>, Problem> {
    let Some(bytes) = folder.read(name)?.map(Zeroizing::new) else { return Ok(None) };
    guard(folder, name)?;
    let key: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| {
        Problem::log("store_key", format!("{} is not a key: it has not 32 bytes.", shown(&folder.file(name))))
            .next("Put it back from the backup.")
    })?;
    Ok(Some(SecretBox::new(Box::new(*key))))
}

/// Refuses a key that anybody could have replaced, and warns of one that others can read.
#[cfg(unix)]
fn guard(folder: &Folder, name: &str) -> Result<(), Problem> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.file(name);
    let Ok(metadata) = std::fs::metadata(&path) else { return Ok(()) };
    let mode = metadata.permissions().mode();
    if mode & 0o002 != 0 {
        return Err(Problem::log(
            "store_key_open",
            format!("Anybody on this host can write {}.", shown(&path)),
        )
        .next(format!("Make sure it is still the right one, then run `chmod 600 {}`.", path.display())));
    }
    if mode & 0o077 != 0 {
        tracing::warn!(file = %path.display(), "other accounts on this host can read this key; `chmod 600` it");
    }
    Ok(())
}

#[cfg(not(unix))]
fn guard(_folder: &Folder, _name: &str) -> Result<(), Problem> {
    Ok(())
}

/// Fills with bytes of the system's generator.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), Problem> {
    SysRng.try_fill_bytes(bytes).map_err(|error| {
        Problem::operator("no_random", format!("The system's random generator does not answer: {error}."))
            .next("Look after the host; nothing secret can be made without it.")
    })
}

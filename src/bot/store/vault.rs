//! Secrets: temporary passwords, made of the system's randomness, sealed at rest until they were shown, and gone after a while.

use std::sync::Arc;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::secret::Secret;
use desk_core::ports;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretBox};
use zeroize::Zeroizing;

use super::index::Index;
use crate::engine::{Change, Table};
use crate::folder::random;

/// What a password is made of, and how much of each: nothing that is mistaken for another on screen (`0O`, `1lI`), and signs
/// with one short name each. Each class that Amazon Connect demands is there by construction.
pub const CLASSES: [(&[u8], usize); 4] =
    [(b"abcdefghijkmnpqrstuvwxyz", 10), (b"ABCDEFGHJKLMNPQRSTUVWXYZ", 6), (b"23456789", 6), (b"+-=%", 2)];

/// The length of a password.
pub const LENGTH: usize = 24;

const VERSION: u8 = 1;
const NONCE: usize = 24;

/// Seals and opens what rests in the vault.
pub struct Sealer {
    key: SecretBox<[u8; 32]>,
    /// How long a secret is kept.
    life: SignedDuration,
}

impl Sealer {
    pub fn new(key: SecretBox<[u8; 32]>, life: SignedDuration) -> Sealer {
        Sealer { key, life }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.key.expose_secret()))
    }

    /// The sealed form: when it expires, a nonce, and the ciphertext that is bound to the request and to that moment.
    pub fn seal(&self, no: RequestNo, secret: &str, now: Timestamp) -> Result<Vec<u8>, Problem> {
        let expires = (now + self.life).as_millisecond();
        let mut nonce = [0; NONCE];
        random(&mut nonce)?;
        let payload = Payload { msg: secret.as_bytes(), aad: &bound_to(no, expires) };
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| unreadable(no, "can't be sealed"))?;
        Ok([&[VERSION][..], &expires.to_be_bytes(), &nonce, &sealed].concat())
    }

    /// Whether a sealed secret may no longer be taken out. What was sealed by a clock that was ahead lasts no longer for it.
    pub fn is_over(&self, value: &[u8], now: Timestamp) -> bool {
        let ends = expires(value).and_then(|ms| Timestamp::from_millisecond(ms).ok());
        ends.is_some_and(|ends| ports::is_over(ends, self.life, now))
    }

    pub fn open(&self, no: RequestNo, value: &[u8]) -> Result<Secret, Problem> {
        let opened = expires(value).zip(value.get(9..)).and_then(|(expires, rest)| {
            let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
            let payload = Payload { msg: sealed, aad: &bound_to(no, expires) };
            let opened = Zeroizing::new(self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?);
            String::from_utf8(opened.to_vec()).ok()
        });
        opened.map(Secret::new).ok_or_else(|| {
            unreadable(no, "can't be decrypted: the key is different, or the data was changed")
        })
    }
}

fn bound_to(no: RequestNo, expires: i64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&no.0.to_be_bytes());
    bytes[8..].copy_from_slice(&expires.to_be_bytes());
    bytes
}

/// When a sealed secret expires, in milliseconds; what has no such moment has none to wait for.
fn expires(value: &[u8]) -> Option<i64> {
    match value.split_first()? {
        (&VERSION, rest) => Some(i64::from_be_bytes(*rest.first_chunk::<8>()?)),
        _ => None,
    }
}

fn unreadable(no: RequestNo, what: &str) -> Problem {
    Problem::human("secret_unreadable", format!("The temporary password of request {no} {what}."))
        .hint("Reset the password again with a new request.")
}

/// The sealed passwords of requests, in the engine.
pub(super) struct Secrets {
    index: Arc<Index>,
    sealer: Sealer,
}

impl Secrets {
    pub fn new(index: Arc<Index>, sealer: Sealer) -> Secrets {
        Secrets { index, sealer }
    }

    /// The secret of a request: what is sealed already and not expired, or a new one. It is on disk when this returns.
    pub fn secret_or_new(&self, no: RequestNo, now: Timestamp) -> Result<Secret, Problem> {
        let key = no.0.to_be_bytes();
        loop {
            let found = self.index.with_engine(|engine| engine.get(Table::Secrets, &key))?;
            let (secret, sealed) = match &found {
                Some(value) if !self.sealer.is_over(value, now) => (self.sealer.open(no, value)?, None),
                _ => {
                    let secret = password()?;
                    let sealed = self.sealer.seal(no, secret.show(), now)?;
                    (secret, Some(sealed))
                }
            };
            let kept = self.index.with_engine(|engine| {
                let kept = match &sealed {
                    Some(new) => {
                        engine.compare_and_swap(Table::Secrets, &key, found.as_deref(), Some(new))?
                    }
                    None => true,
                };
                engine.make_durable()?;
                Ok(kept)
            })?;
            // Someone else may have sealed one first, and then it is that one.
            if kept {
                return Ok(secret);
            }
        }
    }

    /// The secret of a request. One that has expired is removed.
    pub fn secret(&self, no: RequestNo, now: Timestamp) -> Result<Option<Secret>, Problem> {
        let key = no.0.to_be_bytes();
        let Some(value) = self.index.with_engine(|engine| engine.get(Table::Secrets, &key))? else {
            return self.reachable().map(|()| None);
        };
        if !self.sealer.is_over(&value, now) {
            return self.sealer.open(no, &value).map(Some);
        }
        self.remove(&[(no, value)])?;
        Ok(None)
    }

    /// An error where secrets may be on disk and can't be reached, so that what isn't found is not taken for gone.
    pub fn reachable(&self) -> Result<(), Problem> {
        match self.index.is_in_memory() {
            true => Err(Problem::operator("secrets_unreachable", "The database can't be used.")
                .hint("Restart the bot. Temporary passwords stay in the database until they expire.")),
            false => Ok(()),
        }
    }

    /// Removes the secrets that have expired, and gives their requests.
    pub fn remove_expired(&self, now: Timestamp) -> Result<Vec<RequestNo>, Problem> {
        let over = self.index.with_engine(|engine| {
            let mut over = Vec::new();
            engine.scan(Table::Secrets, &[], &[u8::MAX; 16], false, &mut |key, value| {
                let no = key.first_chunk::<8>().map(|no| RequestNo(u64::from_be_bytes(*no)));
                over.extend(no.filter(|_| self.sealer.is_over(value, now)).map(|no| (no, value.to_vec())));
                true
            })?;
            Ok(over)
        })?;
        if !over.is_empty() {
            self.remove(&over)?;
        }
        Ok(over.into_iter().map(|(no, _)| no).collect())
    }

    /// Removes these secrets, each as long as it is this one.
    fn remove(&self, over: &[(RequestNo, Vec<u8>)]) -> Result<(), Problem> {
        self.index.with_engine(|engine| {
            for (no, value) in over {
                engine.compare_and_swap(Table::Secrets, &no.0.to_be_bytes(), Some(value), None)?;
            }
            engine.make_durable()
        })
    }

    /// The requests that have a secret, and when it expires.
    pub fn sealed(&self) -> Result<Vec<(RequestNo, Timestamp)>, Problem> {
        self.index.with_engine(|engine| {
            let mut sealed = Vec::new();
            engine.scan(Table::Secrets, &[], &[u8::MAX; 16], false, &mut |key, value| {
                let no = key.first_chunk::<8>().map(|no| RequestNo(u64::from_be_bytes(*no)));
                let expires = expires(value).and_then(|expires| Timestamp::from_millisecond(expires).ok());
                sealed.extend(no.zip(expires));
                true
            })?;
            Ok(sealed)
        })
    }

    /// Which secrets are there, by whether they were sealed with this key.
    pub fn sealed_with_this_key(&self) -> Result<Vec<bool>, Problem> {
        self.index.with_engine(|engine| {
            let mut sealed = Vec::new();
            engine.scan(Table::Secrets, &[], &[u8::MAX; 16], false, &mut |key, value| {
                let no = key.first_chunk::<8>().map(|no| RequestNo(u64::from_be_bytes(*no)));
                sealed.extend(no.map(|no| self.sealer.open(no, value).is_ok()));
                true
            })?;
            Ok(sealed)
        })
    }

    /// Removes the secrets of these requests.
    pub fn remove_all(&self, numbers: &[RequestNo]) -> Result<(), Problem> {
        if numbers.is_empty() {
            return Ok(());
        }
        let changes: Vec<Change> = numbers.iter().map(|no| (no.0.to_be_bytes().to_vec(), None)).collect();
        self.index.with_engine(|engine| {
            engine.put(Table::Secrets, changes.clone())?;
            engine.make_durable()
        })
    }
}

/// A new password. Every arrangement of every choice within the classes is as likely as any other.
pub fn password() -> Result<Secret, Problem> {
    let mut letters = Zeroizing::new(Vec::with_capacity(LENGTH));
    for (class, how_many) in CLASSES {
        for _ in 0..how_many {
            letters.push(class[below(class.len())?]);
        }
    }
    for place in (1..letters.len()).rev() {
        letters.swap(place, below(place + 1)?);
    }
    let text = letters.iter().map(|letter| char::from(*letter)).collect();
    Ok(Secret::new(text))
}

/// A number below `bound`, each equally likely: bytes from the uneven end of the range are drawn again. `bound` is at most 256.
fn below(bound: usize) -> Result<usize, Problem> {
    let even = 256 - 256 % bound;
    loop {
        let mut byte = Zeroizing::new([0u8]);
        random(byte.as_mut())?;
        let drawn = usize::from(byte[0]);
        if drawn < even {
            return Ok(drawn % bound);
        }
    }
}

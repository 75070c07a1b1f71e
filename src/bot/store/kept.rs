//! Files that are kept sealed for a while: what came with a command, and what steps have read. Each lies in a file of its own
//! beside the engine, because the engine takes no long values.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use desk_core::basics::problem::Problem;
use desk_core::ports::{self, Clock};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretBox};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::folder::{Writes, random, trouble};
use crate::private;

const VERSION: u8 = 2;
const NONCE: usize = 24;

/// What is before the sealed bytes: the version, when it expires, the nonce, and a code over these that tells whether they were
/// changed, so that no changed bit makes a file seem to have expired.
const HEADER: usize = 1 + 8 + NONCE;
const CODE: usize = 16;

/// How often what has expired is looked for, because that opens every file.
const CLEARED_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// The code of the problem that a file which is there can't be read.
pub(super) const UNREADABLE: &str = "file_unreadable";

/// The kept files of one store.
pub struct Kept {
    folder: PathBuf,
    key: SecretBox<[u8; 32]>,
    /// How long a file is kept; `None` where it never expires.
    life: Option<SignedDuration>,
    clock: Arc<dyn Clock>,
    /// When what had expired was last removed.
    cleared: Mutex<Timestamp>,
    /// Held while a file gets its name and while one is removed, so that no file is removed for the one that it replaced.
    names: Mutex<()>,
}

impl Kept {
    /// Opens the folder beside the engine and removes what has expired.
    pub fn open(
        folder: PathBuf,
        key: SecretBox<[u8; 32]>,
        life: Option<SignedDuration>,
        clock: Arc<dyn Clock>,
    ) -> Result<Kept, Problem> {
        let cleared = Mutex::new(clock.now());
        let kept = Kept { folder, key, life, clock, cleared, names: Mutex::new(()) };
        kept.remove_expired(true).map_err(|error| trouble("clear its folder of files", &error))?;
        Ok(kept)
    }

    /// Keeps a file durably; what was there under the name is replaced.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), Problem> {
        let now = self.clock.now();
        let expires = match self.life {
            Some(life) => now.checked_add(life).unwrap_or(now).as_millisecond(),
            None => i64::MAX,
        };
        let mut nonce = [0; NONCE];
        random(&mut nonce)?;
        let payload = Payload { msg: bytes, aad: &bound_to(name, expires) };
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| unreadable(name, "can't be sealed"))?;
        let header = [&[VERSION][..], &expires.to_be_bytes(), &nonce].concat();
        let whole = [&header[..], &self.code(&header), &sealed].concat();
        self.write(name, &whole).map_err(|error| trouble("keep a file", &error))
    }

    /// Removes what has expired, if that was long ago. To be called now and then.
    pub fn clear(&self) -> Result<(), Problem> {
        match self.is_to_be_cleared(self.clock.now()) {
            true => self.remove_expired(false).map_err(|error| trouble("clear its folder of files", &error)),
            false => Ok(()),
        }
    }

    /// Whether what expires then, in milliseconds, has. What was kept by a clock that was ahead lasts no longer for it.
    fn is_over(&self, expires: i64) -> bool {
        let ends = Timestamp::from_millisecond(expires);
        self.life.zip(ends.ok()).is_some_and(|(life, ends)| ports::is_over(ends, life, self.clock.now()))
    }

    /// Whether it was long ago, or by a clock that has been set back; from now on it was now.
    fn is_to_be_cleared(&self, now: Timestamp) -> bool {
        let mut cleared = self.cleared.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now.duration_since(*cleared);
        let due = since >= CLEARED_EVERY || since.is_negative();
        if due {
            *cleared = now;
        }
        due
    }

    /// Whether there is a file under the name, whatever is in it.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Which files are there, by whether they were sealed with this key.
    pub fn sealed_with_this_key(&self) -> io::Result<Vec<bool>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        entries.map(|entry| Ok(self.header(&fs::read(entry?.path())?).is_some())).collect()
    }

    /// The file; `None` when it has expired or never was. One that has expired is removed.
    pub fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Problem> {
        let whole = match fs::read(self.path(name)) {
            Ok(whole) => whole,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(trouble("read a kept file", &error)),
        };
        let altered =
            || unreadable(name, "can't be decrypted: the key is different, or the data was changed");
        let (expires, nonce) = self.header(&whole).ok_or_else(altered)?;
        if self.is_over(expires) {
            self.remove(&self.path(name), false).map_err(|error| trouble("remove a kept file", &error))?;
            return Ok(None);
        }
        let sealed = whole.get(HEADER + CODE..).unwrap_or_default();
        let payload = Payload { msg: sealed, aad: &bound_to(name, expires) };
        let opened = self.cipher().decrypt(&XNonce::from(nonce), payload).map_err(|_| altered())?;
        Ok(Some(Zeroizing::new(opened)))
    }

    /// When a file expires, in milliseconds, and its nonce; `None` if what it begins with was changed.
    fn header(&self, bytes: &[u8]) -> Option<(i64, [u8; NONCE])> {
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        let code = rest.get(..CODE)?;
        let [VERSION, header_rest @ ..] = header else { return None };
        let (expires, nonce) = header_rest.split_first_chunk::<8>()?;
        let is_ours = self.mac(header).verify_truncated_left(code).is_ok();
        is_ours.then_some((i64::from_be_bytes(*expires), nonce.try_into().ok()?))
    }

    fn code(&self, header: &[u8]) -> Vec<u8> {
        let code = self.mac(header).finalize().into_bytes();
        code.iter().take(CODE).copied().collect()
    }

    fn mac(&self, header: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.key.expose_secret()).expect("HMAC takes a key of any length");
        mac.update(b"connect-desk kept file");
        mac.update(header);
        mac
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.key.expose_secret()))
    }

    /// Names may hold anything, so the file is called by their hash.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(desk_core::basics::text::hex(&Sha256::digest(name)))
    }

    fn write(&self, name: &str, whole: &[u8]) -> io::Result<()> {
        private::create(&self.folder)?;
        let path = self.path(name);
        let mut suffix = [0; 8];
        random(&mut suffix).map_err(|problem| io::Error::other(problem.to_string()))?;
        let new = path.with_extension(format!("{}.new", desk_core::basics::text::hex(&suffix)));
        let mut file = Writes::default().create_new(name, &new)?;
        file.write_all(whole)?;
        file.sync_all()?;
        let _names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        fs::rename(&new, &path)?;
        Writes::default().sync_folder(&self.folder)
    }

    /// Also what a crash left half written, while no one else writes.
    fn remove_expired(&self, alone: bool) -> io::Result<()> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            self.remove(&entry?.path(), alone)?;
        }
        Ok(())
    }

    /// Removes a file if it has expired.
    fn remove(&self, path: &Path, alone: bool) -> io::Result<()> {
        let _names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut head = [0; HEADER + CODE];
        let read = File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut head));
        let half_written = path.extension().is_some_and(|extension| extension == "new");
        let over = match read {
            // One that was changed says nothing that can be believed, so it stays for a person to look at.
            Ok(()) => self.header(&head).is_some_and(|(expires, _)| self.is_over(expires)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        } || half_written && alone;
        match over.then(|| fs::remove_file(path)) {
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn bound_to(name: &str, expires: i64) -> Vec<u8> {
    [name.as_bytes(), &[0], &expires.to_be_bytes()].concat()
}

fn unreadable(name: &str, what: &str) -> Problem {
    Problem::human(UNREADABLE, format!("The kept file {} {what}.", desk_core::basics::text::code(name)))
        .hint("Attach it to a new request.")
}

//! The state folder: who has it, who may read it, and small files that appear whole or not at all.
//!
//! Every call that changes a file of the log goes through [`Writes`], so that a test can watch it, make it fail, and know what a
//! power cut would have left.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use rand::TryRng as _;
use rand::rngs::SysRng;
use secrecy::SecretBox;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::private;

/// A call that changes a file, or the moment at which people are told.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Create,
    Write,
    Truncate,
    Sync,
    Rename,
    SyncFolder,
    /// Those whose lines were written are about to be told.
    Answer,
}

/// What is about to be done, to which file of the folder.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub act: Act,
    pub file: &'a str,
    /// Where in the file.
    pub at: u64,
    /// What is written there.
    pub bytes: &'a [u8],
}

/// What becomes of a call.
#[doc(hidden)]
#[derive(Debug)]
pub enum Fate {
    Happens,
    Fails(io::Error),
    /// It is done, and an error is reported all the same.
    HappensAndFails(io::Error),
    /// So many bytes are written, and then there is an error.
    HappensInPart(usize, io::Error),
}

type Watch = dyn Fn(&Call<'_>) -> Fate + Send + Sync;

/// The calls that change files.
#[doc(hidden)]
#[derive(Clone, Default)]
pub struct Writes(Option<Arc<Watch>>);

impl Writes {
    /// Asks a test before each call what is to become of it.
    pub fn watched(watch: impl Fn(&Call<'_>) -> Fate + Send + Sync + 'static) -> Writes {
        Writes(Some(Arc::new(watch)))
    }

    fn call<T>(&self, call: Call<'_>, work: impl FnOnce(&[u8]) -> io::Result<T>) -> io::Result<T> {
        match self.0.as_ref().map_or(Fate::Happens, |watch| watch(&call)) {
            Fate::Happens => work(call.bytes),
            Fate::Fails(error) => Err(error),
            Fate::HappensAndFails(error) => work(call.bytes).and(Err(error)),
            Fate::HappensInPart(most, error) => {
                work(call.bytes.get(..most).unwrap_or(call.bytes)).and(Err(error))
            }
        }
    }

    fn plain<T>(&self, act: Act, file: &str, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.call(Call { act, file, at: 0, bytes: &[] }, |_| work())
    }

    /// Opens a file for reading and writing, and makes it if it is missing: for its owner alone.
    pub fn create(&self, name: &str, path: &Path) -> io::Result<File> {
        self.plain(Act::Create, name, || private().create(true).read(true).open(path))
    }

    /// Makes a file that is not there yet, for its owner alone; nothing that is there is followed or reused.
    pub fn create_new(&self, name: &str, path: &Path) -> io::Result<File> {
        self.plain(Act::Create, name, || private().create_new(true).open(path))
    }

    /// Writes all of it at this place.
    pub fn write_at(&self, name: &str, file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.call(Call { act: Act::Write, file: name, at, bytes }, |bytes| write_all_at(file, bytes, at))
    }

    /// Cuts the file off.
    pub fn truncate(&self, name: &str, file: &File, length: u64) -> io::Result<()> {
        self.call(Call { act: Act::Truncate, file: name, at: length, bytes: &[] }, |_| file.set_len(length))
    }

    /// Returns when what was written to the file would survive a power cut.
    pub fn sync(&self, name: &str, file: &File) -> io::Result<()> {
        self.plain(Act::Sync, name, || file.sync_data())
    }

    /// The moment before people are told. Nothing can fail here.
    pub fn answer(&self) {
        let _ = self.plain(Act::Answer, "", || Ok(()));
    }

    /// Puts a file in place of an older one, for the account that has the folder. Whatever happens, there is the old one or the whole
    /// new one.
    pub fn replace(&self, folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
        let new_name = format!("{name}.new");
        let (new, path) = (folder.join(&new_name), folder.join(name));
        let file = self.plain(Act::Create, &new_name, || {
            // One that a crash left; and where root writes in another account's folder, whatever that one put there.
            let _ = fs::remove_file(&new);
            private().create_new(true).open(&new)
        })?;
        private::share(&file, folder)?;
        self.write_at(&new_name, &file, 0, bytes)?;
        self.sync(&new_name, &file)?;
        self.plain(Act::Rename, name, || fs::rename(&new, &path))?;
        self.sync_folder(folder)
    }

    /// Makes the names in a folder durable.
    pub fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.plain(Act::SyncFolder, "", || sync_folder(folder))
    }
}

impl std::fmt::Debug for Writes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writes")
    }
}

/// How files are opened that only their owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        bytes = bytes.get(written..).unwrap_or_default();
        at += written as u64;
    }
    Ok(())
}

/// Reads at this place, as much as there is up to the length of `bytes`; gives how much that was.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, at)
}

#[cfg(windows)]
pub(crate) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, at)
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// A state folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    pub writes: Writes,
    /// Held until this is dropped; none when it is only read.
    lock: Option<File>,
}

/// Why a folder was not opened.
pub(crate) enum NotOpened {
    /// Another process has it; a second desk must not start.
    Held(Problem),
    /// It can't be used as it is.
    Unusable(Problem),
}

/// Something can't be opened.
fn unusable(path: &Path, error: &io::Error) -> NotOpened {
    NotOpened::Unusable(trouble(&format!("open {}", shown(path)), error))
}

/// Takes the lock of this folder, unless another process has it.
fn locked(lock: File, path: &Path) -> Result<File, NotOpened> {
    let mut left = WAITS;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            // A child that is just being started has the handles of its parent for a moment.
            Err(TryLockError::WouldBlock) if left > 0 => {
                left -= 1;
                std::thread::park_timeout(WAIT);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(NotOpened::Held(
                    Problem::operator("store_locked", format!("Another process has {} open.", shown(path)))
                        .hint("Stop that one first."),
                ));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(path, &error)),
        }
    }
}

/// What is no file, where one should be.
pub(crate) fn no_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it isn't a file")
}

impl Folder {
    /// Makes the folder if it is missing, takes its lock, and makes it private. Gives what was said about who could read it.
    pub fn open(path: &Path, writes: Writes) -> Result<(Folder, Vec<Problem>), NotOpened> {
        let mut folder = Folder { writes, ..Folder::hold(path)? };
        private::create(path).map_err(|error| unusable(path, &error))?;
        folder.keep()?;
        let said = make_private(path).map_err(NotOpened::Unusable)?;
        Ok((folder, said))
    }

    /// A folder as it is, in which no desk begins until this is dropped: nothing is made or changed. Without a lock no desk has begun
    /// there yet, and none is kept from it until [`Folder::keep`].
    pub fn hold(path: &Path) -> Result<Folder, NotOpened> {
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_dir()) {
            return Err(NotOpened::Unusable(
                Problem::log("store_not_a_folder", format!("{} is not a folder.", shown(path)))
                    .hint("Set `folder` under [state] to a folder, then restart the bot."),
            ));
        }
        let lock = match OpenOptions::new().read(true).write(true).open(path.join(LOCK)) {
            Ok(lock) => Some(locked(lock, path)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unusable(&path.join(LOCK), &error)),
        };
        Ok(Folder { lock, ..Folder::read_only(path) })
    }

    /// Makes the lock where there is none, for the account that has the folder.
    pub fn keep(&mut self) -> Result<(), NotOpened> {
        if self.lock.is_some() {
            return Ok(());
        }
        let file = self.file(LOCK);
        let lock = match private().read(true).create_new(true).open(&file) {
            Ok(lock) => {
                private::share(&lock, &self.path).map_err(|error| unusable(&file, &error))?;
                locked(lock, &self.path)?
            }
            // Another process may have made it just now.
            Err(error) => Folder::hold(&self.path)?.lock.ok_or_else(|| unusable(&file, &error))?,
        };
        self.lock = Some(lock);
        Ok(())
    }

    /// A folder that is only read, also one that may not be written or that a running desk has.
    pub fn read_only(path: &Path) -> Folder {
        Folder { path: path.to_owned(), writes: Writes::default(), lock: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.file(name)).is_ok()
    }

    /// The bytes of a file; `None` when there is none.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        let path = self.file(name);
        // Reading a pipe or a device may never end.
        let read = fs::metadata(&path)
            .and_then(|metadata| if metadata.is_file() { fs::read(&path) } else { Err(no_file()) });
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(trouble(&format!("read {}", shown(&path)), &error)),
        }
    }

    /// Puts a file in place of an older one.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Problem> {
        self.writes
            .replace(&self.path, name, bytes)
            .map_err(|error| trouble(&format!("write {}", shown(&self.file(name))), &error))
    }

    /// Makes the names of the files durable, and that of the folder itself.
    pub fn sync_names(&self) -> io::Result<()> {
        let above = self.path.parent().filter(|above| !above.as_os_str().is_empty() && above.exists());
        self.writes.sync_folder(&self.path)?;
        above.map_or(Ok(()), |above| self.writes.sync_folder(above))
    }

    /// A name that no file has, `name-1` or a later one.
    pub fn free(&self, name: &str) -> String {
        (1u64..)
            .map(|number| format!("{name}-{number}"))
            .find(|name| !self.has(name))
            .expect("a folder has fewer files than there are numbers")
    }

    /// The key in a key file; `None` if there is none.
    pub fn key(&self, name: &str) -> Result<Option<SecretBox<[u8; 32]>>, Problem> {
        let Some(bytes) = self.read(name)?.map(Zeroizing::new) else { return Ok(None) };
        if others_can_write(&self.file(name)) {
            return Err(Problem::log(
                "store_key_open",
                format!("Other accounts on this host can write {}.", shown(&self.file(name))),
            )
            .hint(format!(
                "Make sure it is the right key, then run `chmod 600 {}`.",
                self.file(name).display()
            )));
        }
        let key = bytes.split_first_chunk::<32>().filter(|(key, check)| **check == checksum(key));
        let (key, _) = key.ok_or_else(|| {
            Problem::log("store_key", format!("{} is not a key, or it was changed.", shown(&self.file(name))))
                .hint("Restore it from a backup.")
        })?;
        Ok(Some(SecretBox::new(Box::new(*key))))
    }

    /// Makes a key file.
    pub fn make_key(&self, name: &str) -> Result<SecretBox<[u8; 32]>, Problem> {
        let mut key = Zeroizing::new([0; 32]);
        random(key.as_mut())?;
        let whole = Zeroizing::new([&key[..], &checksum(&key)].concat());
        self.replace(name, &whole)?;
        Ok(SecretBox::new(Box::new(*key)))
    }
}

/// What follows a key in its file, so that a changed bit is not taken for another key.
fn checksum(key: &[u8; 32]) -> [u8; 8] {
    let digest: [u8; 32] =
        Sha256::new().chain_update(b"connect-desk key").chain_update(key).finalize().into();
    *digest.first_chunk().expect("a digest is longer than a checksum")
}

const LOCK: &str = "lock";

/// How long a lock is waited for that someone has.
const WAIT: Duration = Duration::from_millis(2);
const WAITS: u32 = 100;

/// Takes from other accounts whatever they may do in the folder, and says so.
fn make_private(path: &Path) -> Result<Vec<Problem>, Problem> {
    let changed = private::tighten(path)?;
    let Some(first) = changed.first() else { return Ok(Vec::new()) };
    let more = if changed.len() > 1 { format!(" and {} more", changed.len() - 1) } else { String::new() };
    Ok(vec![
        Problem::operator(
            "state_open",
            format!("Other accounts on this host could read {}{more}.", shown(first)),
        )
        .hint("The state folder is private now. Check who could read it before."),
    ])
}

#[cfg(unix)]
fn others_can_write(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o022 != 0)
}

#[cfg(not(unix))]
fn others_can_write(_path: &Path) -> bool {
    false
}

/// A path in a sentence.
pub(crate) fn shown(path: &Path) -> String {
    code(&path.display().to_string())
}

/// Something could not be done with a file of the folder.
pub(crate) fn trouble(doing: &str, error: &io::Error) -> Problem {
    Problem::log(code_of(error), format!("The bot can't {doing}: {error}.")).hint(remedy(error))
}

/// The code of a problem with a file.
pub(crate) fn code_of(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "store_disk_full",
        io::ErrorKind::ReadOnlyFilesystem => "store_read_only",
        io::ErrorKind::PermissionDenied => "store_no_permission",
        _ => "store_io",
    }
}

/// What the operator does about it.
pub(crate) fn remedy(error: &io::Error) -> &'static str {
    match code_of(error) {
        "store_disk_full" => "Free space on that disk, then restart the bot.",
        "store_read_only" => "Make that disk writable, then restart the bot.",
        "store_no_permission" => {
            "Make the bot's account the owner of the folder and of everything in it, then restart the bot."
        }
        _ => "Check the disk, then restart the bot.",
    }
}

/// Fills with bytes of the system's generator.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), Problem> {
    SysRng.try_fill_bytes(bytes).map_err(|error| {
        Problem::operator("no_random", format!("The system's random number generator doesn't work: {error}."))
            .hint("Check the host. The bot can't create secrets without it.")
    })
}

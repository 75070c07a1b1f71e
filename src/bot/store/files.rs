//! The store's folder: its lock, small files that appear whole or not at all, and two cures for what sled leaves lying.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use desk_core::problem::Problem;
use desk_core::text::code;

/// Where sled lives inside the folder.
const ENGINE: &str = "db";

/// sled's segment size, which its hidden setting leaves at this.
const SEGMENT: u64 = 512 * 1024;

/// How many zeros are put behind the end of sled's file at a time, and how many of them must be left.
const ROOM: u64 = 8 * SEGMENT;
const LOW: u64 = 2 * SEGMENT;

/// A folder that is this process's alone until dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    lock: File,
}

/// Why a folder was not opened.
pub(super) enum NotOpened {
    /// Another process has it; a second desk must not start.
    Held(Problem),
    /// It cannot be used as it is.
    Unusable(Problem),
}

impl Folder {
    /// Makes the folder when it is missing and takes its lock.
    pub fn open(path: &Path) -> Result<Folder, NotOpened> {
        let unusable = |error: io::Error| {
            NotOpened::Unusable(trouble(&format!("open its folder {}", shown(path)), &error))
        };
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_dir()) {
            return Err(NotOpened::Unusable(
                Problem::log("store_not_a_folder", format!("{} is not a folder.", shown(path)))
                    .next("Name a folder for the store in `config.toml`, then start the desk again."),
            ));
        }
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(path).map_err(unusable)?;
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join("lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Folder { path: path.to_owned(), lock }),
            Err(TryLockError::WouldBlock) => Err(NotOpened::Held(
                Problem::operator("store_locked", format!("Another desk has {} open.", shown(path))).next(
                    "Stop that one first, or ask it: `/desk history` reads the log of a desk that runs.",
                ),
            )),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// The file that is locked, whose content nobody reads.
    pub fn lock(&self) -> Result<File, Problem> {
        self.lock.try_clone().map_err(|error| trouble("open its lock once more", &error))
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder that sled has for itself.
    pub fn engine(&self) -> PathBuf {
        self.path.join(ENGINE)
    }

    /// The file in which sled keeps everything.
    pub fn engine_file(&self) -> PathBuf {
        self.engine().join("db")
    }

    /// The bytes of a file; `None` when there is none.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        match fs::read(self.file(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(trouble(&format!("read {}", shown(&self.file(name))), &error)),
        }
    }

    /// Puts a file in place of an older one. Whatever happens, there is the old one or the whole new one.
    ///
    /// The new bytes are on disk before the name moves to them, and a name that was not there before is on disk when
    /// this returns. A replaced one may still mean the old file after a power cut.
    pub fn replace(&self, name: &str, bytes: &[u8], readers: Readers) -> Result<(), Problem> {
        let new = self.file(&format!("{name}.new"));
        let first = !self.file(name).exists();
        let write = || -> io::Result<()> {
            match fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            if readers == Readers::Owner {
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            }
            let mut file = options.open(&new)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, self.file(name))?;
            if first { sync_folder(&self.path) } else { Ok(()) }
        };
        write().map_err(|error| trouble(&format!("write {}", shown(&self.file(name))), &error))
    }

    /// Makes the names of all files durable; sled itself syncs none of its folders.
    pub fn sync_names(&self) -> Result<(), Problem> {
        let above = self.path.parent().filter(|above| !above.as_os_str().is_empty());
        [Some(self.engine()), Some(self.path.clone()), above.map(Path::to_owned)]
            .into_iter()
            .flatten()
            .filter(|folder| folder.exists())
            .try_for_each(|folder| sync_folder(&folder))
            .map_err(|error| trouble(&format!("sync its folder {}", shown(&self.path)), &error))
    }

    /// Removes snapshots that sled had not finished writing when it was stopped.
    ///
    /// sled 0.34 takes such a file for its newest snapshot and then refuses to open for ever. It only saves work: without
    /// it sled reads its log from the snapshot before. To be called before sled opens.
    pub fn remove_unfinished_snapshots(&self) -> Result<(), Problem> {
        let entries = match fs::read_dir(self.engine()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(trouble(&format!("read {}", shown(&self.engine())), &error)),
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("snap.") && name.ends_with(".generating") {
                tracing::warn!(file = %entry.path().display(), "removing a snapshot that was cut short");
                fs::remove_file(entry.path())
                    .map_err(|error| trouble(&format!("remove {}", shown(&entry.path())), &error))?;
            }
        }
        Ok(())
    }
}

/// Who may read a file that the store writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    Owner,
    Anybody,
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Zeros behind the end of sled's file, so that writing into them changes no file size and a sync has no metadata to
/// write: it takes two thirds of the time.
///
/// They are written in append mode, which the kernel places at the end of the file as it is at that moment, so they can
/// never land on anything that sled has written. Zero is also what sled itself fills unused space with: its recovery
/// stops at a zero, and it cuts the zeros off when it opens, which is why room is made after that.
#[derive(Debug)]
pub(super) struct Room {
    file: File,
    /// How much was put when the room was last looked at.
    looked: u64,
}

/// The room is looked at after so many bytes were put, of which sled makes at most a few times as many.
///
/// Not after each commit: reading the file sets its access time, and the next sync has to write that.
const LOOK: u64 = 128 * 1024;

impl Room {
    pub fn open(path: &Path) -> io::Result<Room> {
        Ok(Room { file: OpenOptions::new().read(true).append(true).open(path)?, looked: 0 })
    }

    /// Adds zeros when few may be left, of which `put` tells, a count of bytes that only grows.
    pub fn after(&mut self, put: u64) -> io::Result<()> {
        if put - self.looked < LOOK {
            return Ok(());
        }
        self.looked = put;
        self.top_up()
    }

    /// Adds zeros when few are left. sled fills its file segment by segment, so the header of the segment that lies `LOW`
    /// before the end tells whether that much is unused.
    pub fn top_up(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        let mut header = [0u8; 20];
        if length > LOW {
            self.file.seek(SeekFrom::Start((length - LOW) / SEGMENT * SEGMENT))?;
            self.file.read_exact(&mut header)?;
            if header == [0; 20] {
                return Ok(());
            }
        }
        let zeros = vec![0u8; SEGMENT as usize];
        for _ in 0..ROOM / SEGMENT {
            self.file.write_all(&zeros)?;
        }
        self.file.sync_all()
    }
}

/// A path in a sentence.
pub(super) fn shown(path: &Path) -> String {
    code(&path.display().to_string())
}

/// The store could not do something with its files.
pub(super) fn trouble(doing: &str, error: &io::Error) -> Problem {
    let (name, next) = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ("store_disk_full", "Free space on that disk, then start the desk again.")
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            ("store_read_only", "Make that disk writable, then start the desk again.")
        }
        io::ErrorKind::PermissionDenied => (
            "store_no_permission",
            "Let the account that runs the desk own the folder, then start the desk again.",
        ),
        _ => ("store_io", "Look after the disk, then start the desk again."),
    };
    Problem::log(name, format!("The store cannot {doing}: {error}.")).next(next)
}

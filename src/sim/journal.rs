//! The state file: one line of JSON for each write that was acknowledged, behind a header that says what it was made from.
//!
//! A line is handed to the operating system in one write before the call is answered, so killing the process loses
//! nothing. It is not synced to the disk: practice data does not have to outlive a power cut. The seed is not in the
//! file, only its name and version; the file holds what has become different since.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::SimError;
use crate::ids::{Id, Kind};
use crate::options::IdentityType;
use crate::world::Change;

/// The format of the lines.
const FORMAT: u64 = 1;
/// Above this size a file is rewritten at opening, if that makes it half as long.
const WORTH_COMPACTING: u64 = 1 << 20;
/// For how long a user who is in no seed is remembered after their removal; it only matters to `name_lingers`.
const FORGET_REMOVED_MS: i64 = 24 * 3600 * 1000;

/// The first line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The format; the key is what tells such a file from any other.
    connect_desk_sim: u64,
    seed_version: u64,
    pub(crate) seed: String,
    pub(crate) identity: IdentityType,
    /// When the world was made; the seed's times count from here.
    pub(crate) born_ms: i64,
}

impl Header {
    pub(crate) fn new(seed_version: u64, seed: String, identity: IdentityType, born_ms: i64) -> Self {
        Self { connect_desk_sim: FORMAT, seed_version, seed, identity, born_ms }
    }
}

/// What one acknowledged write changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) at_ms: i64,
    /// How many ids had been given out, where they are counted.
    pub(crate) ids: u64,
    pub(crate) changes: Vec<Change>,
}

/// A state file that lines are written to.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// The locked file that a compaction replaced: someone may have opened it before, and must continue finding it locked.
    #[allow(dead_code)] // It is kept for its lock.
    replaced: Option<File>,
    length: u64,
    /// The file could not be brought back to whole lines, so nothing may follow in it.
    broken: bool,
}

/// An opened state file: what it was made from and what happened since.
pub(crate) struct Opened {
    pub(crate) journal: Journal,
    pub(crate) header: Header,
    pub(crate) records: Vec<Record>,
}

impl Journal {
    /// A file in which there is no line yet.
    pub fn new(path: PathBuf, file: File) -> Self {
        Self { path, file, replaced: None, length: 0, broken: false }
    }

    /// Opens the file or makes it with this header, and keeps every other process out.
    pub(crate) fn open(path: &Path, fresh: &Header) -> Result<Opened, SimError> {
        let failed = |source| SimError::State { path: path.to_owned(), source };
        let mut file = options().open(path).map_err(failed)?;
        lock(path, &file)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let mut journal = Self::new(path.to_owned(), file);

        // A line that is not ended was never acknowledged: the process was killed while it wrote.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole == 0 {
            let torn_header = r#"{"connect_desk_sim":"#.as_bytes();
            let shared = bytes.len().min(torn_header.len());
            if bytes[..shared] != torn_header[..shared] {
                return Err(SimError::NotState { path: path.to_owned() });
            }
            journal.shorten(0).map_err(failed)?;
            journal.write_line(fresh).map_err(failed)?;
            return Ok(Opened { journal, header: fresh.clone(), records: Vec::new() });
        }
        let (header, records) = read_lines(path, &bytes[..whole], fresh)?;
        if whole < bytes.len() {
            tracing::warn!(
                bytes = bytes.len() - whole,
                "the state file ended in a torn line, which was taken off"
            );
        }
        journal.shorten(whole as u64).map_err(failed)?;
        Ok(Opened { journal, header, records })
    }

    /// Writes a record, or leaves the file as it was.
    pub(crate) fn append(&mut self, record: &Record) -> io::Result<()> {
        self.write_line(record)
    }

    /// Writes a line, or leaves the file as it was.
    ///
    /// # Errors
    ///
    /// Where it can't be written, and for every line after one of which a part is left in the file.
    pub fn write_line(&mut self, line: &impl Serialize) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier write was torn and could not be undone"));
        }
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        if let Err(error) = self.file.write_all(&bytes) {
            // Half a line in the middle of the file would damage it permanently.
            self.broken = self.shorten(self.length).is_err();
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn shorten(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(length))?;
        self.length = length;
        Ok(())
    }

    /// Rewrites a long file with the last change of each thing, if that is worth it. Gives back what is in the file then.
    ///
    /// The new file is written beside the old one and takes its place in one step, so a kill leaves one of the two whole.
    pub(crate) fn compact(
        &mut self,
        header: &Header,
        records: Vec<Record>,
        now_ms: i64,
        in_seed: impl Fn(Id) -> bool,
    ) -> Result<Vec<Record>, SimError> {
        if self.length < WORTH_COMPACTING {
            return Ok(records);
        }
        let kept = last_of_each(records, now_ms, in_seed);
        let failed = |source| SimError::State { path: self.path.clone(), source };
        let mut beside_name = self.path.clone().into_os_string();
        beside_name.push(".compacting");
        let beside = PathBuf::from(beside_name);
        let file = options().truncate(true).open(&beside).map_err(failed)?;
        lock(&beside, &file)?;
        let mut fresh = Self::new(self.path.clone(), file);
        let written =
            fresh.write_line(header).and_then(|()| kept.iter().try_for_each(|record| fresh.append(record)));
        written.map_err(failed)?;
        if fresh.length > self.length / 2 {
            std::fs::remove_file(&beside).map_err(failed)?;
            return Ok(kept);
        }
        std::fs::rename(&beside, &self.path).map_err(failed)?;
        tracing::info!(from = self.length, to = fresh.length, "the state file was compacted");
        let old = std::mem::replace(self, fresh);
        self.replaced = Some(old.file);
        Ok(kept)
    }
}

/// Only its owner reads the file: it may hold names and addresses of real people who practise.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn lock(path: &Path, file: &File) -> Result<(), SimError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => SimError::StateInUse { path: path.to_owned() },
        TryLockError::Error(source) => SimError::State { path: path.to_owned(), source },
    })
}

fn read_lines(path: &Path, bytes: &[u8], known: &Header) -> Result<(Header, Vec<Record>), SimError> {
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let not_state = || SimError::NotState { path: path.to_owned() };
    let first: serde_json::Value =
        lines.next().and_then(|line| serde_json::from_slice(line).ok()).ok_or_else(not_state)?;
    let number = |key: &str| first.get(key).and_then(serde_json::Value::as_u64);
    let (found, found_seed) =
        (number("connect_desk_sim").ok_or_else(not_state)?, number("seed_version").unwrap_or(0));
    if (found, found_seed) != (FORMAT, known.seed_version) {
        let (known, known_seed) = (FORMAT, known.seed_version);
        return Err(SimError::OtherFormat { path: path.to_owned(), found, found_seed, known, known_seed });
    }
    let damaged = |line: usize, error: serde_json::Error| SimError::Damaged {
        path: path.to_owned(),
        line,
        reason: error.to_string(),
    };
    let header = serde_json::from_value(first).map_err(|error| damaged(1, error))?;
    let read = |(at, line)| serde_json::from_slice(line).map_err(|error| damaged(at + 2, error));
    let records = lines.enumerate().map(read).collect::<Result<_, _>>()?;
    Ok((header, records))
}

#[derive(PartialEq, Eq, Hash)]
enum Key {
    User(Id),
    Resource(Kind, Id),
    Presence(Id),
    Contact(Id),
    TaskToken(String),
    Levels,
}

fn key(change: &Change) -> Key {
    match change {
        Change::User(user) => Key::User(user.id),
        Change::UserGone { id, .. } => Key::User(*id),
        Change::Resource(resource) => Key::Resource(resource.kind(), resource.id),
        Change::ResourceGone { kind, id } => Key::Resource(*kind, *id),
        Change::Presence { user, .. } => Key::Presence(*user),
        Change::Contact(contact) => Key::Contact(contact.id),
        Change::ContactGone { id } => Key::Contact(*id),
        Change::TaskToken { token, .. } => Key::TaskToken(token.clone()),
        Change::Levels(_) => Key::Levels,
    }
}

/// The changes that later ones did not make void, in their order: a change carries the whole of what it is about.
fn last_of_each(records: Vec<Record>, now_ms: i64, in_seed: impl Fn(Id) -> bool) -> Vec<Record> {
    let mut last = HashMap::new();
    let all = || {
        records
            .iter()
            .enumerate()
            .flat_map(|(at, record)| record.changes.iter().map(move |change| (at, change)))
    };
    for (place, (_, change)) in all().enumerate() {
        last.insert(key(change), place);
    }
    let void = |change: &Change| match change {
        Change::UserGone { id, at_ms, .. } => !in_seed(*id) && at_ms + FORGET_REMOVED_MS < now_ms,
        Change::ResourceGone { id, .. } | Change::ContactGone { id } => !in_seed(*id),
        Change::Presence { user, presence: None } => !in_seed(*user),
        _ => false,
    };
    let ids = records.iter().map(|record| record.ids).max().unwrap_or(0);
    let mut kept: Vec<Record> = Vec::new();
    for (place, (at, change)) in all().enumerate() {
        if last.get(&key(change)) == Some(&place) && !void(change) {
            kept.push(Record {
                at_ms: records[at].at_ms,
                ids: records[at].ids,
                changes: vec![change.clone()],
            });
        }
    }
    // The count of ids continues even where nothing is left of what they were given to.
    kept.push(Record { at_ms: now_ms, ids, changes: Vec::new() });
    kept
}

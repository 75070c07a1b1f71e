//! Where lines stand in sled: a few neighbours together in one value, each with the hash it was written with.
//!
//! One value per line would be simpler still, but sled keeps 300 bytes in memory for each node of nine values, and reads
//! all of them when it opens. Bundles of two KiB make one node out of five. Larger ones gain little, because sled may hold
//! 16,384 nodes in memory before it looks at how large they are. A bundle is put once, when it is full; until then its
//! lines stand in the head.
//!
//! A line too long for a value stands in parts of its own, under its number and the part's; its bundle keeps its place,
//! length and hash.

use desk_core::log::merkle::Hash;
use desk_core::problem::Problem;
use sled::IVec;

use super::disk::{Disk, LONGEST_VALUE, Rows, guarded};
use super::head::Head;

/// A bundle takes no further line beyond so many bytes or lines.
const BUNDLE_BYTES: usize = 2048;
const BUNDLE_LINES: u64 = 64;

/// Set in the length word of a line that stands in parts.
const APART: u32 = 1 << 31;

/// The length word and the hash before a line's bytes.
const BEFORE: usize = 4 + 32;

/// The longest line: its length must fit the word, and nothing sane comes near it.
const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// How often sled is asked for what was just read; see [`settle`].
const NUDGES: usize = 8;

/// A line as it was found.
pub(super) struct Kept {
    /// The hash it was written with.
    pub hash: Hash,
    pub bytes: Vec<u8>,
}

/// A line in its bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub hash: Hash,
    pub body: Body<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body<'a> {
    Here(&'a [u8]),
    /// In parts, so many bytes together.
    Apart(usize),
}

/// The lines of a bundle in their order; `None` when the value is not a bundle.
pub(super) fn entries(mut value: &[u8]) -> Option<Vec<Entry<'_>>> {
    let mut out = Vec::new();
    while !value.is_empty() {
        let (word, rest) = value.split_first_chunk::<4>()?;
        let (hash, rest) = rest.split_first_chunk::<32>()?;
        let word = u32::from_be_bytes(*word);
        let length = (word & !APART) as usize;
        let (body, rest) = if word & APART == 0 {
            let (bytes, rest) = rest.split_at_checked(length)?;
            (Body::Here(bytes), rest)
        } else {
            (Body::Apart(length), rest)
        };
        out.push(Entry { hash: *hash, body });
        value = rest;
    }
    Some(out)
}

/// Adds a line to a bundle's value.
pub(super) fn push_entry(value: &mut Vec<u8>, entry: &Entry<'_>) {
    let (word, bytes): (u32, &[u8]) = match entry.body {
        Body::Here(bytes) => (word_of(bytes.len()), bytes),
        Body::Apart(length) => (word_of(length) | APART, &[]),
    };
    value.extend_from_slice(&word.to_be_bytes());
    value.extend_from_slice(&entry.hash);
    value.extend_from_slice(bytes);
}

fn word_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(APART - 1) & !APART
}

/// The number that a key is.
pub(super) fn number(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*key.first_chunk::<8>()?))
}

fn part_key(line: u64, part: u32) -> [u8; 12] {
    let mut key = [0; 12];
    key[..8].copy_from_slice(&line.to_be_bytes());
    key[8..].copy_from_slice(&part.to_be_bytes());
    key
}

/// The line in this place of a bundle.
fn entry_at(value: &[u8], place: u64) -> Option<Entry<'_>> {
    entries(value)?.get(usize::try_from(place).ok()?).copied()
}

/// What of new lines has to be put before the head.
#[derive(Debug, Default)]
pub(super) struct Laid {
    parts: Vec<([u8; 12], Vec<u8>)>,
    bundles: Vec<(u64, Vec<u8>)>,
}

impl Head {
    /// Adds a line. What no longer fits the head goes to `laid`.
    pub fn push(&mut self, hash: Hash, bytes: Vec<u8>, laid: &mut Laid) {
        let line = self.size();
        let fits = BEFORE + bytes.len() <= LONGEST_VALUE;
        let body = if fits { Body::Here(&bytes) } else { Body::Apart(bytes.len()) };
        let mut entry = Vec::new();
        push_entry(&mut entry, &Entry { hash, body });
        let lines = line - self.first;
        if lines > 0 && (lines == BUNDLE_LINES || self.newest.len() + entry.len() > BUNDLE_BYTES) {
            laid.bundles.push((self.first, std::mem::take(&mut self.newest)));
            self.first = line;
        }
        self.newest.extend_from_slice(&entry);
        self.edge.push(hash);
        if !fits {
            let parts = (0u32..).zip(bytes.chunks(LONGEST_VALUE));
            laid.parts.extend(parts.map(|(part, chunk)| (part_key(line, part), chunk.to_vec())));
        }
    }
}

impl Disk {
    /// Puts lines that the head has no room for.
    pub fn put_lines(&self, laid: &Laid) -> Result<(), Problem> {
        laid.parts.iter().try_for_each(|(key, part)| self.put(&self.parts, key, part))?;
        laid.bundles
            .iter()
            .try_for_each(|(first, value)| self.put(&self.bundles, &first.to_be_bytes(), value))
    }

    /// The bundle that holds this line if any does: its first line's number and its value.
    fn bundle_at(&self, line: u64) -> Result<Option<(u64, IVec)>, Problem> {
        let found = guarded("read", || {
            let found = self.bundles.range(..=line.to_be_bytes()).next_back().transpose()?;
            if let Some((key, _)) = &found {
                settle(&self.bundles, key)?;
            }
            Ok(found)
        })?;
        Ok(found.and_then(|(key, value)| Some((number(&key)?, value))))
    }

    /// A line of the log that has this head; `None` when it is not there.
    pub fn line(&self, head: &Head, line: u64) -> Result<Option<Kept>, Problem> {
        let bundle;
        let entry = if line >= head.first {
            entry_at(&head.newest, line - head.first)
        } else {
            bundle = self.bundle_at(line)?;
            bundle.as_ref().and_then(|(first, value)| entry_at(value, line - first))
        };
        let Some(Entry { hash, body }) = entry else { return Ok(None) };
        let bytes = match body {
            Body::Here(bytes) => bytes.to_vec(),
            Body::Apart(length) => self.parts_of(line, length)?,
        };
        Ok(Some(Kept { hash, bytes }))
    }

    /// The bytes of a line that stands in parts: as many as there are, which a check of the hash will judge.
    pub fn parts_of(&self, line: u64, length: usize) -> Result<Vec<u8>, Problem> {
        guarded("read", || {
            let mut bytes = Vec::with_capacity(length.min(LONGEST_LINE));
            for part in self.parts.scan_prefix(line.to_be_bytes()) {
                let (key, part) = part?;
                bytes.extend_from_slice(&part);
                settle(&self.parts, &key)?;
            }
            Ok(bytes)
        })
    }

    /// The bundles of the log that has this head, from the one with this line on; the last is in the head itself.
    pub fn bundles_from<'a>(&'a self, head: &Head, line: u64) -> Result<Bundles<'a>, Problem> {
        let start = self.bundle_at(line)?.map_or(0, |(first, _)| first);
        let newest = (head.first < head.size()).then(|| (head.first, IVec::from(head.newest.as_slice())));
        let rows = self.bundles.range(start.to_be_bytes()..head.first.to_be_bytes());
        Ok(Bundles { disk: self, rows, newest })
    }

    /// The first line that stands behind the head.
    pub fn line_beyond(&self, head: &Head) -> Result<Option<u64>, Problem> {
        let bundle = Rows(self.bundles.range(head.first.to_be_bytes()..)).next().transpose()?;
        let part = Rows(self.parts.range(head.size().to_be_bytes()..)).next().transpose()?;
        Ok([bundle, part].into_iter().flatten().filter_map(|(key, _)| number(&key)).min())
    }

    /// Removes what stands behind the head: the lines of a commit that a crash cut short. Gives whether there were any.
    pub fn remove_beyond(&self, head: &Head) -> Result<bool, Problem> {
        let mut found = false;
        for (tree, from) in [(&self.bundles, head.first), (&self.parts, head.size())] {
            let keys: Vec<IVec> =
                guarded("read", || tree.range(from.to_be_bytes()..).keys().collect::<Result<_, _>>())?;
            for key in keys {
                self.remove(tree, &key)?;
                found = true;
            }
        }
        Ok(found)
    }
}

/// Bundles in their order.
pub(super) struct Bundles<'a> {
    disk: &'a Disk,
    rows: sled::Iter,
    newest: Option<(u64, IVec)>,
}

impl Iterator for Bundles<'_> {
    type Item = Result<(u64, IVec), Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = guarded("read", || {
            let row = self.rows.next().transpose()?;
            if let Some((key, _)) = &row {
                settle(&self.disk.bundles, key)?;
            }
            Ok(row)
        });
        match row {
            Ok(Some((key, value))) => Some(Ok((number(&key)?, value))),
            Ok(None) => self.newest.take().map(Ok),
            Err(problem) => Some(Err(problem)),
        }
    }
}

/// Makes sled look at how much it holds in memory.
///
/// It does so for one of its 256 shards after 64 touches of that shard, so a reader that touches each node once leaves up to
/// 16,384 nodes in memory, whatever the cache's capacity is. Some more touches of the same node bring that forward.
pub(super) fn settle(tree: &sled::Tree, key: &[u8]) -> Result<(), sled::Error> {
    (0..NUDGES).try_for_each(|_| tree.get(key).map(drop))
}

/// A line that cannot be kept at all.
pub(super) fn too_long(bytes: &[u8]) -> Option<Problem> {
    (bytes.len() > LONGEST_LINE).then(|| {
        Problem::operator("line_too_long", "A line of the log would be longer than 64 MiB.")
            .next("Split the request into smaller ones.")
    })
}

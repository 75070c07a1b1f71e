//! Reading lines by their numbers from the file alone. Batches are found by their seals, which say how many lines are before them.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use desk_core::basics::problem::Problem;
use desk_core::log::Seal;
use desk_core::log::checkpoint::{Checkpoint, Verifier};

use super::batch::{Batch, Next, Scan};
use super::port::{Follower, bad_line};
use crate::folder::{read_at, trouble};

/// Below this distance batches are read one after the other.
const NEAR: u64 = 64 * 1024;

/// How much is read at a time while a seal is looked for.
const CHUNK: usize = 16 * 1024;

/// So many places are remembered.
const PLACES: usize = 4096;

/// So many batches are kept, and more than one only with so many bytes together.
const RECENT: usize = 64;
const RECENT_BYTES: usize = 256 * 1024;

/// How far the log reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    pub size: u64,
    pub bytes: u64,
}

/// A file of lines to read from.
#[derive(Debug)]
pub(super) struct Reader {
    pub file: File,
    pub verifier: Option<Verifier>,
    /// Something is wrong with the log, so no seal is believed without its signature.
    pub careful: AtomicBool,
    end: Mutex<End>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Where batches begin, by the numbers of their first lines.
    places: BTreeMap<u64, u64>,
    /// The batches that were read last, the newest first: the lines of one request are asked for again and again.
    recent: VecDeque<Arc<Batch>>,
}

impl Reader {
    pub fn new(file: File, verifier: Option<Verifier>, end: End) -> Reader {
        Reader {
            file,
            verifier,
            careful: AtomicBool::new(false),
            end: Mutex::new(end),
            known: Mutex::default(),
        }
    }

    pub fn end(&self) -> End {
        *lock(&self.end)
    }

    /// Lets readers see more of the file; what they see is durable.
    pub fn set_end(&self, end: End) {
        *lock(&self.end) = end;
    }

    /// The bytes of a line.
    pub fn read(&self, line: u64) -> Result<Vec<u8>, Problem> {
        let end = self.end();
        if line >= end.size {
            return Err(bad_line(line, "does not exist"));
        }
        let batch = self.batch_with(line, end).map_err(|error| trouble("read the approval log", &error))?;
        let bytes = batch.as_ref().and_then(|batch| batch.line(line));
        bytes.map(<[u8]>::to_vec).ok_or_else(|| damaged(batch.as_deref(), line))
    }

    /// Gives every line from this one on.
    pub fn follow(&self, from: u64, each: &mut Follower<'_>) -> Result<(), Problem> {
        let end = self.end();
        if from >= end.size {
            return Ok(());
        }
        let failed = |error| trouble("read the approval log", &error);
        let (mut next, at) = self.place_of(from, end).map_err(failed)?;
        let mut scan = self.scan(at, next, end.bytes);
        loop {
            let batch = match scan.next().map_err(failed)? {
                Next::Batch(batch) => *batch,
                Next::Tail { at, text } => Batch::tail(at, text, next..end.size),
            };
            for (line, bytes) in batch.lines().filter(|(line, _)| *line >= from) {
                if !each(line, bytes.ok_or_else(|| batch.raw(line))) {
                    return Ok(());
                }
            }
            next = batch.end;
            if next >= end.size || batch.seal.is_none() {
                return Ok(());
            }
        }
    }

    pub fn scan(&self, at: u64, next: u64, limit: u64) -> Scan<'_> {
        Scan::new(&self.file, self.verifier.as_ref(), at, next, limit)
    }

    /// The batch with this line; `None` if the file has none with it.
    fn batch_with(&self, line: u64, end: End) -> io::Result<Option<Arc<Batch>>> {
        let has_it = |batch: &&Arc<Batch>| (batch.first..batch.end).contains(&line);
        if let Some(recent) = lock(&self.known).recent.iter().find(has_it).cloned() {
            return Ok(Some(recent));
        }
        let found = match self.read_on(line, self.place_of(line, end)?, end)? {
            // Where a seal is damaged, its word led astray: from the beginning each one is checked.
            None => self.read_on(line, (0, 0), end)?,
            found => found,
        };
        Ok(found.map(|batch| {
            let batch = Arc::new(batch);
            let recent = &mut lock(&self.known).recent;
            recent.push_front(batch.clone());
            recent.truncate(RECENT);
            while recent.len() > 1
                && recent.iter().map(|batch| batch.text().len()).sum::<usize>() > RECENT_BYTES
            {
                recent.pop_back();
            }
            batch
        }))
    }

    /// Reads batch after batch from a place on, up to the one with the line.
    fn read_on(&self, line: u64, (mut next, at): (u64, u64), end: End) -> io::Result<Option<Batch>> {
        let mut scan = self.scan(at, next, end.bytes);
        while next <= line {
            let batch = match scan.next()? {
                Next::Batch(batch) => *batch,
                Next::Tail { at, text } => {
                    return Ok((next <= line).then(|| Batch::tail(at, text, next..end.size)));
                }
            };
            self.remember(batch.end, batch.next);
            if (batch.first..batch.end).contains(&line) {
                return Ok(Some(batch));
            }
            next = batch.end;
        }
        Ok(None)
    }

    /// A place where a batch begins, at or shortly before the one with the line: the number of its first line, and where.
    fn place_of(&self, line: u64, end: End) -> io::Result<(u64, u64)> {
        let (mut low, mut high) = {
            let known = lock(&self.known);
            let low = known.places.range(..=line).next_back().map_or((0, 0), |(first, at)| (*first, *at));
            let high = known
                .places
                .range(line + 1..)
                .next()
                .map_or((end.size, end.bytes), |(first, at)| (*first, *at));
            (low, high)
        };
        let mut halve = false;
        while high.1.saturating_sub(low.1) > NEAR {
            let span = high.1 - low.1;
            // Lines are of much the same length, so their numbers tell about where one is; halving bounds how often that can err.
            let part = u128::from(line - low.0) * u128::from(span) / u128::from((high.0 - low.0).max(1));
            let guess = match halve {
                true => span / 2,
                false => u64::try_from(part).unwrap_or(span).saturating_sub(NEAR / 4).clamp(1, span - 1),
            };
            halve = !halve;
            match self.seal_after(low.1 + guess, high.1)? {
                Some((size, at)) if size <= line && size >= low.0 => {
                    low = (size, at);
                    self.remember(size, at);
                }
                _ => high.1 = low.1 + guess,
            }
        }
        Ok(low)
    }

    /// The first readable seal that begins after a place and ends before another: how many lines are before it, and where it ends.
    fn seal_after(&self, from: u64, until: u64) -> io::Result<Option<(u64, u64)>> {
        let mut text: Vec<u8> = Vec::new();
        let mut begin = 0;
        loop {
            if let Some(found) =
                memchr::memmem::find(text.get(begin..).unwrap_or_default(), b"\n{\"checkpoint\":")
            {
                let start = begin + found + 1;
                let rest = text.get(start..).unwrap_or_default();
                if let Some(length) = memchr::memchr(b'\n', rest) {
                    match Seal::decode(rest.get(..length).unwrap_or_default()) {
                        Some(seal) if self.believes(&seal) => {
                            return Ok(Some((seal.checkpoint.size, from + (start + length + 1) as u64)));
                        }
                        _ => begin = start,
                    }
                    continue;
                }
                begin = start - 1;
            } else {
                begin = text.len().saturating_sub(16);
            }
            let at = from + text.len() as u64;
            let most =
                usize::try_from(until.saturating_sub(at)).unwrap_or(usize::MAX).min(CHUNK.max(text.len()));
            let length = text.len();
            text.resize(length + most, 0);
            let read = read_at(&self.file, text.get_mut(length..).unwrap_or_default(), at)?;
            text.truncate(length + read);
            if read == 0 {
                return Ok(None);
            }
        }
    }

    fn believes(&self, seal: &Seal) -> bool {
        let careful = self.verifier.as_ref().filter(|_| self.careful.load(Ordering::Relaxed));
        careful.is_none_or(|verifier| Checkpoint::open(&seal.note, verifier).is_ok())
    }

    /// Remembers where a batch begins.
    pub fn remember(&self, first: u64, at: u64) {
        let mut known = lock(&self.known);
        if known.places.len() >= PLACES {
            known.places.clear();
        }
        known.places.insert(first, at);
    }
}

fn damaged(batch: Option<&Batch>, line: u64) -> Problem {
    match batch.and_then(|batch| batch.raw(line)) {
        Some(_) => bad_line(line, "was changed: its hash doesn't match"),
        None => bad_line(line, "is missing"),
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

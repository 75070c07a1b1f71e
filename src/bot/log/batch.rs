//! Batches as they are found in the file: lines up to a seal, each matched to its number.
//!
//! In a log that is as it was written, the lines before a seal are exactly those whose hashes the seal has. Where they are not,
//! the seal tells which lines are what they were, and the rest is named.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::ops::Range;

use desk_core::log::checkpoint::{Checkpoint, Verifier};
use desk_core::log::merkle::{self, Hash};
use desk_core::log::{Header, Seal};

use super::finding::Finding;
use crate::folder::read_at;

/// How much is read first, which is more than most batches have, and how much at a time at most: each time twice as much, because who
/// reads on wants many.
const FIRST_CHUNK: usize = 4 * 1024;
const CHUNK: usize = 256 * 1024;

/// A seal that leaves out more lines than this is not believed without its signature.
const MOST_MISSING: u64 = 1 << 20;

/// One line of a batch.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot {
    /// Where its bytes are in the text, if there are any that could be it.
    bytes: Option<Range<usize>>,
    /// The hash that it was sealed with; none if its seal can't be read.
    pub leaf: Option<Hash>,
    /// The hash of the bytes.
    pub hash: Option<Hash>,
    /// The bytes are those that were written, as far as the batch can tell.
    whole: bool,
}

/// The lines from one readable seal to the next.
#[derive(Debug)]
pub(super) struct Batch {
    /// Where it begins in the file, and where the next one does.
    pub at: u64,
    pub next: u64,
    /// The number of its first line, and that of the first line after it.
    pub first: u64,
    pub end: u64,
    text: Vec<u8>,
    pub slots: Vec<Slot>,
    /// None for what is after the last readable seal.
    pub seal: Option<Seal>,
    /// Where the seal begins in the file.
    pub seal_at: u64,
    pub faults: Vec<Finding>,
    /// Every stretch that is not as it was written has a hole, as a power cut leaves one.
    pub has_holes: bool,
}

impl Batch {
    /// Matches the pieces of a text, which ends in the seal if there is one, to the lines `first..end`.
    fn new(
        at: u64,
        text: Vec<u8>,
        pieces: Vec<Range<usize>>,
        numbers: Range<u64>,
        seal: Option<(Seal, usize)>,
    ) -> Batch {
        let (first, end) = (numbers.start, numbers.end);
        let next = at + text.len() as u64;
        let (seal, seal_at) = match seal {
            Some((seal, place)) => (Some(seal), at + place as u64),
            None => (None, next),
        };
        let mut batch = Batch {
            at,
            next,
            first,
            end,
            text,
            slots: Vec::new(),
            seal,
            seal_at,
            faults: Vec::new(),
            has_holes: false,
        };
        batch.slots = vec![Slot::default(); usize::try_from(end - first).unwrap_or_default()];
        let leaves = batch.seal.as_ref().map(|seal| seal.leaves.clone()).unwrap_or_default();
        let without_seal = batch.slots.len().saturating_sub(leaves.len());
        for (slot, leaf) in batch.slots.iter_mut().skip(without_seal).zip(leaves) {
            slot.leaf = Some(leaf);
        }
        let hashes: Vec<Hash> = pieces
            .iter()
            .map(|piece| merkle::leaf(batch.text.get(piece.clone()).unwrap_or_default()))
            .collect();
        let is_as_written = pieces.len() == batch.slots.len()
            && batch.slots.iter().zip(&hashes).all(|(slot, hash)| slot.leaf == Some(*hash));
        if is_as_written {
            for ((slot, piece), hash) in batch.slots.iter_mut().zip(pieces).zip(hashes) {
                *slot = Slot { bytes: Some(piece), hash: Some(hash), whole: true, ..*slot };
            }
        } else {
            batch.align(&pieces, &hashes, without_seal);
        }
        batch
    }

    /// Finds out which piece is which line, where not all is as it was written.
    fn align(&mut self, pieces: &[Range<usize>], hashes: &[Hash], without_seal: usize) {
        let by_leaf: HashMap<Hash, usize> =
            self.slots.iter().enumerate().filter_map(|(place, slot)| Some((slot.leaf?, place))).collect();
        let told: Vec<Option<u64>> = pieces.iter().map(|piece| self.number_in(piece)).collect();
        // The place of each piece that is what it was: by its hash, or by its own word where there is no hash to go by.
        let mut taken = HashSet::new();
        let of: Vec<Option<usize>> = hashes
            .iter()
            .zip(&told)
            .map(|(hash, told)| {
                let place = by_leaf.get(hash).copied().or_else(|| {
                    let place = usize::try_from(told.as_ref()?.checked_sub(self.first)?).ok()?;
                    (place < without_seal).then_some(place)
                });
                place.filter(|place| taken.insert(*place))
            })
            .collect();
        for ((place, piece), hash) in of.iter().zip(pieces).zip(hashes) {
            if let Some(slot) = place.and_then(|place| self.slots.get_mut(place)) {
                *slot = Slot { bytes: Some(piece.clone()), hash: Some(*hash), whole: true, ..*slot };
            }
        }
        let mut odd: Vec<Range<usize>> = Vec::new();
        let first = self.first;
        let number = |place: usize| first + place as u64;
        if pieces.len() == self.slots.len() {
            // As many as there should be: each piece is in some line's place.
            for (place, piece) in pieces.iter().enumerate() {
                match of[place] {
                    Some(other) if other == place => continue,
                    Some(other) => {
                        self.faults.push(Finding::Misplaced { line: number(place), holds: number(other) });
                    }
                    None => {
                        odd.push(piece.clone());
                        let holds = told[place].filter(|told| *told != number(place));
                        self.faults.push(match holds {
                            Some(holds) => Finding::Misplaced { line: number(place), holds },
                            None => Finding::Altered(number(place)),
                        });
                        if !self.slots[place].whole {
                            self.slots[place].bytes = Some(piece.clone());
                            self.slots[place].hash = Some(hashes[place]);
                        }
                    }
                }
            }
        } else {
            self.name_gaps(pieces, hashes, &of, without_seal, &mut odd);
        }
        // Where the lines are gone as well, so is their seal.
        let left = self.slots.iter().take(without_seal).rposition(|slot| slot.bytes.is_some());
        if let Some(last) = left.filter(|_| self.seal.is_some()) {
            self.faults.push(Finding::Seal(Some(number(last))));
        }
        let text = &self.text;
        self.has_holes =
            !odd.is_empty() && odd.iter().all(|piece| has_hole(text.get(piece.clone()).unwrap_or_default()));
    }

    /// Lines without a piece and pieces without a line, where there are more or fewer than there should be.
    fn name_gaps(
        &mut self,
        pieces: &[Range<usize>],
        hashes: &[Hash],
        of: &[Option<usize>],
        without_seal: usize,
        odd: &mut Vec<Range<usize>>,
    ) {
        let mut place = 0;
        let mut rest = of.iter().enumerate().peekable();
        let mut message = Vec::new();
        loop {
            // The pieces before the next one whose line is known, and the lines before that.
            let mut unknown = Vec::new();
            while let Some((i, _)) = rest.next_if(|(_, of)| of.is_none()) {
                unknown.push(i);
            }
            let known = rest.next().and_then(|(_, of)| *of);
            let until = known.unwrap_or(self.slots.len()).max(place);
            let gap: Vec<usize> = (place..until).filter(|place| !self.slots[*place].whole).collect();
            odd.extend(unknown.iter().map(|i| pieces[*i].clone()));
            if gap.is_empty() && !unknown.is_empty() {
                // Where lines have no readable seal, the piece after them is what is left of it.
                match place == without_seal && without_seal > 0 {
                    true => {}
                    false => message.push(Finding::Extra((self.first + place as u64).checked_sub(1))),
                }
            }
            for (gap, number) in gap.iter().enumerate().map(|(i, place)| (i, self.first + *place as u64)) {
                // Where lines were joined, one piece is what is left of several. Where the end is cut off, those after it are gone.
                match unknown.get(gap).or(unknown.last().filter(|_| self.seal.is_some())) {
                    Some(i) => {
                        message.push(Finding::Altered(number));
                        let slot = &mut self.slots[usize::try_from(number - self.first).unwrap_or_default()];
                        (slot.bytes, slot.hash) = (Some(pieces[*i].clone()), Some(hashes[*i]));
                    }
                    None => match message.last_mut() {
                        Some(Finding::Missing(_, to)) if *to + 1 == number => *to = number,
                        _ => message.push(Finding::Missing(number, number)),
                    },
                }
            }
            match known {
                Some(known) => place = until.max(known + 1),
                None => break,
            }
        }
        self.faults.extend(message);
    }

    /// The number that a piece says it has, if it is a line.
    fn number_in(&self, piece: &Range<usize>) -> Option<u64> {
        Header::decode(self.text.get(piece.clone())?).ok().map(|header| header.line)
    }

    /// The bytes of a line as they are in the file; `None` if there are none.
    pub fn raw(&self, line: u64) -> Option<&[u8]> {
        self.text.get(self.slot(line)?.bytes.clone()?)
    }

    /// The bytes of a line, if they are what was written.
    pub fn line(&self, line: u64) -> Option<&[u8]> {
        self.text.get(self.slot(line).filter(|slot| slot.whole)?.bytes.clone()?)
    }

    fn slot(&self, line: u64) -> Option<&Slot> {
        self.slots.get(usize::try_from(line.checked_sub(self.first)?).ok()?)
    }

    /// All of it, as it is in the file.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The lines that are what was written, and `None` for each that is not, with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (u64, Option<&[u8]>)> {
        (self.first..self.end).map(|line| (line, self.line(line)))
    }

    /// What follows the last readable seal, matched to the lines that are known to have been there.
    pub fn tail(at: u64, text: Vec<u8>, numbers: Range<u64>) -> Batch {
        let pieces = pieces(&text);
        Batch::new(at, text, pieces, numbers, None)
    }

    /// What follows the last readable seal, where no line is known to have been and this is wrong with it.
    pub fn odd(at: u64, text: Vec<u8>, first: u64, faults: Vec<Finding>) -> Batch {
        Batch { faults, ..Batch::tail(at, text, first..first) }
    }
}

/// The pieces of a text between line breaks; what is after the last one is a piece as well, if there is anything.
pub(super) fn pieces(text: &[u8]) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        pieces.push(start..end);
        start = end + 1;
    }
    if start < text.len() {
        pieces.push(start..text.len());
    }
    pieces
}

/// Whether a block was never written: zero is what the disk has there, and what no JSON has.
pub(super) fn has_hole(bytes: &[u8]) -> bool {
    bytes.contains(&0)
}

/// What comes next in the file.
pub(super) enum Next {
    Batch(Box<Batch>),
    /// What follows the last readable seal; may be nothing.
    Tail {
        at: u64,
        text: Vec<u8>,
    },
}

/// Reads batches in their order.
pub(super) struct Scan<'a> {
    file: &'a File,
    verifier: Option<&'a Verifier>,
    /// Where the file ends, as far as it is looked at.
    limit: u64,
    chunk: usize,
    buffer: Vec<u8>,
    /// Where the buffer begins in the file, and the batch in the buffer.
    at: u64,
    start: usize,
    /// The number of the next line.
    next: u64,
}

impl<'a> Scan<'a> {
    /// Begins at a place where a batch does, with the number of its first line.
    pub fn new(file: &'a File, verifier: Option<&'a Verifier>, at: u64, next: u64, limit: u64) -> Scan<'a> {
        Scan { file, verifier, limit, chunk: FIRST_CHUNK, buffer: Vec::new(), at, start: 0, next }
    }

    pub fn next(&mut self) -> io::Result<Next> {
        let mut pieces = Vec::new();
        // All places count from the beginning of the batch, so that moving the buffer changes none.
        let (mut begin, mut looked) = (0, 0);
        loop {
            let text = self.buffer.get(self.start..).unwrap_or_default();
            let Some(length) = memchr::memchr(b'\n', text.get(looked..).unwrap_or_default()) else {
                looked = text.len();
                if self.read_more()? {
                    continue;
                }
                let text = self.buffer.get(self.start..).unwrap_or_default().to_vec();
                let at = self.at + self.start as u64;
                self.start = self.buffer.len();
                return Ok(Next::Tail { at, text });
            };
            let end = looked + length;
            let piece = text.get(begin..end).unwrap_or_default();
            let seal = Seal::decode(piece).filter(|seal| self.is_plausible(seal, text, &pieces));
            if let Some(seal) = seal {
                let text = text.get(..=end).unwrap_or_default().to_vec();
                let at = self.at + self.start as u64;
                let numbers = self.next..seal.checkpoint.size;
                self.next = numbers.end;
                self.start += end + 1;
                let batch = Batch::new(at, text, pieces, numbers, Some((seal, begin)));
                return Ok(Next::Batch(Box::new(batch)));
            }
            pieces.push(begin..end);
            (begin, looked) = (end + 1, end + 1);
        }
    }

    /// Whether a seal can be the next one. One that leaves lines out must prove itself, or one changed digit would make all that
    /// follows unreadable.
    fn is_plausible(&self, seal: &Seal, text: &[u8], pieces: &[Range<usize>]) -> bool {
        if seal.first() == self.next {
            return true;
        }
        if seal.first() < self.next {
            return false;
        }
        match self.verifier {
            Some(verifier) => Checkpoint::open(&seal.note, verifier).is_ok(),
            None if seal.first() - self.next > MOST_MISSING => false,
            None => {
                let last = pieces.last().and_then(|piece| Header::decode(text.get(piece.clone())?).ok());
                last.is_some_and(|last| last.line + 1 == seal.checkpoint.size)
            }
        }
    }

    fn read_more(&mut self) -> io::Result<bool> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.at += self.start as u64;
            self.start = 0;
        }
        let from = self.at + self.buffer.len() as u64;
        let most = usize::try_from(self.limit.saturating_sub(from)).unwrap_or(usize::MAX).min(self.chunk);
        self.chunk = (self.chunk * 2).min(CHUNK);
        let length = self.buffer.len();
        self.buffer.resize(length + most, 0);
        let read = read_at(self.file, self.buffer.get_mut(length..).unwrap_or_default(), from);
        self.buffer.truncate(length + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }
}

//! The file part by part: whole batches, and what is after the last one. What a crash leaves there is told from damage here and nowhere
//! else, so that every reader of a log says the same of it.

use std::io;

use desk_core::basics::text::count;
use desk_core::log::{Line, Seal};

use super::batch::{Batch, Next, Scan, has_hole, pieces};
use super::finding::Finding;
use super::reader::Reader;

/// What is known of the end beside the file itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// How many lines are known to have been acknowledged; none where nothing tells.
    pub acknowledged: Option<u64>,
    /// The head is there and tells of what no one was told.
    pub by_head: bool,
}

/// What comes next.
pub(super) enum Part {
    /// A batch. One without a seal is what is after the last whole one, and has faults.
    Batch(Box<Batch>),
    /// Bytes of a batch that a crash cut short, of which no one was told.
    Torn {
        at: u64,
        text: Vec<u8>,
    },
    End,
}

/// That a batch of so many bytes was cut short.
pub(super) fn torn(bytes: usize) -> String {
    let bytes = count(bytes, "byte");
    format!("After the last line, there are {bytes} of an unfinished batch that was never confirmed.")
}

/// Reads a file part by part.
pub(super) struct Parts<'a> {
    scan: Scan<'a>,
    told: Told,
    length: u64,
    /// How many lines there were so far.
    lines: u64,
    ended: bool,
}

impl<'a> Parts<'a> {
    /// From a place on, before which there are so many lines, up to a length.
    pub fn new(reader: &'a Reader, at: u64, lines: u64, length: u64, told: Told) -> Parts<'a> {
        Parts { scan: reader.scan(at, lines, length), told, length, lines, ended: false }
    }

    pub fn next(&mut self) -> io::Result<Part> {
        if self.ended {
            return Ok(Part::End);
        }
        match self.scan.next()? {
            Next::Batch(batch) => {
                let acknowledged =
                    self.told.acknowledged.is_none_or(|acknowledged| acknowledged > batch.first);
                if batch.next == self.length && !acknowledged && batch.has_holes {
                    // Its seal reached the disk and some block before it did not, as in a power cut: it was never whole.
                    self.ended = true;
                    return Ok(Part::Torn { at: batch.at, text: batch.text().to_vec() });
                }
                self.lines = batch.end;
                Ok(Part::Batch(batch))
            }
            Next::Tail { at, text } => {
                self.ended = true;
                Ok(self.rest(at, text))
            }
        }
    }

    /// What is after the last whole batch.
    fn rest(&self, at: u64, text: Vec<u8>) -> Part {
        let lines = self.lines;
        let acknowledged = self.told.acknowledged.filter(|_| !text.is_empty());
        match acknowledged {
            None if text.is_empty() => Part::End,
            Some(acknowledged) if acknowledged > lines => {
                let mut batch = Batch::tail(at, text, lines..acknowledged);
                if batch.faults.is_empty() {
                    batch.faults.push(Finding::Seal(acknowledged.checked_sub(1)));
                }
                Part::Batch(Box::new(batch))
            }
            Some(_) if self.told.by_head && is_torn(&text, lines) => Part::Torn { at, text },
            _ => {
                let faults = match acknowledged {
                    Some(_) if self.told.by_head => damaged(&text, lines),
                    _ => vec![Finding::Unsettled { after: lines.checked_sub(1), bytes: text.len() as u64 }],
                };
                Part::Batch(Box::new(Batch::odd(at, text, lines, faults)))
            }
        }
    }
}

/// Whether bytes after the last whole batch are one that was cut short: lines that follow, one that breaks off, and blocks that were
/// never written. What else is a line by its line break and no line by its text was changed.
fn is_torn(text: &[u8], first: u64) -> bool {
    let mut next = first;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (lines, rest) = text.split_at(whole);
    // A seal that is whole but for its last byte ends a batch that was whole.
    let sealed = Seal::is_meant(rest)
        && rest.len() > 1
        && Seal::decode(rest.get(..rest.len() - 1).unwrap_or_default()).is_some();
    !sealed
        && pieces(lines).into_iter().all(|piece| {
            let bytes = lines.get(piece).unwrap_or_default();
            let follows = Line::read(bytes).is_ok_and(|line| line.line == next);
            next += 1;
            follows || has_hole(bytes)
        })
}

/// Names what is wrong with what no one is known to have been told of: a last batch that was whole once, which has a seal, or data that
/// never was one.
fn damaged(text: &[u8], first: u64) -> Vec<Finding> {
    let mut next = first;
    let mut found = Vec::new();
    let was_whole = Seal::is_within(text);
    for piece in pieces(text) {
        let bytes = text.get(piece).unwrap_or_default();
        if Line::read(bytes).is_ok_and(|line| line.line == next) {
            next += 1;
        } else if Seal::is_meant(bytes) {
            found.push(Finding::Seal(next.checked_sub(1)));
        } else if !was_whole {
            found.push(Finding::Extra(next.checked_sub(1)));
            return found;
        } else {
            found.push(Finding::Altered(next));
            next += 1;
        }
    }
    if found.is_empty() {
        found.push(Finding::Seal(next.checked_sub(1)));
    }
    found
}

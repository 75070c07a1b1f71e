//! Verification: one pass over all lines, in flat memory, that names whatever is not as it was written.
//!
//! Each line is held against the hash beside it, its number and its place; the tree over the lines against every
//! checkpoint, those of this host and those that were kept elsewhere; the index and the open requests against what the
//! lines make of them.

mod filed;
mod walk;

use std::fmt;

use desk_core::log::checkpoint::Checkpoint;
use desk_core::log::merkle::Edge;
use desk_core::problem::Problem;
use desk_core::text::count;

use super::archive::Archive;
use super::checkpoints;
use filed::Filed;
use walk::Walk;

/// A report lists at most so many findings.
const FINDINGS: usize = 1_000;

/// How much of a log's end is looked at before it is opened, at least.
const TAIL: u64 = 256;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many lines the log has.
    pub lines: u64,
    pub findings: Vec<Finding>,
    /// How many checkpoints of this host it was checked against.
    pub own: usize,
    /// How many checkpoints that were kept elsewhere.
    pub kept: usize,
}

impl Report {
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    /// What the result is worth.
    pub fn against(&self) -> String {
        let own = count(self.own, "checkpoint");
        match self.kept {
            0 => format!(
                "Checked against {own} of this host only. Whoever has all rights on this host could have written the \
                 log anew and signed it: only a checkpoint that was kept elsewhere shows that."
            ),
            kept => format!(
                "Checked against {own} of this host and {} kept elsewhere.",
                count(kept, "checkpoint")
            ),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = count(usize::try_from(self.lines).unwrap_or(usize::MAX), "line");
        match self.findings.len() {
            0 => writeln!(f, "The log is sound: {lines}.")?,
            found => writeln!(f, "The log is NOT sound: {lines}, {}.", count(found, "finding"))?,
        }
        self.findings.iter().try_for_each(|finding| writeln!(f, "- {finding}"))?;
        writeln!(f, "{}", self.against())
    }
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The line's bytes are others than those that were hashed.
    Altered(u64),
    /// The line is as a checkpoint covers it; the hash beside it is not.
    HashChanged(u64),
    /// These lines, the last included, are not there.
    Missing(u64, u64),
    /// In this line's place stands another.
    Misplaced { line: u64, holds: u64 },
    /// The line has its hash and is not a line.
    Unreadable(u64),
    /// The end is not there.
    Cut { size: u64, covers: u64, by: String },
    /// There is a line after the end.
    Beyond(u64),
    /// These lines have their hashes, and a checkpoint says that they were others.
    Rewritten { from: u64, to: u64, by: String },
    /// A checkpoint is not to be believed; the sentence says which and why.
    Checkpoint(String),
    /// The index or the list of open requests is not what the lines make of it; the sentence names the entry.
    Index(String),
    /// The database could not be read on.
    Unread(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Altered(line) => write!(f, "Line {line} does not have the hash it was written with."),
            Finding::HashChanged(line) => {
                write!(f, "The hash beside line {line} was changed; the line itself is as it was written.")
            }
            Finding::Missing(from, to) => write!(f, "{} gone.", are(*from, *to)),
            Finding::Misplaced { line, holds } => {
                write!(f, "In the place of line {line} stands line {holds}.")
            }
            Finding::Unreadable(line) => write!(f, "What stands as line {line} is not a line of a log."),
            Finding::Cut { size, covers, by } => write!(
                f,
                "The log ends after {size} lines and {by} covers {covers}: {} gone.",
                are(*size, covers.saturating_sub(1)).to_lowercase()
            ),
            Finding::Beyond(line) => write!(f, "After the end of the log stands a line {line}."),
            Finding::Rewritten { from, to, by } => {
                write!(f, "{} not what {by} was made over.", are(*from, *to))
            }
            Finding::Checkpoint(says) | Finding::Index(says) => f.write_str(says),
            Finding::Unread(says) => write!(f, "Verification could not go on: {says}"),
        }
    }
}

fn are(from: u64, to: u64) -> String {
    if from == to { format!("Line {from} is") } else { format!("Lines {from} to {to} are") }
}

/// Looks at the end of a log that nobody else has open: its newest lines, and whether they reach as far as its checkpoints.
pub(super) fn tail(archive: &Archive) -> Result<Vec<Finding>, Problem> {
    let head = archive.head();
    let file = newest(archive)?;
    let file_size = file.as_ref().ok().and_then(|file| file.as_ref()).map_or(u64::MAX, |file| file.size);
    let below = head.size().saturating_sub(TAIL).min(file_size);
    let from = archive
        .disk
        .checkpoint_below(below, &archive.verifier)?
        .map_or_else(Edge::default, |signed| signed.edge);
    let mut walk = Walk::new(archive, head, from, true, file, Vec::new())?;
    walk.run(&mut |_, _| {})?;
    Ok(walk.findings)
}

/// Goes through the whole log. `alone` is whether nobody writes to it meanwhile.
pub(super) fn whole(archive: &Archive, alone: bool, kept: &[Checkpoint]) -> Report {
    match try_whole(archive, alone, kept) {
        Ok(report) => report,
        Err(problem) => Report {
            lines: archive.size(),
            findings: vec![Finding::Unread(problem.says)],
            own: 0,
            kept: kept.len(),
        },
    }
}

fn try_whole(archive: &Archive, alone: bool, kept: &[Checkpoint]) -> Result<Report, Problem> {
    // The file is read before the head, so that a checkpoint written meanwhile cannot seem to be ahead of the log.
    let file = newest(archive)?;
    let head = archive.indexed();
    let mut filed = Filed::default();
    let mut walk = Walk::new(archive, head.clone(), Edge::default(), alone, file, kept.to_vec())?;
    walk.run(&mut |line, header| filed.take(line, header))?;
    if alone && let Some(line) = archive.disk.line_beyond(&head)? {
        walk.find(Finding::Beyond(line));
    }
    let Walk { mut findings, own, .. } = walk;
    if findings.is_empty() && !archive.closing() {
        filed.compare(archive, &head, alone, &mut findings)?;
    }
    findings.truncate(FINDINGS);
    Ok(Report { lines: head.size(), findings, own, kept: kept.len() })
}

type File = Result<Option<Checkpoint>, Finding>;

/// The newest checkpoint as the plain file has it.
fn newest(archive: &Archive) -> Result<File, Problem> {
    let Some(bytes) = archive.folder.read(checkpoints::FILE)? else {
        return Ok(match archive.disk.has_no_checkpoint()? {
            true => Ok(None),
            false => Err(Finding::Checkpoint(
                "The file `checkpoint` with the newest checkpoint is gone from the folder. Put one that was kept elsewhere in its place."
                    .to_owned(),
            )),
        });
    };
    Ok(Checkpoint::open(&String::from_utf8_lossy(&bytes), &archive.verifier).map(Some).map_err(|error| {
        Finding::Checkpoint(format!("The file `checkpoint` is not to be believed: {error}."))
    }))
}

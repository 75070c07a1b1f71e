//! The file of lines: how it is made, opened, and appended to.
//!
//! The order of an append: one write of the batch with its seal; `fdatasync`; the head; only now readers see it and the callers are
//! told. Whatever a crash leaves of that is told apart when the file is opened next:
//!
//! - Bytes after the last whole batch that neither the head nor any checkpoint covers are a batch that was cut short. No one was told
//!   of it, so it is put into a file of its own and cut off.
//! - Without a head nothing tells how the log ended, so that is a finding: a start doesn't write another one.
//! - A whole batch that they don't cover is one that no one was told of, or told that its outcome is unknown. Its lines are in the
//!   log; people's decisions among them are doubtful.
//! - Everything else that is not as it was sealed is damage: named, and nothing is written any more.
//!
//! After a failed write or sync nothing more is written either. The kernel may report the error once, drop what it had to write and
//! give it back from its cache, so only opening the file again tells what is there; and a doubtful batch is written there once more.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use desk_core::basics::problem::Problem;
use desk_core::basics::text::plain;
use desk_core::log::Seal;
use desk_core::log::checkpoint::{Checkpoint, Verifier};
use desk_core::log::merkle::{self, Edge, Hash};

use super::batch::Batch;
use super::finding::Finding;
use super::head::{self, HEAD, Head};
use super::keys::LogKey;
use super::keys::{LOG_KEY, LOG_PUBLIC};
use super::parts::{Part, Parts, Told};
use super::port::{Follower, Log, NotAppended};
use super::reader::{End, Reader, lock};
use super::walk::{Claim, Start, Walk, altered};
use crate::folder::{Folder, code_of, remedy, shown, trouble};

/// The log of record.
pub(crate) const LOG: &str = "log.jsonl";

/// The newest checkpoint that was written durably: every so many lines, and at each start and stop.
pub(super) const CHECKPOINT: &str = "checkpoint";

/// After so many lines the checkpoint file is written again.
pub(super) const CHECKPOINT_LINES: u64 = 256;

/// Other things that only a folder with a log has.
const BESIDE: [&str; 7] = [LOG_KEY, LOG_PUBLIC, HEAD, CHECKPOINT, "seal.key", "db", "factors"];

/// A log that was opened, and what opening it found.
pub(crate) struct Opened {
    pub log: Arc<FileLog>,
    /// The lines of the last batch of which no one was told that they are recorded.
    pub doubtful: Range<u64>,
    /// Where verification began, if not at the beginning: what is before it has yet to be verified.
    pub start: Option<Start>,
    /// The log has the place that the index remembers.
    pub marker_holds: bool,
    /// What an operator should know and nothing hangs on.
    pub said: Vec<Problem>,
}

/// The log as a file.
#[derive(Debug)]
pub(crate) struct FileLog {
    pub(super) reader: Reader,
    pub(super) writing: Mutex<Writing>,
    unsound: Mutex<Option<Problem>>,
    pub(super) closing: AtomicBool,
    pub folder: Arc<Folder>,
    pub verifier: Verifier,
}

/// What appending needs.
pub(super) struct Writing {
    file: Option<(File, File)>,
    key: LogKey,
    edge: Edge,
    bytes: u64,
    /// The last seal: its note, and where it begins.
    note: String,
    seal_at: u64,
    /// How many lines the checkpoint file covers.
    covered: u64,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing").field("size", &self.edge.size()).finish_non_exhaustive()
    }
}

/// Whether a folder is the start of a new log: nothing of a log is there, or no more than a crash can have left while it was made.
///
/// The empty file is made first, and the keys before it has anything. So where there is a key and no file, the file was removed.
pub(crate) fn is_new(folder: &Folder) -> Result<bool, Problem> {
    let length = match std::fs::metadata(folder.file(LOG)) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return match BESIDE.iter().find(|name| folder.has(name)) {
                None => Ok(true),
                Some(other) => Err(Problem::log(
                    "log_missing",
                    format!(
                        "{} is missing, but {} is there.",
                        shown(&folder.file(LOG)),
                        shown(&folder.file(other))
                    ),
                )
                .hint("Restore it from a backup. To begin a new log, use another folder.")),
            };
        }
        Err(error) => return Err(trouble(&format!("open {}", shown(&folder.file(LOG))), &error)),
    };
    let begun = [HEAD, CHECKPOINT, "db", "factors"].iter().any(|name| folder.has(name));
    // The first seal may have been cut short as well.
    let first = || folder.read(LOG).map(|bytes| bytes.is_some_and(|bytes| !bytes.contains(&b'\n')));
    Ok(!begun && (length == 0 || length < 4096 && first()?))
}

/// Begins a new log: its empty file, before anything else is there. The keys are next, then [`seal_first`].
pub(crate) fn begin(folder: &Folder) -> Result<(), Problem> {
    let made = || -> io::Result<()> {
        let path = folder.file(LOG);
        let file = folder.writes.create(LOG, &path)?;
        folder.writes.truncate(LOG, &file, 0)?;
        folder.writes.sync(LOG, &file)?;
        folder.sync_names()
    };
    made().map_err(|error| trouble(&format!("make {}", shown(&folder.file(LOG))), &error))
}

impl FileLog {
    /// Opens the log. `marker` is the place that an index remembers: a log of more than `whole` lines is verified from there on, if the
    /// file bears it out, and a shorter one from its beginning. `each` is given every line that is verified and whole, as its bytes.
    ///
    /// What is wrong with the log makes it unsound: it is read as far as possible, and nothing is written.
    pub fn open(
        folder: Arc<Folder>,
        key: LogKey,
        marker: Option<Start>,
        whole: u64,
        each: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<Opened, Problem> {
        let failed = |error: io::Error| trouble(&format!("open {}", shown(&folder.file(LOG))), &error);
        let verifier = key.verifier.clone();
        let file = File::open(folder.file(LOG)).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let reader = Reader::new(file, Some(verifier.clone()), End::default());
        let found = examine(&folder, &reader, &verifier, marker, whole, length, each)?;
        let Found {
            walk_findings,
            end,
            edge,
            last,
            tail,
            doubtful,
            head,
            mut said,
            start,
            marker_holds,
            covered,
        } = found;
        reader.set_end(end);
        reader.careful.store(!walk_findings.is_empty(), Ordering::Relaxed);
        let log = FileLog {
            reader,
            writing: Mutex::new(Writing {
                file: None,
                key,
                edge,
                bytes: last.next,
                note: last.note.clone(),
                seal_at: last.seal_at,
                covered,
            }),
            unsound: Mutex::new(altered(folder.path(), &walk_findings)),
            closing: AtomicBool::new(false),
            folder,
            verifier,
        };
        if let Head::Of { failed: Some(failed), .. } = &head {
            said.push(
                Problem::log(
                    "log_write_failed",
                    format!("The last run ended because of a disk write error: {failed}."),
                )
                .hint("Check that disk. People are asked to repeat what may not have been recorded."),
            );
        }
        if log.unsound().is_none()
            && let Err(problem) = log.take_over(&last, &tail, &doubtful, &mut said)
        {
            log.set_unsound(problem);
        }
        Ok(Opened { log: Arc::new(log), doubtful, start, marker_holds, said })
    }

    /// Makes the end of the file what it should be, and opens it for writing.
    fn take_over(
        &self,
        last: &Last,
        tail: &[u8],
        doubtful: &Range<u64>,
        said: &mut Vec<Problem>,
    ) -> Result<(), Problem> {
        let writes = &self.folder.writes;
        let work = || -> io::Result<(File, File, Option<String>)> {
            let file = writes.create(LOG, &self.folder.file(LOG))?;
            let mut aside = None;
            if !tail.is_empty() {
                let name = self.folder.free("torn");
                writes.replace(self.folder.path(), &name, tail)?;
                writes.truncate(LOG, &file, last.next)?;
                writes.sync(LOG, &file)?;
                aside = Some(name);
            }
            let head_file = writes.create(HEAD, &self.folder.file(HEAD))?;
            if doubtful.is_empty() {
                writes.write_at(HEAD, &head_file, 0, &head::encode(&last.note))?;
                writes.sync(HEAD, &head_file)?;
            } else {
                // The kernel may have it in its cache and take it for written although the disk never took it. The head stays as
                // it is until the next batch, which says what does not count.
                writes.write_at(LOG, &file, last.at, &last.text)?;
                writes.sync(LOG, &file)?;
            }
            self.folder.sync_names()?;
            Ok((file, head_file, aside))
        };
        let (file, head_file, aside) = work().map_err(|error| trouble("write the approval log", &error))?;
        lock(&self.writing).file = Some((file, head_file));
        if let Some(name) = aside {
            said.push(
                Problem::log(
                    "log_torn",
                    format!(
                        "The log ended with {} bytes of an incomplete batch that was never confirmed. They were moved to {}.",
                        tail.len(),
                        shown(&self.folder.file(&name))
                    ),
                )
                .hint("By the file `head`, no one was told of it. This happens after a crash or a power failure."),
            );
        }
        Ok(())
    }

    /// Why nothing is written; none while it is.
    pub fn unsound(&self) -> Option<Problem> {
        lock(&self.unsound).clone()
    }

    /// Nothing is written any more; the first reason stays.
    pub fn set_unsound(&self, problem: Problem) {
        let mut unsound = lock(&self.unsound);
        if unsound.is_none() {
            tracing::error!(
                code = problem.code,
                "nothing is written to the approval log any more: {problem}"
            );
            *unsound = Some(problem);
        }
    }

    /// The log is unsound for what verification found.
    pub fn found(&self, findings: &[Finding]) {
        if let Some(problem) = altered(self.folder.path(), findings) {
            self.reader.careful.store(true, Ordering::Relaxed);
            self.set_unsound(problem);
        }
    }

    /// The end of the log, for an index to remember: only what is written to the file.
    pub fn end(&self) -> Start {
        let writing = lock(&self.writing);
        Start {
            seal_at: writing.seal_at,
            at: writing.bytes,
            note: writing.note.clone(),
            edge: writing.edge.clone(),
        }
    }

    /// A signed checkpoint over every line that was acknowledged, which is in the checkpoint file as well.
    pub fn checkpoint(&self) -> Result<String, Problem> {
        if let Some(problem) = self.unsound() {
            return Err(problem);
        }
        let mut writing = lock(&self.writing);
        let (size, note) = (writing.edge.size(), writing.note.clone());
        if writing.covered < size || !self.folder.has(CHECKPOINT) {
            self.folder.replace(CHECKPOINT, note.as_bytes()).inspect_err(|problem| {
                self.set_unsound(problem.clone());
            })?;
            writing.covered = size;
        }
        Ok(note)
    }

    /// Whether the checkpoint file should be written again.
    pub fn wants_checkpoint(&self) -> bool {
        let writing = lock(&self.writing);
        writing.edge.size() - writing.covered >= CHECKPOINT_LINES
    }

    /// Tells verification in the background to stop.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Makes the end durable: the head and the checkpoint file cover every line.
    pub fn finish(&self) -> Result<(), Problem> {
        if self.unsound().is_some() {
            return Ok(());
        }
        self.checkpoint()?;
        let writing = lock(&self.writing);
        let Some((_, head)) = &writing.file else { return Ok(()) };
        self.folder
            .writes
            .sync(HEAD, head)
            .map_err(|error| trouble("sync the head of the approval log", &error))
    }

    /// What the disk did with the last write is unknown; says so in the head as well, where that can be done.
    fn gave_up(&self, writing: &Writing, error: &io::Error) -> Problem {
        let problem = Problem::log(
            code_of(error),
            format!("It is unknown whether the last write to the approval log succeeded: {error}."),
        )
        .hint(remedy(error));
        self.set_unsound(problem.clone());
        if let (Some((_, head)), Ok(checkpoint)) = (&writing.file, Checkpoint::read(&writing.note)) {
            let told = Checkpoint { extensions: vec![head::failed(error)], ..checkpoint };
            let bytes = head::encode(&told.sign(writing.key.signing()));
            let writes = &self.folder.writes;
            let recorded = writes.write_at(HEAD, head, 0, &bytes).and_then(|()| writes.sync(HEAD, head));
            if let Err(error) = recorded {
                tracing::warn!("the failure could not be recorded: {error}");
            }
        }
        problem
    }
}

impl Log for FileLog {
    fn size(&self) -> u64 {
        self.reader.end().size
    }

    fn append(&self, after: u64, lines: &[Vec<u8>]) -> Result<(), NotAppended> {
        let mut writing = lock(&self.writing);
        if let Some(problem) = self.unsound() {
            return Err(NotAppended::Refused(problem));
        }
        if writing.edge.size() != after {
            return Err(NotAppended::Changed);
        }
        let mut edge = writing.edge.clone();
        let mut bytes = Vec::with_capacity(lines.iter().map(|line| line.len() + 64).sum::<usize>() + 512);
        let mut leaves: Vec<Hash> = Vec::with_capacity(lines.len());
        for line in lines {
            let leaf = merkle::leaf(line);
            edge.push(leaf);
            leaves.push(leaf);
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        let checkpoint = Seal::checkpoint(&self.verifier.name, &edge, after);
        let note = checkpoint.sign(writing.key.signing());
        let seal_at = writing.bytes + bytes.len() as u64;
        bytes.extend_from_slice(&Seal::encode(&note, &leaves));
        bytes.push(b'\n');
        let Some((file, head)) = &writing.file else {
            return Err(NotAppended::Refused(stopped()));
        };
        let writes = &self.folder.writes;
        let written = writes
            .write_at(LOG, file, writing.bytes, &bytes)
            .and_then(|()| writes.sync(LOG, file))
            .and_then(|()| writes.write_at(HEAD, head, 0, &head::encode(&note)));
        if let Err(error) = written {
            return Err(NotAppended::Unknown(self.gave_up(&writing, &error)));
        }
        writing.bytes += bytes.len() as u64;
        writing.edge = edge;
        writing.note = note;
        writing.seal_at = seal_at;
        self.reader.set_end(End { size: writing.edge.size(), bytes: writing.bytes });
        Ok(())
    }

    fn read(&self, line: u64) -> Result<Vec<u8>, Problem> {
        self.reader.read(line)
    }

    fn follow(&self, from: u64, each: &mut Follower<'_>) -> Result<(), Problem> {
        self.reader.follow(from, each)
    }
}

/// A log that is not open for writing.
pub(crate) fn stopped() -> Problem {
    Problem::log("store_closed", "The approval log is closed.").hint("Restart the bot.")
}

/// The seal of the log without lines, so that a log has a beginning and an emptied file is not taken for a new one.
pub(crate) fn seal_first(folder: &Folder, key: &LogKey) -> Result<(), Problem> {
    let checkpoint = Seal::checkpoint(&key.verifier.name, &Edge::default(), 0);
    let mut bytes = Seal::encode(&checkpoint.sign(key.signing()), &[]);
    bytes.push(b'\n');
    let made = || -> io::Result<()> {
        let file = folder.writes.create(LOG, &folder.file(LOG))?;
        folder.writes.truncate(LOG, &file, 0)?;
        folder.writes.write_at(LOG, &file, 0, &bytes)?;
        folder.writes.sync(LOG, &file)?;
        folder.sync_names()
    };
    made().map_err(|error| trouble(&format!("make {}", shown(&folder.file(LOG))), &error))
}

/// The last batch of a log, or the place where one would be.
#[derive(Debug, Default)]
struct Last {
    at: u64,
    next: u64,
    first: u64,
    end: u64,
    text: Vec<u8>,
    note: String,
    seal_at: u64,
}

/// What a look at the file found.
struct Found {
    walk_findings: Vec<Finding>,
    end: End,
    edge: Edge,
    last: Last,
    /// What is to be cut off.
    tail: Vec<u8>,
    doubtful: Range<u64>,
    head: Head,
    said: Vec<Problem>,
    start: Option<Start>,
    marker_holds: bool,
    /// How many lines the checkpoint file covers.
    covered: u64,
}

/// What is known to have been in the log, beside its own seals.
pub(super) struct Claims {
    pub head: Head,
    pub all: Vec<Claim>,
    /// What is wrong with the checkpoint file.
    pub findings: Vec<Finding>,
    pub covered: u64,
}

impl Claims {
    /// How many lines are known to have been acknowledged.
    fn acknowledged(&self) -> Option<u64> {
        self.all.iter().map(|claim| claim.checkpoint.size).max()
    }

    /// What is known of the end of the log.
    pub fn told(&self) -> Told {
        Told { acknowledged: self.acknowledged(), by_head: self.head.checkpoint().is_some() }
    }

    /// What is not known without the head, of a log with so many lines. One without lines may not have had a head yet.
    fn head_finding(&self, lines: u64) -> Option<Finding> {
        let last = lines.checked_sub(1)?;
        let what = match &self.head {
            Head::Of { .. } => return None,
            Head::Missing => "is missing".to_owned(),
            Head::Damaged(why) => format!("is invalid ({})", plain(why, 200)),
        };
        Some(Finding::Checkpoint(format!(
            "The file `head` {what}, so lines after line {last} may have been removed. Replace it with the newest checkpoint kept elsewhere, or with a copy of the file `checkpoint`."
        )))
    }
}

/// Reads the head and the checkpoint file.
pub(super) fn claims(folder: &Folder, verifier: &Verifier) -> Claims {
    let mut findings = Vec::new();
    let mut all = Vec::new();
    let head = Head::read(folder, verifier).unwrap_or_else(|problem| Head::Damaged(problem.message));
    if let Some(checkpoint) = head.checkpoint() {
        all.push(Claim {
            checkpoint: checkpoint.clone(),
            by: "the file `head`".to_owned(),
            elsewhere: false,
        });
    }
    let mut covered = 0;
    match folder.read(CHECKPOINT) {
        Ok(None) => {}
        Ok(Some(bytes)) => match Checkpoint::open(&String::from_utf8_lossy(&bytes), verifier) {
            Ok(checkpoint) => {
                covered = checkpoint.size;
                all.push(Claim { checkpoint, by: "the file `checkpoint`".to_owned(), elsewhere: false });
            }
            Err(error) => findings.push(Finding::Checkpoint(format!(
                "The file `checkpoint` is invalid: {error}. Replace it with a copy kept elsewhere, or remove it."
            ))),
        },
        Err(problem) => findings.push(Finding::Unread(problem.message)),
    }
    Claims { head, all, findings, covered }
}

fn examine(
    folder: &Folder,
    reader: &Reader,
    verifier: &Verifier,
    marker: Option<Start>,
    whole: u64,
    length: u64,
    each: &mut dyn FnMut(u64, &[u8]),
) -> Result<Found, Problem> {
    let failed = |error: io::Error| trouble("read the approval log", &error);
    let mut claims = claims(folder, verifier);
    let mut said = Vec::new();
    // What an index remembers of the end is a claim as well, if it is signed; as a place to begin at it has to be in the file.
    let marker = match marker {
        None => None,
        Some(start) => match Checkpoint::open(&start.note, verifier) {
            Err(_) => None,
            Ok(checkpoint)
                if checkpoint.root != start.edge.root() || checkpoint.size != start.edge.size() =>
            {
                None
            }
            Ok(checkpoint) => {
                claims.all.push(Claim { checkpoint, by: "the index".to_owned(), elsewhere: false });
                Some(start).filter(|start| is_there(reader, start, length).unwrap_or(false))
            }
        },
    };
    let marker_holds = marker.is_some();
    let start = marker.filter(|start| start.edge.size() > whole);
    if claims.covered == 0 && claims.findings.is_empty() && !folder.has(CHECKPOINT) && folder.has(HEAD) {
        said.push(
            Problem::log("log_checkpoint", "The file `checkpoint` was missing. It was written again.")
                .hint("Compare the log with a checkpoint kept elsewhere."),
        );
    }
    let never = AtomicBool::new(false);
    let pass = |every_signature: bool, each: &mut dyn FnMut(u64, &[u8])| -> Result<Pass, Problem> {
        let passed = pass(reader, verifier, start.as_ref(), &claims, every_signature, length, &never, each);
        passed.map_err(failed)?.ok_or_else(stopped)
    };
    let mut passed = pass(false, each)?;
    if !passed.findings.is_empty() {
        // With every signature looked at, what is wrong is named as closely as can be.
        passed = pass(true, &mut |_, _| {})?;
    }
    let Pass { findings, edge, last, tail, size, .. } = passed;
    let acknowledged = claims.acknowledged().unwrap_or_default().min(last.end);
    // What comes after a batch, whole or not, was begun when those who wait for it had been told.
    let doubtful = if tail.is_empty() { acknowledged.max(last.first)..last.end } else { last.end..last.end };
    let bytes = if findings.is_empty() { last.next } else { length };
    let end = End { size, bytes };
    let Claims { head, covered, .. } = claims;
    Ok(Found {
        walk_findings: findings,
        end,
        edge,
        last,
        tail,
        doubtful,
        head,
        said,
        start,
        marker_holds,
        covered,
    })
}

/// Whether a seal that an index remembers is where it should be.
fn is_there(reader: &Reader, start: &Start, length: u64) -> io::Result<bool> {
    if start.at > length || start.seal_at >= start.at {
        return Ok(false);
    }
    let mut bytes = vec![0; usize::try_from(start.at - start.seal_at).unwrap_or_default()];
    let read = crate::folder::read_at(&reader.file, &mut bytes, start.seal_at)?;
    let seal = bytes.get(..read).and_then(|bytes| bytes.strip_suffix(b"\n")).and_then(Seal::decode);
    Ok(seal.is_some_and(|seal| seal.note == start.note))
}

/// What one pass over the file came to.
pub(super) struct Pass {
    pub findings: Vec<Finding>,
    /// How many seals and checkpoints of this host agreed.
    pub own: usize,
    /// How many lines there are, damaged ones among them.
    pub size: u64,
    edge: Edge,
    last: Last,
    /// A batch that was cut short.
    pub tail: Vec<u8>,
}

/// Goes through the batches of a file up to a length; `None` when told to stop.
#[allow(
    clippy::too_many_arguments,
    reason = "they are what a pass is made of, and nothing else has them together"
)]
pub(super) fn pass(
    reader: &Reader,
    verifier: &Verifier,
    start: Option<&Start>,
    claims: &Claims,
    every_signature: bool,
    length: u64,
    stop: &AtomicBool,
    each: &mut dyn FnMut(u64, &[u8]),
) -> io::Result<Option<Pass>> {
    let mut walk = Walk::new(verifier, start, every_signature, claims.all.clone());
    claims.findings.iter().for_each(|finding| walk.find(finding.clone()));
    let mut last = start.map_or_else(Last::default, |start| Last {
        at: start.at,
        next: start.at,
        first: start.edge.size(),
        end: start.edge.size(),
        note: start.note.clone(),
        seal_at: start.seal_at,
        ..Last::default()
    });
    let mut parts = Parts::new(reader, last.at, last.end, length, claims.told());
    let mut take = |batch: &Batch, walk: &mut Walk<'_>| {
        walk.batch(batch);
        for (line, bytes) in batch.lines() {
            bytes.into_iter().for_each(|bytes| each(line, bytes));
        }
    };
    let mut tail = Vec::new();
    let mut has_begun = start.is_some();
    loop {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match parts.next()? {
            Part::End => break,
            Part::Torn { text, .. } => {
                tail = text;
                break;
            }
            // Nothing that is known to have been a line is in it.
            Part::Batch(batch) if batch.seal.is_none() && batch.slots.is_empty() => {
                batch.faults.iter().for_each(|fault| walk.find(fault.clone()));
            }
            Part::Batch(batch) => {
                if batch.seal.is_some() && !has_begun && batch.end > 0 && batch.faults.is_empty() {
                    walk.find(Finding::Extra(None));
                }
                has_begun = true;
                take(&batch, &mut walk);
                last.end = batch.end;
                if let Some(seal) = &batch.seal {
                    last = Last {
                        at: batch.at,
                        next: batch.next,
                        first: batch.first,
                        end: batch.end,
                        text: if batch.next == length { batch.text().to_vec() } else { Vec::new() },
                        note: seal.note.clone(),
                        seal_at: batch.seal_at,
                    };
                    reader.remember(batch.end, batch.next);
                }
            }
        }
    }
    walk.end(last.end);
    claims.head_finding(last.end).into_iter().for_each(|finding| walk.find(finding));
    if last.note.is_empty() && walk.findings.is_empty() {
        walk.find(Finding::Extra(None));
    }
    if !walk.is_signed() && walk.findings.is_empty() {
        walk.find(Finding::Unsigned(last.end.checked_sub(1).map(|to| (last.first.min(to), to))));
    }
    let Walk { findings, own, edge, .. } = walk;
    Ok(Some(Pass { findings, own, size: last.end, edge, last, tail }))
}

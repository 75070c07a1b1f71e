//! Verification: one pass over all lines, in flat memory, that names whatever is not as it was written and tells how far that claim
//! reaches.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, quoted};
use desk_core::log::checkpoint::{Checkpoint, Verifier};
use desk_core::log::{Header, Line};

use super::file::{self, CHECKPOINT_LINES, Claims, FileLog, LOG, pass};
use super::finding::{FINDINGS, Finding};
use super::keys;
use super::older;
use super::parts::torn;
use super::reader::{End, Reader, lock};
use super::walk::Claim;
use crate::folder::{Folder, no_file, shown, trouble};

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many lines the log has.
    pub lines: u64,
    pub findings: Vec<Finding>,
    /// Lines that are as they were written and that this version can't read, but for those of quarantined requests.
    pub unreadable: Vec<Unreadable>,
    /// How many seals and checkpoints of this host it was checked against.
    pub own: usize,
    /// How many checkpoints that were kept elsewhere.
    pub kept: usize,
    /// What is not as it should be and nothing hangs on.
    pub notes: Vec<String>,
}

/// A line that this version can't read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub line: u64,
    pub request: Option<RequestNo>,
    pub why: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = self.request.map(|no| format!(" of request {no}")).unwrap_or_default();
        write!(f, "Line {}{of} is unchanged but can't be read: {}.", self.line, quoted(&self.why, 200))
    }
}

impl Report {
    /// Whether every line is as it was written.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    /// Whether there is nothing to look at.
    pub fn is_clean(&self) -> bool {
        self.is_sound() && self.unreadable.is_empty()
    }

    /// How far the result reaches. Nothing is promised of a log with findings.
    pub fn reach(&self) -> String {
        let kept = match self.kept {
            0 => String::new(),
            kept => format!(", and {} kept elsewhere", count(kept, "checkpoint")),
        };
        let promised = match (self.kept, self.is_sound()) {
            (0, _) => {
                " This folder alone can't show whether it was replaced by an older copy, or rewritten by someone with full access to this host. Compare it with a checkpoint kept elsewhere."
            }
            (_, true) => " Up to the newest of those, no line can have been changed or removed on this host.",
            (_, false) => "",
        };
        format!("Checked against {} seals and checkpoints of this host{kept}.{promised}", self.own)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = count(usize::try_from(self.lines).unwrap_or(usize::MAX), "line");
        match (self.findings.len(), self.unreadable.len()) {
            (0, 0) => writeln!(f, "The log is valid: {lines}.")?,
            (0, n) => writeln!(f, "The log is valid: {lines}, {n} of which can't be read.")?,
            (found, _) => writeln!(f, "The log is NOT valid: {lines}, {}.", count(found, "finding"))?,
        }
        self.findings.iter().try_for_each(|finding| writeln!(f, "- {finding}"))?;
        self.unreadable.iter().try_for_each(|line| writeln!(f, "- {line}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))?;
        writeln!(f, "{}", self.reach())
    }
}

/// Goes through a whole log; `None` when told to stop.
#[allow(
    clippy::too_many_arguments,
    reason = "they are what a pass is made of, and nothing else has them together"
)]
pub(super) fn report(
    reader: &Reader,
    verifier: &Verifier,
    mut claims: Claims,
    kept: &[Checkpoint],
    every_signature: bool,
    length: u64,
    stop: &AtomicBool,
    each: &mut dyn FnMut(u64, &[u8]),
) -> Option<Report> {
    claims.all.extend(kept.iter().map(|checkpoint| Claim {
        by: format!("the external checkpoint over {} lines", checkpoint.size),
        checkpoint: checkpoint.clone(),
        elsewhere: true,
    }));
    let mut unreadable = Vec::new();
    let mut quarantined = BTreeSet::new();
    let mut look = |line: u64, bytes: &[u8]| {
        let why = match Line::decode(bytes) {
            Ok(read) if read.line == line => {
                if let (desk_core::log::Event::Quarantined { .. }, Some(no)) = (&read.event, read.request) {
                    quarantined.insert(no);
                }
                None
            }
            Ok(read) => Some(format!("it says that it is line {}", read.line)),
            Err(why) => Some(why),
        };
        if let Some(why) = why.filter(|_| unreadable.len() < FINDINGS) {
            let request = Header::decode(bytes).ok().and_then(|header| header.request);
            unreadable.push(Unreadable { line, request, why });
        }
        each(line, bytes);
    };
    let mut passed = pass(reader, verifier, None, &claims, every_signature, length, stop, &mut look);
    if !every_signature
        && passed.as_ref().is_ok_and(|pass| pass.as_ref().is_some_and(|pass| !pass.findings.is_empty()))
    {
        // With every signature looked at, what is wrong is named as closely as can be.
        passed = pass(reader, verifier, None, &claims, true, length, stop, &mut |_, _| {});
    }
    unreadable.retain(|line| line.request.is_none_or(|no| !quarantined.contains(&no)));
    match passed {
        Ok(None) => None,
        Ok(Some(pass)) => Some(Report {
            lines: pass.size,
            findings: pass.findings,
            unreadable,
            own: pass.own,
            kept: kept.len(),
            notes: notes(&claims, pass.size, pass.tail.len()),
        }),
        Err(error) => Some(Report {
            lines: reader.end().size,
            findings: vec![Finding::Unread(trouble("read the approval log", &error).message)],
            unreadable,
            own: 0,
            kept: kept.len(),
            notes: Vec::new(),
        }),
    }
}

/// What verification tells beside its findings.
fn notes(claims: &Claims, lines: u64, beyond: usize) -> Vec<String> {
    let mut notes = Vec::new();
    // A shorter log may never have had one.
    if claims.covered == 0 && claims.findings.is_empty() && lines >= CHECKPOINT_LINES {
        notes
            .push("The file `checkpoint` is missing. The next start of the desk writes it again.".to_owned());
    }
    if beyond > 0 {
        notes.push(torn(beyond));
    }
    notes
}

/// Verifies a folder, also against checkpoints that were kept elsewhere, and writes what it finds.
///
/// `key` is the verifier key to believe, `name+hash+key`; without one it is the folder's own. Gives whether all is well. Nothing is
/// written to the folder, and a desk may be running in it.
pub fn verify_folder(
    dir: &Path,
    checkpoints: &[String],
    key: Option<&str>,
    out: &mut dyn Write,
) -> Result<bool, Problem> {
    let folder = Folder::read_only(dir);
    let verifier = verifier_of(&folder, key)?;
    let kept = opened(checkpoints, &verifier)?;
    // The head is read before the length, so that it can't be ahead of a log that grows meanwhile.
    let claims = file::claims(&folder, &verifier);
    let (reader, length) = open_reader(&folder, Some(verifier.clone()))?;
    let never = AtomicBool::new(false);
    let report = report(&reader, &verifier, claims, &kept, true, length, &never, &mut |_, _| {})
        .ok_or_else(file::stopped)?;
    write!(out, "{report}").map_err(|error| printing(&error))?;
    Ok(report.is_clean())
}

/// A log to read, as long as it is now.
pub(super) fn open_reader(folder: &Folder, verifier: Option<Verifier>) -> Result<(Reader, u64), Problem> {
    older::refuse(folder)?;
    let path = folder.file(LOG);
    let opened = std::fs::metadata(&path)
        .and_then(|metadata| if metadata.is_file() { std::fs::File::open(&path) } else { Err(no_file()) })
        .and_then(|file| Ok((file.metadata()?.len(), file)));
    let (length, file) = opened.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
            Problem::requester("store_none", format!("There is no log in {}.", shown(folder.path()))).hint(
                "Use the bot's state folder: `folder` under [state], or `--state` of `connect-desk play`.",
            )
        }
        _ => trouble(&format!("read {}", shown(&path)), &error),
    })?;
    let reader = Reader::new(file, verifier, End { size: u64::MAX, bytes: length });
    reader.careful.store(true, Ordering::Relaxed);
    Ok((reader, length))
}

/// The key to believe.
pub(super) fn verifier_of(folder: &Folder, key: Option<&str>) -> Result<Verifier, Problem> {
    if !folder.has(LOG) {
        // Without a log there is no key to ask for either.
        open_reader(folder, None)?;
    }
    match key {
        Some(key) => Verifier::parse(key).map_err(|error| {
            Problem::requester("key_form", format!("This is not the log's public key: {error}."))
                .hint("Use the content of the file `log.pub`.")
        }),
        None => keys::public(folder)?.ok_or_else(|| {
            Problem::requester(
                "key_missing",
                format!("There is no key {}.", shown(&folder.file(keys::LOG_PUBLIC))),
            )
            .hint("Add the log's public key with `--key`.")
        }),
    }
}

/// Checkpoints out of their texts; one that can't be believed is an error, since it would otherwise count for nothing unseen.
pub(crate) fn opened(notes: &[String], verifier: &Verifier) -> Result<Vec<Checkpoint>, Problem> {
    notes
        .iter()
        .map(|note| {
            // Mailboxes and Windows change the ends of lines, and some editors put a mark before the first one.
            let text = note.trim_start_matches('\u{feff}').replace("\r\n", "\n");
            Checkpoint::open(&format!("{}\n", text.trim()), verifier).map_err(|error| {
                Problem::requester(
                    "checkpoint_unbelievable",
                    format!("The checkpoint {} can't be used: {error}.", desk_core::basics::text::code(note)),
                )
                .hint("Use the complete text, from the log's name to the signature.")
            })
        })
        .collect()
}

/// What can't be printed; a reader that went away is no trouble, see the command line.
pub(super) fn printing(error: &std::io::Error) -> Problem {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Problem::operator(PIPE, "The output was closed."),
        _ => Problem::operator("print", format!("The output can't be written: {error}."))
            .hint("Check the output's destination."),
    }
}

/// The code of the problem that the output is not read any further, as by `head`.
pub(crate) const PIPE: &str = "broken_pipe";
impl FileLog {
    /// Verifies the whole log, also against checkpoints that were kept elsewhere, while it may be appended to. `None` when it is being
    /// closed.
    pub fn verify(
        &self,
        every_signature: bool,
        kept: &[Checkpoint],
        each: &mut dyn FnMut(u64, &[u8]),
    ) -> Option<Report> {
        // These are read before the end, so that one written meanwhile can't seem to be ahead of the log.
        let claims = file::claims(&self.folder, &self.verifier);
        let end = {
            // A batch whose head is written is not yet seen by readers until this is free.
            let _writing = lock(&self.writing);
            self.reader.end()
        };
        let length = end.bytes;
        report(&self.reader, &self.verifier, claims, kept, every_signature, length, &self.closing, each)
    }
}

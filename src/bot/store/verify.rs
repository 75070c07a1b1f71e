//! Verification: one pass over all lines, in flat memory, that names whatever is not as it was written.
//!
//! Each line is held against the hash beside it, its number and its place; the tree over the lines against every
//! checkpoint, those of this host and those that were kept elsewhere; the index and the open requests against what the
//! lines make of them.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher as _;
use std::iter::Peekable;
use std::sync::Arc;

use desk_core::log::Header;
use desk_core::log::checkpoint::Checkpoint;
use desk_core::log::merkle::{self, Edge, Hash};
use desk_core::problem::Problem;
use desk_core::text::count;

use super::archive::Archive;
use super::checkpoints::{self, Found};
use super::head::Head;
use super::index::{Facts, Filing, Term};
use super::lines::{Body, Entry, entries};

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
    let mut index = Index::default();
    let mut walk = Walk::new(archive, head.clone(), Edge::default(), alone, file, kept.to_vec())?;
    walk.run(&mut |line, header| index.take(line, header))?;
    if alone && let Some(line) = archive.disk.line_beyond(&head)? {
        walk.find(Finding::Beyond(line));
    }
    let Walk { mut findings, own, .. } = walk;
    if findings.is_empty() && !archive.closing() {
        index.compare(archive, &head, alone, &mut findings)?;
    }
    findings.truncate(FINDINGS);
    Ok(Report { lines: head.size(), findings, own, kept: kept.len() })
}

type File = Result<Option<Checkpoint>, Finding>;

/// The newest checkpoint as the plain file has it.
fn newest(archive: &Archive) -> Result<File, Problem> {
    let Some(bytes) = archive.folder.read(checkpoints::FILE)? else {
        return Ok(match archive.disk.checkpoints.is_empty() {
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

/// A checkpoint to hold the log against that is not one of the many in sled.
struct Target {
    checkpoint: Checkpoint,
    by: String,
    /// Kept elsewhere, so that nobody on this host could have changed it.
    elsewhere: bool,
}

/// The pass over the lines.
struct Walk<'a> {
    archive: &'a Archive,
    head: Arc<Head>,
    alone: bool,
    own: usize,
    stored: Peekable<Box<dyn Iterator<Item = Result<Found, Problem>> + 'a>>,
    targets: Peekable<std::vec::IntoIter<Target>>,
    /// The tree over the lines' bytes as they are.
    edge: Edge,
    /// The tree over the hashes beside the lines, as long as it differs.
    by_hashes: Option<Edge>,
    /// Lines whose bytes and hash differ, since the last checkpoint that could tell which is right.
    odd: Vec<u64>,
    /// Lines are missing, so the tree cannot be continued before a checkpoint gives its edge.
    broken: bool,
    /// Something was found since the last checkpoint, so its mismatch is no news.
    explained: bool,
    /// Where the last checkpoint that agreed stands, of any kind and of those kept elsewhere.
    agreed: u64,
    agreed_elsewhere: u64,
    /// A checkpoint from elsewhere has disagreed already; all later ones will.
    disagreed: bool,
    next: u64,
    findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn new(
        archive: &'a Archive,
        head: Arc<Head>,
        from: Edge,
        alone: bool,
        file: File,
        kept: Vec<Checkpoint>,
    ) -> Result<Walk<'a>, Problem> {
        let mut findings = Vec::new();
        let mut targets: Vec<Target> = kept
            .into_iter()
            .map(|checkpoint| Target {
                by: format!("the kept checkpoint over {} lines", checkpoint.size),
                checkpoint,
                elsewhere: true,
            })
            .collect();
        match file {
            Ok(None) => {}
            Ok(Some(checkpoint)) => {
                targets.push(Target { checkpoint, by: "the file `checkpoint`".to_owned(), elsewhere: false });
            }
            Err(finding) => findings.push(finding),
        }
        targets.sort_by_key(|target| target.checkpoint.size);
        let start = from.size();
        // A checkpoint that the walk starts from has just been believed.
        let first = if start == 0 { 0 } else { start + 1 };
        let stored: Box<dyn Iterator<Item = Result<Found, Problem>> + 'a> =
            Box::new(archive.disk.checkpoints_from(first, &archive.verifier));
        Ok(Walk {
            archive,
            head,
            alone,
            own: 0,
            stored: stored.peekable(),
            targets: targets.into_iter().peekable(),
            edge: from,
            by_hashes: None,
            odd: Vec::new(),
            broken: false,
            explained: false,
            agreed: start,
            agreed_elsewhere: 0,
            disagreed: false,
            next: start,
            findings,
        })
    }

    fn run(&mut self, each: &mut dyn FnMut(u64, &Header<'_>)) -> Result<(), Problem> {
        let head = self.head.clone();
        let mut bundles = self.archive.disk.bundles_from(&head, self.next)?.peekable();
        self.at_boundary()?;
        while let Some(bundle) = bundles.next() {
            let (first, value) = bundle?;
            if self.archive.closing() {
                return Ok(());
            }
            let end = match bundles.peek() {
                Some(Ok((next, _))) => *next,
                _ => head.size(),
            };
            self.bundle(first, &value, end, each)?;
        }
        self.at_end()
    }

    fn bundle(
        &mut self,
        first: u64,
        value: &[u8],
        end: u64,
        each: &mut dyn FnMut(u64, &Header<'_>),
    ) -> Result<(), Problem> {
        let Some(entries) = entries(value) else {
            self.find(Finding::Unreadable(first));
            self.skip_to(end)?;
            return Ok(());
        };
        if first > self.next {
            self.find(Finding::Missing(self.next, first - 1));
            self.skip_to(first)?;
        }
        // In a walk that starts in the middle of a bundle, the lines before are none of its business.
        let before = usize::try_from(self.next - first.min(self.next)).unwrap_or(usize::MAX);
        for (i, entry) in entries.iter().enumerate().skip(before) {
            if self.next >= end {
                self.find(Finding::Beyond(self.next));
                return Ok(());
            }
            let apart;
            let bytes = match entry.body {
                Body::Here(bytes) => bytes,
                Body::Apart(length) => {
                    apart = self.archive.disk.parts_of(self.next, length)?;
                    apart.as_slice()
                }
            };
            let header = Header::decode(bytes).ok();
            if let Some(header) = &header
                && header.line != self.next
            {
                // Neighbours moved up when one of them was taken out; when two were exchanged, the one expected here comes later.
                let moved_up = header.line > self.next
                    && header.line < end
                    && !entries.iter().skip(i + 1).any(|later| number_of(later) == Some(self.next));
                if moved_up {
                    self.find(Finding::Missing(self.next, header.line - 1));
                    self.skip_to(header.line)?;
                } else {
                    self.find(Finding::Misplaced { line: self.next, holds: header.line });
                }
            }
            self.line(entry, bytes, header.as_ref(), each)?;
        }
        if self.next < end {
            self.find(Finding::Missing(self.next, end - 1));
            self.skip_to(end)?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        entry: &Entry<'_>,
        bytes: &[u8],
        header: Option<&Header<'_>>,
        each: &mut dyn FnMut(u64, &Header<'_>),
    ) -> Result<(), Problem> {
        let leaf = merkle::leaf(bytes);
        if leaf != entry.hash {
            self.by_hashes.get_or_insert_with(|| self.edge.clone());
            if self.odd.len() < FINDINGS {
                self.odd.push(self.next);
            }
        } else if header.is_none() {
            self.find(Finding::Unreadable(self.next));
        }
        if !self.broken {
            self.edge.push(leaf);
            if let Some(edge) = &mut self.by_hashes {
                edge.push(entry.hash);
            }
        }
        if let Some(header) = header {
            each(self.next, header);
        }
        self.next += 1;
        self.at_boundary()
    }

    /// Goes on at a later line; the tree waits for a checkpoint.
    fn skip_to(&mut self, line: u64) -> Result<(), Problem> {
        self.broken = true;
        self.next = line;
        self.at_boundary()
    }

    /// Holds the tree against the checkpoints of this size.
    fn at_boundary(&mut self) -> Result<(), Problem> {
        while let Some(found) =
            self.stored.next_if(|found| !found.as_ref().is_ok_and(|found| found.size > self.next))
        {
            let found = found?;
            match found.signed {
                Some(signed) => {
                    self.own += 1;
                    let by = format!("the stored checkpoint over {} lines", found.size);
                    self.judge(found.size, &signed.edge.root(), Some(&signed.edge), &by);
                }
                None => self.find(Finding::Checkpoint(format!(
                    "The stored checkpoint over {} lines is not to be believed: it is not signed by this log's key.",
                    found.size
                ))),
            }
        }
        while let Some(target) = self.targets.next_if(|target| target.checkpoint.size <= self.next) {
            let Target { checkpoint, by, elsewhere } = target;
            let earlier = self.agreed;
            if elsewhere {
                // What this host signed itself is no witness for where another checkpoint's lines were changed.
                self.agreed = self.agreed_elsewhere;
                if !self.disagreed && self.judge(checkpoint.size, &checkpoint.root, None, &by) {
                    self.agreed_elsewhere = checkpoint.size;
                } else {
                    self.disagreed = true;
                }
                self.agreed = self.agreed.max(earlier);
            } else {
                self.own += 1;
                self.judge(checkpoint.size, &checkpoint.root, None, &by);
            }
        }
        Ok(())
    }

    /// Whether the tree has this root at this size, and if not, which lines are to blame.
    ///
    /// A checkpoint that comes with its edge lets the walk go on behind it as if nothing had been wrong before.
    fn judge(&mut self, size: u64, root: &Hash, edge: Option<&Edge>, by: &str) -> bool {
        let comparable = !self.broken && self.edge.size() == size;
        let by_bytes = comparable && self.edge.root() == *root;
        let by_hashes = self.by_hashes.take().filter(|hashes| comparable && hashes.root() == *root);
        let agrees = by_bytes || by_hashes.is_some();
        let odd = std::mem::take(&mut self.odd);
        if !agrees && odd.is_empty() && comparable && !self.explained {
            let to = size.saturating_sub(1);
            self.find(Finding::Rewritten { from: self.agreed.min(to), to, by: by.to_owned() });
        }
        for line in odd {
            // Where the bytes agree with the checkpoint, it is the hash beside them that was changed.
            self.find(if by_bytes { Finding::HashChanged(line) } else { Finding::Altered(line) });
        }
        if let Some(right) = edge.cloned().or(by_hashes) {
            self.edge = right;
            self.broken = self.next != size;
        }
        if agrees || edge.is_some() {
            self.agreed = size;
            self.explained = self.broken;
        }
        agrees
    }

    fn at_end(&mut self) -> Result<(), Problem> {
        let (size, end) = (self.next, self.head.size());
        if size == end {
            let head = self.head.edge.clone();
            self.judge(end, &head.root(), Some(&head), "the head of the log");
        }
        let mut cut = (size < end).then(|| (end, "its head".to_owned()));
        let mut covers = |covered: u64, by: String| {
            if covered > end && cut.as_ref().is_none_or(|(most, _)| covered >= *most) {
                cut = Some((covered, by));
            }
        };
        if self.alone {
            for found in self.stored.by_ref() {
                let found = found?;
                if found.signed.is_some() {
                    covers(found.size, format!("the stored checkpoint over {} lines", found.size));
                }
            }
        }
        for target in self.targets.by_ref() {
            covers(target.checkpoint.size, target.by);
        }
        for line in std::mem::take(&mut self.odd) {
            self.find(Finding::Altered(line));
        }
        if let Some((covers, by)) = cut {
            // Missing lines up to the head were named one by one already.
            self.findings.retain(
                |finding| !matches!(finding, Finding::Missing(from, to) if *from >= size && *to < covers),
            );
            self.find(Finding::Cut { size: size.min(end), covers, by });
        }
        Ok(())
    }

    fn find(&mut self, finding: Finding) {
        self.explained |= !matches!(finding, Finding::Checkpoint(_) | Finding::HashChanged(_));
        if self.findings.len() < FINDINGS {
            self.findings.push(finding);
        }
    }
}

/// The number that a line in its bundle gives itself.
fn number_of(entry: &Entry<'_>) -> Option<u64> {
    match entry.body {
        Body::Here(bytes) => Header::decode(bytes).ok().map(|header| header.line),
        Body::Apart(_) => None,
    }
}

/// What the lines make of the index, as sums that need no memory and no order.
#[derive(Default)]
struct Index {
    filing: Filing,
    requests: u64,
    terms: Sum,
}

/// A sum of keyed hashes. The keys are drawn for each verification, so nobody can choose entries that cancel out.
#[derive(Default)]
struct Sum {
    keys: [RandomState; 2],
    sums: [u64; 2],
    entries: u64,
}

impl Sum {
    fn add(&mut self, term: &Term, line: u64) {
        for (key, sum) in self.keys.iter().zip(&mut self.sums) {
            *sum = sum.wrapping_add(key.hash_one((term.bytes(), line)));
        }
        self.entries += 1;
    }
}

impl Index {
    fn take(&mut self, line: u64, header: &Header<'_>) {
        self.requests = self.requests.max(header.request.map_or(0, |no| no.0));
        for term in self.filing.terms(&Facts::of_header(header)) {
            self.terms.add(&term, line);
        }
    }

    fn compare(
        self,
        archive: &Archive,
        head: &Head,
        alone: bool,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Problem> {
        let size = head.size();
        let mut there = Sum { keys: self.terms.keys.clone(), ..Sum::default() };
        for row in archive.disk.whole_index() {
            match row {
                Ok((term, lines)) => {
                    lines.into_iter().filter(|line| *line < size).for_each(|line| there.add(&term, line));
                }
                Err(problem) => findings.push(Finding::Index(problem.says)),
            }
        }
        if there.sums != self.terms.sums || there.entries != self.terms.entries {
            name_entries(archive, size, findings)?;
        }
        if alone && head.requests != self.requests {
            findings.push(Finding::Index(format!(
                "The head of the log counts {} and the lines {}.",
                count(usize::try_from(head.requests).unwrap_or_default(), "request"),
                self.requests
            )));
        }
        let by_lines = self.filing.open();
        let listed = archive.disk.open_requests()?;
        for no in by_lines.symmetric_difference(&listed) {
            // Lines that were written meanwhile may have opened or finished it.
            let since =
                archive.disk.last_under(&Term::request(*no), u64::MAX)?.is_some_and(|last| last >= size);
            if alone || !since {
                let says = if by_lines.contains(no) { "is open and not" } else { "is not open but" };
                findings.push(Finding::Index(format!("Request {no} {says} in the list of open requests.")));
            }
        }
        Ok(())
    }
}

/// The slow way round: which index entries are too many, and which are not there.
fn name_entries(archive: &Archive, size: u64, findings: &mut Vec<Finding>) -> Result<(), Problem> {
    let found = findings.len();
    let mut filing = Filing::default();
    let mut walk = |line: u64, findings: &mut Vec<Finding>| -> Result<(), Problem> {
        let kept = archive.kept(line)?;
        let Ok(header) = Header::decode(&kept.bytes) else { return Ok(()) };
        for term in filing.terms(&Facts::of_header(&header)) {
            if archive.disk.last_under(&term, line + 1).ok().flatten() != Some(line) {
                findings.push(Finding::Index(format!("The index of {term} lacks line {line}.")));
            }
        }
        Ok(())
    };
    for line in 0..size {
        walk(line, findings)?;
        if findings.len() >= FINDINGS || archive.closing() {
            return Ok(());
        }
    }
    for row in archive.disk.whole_index() {
        let Ok((term, lines)) = row else { continue };
        for line in lines.into_iter().filter(|line| *line < size) {
            let kept = archive.kept(line)?;
            let fits = Header::decode(&kept.bytes).is_ok_and(|header| term.fits(&Facts::of_header(&header)));
            if !fits {
                findings.push(Finding::Index(format!(
                    "The index of {term} names line {line}, which does not belong there."
                )));
            }
        }
        if findings.len() >= FINDINGS || archive.closing() {
            return Ok(());
        }
    }
    if findings.len() == found {
        findings.push(Finding::Index(
            "The index names a line twice, or once too often for its request.".to_owned(),
        ));
    }
    Ok(())
}

//! The pass over the lines: each against its hash, number and place, all of them against the checkpoints.

use std::iter::Peekable;
use std::sync::Arc;

use desk_core::log::Header;
use desk_core::log::checkpoint::Checkpoint;
use desk_core::log::merkle::{self, Edge, Hash};
use desk_core::problem::Problem;

use super::{FINDINGS, File, Finding};
use crate::store::archive::Archive;
use crate::store::checkpoints::Found;
use crate::store::head::Head;
use crate::store::lines::{Body, Entry, entries};

/// A checkpoint to hold the log against that is not one of the many in sled.
struct Target {
    checkpoint: Checkpoint,
    by: String,
    /// Kept elsewhere, so that nobody on this host could have changed it.
    elsewhere: bool,
}

/// The pass over the lines.
pub(super) struct Walk<'a> {
    archive: &'a Archive,
    head: Arc<Head>,
    alone: bool,
    pub own: usize,
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
    pub findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    pub fn new(
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

    pub fn run(&mut self, each: &mut dyn FnMut(u64, &Header<'_>)) -> Result<(), Problem> {
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
            let leaf = merkle::leaf(bytes);
            let header = Header::decode(bytes).ok();
            // A line with another hash was altered, so nothing it says of itself counts.
            if let Some(header) = header.as_ref().filter(|_| leaf == entry.hash)
                && header.line != self.next
            {
                // Lines of a bundle that has too few moved up when one was taken out; those of a full one were exchanged.
                let short = ((entries.len() - i) as u64) < end - self.next;
                let moved_up = short && (self.next..end).contains(&header.line);
                if moved_up {
                    self.find(Finding::Missing(self.next, header.line - 1));
                    self.skip_to(header.line)?;
                } else {
                    self.find(Finding::Misplaced { line: self.next, holds: header.line });
                }
            }
            self.line(entry, leaf, header.as_ref(), each)?;
        }
        // What is missing at the very end was cut off, see `at_end`.
        if self.next < end && end < self.head.size() {
            self.find(Finding::Missing(self.next, end - 1));
            self.skip_to(end)?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        entry: &Entry<'_>,
        leaf: Hash,
        header: Option<&Header<'_>>,
        each: &mut dyn FnMut(u64, &Header<'_>),
    ) -> Result<(), Problem> {
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
                if !self.disagreed && !self.broken {
                    match self.judge(checkpoint.size, &checkpoint.root, None, &by) {
                        true => self.agreed_elsewhere = checkpoint.size,
                        false => self.disagreed = true,
                    }
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
            // A head that fits lines which a checkpoint has disproved is no news.
            self.explained |= !self.findings.is_empty();
            let head = self.head.edge.clone();
            self.judge(end, &head.root(), Some(&head), "the head of the log");
        }
        let mut cut = (size < end).then(|| (end, "its head".to_owned()));
        let mut covers = |covered: u64, by: String| {
            if covered > size && cut.as_ref().is_none_or(|(most, _)| covered >= *most) {
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
            self.find(Finding::Cut { size, covers, by });
        }
        Ok(())
    }

    pub fn find(&mut self, finding: Finding) {
        self.explained |= !matches!(finding, Finding::Checkpoint(_) | Finding::HashChanged(_));
        if self.findings.len() < FINDINGS {
            self.findings.push(finding);
        }
    }
}

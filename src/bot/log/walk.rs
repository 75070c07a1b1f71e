//! The pass over the batches: each line against its seal, the tree over the lines against every seal and against every checkpoint
//! that is known.

use std::collections::VecDeque;
use std::path::Path;

use desk_core::basics::problem::Problem;
use desk_core::log::Seal;
use desk_core::log::checkpoint::{Checkpoint, Verifier};
use desk_core::log::merkle::{Edge, Hash};

use super::batch::Batch;
use super::finding::{FINDINGS, Finding, verify_command};

/// The log in this folder is unsound for what was found; `None` if that is nothing.
pub(crate) fn altered(folder: &Path, findings: &[Finding]) -> Option<Problem> {
    let first = findings.first()?;
    let more = match findings.len() - 1 {
        0 => String::new(),
        more => format!(" There are {} findings in all.", more + 1),
    };
    Some(Problem::log("log_altered", format!("The approval log was changed or damaged: {first}{more}")).hint(
        format!(
            "Keep a copy of the state folder, run {}, and find out who can write there.",
            verify_command(folder)
        ),
    ))
}

/// A place in the log to begin at: the end of a seal, with the tree over the lines before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// Where the seal begins in the file, and where it ends.
    pub seal_at: u64,
    pub at: u64,
    /// Its signed note.
    pub note: String,
    pub edge: Edge,
}

/// A checkpoint that the log must agree with, beside its seals.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub checkpoint: Checkpoint,
    /// What it is called in a sentence.
    pub by: String,
    /// Kept elsewhere, so that no one on this host could have changed it.
    pub elsewhere: bool,
}

/// The pass over the batches.
pub(super) struct Walk<'a> {
    verifier: &'a Verifier,
    /// Check every seal's signature, not only that of the last one: roots alone tell that no line was changed.
    every_signature: bool,
    claims: VecDeque<Claim>,
    pub edge: Edge,
    /// What can't be known any more after a damage: the tree over the lines.
    broken: bool,
    /// Something was found, so that a root that differs is no news.
    explained: bool,
    /// The sizes of the last checkpoints that agreed, of any kind and of those kept elsewhere.
    agreed: u64,
    agreed_elsewhere: u64,
    /// A checkpoint from elsewhere has disagreed already; all later ones will.
    disagreed: bool,
    /// How many seals and checkpoints of this host agreed.
    pub own: usize,
    /// The last seal.
    last: Option<String>,
    pub findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    pub fn new(
        verifier: &'a Verifier,
        start: Option<&Start>,
        every_signature: bool,
        mut claims: Vec<Claim>,
    ) -> Walk<'a> {
        claims.sort_by_key(|claim| claim.checkpoint.size);
        let edge = start.map(|start| start.edge.clone()).unwrap_or_default();
        let size = edge.size();
        // What a start says of the lines before it has been proven by its seal.
        claims.retain(|claim| start.is_none() || claim.checkpoint.size >= size);
        Walk {
            verifier,
            every_signature,
            claims: claims.into(),
            edge,
            broken: false,
            explained: false,
            agreed: size,
            agreed_elsewhere: 0,
            disagreed: false,
            own: 0,
            last: start.map(|start| start.note.clone()),
            findings: Vec::new(),
        }
    }

    /// Takes the next batch.
    pub fn batch(&mut self, batch: &Batch) {
        let mut by_leaves = Some(self.edge.clone()).filter(|_| !self.broken);
        let mut by_bytes: Option<Edge> = None;
        let mut claimed: Vec<(Claim, [Option<Hash>; 2])> = Vec::new();
        let mut size = batch.first;
        self.claims_at(size, [by_leaves.as_ref(), None], &mut claimed);
        for slot in &batch.slots {
            if by_bytes.is_none() && slot.leaf.is_some() && slot.hash.is_some() && slot.leaf != slot.hash {
                by_bytes.clone_from(&by_leaves);
            }
            let [leaf, hash] = [slot.leaf.or(slot.hash), slot.hash.or(slot.leaf)];
            for (edge, leaf) in [(&mut by_leaves, leaf), (&mut by_bytes, hash)] {
                match leaf {
                    Some(leaf) => edge.iter_mut().for_each(|edge| edge.push(leaf)),
                    None => *edge = None,
                }
            }
            size += 1;
            self.claims_at(size, [by_leaves.as_ref(), by_bytes.as_ref()], &mut claimed);
        }
        let faults = self.faults(batch, by_leaves, by_bytes);
        self.explained |= !faults.is_empty();
        faults.into_iter().for_each(|finding| self.find(finding));
        for (claim, roots) in claimed {
            self.judge(&claim, roots);
        }
        if let Some(seal) = &batch.seal {
            self.last = Some(seal.note.clone());
        }
    }

    /// Whether a batch's seal is signed, as far as that is looked at.
    fn check_signature(&mut self, batch: &Batch, seal: &Seal) -> bool {
        let signed = !self.every_signature || Checkpoint::open(&seal.note, self.verifier).is_ok();
        if !signed {
            let lines = batch.end.checked_sub(1).map(|last| (batch.first.min(last), last));
            match (self.findings.last_mut(), lines) {
                (Some(Finding::Unsigned(Some((_, to)))), Some((from, last))) if *to + 1 == from => *to = last,
                _ => self.find(Finding::Unsigned(lines)),
            }
        }
        signed
    }

    /// What is wrong with a batch, by its seal's root; the tree continues with whatever that root proves.
    fn faults(&mut self, batch: &Batch, by_leaves: Option<Edge>, by_bytes: Option<Edge>) -> Vec<Finding> {
        let mut faults = batch.faults.clone();
        let Some(seal) = &batch.seal else {
            self.broken = by_leaves.is_none();
            self.edge = by_leaves.unwrap_or_default();
            return faults;
        };
        let root = seal.checkpoint.root;
        let proven = |edge: &Option<Edge>| edge.as_ref().is_some_and(|edge| edge.root() == root);
        if proven(&by_leaves) {
            self.edge = by_leaves.unwrap_or_default();
        } else if proven(&by_bytes) {
            // The lines are what was signed, so it is the hashes beside them that were changed.
            for fault in &mut faults {
                if let Finding::Altered(line) = *fault {
                    *fault = Finding::HashChanged(line);
                }
            }
            self.edge = by_bytes.unwrap_or_default();
        } else {
            if faults.is_empty() && !self.explained {
                let (from, to) = (self.agreed.min(batch.first), batch.end.saturating_sub(1));
                let by = match batch.end.checked_sub(1) {
                    Some(last) => format!("the seal after line {last}"),
                    None => "the first seal".to_owned(),
                };
                faults.push(Finding::Rewritten { from, to, by });
            }
            self.broken = true;
            return faults;
        }
        if self.check_signature(batch, seal) && faults.is_empty() {
            self.own += 1;
            self.agreed = batch.end;
        }
        faults
    }

    /// Takes the claims over so many lines, with the roots that the lines have there.
    fn claims_at(
        &mut self,
        size: u64,
        edges: [Option<&Edge>; 2],
        claimed: &mut Vec<(Claim, [Option<Hash>; 2])>,
    ) {
        while self.claims.front().is_some_and(|claim| claim.checkpoint.size <= size) {
            if let Some(claim) = self.claims.pop_front() {
                let there = |edge: &&Edge| edge.size() == claim.checkpoint.size;
                let roots = edges.map(|edge| edge.filter(there).map(Edge::root));
                claimed.push((claim, roots));
            }
        }
    }

    /// Holds the lines against a claim.
    fn judge(&mut self, claim: &Claim, roots: [Option<Hash>; 2]) {
        let Claim { checkpoint, by, elsewhere } = claim;
        let agrees = roots.contains(&Some(checkpoint.root));
        let known = roots.iter().any(Option::is_some);
        let told = self.explained || (*elsewhere && self.disagreed);
        if known && !agrees && !told {
            // What this host signed itself is no witness for where another checkpoint's lines were changed.
            let agreed = if *elsewhere { self.agreed_elsewhere } else { self.agreed };
            let to = checkpoint.size.saturating_sub(1);
            self.find(Finding::Rewritten { from: agreed.min(to), to, by: by.clone() });
        }
        match (*elsewhere, agrees) {
            (true, true) => self.agreed_elsewhere = checkpoint.size,
            (true, false) => self.disagreed = true,
            (false, agrees) => self.own += usize::from(agrees),
        }
    }

    /// The end of the log, after so many lines: nothing that is known may cover more.
    pub fn end(&mut self, size: u64) {
        let mut at_end = Vec::new();
        let edge = Some(self.edge.clone()).filter(|_| !self.broken);
        self.claims_at(size, [edge.as_ref(), None], &mut at_end);
        for (claim, roots) in at_end {
            self.judge(&claim, roots);
        }
        if let Some(most) = self.claims.drain(..).max_by_key(|claim| (claim.checkpoint.size, claim.elsewhere))
        {
            self.find(Finding::Cut { size, covers: most.checkpoint.size, by: most.by });
        }
    }

    /// Whether the last seal is signed by the log's key. Everything before it hangs on that one signature.
    pub fn is_signed(&self) -> bool {
        self.last.as_ref().is_none_or(|note| Checkpoint::open(note, self.verifier).is_ok())
    }

    pub fn find(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS {
            self.findings.push(finding);
        }
    }
}

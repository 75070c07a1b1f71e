//! The index and the open requests, held against what the lines make of them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use desk_core::log::Header;
use desk_core::problem::Problem;
use desk_core::text::count;

use super::{FINDINGS, Finding};
use crate::store::archive::Archive;
use crate::store::head::Head;
use crate::store::index::{Facts, Filing, Term};

/// What the lines make of the index, as sums that need no memory and no order.
#[derive(Default)]
pub(super) struct Filed {
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

impl Filed {
    pub fn take(&mut self, line: u64, header: &Header<'_>) {
        self.requests = self.requests.max(header.request.map_or(0, |no| no.0));
        for term in self.filing.terms(&Facts::of_header(header)) {
            self.terms.add(&term, line);
        }
    }

    pub fn compare(
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

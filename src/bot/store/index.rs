//! Finding lines by request, by person and by login, and the requests that are open.
//!
//! The index is a function of the lines alone: verification goes through the lines and arrives at the same entries. A line
//! is filed under its request and under the person who wrote it. Under a login it is filed once per request, where that
//! login first turns up while the request is open, because each of the two thousand lines of an import is about a thousand
//! logins.
//!
//! Line numbers under one term only ever grow, so up to 32 of them stand together in one value, as steps from one to the next.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use desk_core::ids::RequestNo;
use desk_core::log::{Header, Line, merkle};
use desk_core::problem::Problem;
use desk_core::text::code;

use super::disk::{Disk, Rows, guarded};
use super::lines::number;

const PER_VALUE: usize = 32;

/// A longer login is filed under its hash, because a key has to stay short.
const LONGEST_TERM: usize = 200;

const REQUEST: u8 = b'r';
const PERSON: u8 = b'p';
const LOGIN: u8 = b'l';
const RULES: u8 = b'u';

/// What a line can be looked up by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Term(Vec<u8>);

impl Term {
    pub fn request(no: RequestNo) -> Term {
        Term::new(REQUEST, &no.0.to_be_bytes())
    }

    pub fn person(id: &str) -> Term {
        Term::new(PERSON, id.as_bytes())
    }

    /// Amazon Connect does not tell logins apart by case, and neither does whoever looks one up.
    pub fn login(login: &str) -> Term {
        Term::new(LOGIN, login.to_lowercase().as_bytes())
    }

    /// Every line that says by which rules the desk goes, so that a start finds the newest in a log of any length.
    pub fn rules() -> Term {
        Term::new(RULES, &[])
    }

    fn new(kind: u8, text: &[u8]) -> Term {
        let hash: [u8; 32];
        let text = if text.len() <= LONGEST_TERM {
            text
        } else {
            hash = merkle::leaf(text);
            &hash
        };
        let mut bytes = vec![kind, u8::try_from(text.len()).unwrap_or(u8::MAX)];
        bytes.extend_from_slice(text);
        Term(bytes)
    }

    /// Whether a line can be looked up by this at all.
    pub fn fits(&self, facts: &Facts<'_>) -> bool {
        facts.request.map(Term::request).as_ref() == Some(self)
            || facts.person.as_deref().map(Term::person).as_ref() == Some(self)
            || facts.about.iter().any(|login| Term::login(login) == *self)
            || facts.rules && *self == Term::rules()
    }

    fn key(&self, first: u64) -> Vec<u8> {
        let mut key = self.0.clone();
        key.extend_from_slice(&first.to_be_bytes());
        key
    }

    /// The term and first line of a key.
    fn of_key(key: &[u8]) -> Option<(Term, u64)> {
        let (term, first) = key.split_last_chunk::<8>()?;
        Some((Term(term.to_vec()), u64::from_be_bytes(*first)))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.0.get(2..).unwrap_or_default();
        match self.0.first() {
            Some(&REQUEST) => write!(f, "request #{}", number(text).unwrap_or_default()),
            Some(&RULES) => write!(f, "changed rules"),
            Some(&PERSON) => write!(f, "person {}", code(&String::from_utf8_lossy(text))),
            _ => write!(f, "login {}", code(&String::from_utf8_lossy(text))),
        }
    }
}

/// What the index needs to know of a line.
pub(super) struct Facts<'a> {
    pub request: Option<RequestNo>,
    pub person: Option<Cow<'a, str>>,
    pub about: Vec<Cow<'a, str>>,
    /// Whether the request is open from here on, if this line says so.
    pub opens: Option<bool>,
    /// Whether the line says by which rules the desk goes.
    pub rules: bool,
}

impl<'a> Facts<'a> {
    pub fn of_line(line: &'a Line) -> Facts<'a> {
        Facts {
            request: line.request,
            person: line.by.as_ref().map(|by| Cow::Owned(by.id.to_string())),
            about: line.about.iter().map(|login| Cow::Borrowed(login.as_str())).collect(),
            opens: line.event.opens(),
            rules: line.event.tells_rules(),
        }
    }

    pub fn of_header(header: &'a Header<'_>) -> Facts<'a> {
        Facts {
            request: header.request,
            person: header.by.as_ref().map(|by| Cow::Borrowed(&*by.id)),
            about: header.about.iter().map(|login| Cow::Borrowed(&**login)).collect(),
            opens: header.opens(),
            rules: header.tells_rules(),
        }
    }
}

/// The requests that are open, and the logins that each is filed under already.
#[derive(Debug, Default)]
pub(super) struct Filing {
    open: HashMap<RequestNo, HashSet<String>>,
}

impl Filing {
    /// Under what the next line of the log is to be filed.
    pub fn terms(&mut self, facts: &Facts<'_>) -> Vec<Term> {
        let mut terms = Vec::new();
        terms.extend(facts.request.map(Term::request));
        terms.extend(facts.person.as_deref().map(Term::person));
        terms.extend(facts.rules.then(Term::rules));
        if let (Some(no), Some(true)) = (facts.request, facts.opens) {
            self.open.insert(no, HashSet::new());
        }
        let mut here = HashSet::new();
        let filed = facts.request.and_then(|no| self.open.get_mut(&no)).unwrap_or(&mut here);
        for login in &facts.about {
            let lower = login.to_lowercase();
            if !filed.contains(&lower) {
                terms.push(Term::login(login));
                filed.insert(lower);
            }
        }
        if let (Some(no), Some(false)) = (facts.request, facts.opens) {
            self.open.remove(&no);
        }
        terms
    }

    /// The requests that are open after the lines so far.
    pub fn open(&self) -> BTreeSet<RequestNo> {
        self.open.keys().copied().collect()
    }
}

/// Files lines, and remembers where it did so lately: the next line of a request goes where the last one went.
#[derive(Debug, Default)]
pub(super) struct Filer {
    newest: HashMap<Term, Vec<u64>>,
}

/// So many terms are remembered.
const REMEMBERED: usize = 4096;

impl Filer {
    /// The newest value under a term, as line numbers; empty when nothing is filed there.
    fn newest(&mut self, disk: &Disk, term: &Term) -> Result<&mut Vec<u64>, Problem> {
        if self.newest.len() >= REMEMBERED && !self.newest.contains_key(term) {
            self.newest.clear();
        }
        match self.newest.entry(term.clone()) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => Ok(entry.insert(disk.newest_under(term)?)),
        }
    }

    /// The last line under a term.
    pub fn last(&mut self, disk: &Disk, term: &Term) -> Result<Option<u64>, Problem> {
        Ok(self.newest(disk, term)?.last().copied())
    }

    /// Files lines, whose numbers ascend, under a term. Those that are filed already are passed over.
    pub fn file(&mut self, disk: &Disk, term: &Term, lines: &[u64]) -> Result<(), Problem> {
        let newest = self.newest(disk, term)?;
        let known = newest.last().copied();
        let mut changed = false;
        for line in lines.iter().filter(|line| known.is_none_or(|known| **line > known)) {
            if newest.len() == PER_VALUE {
                if changed {
                    disk.put_filed(term, newest)?;
                }
                newest.clear();
            }
            newest.push(*line);
            changed = true;
        }
        if changed { disk.put_filed(term, newest) } else { Ok(()) }
    }
}

impl Disk {
    fn newest_under(&self, term: &Term) -> Result<Vec<u64>, Problem> {
        let range = term.key(0)..=term.key(u64::MAX);
        match Rows(self.index.range(range)).next_back().transpose()? {
            None => Ok(Vec::new()),
            Some((key, value)) => {
                let (_, first) = Term::of_key(&key).ok_or_else(|| unreadable(term))?;
                decode(first, &value).ok_or_else(|| unreadable(term))
            }
        }
    }

    fn put_filed(&self, term: &Term, lines: &[u64]) -> Result<(), Problem> {
        match lines.first() {
            Some(first) => self.put(&self.index, &term.key(*first), &encode(lines)),
            None => Ok(()),
        }
    }

    /// The lines under a term below `size`, ascending.
    pub fn filed_under(&self, term: &Term, size: u64) -> Result<Vec<u64>, Problem> {
        let mut lines = Vec::new();
        for row in Rows(self.index.range(term.key(0)..=term.key(u64::MAX))) {
            let (key, value) = row?;
            let (_, first) = Term::of_key(&key).ok_or_else(|| unreadable(term))?;
            lines.extend(decode(first, &value).ok_or_else(|| unreadable(term))?);
        }
        lines.retain(|line| *line < size);
        Ok(lines)
    }

    /// The last line under a term below `size`.
    pub fn last_under(&self, term: &Term, size: u64) -> Result<Option<u64>, Problem> {
        for row in Rows(self.index.range(term.key(0)..term.key(size))).rev() {
            let (key, value) = row?;
            let (_, first) = Term::of_key(&key).ok_or_else(|| unreadable(term))?;
            let lines = decode(first, &value).ok_or_else(|| unreadable(term))?;
            if let Some(last) = lines.into_iter().rfind(|line| *line < size) {
                return Ok(Some(last));
            }
        }
        Ok(None)
    }

    /// Every term with some of its lines; what cannot be read comes as an error that names it.
    pub fn whole_index(&self) -> impl Iterator<Item = Result<(Term, Vec<u64>), Problem>> + '_ {
        Rows(self.index.iter()).map(|row| {
            let (key, value) = row?;
            guarded("read", || self.index.get(&key))?;
            let (term, first) = Term::of_key(&key).ok_or_else(|| unreadable(&Term(key.to_vec())))?;
            let lines = decode(first, &value).ok_or_else(|| unreadable(&term))?;
            Ok((term, lines))
        })
    }

    /// The requests that are open by the index.
    pub fn open_requests(&self) -> Result<BTreeSet<RequestNo>, Problem> {
        Rows(self.open.iter())
            .map(|row| Ok(RequestNo(row.map(|(key, _)| number(&key).unwrap_or_default())?)))
            .collect()
    }

    pub fn put_open(&self, no: RequestNo, open: bool) -> Result<(), Problem> {
        match open {
            true => self.put(&self.open, &no.0.to_be_bytes(), &[]),
            false => self.remove(&self.open, &no.0.to_be_bytes()),
        }
    }
}

fn unreadable(term: &Term) -> Problem {
    Problem::log("log_index_damaged", format!("The index entry of {term} cannot be read."))
        .next("Run `connect-desk log verify`, then put the newest backup in the folder's place.")
}

/// Steps from one line to the next, each as seven bits to a byte, lowest first; the first line is in the key.
fn encode(lines: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    for pair in lines.windows(2) {
        let [from, to] = pair else { continue };
        let mut step = to - from;
        while step >= 0x80 {
            out.push((step & 0x7f) as u8 | 0x80);
            step >>= 7;
        }
        out.push(step as u8);
    }
    out
}

fn decode(first: u64, value: &[u8]) -> Option<Vec<u64>> {
    let mut lines = vec![first];
    let (mut last, mut step, mut shift) = (first, 0u64, 0);
    for byte in value {
        step |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            last = last.checked_add(step).filter(|next| *next > last)?;
            lines.push(last);
            (step, shift) = (0, 0);
        }
    }
    (shift == 0 && lines.len() <= PER_VALUE).then_some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_numbers_come_back_as_they_went_in() {
        let lines = [3, 4, 131, 132, 20_000, 3_000_000, u64::MAX];
        assert_eq!(decode(3, &encode(&lines)).unwrap(), lines);
        assert_eq!(decode(3, &[]).unwrap(), [3]);
        assert_eq!(decode(3, &[0x80]), None);
        assert_eq!(decode(3, &[0]), None);
        assert_eq!(decode(u64::MAX, &[1]), None);
    }
}

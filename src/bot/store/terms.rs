//! What lines are found by, and how their numbers are kept under it.
//!
//! The index is a function of the lines alone: anyone who goes through the lines arrives at the same entries. A line is listed under its
//! request, under the person who wrote it, and under each login it is about if it belongs to no request. A request is listed under
//! each login that one of its lines is about, because each of the two thousand lines of an import is about a user, and its first and
//! last about all of them.
//!
//! Line numbers under one term only ever grow, so up to 32 of them are together in one value, as steps from one to the next.

use std::borrow::Cow;

use desk_core::basics::ids::RequestNo;
use desk_core::log::{Header, Line, merkle};

pub(super) const PER_VALUE: usize = 32;

/// A longer login is listed under its hash, because a key has to stay short.
const LONGEST_TERM: usize = 200;

const REQUEST: u8 = b'r';
const PERSON: u8 = b'p';
const LOGIN: u8 = b'l';
const REQUESTS_OF_LOGIN: u8 = b'q';
const RULES: u8 = b'u';
const FACTORS: u8 = b'f';
const PASSWORDS: u8 = b's';
const EMERGENCIES: u8 = b'e';

/// The kinds of keys that are no terms: which requests are open, and up to where the index reaches.
pub(super) const OPEN: u8 = b'o';
pub(super) const MARKER: u8 = b'm';

/// What a line can be looked up by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct IndexKey(Vec<u8>);

impl IndexKey {
    pub fn request(no: RequestNo) -> IndexKey {
        IndexKey::new(REQUEST, &no.0.to_be_bytes())
    }

    pub fn person(id: &str) -> IndexKey {
        IndexKey::new(PERSON, id.as_bytes())
    }

    /// Lines about a login that belong to no request. Amazon Connect doesn't tell logins apart by case, and neither does anyone who looks
    /// one up.
    pub fn login(login: &str) -> IndexKey {
        IndexKey::new(LOGIN, login.to_lowercase().as_bytes())
    }

    /// Requests with a line about a login.
    pub fn requests_of(login: &str) -> IndexKey {
        IndexKey::new(REQUESTS_OF_LOGIN, login.to_lowercase().as_bytes())
    }

    /// Every line that says by which rules the desk goes, so that a start finds the newest in a log of any length.
    pub fn rules() -> IndexKey {
        IndexKey::new(RULES, &[])
    }

    /// Every line that tells which accounts have an authenticator.
    pub fn factors() -> IndexKey {
        IndexKey::new(FACTORS, &[])
    }

    /// Every plan that makes a temporary password.
    pub fn passwords() -> IndexKey {
        IndexKey::new(PASSWORDS, &[])
    }

    /// Every line that asks for an emergency.
    pub fn emergencies() -> IndexKey {
        IndexKey::new(EMERGENCIES, &[])
    }

    fn new(kind: u8, text: &[u8]) -> IndexKey {
        let hash: [u8; 32];
        let text = if text.len() <= LONGEST_TERM {
            text
        } else {
            hash = merkle::leaf(text);
            &hash
        };
        let mut bytes = vec![kind, u8::try_from(text.len()).unwrap_or(u8::MAX)];
        bytes.extend_from_slice(text);
        IndexKey(bytes)
    }

    /// Whether its numbers are each a key of its own, in no order: those of requests.
    pub fn is_a_set(&self) -> bool {
        self.0.first() == Some(&REQUESTS_OF_LOGIN)
    }

    pub fn key(&self, number: u64) -> Vec<u8> {
        let mut key = self.0.clone();
        key.extend_from_slice(&number.to_be_bytes());
        key
    }

    /// The term and first number of a key.
    pub fn of_key(key: &[u8]) -> Option<(IndexKey, u64)> {
        let (term, first) = key.split_last_chunk::<8>()?;
        Some((IndexKey(term.to_vec()), u64::from_be_bytes(*first)))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What the index needs to know of a line.
pub(super) struct Facts<'a> {
    pub line: u64,
    pub request: Option<RequestNo>,
    person: Option<Cow<'a, str>>,
    about: Vec<Cow<'a, str>>,
    /// Whether the request is open from here on, if this line says so.
    pub opens: Option<bool>,
    rules: bool,
    factors: bool,
    passwords: bool,
    emergencies: bool,
}

impl<'a> Facts<'a> {
    pub fn of_line(line: &'a Line) -> Facts<'a> {
        Facts {
            line: line.line,
            request: line.request,
            person: line.by.as_ref().map(|by| Cow::Owned(by.id.to_string())),
            about: line.about.iter().map(|login| Cow::Borrowed(login.as_str())).collect(),
            opens: line.event.opens(),
            rules: line.event.tells_rules(),
            factors: line.event.tells_factors(),
            passwords: line.event.plans_password(),
            emergencies: line.event.asks_emergency(),
        }
    }

    pub fn of_header(header: &'a Header<'_>) -> Facts<'a> {
        Facts {
            line: header.line,
            request: header.request,
            person: header.by.as_ref().map(|by| Cow::Borrowed(&*by.id)),
            about: header.about.iter().map(|login| Cow::Borrowed(&**login)).collect(),
            opens: header.opens(),
            rules: header.tells_rules(),
            factors: header.tells_factors(),
            passwords: header.plans_password(),
            emergencies: header.asks_emergency(),
        }
    }

    /// What is left of a damaged line: whose it was, as far as its end still tells.
    pub fn of_rest(line: u64, left: &[u8]) -> Facts<'static> {
        const NAME: &[u8] = br#","request":"#;
        let digits = left.windows(NAME.len()).rposition(|window| window == NAME).and_then(|at| {
            let digits = left.get(at + NAME.len()..)?.split(|byte| !byte.is_ascii_digit()).next()?;
            std::str::from_utf8(digits).ok()?.parse().ok()
        });
        let request = digits.map(RequestNo);
        Facts {
            line,
            request,
            person: None,
            about: Vec::new(),
            opens: None,
            rules: false,
            factors: false,
            passwords: false,
            emergencies: false,
        }
    }

    /// What the line is listed under: the terms, with the number under each.
    pub fn entries(&self) -> Vec<(IndexKey, u64)> {
        let mut entries = Vec::new();
        entries.extend(self.request.map(|no| (IndexKey::request(no), self.line)));
        entries.extend(self.person.as_deref().map(|person| (IndexKey::person(person), self.line)));
        entries.extend(self.rules.then(|| (IndexKey::rules(), self.line)));
        entries.extend(self.factors.then(|| (IndexKey::factors(), self.line)));
        entries.extend(self.passwords.then(|| (IndexKey::passwords(), self.line)));
        entries.extend(self.emergencies.then(|| (IndexKey::emergencies(), self.line)));
        let mut about: Vec<(IndexKey, u64)> = self
            .about
            .iter()
            .map(|login| match self.request {
                Some(no) => (IndexKey::requests_of(login), no.0),
                None => (IndexKey::login(login), self.line),
            })
            .collect();
        about.sort_unstable();
        about.dedup();
        entries.extend(about);
        entries
    }
}

/// Steps from one line to the next, each as seven bits to a byte, lowest first; the first line is in the key.
pub fn encode(lines: &[u64]) -> Vec<u8> {
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

pub fn decode(first: u64, value: &[u8]) -> Option<Vec<u64>> {
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

//! Finding lines by request, by person and by login, and the requests that are open: kept in the engine, made of the log alone.
//!
//! What new lines add is kept in memory and put into the engine now and then, with a marker of how far it reaches; after a crash the
//! lines behind the marker are indexed again. Where the engine is damaged, by its own word, by a value or by an entry that the log does
//! not bear out, it is put aside and the index is built again in a new one. Where the disk or the system refuses, the engine stays
//! as it is, with the passwords in it, and the index is in memory until the next start. Either is told, and costs no start.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::plain;
use desk_core::log::merkle::{Edge, Hash};
use desk_core::log::{Header, Line};

use super::terms::{Facts, IndexKey, MARKER, OPEN, PER_VALUE, decode, encode};
use crate::engine::{Change, Engine, EngineError, EngineKind, Table, in_memory};
use crate::folder::{Folder, remedy, shown};
use crate::log::{Log, Start};

/// Where the engines are in the state folder.
pub(super) const ENGINE: &str = "db";

/// The form of the entries. An index of another form is built again.
const VERSION: u8 = 2;

/// After so many lines they are put into the engine.
const FLUSH_LINES: u64 = 1024;

/// The same while the whole index is built, where more at a time is faster.
const BUILD_LINES: u64 = 16 * 1024;

/// So many changes are put at a time.
const CHANGES: usize = 2048;

/// So many terms are remembered with their newest lines.
const REMEMBERED: usize = 4096;

/// The index, the engine it is in, and the secrets beside it.
pub(super) struct Index {
    log: Arc<dyn Log>,
    folder: Arc<Folder>,
    state: Mutex<State>,
}

/// What is known before the log is open.
pub(super) struct State {
    engine: Box<dyn Engine>,
    kind: &'static EngineKind,
    /// There is no engine on disk, so nothing that has to last may be kept.
    is_fallback: bool,
    /// What the engine does not have yet.
    lines: BTreeMap<IndexKey, Vec<u64>>,
    sets: BTreeSet<(IndexKey, u64)>,
    opened: BTreeMap<RequestNo, bool>,
    /// How many lines the engine has, and how many with what is not in it yet.
    put: u64,
    covered: u64,
    pub open: BTreeSet<RequestNo>,
    /// Requests that have new lines since this was taken last; none where it never was, so that any may have.
    touched: Option<BTreeSet<RequestNo>>,
    /// The newest request's number.
    pub requests: u64,
    /// The newest value under a term as the engine has it.
    newest: HashMap<IndexKey, Vec<u64>>,
    /// What was wrong with the engine.
    pub said: Vec<Problem>,
}

impl State {
    /// Opens the engine of a folder, or another in its place. Gives the place in the log that the index reaches to; none when it has
    /// to be built.
    pub fn open(folder: &Folder, kind: &'static EngineKind) -> (State, Option<Start>) {
        let mut state = State {
            kind,
            engine: in_memory(),
            is_fallback: true,
            lines: BTreeMap::new(),
            sets: BTreeSet::new(),
            opened: BTreeMap::new(),
            put: 0,
            covered: 0,
            open: BTreeSet::new(),
            touched: None,
            requests: 0,
            newest: HashMap::new(),
            said: Vec::new(),
        };
        match kind.open(&folder.file(ENGINE)) {
            Ok((engine, aside)) => {
                state.engine = engine;
                state.is_fallback = !kind.lasts;
                if !aside.is_empty() {
                    state.said.push(snapshot_damaged());
                }
            }
            Err(error) => state.leave_engine(folder, &error),
        }
        let start = match state.load() {
            Ok(start) => start,
            Err(error) => {
                state.leave_engine(folder, &error);
                None
            }
        };
        (state, start)
    }

    /// Reads what the engine has of the index as a whole.
    fn load(&mut self) -> Result<Option<Start>, EngineError> {
        let Some(marker) = self.engine.get(Table::Index, &[MARKER])? else { return Ok(None) };
        let (start, requests) =
            decode_marker(&marker).ok_or_else(|| EngineError::damaged("its marker can't be read"))?;
        let mut open = BTreeSet::new();
        self.engine.scan(Table::Index, &open_key(0), &open_key(u64::MAX), false, &mut |key, _| {
            open.extend(key.last_chunk::<8>().map(|no| RequestNo(u64::from_be_bytes(*no))));
            true
        })?;
        (self.open, self.requests) = (open, requests);
        (self.put, self.covered) = (start.edge.size(), start.edge.size());
        Ok(Some(start))
    }

    /// Adds the next line. Lines that are covered already are passed over.
    pub fn add(&mut self, facts: &Facts<'_>) {
        if facts.line < self.covered {
            return;
        }
        for (term, number) in facts.entries() {
            match term.is_a_set() {
                true => drop(self.sets.insert((term, number))),
                false => self.lines.entry(term).or_default().push(number),
            }
        }
        if let Some(no) = facts.request {
            self.requests = self.requests.max(no.0);
            self.touched.iter_mut().for_each(|touched| touched.extend([no]));
            if let Some(open) = facts.opens {
                self.opened.insert(no, open);
                match open {
                    true => self.open.insert(no),
                    false => self.open.remove(&no),
                };
            }
        }
        self.covered = facts.line + 1;
    }

    /// The same, of a line's bytes. A line that can't be read is found by its number alone.
    pub fn add_bytes(&mut self, line: u64, bytes: &[u8]) {
        match Header::decode(bytes) {
            Ok(header) if header.line == line => self.add(&Facts::of_header(&header)),
            _ => self.covered = self.covered.max(line + 1),
        }
    }

    /// The same while the log is opened, when there may be any number of lines. What the engine does not take is found wrong later.
    pub fn catch_up(&mut self, line: u64, bytes: &[u8]) {
        self.add_bytes(line, bytes);
        if self.covered.saturating_sub(self.put) >= BUILD_LINES
            && let Err(error) = self.flush(None)
        {
            tracing::warn!("the index could not be written: {error}");
        }
    }

    /// The lines under a term after this one, ascending.
    fn lines_after(&self, term: &IndexKey, after: u64) -> Result<Vec<u64>, EngineError> {
        let (mut found, mut wrong) = (BTreeSet::new(), None);
        self.engine.scan(Table::Index, &term.key(0), &term.key(u64::MAX), true, &mut |key, value| {
            match decode_entry(key, value) {
                Ok((_, lines)) => {
                    let is_before = lines.first().is_some_and(|first| *first <= after);
                    found.extend(lines);
                    !is_before
                }
                Err(error) => {
                    wrong = Some(error);
                    false
                }
            }
        })?;
        if let Some(error) = wrong {
            return Err(error);
        }
        found.extend(self.lines.get(term).into_iter().flatten());
        Ok(found.split_off(&after.saturating_add(1)).into_iter().collect())
    }

    /// The numbers under a term, ascending.
    fn numbers(&self, term: &IndexKey) -> Result<Vec<u64>, EngineError> {
        let mut numbers = Vec::new();
        let mut wrong = None;
        self.engine.scan(Table::Index, &term.key(0), &term.key(u64::MAX), false, &mut |key, value| {
            match decode_entry(key, value) {
                Ok((_, found)) => numbers.extend(found),
                Err(error) => wrong = Some(error),
            }
            wrong.is_none()
        })?;
        if let Some(error) = wrong {
            return Err(error);
        }
        match term.is_a_set() {
            true => {
                let pending = self.sets.range((term.clone(), 0)..=(term.clone(), u64::MAX));
                numbers.extend(pending.map(|(_, number)| *number));
                numbers.sort_unstable();
                numbers.dedup();
            }
            false => {
                let last = numbers.last().copied();
                let pending = self.lines.get(term).into_iter().flatten();
                numbers.extend(pending.filter(|line| last.is_none_or(|last| **line > last)));
            }
        }
        Ok(numbers)
    }

    /// The last line under a term.
    fn last(&self, term: &IndexKey) -> Result<Option<u64>, EngineError> {
        if let Some(last) = self.lines.get(term).and_then(|lines| lines.last()) {
            return Ok(Some(*last));
        }
        if let Some(last) = self.newest.get(term).and_then(|lines| lines.last()) {
            return Ok(Some(*last));
        }
        Ok(self.newest_of(term)?.last().copied())
    }

    /// The newest value under a term as the engine has it; empty if there is none.
    fn newest_of(&self, term: &IndexKey) -> Result<Vec<u64>, EngineError> {
        let mut found = Ok(Vec::new());
        self.engine.scan(Table::Index, &term.key(0), &term.key(u64::MAX), true, &mut |key, value| {
            found = decode_entry(key, value).map(|(_, lines)| lines);
            false
        })?;
        found
    }

    /// Puts what is not in the engine yet. `end` is the end of the log that this covers; without one the index stays unfinished.
    fn flush(&mut self, end: Option<&Start>) -> Result<(), EngineError> {
        let mut changes: Vec<Change> = Vec::new();
        for (term, lines) in std::mem::take(&mut self.lines) {
            self.put_lines(term, &lines, &mut changes)?;
            self.put_some(&mut changes)?;
        }
        for (term, number) in std::mem::take(&mut self.sets) {
            changes.push((term.key(number), Some(Vec::new())));
            self.put_some(&mut changes)?;
        }
        for (no, open) in std::mem::take(&mut self.opened) {
            changes.push((open_key(no.0), open.then(Vec::new)));
        }
        if let Some(end) = end.filter(|end| end.edge.size() == self.covered) {
            changes.push((vec![MARKER], Some(encode_marker(end, self.requests))));
        }
        self.engine.put(Table::Index, changes)?;
        self.put = self.covered;
        Ok(())
    }

    fn put_some(&mut self, changes: &mut Vec<Change>) -> Result<(), EngineError> {
        match changes.len() < CHANGES {
            true => Ok(()),
            false => self.engine.put(Table::Index, std::mem::take(changes)),
        }
    }

    /// Adds lines, whose numbers ascend, to the values under a term. Those that are there already are passed over.
    fn put_lines(
        &mut self,
        term: IndexKey,
        lines: &[u64],
        changes: &mut Vec<Change>,
    ) -> Result<(), EngineError> {
        if self.newest.len() >= REMEMBERED && !self.newest.contains_key(&term) {
            self.newest.clear();
        }
        let read = match self.newest.contains_key(&term) {
            true => Vec::new(),
            false => self.newest_of(&term)?,
        };
        let newest = match self.newest.entry(term.clone()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(read),
        };
        let known = newest.last().copied();
        let value = |lines: &[u64]| lines.first().map(|first| (term.key(*first), Some(encode(lines))));
        let mut changed = false;
        for line in lines.iter().filter(|line| known.is_none_or(|known| **line > known)) {
            if newest.len() == PER_VALUE {
                changes.extend(value(newest).filter(|_| changed));
                newest.clear();
            }
            newest.push(*line);
            changed = true;
        }
        changes.extend(value(newest).filter(|_| changed));
        Ok(())
    }

    /// Continues without the engine after this error: with another one where it is damaged, and else in memory. The index has to be
    /// built again.
    fn leave_engine(&mut self, folder: &Folder, error: &EngineError) {
        let said = match error {
            EngineError::Damaged(why) => self.another_engine(folder, why),
            EngineError::Refused(..) => Err(error.clone()),
        };
        let said = said.unwrap_or_else(|error| {
            self.in_memory();
            not_usable(&error)
        });
        self.said.push(said);
        self.forget();
    }

    /// Puts the damaged engine aside and opens another, with the secrets that could still be read. Where that fails, the damaged one is
    /// where it was.
    fn another_engine(&mut self, folder: &Folder, why: &str) -> Result<Problem, EngineError> {
        let mut secrets: Vec<Change> = Vec::new();
        let read = self.engine.scan(Table::Secrets, &[], &[u8::MAX; 16], false, &mut |key, value| {
            secrets.push((key.to_vec(), Some(value.to_vec())));
            true
        });
        // As many as can be read; what is missing then is told by the log. One that the disk refused may be read after a restart.
        if let Err(refused @ EngineError::Refused(..)) = read {
            return Err(refused);
        }
        self.in_memory();
        let (place, aside) = (folder.file(ENGINE), folder.file(&folder.free("db-damaged")));
        let is_there = folder.has(ENGINE);
        if is_there {
            std::fs::rename(&place, &aside)?;
        }
        let opened = self.kind.open(&place).and_then(|(engine, _)| {
            engine.put(Table::Secrets, secrets)?;
            engine.make_durable()?;
            Ok(engine)
        });
        let engine = opened.inspect_err(|_| {
            // What was begun in its place has nothing that the damaged one lacks.
            if is_there
                && (!place.exists() || std::fs::remove_dir_all(&place).is_ok())
                && let Err(error) = std::fs::rename(&aside, &place)
            {
                tracing::error!("the database stays renamed to {}: {error}", shown(&aside));
            }
        })?;
        (self.engine, self.is_fallback) = (engine, !self.kind.lasts);
        let kept =
            if is_there { format!("The damaged one is now {}.", shown(&aside)) } else { String::new() };
        let message =
            format!("The index was damaged and is being rebuilt from the log: {}.", plain(why, 200));
        Ok(Problem::operator("index_rebuilt", message).hint(kept))
    }

    /// Lets go of the engine, and leaves what it has on disk.
    fn in_memory(&mut self) {
        let old = std::mem::replace(&mut self.engine, in_memory());
        // It may panic once more when it is dropped.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(old)));
        self.is_fallback = true;
    }

    /// Nothing is indexed.
    fn forget(&mut self) {
        self.lines.clear();
        self.sets.clear();
        self.opened.clear();
        self.newest.clear();
        self.open.clear();
        self.touched = None;
        (self.put, self.covered, self.requests) = (0, 0, 0);
    }
}

impl Index {
    /// The index of a log that is open. It may have to be built.
    pub fn new(log: Arc<dyn Log>, folder: Arc<Folder>, state: State) -> Index {
        Index { log, folder, state: Mutex::new(state) }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the engine. After an error the index is built again in another one, and it is done once more.
    pub fn work<T>(&self, work: impl Fn(&mut State) -> Result<T, EngineError>) -> Result<T, Problem> {
        let mut state = self.state();
        let error = match work(&mut state) {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if !state.is_fallback {
            self.repair(&mut state, &error);
            if let Ok(done) = work(&mut state) {
                return Ok(done);
            }
        }
        Err(not_usable(&error))
    }

    /// The same for what only reads or writes values.
    pub fn with_engine<T>(&self, work: impl Fn(&dyn Engine) -> Result<T, EngineError>) -> Result<T, Problem> {
        self.work(|state| work(state.engine.as_ref()))
    }

    fn repair(&self, state: &mut State, error: &EngineError) {
        tracing::error!("the index is being rebuilt from the log: {error}");
        state.leave_engine(&self.folder, error);
        if self.build(state).is_err() {
            // A new engine that fails immediately: memory does not.
            state.in_memory();
            let _ = self.build(state);
        }
    }

    /// Whether secrets can't be reached until the next start, although they may be on disk.
    pub fn is_in_memory(&self) -> bool {
        self.state().is_fallback
    }

    /// Says that there was no engine, so that everything in it is new.
    pub fn say_missing(&self) {
        let mut state = self.state();
        if state.said.is_empty() {
            state.said.push(
                Problem::operator("index_rebuilt", "There was no index, so it was built from the log.").hint(
                    "That is normal after a restore. Otherwise, find out who can write to the state folder.",
                ),
            );
        }
    }

    /// Uses memory instead of the engine, and leaves that as it is: for a log that nothing is written to.
    pub fn use_memory(&self) {
        let mut state = self.state();
        state.in_memory();
        state.forget();
        let _ = self.build(&mut state);
    }

    /// Indexes every line from the covered ones on.
    fn build(&self, state: &mut State) -> Result<(), EngineError> {
        let mut failed = Ok(());
        let followed = self.log.follow(state.covered, &mut |line, bytes| {
            match bytes {
                Ok(bytes) => state.add_bytes(line, bytes),
                // What is left of a damaged line may tell whose it is, so that it is missed there.
                Err(left) => state.add(&Facts::of_rest(line, left.unwrap_or_default())),
            }
            if state.covered - state.put >= BUILD_LINES {
                failed = state.flush(None);
            }
            failed.is_ok()
        });
        if let Err(problem) = followed {
            tracing::warn!("the index is not complete: {problem}");
        }
        failed
    }

    /// Puts what is not in the engine yet, if that is much or `now`. `end` is the end of the log.
    pub fn flush(&self, end: &Start, now: bool) -> Result<(), Problem> {
        self.work(|state| {
            let waiting = state.covered - state.put;
            if waiting >= FLUSH_LINES || now {
                return state.flush(Some(end));
            }
            Ok(())
        })
    }

    /// Whether much is waiting to be put.
    pub fn wants_flush(&self) -> bool {
        let state = self.state();
        state.covered - state.put >= FLUSH_LINES
    }

    /// Adds lines that were just appended.
    pub fn add<'a>(&self, lines: impl IntoIterator<Item = &'a Line>) {
        let mut state = self.state();
        lines.into_iter().for_each(|line| state.add(&Facts::of_line(line)));
    }

    /// The number of the newest request.
    pub fn newest_request(&self) -> u64 {
        self.state().requests
    }

    /// Something in the index is not as the log has it: it is built again.
    pub fn distrust(&self, why: &str) {
        let mut state = self.state();
        if !state.is_fallback {
            self.repair(&mut state, &EngineError::damaged(why));
        }
    }

    /// The numbers under a term, ascending.
    pub fn numbers(&self, term: &IndexKey) -> Result<Vec<u64>, Problem> {
        self.work(|state| state.numbers(term))
    }

    /// The last line of a request.
    pub fn last_of(&self, no: RequestNo) -> Result<Option<u64>, Problem> {
        let term = IndexKey::request(no);
        self.work(|state| state.last(&term))
    }

    /// The lines of a request after this one, ascending.
    pub fn lines_after(&self, no: RequestNo, after: u64) -> Result<Vec<u64>, Problem> {
        let term = IndexKey::request(no);
        self.work(|state| state.lines_after(&term, after))
    }

    /// Whether no request has lines that [`Index::take_touched`] has not told of; `false` also while lines are being put, which takes
    /// longer than anyone should wait who only asks.
    pub fn is_untouched(&self) -> bool {
        let state = self.state.try_lock();
        state.is_ok_and(|state| state.touched.as_ref().is_some_and(BTreeSet::is_empty))
    }

    /// The requests that have new lines since the last call; none if any may have, because there was none or the index was made again.
    pub fn take_touched(&self) -> Option<BTreeSet<RequestNo>> {
        self.state().touched.replace(BTreeSet::new())
    }

    /// Tells of these once more.
    pub fn touch(&self, touched: BTreeSet<RequestNo>) {
        self.state().touched.iter_mut().for_each(|all| all.extend(&touched));
    }

    pub fn is_open(&self, no: RequestNo) -> bool {
        self.state().open.contains(&no)
    }

    pub fn open_requests(&self) -> Vec<RequestNo> {
        self.state().open.iter().copied().collect()
    }

    /// Holds the index against what the lines make of it, `expected`; what differs is built again, and told.
    pub fn check(&self, expected: &Expected) {
        let checked = {
            let state = self.state();
            expected.compare(&state)
        };
        if let Err(error) = checked {
            let mut state = self.state();
            self.repair(&mut state, &error);
        }
    }

    /// Makes everything durable, for the end.
    pub fn finish(&self, end: &Start) -> Result<(), Problem> {
        self.flush(end, true)?;
        let state = self.state();
        if state.is_fallback {
            return Ok(());
        }
        // What is lost of an index is built again.
        if let Err(error) = state.engine.make_durable() {
            tracing::warn!("the index may have to be rebuilt at the next start: {error}");
        }
        Ok(())
    }
}

/// What the lines make of the index, as sums that need little memory and no order.
#[derive(Default)]
pub(super) struct Expected {
    /// Drawn for each verification, so that no one can choose entries that cancel out.
    keys: [RandomState; 2],
    sums: [u64; 2],
    entries: u64,
    sets: HashSet<u64>,
    open: BTreeSet<RequestNo>,
    requests: u64,
    size: u64,
}

impl Expected {
    pub fn take(&mut self, line: u64, bytes: &[u8]) {
        self.size = line + 1;
        let Ok(header) = Header::decode(bytes) else { return };
        if header.line != line {
            return;
        }
        let facts = Facts::of_header(&header);
        for (term, number) in facts.entries() {
            self.add(&term, number);
        }
        if let Some(no) = facts.request {
            self.requests = self.requests.max(no.0);
            match facts.opens {
                Some(true) => drop(self.open.insert(no)),
                Some(false) => drop(self.open.remove(&no)),
                None => {}
            }
        }
    }

    fn add(&mut self, term: &IndexKey, number: u64) {
        let entry = (term.bytes(), number);
        if term.is_a_set() {
            self.sets.insert(self.keys[0].hash_one(entry));
            return;
        }
        for (key, sum) in self.keys.iter().zip(&mut self.sums) {
            *sum = sum.wrapping_add(key.hash_one(entry));
        }
        self.entries += 1;
    }

    fn compare(&self, state: &State) -> Result<(), EngineError> {
        let mut there = Expected { keys: self.keys.clone(), ..Expected::default() };
        let mut wrong = Ok(());
        state.engine.scan(Table::Index, &[], &[u8::MAX; 256], false, &mut |key, value| {
            if matches!(key.first(), Some(&OPEN | &MARKER)) {
                return true;
            }
            match decode_entry(key, value) {
                Ok((term, numbers)) => there.add_below(&term, &numbers, self.size),
                Err(error) => wrong = Err(error),
            }
            wrong.is_ok()
        })?;
        wrong?;
        // A crash may have left in the engine what is indexed once more.
        for (term, lines) in &state.lines {
            let last = state.newest_of(term)?.last().copied();
            let new: Vec<u64> =
                lines.iter().copied().filter(|line| last.is_none_or(|last| *line > last)).collect();
            there.add_below(term, &new, self.size);
        }
        state.sets.iter().for_each(|(term, number)| there.add(term, *number));
        let now = state.covered == self.size;
        let differs = there.sums != self.sums
            || there.entries != self.entries
            || !self.sets.is_subset(&there.sets)
            || now && (there.sets != self.sets || state.open != self.open || state.requests != self.requests);
        match differs {
            true => Err(EngineError::damaged("it doesn't match the lines of the log")),
            false => Ok(()),
        }
    }

    fn add_below(&mut self, term: &IndexKey, numbers: &[u64], size: u64) {
        let is_a_set = term.is_a_set();
        numbers
            .iter()
            .filter(|number| is_a_set || **number < size)
            .for_each(|number| self.add(term, *number));
    }
}

/// There is an engine, and it can't be used before the next start.
fn not_usable(error: &EngineError) -> Problem {
    let kind = match error {
        EngineError::Refused(kind, _) => *kind,
        EngineError::Damaged(_) => std::io::ErrorKind::Other,
    };
    Problem::operator(
        "index_in_memory",
        format!("The database can't be used: {error}. Until a restart, temporary passwords can be neither created nor shown."),
    )
    .hint(remedy(&kind.into()))
}

fn snapshot_damaged() -> Problem {
    Problem::operator(
        "index_snapshot",
        "A snapshot of the index was damaged. It was moved aside and isn't needed.",
    )
    .hint("Remove the files `damaged-snap.*` below the folder `db`.")
}

fn open_key(no: u64) -> Vec<u8> {
    [&[OPEN][..], &no.to_be_bytes()].concat()
}

fn decode_entry(key: &[u8], value: &[u8]) -> Result<(IndexKey, Vec<u64>), EngineError> {
    let wrong = || EngineError::damaged("an entry can't be read");
    let (term, first) = IndexKey::of_key(key).ok_or_else(wrong)?;
    let numbers = match term.is_a_set() {
        true if value.is_empty() => vec![first],
        true => return Err(wrong()),
        false => decode(first, value).ok_or_else(wrong)?,
    };
    Ok((term, numbers))
}

/// How far the index reaches, as the engine keeps it.
fn encode_marker(end: &Start, requests: u64) -> Vec<u8> {
    let mut out = vec![VERSION];
    for number in [requests, end.seal_at, end.at, end.edge.size()] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    end.edge.subtrees().iter().for_each(|hash| out.extend_from_slice(hash));
    out.extend_from_slice(end.note.as_bytes());
    out
}

fn decode_marker(bytes: &[u8]) -> Option<(Start, u64)> {
    let ([VERSION], mut rest) = bytes.split_first_chunk::<1>()? else { return None };
    let mut numbers = [0u64; 4];
    for number in &mut numbers {
        let (first, others) = rest.split_first_chunk::<8>()?;
        (*number, rest) = (u64::from_be_bytes(*first), others);
    }
    let [requests, seal_at, at, size] = numbers;
    let (hashes, note) = rest.split_at_checked(size.count_ones() as usize * 32)?;
    let hashes: Vec<Hash> = hashes.chunks_exact(32).filter_map(|hash| hash.try_into().ok()).collect();
    let edge = Edge::new(size, hashes)?;
    Some((Start { seal_at, at, note: String::from_utf8(note.to_vec()).ok()?, edge }, requests))
}

//! An open log to read from: what the writer, the readers and verification share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use desk_core::ids::RequestNo;
use desk_core::log::checkpoint::Verifier;
use desk_core::log::{Header, Line, merkle};
use desk_core::ports::Query;
use desk_core::problem::Problem;

use super::checkpoints;
use super::disk::{Disk, Hook};
use super::files::Folder;
use super::head::Head;
use super::index::{Facts, Filer, Filing, Term};
use super::lines::Kept;
use super::verify;

/// Lines by what they are filed under.
pub(super) type Terms = BTreeMap<Term, Vec<u64>>;

/// What readers may see: all of it is durable.
#[derive(Clone, Debug, Default)]
struct Published {
    head: Arc<Head>,
    open: BTreeSet<RequestNo>,
    /// Where the newest commit's lines are filed, which the index in sled learns after the callers.
    recent: Arc<Terms>,
    /// The newest head that the index in sled covers.
    indexed: Arc<Head>,
}

/// An open log. The fields are dropped in this order, so the folder's lock goes last.
pub(super) struct Archive {
    pub disk: Disk,
    pub verifier: Verifier,
    published: RwLock<Published>,
    unsound: Mutex<Option<Problem>>,
    closing: AtomicBool,
    pub folder: Folder,
}

impl Archive {
    /// Opens a log and looks at its end. What is wrong with it makes it unsound; only what cannot be read at all is an error.
    ///
    /// When the end is as it should be, what a crash cut short is finished: lines whose head was never written go, and
    /// the newest commit's index entries are made up for. None of these were ever acknowledged.
    pub fn open(folder: Folder, verifier: Verifier, hook: Hook) -> Result<(Archive, Filing), Problem> {
        let disk = Disk::open(&folder, hook)?;
        let head = match disk.head()? {
            Some(head) => head,
            None if disk.line_beyond(&Head::default())?.is_none()
                && disk.has_no_checkpoint()?
                && folder.read(checkpoints::FILE)?.is_none() =>
            {
                let head = Head::default();
                disk.put_head(&head)?;
                disk.make_durable()?;
                folder.sync_names()?;
                head
            }
            None => {
                return Err(Problem::log("log_head_missing", "The head of the log is gone.")
                    .next("Keep a copy of the folder as it is, then put the newest backup in its place."));
            }
        };
        let head = Arc::new(head);
        let archive = Archive {
            disk,
            verifier,
            published: RwLock::new(Published {
                indexed: head.clone(),
                head,
                open: BTreeSet::new(),
                recent: Arc::default(),
            }),
            unsound: Mutex::new(None),
            closing: AtomicBool::new(false),
            folder,
        };
        let filing = match verify::tail(&archive) {
            Ok(findings) if findings.is_empty() => archive.finish_what_was_cut_short(),
            Ok(findings) => {
                // The whole log tells more exactly, and now there is time for it.
                archive.found(&verify::whole(&archive, true, &[]).findings);
                archive.found(&findings);
                Ok(Filing::default())
            }
            Err(problem) => Err(problem),
        };
        let filing = filing.unwrap_or_else(|problem| {
            archive.set_unsound(problem);
            Filing::default()
        });
        match archive.disk.open_requests() {
            Ok(open) => write(&archive.published).open = open,
            Err(problem) => archive.set_unsound(problem),
        }
        Ok((archive, filing))
    }

    fn finish_what_was_cut_short(&self) -> Result<Filing, Problem> {
        let head = self.head();
        let mut changed = self.disk.remove_beyond(&head)?;
        let new = (head.before..head.size()).map(|line| self.kept(line)).collect::<Result<Vec<_>, _>>()?;
        let mut filing = Filing::default();
        let listed = self.disk.open_requests()?;
        let mut touched = BTreeSet::new();
        for kept in &new {
            touched.extend(header(kept)?.request);
        }
        for no in listed.union(&touched) {
            for line in self.disk.filed_under(&Term::request(*no), head.before)? {
                filing.terms(&Facts::of_header(&header(&self.kept(line)?)?));
            }
        }
        let mut filer = Filer::default();
        for (line, kept) in (head.before..).zip(&new) {
            for term in filing.terms(&Facts::of_header(&header(kept)?)) {
                if filer.last(&self.disk, &term)?.is_none_or(|last| last < line) {
                    filer.file(&self.disk, &term, &[line])?;
                    changed = true;
                }
            }
        }
        let open = filing.open();
        for no in touched.iter().filter(|no| open.contains(no) != listed.contains(no)) {
            self.disk.put_open(*no, open.contains(no))?;
            changed = true;
        }
        if changed {
            tracing::info!("finished what a crash had cut short in the log");
            self.disk.make_durable()?;
        }
        Ok(filing)
    }

    /// The head as readers may see it.
    pub fn head(&self) -> Arc<Head> {
        self.published().head.clone()
    }

    /// The newest head that the index in sled covers.
    pub fn indexed(&self) -> Arc<Head> {
        self.published().indexed.clone()
    }

    pub fn size(&self) -> u64 {
        self.published().head.size()
    }

    pub fn open_requests(&self) -> BTreeSet<RequestNo> {
        self.published().open.clone()
    }

    /// Lets readers see a commit; to be called once it is durable.
    pub fn publish(&self, head: Head, open: &BTreeMap<RequestNo, bool>, terms: Terms) {
        let mut published = write(&self.published);
        published.head = Arc::new(head);
        published.recent = Arc::new(terms);
        for (no, open) in open {
            match open {
                true => published.open.insert(*no),
                false => published.open.remove(no),
            };
        }
    }

    /// Puts the newest commit's index entries. They become durable with the next commit, whose head says that they are.
    pub fn file_recent(&self, filer: &mut Filer, open: &BTreeMap<RequestNo, bool>) -> Result<(), Problem> {
        let terms = self.published().recent.clone();
        terms.iter().try_for_each(|(term, lines)| filer.file(&self.disk, term, lines))?;
        open.iter().try_for_each(|(no, open)| self.disk.put_open(*no, *open))?;
        let mut published = write(&self.published);
        published.indexed = published.head.clone();
        Ok(())
    }

    fn published(&self) -> RwLockReadGuard<'_, Published> {
        self.published.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lines under a term that readers may see, ascending.
    fn filed_under(&self, term: &Term) -> Result<Vec<u64>, Problem> {
        let (size, recent) = {
            let published = self.published();
            (published.head.size(), published.recent.get(term).cloned().unwrap_or_default())
        };
        let mut lines = self.disk.filed_under(term, size)?;
        let filed = lines.last().copied();
        lines.extend(recent.into_iter().filter(|line| filed.is_none_or(|filed| *line > filed)));
        Ok(lines)
    }

    pub fn unsound(&self) -> Option<Problem> {
        lock(&self.unsound).clone()
    }

    /// Nothing is written any more; the first reason stays.
    pub fn set_unsound(&self, problem: Problem) {
        let mut unsound = lock(&self.unsound);
        if unsound.is_none() {
            tracing::error!(code = problem.code, "the log is unsound: {problem}");
            *unsound = Some(problem);
        }
    }

    /// The log is unsound for what verification found.
    pub fn found(&self, findings: &[verify::Finding]) {
        if let Some(first) = findings.first() {
            let more = match findings.len() - 1 {
                0 => String::new(),
                more => format!(" There is more, {more} in all."),
            };
            self.set_unsound(
                Problem::log("log_altered", format!("The approval log was altered or damaged: {first}{more}"))
                    .next("Keep a copy of the store's folder, run `connect-desk log verify`, and find out who can write there."),
            );
        }
    }

    /// Tells verification in the background to stop.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    pub fn closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// A line's bytes, which have the hash that they were written with.
    pub fn kept(&self, line: u64) -> Result<Kept, Problem> {
        let kept = self.disk.line(&self.head(), line)?.ok_or_else(|| bad_line(line, "is gone"))?;
        if merkle::leaf(&kept.bytes) != kept.hash {
            return Err(bad_line(line, "does not have the hash it was written with"));
        }
        Ok(kept)
    }

    pub fn line(&self, number: u64) -> Result<Line, Problem> {
        let kept = self.kept(number)?;
        let line = Line::decode(&kept.bytes).map_err(|_| bad_line(number, "cannot be read"))?;
        if line.line != number {
            return Err(bad_line(number, &format!("is not in its place: line {} is", line.line)));
        }
        Ok(line)
    }

    /// The lines of a request, oldest first.
    pub fn request(&self, no: RequestNo) -> Result<Vec<Line>, Problem> {
        let numbers = self.filed_under(&Term::request(no))?;
        let lines = numbers.into_iter().map(|number| self.line(number)).collect::<Result<Vec<_>, _>>()?;
        match lines.iter().find(|line| line.request != Some(no)) {
            None => Ok(lines),
            Some(line) => Err(bad_line(
                line.line,
                &format!("is listed under request {no}, to which it does not belong"),
            )),
        }
    }

    /// The newest line that says by which rules the desk goes.
    pub fn rules(&self) -> Result<Option<Line>, Problem> {
        self.filed_under(&Term::rules())?.last().map(|number| self.line(*number)).transpose()
    }

    /// The newest lines that fit, newest first.
    pub fn history(&self, query: &Query) -> Result<Vec<Line>, Problem> {
        let size = self.size();
        let fits = |line: &Line| {
            let login = query.login.as_ref().map(|login| login.to_lowercase());
            let person = query.person.as_ref();
            login.is_none_or(|login| line.about.iter().any(|about| about.to_lowercase() == login))
                && person.is_none_or(|person| line.by.as_ref().is_some_and(|by| by.id == *person))
        };
        let candidates: Box<dyn Iterator<Item = Result<u64, Problem>> + '_> =
            match (&query.login, &query.person) {
                (Some(login), _) => Box::new(self.lines_about(login)?.into_iter().rev().map(Ok)),
                (None, Some(person)) => {
                    let lines = self.filed_under(&Term::person(&person.to_string()))?;
                    Box::new(lines.into_iter().rev().map(Ok))
                }
                (None, None) => Box::new((0..size).rev().map(Ok)),
            };
        let mut out = Vec::new();
        for number in candidates {
            if out.len() == query.limit {
                break;
            }
            let line = self.line(number?)?;
            // Lines are in the order of their moments, but for clocks that were set back; those are not looked behind.
            if query.since.is_some_and(|since| line.at < since) {
                break;
            }
            if fits(&line) {
                out.push(line);
            }
        }
        Ok(out)
    }

    /// The requests with a line filed under a login, newest first.
    pub fn requests_about(&self, login: &str) -> Result<Vec<RequestNo>, Problem> {
        let mut requests = BTreeSet::new();
        for number in self.filed_under(&Term::login(login))? {
            requests.extend(header(&self.kept(number)?)?.request);
        }
        Ok(requests.into_iter().rev().collect())
    }

    /// The lines that may be about a login, ascending: those filed under it, and all of the requests these belong to.
    fn lines_about(&self, login: &str) -> Result<BTreeSet<u64>, Problem> {
        let mut lines = BTreeSet::new();
        let mut requests = BTreeSet::new();
        for number in self.filed_under(&Term::login(login))? {
            lines.insert(number);
            requests.extend(header(&self.kept(number)?)?.request);
        }
        for no in requests {
            lines.extend(self.filed_under(&Term::request(no))?);
        }
        Ok(lines)
    }
}

fn header(kept: &Kept) -> Result<Header<'_>, Problem> {
    Header::decode(&kept.bytes).map_err(|error| {
        Problem::log("log_line_damaged", format!("A line of the log cannot be read: {error}."))
            .next("Run `connect-desk log verify`, which names it.")
    })
}

fn bad_line(line: u64, what: &str) -> Problem {
    Problem::log("log_line_damaged", format!("Line {line} of the approval log {what}."))
        .next("Run `connect-desk log verify`, and find out who can write to the store's folder.")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

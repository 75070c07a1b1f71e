//! The one thread that writes: it takes everything that waits, puts it into sled, syncs once, and then tells the callers.
//!
//! The order of a commit: the lines that the head has no room for, then the head; flush; fdatasync; only now readers see
//! it and callers are told. Then, beside the callers, the index and the list of open requests, which become durable with
//! the next commit, before its head. Whatever prefix of that a crash leaves behind is made whole when the folder is opened
//! next, see [`super::head`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use desk_core::card::Hidden;
use desk_core::ids::RequestNo;
use desk_core::log::{Line, merkle};
use desk_core::ports::{Append, AppendError, Clock};
use desk_core::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot::Sender;

use super::archive::{Archive, Terms};
use super::checkpoints::Signed;
use super::disk::Moment;
use super::files::Room;
use super::head::Head;
use super::index::{Facts, Filer, Filing, Term};
use super::keys::LogKey;
use super::lines::{Laid, too_long};
use super::prepared::Prepared;
use super::vault::Sealer;

/// A checkpoint is signed after so many lines, or when the last is so old and there are new lines.
const CHECKPOINT_LINES: u64 = 256;
const CHECKPOINT_AGE: Duration = Duration::from_secs(60);

/// How long the writer looks for more work before it sleeps.
const SPIN: Duration = Duration::from_micros(100);

/// The most pieces of work in one commit.
const MOST: usize = 4096;

/// Something to write, and whom to tell.
pub(super) enum Work {
    Append { to: Append, lines: Vec<Prepared>, reply: Sender<Result<Vec<Line>, AppendError>> },
    Password { no: RequestNo, reply: Sender<Result<Hidden, Problem>> },
    Unseal { no: RequestNo, reply: Sender<Result<Option<Hidden>, Problem>> },
    Destroy { no: RequestNo, reply: Sender<Result<(), Problem>> },
    Checkpoint { reply: Sender<Result<String, Problem>> },
    Close,
}

/// A caller's answer, which waits for the commit.
enum Answer {
    Lines(Result<Vec<Line>, AppendError>, Sender<Result<Vec<Line>, AppendError>>),
    Password(Result<Hidden, Problem>, Sender<Result<Hidden, Problem>>),
    Unsealed(Result<Option<Hidden>, Problem>, Sender<Result<Option<Hidden>, Problem>>),
    Destroyed(Result<(), Problem>, Sender<Result<(), Problem>>),
    Checkpoint(Sender<Result<String, Problem>>),
}

/// What one commit is going to write.
struct Commit {
    head: Head,
    laid: Laid,
    terms: Terms,
    /// The last line of each request that has lines in this commit.
    last: HashMap<RequestNo, u64>,
    open: BTreeMap<RequestNo, bool>,
    /// Something was put already, beside the lines.
    secrets: bool,
}

/// The writing half of an open log.
pub(super) struct Writer {
    archive: Arc<Archive>,
    key: LogKey,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    head: Head,
    filing: Filing,
    filer: Filer,
    signed: Option<Signed>,
    room: Room,
}

impl Writer {
    /// Takes over a log that is sound so far.
    pub fn new(
        archive: Arc<Archive>,
        key: LogKey,
        sealer: Sealer,
        clock: Arc<dyn Clock>,
        filing: Filing,
    ) -> Result<Writer, Problem> {
        let head = Head::clone(&archive.head());
        let signed = archive.disk.checkpoint_below(head.size(), &archive.verifier)?;
        let mut room = Room::open(&archive.folder.engine_file())
            .map_err(|error| super::files::trouble("open its database for appending", &error))?;
        if let Err(error) = room.top_up() {
            tracing::warn!("there is little room for the log: {error}");
        }
        if archive.disk.remove_expired_secrets(clock.now())? > 0 {
            archive.disk.make_durable()?;
        }
        Ok(Writer { archive, key, sealer, clock, head, filing, filer: Filer::default(), signed, room })
    }

    /// Works until told to close, or until nobody is left who could ask.
    pub fn run(mut self, inbox: &Receiver<Work>) {
        loop {
            let first = match self.receive(inbox) {
                Ok(work) => work,
                Err(RecvTimeoutError::Timeout) => {
                    self.sign();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let mut closing = false;
            let waiting = std::iter::once(first).chain(inbox.try_iter()).take(MOST).take_while(|work| {
                closing = matches!(work, Work::Close);
                !closing
            });
            let waiting: Vec<Work> = waiting.collect();
            self.serve(waiting);
            if closing {
                break;
            }
        }
        if self.is_uncovered() {
            self.sign();
        }
        if self.archive.unsound().is_none()
            && let Err(problem) = self.archive.disk.make_durable()
        {
            self.archive.set_unsound(problem);
        }
    }

    /// The next piece of work, or `Timeout` when there are lines that have waited long enough for a checkpoint.
    fn receive(&self, inbox: &Receiver<Work>) -> Result<Work, RecvTimeoutError> {
        // Whoever was just answered often has the next line at once, and waking a thread takes longer than that.
        let answered = Instant::now();
        while answered.elapsed() < SPIN {
            match inbox.try_recv() {
                Ok(work) => return Ok(work),
                Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
                Err(TryRecvError::Empty) => std::hint::spin_loop(),
            }
        }
        match self.is_uncovered() {
            // The machine's own time, because an idle desk has to come to this by itself.
            true => inbox.recv_timeout(CHECKPOINT_AGE),
            false => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// One commit: everything that waits, one flush, one sync.
    fn serve(&mut self, waiting: Vec<Work>) {
        let now = self.clock.now();
        let mut commit = Commit {
            head: Head { before: self.head.size(), ..self.head.clone() },
            laid: Laid::default(),
            terms: Terms::new(),
            last: HashMap::new(),
            open: BTreeMap::new(),
            secrets: false,
        };
        let refused = self.archive.unsound();
        let answers: Vec<Answer> = waiting
            .into_iter()
            .filter_map(|work| match &refused {
                Some(problem) => {
                    refuse(work, problem);
                    None
                }
                None => self.prepare(&mut commit, work, now),
            })
            .collect();
        if answers.is_empty() {
            return;
        }
        let written = self.write(commit);
        let _ = self.archive.disk.hook().tell(Moment::Acknowledge);
        let (written, open) = match written {
            Ok(open) => (Ok(()), open),
            Err(problem) => {
                self.archive.set_unsound(problem.clone());
                (Err(problem), BTreeMap::new())
            }
        };
        let (later, at_once): (Vec<Answer>, Vec<Answer>) =
            answers.into_iter().partition(|answer| matches!(answer, Answer::Checkpoint(_)));
        for answer in at_once {
            self.tell(answer, &written);
        }
        // Callers need not wait for the index, but it comes before the next commit, and before a checkpoint: whoever
        // verifies meanwhile reads the newest checkpoint and has to find the index that far.
        let filed = written.and_then(|()| self.archive.file_recent(&mut self.filer, &open));
        if let Err(problem) = &filed {
            self.archive.set_unsound(problem.clone());
        }
        for answer in later {
            self.tell(answer, &filed);
        }
        if filed.is_ok() {
            if self.is_due(now) {
                self.sign();
            }
            self.make_room();
        }
    }

    fn prepare(&mut self, commit: &mut Commit, work: Work, now: Timestamp) -> Option<Answer> {
        let disk = &self.archive.disk;
        Some(match work {
            Work::Append { to, lines, reply } => Answer::Lines(self.add(commit, to, lines), reply),
            Work::Password { no, reply } => {
                commit.secrets = true;
                Answer::Password(disk.secret_or_new(&self.sealer, no, now), reply)
            }
            Work::Unseal { no, reply } => Answer::Unsealed(disk.secret(&self.sealer, no, now), reply),
            Work::Destroy { no, reply } => {
                commit.secrets = true;
                Answer::Destroyed(disk.remove_secret(no), reply)
            }
            Work::Checkpoint { reply } => Answer::Checkpoint(reply),
            Work::Close => return None,
        })
    }

    /// Adds lines to the commit, if the request's last line is the one that the caller knows.
    fn add(
        &mut self,
        commit: &mut Commit,
        to: Append,
        lines: Vec<Prepared>,
    ) -> Result<Vec<Line>, AppendError> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let request = match to {
            Append::Desk => None,
            Append::New => Some(RequestNo(commit.head.requests + 1)),
            Append::To { no, after } => {
                let last = match commit.last.get(&no) {
                    Some(last) => Some(*last),
                    None => self.filer.last(&self.archive.disk, &Term::request(no)).map_err(|problem| {
                        self.archive.set_unsound(problem.clone());
                        AppendError::Failed(problem)
                    })?,
                };
                if last != Some(after) {
                    return Err(AppendError::Conflict);
                }
                Some(no)
            }
        };
        let lines: Vec<(Line, Vec<u8>)> =
            (commit.head.size()..).zip(lines).map(|(number, line)| line.at(number, request)).collect();
        if let Some(problem) = lines.iter().find_map(|(_, bytes)| too_long(bytes)) {
            return Err(AppendError::Failed(problem));
        }
        let mut written = Vec::with_capacity(lines.len());
        for (line, bytes) in lines {
            commit.head.push(merkle::leaf(&bytes), bytes, &mut commit.laid);
            let facts = Facts::of_line(&line);
            for term in self.filing.terms(&facts) {
                commit.terms.entry(term).or_default().push(line.line);
            }
            if let Some(no) = request {
                commit.last.insert(no, line.line);
                commit.head.requests = commit.head.requests.max(no.0);
                commit.open.extend(facts.opens.map(|open| (no, open)));
            }
            written.push(line);
        }
        Ok(written)
    }

    /// Makes a commit durable and lets readers see it; gives what is left to be listed of open requests.
    fn write(&mut self, commit: Commit) -> Result<BTreeMap<RequestNo, bool>, Problem> {
        let lines = commit.head.size() > self.head.size();
        if !lines && !commit.secrets {
            return Ok(commit.open);
        }
        let disk = &self.archive.disk;
        if lines {
            disk.put_lines(&commit.laid)?;
            disk.put_head(&commit.head)?;
        }
        disk.make_durable()?;
        if lines {
            self.head = commit.head.clone();
            self.archive.publish(commit.head, &commit.open, commit.terms);
        }
        Ok(commit.open)
    }

    fn tell(&mut self, answer: Answer, written: &Result<(), Problem>) {
        // A caller that went away needs no answer, so what `send` gives back is of no interest.
        match answer {
            Answer::Lines(lines, reply) => {
                let lines = written.clone().map_err(AppendError::Failed).and(lines);
                let _ = reply.send(lines);
            }
            Answer::Password(password, reply) => {
                let _ = reply.send(written.clone().and(password));
            }
            Answer::Unsealed(secret, reply) => {
                let _ = reply.send(written.clone().and(secret));
            }
            Answer::Destroyed(destroyed, reply) => {
                let _ = reply.send(written.clone().and(destroyed));
            }
            Answer::Checkpoint(reply) => {
                let note = written.clone().and_then(|()| self.checkpoint());
                let _ = reply.send(note);
            }
        }
    }

    /// A signed checkpoint over everything that is durable.
    fn checkpoint(&mut self) -> Result<String, Problem> {
        match &self.signed {
            Some(signed) if signed.edge == self.head.edge => Ok(signed.note.clone()),
            _ => {
                let signed = Signed::sign(&self.key, &self.head.edge, self.clock.now());
                let note = signed.note.clone();
                self.archive.disk.keep_checkpoint(&self.archive.folder, &signed)?;
                self.signed = Some(signed);
                Ok(note)
            }
        }
    }

    /// Signs over all lines, unless something is wrong with them.
    fn sign(&mut self) {
        if self.archive.unsound().is_some() {
            return;
        }
        if let Err(problem) = self.checkpoint() {
            tracing::warn!(code = problem.code, "no checkpoint was kept: {problem}");
        }
    }

    /// Room that cannot be made is no harm yet: sled makes its own, and says so when that fails.
    fn make_room(&mut self) {
        if let Err(error) = self.room.after(self.archive.disk.put_so_far()) {
            tracing::warn!("there is little room for the log: {error}");
        }
    }

    fn is_uncovered(&self) -> bool {
        self.signed.as_ref().map_or(0, |signed| signed.edge.size()) < self.head.size()
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let covered = self.signed.as_ref().map_or(0, |signed| signed.edge.size());
        let age = SignedDuration::from_secs(CHECKPOINT_AGE.as_secs().cast_signed());
        self.head.size() - covered >= CHECKPOINT_LINES
            || self.is_uncovered()
                && self.signed.as_ref().is_none_or(|signed| now.duration_since(signed.at) >= age)
    }
}

fn refuse(work: Work, problem: &Problem) {
    match work {
        Work::Append { reply, .. } => drop(reply.send(Err(AppendError::Failed(problem.clone())))),
        Work::Password { reply, .. } => drop(reply.send(Err(problem.clone()))),
        Work::Unseal { reply, .. } => drop(reply.send(Err(problem.clone()))),
        Work::Destroy { reply, .. } => drop(reply.send(Err(problem.clone()))),
        Work::Checkpoint { reply } => drop(reply.send(Err(problem.clone()))),
        Work::Close => {}
    }
}

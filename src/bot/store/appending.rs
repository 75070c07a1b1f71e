//! Appending: anyone who comes first writes for all who wait, so that they share one sync.
//!
//! The first caller leads: on its own thread it takes what waits, writes it, syncs once and tells everyone. So a lone caller changes
//! threads twice less than the disk would notice. If more wait by then, a thread of the log's own leads on until no one does.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::log::Line;
use desk_core::log::{Append, AppendError};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;

use super::index::Index;
use super::prepared::Prepared;
use crate::log::{FileLog, Log as _, NotAppended, stopped};

/// The most pieces of work in one batch, and about how long it may get.
const MOST: usize = 4096;
const MOST_BYTES: usize = 8 * 1024 * 1024;

type Answer = Result<Vec<Line>, AppendError>;

/// Lines to append, and whom to tell.
struct Work {
    to: Append,
    lines: Vec<Prepared>,
    reply: oneshot::Sender<Answer>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Work>,
    /// Someone is writing.
    led: bool,
    /// It is for the log's own thread to lead.
    handed_over: bool,
    closed: bool,
}

/// The appending half of an open log.
pub(super) struct Appender {
    log: Arc<FileLog>,
    index: Arc<Index>,
    queue: Mutex<Queue>,
    /// The log's own thread has something to do.
    wake: Condvar,
    /// No one leads any more.
    idle: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Appender {
    pub fn start(log: Arc<FileLog>, index: Arc<Index>) -> Result<Arc<Appender>, Problem> {
        let appender = Arc::new(Appender {
            log,
            index,
            queue: Mutex::default(),
            wake: Condvar::new(),
            idle: Condvar::new(),
            thread: Mutex::new(None),
        });
        let works = appender.clone();
        let thread = super::threads::spawn("log-writer", move || works.work())?;
        *appender.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(appender)
    }

    pub async fn append(&self, to: Append, lines: Vec<Prepared>) -> Answer {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        let leads = {
            let mut queue = self.queue();
            if queue.closed {
                return Err(AppendError::Failed(stopped()));
            }
            queue.waiting.push_back(Work { to, lines, reply });
            !std::mem::replace(&mut queue.led, true)
        };
        if leads {
            self.lead();
        }
        let lost = || AppendError::Unknown(self.log.unsound().unwrap_or_else(stopped));
        answer.await.unwrap_or_else(|_| Err(lost()))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits, here where that is possible.
    fn lead(&self) {
        let here =
            Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
        if here {
            tokio::task::block_in_place(|| self.serve());
            if self.is_done() {
                return;
            }
        }
        self.queue().handed_over = true;
        self.wake.notify_one();
    }

    /// Whether nothing is left to do; then no one leads any more.
    fn is_done(&self) -> bool {
        let tidy = !self.index.wants_flush() && !self.log.wants_checkpoint();
        let mut queue = self.queue();
        if !queue.waiting.is_empty() || !tidy && self.log.unsound().is_none() {
            return false;
        }
        queue.led = false;
        self.idle.notify_all();
        true
    }

    /// The log's own thread: leads when it is told to, until it is told to end.
    fn work(&self) {
        let mut queue = self.queue();
        loop {
            if queue.handed_over {
                queue.handed_over = false;
                drop(queue);
                loop {
                    self.serve();
                    self.tidy();
                    if self.is_done() {
                        break;
                    }
                }
                queue = self.queue();
            } else if queue.closed && !queue.led {
                return;
            } else {
                queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// What is done now and then, after everyone has been told.
    fn tidy(&self) {
        if self.log.unsound().is_some() {
            return;
        }
        if self.index.wants_flush()
            && let Err(problem) = self.index.flush(&self.log.end(), false)
        {
            tracing::warn!(code = problem.code, "the index could not be written: {problem}");
        }
        if self.log.wants_checkpoint()
            && let Err(problem) = self.log.checkpoint()
        {
            tracing::warn!(code = problem.code, "no checkpoint was written: {problem}");
        }
    }

    /// One batch: everything that waits, one write, one sync.
    fn serve(&self) {
        let works = self.take();
        // Callers whose answer is lost to a panic learn it from the channel, the others from this.
        if catch_unwind(AssertUnwindSafe(|| self.write(works))).is_err() {
            self.log.set_unsound(stopped());
        }
    }

    fn take(&self) -> Vec<Work> {
        let mut queue = self.queue();
        let mut bytes = 0;
        let mut works = Vec::new();
        while let Some(work) = queue.waiting.pop_front() {
            bytes += work.lines.iter().map(Prepared::len).sum::<usize>();
            works.push(work);
            if works.len() == MOST || bytes > MOST_BYTES {
                break;
            }
        }
        works
    }

    fn write(&self, works: Vec<Work>) {
        let size = self.log.size();
        let mut batch = Batch { next: size, requests: self.index.newest_request(), ..Batch::default() };
        let mut answers = Vec::with_capacity(works.len());
        for Work { to, lines, reply } in works {
            match batch.place(&self.index, to, lines) {
                Ok(placed) => answers.push((placed, reply)),
                // A caller that went away needs no answer, so what `send` gives back is of no interest.
                Err(error) => drop(reply.send(Err(error))),
            }
        }
        if answers.is_empty() {
            return;
        }
        let written = self.log.append(size, &batch.bytes);
        if written.is_ok() {
            self.index.add(answers.iter().flat_map(|(lines, _)| lines));
        }
        self.log.folder.writes.answer();
        for (lines, reply) in answers {
            let _ = reply.send(match &written {
                Ok(()) => Ok(lines),
                Err(NotAppended::Refused(problem)) => Err(AppendError::Failed(problem.clone())),
                Err(NotAppended::Unknown(problem)) => Err(AppendError::Unknown(problem.clone())),
                Err(NotAppended::Changed) => Err(AppendError::Failed(
                    Problem::log("log_changed", "Another process wrote to the log.")
                        .hint("Stop it, then restart the bot."),
                )),
            });
        }
    }

    /// Takes nothing more, waits for what was taken, and ends the thread.
    pub fn close(&self) {
        let mut queue = self.queue();
        queue.closed = true;
        while queue.led {
            queue = self.idle.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        drop(queue);
        self.wake.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

/// The lines that one write will have.
#[derive(Default)]
struct Batch {
    next: u64,
    requests: u64,
    bytes: Vec<Vec<u8>>,
    /// The last line of each request that has lines in it.
    last: HashMap<RequestNo, u64>,
}

impl Batch {
    /// Gives lines their places, if the request's last line is the one that the caller knows.
    fn place(&mut self, index: &Index, to: Append, lines: Vec<Prepared>) -> Result<Vec<Line>, AppendError> {
        let request = match to {
            Append::Desk => None,
            Append::New => Some(RequestNo(self.requests + 1)),
            Append::To { no, after } => {
                let last = match self.last.get(&no) {
                    Some(last) => Some(*last),
                    None => index.last_of(no).map_err(AppendError::Failed)?,
                };
                if last != Some(after) {
                    return Err(AppendError::Conflict);
                }
                Some(no)
            }
        };
        let placed = (self.next..)
            .zip(lines)
            .map(|(number, line)| line.at(number, request))
            .collect::<Result<Vec<_>, _>>()
            .map_err(AppendError::Failed)?;
        self.next += placed.len() as u64;
        if let Some(no) = request {
            self.requests = self.requests.max(no.0);
            self.last.insert(no, self.next - 1);
        }
        Ok(placed
            .into_iter()
            .map(|(line, bytes)| {
                self.bytes.push(bytes);
                line
            })
            .collect())
    }
}

//! Which interactions were taken, also over a restart: each counts once, however often it comes.

use std::collections::{HashSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use desk_core::ports::Clock;

use crate::folder::Writes;

/// How many ids are remembered: those of the five minutes in which one may come again, however busy they were.
pub const REMEMBERED: usize = 20_000;

/// The digits of an id in the file, and the line's end.
pub const LINE: usize = 21;

/// Milliseconds since 1970 at which Discord's ids begin; an id has its moment above these bits.
pub const EPOCH_MS: i64 = 1_420_070_400_000;
pub const BELOW_THE_MOMENT: u32 = 22;

const FILE: &str = "discord-interactions";

/// The newest interactions, in memory and in a file of the state folder.
pub struct RecentIds {
    folder: PathBuf,
    ids: Mutex<Ids>,
    /// Ids that are still to be written: the first who may write writes all of them.
    unwritten: Mutex<Vec<u64>>,
    written: Arc<tokio::sync::Mutex<Written>>,
    /// No interaction before this one is taken, where it can't be told which of them were.
    first: u64,
}

#[derive(Default)]
struct Ids {
    all: HashSet<u64>,
    order: VecDeque<u64>,
}

/// The file, once something was written, and how many ids it has.
#[derive(Default)]
struct Written {
    file: Option<File>,
    lines: usize,
}

impl RecentIds {
    pub fn open(folder: &Path, clock: &dyn Clock) -> RecentIds {
        let file = folder.join(FILE);
        let (known, first) = match read(&file) {
            Ok(known) => (known, 0),
            Err(error) => {
                let moment = clock.now().as_millisecond().saturating_sub(EPOCH_MS);
                tracing::warn!(
                    %error,
                    "earlier interactions can't be read from {}; only newer ones are accepted",
                    file.display()
                );
                (Vec::new(), u64::try_from(moment).unwrap_or_default() << BELOW_THE_MOMENT)
            }
        };
        let mut ids = Ids::default();
        for id in known {
            ids.insert(id);
        }
        // The first one that is kept rewrites the file.
        let (unwritten, written) = (Mutex::default(), Arc::default());
        RecentIds { folder: folder.to_owned(), ids: Mutex::new(ids), unwritten, written, first }
    }

    /// `false` when the interaction was there before, or may have been.
    pub fn is_new(&self, id: u64) -> bool {
        id >= self.first && self.ids().insert(id)
    }

    /// Writes down that an interaction was taken, before anything is done for it. One that can't be written is taken all the
    /// same: a desk whose disk fails still answers, and changes nothing.
    pub async fn keep(self: Arc<Self>, id: u64) {
        lock(&self.unwritten).push(id);
        self.write_down(id).await;
    }

    async fn write_down(self: Arc<Self>, id: u64) {
        let mut written = self.written.clone().lock_owned().await;
        let ids = std::mem::take(&mut *lock(&self.unwritten));
        // Another one wrote it, unless that failed: then everything is written again.
        if ids.is_empty() && written.file.is_some() {
            return;
        }
        let kept = tokio::task::spawn_blocking(move || self.write(&mut written, &ids)).await;
        if let Ok(Err(error)) = kept {
            tracing::error!(interaction = id, %error, "accepted interactions can't be recorded");
        }
    }

    fn write(&self, written: &mut Written, ids: &[u64]) -> io::Result<()> {
        // After an error, and now and then, the file is rewritten.
        if let Some(mut file) = written.file.take()
            && written.lines < 2 * REMEMBERED
        {
            file.write_all(lines(ids.iter()).as_bytes())?;
            file.sync_data()?;
            *written = Written { file: Some(file), lines: written.lines + ids.len() };
            return Ok(());
        }
        let known: Vec<u64> = self.ids().order.iter().copied().collect();
        Writes::default().replace(&self.folder, FILE, lines(known.iter()).as_bytes())?;
        let file = File::options().append(true).open(self.folder.join(FILE))?;
        *written = Written { file: Some(file), lines: known.len() };
        Ok(())
    }

    fn ids(&self) -> MutexGuard<'_, Ids> {
        lock(&self.ids)
    }
}

impl Ids {
    /// `false` when the id was there before.
    fn insert(&mut self, id: u64) -> bool {
        if !self.all.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.all.remove(&oldest);
        }
        true
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lines<'a>(ids: impl Iterator<Item = &'a u64>) -> String {
    ids.map(|id| format!("{id:020}\n")).collect()
}

/// The ids of the file, oldest first. A line that a crash cut short is of an interaction for which nothing was done.
fn read(file: &Path) -> io::Result<Vec<u64>> {
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "a line is no interaction's id");
    let lines = text.chunks_exact(LINE).map(|line| {
        let digits = line.strip_suffix(b"\n").ok_or_else(wrong)?;
        std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or_else(wrong)
    });
    lines.collect()
}

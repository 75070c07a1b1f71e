//! Keeps the threads that write together, on the processor that the disk answers.
//!
//! sled hands every write to one of its own eight threads and wakes all of them for it. In a small virtual machine, where
//! waking another processor takes 50 µs, that and the wait for the disk's answer are half of a commit's time; together
//! on the processor that takes the disk's interrupts they are a fifth. sled's threads are children of the thread that
//! opens it first, and stay where that one was told to.

use std::fs::File;

/// Runs work in a thread near the disk and waits for it. `file` may be written to find out where that is.
pub(super) fn near<T: Send>(file: &File, work: impl FnOnce() -> T + Send) -> std::thread::Result<T> {
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                choose(file);
                stay();
                work()
            })
            .join()
    })
}

#[cfg(target_os = "linux")]
use linux::choose;
#[cfg(target_os = "linux")]
pub(super) use linux::stay;

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{Seek as _, Write as _};
    use std::sync::OnceLock;
    use std::time::{Duration, Instant};

    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    /// The processor for the whole process, since sled's threads are there for all of it; none when there is no choice.
    static PROCESSOR: OnceLock<Option<usize>> = OnceLock::new();

    /// How many processors are tried, how often, and how long that may take in all.
    const TRIED: usize = 8;
    const TRIES: usize = 4;
    const PATIENCE: Duration = Duration::from_millis(50);

    /// Finds the processor on which a synced write takes least.
    pub(super) fn choose(file: &File) {
        PROCESSOR.get_or_init(|| {
            let allowed = sched_getaffinity(None).ok()?;
            let processors: Vec<usize> =
                (0..CpuSet::MAX_CPU).filter(|processor| allowed.is_set(*processor)).take(TRIED).collect();
            if processors.len() < 2 {
                return None;
            }
            let began = Instant::now();
            let mut best = None;
            for processor in processors {
                move_to(processor);
                for _ in 0..TRIES {
                    let took = synced_write(file)?;
                    if best.is_none_or(|(least, _)| took < least) {
                        best = Some((took, processor));
                    }
                    if began.elapsed() > PATIENCE {
                        return None;
                    }
                }
            }
            best.map(|(_, processor)| processor)
        });
    }

    fn synced_write(mut file: &File) -> Option<Duration> {
        let began = Instant::now();
        file.rewind().ok()?;
        file.write_all(&std::process::id().to_be_bytes()).ok()?;
        file.sync_data().ok()?;
        Some(began.elapsed())
    }

    /// Moves the calling thread to the chosen processor. Where that is not possible it stays, which only costs time.
    pub(in super::super) fn stay() {
        if let Some(processor) = PROCESSOR.get().copied().flatten() {
            move_to(processor);
        }
    }

    fn move_to(processor: usize) {
        let mut one = CpuSet::new();
        one.set(processor);
        if let Err(error) = sched_setaffinity(None, &one) {
            tracing::debug!("the log's threads may run on all processors: {error}");
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn choose(_file: &File) {}

#[cfg(not(target_os = "linux"))]
pub(super) fn stay() {}

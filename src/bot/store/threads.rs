//! Threads with names.

use std::thread::JoinHandle;

use desk_core::basics::problem::Problem;

use crate::folder::trouble;

pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Problem> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| trouble("start a thread", &error))
}

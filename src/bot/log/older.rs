//! A log that an earlier or later version wrote: refused as a whole, before anything of it is read or written.

use std::io::Read as _;

use desk_core::basics::problem::Problem;
use desk_core::log::{Header, VERSION};

use super::file::LOG;
use crate::folder::{Folder, shown};

/// How much of the beginning is looked at: its first line is short, and tells the version of all.
const BEGINNING: u64 = 64 * 1024;

/// A problem if the log in this folder has another form of lines than this version reads. What can't be read is for verification to name.
pub(crate) fn refuse(folder: &Folder) -> Result<(), Problem> {
    let mut text = Vec::new();
    let read =
        std::fs::File::open(folder.file(LOG)).and_then(|file| file.take(BEGINNING).read_to_end(&mut text));
    if read.is_err() {
        return Ok(());
    }
    let first = text.split(|byte| *byte == b'\n').find_map(|piece| Header::decode(piece).ok());
    match first {
        Some(first) if first.v > VERSION => Err(Problem::log(
            "log_newer",
            format!(
                "The log {} was written by a newer version of connect-desk (line format {}; this version reads {VERSION}).",
                shown(&folder.file(LOG)),
                first.v
            ),
        )
        .hint("Install that version again; docs/operate.md says how to go back.")),
        Some(first) if first.v < VERSION => Err(Problem::log(
            "log_older",
            format!(
                "The log {} was written by an older version of connect-desk (line format {}; this version reads {VERSION}).",
                shown(&folder.file(LOG)),
                first.v
            ),
        )
        .hint("Read it with the version that wrote it, and start a new log in another folder.")),
        _ => Ok(()),
    }
}

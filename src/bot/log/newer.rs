//! A log that a later version wrote: refused as a whole, before anything of it is read or written.

use std::io::{Read as _, Seek as _, SeekFrom};

use desk_core::basics::problem::Problem;
use desk_core::log::{Header, VERSION};

use super::file::LOG;
use crate::folder::{Folder, shown};

/// How much of the end is looked at: the lines there tell which version wrote to it last.
const END: u64 = 64 * 1024;

/// A problem if a newer version wrote to the log in this folder last. What can't be read is for verification to name, and a single line of
/// another version is a matter of its request.
pub(crate) fn refuse(folder: &Folder) -> Result<(), Problem> {
    let Ok(end) = end(folder) else { return Ok(()) };
    match end.rsplit(|byte| *byte == b'\n').find_map(|piece| Header::decode(piece).ok()) {
        Some(last) if last.v > VERSION => Err(Problem::log(
            "log_newer",
            format!(
                "The log {} was written by a newer version of connect-desk (line format {}; this version reads {VERSION}).",
                shown(&folder.file(LOG)),
                last.v,
            ),
        )
        .hint("Install that version again. See docs/operate.md.")),
        _ => Ok(()),
    }
}

fn end(folder: &Folder) -> std::io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(folder.file(LOG))?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(END)))?;
    let mut text = Vec::new();
    file.take(END).read_to_end(&mut text)?;
    Ok(text)
}

//! A log that an earlier or later version wrote: refused as a whole, before anything of it is read or written.

use std::io::{Read as _, Seek as _, SeekFrom};

use desk_core::basics::problem::Problem;
use desk_core::log::{Header, VERSION};

use super::file::LOG;
use crate::folder::{Folder, shown};

/// How much of either end is looked at: the lines there tell which version began the log, and which wrote to it last.
const END: u64 = 64 * 1024;

/// A problem if an older version began the log in this folder, or a newer one wrote to it last. What can't be read is for verification to
/// name, and a single line of another version is a matter of its request.
pub(crate) fn refuse(folder: &Folder) -> Result<(), Problem> {
    let Ok((beginning, end)) = ends(folder) else { return Ok(()) };
    let version = |piece: &[u8]| Header::decode(piece).ok().map(|line| line.v);
    let first = beginning.split(|byte| *byte == b'\n').find_map(version);
    let last = end.rsplit(|byte| *byte == b'\n').find_map(version);
    match (first, last) {
        (_, Some(last)) if last > VERSION => Err(Problem::log(
            "log_newer",
            format!(
                "The log {} was written by a newer version of connect-desk (line format {last}; this version reads {VERSION}).",
                shown(&folder.file(LOG)),
            ),
        )
        .hint("Install that version again. See docs/operate.md.")),
        (Some(first), _) if first < VERSION => Err(Problem::log(
            "log_older",
            format!(
                "The log {} was written by an older version of connect-desk (line format {first}; this version reads {VERSION}).",
                shown(&folder.file(LOG)),
            ),
        )
        .hint("Read it with the version that wrote it, and start a new log in another folder.")),
        _ => Ok(()),
    }
}

fn ends(folder: &Folder) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let mut file = std::fs::File::open(folder.file(LOG))?;
    let mut read = |from: u64| {
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        (&mut file).take(END).read_to_end(&mut text)?;
        std::io::Result::Ok(text)
    };
    let beginning = read(0)?;
    let size = folder.file(LOG).metadata()?.len();
    Ok((beginning, read(size.saturating_sub(END))?))
}

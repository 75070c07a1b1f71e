//! The files of cards, saved where the console keeps its state.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use desk_core::basics::text::code;
use desk_core::card::{Block, Card};
use jiff::Timestamp;

/// The folder inside the state folder.
const FOLDER: &str = "files";

/// Saves the files of a card under the number of its request, or under the time where it has none, and gives what to say
/// about each. The same card saves the same files again.
pub fn save(card: &Card, state: &Path, now: Timestamp) -> Vec<String> {
    let front = match card.request {
        Some(no) => no.0.to_string(),
        None => now.strftime("%Y%m%d-%H%M%S").to_string(),
    };
    let files = card.blocks.iter().filter_map(|block| match block {
        Block::File { name, text } => Some((name, text)),
        _ => None,
    });
    files
        .map(|(name, text)| {
            let path = format!("{FOLDER}/{front}-{}", safe(name));
            match write(&state.join(FOLDER), &state.join(&path), text) {
                Ok(()) => format!("{} is saved in the state folder as {}.", code(name), code(&path)),
                Err(error) => format!("{} could not be saved as {} ({error}).", code(name), code(&path)),
            }
        })
        .collect()
}

/// A name that is one in any file system and leads nowhere else.
fn safe(name: &str) -> String {
    let kept = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' });
    kept.take(100).collect()
}

/// Only who runs the desk may read it: it may hold names and addresses.
fn write(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

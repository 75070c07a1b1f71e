//! Files as Discord takes them: above its limit they are compressed, and what is larger even then stays out.

use std::io::{Cursor, Write as _};

use sha2::Digest as _;
use zeroize::Zeroizing;
use zip::write::{SimpleFileOptions, ZipWriter};

/// The largest file that Discord takes on every server, in bytes; servers with boosts have more.
pub const BYTES_MAX: usize = 10 << 20;

/// A file that goes with a message.
#[derive(Clone)]
pub struct Attached {
    pub name: String,
    pub bytes: Zeroizing<Vec<u8>>,
}

impl Attached {
    /// A text as a file, and as a `.zip` where it is longer than Discord takes; nothing where that is too long as well.
    pub(super) fn text(name: &str, text: String) -> Option<Attached> {
        if text.len() <= BYTES_MAX {
            return Some(Attached { name: name.to_owned(), bytes: Zeroizing::new(text.into_bytes()) });
        }
        let text = Zeroizing::new(text);
        let bytes = Zeroizing::new(zipped(name, text.as_bytes()).ok()?);
        (bytes.len() <= BYTES_MAX).then(|| Attached { name: format!("{name}.zip"), bytes })
    }

    /// What tells it from another file under the same name: the first characters of its SHA-256.
    pub(super) fn mark(&self) -> String {
        desk_core::basics::text::hex(sha2::Sha256::digest(&*self.bytes).get(..8).unwrap_or_default())
    }
}

/// An archive of one file. The same file is the same archive: it has no time of its own.
fn zipped(name: &str, bytes: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(name, SimpleFileOptions::default())?;
    archive.write_all(bytes)?;
    Ok(archive.finish()?.into_inner())
}

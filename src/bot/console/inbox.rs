//! Files that people at the console name by their paths.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use desk_core::basics::ids::Platform;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, did_you_mean, nearest};
use desk_core::ports::{Inbox, IncomingFile};
use tokio::io::AsyncReadExt as _;

/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;

/// Files of a folder that a mistyped name is compared with.
const BESIDE_MAX: usize = 200;

/// Reads files of this machine, as anyone who sits at it may.
pub struct Paths {
    /// Where a path may begin that does not begin at the root; the first folder that has the file counts.
    pub folders: Vec<PathBuf>,
}

impl Paths {
    fn find(&self, reference: &str) -> PathBuf {
        // A shell would have put the home folder there.
        let home = reference
            .strip_prefix("~/")
            .and_then(|rest| Some(Path::new(&std::env::var_os("HOME")?).join(rest)));
        if let Some(path) = home {
            return path;
        }
        let reference = reference.strip_prefix("file://").unwrap_or(reference);
        let mut paths = self.folders.iter().map(|folder| folder.join(reference));
        paths.find(|path| path.exists()).unwrap_or_else(|| PathBuf::from(reference))
    }

    /// No one has this file; perhaps one beside it was meant.
    fn absent(&self, reference: &str) -> Problem {
        let parent = Path::new(reference).parent().unwrap_or(Path::new(""));
        let beside: Vec<String> = self
            .folders
            .iter()
            .filter_map(|folder| std::fs::read_dir(folder.join(parent)).ok())
            .flat_map(|entries| entries.flatten().take(BESIDE_MAX))
            .map(|entry| parent.join(entry.file_name()).to_string_lossy().into_owned())
            .collect();
        let near = nearest(reference, beside.iter().map(String::as_str));
        let next = did_you_mean(&near).unwrap_or_else(|| {
            "Check its path; it begins in the folder in which the desk was started, or in the state folder.".to_owned()
        });
        let near = near.into_iter().map(str::to_owned).collect();
        Problem::requester("file_unreadable", format!("No file {}.", code(reference)))
            .hint(next)
            .instead_of(reference, near)
    }
}

/// An open file.
struct OnDisk {
    name: String,
    file: tokio::fs::File,
}

#[async_trait]
impl Inbox for Paths {
    async fn open(&self, platform: Platform, reference: &str) -> Result<Box<dyn IncomingFile>, Problem> {
        // Only the console's people sit at the machine; a path from anywhere else would read what is not theirs.
        if platform != Platform::Console {
            return Err(Problem::requester(
                "file_elsewhere",
                "A file of the desk's own machine is read at its console only.",
            )
            .hint("Attach the file where you ask."));
        }
        let path = self.find(reference);
        let kind = match tokio::fs::metadata(&path).await {
            Ok(kind) => kind,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(self.absent(reference)),
            Err(error) => return Err(unreadable(reference, &error)),
        };
        // A folder has no bytes, and reading a pipe or a device may never end.
        if !kind.is_file() {
            let what = if kind.is_dir() { "a folder" } else { "no regular file" };
            return Err(Problem::requester("file_kind", format!("{} is {what}.", code(reference)))
                .hint("Name a file such as `users.csv`."));
        }
        let file = tokio::fs::File::open(&path).await.map_err(|error| unreadable(reference, &error))?;
        let name = Path::new(reference).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Box::new(OnDisk { name, file }))
    }
}

#[async_trait]
impl IncomingFile for OnDisk {
    fn name(&self) -> &str {
        &self.name
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let mut piece = vec![0; PIECE];
        let read = self.file.read(&mut piece).await.map_err(|error| unreadable(&self.name, &error))?;
        piece.truncate(read);
        Ok((read > 0).then_some(piece))
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> Problem {
    let (message, next) = match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            (format!("The file {} may not be read.", code(path)), "Give yourself the right to read it.")
        }
        _ => (format!("The file {} cannot be read ({error}).", code(path)), "Copy it and name the copy."),
    };
    Problem::requester("file_unreadable", message).hint(next)
}

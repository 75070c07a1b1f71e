//! What a reading of the log finds that is not as it was written.

use std::fmt;
use std::path::Path;

/// A report lists at most so many findings.
pub(super) const FINDINGS: usize = 1_000;

/// The command that says what is wrong with the log in a folder, as it is typed in a shell.
pub(super) fn verify_command(folder: &Path) -> String {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).display().to_string();
    let is_word = folder.chars().all(|c| c.is_alphanumeric() || "/._-+".contains(c));
    let folder = if is_word { folder } else { format!("'{}'", folder.replace('\'', "'\\''")) };
    format!("`connect-desk log verify --state {folder}`")
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The line's bytes are not those that were sealed.
    Altered(u64),
    /// The line is as it was written; its hash in the seal is not.
    HashChanged(u64),
    /// These lines, the last included, are not there.
    Missing(u64, u64),
    /// In this line's place is another.
    Misplaced { line: u64, holds: u64 },
    /// After this line, or at the beginning, there is something that is not a line.
    Extra(Option<u64>),
    /// The seal after this line, or at the beginning, can't be read.
    Seal(Option<u64>),
    /// The seals over these lines, or the first seal, are not signed by the log's key.
    Unsigned(Option<(u64, u64)>),
    /// The end is not there.
    Cut { size: u64, covers: u64, by: String },
    /// These lines match their seals, and a checkpoint says that they were others.
    Rewritten { from: u64, to: u64, by: String },
    /// After this line, or at the beginning, there is no whole batch, and nothing tells whether it ever was one.
    Unsettled { after: Option<u64>, bytes: u64 },
    /// A checkpoint can't be believed; the sentence says which and why.
    Checkpoint(String),
    /// The file could not be read any further.
    Unread(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |line: &Option<u64>| match line {
            Some(line) => format!("after line {line}"),
            None => "at the beginning of the log".to_owned(),
        };
        match self {
            Finding::Altered(line) => write!(f, "Line {line} was changed: its hash doesn't match."),
            Finding::HashChanged(line) => {
                write!(f, "The hash of line {line} in its seal was changed. The line itself is unchanged.")
            }
            Finding::Missing(from, to) => write!(f, "{} missing.", are(*from, *to)),
            Finding::Misplaced { line, holds } => write!(f, "Line {holds} is where line {line} should be."),
            Finding::Extra(None) => f.write_str("The log doesn't begin with its first seal."),
            Finding::Extra(line) => write!(f, "There is data {} that is not a line.", place(line)),
            Finding::Seal(line) => write!(f, "The seal {} can't be read.", place(line)),
            Finding::Unsigned(None) => f.write_str("The first seal isn't signed with the log's key."),
            Finding::Unsigned(Some((from, to))) if from == to => {
                write!(f, "The seal over line {from} isn't signed with the log's key.")
            }
            Finding::Unsigned(Some((from, to))) => {
                write!(f, "The seal over lines {from} to {to} isn't signed with the log's key.")
            }
            Finding::Cut { size, covers, by } => write!(
                f,
                "The log ends after {size} lines, but {by} covers {covers}: {} missing.",
                are(*size, covers.saturating_sub(1)).to_lowercase()
            ),
            Finding::Rewritten { from, to, by } => {
                write!(f, "{} different from what {by} covers.", are(*from, *to))
            }
            Finding::Unsettled { after, bytes } => write!(
                f,
                "There are {bytes} bytes {} that aren't a complete batch. It is unknown whether they ever were.",
                place(after)
            ),
            Finding::Checkpoint(message) => f.write_str(message),
            Finding::Unread(message) => write!(f, "Verification couldn't continue: {message}"),
        }
    }
}

fn are(from: u64, to: u64) -> String {
    if from == to { format!("Line {from} is") } else { format!("Lines {from} to {to} are") }
}

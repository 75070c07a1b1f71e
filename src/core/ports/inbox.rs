//! Files that people attach to a command.

use async_trait::async_trait;

use crate::basics::ids::Platform;
use crate::basics::problem::Problem;

/// Files as people attach them to a command, still where the platform has them.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Opens what `reference` names on this platform: an address that the platform gave, or a path at the console.
    async fn open(&self, platform: Platform, reference: &str) -> Result<Box<dyn IncomingFile>, Problem>;
}

/// A file that is read piece by piece.
#[async_trait]
pub trait IncomingFile: Send {
    /// Its name without folders, as people know it.
    fn name(&self) -> &str;

    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem>;
}

/// Takes no files: for desks whose platforms have none.
pub struct NoInbox;

#[async_trait]
impl Inbox for NoInbox {
    async fn open(&self, _: Platform, _: &str) -> Result<Box<dyn IncomingFile>, Problem> {
        Err(Problem::requester("file", "You can't attach a file here.")
            .hint("Attach it on the chat platform."))
    }
}

//! Files that come with commands.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::state::{Desk, Incoming};
use crate::basics::problem::Problem;
use crate::command::Entry;
use crate::formats::sheet;
use crate::ports::IncomingFile;
use crate::words::{Args, Kind};

impl Desk {
    /// Opens the file that came with a command, if one did, and calls it in the arguments what people call it.
    pub(super) async fn open_file(
        &self,
        heard: &Incoming,
        entry: &Entry,
        args: &mut Args,
    ) -> Result<Option<Box<dyn IncomingFile>>, Problem> {
        let spec = entry.command.spec;
        let Some(arg) = spec.args.iter().find(|arg| arg.kind == Kind::File) else { return Ok(None) };
        let Some(reference) = args.text(arg.name).map(str::to_owned) else { return Ok(None) };
        let opened = self.inbox.open(heard.place.platform, &reference).await;
        let incoming = opened.map_err(|problem| args.put_right(entry.path, spec, problem))?;
        args.replace(arg.name, file_name(incoming.as_ref()));
        Ok(Some(incoming))
    }

    /// Keeps the file that came with a command, so that it can be planned from again, also after a restart.
    pub(super) async fn keep_file(
        &self,
        heard: &Incoming,
        entry: &Entry,
        args: &mut Args,
    ) -> Result<(), Problem> {
        let Some(mut incoming) = self.open_file(heard, entry, args).await? else { return Ok(()) };
        let spec = entry.command.spec;
        let mut bytes = Zeroizing::new(Vec::new());
        while let Some(more) = incoming.next().await? {
            let more = Zeroizing::new(more);
            if bytes.len() + more.len() > sheet::BYTES_MAX {
                let most = sheet::BYTES_MAX / (1024 * 1024);
                return Err(Problem::requester(
                    "file_too_large",
                    format!("The file is larger than {most} MiB."),
                )
                .hint("Split it into smaller ones."));
            }
            bytes.extend_from_slice(&more);
        }
        let kept = crate::basics::text::hex(&Sha256::digest(&*bytes));
        self.vault.keep_file(&kept, bytes).await?;
        if let Some(arg) = spec.args.iter().find(|arg| arg.kind == Kind::File) {
            args.replace(arg.name, format!("{}#{kept}", file_name(incoming.as_ref())));
        }
        Ok(())
    }
}

/// What a file is called where it is in arguments: on one line, and without the sign that its kept name follows.
fn file_name(incoming: &dyn IncomingFile) -> String {
    crate::basics::text::plain(incoming.name(), 100).replace('#', "_")
}

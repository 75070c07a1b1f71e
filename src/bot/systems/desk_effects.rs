//! What the desk does to itself: an authenticator goes, a request whose lines make no sense is closed, an export becomes a file.
//!
//! All are the same twice as once and happen in the desk's own folder, so an error is the only doubt there is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::desk::saga;
use desk_core::log::{Append, AppendError, Draft, Event, RequestLog};
use desk_core::plan::effect::{DeskEffect, ExportGiven, FactorAbsent, RequestQuarantined};
use desk_core::plan::{Failure, StepKey};
use desk_core::ports::{Clock, Factors, Vault};
use desk_core::request::export;
use zeroize::Zeroizing;

use crate::folder::Writes;
use crate::private;
use crate::systems::apply::Facts;

/// What it needs of the desk.
pub(crate) struct DeskEffects {
    pub(crate) factors: Arc<dyn Factors>,
    pub(crate) files: Arc<dyn Vault>,
    pub(crate) log: Arc<dyn RequestLog>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl DeskEffects {
    /// Brings an effect about.
    pub(crate) async fn apply(&self, key: StepKey, effect: &DeskEffect) -> Result<Facts, Failure> {
        let came = match effect {
            DeskEffect::FactorAbsent(FactorAbsent { account }) => self.factors.forget(account).await,
            DeskEffect::RequestQuarantined(RequestQuarantined { request }) => {
                self.quarantine(*request, key.request).await
            }
            DeskEffect::ExportGiven(given) => return self.give(key, given).await,
            DeskEffect::Frozen(_) | DeskEffect::DoneByHand(_) | DeskEffect::TimePassed(_) => {
                return Err(Failure::Refused(
                    Problem::operator(
                        "not_called",
                        "This step is done by a person or by waiting, not by the desk.",
                    )
                    .hint("Report this as a bug in connect-desk."),
                ));
            }
        };
        came.map(|()| Facts::new()).map_err(Failure::Unknown)
    }

    /// Writes the file of an export, if it goes to a folder. The whole file is there or the one before, so doing it again is harmless.
    async fn give(&self, key: StepKey, given: &ExportGiven) -> Result<Facts, Failure> {
        let Some(folder) = &given.folder else { return Ok(Facts::new()) };
        let request = saga::load(self.log.as_ref(), key.request).await.map_err(Failure::Refused)?;
        let users = export::unpack(self.files.as_ref(), &request).await.map_err(Failure::Refused)?;
        let Some(users) = users else {
            let problem = Problem::human("export_expired", "What was read has expired and was destroyed.");
            return Err(Failure::Refused(problem.hint("Give it up; it runs again at its next time.")));
        };
        let (folder, name) = (PathBuf::from(folder), given.file.clone());
        let text = Zeroizing::new(export::written(&users, &given.format));
        let written = tokio::task::spawn_blocking(move || place(&folder, &name, &text)).await;
        let written = written.unwrap_or_else(|error| {
            Err(Problem::operator("export_folder", format!("The file was not written ({error})."))
                .hint("Try again."))
        });
        written.map(|()| Facts::new()).map_err(Failure::Refused)
    }

    /// Closes a request whose lines make no sense: a line of its own says so, once.
    async fn quarantine(&self, no: RequestNo, by: RequestNo) -> Result<(), Problem> {
        loop {
            let lines = self.log.request(no).await?;
            let is_closed = lines.iter().any(|line| matches!(line.event, Event::Quarantined { .. }));
            let Some(last) = lines.last().filter(|_| !is_closed) else { return Ok(()) };
            let (about, event) = (last.about.clone(), Event::Quarantined { by });
            let draft = Draft { at: self.clock.now(), by: None, about, event };
            match self.log.append(Append::To { no, after: last.line }, vec![draft]).await {
                Ok(_) => return Ok(()),
                Err(AppendError::Conflict) => {}
                Err(AppendError::Failed(problem) | AppendError::Unknown(problem)) => return Err(problem),
            }
        }
    }
}

/// Puts the file into the folder, for the desk's account alone. A folder that others may write to, who could put another file in its
/// place, gets nothing.
fn place(folder: &Path, name: &str, text: &str) -> Result<(), Problem> {
    let failed = |what: String| {
        Problem::operator("export_folder", what).hint(format!(
            "Give the desk's account the right to write to {}, and free space; then try again.",
            folder.display()
        ))
    };
    private::create(folder)
        .map_err(|error| failed(format!("The folder {} can't be made ({error}).", folder.display())))?;
    if let Some(problem) = private::writable_by_others(folder) {
        return Err(problem);
    }
    let written = Writes::default().replace(folder, name, text.as_bytes());
    written.map_err(|error| failed(format!("{name} can't be written to {} ({error}).", folder.display())))
}

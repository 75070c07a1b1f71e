//! What time has made due, in one look: anyone who drives the desk takes it on from there.

use super::state::Desk;
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;

/// What time has made due.
#[derive(Clone, Debug, Default)]
pub struct Tick {
    /// What people have to be told of the desk itself.
    pub news: Vec<String>,
    /// The requests to take on with [`Desk::advance`].
    pub due: Vec<RequestNo>,
}

impl Desk {
    /// Destroys what was shown or has expired, and gives what is due. Where the log can't be written nothing is.
    pub async fn tick(&self) -> Result<Tick, Problem> {
        self.notice_clock().await;
        if self.saga.log.unsound().is_some() {
            return Ok(Tick { news: self.news(), due: Vec::new() });
        }
        if let Err(problem) = self.destroy_over().await {
            tracing::error!(
                code = problem.code,
                "what was shown or has expired can't be destroyed: {problem}"
            );
        }
        let begun = self.run_schedules().await;
        let mut due = self.due().await?;
        due.extend(begun.into_iter().filter(|no| !due.contains(no)).collect::<Vec<_>>());
        Ok(Tick { news: self.news(), due })
    }
}

//! What time has made due, in one look: anyone who drives the desk takes it on from there.

use std::time::Duration;

use super::state::Desk;
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::log::Lookup;

/// How often those are looked at that were put off until a moment: each takes a question about everyone who approved it.
const LOOK_AGAIN: Duration = Duration::from_secs(15 * 60);

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
        let reset = self.no_longer_approved().await?;
        due.extend(begun.into_iter().chain(reset).filter(|no| !due.contains(no)).collect::<Vec<_>>());
        Ok(Tick { news: self.news(), due })
    }

    /// Requests that were put off until a moment and have lost an approval since, because who gave it left or lost their role: people are
    /// told of it now, and not when the moment has come. What the hours of the rules change is weighed then.
    async fn no_longer_approved(&self) -> Result<Vec<RequestNo>, Problem> {
        let now = self.saga.clock.monotonic();
        let last = *self.watch.seen().deferred.get_or_insert(now);
        if now.saturating_sub(last) < LOOK_AGAIN {
            return Ok(Vec::new());
        }
        self.watch.seen().deferred = Some(now);
        let mut reset = Vec::new();
        for known in self.saga.log.find(Lookup::Deferred).await? {
            let Ok(request) = self.load(known.no).await else { continue };
            if self.has_lost_an_approval(&request).await {
                reset.push(known.no);
            }
        }
        Ok(reset)
    }
}

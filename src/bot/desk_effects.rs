//! What the desk does to itself: an authenticator goes, a request whose lines make no sense is closed.
//!
//! Both are the same twice as once and happen in the desk's own folder, so an error is the only doubt there is.

use std::sync::Arc;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::log::{Append, AppendError, Draft, Event, RequestLog};
use desk_core::plan::effect::{DeskEffect, FactorAbsent, RequestQuarantined};
use desk_core::plan::{Failure, StepKey};
use desk_core::ports::{Clock, Factors};

use crate::apply::Facts;

/// What it needs of the desk.
pub(crate) struct DeskEffects {
    pub(crate) factors: Arc<dyn Factors>,
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

//! Whether the desk can do what it is there for, and if not, why.

use std::sync::Arc;

use desk_core::basics::problem::Problem;
use desk_core::log::RequestLog;

use crate::connect::{Connect, NotReady};

/// What the desk depends on. Cheap to clone.
#[derive(Clone)]
pub struct Health {
    log: Arc<dyn RequestLog>,
    center: Connect,
}

impl Health {
    pub fn new(log: Arc<dyn RequestLog>, center: Connect) -> Health {
        Health { log, center }
    }

    /// What is wrong at present, as far as is known; nothing while all is well.
    pub fn reasons(&self) -> Vec<Problem> {
        self.log.unsound().into_iter().chain(self.center.trouble()).collect()
    }

    /// Looks again at what was wrong, so that it heals without anyone asking for anything. To be called now and then.
    pub async fn look_again(&self) {
        if self.center.trouble().is_none() {
            return;
        }
        match self.center.check().await {
            Ok(()) => tracing::info!("Amazon Connect answers again"),
            Err(NotReady::Wrong(problem) | NotReady::Later(problem)) => {
                tracing::warn!(code = problem.code, "Amazon Connect is still out of reach");
            }
        }
    }
}

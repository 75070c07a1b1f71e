//! Looks again at what was wrong, so that the desk heals without anyone asking for anything, and tells people when it degrades and recovers.

use std::sync::{Arc, Mutex, PoisonError};

use desk_core::basics::problem::Problem;
use desk_core::ports::health::{Health as Known, Stage};

use crate::systemd;
use crate::systems::connect::{Connect, NotReady};

/// What the desk depends on. Cheap to clone.
#[derive(Clone)]
pub struct Health {
    known: Arc<Known>,
    center: Arc<Connect>,
    /// Whether people were last told that it is degraded.
    told: Arc<Mutex<bool>>,
}

/// What people are told when the desk degrades or recovers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    Degraded(Vec<Problem>),
    Recovered,
}

impl Health {
    pub fn new(known: Arc<Known>, center: Arc<Connect>) -> Health {
        Health { known, center, told: Arc::default() }
    }

    /// What is wrong at present, as far as is known; nothing while all is well.
    pub fn reasons(&self) -> Vec<Problem> {
        self.known.degraded()
    }

    /// The contact center has answered: from now on what is missing degrades the desk, and people may be sent to it.
    pub fn open(&self) {
        if self.known.stage() == Stage::Starting {
            self.known.set_stage(Stage::Open);
            systemd::status("open");
        }
    }

    pub fn is_open(&self) -> bool {
        self.known.stage() == Stage::Open
    }

    /// The desk was told to end.
    pub fn stopping(&self) {
        self.known.set_stage(Stage::Stopping);
    }

    /// To be called now and then.
    pub async fn look_again(&self) {
        match self.known.stage() {
            Stage::Stopping => return,
            Stage::Open if self.center.trouble().is_none() => return,
            Stage::Starting | Stage::Open => {}
        }
        match self.center.check().await {
            Ok(()) if self.is_open() => tracing::info!("Amazon Connect answers again"),
            Ok(()) => {
                tracing::info!("Amazon Connect answers; the desk is ready");
                self.open();
            }
            Err(NotReady::Wrong(problem) | NotReady::Later(problem)) => {
                tracing::warn!(code = problem.code, "Amazon Connect still can't be reached: {problem}");
            }
        }
    }

    /// What people are to be told since this was last asked.
    pub fn turn(&self) -> Option<Turn> {
        let reasons = self.reasons();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told != reasons.is_empty() {
            return None;
        }
        *told = !reasons.is_empty();
        Some(if reasons.is_empty() { Turn::Recovered } else { Turn::Degraded(reasons) })
    }
}

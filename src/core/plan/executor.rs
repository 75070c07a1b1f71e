//! What carries effects out, and what one attempt comes to.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::plan::Effect;

/// Which way a step is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Forward,
    Back,
}

impl Direction {
    /// What is added to the title of a step that is being rolled back, or couldn't be.
    pub fn backward(self) -> &'static str {
        match self {
            Direction::Forward => "",
            Direction::Back => " (rolling back)",
        }
    }
}

/// Whether a step is tried for the first time, and if not, whether it may have taken effect before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    First,
    /// It was refused before, and no earlier try can have done anything. What a person did meanwhile counts.
    Retry,
    Again,
}

/// Which step of which request is carried out, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepKey {
    pub request: RequestNo,
    pub step: u32,
    pub direction: Direction,
    /// When a step of the request was done last: what it made may not be visible yet, also after a restart.
    pub done_before: Option<Timestamp>,
}

/// What is worth noting about a change, for the log.
pub type Facts = BTreeMap<String, String>;

/// Why an effect was not brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It is certain that it did not happen and will not without someone's help.
    Refused(Problem),
    /// It may have happened; the contact center could not be asked.
    Unknown(Problem),
}

/// The writing half of the contact center and of every other system that effects reach.
#[async_trait]
pub trait Executor: Send + Sync {
    /// Brings the effect about and returns once it can be seen, with what is worth noting, such as a new user's id.
    ///
    /// On [`Attempt::Again`] it looks first, because an earlier call may have taken effect. It retries what is worth
    /// retrying by itself, within a bounded time.
    async fn apply(&self, key: StepKey, attempt: Attempt, effect: &Effect) -> Result<Facts, Failure>;
}

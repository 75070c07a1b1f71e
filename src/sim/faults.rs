//! Faults that a test or a lesson orders: which call of which operation goes wrong, and how. And the count of the calls.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// An error is answered and nothing happens.
    FailBefore,
    /// It happens, and an error is answered.
    FailAfter,
    /// The connection is closed without an answer and nothing happens.
    DropBefore,
    /// It happens, and the connection is closed without an answer.
    DropAfter,
    /// A success with another body is answered and nothing happens.
    SayBefore,
    /// It happens, and a success with another body is answered.
    SayAfter,
    /// It happens, and half of the answer's body comes.
    CutAfter,
    /// ThrottlingException, and nothing happens.
    Throttle,
    /// It happens after a while.
    Delay,
}

/// A fault as it is ordered, and as it is while it is outstanding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) operation: String,
    pub(crate) fault: FaultKind,
    /// Which call of the operation from now on meets it first; 1 is the next.
    #[serde(default = "one")]
    pub(crate) call: u64,
    /// How many calls meet it.
    #[serde(default = "one")]
    pub(crate) times: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
}

fn one() -> u64 {
    1
}

/// What one call meets: a wait, and at most one other fault.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) delay: Duration,
    pub(crate) fault: Option<Fault>,
}

#[derive(Default)]
pub(crate) struct Faults {
    outstanding: Vec<Fault>,
}

impl Faults {
    pub(crate) fn order(&mut self, fault: Fault) {
        self.outstanding.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.outstanding.clear();
    }

    pub(crate) fn outstanding(&self) -> &[Fault] {
        &self.outstanding
    }

    /// Counts a call of the operation and says what it meets. Delays add up; of the others the one ordered first wins,
    /// and those that were due as well wait for the next call.
    pub(crate) fn meet(&mut self, operation: &str) -> Met {
        let mut met = Met::default();
        for fault in self.outstanding.iter_mut().filter(|fault| fault.operation == operation) {
            if fault.call > 1 {
                fault.call -= 1;
            } else if fault.fault == FaultKind::Delay {
                fault.times -= 1;
                met.delay += Duration::from_millis(fault.delay_ms.unwrap_or(0));
            } else if met.fault.is_none() {
                fault.times -= 1;
                met.fault = Some(fault.clone());
            }
        }
        self.outstanding.retain(|fault| fault.times > 0);
        met
    }
}

/// How often an operation was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
    /// Every call, whatever became of it.
    pub(crate) calls: u64,
    /// Calls that changed the world.
    pub(crate) writes: u64,
    /// Calls that the quota or a `throttle` fault turned away.
    pub(crate) throttled: u64,
}

/// The calls of each operation that was called at all.
#[derive(Default)]
pub(crate) struct Calls(BTreeMap<&'static str, Count>);

impl Calls {
    pub(crate) fn of(&mut self, operation: &'static str) -> &mut Count {
        self.0.entry(operation).or_default()
    }

    pub(crate) fn reset(&mut self) {
        self.0.clear();
    }

    pub(crate) fn all(&self) -> &BTreeMap<&'static str, Count> {
        &self.0
    }
}

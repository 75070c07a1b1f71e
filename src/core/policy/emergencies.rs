//! What a site has decided about emergencies, and who is on call when.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::basics::hours::Hours;
use crate::basics::ids::PersonId;

/// What a site has decided about emergencies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Emergencies {
    /// Who is on call when. Where there is none, the role alone decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<Shift>,
    /// How many in thirty days, for one person and for all.
    pub per_person: u32,
    pub in_all: u32,
    /// They go through a freeze.
    pub pass_freeze: bool,
    /// After so many minutes without a review, and again after as many, the reviewers are called once more.
    pub remind_minutes: u32,
    /// After so many hours the admins are called as well.
    pub escalate_hours: u32,
}

impl Default for Emergencies {
    fn default() -> Emergencies {
        Emergencies {
            shifts: Vec::new(),
            per_person: 3,
            in_all: 10,
            pass_freeze: false,
            remind_minutes: 60,
            escalate_hours: 24,
        }
    }
}

/// Some hours in which a person is on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    pub person: PersonId,
    pub hours: Hours,
}

/// What is wrong with a schedule: hours of the week in which no one is on call, and those in which several are.
pub fn gaps_and_overlaps(shifts: &[Shift], from: Timestamp) -> (Vec<Timestamp>, Vec<Timestamp>) {
    const STEP: SignedDuration = SignedDuration::from_mins(15);
    const STEPS: i32 = 7 * 24 * 4;
    let (mut gaps, mut overlaps) = (Vec::new(), Vec::new());
    let mut last = 1;
    for i in 0..STEPS {
        let Ok(at) = from.checked_add(STEP * i) else { break };
        let on = shifts.iter().filter(|shift| shift.hours.contain(at)).count();
        match on {
            0 if last != 0 => gaps.push(at),
            n if n > 1 && last <= 1 => overlaps.push(at),
            _ => {}
        }
        last = on;
    }
    (gaps, overlaps)
}

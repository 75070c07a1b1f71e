//! What the lines of the approval log say in numbers. Every deed is a line, so what is counted here can't differ from what was done.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use desk_core::basics::ids::RequestNo;
use desk_core::log::{Counted, Event, Line};
use desk_core::plan::PlanDigest;
use jiff::Timestamp;

use crate::metrics::{Family, count, observe};

/// What is remembered of open requests, to count their ends.
#[derive(Default)]
pub(crate) struct Counting {
    of: Mutex<HashMap<RequestNo, Known>>,
}

#[derive(Clone, Default)]
struct Known {
    command: String,
    /// The plan that waits for approvals, and when approvers were asked for them last.
    asked: Option<(PlanDigest, Timestamp)>,
}

impl Counting {
    /// Whether its lines from before this start have to be read to count this one right.
    pub fn lacks(&self, line: &Line) -> Option<RequestNo> {
        let needs = matches!(line.event.counted(), Some(Counted::End(_) | Counted::Approval(_)));
        let no = line.request.filter(|_| needs)?;
        let known = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        (!known.contains_key(&no)).then_some(no)
    }

    /// What was written before this start. Nothing of it is counted.
    pub fn learn(&self, lines: &[Line]) {
        lines.iter().for_each(|line| self.note(line));
    }

    /// These lines were written.
    pub fn take(&self, lines: &[Line]) {
        for line in lines {
            self.note(line);
            self.count(line);
        }
    }

    fn note(&self, line: &Line) {
        let Some(no) = line.request else { return };
        let mut known = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Event::Requested { command, .. } = &line.event {
            known.entry(no).or_default().command.clone_from(command);
        } else if let Event::Planned { digest, .. } = &line.event {
            known.entry(no).or_default().asked = Some((digest.clone(), line.at));
        } else if line.event.asks_approvers()
            && let Some((_, at)) = known.get_mut(&no).and_then(|known| known.asked.as_mut())
        {
            *at = line.at;
        }
    }

    fn count(&self, line: &Line) {
        match line.event.counted() {
            None => {}
            Some(Counted::Asked(command, result)) => {
                count(Family::Asked, &[("command", name(command)), ("result", result)]);
            }
            Some(Counted::Approval(digest)) => {
                let known = self.of.lock().unwrap_or_else(PoisonError::into_inner);
                let asked = line.request.and_then(|no| known.get(&no)?.asked.clone());
                if let Some((_, at)) = asked.filter(|(planned, _)| planned == digest) {
                    let after = Duration::try_from(line.at.duration_since(at)).unwrap_or_default();
                    observe(Family::ToApproval, &[], after);
                }
            }
            Some(Counted::Step(result)) => count(Family::Steps, &[("result", result)]),
            Some(Counted::Review(justified)) => {
                count(Family::Emergencies, &[("justified", if justified { "yes" } else { "no" })]);
            }
            Some(Counted::End(outcome)) => {
                let mut known = self.of.lock().unwrap_or_else(PoisonError::into_inner);
                let known = line.request.and_then(|no| known.remove(&no)).unwrap_or_default();
                count(Family::Requests, &[("command", name(&known.command)), ("outcome", outcome.word())]);
            }
        }
    }
}

/// Only commands that exist are a label, whatever people type.
fn name(command: &str) -> &str {
    if desk_commands::all().iter().any(|entry| entry.path == command) { command } else { "other" }
}

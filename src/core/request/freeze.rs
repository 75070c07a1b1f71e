//! Freezes: while one holds nothing is changed of what it covers. A freeze is a request whose only step lasts until someone
//! lifts it, so it is asked, approved, shown and logged like any other.

use jiff::Timestamp;

use super::fold::{Phase, Request};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::span::{clock, person};
use crate::basics::text::{code, moment, whole};
pub use crate::log::Freeze;
use crate::log::{Event, Line};
use crate::plan::Scope;
use crate::words::Args;

/// The command whose requests are freezes.
pub const FREEZE: &str = "desk freeze";

/// The code of the problem that a freeze covers something.
pub const FROZEN: &str = "frozen";

impl Freeze {
    /// What a request would freeze, or froze, if it is about that.
    pub fn scope_of(request: &Request) -> Option<&Scope> {
        request.plan()?.steps.iter().find_map(|step| step.effect.freezes())
    }

    /// What was asked to be frozen.
    pub fn asked(args: &Args) -> Scope {
        let group = args.text("group").map(|path| Scope::Group(path.to_owned()));
        group.or_else(|| args.text("scope")?.parse().ok()).unwrap_or(Scope::Everything)
    }

    /// The freeze that a request is, while it holds.
    pub fn of(request: &Request) -> Option<Freeze> {
        let Phase::ByHand { step } = request.phase else { return None };
        let scope = request.plan()?.steps.get(step)?.effect.freezes()?;
        Some(Freeze {
            no: request.no,
            scope: scope.clone(),
            by: request.by.clone(),
            reason: request.args.text("reason").unwrap_or_default().to_owned(),
            since: request.asked,
        })
    }

    /// What a request whose lines can't be read would freeze, as it was asked.
    pub fn of_lines(no: RequestNo, lines: &[Line]) -> Option<Freeze> {
        let first = lines.first()?;
        let Event::Requested { command, args, .. } = &first.event else { return None };
        if command != FREEZE {
            return None;
        }
        let scope = Freeze::asked(args);
        let reason = args.text("reason").unwrap_or_default().to_owned();
        Some(Freeze { no, scope, by: first.by.clone()?, reason, since: first.at })
    }

    /// What the people whom it stops are told, in the words that the log has: by them it is known what holds a request.
    pub fn problem(&self) -> Problem {
        self.said(code(&self.by.name), moment(self.since))
    }

    /// The same as an answer, which each platform draws in its own way.
    pub fn answer(&self, now: Timestamp) -> Problem {
        self.said(person(&self.by.id, &self.by.name), clock(self.since, now))
    }

    fn said(&self, by: String, since: String) -> Problem {
        let reason =
            if self.reason.is_empty() { String::new() } else { format!(": {}", whole(&self.reason)) };
        Problem::requester(FROZEN, format!("{by} froze {} at {since} ({}){reason}.", self.scope, self.no))
            .hint(format!("Ask them to lift it with `/desk unfreeze {}`.", self.no.0))
    }
}

//! What the log knows: which requests were about a user, what each step of them came to, and how someone was who is gone.

use std::collections::{BTreeMap, BTreeSet};

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::center::Snapshot;
use desk_core::command::Ask;
use desk_core::desk::saga;
use desk_core::log::Query;
use desk_core::log::{Event, Outcome};
use desk_core::plan::effect::facts;
use desk_core::plan::{Plan, Step};
use desk_core::request::{Phase, Request};
use jiff::Timestamp;

/// The newest lines about a user that are looked through.
pub(crate) const LINES_MAX: usize = 5_000;

/// The logins among which one is guessed.
const LOGINS_MAX: usize = 5_000;

/// A request, and what its steps reported.
pub(crate) struct Told {
    pub(crate) request: Request,
    /// What steps reported, by the number of the step.
    facts: BTreeMap<usize, BTreeMap<String, String>>,
}

/// One request as its lines tell it.
pub(crate) async fn request(ask: &Ask<'_>, no: RequestNo) -> Result<Told, Problem> {
    let lines = ask.log.request(no).await?;
    if lines.is_empty() {
        return Err(saga::no_request(no));
    }
    let request = Request::fold(no, &lines).map_err(|illegal| saga::unreadable(no, &lines, &illegal))?;
    let mut known = BTreeMap::new();
    for line in &lines {
        if let Event::Done { step, facts } = &line.event
            && let Ok(step) = usize::try_from(*step)
        {
            known.insert(step, facts.clone());
        }
    }
    Ok(Told { request, facts: known })
}

/// The requests about a login, newest first.
pub(crate) async fn about(ask: &Ask<'_>, login: &str) -> Result<Vec<Told>, Problem> {
    let query = Query { login: Some(login.to_owned()), limit: LINES_MAX, ..Query::default() };
    let lines = ask.log.history(&query).await?;
    let mut numbers: Vec<RequestNo> = lines.iter().filter_map(|line| line.request).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    numbers.dedup();
    let mut told = Vec::new();
    for no in numbers {
        // What can't be read tells nothing, and keeps nothing else from being told.
        told.extend(request(ask, no).await.ok());
    }
    Ok(told)
}

/// The logins that the newest plans in the log are about, for guessing who was meant: what was only typed may be no one's login.
pub(crate) async fn logins(ask: &Ask<'_>) -> Result<Vec<String>, Problem> {
    of_plans(ask, |plan| plan.logins()).await
}

/// The logins of users whom the newest plans in the log remove.
pub(crate) async fn removed_logins(ask: &Ask<'_>) -> Result<Vec<String>, Problem> {
    let removed = |step: &Step| step.effect.user_outcome().removed().map(|(login, _)| login.to_owned());
    of_plans(ask, |plan| plan.steps.iter().filter_map(removed).collect()).await
}

async fn of_plans(ask: &Ask<'_>, of: impl Fn(&Plan) -> Vec<String>) -> Result<Vec<String>, Problem> {
    let query = Query { limit: LINES_MAX, ..Query::default() };
    let lines = ask.log.history(&query).await?;
    // A plan may be about a thousand users.
    let mut logins: BTreeSet<String> = BTreeSet::new();
    for line in lines {
        if let Event::Planned { plan, .. } = &line.event {
            logins.extend(of(plan));
        }
        if logins.len() >= LOGINS_MAX {
            break;
        }
    }
    Ok(logins.into_iter().collect())
}

impl Told {
    /// Whether it ended in a way that may have left something behind.
    pub(crate) fn left_something(&self) -> bool {
        matches!(
            self.request.phase,
            Phase::Finished {
                outcome: Outcome::Completed | Outcome::PartiallyCompleted | Outcome::Abandoned,
                ..
            }
        )
    }

    /// When it was planned, and so as of when it knows what was set before.
    pub(crate) fn planned_at(&self) -> Timestamp {
        self.request.planned.as_ref().map_or(self.request.asked, |planned| planned.at)
    }

    /// The steps that are done, or may be, with their numbers.
    pub(crate) fn happened(&self) -> impl Iterator<Item = (usize, &Step)> {
        let steps = self.request.plan().map(|plan| plan.steps.as_slice()).unwrap_or_default();
        steps.iter().enumerate().filter(|(number, _)| self.request.may_have_happened(*number))
    }

    /// The id of the user that a step made.
    pub(crate) fn made_by(&self, step: usize) -> Option<&str> {
        self.fact(step, facts::USER_ID)
    }

    /// What a step reported under this name.
    pub(crate) fn fact(&self, step: usize, name: &str) -> Option<&str> {
        self.facts.get(&step)?.get(name).map(String::as_str)
    }

    /// Everyone whom it removed, as they were then.
    pub(crate) fn removed(&self) -> impl Iterator<Item = &Snapshot> {
        let before = self.request.plan().map(|plan| plan.before.as_slice()).unwrap_or_default();
        self.happened().filter_map(move |(_, step)| {
            let (_, id) = step.effect.user_outcome().removed()?;
            before.iter().find(|one| one.user.id == id)
        })
    }
}

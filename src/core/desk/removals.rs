//! Users that the desk removed, as the lines of the log tell it one after the other: what is removed by a step and not created again.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use crate::basics::ids::RequestNo;
use crate::log::{Event, Line};
use crate::plan::{Plan, UserOutcome};

/// So many are remembered.
const REMEMBERED: usize = 1_000;

/// A user that the desk removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedUser {
    pub login: String,
    /// Their full name then.
    pub name: String,
    /// The request that removed them.
    pub by: RequestNo,
}

/// What is known up to a line.
#[derive(Debug, Default)]
pub(super) struct Removals {
    /// The newest line that was looked at, and its moment.
    newest: Option<(u64, Timestamp)>,
    /// What the steps of requests that are not over do to users who are removed or created, by the number of the step.
    planned: BTreeMap<RequestNo, BTreeMap<u32, Change>>,
    /// Oldest first.
    gone: VecDeque<RemovedUser>,
}

#[derive(Clone, Debug)]
enum Change {
    Removed { login: String, name: String },
    Made { login: String },
}

impl Removals {
    /// From when on there may be lines that were not looked at.
    pub(super) fn since(&self) -> Option<Timestamp> {
        self.newest.map(|(_, at)| at)
    }

    /// Looks at lines, which are newest first, as far as they are new.
    pub(super) fn take(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            if self.newest.is_some_and(|(newest, _)| line.line <= newest) {
                continue;
            }
            self.newest = Some((line.line, line.at));
            let Some(no) = line.request else { continue };
            let is_over = line.event.opens() == Some(false);
            if let Event::Planned { plan, .. } = line.event {
                let changes = changes(&plan);
                match changes.is_empty() {
                    true => self.planned.remove(&no),
                    false => self.planned.insert(no, changes),
                };
            } else if let Event::Done { step, .. } = line.event {
                match self.planned.get(&no).and_then(|changes| changes.get(&step)).cloned() {
                    Some(Change::Removed { login, name }) => {
                        self.gone.retain(|user| user.login != login);
                        self.gone.push_back(RemovedUser { login, name, by: no });
                        if self.gone.len() > REMEMBERED {
                            self.gone.pop_front();
                        }
                    }
                    Some(Change::Made { login }) => self.gone.retain(|user| user.login != login),
                    None => {}
                }
            } else if is_over {
                self.planned.remove(&no);
            }
        }
    }

    pub(super) fn newest(&self) -> Vec<RemovedUser> {
        self.gone.iter().rev().cloned().collect()
    }
}

fn changes(plan: &Plan) -> BTreeMap<u32, Change> {
    let name_of = |id: &str| {
        let old = plan.before.iter().find(|one| one.user.id == id);
        old.map(|one| one.user.profile.identity.full_name()).unwrap_or_default()
    };
    let change = |outcome: UserOutcome<'_>| {
        if let Some((login, id)) = outcome.removed() {
            return Some(Change::Removed { login: login.to_owned(), name: name_of(id) });
        }
        let UserOutcome::Made { login, .. } = outcome else { return None };
        Some(Change::Made { login: login.to_owned() })
    };
    let steps = (0..).zip(&plan.steps);
    steps.filter_map(|(no, step)| Some((no, change(step.effect.user_outcome())?))).collect()
}

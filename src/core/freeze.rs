//! Freezes: while one holds nothing is changed of what it covers. A freeze is a request whose only step lasts until somebody
//! lifts it, so it is asked, approved, shown and logged like any other.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::flow::FREEZE;
use crate::ids::RequestNo;
use crate::log::{By, Event, Line};
use crate::plan::Effect;
use crate::policy::Touched;
use crate::problem::Problem;
use crate::request::{Phase, Request};
use crate::text::{code, is_within, moment, name_key, path_key, whole};

/// What a freeze covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Everything,
    Login(String),
    /// A hierarchy group by its path, and those below it.
    Group(String),
}

impl FromStr for Scope {
    type Err = Problem;

    /// `all`, `group:East/Team 1`, or a login.
    fn from_str(typed: &str) -> Result<Scope, Problem> {
        let typed = typed.trim();
        match typed.split_once(':') {
            None if typed.eq_ignore_ascii_case("all") => Ok(Scope::Everything),
            None => crate::ids::login(typed).map(Scope::Login),
            Some((word, path)) if word.eq_ignore_ascii_case("group") && !path.trim().is_empty() => {
                Ok(Scope::Group(path.trim().to_owned()))
            }
            Some(_) => Err(Problem::asker("freeze_scope", format!("{} is nothing to freeze.", code(typed)))
                .next("Type `all`, a login, or `group:` and the path of a hierarchy group.")),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Everything => f.write_str("everything"),
            Scope::Login(login) => f.write_str(&whole(login)),
            Scope::Group(path) => write!(f, "the group {}", whole(path)),
        }
    }
}

impl Scope {
    pub fn covers(&self, touched: &Touched) -> bool {
        match self {
            Scope::Everything => true,
            Scope::Login(login) => touched.logins.contains(&*name_key(login)),
            Scope::Group(group) => {
                let group = path_key(group);
                touched.groups.iter().any(|path| is_within(path, &group))
            }
        }
    }
}

/// The code of the problem that a freeze covers something.
pub const FROZEN: &str = "frozen";

/// A freeze that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    pub no: RequestNo,
    pub scope: Scope,
    pub by: By,
    pub reason: String,
    pub since: Timestamp,
}

impl Freeze {
    /// What a request would freeze, or froze, if it is about that.
    pub fn scope_of(request: &Request) -> Option<&Scope> {
        request.plan()?.steps.iter().find_map(|step| match &step.effect {
            Effect::Frozen { scope } => Some(scope),
            _ => None,
        })
    }

    /// The freeze that a request is, while it holds.
    pub fn of(request: &Request) -> Option<Freeze> {
        let Phase::ByHand { step } = request.phase else { return None };
        let Effect::Frozen { scope } = &request.plan()?.steps.get(step)?.effect else { return None };
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
        let Event::Asked { command, args, .. } = &first.event else { return None };
        if command != FREEZE {
            return None;
        }
        let group = args.text("group").map(|path| Scope::Group(path.to_owned()));
        let scope = group.or_else(|| args.text("scope")?.parse().ok()).unwrap_or(Scope::Everything);
        let reason = args.text("reason").unwrap_or_default().to_owned();
        Some(Freeze { no, scope, by: first.by.clone()?, reason, since: first.at })
    }

    /// What is said to whoever it stops.
    pub fn problem(&self) -> Problem {
        let reason =
            if self.reason.is_empty() { String::new() } else { format!(": {}", whole(&self.reason)) };
        Problem::asker(
            FROZEN,
            format!(
                "{} froze {} at {} ({}){reason}.",
                code(&self.by.name),
                self.scope,
                moment(self.since),
                self.no
            ),
        )
        .next(format!("Ask them; `/desk unfreeze {}` lifts it.", self.no.0))
    }
}

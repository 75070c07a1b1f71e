//! Lines as the core asks for them: those of a request, and the newest about someone.

use std::collections::BTreeSet;
use std::sync::Arc;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::log::Query;
use desk_core::log::{Event, Line, VERSION};
use jiff::Timestamp;

use super::index::Index;
use super::terms::IndexKey;
use crate::log::Log;

/// The log, through its index.
pub(super) struct Records {
    log: Arc<dyn Log>,
    index: Arc<Index>,
}

impl Records {
    pub fn new(log: Arc<dyn Log>, index: Arc<Index>) -> Records {
        Records { log, index }
    }

    /// A line; one that is damaged or that this version can't read comes as [`Event::Unreadable`], so that it is named and the others
    /// can be read.
    pub fn line(&self, number: u64) -> Result<Line, Problem> {
        let bytes = match self.log.read(number) {
            Ok(bytes) => bytes,
            Err(problem) if problem.code == DAMAGED => {
                let event = Event::Unreadable { word: "damaged".to_owned(), why: problem.message };
                let at = Timestamp::UNIX_EPOCH;
                return Ok(Line {
                    v: VERSION,
                    line: number,
                    at,
                    request: None,
                    by: None,
                    about: Vec::new(),
                    event,
                });
            }
            Err(problem) => return Err(problem),
        };
        let line = Line::read(&bytes).unwrap_or_else(|why| Line {
            v: VERSION,
            line: number,
            at: Timestamp::UNIX_EPOCH,
            request: None,
            by: None,
            about: Vec::new(),
            event: Event::Unreadable { word: "no line".to_owned(), why },
        });
        Ok(line)
    }

    /// The lines of a request, oldest first.
    pub fn request(&self, no: RequestNo) -> Result<Vec<Line>, Problem> {
        if let Some(lines) = self.lines_of(no)? {
            return Ok(lines);
        }
        self.index.distrust(&format!("it lists a line under request {no} that is none of its lines"));
        Ok(self.lines_of(no)?.unwrap_or_default())
    }

    /// The lines of a request after this one, oldest first.
    pub fn request_after(&self, no: RequestNo, after: u64) -> Result<Vec<Line>, Problem> {
        let lines = self.index.lines_after(no, after)?.into_iter().map(|number| self.line(number));
        let lines = lines.collect::<Result<Vec<Line>, Problem>>()?;
        // What is none of its lines, or can't be read, is sorted out where all of them are read.
        match lines.iter().all(|line| line.request == Some(no)) {
            true => Ok(lines),
            false => Ok(self.request(no)?.into_iter().filter(|line| line.line > after).collect()),
        }
    }

    /// The requests that the newest lines belong to.
    pub fn newest_requests(&self) -> BTreeSet<RequestNo> {
        let size = self.log.size();
        let newest = (size.saturating_sub(NEWEST)..size).filter_map(|number| self.line(number).ok());
        newest.filter_map(|line| line.request).collect()
    }

    /// The same; `None` if the index has one that does not belong there.
    fn lines_of(&self, no: RequestNo) -> Result<Option<Vec<Line>>, Problem> {
        let mut lines = Vec::new();
        for number in self.index.numbers(&IndexKey::request(no))? {
            if number >= self.log.size() {
                return Ok(None);
            }
            let mut line = self.line(number)?;
            if matches!(line.event, Event::Unreadable { .. }) {
                line.request = Some(no);
            }
            if line.request != Some(no) || line.line != number {
                return Ok(None);
            }
            lines.push(line);
        }
        Ok(Some(lines))
    }

    /// The newest line that says by which rules the desk goes.
    pub fn rules(&self) -> Result<Option<Line>, Problem> {
        self.index.numbers(&IndexKey::rules())?.last().map(|number| self.line(*number)).transpose()
    }

    /// The lines that tell which accounts have an authenticator.
    pub fn factors(&self) -> Result<Vec<Line>, Problem> {
        self.index.numbers(&IndexKey::factors())?.into_iter().map(|number| self.line(number)).collect()
    }

    /// The plans that make a temporary password, newest first, as far back as this moment.
    pub fn password_plans(&self, since: Timestamp) -> Result<Vec<Line>, Problem> {
        let mut plans = Vec::new();
        for number in self.index.numbers(&IndexKey::passwords())?.into_iter().rev() {
            let line = self.line(number)?;
            if line.at < since {
                break;
            }
            plans.push(line);
        }
        Ok(plans)
    }

    /// The newest lines that match, newest first. One that can't be read is among them, as far as it may match.
    pub fn history(&self, query: &Query) -> Result<Vec<Line>, Problem> {
        let fits = |line: &Line| {
            let login = query.login.as_ref().map(|login| login.to_lowercase());
            let person = query.person.as_ref();
            (!query.without_request || line.request.is_none())
                && (!query.rules || line.event.tells_rules())
                && login.is_none_or(|login| line.about.iter().any(|about| about.to_lowercase() == login))
                && person.is_none_or(|person| line.by.as_ref().is_some_and(|by| by.id == *person))
        };
        let candidates: Box<dyn Iterator<Item = u64>> = match (&query.login, &query.person) {
            (Some(login), _) if query.without_request => {
                Box::new(self.index.numbers(&IndexKey::login(login))?.into_iter().rev())
            }
            (Some(login), _) => Box::new(self.lines_about(login)?.into_iter().rev()),
            (None, Some(person)) => {
                Box::new(self.index.numbers(&IndexKey::person(&person.to_string()))?.into_iter().rev())
            }
            (None, None) if query.rules => {
                Box::new(self.index.numbers(&IndexKey::rules())?.into_iter().rev())
            }
            (None, None) => Box::new((0..self.log.size()).rev()),
        };
        let mut out = Vec::new();
        for number in candidates {
            if out.len() == query.limit {
                break;
            }
            let line = self.line(number)?;
            if matches!(line.event, Event::Unreadable { .. }) && line.at == Timestamp::UNIX_EPOCH {
                out.push(line);
                continue;
            }
            // Lines are in the order of their moments, but for clocks that were set back; those are not looked behind.
            if query.since.is_some_and(|since| line.at < since) {
                break;
            }
            if fits(&line) {
                out.push(line);
            }
        }
        Ok(out)
    }

    /// How many lines match, whatever the query's limit.
    pub fn count(&self, query: &Query) -> Result<usize, Problem> {
        match query {
            Query {
                since: None, login: None, person: None, without_request: false, rules: false, ..
            } => Ok(usize::try_from(self.log.size()).unwrap_or(usize::MAX)),
            Query {
                since: None,
                login: None,
                person: Some(person),
                without_request: false,
                rules: false,
                ..
            } => Ok(self.index.numbers(&IndexKey::person(&person.to_string()))?.len()),
            Query {
                since: None,
                login: Some(login),
                person: None,
                without_request: true,
                rules: false,
                ..
            } => Ok(self.index.numbers(&IndexKey::login(login))?.len()),
            _ => Ok(self.history(&Query { limit: usize::MAX, ..query.clone() })?.len()),
        }
    }

    /// The line that a request begins with.
    pub fn asked(&self, no: RequestNo) -> Result<Option<Line>, Problem> {
        let first = self.index.numbers(&IndexKey::request(no))?.first().copied();
        first.filter(|number| *number < self.log.size()).map(|number| self.line(number)).transpose()
    }

    /// The requests that are about a login, newest first.
    pub fn requests_about(&self, login: &str) -> Result<Vec<RequestNo>, Problem> {
        let numbers = self.index.numbers(&IndexKey::requests_of(login))?;
        Ok(numbers.into_iter().rev().map(RequestNo).collect())
    }

    /// The lines that may be about a login, ascending: those that belong to no request, and all of the requests that are about it.
    fn lines_about(&self, login: &str) -> Result<BTreeSet<u64>, Problem> {
        let mut lines: BTreeSet<u64> = self.index.numbers(&IndexKey::login(login))?.into_iter().collect();
        for no in self.index.numbers(&IndexKey::requests_of(login))? {
            lines.extend(self.index.numbers(&IndexKey::request(RequestNo(no)))?);
        }
        Ok(lines)
    }
}

/// So many lines are read at a start for what ended lately.
const NEWEST: u64 = 100;

/// The code of the problem that a line is not what was written.
const DAMAGED: &str = "log_line_damaged";
